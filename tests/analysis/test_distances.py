"""Sums of distances: right in either precision, however the rows are cut into strips."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

from reporter.analysis.distances import Distances
from reporter.analysis.indices import silhouette_widths


def cloud(rows: int, columns: int = 4) -> np.ndarray:
    return np.random.default_rng(7).normal(size=(rows, columns))


@pytest.mark.parametrize("far", [0.0, 1e4])
@pytest.mark.parametrize(("is_single", "error"), [(False, 1e-13), (True, 5e-6)])
def test_sums_are_those_of_all_distances(is_single: bool, error: float, far: float) -> None:
    """Also of points that lie far from nought, where products alone would lose what little lies between them."""
    x, table = cloud(2_500) + far, np.random.default_rng(3).integers(0, 9, size=(2_500, 5)).astype("float64")
    distances = Distances(x, [table, csr_matrix(table[:, :2])], is_single)
    strips = distances.strips(len(x))
    found = [np.vstack(parts) for parts in zip(*map(distances.summed, strips), strict=True)]
    right = cdist(x, x) @ table
    assert [strip.start for strip in strips[1:]] == [strip.stop for strip in strips[:-1]]
    assert (strips[0].start, strips[-1].stop) == (0, len(x))
    for sums, expected in zip(found, (right, right[:, :2]), strict=True):
        np.testing.assert_allclose(sums, expected, rtol=error)


def test_single_precision_moves_a_width_by_millionths() -> None:
    x, weight = cloud(3_000), np.random.default_rng(5).integers(1, 50, size=3_000).astype("float64")
    labels = (x[:, 0] > 0).astype("int64") + (x[:, 1] > 1)
    (double,), (single,) = (silhouette_widths(x, weight, [labels], is_single) for is_single in (False, True))
    assert not np.array_equal(double, single)
    np.testing.assert_allclose(single, double, atol=5e-6)


def test_a_point_has_no_distance_to_itself_to_speak_of() -> None:
    """Products leave a rest where a point meets itself: it is too little to be seen among sums."""
    x = cloud(50)
    (alone,) = Distances(x, [np.eye(50)], is_single=True).summed(slice(0, 50))
    assert np.diag(alone).max() < 1e-6
