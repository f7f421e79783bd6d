"""The tables of a document as a workbook: one sheet a table, real numbers, aggregates only."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from numbers import Real
from pathlib import Path
from typing import Any

from reporter.digits import significant
from reporter.document.blocks import Beside, Block, Cell, Column, Details, Document, Row, Table
from reporter.document.tokens import inked_tokens
from reporter.document.tongue import tongue_of

FORMATS = {
    "count": "#,##0",
    "number": "#,##0.00",
    "money": "#,##0.00",
    "share": "0.0%",
    "bar": "0.0%",
    "days": "#,##0.0",
    "date": "yyyy-mm-dd",
    "score": "0",
}
LONGEST_NAME = 31
LONGEST_CELL = 32_767
HEADER_ROW = 3
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a date without a clock, for documents that name none


def to_workbook(document: Document, path: Path) -> None:
    """Write ``segments.xlsx``.

    The first sheet lists the tables with links. Each table has its own sheet, named by its id: title, source, header, all rows.
    Texts are texts: nothing in a cell is ever taken for a formula or a link. Equal documents give equal bytes.

    Parameters
    ----------
    document : Document
    path : pathlib.Path
        The file; an old one is overwritten.
    """
    from xlsxwriter import Workbook

    tables = tables_of(document)
    names = sheet_names([table.id for table in tables])
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(str(path), options) as workbook:
        workbook.set_properties(_properties(document))
        book = _Book(workbook, inked_tokens(document.look))
        _contents(book, document, list(zip(names, tables, strict=True)))
        for name, table in zip(names, tables, strict=True):
            _sheet(book, name, table)


def tables_of(document: Document) -> list[Table]:
    """All tables in reading order, also those beside others and in details; at the end those of sections that the pages leave out, each once."""
    sections = (*document.sections, *document.unshown)
    return list({table.id: table for section in sections for table in _tables(section.blocks)}.values())


def sheet_names(ids: list[str]) -> list[str]:
    """Names that a workbook accepts: at most 31 characters, no brackets, colon, star, question mark or slash, unique whatever the case.

    "Contents" and "History" are taken.
    """
    taken = {"contents", "history"}
    names = []
    for wanted in ids:
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]+", "-", wanted).strip("' ")[:LONGEST_NAME] or "table"
        name, n = base, 2
        while name.lower() in taken:
            name = f"{base[: LONGEST_NAME - len(str(n)) - 1]}-{n}"
            n += 1
        taken.add(name.lower())
        names.append(name)
    return names


@dataclass(frozen=True, slots=True, eq=False)
class _Book:
    """A workbook being written, with the formats made so far."""

    file: Any
    colours: dict[str, str]
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.file.add_format(
                {"font_name": "Calibri", "font_size": 10, "valign": "top", **properties}
            )
        return self.formats[key]


def _tables(blocks: tuple[Block, ...]) -> list[Table]:
    found: list[Table] = []
    for block in blocks:
        if isinstance(block, Table):
            found.append(block)
        elif isinstance(block, (Beside, Details)):
            found.extend(_tables(block.blocks))
    return found


def _properties(document: Document) -> dict[str, Any]:
    cover = document.cover
    created = datetime.fromisoformat(cover.created) if cover.created else CREATED
    return {
        "title": cover.title[:255],
        "author": (cover.author or cover.organisation)[:255],
        "subject": cover.period[:255],
        "comments": document.provenance[:255],
        "created": created,
    }


def _contents(book: _Book, document: Document, sheets: list[tuple[str, Table]]) -> None:
    term = tongue_of(document.cover.language).term
    sheet = book.file.add_worksheet(term("Contents")[:LONGEST_NAME])
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    sheet.set_column(2, 2, 10)
    _text(sheet, 0, 0, document.cover.title, book.format(bold=True, font_size=16))
    _text(sheet, 1, 0, document.provenance, book.format(font_color=book.colours["muted"]))
    for column, label in enumerate(("Sheet", "What it says", "Rows")):
        _text(sheet, HEADER_ROW, column, term(label), _header(book, "right" if column == 2 else "left"))
    link = book.format(font_color=book.colours["accent"], underline=1)
    for line, (name, table) in enumerate(sheets, HEADER_ROW + 1):
        quoted = name.replace("'", "''")
        sheet.write_url(line, 0, f"internal:'{quoted}'!A1", link, string=name)
        _text(sheet, line, 1, table.title.text, book.format())
        sheet.write_number(line, 2, len(table.rows), book.format(num_format="#,##0"))
    sheet.freeze_panes(HEADER_ROW + 1, 0)


def _sheet(book: _Book, name: str, table: Table) -> None:
    sheet = book.file.add_worksheet(name)
    sheet.hide_gridlines(2)
    _text(sheet, 0, 0, table.title.text or name, book.format(bold=True, font_size=13))
    _text(sheet, 1, 0, table.source.text, book.format(font_color=book.colours["muted"]))
    for position, column in enumerate(table.columns):
        left = column.kind in ("text", "name")
        _text(sheet, HEADER_ROW, position, column.label, _header(book, "left" if left else "right"))
        sheet.set_column(position, position, _width(table, position))
    for line, row in enumerate(table.rows, HEADER_ROW + 1):
        for position, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
            _write(sheet, line, position, cell, _format(book, column, cell, row))
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    body = sum(row.role != "total" for row in table.rows)
    if body and table.columns:
        sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + body, len(table.columns) - 1)
    _bars(book, sheet, table, body)


def _bars(book: _Book, sheet: Any, table: Table, body: int) -> None:
    """Bars in the cells of the columns that have them in the report."""
    for position, column in enumerate(table.columns):
        if column.kind == "bar" and body:
            bar = {
                "type": "data_bar",
                "data_bar_2010": False,
                "bar_color": book.colours["heat-2"],
                "min_type": "num",
                "min_value": 0,
            }
            sheet.conditional_format(HEADER_ROW + 1, position, HEADER_ROW + body, position, bar)


def _header(book: _Book, align: str) -> Any:
    return book.format(
        bold=True, align=align, valign="bottom", text_wrap=True, bottom=2, bottom_color=book.colours["ink"]
    )


def _format(book: _Book, column: Column, cell: Cell, row: Row) -> Any:
    properties: dict[str, Any] = {"bottom": 1, "bottom_color": book.colours["rule"]}
    if column.kind in FORMATS:
        properties |= {"num_format": _digits(column.kind, cell.value), "align": "right"}
    if column.kind == "name":
        properties["bold"] = True
        if row.colour:
            properties |= {"left": 5, "left_color": book.colours[f"segment-{row.colour}"], "indent": 1}
    if row.role == "total":
        properties |= {"bold": True, "top": 1, "top_color": book.colours["ink"]}
    if row.role == "subject":
        properties["bg_color"] = book.colours["tint"]
    return book.format(**properties)


def _digits(kind: str, value: Any) -> str:
    """Whole days and scores without decimals, medians between two with one."""
    if kind in ("days", "score", "count"):
        return "#,##0" if not isinstance(value, Real) or float(value).is_integer() else "#,##0.0"
    return FORMATS[kind]


def _width(table: Table, position: int) -> float:
    texts = [row.cells[position].text for row in table.rows]
    return min(max(max((len(text) for text in texts), default=0), len(table.columns[position].label) * 0.9, 9) + 3, 60)


def _write(sheet: Any, line: int, position: int, cell: Cell, style: Any) -> None:
    """The exact value where it is a number or a day, else the printed text."""
    value = cell.value
    if isinstance(value, datetime):
        sheet.write_datetime(line, position, value.replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(line, position, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001 - a day
    elif isinstance(value, (Real, Decimal)) and not isinstance(value, bool) and math.isfinite(value):
        sheet.write_number(line, position, significant(float(value)), style)
    else:
        _text(sheet, line, position, cell.text, style)


def _text(sheet: Any, line: int, position: int, text: str, style: Any) -> None:
    if text:
        sheet.write_string(line, position, text[:LONGEST_CELL], style)
    else:
        sheet.write_blank(line, position, None, style)
