"""Make the demo workbook: two years of an invented Egyptian loyalty club, with planted behaviours and planted faults.

    python data/make_demo.py

writes ``demo.xlsx`` (six sheets), ``demo_next.xlsx`` (the same a month later), ``demo_truth.json`` (what is planted, for tests) and
``README.md`` beside this file. Everything comes from `SEED` by way of ``random.random`` alone, whose sequence Python promises to keep: every
machine makes the same cells. Who is contacted in the second month is what the report says of the first.
"""

from __future__ import annotations

import json
import random
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from math import exp
from pathlib import Path
from statistics import NormalDist
from typing import Any

import xlsxwriter

HERE = Path(__file__).resolve().parent
SEED = 20260101
FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)
PROSPECTS = 80
NEXT_FIRST, NEXT_LAST = date(2026, 1, 1), date(2026, 1, 31)
JANUARY = {
    "loyal heavy buyers": 0.65,
    "steady regulars": 0.40,
    "one-time bargain hunters": 0.03,
    "big-basket rare buyers": 0.12,
    "lapsed good customers": 0.04,
}
"""Share of each behaviour that orders in the second month by itself."""
UPLIFTS = {"Potential Loyalist": 0.25, "Cannot Lose Them": 0.22}
"""What the campaigns of these segments add to the share that orders; those of all others add nothing."""

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
HEADERS = {
    "customers": ("customer_id", "join_date", "city_id", "gender_id"),
    "genders": ("gender_id", "gender_name"),
    "cities": ("city_id", "city_name"),
    "transactions": (
        "transaction_id", "customer_id", "transaction_date", "transaction_status", "coupon_name", "burn_date", "branch_id",
        "amount",
    ),
    "branches": ("branch_id", "merchant_id"),
    "merchants": ("merchant_id", "merchant_name"),
}  # fmt: skip

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


# --- the second month ------------------------------------------------------------------------------------------------


def campaigns(workbook: Path) -> dict[str, tuple[str, str]]:
    """Segment and group of each customer in the campaigns that the report of a workbook plans."""
    import reporter

    fast = ["cluster.null_draws=2", "cluster.bootstraps=2"]  # they have no part in the groups
    analysis = reporter.analyse(workbook, reporter.load_config(HERE / "demo.toml", fast)[0])
    members = analysis.campaign.members
    return dict(zip(members["customer_id"], zip(analysis.customers["segment"], members["group"].astype(str), strict=True), strict=True))  # fmt: skip


def next_orders(
    dice: Dice, customers: Sequence[Customer], groups: dict[str, tuple[str, str]], count: int
) -> list[Transaction]:
    """The orders of the second month, numbered after `count` earlier ones; a customer makes one at most."""
    behaviours = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
    days = list(
        accumulate(season(NEXT_FIRST + timedelta(days=day)) for day in range((NEXT_LAST - NEXT_FIRST).days + 1))
    )
    orders = []
    for customer in customers:
        if not customer.behaviour:
            continue
        own, (segment, group) = JANUARY[customer.behaviour], groups.get(customer.customer_id, ("", ""))
        added = UPLIFTS.get(segment, 0.0) if group == "treatment" else 0.0
        comes, day = dice.chance(min(own + added, 1.0)), NEXT_FIRST + timedelta(days=dice.weighted(days))
        behaviour = behaviours[customer.behaviour]
        order = make_order(dice, customer, behaviour, day, behaviour.basket * dice.near(1, 0.3), NEXT_LAST)
        orders += [order] if comes else []
    orders.sort(key=lambda order: (order.day, order.customer_id))
    return [replace(order, transaction_id=f"T{number:06d}") for number, order in enumerate(orders, count + 1)]


def next_rows(rows: Sequence[Transaction], orders: Sequence[Transaction]) -> list[Transaction]:
    """The transactions of both months, and a total row at the end."""
    both = [*rows[:-1], *orders]
    return [*both, replace(rows[-1], amount=round(sum(row.amount for row in both), 2))]


def next_truth(groups: dict[str, tuple[str, str]], rows: Sequence[Transaction], orders: int) -> dict[str, Any]:
    """What is planted in the second month: of each campaign the size of its groups and what it adds."""
    segments = sorted({segment for segment, _ in groups.values()})
    members = list(groups.values())
    return {
        "as_of": str(NEXT_LAST + timedelta(days=1)),
        "rows": {"transactions": len(rows), "added": orders},
        "campaigns": {
            segment: {
                "treatment": members.count((segment, "treatment")),
                "control": members.count((segment, "control")),
                "uplift": UPLIFTS.get(segment, 0.0),
            }
            for segment in segments
        },
    }


# --- faults -----------------------------------------------------------------------------------------------------------

Spoil = Callable[[Transaction, int], Transaction]


def before_join(row: Transaction, joined: dict[str, date]) -> Transaction:
    """The same order, eleven days before its customer joined."""
    day = joined[str(row.customer_id)] - timedelta(days=11)
    return replace(row, day=day, status="subscribed", burned=None, coupon=coupon(day))


