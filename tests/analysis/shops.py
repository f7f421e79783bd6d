"""Ledgers for the tests of this room: hand-written rows, or the real files beside the checkout, in a tiny engine."""

from __future__ import annotations

import weakref
from datetime import date
from functools import cache, lru_cache
from itertools import count
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from reporter.engine import Plan
from reporter.intake.ledger import Ledger

SHARED = Path(__file__).parents[3] / "shared" / "data"
NUMBERS = count()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """The database of all tiny engines: to open one takes longer than most tests."""
    return duckdb.connect(config={"threads": 1})


class TinyEngine:
    """A few verbs of the engine in a schema of its own of an in-memory DuckDB; enough for SQL that takes clean tables."""

    name = "tiny"
    plan = Plan("tiny")

    def __init__(self) -> None:
        self.connection = _database().cursor()
        schema = f"engine_{next(NUMBERS)}"
        self.connection.execute(f"create schema {schema}")
        self.connection.execute(f"use {schema}")
        weakref.finalize(self, _database().execute, f"drop schema {schema} cascade").atexit = False
        self.connection.execute("create temp macro days_between(a, b) as date_diff('day', a, b)")
        self.connection.execute("create temp macro hash_of(t) as hash(t)")

    def register(self, name: str, source: pa.Table) -> None:
        self.connection.register("incoming", source)
        self.connection.execute(f'create or replace table "{name}" as select * from incoming')
        self.connection.unregister("incoming")

    def step(self, name: str, sql: str, *, keep: bool = False) -> None:
        self.connection.execute(f'create or replace {"table" if keep else "view"} "{name}" as {sql}')

    def forget(self, *names: str) -> None:
        """Nothing: tests look at what is left."""

    def arrow(self, sql: str) -> pa.Table:
        return self.connection.sql(sql).to_arrow_table()


