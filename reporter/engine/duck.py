"""The embedded engine: DuckDB, locked down, with the prelude that hides its dialect."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from reporter.engine import FILE_SHIFT, ParquetFiles, Plan, StoredTable
from reporter.engine.prelude import duck_prelude
from reporter.errors import InputError, Problem, ResourceError, UsageError
from reporter.meter import available_memory, give_back
from reporter.undo import undone_by

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Result = TypeVar("Result")
MEMORY_SHARE = 0.6
DEFAULT_MEMORY = 512 * 2**20
"""Bytes that do for any number of rows, because what does not fit is spilled, and leave room for the rest of a run."""
LEAST_MEMORY = 112 * 2**20
ROW_MEMORY, READ_MEMORY = 56, 64
"""Bytes that do for fewer rows: so many, or so many for each row that was read; and more for each that is still there as it was read, beside what is made of
it. Half of that makes a million rows take a tenth longer."""
MOST_THREADS = 2
BATCH_ROWS = 65_536
GROUP_ROWS = 122_880
"""Most rows of a row group of a table. A group is scanned by one thread, so what lies in a single one is read in two stretches."""
WORTH_TWO = 20_000
"""Rows from which that is worth while."""
MANY = 10_000
"""Rows of a table that is handed over, from which more memory may be needed than is held. Setting the limit takes half a millisecond."""


class DuckEngine:
    """An in-memory DuckDB that can reach nothing but the data handed to it.

    Memory is held to a share of what this process may use; what does not fit is spilled to an own temporary folder, which
    goes away with `close`. Where nobody said how much it may take, it holds itself to what its tables need, and takes more only
    where that does not do. Files, network, extensions and all other settings are closed to SQL, so no text of the input can reach them;
    `reach` alone may be read, by a path that the program names.

    Parameters
    ----------
    memory_bytes : int or None
        Memory limit; None: `DEFAULT_MEMORY`, but no more than 60 % of the container's or machine's memory.
    reach : pathlib.Path or None
        A file, or a folder with all that is in it.
    """

    name = "duckdb"

    def __init__(self, memory_bytes: int | None = None, reach: Path | None = None) -> None:
        import duckdb

        self._memory = memory_bytes or min(DEFAULT_MEMORY, int(MEMORY_SHARE * available_memory()))
        self._needs = (0, 0) if memory_bytes else (LEAST_MEMORY, ROW_MEMORY)
        self._is_modest = not memory_bytes
        self._held = self._memory
        self._read: dict[str, int] = {}
        self._rows = 0
        self._threads = min(MOST_THREADS, os.cpu_count() or 1)
        self._files: tuple[str, ...] = ()
        self._kinds: dict[str, str] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="reporter-"))
        self._undo = contextlib.ExitStack()
        self._undo.enter_context(undone_by(self._remove_folder))
        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        self._lock_down(reach)
        for macro in duck_prelude():
            self._connection.execute(macro)

    def _lock_down(self, reach: Path | None) -> None:
        allowed: tuple[str, ...] = ()
        with contextlib.suppress(OSError, ValueError):  # a path that leads nowhere is the reader's to tell
            if reach is not None and reach.exists():
                allowed = (f"allowed_{'directories' if reach.is_dir() else 'paths'} = [{_text(reach)}]",)
        for setting in (
            f"threads = {self._threads}",
            _limit(self._memory),
            f"temp_directory = {_text(self._folder)}",
            "preserve_insertion_order = false",
            "allocator_background_threads = true",
            "allocator_flush_threshold = '16MiB'",
            *allowed,
            "TimeZone = 'UTC'",
            "enable_progress_bar = false",
            "python_enable_replacements = false",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "enable_external_access = false",
            "allowed_configs = ['memory_limit']",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    @property
    def plan(self) -> Plan:
        """What the run works with, for people."""
        import duckdb

        version = f"DuckDB {duckdb.__version__}"
        return Plan(version, self._threads, self._memory, str(self._folder), *self._needs)

    def register(self, name: str, source: pa.Table | pa.RecordBatchReader | ParquetFiles | StoredTable) -> None:
        """Copy Arrow data into table `name`, or read Parquet files under that name; an older table of that name is replaced.

        Raises
        ------
        ValueError
            For a stored table: this engine keeps none.
        """
        if isinstance(source, StoredTable):
            raise ValueError(f"the embedded engine keeps no table {source.name}")
        if isinstance(source, ParquetFiles):
            self._files += tuple(path.name for path in source.paths)
            paths = f"[{', '.join(_text(path.resolve()) for path in source.paths)}]"
            number = f"(CAST(file_index AS BIGINT) << {FILE_SHIFT}) | (CAST(file_row_number AS BIGINT) + 1)"
            whole = f"SELECT {number} AS row_no, * FROM read_parquet({paths}, union_by_name = true, hive_partitioning = false)"
            rows, groups = self._extent(paths)
            is_halved = groups == 1 and self._is_worth_two(rows)
            self.step(name, _in_two(whole, "file_row_number", rows) if is_halved else whole)
        else:
            rows = self._copy(name, source)
        self._rows += rows
        self._read[name] = rows
        self._be_modest()

    def _copy(self, name: str, source: pa.Table | pa.RecordBatchReader) -> int:
        """Store Arrow data and tell how many rows it has; a reader with all the memory there may be, for it cannot be read again."""
        with self._told(name):
            if getattr(source, "num_rows", MANY) >= MANY:
                self._hold_to(self._memory)
            self._connection.register("arrow_source", source)
            try:
                return self._store(name, "SELECT * FROM arrow_source")
            finally:
                self._connection.unregister("arrow_source")

    def step(self, name: str, sql: str, *, keep: bool = False) -> None:
        """Define `name` as the result of one SELECT: a table with `keep`, else a view that is computed at each use."""
        with self._told(name):
            if keep:
                self._store(name, sql)
            else:
                self._drop(name)
                self._define(name, sql)

    def arrow(self, sql: str) -> pa.Table:
        """Run one SELECT and fetch its result."""
        with self._told("a query"):
            return self._run(lambda: self._connection.sql(sql).to_arrow_table())

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Run one SELECT and fetch its result piece by piece; with all the memory there may be, for nobody takes pieces back."""
        with self._told("a query"):
            self._hold_to(self._memory)
            yield from self._connection.sql(sql).to_arrow_reader(BATCH_ROWS)
            self._be_modest()

    def describe(self, name: str) -> pa.Schema:
        """Columns and Arrow types of a table, in order."""
        return self.arrow(f"SELECT * FROM {quoted(name)} LIMIT 0").schema

    def forget(self, *names: str) -> None:
        """Free what steps have stored; what comes after them, in this process or another, gets the memory."""
        for name in names:
            self._drop(name)
        self._held = 0  # told how much it may take, the engine gives back what is free
        self._be_modest()
        give_back()

    def close(self) -> None:
        """Free the memory and remove the temporary folder; closing twice does no harm."""
        self._connection.close()
        self._remove_folder()
        self._undo.close()

    def _remove_folder(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _be_modest(self) -> None:
        """Take no more than tables need, unless that has not done once."""
        needed = (self.plan.room_for(self._rows) or 0) + READ_MEMORY * sum(self._read.values())
        self._hold_to(min(needed, self._memory) if self._is_modest else self._memory)

    def _hold_to(self, memory_bytes: int) -> None:
        """Set the limit, to the MiB, for setting it takes a millisecond."""
        import duckdb

        if memory_bytes >> 20 == self._held >> 20:
            return
        with contextlib.suppress(duckdb.OutOfMemoryException):  # what is held already cannot be spilled
            self._connection.execute(f"SET {_limit(memory_bytes)}")
            self._held = memory_bytes

    def _run(self, call: Callable[[], Result]) -> Result:
        """Make a call; where the memory was held to less than there may be and does not do, once more with all of it."""
        import duckdb

        try:
            return call()
        except (duckdb.OutOfMemoryException, duckdb.IOException):
            if not self._is_modest:
                raise
            self._is_modest = False
            self._hold_to(self._memory)
            return call()

    def _store(self, name: str, sql: str) -> int:
        """Compute first, then replace, for a step may read the table that it replaces; how many rows it has now."""
        (rows,) = self._run(lambda: self._numbers(f"CREATE OR REPLACE TEMP TABLE step_result AS {sql}"))
        self._drop(name)
        stored = _stored(name) if rows <= GROUP_ROWS and self._is_worth_two(rows) else name
        self._connection.execute(f"ALTER TABLE step_result RENAME TO {quoted(stored)}")
        self._kinds[stored] = "TABLE"
        if stored != name:
            self._define(name, _in_two(f"SELECT * FROM {quoted(stored)}", "rowid", rows))
        return rows

    def _define(self, name: str, sql: str) -> None:
        """Name a SELECT that is run at each use."""
        self._connection.execute(f"CREATE TEMP VIEW {quoted(name)} AS {sql}")
        self._kinds[name] = "VIEW"

    def _extent(self, paths: str) -> tuple[int, int]:
        """Rows and row groups of Parquet files."""
        with self._told("a file"):
            rows, groups = self._numbers(
                f"SELECT sum(num_rows), sum(num_row_groups) FROM parquet_file_metadata({paths})"
            )
            return rows, groups

    def _numbers(self, sql: str) -> Iterator[int]:
        """The one row of numbers that a statement gives: of one that makes a table, how many rows it has."""
        return map(int, self._connection.execute(sql).fetchall()[0])

    def _is_worth_two(self, rows: int) -> bool:
        """Whether a second thread would be of use for the rows of one group."""
        return self._threads > 1 and rows >= WORTH_TWO

    def _drop(self, name: str) -> None:
        """Whatever kind `name` had before, it is free now."""
        self._read.pop(name, None)
        for each in (name, _stored(name)):
            kind = self._kinds.pop(each, None)
            if kind is not None:
                self._connection.execute(f"DROP {kind} {quoted(each)}")

    @contextlib.contextmanager
    def _told(self, work: str) -> Iterator[None]:
        """Turn running out of memory or disk, and coming too late, into a message with its remedy."""
        import duckdb

        try:
            yield
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            what = f"did not fit into the {self._memory / 2**20:,.0f} MiB of memory that the engine may use."
            fix = "Allow more with the setting memory (--set memory=8GB), or leave out rows or columns."
            raise ResourceError(Problem(work, what, fix)) from error
        except duckdb.ConnectionException as error:
            raise UsageError(Problem(work, "the engine is closed.", "Read the source again.")) from error
        except (duckdb.ProgrammingError, duckdb.InternalError, duckdb.PermissionException):
            raise
        except duckdb.Error as error:
            if self._files and "temporary file" not in str(error) and "No space left" not in str(error):
                told = Problem(self._files[0], f"cannot be read: {_brief(error)}.", "Check it, or write it again.")
                raise InputError(told) from error
            if not isinstance(error, duckdb.IOException):
                raise
            what = f"could not be spilled to disk ({_brief(error)})."
            raise ResourceError(Problem(work, what, "Free disk space, or point TMPDIR elsewhere.")) from error


def quoted(name: str) -> str:
    """A name as an SQL identifier, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def _in_two(whole: str, place: str, rows: int) -> str:
    """A SELECT of all rows as one of each half, which two threads may run; `place` counts the rows from 0."""
    return f"{whole} WHERE {place} < {rows // 2} UNION ALL {whole} WHERE {place} >= {rows // 2}"


def _stored(name: str) -> str:
    """Where the rows of a view lie that reads them in two stretches."""
    return f"{name}, stored"


def _text(path: Path) -> str:
    """A path as an SQL text."""
    return "'" + str(path.resolve()).replace("'", "''") + "'"


def _limit(memory_bytes: int) -> str:
    return f"memory_limit = '{memory_bytes // 2**10}KiB'"


def _brief(error: Exception) -> str:
    """The first line of what the engine says."""
    return str(error).strip().splitlines()[0]
