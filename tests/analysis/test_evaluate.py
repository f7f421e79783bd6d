"""The verdict, the choice and the description of clusters."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shops
from sklearn.metrics import adjusted_rand_score

import reporter
from reporter.analysis.aggregate import aggregate
from reporter.analysis.evaluate import evaluate
from reporter.analysis.features import FeatureNote, Features, build_features
from reporter.analysis.fit import begin
from reporter.analysis.null import copula_draws
from reporter.analysis.rfm import load_grid, score
from reporter.analysis.rules import describe_clusters
from reporter.analysis.settings import ClusterSettings, FeatureSettings, RfmSettings

QUICK = ClusterSettings(k_max=6, null_draws=8, bootstraps=8)


def table(raw, names=None):
    """Features and scores of a bare matrix; its last column is the money."""
    names = tuple(names or (f"f{i}" for i in range(raw.shape[1])))
    frame = pd.DataFrame(raw, columns=list(names))
    frame.insert(0, "customer_id", [f"c{i:05d}" for i in range(len(raw))])
    matrix = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    notes = tuple(FeatureNote(name, name, "", "none", "kept") for name in names)
    segment = np.where(raw[:, -1] > np.median(raw[:, -1]), "High", "Low")
    scores = pd.DataFrame({"customer_id": frame["customer_id"], "monetary": raw[:, -1], "segment": segment})
    return Features(frame, notes, names, matrix, frame.drop(columns="customer_id").corr()), scores


def judged(features, named, settings):
    return evaluate(begin(features, settings), features, named, settings)


def judge(raw, settings=QUICK):
    features, scores = table(raw)
    return judged(features, (scores, ("High", "Low")), settings)


def planted(seed=0, each=200):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(c, 1, (each, 3)) for c in ((0, 0, 5), (5, 5, 10), (0, 6, 20))])


def shop(ledger):
    customers, grid = aggregate(ledger).customers, load_grid(RfmSettings())
    card = score(customers, grid)
    return build_features(customers, ledger.has, ledger.mode, FeatureSettings()), card.frame, grid.order


@pytest.fixture(scope="module")
def groups():
    return judge(planted())


@pytest.mark.parametrize("as_of", [date(2024, 7, 15), date(2024, 10, 9)])
def test_the_workbook_has_no_natural_groups(as_of):
    features, scores, order = shop(shops.workbook(as_of))
    assert features.names == ("recency_days", "frequency", "monetary", "tenure_days")
    found = judged(features, (scores, order), ClusterSettings())
    assert found.verdict.level == "none"
    assert found.verdict.reason == "null"
    assert found.chosen is not None
    assert np.bincount(found.cluster)[1:].sum() == 989


def test_cdnow_is_weak():
    features, scores, order = shop(shops.cdnow())
    assert judged(features, (scores, order), ClusterSettings()).verdict.level == "weak"


def test_cdnow_log_recency_frequency_monetary_is_weak():
    scores = shop(shops.cdnow())[1]
    logs = np.log1p(scores[["recency_days", "frequency", "monetary"]].to_numpy(float))
    features = table(logs)[0]
    found = judged(features, (scores.assign(segment="Low"), ("Low",)), ClusterSettings())
    assert found.verdict.level == "weak"
    assert found.verdict.reason == "effect"


def test_planted_groups_are_real_and_found(groups):
    assert groups.verdict.level == "real"
    assert groups.chosen.partition.k == 3
    assert adjusted_rand_score(np.repeat([0, 1, 2], 200), groups.cluster) > 0.95


@pytest.mark.parametrize("seed", range(3))
def test_a_random_table_has_no_groups(seed):
    rng = np.random.default_rng(seed)
    skewed = np.log1p(rng.exponential(100, 600).round())
    raw = np.column_stack(
        [skewed, rng.poisson(3, 600) + 1.0, np.log1p(rng.geometric(0.3, 600)), rng.uniform(0, 900, 600).round()]
    )
    assert judge(raw, ClusterSettings(k_max=8)).verdict.level == "none"


def test_one_cloud_is_no_group_however_correlated():
    rng = np.random.default_rng(0)
    raw = rng.multivariate_normal([0, 0, 0], [[1, 0.8, 0.7], [0.8, 1, 0.6], [0.7, 0.6, 1]], 500)
    assert judge(np.exp(raw)).verdict.level == "none"


def test_the_null_keeps_margins_and_rank_correlations():
    rng = np.random.default_rng(0)
    raw = np.exp(rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 2000)).round(1)
    draw = next(copula_draws(raw, np.ones(2000), 1, 2000, rng))
    assert set(draw[:, 0]) <= set(raw[:, 0])
    assert (
        np.abs(np.quantile(draw, [0.1, 0.5, 0.9], axis=0) / np.quantile(raw, [0.1, 0.5, 0.9], axis=0) - 1).max() < 0.12
    )
    assert abs(pd.DataFrame(draw).corr("spearman").iloc[0, 1] - pd.DataFrame(raw).corr("spearman").iloc[0, 1]) < 0.05


def test_the_verdict_falls_with_every_condition():
    raw = planted()
    assert judge(raw, replace(QUICK, effect=0.9)).verdict.reason == "null"
    assert judge(raw, replace(QUICK, effect=0.4)).verdict.reason == "effect"
    unstable = judge(raw, replace(QUICK, stability=1.1))
    assert (unstable.verdict.level, unstable.verdict.reason) == ("weak", "stability")


def test_the_choice_can_be_followed_step_by_step(groups):
    steps = groups.steps
    assert steps["k"].tolist() == [2, 3, 4, 5, 6]
    assert (steps["reason"] == "chosen").sum() == 1
    admitted = steps[steps["admitted"]]
    assert (admitted["smallest_share"] >= QUICK.min_share).all()
    assert (admitted["stability"] >= QUICK.stability).all()
    near = admitted[admitted["effect"] >= admitted["effect"].max() - 0.01]
    assert steps.loc[steps["reason"] == "chosen", "k"].item() == near["k"].min()


def test_a_handful_of_customers_is_not_chosen_as_a_cluster():
    raw = np.concatenate([np.random.default_rng(0).normal(0, 1, (500, 3)), np.full((3, 3), 40.0)])
    found = judge(raw)
    assert found.verdict.level == "none"
    assert found.verdict.reason == "too few"
    assert not found.steps["admitted"].any()


def test_ward_replaces_kmeans_only_where_it_separates_better():
    rng = np.random.default_rng(0)
    raw = np.concatenate([rng.normal((0, 0), (12, 0.4), (350, 2)), rng.normal((0, 9), (1, 0.4), (150, 2))])
    found = judge(raw)
    if found.chosen.partition.method == "ward":
        assert (
            found.chosen.silhouette
            > next(c.silhouette for c in found.candidates if c.partition.k == found.chosen.partition.k) + 0.02
        )
        assert found.chosen.null_silhouette is not None
        assert found.chosen.stability is not None
        assert "replaced" in found.steps["reason"].tolist()
    else:
        assert "chosen" in found.steps["reason"].tolist()


def test_candidates_are_all_there(groups):
    found = [(c.partition.method, c.partition.k) for c in groups.candidates]
    assert found[:10] == [("kmeans", k) for k in range(2, 7)] + [("ward", k) for k in range(2, 7)]
    assert found[10][0] == "dbscan"
    assert all(c.null_low <= c.null_silhouette <= c.null_high for c in groups.candidates[:5])
    assert groups.elbow_k == 3


def test_clusters_are_printed_by_value_not_by_fit(groups):
    assert groups.profiles["cluster"].tolist() == [1, 2, 3]
    assert groups.profiles["f2"].is_monotonic_decreasing
    assert groups.profiles["customers"].sum() == 600
    assert groups.profiles["monetary_share"].sum() == pytest.approx(1)


def test_axes_are_principal_components_with_fixed_signs(groups):
    assert len(groups.projection) == 600
    assert groups.explained[0] >= groups.explained[1]
    assert groups.projection["x"].var(ddof=0) / 3 == pytest.approx(groups.explained[0])
    for axis in ("x", "y"):
        assert groups.loadings[axis].iloc[groups.loadings[axis].abs().argmax()] > 0


def test_blades_are_few_and_fall(groups):
    assert len(groups.blades) <= 400
    for _, blade in groups.blades.groupby("cluster"):
        assert blade["width"].is_monotonic_decreasing
        assert blade["rank"].tolist() == list(range(1, len(blade) + 1))


def test_the_crosstab_counts_everybody_in_grid_order(groups):
    assert groups.crosstab.index.tolist() == ["High", "Low"]
    assert groups.crosstab.to_numpy().sum() == 600
    assert -1 <= groups.agreement <= 1


def test_rules_say_what_they_claim(groups):
    frame = table(planted())[0].frame.drop(columns="customer_id")
    for row in groups.rules.itertuples():
        assert 1 <= len(row.rule) <= 3
        holds = np.ones(len(frame), dtype=bool)
        for name, side, threshold in row.rule:
            assert float(f"{threshold:.2g}") == threshold
            holds &= (frame[name] <= threshold) if side == "<=" else (frame[name] > threshold)
        inside = groups.cluster == row.cluster
        assert row.coverage == pytest.approx((holds & inside).sum() / inside.sum())
        assert row.precision == pytest.approx((holds & inside).sum() / holds.sum())
        assert row.coverage > 0.9
        assert row.precision > 0.9


def test_a_cluster_between_two_others_gets_an_interval():
    value = np.arange(300.0)
    rules = describe_clusters(pd.DataFrame({"v": value}), np.repeat([1, 2, 3], 100))
    middle = rules.set_index("cluster").loc[2]
    assert {side for _, side, _ in middle["rule"]} == {"<=", ">"}
    assert middle["precision"] > 0.9


def test_outliers_are_the_noise_most_extreme_first():
    rng = np.random.default_rng(0)
    raw = np.concatenate([rng.normal(0, 1, (400, 2)), [[30.0, 30.0], [12.0, -12.0]]])
    found = judge(raw)
    assert found.outliers["customer_id"].tolist()[:2] == ["c00400", "c00401"]
    assert found.outlier.sum() == len(found.outliers)
    assert (found.cluster > 0).all()


@pytest.mark.parametrize("n", [0, 1, 2, 49])
def test_too_few_customers_are_not_clustered(n):
    raw = np.random.default_rng(0).normal(size=(max(n, 2), 2))[:n]
    features, scores = table(np.vstack([raw, np.ones((1, 2)), np.zeros((1, 2))]))
    part = replace(features, frame=features.frame.iloc[:n], matrix=features.matrix[:n])
    found = judged(part, (scores.iloc[:n], ("High", "Low")), QUICK)
    assert found.verdict.reason == "too few"
    assert found.candidates == ()
    assert found.chosen is None
    assert len(found.cluster) == len(found.outlier) == len(found.projection) == n


def test_few_distinct_customers_are_not_clustered():
    raw = np.random.default_rng(0).integers(0, 2, (200, 2)).astype(float)
    assert judge(raw).verdict.reason == "too few"


def test_the_same_input_gives_the_same_numbers(groups):
    again = judge(planted())
    assert again.candidates[0].null_silhouette == groups.candidates[0].null_silhouette
    assert again.candidates[3].stability == groups.candidates[3].stability
    assert (again.cluster == groups.cluster).all()


def test_row_order_changes_nothing(groups):
    order = np.random.default_rng(1).permutation(600)
    again = judge(planted()[order])
    assert (again.cluster == groups.cluster[order]).all()
    assert (again.outlier == groups.outlier[order]).all()
    assert [c.silhouette for c in again.candidates] == pytest.approx(
        [c.silhouette for c in groups.candidates], abs=1e-10
    )
    assert again.verdict.level == groups.verdict.level


def test_summarised_silhouettes_are_near_the_exact_ones_and_tell_their_error(groups, monkeypatch):
    monkeypatch.setattr("reporter.analysis.cluster.EXACT_POINTS", 100)
    monkeypatch.setattr("reporter.analysis.cluster.START_LEAVES", 200)
    monkeypatch.setattr("reporter.analysis.silhouettes.FINE_LEAVES", 400)
    monkeypatch.setattr("reporter.analysis.fit.SAMPLE_POINTS", 500)
    found = judge(planted())
    assert groups.chosen.silhouette_error is None
    assert [way.basis for way in groups.ways] == ["all"] * 6
    assert [way.basis for way in found.ways] == ["refined", "all", "all", "leaves", "sample", "sample"]
    assert 0 < found.chosen.silhouette_error < 0.02
    assert found.chosen.silhouette == pytest.approx(groups.chosen.silhouette, abs=0.01)
    assert found.verdict.level == "real"
    assert (found.cluster == groups.cluster).all()


def test_another_process_finds_the_same_bytes():
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_evaluate as t;"
        "found = t.judge(t.planted()); print(found.candidates, found.steps.to_csv(), found.rules.to_csv(), found.profiles.to_csv())"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(Path(reporter.__file__).parents[1]),
                "TZ": zone,
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Kathmandu"))
    ]
    assert printed[0] == printed[1]
    assert "kmeans" in printed[0]
