"""Clusters that the settings ask for: they are shown and judged, and the verdict stays that on the choice of the rule."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.cluster import DBSCAN
from sklearn.metrics import silhouette_score
from test_evaluate import QUICK, judge, planted, table
from test_features import build, note, people

from reporter.analysis.cluster import dbscan
from reporter.analysis.points import collapse
from reporter.errors import UsageError


@pytest.fixture(scope="module")
def ruled():
    return judge(planted())


@pytest.mark.parametrize(("method", "k"), [("auto", 5), ("kmeans", 2), ("ward", 4), ("ward", 0)])
def test_the_clusters_are_those_asked_for_and_the_verdict_is_on_those_of_the_rule(ruled, method, k):
    found = judge(planted(), replace(QUICK, method=method, k=k))
    assert found.chosen.partition.k == (k or 3) == found.cluster.max()
    assert found.chosen.partition.method == ("kmeans" if method == "auto" else method)
    assert (found.ruled.partition.method, found.ruled.partition.k) == ("kmeans", 3)
    assert found.verdict == ruled.verdict
    assert found.steps.equals(ruled.steps)
    assert found.chosen.null_silhouette is not None
    assert found.chosen.stability is not None
    assert sum(c is found.chosen for c in found.candidates) == 1
    assert sum(c is found.ruled for c in found.candidates) == 1


def test_what_is_asked_for_is_judged_like_any_other_partition():
    found = judge(planted(), replace(QUICK, method="ward", k=4))
    matrix = table(planted())[0].matrix
    labels = found.chosen.partition.labels
    assert found.chosen.silhouette == pytest.approx(silhouette_score(matrix, labels))
    assert found.profiles["customers"].tolist() == [int((found.cluster == c).sum()) for c in (1, 2, 3, 4)]
    assert found.blades["cluster"].nunique() == 4


def test_asking_for_what_the_rule_takes_changes_nothing(ruled):
    found = judge(planted(), replace(QUICK, method="kmeans", k=3))
    assert found.chosen is found.ruled
    assert (found.cluster == ruled.cluster).all()
    assert found.chosen.silhouette == ruled.chosen.silhouette


def test_a_number_that_these_customers_do_not_allow_is_refused():
    few = np.repeat(np.arange(24).reshape(8, 3) ** 2 * 1.0, 20, axis=0)
    with pytest.raises(UsageError, match="8 clusters cannot be made: these customers allow 2 to 6") as refusal:
        judge(few, replace(QUICK, k=8))
    assert refusal.value.problems[0].where == "cluster.k"


@pytest.mark.parametrize("eps", [0.25, 0.6])
def test_a_radius_that_is_set_is_that_of_dbscan(eps):
    points = collapse(table(planted())[0].matrix)
    found, curve = dbscan(points, eps)
    assert (curve.eps, curve.bend) == (eps, dbscan(points)[1].eps)
    theirs = DBSCAN(eps=eps, min_samples=curve.min_samples).fit(points.x)
    core = theirs.core_sample_indices_
    assert found.partitions[0].k == theirs.labels_.max() + 1
    assert (found.partitions[0].at[core] >= 0).all()
    assert int((found.partitions[0].at < 0).sum()) == int((theirs.labels_ < 0).sum())


def test_values_are_clipped_as_far_out_as_is_set():
    giant = people().assign(monetary=lambda frame: frame["monetary"].where(frame.index != 7, 1e7))
    usual, tight, never = (build(giant, clip=clip) for clip in (5.0, 2.0, 0.0))
    assert note(usual, "monetary").winsorised == 1
    assert note(tight, "monetary").winsorised > 1
    assert note(never, "monetary").winsorised == 0
    place = never.names.index("monetary")
    logs = np.log1p(giant["monetary"].to_numpy())
    assert np.allclose(never.matrix[:, place], (logs - logs.mean()) / logs.std())
    assert np.abs(tight.matrix[:, place]).max() < np.abs(usual.matrix[:, place]).max() < 12
