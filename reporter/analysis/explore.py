"""The overview: how the customers as a whole develop. Numbers only, no sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.aggregate import UNKNOWN, Aggregates, windows
from reporter.analysis.retention import cohort_rates, period_length
from reporter.analysis.statistics import ALPHA, MIN_EXPECTED, fit_test, independence_test, wilson
from reporter.intake.ledger import Ledger

Unit = Literal["count", "money", "share", "days"]


@dataclass(frozen=True, slots=True)
class Change:
    """One measure in the last full window and in the window before it.

    `name` is one of ``transactions, active_customers, new_customers, monetary, burned, burn_rate``; shares are 0..1. ``burned`` counts by the day of
    burning, ``burn_rate`` is the share of the window's claims that were burned by its last day, so that both windows had the same time.
    `before` is None where the history is too short to compare.
    """

    name: str
    unit: Unit
    now: float
    before: float | None


@dataclass(frozen=True, slots=True)
class GroupTest:
    """Do groups differ? A chi-square test with its effect size (Cramér's V, bias-corrected)."""

    verdict: Literal["different", "no difference", "too few"]
    p_value: float | None
    effect: float | None
    groups: int
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Breakdown:
    """Customers by one dimension.

    Attributes
    ----------
    dimension : {"city", "gender", "merchant", "branch"}
    frame : pandas.DataFrame
        ``name`` str · ``customers, transactions, burned`` int · ``monetary, monetary_share, transactions_share`` float ·
        ``burn_rate, burn_low, burn_high`` float (Wilson 95 % interval; NaN without coupons or under the minimum group).
    known, active : int
        Groups in the lookup table, and groups with at least one transaction.
    activity : GroupTest
        Transactions against an even spread over groups (per customer for city and gender).
    burning : GroupTest or None
        Burned against not burned; None without coupons.
    """

    dimension: str
    frame: pd.DataFrame
    known: int
    active: int
    activity: GroupTest
    burning: GroupTest | None


@dataclass(frozen=True, slots=True, eq=False)
class Concentration:
    """How unevenly monetary is spread over scored customers.

    Attributes
    ----------
    curve : pandas.DataFrame
        At most 201 points: ``customer_share``, ``value_share`` (customers from the most to the least valuable).
    gini, top_decile_share, top_quintile_share : float
    half_share : float
        Smallest share of customers that together hold half of the value.
    """

    curve: pd.DataFrame
    gini: float
    top_decile_share: float
    top_quintile_share: float
    half_share: float


@dataclass(frozen=True, slots=True, eq=False)
class Coupons:
    """Claimed and burned coupons.

    `never_burned`, `always_burned` count scored customers; `days` has ``days`` int and ``coupons`` int.
    """

    claimed: int
    burned: int
    burn_rate: float
    never_burned: int
    always_burned: int
    same_day: int
    median_days: float | None
    p90_days: float | None
    days: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Retention:
    """Cohorts by period of the first transaction.

    Attributes
    ----------
    period : {"month", "quarter"}
        Quarters when the span has more than 15 full months.
    sizes : pandas.DataFrame
        ``cohort`` datetime64[s] · ``customers`` int.
    rates : pandas.DataFrame
        Index cohort, columns age 0, 1, 2 … in periods: share of the cohort active in that period; NaN where the period
        has not ended before the as-of date (partial periods are left out) or the cohort is under the minimum group.
    average : pandas.DataFrame
        ``age`` int · ``rate`` float: weighted by cohort size over the cohorts that have reached that age · ``cohorts`` int.
    """

    period: Literal["month", "quarter"]
    sizes: pd.DataFrame
    rates: pd.DataFrame
    average: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """All that section "Our customers" tells.

    Attributes
    ----------
    known, scored, prospects : int
    transactions, burned, refunds : int
    monetary : float
    window_days : int or None
        Largest of 365, 180, 90, 30 days of which two fit into the span; None when not even two times 30 fit.
    window_start, window_end : date or None
        Of the latest window, both inclusive; it ends with the record: on the day before the as-of date, or on the last transaction day where the record
        ended long before (``Ledger.recorded_until``).
    changes : tuple of Change
    monthly : pandas.DataFrame
        As ``Aggregates.monthly``.
    yearly : pandas.DataFrame
        ``year`` int · ``transactions, active_customers(max over months not summed), burned`` … · ``monetary`` · ``days_covered`` · ``partial`` bool.
    """

    known: int
    scored: int
    prospects: int
    transactions: int
    burned: int
    refunds: int
    monetary: float
    window_days: int | None
    window_start: date | None
    window_end: date | None
    changes: tuple[Change, ...]
    monthly: pd.DataFrame
    yearly: pd.DataFrame
    retention: Retention | None
    concentration: Concentration | None
    breakdowns: tuple[Breakdown, ...]
    coupons: Coupons | None


CURVE_POINTS = 201
WINDOWS = (365, 180, 90, 30)


def explore(ledger: Ledger, aggregates: Aggregates, min_group: int) -> Overview:
    """Describe growth, activity, retention, concentration, groups and coupons.

    Parameters
    ----------
    aggregates : Aggregates
        Of this very ledger: its steps are still in the engine.
    min_group : int
        Groups with fewer customers get no percentages and no test.
    """
    customers = aggregates.customers
    scored = customers[customers["frequency"] > 0]
    days = _window_days((ledger.recorded_until - ledger.first_day).days)
    return Overview(
        known=len(customers),
        scored=len(scored),
        prospects=len(customers) - len(scored),
        transactions=aggregates.transactions,
        burned=int(customers["burned"].sum()),
        refunds=int(customers["refunds"].sum()),
        monetary=float(customers["burned"].sum()) if ledger.mode == "coupon" else aggregates.cents / 100,
        window_days=days,
        window_start=ledger.recorded_until - timedelta(days=days) if days else None,
        window_end=ledger.recorded_until - timedelta(days=1) if days else None,
        changes=_changes(ledger, scored, days),
        monthly=aggregates.monthly,
        yearly=_yearly(aggregates.monthly),
        retention=_retention(ledger, aggregates, min_group),
        concentration=_concentration(scored["monetary"].to_numpy("float64")),
        breakdowns=tuple(
            _breakdown(name, frame, ledger, scored, min_group) for name, frame in aggregates.breakdowns.items()
        ),
        coupons=_coupons(scored, aggregates) if "coupons" in ledger.has else None,
    )


def _window_days(span_days: int) -> int | None:
    return next((days for days in WINDOWS if 2 * days <= span_days), None)


def _changes(ledger: Ledger, scored: pd.DataFrame, days: int | None) -> tuple[Change, ...]:
    """Measures of the latest window and the one before; without two windows, of the whole span and nothing before."""
    if days:
        start = ledger.recorded_until - timedelta(days=days)
        spans = {
            "now": (start, ledger.recorded_until - timedelta(days=1)),
            "before": (start - timedelta(days=days), start - timedelta(days=1)),
        }
    else:
        spans = {"now": (ledger.first_day, ledger.recorded_until - timedelta(days=1))}
    sums = windows(ledger, spans)
    firsts = scored["first_date"]
    new = {
        label: int(firsts.between(pd.Timestamp(start), pd.Timestamp(end)).sum())
        for label, (start, end) in spans.items()
    }
    measures = {label: _measures(ledger, sums.loc[label], new[label]) for label in spans}
    before = measures.get("before", {})
    return tuple(
        Change(name, unit, value, before[name][1] if before else None)
        for name, (unit, value) in measures["now"].items()
    )


def _measures(ledger: Ledger, sums: pd.Series, new_customers: int) -> dict[str, tuple[Unit, float]]:
    measures: dict[str, tuple[Unit, float]] = {
        "transactions": ("count", float(sums["transactions"])),
        "active_customers": ("count", float(sums["active_customers"])),
        "new_customers": ("count", float(new_customers)),
    }
    if ledger.mode == "money":
        measures["monetary"] = ("money", float(sums["cents"]) / 100)
    if "coupons" in ledger.has:
        rate = sums["claims_burned"] / sums["transactions"] if sums["transactions"] else float("nan")
        measures |= {"burned": ("count", float(sums["burned"])), "burn_rate": ("share", float(rate))}
    return measures


def _yearly(monthly: pd.DataFrame) -> pd.DataFrame:
    """Calendar years; `active_customers` is that of the best month, because customers of several months must not be added up."""
    years = monthly.assign(year=monthly["month"].dt.year).groupby("year")
    sums = years[["transactions", "new_customers", "joined", "burned", "monetary", "days_covered"]].sum()
    sums["monetary"] = sums["monetary"].round(2)
    sums.insert(1, "active_customers", years["active_customers"].max())
    leap = pd.to_datetime(sums.index.astype(str), format="%Y").is_leap_year
    return sums.assign(partial=sums["days_covered"] < np.where(leap, 366, 365)).reset_index()


def _retention(ledger: Ledger, aggregates: Aggregates, min_group: int) -> Retention | None:
    period: Literal["month", "quarter"] = (
        "quarter" if period_length(int((~aggregates.monthly["partial"]).sum())) == "quarter" else "month"
    )
    found = cohort_rates(aggregates.cohorts, period, ledger.recorded_until, min_group)
    return Retention(period, *found) if found else None


def _concentration(monetary: np.ndarray) -> Concentration | None:
    """Lorenz curve from the most to the least valuable customer; net amounts below 0 count as 0. None when there is no value."""
    cents = np.sort(np.rint(np.maximum(monetary, 0) * 100))[::-1]
    total = cents.sum()
    if total <= 0:
        return None
    n = len(cents)
    held = np.concatenate([[0.0], np.cumsum(cents) / total])
    share = np.arange(n + 1) / n
    kept = np.unique(np.linspace(0, n, min(n + 1, CURVE_POINTS)).round().astype(int))
    area = float(((held[1:] + held[:-1]) / 2).sum() / n)
    return Concentration(
        curve=pd.DataFrame({"customer_share": share[kept], "value_share": held[kept]}),
        gini=2 * area - 1,
        top_decile_share=float(np.interp(0.1, share, held)),
        top_quintile_share=float(np.interp(0.2, share, held)),
        half_share=float(np.searchsorted(np.round(held, 12), 0.5)) / n,
    )


def _breakdown(dimension: str, frame: pd.DataFrame, ledger: Ledger, scored: pd.DataFrame, min_group: int) -> Breakdown:
    enough = (frame["customers"] >= min_group).to_numpy()
    money, counts = frame["monetary"].to_numpy(), frame["transactions"].to_numpy("float64")
    whole = frame.assign(
        monetary_share=money / money.sum() if money.sum() else np.nan,
        transactions_share=counts / counts.sum() if counts.sum() else np.nan,
        **_burn_columns(frame, enough, "coupons" in ledger.has),
    )
    named = (frame["name"] != UNKNOWN).to_numpy()
    return Breakdown(
        dimension=dimension,
        frame=whole,
        known=max(ledger.known.get(dimension, 0), int(named.sum())),
        active=int((named & (counts > 0)).sum()),
        activity=_activity(dimension, frame[enough & named & (counts > 0)], scored["frequency"].to_numpy("float64")),
        burning=_burning(frame[enough & named & (counts > 0)]) if "coupons" in ledger.has else None,
    )


def _burn_columns(frame: pd.DataFrame, enough: np.ndarray, coupons: bool) -> dict[str, np.ndarray]:
    shown = enough & (frame["transactions"] > 0).to_numpy() & coupons
    n = np.where(shown, frame["transactions"], 0)
    low, high = wilson(frame["burned"].to_numpy(), n)
    rate = np.divide(frame["burned"], n, out=np.full(len(frame), np.nan), where=n > 0)
    return {"burn_rate": rate, "burn_low": low, "burn_high": high}


def _activity(dimension: str, frame: pd.DataFrame, frequency: np.ndarray) -> GroupTest:
    """Transactions against an even spread: per customer for city and gender, per group else."""
    observed, n = frame["transactions"].to_numpy("float64"), int(frame["transactions"].sum())
    by_customer = dimension in ("city", "gender")
    size = frame["customers"].to_numpy("float64") if by_customer else np.ones(len(frame))
    expected = n * size / size.sum() if len(frame) else size
    if len(frame) < 2 or expected.min() < MIN_EXPECTED:
        return GroupTest("too few", None, None, len(frame), n)
    dispersion = max(1.0, float(frequency.var() / frequency.mean())) if by_customer else 1.0
    return _told(*fit_test(observed, expected, dispersion), groups=len(frame), n=n)


def _burning(frame: pd.DataFrame) -> GroupTest:
    """Burned against not burned, group by group."""
    table = np.column_stack([frame["burned"], frame["transactions"] - frame["burned"]]).astype("float64")
    n = int(table.sum())
    if len(frame) < 2 or (np.outer(table.sum(axis=1), table.sum(axis=0)) / n).min() < MIN_EXPECTED:
        return GroupTest("too few", None, None, len(frame), n)
    return _told(*independence_test(table), groups=len(frame), n=n)


def _told(p_value: float, effect: float, *, groups: int, n: int) -> GroupTest:
    return GroupTest("different" if round(p_value, 10) < ALPHA else "no difference", p_value, effect, groups, n)


def _coupons(scored: pd.DataFrame, aggregates: Aggregates) -> Coupons:
    days = aggregates.days_to_burn
    spread = np.repeat(days["days"].to_numpy(), days["coupons"].to_numpy())
    claimed, burned = int(scored["frequency"].sum()), int(scored["burned"].sum())
    return Coupons(
        claimed=claimed,
        burned=burned,
        burn_rate=burned / claimed if claimed else float("nan"),
        never_burned=int((scored["burned"] == 0).sum()),
        always_burned=int((scored["burned"] == scored["frequency"]).sum()),
        same_day=int(days.loc[days["days"] == 0, "coupons"].sum()),
        median_days=float(np.median(spread)) if len(spread) else None,
        p90_days=float(np.quantile(spread, 0.9)) if len(spread) else None,
        days=days,
    )
