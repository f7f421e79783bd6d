"""Tables that the engine's own catalogue holds: ``spark://catalog.schema.table``, or a whole schema. Their rows stay where they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from reporter.engine import Engine, StoredTable, Warehouse
from reporter.errors import InputError, Problem, UsageError
from reporter.intake.ledger import Note, SourceFile
from reporter.intake.tables import Found, Pick
from reporter.intake.told import Told

if TYPE_CHECKING:
    import pyarrow as pa

SCHEME = "spark://"
NAME = re.compile(r"\w+(\.\w+){0,2}")


def find(source: str, engine: Engine) -> list[Found]:
    """The table, or the tables of the schema, that a source names.

    Raises
    ------
    UsageError
        For an engine without a catalogue, or a name that is none.
    InputError
        Where there is no such table and no such schema, or a column holds lists or structures.
    """
    name = source.removeprefix(SCHEME)
    if not isinstance(engine, Warehouse):
        raise UsageError(
            Problem(source, "is a table of Spark.", "Run it there: --engine spark, or --engine sc://host:port.")
        )
    if not NAME.fullmatch(name):
        what = "is not the name of a table."
        raise UsageError(
            Problem(source, what, "Write spark://catalog.schema.table, or spark://catalog.schema for all its tables.")
        )
    tables = engine.tables(name)
    if not tables:
        what = "is no table and no schema that this session sees."
        fix = "Check the name. Temporary views belong to one session: make a global one and give spark://global_temp.name."
        raise InputError(Problem(source, what, fix))
    return [_found(table, engine) for table in tables]


def fingerprints(tables: Sequence[Found], engine: Engine) -> tuple[SourceFile, ...]:
    """What stands for the bytes of files: digests of columns and rows, which do not depend on their order; a table has no size."""
    assert isinstance(engine, Warehouse)  # noqa: S101 (`find` has seen to it)
    return tuple(SourceFile(name, 0, engine.fingerprint(name)) for name in sorted(table.file for table in tables))


def _found(table: str, engine: Engine) -> Found:
    short = table.rpartition(".")[2]
    source = StoredTable(table)
    engine.register(f"stored_{short}", source)
    header = tuple(name for name in engine.describe(f"stored_{short}").names if name != "row_no")
    note = Note(
        "assumption",
        table,
        Told("Rows of a stored table have no order: row numbers are labels made of what the rows say."),
    )
    return Found(table, "", short, header, 0, partial(_never, table), (note,), stored=source)


def _never(table: str, picks: Sequence[Pick]) -> Iterator[pa.RecordBatch]:
    """What is called where a column cannot be read by SQL."""
    what = "has a column of lists, structures or yes and no where a cell of one value is expected, or two columns of one name."
    raise InputError(Problem(table, what, "Give a view without that column, or with its parts as columns of text."))
