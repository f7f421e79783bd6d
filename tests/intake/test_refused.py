"""Sources that cannot be used, and workbooks that attack: refused with place, fact and remedy, before they do harm."""

from __future__ import annotations

import gzip
import os
import sqlite3
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from reporter.engine.duck import DuckEngine
from reporter.errors import InputError, UsageError
from reporter.intake import excel, preflight
from tests.fixtures.workbook import (
    make_csv,
    make_database,
    make_orders,
    make_workbook,
)
from tests.intake.conftest import refused, tables, transactions

# Sources that cannot be used ----------------------------------------------------------------------------------------------


def test_sources_that_are_not_there(tmp_path: Path, engine: DuckEngine) -> None:
    make_csv(tmp_path / "orders.csv", make_orders(lines=4))
    assert refused(engine, tmp_path / "order.csv") == [
        f"{tmp_path / 'order.csv'}: does not exist. Did you mean orders.csv?"
    ]
    assert refused(engine, "mysql://user:secret@host/db", UsageError) == [
        "mysql://: this version reads files, SQLite and PostgreSQL databases and tables of Spark only. "
        "Export the tables as CSV or Parquet into a folder, or give a SQLite file."
    ]


@pytest.mark.parametrize(("name", "closed"), [("orders.csv", "orders.csv"), ("orders.csv", "."), (".", ".")])
def test_without_permission(tmp_path: Path, engine: DuckEngine, name: str, closed: str) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    make_csv(folder / "orders.csv", make_orders(lines=4))
    (folder / closed).chmod(0)
    for each in (tmp_path, *tmp_path.parents[:2]):
        each.chmod(0o755)
    me = os.geteuid()
    if me == 0:  # to root nothing is closed
        os.seteuid(65534)
    try:
        (message,) = refused(engine, folder / name)
    finally:
        os.seteuid(me)
        (folder / closed).chmod(0o700)
    assert message.endswith(" may not be read by you. Ask its owner for permission to read it.")


