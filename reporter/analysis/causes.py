"""Why a customer is in another segment than in another run: each has exactly one cause, and it is computed.

A customer is scored again and again, with one thing changed at a time, and the first question that is answered by yes names the cause:

1. ``rule``: what the customer was then, among all of then, scored by the rule of now: is that the segment of now?
2. ``behaviour``: the customer has done something (other values than time alone gives). Had they not, and everybody else had: would they be elsewhere?
   Where settings count the same events otherwise, and no purchase since then shows, the other values are the rule's doing.
3. ``as_of``: time alone, under the score boundaries of then: does it lead to the segment of now?
4. ``boundary``: none of these: the boundaries have moved, because others have changed, come or gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.frames import arrow
from reporter.analysis.rfm import Grid
from reporter.analysis.yardstick import Values, values_of, yardstick

Cause = Literal["behaviour", "boundary", "as_of", "rule"]
CAUSES: Mapping[Cause, str] = MappingProxyType(
    {
        "behaviour": "their own purchases, burns or refunds differ",
        "boundary": "the score boundaries moved, because others changed, came or left",
        "as_of": "only time has passed, and took them past a boundary",
        "rule": "another grid, scoring or setting counts or names them otherwise",
    }
)
"""Every cause and what it means, in the order in which they are told."""


class UnexplainedError(ValueError):
    """The segments of a run (``first`` or ``second``) do not follow from its customers by its grid, so nothing can be said of causes."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two runs.

    Attributes
    ----------
    customers : pandas.DataFrame
        ``customer_id, recency_days, frequency, monetary, segment`` of all scored customers.
    """

    customers: pd.DataFrame
    grid: Grid
    as_of: date


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """Who is elsewhere, and why.

    Attributes
    ----------
    moved : pandas.DataFrame
        ``customer_id, before, after, cause`` of those in both runs whose segment differs, sorted by id.
    both, new, gone : int
        Customers in both runs, in the second alone, in the first alone.
    """

    moved: pd.DataFrame
    both: int
    new: int
    gone: int

    @property
    def by_cause(self) -> dict[str, int]:
        """Customers of each cause; all of them, whether anybody has it or not."""
        counts = self.moved["cause"].value_counts()
        return {cause: int(counts.get(cause, 0)) for cause in CAUSES}

    @property
    def flows(self) -> pd.DataFrame:
        """``before, after, cause, customers``: most customers first, then by name."""
        counted = self.moved.groupby(["before", "after", "cause"], as_index=False).size()
        counted = counted.rename(columns={"size": "customers"})
        return counted.sort_values(
            ["customers", "before", "after", "cause"], ascending=[False, True, True, True], ignore_index=True
        )


def movement(first: Side, second: Side, *, recounted: bool = False) -> Movement:
    """Tell who of the first run is elsewhere in the second, and why.

    Parameters
    ----------
    recounted : bool
        Whether settings differ that count the same events otherwise, or nothing else can have changed what customers are said to have done.

    Raises
    ------
    UnexplainedError
        Naming the run whose segments do not follow from its customers.
    """
    rows, places = _in_both(first.customers, second.customers)
    then, now = values_of(first.customers), values_of(second.customers)
    _check("first", first, then)
    _check("second", second, now)
    at, to = _taken(then, rows), _taken(now, places)
    before = first.customers["segment"].to_numpy(dtype=object)[rows]
    after = second.customers["segment"].to_numpy(dtype=object)[places]
    days = (second.as_of - first.as_of).days
    aged = {**at, "recency_days": at["recency_days"] + days}
    of_then, of_now = yardstick(then, second.grid), yardstick(now, second.grid)
    acted = np.any([aged[name] != to[name] for name in aged], axis=0)
    mattered = acted & (of_now.segments(aged, to) != after)
    shown = to["recency_days"] < days if days > 0 else at["recency_days"] < -days
    answers = {
        "rule": of_then.segments(at) == after,
        "behaviour": mattered & (shown if recounted else True),
        "recounted": mattered,
        "as_of": of_then.segments(aged, at) == after,
    }
    cause = np.select(list(answers.values()), ["rule", "behaviour", "rule", "as_of"], "boundary")
    found = pd.DataFrame(
        {
            "customer_id": second.customers["customer_id"].to_numpy()[places],
            "before": before,
            "after": after,
            "cause": cause,
        }
    )
    moved = found[before != after].sort_values("customer_id", ignore_index=True)
    return Movement(moved, len(rows), len(second.customers) - len(rows), len(first.customers) - len(rows))


def _in_both(first: pd.DataFrame, second: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the customers of both tables, in the first and in the second."""
    import pyarrow.compute as pc

    found = pc.index_in(arrow(second["customer_id"]), value_set=arrow(first["customer_id"]))
    rows = found.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")
    places = np.flatnonzero(rows >= 0)
    return rows[places], places


def _taken(values: Values, rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: column[rows] for name, column in values.items()}


def _check(name: str, side: Side, values: Values) -> None:
    if (yardstick(values, side.grid).segments(values) != side.customers["segment"].to_numpy(dtype=object)).any():
        raise UnexplainedError(name)
