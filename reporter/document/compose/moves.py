"""What may be shown of the movement between segments, and which way is up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.replay import NEWCOMER, Movement
from reporter.document.compose.small import hidden_cells, lower_bounds
from reporter.document.moves import Moves
from reporter.document.playbook import Playbook

STANDING: Mapping[str, int] = MappingProxyType({"keep": 0, "grow": 1, "welcome": 1, "watch": 2, "rescue": 3, "rest": 4})
"""How good it is to have a customer in a segment of each role, 0 being best."""


def every_move(analysis: Analysis, playbook: Playbook, min_group: int) -> tuple[Moves, ...]:
    """What may be told of each movement, the one that is told at length first; none where there is no earlier date."""
    movements = () if analysis.replay is None else analysis.replay.movements
    return tuple(_moves(movement, analysis.scorecard.grid.order, playbook, min_group) for movement in movements)


def shown_matrix(movement: Movement, order: Sequence[str], least: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers by segment then (rows, `NEWCOMER` last) and segment now, in grid order.

    Parameters
    ----------
    order : sequence of str
        Segments of the grid, best first.
    least : int
        Fewer customers are not shown, nor is what would tell of them: NaN.

    Returns
    -------
    matrix, bounds : pandas.DataFrame
        As ``Moves.matrix`` and ``Moves.bounds``.
    """
    counts = movement.flows.pivot(index="from_segment", columns="to_segment", values="customers").fillna(0)
    rows = [name for name in (*order, NEWCOMER) if name in counts.index]
    counts = counts.reindex(index=rows, columns=[name for name in order if name in counts.columns]).astype("int64")
    hidden = hidden_cells(counts.to_numpy(), least)
    bounds = lower_bounds(counts.to_numpy(), hidden, least)
    return counts.astype("float64").mask(hidden), pd.DataFrame(bounds, counts.index, counts.columns)


def _moves(movement: Movement, order: Sequence[str], playbook: Playbook, least: int) -> Moves:
    matrix, bounds = shown_matrix(movement, order, least)
    pairs = list(zip(movement.flows["from_segment"], movement.flows["to_segment"], strict=True))
    known = np.array([bool(np.isfinite(matrix.loc[start, end])) for start, end in pairs], dtype=bool)
    directions = [_direction(start, end, order, playbook) for start, end in pairs]
    flows = movement.flows.assign(direction=np.array(directions, dtype="int64"))
    return Moves(movement, matrix, bounds, flows[known].reset_index(drop=True), bool((~known).any()))


def _direction(start: str, end: str, order: Sequence[str], playbook: Playbook) -> int:
    """1 up, -1 down, by the roles that the playbook gives; between segments to keep, and where it gives no role, by the order of the grid."""
    if start in (NEWCOMER, end):
        return 0
    before, after = (STANDING.get(playbook.advice(name).role, 0) for name in (start, end))
    if before == after == 0:
        before, after = order.index(start), order.index(end)
    return (before > after) - (before < after)
