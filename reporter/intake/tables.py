"""What every reader hands over: tables found but not yet loaded, and how cells become text columns in the engine."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from reporter.intake.ledger import Note
from reporter.intake.schema import Kind, fold
from reporter.intake.told import Told

if TYPE_CHECKING:
    import pyarrow as pa

    from reporter.engine import ParquetFiles, StoredTable

BATCH_ROWS = 50_000
HEADER_SEARCH_ROWS = 30
MOST_EXACT = 1e15
LEAST_PLAIN, MOST_PLAIN = 1e-4, 1e10
"""Between them Arrow writes a fraction without exponent."""
Row = tuple[int, Sequence[object], str | None]
"""Row number as its owner sees it, cells, and the fault of a row that could not be split (then its text is the only cell)."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One column to load: our name, the position of its cells (from 0), and what they are."""

    ours: str
    position: int
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A table that a reader found.

    Attributes
    ----------
    file, sheet : str
        File name, and the sheet or database table within it; the sheet is empty for a text file.
    name : str
        What the table is called: the sheet, or the file name without suffix.
    header : tuple of str
        Column names as written; ``column 1`` … where there is no header.
    header_row : int
        Row of the header as its owner sees it; 0: none.
    notes : tuple of Note
        Guesses made so far.
    stored : ParquetFiles, StoredTable or None
        What the engine can read where it lies, without `batches`.
    batches : callable
        ``batches(picks)`` yields Arrow batches of ``row_no`` int64, ``fault``, ``first_cell`` and the picked columns as text,
        trimmed, with null for blank; rows that are wholly blank are left out.
    part : str
        What `sheet` is: a sheet, or the table of a database.
    parts : tuple of str
        The files that the table is made of, where there are several (see `reporter.intake.parts`); then `file` names them together.
    types : tuple of pyarrow.DataType
        In what type `batches` yields the cells of each column, where the source has numbers and dates and not only text; empty: all as text.
    """

    file: str
    sheet: str
    name: str
    header: tuple[str, ...]
    header_row: int
    batches: Callable[[Sequence[Pick]], Iterator[pa.RecordBatch]] = field(repr=False)
    notes: tuple[Note, ...] = ()
    part: str = "sheet"
    parts: tuple[str, ...] = ()
    stored: ParquetFiles | StoredTable | None = None
    types: tuple[pa.DataType, ...] = ()

    @property
    def headless(self) -> bool:
        """Whether a header was looked for and none was found (Parquet and databases name their columns elsewhere)."""
        return self.header_row == 0 and self.header[:1] == ("column 1",)

    @property
    def place(self) -> str:
        """File and sheet, for messages."""
        if not self.sheet:
            return self.file
        return Told("{file}, {part} {sheet}", file=self.file, part=Told(self.part), sheet=self.sheet)


def cell_text(cell: object) -> str | None:
    """A cell as text: dates as ISO, whole numbers without ``.0``, numbers with all their digits."""
    if cell is None or isinstance(cell, str):
        return cell  # most cells
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return float_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return str(cell)


def float_text(number: float) -> str:
    """A float as people write it.

    A number with just three decimals gets a fourth, so that 1.234 cannot be taken for 1,234. Above 15 digits a spreadsheet
    has rounded: such a number keeps its exponent (``1.23456789012346e+15``), so that no id is made up of wrong digits.
    """
    if abs(number) >= MOST_EXACT or number != number:
        return _shortened(Decimal(repr(number))) if abs(number) < math.inf else repr(number)
    if number.is_integer():
        return str(int(number))
    text = format(Decimal(repr(number)), "f")
    return text + "0" if text[-4:-3] == "." else text


def _shortened(number: Decimal) -> str:
    """A number in fifteen digits with an exponent, half a digit up: ``1.23456789012346e+15``."""
    exponent = number.adjusted()
    return f"{number.scaleb(-exponent).quantize(Decimal('1e-14'), ROUND_HALF_UP)}e{exponent:+03d}"


class Chunk:
    """Some rows of a table, whose columns are written as text when they are asked for, and no column twice.

    Parameters
    ----------
    numbers : sequence of int
        Of the rows, as their owner sees them.
    rows : sequence of sequence of object
        Cells of any type.
    faults : sequence of str or None
        Of the rows that could not be split: their cells are not looked at, their text is the first of them.
    """

    __slots__ = ("_faults", "_numbers", "_rows", "_written")

    def __init__(self, numbers: Sequence[int], rows: Sequence[Sequence[object]], faults: Sequence[str | None]) -> None:
        self._numbers, self._rows, self._faults = numbers, rows, faults
        self._written: dict[int, pa.Array] = {}

    def column(self, position: int) -> pa.Array:
        """The cells at a position, those of faulty rows as well."""
        if position not in self._written:
            self._written[position] = tidy(_cells(self._rows, position))
        return self._written[position]

    def batch(self, picks: Sequence[Pick]) -> pa.RecordBatch:
        """Number, fault and first cell of each row, and the columns that are picked, by our names."""
        import pyarrow as pa

        sound = self
        if any(self._faults):
            rows = [() if fault else row for row, fault in zip(self._rows, self._faults, strict=True)]
            sound = Chunk(self._numbers, rows, self._faults)
        columns = {
            "row_no": pa.array(self._numbers, pa.int64()),
            "fault": pa.array(self._faults, pa.string()),
            "first_cell": self.column(0),
            **{pick.ours: sound.column(pick.position) for pick in picks},
        }
        return pa.record_batch(columns)


def chunks_of(rows: Iterable[Row]) -> Iterator[Chunk]:
    """A fixed number of rows at a time."""
    iterator = iter(rows)
    while some := list(itertools.islice(iterator, BATCH_ROWS)):
        yield Chunk(*zip(*some, strict=True))


def batches_of(rows: Iterable[Row], picks: Sequence[Pick]) -> Iterator[pa.RecordBatch]:
    """Turn rows of cells of any type into Arrow batches of text columns."""
    return (chunk.batch(picks) for chunk in chunks_of(rows))


def _cells(rows: Sequence[Sequence[object]], position: int) -> list[object]:
    try:
        return [row[position] for row in rows]
    except IndexError:
        return [row[position] if position < len(row) else None for row in rows]


def tidy(cells: Sequence[object]) -> pa.Array:
    """Cells as an Arrow text column: trimmed of every kind of blank, null where nothing is left.

    The cells of one type are written all at once, each as `cell_text` writes it.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kinds = sorted(set(map(type, cells)) - {type(None)}, key=lambda kind: kind.__name__)
    if len(kinds) == 1:
        return _written(kinds[0], cells)
    parts = [_written(kind, [cell if cell.__class__ is kind else None for cell in cells]) for kind in kinds]
    return pc.coalesce(*parts) if parts else pa.nulls(len(cells), pa.string())


