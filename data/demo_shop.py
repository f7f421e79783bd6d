"""The shop of the demo: an invented Egyptian loyalty club, its customers, and what they buy.

Everything comes from `SEED` by way of ``random.random`` alone, whose sequence Python promises to keep: every machine makes the same cells.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from math import exp
from statistics import NormalDist

SEED = 20260101
FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)
PROSPECTS = 80

CITIES = (
    ("Cairo", 30), ("Giza", 18), ("Alexandria", 14), ("Mansoura", 8), ("Tanta", 6), ("Zagazig", 5), ("Ismailia", 4),
    ("Port Said", 4), ("Suez", 3), ("Hurghada", 3), ("Luxor", 3), ("Aswan", 2),
)  # fmt: skip
MERCHANTS = (
    "Delta Fresh Market", "Nile Roastery", "Corniche Fashion", "Lotus Home", "Heliopolis Electronics", "Zamalek Books",
    "Oasis Beauty", "Maadi Toys", "Sakkara Sports", "Papyrus Stationers", "Khan Silver", "Nubia Spices", "Fayoum Pottery",
    "Sinai Outdoor", "Scarab Optics", "Siwa Olive Press",
)  # fmt: skip
BRANCHES = 30  # two for each merchant but the last, which has opened none yet
WEEKDAYS = (0.85, 0.85, 0.90, 1.20, 1.25, 1.15, 0.90)  # Monday first; the weekend is Friday and Saturday
MONTHS = (0.95, 0.90, 1.00, 1.00, 0.95, 0.95, 1.05, 1.10, 0.95, 1.00, 1.70, 1.20)  # White Friday in November
RAMADANS = ((date(2024, 3, 11), date(2024, 4, 9)), (date(2025, 3, 1), date(2025, 3, 29)))
Cell = str | int | float | date | None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One kind of customer. Ranges are inclusive, days count from `FIRST`."""

    name: str
    what: str
    customers: int
    orders: tuple[int, int]
    basket: float
    burn_rate: float
    joined: tuple[int, int]
    last_order: tuple[int, int]
    merchants: tuple[int, ...]