def shared(name: str) -> Path:
    """A file of the real data, or a skip that says what is missing."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"real data not found: ../shared/data/{name} beside the checkout")
    return path


def ledger(
    transactions: pd.DataFrame, customers: pd.DataFrame | None = None, *, as_of: date, policy: str = "net"
) -> Ledger:
    """A ledger from rows.

    `transactions` has ``customer_id, day`` and any of ``transaction_id, amount, is_refund, is_burned, burn_day, branch_name, merchant_name``;
    `customers` has ``customer_id`` and any of ``join_day, city_name, gender_name``.
    """
    t = transactions.reset_index(drop=True)
    mode = "money" if "amount" in t else "coupon"
    texts = {name: t.get(name, pd.Series([None] * len(t))) for name in ("branch_name", "merchant_name")}
    ids = t.get("transaction_id", pd.Series(range(len(t)))).astype(str)
    amounts = t.get("amount", pd.Series([None] * len(t), dtype=object))
    rows = pa.table(
        {
            "transaction_id": pa.array(ids.tolist(), pa.string()),
            "customer_id": pa.array(t["customer_id"].astype(str).tolist(), pa.string()),
            "day": _days(t["day"]),
            "amount": pa.array([None if pd.isna(a) else round(float(a), 2) for a in amounts], pa.float64()).cast(
                pa.decimal128(18, 2)
            ),
            "is_refund": pa.array(t.get("is_refund", pd.Series([False] * len(t))).tolist(), pa.bool_()),
            "is_burned": pa.array(t.get("is_burned", pd.Series([False] * len(t))).tolist(), pa.bool_()),
            "burn_day": _days(t.get("burn_day", pd.Series([None] * len(t)))),
            "branch_id": _texts(texts["branch_name"]),
            **{name: _texts(column) for name, column in texts.items()},
            "is_shared": pa.array(ids.duplicated(keep=False).tolist(), pa.bool_()),
        }
    )
    people = (
        customers if customers is not None else pd.DataFrame({"customer_id": sorted(set(t["customer_id"].astype(str)))})
    )
    blank = pd.Series([None] * len(people), index=people.index)
    persons = pa.table(
        {
            "customer_id": pa.array(people["customer_id"].astype(str).tolist(), pa.string()),
            "join_day": _days(people.get("join_day", blank)),
            "city_name": _texts(people.get("city_name", blank)),
            "gender_name": _texts(people.get("gender_name", blank)),
        }
    )
    engine = TinyEngine()
    engine.register("transactions", rows)
    engine.register("customers", persons)
    facts = {
        "amount": "amount" in t,
        "coupons": "is_burned" in t,
        "branch": "branch_name" in t,
        "merchant": "merchant_name" in t,
    }
    facts |= {
        name: f"{column}" in people
        for name, column in (("join_date", "join_day"), ("city", "city_name"), ("gender", "gender_name"))
    }
    day = pd.to_datetime(t["day"])
    return Ledger(
        engine=engine,
        mode=mode,
        layout="shop",
        as_of=as_of,
        first_day=day.min().date(),
        last_day=day.max().date(),
        currency=None,
        has=frozenset(name for name, present in facts.items() if present),
        tallies=(),
        findings=pd.DataFrame(),
        notes=(),
        files=(),
        known={"merchant": t["merchant_name"].nunique() if "merchant_name" in t else 0},
        later_burns=0,
        refund_policy=policy,
    )


def _days(column: pd.Series) -> pa.Array:
    return pa.array(pd.to_datetime(column).dt.normalize()).cast(pa.date32())


def _texts(column: pd.Series) -> pa.Array:
    return pa.array(column.tolist(), pa.string(), from_pandas=True)


@lru_cache
def _sheets() -> dict[str, pd.DataFrame]:
    sheets = pd.read_excel(shared("ecommerce.xlsx"), sheet_name=None, engine="calamine")
    return {name.strip().lower(): frame for name, frame in sheets.items()}


@lru_cache
def _purchases() -> pd.DataFrame:
    names = ["customer_id", "date", "cds", "amount"]
    t = pd.read_csv(shared("cdnow/CDNOW_master.txt.gz"), sep=r"\s+", header=0, names=names, dtype=str)
    return t.assign(day=pd.to_datetime(t["date"], format="%Y%m%d"), amount=t["amount"].astype(float))


def workbook(as_of: date = date(2024, 7, 15)) -> Ledger:
    """The six-sheet workbook; burns on or after the as-of date have not happened yet."""
    tables = _sheets()
    t = (
        tables["transactions"]
        .merge(tables["branches"], on="branch_id", how="left")
        .merge(tables["merchants"], on="merchant_id", how="left")
    )
    t["day"] = pd.to_datetime(t["transaction_date"])
    burned = pd.to_datetime(t["burn_date"])
    t["is_burned"] = (t["transaction_status"] == "burned") & (burned < pd.Timestamp(as_of))
    t["burn_day"] = burned.where(t["is_burned"])
    t["branch_name"] = t["branch_id"].astype(int).astype(str)
    t["customer_id"] = t["customer_id"].astype(int).astype(str)
    c = (
        tables["customers"]
        .merge(tables["cities"], on="city_id", how="left")
        .merge(tables["genders"], on="gender_id", how="left")
    )
    c = c.assign(customer_id=c["customer_id"].astype(int).astype(str), join_day=pd.to_datetime(c["join_date"]))
    return ledger(t[t["day"] < pd.Timestamp(as_of)], c, as_of=as_of)


def cdnow(as_of: date = date(1998, 7, 1)) -> Ledger:
    """The whole CDNOW cohort up to a day."""
    t = _purchases()
    return ledger(t[t["day"] < pd.Timestamp(as_of)], as_of=as_of)


def r_orders() -> Ledger:
    """The orders of the R package rfm."""
    t = pd.read_csv(shared("r_rfm/rfm_data_orders.csv"))
    return ledger(
        t.assign(day=pd.to_datetime(t["order_date"]), amount=t["revenue"].astype(float)), as_of=date(2006, 12, 31)
    )
