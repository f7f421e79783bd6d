"""Sums of distances to clusters: those of all distances, whatever the partitions have in common."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from reporter.analysis import sums
from reporter.analysis.sums import ClusterSums

POINTS = 700


def cloud(rows: int = POINTS) -> np.ndarray:
    return np.random.default_rng(7).normal(size=(rows, 4))


def partitions(points: int) -> list[np.ndarray]:
    """Two that have nothing in common, one that joins clusters of another, one with noise, one that is nothing but noise, and one of very many clusters."""
    rng = np.random.default_rng(3)
    six = rng.integers(0, 6, size=points)
    noisy = rng.integers(-1, 3, size=points)
    return [six, six // 2, rng.integers(0, 4, size=points), noisy, np.full(points, -1), np.arange(points) // 2]


def expected(x: np.ndarray, at: np.ndarray, weight: np.ndarray, labels: np.ndarray) -> np.ndarray:
    apart = cdist(x, x[at]) * weight
    return np.column_stack([apart[:, labels == each].sum(axis=1) for each in range(labels.max() + 1)] or [apart[:, :0]])


def in_strips(found: ClusterSums) -> list[np.ndarray]:
    strips: Sequence[slice] = found.strips()
    assert [strip.start for strip in strips[1:]] == [strip.stop for strip in strips[:-1]]
    return [np.vstack(parts) for parts in zip(*map(found.of, strips), strict=True)]


@pytest.mark.parametrize("dense", [0, 4_000_000])
def test_sums_are_those_of_all_distances(dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "_DENSE", dense)
    monkeypatch.setattr(sums, "_SUMS", 50_000)
    x, weight = cloud(), np.random.default_rng(5).integers(1, 9, size=POINTS).astype("float64")
    labelings = partitions(POINTS)
    found = ClusterSums(x, np.arange(POINTS), weight, labelings)
    assert found.counts == (6, 3, 4, 3, 0, POINTS // 2)
    for labels, own in zip(labelings, in_strips(found), strict=True):
        np.testing.assert_allclose(own, expected(x, np.arange(POINTS), weight, labels), rtol=1e-12)


def test_customers_of_one_summary_point_may_be_in_several_clusters() -> None:
    x, at = cloud(40), np.random.default_rng(11).integers(0, 40, size=POINTS)
    weight, labelings = np.ones(POINTS), partitions(POINTS)
    for labels, own in zip(labelings, in_strips(ClusterSums(x, at, weight, labelings)), strict=True):
        np.testing.assert_allclose(own, expected(x, at, weight, labels), rtol=1e-12)


@pytest.mark.parametrize("features", [1, 4])
def test_in_single_precision_sums_are_right_to_six_digits(features: int) -> None:
    x, weight = cloud()[:, :features], np.random.default_rng(5).integers(1, 9, size=POINTS).astype("float64")
    labelings = partitions(POINTS)
    found = ClusterSums(x.astype("float32"), np.arange(POINTS), weight, labelings)
    for labels, own in zip(labelings, in_strips(found), strict=True):
        np.testing.assert_allclose(own, expected(x, np.arange(POINTS), weight, labels), rtol=1e-6, atol=1e-6)


SHARED = """
import numpy as np
from reporter.analysis.indices import silhouette_widths
from reporter.analysis.threads import one_thread
from reporter.document.press import Press

rng = np.random.default_rng(1)
x, labelings = rng.normal(size=(3_000, 4)), [rng.integers(0, 200, size=3_000) for _ in range(5)]
with one_thread():
    alone = silhouette_widths(x, np.ones(3_000), labelings)
    with Press(workers=2) as press:
        asked = []

        def aside(function, *args):
            asked.append(len(args[-1]))
            return press.submit(function, *args)

        shared = silhouette_widths(x, np.ones(3_000), labelings, aside)
assert all(np.array_equal(one, other) for one, other in zip(alone, shared, strict=True))
print(*asked)
"""


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="with one processor nothing is shared out")
def test_another_process_takes_half_of_the_strips_and_finds_the_same() -> None:
    answer = subprocess.run([sys.executable, "-c", SHARED], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["15"], "of 30 strips of 100 points"
