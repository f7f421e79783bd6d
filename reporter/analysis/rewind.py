"""Customers as they were known on an earlier morning, strictly without knowledge of what came later.

A cut at a day counts what lay before it: a sale from the day of its first line, money line by line, a burned coupon from the day of burning (where that
is unknown, from the claim). The figures are those that `aggregate` would give for a file that ended the day before.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from reporter.analysis.queries import Step, fetch, names_of, register_refund_rule, store
from reporter.intake.ledger import Ledger

EVENTS: tuple[Step, ...] = (("40_shared_events", "sliced"), ("41_known_events", "view"))
ONE_CUT: tuple[Step, ...] = (*EVENTS, ("42_known_then", "sliced"))


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
