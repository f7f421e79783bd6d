"""How sure the segment of each customer is: under another tie rule, near a boundary of scores, and had other customers come.

A segment is a cell between boundaries, and boundaries depend on who else is a customer. Three marks tell whose segment hangs on that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.analysis.rfm import DIMENSIONS, Grid, Scorecard, limit_scores

NEAR = 0.01
"""A customer is near a boundary when so small a share of all customers lies between."""
SURE = 0.8
"""A segment that comes out in fewer draws than this is uncertain."""
MOST_DRAWS, LEAST_DRAWS, DRAWN = 200, 20, 20_000_000
"""Draws of the bootstrap: as many as there may be, as few, and customers drawn over all of them."""
MARKS = ("tie", "boundary", "resample")
"""What may make a segment uncertain, in the order in which marks are joined by ``+``."""


@dataclass(frozen=True, slots=True, eq=False)
class Certainty:
    """Of each scored customer, in the order of the scorecard.

    Attributes
    ----------
    share : numpy.ndarray of float32
        Share of the draws in which the segment is the same; NaN where the scoring cuts values in all dimensions and knows no ranks.
    marks : pandas.Categorical
        Which of `MARKS` the customer has, joined by ``+``; empty: none.
    draws : int
        Resamples of the customers; 0 where none was made.
    """

    share: np.ndarray
    marks: pd.Categorical
    draws: int


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """The different values of one dimension, worst first: which one each customer has, how many customers each has, and its score less 1 where that is set by hand."""

    of: np.ndarray
    customers: np.ndarray
    fixed: np.ndarray | None

    @property
    def below(self) -> np.ndarray:
        return np.asarray(np.cumsum(self.customers) - self.customers)


def certainty(scorecard: Scorecard, seed: int) -> Certainty:
    """Mark every customer whose segment is uncertain.

    Customers are drawn with replacement, as many as there are, and the boundaries of the scores are found anew; each customer is then scored against
    them (Efron's bootstrap of the boundaries). ``tie``: the average or the upper rank would give another segment. ``boundary``: within `NEAR` of all
    customers' ranks lies a score that would. ``resample``: the segment comes out in less than `SURE` of the draws.
    """
    frame, grid = scorecard.frame, scorecard.grid
    if not grid.ranks or frame.empty:
        nothing = np.zeros(len(frame), dtype="int8")
        return Certainty(np.full(len(frame), np.nan, dtype="float32"), _marks(nothing), 0)
    levels = [_levels(frame, name, grid) for name in DIMENSIONS]
    table = _table(grid)
    base = _cells(table, levels, [_scores_of(level, level.below, 0, grid.bins) for level in levels])
    share, draws = _resampled(table, levels, base, seed)
    found = (1, _tie(table, levels, base)), (2, _boundary(table, levels, base)), (4, share < SURE)
    codes = sum((bit * mask.astype("int8") for bit, mask in found), np.zeros(len(frame), dtype="int8"))
    return Certainty(share, _marks(codes), draws)


def _levels(frame: pd.DataFrame, name: str, grid: Grid) -> _Levels:
    values = frame[name].to_numpy("float64")
    goodness = np.rint(values * 100 if name == "monetary" else values).astype("int64")
    sign = -1 if name == "recency_days" else 1
    found, of, customers = np.unique(sign * goodness, return_inverse=True, return_counts=True)
    fixed = limit_scores(sign * found, grid.limits[name], name) - 1 if name in grid.limits else None
    return _Levels(of, customers.astype("int64"), fixed)


def _table(grid: Grid) -> np.ndarray:
    """Place in the grid's order of the segment of each cell."""
    table = np.empty((grid.bins,) * 3, dtype="int8")
    for cell, name in grid.cells.items():
        table[tuple(int(digit) - 1 for digit in cell)] = grid.order.index(name)
    return table


def _scores(below: np.ndarray, equal: np.ndarray | int, bins: int, customers: int) -> np.ndarray:
    """Scores less 1 of ranks; `equal` is twice the share of equals that counts as worse."""
    return np.asarray(np.clip((2 * below + equal) * bins // (2 * customers), 0, bins - 1), dtype="int8")


def _scores_of(level: _Levels, below: np.ndarray, equal: np.ndarray | int, bins: int) -> np.ndarray:
    """Scores less 1 of the values of one dimension, had they so many customers below them; boundaries that are set by hand ask for none."""
    return _scores(below, equal, bins, int(level.customers.sum())) if level.fixed is None else level.fixed


def _beside(level: _Levels, shift: int, bins: int) -> np.ndarray:
    """Scores less 1 that lie so many ranks away."""
    if level.fixed is None:
        return _scores_of(level, level.below + shift, 0, bins)
    ends = level.below if shift > 0 else level.below + level.customers
    place = np.searchsorted(ends, level.below + shift, side="right") - (shift > 0)
    return np.asarray(level.fixed[np.clip(place, 0, len(ends) - 1)])


def _cells(table: np.ndarray, levels: list[_Levels], scores: list[np.ndarray]) -> np.ndarray:
    place: np.ndarray = np.zeros(len(levels[0].of), dtype="int16")
    for stride, score, level in zip((len(table) ** 2, len(table), 1), scores, levels, strict=True):
        place += (score * np.int16(stride))[level.of]
    return np.asarray(table.ravel()[place])


def _tie(table: np.ndarray, levels: list[_Levels], base: np.ndarray) -> np.ndarray:
    bins, customers = len(table), len(base)
    moved = np.zeros(customers, dtype=bool)
    for share in (1, 2):
        scores = [_scores_of(level, level.below, share * (level.customers - 1), bins) for level in levels]
        moved |= _cells(table, levels, scores) != base
    return moved


def _boundary(table: np.ndarray, levels: list[_Levels], base: np.ndarray) -> np.ndarray:
    bins, customers = len(table), len(base)
    room = int(NEAR * customers)
    scores = [_scores_of(level, level.below, 0, bins) for level in levels]
    near = np.zeros(customers, dtype=bool)
    for place, level in enumerate(levels):
        for shift in (-room, room):
            other = _beside(level, shift, bins)
            if (other != scores[place]).any():
                near |= _cells(table, levels, [*scores[:place], other, *scores[place + 1 :]]) != base
    return near


def _resampled(table: np.ndarray, levels: list[_Levels], base: np.ndarray, seed: int) -> tuple[np.ndarray, int]:
    bins, customers = len(table), len(base)
    draws = int(np.clip(DRAWN // customers, LEAST_DRAWS, MOST_DRAWS))
    random = np.random.default_rng(seed)
    same = np.zeros(customers, dtype="int16")
    for _ in range(draws):
        times = np.bincount(random.integers(0, customers, customers), minlength=customers).astype("float64")
        scores = []
        for level in levels:
            drawn = np.bincount(level.of, weights=times, minlength=len(level.customers)).astype("int64")
            scores.append(_scores_of(level, np.cumsum(drawn) - drawn, 0, bins))
        same += _cells(table, levels, scores) == base
    return (same / draws).astype("float32"), draws


def _marks(codes: np.ndarray) -> pd.Categorical:
    names = ["+".join(mark for bit, mark in enumerate(MARKS) if code & 1 << bit) for code in range(1 << len(MARKS))]
    return pd.Categorical.from_codes(codes, names)
