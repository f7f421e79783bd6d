"""A history of orders as people type them: dates and amounts in many spellings, and every fault that a row can have."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BAD_DATES = (
    "",
    "soon",
    "2024-02-30",
    "2024-03",
    "2024",
    "2024-01-05 25:00:00",
    "epoch",
    "infinity",
    "2099-01-01",
    "13/13/2024",
)
BAD_AMOUNTS = ("", "free", "NaN", "1_000", "12d", "12f", "--5", "1.2.3", "inf")


def history(path: Path, rows: int, seed: int = 20240715) -> Path:
    """Write the history as CSV; the same numbers give the same bytes.

    About one row in thirty is spoiled: no customer, no or an impossible date, no readable amount, an id twice (the same or with another
    customer), a summary line, a refund, an order line twice.
    """
    dice = np.random.default_rng(seed)
    days = dice.integers(0, 900, rows)
    customers = dice.zipf(1.4, rows) % max(rows // 8, 1)
    cents = np.maximum(dice.lognormal(8, 1, rows).astype(int), 1)
    spellings, fates = dice.integers(0, 7, rows), dice.integers(0, 400, rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("order_id", "customer_id", "order_date", "amount", "branch_id", "status"))
        last: list[str] = []
        for n in range(rows):
            day = date(2022, 1, 1) + timedelta(days=int(days[n]))
            row = [
                f"o{n}", f"c{customers[n]:05}", _day(day, int(spellings[n])), _money(int(cents[n]), int(spellings[n])),
                str(n % 12), ("paid", "PAID", "Straße", "Cancelled")[n % 4 if n % 5 == 0 else 0],
            ]  # fmt: skip
            row = _spoiled(row, last, int(fates[n]), n)
            out.writerow(row)
            last = row
    return path


def _day(day: date, spelling: int) -> str:
    spellings = (
        day.isoformat(), f"{day.isoformat()} 10:11:12", f"{day.isoformat()}T23:30:00.5+02:00", f"{day:%Y%m%d}", f"{day.day}.{day.month}.{day.year}",
        f"{day.day} {MONTHS[day.month - 1]} {day.year}", f"{day:%d/%m/%Y}",
    )  # fmt: skip
    return spellings[spelling]


def _money(cents: int, spelling: int) -> str:
    plain, grouped = f"{cents / 100:.2f}", f"{cents / 100:,.2f}"
    return (plain, f"$ {grouped}", f"{plain}5", grouped, f"${plain}", grouped.replace(",", "'"), f" {plain} ")[spelling]


def _spoiled(row: list[str], last: list[str], fate: int, n: int) -> list[str]:
    match fate:
        case 0:
            return [row[0], "", *row[2:]]
        case 1 | 2:
            return [*row[:2], BAD_DATES[n % len(BAD_DATES)], *row[3:]]
        case 3 | 4:
            return [*row[:3], BAD_AMOUNTS[n % len(BAD_AMOUNTS)], *row[4:]]
        case 5 if last:
            return last
        case 6 if last:
            return [last[0], *row[1:]]
        case 7:
            return ["Grand total", "", "", row[3], "", ""]
        case 8 | 9 | 10:
            return [*row[:3], f"({row[3].strip('$ ')})", *row[4:]]
        case 11 if last:
            return ["", *last[1:]]
        case 12:
            return ["1.23456789012346E+15", *row[1:]]
    return row
