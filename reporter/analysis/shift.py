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
    orders = [_order(each, by) for each in (before, after)]
    columns = [each.customers.set_index("customer_id")[by].astype(str) for each in (before, after)]
    if columns[0].index.equals(columns[1].index):
        codes = [_codes(column, order) for column, order in zip(columns, orders, strict=True)]
    else:
        joined = pd.concat(columns, axis=1, keys=["before", "after"]).fillna(NOWHERE)
        codes = [_codes(joined[name], order) for name, order in zip(("before", "after"), orders, strict=True)]
    counts = np.bincount(codes[0] * len(orders[1]) + codes[1], minlength=len(orders[0]) * len(orders[1]))
    there = np.flatnonzero(counts)
    return pd.DataFrame(
        {
            "before": [orders[0][place // len(orders[1])] for place in there],
            "after": [orders[1][place % len(orders[1])] for place in there],
            "customers": counts[there],
        }
    )


def _order(found: Segmentation, by: str) -> list[str]:
    names = found.scorecard.grid.order if by == "segment" else [str(n) for n in range(int(found.clustering.cluster.max(initial=0)) + 1)]  # fmt: skip
    return [*names, NOWHERE]


def _codes(values: pd.Series, order: list[str]) -> np.ndarray:
    return np.asarray(pd.Categorical(values, categories=order).codes, dtype="int64")
