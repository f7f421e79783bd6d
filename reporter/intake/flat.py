"""Text tables and Parquet: encoding, delimiter and header are guessed, each guess is told, no line is lost."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from reporter.engine import ParquetFiles
from reporter.errors import InputError, Problem, UsageError
from reporter.intake.ledger import Note
from reporter.intake.settings import SourceSettings
from reporter.intake.tables import (
    BATCH_ROWS,
    HEADER_SEARCH_ROWS,
    Chunk,
    Found,
    Pick,
    find_header,
    header_note,
    is_blank,
    names_of,
)
from reporter.intake.told import Told

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".dat", ".gz")
PARQUET_SUFFIXES = (".parquet", ".pq")
SAMPLE_CHARACTERS = 2**16
LONGEST_LINE = 2**20
LONGEST_EXCERPT = 200
BLOCK_BYTES = 2**20
MOST_RATIO = 200
RATIO_FROM_BYTES = 100 * 2**20
CONFLICT_MARKS = ("<<<<<<< ", ">>>>>>> ", "|||||||")
LINE_BREAK = re.compile("\r\n|\n|\r")
BLANKS = "blanks"
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", BLANKS: "blanks"}
NUL = ("holds NUL bytes: it is damaged, or no text.", 'Export it again; for UTF-16 say source.encoding = "utf-16".')
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the text of one file becomes rows."""

    path: Path
    encoding: str
    delimiter: str


def find_table(path: Path, known: frozenset[str], settings: SourceSettings, header_row: int | None) -> Found | None:
    """The one table of a text file, or None where the file holds nothing.

    Raises
    ------
    InputError
        When the text cannot be decoded or unpacked.
    UsageError
        For an encoding that does not exist.
    """
    try:
        encoding, encoding_notes = _encoding(path, settings.encoding)
        with _open(path, encoding) as text:
            sample = text.read(SAMPLE_CHARACTERS)
        _check_page(path, sample)
        delimiter, delimiter_notes = _delimiter(path, sample, settings.delimiter)
        dialect = Dialect(path, encoding, delimiter)
        found = _found(dialect, known, header_row)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        what = "is damaged, not a valid gzip file."
        raise InputError(Problem(path.name, what, "Download or save it again.")) from error
    except (UnicodeError, csv.Error) as error:
        raise _unreadable(path, error) from error
    if found is None:
        return None
    notes = encoding_notes + delimiter_notes
    return Found(found.file, "", found.name, found.header, found.header_row, found.batches, notes + found.notes)


def _check_page(path: Path, sample: str) -> None:
    start = sample.lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype", "<html", "<table", "<?xml", "<meta", "<head", "<body")):
        what = "is a web page or an XML file, not a table of text."
        raise InputError(Problem(path.name, what, "Open it in a spreadsheet program and save it as .xlsx or CSV."))


def _found(dialect: Dialect, known: frozenset[str], header_row: int | None) -> Found | None:
    numbers, rows = next(_chunks(dialect, max(HEADER_SEARCH_ROWS, header_row or 0)), ((), []))
    if not any(cell.strip() for cells in rows for cell in cells):
        return None
    position = (
        find_header(rows, known) if header_row is None else numbers.index(header_row) if header_row in numbers else None
    )
    row = 0 if position is None else numbers[position]
    common = Counter(len(cells) for cells in rows).most_common(1)[0][0]
    header = names_of(None if position is None else rows[position], common)
    above = sum(any(not is_blank(cell) for cell in cells) for cells in rows[: position or 0])

    def batches(picks: Sequence[Pick]) -> Iterator[pa.RecordBatch]:
        try:
            yield from _batches(dialect, row, len(header), picks)
        except (UnicodeError, csv.Error, EOFError, zlib.error) as error:
            raise _unreadable(dialect.path, error) from error

    notes = () if header_row is not None else header_note(dialect.path.name, row, above)
    return Found(dialect.path.name, "", stem(dialect.path), header, row, batches, notes)


def stem(path: Path) -> str:
    """The file name without its suffixes: ``orders`` of ``orders.csv.gz``."""
    name = path.name
    for suffix in reversed(path.suffixes):
        if suffix.lower() in SUFFIXES + PARQUET_SUFFIXES:
            name = name.removesuffix(suffix)
    return name


