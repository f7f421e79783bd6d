"""Silhouettes of many partitions of the same points, at any number of points.

Up to 10,000 distinct customers they are exact. Above, customers who are near each other are taken together (`leaves`): every distance runs between
means of leaves. A leaf whose customers are in several clusters is not forced into one: it counts in each of them with the customers that it has there,
both as the one who measures and as what is measured. The same on half as many leaves tells the error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from reporter.analysis.indices import silhouette, silhouette_widths, widths_from_sums
from reporter.analysis.leaves import Leaves
from reporter.analysis.points import Points
from reporter.analysis.sums import ClusterSums
from reporter.analysis.threads import side_by_side
from reporter.aside import Aside, at_once

FINE_LEAVES = 8_000
"""Summary points that the distances run between, up to three features, above twice as many; half as many tell the error."""
DOUBLE_POINTS = 10_000
"""Points up to which distances are in double precision; in single precision, above, a silhouette differs by some 1e-7."""
_FLAT = 3
_DENSE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The silhouette of one partition.

    Attributes
    ----------
    value : float or None
        Mean over the customers that are in a cluster; None with fewer than two clusters.
    error : float or None
        How much `value` changes when the summary is half as fine; None where it is exact.
    widths, weight, place : numpy.ndarray, shape (n_rows,)
        Width of some customers, how many they are, and their label.
    """

    value: float | None
    error: float | None
    widths: np.ndarray
    weight: np.ndarray
    place: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class _Members:
    """Customers of a partition by leaf and cluster: `leaf`, `label` and `mass` of every pair that has some, sorted; `k` clusters."""

    leaf: np.ndarray
    label: np.ndarray
    mass: np.ndarray
    k: int


def leaf_limits(features: int) -> tuple[int, int]:
    """Summary points of the coarser and the finer measurement."""
    fine = FINE_LEAVES if features <= _FLAT else 2 * FINE_LEAVES
    return fine // 2, fine


def exact(points: Points, labelings: Sequence[np.ndarray], aside: Aside = at_once) -> list[Judged]:
    """Silhouettes over all distances, which are quadratic in the points; `aside` works out half of them."""
    found = silhouette_widths(_precise(points.x), points.weight, labelings, aside)
    return [
        Judged(silhouette(widths, points.weight), None, widths, points.weight, labels)
        for widths, labels in zip(found, labelings, strict=True)
    ]


def summarised(
    points: Points, labelings: Sequence[np.ndarray], leaves: tuple[Leaves, Leaves], aside: Aside = at_once
) -> list[Judged]:
    """Silhouettes over leaves, of which the first are coarser and tell the error; `aside` works out half of the distances.

    Parameters
    ----------
    labelings : sequence of numpy.ndarray, shape (n_points,)
        Labels 0..k-1, -1 for noise.
    """
    coarse, fine = leaves
    members = [_members(fine.index, labels, points.weight, len(fine.mass)) for labels in labelings]
    parent = np.empty(len(fine.mass), dtype="int64")
    parent[fine.index] = coarse.index
    merged = [_regrouped(each, parent) for each in members]
    fine_sums, coarse_sums = (
        ClusterSums(_precise(each.mean), each.index, points.weight, labelings) for each in leaves[::-1]
    )
    return [
        Judged(value, None if value is None or rough is None else abs(value - rough), widths, each.mass, each.label)
        for (value, widths), (rough, _), each in zip(
            _over(fine_sums, members, aside), _over(coarse_sums, merged, aside), members, strict=True
        )
    ]


def _precise(x: np.ndarray) -> np.ndarray:
    """Points in the precision that their distances are worked out in: of many in single."""
    return x if len(x) <= DOUBLE_POINTS else x.astype("float32")


def _members(leaf: np.ndarray, labels: np.ndarray, weight: np.ndarray, leaves: int) -> _Members:
    k = int(labels.max(initial=-1)) + 1
    inside = np.flatnonzero(labels >= 0)
    key = leaf[inside].astype("int64") * max(k, 1) + labels[inside]
    if k <= _DENSE:
        mass = np.bincount(key, weights=weight[inside], minlength=leaves * k)
        key = np.flatnonzero(mass)
        mass = mass[key]
    else:
        key, place = np.unique(key, return_inverse=True)
        mass = np.bincount(place, weights=weight[inside])
    return _Members(key // max(k, 1), key % max(k, 1), mass, k)


def _regrouped(members: _Members, parent: np.ndarray) -> _Members:
    """The same customers by coarser leaves."""
    key, place = np.unique(parent[members.leaf] * max(members.k, 1) + members.label, return_inverse=True)
    mass = np.bincount(place, weights=members.mass)
    return _Members(key // max(members.k, 1), key % max(members.k, 1), mass, members.k)


def _over(
    distances: ClusterSums, partitions: Sequence[_Members], aside: Aside
) -> list[tuple[float | None, np.ndarray]]:
    """Mean and widths of every partition; widths go with its pairs of leaf and cluster."""
    masses = [np.bincount(m.label, weights=m.mass) for m in partitions]
    found = side_by_side(partial(_widths_in, distances, masses, partitions), distances.strips(), aside)
    widths = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    return [(silhouette(width, m.mass), width) for m, width in zip(partitions, widths, strict=True)]


def _widths_in(
    distances: ClusterSums, masses: Sequence[np.ndarray], partitions: Sequence[_Members], here: slice
) -> list[np.ndarray]:
    """Widths of the pairs of some leaves, under each partition."""
    found = []
    for m, sums, mass in zip(partitions, distances.of(here), masses, strict=True):
        pairs = slice(*np.searchsorted(m.leaf, (here.start, here.stop)).tolist())
        found.append(widths_from_sums(sums[m.leaf[pairs] - here.start], m.label[pairs], mass))
    return found
