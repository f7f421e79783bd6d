"""What is measured: sizes, and the files of each, made from the same invented history.

    python -m tests.benchmarks.sources NAME PATH

writes the file of one size: Parquet in layout ``orders``, or a workbook of six sheets in layout ``shop``, with money.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import xlsxwriter

from tests.benchmarks import history
from tests.benchmarks.history import FIRST_CUSTOMER, SEED, branches_of, faults_of

Kind = Literal["workbook", "parquet"]


@dataclass(frozen=True, slots=True)
class Size:
    """One size.

    Attributes
    ----------
    name : str
    rows, customers : int
    kind : {"workbook", "parquet"}
    pairs : int
        Rounds unless said otherwise.
    against : bool
        Whether the notebook runs as well.
    settings : tuple of str
        What the report is told, as ``section.key=value``.
    """

    name: str
    rows: int
    customers: int
    kind: Kind
    pairs: int = 1
    against: bool = False
    settings: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it is, for a table."""
        form = "workbook of six sheets" if self.kind == "workbook" else "Parquet file"
        return f"{form}, {self.rows:,} rows, {self.customers:,} customers"

    @property
    def reasons(self) -> dict[str, int]:
        """Rows of each reason that the report must find, for they were planted."""
        faults = faults_of(self.rows)
        repeated = "identical-duplicate" if self.kind == "workbook" else "identical-line"
        planted = {
            "no-customer-id": faults.no_customer,
            "no-amount": faults.no_amount,
            "refund": faults.refunds,
            repeated: faults.repeated,
        }
        return {reason: rows for reason, rows in planted.items() if rows}


FIXED = "5k-parquet"
"""The size whose stages are taken for the fixed costs of the Parquet sizes."""
SIZES = {
    size.name: size
    for size in (
        Size("5k", 5_000, 810, "workbook", pairs=3, against=True),
        Size("100k", 100_000, 16_000, "workbook", pairs=3, against=True),
        Size(FIXED, 5_000, 455, "parquet", pairs=3),
        Size("1M", 1_000_000, 91_000, "parquet", pairs=2, against=True),
        Size("10M", 10_000_000, 909_000, "parquet", pairs=2),
        Size("50M", 50_000_000, 5_000_000, "parquet", settings=("memory=4GB",)),
        Size("1M-sheet", 1_000_000, 91_000, "workbook"),
    )
}
USUAL = ("5k", "100k", FIXED, "1M", "10M")
"""What `./dev bench` measures when it is told nothing: about a quarter of an hour."""


def file_of(size: Size, folder: Path) -> Path:
    """Where the file of a size lies; its name changes when the makers do, so that no old one is taken for it."""
    makers = (Path(history.__file__), Path(__file__))
    version = sha256(b"".join(path.read_bytes() for path in makers)).hexdigest()[:8]
    return folder / f"{size.name}-{version}.{'xlsx' if size.kind == 'workbook' else 'parquet'}"


def make(size: Size, path: Path) -> None:
    """Write the file of a size: whole or not at all."""
    part = path.with_name(f"part-{path.name}")
    if size.kind == "parquet":
        history.write(part, size.rows, size.customers)
    else:
        write_workbook(part, size.rows, size.customers)
    part.rename(path)


# --- the six sheets ---------------------------------------------------------------------------------------------------

CITIES = ("Cairo", "Alexandria", "Giza", "Aswan", "Luxor", "Tanta", "Suez", "Ismailia", "Fayoum", "Zagazig")
GENDERS = ("Female", "Male")
BRANCHES_PER_MERCHANT = 4
COUPONS = 12
PROSPECTS = 0.05
"""Share of people in the sheet of customers, on top of the others, who never ordered."""
BURNED = 0.6
"""Share of orders whose coupon is burned …"""
LATEST_BURN = 30
"""… so many days after the order at the latest."""
Sheet = tuple[str, Sequence[str], Iterator[Sequence[Any]]]


