"""Whole reports of tables in memory: the numbers are those of the file that the same rows would be, and the run says what it was made of."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import reporter
from reporter.intake.pseudonyms import KEY
from tests.command import BRIEF
from tests.fixtures.workbook import Shop, make_shop, make_workbook

SETTINGS = [*(word for word in BRIEF if word != "--set"), "output.pdf=false"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., reporter.Outputs]:
    config, _ = reporter.load_config(overrides=SETTINGS)
    return lambda source: reporter.run(source, config, output=tmp_path_factory.mktemp("runs"))


def orders() -> pa.Table:
    """The invented orders, a few of them without customer or amount."""
    table = pa.Table.from_pandas(reporter.sample(60), preserve_index=False)
    ids, amounts = table["customer_id"].to_pylist(), table["amount"].to_pylist()
    ids[7::200] = [None] * len(ids[7::200])
    amounts[11::300] = [None] * len(amounts[11::300])
    return table.set_column(1, "customer_id", pa.array(ids)).set_column(3, "amount", pa.array(amounts))


def told(outputs: reporter.Outputs, *names: str) -> dict[str, Any]:
    """All facts of a run, but what it is called and what its source is called."""
    text = outputs.paths["facts.json"].read_text(encoding="utf-8").replace(outputs.run_id, "RUN")
    text = re.sub(r"· data [0-9a-f]{8} ·", "· data SHA ·", text)
    for file in outputs.analysis.ledger.files:
        text = text.replace(file.sha256[:16], "SHA")
    for name in names:
        text = text.replace(name, "SOURCE")
    return json.loads(text)


def rejects(outputs: reporter.Outputs) -> list[dict[str, str]]:
    with outputs.paths["rejects.csv"].open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_orders_from_parquet_pandas_polars_and_arrow_make_one_report(
    run: Callable[..., reporter.Outputs], tmp_path: Path
):
    path = tmp_path / "orders.parquet"
    pq.write_table(orders(), path)
    file = run(path)
    frames = {
        "pandas.DataFrame": run(orders().to_pandas()),
        "polars.DataFrame": run(pl.from_arrow(orders())),
        "pyarrow.RecordBatchReader": run(orders().to_reader()),
    }
    assert len(rejects(file)) == len(range(7, orders().num_rows, 200)) + len(range(11, orders().num_rows, 300))
    for name, frame in frames.items():
        assert frame.paths["customers.csv"].read_bytes() == file.paths["customers.csv"].read_bytes()
        assert [row | {"file": ""} for row in rejects(frame)] == [row | {"file": ""} for row in rejects(file)]
        assert {row["file"] for row in rejects(frame)} == {name}
        assert told(frame, name) == told(file, "orders.parquet")
    assert len({frame.run_id for frame in frames.values()}) == 1
    manifest = json.loads(frames["pandas.DataFrame"].paths["manifest.json"].read_text(encoding="utf-8"))
    assert [(each["name"], each["in_memory"]) for each in manifest["inputs"]] == [("pandas.DataFrame", True)]
    assert "in_memory" not in json.loads(file.paths["manifest.json"].read_text(encoding="utf-8"))["inputs"][0]


@pytest.mark.slow
def test_six_tables_make_the_numbers_of_the_workbook(run: Callable[..., reporter.Outputs], tmp_path: Path):
    shop = make_shop(customers=60, transactions=500, amount=True)
    shop["transactions"][40]["customer_id"] = None
    shop["transactions"][41]["amount"] = None
    book = run(make_workbook(tmp_path / "shop.xlsx", shop))
    tables = run(frames_of(shop))
    assert tables.paths["customers.csv"].read_bytes() == book.paths["customers.csv"].read_bytes()
    facts, facts_of_book = told(tables, "pandas.DataFrame"), told(book, "shop.xlsx")
    for section in facts:
        assert numbers(facts[section]) == numbers(facts_of_book[section]), section
    assert facts["titles"] == facts_of_book["titles"]
    book_rows = [(row["sheet"], int(row["row"]) - 1, row["column"], row["reason"]) for row in rejects(book)]
    assert [(row["sheet"], int(row["row"]), row["column"], row["reason"]) for row in rejects(tables)] == book_rows
    inputs = json.loads(tables.paths["manifest.json"].read_text(encoding="utf-8"))["inputs"]
    assert [each["name"] for each in inputs] == [f"pandas.DataFrame, table {name}" for name in shop]
    assert all(each["in_memory"] and len(each["sha256"]) == 64 and each["bytes"] for each in inputs)


def frames_of(shop: Shop) -> dict[str, pd.DataFrame]:
    """The tables as pandas has them: days as moments, and ids with gaps as integers that know of nothing."""
    frames = {name: pd.DataFrame(rows) for name, rows in shop.items()}
    sales = frames["transactions"]
    days = {column: pd.to_datetime(sales[column]) for column in ("transaction_date", "burn_date")}
    return frames | {"transactions": sales.assign(**days, customer_id=sales["customer_id"].astype("Int64"))}


ROWS = ("first_rows", "first_row", "row")
"""Keys that hold row numbers, which count the header of a sheet and not that of a table."""


def numbers(value: Any) -> Any:
    """Facts without row numbers and without what they name."""
    if isinstance(value, dict):
        return {key: numbers(each) for key, each in value.items() if key not in ROWS}
    if isinstance(value, list):
        return [numbers(each) for each in value]
    return None if isinstance(value, str) else value


def test_pseudonyms_stand_for_the_ids_of_a_table_in_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY, "canary-key-" + "k" * 32)
    config, _ = reporter.load_config(overrides=[*SETTINGS, "output.pseudonymise=true"])
    table = reporter.sample(40)
    table.loc[5, "amount"] = float("nan")
    ledger = reporter.clean(reporter.read(table, config), config)
    assert ledger.transactions_tally.rejected == 1
    assert not set(ledger.findings["value"]) & set(table["customer_id"])
    analysis = reporter.analyse(ledger, config)
    assert len(analysis.customers) == 40
    assert not set(analysis.customers["customer_id"]) & set(table["customer_id"])


def test_check_takes_tables_too(tmp_path: Path):
    table = reporter.sample(20)
    ledger = reporter.check(table, output=tmp_path / "check")
    assert (ledger.transactions_tally.read, ledger.as_of) == (len(table), date(2025, 7, 1))
    assert (tmp_path / "check" / "facts.json").is_file()
