"""Weighted KMeans for a whole range of k at once.

All restarts of all k run as one batch of *members*, sorted by k downwards, so that the members which own a j-th centre are always a prefix.
Seeding is greedy k-means++ (Arthur & Vassilvitskii 2007, several trials a step): seeds are nested, so one sequence serves every k. Lloyd's
iteration runs until no customer changes cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

MAX_STEPS = 300
FULL_LIMIT = 8_000
"""Points up to which every restart runs on all of them; above, restarts run on a sample and only the best go on with all points."""
SAMPLE = 4_000
FINALISTS = 3
_BATCH = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One converged KMeans: `centres` (k, n_features), `labels` (n_points,), `inertia` (weighted sum of squared distances)."""

    centres: np.ndarray
    labels: np.ndarray
    inertia: float


def sweep(
    x: np.ndarray, weight: np.ndarray, ks: Sequence[int], rng: np.random.Generator, n_init: int = 10
) -> dict[int, Fit]:
    """Best of `n_init` KMeans for each k.

    Parameters
    ----------
    x : numpy.ndarray, shape (n_points, n_features)
        At least ``max(ks)`` distinct points.
    weight : numpy.ndarray, shape (n_points,)
    ks : sequence of int
        Numbers of clusters.
    """
    if len(x) <= FULL_LIMIT:
        return _best(_run(x, weight, *_starts(x, weight, ks, rng, n_init)), 1)[0]
    drawn = rng.multinomial(SAMPLE, weight / weight.sum())
    chosen = drawn > 0
    part, mass = x[chosen], drawn[chosen].astype("float64")
    finalists = _best(_run(part, mass, *_starts(part, mass, ks, rng, n_init)), FINALISTS)
    ordered = [fits[k] for k in sorted(ks, reverse=True) for fits in finalists]
    counts = np.array([len(fit.centres) for fit in ordered])
    centres = np.zeros((len(ordered), max(ks), x.shape[1]), dtype=x.dtype)
    for place, fit in enumerate(ordered):
        centres[place, : len(fit.centres)] = fit.centres
    return _best(_run(x, weight, centres, counts), 1)[0]


