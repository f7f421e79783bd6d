"""Lloyd's iteration over all of very many points, from a start that is nearly right.

It computes what the plain iteration computes, but looks again only at points whose nearest centre may have changed: as long as the centres have moved
less, in sum, than a point's second-nearest centre is farther away than its nearest, the point stays where it is (Hamerly 2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reporter.analysis.kmeans import MAX_STEPS, Fit, label_type, take

STILL = 1e-6
"""Centres that move less (in standard deviations of a feature) stand still: the sum of squares is then final to some twelve digits."""
_BLOCK = 100_000
_DOUBT = 1e-5
"""Taken off every margin, which are kept in single precision."""


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Written to while the iteration runs.

    `labels` (n_points,) of `label_type`; `due` (n_points,) float32: sum of movement at which a point must be looked at again; `sums` (k, n_features + 1):
    weighted sums and mass of every cluster.
    """

    labels: np.ndarray
    due: np.ndarray
    sums: np.ndarray


def refine(x: np.ndarray, weight: np.ndarray, centres: np.ndarray) -> Fit:
    """The KMeans that Lloyd's iteration reaches from these centres, shape (k, n_features), on all points."""
    k = len(centres)
    labels, due = np.empty(len(x), dtype=label_type(k)), np.empty(len(x), dtype=np.float32)
    state = _State(labels, due, np.zeros((k, x.shape[1] + 1)))
    for start in range(0, len(x), _BLOCK):
        part = slice(start, start + _BLOCK)
        state.labels[part], margin = _nearest(x[part], centres)
        state.due[part] = margin - _DOUBT
        state.sums[:] += _sums(x[part], weight[part], state.labels[part], k)
    moved = np.zeros(k)
    for _ in range(MAX_STEPS):
        new = _means(state.sums, centres)
        drift = np.sqrt(((new - centres) ** 2).sum(axis=1))
        centres = new
        if drift.max() < STILL:
            break
        moved += drift + _largest_other(drift)
        _look_again(x, weight, centres, moved, state)
    return _finished(x, weight, centres, state.labels)


def _look_again(x: np.ndarray, weight: np.ndarray, centres: np.ndarray, moved: np.ndarray, state: _State) -> None:
    """Reassign the points that may have come nearer to another centre."""
    single = moved.astype(np.float32)
    for start in range(0, len(x), 10 * _BLOCK):
        part = slice(start, start + 10 * _BLOCK)
        doubtful = np.flatnonzero(state.due[part] < single[state.labels[part]]) + start
        if len(doubtful) == 0:
            continue
        near, old = x[doubtful], state.labels[doubtful]
        labels, margin = _nearest(near, centres)
        state.labels[doubtful] = labels
        state.due[doubtful] = margin + moved[labels] - _DOUBT
        changed = labels != old
        if changed.any():
            here, mass = near[changed], weight[doubtful[changed]]
            state.sums[:] += _sums(here, mass, labels[changed], len(centres)) - _sums(
                here, mass, old[changed], len(centres)
            )


def _nearest(x: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nearest centre of each point, and how much farther away the second-nearest one is."""
    scores = (centres**2).sum(axis=1)[:, None] - 2 * (centres @ x.T)
    labels = np.zeros(len(x), dtype=label_type(len(centres)))
    best, second = scores[0].copy(), np.full(len(x), np.inf)
    for j in range(1, len(centres)):
        np.minimum(second, np.maximum(best, scores[j]), out=second)
        take(labels, scores[j] < best, j)
        np.minimum(best, scores[j], out=best)
    squares = np.einsum("ij,ij->i", x, x)
    return labels, np.sqrt(np.maximum(second + squares, 0)) - np.sqrt(np.maximum(best + squares, 0))


def _sums(x: np.ndarray, weight: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    columns = [np.bincount(labels, weights=weight * column, minlength=k) for column in x.T]
    return np.column_stack([*columns, np.bincount(labels, weights=weight, minlength=k)])


def _means(sums: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Means of the clusters; an empty one stays where it was."""
    mass = sums[:, -1:]
    return np.asarray(np.where(mass > 0.5, sums[:, :-1] / np.maximum(mass, 0.5), centres))


def _largest_other(drift: np.ndarray) -> np.ndarray:
    """The largest movement among the other centres, for each centre."""
    order = np.argsort(drift)
    largest = np.full(len(drift), drift[order[-1]])
    largest[order[-1]] = drift[order[-2]] if len(drift) > 1 else 0.0
    return largest


def _finished(x: np.ndarray, weight: np.ndarray, centres: np.ndarray, labels: np.ndarray) -> Fit:
    inertia = 0.0
    for start in range(0, len(x), _BLOCK):
        part = slice(start, start + _BLOCK)
        apart = x[part] - centres[labels[part]]
        inertia += float(weight[part] @ np.einsum("ij,ij->i", apart, apart))
    return Fit(centres, labels, inertia)
