"""Recency, frequency, monetary: tie-safe scores, their boundaries, and the grid that names the segments.

The score of a customer is ``floor((rank - 1) * bins / n) + 1`` where `rank` is the competition rank (ties take the lowest): the share of
customers who are strictly worse decides, so equal values always get equal scores, whatever the order of rows or ids. Most recent is best.
Where boundaries are set by hand, they decide alone, and who is on one gets the better score.
Money is compared in whole cents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd

from reporter.analysis.frames import scored, texts
from reporter.analysis.gridfiles import PRESETS, expand, grid_rows
from reporter.analysis.settings import RfmSettings
from reporter.errors import Problem, UsageError
from reporter.shown import html_of, text_of

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
    limits : dict of str to tuple of float
        Of each dimension whose scores are bounded by hand, `bins` - 1 rising values: a customer on one of them has the better score. They go before
        `scoring`.
    """

    name: str
    title: str
    bins: int
    cells: dict[str, str]
    order: tuple[str, ...]
    scoring: str
    limits: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Eight hex digits that follow from all that decides a segment: grids with the same mark name alike."""
        rule = [self.bins, self.scoring, sorted(self.cells.items()), *([self.limits] if self.limits else [])]
        return hashlib.sha256(json.dumps(rule, sort_keys=True).encode()).hexdigest()[:8]

    @property
    def ranks(self) -> bool:
        """Whether a score depends on who else is a customer, by rank."""
        return self.scoring == "rank" and set(self.limits) != set(DIMENSIONS)


@dataclass(frozen=True, slots=True, eq=False)
class _Ranks:
    """Of each customer: how many are strictly worse (`below`), and how many others are `equal`; int32."""

    below: np.ndarray
    equal: np.ndarray


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
        empty where values are cut, not ranks: for the scoring ``r-rfm``, and where all boundaries are set by hand.
    heat : pandas.DataFrame
        ``r_score, f_score`` int · ``customers`` int · ``mean_monetary`` float; only cells with customers.
    medians : dict of str to float
        Of all scored customers, by dimension.
    """

    grid: Grid
    frame: pd.DataFrame
    boundaries: pd.DataFrame
    levels: dict[str, int]
    ties: pd.DataFrame
    heat: pd.DataFrame
    medians: dict[str, float]

    __repr__ = text_of
    _repr_html_ = html_of


def load_grid(settings: RfmSettings) -> Grid:
    """Load a preset or an own grid and check that every cell has exactly one name, and every score its boundary where they are set by hand.

    Raises
    ------
    UsageError
        For an unknown preset, a grid with gaps, overlaps or cells outside 1..bins, or too many or too few boundaries (all problems at once).
    """
    title, rows = grid_rows(settings.grid)
    bins, cells = expand(rows, settings.grid)
    used = set(cells.values())
    order = tuple(dict.fromkeys(row["segment"] for row in rows if row["segment"] in used))
    scoring = "r-rfm" if settings.grid in ("r-rfm", "r-rfm-readme") else "rank"
    name = settings.grid if settings.grid in PRESETS else title
    return Grid(name, title, bins, cells, order, scoring, _limits(settings, bins))


def _limits(settings: RfmSettings, bins: int) -> dict[str, tuple[float, ...]]:
    """The boundaries that are set by hand, by dimension."""
    given = dict(
        zip(
            DIMENSIONS,
            (settings.recency_boundaries, settings.frequency_boundaries, settings.monetary_boundaries),
            strict=True,
        )
    )
    wrong = [
        Problem(
            f"rfm.{name.removesuffix('_days')}_boundaries",
            f"{len(values)} boundaries do not part {bins} scores, which the grid has.",
            f"Write {bins - 1} numbers that rise, or none for equal shares of the customers.",
        )
        for name, values in given.items()
        if values and len(values) != bins - 1
    ]
    if wrong:
        raise UsageError(wrong)
    return {name: tuple(map(float, values)) for name, values in given.items() if values}


