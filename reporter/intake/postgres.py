"""PostgreSQL: read only, in one snapshot, streamed as Arrow batches; the server never learns more than SELECTs, we never show a password."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from reporter.errors import InputError, Problem, UsageError
from reporter.intake.address import Address
from reporter.intake.fingerprint import Fingerprint
from reporter.intake.ledger import Note, SourceFile
from reporter.intake.mapping import listed
from reporter.intake.tables import Found, Pick
from reporter.intake.told import Told

if TYPE_CHECKING:
    import pyarrow as pa

CATALOG = """
SELECT c.relname::text AS table_name, c.relkind::text AS kind, a.attname::text AS column_name,
    a.attcollation <> 0 AS has_collation, coalesce(b2.typname, b1.typname, t.typname)::text AS type,
    coalesce(b2.typcategory, b1.typcategory, t.typcategory)::text AS category,
    array_position(i.indkey::int2[], a.attnum)::int4 AS key_place
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type AS b1 ON b1.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_type AS b2 ON b2.oid = b1.typbasetype
LEFT JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema' AND {where}
ORDER BY c.relname COLLATE "C", a.attnum
"""
SCHEMAS = """
SELECT DISTINCT n.nspname::text AS name FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1
"""
SESSION = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL client_encoding = 'UTF8'",
    "SET LOCAL DateStyle = 'ISO'",
    "SET LOCAL extra_float_digits = 1",
)
LOST = ("terminating connection", "server closed the connection", "no connection", "connection has been closed", "could not receive")  # fmt: skip
UNAUTHENTICATED = ("authentication failed", "no password supplied", "pg_hba.conf", "role ", "not permitted to log in")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as the catalogue has it: name, type (of a domain: what it is made from), place in the primary key from 0, or None."""

    name: str
    type: str
    category: str
    has_collation: bool
    key_place: int | None