def test_folders_without_tables(tmp_path: Path, engine: DuckEngine) -> None:
    (message,) = refused(engine, tmp_path)
    assert "is a folder without tables. Give a folder with transactions.csv" in message
    make_workbook(tmp_path / "a.xlsx")
    assert "It holds a.xlsx." in refused(engine, tmp_path)[0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("e.csv", b"", "e.csv: is empty."),
        ("b.csv", b"\n\n  \n", "b.csv: holds no table: it is empty."),
        ("h.csv", b"customer,date\n", "there are no rows under the header"),
        ("x.xlsx", b"hello", "x.xlsx: is damaged, not a valid workbook."),
        ("x.xlsx", excel.OLE + b"\x00" * 600, "password"),
        ("x.parquet", b"PAR1xxxxPAR1", "x.parquet: is damaged, not a valid Parquet file."),
        ("x.sqlite", b"SQLite format 3\x00" + b"x" * 100, "x.sqlite: cannot be read as a SQLite database"),
        ("x.csv.gz", b"\x1f\x8b\x08\x00xxxxxxxx", "x.csv.gz: is damaged, not a valid gzip file."),
        ("x.bin", b"\x7fELF\x00\x00", "x.bin: is of a kind that cannot be read."),
        ("q.csv", b'customer,date\n"' + b"x" * 200_000 + b"\n", "q.csv: cannot be split into rows"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, engine: DuckEngine, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    (message,) = refused(engine, tmp_path / name)
    assert words in message
    assert str(tmp_path) not in message


def test_a_gzip_file_that_stops_early(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_csv(tmp_path / "o.csv", make_orders(lines=40_000))
    (tmp_path / "o.csv.gz").write_bytes(gzip.compress(path.read_bytes())[:-2000])
    assert len(refused(engine, tmp_path / "o.csv.gz")) == 1


def test_a_locked_or_broken_database(tmp_path: Path, engine: DuckEngine) -> None:
    path = make_database(tmp_path / "o.db", {"orders": make_orders(lines=4000)})
    spoiled = bytearray(path.read_bytes())
    spoiled[4096:40960] = b"\xff" * (40960 - 4096)
    path.write_bytes(spoiled)
    (message,) = refused(engine, path)
    assert message.startswith("o.db: cannot be read as a SQLite database")
    assert sqlite3.sqlite_version


# Workbooks that attack ------------------------------------------------------------------------------------------------------


def sheet_of(path: Path, xml: str, name: str = "xl/worksheets/sheet1.xml", sheets: int = 1) -> Path:
    """A workbook whose first sheet is replaced by `xml`, and which has this sheet several times."""
    make_workbook(path.with_suffix(".tmp.xlsx"), {"Sheet1": make_orders(lines=4)})
    one = '<sheet name="Sheet{0}" sheetId="{0}" state="visible" r:id="rId1" />'
    all_of_them = "".join(map(one.format, range(1, sheets + 1)))
    with zipfile.ZipFile(path.with_suffix(".tmp.xlsx")) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = xml if entry.filename == name else old.read(entry).decode()
            new.writestr(entry.filename, part.replace(one.format(1), all_of_them))
    return path


def sheet_xml(cells: str) -> str:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'


def test_a_far_cell_is_refused_before_it_is_opened(tmp_path: Path, engine: DuckEngine) -> None:
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = sheet_of(tmp_path / "far.xlsx", sheet_xml(far))
    (message,) = refused(engine, path)
    assert "spans 1,048,576 rows by 16,384 columns, over the limit of 50,000,000 cells." in message
    assert "Delete the stray cells" in message


def test_long_and_wide_sheets_within_the_limit_pass(tmp_path: Path) -> None:
    long = '<row r="1048576"><c r="Z1048576"><v>1</v></c></row>'
    wide = '<row r="2"><c r="XFD2"><v>1</v></c></row>'
    both = '<row r="60000"><c r="A60000"><v>1</v></c></row><row r="70001"><c r="AA70001"><v>1</v></c></row>'
    for number, cells in enumerate((long, wide, both)):
        assert preflight.preflight(sheet_of(tmp_path / f"{number}.xlsx", sheet_xml(cells))) == ()


def test_bombs_are_refused_by_ratio_size_and_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheet_of(tmp_path / "bomb.xlsx", sheet_xml(" " * 5_000_000))
    with pytest.raises(InputError, match="over the limit of 100 to 1"):
        preflight.preflight(path)
    monkeypatch.setattr(preflight, "MOST_RATIO", 10**9)
    monkeypatch.setattr(preflight, "MOST_BYTES", 10**6)
    with pytest.raises(InputError, match="over the size limit"):
        preflight.preflight(path)
    monkeypatch.setattr(preflight, "MOST_ENTRIES", 3)
    with pytest.raises(InputError, match="over the limit of 3"):
        preflight.preflight(path)


def test_a_size_that_lies_is_found_out(tmp_path: Path) -> None:
    path = sheet_of(tmp_path / "liar.xlsx", sheet_xml(" " * 90_000))
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    assert raw.count(size.to_bytes(4, "little")) == 2
    path.write_bytes(bytes(raw).replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(InputError, match="damaged, not a valid workbook"):
        preflight.preflight(path)


@pytest.mark.parametrize("bare", ["", "<v/>", "<v />"])
def test_cells_that_lost_their_value_are_counted(tmp_path: Path, engine: DuckEngine, bare: str) -> None:
    cells = (
        '<row r="1"><c r="A1" t="str"><v>customer</v></c><c r="B1" t="str"><v>date</v></c></row>'
        '<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2" t="str"><v>2024-01-01</v></c></row>'
        f'<row r="3"><c r="A3"><f>1+1</f>{bare}</c><c r="B3" t="str"><v>2024-01-01</v></c></row>'
        '<row r="4"><c r="A4" t="str"><f>"x"</f><v>x</v></c><c r="B4" t="str"><v>2024-01-01</v></c></row>'
    )
    found = tables(engine, sheet_of(tmp_path / "o.xlsx", sheet_xml(cells)))
    (note,) = [note for note in found.notes if "without a value" in note.what]
    assert (note.rows, "1 with an error such as #N/A and 1 with a formula" in note.what) == (2, True)
    assert transactions(engine, "row_no", "customer_id") == [(2, None), (3, None), (4, "x")]


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_a_doctype_is_refused(tmp_path: Path, engine: DuckEngine, doctype: str) -> None:
    xml = sheet_xml('<row r="1"><c r="A1" t="str"><v>&a;</v></c></row>').replace("?>", "?>" + doctype, 1)
    (message,) = refused(engine, sheet_of(tmp_path / "o.xlsx", xml))
    assert "holds a document type definition" in message


def test_an_archive_of_another_kind_is_no_workbook(tmp_path: Path, engine: DuckEngine) -> None:
    with zipfile.ZipFile(tmp_path / "text.xlsx", "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert refused(engine, tmp_path / "text.xlsx") == [
        "text.xlsx: is no workbook of the kind .xlsx. Save it as .xlsx or CSV."
    ]


@pytest.mark.parametrize(
    "cells", ['<row r="1"><c r="A1"><v>1</c></row>', '<row r="x"><c r="A1"><v>1</v></c></row>', "<row"]
)
def test_a_sheet_that_is_no_xml(tmp_path: Path, engine: DuckEngine, cells: str) -> None:
    assert refused(engine, sheet_of(tmp_path / "o.xlsx", sheet_xml(cells))) == [
        "o.xlsx: is damaged, not a valid workbook. Download or save it again, then check that it opens."
    ]


def test_a_sheet_in_an_odd_place_is_looked_at_too(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="A1"/><c r="XFD1048576"><v>1</v></c></row>'
    path = make_workbook(tmp_path / "o.xlsx", {"Sheet1": make_orders(lines=4)})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/elsewhere.bin", sheet_xml(far))
    with pytest.raises(InputError, match=r"part xl/elsewhere\.bin spans 1,048,576 rows"):
        preflight.preflight(path)


def test_a_gzip_bomb_is_refused(tmp_path: Path, engine: DuckEngine) -> None:
    (tmp_path / "o.csv.gz").write_bytes(gzip.compress(b"customer,date\n" + b"a,2024-01-01\n" * 9_000_000))
    (message,) = refused(engine, tmp_path / "o.csv.gz")
    assert "over the limit of 200 to 1" in message


def test_dates_of_the_1904_system(tmp_path: Path, engine: DuckEngine) -> None:
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    for cells in (["customer", "date"], ["a", datetime.fromisoformat("2024-02-29")]):
        workbook.active.append(cells)
    workbook.save(tmp_path / "o.xlsx")
    tables(engine, tmp_path / "o.xlsx")
    assert transactions(engine, "transaction_date") == [("2024-02-29",)]


def test_hostile_names_are_only_names(tmp_path: Path, engine: DuckEngine) -> None:
    column = "x\"; COPY (SELECT 1) TO '/tmp/x.csv'; --"
    path = make_csv(tmp_path / "*.csv", [{column: "a", "date": "2024-01-01"}])
    found = tables(engine, path, columns={"customer_id": column})
    assert transactions(engine, "customer_id") == [("a",)]
    assert found.columns["transactions"]["customer_id"] == column
