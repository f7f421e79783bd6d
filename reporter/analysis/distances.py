"""Distances between all points, summed up as soon as they are known: there are too many to be kept.

In double precision each is reckoned by itself. In single precision they come from products (the square of a distance is the sum of two squares less twice
a product): sums of them are right to some millionths, and cost half.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

DOUBLE_POINTS = 10_000
"""Points up to which double precision costs little."""
_ROWS, _NEAR = 64, 1_000
"""Points whose distances are there at a time, and to how many others they are reckoned at once: so few that the processor has them next to itself."""
_SUMS = 100_000
"""Sums of one strip."""


class Distances:
    """Sums of distances, by the columns of tables that tell how much of each point counts.

    Parameters
    ----------
    x : numpy.ndarray, shape (n_points, n_features)
    tables : sequence of numpy.ndarray or scipy.sparse.csr_matrix, shape (n_points, n_columns)
    is_single : bool
        Whether single precision will do.

    Examples
    --------
    >>> corners = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
    >>> Distances(corners, [np.ones((3, 1))]).summed(slice(0, 3))[0].ravel().tolist()
    [7.0, 8.0, 9.0]
    """

    __slots__ = ("_counts", "_factors", "_tables", "_x")

    def __init__(self, x: np.ndarray, tables: Sequence[Any], is_single: bool = False) -> None:
        self._x = x
        self._factors = _factors(x - x.mean(axis=0)) if is_single else None
        kind = np.dtype("float32" if is_single else "float64")
        self._tables = [table.astype(kind, copy=False) for table in tables]
        self._counts = [table.shape[1] for table in tables]

    def strips(self, rows: int) -> list[slice]:
        """So many rows in strips, each with so few sums that they are no burden."""
        step = max(1, _SUMS // max(1, sum(self._counts)))
        return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]

    def summed(self, rows: slice) -> list[np.ndarray]:
        """Distances of some points to all points, summed up for each table: shape (n_rows, n_columns) each, in double precision."""
        found = [np.empty((rows.stop - rows.start, count)) for count in self._counts]
        for start in range(rows.start, rows.stop, _ROWS):
            some = slice(start, min(start + _ROWS, rows.stop))
            apart = self._from(some)
            for sums, table in zip(found, self._tables, strict=True):
                sums[some.start - rows.start : some.stop - rows.start] = apart @ table
        return found

    def _from(self, some: slice) -> np.ndarray:
        """Distances of some points to all."""
        from scipy.spatial.distance import cdist

        if self._factors is None:
            return np.asarray(cdist(self._x[some], self._x))
        left, right = self._factors
        apart = np.empty((some.stop - some.start, len(self._x)), dtype="float32")
        for start in range(0, len(self._x), _NEAR):
            near = apart[:, start : start + _NEAR]
            near[:] = left[some] @ right[:, start : start + _NEAR]
            np.sqrt(np.maximum(near, 0, out=near), out=near)
        return apart


def _factors(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two tables whose product, shape (n_points, n_points), is the squares of the distances."""
    squares, ones = (x**2).sum(axis=1), np.ones(len(x))
    return np.column_stack([-2 * x, squares, ones]), np.vstack([x.T, ones, squares])
