"""Looking through a workbook before it is opened: what would do harm is refused, what would be lost in silence is told.

A few kilobytes can unpack to gigabytes or ask for a sheet of 17 billion cells, so every part is unpacked here chunk by chunk first.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reporter.errors import InputError, Problem
from reporter.intake.ledger import Note
from reporter.intake.told import Told

MOST_ENTRIES = 10_000
MOST_BYTES = 2 * 2**30
MOST_RATIO = 100
RATIO_FROM_BYTES = 100 * 2**10
MOST_CELLS = 50_000_000
CHUNK_BYTES = 2**20
PROLOGUE_BYTES = 2**16
SNIFFED_BYTES = 2**12
MOST_INDEX_BYTES = 2**24
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
SAVE_AS_CSV = "Save the sheet as CSV or Parquet, or give the database, and use that."

# Boxes of at most MOST_CELLS cells: a sheet with no cell outside one of them needs no closer look. They are sought in a text without blanks whose
# quotes are all alike: a pattern that begins with plain letters is eight times faster. A digit must follow, for `xmlns:r="http…"` is in every sheet.
_BLANKS = b" \t\r\n"
_ONE_QUOTE = bytes.maketrans(b"'", b'"')
_BEYOND_NARROW = re.compile(rb'r="[A-Za-z]{2,}\d')
_BEYOND_SHORT = re.compile(rb'r="(?:[A-Za-z]{3}\d|[A-Za-z]{1,2}(?:[7-9]\d{4}|\d{6,}))')
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})""")
_WORKBOOK_PART = re.compile(r"/?xl/workbook\d*\.xml", re.IGNORECASE)
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt\s*=\s*["']e["']""")
_BARE_FORMULA = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
_HIDDEN = rb"""\bhidden\s*=\s*["'](?:1|true)["']"""
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*" + _HIDDEN)
_HIDDEN_COLUMNS = re.compile(rb"<(?:\w+:)?col\s[^>]*" + _HIDDEN + rb"[^>]*")
_SPAN = re.compile(rb"""\b(min|max)\s*=\s*["'](\d{1,5})["']""")
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class _Counts:
    """What one part holds that a reader of its values would not see."""

    errors: int
    formulas: int
    rows: int
    columns: int


def preflight(path: Path) -> tuple[Note, ...]:
    """Go through the parts of a workbook without opening it as one.

    Returns
    -------
    tuple of Note
        For each sheet (`place_of_sheet`): cells that hold an error instead of a value, and what is hidden, counted.
        For the file: macros and links, which nobody follows.

    Raises
    ------
    InputError
        For a file that is no workbook, is protected by a password, or goes beyond the limits of this module.
    """
    with path.open("rb") as file:
        start = file.read(SNIFFED_BYTES)
    if start.startswith(OLE):
        if path.suffix.lower() == ".xls":
            return ()
        what = "is protected by a password, or is an old workbook under a new name."
        raise refused(path, what, "Save it as .xlsx without a password.")
    _check_kind(path, start)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_directory(path, entries)
            counts = {entry.filename: _check_part(path, archive, entry) for entry in entries}
            sheets = _sheet_names(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise damaged(path) from error
    notes = [*_file_notes(path, list(counts))]
    for part, count in counts.items():
        sheet = sheets.get(part)
        notes += _part_notes(place_of_sheet(path, sheet) if sheet else f"{path.name}, {part}", count)
    return tuple(notes)


def place_of_sheet(path: Path, sheet: str) -> str:
    """A sheet as messages name it."""
    return Told("{file}, {part} {sheet}", file=path.name, part=Told("sheet"), sheet=sheet)


def _check_kind(path: Path, start: bytes) -> None:
    """A page or a text under the name of a workbook is called what it is."""
    if start.startswith(b"PK"):
        return
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<body")):
        kind = "an XML file" if head.startswith(b"<?xml") else "a web page (HTML)"
        what = f"is {kind} under the name of a workbook, not a valid workbook."
        raise refused(path, what, "Open it in a spreadsheet program and save it as .xlsx.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or (
        b"\x00" not in start and any(sign in start for sign in b",;\t|")
    ):
        what = "is a text file under the name of a workbook, not a valid workbook."
        raise refused(path, what, "Rename it to .csv.")


def _check_directory(path: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    if not any(_WORKBOOK_PART.fullmatch(entry.filename) for entry in entries):
        raise refused(path, "is no workbook of the kind .xlsx.", "Save it as .xlsx or CSV.")
    if len(entries) > MOST_ENTRIES:
        raise refused(path, f"has {len(entries):,} parts, over the limit of {MOST_ENTRIES:,}.", SAVE_AS_CSV)
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused(path, "has encrypted parts: it is protected by a password.", "Save it without a password.")
    total = sum(entry.file_size for entry in entries)
    if total > MOST_BYTES:
        what = f"would unpack to {total / 2**30:.1f} GiB, over the size limit of {MOST_BYTES / 2**30:.0f} GiB."
        raise refused(path, what, SAVE_AS_CSV)
    for entry in entries:
        if entry.file_size > RATIO_FROM_BYTES and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            what = (
                f"part {entry.filename} would unpack from {entry.compress_size / 2**10:,.0f} KiB to "
                f"{entry.file_size / 2**20:,.0f} MiB, over the limit of {MOST_RATIO} to 1."
            )
            raise refused(path, what, SAVE_AS_CSV)


def _check_part(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> _Counts:
    """Unpack one part chunk by chunk (a wrong size or checksum shows here) and look at its extent and its errors."""
    with archive.open(entry) as part:
        prologue = part.read(PROLOGUE_BYTES)
        if any(doctype in prologue for doctype in _DOCTYPES):
            what = f"part {entry.filename} holds a document type definition, which no spreadsheet program writes."
            raise refused(path, what, "Open it in a spreadsheet program and save it anew.")
    is_wide = False
    errors = formulas = rows = columns = 0
    for text in _chunks(archive, entry):
        is_wide = is_wide or _BEYOND_NARROW.search(_plain(text)) is not None
        errors += len(_ERROR_CELL.findall(text)) if b'"e"' in text or (b"'" in text and b"'e'" in text) else 0
        formulas += len(_BARE_FORMULA.findall(text)) if b"f" in text and (b"<f" in text or b":f" in text) else 0
        if b"hidden" in text:
            rows += len(_HIDDEN_ROW.findall(text))
            columns += sum(map(_columns_spanned, _HIDDEN_COLUMNS.findall(text)))
    if is_wide and any(_BEYOND_SHORT.search(_plain(text)) for text in _chunks(archive, entry)):
        _check_extent(path, archive, entry)
    return _Counts(errors, formulas, rows, columns)


def _plain(text: bytes) -> bytes:
    """Without blanks, and with one kind of quotes."""
    return text.translate(_ONE_QUOTE, _BLANKS)


def _columns_spanned(tag: bytes) -> int:
    span = {name: int(number) for name, number in _SPAN.findall(tag)}
    return span.get(b"max", 1) - span.get(b"min", 1) + 1


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
        raise refused(path, what, "Delete the stray cells far from the table, or: " + SAVE_AS_CSV)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _part_notes(place: str, counts: _Counts) -> Iterator[Note]:
    lost = counts.errors + counts.formulas
    if lost:
        errors = Told("{n} with an error such as {sign}", n=f"{counts.errors:,}", sign="#N/A")
        formulas = Told("{n} with a formula that was never calculated", n=f"{counts.formulas:,}")
        both = Told("{errors} and {formulas}", errors=errors, formulas=formulas)
        kinds = both if counts.errors and counts.formulas else errors if counts.errors else formulas
        what = Told("Cells without a value: {kinds}; they were read as empty.", kinds=kinds)
        yield Note("assumption", place, what, lost)
    if counts.rows:
        yield Note("assumption", place, Told("Hidden rows were read like all others."), counts.rows)
    if counts.columns:
        yield Note(
            "assumption", place, Told("Hidden columns ({n}) were read like all others.", n=f"{counts.columns:,}")
        )


def _file_notes(path: Path, parts: Sequence[str]) -> Iterator[Note]:
    """Macros are not run, and nothing that lies elsewhere is fetched."""
    names = [part.lower() for part in parts]
    if any(name.endswith("vbaproject.bin") for name in names):
        yield Note("ignored", path.name, Told("The macros of the workbook were not run."))
    links = sum(re.fullmatch(r"/?xl/externallinks/[^/]*\.xml", name) is not None for name in names)
    if links:
        what = Told(
            "Links to other workbooks ({n}) were not followed: their last stored values were read.", n=f"{links:,}"
        )
        yield Note("ignored", path.name, what)
    if any(name.lstrip("/") == "xl/connections.xml" for name in names):
        yield Note(
            "ignored",
            path.name,
            Told("Data connections of the workbook were not opened: their last stored values were read."),
        )


def _sheet_names(archive: zipfile.ZipFile) -> Mapping[str, str]:
    """Part to the name of its sheet; what cannot be told is left out, for it only serves the wording of notes."""
    names: dict[str, str] = {}
    with suppress(Exception):
        book = next(name for name in archive.namelist() if _WORKBOOK_PART.fullmatch(name))
        folder, file = posixpath.split(book)
        relations = f"{folder}/_rels/{file}.rels"
        targets = {each.get("Id"): each.get("Target", "") for each in _index(archive, relations)}
        for each in _index(archive, book):
            target = next(
                (targets[value] for key, value in each.items() if key.endswith("}id") and value in targets), ""
            )
            if each.tag.endswith("}sheet") and target:
                names[posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")] = each.get("name", "")
    return names


def _index(archive: zipfile.ZipFile, part: str) -> Iterator[Any]:
    from defusedxml import ElementTree

    if archive.getinfo(part).file_size > MOST_INDEX_BYTES:
        return iter(())
    return ElementTree.fromstring(archive.read(part), forbid_dtd=True).iter()


def damaged(path: Path) -> InputError:
    """The error for a file that is not what its name says."""
    return refused(path, "is damaged, not a valid workbook.", "Download or save it again, then check that it opens.")


def refused(path: Path, what: str, fix: str) -> InputError:
    """The error that names the file, the fact and the remedy."""
    return InputError(Problem(path.name, what, fix))
