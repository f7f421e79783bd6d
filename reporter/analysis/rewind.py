"""Customers as they were known on an earlier morning, strictly without knowledge of what came later.

A cut at a day counts what lay before it: a sale from the day of its first line, money line by line, a burned coupon from the day of burning (where that
is unknown, from the claim). The figures are those that `aggregate` would give for a file that ended the day before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from reporter.analysis.queries import Step, fetch, names_of, register_refund_rule, store
from reporter.intake.ledger import Ledger

EVENTS: tuple[Step, ...] = (("40_shared_events", "sliced"), ("41_known_events", "view"))
ONE_CUT: tuple[Step, ...] = (*EVENTS, ("42_known_then", "sliced"))
MANY_CUTS: tuple[Step, ...] = (*EVENTS, ("43_numbered", "kept"), ("44_spells", "sliced"))
WEIGHT = 3
"""Summing by customer and slot takes so many times the memory of summing by customer."""
FEW_SPELLS = 1_000_000
"""Spells up to which all are held at once: some 25 MB."""

_Spell = dict[str, np.ndarray]
"""What became known in one slot: ``place`` of the customer, ``last_day``, ``sales``, and ``worth`` in hundredths of what monetary counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """All known customers as they were on one morning, in the order of their ids.

    Attributes
    ----------
    day : date
    recency_days, frequency : numpy.ndarray of int32, shape (n_customers,)
        Frequency 0: no transaction yet, and recency without meaning.
    hundredths : numpy.ndarray of int64
        Monetary in hundredths (coupon mode: of a burned coupon), so that sums are exact.
    recent : numpy.ndarray of int64
        Of those the part that the span before the day brought.
    """

    day: date
    recency_days: np.ndarray
    frequency: np.ndarray
    hundredths: np.ndarray
    recent: np.ndarray


def rewind(ledger: Ledger, day: date) -> pd.DataFrame:
    """Customers with a transaction before a day, as they were known on its morning.

    Parameters
    ----------
    ledger : Ledger
        Whose transactions are still in the engine: before `release`.
    day : date
        Events on or after it have not happened yet; not after the as-of date.

    Returns
    -------
    pandas.DataFrame
        Sorted by `customer_id` (code points), index 0..n-1: ``customer_id`` str · ``first_date``, ``last_date`` datetime64[s] ·
        ``recency_days`` int (from `day`) · ``frequency`` int (distinct transactions that are no refunds, at least 1) · ``monetary`` float (money
        under the refund policy; burned coupons in coupon mode) · ``burned`` int.
    """
    import pyarrow as pa

    engine = ledger.engine
    register_refund_rule(ledger)
    engine.register("cut", pa.table({"day": pa.array([day], pa.date32())}))
    store(ledger, ONE_CUT)
    raw = fetch(engine, "rewound")
    engine.forget(*names_of(ledger, ONE_CUT))
    return pd.DataFrame(
        {
            "customer_id": raw["customer_id"],
            "first_date": raw["first_day"],
            "last_date": raw["last_day"],
            "recency_days": (pd.Timestamp(day).as_unit("s") - raw["last_day"]).dt.days.astype("int64"),
            "frequency": raw["frequency"],
            "monetary": raw["burned"].astype("float64") if ledger.mode == "coupon" else raw["cents"] / 100,
            "burned": raw["burned"],
        }
    )


def rewinds(ledger: Ledger, days: Sequence[date], span: int, customers: int) -> Iterator[Known]:
    """`rewind` to many days in one pass over the transactions: what became known between two days is added to what was known before.

    Parameters
    ----------
    ledger : Ledger
        Whose transactions are still in the engine. Until the last day is taken, the engine holds what was summed of them.
    days : sequence of date
        Ascending, none after the as-of date; more than `span` of them.
    span : int
        In how many steps between days money counts as recent.
    customers : int
        Known customers.

    Yields
    ------
    Known
        One for each day but the first `span`, which only begin a span. Its arrays hold until the next is asked for.
    """
    import pyarrow as pa

    register_refund_rule(ledger)
    every = np.arange(np.datetime64(days[0]), np.datetime64(max(days[-1], ledger.as_of)))
    slots = np.searchsorted(np.array(days, dtype="datetime64[D]"), every, side="right").astype("int32")
    ledger.engine.register("calendar", pa.table({"day": every, "slot": slots}))
    store(ledger, MANY_CUTS, WEIGHT)
    spell = _spells(ledger, len(days))
    last, frequency = np.zeros(customers, dtype="int32"), np.zeros(customers, dtype="int32")
    hundredths, recent = np.zeros(customers, dtype="int64"), np.zeros(customers, dtype="int64")
    for slot, day in enumerate(days):
        came = spell(slot)
        place, dated = came["place"], ~np.isnat(came["last_day"])
        last[place[dated]] = came["last_day"][dated].astype("datetime64[D]").astype("int32")
        frequency[place] += came["sales"]
        hundredths[place] += came["worth"]
        if slot > 0:
            recent[place] += came["worth"]
        if slot > span:
            gone = spell(slot - span)
            recent[gone["place"]] -= gone["worth"]
        if slot >= span:
            today = np.datetime64(day).astype("int32")
            yield Known(day, today - last, frequency, hundredths, recent)
    ledger.engine.forget(*names_of(ledger, MANY_CUTS, WEIGHT))


def _spells(ledger: Ledger, slots: int) -> Callable[[int], _Spell]:
    """Gives the spells of a slot below `slots`; of few spells all are fetched at once, of many those of one slot whenever they are asked for."""
    few = ledger.engine.arrow("SELECT count(*) AS n FROM spells")["n"][0].as_py() <= FEW_SPELLS
    return _fetched(ledger, range(slots)).__getitem__ if few else lambda slot: _fetched(ledger, [slot])[slot]


def _fetched(ledger: Ledger, slots: Sequence[int]) -> dict[int, _Spell]:
    import pyarrow as pa

    ledger.engine.register("wanted", pa.table({"slot": pa.array(slots, pa.int32())}))
    frame = fetch(ledger.engine, "spell")
    order = np.argsort(frame["slot"].to_numpy(), kind="stable")
    ends = np.searchsorted(frame["slot"].to_numpy()[order], slots, side="right")
    worth = frame["burned"].to_numpy("int64") * 100 if ledger.mode == "coupon" else frame["cents"].to_numpy("int64")
    columns = {
        "place": frame["place"].to_numpy(),
        "last_day": frame["last_day"].to_numpy(),
        "sales": frame["sales"].to_numpy("int32"),
        "worth": worth,
    }
    parts = {name: np.split(column[order], ends[:-1]) for name, column in columns.items()}
    return {slot: {name: part[place] for name, part in parts.items()} for place, slot in enumerate(slots)}