def score(customers: pd.DataFrame, grid: Grid) -> Scorecard:
    """Score every customer with a transaction.

    Parameters
    ----------
    customers : pandas.DataFrame
        ``customer_id, recency_days, frequency, monetary`` (as ``Aggregates.customers``); prospects are left out.
    """
    buyers = scored(customers, ["customer_id", *DIMENSIONS])
    values = {
        "recency_days": buyers["recency_days"].to_numpy("int64"),
        "frequency": buyers["frequency"].to_numpy("int64"),
        "monetary": np.rint(buyers["monetary"].to_numpy("float64") * 100).astype("int64"),
    }
    found = {name: _scores(name, column, grid) for name, column in values.items()}
    scores = {name: by_rule["lowest"] for name, by_rule in found.items()}
    cells = cells_of(scores, grid)
    frame = pd.DataFrame(
        {
            "customer_id": buyers["customer_id"],
            **{name: values[name].astype("int32") for name in ("recency_days", "frequency")},
            "monetary": values["monetary"] / 100,
            **{f"{name[0]}_score": column for name, column in scores.items()},
            "segment": texts(cells, grid.order),
        }
    )
    levels = {name: len(np.unique(column)) for name, column in scores.items()}
    ties = _tie_sensitivity(found, grid, cells)
    medians = {name: float(frame[name].median()) for name in DIMENSIONS}
    return Scorecard(grid, frame, _boundaries(frame, grid.bins), levels, ties, _heat(frame), medians)


def rank_scores(goodness: np.ndarray, bins: int, ties: Ties = "lowest") -> np.ndarray:
    """Scores 1..bins of values where more is better, by competition rank.

    Parameters
    ----------
    goodness : numpy.ndarray of int, shape (n,)
    ties : {"lowest", "average", "highest"}
        Rank that equal values share. The report uses the lowest; the others only tell how much the choice matters.
    """
    return _scores_of(_ranks(goodness), bins, ties)


def segment_places(recency_days: np.ndarray, frequency: np.ndarray, hundredths: np.ndarray, grid: Grid) -> np.ndarray:
    """The segment of each customer and nothing else, as `score` names it: for the many earlier dates of which only that is asked.

    Parameters
    ----------
    recency_days, frequency, hundredths : numpy.ndarray of int, shape (n,)
        Of customers with a transaction; monetary in hundredths.

    Returns
    -------
    numpy.ndarray of int16, shape (n,)
        Places in ``grid.order``.
    """
    values = dict(zip(DIMENSIONS, (recency_days, frequency, hundredths), strict=True))
    return cells_of({name: _place_scores(name, column, grid) for name, column in values.items()}, grid)


def _place_scores(name: str, values: np.ndarray, grid: Grid) -> np.ndarray:
    """Scores of one dimension and nothing else."""
    if name in grid.limits:
        return limit_scores(values, grid.limits[name], name)
    if grid.scoring == "r-rfm":
        return quantile_scores(values, values, grid.bins, name)
    return lowest_scores(-values if name == "recency_days" else values, grid.bins)


def limit_scores(values: np.ndarray, limits: tuple[float, ...], name: str) -> np.ndarray:
    """Scores between boundaries that are set by hand; who is on one gets the better score.

    Parameters
    ----------
    values : numpy.ndarray of int, shape (n,)
        Days, transactions, or money in hundredths.
    limits : tuple of float
        Rising, in days, transactions, or money.
    """
    cuts = np.rint(np.array(limits) * 100) if name == "monetary" else np.array(limits)
    if name == "recency_days":
        return np.asarray(len(cuts) + 1 - np.searchsorted(cuts, values, side="left"), dtype="int8")
    return np.asarray(np.searchsorted(cuts, values, side="right") + 1, dtype="int8")


