"""What makes a million customers affordable, against the plain ways that it replaces."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import linkage as their_linkage
from sklearn.cluster import KMeans

from reporter.analysis import cluster as methods
from reporter.analysis.cluster import Way
from reporter.analysis.correlation import spearman
from reporter.analysis.density import connect
from reporter.analysis.indices import adjusted_rand, rand_of_table, silhouette_widths
from reporter.analysis.kmeans import sweep
from reporter.analysis.leaves import summarise
from reporter.analysis.memory import check_memory, needed
from reporter.analysis.points import collapse, collapse_codes
from reporter.analysis.refine import refine
from reporter.analysis.silhouettes import leaf_limits, summarised
from reporter.analysis.ward import CHAIN_START, linkage
from reporter.document.narrate import ways
from reporter.document.words import Words
from reporter.errors import ResourceError
from tests.benchmarks.quality import RAND, SILHOUETTE, shop


@pytest.mark.parametrize("features", [1, 3, 6])
def test_collapsed_points_are_the_distinct_rows_in_order(features):
    x = np.random.default_rng(0).poisson(2, (3000, features)).astype(float)
    points = collapse(x)
    values, counts = np.unique(x, axis=0, return_counts=True)
    assert (points.x == values).all()
    assert (points.weight == counts).all()
    assert (points.x[points.index] == x).all()


def test_keys_that_would_overflow_are_ranked_again():
    columns = list(np.random.default_rng(0).normal(size=(8, 4000)))
    place, index = collapse_codes(columns)
    assert len(place) == 4000
    assert (columns[0][place] == np.sort(columns[0])).all()
    assert (place[index] == np.arange(4000)).all()


@pytest.mark.parametrize("k", [2, 5, 9])
def test_refining_ends_where_the_plain_iteration_ends(k):
    x = shop(6000, 3)
    start = x[np.random.default_rng(k).choice(len(x), k, replace=False)]
    own = refine(x, np.ones(len(x)), start)
    theirs = KMeans(k, init=start, n_init=1, tol=0, max_iter=1000, algorithm="lloyd").fit(x)
    assert own.inertia == pytest.approx(theirs.inertia_, rel=1e-6)
    assert np.mean(own.labels == theirs.labels_) > 0.999
    assert own.labels.dtype == np.int8


def test_more_clusters_than_small_labels_hold():
    x = np.arange(400, dtype="float64")[:, None] * 10
    found = sweep(x, np.ones(400), (200,), np.random.default_rng(0), n_init=1)[200]
    assert found.labels.dtype == np.int16
    assert len(np.unique(found.labels)) == 200
    assert (refine(x, np.ones(400), found.centres).labels == found.labels).all()


def test_refined_weights_are_repeated_customers():
    x = np.round(shop(4000, 2), 1)
    points = collapse(x)
    start = points.x[[0, len(points.x) // 2, len(points.x) - 1]]
    assert refine(points.x, points.weight, start).inertia == pytest.approx(refine(x, np.ones(4000), start).inertia)


@pytest.mark.parametrize(
    ("count", "features"), [(CHAIN_START, 3), (CHAIN_START + 1, 3), (1800, 4), (5200, 2), (5200, 6)]
)
def test_ward_of_more_points_than_the_chain_takes_equals_scipy(count, features):
    x = np.random.default_rng(features).normal(size=(count, features))
    own, theirs = linkage(x, np.ones(len(x))), their_linkage(x, "ward")
    assert np.allclose(own.height, theirs[:, 2])
    assert np.allclose(own.mass, theirs[:, 3])


@pytest.mark.parametrize("features", [3, 6])
def test_summarised_silhouettes_are_as_near_as_promised(features):
    points = collapse(shop(12_000, features))
    leaves = summarise(points.x, points.weight, leaf_limits(features))
    found = methods.kmeans(points, (2, 4, 7), np.random.default_rng(0), leaves[0])
    exact = silhouette_widths(points.x, points.weight, [p.at for p in found.partitions])
    near = summarised(points, [p.at for p in found.partitions], (leaves[0], leaves[1]))
    for own, widths in zip(near, exact, strict=True):
        assert own.value == pytest.approx(np.average(widths, weights=points.weight), abs=SILHOUETTE)
        assert own.weight.sum() == 12_000
        assert 0 <= own.error < 0.01


def test_a_leaf_in_two_clusters_counts_in_both():
    x = np.sort(np.random.default_rng(0).normal(size=(500, 1)), axis=0)
    leaves = summarise(x, np.ones(500), (5, 10))
    labels = (np.arange(500) >= 250).astype(int)
    own = summarised(collapse(x), [labels], (leaves[0], leaves[1]))[0]
    assert np.bincount(own.place, weights=own.weight).tolist() == [250, 250]
    assert len(own.widths) == 11


def test_noise_stays_out_of_summarised_silhouettes():
    points = collapse(np.random.default_rng(0).normal(size=(300, 2)))
    leaves = summarise(points.x, points.weight, (20, 40))
    labels = np.where(np.arange(300) < 100, -1, np.arange(300) % 2)
    assert summarised(points, [labels], (leaves[0], leaves[1]))[0].weight.sum() == 200
    assert summarised(points, [np.full(300, -1)], (leaves[0], leaves[1]))[0].value is None


def test_dbscan_on_cells_is_as_near_as_promised():
    x = shop(12_000, 3)
    exact, cells = (connect(x, np.ones(len(x)), (0.15, 6), 10**9, (parts,)) for parts in (0, 4))
    assert cells.points < exact.points
    assert adjusted_rand(exact.labels + 1, cells.labels + 1, np.ones(len(x))) >= RAND


def test_agreement_of_very_many_groups_needs_no_table():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 3000, 9000), rng.integers(0, 3000, 9000)
    table = np.zeros((3000, 3000))
    np.add.at(table, (first, second), 1)
    assert adjusted_rand(first, second, np.ones(9000)) == pytest.approx(rand_of_table(table), abs=1e-12)


def test_rank_correlations_are_those_of_pandas():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.poisson(2, 500), "b": rng.normal(size=500), "c": rng.normal(size=500), "d": 1.0})
    frame["c"] = frame["c"] + frame["a"]
    frame.loc[:300, "b"] = np.nan
    frame.loc[200:400, "c"] = np.nan
    expected = frame.corr(method="spearman", min_periods=3)
    pd.testing.assert_frame_equal(spearman(frame), expected, atol=1e-6, check_exact=False)


def test_too_little_memory_is_told_before_the_work():
    check_memory(1000, 3, needed(1000, 3))
    with pytest.raises(ResourceError) as refused:
        check_memory(5_000_000, 4, 1_000_000_000)
    said = str(refused.value)
    assert "5,000,000 customers" in said
    assert "1,000 MB" in said
    assert "features.include" in said
    assert said.startswith("analysis: scoring and clustering")


WAYS = (
    Way("kmeans", "refined", 4000, None),
    Way("ward", "leaves", 10_000, 0.0012),
    Way("dbscan", "cells", 496_577, 0.0041),
    Way("silhouette", "leaves", 8000, 0.00004),
    Way("null", "sample", 20_000, 0.0021),
    Way("stability", "sample", 20_000, 0.0034),
)


class Told:
    ways = WAYS


class Exact:
    ways = tuple(Way(way.step, "all", 989, None) for way in WAYS)


def test_approximations_are_told_with_their_errors():
    words = Words("en", "", "coupon")
    short = ways.in_short(words, Told).text
    assert "silhouettes to less than 0.0001" in short
    assert "stability to 0.0034" in short
    full = " ".join(said.text for said in ways.in_full(words, Told))
    for figure in ("4,000", "10,000", "0.12", "496,577", "0.0041", "8,000", "20,000", "0.0021"):
        assert figure in full
    assert not re.search(r"[{}]", full)


def test_where_all_is_exact_one_line_says_so():
    words = Words("en", "", "coupon")
    assert not ways.in_short(words, Exact)
    assert [said.text for said in ways.in_full(words, Exact)] == [
        "All figures on natural groups were computed on all customers; none was approximated."
    ]