def early_burn(row: Transaction) -> Transaction:
    """The same order with a coupon that was burned three days before it was claimed."""
    claimed = date.fromisoformat(str(row.day))
    return replace(row, status="burned", burned=claimed - timedelta(days=3))


def spoilers(joined: dict[str, date]) -> dict[str, tuple[int, str, Spoil]]:
    """Every fault: how often, what it is, and how a clean row is spoilt. Kinds that keep the id of the row are duplicates."""
    unreadable = ("31/02/2025", "next Sunday", "2025-13-05", "??", "tba")
    return {
        "identical_duplicate": (8, "the whole row once more", lambda row, _: row),
        "conflicting_duplicate": (
            5, "the same transaction_id with another amount", lambda row, _: replace(row, amount=round(row.amount + 50, 2)),
        ),
        "missing_customer_id": (6, "customer_id is empty", lambda row, _: replace(row, customer_id=None)),
        "unreadable_date": (5, "transaction_date is no date", lambda row, n: replace(row, day=unreadable[n])),
        "refund": (9, "a negative amount", lambda row, _: replace(row, amount=-row.amount, status="subscribed", burned=None)),
        "zero_amount": (4, "an amount of 0", lambda row, _: replace(row, amount=0.0)),
        "unknown_branch": (4, "branch_id B99 is not in branches", lambda row, _: replace(row, branch="B99")),
        "unknown_customer": (
            3, "customer_id is not in customers", lambda row, n: replace(row, customer_id=f"C9999{n}"),
        ),
        "before_join": (5, "the order lies before the customer's join_date", lambda row, _: before_join(row, joined)),
        "burn_before_claim": (4, "burn_date lies before transaction_date", lambda row, _: early_burn(row)),
    }  # fmt: skip


def plant(dice: Dice, clean: Sequence[Transaction], customers: Sequence[Customer]) -> list[Transaction]:
    """Add the faulty rows among the clean ones, which stay as they are, and a total row at the end.

    Each fault spoils a copy of another row: an order in the midst of a steady regular's, never the last of anything.
    """
    joined = {customer.customer_id: customer.joined for customer in customers}
    steady = {customer.customer_id for customer in customers if customer.behaviour == "steady regulars"}
    span = {str(on(day)) for day in range(366, 640)}
    usable = [place for place, row in enumerate(clean) if row.customer_id in steady and str(row.day) in span]
    chosen = iter([usable[place] for place in dice.order(len(usable))])
    added: list[tuple[int, Transaction]] = []
    number = len(clean)
    for fault, (count, _, spoil) in spoilers(joined).items():
        for n in range(count):
            place = next(chosen)
            row = replace(spoil(clean[place], n), fault=fault)
            if "duplicate" not in fault:
                number += 1
                row = replace(row, transaction_id=f"T{number:06d}")
            added.append((place + 3, row))
    rows = list(clean)
    for place, row in sorted(added, key=lambda item: (-item[0], item[1].transaction_id)):
        rows.insert(place, row)
    total = Transaction("Total", None, "", "", "", None, "", round(sum(row.amount for row in rows), 2), "total_row")
    return [*rows, total]


# --- files ------------------------------------------------------------------------------------------------------------


def sheets(customers: Sequence[Customer], rows: Sequence[Transaction]) -> dict[str, list[tuple[Cell, ...]]]:
    """The six sheets, without headers. One city name is padded with blanks, as happens."""
    padded = {"Alexandria": "  Alexandria "}
    merchant_of = [(f"B{branch:02d}", f"M{(branch + 1) // 2:02d}") for branch in range(1, BRANCHES + 1)]
    return {
        "customers": [(person.customer_id, person.joined, person.city, person.gender) for person in customers],
        "genders": [(1, "Female"), (2, "Male")],
        "cities": [(number, padded.get(name, name)) for number, (name, _) in enumerate(CITIES, start=1)],
        "transactions": [astuple(row)[:-1] for row in rows],
        "branches": list(merchant_of),
        "merchants": [(f"M{number:02d}", name) for number, name in enumerate(MERCHANTS, start=1)],
    }


def write_workbook(path: Path, tables: dict[str, list[tuple[Cell, ...]]]) -> None:
    """Write the sheets with a fixed creation date, so that equal cells are equal bytes."""
    workbook = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
    workbook.set_properties({"title": "Demo workbook", "created": datetime(2026, 1, 1)})  # noqa: DTZ001  (a date for the file only)
    bold = workbook.add_format({"bold": True})
    dated = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in tables.items():
        sheet = workbook.add_worksheet(name)
        sheet.write_row(0, 0, HEADERS[name], bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(HEADERS[name]) - 1, 18)
        for place, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, dated)
                elif cell not in (None, ""):
                    sheet.write(place, column, cell)
    workbook.close()


