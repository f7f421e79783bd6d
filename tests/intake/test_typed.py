"""Columns that a source holds as values: read where they lie, they say the same as written out as text and parsed."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.engine import FILE_SHIFT, ParquetFiles
from reporter.engine.duck import DuckEngine
from reporter.errors import InputError
from reporter.intake import read as reading
from reporter.intake.ledger import Ledger
from tests.intake.conftest import Load, rfm, tables

DAYS = [datetime.fromisoformat(f"2024-01-0{day}T{hour:02}:05:07") for day in range(1, 9) for hour in (0, 13)]
AMOUNTS = [19.99, 2.675, 1.005, 0.0, -7.5, 1e5, 123.456, 0.1 + 0.2] * 2


def rows(**columns: Any) -> pa.Table:
    """Sixteen orders of four customers; some columns replaced."""
    whole = {
        "order_id": pa.array(range(1, 17), pa.int64()),
        "customer_id": pa.array([float(i % 4 + 1) for i in range(16)]),
        "order_date": pa.array(DAYS, pa.timestamp("us")),
        "amount": pa.array(AMOUNTS),
    }
    return pa.table(whole | columns)


def stated(ledger: Ledger) -> tuple[Any, ...]:
    """All that a ledger says of its rows, but for how a cell is written."""
    kept = ledger.engine.arrow("SELECT * FROM transactions ORDER BY ALL").to_pylist()
    findings = ledger.findings[["kind", "row", "reason", "column"]].to_csv()
    return kept, findings, ledger.tallies, rfm(ledger), ledger.as_of, ledger.mode


@pytest.fixture
def both(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Ledger, Ledger]]:
    """The ledger of a table read where it lies, and of the same table copied as text."""

    def ledgers(table: pa.Table, **settings: Any) -> tuple[Ledger, Ledger]:
        path = tmp_path / "orders.parquet"
        pq.write_table(table, path)
        stored = load(path, **settings)
        with monkeypatch.context() as patch:
            patch.setattr(reading, "stored_columns", lambda *_: None)
            return stored, load(path, **settings)

    return ledgers


TYPES = {
    "as written": {},
    "days": {"order_date": pa.array([moment.date() for moment in DAYS])},
    "nanoseconds": {"order_date": pa.array(DAYS, pa.timestamp("ns"))},
    "universal time": {"order_date": pa.array([moment.replace(tzinfo=UTC) for moment in DAYS])},
    "text dates": {"order_date": pa.array([moment.strftime(" %d/%m/%Y ") for moment in DAYS])},
    "compact dates": {"order_date": pa.array([int(moment.strftime("%Y%m%d")) for moment in DAYS])},
    "decimals": {"amount": pa.array([Decimal(str(round(each, 3))) for each in AMOUNTS], pa.decimal128(20, 4))},
    "whole amounts": {"amount": pa.array([int(each) for each in AMOUNTS], pa.int32())},
    "text amounts": {"amount": pa.array([f"€ {each:.2f}" for each in AMOUNTS])},
    "text ids": {"customer_id": pa.array([f"\u00a0c{i % 4}\t" for i in range(16)])},
    "categories": {"customer_id": pa.array([f"c{i % 4}" for i in range(16)]).dictionary_encode()},
    "rounded ids": {"customer_id": pa.array([(1e15 if i < 3 else 1.0) + i % 4 for i in range(16)])},
    "holes": {
        "customer_id": pa.array([None if i == 3 else float(i % 4) for i in range(16)]),
        "order_date": pa.array([None if i == 5 else moment for i, moment in enumerate(DAYS)], pa.timestamp("ms")),
        "amount": pa.array([None if i == 7 else math.nan if i == 8 else each for i, each in enumerate(AMOUNTS)]),
    },
    "repeated": {"order_id": pa.array([1, 1, 2, 3, 3, 3, *range(6, 16)], pa.int64())},
    "far away": {
        "order_date": pa.array([datetime.fromisoformat("0001-01-01") if i == 2 else moment for i, moment in enumerate(DAYS)], pa.timestamp("s")),
        "amount": pa.array([1e17 if i == 4 else math.inf if i == 6 else each for i, each in enumerate(AMOUNTS)]),
    },
    "pieces": {
        "amount": pa.nulls(16),
        "quantity": pa.array([i % 3 for i in range(16)], pa.int8()),
        "unit_price": pa.array([1.25 * i for i in range(16)]),
    },
}  # fmt: skip


@pytest.mark.parametrize("columns", TYPES.values(), ids=TYPES)
def test_a_table_read_where_it_lies_says_what_its_text_says(both: Callable[..., Any], columns: dict[str, Any]) -> None:
    if columns.get("amount") is not None and columns["amount"].type == pa.null():
        table = rows(**columns).drop_columns(["amount"])
    else:
        table = rows(**columns)
    stored, copied = both(table)
    assert stated(stored) == stated(copied)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=400))
def test_floats_are_rounded_as_they_are_written(values: list[float]) -> None:
    engine = DuckEngine()
    engine.register("x", pa.table({"x": values}))
    found = engine.arrow("SELECT money_of(x) AS m, price_of(x) AS p FROM x")
    engine.close()
    written = [Decimal(repr(value)) for value in values]
    assert found["m"].to_pylist() == [each.quantize(Decimal("0.01"), "ROUND_HALF_UP") for each in written]
    assert found["p"].to_pylist() == [each.quantize(Decimal("0.0001"), "ROUND_HALF_UP") for each in written]


def test_other_time_zones_keep_their_own_days(load: Load, tmp_path: Path) -> None:
    """SQL engines know instants only: what was written in another zone is read by the clock of that zone."""
    zone = timezone(timedelta(hours=10))
    table = rows(order_date=pa.array([moment.replace(tzinfo=zone) for moment in DAYS], pa.timestamp("us", "+10:00")))
    pq.write_table(table, tmp_path / "orders.parquet")
    ledger = load(tmp_path / "orders.parquet")
    assert (ledger.first_day, ledger.last_day) == (date(2024, 1, 1), date(2024, 1, 8))


def test_names_that_sql_would_mix_up_go_through_text(load: Load, tmp_path: Path) -> None:
    table = rows().append_column("Row_No", pa.array(range(16)))
    pq.write_table(table, tmp_path / "orders.parquet")
    assert load(tmp_path / "orders.parquet").transactions_tally.kept == 16


def test_rows_of_several_files_are_told_apart(tmp_path: Path) -> None:
    """Columns go by their names, rows by file and place."""
    first, second = rows(), rows().select(["amount", "order_date", "customer_id", "order_id"])
    for name, table in (("a'b.parquet", first), ("[c]*.parquet", second)):
        pq.write_table(table, tmp_path / name)
    engine = DuckEngine(reach=tmp_path)
    engine.register("pair", ParquetFiles((tmp_path / "a'b.parquet", tmp_path / "[c]*.parquet")))
    found = engine.arrow("SELECT row_no, order_id FROM pair ORDER BY row_no").to_pylist()
    engine.close()
    assert [row["order_id"] for row in found] == [*range(1, 17), *range(1, 17)]
    assert [row["row_no"] for row in found] == [*range(1, 17), *((1 << FILE_SHIFT) + i for i in range(1, 17))]


def test_a_file_with_a_damaged_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    pq.write_table(rows(), path, compression="zstd")
    content = bytearray(path.read_bytes())
    size = len(content)
    content[8 : size // 3] = bytes(size // 3 - 8)
    path.write_bytes(content)
    engine = DuckEngine(reach=path)
    with pytest.raises(InputError, match="cannot be read"):
        _read_all(engine, path)
    engine.close()


def _read_all(engine: DuckEngine, path: Path) -> None:
    tables(engine, path)
    engine.arrow("SELECT * FROM read_transactions")
