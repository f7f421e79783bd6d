"""Measured campaigns: intervals as published, outcomes as counted by hand, and verdicts that chance does not win."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from reporter.analysis.aggregate import aggregate
from reporter.analysis.settings import CampaignSettings
from reporter.analysis.statistics import newcombe, shares_differ_p, welch
from reporter.analysis.terms import Commission, Sent, Terms
from reporter.analysis.uplift import Measured, measure
from reporter.intake.ledger import Ledger, SourceFile
from tests.analysis import shops
from tests.benchmarks.campaigns import UPLIFTS, draws

SINCE, AS_OF = date(2024, 6, 1), date(2024, 7, 1)
LISTS = SourceFile("2024-06-01-01234567/audiences", 10, "ab" * 32)


@pytest.mark.parametrize(
    ("treated", "control", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_is_the_published_one(
    treated: tuple[int, int], control: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe (1998), table II, method 10."""
    assert newcombe(treated, control) == pytest.approx((low, high), abs=6e-5)


def test_the_tests_are_those_of_scipy() -> None:
    from scipy import stats

    table = [[30, 170], [12, 138]]
    assert shares_differ_p((30, 200), (12, 150)) == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)  # fmt: skip
    assert shares_differ_p((0, 9), (0, 4)) == shares_differ_p((9, 9), (4, 4)) == 1.0
    draw = np.random.default_rng(1)
    one, other = draw.gamma(2, 5, 80), draw.gamma(1, 7, 31)
    own = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert welch(one, other) == pytest.approx((own.low, own.high))
    assert welch(one, other[:1]) is None
    assert welch(np.zeros(3), np.zeros(4)) == (0.0, 0.0)


def orders(*, coupon: bool = False) -> Ledger:
    """Four customers: a bought before and since, b only before, c twice since and got money back, d burned since what was claimed before."""
    found = pd.DataFrame(
        [
            ("a", "2024-05-02", 10.0, False, None),
            ("a", "2024-06-01", 20.0, False, None),
            ("b", "2024-05-31", 30.0, False, None),
            ("c", "2024-05-03", 5.0, False, None),
            ("c", "2024-06-10", 40.0, False, None),
            ("c", "2024-06-11", 8.0, False, None),
            ("c", "2024-06-12", -3.0, True, None),
            ("d", "2024-05-04", 7.0, False, "2024-06-30"),
        ],
        columns=["customer_id", "day", "amount", "is_refund", "burn_day"],
    )
    found = found.assign(is_burned=found["burn_day"].notna())
    return shops.ledger(found.drop(columns="amount") if coupon else found, as_of=AS_OF)


def sent(groups: dict[str, str], segment: str = "Loyal") -> Commission:
    members = pd.DataFrame({"customer_id": list(groups), "group": list(groups.values()), "segment": segment})
    members["campaign"] = "2024-06-01 " + members["segment"]
    return Commission(otherwise=Terms(0.1, 0.3, 0.05), sent=Sent("2024-06-01-01234567", SINCE, members, LISTS))


def found(ledger: Ledger, commission: Commission) -> Measured | None:
    customers = aggregate(ledger).customers["customer_id"]
    return measure(ledger, customers, commission, CampaignSettings())


GROUPS = {"a": "treatment", "b": "treatment", "c": "control", "d": "control", "gone": "control"}


def test_counted_is_what_happened_since() -> None:
    measured = found(orders(), sent(GROUPS))
    assert measured is not None
    (effect,) = measured.effects
    assert (measured.since, measured.until, measured.days, measured.gone) == (SINCE, date(2024, 6, 30), 30, 1)
    assert (effect.treatment.customers, effect.treatment.responded, effect.treatment.monetary) == (2, 1, 20.0)
    assert (effect.control.customers, effect.control.responded, effect.control.monetary) == (3, 1, 45.0)
    assert effect.uplift == pytest.approx(1 / 2 - 1 / 3)
    assert effect.money is not None
    assert effect.money[0] == pytest.approx(10 - 15)
    assert effect.verdict == "cannot tell yet"
    assert effect.needs is not None
    assert effect.needs > 5


def test_in_coupon_mode_a_burn_is_the_response() -> None:
    measured = found(orders(coupon=True), sent(GROUPS))
    assert measured is not None
    (effect,) = measured.effects
    assert (effect.treatment.responded, effect.control.responded) == (0, 1)
    assert effect.money is None


def test_without_an_earlier_run_or_its_customers_nothing_is_measured() -> None:
    assert found(orders(), Commission()) is None
    assert found(orders(), sent({"x": "treatment", "y": "control"})) is None


RUNS = 20


def test_planted_uplifts_are_recovered() -> None:
    """A small share of the simulation in the benchmarks: intervals hold the truth, and no effect is seldom called one."""
    for uplift in UPLIFTS:
        result = draws(uplift, RUNS, seed=3)
        assert result.covered == pytest.approx(0.95, abs=3 * (0.05 * 0.95 / (11 * RUNS)) ** 0.5)
        assert result.covered_money == pytest.approx(0.95, abs=3 * (0.05 * 0.95 / (11 * RUNS)) ** 0.5)
        assert result.mean == pytest.approx(uplift, abs=0.01)
        assert uplift or result.worked < 0.05 + 3 * (0.05 * 0.95 / RUNS) ** 0.5
