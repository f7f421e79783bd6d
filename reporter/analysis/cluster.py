"""KMeans, DBSCAN and Ward on the same points: partitions only; judging them is `evaluate`'s work.

All three work on weighted points, which is exact. Where even those are too many, KMeans starts on a summary (`leaves`) and goes on with all points,
Ward works on 20,000 leaves, and DBSCAN on cells of a quarter of eps. A `Way` tells what was done and what it may cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.kmeans import sweep
from reporter.analysis.leaves import Leaves
from reporter.analysis.points import Points
from reporter.analysis.refine import refine
from reporter.analysis.ward import Linkage, cut, linkage
from reporter.aside import Aside, at_once

Method = Literal["kmeans", "ward", "dbscan"]


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """One way to split the customers.

    Attributes
    ----------
    k : int
        Clusters, without noise.
    at : numpy.ndarray of int, shape (n_points,)
        Label of each point, 0..k-1, ordered by cluster size (largest 0; ties by centre); -1 is DBSCAN noise.
    index : numpy.ndarray of int, shape (n_customers,)
        Point of each customer.
    """

    method: Method
    k: int
    at: np.ndarray
    index: np.ndarray
    inertia: float

    @property
    def labels(self) -> np.ndarray:
        """Label of each customer, shape (n_customers,)."""
        return np.asarray(self.at[self.index])


@dataclass(frozen=True, slots=True)
class Way:
    """How the figures of one step were computed.

    Attributes
    ----------
    step : {"kmeans", "ward", "dbscan", "silhouette", "null", "stability"}
    basis : {"all", "refined", "leaves", "cells", "sample"}
        ``all``: every distinct customer. ``refined``: starts on a summary, finished on every customer. ``leaves``, ``cells``: on summary points
        that stand for customers who are near each other. ``sample``: on customers drawn by chance.
    points : int
        Points that it ran on (``refined``: that the starts ran on).
    error : float or None
        What that may cost, where it is known. ``ward``: share of all differences (sums of squares) that lies within the summary points.
        ``dbscan``: 1 less the adjusted Rand index with cells a third wider. ``silhouette``: largest change of a KMeans or Ward silhouette when the
        summary is half as fine. ``null``, ``stability``: standard error of the mean over draws, at the chosen k.
    """

    step: Literal["kmeans", "ward", "dbscan", "silhouette", "null", "stability"]
    basis: Literal["all", "refined", "leaves", "cells", "sample"]
    points: int
    error: float | None

    @property
    def exact(self) -> bool:
        """Whether every customer was looked at to the end."""
        return self.basis in ("all", "refined")


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Partitions of one method, and how they were computed."""

    partitions: tuple[Partition, ...]
    way: Way


@dataclass(frozen=True, slots=True, eq=False)
class DensityCurve:
    """How DBSCAN's eps was found.

    `curve` has ``rank`` float (share of customers) · ``distance`` float (to the `min_samples`-th neighbour, sorted), at most 300 rows; `bend` is its knee,
    and `eps` too unless the settings name another.
    """

    curve: pd.DataFrame
    eps: float
    min_samples: int
    bend: float


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """The upper part of Ward's tree.

    `merges` has the last at most 29 merges in scipy's linkage form over leaves 0..p-1: ``left, right`` int · ``height`` float · ``customers`` int; `leaves` = p.
    `points` is the number of points the tree was built on: all distinct customers, or summary points where there are more than 20,000.
    """

    merges: pd.DataFrame
    leaves: int
    points: int


EXACT_POINTS = 10_000
"""Distinct customers up to which KMeans and silhouettes need no summary."""
WARD_LIMIT = 20_000
"""Distinct customers up to which Ward's tree is exact."""
WARD_LEAVES = 20_000
"""Summary points that it stands on above."""
START_LEAVES = 4_000
"""Summary points that the restarts of KMeans run on."""
TREE_LEAVES = 30
PAIR_LIMIT = 8_000_000
"""Neighbour pairs that DBSCAN may hold in memory."""
WIDER = 4 / 3
"""Cells so much wider tell how much the groups of DBSCAN owe to the width of its cells."""
CURVE_ROWS = 300


