"""The whole history of an invented shop, of any size: one row an order, with planted behaviours and planted faults.

    python -m tests.benchmarks.history PATH ROWS [CUSTOMERS]

writes a Parquet file in layout ``orders`` (``order_id`` int64, ``customer_id`` int64, ``order_date`` timestamp, ``amount`` double,
``branch_id`` int32), sorted by time as a cash desk would write it. The same numbers give the same bytes.

Shops are open from nine to nine, sell most on Fridays and Saturdays and before Christmas; a customer goes to one to three branches,
mostly to the first of them, and few branches have many customers. No customer's own behaviour hangs on that.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20240715
FIRST_DAY = np.datetime64("2021-07-01")
DAYS = 3 * 365
FIRST_CUSTOMER = 100_000
ROW_GROUP = 1_000_000
CHUNK = 5_000_000
"""Rows that are worked on at a time where a step needs much more memory than it leaves behind."""
OPENS_S, CLOSES_S = 9 * 3_600, 21 * 3_600
WEEK = (0.9, 0.85, 0.9, 1.0, 1.3, 1.5, 0.7)
"""How much is sold from Monday to Sunday, relative to each other."""
YEAR = (0.9, 0.85, 0.95, 0.95, 1.0, 0.95, 0.9, 0.9, 1.0, 1.0, 1.2, 1.6)
"""… and from January to December."""
MOST_BRANCHES = 200
HABITS = (0.5, 0.3, 0.2)
"""Shares of customers with one, two and three branches."""
FIRST_CHOICE, SECOND_CHOICE = 0.7, 0.9
"""Shares of visits to the first branch, and to the first or second, of who has three."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A planted kind of customer: its share of customers, orders per customer relative to the others, when it begins and when it stops."""

    name: str
    share: float
    orders: float
    begins: tuple[float, float]
    lasts: tuple[float, float]
    basket: float


BEHAVIOURS = (
    Behaviour("regulars", 0.18, 2.9, (0.0, 0.3), (0.7, 1.0), 60.0),
    Behaviour("occasional", 0.37, 0.7, (0.0, 0.7), (0.2, 1.0), 35.0),
    Behaviour("lapsed", 0.25, 0.8, (0.0, 0.2), (0.1, 0.4), 40.0),
    Behaviour("new", 0.15, 0.4, (0.8, 0.95), (0.05, 0.2), 30.0),
    Behaviour("great", 0.05, 1.5, (0.0, 0.5), (0.5, 1.0), 180.0),
)


@dataclass(frozen=True, slots=True)
class Faults:
    """Rows of each planted fault, by hand of the maker: what the report must find again."""

    no_customer: int
    no_amount: int
    refunds: int
    repeated: int


