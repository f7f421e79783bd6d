"""The whole history of an invented shop, of any size: one row an order, with planted behaviours and planted faults.

    python -m tests.benchmarks.history PATH ROWS [CUSTOMERS]

writes a Parquet file in layout ``orders`` (``order_id`` int64, ``customer_id`` int64, ``order_date`` timestamp, ``amount`` double,
``branch_id`` int32), sorted by time as a cash desk would write it. The same numbers give the same bytes.
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
ROW_GROUP = 1_000_000
BRANCHES = 200


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
    """Exactly `rows` orders of at most `customers` customers, sorted by time.

    Parameters
    ----------
    rows, customers : int
    seed : int

    Returns
    -------
    pyarrow.Table
        The columns of the module's text.
    """
    dice = np.random.default_rng([seed, rows, customers])
    kind = dice.choice(len(BEHAVIOURS), customers, p=[each.share for each in BEHAVIOURS])
    weight = np.array([each.orders for each in BEHAVIOURS])[kind] * dice.gamma(3.0, 1 / 3.0, customers)
    owner = np.sort(np.searchsorted(np.cumsum(weight), dice.random(rows) * weight.sum())).astype("int32")
    begins, lasts = (np.array([getattr(each, name) for each in BEHAVIOURS])[kind] for name in ("begins", "lasts"))
    start = begins[:, 0] + (begins[:, 1] - begins[:, 0]) * dice.random(customers)
    span = lasts[:, 0] + (lasts[:, 1] - lasts[:, 0]) * dice.random(customers)
    end = np.minimum(start + span, 1.0)
    moment = start[owner] + (end - start)[owner] * dice.random(rows, dtype="float32")
    seconds = (moment * (DAYS * 86_400 - 1)).astype("int32")
    order = np.argsort(seconds, kind="stable")
    owner, seconds = owner[order], seconds[order]
    basket = np.array([each.basket for each in BEHAVIOURS])[kind][owner]
    amount = np.round(basket * dice.lognormal(0.0, 0.5, rows).astype("float32"), 2)
    return _with_faults(dice, owner, seconds, amount, rows)


def _with_faults(
    dice: np.random.Generator, owner: np.ndarray, seconds: np.ndarray, amount: np.ndarray, rows: int
) -> pa.Table:
    """Plant faults in rows of their own, then build the columns."""
    faults = faults_of(rows)
    number = np.arange(1, rows + 1, dtype="int64")
    places = (
        dice.choice(rows - 1, faults.no_customer + faults.no_amount + faults.refunds + faults.repeated, replace=False)
        + 1
    )
    nobody, free, refunds, repeated = np.split(
        places, np.cumsum([faults.no_customer, faults.no_amount, faults.refunds])
    )
    amount[refunds] *= -1
    repeated = np.sort(repeated)
    for column in (owner, seconds, amount, number):
        column[repeated] = column[repeated - 1]
    mask = np.zeros(rows, dtype=bool)
    no_customer, no_amount = mask.copy(), mask.copy()
    no_customer[np.setdiff1d(nobody, [*repeated - 1])] = True
    no_amount[np.setdiff1d(free, [*repeated - 1])] = True
    moments = FIRST_DAY.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return pa.table(
        {
            "order_id": pa.array(number),
            "customer_id": pa.array(owner.astype("int64") + 100_000, mask=no_customer),
            "order_date": pa.array(moments).cast(pa.timestamp("ms")),
            "amount": pa.array(amount, mask=no_amount),
            "branch_id": pa.array((owner % BRANCHES + 1).astype("int32")),
        }
    )


def write(path: Path, rows: int, customers: int) -> None:
    """Write the history as Parquet."""
    pq.write_table(orders(rows, customers), path, compression="zstd", row_group_size=ROW_GROUP)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else int(sys.argv[2]) // 11)
