"""An invented table of orders, to try things out without a file."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

LAST_DAY = date(2025, 6, 30)
SPAN_DAYS = 730
HABITS = (
    # share of customers, mean days between two orders, mean amount, days without any at the end
    (0.15, 18, 85.0, 0),
    (0.35, 60, 40.0, 0),
    (0.30, 130, 30.0, 0),
    (0.20, 45, 45.0, 210),
)
"""Loyal, regular and occasional customers, and those who have left."""


def sample(customers: int = 300, seed: int = 7) -> pd.DataFrame:
    """Make an orders table of an invented shop: the same at every call, for examples and first steps.

    Parameters
    ----------
    customers : int
        How many of them. Each has ordered at least once.
    seed : int
        Another seed makes another shop.

    Returns
    -------
    pandas.DataFrame
        One row per order of two years, sorted by day: ``transaction_id`` str · ``customer_id`` str · ``transaction_date`` datetime64 (days) · ``amount`` float (two decimals).
        Customers are loyal, regular, occasional, or have left half a year ago.

    Examples
    --------
    >>> import reporter
    >>> orders = reporter.sample()
    >>> orders.columns.to_list()
    ['transaction_id', 'customer_id', 'transaction_date', 'amount']
    >>> orders["customer_id"].nunique(), str(orders["transaction_date"].max().date())
    (300, '2025-06-30')
    """
    import pandas as pd

    rng = Random(seed)  # noqa: S311 - an invented shop, no secret
    rows = [
        (day, f"C{number:04}", amount) for number in range(customers) for day, amount in _orders(number, customers, rng)
    ]
    rows.sort()
    days, ids, amounts = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "transaction_id": [f"T{number:06}" for number in range(1, len(rows) + 1)],
            "customer_id": ids,
            "transaction_date": pd.to_datetime(list(days)),
            "amount": amounts,
        }
    )


def _orders(number: int, customers: int, rng: Random) -> list[tuple[date, float]]:
    """Days and amounts of one customer's orders; the habits follow one another, the first customer orders on the last day."""
    place, edges = (number + 0.5) / customers, 0.0
    for share, gap, worth, silent in HABITS:
        edges += share
        if place < edges:
            break
    days = [silent if number else 0]
    while (next_day := days[-1] + 1 + round(rng.expovariate(1 / gap))) < SPAN_DAYS:
        days.append(next_day)
    later = rng.randrange(gap) if number else 0  # so that not all order on one day
    ordered = [LAST_DAY - timedelta(days=day + later) for day in days if day + later < SPAN_DAYS]
    return [(day, round(worth * rng.uniform(0.4, 1.6), 2)) for day in ordered]
