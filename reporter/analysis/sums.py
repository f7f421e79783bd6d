"""Distances from every point to all clusters of many partitions, summed up as soon as they are known: there are too many to be kept.

Most partitions of the same points have much in common. What lies together in all of them, a cell, is summed up once, and clusters are sums of cells: so a
distance is added once, however many partitions there are. In which order that is done, and so the last of sixteen digits, depends on what they have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

_PAIRS = 250_000
"""Distances that are there at a time: they stay in the cache of a processor."""
_SUMS = 100_000
"""Sums of one strip."""
_DENSE = 4_000_000
"""Pairs of a cell and a cluster, up to which a table of all of them is quicker than a list of those that belong together."""


class ClusterSums:
    """What `of` sums up.

    Parameters
    ----------
    x : numpy.ndarray, shape (n_points, n_features)
        In double precision or in single, in which the distances are worked out then: their sums are right to six digits, for half of the time.
    at : numpy.ndarray of int, shape (n_holders,)
        The point that each holder stands at: its own, or that of a summary which holds several.
    weight : numpy.ndarray, shape (n_holders,)
        Customers.
    labelings : sequence of numpy.ndarray, shape (n_holders,)
        Labels 0..k-1 of every partition, -1 for noise.

    Attributes
    ----------
    counts : tuple of int
        Clusters of each partition.

    Examples
    --------
    >>> corners = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
    >>> sums = ClusterSums(corners, np.arange(3), np.array([1.0, 1.0, 2.0]), [np.array([0, 0, 1])])
    >>> sums.of(slice(0, 3))[0].tolist()
    [[3.0, 8.0], [3.0, 10.0], [9.0, 0.0]]
    """

    __slots__ = ("_clusters", "_mass", "_others", "_starts", "_x", "counts")

    def __init__(self, x: np.ndarray, at: np.ndarray, weight: np.ndarray, labelings: Sequence[np.ndarray]) -> None:
        self._x = x
        self.counts = tuple(int(labels.max(initial=-1)) + 1 for labels in labelings)
        cell, labels_of = _cells(labelings, self.counts)
        pairs, place = np.unique(cell * len(x) + at, return_inverse=True)
        mass = np.bincount(place, weights=weight)
        self._others = np.asarray(x[pairs % len(x)], order="C" if x.dtype == np.float64 else "F")
        self._mass = None if (mass == 1).all() else mass.astype(x.dtype)
        self._starts = np.flatnonzero(np.diff(pairs // len(x), prepend=-1))
        self._clusters = _table(labels_of, self.counts)

    def strips(self) -> list[slice]:
        """All points in strips, each with so few sums that they are no burden."""
        step = max(1, _SUMS // max(1, sum(self.counts)))
        return [slice(start, min(start + step, len(self._x))) for start in range(0, len(self._x), step)]

    def of(self, rows: slice) -> list[np.ndarray]:
        """Distances of some points to the customers of each cluster, shape (n_rows, k) for each partition."""
        found = np.empty((rows.stop - rows.start, sum(self.counts)))
        step = max(1, _PAIRS // len(self._others))
        # Room is taken once: asking the system for it at every step takes as long as the distances do.
        room = np.empty((2, step, len(self._others)), dtype=self._x.dtype)
        for start in range(rows.start, rows.stop, step):
            some = slice(start, min(start + step, rows.stop))
            apart = _distances(self._x[some], self._others, room[:, : some.stop - some.start])
            if self._mass is not None:
                apart *= self._mass
            found[some.start - rows.start : some.stop - rows.start] = (
                np.add.reduceat(apart, self._starts, axis=1) @ self._clusters
            )
        return np.split(found, np.cumsum(self.counts)[:-1], axis=1)


def _distances(x: np.ndarray, others: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Of points to others, in the first half of a `room` of shape (2, n_points, n_others).

    In single precision feature by feature, and not by a product of matrices: those differ from processor to processor.
    """
    apart, squares = room
    if x.dtype == np.float64:
        from scipy.spatial.distance import cdist

        return np.asarray(cdist(x, others, out=apart))
    for feature, (own, theirs) in enumerate(zip(x.T, others.T, strict=True)):
        into = squares if feature else apart
        np.subtract(own[:, None], theirs, out=into)
        np.multiply(into, into, out=into)
        if feature:
            np.add(apart, squares, out=apart)
    return np.sqrt(apart, out=apart)


def _cells(labelings: Sequence[np.ndarray], counts: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """The cell of each holder, and the labels of each cell, shape (n_cells, n_partitions)."""
    cell = np.zeros(len(labelings[0]), dtype="int64")
    for labels, count in zip(labelings, counts, strict=True):
        cell = pd.factorize(cell * (count + 1) + labels + 1)[0].astype("int64", copy=False)
    first = np.unique(cell, return_index=True)[1]
    return cell, np.column_stack([labels[first] for labels in labelings]).astype("int64")


def _table(labels_of: np.ndarray, counts: Sequence[int]) -> Any:
    """Which clusters each cell belongs to, shape (n_cells, all clusters)."""
    from scipy.sparse import csr_matrix

    cell, partition = np.nonzero(labels_of >= 0)
    cluster = labels_of[cell, partition] + (np.cumsum(counts) - counts)[partition]
    shape = len(labels_of), sum(counts)
    table = csr_matrix((np.ones(len(cell)), (cell, cluster)), shape=shape)
    return table.toarray() if shape[0] * shape[1] <= _DENSE else table
