"""From a file, folder, database or tables in memory to raw tables in the engine: what is there, what is it called, where does it lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.engine import Engine
from reporter.errors import InputError, Problem
from reporter.intake import schema
from reporter.intake.ledger import Layout, Note, SourceFile
from reporter.intake.locate import locate, name_of
from reporter.intake.mapping import Mapped, known_names, listed, map_columns, wanted_columns, wanted_sheets
from reporter.intake.memory import Source
from reporter.intake.schema import LOOKUPS, TABLES, TRANSACTIONS, Table, fold
from reporter.intake.settings import SourceSettings
from reporter.intake.tables import Found
from reporter.intake.told import Told
from reporter.intake.typed import ROW, raw_columns, stored_columns

if TYPE_CHECKING:
    import pyarrow as pa

Place = tuple[str, str]
Heard = Callable[[int], object]


def unheard(rows: int) -> None:
    """Tell nobody how many rows have been read."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Raw tables in the engine, one ``raw_<table>`` for each of ours, empty where the source has none.

    Each holds ``row_no`` (as its owner sees it, header included), ``fault`` (why a row could not be split, or null),
    ``first_cell`` and all columns of the schema as trimmed text, null where blank or absent; beside those of dates and numbers stands
    ``<column>_typed`` with the cells that the source holds as values (see `reporter.intake.typed`).

    Attributes
    ----------
    layout : Layout
    columns : dict of str to dict of str to str
        For each table that was found: our column to theirs.
    places : dict of str to (file, sheet)
    first : dict of str to str
        Name of the first column of each, that of ``first_cell``.
    notes, files
        As in the ledger.
    rows : int
        Rows of all of them together.
    parts : dict of str to tuple of str
        For tables that are made of several files: their names, by the number that ``row_no >> FILE_SHIFT`` holds.
    part : str
        What the second of `places` is called: a sheet, or the table of a database.
    engine : Engine
        Holds the raw tables.
    """

    layout: Layout
    columns: dict[str, dict[str, str]]
    places: dict[str, Place]
    first: dict[str, str]
    notes: tuple[Note, ...]
    files: tuple[SourceFile, ...]
    rows: int
    engine: Engine
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    part: str = "sheet"


def read(source: Source, settings: SourceSettings, engine: Engine, heard: Heard = unheard) -> Tables:
    """Find, name and load the tables of a source.

    Parameters
    ----------
    source : str, Path, ArrowTable, or mapping of str to ArrowTable
    settings : SourceSettings
    engine : Engine
    heard : callable taking an int
        Told how many more rows have been read, now and then while reading.

    Raises
    ------
    InputError
        When the source cannot be used; all problems at once, each with its place and remedy.
    UsageError
        For settings that name what does not exist, or a kind of source that this version does not read.
    """
    try:
        with ExitStack() as closing:
            return _read(source, settings, engine, heard, closing)
    except PermissionError as error:
        name = Path(error.filename).name if error.filename else name_of(source)
        raise InputError(
            Problem(name, "may not be read by you.", "Ask its owner for permission to read it.")
        ) from error


def forget(tables: Tables, engine: Engine) -> None:
    """Let the engine free what was read, when a ledger holds all that is wanted of it; tables that stay where they lie are not read again."""
    engine.forget(*(f"raw_{name}" for name in tables.columns), *(f"read_{name}" for name in tables.columns))


def _read(source: Source, settings: SourceSettings, engine: Engine, heard: Heard, closing: ExitStack) -> Tables:
    wanted, sheets = wanted_columns(settings.columns), wanted_sheets(settings.sheets)
    located = locate(source, known_names(wanted), settings, closing, engine)
    found = located.found
    if not found:
        raise InputError(Problem(located.name, "holds no table: it is empty.", "Check that it is the right one."))
    layout, named, unused = _choose_layout(located.name, found, settings, sheets)
    mapped = {name: map_columns(table, schema.table(name), wanted) for name, table in named.items()}
    problems = [problem for columns in mapped.values() for problem in columns.problems]
    problems += _unknown_columns(wanted, named, mapped)
    if problems:
        raise InputError(problems)
    for table in TABLES:
        if table.name in named:
            _load(engine, table, named[table.name], mapped[table.name], heard)
        else:
            engine.step(f"raw_{table.name}", f"SELECT {raw_columns(table, {})} WHERE 1 = 0")
    counts = {name: _count(engine, name, table) for name, table in named.items()}
    if not counts["transactions"][0]:
        raise InputError(_empty(named["transactions"]))
    return Tables(
        layout,
        {name: columns.theirs for name, columns in mapped.items()},
        {name: (table.file, table.sheet) for name, table in named.items()},
        {name: table.header[0] for name, table in named.items()},
        tuple(dict.fromkeys((*located.notes, *_notes(layout, named, mapped, counts, unused)))),
        located.files(list(named.values())),
        sum(rows for rows, _ in counts.values()),
        engine,
        {name: table.parts for name, table in named.items() if table.parts},
        named["transactions"].part,
    )


def _choose_layout(
    source: str, found: Sequence[Found], settings: SourceSettings, sheets: Mapping[str, str]
) -> tuple[Layout, dict[str, Found], list[Found]]:
    """Decide what the tables are: the six of a shop, or one of orders."""
    named = _name_tables(found, sheets)
    lookups = named.keys() - {"transactions"}
    shop = settings.layout == "shop" or (
        settings.layout is None
        and not settings.sheet
        and ("transactions" in named or len(lookups) > 1)
        and bool(lookups)
    )
    if not shop:
        orders = _orders_table(source, found, named, settings)
        return "orders", {"transactions": orders}, [table for table in found if table is not orders]
    if "transactions" not in named:
        fix = 'Say which it is in reporter.toml:\n[source.sheets]\ntransactions = "…"'
        raise InputError(Problem(source, f"has no table transactions. Tables there: {_names(found)}.", fix))
    return "shop", named, [table for table in found if table not in named.values()]


def _name_tables(found: Sequence[Found], sheets: Mapping[str, str]) -> dict[str, Found]:
    """Our table to theirs: as the user said, by name, by another word for it."""
    named: dict[str, Found] = {}
    problems = []
    for table in TABLES:
        words = (fold(sheets[table.name]),) if table.name in sheets else table.words
        for word in words:
            matches = [one for one in found if fold(one.name) == word]
            if len(matches) > 1:
                places = ", ".join(match.place for match in matches)
                problems.append(
                    Problem(places, f"each could be the table {table.name}.", "Rename or remove all but one.")
                )
            if matches:
                named[table.name] = matches[0]
                break
        else:
            if table.name in sheets:
                what = f"“{sheets[table.name]}” is not there. Tables there: {_names(found)}."
                problems.append(Problem(f"source.sheets.{table.name}", what, "Use one of these names."))
    if problems:
        raise InputError(problems)
    return named


def _orders_table(source: str, found: Sequence[Found], named: Mapping[str, Found], settings: SourceSettings) -> Found:
    """The one table of orders: as the user said, the only one, or the only one that has what orders need."""
    if settings.sheet:
        matches = [table for table in found if fold(table.name) == fold(settings.sheet)]
        if not matches:
            what = f"“{settings.sheet}” is not there. Tables there: {_names(found)}."
            raise InputError(Problem("source.sheet", what, "Use one of these names."))
        return matches[0]
    if len(found) == 1:
        return found[0]
    if "transactions" in named:
        return named["transactions"]
    wanted = wanted_columns(settings.columns)
    fitting = [table for table in found if not map_columns(table, TRANSACTIONS, wanted).problems]
    if len(fitting) == 1:
        return fitting[0]
    what = f"holds {len(found)} tables, and it is not clear which one holds the orders: {_names(fitting or found)}."
    raise InputError(Problem(source, what, f'Say which: source.sheet = "{(fitting or list(found))[0].name}"'))


def _names(found: Sequence[Found]) -> str:
    return listed([table.name for table in found])


def _unknown_columns(
    wanted: Mapping[str, str], named: Mapping[str, Found], mapped: Mapping[str, Mapped]
) -> Iterable[Problem]:
    """Columns that the user named and no table has."""
    for ours, theirs in wanted.items():
        tables = [name for name in named if ours in schema.table(name).names]
        if tables and not any(fold(mapped[name].theirs.get(ours, "")) == fold(theirs) for name in tables):
            found = named[tables[0]]
            what = f"“{theirs}” is not there. Columns of {found.place}: {listed(found.header)}."
            yield Problem(f"source.columns.{ours}", what, "Use one of these names.")


def _load(engine: Engine, table: Table, found: Found, mapped: Mapped, heard: Heard) -> None:
    """Make one raw table: over what stays where it lies if the engine can read that, else over a copy of its cells."""
    name, columns = f"read_{table.name}", None
    if found.stored is not None:
        engine.register(name, found.stored)
        columns = stored_columns(table, mapped.theirs, found.header[0], engine.describe(name))
    if columns is None:
        columns = _copy(engine, table, found, mapped, heard)
    engine.step(f"raw_{table.name}", f"SELECT {raw_columns(table, columns)} FROM {name}")


def _copy(engine: Engine, table: Table, found: Found, mapped: Mapped, heard: Heard) -> dict[str, tuple[str, str]]:
    """Copy the cells of one table into the engine: as text, or as what they are where the source has values. Returns what `raw_columns` wants."""
    import pyarrow as pa

    row = [(ROW[0], pa.int64()), *((column, pa.string()) for column in ROW[1:])]
    cells = [(pick.ours, found.types[pick.position] if found.types else pa.string()) for pick in mapped.picks]
    shape = pa.schema([*row, *cells])
    faults: list[Exception] = []
    batches = _until_fault(_counted(found.batches(mapped.picks), heard), faults)
    engine.register(f"read_{table.name}", pa.RecordBatchReader.from_batches(shape, batches))
    if faults:
        raise faults[0]
    if not found.types:
        return {column: (column, "") for column in shape.names}
    values = stored_columns(table, {ours: ours for ours, _ in cells}, ROW[2], shape)
    assert values is not None  # noqa: S101 (such readers hand over types that every engine reads)
    return values


def _count(engine: Engine, name: str, found: Found) -> tuple[int, int]:
    """How many rows a table has, and how many blank rows lie between them."""
    if not (found.sheet and found.header_row):
        return int(engine.arrow(f"SELECT count(*) AS n FROM raw_{name}")["n"][0].as_py()), 0
    count, last = engine.arrow(f"SELECT count(*) AS n, max(row_no) AS last FROM raw_{name}").to_pylist()[0].values()
    return count, (last or 0) - found.header_row - count


def _counted(batches: Iterator[pa.RecordBatch], heard: Heard) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        heard(batch.num_rows)
        yield batch


def _until_fault(batches: Iterator[pa.RecordBatch], faults: list[Exception]) -> Iterator[pa.RecordBatch]:
    """Keep what a reader raises: on its way through Arrow an exception loses its type."""
    try:
        yield from batches
    except Exception as fault:  # raised again by the caller
        faults.append(fault)


def _notes(
    layout: Layout,
    named: Mapping[str, Found],
    mapped: Mapping[str, Mapped],
    counts: Mapping[str, tuple[int, int]],
    unused: Sequence[Found],
) -> Iterable[Note]:
    for name, table in named.items():
        yield from table.notes
        if fold(table.name) != name and layout == "shop":
            fix = f'source.sheets.{name} = "{table.name}"'
            yield Note(
                "guess",
                table.place,
                Told("The table {table} was taken for {name}.", table=table.name, name=name),
                fix=fix,
            )
        yield from mapped[name].notes
        blank = counts[name][1]
        if blank:
            yield Note("ignored", table.place, Told("Blank rows between the rows."), blank)
    for table in unused:
        yield Note("ignored", table.place, Told("The table has no use in the report."))
    if layout == "shop":
        yield from _missing_notes(named, counts)


def _missing_notes(named: Mapping[str, Found], counts: Mapping[str, tuple[int, int]]) -> Iterable[Note]:
    for lookup in LOOKUPS:
        if lookup.name not in named:
            yield Note(
                "assumption",
                lookup.name,
                Told("There is no such table: the report is without {gives}.", gives=Told(lookup.gives)),
            )
        elif not counts[lookup.name][0]:
            what = Told("The table is empty: the report is without {gives}.", gives=Told(lookup.gives))
            yield Note("assumption", named[lookup.name].place, what)


def _empty(found: Found) -> Problem:
    if found.types:
        fix = "Check that it is the right one, and whether it was a stream that has been read before."
        return Problem(found.place, "table transactions is empty: there are no rows.", fix)
    what = "table transactions is empty: there are no rows under the header."
    return Problem(found.place, what, "Check that it is the right file, and that the rows were exported.")
