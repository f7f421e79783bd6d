"""Looking back: the published outcomes on CDNOW, strictly no knowledge of the future, and what groupings explain."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shops
from scipy.stats import f_oneway

from reporter.analysis.aggregate import aggregate
from reporter.analysis.backtest import backtest, clusters_then, explained
from reporter.analysis.expected import judge
from reporter.analysis.lookback import look_back, span_of
from reporter.analysis.rfm import load_grid
from reporter.analysis.settings import BacktestSettings, RfmSettings

GRID = load_grid(RfmSettings())
AUTO = BacktestSettings()


def looked_back(ledger, settings=AUTO, least=1):
    aggregate(ledger)
    return look_back(ledger, GRID, settings, least)


@pytest.fixture(scope="module")
def cdnow():
    return looked_back(shops.cdnow())


@pytest.fixture(scope="module")
def cdnow_test(cdnow):
    return backtest(cdnow, 4, 30, 1)


def test_cdnow_gives_the_published_outcomes(cdnow_test):
    assert (cdnow_test.cut, cdnow_test.end, cdnow_test.months) == (date(1998, 1, 1), date(1998, 7, 1), 6)
    found = {outcome.name: outcome for outcome in cdnow_test.outcomes}
    published = {
        "Champions": 58.8, "Loyal": 32.0, "Promising": 9.4, "Cannot Lose Them": 8.4, "New Customers": 7.2, "Lost": 7.0,
    }  # fmt: skip
    assert {name: round(100 * found[name].share, 1) for name in published} == published
    assert round(100 * cdnow_test.base.share, 1) == 22.8
    assert cdnow_test.base.customers == sum(outcome.customers for outcome in cdnow_test.outcomes) == 23_570


def test_cdnow_names_that_promise_too_much(cdnow_test):
    assert cdnow_test.lowest == "Lost"
    assert {"New Customers", "Cannot Lose Them"} <= set(cdnow_test.like_lost)
    assert not {"Champions", "Loyal", "Lost"} & set(cdnow_test.like_lost)
    assert cdnow_test.p_value < 1e-6


def test_cdnow_segments_explain_what_was_published(cdnow_test):
    """23.2 % is on record; here 23.15."""
    assert cdnow_test.explained[0].way == "segments"
    assert cdnow_test.explained[0].share == pytest.approx(0.232, abs=0.001)
    assert [(each.way, each.groups) for each in cdnow_test.explained[1:]] == [
        ("recency", 11),
        ("clusters", 4),
        ("recency", 4),
    ]


def test_outcomes_are_those_of_the_lines(cdnow, cdnow_test):
    lines = shops.cdnow().engine.arrow("select customer_id, day, amount from transactions").to_pandas()
    later = lines[pd.to_datetime(lines["day"]) >= pd.Timestamp(1998, 1, 1)]
    known = set(lines.loc[pd.to_datetime(lines["day"]) < pd.Timestamp(1998, 1, 1), "customer_id"])
    since = later[later["customer_id"].isin(known)]
    assert cdnow_test.base.transactions == len(since) == sum(o.transactions for o in cdnow_test.outcomes)
    assert cdnow_test.base.monetary == pytest.approx(float(since["amount"].sum()))
    assert cdnow_test.base.returned == since["customer_id"].nunique()
    days = lines.groupby("customer_id")["day"].nunique().to_numpy()
    assert cdnow.frame["days"].to_numpy().tolist() == days.tolist()


SHOP = pd.DataFrame(
    [
        ("a", "2023-01-01", 10.0, False), ("a", "2023-12-31", 20.0, False), ("a", "2024-01-01", 5.0, False),
        ("a", "2024-01-01", 6.0, False), ("a", "2024-06-30", -2.0, True), ("b", "2023-05-05", 7.0, False),
        ("b", "2024-02-01", -7.0, True), ("c", "2024-03-03", 9.0, False),
    ],
    columns=["customer_id", "day", "amount", "is_refund"],
)  # fmt: skip
AS_OF = date(2024, 7, 1)


def test_the_day_of_the_cut_is_what_came_next_and_a_refund_is_no_return():
    past = looked_back(shops.ledger(SHOP, as_of=AS_OF))
    assert past.span.cut == date(2024, 1, 1)
    frame = past.frame
    assert frame["known"].tolist() == [True, True, False]
    assert frame["transactions"].tolist() == [2, 0, 1]
    assert frame["worth_cents"].tolist() == [900, -700, 900]
    assert frame["days"].tolist() == [3, 1, 1]
    assert frame["days_then"].tolist() == [2, 1, 0]
    assert frame["days_before"].tolist() == [1, 0, 0]
    assert frame["last_then"].tolist() == [364, 0, 0]
    assert frame["repeat_cents"].tolist() == [3100, 0, 0]
    assert past.kept == pytest.approx((57 - 9) / 57)
    base = backtest(past, None, 1, 1).base
    assert (base.customers, base.returned, base.transactions, base.monetary) == (2, 1, 2, 2.0)


def test_gross_money_counts_no_refund():
    past = looked_back(shops.ledger(SHOP, as_of=AS_OF, policy="gross"))
    assert past.frame["worth_cents"].tolist() == [1100, 0, 900]
    assert past.kept == 1.0


def test_names_of_then_know_nothing_of_later():
    """The same customers, whatever they did after the cut."""
    quiet = SHOP[SHOP["day"] < "2024-01-01"]
    there = pd.concat([quiet, pd.DataFrame([("z", "2024-06-30", 1.0, False)], columns=SHOP.columns)])
    loud, still = (looked_back(shops.ledger(rows, as_of=AS_OF)) for rows in (SHOP, there))
    assert loud.segment.tolist() == still.segment.tolist()
    assert loud.values.tolist() == still.values.tolist()


def test_coupons_are_counted_on_the_day_of_burning():
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "c"],
            "day": ["2023-01-01", "2023-12-30", "2023-06-01", "2023-07-01"],
            "is_burned": [True, True, True, False],
            "burn_day": ["2023-02-01", "2024-01-01", "2023-12-31", None],
        }
    )
    rows = pd.concat([rows, pd.DataFrame([{"customer_id": "c", "day": "2024-06-30", "is_burned": False}])])
    past = looked_back(shops.ledger(rows, as_of=AS_OF))
    base = backtest(past, None, 1, 1).base
    assert (base.customers, base.returned, base.monetary, base.burned) == (3, 1, 1.0, 1)


@pytest.mark.parametrize(
    ("first", "months", "found"),
    [("2023-01-01", 0, 6), ("2023-01-02", 0, 3), ("2023-10-01", 0, 3), ("2023-10-02", 0, None), ("2024-04-01", 1, 1)],
)
def test_the_horizon_is_the_longest_that_the_record_allows(first, months, found):
    rows = pd.DataFrame([("a", first, 1.0), ("a", "2024-06-30", 1.0)], columns=["customer_id", "day", "amount"])
    span = span_of(shops.ledger(rows, as_of=AS_OF), BacktestSettings(months))
    assert (span.months if span else None) == found


def test_too_few_customers_give_no_backtest():
    assert looked_back(shops.ledger(SHOP, as_of=AS_OF), least=3) is None


def test_explained_is_eta_squared():
    """Held against scipy's F of an analysis of variance: eta² = F (k - 1) / (F (k - 1) + n - k)."""
    draw = np.random.default_rng(3)
    groups = draw.integers(0, 5, 2_000)
    returned = draw.random(2_000) < 0.1 + 0.15 * groups
    found = explained("segments", groups, returned)
    f = f_oneway(*(returned[groups == each].astype(float) for each in range(5))).statistic
    assert found.share == pytest.approx(f * 4 / (f * 4 + 1_995))
    assert found.adjusted == pytest.approx(1 - (1 - found.share) * 1_999 / 1_995)


