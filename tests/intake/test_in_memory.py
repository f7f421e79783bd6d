"""Tables in memory are read as files are: the same rows, findings and remarks, whichever library holds them and however they are chunked."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.engine import open_engine
from reporter.errors import InputError, UsageError
from reporter.intake.clean import clean
from reporter.intake.ledger import Ledger
from reporter.intake.locate import name_of
from reporter.intake.read import read
from reporter.intake.settings import SourceSettings
from tests.fixtures.workbook import make_shop


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What intake made of a source."""

    ledger: Ledger
    transactions: list[dict[str, Any]]

    @property
    def findings(self) -> list[dict[str, Any]]:
        return self.ledger.findings.drop(columns=["file", "sheet"]).to_dict("records")

    @property
    def remarks(self) -> list[str]:
        return [note.what for note in self.ledger.notes]

    @property
    def digest(self) -> str:
        return self.ledger.files[0].sha256


def cleaned(source: Any) -> Cleaned:
    wanted = SourceSettings()
    with closing(open_engine(reach=source if isinstance(source, Path) else None)) as engine:
        ledger = clean(read(source, wanted, engine), wanted, engine)
        rows = engine.arrow("SELECT * FROM transactions ORDER BY transaction_id, customer_id, day, amount").to_pylist()
    return Cleaned(ledger, rows)


def orders(rows: int = 400) -> pa.Table:
    """Orders with typed columns, in which a few rows lack something or hold what nobody can mean."""
    first = datetime.fromisoformat("2024-01-01")
    return pa.table(
        {
            "order": [f" O{number} " for number in range(rows)],
            "customer_id": [None if number % 97 == 5 else f"C{number * 7 % 40}" for number in range(rows)],
            "transaction_date": pa.array(
                [None if number % 89 == 3 else first + timedelta(hours=number * 31) for number in range(rows)],
                pa.timestamp("us"),
            ),
            "amount": [float("nan") if number % 83 == 9 else number * 17 % 900 / 8 - 3 for number in range(rows)],
            "left": pa.array([number % 2 for number in range(rows)], pa.int8()),
        }
    )


def digest_of(source: Any) -> str:
    with closing(open_engine()) as engine:
        return read(source, SourceSettings(), engine).files[0].sha256


DIGEST = "a4630f196ef65b12b64eb3dbb297195c08615f2aedcbaa98cd2300f3bf97b251"
"""Of `orders`: it may not change with a version of Python, pyarrow, pandas or Polars."""


@pytest.fixture(scope="module")
def from_parquet(tmp_path_factory: pytest.TempPathFactory) -> Cleaned:
    path = tmp_path_factory.mktemp("parquet") / "orders.parquet"
    pq.write_table(orders(), path)
    return cleaned(path)


