"""Readers and the choice of layout and columns: every kind of source, every guess, every message."""

from __future__ import annotations

import gzip
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reporter.engine.duck import DuckEngine
from reporter.errors import UsageError
from reporter.intake.read import Tables
from reporter.intake.schema import TABLES, fold, json_schema, rows
from reporter.intake.tables import find_header
from tests.fixtures.workbook import (
    grid,
    make_csv,
    make_database,
    make_folder,
    make_orders,
    make_parquet,
    make_shop,
    make_workbook,
)
from tests.intake.conftest import Load, refused, rfm, tables, transactions


def what(found: Tables) -> list[str]:
    return [note.what for note in found.notes]


# Every kind of source gives the same ledger ---------------------------------------------------------------------------


def test_workbook_folder_and_database_give_the_same_figures(load: Load, tmp_path: Path) -> None:
    shop = make_shop(amount=True)
    sources = [
        make_workbook(tmp_path / "shop.xlsx", shop),
        make_folder(tmp_path / "shop", shop),
        make_database(tmp_path / "shop.sqlite", shop),
    ]
    figures = [(rfm(ledger), ledger.has, ledger.known, ledger.layout, ledger.as_of) for ledger in map(load, sources)]
    assert figures[0] == figures[1] == figures[2]
    assert figures[0][3] == "shop"


def test_every_kind_of_one_table_gives_the_same_figures(load: Load, tmp_path: Path) -> None:
    orders = make_orders()
    plain = make_csv(tmp_path / "orders.csv", orders)
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    sources = [
        plain,
        packed,
        make_csv(tmp_path / "orders.tsv", orders, delimiter="\t"),
        make_csv(tmp_path / "semicolon.csv", orders, delimiter=";"),
        make_csv(tmp_path / "bar.txt", orders, delimiter="|"),
        make_csv(tmp_path / "wide.csv", orders, encoding="utf-16"),
        make_csv(tmp_path / "bom.csv", orders, encoding="utf-8-sig"),
        make_parquet(tmp_path / "orders.parquet", orders),
        make_workbook(tmp_path / "orders.xlsx", {"Sheet1": orders}),
        make_database(tmp_path / "orders.db", {"orders": orders}),
    ]
    figures = [rfm(load(source)) for source in sources]
    assert all(figure == figures[0] for figure in figures)
    assert sum(frequency for _, frequency, _ in figures[0].values()) == 120