def test_random_groups_explain_nothing_on_average():
    draw = np.random.default_rng(8)
    returned = draw.random(500) < 0.3
    found = [explained("recency", draw.integers(0, 20, 500), returned) for _ in range(200)]
    assert np.mean([each.share for each in found]) == pytest.approx(19 / 499, rel=0.1)
    assert np.mean([each.adjusted for each in found]) < 0.01


def test_all_or_nobody_returns():
    groups = np.array([0, 0, 1, 1])
    assert explained("segments", groups, np.ones(4, dtype=bool)).share == 0.0
    assert explained("segments", groups, np.array([True, True, False, False])).share == 1.0


def test_planted_clusters_are_found_and_the_seed_fixes_them():
    draw = np.random.default_rng(2)
    places = np.repeat([[3.0, 40.0, 900.0], [300.0, 2.0, 20.0], [30.0, 9.0, 150.0]], 200, axis=0)
    values = places * draw.uniform(0.9, 1.1, places.shape)
    labels = clusters_then(values, 3, 1)
    assert len({tuple(labels[i : i + 200]) for i in (0, 200, 400)}) == 3
    assert all(len(set(labels[i : i + 200])) == 1 for i in (0, 200, 400))
    assert labels.tolist() == clusters_then(values, 3, 1).tolist()
    assert clusters_then(values[:1].repeat(5, axis=0), 2, 1) is None


def test_small_names_are_not_compared(cdnow):
    found = backtest(cdnow, None, 1_000, 1)
    assert "At Risk" not in found.like_lost
    assert backtest(cdnow, None, 10**6, 1).lowest == ""
    assert np.isnan(backtest(cdnow, None, 10**6, 1).p_value)


def test_names_given_by_lot_are_told_to_mean_nothing(cdnow):
    lot = np.random.default_rng(1).permutation(cdnow.segment)
    found = backtest(replace(cdnow, segment=lot), None, 30, 1)
    assert found.p_value > 0.01
    assert found.explained[0].adjusted < 0.001
    assert len(found.like_lost) >= 8


def test_the_better_forecast_is_named():
    draw = np.random.default_rng(6)
    rate = draw.gamma(1.0, 2.0, 3_000)
    came, before = draw.poisson(rate).astype(float), draw.poisson(rate).astype(float)
    segment = np.zeros(3_000, dtype="int8")
    mean = np.full(3_000, before.mean())
    named = (segment, ("All",))
    assert judge(came, rate, (before, mean), named).verdict == "better"
    assert judge(came, before, (before, mean), named).verdict != "better"
    assert judge(came, 3 * rate, (before, mean), named).verdict == "worse"
    knowing = judge(came, rate, (before, mean), named)
    assert knowing.calibration["came"].tolist() == [came.mean()]
    assert knowing.forecasts[0].rmse == pytest.approx(np.sqrt(np.mean((rate - came) ** 2)))
