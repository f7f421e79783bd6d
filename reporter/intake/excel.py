"""Workbooks: looked through before they are opened, then read row by row.

python-calamine reads; openpyxl steps in where it cannot. Neither sees a file before `preflight` has gone through its parts,
because a few kilobytes can unpack to gigabytes or ask for a sheet of 17 billion cells.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.errors import InputError, Problem
from reporter.intake.ledger import Note
from reporter.intake.tables import (
    HEADER_SEARCH_ROWS,
    Found,
    Pick,
    Row,
    batches_of,
    find_header,
    header_note,
    is_blank,
    names_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

Rows = Callable[[], Iterable[Sequence[object]]]
SUFFIXES = (".xlsx", ".xlsm", ".xls")
MOST_ENTRIES = 10_000
MOST_BYTES = 2 * 2**30
MOST_RATIO = 100
RATIO_FROM_BYTES = 100 * 2**10
MOST_CELLS = 50_000_000
CHUNK_BYTES = 2**20
PROLOGUE_BYTES = 2**16
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
SAVE_AS_CSV = "Save the sheet as CSV and use that."

# Boxes of at most MOST_CELLS cells: a sheet with no cell outside one of them needs no closer look.
_REFERENCE = rb"""\br\s*=\s*["']"""
_BEYOND_NARROW = re.compile(_REFERENCE + rb"[A-Za-z]{2,}")
_BEYOND_SHORT = re.compile(_REFERENCE + rb"(?:[A-Za-z]{3}|[A-Za-z]{1,2}(?:[7-9]\d{4}|\d{6,}))")
_CELL = re.compile(_REFERENCE + rb"([A-Za-z]{1,3})(\d{1,7})")
_WORKBOOK_PART = re.compile(r"/?xl/workbook\d*\.xml", re.IGNORECASE)
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt\s*=\s*["']e["']""")
_BARE_FORMULA = re.compile(rb"</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>\s*)?</(?:\w+:)?c>")


def find_tables(path: Path, known: frozenset[str], header_row: Callable[[str], int | None]) -> list[Found]:
    """All sheets of a workbook that hold anything.

    Parameters
    ----------
    path : pathlib.Path
    known : frozenset of str
        Folded names by which a header is recognised.
    header_row : callable
        Sheet name to the row of its header, where the user said so; 0: none; None: look for it.

    Raises
    ------
    InputError
        For a file that is damaged, protected by a password, or beyond the limits of this module.
    """
    lost = preflight(path)
    found = [_find(path, name, rows, known, header_row(name)) for name, rows in _sheets(path)]
    tables = [table for table in found if table is not None]
    return [replace(table, notes=table.notes + lost * (place == 0)) for place, table in enumerate(tables)]


def preflight(path: Path) -> tuple[Note, ...]:
    """Go through the parts of a workbook without opening it as one.

    Returns
    -------
    tuple of Note
        Cells that hold an error instead of a value, counted by part.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if start == OLE:
        if path.suffix.lower() == ".xls":
            return ()
        what = "is protected by a password, or is an old workbook under a new name."
        raise _refused(path, what, "Save it as .xlsx without a password.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_directory(path, entries)
            notes = [_check_part(path, archive, entry) for entry in entries]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise _damaged(path) from error
    return tuple(note for note in notes if note)


def _check_directory(path: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    if not any(_WORKBOOK_PART.fullmatch(entry.filename) for entry in entries):
        raise _refused(path, "is no workbook of the kind .xlsx.", "Save it as .xlsx or CSV.")
    if len(entries) > MOST_ENTRIES:
        raise _refused(path, f"has {len(entries):,} parts, over the limit of {MOST_ENTRIES:,}.", SAVE_AS_CSV)
    if any(entry.flag_bits & 1 for entry in entries):
        raise _refused(path, "has encrypted parts: it is protected by a password.", "Save it without a password.")
    total = sum(entry.file_size for entry in entries)
    if total > MOST_BYTES:
        what = f"would unpack to {total / 2**30:.1f} GiB, over the size limit of {MOST_BYTES / 2**30:.0f} GiB."
        raise _refused(path, what, SAVE_AS_CSV)
    for entry in entries:
        if entry.file_size > RATIO_FROM_BYTES and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            what = (
                f"part {entry.filename} would unpack from {entry.compress_size / 2**10:,.0f} KiB to "
                f"{entry.file_size / 2**20:,.0f} MiB, over the limit of {MOST_RATIO} to 1."
            )
            raise _refused(path, what, SAVE_AS_CSV)


def _check_part(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Note | None:
    """Unpack one part chunk by chunk (a wrong size or checksum shows here) and look at its extent and its errors."""
    with archive.open(entry) as part:
        if b"<!DOCTYPE" in part.read(PROLOGUE_BYTES):
            what = f"part {entry.filename} holds a document type definition, which no spreadsheet program writes."
            raise _refused(path, what, "Open it in a spreadsheet program and save it anew.")
    wide = long = False
    errors = formulas = 0
    for text in _chunks(archive, entry):
        wide = wide or _BEYOND_NARROW.search(text) is not None
        long = long or _BEYOND_SHORT.search(text) is not None
        errors += len(_ERROR_CELL.findall(text)) if b'"e"' in text or b"'e'" in text else 0
        formulas += len(_BARE_FORMULA.findall(text)) if b"f>" in text else 0
    if wide and long:
        _check_extent(path, archive, entry)
    return _lost_note(path, entry.filename, errors, formulas)


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Chunks that end where a tag ends, so that no cell's tags are torn apart."""
    rest = b""
    with archive.open(entry) as part:
        while chunk := part.read(CHUNK_BYTES):
            text = rest + chunk
            cut = max(text.rfind(b"</c>"), text.rfind(b"</row>")) + 4
            if cut < 4:
                cut = len(text) if len(text) > 4 * CHUNK_BYTES else 0
            rest = text[cut:]
            if cut:
                yield text[:cut]
    yield rest


def _check_extent(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    rows = columns = 0
    for text in _chunks(archive, entry):
        for letters, row in _CELL.findall(text):
            rows = max(rows, int(row))
            columns = max(columns, _column_number(letters))
    if rows * columns > MOST_CELLS:
        what = (
            f"part {entry.filename} spans {rows:,} rows by {columns:,} columns, over the limit of {MOST_CELLS:,} cells."
        )
        raise _refused(path, what, "Delete the stray cells far from the table, or: " + SAVE_AS_CSV)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _lost_note(path: Path, part: str, errors: int, formulas: int) -> Note | None:
    if not errors + formulas:
        return None
    kinds = [f"{errors:,} with an error such as #N/A"] * bool(errors)
    kinds += [f"{formulas:,} with a formula that was never calculated"] * bool(formulas)
    what = f"Cells without a value: {' and '.join(kinds)}; they were read as empty."
    return Note("assumption", f"{path.name}, {part}", what, errors + formulas)


def _sheets(path: Path) -> list[tuple[str, Rows]]:
    """Every worksheet with a function that walks its rows; each is parsed once."""
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = [
            sheet.name for sheet in workbook.sheets_metadata if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        return [(sheet, workbook.get_sheet_by_name(sheet).iter_rows) for sheet in sheets]
    except python_calamine.PasswordError as error:
        raise _refused(path, "is protected by a password.", "Save it without a password.") from error
    except (python_calamine.CalamineError, OSError):
        return _openpyxl_sheets(path)


def _openpyxl_sheets(path: Path) -> list[tuple[str, Rows]]:
    """The same by openpyxl, which reads what calamine does not; whatever it raises, the file is not what its name says."""
    import openpyxl

    def rows_of(sheet: str) -> Iterator[Sequence[object]]:
        try:
            yield from workbook[sheet].iter_rows(values_only=True)
        except Exception as error:
            raise _damaged(path) from error

    try:
        workbook = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
        return [(sheet.title, partial(rows_of, sheet.title)) for sheet in workbook.worksheets]
    except Exception as error:
        raise _damaged(path) from error


def _find(path: Path, sheet: str, rows: Rows, known: frozenset[str], header_row: int | None) -> Found | None:
    head = list(itertools.islice(rows(), max(HEADER_SEARCH_ROWS, header_row or 0)))
    if not any(not is_blank(cell) for cells in head for cell in cells):
        return None
    position = find_header(head, known) if header_row is None else header_row - 1 if header_row else None
    row = 0 if position is None else position + 1
    header = None if position is None else head[position] if position < len(head) else []
    above = sum(any(not is_blank(cell) for cell in cells) for cells in head[: position or 0])

    def batches(picks: Sequence[Pick]) -> Iterator[pa.RecordBatch]:
        return batches_of(_data_rows(rows, row), picks)

    notes = () if header_row is not None else header_note(f"{path.name}, sheet {sheet}", row, above)
    return Found(path.name, sheet, sheet, names_of(header, max(map(len, head))), row, batches, notes)


def _data_rows(rows: Rows, header_row: int) -> Iterator[Row]:
    for number, cells in enumerate(rows(), 1):
        if number > header_row and any(not is_blank(cell) for cell in cells):
            yield number, cells, None


def _damaged(path: Path) -> InputError:
    return _refused(path, "is damaged, not a valid workbook.", "Download or save it again, then check that it opens.")


def _refused(path: Path, what: str, fix: str) -> InputError:
    return InputError(Problem(path.name, what, fix))
