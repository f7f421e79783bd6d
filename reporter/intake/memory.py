"""Tables in memory: whatever hands itself over as an Arrow stream (pandas, Polars, Arrow), one of orders or several by their names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from reporter.errors import InputError, Problem, UsageError
from reporter.intake.fingerprint import Fingerprint
from reporter.intake.ledger import SourceFile
from reporter.intake.mapping import listed
from reporter.intake.tables import Found, Pick
from reporter.intake.told import Told

if TYPE_CHECKING:
    import pyarrow as pa

STREAM = "__arrow_c_stream__"
BATCH_ROWS = 65_536
UNNAMED_INDEX = re.compile(r"__index_level_\d+__")
"""What pandas calls an index without a name: labels of rows that nobody has named are no column."""
ACCEPTED = "a path, an address, a table (pandas, Polars, Arrow) or a mapping of names to tables"


class ArrowTable(Protocol):
    """A table that hands itself over as a stream of Arrow: pandas.DataFrame, polars.DataFrame, pyarrow.Table, pyarrow.RecordBatchReader and others."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A capsule as the Arrow PyCapsule interface describes it."""


Source: TypeAlias = str | Path | ArrowTable | Mapping[str, ArrowTable]
"""What a report can be made of: a path, an address, a table of orders, or the tables of a shop by their names."""


def path_of(source: Source) -> str | Path | None:
    """A source as a path or address; None where it is no such thing but should be tables in memory."""
    if isinstance(source, (str, Path)):
        return source
    return Path(source) if isinstance(source, PathLike) else None


def kind_of(source: object) -> str:
    """What a table in memory is called where people read: library and type, ``pandas.DataFrame``; several kinds one after the other.

    Raises
    ------
    UsageError
        For what is no table, and a mapping that holds something else.
    """
    return ", ".join(dict.fromkeys(_kind(table) for table in _named(source).values()))


class Memory:
    """Tables in memory, and the fingerprints of those that were read.

    A stream can be read once, so each table is asked for its stream once, and its content is hashed while it is read.

    Parameters
    ----------
    source : ArrowTable, or mapping of str to ArrowTable

    Raises
    ------
    UsageError
        For what is no table.
    """

    def __init__(self, source: object) -> None:
        self.name = kind_of(source)
        self._tables = _named(source)
        self._prints: dict[str, Fingerprint] = {}

    def find_tables(self) -> list[Found]:
        """The tables with their columns; rows are numbered from 1, there is no header row.

        Raises
        ------
        InputError
            For a table that cannot be handed over, or has a column's name twice or no column.
        """
        return [self._found(name, table) for name, table in self._tables.items()]

    def source_files(self, used: Sequence[Found]) -> tuple[SourceFile, ...]:
        """The tables that were read as inputs: of each the SHA-256 of its content.

        That is of the names of all columns in their order, and of the cells of those that were read: their values, not how they lie in memory. So it
        does not matter which library holds them, in how many pieces, in integers of which width, or dates of which unit.
        """
        return tuple(self._file(found) for found in used)

    def _file(self, found: Found) -> SourceFile:
        read = self._prints[found.sheet]
        whole = hashlib.sha256("".join(f"{len(name)} {name}\n" for name in found.header).encode())
        whole.update(read.digest())
        return SourceFile(str(found.place), read.bytes, whole.hexdigest(), in_memory=True)

    def _found(self, name: str, table: ArrowTable) -> Found:
        from reporter.intake.arrow import value_type

        kind = _kind(table)
        place = Told("{file}, {part} {sheet}", file=kind, part=Told("table"), sheet=name) if name else kind
        reader = _handed_over(table, place)
        header = [field.name for field in reader.schema if not UNNAMED_INDEX.fullmatch(field.name)]
        _check_names(header, place)
        if not header:
            raise InputError(Problem(place, "has no columns.", "Check that it is the right table."))
        types = tuple(value_type(reader.schema.field(column).type) for column in header)
        batches = partial(self._batches, name, (reader, header, types), place)
        return Found(kind, name, name or kind, tuple(header), 0, batches, part="table", types=types)

    def _batches(
        self,
        name: str,
        table: tuple[pa.RecordBatchReader, Sequence[str], Sequence[pa.DataType]],
        place: str,
        picks: Sequence[Pick],
    ) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        from reporter.intake.arrow import is_text, value_column

        reader, header, types = table
        print_ = self._prints[name] = Fingerprint()
        wanted = {pick.ours: (header[pick.position], types[pick.position]) for pick in picks}
        if is_text(reader.schema.field(header[0]).type):
            wanted = {"first_cell": (header[0], types[0])} | wanted
        row = 1
        for batch in _pieces(reader, place):
            cells = {
                ours: value_column(batch.column(theirs), kind, f"{place}, column {theirs}")
                for ours, (theirs, kind) in wanted.items()
            }
            print_.add(pa.record_batch(cells))
            numbers = pa.array(range(row, row + batch.num_rows), pa.int64())
            nothing = pa.nulls(batch.num_rows, pa.string())
            row += batch.num_rows
            yield pa.record_batch({"row_no": numbers, "fault": nothing, "first_cell": nothing} | cells)


