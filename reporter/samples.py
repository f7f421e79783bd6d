"""An invented table of orders, to try things out without a file."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from reporter.errors import Problem, UsageError

if TYPE_CHECKING:
    import pandas as pd

LAST_DAY = date(2025, 6, 30)
SPAN_DAYS = 730
HABITS: tuple[tuple[float, int, float, int], ...] = (
    (0.15, 18, 85.0, 0),
    (0.35, 60, 40.0, 0),
    (0.30, 130, 30.0, 0),
    (0.20, 45, 45.0, 210),
)
"""Loyal, regular and occasional customers, and those who have left: share, mean days between two orders, mean amount, days without any at the end."""


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

    Raises
    ------
    UsageError
        For a shop without customers.

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

    if customers < 1:
        raise UsageError(Problem("customers", f"{customers} make no shop.", "Ask for one or more."))
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
    """Days and amounts of one customer's orders; the habits follow one another, and the first customer orders on the last day."""
    gap, worth, silent = _habit((number + 0.5) / customers)
    first = silent + rng.randrange(gap, SPAN_DAYS - silent)
    day = silent + rng.randrange(gap) if number else 0
    orders: list[tuple[date, float]] = []
    while day <= first or not orders:
        orders.append((LAST_DAY - timedelta(days=day), round(worth * rng.uniform(0.4, 1.6), 2)))
        day += 1 + round(rng.expovariate(1 / gap))
    return orders


def _habit(place: float) -> tuple[int, float, int]:
    """The habit of a customer at a place from 0 to 1."""
    edges = accumulate(share for share, *_ in HABITS)
    return next(
        (gap, worth, silent) for edge, (_, gap, worth, silent) in zip(edges, HABITS, strict=True) if place < edge
    )