def lowest_scores(goodness: np.ndarray, bins: int) -> np.ndarray:
    """`rank_scores` with the lowest rank, without ranking: a value has at least score s where (s - 1) / bins of all values are strictly less."""
    if len(goodness) == 0:
        return np.ones(0, dtype="int8")
    least = -(-np.arange(1, bins) * len(goodness) // bins)
    limits = np.partition(goodness, least - 1)[least - 1]
    return np.asarray(np.searchsorted(limits, goodness, side="left") + 1, dtype="int8")


def _ranks(goodness: np.ndarray) -> _Ranks:
    """How many customers are strictly worse than each, and how many others are equal."""
    order = np.argsort(goodness, kind="stable")
    ordered = goodness[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(order) else order
    sizes = np.diff(np.append(starts, len(order)))
    below, equal = np.empty(len(order), dtype="int32"), np.empty(len(order), dtype="int32")
    below[order], equal[order] = np.repeat(starts, sizes), np.repeat(sizes - 1, sizes)
    return _Ranks(below, equal)


def _scores_of(ranks: _Ranks, bins: int, ties: Ties) -> np.ndarray:
    share = {"lowest": 0, "average": 1, "highest": 2}[ties]
    twice = 2 * ranks.below.astype("int64") + share * ranks.equal
    return np.asarray(twice * bins // (2 * max(len(twice), 1)) + 1, dtype="int8")


def _scores(name: str, values: np.ndarray, grid: Grid) -> dict[Ties, np.ndarray]:
    """Scores of one dimension under every tie rule, which are one where boundaries are set by hand; the scoring ``r-rfm`` cuts values and knows none."""
    if name in grid.limits:
        return dict.fromkeys(get_args(Ties), limit_scores(values, grid.limits[name], name))
    if grid.scoring == "r-rfm":
        return {"lowest": quantile_scores(values, values, grid.bins, name)}
    ranks = _ranks(-values if name == "recency_days" else values)
    return {ties: _scores_of(ranks, grid.bins, ties) for ties in get_args(Ties)}


def quantile_scores(values: np.ndarray, among: np.ndarray, bins: int, name: str) -> np.ndarray:
    """Scores of values `among` those of all customers as the R package rfm gives them: cut points are type-7 quantiles plus 1, recency reversed (R/utils.R)."""
    unit = 100 if name == "monetary" else 1
    if len(among) == 0:
        return np.ones(0, dtype="int8")
    cuts = np.round(np.quantile(among, np.arange(1, bins) / bins) / unit + 1, 9)
    found = np.searchsorted(cuts, values / unit, side="right")
    return np.asarray(bins - found if name == "recency_days" else found + 1, dtype="int8")


def cells_of(scores: Mapping[str, np.ndarray], grid: Grid) -> np.ndarray:
    """Place in the grid's order of each customer's segment."""
    table = np.empty((grid.bins,) * 3, dtype="int16")
    for cell, name in grid.cells.items():
        table[tuple(int(digit) - 1 for digit in cell)] = grid.order.index(name)
    r, f, m = (scores[name] - 1 for name in DIMENSIONS)
    return np.asarray(table[r, f, m])


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


def _tie_sensitivity(scores: dict[str, dict[Ties, np.ndarray]], grid: Grid, cells: np.ndarray) -> pd.DataFrame:
    """Share of customers whose segment another tie rule would change."""
    rules: dict[str, Ties] = {"average rank": "average", "upper rank": "highest"}
    if not grid.ranks or len(cells) == 0:
        rules = {}
    others = [cells_of({name: found[ties] for name, found in scores.items()}, grid) for ties in rules.values()]
    moved = [float(np.mean(other != cells)) for other in others]
    return pd.DataFrame({"rule": list(rules), "moved_share": np.array(moved, dtype="float64")})


def _heat(frame: pd.DataFrame) -> pd.DataFrame:
    cents = frame.assign(cents=np.rint(frame["monetary"] * 100).astype("int64"))
    cells = cents.groupby(["r_score", "f_score"], as_index=False).agg(
        customers=("cents", "size"), cents=("cents", "sum")
    )
    return cells.assign(mean_monetary=cells.pop("cents") / 100 / cells["customers"])