WAYS = {
    "pandas": lambda table: table.to_pandas(),
    "pandas over arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas, some rows chosen": lambda table: table.to_pandas().set_axis(range(7, 7 + len(table))),
    "pandas, nanoseconds": lambda table: table.to_pandas().astype({"transaction_date": "datetime64[ns]"}),
    "polars": pl.from_arrow,
    "polars, categories": lambda table: pl.from_arrow(table).with_columns(pl.col("customer_id").cast(pl.Categorical)),
    "arrow": lambda table: table,
    "arrow, in pieces": lambda table: pa.Table.from_batches(table.to_batches(max_chunksize=7)),
    "a stream": lambda table: table.to_reader(max_chunksize=33),
    "by name": lambda table: {"sales": table},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_table_in_memory_is_read_as_its_parquet_file(way: str, from_parquet: Cleaned):
    found = cleaned(WAYS[way](orders()))
    assert found.transactions == from_parquet.transactions
    assert found.findings == from_parquet.findings
    assert found.remarks == from_parquet.remarks
    assert found.ledger.transactions_tally.rejected > 10  # there was something to find
    assert found.digest == DIGEST


def test_rows_are_numbered_from_one_and_named_after_the_library(from_parquet: Cleaned):
    found = cleaned(pl.from_arrow(orders())).ledger
    undated = found.findings[found.findings["reason"] == "no-date"]
    assert undated["row"].tolist() == [4, 93, 182, 271, 360]  # every 89th from the fourth on: see `orders`
    assert set(found.findings["file"]) == {"polars.DataFrame"}
    assert {note.where for note in found.notes if note.kind == "guess"} == {"polars.DataFrame"}
    named = cleaned({"sales": orders().to_pandas()}).ledger
    assert set(zip(named.findings["file"], named.findings["sheet"], strict=True)) == {("pandas.DataFrame", "sales")}
    assert [file.name for file in named.files] == ["pandas.DataFrame, table sales"]
    assert all(file.in_memory for file in (*found.files, *named.files))
    assert not from_parquet.ledger.files[0].in_memory


@settings(max_examples=20)
@given(st.integers(0, 399), st.sampled_from(["order", "customer_id", "transaction_date", "amount"]))
def test_the_digest_follows_from_every_cell_that_is_read(place: int, column: str):
    table = orders()
    cells = table.column(column).to_pylist()
    cells[place] = None if cells[place] is not None and cells[place] == cells[place] else cells[(place + 1) % 400]
    position = table.schema.get_field_index(column)
    changed = table.set_column(position, column, pa.array(cells, table.schema.field(column).type))
    assert digest_of(changed) != DIGEST


def test_the_digest_follows_from_order_and_names_but_not_from_what_nobody_reads():
    table = orders()
    assert digest_of(table.take(list(range(399, -1, -1)))) != DIGEST
    assert digest_of(table.rename_columns(["order no", *table.column_names[1:]])) != DIGEST
    assert digest_of(table.drop(["left"])) != DIGEST
    other = pa.array([number % 3 for number in range(400)], pa.int8())
    assert digest_of(table.set_column(4, "left", other)) == DIGEST
    assert digest_of(table.set_column(1, "customer_id", table["customer_id"].cast(pa.large_string()))) == DIGEST


TYPES = {
    "decimals": ("amount", pa.array([Decimal("12.50"), Decimal("0.05")], pa.decimal128(9, 2)), [Decimal("12.50"), Decimal("0.05")]),
    "narrow decimals": ("amount", pa.array([Decimal("12.50"), None], pa.decimal64(9, 2)), [Decimal("12.50"), None]),
    "small floats": ("amount", pa.array([12.5, 0.25], pa.float32()), [Decimal("12.50"), Decimal("0.25")]),
    "large integers": ("amount", pa.array([12, 7], pa.uint64()), [Decimal("12.00"), Decimal("7.00")]),
    "texts": ("amount", pa.array(["12.50", "0.05"], pa.string_view()), [Decimal("12.50"), Decimal("0.05")]),
    "days": ("transaction_date", pa.array([date(2024, 5, 1), date(2024, 5, 2)]), ["2024-05-01", "2024-05-02"]),
    "an own time zone": (
        "transaction_date",
        pa.array([datetime(2024, 4, 30, 23, tzinfo=UTC), datetime(2024, 5, 1, 23, tzinfo=UTC)], pa.timestamp("ms", "Europe/Berlin")),
        ["2024-05-01", "2024-05-02"],
    ),
    "categories": ("customer_id", pa.array(["A", "B"]).dictionary_encode(), ["A", "B"]),
    "numbers as ids": ("customer_id", pa.array([17850.0, 3.0]), ["17850", "3"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_cells_of_many_types_are_what_they_say(kind: str):
    column, cells, wanted = TYPES[kind]
    table = pa.table(
        {"customer_id": ["A", "B"], "transaction_date": ["2024-05-01", "2024-05-02"], "amount": [1.0, 2.0]}
    )
    table = table.set_column(table.schema.get_field_index(column), column, cells)
    found = cleaned(table)
    place = {"transaction_date": "day"}.get(column, column)
    rows = sorted(found.transactions, key=lambda row: row["day"])
    kept = [each for each in wanted if each is not None]
    assert [row[place] if place != "day" else str(row[place]) for row in rows] == kept
    assert found.ledger.transactions_tally.rejected == len(wanted) - len(kept)


def test_what_nobody_reads_may_be_of_any_type():
    table = orders().append_column("basket", pa.array([[1, 2]] * 400)).append_column("for", pa.array([{"a": 1}] * 400))
    assert cleaned(table).transactions == cleaned(orders()).transactions


def test_six_tables_by_name_are_a_shop_and_unknown_ones_are_told():
    shop = {name: pd.DataFrame(rows) for name, rows in make_shop(amount=True).items()}
    found = cleaned(shop | {"weather": pd.DataFrame({"sun": [1]})}).ledger
    assert (found.layout, found.known) == ("shop", {"merchant": 3, "branch": 4, "city": 5, "gender": 2})
    assert any(note.where == "pandas.DataFrame, table weather" for note in found.notes)
    assert [file.name.rpartition(" ")[2] for file in found.files] == list(make_shop())


def test_tables_of_several_libraries_may_stand_side_by_side():
    shop = {name: pd.DataFrame(rows) for name, rows in make_shop(amount=True).items()}
    mixed = shop | {"cities": pl.from_pandas(shop["cities"])}
    assert cleaned(mixed).transactions == cleaned(shop).transactions
    assert name_of(mixed) == "pandas.DataFrame, polars.DataFrame"


TWICE = pa.table([pa.array(["A"]), pa.array(["B"])], names=["customer_id", "customer_id"])
REFUSED = {
    "a number": (5, UsageError, "source: of type int: that is no table.", "Give a path, an address, a table"),
    "nothing": (None, UsageError, "that is no table.", "Give a path"),
    "a list in a mapping": ({"orders": [1]}, UsageError, "source['orders']: of type list: that is no table.", "Give a table"),
    "an empty mapping": ({}, UsageError, "source: the mapping is empty.", "Give at least the table transactions."),
    "a key without a name": ({3: orders()}, UsageError, "source[3]: this key is no name.", "by a text"),
    "a lazy frame": (pl.LazyFrame({"a": [1]}), UsageError, "only the plan of a table", "collect()"),
    "one column": (pl.Series([1]), UsageError, "source: of type polars.Series: that is one column, no table.", "Give the table"),
    "no column": (pd.DataFrame(index=[1, 2]), InputError, "pandas.DataFrame: has no columns.", "right table"),
    "no row": (orders().slice(0, 0), InputError, "table transactions is empty: there are no rows.", "a stream that has been read"),
    "pandas columns of one name": (pd.DataFrame([[1, 2]], columns=["x", "x"]), InputError, "has columns of one name: x.", "Rename"),
    "arrow columns of one name": (TWICE, InputError, "has columns of one name: customer_id.", "Rename or drop"),
    "several types": (pd.DataFrame({"customer_id": ["A", 1]}), InputError, "DataFrame, column customer_id: holds values of several types.", '.astype("string")'),
    "lists": (orders().set_column(1, "customer_id", pa.array([[1]] * 400)), InputError, "Table, column customer_id: holds list", "one value a row"),
    "periods": (orders().to_pandas().assign(transaction_date=pd.Period("2024-05")), InputError, "cannot be read as text, numbers or dates", "Make it one of them"),
    "a missing column": (orders().drop(["customer_id"]), InputError, "required column customer_id not found.", "[source.columns]"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_told_with_its_place_and_remedy(case: str):
    source, kind, what, fix = REFUSED[case]
    with pytest.raises(kind) as told:
        cleaned(source)
    assert what in str(told.value)
    assert fix in str(told.value)


def test_a_stream_is_read_once_and_the_second_time_says_so():
    stream = orders().to_reader()
    assert cleaned(stream).ledger.transactions_tally.read == 400
    with pytest.raises(InputError, match="a stream that has been read before"):
        cleaned(stream)


def test_a_stream_that_breaks_off_is_told_by_what_it_says():
    def broken():
        yield orders().to_batches()[0]
        raise OSError("the cable was pulled")

    stream = pa.RecordBatchReader.from_batches(orders().schema, broken())
    with pytest.raises(
        InputError, match=r"pyarrow.RecordBatchReader: was not read to its end \(.*the cable was pulled"
    ):
        cleaned(stream)