def _written(kind: type, cells: Sequence[object]) -> pa.Array:
    """Cells that are all of one type, or empty."""
    import pyarrow as pa

    if kind is str:
        return tidy_array(pa.array(cells, pa.string()))
    if kind is float:
        return _numbers(pa.array(cells, pa.float64()))
    if kind is datetime:
        return _times(pa.array(cells, pa.timestamp("us")))
    return tidy_array(pa.array(map(cell_text, cells), pa.string()))


def _numbers(floats: pa.Array) -> pa.Array:
    """Each as `float_text` writes it; Arrow's own text is the same for whole numbers and for fractions of a middling size."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size = pc.abs(floats)
    whole = pc.and_(pc.equal(floats, pc.trunc(floats)), pc.less(size, MOST_EXACT))
    texts = pc.cast(pc.cast(pc.if_else(whole, floats, None), pa.int64()), pa.string())
    if pc.all(whole).as_py():
        return texts
    plain = pc.and_(pc.invert(whole), pc.and_(pc.greater(size, LEAST_PLAIN), pc.less(size, MOST_PLAIN)))
    fractions = pc.cast(pc.if_else(plain, floats, None), pa.string())
    thousands = pc.match_substring_regex(fractions, r"\.\d{3}$")
    texts = pc.coalesce(texts, pc.if_else(thousands, pc.binary_join_element_wise(fractions, "0", ""), fractions))
    odd = pc.and_(pc.is_valid(floats), pc.is_null(texts))
    return pc.replace_with_mask(texts, odd, pa.array(map(float_text, floats.filter(odd).to_pylist()), pa.string()))


def _times(moments: pa.Array) -> pa.Array:
    """A date where it is midnight, else with the time to the second."""
    import pyarrow as pa
    import pyarrow.compute as pc

    days, seconds = pc.cast(moments, pa.date32()), pc.floor_temporal(moments, unit="second")
    midnight = pc.equal(pc.cast(days, moments.type), moments)
    return pc.if_else(midnight, pc.cast(days, pa.string()), pc.cast(pc.cast(seconds, pa.timestamp("s")), pa.string()))


def tidy_array(array: pa.Array) -> pa.Array:
    """As `tidy`, for what is in Arrow already."""
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(array)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def find_header(rows: Sequence[Sequence[object]], known: frozenset[str]) -> int | None:
    """The position of the header among the first rows.

    The row with the most cells that carry a known name wins (the first of equals; one known name is enough only in the
    first row that is not blank). Without any known name the first row is the header if no cell of it is a number or a date.

    Returns
    -------
    int or None
        None: there is no header.
    """
    filled = [(i, [cell for cell in row if not is_blank(cell)]) for i, row in enumerate(rows)]
    filled = [(i, cells) for i, cells in filled if cells]
    if not filled:
        return None
    hits = [(sum(isinstance(cell, str) and fold(cell) in known for cell in cells), -i) for i, cells in filled]
    most, place = max(hits)
    if most >= 2 or (most == 1 and -place == filled[0][0]):
        return -place
    first, cells = filled[0]
    return None if any(looks_like_data(cell) for cell in cells) else first


def looks_like_data(cell: object) -> bool:
    """Whether a cell is a number or a date rather than a name."""
    if not isinstance(cell, str):
        return not isinstance(cell, bool)
    text = cell.strip()
    return bool(text) and not any(sign.isalpha() for sign in text) and any(sign.isdigit() for sign in text)


def is_blank(cell: object) -> bool:
    """Whether a cell holds nothing, or nothing but blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def names_of(cells: Sequence[object] | None, width: int) -> tuple[str, ...]:
    """Header cells as names; ``column 1`` … where there is no header."""
    if cells is None:
        return tuple(f"column {i + 1}" for i in range(width))
    return tuple(" ".join((cell_text(cell) or "").split()) for cell in cells)


def header_note(place: str, row: int, above: int) -> tuple[Note, ...]:
    """Say where the header was found, unless it is where everybody looks first."""
    if row == 0:
        what = Told("There is no header row: columns are called {names}", names="column 1, column 2 …")
        return (Note("guess", place, what, fix="source.header_row = 1"),)
    if above == 0:
        return ()
    what = Told("The header was found in row {row}; what stands above it was left out.", row=row)
    return (Note("guess", place, what, fix=f"source.header_row = {row}"),)