class Database:
    """An open database: its tables, and the fingerprint of those that were read.

    Parameters
    ----------
    address : Address
    closing : contextlib.ExitStack
        Closes the connection; the tables can be loaded as long as it is open.

    Raises
    ------
    UsageError
        Where the driver is not installed.
    InputError
        Where the server or the database cannot be opened: in one sentence, with the remedy.
    """

    def __init__(self, address: Address, closing: ExitStack) -> None:
        self._driver = _driver()
        self._address = address
        self._prints: dict[str, Fingerprint] = {}
        self._connection = self._connect()
        closing.callback(self._close)
        with self._told(address.name):
            for statement in SESSION:
                self._run(statement)
            about = self._rows("SELECT current_database()::text AS name, current_setting('TimeZone') AS zone")[0]
        self.name: str = about["name"]
        self._zone: str = about["zone"]

    def find_tables(self) -> list[Found]:
        """All tables and views of the schema that was named, else of the search path.

        Rows are numbered from 1 in the order of the primary key (texts by code points); without one as the table lies on disk; those
        of a view by their values.
        """
        schema = self._address.schema
        where = "pg_catalog.pg_table_is_visible(c.oid)" if schema is None else f"n.nspname = {_text(schema)}"
        with self._told(self.name):
            rows = self._rows(CATALOG.format(where=where))
            if not rows:
                raise self._nothing([row["name"] for row in self._rows(SCHEMAS)])
        tables: dict[tuple[str, str], list[_Column]] = {}
        for row in rows:
            column = _Column(*(row[key] for key in ("column_name", "type", "category", "has_collation", "key_place")))
            tables.setdefault((row["table_name"], row["kind"]), []).append(column)
        return [self._found(table, kind, columns) for (table, kind), columns in tables.items()]

    def source_file(self) -> SourceFile:
        """The database as an input: the SHA-256 over all tables that were loaded, as they were read."""
        whole = hashlib.sha256()
        for name in sorted(self._prints):
            whole.update(f"{name}\n".encode() + self._prints[name].digest())
        return SourceFile(self.name, sum(each.bytes for each in self._prints.values()), whole.hexdigest())

    def _found(self, table: str, kind: str, columns: Sequence[_Column]) -> Found:
        header = tuple(column.name for column in columns)
        notes: tuple[Note, ...] = ()
        if any(column.type == "timestamptz" for column in columns):
            what = Told("Moments with a time zone are told in the zone of the database, {zone}.", zone=self._zone)
            notes = (Note("assumption", f"{self.name}, table {table}", what),)
        batches = partial(self._batches, table, kind, tuple(columns))
        return Found(self.name, table, table, header, 0, batches, notes, "table")

    def _batches(self, table: str, kind: str, columns: Sequence[_Column], picks: Sequence[Pick]) -> Iterator[Any]:
        import pyarrow as pa

        print_ = self._prints[table] = Fingerprint()
        place = f"{self.name}, table {table}"
        places = dict(
            zip(["first_cell", *(pick.ours for pick in picks)], [0, *(p.position for p in picks)], strict=True)
        )
        row = 1
        with self._told(place):
            sql = select_of(_named(self._address.schema, table), kind, columns, sorted(set(places.values())))
            for batch in self._stream(sql):
                texts = {name: self._text(batch, at, columns[at], place) for name, at in places.items()}
                print_.add(pa.record_batch(texts))
                numbers = pa.array(range(row, row + batch.num_rows), pa.int64())
                faults = pa.nulls(batch.num_rows, pa.string())
                row += batch.num_rows
                yield pa.record_batch({"row_no": numbers, "fault": faults, **texts})

    def _text(self, batch: pa.RecordBatch, position: int, column: _Column, place: str) -> pa.Array:
        import pyarrow.compute as pc

        from reporter.intake.arrow import text_column

        where = f"{place}, column {column.name}"
        if column.category in "AC":
            raise InputError(
                Problem(where, f"holds {column.type}, not single values.", "Give a view with one value a row.")
            )
        cells = batch.column(f"c{position}")
        if column.type.startswith("timestamp"):
            cells = pc.replace_substring_regex(cells, " 00:00:00$", "")
        return text_column(cells, where)

    def _connect(self) -> Any:
        try:
            return self._driver.connect(self._address.url)
        except self._driver.Error as error:
            raise _closed_door(self._address, str(error)) from error

    def _close(self) -> None:
        with suppress(self._driver.Error):
            self._connection.close()

    def _run(self, sql: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            rows: list[dict[str, Any]] = cursor.fetch_arrow_table().to_pylist()
            return rows

    def _stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
            yield from cursor.fetch_record_batch()
        finally:
            with suppress(self._driver.Error, OSError):
                cursor.close()

    @contextmanager
    def _told(self, place: str) -> Iterator[None]:
        """Turn what the server or the line did into one sentence; a fault within a stream comes as an OSError of Arrow."""
        try:
            yield
        except (self._driver.Error, OSError) as error:
            raise _refusal(place, error) from error

    def _nothing(self, schemas: Sequence[str]) -> InputError:
        schema = self._address.schema
        where = "the schemas of the search path" if schema is None else f"schema {schema}"
        fix = f"Name one of its schemas ({listed(schemas)}): …/{self.name}?schema={schemas[0]}" if schemas else ""
        return InputError(
            Problem(self.name, f"holds no table in {where}.", fix or "Check that it is the right database.")
        )


def select_of(table: str, kind: str, columns: Sequence[_Column], positions: Sequence[int]) -> str:
    """The one SELECT that reads columns of a table as text, in an order that its content alone decides.

    Parameters
    ----------
    table : str
        Quoted name.
    kind : str
        ``relkind`` of the catalogue: r, p, v, m or f.
    columns : sequence of _Column
        All of the table.
    positions : sequence of int
        Those to read; they come out as ``c<position>``.
    """
    cells = ", ".join(f"{_expression(columns[at])} AS c{at}" for at in positions)
    key = sorted((c for c in columns if c.key_place is not None), key=lambda column: column.key_place or 0)
    collate = ' COLLATE "C"'
    if key:
        order = ", ".join(_quoted(column.name) + (collate if column.has_collation else "") for column in key)
    elif kind in "rm":
        order = "ctid"
    elif kind == "p":
        order = f"tableoid::regclass::text{collate}, ctid"
    else:
        by = ", ".join(f"c{at}" + ("" if columns[at].type in ("float4", "float8") else collate) for at in positions)
        return f"SELECT * FROM (SELECT {cells} FROM {table}) AS cells ORDER BY {by}"
    return f"SELECT {cells} FROM {table} ORDER BY {order}"


def _expression(column: _Column) -> str:
    """A column as text that reads one way only; floats stay floats and are written by `text_column`.

    A numeric with just three decimals gets a fourth, so that 1.234 cannot be taken for 1,234. Moments with a zone are told in that of
    the session, to the second.
    """
    name = _quoted(column.name)
    match column.type:
        case "numeric":
            return f"CASE WHEN scale({name}) = 3 THEN {name}::text || '0' ELSE {name}::text END"
        case "money":
            return f"{name}::numeric::text"
        case "float4":
            return f"{name}::text::float8"
        case "float8":
            return name
        case "timestamp":
            return f"date_trunc('second', {name})::text"
        case "timestamptz":
            return f"date_trunc('second', {name} AT TIME ZONE current_setting('TimeZone'))::text"
        case "bool":
            return f"upper({name}::text)"
        case "bytea":
            return f"encode({name}, 'escape')"
        case _:
            return f"{name}::text"


def _driver() -> ModuleType:
    try:
        import adbc_driver_postgresql.dbapi as driver
    except ImportError as error:
        what = "needs the driver of the extra postgres, which is not installed."
        raise UsageError(Problem("postgresql://", what, 'Install it: pip install "reporter[postgres]"')) from error
    return driver  # type: ignore[no-any-return, unused-ignore]


def _closed_door(address: Address, message: str) -> InputError:
    """Why no connection came about; libpq tells by words alone."""
    words = _words(message)
    if f'database "{address.name}" does not exist' in message:
        what, fix = "there is no such database on the server.", "Check its name; psql -l lists those that are there."
    elif any(sign in message for sign in UNAUTHENTICATED):
        what = f"the server did not let you in ({words})."
        fix = "Check user and password; the password is taken from PGPASSWORD, ~/.pgpass or the address."
    elif "permission denied" in message:
        what, fix = f"may not be opened by you ({words}).", "Ask its owner for the right to connect."
    elif "FATAL" in message:
        what, fix = f"could not be opened ({words}).", "Mend what the server says, or ask who runs it."
    else:
        what = f"the server at {address.server} cannot be reached ({words})."
        fix = "Check host and port, and that the server runs and takes connections from here."
    return InputError(Problem(address.name, what, fix))


def _refusal(place: str, error: Exception) -> InputError:
    """What went wrong at or on the way from the server."""
    message, state = str(error), getattr(error, "sqlstate", None) or ""
    words = _words(message)
    if state == "42501" or "permission denied" in message:
        what, fix = (
            f"may not be read by you ({words}).",
            "Ask its owner: GRANT SELECT on the table, USAGE on its schema.",
        )
    elif state == "57014" or "canceling statement" in message:
        what, fix = (
            f"was not read to its end ({words}).",
            "Raise the limit that the server holds your user to, and run it again.",
        )
    elif state.startswith(("08", "57P")) or any(sign in message for sign in LOST):
        what, fix = f"the connection to the server was lost while it was read ({words}).", "Run it again."
    else:
        what, fix = f"could not be read ({words}).", "Mend what the server says, or give a view without it."
    return InputError(Problem(place, what, fix))


def _words(message: str) -> str:
    """The server's or libpq's own words: their first line, without what the driver says around it."""
    line = message.strip().splitlines()[0]
    line = re.sub(r"^.*?(ERROR|FATAL):\s+", "", line)
    line = re.sub(r"^.*?connection to server .*? failed: ", "", line)
    return re.sub(r"^[A-Z_]+: |\[libpq\] |Failed to connect: ", "", line).strip().rstrip(".")


def _named(schema: str | None, table: str) -> str:
    return _quoted(table) if schema is None else f"{_quoted(schema)}.{_quoted(table)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