def kmeans(points: Points, ks: Sequence[int], rng: np.random.Generator, start: Leaves | None = None) -> Found:
    """Best of ten KMeans for each k.

    Parameters
    ----------
    start : Leaves, optional
        Summary of the points on which the ten restarts run; the best of them then goes on with all points until its centres stand still.
    """
    if start is None:
        fits = sweep(points.x, points.weight, ks, rng)
    else:
        starts = sweep(start.mean, start.mass, ks, rng)
        fits = {k: refine(points.x, points.weight, starts[k].centres) for k in ks}
    found = tuple(Partition("kmeans", k, by_size(fits[k].labels, points), points.index, fits[k].inertia) for k in ks)
    return Found(
        found,
        Way("kmeans", "all" if start is None else "refined", len(points.x if start is None else start.mass), None),
    )


def grow(points: Points, summary: Leaves | None = None, aside: Aside = at_once) -> Future[Linkage]:
    """Build Ward's tree, perhaps elsewhere.

    Parameters
    ----------
    summary : Leaves, optional
        The tree is built on these instead of the points; all customers of a leaf then go the same way.
    """
    return aside(linkage, points.x, points.weight) if summary is None else aside(linkage, summary.mean, summary.mass)


def ward(points: Points, ks: Sequence[int], merges: Linkage, summary: Leaves | None = None) -> tuple[Found, Tree]:
    """Ward's partitions for each k, and the upper part of the tree, as `grow` has built it of the same points or summary."""
    from reporter.analysis.indices import inertia

    leaves = len(merges.height) + 1
    found = []
    for k in ks:
        labels = cut(merges, k)
        labels = by_size(labels if summary is None else labels[summary.index], points)
        found.append(Partition("ward", k, labels, points.index, inertia(points.x, points.weight, labels)))
    lost = None if summary is None else summary.lost()
    return Found(tuple(found), Way("ward", "all" if summary is None else "leaves", leaves, lost)), _tree(merges, leaves)


def dbscan(points: Points, radius: float = 0.0) -> tuple[Found, DensityCurve | None]:
    """DBSCAN with eps at the knee of the k-distance curve, or a given `radius`; none when all customers are alike.

    ``min_samples`` is twice the number of features, at least 5 (Sander et al. 1998). Clusters are the connected core points; a border point joins
    the cluster of its nearest core point, so that the order of rows does not matter.
    """
    from reporter.analysis.density import connect, k_distances, knee
    from reporter.analysis.indices import adjusted_rand, inertia

    x, weight = points.x, points.weight
    min_samples = max(2 * x.shape[1], 5)
    distances = k_distances(x, weight, min_samples)
    order = np.argsort(distances, kind="stable")
    place = knee(np.cumsum(weight[order]) / weight.sum(), distances[order])
    bend = float(distances[order][place])
    eps = radius or bend
    if eps <= 0:
        return Found((), Way("dbscan", "all", len(x), None)), None
    found = connect(x, weight, (eps, min_samples), PAIR_LIMIT)
    unlike = None
    if found.parts:
        coarse = connect(x, weight, (eps, min_samples), PAIR_LIMIT, (found.parts / WIDER,))
        unlike = 1 - adjusted_rand(found.labels + 1, coarse.labels + 1, weight)
    labels = by_size(found.labels, points)
    partition = Partition("dbscan", int(labels.max()) + 1, labels, points.index, inertia(x, weight, labels))
    way = Way("dbscan", "cells" if found.parts else "all", found.points, unlike)
    return Found((partition,), way), DensityCurve(_curve(distances[order], weight[order]), eps, min_samples, bend)


def by_size(labels: np.ndarray, points: Points) -> np.ndarray:
    """Labels 0..k-1 of points by cluster size, largest first, ties by centre; -1 stays. As small integers, for there are many partitions."""
    inside = labels >= 0
    weight, at = np.where(inside, points.weight, 0.0), np.maximum(labels, 0)
    mass = np.bincount(at, weights=weight)
    old = np.flatnonzero(mass)
    if len(old) == 0:
        return labels
    sums = np.stack([np.bincount(at, weights=weight * column) for column in points.x.T])
    order = np.lexsort([*np.round(sums[:, old] / mass[old], 10)[::-1], -mass[old]])
    table = np.full(len(mass), -1, dtype="int16" if len(old) < 2**15 else "int32")
    table[old[order]] = np.arange(len(old))
    return np.asarray(np.where(inside, table[at], table.dtype.type(-1)))


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
