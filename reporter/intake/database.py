"""SQLite databases, opened for reading only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.errors import InputError, Problem
from reporter.intake.tables import Found, Pick, Row, batches_of

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".db", ".sqlite", ".sqlite3", ".db3")
MAGIC = b"SQLite format 3\x00"


def find_tables(path: Path) -> list[Found]:
    """All tables and views of a database; rows are numbered from 1 in the order of the database.

    Raises
    ------
    InputError
        For a file that is no readable SQLite database.
    """
    try:
        with closing(_connect(path)) as connection:
            names = connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name"
            ).fetchall()
            return [_find(path, connection, name) for (name,) in names]
    except sqlite3.Error as error:
        raise _damaged(path, error) from error


def _find(path: Path, connection: sqlite3.Connection, table: str) -> Found:
    cursor = connection.execute(f"SELECT * FROM {_quoted(table)} LIMIT 0")
    header = tuple(column[0] for column in cursor.description)
    return Found(path.name, table, table, header, 0, partial(_batches, path, table), part="table")


def _batches(path: Path, table: str, picks: Sequence[Pick]) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches_of(_rows(path, table), picks)
    except sqlite3.Error as error:
        raise _damaged(path, error) from error


def _rows(path: Path, table: str) -> Iterator[Row]:
    with closing(_connect(path)) as connection:
        for number, cells in enumerate(connection.execute(f"SELECT * FROM {_quoted(table)}"), 1):
            yield number, cells, None


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _damaged(path: Path, error: sqlite3.Error) -> InputError:
    return InputError(
        Problem(path.name, f"cannot be read as a SQLite database ({error}).", "Check or restore the file.")
    )
