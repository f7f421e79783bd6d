"""The workbook, opened again by another library."""
# ruff: noqa: DTZ001 - days have no zone

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from reporter.document.blocks import Cell, Column, Document, Row, Said, Section, Table
from reporter.document.workbook import sheet_names, tables_of, to_workbook
from tests.document.sample import sample

ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = (
    "=1+1",
    "{=1+1}",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "http://example.test",
    "mailto:a@example.test",
    "internal:A1",
    "0012",
    "TRUE",
)


def one_table(*columns: Column, rows: tuple[Row, ...], key: str = "t") -> Document:
    table = Table(key, Said("One table"), columns, rows, Said("Source: nowhere."))
    section = Section("s", Said("A section with 1 table"), "Short", "", (table,))
    return replace(sample(hostile=False), sections=(section,))


def test_every_table_is_a_sheet_and_is_linked(tmp_path: Path) -> None:
    path = tmp_path / "segments.xlsx"
    to_workbook(sample(), path)
    book = openpyxl.load_workbook(path)
    tables = tables_of(sample())
    assert len(tables) > 25
    assert book.sheetnames == ["Contents", *sheet_names([table.id for table in tables])]
    links = [row[0].hyperlink.location for row in book["Contents"].iter_rows(min_row=5)]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[1:]]
    for name, table in zip(book.sheetnames[1:], tables, strict=True):
        sheet = book[name]
        assert sheet["A1"].value == table.title.text
        assert [cell.value for cell in sheet[4]] == [column.label for column in table.columns]
        assert sheet.max_row == 4 + len(table.rows)
        assert sheet.freeze_panes == "B5"


def test_no_cell_is_a_formula_and_numbers_are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "segments.xlsx"
    to_workbook(sample(), path)
    for sheet in openpyxl.load_workbook(path):
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    sheet = openpyxl.load_workbook(path)["segments"]
    assert [type(cell.value) for cell in sheet[5]] == [str, int, float, float, int, float, float, float]
    assert sheet["C5"].number_format == "0.0%"
    assert sheet["B5"].number_format == "#,##0"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_texts_stay_texts(payload: str, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    row = Row((Cell(payload, payload), Cell(payload, payload)))
    to_workbook(one_table(Column("a", payload, "name"), Column("b", "B", "count"), rows=(row,), key=payload), path)
    sheet = openpyxl.load_workbook(path).worksheets[1]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in sheet[5]] == [(payload, "s", None)] * 2
    with zipfile.ZipFile(path) as parts:
        sheet_xml = parts.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in sheet_xml
    assert "<hyperlink" not in sheet_xml


def test_values_of_every_kind(tmp_path: Path) -> None:
    values = [
        3,
        2.5,
        Decimal("12.34"),
        np.int64(7),
        np.float64(0.25),
        date(2026, 9, 30),
        datetime(2026, 9, 30, 12),
        None,
        float("nan"),
        True,
    ]
    texts = ["3", "2.5", "12.34", "7", "25%", "30 Sep", "30 Sep", "–", "", "yes"]
    kinds = ["count", "days", "money", "count", "share", "date", "date", "number", "number", "text"]
    columns = tuple(Column(str(i), f"c{i}", kind) for i, kind in enumerate(kinds))  # type: ignore[arg-type]
    path = tmp_path / "t.xlsx"
    to_workbook(one_table(*columns, rows=(Row(tuple(map(Cell, values, texts))),)), path)
    cells = openpyxl.load_workbook(path)["t"][5]
    assert [cell.value for cell in cells] == [
        3,
        2.5,
        12.34,
        7,
        0.25,
        datetime(2026, 9, 30),
        datetime(2026, 9, 30, 12),
        "–",
        None,
        "yes",
    ]
    assert cells[5].number_format == "yyyy-mm-dd"
    assert cells[1].number_format == "#,##0.0"


def test_sheet_names_are_accepted_by_every_spreadsheet() -> None:
    wanted = ["a" * 40, "a" * 35, "A" * 33, "x/y:z*?[1]\\", "", "'quoted'", "History", "contents", "ok", "OK"]
    names = sheet_names(wanted)
    assert len({name.lower() for name in names}) == len(wanted)
    for name in names:
        assert 1 <= len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name[0] != "'" != name[-1]
    assert names[8] == "ok"


def test_a_document_without_tables_has_contents(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    to_workbook(replace(sample(), sections=()), path)
    assert openpyxl.load_workbook(path).sheetnames == ["Contents"]


def test_equal_documents_give_equal_bytes(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.document.sample import sample;"
        "from reporter.document.workbook import to_workbook; to_workbook(sample(), Path(sys.argv[1]))"
    )
    digests = set()
    for seed, zone in (("0", "UTC"), ("9", "Asia/Kathmandu"), ("77", "America/New_York")):
        path = tmp_path / f"{seed}.xlsx"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", code, str(path)], env=environment, check=True)
        digests.add(sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1
