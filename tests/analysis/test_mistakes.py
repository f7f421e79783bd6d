"""The eleven mistakes that analysts made by hand on the demo workbook, and the known pitfalls of RFM: each must be impossible here."""

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shops
from sklearn.metrics import adjusted_rand_score

import reporter.analysis
from reporter.analysis.aggregate import aggregate
from reporter.analysis.analyse import analyse
from reporter.analysis.rfm import load_grid, rank_scores, score
from reporter.analysis.settings import AnalysisSettings, ClusterSettings, FeatureSettings, RfmSettings

ROOM = Path(reporter.analysis.__file__).parent
QUICK = AnalysisSettings(cluster=ClusterSettings(null_draws=6, bootstraps=6))


@pytest.fixture(scope="module")
def report():
    return analyse(shops.workbook(date(2024, 10, 9)), AnalysisSettings())


@pytest.fixture(scope="module")
def early():
    return analyse(shops.workbook(), AnalysisSettings())


def renamed(ledger, seed):
    """The same shop with other customer ids, in another order of rows."""
    engine = ledger.engine
    ids = engine.arrow("select customer_id from customers order by customer_id")["customer_id"].to_pylist()
    new = np.random.default_rng(seed).permutation(len(ids))
    table = pd.DataFrame({"customer_id": ids, "new_id": [f"x{i:05d}" for i in new]})
    t = (
        engine.arrow("select * from transactions")
        .to_pandas()
        .sample(frac=1, random_state=seed)
        .merge(table, on="customer_id")
    )
    c = (
        engine.arrow("select * from customers")
        .to_pandas()
        .sample(frac=1, random_state=seed)
        .merge(table, on="customer_id")
    )
    other = shops.ledger(
        t.drop(columns=["customer_id", *(["amount"] if ledger.mode == "coupon" else [])]).rename(
            columns={"new_id": "customer_id"}
        ),
        c.drop(columns="customer_id").rename(columns={"new_id": "customer_id"}),
        as_of=ledger.as_of,
    )
    return other, dict(zip(table["new_id"], table["customer_id"], strict=True))


def test_mistake_01_fill_values_never_enter_distances(report):
    frame = report.features.frame
    assert frame["mean_days_to_burn"].isna().sum() == 80
    assert {n.name: n.reason for n in report.features.notes}["mean_days_to_burn"] == "missing"
    assert not frame[list(report.features.names)].isna().any().any()
    assert frame.drop(columns="customer_id").min().min() >= 0


@pytest.mark.parametrize("shop", ["report", "early"])
def test_mistake_01_the_never_burned_flag_is_no_cluster(shop, request):
    found = request.getfixturevalue(shop)
    never = (found.features.frame["monetary"] == 0).to_numpy()
    for candidate in found.clustering.candidates:
        assert adjusted_rand_score(never, candidate.partition.labels) < 0.3


def test_mistake_02_ids_and_names_are_no_numbers(report):
    assert set(report.features.names) == {"recency_days", "frequency", "monetary", "tenure_days"}
    other, back = renamed(report.ledger, 3)
    again = analyse(other, AnalysisSettings()).customers
    again = again.assign(customer_id=again["customer_id"].map(back)).sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(again, report.customers)


def test_mistake_03_customers_are_clustered_not_transactions(report):
    assert len(report.customers) == 989
    assert all(len(c.partition.labels) == 989 for c in report.clustering.candidates)
    assert report.clustering.profiles["customers"].sum() == 989


