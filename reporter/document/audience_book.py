"""The audiences as one workbook, a sheet each, for marketers who work in a spreadsheet. Personal data, as the lists beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from reporter.document.workbook import LONGEST_CELL, sheet_names

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "audiences.xlsx"
MOST_CUSTOMERS = 50_000
"""Above so many there are only the lists: a spreadsheet is no tool for them."""
WIDTHS: Mapping[str, int] = {"customer_id": 18, "segment": 18, "action": 40, "campaign": 28, "reason": 30}
USUAL_WIDTH = 13
_PROPERTIES = "docProps/core.xml"
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def write_book(tables: Mapping[str, pa.Table], file: BinaryIO, created: date) -> None:
    """Write one sheet for each audience. Texts are texts: nothing in a cell is taken for a formula or a link. Equal tables give equal bytes.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        Segment to its customers.
    file : binary file
    created : date
        For the workbook's properties.
    """
    from rustpy_xlsxwriter import FastExcel, Format

    made, head = BytesIO(), Format().set_bold().set_border_bottom("thin")
    book = FastExcel(made).freeze(row=1, col=1)
    for name, table in zip(sheet_names(list(tables)), tables.values(), strict=True):
        widths = {column: float(WIDTHS.get(column, USUAL_WIDTH)) for column in table.column_names}
        book.sheet(name, _plain(table), column_widths=widths, header_format=head, autofilter=True)
    book.save()
    _write_dated(made, file, created)


def _plain(table: pa.Table) -> pa.Table:
    """Texts and numbers alone, as the writer takes them; nothing is in a cell that has an empty text, or no finite number.

    A number of single precision is written as it reads, 0.9, and not with the digits that double precision adds.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = []
    for column in table.columns:
        is_single = pa.types.is_float32(column.type)
        if is_single or pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        if is_single:
            column = column.cast(pa.float64())
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_finite(column), column, None)
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = pc.utf8_slice_codeunits(pc.if_else(pc.equal(column, ""), None, column), 0, LONGEST_CELL)
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def _write_dated(made: BytesIO, file: BinaryIO, created: date) -> None:
    """The parts of a workbook, which was written today, as of another day."""
    with ZipFile(made) as today, ZipFile(file, "w", ZIP_DEFLATED) as book:
        for part in today.namelist():
            content = today.read(part)
            if part == _PROPERTIES:
                content = _MOMENT.sub(f"{created.isoformat()}T00:00:00Z".encode(), content)
            book.writestr(ZipInfo(part), content, ZIP_DEFLATED)
