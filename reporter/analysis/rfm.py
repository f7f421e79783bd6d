"""Recency, frequency, monetary: tie-safe scores, their boundaries, and the grid that names the segments.

The score of a customer is ``floor((rank - 1) * bins / n) + 1`` where `rank` is the competition rank (ties take the lowest): the share of
customers who are strictly worse decides, so equal values always get equal scores, whatever the order of rows or ids. Most recent is best.
Money is compared in whole cents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.gridfiles import PRESETS, expand, grid_rows
from reporter.analysis.settings import RfmSettings

DIMENSIONS = ("recency_days", "frequency", "monetary")
Ties = Literal["lowest", "average", "highest"]


@dataclass(frozen=True, slots=True)
class Grid:
    """A complete naming of score cells.

    Attributes
    ----------
    name, title : str
        Slug and title of the preset, or the file's name.
    bins : int
        Scores run 1..bins.
    cells : dict of str to str
        Every cell ("555": r, f, m score) to its segment: no gap, no overlap.
    order : tuple of str
        The segments, best first; this order holds in every chart and table.
    scoring : {"rank", "r-rfm"}
        ``rank``: share of customers strictly below (ties take the lower rank). ``r-rfm``: the R package's own rule, kept only
        to reproduce its published figures.
    """

    name: str
    title: str
    bins: int
    cells: dict[str, str]
    order: tuple[str, ...]
    scoring: str


@dataclass(frozen=True, slots=True, eq=False)
class Scorecard:
    """Scores and segments of all scored customers.

    Attributes
    ----------
    frame : pandas.DataFrame
        Sorted by customer_id: ``customer_id`` str · ``recency_days`` int · ``frequency`` int · ``monetary`` float ·
        ``r_score, f_score, m_score`` int · ``segment`` str.
    boundaries : pandas.DataFrame
        ``dimension`` ("recency_days", "frequency", "monetary") · ``score`` int · ``low, high`` float (smallest and largest value
        really found with that score; NaN when nobody has it) · ``customers`` int; every score of every dimension.
    levels : dict of str to int
        Dimension to the number of scores that occur.
    ties : pandas.DataFrame
        Sensitivity to the tie rule: ``rule`` ("average rank", "upper rank") · ``moved_share`` float (customers whose segment would change);
        empty for the scoring ``r-rfm``, which cuts values, not ranks.
    heat : pandas.DataFrame
        ``r_score, f_score`` int · ``customers`` int · ``mean_monetary`` float; only cells with customers.
    """

    grid: Grid
    frame: pd.DataFrame
    boundaries: pd.DataFrame
    levels: dict[str, int]
    ties: pd.DataFrame
    heat: pd.DataFrame


def load_grid(settings: RfmSettings) -> Grid:
    """Load a preset or an own grid and check that every cell has exactly one name.

    Raises
    ------
    UsageError
        For an unknown preset, or a grid with gaps, overlaps or cells outside 1..bins (all problems at once).
    """
    title, rows = grid_rows(settings.grid)
    bins, cells = expand(rows, settings.grid)
    used = set(cells.values())
    order = tuple(dict.fromkeys(row["segment"] for row in rows if row["segment"] in used))
    scoring = "r-rfm" if settings.grid in ("r-rfm", "r-rfm-readme") else "rank"
    name = settings.grid if settings.grid in PRESETS else title
    return Grid(name, title, bins, cells, order, scoring)


def score(customers: pd.DataFrame, grid: Grid) -> Scorecard:
    """Score every customer with a transaction.

    Parameters
    ----------
    customers : pandas.DataFrame
        ``customer_id, recency_days, frequency, monetary`` (as ``Aggregates.customers``); prospects are left out.
    """
    scored = customers[customers["frequency"] > 0].sort_values("customer_id", ignore_index=True)
    values = {
        "recency_days": scored["recency_days"].to_numpy("int64"),
        "frequency": scored["frequency"].to_numpy("int64"),
        "monetary": np.rint(scored["monetary"].to_numpy("float64") * 100).astype("int64"),
    }
    scores = _scores(values, grid, "lowest")
    segment = _segments(scores, grid)
    frame = pd.DataFrame(
        {
            "customer_id": scored["customer_id"],
            **{name: values[name] for name in ("recency_days", "frequency")},
            "monetary": values["monetary"] / 100,
            **{f"{name[0]}_score": column for name, column in scores.items()},
            "segment": segment,
        }
    )
    levels = {name: len(np.unique(column)) for name, column in scores.items()}
    return Scorecard(
        grid, frame, _boundaries(frame, grid.bins), levels, _tie_sensitivity(values, grid, segment), _heat(frame)
    )


def rank_scores(goodness: np.ndarray, bins: int, ties: Ties = "lowest") -> np.ndarray:
    """Scores 1..bins of values where more is better, by competition rank.

    Parameters
    ----------
    goodness : numpy.ndarray of int, shape (n,)
    ties : {"lowest", "average", "highest"}
        Rank that equal values share. The report uses the lowest; the others only tell how much the choice matters.
    """
    order = np.sort(goodness)
    below = np.searchsorted(order, goodness, side="left")
    within = np.searchsorted(order, goodness, side="right") - below - 1
    twice = 2 * below + {"lowest": 0, "average": 1, "highest": 2}[ties] * within
    return twice * bins // (2 * max(len(order), 1)) + 1


def _scores(values: dict[str, np.ndarray], grid: Grid, ties: Ties) -> dict[str, np.ndarray]:
    if grid.scoring == "r-rfm":
        return {name: _quantile_scores(column, grid.bins, name) for name, column in values.items()}
    return {
        name: rank_scores(-column if name == "recency_days" else column, grid.bins, ties)
        for name, column in values.items()
    }


def _quantile_scores(values: np.ndarray, bins: int, name: str) -> np.ndarray:
    """Scores as the R package rfm gives them: cut points are type-7 quantiles plus 1, recency reversed (R/utils.R)."""
    unit = 100 if name == "monetary" else 1
    if len(values) == 0:
        return np.ones(0, dtype="int64")
    cuts = np.round(np.quantile(values, np.arange(1, bins) / bins) / unit + 1, 9)
    found = np.searchsorted(cuts, values / unit, side="right")
    return np.asarray(bins - found if name == "recency_days" else found + 1, dtype="int64")


def _segments(scores: dict[str, np.ndarray], grid: Grid) -> np.ndarray:
    """Name of each customer's cell."""
    table = np.empty((grid.bins,) * 3, dtype=object)
    for cell, name in grid.cells.items():
        table[tuple(int(digit) - 1 for digit in cell)] = name
    r, f, m = (scores[name] - 1 for name in DIMENSIONS)
    return np.asarray(table[r, f, m], dtype=object)


