"""Equal customers are one weighted point: exact, and it makes the order of rows and ids irrelevant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

_LARGEST = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Equal customers collapsed to weighted points, sorted by value: independent of row order.

    Attributes
    ----------
    x : numpy.ndarray, shape (n_points, n_features)
    weight : numpy.ndarray, shape (n_points,)
        Customers at each point.
    index : numpy.ndarray of int32, shape (n_customers,)
        Point of each customer.
    """

    x: np.ndarray
    weight: np.ndarray
    index: np.ndarray


def collapse(matrix: np.ndarray) -> Points:
    """Equal rows become one weighted point; points are sorted by value, first feature first."""
    place, index = collapse_codes(list(matrix.T))
    return Points(matrix[place], np.bincount(index, minlength=len(place)).astype("float64"), index)


def collapse_codes(columns: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of some columns.

    Returns
    -------
    tuple of numpy.ndarray
        A row of each distinct combination, in the order of its values, first column first; and the combination of each row (int32).
    """
    key, size = np.zeros(len(columns[0]) if columns else 0, dtype="int64"), 1
    for column in columns:
        codes, values = ranked(column)
        if size * values > _LARGEST:
            key, size = ranked(key)
        key, size = key * values + codes, size * values
    order = np.argsort(key, kind="stable")
    new = np.ones(len(key), dtype=bool)
    np.not_equal(key[order[1:]], key[order[:-1]], out=new[1:])
    index = np.empty(len(key), dtype="int32")
    index[order] = np.cumsum(new, dtype="int32") - 1
    return order[new], index


def ranked(column: np.ndarray) -> tuple[np.ndarray, int]:
    """Rank from 0 of each value among the distinct ones, and how many those are."""
    codes, values = pd.factorize(column)
    rank = np.empty(len(values), dtype="int64")
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    return rank[codes], max(len(values), 1)


def on_points(labels: np.ndarray, points: Points) -> np.ndarray:
    """Labels of customers as labels of points."""
    found = np.empty(len(points.x), dtype=labels.dtype)
    found[points.index] = labels
    return found
