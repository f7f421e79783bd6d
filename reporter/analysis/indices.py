"""Indices of a partition, over weighted points. Lower Davies-Bouldin is better; higher silhouette and Calinski-Harabasz are better.

Sources: Rousseeuw 1987 (silhouette), Davies & Bouldin 1979, Caliński & Harabasz 1974, Hubert & Arabie 1985 (adjusted Rand index). With all
weights 1 the values are those of scikit-learn; a weight of 3 counts as three equal customers. Label -1 is noise and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from reporter.analysis.sums import ClusterSums
from reporter.analysis.threads import side_by_side
from reporter.aside import Aside, at_once

_CELLS = 1_000_000
_BLOCK = 100_000


def silhouette_widths(
    x: np.ndarray, weight: np.ndarray, labelings: Sequence[np.ndarray], aside: Aside = at_once
) -> list[np.ndarray]:
    """Silhouette widths under several partitions of the same points, sharing every distance.

    Parameters
    ----------
    x : numpy.ndarray, shape (n_points, n_features)
    weight : numpy.ndarray, shape (n_points,)
    labelings : sequence of numpy.ndarray, shape (n_points,)
        Labels 0..k-1, -1 for noise.
    aside : Aside
        Measures half of the points.

    Returns
    -------
    list of numpy.ndarray, shape (n_points,)
        NaN for noise, and everywhere where there are fewer than two clusters.
    """
    distances = ClusterSums(x, np.arange(len(x)), weight, labelings)
    masses = [np.bincount(labels[labels >= 0], weights=weight[labels >= 0]) for labels in labelings]
    found = side_by_side(partial(_widths_in, distances, masses, labelings), distances.strips(), aside)
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def _widths_in(
    distances: ClusterSums, masses: Sequence[np.ndarray], labelings: Sequence[np.ndarray], here: slice
) -> list[np.ndarray]:
    """Widths of some points under each partition."""
    return [
        widths_from_sums(sums, labels[here], mass)
        for labels, sums, mass in zip(labelings, distances.of(here), masses, strict=True)
    ]


def silhouette(widths: np.ndarray, weight: np.ndarray) -> float | None:
    """Weighted mean of silhouette widths; None when all are undefined."""
    valid = ~np.isnan(widths)
    return float(np.average(widths[valid], weights=weight[valid])) if valid.any() else None


def spread_indices(x: np.ndarray, weight: np.ndarray, labels: np.ndarray) -> tuple[float | None, float | None]:
    """Davies-Bouldin and Calinski-Harabasz of one partition, from the same squared distances to the centres; None where they are not defined."""
    centres, mass, clustered = _centres(x, weight, labels)
    if len(centres) < 2:
        return None, None
    squares, own, counted = _squares(x, labels, centres, clustered), labels[clustered], weight[clustered]
    radii = np.bincount(own, weights=np.sqrt(squares) * counted, minlength=len(centres)) / mass
    return _davies_bouldin(centres, radii), _calinski_harabasz(centres, mass, float(counted @ squares))


def _davies_bouldin(centres: np.ndarray, radii: np.ndarray) -> float | None:
    """Mean over clusters of the worst ratio of summed mean radii to the distance of the centres."""
    from scipy.spatial.distance import cdist

    worst = np.empty(len(centres))
    step = max(1, _CELLS // len(centres))
    for start in range(0, len(centres), step):  # DBSCAN may have found thousands of groups
        rows = slice(start, start + step)
        apart = cdist(centres[rows], centres)
        apart[np.arange(len(apart)), np.arange(start, start + len(apart))] = np.inf
        if (apart == 0).any():
            return None
        worst[rows] = ((radii[rows, None] + radii) / apart).max(axis=1)
    return float(worst.mean())


def _calinski_harabasz(centres: np.ndarray, mass: np.ndarray, within: float) -> float | None:
    """Variance between clusters over variance within them (the inertia), each by its degrees of freedom."""
    n, k = mass.sum(), len(centres)
    if n <= k or within <= 0:
        return None
    middle = mass @ centres / n
    between = float(mass @ ((centres - middle) ** 2).sum(axis=1))
    return float(between / (k - 1) / (within / (n - k)))


def inertia(x: np.ndarray, weight: np.ndarray, labels: np.ndarray) -> float:
    """Weighted sum of squared distances to the own centre."""
    centres, _, clustered = _centres(x, weight, labels)
    return float(weight[clustered] @ _squares(x, labels, centres, clustered)) if len(centres) else 0.0


def adjusted_rand(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> float:
    """Agreement of two partitions beyond chance: 1 the same, 0 as by chance. Labels are 0..k-1, weights whole numbers."""
    key = first.astype("int64") * (int(second.max()) + 1) + second
    size = (int(first.max()) + 1) * (int(second.max()) + 1)
    if size > _CELLS:
        key = np.unique(key, return_inverse=True)[1]
    cells = np.bincount(key, weights=weight, minlength=0 if size > _CELLS else size)
    return _rand(cells, np.bincount(first, weights=weight), np.bincount(second, weights=weight))


def rand_of_table(table: np.ndarray) -> float:
    """Adjusted Rand index of two partitions from their customers in common, shape (n_first, n_second)."""
    return _rand(table.ravel(), table.sum(axis=1), table.sum(axis=0))


def _rand(cells: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """From the customers in each pair of clusters, and in each cluster of either partition."""
    both, rows, columns = (float((c * (c - 1) / 2).sum()) for c in (cells, first, second))
    n = float(first.sum())
    expected = rows * columns / (n * (n - 1) / 2)
    most = (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def widths_from_sums(sums: np.ndarray, labels: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Widths from the summed distances to every cluster; a customer alone in its cluster has width 0, and with fewer than two clusters there is none."""
    whole = np.full(len(labels), np.nan)
    if len(mass) < 2:
        return whole
    rows = np.flatnonzero(labels >= 0)
    own = labels[rows]
    means = sums[rows] / mass
    means[np.arange(len(rows)), own] = np.inf
    other = means.min(axis=1)
    alone = mass[own] <= 1
    inner = sums[rows, own] / np.where(alone, 1, mass[own] - 1)
    largest = np.maximum(inner, other)
    width = np.divide(other - inner, largest, out=np.zeros(len(rows)), where=(largest > 0) & ~alone)
    whole[rows] = width
    return whole


def _centres(
    x: np.ndarray, weight: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray | slice]:
    """Centres and masses of the clusters, and which points are in one (a slice of all where none is noise, which spares copies)."""
    inside = labels >= 0
    clustered: np.ndarray | slice = slice(None) if inside.all() else inside
    own, mass_of = labels[clustered], weight[clustered]
    mass = np.bincount(own, weights=mass_of)
    sums = np.column_stack([np.bincount(own, weights=mass_of * column[clustered]) for column in x.T])
    return sums / mass[:, None], mass, clustered


def _squares(x: np.ndarray, labels: np.ndarray, centres: np.ndarray, clustered: np.ndarray | slice) -> np.ndarray:
    """Squared distance of each clustered point to its centre, some points at a time."""
    places = None if isinstance(clustered, slice) else np.flatnonzero(clustered)
    found = np.empty(len(x) if places is None else len(places))
    for start in range(0, len(found), _BLOCK):
        part = slice(start, start + _BLOCK)
        rows = part if places is None else places[part]
        found[part] = ((x[rows] - centres[labels[rows]]) ** 2).sum(axis=1)
    return found
