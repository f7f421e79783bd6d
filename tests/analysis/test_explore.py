"""The overview of the workbook, and small shops counted by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shops

from reporter.analysis.aggregate import aggregate
from reporter.analysis.explore import explore


def overview(ledger, min_group=30):
    return explore(ledger, aggregate(ledger), min_group)


@pytest.fixture(scope="module")
def workbook():
    return overview(shops.workbook(date(2024, 10, 9)))


def daily(days, as_of, customers=1, **columns):
    rows = pd.DataFrame({"day": pd.date_range("2023-01-01", periods=days), "amount": 10.0, **columns})
    rows["customer_id"] = [f"c{i % customers}" for i in range(days)]
    return shops.ledger(rows, as_of=as_of)


def test_coupons_of_the_workbook(workbook):
    coupons = workbook.coupons
    assert (coupons.claimed, coupons.burned, coupons.same_day) == (5000, 2516, 21)
    assert (coupons.never_burned, coupons.always_burned) == (80, 79)
    assert int((coupons.days["days"] * coupons.days["coupons"]).sum()) == 111289


def test_groups_of_the_workbook_do_not_differ_but_merchants_do(workbook):
    told = {b.dimension: (b.activity.verdict, b.burning.verdict) for b in workbook.breakdowns}
    assert told == {
        "city": ("no difference", "no difference"),
        "gender": ("no difference", "no difference"),
        "merchant": ("different", "no difference"),
        "branch": ("no difference", "no difference"),
    }
    branch = next(b for b in workbook.breakdowns if b.dimension == "branch")
    assert branch.activity.p_value == pytest.approx(0.8107, abs=1e-4)
    assert branch.burning.p_value == pytest.approx(0.6236, abs=1e-4)
    assert branch.frame.set_index("name")["transactions"].to_dict()["1"] == 527
    assert branch.frame.set_index("name")["burned"].to_dict()["10"] == 268


def test_concentration_is_known_where_it_can_be_counted():
    rows = pd.DataFrame({"customer_id": list("abcd"), "day": ["2024-01-01"] * 4, "amount": [70.0, 10.0, 10.0, 10.0]})
    found = overview(shops.ledger(rows, as_of=date(2024, 2, 1))).concentration
    assert found.gini == pytest.approx(0.45)
    assert found.half_share == 0.25
    assert found.curve["value_share"].tolist() == [0.0, 0.7, 0.8, 0.9, 1.0]


def test_concentration_of_r_orders_is_the_published_one():
    assert overview(shops.r_orders()).concentration.top_quintile_share == pytest.approx(0.356232, abs=1e-5)


def test_no_value_has_no_concentration():
    rows = pd.DataFrame({"customer_id": ["a"], "day": ["2024-01-01"], "amount": [0.0]})
    assert overview(shops.ledger(rows, as_of=date(2024, 2, 1))).concentration is None


@pytest.mark.parametrize(("days", "window"), [(59, None), (60, 30), (180, 90), (360, 180), (729, 180), (730, 365)])
def test_the_window_is_the_largest_that_fits_twice(days, window):
    found = overview(daily(days, (pd.Timestamp("2023-01-01") + pd.Timedelta(days=days)).date()))
    assert found.window_days == window
    values = {c.name: (c.now, c.before) for c in found.changes}
    assert values["transactions"] == ((window, window) if window else (days, None))


def test_window_sums_meet_without_overlap():
    found = overview(daily(60, date(2023, 3, 2)))
    assert (found.window_start, found.window_end) == (date(2023, 1, 31), date(2023, 3, 1))
    assert {c.name: c.now for c in found.changes}["monetary"] == 300.0


def test_years_are_partial_where_they_are():
    yearly = overview(daily(500, date(2024, 5, 15))).yearly
    assert yearly["partial"].tolist() == [False, True]
    assert yearly["transactions"].tolist() == [365, 135]
    assert yearly["days_covered"].tolist() == [365, 135]


def test_active_customers_of_a_year_are_not_added_up():
    assert overview(daily(365, date(2024, 1, 1), customers=3)).yearly["active_customers"].tolist() == [3]


def test_retention_leaves_out_periods_that_have_not_ended():
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a", "b", "c", "a"],
            "day": ["2024-01-02", "2024-01-03", "2024-02-01", "2024-03-05", "2024-02-09", "2024-03-09"],
            "amount": 1.0,
        }
    )
    found = overview(shops.ledger(rows, as_of=date(2024, 3, 15)), min_group=1).retention
    assert found.period == "month"
    assert found.sizes["customers"].tolist() == [2, 1]
    assert found.rates.loc["2024-01-01"].tolist() == [1.0, 0.5]
    assert found.rates.loc["2024-02-01", 0] == 1.0
    assert np.isnan(found.rates.loc["2024-02-01", 1])
    assert found.average["rate"].tolist() == [1.0, 0.5]
    assert found.average["cohorts"].tolist() == [2, 1]


def test_small_cohorts_get_no_percentage():
    rows = pd.DataFrame({"customer_id": ["a", "a"], "day": ["2024-01-02", "2024-02-02"], "amount": 1.0})
    assert overview(shops.ledger(rows, as_of=date(2024, 3, 1))).retention.rates.isna().all().all()


def test_one_period_has_no_retention():
    rows = pd.DataFrame({"customer_id": ["a"], "day": ["2024-01-02"], "amount": 1.0})
    assert overview(shops.ledger(rows, as_of=date(2024, 2, 10))).retention is None


def test_long_spans_are_told_by_quarter(workbook):
    assert workbook.retention.period == "quarter"


def test_small_groups_get_no_rate_and_no_test():
    people = pd.DataFrame({"customer_id": [f"c{i}" for i in range(40)], "city_name": ["Ulm"] * 35 + ["Bonn"] * 5})
    rows = pd.DataFrame({"customer_id": people["customer_id"], "day": "2024-01-02", "is_burned": False})
    city = next(
        b for b in overview(shops.ledger(rows, people, as_of=date(2024, 4, 1))).breakdowns if b.dimension == "city"
    )
    assert city.activity.verdict == "too few"
    assert city.frame.set_index("name")["burn_rate"].isna().to_dict() == {"Ulm": False, "Bonn": True}


def test_a_city_that_really_buys_more_is_told():
    people = pd.DataFrame({"customer_id": [f"c{i}" for i in range(200)], "city_name": ["Ulm", "Bonn"] * 100})
    ids = [
        c
        for c, city in zip(people["customer_id"], people["city_name"], strict=True)
        for _ in range(6 if city == "Ulm" else 3)
    ]
    rows = pd.DataFrame({"customer_id": ids, "day": "2024-01-02", "amount": 1.0})
    city = overview(shops.ledger(rows, people, as_of=date(2024, 4, 1))).breakdowns[0]
    assert city.activity.verdict == "different"
    assert city.activity.p_value < 0.001
