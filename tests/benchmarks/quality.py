"""Are the approximations as good as promised, and the verdicts on campaigns? On planted customers, against exact ways and scikit-learn.

``python -m tests.benchmarks.quality`` prints one line for each measurement; ``main`` returns them. Bounds: silhouette within 0.002 of exact, inertia
within 1.001 of the best of ten KMeans, DBSCAN's adjusted Rand index with the exact one at least 0.995, Ward's sum of squares within 1.05 of exact.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import starmap

import numpy as np

from reporter.analysis import cluster as methods
from reporter.analysis import silhouettes
from reporter.analysis.density import connect, k_distances, knee
from reporter.analysis.indices import adjusted_rand, inertia, silhouette_widths
from reporter.analysis.leaves import summarise
from reporter.analysis.points import Points, collapse
from reporter.analysis.threads import one_thread
from reporter.analysis.ward import cut, linkage
from tests.benchmarks import campaigns

SILHOUETTE, INERTIA, RAND, SQUARES = 0.002, 1.001, 0.995, 1.05
KS = range(2, 11)
CELLS_ABOVE = 50_000
"""Customers above which DBSCAN is measured on cells too: with fewer it never needs them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what, its value, what it must not exceed (or, for agreements, fall below), and whether it holds."""

    name: str
    measured: float
    bound: float
    passed: bool


def shop(customers: int, features: int, seed: int = 0) -> np.ndarray:
    """Scaled features of invented customers, shape (customers, features): recency, orders, money, tenure, burn share, days between orders.

    Three kinds of customers (lapsed, regular, new), whole days and orders with many ties, skewed money: as in the shops that the report is made for.
    """
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, customers, p=[0.5, 0.3, 0.2])
    tenure = np.array([800.0, 900.0, 120.0])[kind] * rng.beta(4, 2, customers)
    orders = 1 + rng.negative_binomial(np.array([1, 4, 1])[kind], np.array([0.5, 0.3, 0.6])[kind])
    recency = 1 + np.minimum(tenure, rng.exponential(np.array([400.0, 40.0, 50.0])[kind]))
    money = np.round(orders * rng.lognormal(3.3, 0.7, customers), 2)
    burned = rng.binomial(orders, rng.beta(2, 3, customers)) / orders
    gap = np.round(tenure / orders)
    raw = [np.log1p(np.round(recency)), np.log1p(orders), np.log1p(money), np.round(tenure), burned, np.log1p(gap)]
    table = np.column_stack(raw[:features])
    return np.asarray((table - table.mean(axis=0)) / table.std(axis=0))


def silhouettes_hold(customers: int, features: int) -> Iterator[Row]:
    """Silhouettes over leaves against all distances, for KMeans and Ward."""
    points = collapse(shop(customers, features))
    leaves = summarise(points.x, points.weight, silhouettes.leaf_limits(features))
    found = methods.kmeans(points, KS, np.random.default_rng(0), leaves[0]).partitions
    found += methods.ward(points, (2, 3, 5, 8), methods.grow(points, leaves[1]).result(), leaves[1])[0].partitions
    labelings = [p.at.astype("int64") for p in found]
    exact = [float(np.average(w, weights=points.weight)) for w in silhouette_widths(points.x, points.weight, labelings)]
    near = silhouettes.summarised(points, labelings, (leaves[0], leaves[1]))
    worst = max(abs((own.value or 0.0) - true) for own, true in zip(near, exact, strict=True))
    yield _at_most(f"silhouette, {customers:,} customers, {features} features: largest error", worst, SILHOUETTE)


def inertia_holds(customers: int, features: int) -> Iterator[Row]:
    """KMeans from leaves against the best of ten of scikit-learn on all customers."""
    from sklearn.cluster import KMeans

    x = shop(customers, features)
    points = collapse(x)
    leaves = summarise(points.x, points.weight, (methods.START_LEAVES,))[0]
    own = methods.kmeans(points, KS, np.random.default_rng(0), leaves).partitions
    ratios = [p.inertia / KMeans(p.k, n_init=10, random_state=0).fit(x).inertia_ for p in own]
    yield _at_most(f"inertia, {customers:,} customers, {features} features: worst ratio", max(ratios), INERTIA)


def density_holds(customers: int, features: int) -> Iterator[Row]:
    """DBSCAN as it is run for so many customers, and on cells of a quarter of eps as for more of them, against no cells."""
    points = collapse(shop(customers, features))
    least = max(2 * features, 5)
    distances = np.sort(k_distances(points.x, points.weight, least))
    eps = float(distances[knee(np.arange(len(distances)) / len(distances), distances)])
    exact = connect(points.x, points.weight, (eps, least), sys.maxsize)
    for parts in ((0, 4), (4,)) if customers > CELLS_ABOVE else ((0, 4),):
        near = connect(points.x, points.weight, (eps, least), methods.PAIR_LIMIT, parts)
        agreement = adjusted_rand(exact.labels + 1, near.labels + 1, points.weight)
        name = f"DBSCAN, {customers:,} customers, {features} features, {near.points:,} points: agreement"
        yield Row(name, agreement, RAND, agreement >= RAND)


def ward_holds(customers: int, features: int) -> Iterator[Row]:
    """Ward on leaves, as for more customers, against the exact tree."""
    points = collapse(shop(customers, features))
    leaves = summarise(points.x, points.weight, (methods.WARD_LEAVES,))[0]
    near, exact = linkage(leaves.mean, leaves.mass), linkage(points.x, points.weight)
    ratios = [_squares(points, cut(near, k)[leaves.index]) / _squares(points, cut(exact, k)) for k in KS]
    yield _at_most(f"Ward, {customers:,} customers, {features} features: worst ratio", max(ratios), SQUARES)


def _squares(points: Points, labels: np.ndarray) -> float:
    return inertia(points.x, points.weight, labels)


def _at_most(name: str, measured: float, bound: float) -> Row:
    return Row(name, measured, bound, measured <= bound)


def measure(quick: bool = False) -> Iterator[Row]:
    """All measurements, one after the other; `quick`: only those of 16,000 customers."""
    sizes = (
        (silhouettes_hold, (16_000, 30_000)),
        (ward_holds, (30_000, 40_000)),
        (density_holds, (16_000, 91_000)),
        (inertia_holds, (16_000, 91_000)),
    )
    with one_thread():
        for hold, customers in sizes:
            for size in customers[:1] if quick else customers:
                for features in (3, 6):
                    yield from hold(size, features)
    yield from starmap(Row, campaigns.measure(100 if quick else 1_000))


def main(quick: bool = False) -> list[Row]:
    """All measurements."""
    return list(measure(quick))


if __name__ == "__main__":
    failed = 0
    for row in measure("--quick" in sys.argv):
        print(f"{'ok  ' if row.passed else 'FAIL'} {row.name} {row.measured:.5f} (bound {row.bound})", flush=True)
        failed += not row.passed
    sys.exit(1 if failed else 0)