def assign(x: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Nearest centre of each point, shape (n_points,)."""
    scores = (centres**2).sum(axis=1) / 2 - x @ centres.T
    return np.asarray(scores.argmin(axis=1))


def label_type(k: int) -> np.dtype[Any]:
    """The smallest type that holds the labels of k clusters, and -1."""
    return np.dtype(np.int8 if k <= np.iinfo(np.int8).max else np.int16)


def take(labels: np.ndarray, closer: np.ndarray, j: int, room: np.ndarray | None = None) -> None:
    """Label with j, which is higher than all labels so far, the points that are closer to it; `room` is of the shape and type of `labels`.

    Without a branch for every point: where it cannot be foretold who is closer, a masked assignment takes fifty times as long.
    """
    np.maximum(labels, np.multiply(closer.view(np.int8), j, out=room, dtype=labels.dtype), out=labels)


def _starts(
    x: np.ndarray, weight: np.ndarray, ks: Sequence[int], rng: np.random.Generator, n_init: int
) -> tuple[np.ndarray, np.ndarray]:
    """Seeds of all members, shape (n_members, k_max, n_features), and the k of each, sorted downwards."""
    seeds: np.ndarray = np.stack([_seed(x, weight, max(ks), rng) for _ in range(n_init)])
    counts = np.repeat(sorted(ks, reverse=True), n_init)
    return np.tile(seeds, (len(ks), 1, 1)), counts


def _seed(x: np.ndarray, weight: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Greedy k-means++: of a few candidates drawn by squared distance, take the one that lowers the potential most."""
    trials = 2 + int(np.log(k))
    squares = (x**2).sum(axis=1)

    def distances(at: np.ndarray) -> np.ndarray:
        return np.asarray(np.maximum(squares[:, None] + squares[at] - 2 * (x @ x[at].T), 0))

    places = [int(np.searchsorted(np.cumsum(weight), rng.random() * weight.sum(), side="right"))]
    closest = distances(np.array(places))[:, 0]
    for _ in range(k - 1):
        reach = np.cumsum(weight * closest)
        candidates = np.minimum(np.searchsorted(reach, rng.random(trials) * reach[-1], side="right"), len(x) - 1)
        after = np.minimum(closest[:, None], distances(candidates))
        best = int((weight @ after).argmin())
        places.append(int(candidates[best]))
        closest = after[:, best]
    return np.asarray(x[places])


def _run(x: np.ndarray, weight: np.ndarray, centres: np.ndarray, counts: np.ndarray) -> list[Fit]:
    """Lloyd's iteration of all members, some at a time so that they stay in cache."""
    size = max(1, _BATCH // len(x))
    fits: list[Fit] = []
    for start in range(0, len(counts), size):
        fits += _lloyd(x, weight, centres[start : start + size].copy(), counts[start : start + size])
    return fits


class _Room(NamedTuple):
    """Room for what is worked out for every point and member, taken once: asking the system for it at every step takes as long as the steps do."""

    score: np.ndarray
    flag: np.ndarray
    label: np.ndarray

    def of(self, members: int) -> _Room:
        """For some members alone."""
        return _Room(*(each[:members] for each in self))


def _lloyd(x: np.ndarray, weight: np.ndarray, centres: np.ndarray, counts: np.ndarray) -> list[Fit]:
    one = np.column_stack([x, np.ones(len(x), dtype=x.dtype)]).T
    mass = np.empty((len(x), x.shape[1] + 1), dtype=x.dtype)
    np.multiply(x, weight[:, None], out=mass[:, :-1], casting="unsafe")  # of millions no copy that is twice as wide
    mass[:, -1] = weight
    squares = (x**2).sum(axis=1)
    labels = np.full((len(counts), len(x)), -1, dtype=label_type(int(counts.max())))
    room = _Room(*(np.empty(labels.shape, dtype=kind) for kind in (x.dtype, bool, labels.dtype)))
    inertia = np.zeros(len(counts))
    active = np.arange(len(counts))
    for step in range(1, MAX_STEPS + 1):
        found, best = _nearest(one, centres[active], counts[active], room)
        moving = (found != labels[active]).any(axis=1) & (step < MAX_STEPS)
        labels[active] = found
        inertia[active[~moving]] = (squares + 2 * best[~moving]) @ weight
        active, found, best = active[moving], found[moving], best[moving]
        if len(active) == 0:
            break
        means, empty = _means(found, mass, counts[active], room)
        if empty.any():
            _fill(means, empty, x, squares + 2 * best)
        centres[active, : counts[active].max()] = means
    return [Fit(centres[i, :k], labels[i], max(float(inertia[i]), 0.0)) for i, k in enumerate(counts)]


def _nearest(one: np.ndarray, centres: np.ndarray, counts: np.ndarray, room: _Room) -> tuple[np.ndarray, np.ndarray]:
    """Label and half squared distance (less the point's own square) of every point, for every member."""
    planes = np.concatenate([-centres, (centres**2).sum(axis=2, keepdims=True) / 2], axis=2)
    best = planes[:, 0] @ one
    labels = np.zeros(best.shape, dtype=label_type(int(counts.max())))
    for j in range(1, int(counts.max())):
        owners = int(np.count_nonzero(counts > j))
        score, closer, label = room.of(owners)
        np.matmul(planes[:owners, j], one, out=score)
        take(labels[:owners], np.less(score, best[:owners], out=closer), j, label)
        np.minimum(score, best[:owners], out=best[:owners])
    return labels, best


def _means(labels: np.ndarray, mass: np.ndarray, counts: np.ndarray, room: _Room) -> tuple[np.ndarray, np.ndarray]:
    """Weighted means of all clusters, and which are empty, shape (n_members, k)."""
    sums = np.zeros((len(counts), int(counts.max()), mass.shape[1]))
    for j in range(sums.shape[1]):
        owners = int(np.count_nonzero(counts > j))
        inside, own, _ = room.of(owners)
        inside[:] = np.equal(labels[:owners], j, out=own)
        sums[:owners, j] = inside @ mass
    empty = (sums[:, :, -1] <= 0) & (np.arange(sums.shape[1]) < counts[:, None])
    return sums[:, :, :-1] / np.maximum(sums[:, :, -1:], 1e-300), empty


def _fill(means: np.ndarray, empty: np.ndarray, x: np.ndarray, cost: np.ndarray) -> None:
    """An empty cluster moves to the point that is worst served."""
    for member, j in zip(*np.nonzero(empty), strict=True):
        worst = int(cost[member].argmax())
        cost[member, worst] = 0.0
        means[member, j] = x[worst]


def _best(fits: list[Fit], keep: int) -> list[dict[int, Fit]]:
    """The `keep` fits of least inertia for each k, best first; equal ones in the order of their seeds."""
    groups: dict[int, list[Fit]] = {}
    for fit in fits:
        groups.setdefault(len(fit.centres), []).append(fit)
    ranked = {k: sorted(group, key=lambda fit: round(fit.inertia, 9)) for k, group in groups.items()}
    return [{k: group[min(place, len(group) - 1)] for k, group in ranked.items()} for place in range(keep)]
