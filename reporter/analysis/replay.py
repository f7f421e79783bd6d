"""What changed: the segments as they were on earlier dates, who moved between them since, and how each of them grew or shrank.

Every earlier date is scored by the same grid and the same rule of ties among the customers known then, from nothing but what was known then (see
`rewind`). Scores are ranks, so a customer may move because others did; a name always means the same place among all customers of its day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from reporter.analysis.rewind import Known, rewinds
from reporter.analysis.rfm import Grid, segment_places
from reporter.analysis.settings import PERIODS, AnalysisSettings, ReplaySettings
from reporter.intake.ledger import Ledger

NEWCOMER = "Not yet a customer"
"""Where those come from who had no transaction on the earlier date."""
VALUE_MONTHS = 12
"""Months whose money is at stake where a customer moves: those before the earlier date."""


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """Between an earlier date and the as-of date.

    Attributes
    ----------
    period : {"month", "quarter", "year"}
    day : date
        The earlier date; what happened on it was not yet known.
    flows : pandas.DataFrame
        ``from_segment`` str (`NEWCOMER`: no transaction yet) · ``to_segment`` str · ``customers`` int · ``value`` float (what they brought in the
        twelve months before the earlier date; newcomers: since then); every pair that occurs, stayers included, in grid order, newcomers last.
    before : pandas.DataFrame
        ``segment`` str · ``customers`` int · ``monetary, value`` float as `Replay.trend`, on the earlier date; every segment of the grid.
    """

    period: str
    day: date
    flows: pd.DataFrame
    before: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """Movements and trends.

    Attributes
    ----------
    movements : tuple of Movement
        In the order of ``replay.periods``; the first is told at length. At least one.
    trend : pandas.DataFrame
        ``day`` datetime64[s] · ``segment`` str · ``customers`` int · ``monetary`` float (of all time until the day, as in `Scorecard`) · ``value`` float
        (of the twelve months before the day); every segment of the grid at monthly points, the last of them the as-of date, sorted by day and grid.
    movers : pandas.DataFrame
        Of the first movement, whoever is in another segment: ``customer_id`` str · ``from_segment, to_segment`` category · ``value`` float (as in
        `Movement.flows`), largest value first, then by id.
    """

    movements: tuple[Movement, ...]
    trend: pd.DataFrame
    movers: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class _Then:
    """Each known customer on one day: place of the segment in the grid (-1: no transaction yet), and recent money in hundredths."""

    day: date
    places: np.ndarray
    recent: np.ndarray


def replay(ledger: Ledger, ids: pd.Series, grid: Grid, settings: AnalysisSettings) -> Replay | None:
    """Segment as of earlier dates and compare with today.

    Parameters
    ----------
    ledger : Ledger
        Whose transactions are still in the engine.
    ids : pandas.Series
        ``Aggregates.customers["customer_id"]``.
    grid : Grid
    settings : AnalysisSettings
        Sections ``replay`` and ``analysis.min_group``: so many customers must have been known on an earlier date.

    Returns
    -------
    Replay or None
        None where no earlier date has the history that the settings ask for.
    """
    points = months_told(ledger, settings.replay)
    if not points:
        return None
    days = [months_before(ledger.as_of, back) for back in range(max(points) + VALUE_MONTHS, -1, -1)]
    wanted = {PERIODS[period]: period for period in settings.replay.periods}
    then: dict[int, _Then] = {}
    sizes: dict[int, pd.DataFrame] = {}
    for back, known in zip(range(max(points), -1, -1), rewinds(ledger, days, VALUE_MONTHS, len(ids)), strict=True):
        places = _places(known, grid)
        if (places >= 0).sum() < settings.min_group:
            continue
        sizes[back] = _sizes(known, places, grid)
        if back == 0 or back in wanted:
            then[back] = _Then(known.day, places, known.hundredths.copy() if back == 0 else known.recent.copy())
    return _replay(ids, grid, settings.replay, then, sizes)


def months_told(ledger: Ledger, settings: ReplaySettings) -> tuple[int, ...]:
    """Months back from the as-of date that are asked for and have enough history before them."""
    asked = (
        {*(PERIODS[period] for period in settings.periods), *range(1, settings.trend_months + 1)}
        if settings.periods
        else set()
    )
    return tuple(
        back
        for back in sorted(asked)
        if months_before(ledger.as_of, back + settings.history_months) >= ledger.first_day
    )


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or its last day where it is shorter."""
    return (pd.Timestamp(day) - pd.DateOffset(months=months)).date()


