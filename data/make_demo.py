"""Make the demo workbook: two years of an invented Egyptian loyalty club, with planted behaviours and planted faults, and a month more.

    python data/make_demo.py

writes ``demo.xlsx`` (six sheets), ``demo_next.xlsx`` (the same a month later), ``demo_truth.json`` (what is planted, for tests) and
``README.md`` beside this file. Who is contacted in the second month is what the report says of the first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import xlsxwriter
from demo_shop import (
    BEHAVIOURS,
    BRANCHES,
    CITIES,
    FIRST,
    LAST,
    MERCHANTS,
    PROSPECTS,
    SEED,
    Cell,
    Customer,
    Dice,
    Transaction,
    coupon,
    make_customers,
    make_transactions,
    on,
)
from second_month import campaigns, next_orders, next_rows, next_truth

HERE = Path(__file__).resolve().parent
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
    cells = attrgetter(*(field.name for field in fields(Transaction)[:-1]))
    merchant_of = [(f"B{branch:02d}", f"M{(branch + 1) // 2:02d}") for branch in range(1, BRANCHES + 1)]
    return {
        "customers": [(person.customer_id, person.joined, person.city, person.gender) for person in customers],
        "genders": [(1, "Female"), (2, "Male")],
        "cities": [(number, padded.get(name, name)) for number, (name, _) in enumerate(CITIES, start=1)],
        "transactions": list(map(cells, rows)),
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
