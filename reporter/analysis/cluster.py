"""KMeans, DBSCAN and Ward on the same points: partitions only; judging them is `evaluate`'s work.

All three work on weighted points, which is exact. Where even those are too many, Ward works on at most 3,000 summary points (leaves that are split
where the spread is greatest) and DBSCAN on cells of a quarter of eps; KMeans refines its sampled starts on all points (`kmeans`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.kmeans import sweep
from reporter.analysis.ward import Linkage, cut, linkage, summarise

Method = Literal["kmeans", "ward", "dbscan"]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Equal customers collapsed to weighted points, sorted by value: independent of row order.

    Attributes
    ----------
    x : numpy.ndarray, shape (n_points, n_features)
    weight : numpy.ndarray, shape (n_points,)
        Customers at each point.
    index : numpy.ndarray, shape (n_customers,)
        Point of each customer.
    """

    x: np.ndarray
    weight: np.ndarray
    index: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """One way to split the customers.

    `labels` has shape (n_customers,): 0..k-1, ordered by cluster size (largest 0; ties by centre); -1 is DBSCAN noise. `k` counts clusters without noise.
    """

    method: Method
    k: int
    labels: np.ndarray
    inertia: float


@dataclass(frozen=True, slots=True, eq=False)
class DensityCurve:
    """How DBSCAN's eps was found.

    `curve` has ``rank`` float (share of customers) · ``distance`` float (to the `min_samples`-th neighbour, sorted), at most 300 rows; `eps` is its knee.
    """

    curve: pd.DataFrame
    eps: float
    min_samples: int


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """The upper part of Ward's tree.

    `merges` has the last at most 29 merges in scipy's linkage form over leaves 0..p-1: ``left, right`` int · ``height`` float · ``customers`` int; `leaves` = p.
    `points` is the number of points the tree was built on: all distinct customers, or 3,000 summary points when there are more than 5,000.
    """

    merges: pd.DataFrame
    leaves: int
    points: int


WARD_LIMIT = 5_000
WARD_SUMMARY = 3_000
TREE_LEAVES = 30
PAIR_LIMIT = 5_000_000
"""Neighbour pairs that DBSCAN may hold in memory."""
CURVE_ROWS = 300


def collapse(matrix: np.ndarray) -> Points:
    """Equal rows become one weighted point; points are sorted by value, first feature first."""
    x, index, counts = np.unique(matrix, axis=0, return_inverse=True, return_counts=True)
    return Points(x, counts.astype("float64"), index.reshape(-1))


def kmeans(points: Points, ks: Sequence[int], rng: np.random.Generator) -> tuple[Partition, ...]:
    """Best of ten KMeans for each k."""
    fits = sweep(points.x, points.weight, ks, rng)
    return tuple(Partition("kmeans", k, by_size(fits[k].labels, points)[points.index], fits[k].inertia) for k in ks)


def ward(points: Points, ks: Sequence[int]) -> tuple[tuple[Partition, ...], Tree]:
    """Ward's partitions for each k, and the upper part of the tree."""
    from reporter.analysis.indices import inertia

    x, weight, leaf = points.x, points.weight, np.arange(len(points.x))
    if len(x) > WARD_LIMIT:
        x, weight, leaf = summarise(x, weight, WARD_SUMMARY)
    merges = linkage(x, weight)
    found = []
    for k in ks:
        labels = by_size(cut(merges, k)[leaf], points)
        found.append(Partition("ward", k, labels[points.index], inertia(points.x, points.weight, labels)))
    return tuple(found), _tree(merges, len(x))


def dbscan(points: Points) -> tuple[Partition | None, DensityCurve | None]:
    """DBSCAN with eps at the knee of the k-distance curve; none when all customers are alike.

    ``min_samples`` is twice the number of features, at least 5 (Sander et al. 1998). Clusters are the connected core points; a border point joins
    the cluster of its nearest core point, so that the order of rows does not matter.
    """
    from reporter.analysis.density import connect, k_distances, knee
    from reporter.analysis.indices import inertia

    min_samples = max(2 * points.x.shape[1], 5)
    distances = k_distances(points.x, points.weight, min_samples)
    order = np.argsort(distances, kind="stable")
    place = knee(np.cumsum(points.weight[order]) / points.weight.sum(), distances[order])
    eps = float(distances[order][place])
    if eps <= 0:
        return None, None
    labels = by_size(connect(points.x, points.weight, eps, min_samples, PAIR_LIMIT), points)
    partition = Partition(
        "dbscan", int(labels.max()) + 1, labels[points.index], inertia(points.x, points.weight, labels)
    )
    return partition, DensityCurve(_curve(distances[order], points.weight[order]), eps, min_samples)


def by_size(labels: np.ndarray, points: Points) -> np.ndarray:
    """Labels 0..k-1 by cluster size, largest first, ties by centre; -1 stays."""
    inside = labels >= 0
    old = np.unique(labels[inside])
    mass = np.array([points.weight[labels == c].sum() for c in old])
    centres = np.array([np.average(points.x[labels == c], axis=0, weights=points.weight[labels == c]) for c in old])
    if len(old) == 0:
        return labels
    order = np.lexsort([*np.round(centres, 10).T[::-1], -mass])
    table = np.full(int(old.max()) + 1, -1)
    table[old[order]] = np.arange(len(old))
    return np.where(inside, table[labels], -1)


def on_points(labels: np.ndarray, points: Points) -> np.ndarray:
    """Labels of customers as labels of points."""
    found = np.empty(len(points.x), dtype=labels.dtype)
    found[points.index] = labels
    return found


def _tree(merges: Linkage, points: int) -> Tree:
    leaves = min(TREE_LEAVES, len(merges.height) + 1)
    hidden = len(merges.height) + 1 - leaves
    roots = np.unique(np.concatenate([merges.left[hidden:], merges.right[hidden:]]))
    roots = roots[roots < points + hidden]
    number = {int(node): leaf for leaf, node in enumerate(roots)} | {
        points + hidden + i: leaves + i for i in range(leaves - 1)
    }
    frame = pd.DataFrame(
        {
            "left": [number[int(node)] for node in merges.left[hidden:]],
            "right": [number[int(node)] for node in merges.right[hidden:]],
            "height": merges.height[hidden:],
            "customers": merges.mass[hidden:].astype("int64"),
        }
    )
    return Tree(frame, leaves, points)


def _curve(distances: np.ndarray, weight: np.ndarray) -> pd.DataFrame:
    """Sorted distances against the share of customers, thinned evenly to at most 300 rows, both ends kept."""
    share = np.cumsum(weight) / weight.sum()
    kept = np.unique(np.linspace(0, len(distances) - 1, min(CURVE_ROWS, len(distances))).round().astype(int))
    return pd.DataFrame({"rank": share[kept], "distance": distances[kept]})
