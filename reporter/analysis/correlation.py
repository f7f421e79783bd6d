"""Rank correlation of features, of which some are missing for some customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.analysis.points import ranked

_BLOCK = 100_000
MIN_PAIRS = 3
"""Customers with both values, under which there is no correlation."""


def spearman(frame: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation over the customers who have both values; NaN where a feature does not vary or fewer than three have both.

    Ranks are taken among the customers who count; columns without gaps share theirs.
    """
    names, gaps = list(frame), {name: frame[name].isna().to_numpy() for name in frame}
    holes = [name for name in names if gaps[name].any()]
    found = pd.DataFrame(np.nan, index=names, columns=names)
    whole = [name for name in names if name not in holes]
    found.loc[whole, whole] = _pearson([_midranks(frame[name].to_numpy()) for name in whole])
    for place, hole in enumerate(holes):
        some = ~gaps[hole]
        own = _midranks(frame[hole].to_numpy()[some])
        for name in whole:
            found.loc[hole, name] = found.loc[name, hole] = _pearson([own, _midranks(frame[name].to_numpy()[some])])[
                0, 1
            ]
        for other in holes[place:]:
            both = some & ~gaps[other]
            pair = [_midranks(frame[name].to_numpy()[both]) for name in (hole, other)]
            found.loc[hole, other] = found.loc[other, hole] = _pearson(pair)[0, 1]
    return found


def _midranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, equal values sharing their mean, less the mean rank; single precision, exact to eight million."""
    codes, count = ranked(values)
    sizes = np.bincount(codes, minlength=count)
    rank = np.cumsum(sizes) - (sizes - 1) / 2 - (len(values) + 1) / 2
    return np.asarray(rank.astype("float32")[codes])


def _pearson(columns: list[np.ndarray]) -> np.ndarray:
    """Correlation of centred columns, shape (n_columns, n_columns); NaN for a constant, and for fewer than three values."""
    products = np.zeros((len(columns), len(columns)))
    n = len(columns[0]) if columns else 0
    for start in range(0, n, _BLOCK):
        block = np.stack([column[start : start + _BLOCK] for column in columns]).astype("float64")
        products += block @ block.T
    squares = np.diag(products)
    if n < MIN_PAIRS:
        return np.full_like(products, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = products / np.sqrt(np.outer(squares, squares))
    np.fill_diagonal(found, np.where(squares > 0, 1.0, np.nan))
    return np.asarray(np.clip(found, -1.0, 1.0))