def write_workbook(path: Path, rows: int, customers: int) -> None:
    """Write the six sheets of the contract: the same history, with coupons, cities, genders and merchants."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": "An invented shop", "created": datetime(2024, 7, 1)})  # noqa: DTZ001 (a date for the file only)
    dated = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for name, header, lines in sheets(rows, customers):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, header)
        for place, line in enumerate(lines, start=1):
            for column, cell in enumerate(line):
                if isinstance(cell, datetime):
                    sheet.write_datetime(place, column, cell, dated)
                elif cell is not None:
                    sheet.write(place, column, cell)
    book.close()


def sheets(rows: int, customers: int) -> Iterator[Sheet]:
    """Name, header and lines of each sheet."""
    orders = history.orders(rows, customers).to_pandas()
    dice = np.random.default_rng([SEED, rows, customers, 6])
    branches = branches_of(customers)
    merchants = -(-branches // BRANCHES_PER_MERCHANT)
    yield "customers", ("customer_id", "join_date", "city_id", "gender_id"), _customers(dice, orders, customers)
    yield "genders", ("gender_id", "gender_name"), iter(enumerate(GENDERS, start=1))
    yield "cities", ("city_id", "city_name"), iter(enumerate(CITIES, start=1))
    yield "transactions", TRANSACTIONS, _transactions(dice, orders)
    yield "branches", ("branch_id", "merchant_id"), ((b + 1, b // BRANCHES_PER_MERCHANT + 1) for b in range(branches))
    yield "merchants", ("merchant_id", "merchant_name"), ((m + 1, f"Merchant {m + 1:02d}") for m in range(merchants))


TRANSACTIONS = (
    "transaction_id",
    "customer_id",
    "transaction_date",
    "transaction_status",
    "coupon_name",
    "burn_date",
    "branch_id",
    "amount",
)


def _customers(dice: np.random.Generator, orders: pd.DataFrame, customers: int) -> Iterator[Sequence[Any]]:
    """Everybody, those who never ordered too; the others joined within two months before their first order."""
    customers += int(PROSPECTS * customers)
    ids = np.arange(customers) + FIRST_CUSTOMER
    first = orders.groupby("customer_id")["order_date"].min().reindex(ids)
    first = first.fillna(pd.Timestamp(history.FIRST_DAY) + pd.Timedelta(days=history.DAYS // 2))
    joined = (first - pd.to_timedelta(dice.integers(0, 60, customers), unit="D")).dt.normalize()
    cities = dice.choice(len(CITIES), customers, p=_falling(len(CITIES))) + 1
    genders = dice.integers(1, len(GENDERS) + 1, customers)
    return zip(ids.tolist(), joined.dt.to_pydatetime().tolist(), cities.tolist(), genders.tolist(), strict=True)


def _transactions(dice: np.random.Generator, orders: pd.DataFrame) -> Iterator[Sequence[Any]]:
    """One line for each order; a repeated order is repeated whole."""
    number = orders["order_id"].to_numpy()
    coupon = dice.choice(COUPONS, len(orders), p=_falling(COUPONS))[number - 1] + 1
    burned = (dice.random(len(orders)) < BURNED)[number - 1]
    waits = dice.integers(0, LATEST_BURN, len(orders))[number - 1]
    last = pd.Timestamp(history.FIRST_DAY) + pd.Timedelta(days=history.DAYS) - pd.Timedelta(minutes=1)
    burns = (orders["order_date"] + pd.to_timedelta(waits, unit="D")).clip(upper=last).dt.floor("min")
    frame = pd.DataFrame(
        {
            "id": number,
            "customer": orders["customer_id"].astype("Int64"),
            "date": orders["order_date"].dt.floor("min"),
            "status": np.where(burned, "burned", "subscribed"),
            "coupon": [f"COUPON-{each:02d}" for each in coupon],
            "burn": burns.where(burned),
            "branch": orders["branch_id"],
            "amount": orders["amount"],
        }
    )
    for first in range(0, len(frame), 100_000):
        part = frame.iloc[first : first + 100_000]
        yield from zip(*(_cells(part[column]) for column in part), strict=True)


def _cells(column: pd.Series) -> list[Any]:
    """The values as Python has them; None where there is none."""
    values = list(column.dt.to_pydatetime()) if column.dtype.kind == "M" else column.tolist()
    return [None if empty else value for value, empty in zip(values, column.isna(), strict=True)]


def _falling(count: int) -> np.ndarray:
    weights = 1.0 / (np.arange(count) + 2.0)
    return weights / weights.sum()


if __name__ == "__main__":
    make(SIZES[sys.argv[1]], Path(sys.argv[2]))