def truth(customers: Sequence[Customer], rows: Sequence[Transaction]) -> dict[str, Any]:
    """What is planted, with rows of the sheet transactions as it numbers them (the header is 1)."""
    clean = [row for row in rows if not row.fault]
    faults: dict[str, list[int]] = {}
    for place, row in enumerate(rows, start=2):
        if row.fault:
            faults.setdefault(row.fault, []).append(place)
    members = {kind.name: [who.customer_id for who in customers if who.behaviour == kind.name] for kind in BEHAVIOURS}
    return {
        "seed": SEED,
        "as_of": str(LAST + timedelta(days=1)),
        "customers": {"known": len(customers), "scored": len(customers) - PROSPECTS, "prospects": PROSPECTS},
        "rows": {"transactions": len(rows)},
        "clean": {
            "transactions": len(clean),
            "burned": sum(row.status == "burned" for row in clean),
            "monetary": f"{sum(round(row.amount * 100) for row in clean) / 100:.2f}",
        },
        "faults": {fault: {"count": len(found), "rows": found} for fault, found in faults.items()},
        "padded_city": "Alexandria",
        "behaviours": {name: len(ids) for name, ids in members.items()},
        "members": members,
    }


def readme(planted: dict[str, Any]) -> str:
    """The page that tells what the workbook holds."""
    what = {name: text for name, (_, text, _) in spoilers({}).items()} | {"total_row": "a sum under the table"}
    behaviours = "\n".join(f"| {b.name} | {b.customers} | {b.what} |" for b in BEHAVIOURS)
    table = "\n".join(f"| `{name}` | {fault['count']} | {what[name]} |" for name, fault in planted["faults"].items())
    clean, later = planted["clean"], planted["next_month"]
    uplifts = "\n".join(
        f"| {name} | {each['treatment']} | {each['control']} | {each['uplift']:.0%} |"
        for name, each in later["campaigns"].items()
        if each["uplift"]
    )
    return README.format(
        behaviours=behaviours, faults=table, prospects=PROSPECTS, branches=BRANCHES, merchants=len(MERCHANTS), cities=len(CITIES),
        seed=SEED, first=FIRST, last=LAST, people=f"{planted['customers']['known']:,}", bought=f"{planted['customers']['scored']:,}",
        rows=f"{planted['rows']['transactions']:,}", transactions=f"{clean['transactions']:,}", burned=f"{clean['burned']:,}",
        monetary=f"{float(clean['monetary']):,.2f}",
        added=f"{later['rows']['added']:,}", uplifts=uplifts,
    )  # fmt: skip


README = """# The demo workbook

`demo.xlsx` is invented: {people} members of an Egyptian loyalty club, {first} to {last}, amounts in EGP. It has {cities} cities,
{merchants} merchants and {branches} branches (the last merchant has opened none yet). Nobody in it lives. `make_demo.py` makes it, `demo_next.xlsx`,
this page and `demo_truth.json` from the seed {seed}; run `python data/make_demo.py` after a change there, and commit all four.

## Planted behaviours

Each of the {bought} customers who ever bought follows one of five, so a good clustering finds five groups, and the report should say that they are real.

| behaviour | customers | what they do |
|---|---|---|
{behaviours}
| prospects | {prospects} | joined, never ordered |

Orders follow the weekday (most on Thursday to Saturday), the month (White Friday in November, a dip in February), Ramadan, and slow growth.
There are {transactions} clean transactions, {burned} of them burned, worth EGP {monetary} together.

## Planted faults

Each is a row of its own among the clean ones, so the sheet `transactions` has {rows} rows. `demo_truth.json` has the row numbers.

| fault | rows | what is wrong |
|---|---|---|
{faults}

The city Alexandria is written with blanks around it; the report should trim them.

## The second month

`demo_next.xlsx` has the same customers a month later: {added} orders of January 2026 come after the rows above, and the faults stay where they are.

    reporter run data/demo.xlsx -c data/demo.toml
    reporter run data/demo_next.xlsx -c data/demo.toml

The first report plans a campaign for each segment and draws who is contacted and who is held back. January is what would have followed: of those who were
to be contacted, the campaigns below brought so many more of a hundred than came by themselves; all others brought nobody. The second report should find that.

| campaign | contacted | held back | added |
|---|---|---|---|
{uplifts}
"""


def main(folder: Path = HERE) -> None:
    """Write the four files."""
    dice = Dice(SEED)
    customers = make_customers(dice)
    rows = plant(dice, make_transactions(dice, customers), customers)
    planted = truth(customers, rows)
    write_workbook(folder / "demo.xlsx", sheets(customers, rows))
    groups = campaigns(folder / "demo.xlsx")
    orders = next_orders(Dice(SEED + 1), customers, groups, len(rows))
    later = next_rows(rows, orders)
    write_workbook(folder / "demo_next.xlsx", sheets(customers, later))
    planted["next_month"] = next_truth(groups, later, len(orders))
    (folder / "demo_truth.json").write_text(json.dumps(planted, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(readme(planted), encoding="utf-8")


if __name__ == "__main__":
    main()