def _places(known: Known, grid: Grid) -> np.ndarray:
    """Each known customer's place in the grid's order; -1 without a transaction."""
    buys = known.frequency > 0
    places = np.full(len(buys), -1, dtype="int16")
    places[buys] = segment_places(known.recency_days[buys], known.frequency[buys], known.hundredths[buys], grid)
    return places


def _sizes(known: Known, places: np.ndarray, grid: Grid) -> pd.DataFrame:
    """Customers and value of every segment on one day. Sums of hundredths are whole numbers: exact up to 90 trillion."""
    sums = [
        np.bincount(places + 1, weights, len(grid.order) + 1)[1:] for weights in (None, known.hundredths, known.recent)
    ]
    return pd.DataFrame(
        {"segment": list(grid.order), "customers": sums[0], "monetary": sums[1] / 100, "value": sums[2] / 100}
    )


def _replay(
    ids: pd.Series, grid: Grid, settings: ReplaySettings, then: Mapping[int, _Then], sizes: Mapping[int, pd.DataFrame]
) -> Replay | None:
    found = [(period, PERIODS[period]) for period in settings.periods if PERIODS[period] in then]
    if not found or 0 not in then:
        return None
    today = then[0]
    movements = tuple(
        Movement(period, then[back].day, _flows(then[back], today, grid), sizes[back]) for period, back in found
    )
    trend = [
        sizes[back].assign(day=pd.Timestamp(months_before(today.day, back)).as_unit("s"))
        for back in sorted(sizes, reverse=True)
        if back <= settings.trend_months
    ]
    columns = ["day", "segment", "customers", "monetary", "value"]
    return Replay(movements, pd.concat(trend, ignore_index=True)[columns], _movers(ids, then[found[0][1]], today, grid))


def _flows(before: _Then, today: _Then, grid: Grid) -> pd.DataFrame:
    scored = today.places >= 0
    size = len(grid.order)
    start = np.where(before.places < 0, size, before.places)[scored].astype("int64")
    pairs = start * size + today.places[scored]
    worth = _worth(before, today)[scored]
    customers = np.bincount(pairs, minlength=(size + 1) * size)
    value = np.bincount(pairs, worth, (size + 1) * size)
    there = np.flatnonzero(customers)
    names = [*grid.order, NEWCOMER]
    return pd.DataFrame(
        {
            "from_segment": [names[pair // size] for pair in there],
            "to_segment": [names[pair % size] for pair in there],
            "customers": customers[there],
            "value": value[there] / 100,
        }
    )


def _worth(before: _Then, today: _Then) -> np.ndarray:
    """At stake with each customer, in hundredths: what was recent then; of newcomers all that they have brought."""
    return np.where(before.places < 0, today.recent, before.recent)


def _movers(ids: pd.Series, before: _Then, today: _Then, grid: Grid) -> pd.DataFrame:
    moved = np.flatnonzero((today.places >= 0) & (before.places != today.places))
    worth = _worth(before, today)[moved]
    moved = moved[np.argsort(-worth, kind="stable")]
    return pd.DataFrame(
        {
            "customer_id": ids.iloc[moved].reset_index(drop=True),
            "from_segment": _named(before.places[moved], (*grid.order, NEWCOMER)),
            "to_segment": _named(today.places[moved], grid.order),
            "value": _worth(before, today)[moved] / 100,
        }
    )


def _named(places: np.ndarray, names: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(np.where(places < 0, len(names) - 1, places), categories=list(names))
