"""The only place that touches transactions: ledger -> one row per customer, and the series of the overview.

Transactions stay in the engine. They are first folded to *entries*, one row per customer, transaction and kind (sale or refund), and every
figure is a plain count or sum of entries, so that all of them agree: ``sum_customers`` must have run on a ledger before all other functions.
Entries are summed once by customer and month and once by customer and place; distinct customers, months and merchants are counted on these.

A refund is no transaction: it adds nothing to frequency, and a customer who has only refunds stays a prospect (frequency 0, no dates). Its
money still counts under the policy ``net``, so the sum over all customers is the sum over all lines, to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from reporter.analysis.frames import arrow, shared_texts
from reporter.analysis.queries import Step, fetch, names_of, register_refund_rule, store
from reporter.intake.ledger import Ledger

UNKNOWN = "unknown"
STEPS: tuple[Step, ...] = (
    ("10_folded", "sliced"),
    ("11_entries", "view"),
    ("20_customer_months", "sliced"),
    ("21_customer_quarters", "sliced"),
    ("22_customer_places", "sliced"),
    ("23_buyers", "sliced"),
    ("30_favourites", "view"),
)
"""From the lines to one row per customer, in order. A step is stored, slice by slice of the customers, where it is read more than once and is smaller
than what it is made of."""


@dataclass(frozen=True, slots=True, eq=False)
class Aggregates:
    """Everything that is ever summed over transactions.

    Attributes
    ----------
    customers : pandas.DataFrame
        One row per known customer, sorted by `customer_id` (code points), index 0..n-1. Columns:
        ``customer_id`` str · ``join_date``, ``first_date``, ``last_date`` datetime64[s] · ``city``, ``gender``, ``top_merchant`` str or None ·
        ``recency_days`` float (NaN: prospect) · ``frequency`` int (distinct transactions that are no refunds) ·
        ``monetary`` float (money under the refund policy; burned coupons in coupon mode) · ``burned`` int · ``refunds`` int ·
        ``merchants``, ``branches``, ``active_months`` int (distinct) · ``mean_days_to_burn`` float (NaN: nothing burned).
        A customer with frequency 0 is a prospect: dates and recency missing.
    monthly : pandas.DataFrame
        One row per calendar month from the first to the last month before the as-of date, gaps filled with 0:
        ``month`` datetime64[s] · ``transactions, active_customers, new_customers, joined, burned`` int · ``monetary`` float ·
        ``days_covered, days_in_month`` int · ``partial`` bool. ``burned`` counts by burn day, the others by transaction day,
        ``joined`` by join day (0 where unknown).
    cohorts : pandas.DataFrame
        ``period`` ("month", "quarter") · ``cohort`` datetime64[s] (first day of the period of the first transaction) ·
        ``month`` datetime64[s] (first day of the period looked at) · ``active_customers`` int.
    breakdowns : dict of str to pandas.DataFrame
        For each of city, gender, merchant, branch that exists: ``name`` str · ``customers, transactions, burned`` int · ``monetary`` float,
        sorted by transactions descending, then name. City and gender count all known customers; unknown is named "unknown".
    days_to_burn : pandas.DataFrame
        ``days`` int · ``coupons`` int, sorted; burned coupons with both dates, claim not after burn.
    transactions : int
        Distinct transactions that are no refunds, counted on the lines: the sum of ``customers.frequency``.
    buyers : int
        Customers with a transaction that is no refund, counted on the lines.
    cents : int
        Money of all lines under the refund policy, in hundredths: the sum of ``customers.monetary`` in money mode.
    early_transactions, early_cents : int
        Of them before ``Ledger.first_day`` (flagged ``long-before``): in every total, in no series over time.
    """

    customers: pd.DataFrame
    monthly: pd.DataFrame
    cohorts: pd.DataFrame
    breakdowns: dict[str, pd.DataFrame]
    days_to_burn: pd.DataFrame
    transactions: int
    buyers: int
    cents: int
    early_transactions: int
    early_cents: int


def sum_customers(ledger: Ledger) -> pd.DataFrame:
    """Sum the ledger's transactions per customer: ``Aggregates.customers``.

    Leaves its steps, ``entries`` to ``favourites``, in the ledger's engine.
    """
    register_refund_rule(ledger)
    store(ledger, STEPS)
    return _customers(ledger)


def aggregate(ledger: Ledger, customers: pd.DataFrame | None = None) -> Aggregates:
    """Sum the ledger's transactions per customer, month, cohort and group.

    Parameters
    ----------
    customers : pandas.DataFrame, optional
        As `sum_customers` made them; without them it is called first.
    """
    engine, customers = ledger.engine, sum_customers(ledger) if customers is None else customers
    days, burns = fetch(engine, "days"), fetch(engine, "burns")
    totals = fetch(engine, "totals").iloc[0]
    early = days[days["day"] < pd.Timestamp(ledger.first_day)]
    return Aggregates(
        customers=customers,
        monthly=_monthly(ledger, customers, days, burns),
        cohorts=_cohorts(ledger),
        breakdowns=_breakdowns(ledger, customers),
        days_to_burn=_days_to_burn(burns),
        transactions=int(totals["transactions"]),
        buyers=int(totals["buyers"]),
        cents=int(totals["cents"]),
        early_transactions=int(early["transactions"].sum()),
        early_cents=int(early["cents"].sum()),
    )


def windows(ledger: Ledger, spans: dict[str, tuple[date, date]]) -> pd.DataFrame:
    """Sums over a few windows of days.

    Parameters
    ----------
    spans : dict of str to (date, date)
        Label to first and last day, both inclusive.

    Returns
    -------
    pandas.DataFrame
        Index label, in the order of `spans`: ``transactions, active_customers`` int · ``claims_burned`` int (claims of the window that were
        burned by its last day) · ``burned`` int (burned in the window) · ``cents`` int; zeros for a window without entries.
    """
    import pyarrow as pa

    starts, ends = [s for s, _ in spans.values()], [e for _, e in spans.values()]
    ledger.engine.register("windows", pa.table({"label": list(spans), "start_day": starts, "end_day": ends}))
    frames = (fetch(ledger.engine, name).set_index("label") for name in ("windows", "window_burns"))
    return pd.concat([frame.reindex(list(spans), fill_value=0) for frame in frames], axis=1).astype("int64")


def segment_months(ledger: Ledger, segments: pd.DataFrame) -> pd.DataFrame:
    """Monthly activity of each segment.

    Parameters
    ----------
    segments : pandas.DataFrame
        ``customer_id`` str · ``segment`` str.

    Returns
    -------
    pandas.DataFrame
        ``segment`` str · ``month`` datetime64[s] · ``transactions, active_customers`` int · ``monetary`` float (coupon mode: coupons burned
        in the month); every month of the span for every segment, sorted by both.
    """
    _register_segments(ledger, segments)
    names = sorted(segments["segment"].unique())
    every = pd.MultiIndex.from_product([names, _months(ledger)], names=["segment", "month"])
    whole = _by_segment_month(ledger, "segment_months", every)
    if ledger.mode == "coupon":
        whole["cents"] = _by_segment_month(ledger, "segment_burns", every)["burned"] * 100
    return whole.assign(monetary=whole.pop("cents") / 100).reset_index()


def segment_merchants(ledger: Ledger, segments: pd.DataFrame) -> pd.DataFrame:
    """Transactions of each segment by merchant (columns ``segment, name, transactions, customers``), empty where there are no merchants."""
    _register_segments(ledger, segments)
    return fetch(ledger.engine, "segment_merchants").sort_values(["segment", "name"], ignore_index=True)


def release(ledger: Ledger) -> None:
    """Let the engine free the transactions and all that was made of them, when nothing will be summed any more."""
    ledger.engine.forget("transactions", "customers", "segment_of", *names_of(ledger, STEPS))


def _by_segment_month(ledger: Ledger, file: str, every: pd.MultiIndex) -> pd.DataFrame:
    return fetch(ledger.engine, file).set_index(["segment", "month"]).reindex(every, fill_value=0).astype("int64")


def _register_segments(ledger: Ledger, segments: pd.DataFrame) -> None:
    import pyarrow as pa

    columns = {name: arrow(segments[name]) for name in ("customer_id", "segment")}
    ledger.engine.register("segment_of", pa.table(columns))


def _customers(ledger: Ledger) -> pd.DataFrame:
    raw = fetch(ledger.engine, "customers")
    as_of = pd.Timestamp(ledger.as_of).as_unit("s")
    burns = raw["dated_burns"].where(raw["dated_burns"] > 0)
    counts = {
        name: raw[name].astype("int32") for name in ("burned", "refunds", "merchants", "branches", "active_months")
    }
    texts = {name: shared_texts(raw.pop(name)) for name in ("city", "gender", "top_merchant")}
    return pd.DataFrame(
        {
            "customer_id": raw["customer_id"],
            "join_date": raw["join_day"],
            "first_date": raw["first_day"],
            "last_date": raw["last_day"],
            **texts,
            "recency_days": (as_of - raw["last_day"]).dt.days.astype("float64"),
            "frequency": raw["frequency"].astype("int64"),
            "monetary": raw["burned"].astype("float64") if ledger.mode == "coupon" else raw["cents"] / 100,
            **counts,
            "mean_days_to_burn": raw["days_to_burn"] / burns,
        }
    )


def _cohorts(ledger: Ledger) -> pd.DataFrame:
    """Cohorts that began within the series; those of transactions long before would open it with decades of nothing."""
    cohorts = fetch(ledger.engine, "cohorts").sort_values(["period", "cohort", "month"], ignore_index=True)
    quarter = pd.Timestamp(ledger.first_day).to_period("Q").start_time
    return cohorts[cohorts["cohort"] >= quarter].reset_index(drop=True)


def _months(ledger: Ledger) -> pd.DatetimeIndex:
    """First days of all months from the first transaction to the day before the as-of date."""
    last = pd.Timestamp(ledger.as_of) - pd.Timedelta(days=1)
    start = pd.Timestamp(ledger.first_day).replace(day=1)
    return pd.date_range(start, max(last, start), freq="MS", name="month").as_unit("s")


def _monthly(ledger: Ledger, customers: pd.DataFrame, days: pd.DataFrame, burns: pd.DataFrame) -> pd.DataFrame:
    months = _months(ledger)

    def per_month(dates: pd.Series, values: np.ndarray | None = None) -> np.ndarray:
        first = dates.to_numpy("datetime64[M]")
        place = np.searchsorted(months.to_numpy("datetime64[M]"), first)
        inside = (place < len(months)) & (first >= months[0].to_datetime64().astype("datetime64[M]"))
        sums = np.zeros(len(months), dtype="int64")
        np.add.at(sums, place[inside], 1 if values is None else values[inside])
        return sums

    dated = burns.dropna(subset="burn_day")
    burned = per_month(dated["burn_day"], dated["coupons"].to_numpy())
    cents = per_month(days["day"], days["cents"].to_numpy())
    active = fetch(ledger.engine, "months").set_index("month")["active_customers"]
    covered, length = _coverage(ledger, months)
    return pd.DataFrame(
        {
            "transactions": per_month(days["day"], days["transactions"].to_numpy()),
            "active_customers": active.reindex(months, fill_value=0).to_numpy("int64"),
            "new_customers": per_month(customers["first_date"].dropna()),
            "joined": per_month(customers["join_date"].dropna()),
            "burned": burned,
            "monetary": burned.astype("float64") if ledger.mode == "coupon" else cents / 100,
            "days_covered": covered,
            "days_in_month": length,
            "partial": covered < length,
        },
        index=months,
    ).reset_index()


def _coverage(ledger: Ledger, months: pd.DatetimeIndex) -> tuple[np.ndarray, np.ndarray]:
    """Days of each month that lie between the first transaction and the end of the record, and days in the month."""
    ends = months + pd.offsets.MonthBegin(1)
    first, last = pd.Timestamp(ledger.first_day), pd.Timestamp(ledger.recorded_until)
    seen = np.minimum(ends, last) - np.maximum(months, first)
    return np.maximum(np.asarray(seen.days, dtype="int64"), 0), np.asarray((ends - months).days, dtype="int64")


def _breakdowns(ledger: Ledger, customers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    found: dict[str, pd.DataFrame] = {
        name: _by_people(customers, name) for name in ("city", "gender") if name in ledger.has
    }
    for name, file in (("merchant", "merchants"), ("branch", "branches")):
        if name in ledger.has:
            frame = fetch(ledger.engine, file)
            money = frame["burned"].astype("float64") if ledger.mode == "coupon" else frame["cents"] / 100
            found[name] = frame.drop(columns="cents").assign(monetary=money)
    return {
        name: frame.sort_values(["transactions", "name"], ascending=[False, True], ignore_index=True)
        for name, frame in found.items()
    }


def _by_people(customers: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """One row per city or gender, prospects included."""
    named = customers.assign(
        name=customers[dimension].fillna(UNKNOWN).astype(str),
        cents=np.rint(customers["monetary"] * 100).astype("int64"),
    )
    sums = named.groupby("name").agg(
        customers=("customer_id", "size"),
        transactions=("frequency", "sum"),
        burned=("burned", "sum"),
        cents=("cents", "sum"),
    )
    return sums.assign(monetary=sums.pop("cents") / 100).reset_index()


def _days_to_burn(burns: pd.DataFrame) -> pd.DataFrame:
    dated = burns.dropna(subset="burn_day")
    days = (dated["burn_day"] - dated["day"]).dt.days.astype("int64")
    valid = days >= 0
    counted = dated.loc[valid, "coupons"].groupby(days[valid]).sum().sort_index()
    return pd.DataFrame({"days": counted.index.to_numpy("int64"), "coupons": counted.to_numpy("int64")})