def faults_of(rows: int) -> Faults:
    """How many of each: the same shares at every size."""
    return Faults(no_customer=rows // 2_000, no_amount=rows // 5_000, refunds=rows // 100, repeated=rows // 1_000)


def orders(rows: int, customers: int, seed: int = SEED) -> pa.Table:
    """Exactly `rows` orders of exactly `customers` customers, sorted by time; a planted fault may hide the only order of one.

    Parameters
    ----------
    rows, customers : int
        Not more customers than rows.
    seed : int

    Returns
    -------
    pyarrow.Table
        The columns of the module's text.
    """
    dice = np.random.default_rng([seed, rows, customers])
    kind = dice.choice(len(BEHAVIOURS), customers, p=[each.share for each in BEHAVIOURS])
    weight = np.array([each.orders for each in BEHAVIOURS])[kind] * dice.gamma(3.0, 1 / 3.0, customers)
    drawn = np.searchsorted(np.cumsum(weight), dice.random(rows - customers) * weight.sum()).clip(max=customers - 1)
    owner = np.sort(np.concatenate([np.arange(customers, dtype="int32"), drawn.astype("int32")]))
    del drawn
    begins, lasts = (np.array([getattr(each, name) for each in BEHAVIOURS])[kind] for name in ("begins", "lasts"))
    start = begins[:, 0] + (begins[:, 1] - begins[:, 0]) * dice.random(customers)
    span = lasts[:, 0] + (lasts[:, 1] - lasts[:, 0]) * dice.random(customers)
    end = np.minimum(start + span, 1.0)
    lived = dice.random(rows, dtype="float32")
    seconds = _seconds(start, end, owner, lived)
    del lived
    order = np.argsort(seconds, kind="stable")
    owner, seconds = owner[order], seconds[order]
    del order
    basket = np.array([each.basket for each in BEHAVIOURS])[kind][owner]
    amount = np.round(basket * dice.lognormal(0.0, 0.5, rows).astype("float32"), 2)
    return _table(_with_faults(dice, owner, seconds, amount, _branches(dice, owner, customers)))


def branches_of(customers: int) -> int:
    """How many branches a shop with so many customers has."""
    return min(MOST_BRANCHES, max(8, customers // 100))


def _seconds(start: np.ndarray, end: np.ndarray, owner: np.ndarray, lived: np.ndarray) -> np.ndarray:
    """When each order was made, in seconds from `FIRST_DAY`: evenly over its owner's time, as busy days and opening hours let it."""
    days = FIRST_DAY + np.arange(DAYS)
    weekday = (days.astype("datetime64[D]").astype("int64") + 3) % 7
    month = days.astype("datetime64[M]").astype("int64") % 12
    sold = np.concatenate([[0.0], np.cumsum(np.array(WEEK)[weekday] * np.array(YEAR)[month])])
    share = np.stack([sold[:-1], sold[1:]], axis=1).ravel() / sold[-1]
    clock = (np.arange(DAYS)[:, None] * 86_400 + np.array([OPENS_S, CLOSES_S])).ravel()
    seconds = np.empty(len(owner), dtype="int32")
    for first in range(0, len(owner), CHUNK):
        part = slice(first, first + CHUNK)
        moment = start[owner[part]] + (end - start)[owner[part]] * lived[part]
        seconds[part] = np.interp(moment, share, clock)
    return seconds


def _branches(dice: np.random.Generator, owner: np.ndarray, customers: int) -> np.ndarray:
    """Where each order was made: at one of the one to three branches of its owner."""
    count = branches_of(customers)
    crowd = 1.0 / (np.arange(count) + 5.0)
    homes = (
        np.searchsorted(np.cumsum(crowd) / crowd.sum(), dice.random((customers, 3))).clip(max=count - 1).astype("int16")
    )
    habit = np.searchsorted(np.cumsum(HABITS), dice.random(customers)).astype("int8")
    chosen = np.searchsorted((FIRST_CHOICE, SECOND_CHOICE), dice.random(len(owner), dtype="float32")).astype("int8")
    return homes[owner, np.minimum(chosen, habit[owner])] + np.int16(1)


@dataclass(frozen=True, slots=True, eq=False)
class _Orders:
    """Columns of the history: customers by their place, seconds from `FIRST_DAY`, amounts, branches, numbers, and what is missing."""

    owner: np.ndarray
    seconds: np.ndarray
    amount: np.ndarray
    branch: np.ndarray
    number: np.ndarray
    no_customer: np.ndarray
    no_amount: np.ndarray


def _with_faults(
    dice: np.random.Generator, owner: np.ndarray, seconds: np.ndarray, amount: np.ndarray, branch: np.ndarray
) -> _Orders:
    """Plant the faults, each in rows of its own: every second row stays sound, so that what is repeated is a sound row."""
    rows = len(owner)
    faults = faults_of(rows)
    counts = (faults.no_customer, faults.no_amount, faults.refunds, faults.repeated)
    places = 2 * dice.choice((rows - 1) // 2, sum(counts), replace=False) + 2
    nobody, free, refunds, repeated = np.split(places, np.cumsum(counts)[:-1])
    number = np.arange(1, rows + 1, dtype="int64")
    amount[refunds] *= -1
    for column in (owner, seconds, amount, branch, number):
        column[repeated] = column[repeated - 1]
    no_customer, no_amount = np.zeros(rows, dtype=bool), np.zeros(rows, dtype=bool)
    no_customer[nobody] = True
    no_amount[free] = True
    return _Orders(owner, seconds, amount, branch, number, no_customer, no_amount)


def _table(orders: _Orders) -> pa.Table:
    moments = FIRST_DAY.astype("datetime64[s]") + orders.seconds.astype("timedelta64[s]")
    return pa.table(
        {
            "order_id": pa.array(orders.number),
            "customer_id": pa.array(orders.owner.astype("int64") + FIRST_CUSTOMER, mask=orders.no_customer),
            "order_date": pa.array(moments).cast(pa.timestamp("ms")),
            "amount": pa.array(orders.amount, mask=orders.no_amount),
            "branch_id": pa.array(orders.branch.astype("int32")),
        }
    )


def write(path: Path, rows: int, customers: int) -> None:
    """Write the history as Parquet."""
    pq.write_table(orders(rows, customers), path, compression="zstd", row_group_size=ROW_GROUP)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else int(sys.argv[2]) // 11)
