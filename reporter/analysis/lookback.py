"""The record seen from an earlier morning, and what every customer has done since: what the backtest and the forecasts are held against.

The cut lies so many months before the end of the record that twice as long a history lies before it. Segments of then are given by the grid and the rules
of today, to customers as they were known then. What came later is counted from the lines: a transaction on the day of its first line, money under the
refund policy, a burned coupon on the day of burning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from reporter.analysis.frames import arrow, pieces
from reporter.analysis.queries import Step, fetch, names_of, store
from reporter.analysis.rewind import rewind
from reporter.analysis.rfm import DIMENSIONS, Grid, score
from reporter.analysis.settings import BacktestSettings
from reporter.intake.ledger import Ledger

STEPS: tuple[Step, ...] = (("50_burned_later", "sliced"), ("51_rhythms", "sliced"))
WEIGHT = 6
"""Summing by customer and day takes so many times the memory of summing by customer."""
SINCE = ("transactions", "worth_cents", "burned")
"""Columns of ``Lookback.frame`` that tell what came after the cut; forecasts are made of the others."""
TRIED_MONTHS = (6, 3)
"""Horizons that are tried, the longest first, where the settings name none."""
HISTORY = 2
"""So many times the horizon must lie on record before the cut."""


@dataclass(frozen=True, slots=True)
class Span:
    """What is looked back on: from `first` to `cut` is history, from `cut` to the day before `end` is what came next; `earlier` is as far before the cut as `end` is after it."""

    first: date
    earlier: date
    cut: date
    end: date
    months: int

    @property
    def days(self) -> int:
        """Length of the horizon."""
        return (self.end - self.cut).days


@dataclass(frozen=True, slots=True, eq=False)
class Lookback:
    """Every scored customer then and since.

    Attributes
    ----------
    span : Span
    names : tuple of str
        Segments in grid order, the best first.
    frame : pandas.DataFrame
        One row per scored customer, sorted by customer_id. Of the record from ``Span.first`` on: ``days`` int (with a purchase) · ``last, age`` int (days from
        the first of them to the last one, and to the end) · ``days_then, last_then, age_then`` the same as of the cut (0 where there was none) ·
        ``days_before`` int (from ``Span.earlier`` to the cut) · ``repeat_cents`` int (sales on the days after the first). Since the cut:
        ``transactions, burned`` int · ``worth_cents`` int (money under the refund policy, in coupon mode burned coupons, in hundredths). Always: ``known`` bool (had a transaction before the cut).
    segment : numpy.ndarray of int8, shape (n_known,)
        Place in `names` of each customer who was known then.
    values : numpy.ndarray of float, shape (n_known, 3)
        Recency, frequency and monetary of then.
    kept : float
        Of the money of sales, what refunds have left (1 where the policy does not count them).
    """

    span: Span
    names: tuple[str, ...]
    frame: pd.DataFrame
    segment: np.ndarray
    values: np.ndarray
    kept: float

    @property
    def outcome(self) -> Lookback:
        """The same without what forecasts are made of: there may be millions of customers."""
        return replace(self, frame=self.frame[["known", *SINCE]])


def span_of(ledger: Ledger, settings: BacktestSettings) -> Span | None:
    """The longest horizon that the record allows, or that of the settings; None where the record is too short for it."""
    for months in (settings.months,) if settings.months else TRIED_MONTHS:
        end = pd.Timestamp(ledger.recorded_until)
        cut, earlier = end - pd.DateOffset(months=months), end - pd.DateOffset(months=2 * months)
        if pd.Timestamp(ledger.first_day) <= cut - pd.DateOffset(months=HISTORY * months):
            return Span(ledger.first_day, earlier.date(), cut.date(), end.date(), months)
    return None


def look_back(ledger: Ledger, grid: Grid, settings: BacktestSettings, least: int) -> Lookback | None:
    """Rewind the ledger and count what came next.

    Parameters
    ----------
    ledger : Ledger
        Whose steps are still in the engine.
    least : int
        Customers who must have been known at the cut.

    Returns
    -------
    Lookback or None
        None where the record is too short, or too few customers were known.
    """
    span = span_of(ledger, settings)
    if span is None:
        return None
    ids, segment, values = _then(ledger, span, grid)
    if len(segment) < least:
        return None
    frame, kept = _rhythms(ledger, span)
    known = frame["known"].to_numpy()
    if not _are(frame.pop("customer_id"), known, ids):
        raise AssertionError("customers known at the cut and those with a sale before it are not the same")
    return Lookback(span, grid.order, frame, segment, values, kept)


def _are(ids: pd.Series, marked: np.ndarray, others: Any) -> bool:
    """Whether the marked ids are those of an Arrow array."""
    import pyarrow as pa

    place = 0
    for start, part in pieces(ids):
        some = part.filter(pa.array(marked[start : start + len(part)]))
        if not some.equals(others[place : place + len(some)]):
            return False
        place += len(some)
    return place == len(others)


def _then(ledger: Ledger, span: Span, grid: Grid) -> tuple[Any, np.ndarray, np.ndarray]:
    """Ids, segments and values of those who were known at the cut; of the scorecard that has them nothing else is kept."""
    frame = score(rewind(ledger, span.cut), grid).frame
    codes, names = pd.factorize(frame["segment"])
    segment = np.array([grid.order.index(name) for name in names], dtype="int8")[codes]
    return arrow(frame["customer_id"]), segment, frame[list(DIMENSIONS)].to_numpy("float32")


def _rhythms(ledger: Ledger, span: Span) -> tuple[pd.DataFrame, float]:
    """``Lookback.frame`` with the ids, and ``Lookback.kept``."""
    import pyarrow as pa

    days = {
        name: pa.array([day], pa.date32())
        for name, day in (
            ("first_day", span.first),
            ("earlier_day", span.earlier),
            ("cut_day", span.cut),
            ("end_day", span.end),
        )
    }
    ledger.engine.register("span", pa.table(days))
    store(ledger, STEPS, WEIGHT)
    sums, frame = fetch(ledger.engine, "rhythm_sums").iloc[0], fetch(ledger.engine, "rhythm_list")
    ledger.engine.forget(*names_of(ledger, STEPS, WEIGHT))
    if ledger.mode == "coupon":
        frame["worth_cents"] = frame["burned"].astype("int64") * 100
    return frame, float(sums["kept_cents"] / sums["sold_cents"]) if sums["sold_cents"] > 0 else 1.0
