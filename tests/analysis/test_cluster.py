"""Our weighted methods and indices against scikit-learn and published values."""

import json

import numpy as np
import pytest
import shops
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from sklearn import cluster as reference
from sklearn import datasets, metrics

from reporter.analysis import density as density_room
from reporter.analysis.aggregate import aggregate
from reporter.analysis.cluster import dbscan, grow, kmeans, ward
from reporter.analysis.density import connect, knee
from reporter.analysis.features import build_features
from reporter.analysis.indices import adjusted_rand, silhouette, silhouette_widths, spread_indices
from reporter.analysis.kmeans import sweep
from reporter.analysis.leaves import summarise
from reporter.analysis.points import collapse, on_points
from reporter.analysis.settings import FeatureSettings
from reporter.analysis.ward import cut, linkage

DATA = {"iris": datasets.load_iris().data, "wine": datasets.load_wine().data}


def judged(points, labels):
    at = on_points(labels, points)
    width = silhouette_widths(points.x, points.weight, [at])[0]
    spread = dict(
        zip(("davies_bouldin", "calinski_harabasz"), spread_indices(points.x, points.weight, at), strict=True)
    )
    return {"silhouette": silhouette(width, points.weight), **spread}


def partitions(points, ks, method):
    found = (
        kmeans(points, ks, np.random.default_rng(0))
        if method == "kmeans"
        else ward(points, ks, grow(points).result())[0]
    )
    return found.partitions


def tied(n=400, seed=0):
    """Many customers on few places, as in discrete data."""
    return np.random.default_rng(seed).poisson(3, (n, 3)).astype(float)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("method", ["kmeans", "ward"])
def test_partitions_reach_the_reference(name, k, method):
    truth = json.loads(shops.shared("truths/sklearn_reference.json").read_text())
    expected = truth[f"{name}_raw_{method}_k{k}" + ("_best_of_50" if method == "kmeans" else "")]
    points = collapse(DATA[name])
    found = partitions(points, [k], method)[0]
    for index, value in judged(points, found.labels).items():
        assert value == pytest.approx(expected[index], rel=1e-5, abs=1e-6), index
    if method == "ward":
        assert np.bincount(found.labels).tolist() == expected["sizes_desc"]
    else:
        assert found.inertia == pytest.approx(expected["inertia"], rel=1e-8)


@pytest.mark.parametrize("x", [DATA["iris"], DATA["wine"], tied()], ids=["iris", "wine", "tied"])
@pytest.mark.parametrize("k", [2, 5])
def test_indices_equal_scikit_learn(x, k):
    labels = np.random.default_rng(k).integers(0, k, len(np.unique(x, axis=0)))
    points = collapse(x)
    own = judged(points, labels[points.index])
    theirs = labels[points.index]
    assert own["silhouette"] == pytest.approx(metrics.silhouette_score(x, theirs), abs=1e-9)
    assert own["davies_bouldin"] == pytest.approx(metrics.davies_bouldin_score(x, theirs), rel=1e-9)
    assert own["calinski_harabasz"] == pytest.approx(metrics.calinski_harabasz_score(x, theirs), rel=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60))
def test_adjusted_rand_equals_scikit_learn(pairs):
    first, second = (np.unique(side, return_inverse=True)[1] for side in zip(*pairs, strict=True))
    own = adjusted_rand(first, second, np.ones(len(pairs)))
    assert own == pytest.approx(metrics.adjusted_rand_score(first, second), abs=1e-12)


def test_a_customer_alone_in_its_cluster_has_width_0():
    x = np.array([[0.0], [1.0], [9.0]])
    assert silhouette_widths(x, np.ones(3), [np.array([0, 0, 1])])[0][2] == 0


def test_indices_of_one_cluster_are_undefined():
    points = collapse(tied(50))
    assert set(judged(points, np.zeros(50, dtype=int)).values()) == {None}


@pytest.mark.parametrize(
    ("file", "truth"), [("workbook", "ecommerce"), ("r_orders", "r_rfm_orders"), ("cdnow", "cdnow_master")]
)
def test_kmeans_reaches_the_best_inertia_of_real_shops(file, truth):
    expected = json.loads(shops.shared(f"truths/{truth}.json").read_text())["cluster_reference"]["kmeans"]
    customers = aggregate(getattr(shops, file)()).customers.query("frequency > 0")
    names = ["recency_days", "frequency"] if file == "workbook" else ["recency_days", "frequency", "monetary"]
    logs = np.log1p(customers[names].to_numpy(float))
    points = collapse((logs - logs.mean(axis=0)) / logs.std(axis=0))
    fits = sweep(points.x, points.weight, [int(k) for k in expected], np.random.default_rng(7))
    for k, row in expected.items():
        assert fits[int(k)].inertia <= 1.001 * row["inertia_best_of_10"]
        sizes = sorted(np.bincount(fits[int(k)].labels, weights=points.weight), reverse=True)
        assert np.abs(np.array(sizes) - row["sizes_desc"]).max() <= 0.03 * len(customers)