def _batches(dialect: Dialect, header_row: int, width: int, picks: Sequence[Pick]) -> Iterator[pa.RecordBatch]:
    for numbers, rows in _chunks(dialect):
        faults: list[str | None] = [None] * len(rows)
        if numbers[0] <= header_row or set(map(len, rows)) != {width} or not all(row[0] for row in rows):
            _check_merged(dialect.path, numbers, rows)
            numbers, rows, faults = _sorted_out(numbers, rows, header_row, width)
        if rows:
            yield Chunk(numbers, rows, faults).batch(picks)


def _check_merged(path: Path, numbers: Sequence[int], rows: Sequence[list[str]]) -> None:
    """Conflict markers stand between two versions of the same rows: to count both would count them twice."""
    for number, cells in zip(numbers, rows, strict=True):
        if cells and cells[0].startswith(CONFLICT_MARKS):
            what = f"line {number:,} is a conflict marker (“{cells[0][:20]}”): two versions of the same rows were never merged."
            raise InputError(Problem(path.name, what, "Keep one of the two versions, and delete the marker lines."))


def _sorted_out(
    numbers: Sequence[int], rows: Sequence[list[str]], header_row: int, width: int
) -> tuple[list[int], list[list[str]], list[str | None]]:
    """Leave out the header and blank lines; a line with more or fewer cells than the header becomes one cell with a fault."""
    kept: list[tuple[int, list[str], str | None]] = []
    for number, cells in zip(numbers, rows, strict=True):
        if number <= header_row or not any(map(str.strip, cells)):
            continue
        if len(cells) < width or any(map(str.strip, cells[width:])):
            kept.append((number, [" | ".join(cells)[:LONGEST_EXCERPT]], "ragged-line"))
        else:
            kept.append((number, cells[:width], None))
    return [number for number, _, _ in kept], [cells for _, cells, _ in kept], [fault for _, _, fault in kept]


def _chunks(dialect: Dialect, size: int = BATCH_ROWS) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
    """Rows, some thousands at a time, with the number of the line on which each begins; a quoted cell may span lines."""
    with _open(dialect.path, dialect.encoding) as text:
        lines = iter(partial(text.readline, LONGEST_LINE), "")
        reader = None if dialect.delimiter == BLANKS else csv.reader(lines, delimiter=dialect.delimiter)
        rows_of_file: Iterator[list[str]] = map(str.split, lines) if reader is None else reader
        line = 1
        while rows := list(itertools.islice(rows_of_file, size)):
            following = line + len(rows) if reader is None else reader.line_num + 1
            if following - line == len(rows):
                yield range(line, following), rows
            else:
                yield list(itertools.accumulate(map(_height, rows[:-1]), initial=line)), rows
            line = following


def _height(cells: Sequence[str]) -> int:
    """How many lines a row takes: quoted cells bring their own line breaks."""
    return 1 + sum(len(LINE_BREAK.findall(cell)) for cell in cells)


def _open(path: Path, encoding: str) -> IO[str]:
    return io.TextIOWrapper(_open_bytes(path), encoding=encoding, newline="")


def _open_bytes(path: Path) -> gzip.GzipFile | io.BufferedReader:
    return gzip.GzipFile(path) if path.suffix.lower() == ".gz" else path.open("rb")


def _encoding(path: Path, wanted: str | None) -> tuple[str, tuple[Note, ...]]:
    if wanted:
        try:
            return codecs.lookup(wanted).name, ()
        except LookupError as error:
            problem = Problem("source.encoding", f"“{wanted}” does not exist.", "Use utf-8 or cp1252, for example.")
            raise UsageError(problem) from error
    decoder = codecs.getincrementaldecoder("utf-8")()
    for place, block in enumerate(_blocks(path)):
        for bom, name in BOMS if place == 0 else ():
            if block.startswith(bom):
                return name, ()
        if b"\x00" in block:
            raise InputError(Problem(path.name, *NUL))
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            return _legacy_encoding(path, block)
    return "utf-8", ()


