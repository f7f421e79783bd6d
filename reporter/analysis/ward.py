"""Ward's tree over weighted points by nearest-neighbour chains: exact, memory O(n).

Two clusters of masses a and b merge at height ``sqrt(2ab / (a + b))`` times the distance of their centres (Ward 1963; Murtagh & Legendre 2014), the
scale of scipy and scikit-learn. A point of weight 3 counts as three equal customers, which merge at height 0 anyway.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Linkage:
    """Merges by rising height: nodes `left` < `right` (leaves 0..n-1, merge i makes node n + i), `height` and the `mass` of the new node."""

    left: np.ndarray
    right: np.ndarray
    height: np.ndarray
    mass: np.ndarray


def linkage(x: np.ndarray, weight: np.ndarray) -> Linkage:
    """Ward's tree of weighted points, shape (n_points, n_features)."""
    pairs, heights = _chain(x, weight)
    order = np.argsort(heights, kind="stable")
    return _relabel([pairs[i] for i in order], np.asarray(heights)[order], weight)


def cut(merges: Linkage, k: int) -> np.ndarray:
    """Label of each leaf when the tree is cut into k clusters, numbered by first leaf."""
    n = len(merges.height) + 1
    parent = np.arange(2 * n - 1)
    done = np.arange(n - k)
    parent[merges.left[: n - k]] = parent[merges.right[: n - k]] = n + done
    for node in range(2 * n - 2, -1, -1):
        parent[node] = parent[parent[node]]
    _, first, inverse = np.unique(parent[:n], return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse])


def summarise(x: np.ndarray, weight: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At most `limit` weighted means: the leaf with the greatest spread along one feature is split at its mean, again and again.

    Returns
    -------
    tuple of numpy.ndarray
        Means (n_leaves, n_features), their weights, and the leaf of each point.
    """
    leaves = [np.arange(len(x))]
    heap = [_spread(x, weight, leaves[0], 0)]
    while len(leaves) < limit and heap[0][0] < 0:
        _, leaf, axis, middle = heapq.heappop(heap)
        inside = leaves[leaf]
        below = x[inside, axis] <= middle
        leaves[leaf] = inside[below]
        leaves.append(inside[~below])
        for place in (leaf, len(leaves) - 1):
            heapq.heappush(heap, _spread(x, weight, leaves[place], place))
    index = np.empty(len(x), dtype="int64")
    for place, inside in enumerate(leaves):
        index[inside] = place
    mass = np.bincount(index, weights=weight)
    means = np.column_stack([np.bincount(index, weights=weight * column) for column in x.T]) / mass[:, None]
    return means, mass, index


def _spread(x: np.ndarray, weight: np.ndarray, inside: np.ndarray, leaf: int) -> tuple[float, int, int, float]:
    """Heap entry of a leaf: minus its largest sum of squares along a feature, itself, the feature and where to split it."""
    mass = weight[inside]
    middle = mass @ x[inside] / mass.sum()
    squares = mass @ (x[inside] - middle) ** 2
    axis = int(squares.argmax())
    splits = len(inside) > 1 and x[inside, axis].min() <= middle[axis] < x[inside, axis].max()
    return (-float(squares[axis]) if splits else 0.0, leaf, axis, float(middle[axis]))


def _chain(x: np.ndarray, weight: np.ndarray) -> tuple[list[tuple[int, int]], list[float]]:
    """Merges as pairs of representative leaves, with their heights, in the order in which the chain finds them."""
    centre, mass, name = x.astype("float64").copy(), weight.astype("float64").copy(), np.arange(len(x))
    alive = np.ones(len(x), dtype=bool)
    pairs: list[tuple[int, int]] = []
    heights: list[float] = []
    chain: list[int] = []
    left = len(x)
    while left > 1:
        if not chain:
            if left < len(name) // 2:
                centre, mass, name = centre[alive], mass[alive], name[alive]
                alive = np.ones(left, dtype=bool)
            chain.append(int(alive.argmax()))
        here = chain[-1]
        cost = mass * mass[here] / (mass + mass[here]) * ((centre - centre[here]) ** 2).sum(axis=1)
        cost[here] = np.inf
        there = int(cost.argmin())
        if len(chain) > 1 and cost[chain[-2]] <= cost[there]:
            there = chain[-2]
            del chain[-2:]
            pairs.append((int(name[here]), int(name[there])))
            heights.append(float(np.sqrt(2 * cost[there])))
            centre[there] = (mass[here] * centre[here] + mass[there] * centre[there]) / (mass[here] + mass[there])
            mass[there] += mass[here]
            alive[here], centre[here] = False, np.inf
            left -= 1
        else:
            chain.append(there)
    return pairs, heights


def _relabel(pairs: list[tuple[int, int]], heights: np.ndarray, weight: np.ndarray) -> Linkage:
    """Merges in scipy's numbering: leaves are found again by following the nodes they have become."""
    n = len(weight)
    parent = list(range(2 * n - 1))
    mass = np.concatenate([weight, np.zeros(n - 1)])
    left, right = np.empty(n - 1, dtype="int64"), np.empty(n - 1, dtype="int64")

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for place, (first, second) in enumerate(pairs):
        a, b = sorted((root(first), root(second)))
        parent[a] = parent[b] = n + place
        left[place], right[place], mass[n + place] = a, b, mass[a] + mass[b]
    return Linkage(left, right, heights, mass[n:])
