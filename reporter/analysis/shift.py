"""Who is elsewhere under other settings: the same customers, grouped twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.analysis.analyse import Segmentation

NOWHERE = "Not scored"
"""Where customers are under settings whose as-of date lies before their first transaction."""


def shift(before: Segmentation, after: Segmentation, by: str) -> pd.DataFrame:
    """Count customers by where they were and where they are.

    Parameters
    ----------
    by : {"segment", "cluster"}

    Returns
    -------
    pandas.DataFrame
        ``before, after`` str · ``customers`` int; every pair that occurs, stayers included, in the order of segments or clusters, `NOWHERE` last.
    """
    keys = [_keys(each, by) for each in (before, after)]
    columns = [each.customers.set_index("customer_id")[by] for each in (before, after)]
    if not columns[0].index.equals(columns[1].index):
        joined = pd.concat(columns, axis=1, keys=["before", "after"])
        columns = [joined["before"], joined["after"]]
    start, end = (_places(column, known) for column, known in zip(columns, keys, strict=True))
    names = [[*map(str, known), NOWHERE] for known in keys]
    wide = len(names[1])
    counts = np.bincount(start * wide + end, minlength=len(names[0]) * wide)
    there = np.flatnonzero(counts)
    return pd.DataFrame(
        {
            "before": [names[0][place // wide] for place in there],
            "after": [names[1][place % wide] for place in there],
            "customers": counts[there],
        }
    )


def _keys(found: Segmentation, by: str) -> list[str] | list[int]:
    """Segments in grid order, or the printed numbers of clusters (0 where there are none)."""
    return (
        list(found.scorecard.grid.order)
        if by == "segment"
        else list(range(int(found.clustering.cluster.max(initial=0)) + 1))
    )


def _places(values: pd.Series, keys: list[str] | list[int]) -> np.ndarray:
    """Place of each value among the keys; those who have none after the last."""
    codes = np.asarray(pd.Categorical(values, categories=keys).codes, dtype="int64")
    return np.where(codes < 0, len(keys), codes)
