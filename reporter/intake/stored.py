"""Tables that the engine's own catalogue holds: ``spark://catalog.schema.table``, or a whole schema. Their rows stay where they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NoReturn

from reporter.engine import Engine, StoredTable, Warehouse
from reporter.errors import InputError, Problem, UsageError
from reporter.intake.ledger import Note, SourceFile
from reporter.intake.tables import Found, Pick

SCHEME = "spark://"
NAME = re.compile(r"\w+(\.\w+){0,2}")
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")


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


def fingerprint(table: str, engine: Engine) -> SourceFile:
    """What stands for the bytes of a file: a digest of the columns and rows, which does not depend on their order; a table has no size."""
    assert isinstance(engine, Warehouse)  # noqa: S101 (`find` has seen to it)
    return SourceFile(table, 0, engine.fingerprint(table))


def _found(table: str, engine: Engine) -> Found:
    assert isinstance(engine, Warehouse)  # noqa: S101 (`find` has seen to it)
    short = table.rpartition(".")[2]
    view = f"stored_{short}"
    engine.stored(view, StoredTable(table))
    kinds = {name: kind for name, kind in engine.describe(view).items() if name != "row_no"}
    note = Note(
        "assumption", table, "Rows of a stored table have no order: row numbers are labels made of what the rows say."
    )
    return Found(
        table, "", short, tuple(kinds), 0, partial(_never, table), (note,), partial(_select, view, table, kinds)
    )


def _never(table: str, picks: Sequence[Pick]) -> Iterator[NoReturn]:
    raise AssertionError(f"{table} is read by the engine, not in batches")


def _select(view: str, table: str, kinds: Mapping[str, str], picks: Sequence[Pick]) -> str:
    """The columns as texts; rows that are wholly blank are left out."""
    names = list(kinds)
    columns = [f"{_text(names[pick.position], kinds, table)} AS {pick.ours}" for pick in picks]
    first = _text(names[0], kinds, table)
    filled = ", ".join(_text(name, kinds, table) for name in names)
    return (
        f"SELECT row_no, CAST(NULL AS STRING) AS fault, {first} AS first_cell, {', '.join(columns)} "
        f"FROM {view} WHERE coalesce({filled}) IS NOT NULL"
    )


def _text(column: str, kinds: Mapping[str, str], table: str) -> str:
    """A cell as people write it: numbers with all their digits, dates as ISO, no time at midnight.

    A number with just three decimals gets more, so that 1.234 cannot be taken for 1,234.
    """
    kind, cell = kinds[column], "`" + column.replace("`", "``") + "`"
    if kind == "VARCHAR":
        return f"tidy({cell})"
    if kind in WHOLE or kind == "DATE":
        return f"CAST({cell} AS STRING)"
    if kind == "BOOLEAN":
        return f"CASE WHEN {cell} THEN 'TRUE' WHEN NOT {cell} THEN 'FALSE' END"
    if kind.startswith("TIMESTAMP"):
        return f"replace(substr(CAST({cell} AS STRING), 1, 19), ' 00:00:00', '')"
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        return (
            f"CASE WHEN {cell} = try_cast({cell} AS BIGINT) AND abs({cell}) < 1e15 THEN CAST(try_cast({cell} AS BIGINT) AS STRING) "
            f"WHEN {cell} = try_cast({cell} AS DECIMAL(38, 2)) THEN CAST(try_cast({cell} AS DECIMAL(38, 2)) AS STRING) "
            f"ELSE coalesce(CAST(try_cast({cell} AS DECIMAL(38, 10)) AS STRING), CAST({cell} AS STRING)) END"
        )
    what = f"holds {kind.lower()}, where a cell of one value is expected."
    raise InputError(
        Problem(f"{table}, column {column}", what, "Give a view without that column, or with its parts as columns.")
    )