def _blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked; a packed file that swells beyond belief is refused."""
    most = max(RATIO_FROM_BYTES, MOST_RATIO * path.stat().st_size)
    unpacked = 0
    with _open_bytes(path) as file:
        while block := file.read(BLOCK_BYTES):
            unpacked += len(block)
            if unpacked > most:
                what = f"unpacks to more than {most / 2**20:,.0f} MiB, over the limit of {MOST_RATIO} to 1."
                raise InputError(Problem(path.name, what, "Unpack it first, if you trust it."))
            yield block


def _legacy_encoding(path: Path, sample: bytes) -> tuple[str, tuple[Note, ...]]:
    """The encoding of bytes that are no UTF-8: cp1252 where it fits, as nearly always, else the likeliest."""
    import charset_normalizer

    try:
        sample.decode("cp1252")
        name = "cp1252"
    except UnicodeDecodeError:
        best = charset_normalizer.from_bytes(sample[:SAMPLE_CHARACTERS]).best()
        name = best.encoding if best else "latin-1"
    what = Told(
        "The file is not UTF-{width}; it was read as {name}. Look whether names with accents are right.",
        width=8,
        name=name,
    )
    return name, (Note("guess", path.name, what, fix=f'source.encoding = "{name}"'),)


def _delimiter(path: Path, sample: str, wanted: str | None) -> tuple[str, tuple[Note, ...]]:
    if wanted:
        names = {name: sign for sign, name in DELIMITERS.items()} | {"\\t": "\t", " ": BLANKS, "whitespace": BLANKS}
        sign = names.get(wanted.strip(" ").lower() or " ", wanted)
        if sign != BLANKS and len(sign) != 1:
            problem = Problem(
                "source.delimiter", f"“{wanted}” is not one sign.", 'Use ",", ";", "tab", "|" or "blanks".'
            )
            raise UsageError(problem)
        return sign, ()
    lines = [line for line in sample.splitlines()[:200] if line.strip()]
    if len(sample) >= SAMPLE_CHARACTERS:
        lines = lines[:-1]
    scores = [(_score(lines, sign), -place, sign) for place, sign in enumerate(DELIMITERS) if sign != BLANKS]
    score, _, sign = max(scores)
    if score <= 0:
        sign = BLANKS if _score(lines, BLANKS) > 0 else ","
    if sign == ",":
        return sign, ()
    what = Told("Columns are separated by {signs}.", signs=Told(f"{DELIMITERS[sign]}s" if sign != BLANKS else "blanks"))
    setting = {"\t": "tab"}.get(sign, sign)
    return sign, (Note("guess", path.name, what, fix=f'source.delimiter = "{setting}"'),)


def _score(lines: Sequence[str], sign: str) -> float:
    """How well a sign splits the sample: the share of lines with the commonest number of cells, times that number.

    A sign that splits less than two thirds of the lines alike is no delimiter (0).
    """
    rows = [line.split() for line in lines] if sign == BLANKS else list(csv.reader(lines, delimiter=sign))
    widths = Counter(len(row) for row in rows if row)
    if not widths:
        return 0
    width, count = min(widths.items(), key=lambda item: (-item[1], -item[0]))
    share = count / sum(widths.values())
    return share * width if width > 1 and share >= 2 / 3 else 0


def _unreadable(path: Path, error: Exception) -> InputError:
    if isinstance(error, UnicodeError):
        reason = getattr(error, "reason", "")
        return InputError(
            Problem(path.name, f"cannot be decoded ({reason}).", 'Name its encoding: source.encoding = "cp1252".')
        )
    return InputError(
        Problem(path.name, f"cannot be split into rows ({error}).", "Check its quotes, or name source.delimiter.")
    )


def find_parquet(path: Path) -> Found:
    """The table of a Parquet file; rows are numbered from 1, there is no header row.

    Raises
    ------
    InputError
        For a file that is no Parquet, or whose columns hold lists or structures where a cell is expected.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(Problem(path.name, "is damaged, not a valid Parquet file.", "Write it again.")) from error
    zones = {field.type.tz for field in schema if pa.types.is_timestamp(field.type)}
    stored = ParquetFiles((path,)) if zones <= {None, "UTC"} else None
    return Found(path.name, "", stem(path), tuple(schema.names), 0, partial(_parquet_batches, path), stored=stored)


def _parquet_batches(path: Path, picks: Sequence[Pick]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from reporter.intake.arrow import text_column

    with pq.ParquetFile(path) as file:
        positions = [0, *(pick.position for pick in picks)]
        names = [file.schema_arrow.names[position] for position in positions]
        row = 1
        for batch in file.iter_batches(columns=sorted(set(names)), use_threads=False):
            columns: dict[str, pa.Array] = {
                "row_no": pa.array(range(row, row + batch.num_rows), pa.int64()),
                "fault": pa.nulls(batch.num_rows, pa.string()),
            }
            for ours, theirs in zip(["first_cell", *(pick.ours for pick in picks)], names, strict=True):
                columns[ours] = text_column(batch.column(theirs), f"{path.name}, column {theirs}")
            row += batch.num_rows
            yield pa.record_batch(columns)