def _named(source: Any) -> dict[str, ArrowTable]:
    """The tables of a source by their names; that of orders alone has none."""
    if hasattr(source, STREAM):
        return {"": source}
    if not isinstance(source, Mapping):
        raise UsageError(_no_table("source", source))
    wrong = [_no_table(f"source[{name!r}]", table) for name, table in source.items() if not hasattr(table, STREAM)]
    wrong += [
        Problem(f"source[{name!r}]", "this key is no name.", "Name each table by a text: transactions, customers …")
        for name in source
        if not isinstance(name, str) or not name.strip()
    ]
    if wrong:
        raise UsageError(wrong)
    if not source:
        raise UsageError(Problem("source", "the mapping is empty.", "Give at least the table transactions."))
    return dict(source)


def _no_table(place: str, found: object) -> Problem:
    made_by = next((method for method in ("toArrow", "collect", "compute") if hasattr(found, method)), "")
    if made_by:
        what = f"of type {_kind(found)}: that is only the plan of a table."
        return Problem(place, what, f"Give what its {made_by}() returns.")
    accepted = (
        ACCEPTED
        if place == "source"
        else "a table: pandas, Polars, Arrow, whatever hands itself over as an Arrow stream"
    )
    return Problem(place, f"of type {_kind(found)}: that is no table.", f"Give {accepted}.")


def _kind(table: object) -> str:
    """Library and type: ``pandas.DataFrame``."""
    kind = type(table)
    library = kind.__module__.partition(".")[0]
    return kind.__name__ if library in ("builtins", "__main__") else f"{library}.{kind.__name__}"


def _handed_over(table: ArrowTable, place: str) -> pa.RecordBatchReader:
    """The stream of a table.

    Libraries raise what they like when they cannot hand a table over; what pandas says of two columns of one name, and of one with values of several
    types, is told as something to mend.
    """
    import pyarrow as pa

    try:
        return pa.RecordBatchReader.from_stream(table)
    except Exception as error:
        _check_names([str(name) for name in getattr(table, "columns", ())], place)
        if "non-struct" in str(error):
            what = f"of type {place}: that is one column, no table."
            raise UsageError(Problem("source", what, "Give the table that it belongs to.")) from error
        column = re.search(r"column (.+) with type", " ".join(str(part) for part in error.args))
        problem = Problem(place, f"could not be handed over ({_brief(error)}).", f"Give {ACCEPTED}.")
        if column:
            fix = f'Make it one of text: frame["{column[1]}"] = frame["{column[1]}"].astype("string").'
            problem = Problem(f"{place}, column {column[1]}", "holds values of several types.", fix)
        raise InputError(problem) from error


def _check_names(names: Sequence[str], place: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(Problem(place, f"has columns of one name: {listed(twice)}.", "Rename or drop all but one."))


def _pieces(reader: pa.RecordBatchReader, place: str) -> Iterator[pa.RecordBatch]:
    """The rows of a stream, some ten thousand at a time, however many it hands over at once."""
    import pyarrow as pa

    try:
        for batch in reader:
            for start in range(0, batch.num_rows, BATCH_ROWS):
                yield batch.slice(start, BATCH_ROWS)
    except (pa.ArrowException, OSError) as error:
        fix = "Give a table, or make the stream anew: a stream can be read once."
        raise InputError(Problem(place, f"was not read to its end ({_brief(error)}).", fix)) from error


def _brief(error: Exception) -> str:
    """The first line of what a library says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