def _boundaries(frame: pd.DataFrame, bins: int) -> pd.DataFrame:
    parts = []
    for name in DIMENSIONS:
        found = (
            frame.groupby(f"{name[0]}_score")[name]
            .agg(low="min", high="max", customers="size")
            .reindex(range(1, bins + 1))
        )
        parts.append(pd.DataFrame({"dimension": name, "score": found.index, "low": found["low"].to_numpy("float64"),
                                   "high": found["high"].to_numpy("float64"), "customers": found["customers"].fillna(0).to_numpy("int64")}))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _tie_sensitivity(values: dict[str, np.ndarray], grid: Grid, segment: np.ndarray) -> pd.DataFrame:
    """Share of customers whose segment another tie rule would change."""
    rules: dict[str, Ties] = {"average rank": "average", "upper rank": "highest"}
    if grid.scoring != "rank" or len(segment) == 0:
        rules = {}
    moved = [float(np.mean(_segments(_scores(values, grid, ties), grid) != segment)) for ties in rules.values()]
    return pd.DataFrame({"rule": list(rules), "moved_share": np.array(moved, dtype="float64")})


def _heat(frame: pd.DataFrame) -> pd.DataFrame:
    cents = frame.assign(cents=np.rint(frame["monetary"] * 100).astype("int64"))
    cells = cents.groupby(["r_score", "f_score"], as_index=False).agg(
        customers=("cents", "size"), cents=("cents", "sum")
    )
    return cells.assign(mean_monetary=cells.pop("cents") / 100 / cells["customers"])