BEHAVIOURS = (
    Behaviour(
        "loyal heavy buyers", "order every few weeks from the start until now, burn about half their coupons",
        260, (15, 32), 620, 0.50, (-90, 90), (708, 730), (1, 1, 1, 2, 2, 3, 4, 6, 7, 9, 12),
    ),
    Behaviour(
        "steady regulars", "order every two months, small baskets, few coupons burned",
        560, (5, 11), 260, 0.15, (90, 360), (680, 726), (1, 1, 2, 3, 6, 7, 8, 10, 12, 14),
    ),
    Behaviour(
        "one-time bargain hunters", "come once or twice for a coupon, burn it within days and do not come back",
        480, (1, 2), 110, 1.00, (380, 610), (390, 650), (3, 3, 7, 8, 10),
    ),
    Behaviour(
        "big-basket rare buyers", "order two to five times, very large baskets, hardly bother with coupons",
        300, (2, 5), 4200, 0.03, (40, 300), (560, 705), (4, 4, 5, 5, 11, 13),
    ),
    Behaviour(
        "lapsed good customers", "ordered often in the first year, then stopped",
        320, (8, 17), 420, 0.75, (-90, 60), (270, 420), (1, 2, 3, 4, 9, 14, 15),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Customer:
    """A row of the customers sheet, and the behaviour it was drawn from (empty: a prospect)."""

    customer_id: str
    joined: date
    city: int
    gender: int
    behaviour: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """A row of the transactions sheet, its columns in their order, and which fault was planted."""

    transaction_id: str
    customer_id: str | None
    day: date | str
    status: str
    coupon: str
    burned: date | None
    branch: str
    amount: float
    fault: str = ""


class Dice:
    """Every draw there is, from the one method of ``random.Random`` whose results never change between Python versions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """True with probability `share`."""
        return self._random() < share

    def weighted(self, cumulative: Sequence[float], low: int = 0, high: int | None = None) -> int:
        """An index in low..high (inclusive) by cumulative weights."""
        high = len(cumulative) - 1 if high is None else high
        below = cumulative[low - 1] if low else 0.0
        return min(high, bisect(cumulative, below + self._random() * (cumulative[high] - below), low, high))

    def near(self, median: float, spread: float) -> float:
        """A log-normal number around a median."""
        return median * exp(NormalDist().inv_cdf(max(self._random(), 1e-12)) * spread)

    def order(self, count: int) -> list[int]:
        """The numbers 0..count-1 in random order."""
        return [number for _, number in sorted((self._random(), number) for number in range(count))]


# --- people and what they buy -----------------------------------------------------------------------------------------


def on(day: int) -> date:
    """The date of a day counted from `FIRST`."""
    return FIRST + timedelta(days=day)


def season(day: date) -> float:
    """How much is bought on a day, against the average: weekday, month, Ramadan and slow growth."""
    ramadan = 1.35 if any(first <= day <= last for first, last in RAMADANS) else 1.0
    growth = 1 + 0.2 * (day - FIRST).days / 730
    return WEEKDAYS[day.weekday()] * MONTHS[day.month - 1] * ramadan * growth


def make_customers(dice: Dice) -> list[Customer]:
    """All customers in random order, numbered as they joined; prospects have joined but never ordered."""
    drawn = [(on(dice.whole(*kind.joined)), kind.name) for kind in BEHAVIOURS for _ in range(kind.customers)]
    drawn += [(on(dice.whole(200, 725)), "") for _ in range(PROSPECTS)]
    shuffled = sorted((drawn[place] for place in dice.order(len(drawn))), key=lambda person: person[0])
    cities = list(accumulate(weight for _, weight in CITIES))
    return [
        Customer(f"C{number:05d}", joined, dice.weighted(cities) + 1, 1 + dice.chance(0.46), behaviour)
        for number, (joined, behaviour) in enumerate(shuffled, start=1)
    ]


def make_orders(dice: Dice, customer: Customer, behaviour: Behaviour, seasons: Sequence[float]) -> list[Transaction]:
    """All orders of one customer, without ids: the last one where the behaviour says, the others by season before it."""
    first = max(0, (customer.joined - FIRST).days + dice.whole(0, 12))
    last = max(first, dice.whole(*behaviour.last_order))
    days = [last] + [dice.weighted(seasons, first, last) for _ in range(dice.whole(*behaviour.orders) - 1)]
    purse = behaviour.basket * dice.near(1, 0.3)
    return [make_order(dice, customer, behaviour, on(day), purse) for day in sorted(days)]


def make_order(
    dice: Dice, customer: Customer, behaviour: Behaviour, day: date, purse: float, last: date = LAST
) -> Transaction:
    """One order: a coupon is claimed with it, and burned until the `last` day or not."""
    merchant = behaviour.merchants[dice.whole(0, len(behaviour.merchants) - 1)]
    branch = f"B{2 * (merchant - 1) + dice.whole(1, 2):02d}"
    amount = round(dice.near(purse, 0.35), 2)
    burned = day + timedelta(days=min(45, int(dice.near(4 if behaviour.burn_rate == 1 else 12, 0.8))))
    if not dice.chance(behaviour.burn_rate) or burned > last:
        return Transaction("", customer.customer_id, day, "subscribed", coupon(day), None, branch, amount)
    return Transaction("", customer.customer_id, day, "burned", coupon(day), burned, branch, amount)


def coupon(day: date) -> str:
    """The coupon that ran on a day."""
    if any(first <= day <= last for first, last in RAMADANS):
        return "RAMADAN KAREEM"
    return {11: "WHITE FRIDAY", 7: "SUMMER 15", 8: "SUMMER 15", 1: "NEW YEAR"}.get(day.month, "CLUB 10")


def make_transactions(dice: Dice, customers: Sequence[Customer]) -> list[Transaction]:
    """The clean transactions, numbered by day."""
    seasons = list(accumulate(season(on(day)) for day in range((LAST - FIRST).days + 1)))
    behaviours = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
    buyers = [(customer, behaviours[customer.behaviour]) for customer in customers if customer.behaviour]
    orders = [order for buyer, behaviour in buyers for order in make_orders(dice, buyer, behaviour, seasons)]
    orders.sort(key=lambda order: (order.day, order.customer_id))
    return [replace(order, transaction_id=f"T{number:06d}") for number, order in enumerate(orders, start=1)]
