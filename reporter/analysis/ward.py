"""Ward's tree over weighted points by mutual nearest neighbours and chains of them: exact, memory O(n).

Two clusters of masses a and b merge at height ``sqrt(2ab / (a + b))`` times the distance of their centres (Ward 1963; Murtagh & Legendre 2014), the
scale of scipy and scikit-learn. A point of weight 3 counts as three equal customers, which merge at height 0 anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CHAIN_START = 400
"""Clusters up to which the chain makes the tree; as long as there are more, mutual nearest neighbours are merged, all at once."""
_TRIED = 6
_CELLS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Linkage:
    """Merges by rising height: nodes `left` < `right` (leaves 0..n-1, merge i makes node n + i), `height` and the `mass` of the new node."""

    left: np.ndarray
    right: np.ndarray
    height: np.ndarray
    mass: np.ndarray


def linkage(x: np.ndarray, weight: np.ndarray) -> Linkage:
    """Ward's tree of weighted points, shape (n_points, n_features)."""
    pairs, heights = _merged(x, weight)
    order = np.argsort(heights, kind="stable")
    return _relabel([pairs[i] for i in order], np.asarray(heights)[order], weight)


def cut(merges: Linkage, k: int) -> np.ndarray:
    """Label of each leaf when the tree is cut into k clusters, numbered by first leaf."""
    n = len(merges.height) + 1
    parent = np.arange(2 * n - 1)
    done = np.arange(n - k)
    parent[merges.left[: n - k]] = parent[merges.right[: n - k]] = n + done
    while not np.array_equal(above := parent[parent], parent):  # twice as far up in each round
        parent = above
    _, first, inverse = np.unique(parent[:n], return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse])


@dataclass(frozen=True, slots=True, eq=False)
class _Front:
    """Clusters that are not merged yet: `centre`, `mass`, a leaf that stands for each (`name`), nearest cluster (-1: not known) and cost of that merge."""

    centre: np.ndarray
    mass: np.ndarray
    name: np.ndarray
    near: np.ndarray
    cost: np.ndarray


def _merged(x: np.ndarray, weight: np.ndarray) -> tuple[list[tuple[int, int]], list[float]]:
    """All merges: as long as there are many clusters, wherever two are each other's nearest, all such pairs of a round at once.

    Ward's cost cannot fall by merging others, so these merges are those of the one-by-one algorithm in another order.
    """
    every = np.arange(len(x))
    front = _Front(x.astype("float64"), weight.astype("float64"), every, np.full(len(x), -1), np.full(len(x), np.inf))
    pairs: list[tuple[int, int]] = []
    heights: list[float] = []
    while len(front.mass) > CHAIN_START:
        front, left, right, height = _round(front)
        if len(left) == 0:
            break
        pairs += zip(left.tolist(), right.tolist(), strict=True)
        heights += height.tolist()
    more, rest = _chain(front.centre, front.mass)
    return pairs + [(int(front.name[a]), int(front.name[b])) for a, b in more], heights + rest


def _round(front: _Front) -> tuple[_Front, np.ndarray, np.ndarray, np.ndarray]:
    """Merge all mutual nearest neighbours; returns the front after it, the leaves of the merged pairs, and their heights."""
    near, cost, every = front.near.copy(), front.cost.copy(), np.arange(len(front.mass))
    stale = np.flatnonzero(near < 0)
    near[stale], cost[stale] = _partners(front.centre, front.mass, stale)
    first = np.flatnonzero((near[near] == every) & (every < near))
    second = near[first]
    centre, mass = front.centre.copy(), front.mass.copy()
    mass[first] += mass[second]
    parts = (front.mass[first, None] * centre[first], front.mass[second, None] * centre[second])
    centre[first] = (parts[0] + parts[1]) / mass[first, None]
    gone = np.zeros(len(every), dtype=bool)
    gone[first] = gone[second] = True
    unknown = gone | gone[near]
    keep = np.ones(len(every), dtype=bool)
    keep[second] = False
    near = np.where(unknown, -1, (np.cumsum(keep) - 1)[near])
    after = _Front(centre[keep], mass[keep], front.name[keep], near[keep], cost[keep])
    return after, front.name[second], front.name[first], np.sqrt(2 * cost[first])


def _partners(centre: np.ndarray, mass: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cluster that each of `rows` would merge with at the least cost, ties by place, and that cost.

    The few nearest of each class of masses, none of them twice as heavy as another, are tried first. Where one beyond them could be cheaper, all are.
    """
    partner, best = np.full(len(rows), len(centre)), np.full(len(rows), np.inf)
    beyond = best.copy()
    classes = np.frexp(mass)[1]
    for each in np.unique(classes):
        other, cost, further = _among(np.flatnonzero(classes == each), centre, mass, rows)
        first = (cost < best) | ((cost == best) & (other < partner))
        partner[first], best[first] = other[first], cost[first]
        beyond = np.minimum(beyond, further)
    unsure = np.flatnonzero(best >= beyond)
    step = max(1, _CELLS // centre.size)
    for start in range(0, len(unsure), step):
        part = unsure[start : start + step]
        cost = _cost(centre, mass, rows[part], np.arange(len(centre))[None])
        partner[part] = cost.argmin(axis=1)
        best[part] = cost[np.arange(len(part)), partner[part]]
    return partner, best


def _among(
    members: np.ndarray, centre: np.ndarray, mass: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the few `members` nearest to each of `rows` the one at the least cost, ties by place; that cost; and the least that one beyond them can cost."""
    from scipy.spatial import cKDTree

    tried = np.arange(1, min(_TRIED, len(members)) + 1)
    distance, near = cKDTree(centre[members]).query(centre[rows], k=tried)
    near, lightest = members[near], mass[members].min()
    cost = _cost(centre, mass, rows, near)
    best = cost.min(axis=1)
    partner = np.where(cost == best[:, None], near, len(centre)).min(axis=1)
    if len(tried) == len(members):
        return partner, best, np.full(len(rows), np.inf)
    return partner, best, mass[rows] * lightest / (mass[rows] + lightest) * distance[:, -1] ** 2


def _cost(centre: np.ndarray, mass: np.ndarray, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of merging each of `rows` with some others, shape (n_rows or 1, n): always the same sum, so that equal costs are equal; infinite with itself."""
    own = mass[rows, None]
    cost = own * mass[others] / (own + mass[others]) * ((centre[rows, None] - centre[others]) ** 2).sum(axis=-1)
    cost[np.broadcast_to(others == rows[:, None], cost.shape)] = np.inf
    return np.asarray(cost)


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
