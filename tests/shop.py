"""A small shop to run on: six sheets with money, a few dirty rows, and the truth about them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

READ, REJECTED = 600, 3
"""Rows of the transactions sheet, and how many of them have no customer."""


def write_shop(path: Path) -> Path:
    """Write the workbook: 80 customers, 600 transactions, three of them without a customer_id."""
    from xlsxwriter import Workbook

    with Workbook(str(path)) as book:
        for name, rows in sheets().items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return path


def write_orders(path: Path, customers: int = 60, seed: int = 7) -> Path:
    """Write a single table, the orders of another shop, as CSV or workbook: made into a report in half the time of the six sheets."""
    from reporter import sample

    orders = sample(customers, seed)
    (orders.to_csv if path.suffix == ".csv" else orders.to_excel)(path, index=False)
    return path


def sheets() -> dict[str, list[list[object]]]:
    """All sheets as rows, headers first; days are ISO texts."""
    draw = random.Random(20240715)
    first = date(2022, 7, 1)
    customers: list[list[object]] = [["customer_id", "join_date", "city_id", "gender_id"]]
    transactions: list[list[object]] = [
        [
            "transaction_id",
            "customer_id",
            "transaction_date",
            "transaction_status",
            "coupon_name",
            "burn_date",
            "branch_id",
            "amount",
        ]
    ]
    customers += [
        [f"C{i:03}", str(first - timedelta(days=draw.randrange(300))), 1 + i % 4, 1 + i % 2] for i in range(80)
    ]
    for i in range(READ):
        day = first + timedelta(days=draw.randrange(730))
        who = f"C{int(80 * draw.random() ** 2):03}"
        burned = draw.random() < 0.5
        burn = str(day + timedelta(days=draw.randrange(1, 20))) if burned else None
        amount = round(draw.lognormvariate(3, 0.7), 2)
        status = "burned" if burned else "subscribed"
        transactions.append([f"T{i:04}", who, str(day), status, "Ten off", burn, 1 + i % 6, amount])
    for i in range(1, 1 + REJECTED):
        transactions[i * 100][1] = None
    return {
        "customers": customers,
        "genders": [["gender_id", "gender_name"], [1, "Female"], [2, "Male"]],
        "cities": [["city_id", "city_name"], *([i, f"City {i}"] for i in range(1, 5))],
        "transactions": transactions,
        "branches": [["branch_id", "merchant_id"], *([i, 1 + i % 3] for i in range(1, 7))],
        "merchants": [["merchant_id", "merchant_name"], *([i, f"Merchant {i}"] for i in range(1, 4))],
    }