def test_mistake_04_the_day_of_running_plays_no_part(early):
    for file in ROOM.glob("*.py"):
        calls = [node.func for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        called = {function.attr for function in calls if isinstance(function, ast.Attribute)}
        assert not called & {"now", "today", "utcnow", "time"}, file.name
    assert early.customers["recency_days"].sum() == 105749
    assert early.customers["recency_days"].min() == 1


def test_mistake_05_part_years_and_months_are_marked(early):
    assert early.overview.yearly.set_index("year")["partial"].to_dict() == {
        2021: True,
        2022: False,
        2023: False,
        2024: True,
    }
    assert early.overview.monthly["partial"].to_numpy().nonzero()[0].tolist() == [0, 35]
    assert (early.overview.window_end - early.overview.window_start).days + 1 == early.overview.window_days


def test_mistake_06_days_to_burn_are_those_of_burned_coupons(report):
    coupons = report.overview.coupons
    assert coupons.days["coupons"].sum() == 2516
    assert coupons.days["days"].max() == 89
    assert 30 < coupons.median_days < 60


def test_mistake_07_no_sum_is_a_sum_of_ids(report):
    frames = [
        report.customers,
        report.overview.monthly,
        report.overview.yearly,
        *(b.frame for b in report.overview.breakdowns),
    ]
    for frame in frames:
        assert not [
            name for name in frame.columns if name.endswith("_id") and pd.api.types.is_numeric_dtype(frame[name])
        ]
    assert report.overview.monthly["transactions"].sum() == 5000
    assert all(b.frame["transactions"].sum() == 5000 for b in report.overview.breakdowns)


def test_mistake_08_merchants_that_sell_are_counted_apart_from_known_ones(report):
    merchant = next(b for b in report.overview.breakdowns if b.dimension == "merchant")
    assert merchant.active == 8


def test_mistake_09_dates_stay_dates_until_they_are_printed(report):
    assert str(report.overview.monthly["month"].dtype) == "datetime64[s]"
    assert str(report.segments[0].months["month"].dtype) == "datetime64[s]"
    for file in ROOM.glob("*.py"):
        text = file.read_text()
        assert "strftime" not in text
        assert "locale" not in text


def test_mistake_10_a_high_silhouette_of_many_clusters_does_not_win():
    rng = np.random.default_rng(0)
    starts = rng.integers(0, 5, 500)
    rows = [(f"c{i:03d}", 30 * int(start) + day) for i, start in enumerate(starts) for day in range(rng.integers(1, 6))]
    frame = pd.DataFrame(rows, columns=["customer_id", "day"])
    frame["day"] = pd.Timestamp("2023-01-15") + pd.to_timedelta(frame["day"], unit="D")
    only = replace(QUICK, features=FeatureSettings(include=("frequency", "tenure_days")))
    found = analyse(shops.ledger(frame.assign(amount=10.0), as_of=date(2024, 2, 1)), only).clustering
    kmeans = [c for c in found.candidates if c.partition.method == "kmeans"]
    assert max(kmeans, key=lambda c: c.silhouette).partition.k > found.chosen.partition.k
    assert max(c.partition.k for c in found.candidates[: 2 * len(kmeans)]) <= QUICK.cluster.k_max
    assert found.verdict.level == "none"


def test_mistake_11_customers_without_transactions_do_not_vanish(report):
    assert (report.overview.known, report.overview.scored, report.overview.prospects) == (1000, 989, 11)
    city = next(b for b in report.overview.breakdowns if b.dimension == "city")
    assert city.frame["customers"].sum() == 1000


def test_mistake_11_burns_after_the_last_transaction_are_no_negative_days(report):
    assert (report.customers["recency_days"] >= 86).all()
    assert report.overview.burned == 2516
    assert report.overview.monthly["burned"].sum() == 2516


def test_pitfall_stability_alone_does_not_bless_noise(report):
    assert report.clustering.chosen.stability > 0.8
    assert report.clustering.verdict.level == "none"


def test_pitfall_same_values_same_score(report):
    for name in ("recency_days", "frequency", "monetary"):
        assert (report.customers.groupby(name)[f"{name[0]}_score"].nunique() == 1).all()


def test_pitfall_one_time_buyers_share_one_frequency_score():
    card = score(aggregate(shops.cdnow()).customers, load_grid(RfmSettings()))
    assert card.frame.loc[card.frame["frequency"] == 1, "f_score"].unique().tolist() == [1]


def test_pitfall_small_spends_still_get_five_scores():
    spends = np.round(np.random.default_rng(0).uniform(0.04, 1.12, 500) * 100).astype(int)
    assert np.unique(rank_scores(spends, 5)).tolist() == [1, 2, 3, 4, 5]


def test_pitfall_free_orders_count_as_transactions():
    found = aggregate(shops.cdnow())
    assert found.transactions == 69659
    assert (found.customers["monetary"] == 0).sum() == 68


def test_pitfall_outliers_keep_their_segment_and_cluster(report):
    outliers = report.customers[report.customers["outlier"]]
    assert len(outliers) > 0
    assert outliers["segment"].notna().all()
    assert (outliers["cluster"] > 0).all()


def test_pitfall_missing_money_is_never_invented(report):
    assert report.ledger.mode == "coupon"
    assert (
        report.customers["monetary"] == aggregate(report.ledger).customers.query("frequency > 0")["burned"].to_numpy()
    ).all()
    assert all(segment.monetary_per_transaction is None for segment in report.segments)
    assert "monetary" not in {change.name for change in report.overview.changes}


def test_pitfall_scikit_learn_is_not_needed_at_run_time():
    for file in ROOM.rglob("*.py"):
        text = file.read_text()
        assert "import sklearn" not in text
        assert "from sklearn" not in text
        assert "scipy.stats import" not in text
