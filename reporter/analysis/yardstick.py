"""The score boundaries of one population, put to values that somebody might have: what segment would that be?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.analysis.rfm import DIMENSIONS, Grid, cells_of, limit_scores, quantile_scores

Values = Mapping[str, np.ndarray]
"""Of each dimension whole numbers, one a customer: ``recency_days``, ``frequency``, ``monetary`` in cents."""


@dataclass(frozen=True, slots=True, eq=False)
class Yardstick:
    """What scores and names the customers of one run.

    Attributes
    ----------
    grid : Grid
    ranked : mapping of str to numpy.ndarray
        Of each dimension the values of all customers, worst first; recency with its sign turned, so that more is better in all.
    """

    grid: Grid
    ranked: Values

    def segments(self, values: Values, own: Values | None = None) -> np.ndarray:
        """The segment of each customer of the population, would they have these values and all others keep theirs.

        Parameters
        ----------
        values : mapping of str to numpy.ndarray
        own : mapping of str to numpy.ndarray, optional
            What they really have; without it `values` are that.

        Returns
        -------
        numpy.ndarray of str objects
        """
        own = values if own is None else own
        scores = {name: self._scores(name, values[name], own[name]) for name in DIMENSIONS}
        return np.array(self.grid.order, dtype=object)[cells_of(scores, self.grid)]

    def _scores(self, name: str, values: np.ndarray, own: np.ndarray) -> np.ndarray:
        ranked = self.ranked[name]
        if name in self.grid.limits:
            return limit_scores(values, self.grid.limits[name], name)
        if self.grid.scoring == "r-rfm":
            among = -ranked if name == "recency_days" else ranked
            return quantile_scores(values, among, self.grid.bins, name)
        good, actual = _good(name, values), _good(name, own)
        worse = np.searchsorted(ranked, good, side="left") - (actual < good)  # nobody is worse than oneself
        return np.asarray(worse * self.grid.bins // max(len(ranked), 1) + 1, dtype="int8")


def yardstick(values: Values, grid: Grid) -> Yardstick:
    """The yardstick of a population and a grid."""
    return Yardstick(grid, {name: np.sort(_good(name, values[name])) for name in DIMENSIONS})


def values_of(customers: pd.DataFrame) -> dict[str, np.ndarray]:
    """The three values of each customer (``recency_days, frequency, monetary``) as whole numbers."""
    cents = np.rint(customers["monetary"].to_numpy("float64") * 100).astype("int64")
    return {name: customers[name].to_numpy("int64") for name in DIMENSIONS[:2]} | {"monetary": cents}


def _good(name: str, values: np.ndarray) -> np.ndarray:
    return -values if name == "recency_days" else values