@pytest.mark.parametrize("truth", ["ecommerce", "r_rfm_orders"])
def test_ward_of_real_shops_is_as_tight_as_the_reference(truth):
    expected = json.loads(shops.shared(f"truths/{truth}.json").read_text())["cluster_reference"]["ward"]
    customers = aggregate(shops.workbook() if truth == "ecommerce" else shops.r_orders()).customers.query(
        "frequency > 0"
    )
    names = ["recency_days", "frequency"] if truth == "ecommerce" else ["recency_days", "frequency", "monetary"]
    logs = np.log1p(customers[names].to_numpy(float))
    points = collapse((logs - logs.mean(axis=0)) / logs.std(axis=0))
    for partition in partitions(points, [int(k) for k in expected], "ward"):
        # Ties may be broken another way, so the spread must agree, not every customer.
        assert (
            judged(points, partition.labels)["calinski_harabasz"]
            >= 0.9 * expected[str(partition.k)]["calinski_harabasz"]
        )


def test_a_converged_kmeans_is_a_fixed_point():
    points = collapse(tied())
    for k, fit in sweep(points.x, points.weight, [2, 4, 7], np.random.default_rng(0)).items():
        means = np.stack(
            [np.average(points.x[fit.labels == c], axis=0, weights=points.weight[fit.labels == c]) for c in range(k)]
        )
        nearest = ((points.x[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
        assert (nearest == fit.labels).all()


def test_weights_are_repeated_customers():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))[rng.integers(0, 40, 120)]
    points = collapse(x)
    assert points.weight.sum() == 120
    assert len(points.x) < 40
    alone = linkage(x, np.ones(120))
    together = linkage(points.x, points.weight)
    assert np.allclose(alone.height[-len(together.height) :], together.height)
    for k in (2, 3, 5):
        assert metrics.adjusted_rand_score(cut(alone, k), cut(together, k)[points.index]) == pytest.approx(1.0)


def test_ward_equals_scipy():
    from scipy.cluster.hierarchy import fcluster
    from scipy.cluster.hierarchy import linkage as theirs

    x = np.random.default_rng(3).normal(size=(300, 4))
    own, expected = linkage(x, np.ones(300)), theirs(x, "ward")
    assert np.allclose(own.height, expected[:, 2])
    assert np.allclose(own.mass, expected[:, 3])
    for k in (2, 5, 20):
        assert metrics.adjusted_rand_score(cut(own, k), fcluster(expected, k, "maxclust")) == 1.0


def test_summary_points_keep_mass_and_mean():
    x = np.random.default_rng(0).normal(size=(5000, 3))
    coarse, fine = summarise(x, np.ones(5000), (50, 100))
    means, mass, index = fine.mean, fine.mass, fine.index
    assert len(means) == 100
    assert mass.sum() == 5000
    assert np.allclose(mass @ means / 5000, x.mean(axis=0))
    spread = ((x - means[index]) ** 2).sum()
    assert fine.mass @ fine.variance == pytest.approx(spread)
    assert fine.lost() == pytest.approx(spread / ((x - x.mean(axis=0)) ** 2).sum())
    assert len(np.unique(index * 50 + coarse.index)) == 100
    assert spread < 0.1 * ((x - x.mean(axis=0)) ** 2).sum()


def test_the_tree_ends_with_everybody_together():
    points = collapse(DATA["iris"])
    tree = ward(points, [2], grow(points).result())[1]
    assert tree.leaves == 30
    assert len(tree.merges) == 29
    assert tree.merges["customers"].iloc[-1] == 150
    assert tree.merges["height"].is_monotonic_increasing
    used = sorted(tree.merges["left"].tolist() + tree.merges["right"].tolist())
    assert used == list(range(58))


@pytest.mark.parametrize(
    "x", [DATA["iris"], tied(), np.random.default_rng(0).normal(size=(500, 2))], ids=["iris", "tied", "normal"]
)
@pytest.mark.parametrize("eps", [0.3, 0.5, 1.0])
def test_dbscan_equals_scikit_learn(x, eps):
    points = collapse(x)
    own = connect(points.x, points.weight, (eps, 5), 10**9).labels[points.index]
    theirs = reference.DBSCAN(eps=eps, min_samples=5).fit(x)
    core = np.zeros(len(x), dtype=bool)
    core[theirs.core_sample_indices_] = True
    assert ((own < 0) == (theirs.labels_ < 0)).all()
    if core.any():
        assert metrics.adjusted_rand_score(own[core], theirs.labels_[core]) == 1.0


@pytest.mark.parametrize(("block", "blocks"), [(1, 7), (50, 3), (10_000, 8)])
def test_dbscan_in_blocks_finds_every_pair_of_neighbours_once(monkeypatch, block, blocks):
    monkeypatch.setattr(density_room, "_LEAST_BLOCK", block)
    monkeypatch.setattr(density_room, "_MOST_BLOCKS", blocks)
    rng = np.random.default_rng(3)
    x = np.unique(np.round(rng.normal(size=(400, 3)) * [1, 4, 2], 1), axis=0)
    pieces = [np.sort(np.column_stack(pair), axis=1) for pair in density_room._neighbours(x, 0.7)]
    found = np.concatenate(pieces)
    expected = cKDTree(x).query_pairs(0.7, output_type="ndarray")
    assert len(found) == len(expected) > 100
    assert {(a, b) for a, b in found.tolist()} == {(a, b) for a, b in np.sort(expected, axis=1).tolist()}
    assert len(pieces) == min(blocks, -(-len(x) // block))


def test_dbscan_in_cells_finds_the_same_clumps():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(c, 0.3, (5000, 2)) for c in ((0, 0), (4, 0), (0, 4))])
    exact = connect(x, np.ones(len(x)), (0.3, 10), 10**9)
    cells = connect(x, np.ones(len(x)), (0.3, 10), 10**6)
    assert (exact.parts, exact.points, exact.labels.max()) == (0, len(x), 2)
    assert (cells.parts, cells.labels.max()) == (4, 2)
    assert cells.points < len(x)
    assert metrics.adjusted_rand_score(exact.labels, cells.labels) > 0.995


def test_a_bound_on_memory_holds_when_everybody_is_near():
    x = np.random.default_rng(0).normal(size=(7000, 2))
    assert (connect(x, np.ones(7000), (5.0, 10), 1000).labels == 0).all()


def test_density_curve_and_eps():
    found, curve = dbscan(collapse(tied()))
    partition = found.partitions[0]
    assert found.way.exact
    assert curve.min_samples == 6
    assert curve.curve["distance"].is_monotonic_increasing
    assert len(curve.curve) <= 300
    assert curve.eps in curve.curve["distance"].to_numpy()
    assert partition.labels.min() >= -1


def test_customers_all_alike_have_no_density():
    found, curve = dbscan(collapse(np.zeros((60, 2))))
    assert found.partitions == ()
    assert curve is None


def test_the_knee_is_farthest_from_the_chord():
    assert knee(np.array([2.0, 3, 4, 5, 6]), np.array([100.0, 30, 25, 22, 20])) == 1
    assert knee(np.array([1.0, 2.0]), np.array([5.0, 5.0])) == 0


@pytest.mark.parametrize("method", ["kmeans", "ward", "dbscan"])
def test_row_order_changes_no_partition(method):
    customers = aggregate(shops.workbook()).customers
    matrix = build_features(customers, frozenset({"coupons", "join_date"}), "coupon", FeatureSettings()).matrix
    order = np.random.default_rng(5).permutation(len(matrix))

    def labels(x):
        points = collapse(x)
        found = dbscan(points)[0].partitions if method == "dbscan" else partitions(points, [4], method)
        return found[0].labels

    assert (labels(matrix[order]) == labels(matrix)[order]).all()


def test_clusters_are_numbered_by_size():
    found = partitions(collapse(DATA["iris"]), [3], "kmeans")[0]
    assert np.bincount(found.labels).tolist() == [62, 50, 38]


def test_a_sampled_start_ends_on_all_points():
    rng = np.random.default_rng(0)
    x = np.unique(np.concatenate([rng.normal(c, 1, (4000, 2)) for c in ((0, 0), (8, 0), (0, 8))]), axis=0)
    fit = sweep(x, np.ones(len(x)), [3], rng)[3]
    assert len(fit.labels) == len(x)
    assert np.ptp(np.bincount(fit.labels)) < 20
