"""The room as a whole: accounts, tiny shops, segments."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shops

from reporter.analysis import analyse as analyse_room
from reporter.analysis import fit as fit_room
from reporter.analysis.aggregate import aggregate
from reporter.analysis.analyse import analyse, check_accounts
from reporter.analysis.rfm import load_grid, score
from reporter.analysis.settings import AnalysisSettings, ClusterSettings, FeatureSettings, RfmSettings
from reporter.aside import at_once
from reporter.errors import UsageError

QUICK = AnalysisSettings(cluster=ClusterSettings(k_max=4, null_draws=4, bootstraps=4))


@pytest.fixture(scope="module")
def r_report():
    return analyse(shops.r_orders(), QUICK)


@pytest.fixture(scope="module")
def report():
    return analyse(shops.workbook(date(2024, 10, 9)), QUICK)


def tiny(rows, **columns):
    frame = pd.DataFrame(rows, columns=["customer_id", "day", *columns])
    return analyse(shops.ledger(frame, as_of=date(2024, 4, 1)), QUICK)


def test_one_customer():
    found = tiny([("a", "2024-01-05", 3.0)], amount=float)
    assert len(found.customers) == 1
    assert found.clustering.verdict.reason == "too few"
    assert sum(segment.customers for segment in found.segments) == 1


def test_two_customers_and_many_equal_ones():
    assert len(tiny([("a", "2024-01-05", 3.0), ("b", "2024-01-05", 3.0)], amount=float).segments) == 1
    equal = tiny([(f"c{i:03d}", "2024-01-05", 3.0) for i in range(100)], amount=float)
    assert equal.clustering.candidates == ()
    assert equal.features.names == ()
    assert len(equal.segments) == 1
    assert equal.scorecard.levels == {"recency_days": 1, "frequency": 1, "monetary": 1}


def test_only_refunds():
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "day": ["2024-01-05", "2024-01-09"],
            "amount": [-3.0, -2.0],
            "is_refund": [True, True],
        }
    )
    found = analyse(shops.ledger(frame, as_of=date(2024, 4, 1)), QUICK)
    assert (found.overview.prospects, found.overview.scored, found.overview.refunds) == (2, 0, 2)
    assert found.overview.monetary == -5.0
    assert found.segments == ()
    assert len(found.customers) == len(found.sample) == 0


def test_coupons_never_burned():
    frame = pd.DataFrame({"customer_id": ["a", "b"], "day": ["2024-01-05", "2024-01-09"], "is_burned": [False, False]})
    found = analyse(shops.ledger(frame, as_of=date(2024, 4, 1)), QUICK)
    assert found.overview.coupons.burn_rate == 0.0
    assert found.overview.coupons.median_days is None
    assert found.overview.concentration is None


def test_money_that_cancels_out():
    rows = pd.DataFrame(
        {"customer_id": list("aab"), "day": "2024-01-05", "amount": [5.0, -5.0, 0.0], "is_refund": [False, True, False]}
    )
    found = analyse(shops.ledger(rows, as_of=date(2024, 4, 1)), QUICK)
    assert found.overview.monetary == 0.0
    assert all(segment.monetary_share == 0.0 for segment in found.segments)


def test_a_broken_account_is_our_fault(r_report):
    aggregates = aggregate(r_report.ledger)
    card = score(aggregates.customers, load_grid(RfmSettings()))

    def check(aggregates=aggregates, segments=r_report.segments, clustering=r_report.clustering):
        return check_accounts(r_report.ledger, aggregates, card, segments, clustering)

    assert all(each.found == each.due for each in check())
    with pytest.raises(AssertionError, match=r"transactions of the customers.*4906 instead of 4907"):
        check(replace(aggregates, transactions=4907))
    with pytest.raises(AssertionError, match="money of the customers"):
        check(replace(aggregates, cents=1))
    with pytest.raises(AssertionError, match="scored customers"):
        check(replace(aggregates, buyers=1))
    with pytest.raises(AssertionError, match="customers of the segments"):
        check(segments=r_report.segments[1:])
    if r_report.clustering.chosen is not None:
        with pytest.raises(AssertionError, match="customers of the clusters"):
            check(clustering=replace(r_report.clustering, profiles=r_report.clustering.profiles[1:]))


def test_columns_of_the_customer_table(report):
    first = [
        "customer_id",
        "recency_days",
        "frequency",
        "monetary",
        "r_score",
        "f_score",
        "m_score",
        "segment",
        "cluster",
        "outlier",
    ]
    assert report.customers.columns.tolist()[:10] == first
    assert set(report.features.frame.columns) <= set(report.customers.columns)
    assert report.customers["customer_id"].is_monotonic_increasing


def test_every_customer_is_in_one_segment(report):
    assert report.customers["segment"].notna().all()
    assert sum(s.customers for s in report.segments) == 989
    assert sum(s.share for s in report.segments) == pytest.approx(1)
    assert sum(s.monetary_share for s in report.segments) == pytest.approx(1)
    order = [name for name in report.scorecard.grid.order if name in {s.name for s in report.segments}]
    assert [s.name for s in report.segments] == order


def test_segment_figures_are_those_of_their_customers(report):
    for segment in report.segments:
        part = report.customers[report.customers["segment"] == segment.name]
        assert segment.customers == len(part)
        assert segment.transactions == part["frequency"].sum()
        assert segment.median_recency_days == part["recency_days"].median()
        assert segment.burn_rate == pytest.approx(part["monetary"].sum() / part["frequency"].sum())
        gaps = part[part["mean_gap_days"] > 0]
        assert segment.lapsed_share == pytest.approx((gaps["recency_days"] > 2 * gaps["mean_gap_days"]).mean())
        assert segment.months["transactions"].sum() == segment.transactions
        assert segment.months["monetary"].sum() == segment.burned


def test_segment_index_compares_medians_with_all(report):
    champions = report.segments[0].index.set_index("measure")
    assert champions.loc["frequency", "all"] == report.customers["frequency"].median()
    assert champions.loc["frequency", "ratio"] == pytest.approx(
        champions.loc["frequency", "segment"] / champions.loc["frequency", "all"]
    )


def test_people_of_a_segment_are_compared_with_all(report):
    for segment in report.segments:
        for dimension, part in segment.groups.groupby("dimension"):
            assert len(part) <= 5, dimension
            assert part["share"].is_monotonic_decreasing
            assert part["lift"].to_numpy() == pytest.approx((part["share"] / part["all_share"]).to_numpy())
    genders = [row for s in report.segments for row in s.groups.query("dimension == 'gender'")["p_value"]]
    assert min(p for p in genders if not np.isnan(p)) > 0.01


def test_the_sample_is_bounded_and_does_not_depend_on_order():
    found = analyse(
        shops.cdnow(date(1997, 4, 1)), replace(QUICK, features=FeatureSettings(include=("recency_days", "frequency")))
    )
    assert len(found.sample) == 2000
    assert found.sample["customer_id"].is_monotonic_increasing
    assert {"x", "y"} <= set(found.sample.columns)


@pytest.mark.parametrize("is_early", [True, False])
def test_few_customers_are_clustered_beside_the_engine_and_many_after_it_without_changing_a_number(
    r_report, monkeypatch, is_early
):
    events, free = [], analyse_room.release

    def release(ledger):
        events.append("release")
        free(ledger)

    def aside(function, *args):
        events.append(function.__name__)
        return at_once(function, *args)

    monkeypatch.setattr(analyse_room, "release", release)
    monkeypatch.setattr(analyse_room, "FEW", len(r_report.customers) - (not is_early))
    found = analyse(shops.r_orders(), QUICK, aside=aside)
    assert (events.index("kmeans_null") < events.index("release")) == is_early
    pd.testing.assert_frame_equal(found.customers, r_report.customers)
    assert found.clustering.verdict == r_report.clustering.verdict


@pytest.mark.parametrize("is_early", [True, False])
def test_dbscan_of_very_few_customers_runs_beside_the_engine_and_of_more_after_it(r_report, monkeypatch, is_early):
    events, free = [], analyse_room.release
    monkeypatch.setattr(analyse_room, "release", lambda ledger: (events.append("release"), free(ledger)))
    monkeypatch.setattr(fit_room, "VERY_FEW", len(r_report.customers) - (not is_early))

    def aside(function, *args):
        events.append(function.__name__)
        return at_once(function, *args)

    found = analyse(shops.r_orders(), QUICK, aside=aside)
    assert (events.index("dbscan") < events.index("release")) == is_early
    assert events.index("linkage") < events.index("release")
    assert events.count("dbscan") == 1
    pd.testing.assert_frame_equal(found.customers, r_report.customers)


def test_an_unknown_grid_is_refused_before_any_work():
    with pytest.raises(UsageError):
        analyse(None, AnalysisSettings(rfm=RfmSettings("nine")))