def test_the_database_is_not_changed(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_database(tmp_path / "orders.db", {"orders": make_orders(lines=4)})
    before = path.read_bytes()
    path.chmod(0o444)
    tables(engine, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["orders.db"]


# Ids and types --------------------------------------------------------------------------------------------------------


def test_ids_of_a_workbook_are_kept_as_written(tmp_path: Path, engine: DuckEngine) -> None:
    cells = [17850.0, "17850", "0017850", " a b ", "7.0"]
    orders = [{"customer id": cell, "date": date(2024, 1, 1), "amount": 1} for cell in cells]
    tables(engine, make_workbook(tmp_path / "o.xlsx", {"o": orders}))
    assert [cell for (cell,) in transactions(engine, "customer_id")] == ["17850", "17850", "0017850", "a b", "7.0"]


def test_types_of_parquet(tmp_path: Path, engine: DuckEngine) -> None:
    at = datetime(2024, 1, 1, 23, 30, tzinfo=UTC)
    orders = [
        {"customer": 7.0, "date": at, "amount": Decimal("1.10"), "coupon": b"x"},
        {"customer": 8.0, "date": None, "amount": None, "coupon": None},
    ]
    tables(engine, make_parquet(tmp_path / "o.parquet", orders))
    assert transactions(engine, "row_no", "customer_id", "transaction_date", "amount", "coupon_name") == [
        (1, "7", "2024-01-01 23:30:00", "1.10", "x"),
        (2, "8", None, None, None),
    ]


def test_typed_columns_of_parquet_are_not_written_out_as_text(tmp_path: Path, engine: DuckEngine) -> None:
    at = datetime.fromisoformat("2024-01-01T23:30:00")
    orders = [{"customer": 7.0, "date": at, "amount": 1.1}, {"customer": None, "date": None, "amount": math.inf}]
    tables(engine, make_parquet(tmp_path / "o.parquet", orders))
    columns = ("customer_id", "transaction_date", "transaction_date_typed", "amount", "amount_typed")
    assert transactions(engine, *columns) == [("7", None, at, None, Decimal("1.10")), (None, None, None, "inf", None)]


def test_lists_are_no_cells(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_parquet(tmp_path / "o.parquet", [{"customer": [1], "date": date(2024, 1, 1)}])
    assert refused(engine, path) == [
        "o.parquet, column customer: holds list<element: int64>, not single values. Write one value a row."
    ]


# Rows, headers, encodings -------------------------------------------------------------------------------------------------


def test_row_numbers_are_those_of_the_editor(tmp_path: Path, engine: DuckEngine) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        'customer,date\na,2024-01-01\n\n"b\n\nb",2024-01-02\nc,2024-01-03\r\n  ,  \n"d\r\n",2024-01-04\ne,2024-01-05'
    )
    tables(engine, path)
    assert transactions(engine, "row_no", "customer_id") == [
        (2, "a"),
        (4, "b\n\nb"),
        (7, "c"),
        (9, "d"),
        (11, "e"),
    ]


def test_row_numbers_of_a_long_file(tmp_path: Path, engine: DuckEngine) -> None:
    path = tmp_path / "orders.csv"
    lines = [f'"c\n{i}",2024-01-01' if i == 60_000 else f"c{i},2024-01-01" for i in range(120_000)]
    path.write_text("customer,date\n" + "\n".join(lines))
    tables(engine, path)
    (row,) = engine.arrow("SELECT count(*) AS n, max(row_no) AS last FROM raw_transactions").to_pylist()
    assert row == {"n": 120_000, "last": 120_002}
    assert engine.arrow("SELECT customer_id AS c FROM raw_transactions WHERE row_no = 60004")["c"].to_pylist() == [
        "c60001"
    ]


def test_the_header_is_found_under_title_rows(tmp_path: Path, engine: DuckEngine) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("Monthly extract,,\n\nCustomer ID,Order-Date,AMOUNT\na,2024-01-01,5\n")
    found = tables(engine, path)
    assert transactions(engine, "row_no", "customer_id", "amount") == [(4, "a", "5")]
    assert "The header was found in row 3; what stands above it was left out." in what(found)


def test_the_settings_place_the_header(tmp_path: Path, engine: DuckEngine) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer,date\nkunde,datum\na,2024-01-01\n")
    tables(engine, path, header_row=2)
    assert transactions(engine, "row_no", "customer_id") == [(3, "a")]
    tables(engine, path, header_row=0, columns={"customer_id": "column 1", "transaction_date": "column 2"})
    assert len(transactions(engine, "row_no")) == 3


@pytest.mark.parametrize(
    ("head", "place"),
    [
        ([["customer_id", "date"], ["a", "2024-01-01"]], 0),
        ([["Report", ""], ["", ""], ["Customer ID", "Date"]], 2),
        ([["whatever", "else"], ["a", "5"]], 0),
        ([["a", "2024-01-01"], ["b", "2024-01-02"]], None),
        ([[1.0, date(2024, 1, 1)]], None),
        ([["", None]], None),
    ],
)
def test_find_header(head: list[list[object]], place: int | None) -> None:
    assert find_header(head, frozenset({"customerid", "date"})) == place


def test_a_table_that_begins_in_another_corner(tmp_path: Path, engine: DuckEngine) -> None:
    import openpyxl

    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row, cells in enumerate([["customer", "date"], ["a", "2024-01-01"], [], ["b", "2024-01-02"]], 5):
        for column, cell in enumerate(cells, 3):
            sheet.cell(row, column, cell)
    workbook.save(tmp_path / "o.xlsx")
    found = tables(engine, tmp_path / "o.xlsx")
    assert transactions(engine, "row_no", "customer_id") == [(6, "a"), (8, "b")]
    assert ("Blank rows between the rows.", 1) in [(note.what, note.rows) for note in found.notes]


def test_legacy_encodings_are_guessed_and_told(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_csv(tmp_path / "o.csv", [{"customer": "José", "date": "2024-01-01"}], encoding="cp1252")
    found = tables(engine, path)
    assert transactions(engine, "customer_id") == [("José",)]
    (note,) = [note for note in found.notes if "UTF-8" in note.what]
    assert (note.kind, note.fix) == ("guess", 'source.encoding = "cp1252"')
    tables(engine, path, encoding="cp1250")
    assert transactions(engine, "customer_id") == [("José",)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoding": "klingon"}, "source.encoding: “klingon” does not exist. Use utf-8 or cp1252, for example."),
        ({"delimiter": "::"}, 'source.delimiter: “::” is not one sign. Use ",", ";", "tab", "|" or "blanks".'),
        ({"columns": {"custmer_id": "c"}}, "source.columns.custmer_id: “custmer_id” is none of our names. Did you mean customer_id?"),
        ({"sheets": {"zz": "c"}}, "source.sheets.zz: “zz” is none of our names. Use one of: branches, cities, customers, genders, merchants, transactions."),
    ],
)  # fmt: skip
def test_settings_that_do_not_exist(tmp_path: Path, engine: DuckEngine, settings: dict[str, Any], message: str) -> None:
    path = make_csv(tmp_path / "o.csv", make_orders(lines=4))
    assert refused(engine, path, UsageError, **settings) == [message]


def test_a_wrong_encoding_is_an_error(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_csv(tmp_path / "o.csv", [{"customer": "José", "date": "2024-01-01"}], encoding="cp1252")
    (message,) = refused(engine, path, encoding="utf-8")
    assert message.startswith("o.csv: cannot be decoded")


# Layout and columns -------------------------------------------------------------------------------------------------------


def test_names_match_whatever_their_spelling(tmp_path: Path, engine: DuckEngine) -> None:
    shop = make_shop()
    renamed = {name.upper() + " ": [{f" {key.replace('_', '-').title()}\u00a0": value for key, value in row.items()} for row in rows_] for name, rows_ in shop.items()}  # fmt: skip
    found = tables(engine, make_workbook(tmp_path / "shop.xlsx", renamed))
    assert found.layout == "shop"
    assert found.columns["transactions"]["customer_id"] == "Customer-Id"
    assert set(found.columns) == {table.name for table in TABLES}
    assert not [note for note in found.notes if note.kind == "guess"]


def test_a_published_layout_is_guessed(tmp_path: Path, engine: DuckEngine) -> None:
    header = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
    path = make_csv(tmp_path / "retail.csv", [dict(zip(header, ["536365", "x", "y", "6", "2010-12-01", "2.55", "17850", "UK"], strict=True))])  # fmt: skip
    found = tables(engine, path)
    assert found.columns["transactions"] == {
        "transaction_id": "InvoiceNo",
        "customer_id": "CustomerID",
        "transaction_date": "InvoiceDate",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
    }
    assert "Columns without a use in the report: StockCode, Description, Country." in what(found)


def test_columns_of_the_settings_win(tmp_path: Path, engine: DuckEngine) -> None:
    rows_ = [{"customer_id": "a", "payer": "p", "date": "2024-01-01", "order_status": "x"}]
    found = tables(
        engine, make_csv(tmp_path / "o.csv", rows_), columns={"customer_id": "Payer", "status": "order_status"}
    )
    assert found.columns["transactions"]["customer_id"] == "payer"
    assert found.columns["transactions"]["transaction_status"] == "order_status"


def test_a_column_of_the_settings_that_is_not_there(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_csv(tmp_path / "o.csv", make_orders(lines=4))
    assert refused(engine, path, columns={"amount": "Revenue"}) == [
        "source.columns.amount: “Revenue” is not there. Columns of o.csv: order_id, customer_id, order_date, amount. "
        "Use one of these names."
    ]


def test_missing_columns_are_told_with_the_lines_that_mend_it(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_csv(tmp_path / "o.csv", [{"wer": "a", "wann": "2024-01-01", "amount": "5"}])
    assert refused(engine, path) == [
        "o.csv: required columns customer_id, transaction_date not found. Columns there (row 1; source.header_row names another): wer, wann, amount. "
        "Say which column it is (one of: wer, wann) in reporter.toml:\n"
        '[source.columns]\ncustomer_id = "…"\ntransaction_date = "…"'
    ]


def test_all_problems_at_once(tmp_path: Path, engine: DuckEngine) -> None:
    shop = make_shop()
    for row in shop["transactions"]:
        row["who"] = row.pop("customer_id")
    for row in shop["cities"]:
        row["where"] = row.pop("city_id")
    problems = refused(engine, make_workbook(tmp_path / "s.xlsx", shop))
    assert [problem.split(" not found")[0] for problem in problems] == [
        "s.xlsx, sheet cities: required column city_id",
        "s.xlsx, sheet transactions: required column customer_id",
    ]


def test_two_columns_of_one_name(tmp_path: Path, engine: DuckEngine) -> None:
    path = tmp_path / "o.csv"
    path.write_text("Customer ID,customer_id,date\na,b,2024-01-01\n")
    assert refused(engine, path) == [
        "o.csv: 2 columns could be customer_id: Customer ID, customer_id. Rename or remove all but one."
    ]


def test_a_shop_without_transactions(tmp_path: Path, engine: DuckEngine) -> None:
    shop = make_shop()
    shop["Ledger 2024"] = shop.pop("transactions")
    path = make_workbook(tmp_path / "s.xlsx", shop)
    (message,) = refused(engine, path)
    assert message.startswith("s.xlsx: has no table transactions. Tables there: customers, genders")
    found = tables(engine, path, sheets={"transactions": "ledger_2024"})
    assert found.places["transactions"] == ("s.xlsx", "Ledger 2024")
    (message,) = refused(engine, path, sheets={"transactions": "nope"})
    assert message.startswith("source.sheets.transactions: “nope” is not there.")


def test_extra_sheets_are_ignored_and_told(tmp_path: Path, engine: DuckEngine) -> None:
    shop = make_shop() | {"Notes": [{"remark": "hello"}]}
    found = tables(engine, make_workbook(tmp_path / "s.xlsx", shop))
    assert [(note.kind, note.where) for note in found.notes] == [("ignored", "s.xlsx, sheet Notes")]


def test_the_one_sheet_that_holds_orders_is_found(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_workbook(tmp_path / "s.xlsx", {"About": [{"remark": "hello"}], "Q1": make_orders(lines=4)})
    assert tables(engine, path).places == {"transactions": ("s.xlsx", "Q1")}


def test_two_sheets_of_orders_need_a_word(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_workbook(tmp_path / "s.xlsx", {"Q1": make_orders(lines=4), "Q2": make_orders(lines=6)})
    assert refused(engine, path) == [
        's.xlsx: holds 2 tables, and it is not clear which one holds the orders: Q1, Q2. Say which: source.sheet = "Q1"'
    ]
    tables(engine, path, sheet="q2")
    assert len(transactions(engine, "row_no")) == 6
    assert refused(engine, path, sheet="Q3")[0].startswith("source.sheet: “Q3” is not there. Tables there: Q1, Q2.")


# The schema -------------------------------------------------------------------------------------------------------------------


def test_the_schema_tells_every_column_once() -> None:
    told = [(row["table"], row["column"]) for row in rows()]
    assert len(told) == len(set(told)) == sum(len(table.columns) for table in TABLES)
    assert all(row["meaning"] and row["type"] for row in rows())
    schema = json_schema()
    assert schema["required"] == ["transactions"]
    assert schema["properties"]["transactions"]["items"]["required"] == ["customer_id", "transaction_date"]
    assert set(schema["properties"]) == {table.name for table in TABLES}


def test_synonyms_are_folded_and_never_our_own_names() -> None:
    for table in TABLES:
        assert table.key in table.names
        for column in table.columns:
            assert all(word == fold(word) for word in column.synonyms)
            assert fold(column.name) not in column.synonyms


def test_the_fixtures_know_every_table() -> None:
    shop = make_shop(amount=True)
    assert list(shop) == [table.name for table in TABLES]
    for table in TABLES:
        assert set(grid(shop[table.name])[0]) <= set(table.names)
