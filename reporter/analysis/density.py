"""DBSCAN over weighted points (Ester et al. 1996), and the curve by which eps is chosen."""

from __future__ import annotations

import numpy as np

EXACT_LIMIT = 8_000
"""Points up to which no cells are formed."""
_PROBE = 500


def k_distances(x: np.ndarray, weight: np.ndarray, min_samples: int) -> np.ndarray:
    """Distance of each point to its `min_samples`-th customer, itself included, shape (n_points,)."""
    from scipy.spatial import cKDTree

    near = min(min_samples, len(x))
    distances, neighbours = cKDTree(x).query(x, k=np.arange(1, near + 1))
    reached = np.cumsum(weight[neighbours], axis=1) >= min_samples
    reached[:, -1] = True
    return np.asarray(distances[np.arange(len(x)), reached.argmax(axis=1)])


def knee(across: np.ndarray, up: np.ndarray) -> int:
    """Place on a curve that is farthest from the chord between its ends, both axes scaled to 0..1."""
    width, height = across[-1] - across[0], up[-1] - up[0]
    if width == 0 or height == 0:
        return 0
    return int(np.round(np.abs((across - across[0]) / width - (up - up[0]) / height), 10).argmax())


def connect(x: np.ndarray, weight: np.ndarray, eps: float, min_samples: int, pair_limit: int) -> np.ndarray:
    """DBSCAN labels 0..k-1 and -1 for noise, shape (n_points,).

    Where the points are many or their neighbourhoods would not fit (a probe of 500 points tells), points of one cell of eps/4, else eps/2, else eps
    are taken together first.
    """
    cells = [] if len(x) <= EXACT_LIMIT else [4]
    for parts in ([0] if not cells else []) + [4, 2, 1]:
        if parts == 0:
            means, mass, index = x, weight, np.arange(len(x))
        else:
            means, mass, index = _cells(x, weight, eps / parts)
        if parts == 1 or _pairs(means, eps) <= pair_limit:
            break
    return _dbscan(means, mass, eps, min_samples)[index]


def _cells(x: np.ndarray, weight: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted means of the points in each cell of a grid, their weights, and the cell of each point."""
    _, index = np.unique(np.floor(x / side), axis=0, return_inverse=True)
    index = index.reshape(-1)
    mass = np.bincount(index, weights=weight)
    means = np.column_stack([np.bincount(index, weights=weight * column) for column in x.T]) / mass[:, None]
    return means, mass, index


def _pairs(x: np.ndarray, eps: float) -> float:
    """Expected number of neighbour pairs, from evenly spaced points."""
    from scipy.spatial import cKDTree

    probe = x[np.unique(np.linspace(0, len(x) - 1, min(_PROBE, len(x))).astype(int))]
    return float(cKDTree(x).query_ball_point(probe, eps, return_length=True).mean() * len(x) / 2)


def _dbscan(x: np.ndarray, weight: np.ndarray, eps: float, min_samples: int) -> np.ndarray:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    n = len(x)
    first, second = cKDTree(x).query_pairs(eps, output_type="ndarray").T
    mass = (
        weight
        + np.bincount(first, weights=weight[second], minlength=n)
        + np.bincount(second, weights=weight[first], minlength=n)
    )
    core = mass >= min_samples
    if not core.any():
        return np.full(n, -1)
    inner = core[first] & core[second]
    links = coo_matrix((np.ones(inner.sum(), dtype=bool), (first[inner], second[inner])), shape=(n, n))
    component = connected_components(links, directed=False)[1]
    _, number = np.unique(component[core], return_inverse=True)
    labels = np.full(n, -1)
    labels[core] = number
    border = np.flatnonzero(~core)
    if len(border):
        distance, nearest = cKDTree(x[core]).query(x[border], distance_upper_bound=np.nextafter(eps, np.inf))
        joined = np.isfinite(distance)
        labels[border[joined]] = number[nearest[joined]]
    return labels
