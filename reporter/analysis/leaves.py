"""Many points told by few: leaves that hold points which are near each other, each with its mean, its mass and its spread.

The leaves with the greatest spread along one feature are split at their mean, round by round, so that a leaf is small where customers are many.
Which points share a leaf depends on values alone, never on the order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_EASE = 4.0
"""A round splits every leaf that has at least this part of the greatest spread: about what a split takes off."""
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """Summary points.

    Attributes
    ----------
    mean : numpy.ndarray, shape (n_leaves, n_features)
    mass : numpy.ndarray, shape (n_leaves,)
        Customers in each leaf.
    variance : numpy.ndarray, shape (n_leaves,)
        Mean squared distance of a leaf's customers to its mean.
    index : numpy.ndarray of int32, shape (n_points,)
        Leaf of each point.
    """

    mean: np.ndarray
    mass: np.ndarray
    variance: np.ndarray
    index: np.ndarray

    def lost(self) -> float:
        """Share of the whole sum of squares that lies within the leaves, where a method that sees only their means cannot see it."""
        within = float(self.mass @ self.variance)
        middle = self.mass @ self.mean / self.mass.sum()
        between = float(self.mass @ ((self.mean - middle) ** 2).sum(axis=1))
        return within / max(within + between, 1e-300)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Mass, weighted sums (n_leaves, n_features) and weighted sums of squares of every leaf."""

    mass: np.ndarray
    first: np.ndarray
    second: np.ndarray

    def spread(self) -> np.ndarray:
        """Sum of squares about the mean along each feature, shape (n_leaves, n_features); what only rounding makes is 0."""
        spread = self.second - self.first**2 / self.mass[:, None]
        spread[spread <= _NOTHING * (self.second + self.mass[:, None])] = 0.0
        return spread


def summarise(x: np.ndarray, weight: np.ndarray, limits: Sequence[int]) -> tuple[Leaves, ...]:
    """At most so many leaves of weighted points, shape (n_points, n_features), for each of some rising limits.

    Each summary splits the leaves of the one before, so a leaf of a finer one lies in one leaf of a coarser one.
    """
    index, found = np.zeros(len(x), dtype="int32"), []
    sums = _sums(x, weight, index, 1)
    for limit in limits:
        while len(sums.mass) < limit:
            spread = sums.spread()
            widest = spread.max(axis=1)
            if not widest.max() > 0:
                break
            chosen = np.flatnonzero(widest >= widest.max() / _EASE)
            room = limit - len(sums.mass)
            if len(chosen) > room:
                chosen = np.sort(chosen[np.argsort(-widest[chosen], kind="stable")[:room]])
            sums = _split(x, weight, index, sums, (chosen, spread[chosen].argmax(axis=1)))
        variance = sums.spread().sum(axis=1) / sums.mass
        found.append(Leaves(sums.first / sums.mass[:, None], sums.mass, variance, index.copy()))
    return tuple(found)


def _split(
    x: np.ndarray, weight: np.ndarray, index: np.ndarray, sums: _Sums, cut: tuple[np.ndarray, np.ndarray]
) -> _Sums:
    """Split the chosen leaves along their features at the mean; what lies above gets a new number, written into `index`."""
    chosen, axis = cut
    old = len(sums.mass)
    place = np.full(old, -1, dtype="int32")
    place[chosen] = np.arange(len(chosen), dtype="int32")
    inside = np.flatnonzero(place[index] >= 0)
    which = place[index[inside]]
    middle = sums.first[chosen, axis] / sums.mass[chosen]
    above = x[inside, axis[which]] > middle[which]
    moved = inside[above]
    index[moved] = which[above] + np.int32(old)
    upper = _sums(x[moved], weight[moved], which[above], len(chosen))
    mass, first, second = sums.mass.copy(), sums.first.copy(), sums.second.copy()
    lower = _sums(x[inside[~above]], weight[inside[~above]], which[~above], len(chosen))
    mass[chosen], first[chosen], second[chosen] = lower.mass, lower.first, lower.second
    return _Sums(
        np.concatenate([mass, upper.mass]),
        np.concatenate([first, upper.first]),
        np.concatenate([second, upper.second]),
    )


def _sums(x: np.ndarray, weight: np.ndarray, index: np.ndarray, count: int) -> _Sums:
    first, second = np.empty((count, x.shape[1])), np.empty((count, x.shape[1]))
    for place, column in enumerate(x.T):
        mass = weight * column
        first[:, place] = np.bincount(index, weights=mass, minlength=count)
        second[:, place] = np.bincount(index, weights=mass * column, minlength=count)
    return _Sums(np.bincount(index, weights=weight, minlength=count), first, second)
