"""DBSCAN over weighted points (Ester et al. 1996), and the curve by which eps is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reporter.analysis.points import collapse_codes

PARTS = (0, 4, 2, 1)
"""No cells (0), or cells of that part of eps: the first for which all pairs of neighbours fit into memory is taken."""
_PROBE = 500
_CHUNK = 50_000
_LEAST_BLOCK, _MOST_BLOCKS = 10_000, 8
"""Points whose neighbours are found at a time, at least; and in how many turns at most, for neighbours beyond a block are found in vain."""
_ABOVE = 1 + 1e-9
"""No rounding of a sum may cost a pair."""


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """DBSCAN's `labels` 0..k-1 and -1 for noise, shape (n_points,); `parts`: cells were eps / parts wide (0: no cells); `points` it ran on."""

    labels: np.ndarray
    parts: float
    points: int


def k_distances(x: np.ndarray, weight: np.ndarray, min_samples: int) -> np.ndarray:
    """Distance of each point to its `min_samples`-th customer, itself included, shape (n_points,)."""
    from scipy.spatial import cKDTree

    near, tree, found = min(min_samples, len(x)), cKDTree(x), np.empty(len(x))
    for start in range(0, len(x), _CHUNK):
        part = slice(start, start + _CHUNK)
        distances, neighbours = tree.query(x[part], k=np.arange(1, near + 1))
        reached = np.cumsum(weight[neighbours], axis=1) >= min_samples
        reached[:, -1] = True
        found[part] = distances[np.arange(len(distances)), reached.argmax(axis=1)]
    return found


def knee(across: np.ndarray, up: np.ndarray) -> int:
    """Place on a curve that is farthest from the chord between its ends, both axes scaled to 0..1."""
    width, height = across[-1] - across[0], up[-1] - up[0]
    if width == 0 or height == 0:
        return 0
    return int(np.round(np.abs((across - across[0]) / width - (up - up[0]) / height), 10).argmax())


def connect(
    x: np.ndarray, weight: np.ndarray, reach: tuple[float, int], pair_limit: int, parts: Sequence[float] = PARTS
) -> Density:
    """DBSCAN with `reach` = (eps, min_samples).

    Where the pairs of neighbours would not fit (a probe of 500 points tells), points of one cell of a part of eps are taken together first.
    """
    eps, min_samples = reach
    for part in parts:
        means, mass, index = _cells(x, weight, eps / part) if part else (x, weight, np.arange(len(x)))
        if part == parts[-1] or _pairs(means, eps) <= pair_limit:
            break
    return Density(_dbscan(means, mass, eps, min_samples)[index], part, len(means))


def _cells(x: np.ndarray, weight: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted means of the points in each cell of a grid, their weights, and the cell of each point."""
    index = collapse_codes([np.floor(column / side) for column in x.T])[1]
    mass = np.bincount(index, weights=weight)
    means = np.column_stack([np.bincount(index, weights=weight * column) for column in x.T]) / mass[:, None]
    return means, mass, index


def _pairs(x: np.ndarray, eps: float) -> float:
    """Expected number of neighbour pairs, from evenly spaced points."""
    from scipy.spatial import cKDTree

    probe = x[np.unique(np.linspace(0, len(x) - 1, min(_PROBE, len(x))).astype(int))]
    return float(cKDTree(x).query_ball_point(probe, eps, return_length=True).mean() * len(x) / 2)


def _dbscan(x: np.ndarray, weight: np.ndarray, eps: float, min_samples: int) -> np.ndarray:
    from scipy.spatial import cKDTree

    n, pairs, mass = len(x), [], weight.astype("float64")
    for first, second in _neighbours(x, eps):
        mass += np.bincount(first, weights=weight[second], minlength=n)
        mass += np.bincount(second, weights=weight[first], minlength=n)
        pairs.append((first, second))
    core = mass >= min_samples
    if not core.any():
        return np.full(n, -1)
    component = _components(pairs, core)
    _, number = np.unique(component[core], return_inverse=True)
    labels = np.full(n, -1, dtype="int32")
    labels[core] = number
    border = np.flatnonzero(~core)
    if len(border):
        distance, nearest = cKDTree(x[core]).query(x[border], distance_upper_bound=np.nextafter(eps, np.inf))
        joined = np.isfinite(distance)
        labels[border[joined]] = number[nearest[joined]]
    return labels


def _neighbours(x: np.ndarray, eps: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every pair of points within `eps` of each other once, in blocks of points along the axis on which they lie widest apart: a block is held at a time."""
    from scipy.spatial import cKDTree

    axis = x[:, int(x.std(axis=0).argmax())]
    order = np.argsort(axis, kind="stable").astype("int32")
    along, block = axis[order], max(_LEAST_BLOCK, -(-len(x) // _MOST_BLOCKS))
    for start in range(0, len(x), block):
        size = min(block, len(x) - start)
        reach = np.searchsorted(along, along[start + size - 1] + eps * _ABOVE, side="right")
        near = order[start:reach]
        found = cKDTree(x[near]).query_pairs(eps, output_type="ndarray")  # the lower place comes first
        first, second = found[found[:, 0] < size].T
        yield near[first], near[second]


def _components(pairs: Sequence[tuple[np.ndarray, np.ndarray]], core: np.ndarray) -> np.ndarray:
    """What connected part of the core points each point is in, numbered by the lowest point, shape (n_points,); others are alone."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    part = np.arange(len(core), dtype="int32")
    for first, second in pairs:
        inner = core[first] & core[second]
        ends = part[first[inner]], part[second[inner]]
        links = coo_matrix((np.ones(len(ends[0]), dtype=bool), ends), shape=(part.max() + 1,) * 2)
        part = connected_components(links, directed=False)[1][part]
    return part
