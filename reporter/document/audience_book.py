"""The audiences as one workbook, a sheet each, for marketers who work in a spreadsheet. Personal data, as the lists beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from reporter.document.workbook import sheet_names

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "audiences.xlsx"
MOST_CUSTOMERS = 50_000
"""Above so many there are only the lists: a spreadsheet is no tool for them."""
WIDTHS: Mapping[str, int] = {"customer_id": 18, "segment": 18, "action": 40, "campaign": 28, "reason": 30}
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_book(tables: Mapping[str, pa.Table], file: BinaryIO, folder: Path, created: date) -> None:
    """Write one sheet for each audience. Texts are texts: nothing in a cell is taken for a formula. Equal tables give equal bytes.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        Segment to its customers.
    file : binary file
    folder : pathlib.Path
        Where sheets are kept until all are written; nothing stays there.
    created : date
        For the workbook's properties.
    """
    from xlsxwriter import Workbook

    with Workbook(file, OPTIONS | {"tmpdir": str(folder)}) as book:
        book.set_properties({"created": datetime(created.year, created.month, created.day)})  # noqa: DTZ001 - a day
        head = book.add_format({"bold": True, "bottom": 1})
        for name, table in zip(sheet_names(list(tables)), tables.values(), strict=True):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            for place, column in enumerate(table.column_names):
                sheet.set_column(place, place, WIDTHS.get(column, 13))
            sheet.autofilter(0, 0, table.num_rows, table.num_columns - 1)
            for place, column in enumerate(table.column_names):
                sheet.write_string(0, place, column, head)
            columns = [_plain(table.column(column)) for column in table.column_names]
            for line, cells in enumerate(zip(*columns, strict=True), 1):
                _write(sheet, line, cells)


def _plain(values: Any) -> list[Any]:
    """A column's cells; a number of single precision as it reads, 0.9, and not with the digits that double precision adds."""
    import pyarrow as pa

    is_single = pa.types.is_float32(values.type)
    if is_single or pa.types.is_dictionary(values.type):
        values = values.cast(pa.string())
    return list((values.cast(pa.float64()) if is_single else values).to_pylist())


def _write(sheet: Any, line: int, cells: tuple[Any, ...]) -> None:
    for place, value in enumerate(cells):
        if isinstance(value, str):
            if value:
                sheet.write_string(line, place, value[:32_767])
        elif value is not None and math.isfinite(value):
            sheet.write_number(line, place, value)
