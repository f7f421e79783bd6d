"""What a case is, and small builders for its files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fixtures.workbook import Shop, make_shop, make_workbook

Build = Callable[[Path], Path]
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One input and its outcome; what is None is not looked at.

    Attributes
    ----------
    refused : tuple of str
        Parts of the refusal. Empty: the input is read.
    kept : int
        Kept transactions.
    reasons : dict of str to int
        All reasons of the transactions, rejected and flagged, with their rows.
    lookups : dict of str to dict
        The same for other tables.
    told, untold : tuple of str
        Parts of notes; the second must not occur.
    ids, days, names : list of str
        Customers, days and merchants of kept transactions, sorted and distinct.
    total : str
        Sum of money.
    """

    id: str
    build: Build
    settings: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    kept: int | None = None
    reasons: Mapping[str, int] | None = None
    lookups: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    ids: Sequence[str] | None = None
    days: Sequence[str] | None = None
    names: Sequence[str | None] | None = None
    total: str | None = None


def text(content: str | bytes, name: str = "orders.csv", encoding: str = "utf-8") -> Build:
    """A file of that content."""

    def build(folder: Path) -> Path:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return folder / name

    return build


def dates(*cells: str) -> Build:
    """A table of orders with those dates, one customer each."""
    return text("customer;date;amount\n" + "".join(f"c{i};{cell};1.00\n" for i, cell in enumerate(cells)))


def amounts(*cells: str) -> Build:
    """A table of orders with those amounts, one day each."""
    return text("customer;date;amount\n" + "".join(f"a;2024-01-{i:02};{cell}\n" for i, cell in enumerate(cells, 1)))


def ids(*cells: str) -> Build:
    """A table of orders of those customers."""
    return text("customer;date;amount\n" + "".join(f"{cell};2024-01-{i:02};1.00\n" for i, cell in enumerate(cells, 1)))


def book(*rows: Sequence[Any], then: Callable[[Any], object] | None = None, name: str = "orders.xlsx") -> Build:
    """A workbook of one sheet with those rows; `then` may change the openpyxl workbook before it is saved."""

    def build(folder: Path) -> Path:
        import openpyxl

        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.active.append(list(row))
        if then is not None:
            then(workbook)
        workbook.save(folder / name)
        return folder / name

    return build


def shop(spoil: Callable[[Shop], object], **size: Any) -> Build:
    """A shop's workbook, spoiled."""

    def build(folder: Path) -> Path:
        tables = make_shop(**size)
        spoil(tables)
        return make_workbook(folder / "shop.xlsx", tables)

    return build


def parts(base: Build, **changed: str | bytes | None) -> Build:
    """A workbook with parts changed (``sheet1``: the first sheet) or, by their whole path, added."""
    short = {"sheet1": "xl/worksheets/sheet1.xml", "book": "xl/workbook.xml"}

    def build(folder: Path) -> Path:
        path = base(folder)
        new = {short.get(name, name): content for name, content in changed.items()}
        with zipfile.ZipFile(path) as archive:
            old = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (old | new).items():
                if content is not None:
                    archive.writestr(name, content)
        return path

    return build


def sheet(*cells: str, before: str = "") -> str:
    """The XML of a sheet: rows of ready-made cells."""
    rows = "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(cells, 1))
    return f'<?xml version="1.0"?><worksheet xmlns="{SPACE}">{before}<sheetData>{rows}</sheetData></worksheet>'


def cut(base: Build, keep: float) -> Build:
    """The first part of a file, as a broken download leaves it."""

    def build(folder: Path) -> Path:
        path = base(folder)
        content = path.read_bytes()
        path.write_bytes(content[: int(keep * len(content))])
        return path

    return build


def renamed(base: Build, name: str) -> Build:
    """The same file under another name."""
    return lambda folder: base(folder).rename(folder / name)
