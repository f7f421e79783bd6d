"""Moves between segments as the report may show them: without those of few customers, and with their direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.analysis.replay import NEWCOMER, Movement


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """What may be told of a movement.

    Attributes
    ----------
    movement : Movement
    matrix : pandas.DataFrame
        Index: segments then, `NEWCOMER` last · columns: segments now · float customers, NaN where hidden.
    bounds : pandas.DataFrame
        Of the same form: of hidden moves the number of customers of which can be told that there are at least so many; 0 where nothing is told.
    shown : pandas.DataFrame
        As ``Movement.flows``, without what is hidden, with ``direction`` int (1: to a better segment, -1: to a worse one, 0: neither; stayers and
        newcomers 0).
    hidden : bool
        Whether there are moves that must not be shown.
    """

    movement: Movement
    matrix: pd.DataFrame
    bounds: pd.DataFrame
    shown: pd.DataFrame
    hidden: bool

    @property
    def slips(self) -> pd.DataFrame:
        """Moves to a worse segment, most at stake first."""
        return self._towards(-1)

    @property
    def rises(self) -> pd.DataFrame:
        """Moves to a better segment, most at stake first."""
        return self._towards(1)

    @property
    def others(self) -> pd.DataFrame:
        """Moves to a segment that is neither better nor worse, most at stake first."""
        moved = self._towards(0)
        return moved[(moved["from_segment"] != moved["to_segment"]) & (moved["from_segment"] != NEWCOMER)]

    @property
    def drawn(self) -> pd.DataFrame:
        """Every move of which a number can be told.

        ``from_segment, to_segment`` str · ``customers`` int · ``value`` float, NaN where ``at_least`` bool: where the number is a lower bound.
        """
        flows = self.movement.flows[["from_segment", "to_segment"]]
        ways = zip(flows["from_segment"], flows["to_segment"], strict=True)
        bounds = np.array([self.bounds.loc[way] for way in ways], dtype="int64")
        told = flows.assign(customers=bounds, value=np.nan)[bounds > 0].assign(at_least=True)
        return pd.concat([self.shown[list(told)[:-1]].assign(at_least=False), told], ignore_index=True)

    @property
    def new(self) -> int:
        """Customers who had no transaction yet."""
        flows = self.movement.flows
        return int(flows.loc[flows["from_segment"] == NEWCOMER, "customers"].sum())

    @property
    def told_share(self) -> float:
        """Share of the customers known then whose way is shown."""
        known = self.shown.loc[self.shown["from_segment"] != NEWCOMER, "customers"].sum()
        return float(known) / max(int(self.movement.before["customers"].sum()), 1)

    def _towards(self, direction: int) -> pd.DataFrame:
        part = self.shown[self.shown["direction"] == direction]
        order = ["value", "customers", "from_segment", "to_segment"]
        return part.sort_values(order, ascending=[False, False, True, True], kind="stable")
