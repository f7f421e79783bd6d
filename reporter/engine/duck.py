"""The embedded engine: DuckDB, locked down, with the prelude that hides its dialect."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.engine.prelude import duck_prelude
from reporter.errors import Problem, ResourceError
from reporter.undo import undone_by

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MEMORY_SHARE = 0.6
MOST_THREADS = 2


class DuckEngine:
    """An in-memory DuckDB that can reach nothing but the data handed to it.

    Memory is held to a share of what this process may use; what does not fit is spilled to an own temporary folder, which
    goes away with `close`. Files, network, extensions and settings are closed to SQL, so no text of the input can reach them.

    Parameters
    ----------
    memory_bytes : int or None
        Memory limit; None: 60 % of the container's or machine's memory.
    """

    name = "duckdb"

    def __init__(self, memory_bytes: int | None = None) -> None:
        import duckdb

        self._memory = memory_bytes or int(MEMORY_SHARE * available_memory())
        self._folder = Path(tempfile.mkdtemp(prefix="reporter-"))
        self._undo = contextlib.ExitStack()
        self._undo.enter_context(undone_by(self._remove_folder))
        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        self._lock_down()
        for macro in duck_prelude():
            self._connection.execute(macro)

    def _lock_down(self) -> None:
        spill = str(self._folder).replace("'", "''")
        for setting in (
            f"threads = {min(MOST_THREADS, os.cpu_count() or 1)}",
            f"memory_limit = '{self._memory // 2**10}KiB'",
            f"temp_directory = '{spill}'",
            "TimeZone = 'UTC'",
            "enable_progress_bar = false",
            "python_enable_replacements = false",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    def register(self, name: str, source: pa.Table | pa.RecordBatchReader) -> None:
        """Copy Arrow data into table `name`; an older table of that name is replaced."""
        with self._told(name):
            self._connection.register("arrow_source", source)
            try:
                self._store(name, "SELECT * FROM arrow_source")
            finally:
                self._connection.unregister("arrow_source")

    def step(self, name: str, sql: str, *, keep: bool = False) -> None:
        """Define `name` as the result of one SELECT: a table with `keep`, else a view that is computed at each use."""
        with self._told(name):
            if keep:
                self._store(name, sql)
            else:
                self._drop(name)
                self._connection.execute(f"CREATE TEMP VIEW {quoted(name)} AS {sql}")

    def arrow(self, sql: str) -> pa.Table:
        """Run one SELECT and fetch its result."""
        with self._told("a query"):
            return self._connection.sql(sql).to_arrow_table()

    def write(self, sql: str, path: Path) -> None:
        """Run one SELECT and write its result, batch by batch, as CSV or Parquet after the suffix of `path`.

        Raises
        ------
        ValueError
            For another suffix than ``.csv`` or ``.parquet``.
        """
        if path.suffix not in (".csv", ".parquet"):
            raise ValueError(f"no writer for {path.suffix}")
        with self._told(path.name):
            reader = self._connection.sql(sql).to_arrow_reader(65_536)
            with file_writer(path, reader.schema) as writer:
                for batch in reader:
                    writer.write_batch(batch)

    def describe(self, name: str) -> dict[str, str]:
        """Column names and type names of a table, in order."""
        rows = self._connection.execute(f"DESCRIBE {quoted(name)}").fetchall()
        return {str(row[0]): str(row[1]) for row in rows}

    def close(self) -> None:
        """Free the memory and remove the temporary folder; closing twice does no harm."""
        self._connection.close()
        self._remove_folder()
        self._undo.close()

    def _remove_folder(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _store(self, name: str, sql: str) -> None:
        """Compute first, then replace: a step may read the table that it replaces."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE step_result AS {sql}")
        self._drop(name)
        self._connection.execute(f"ALTER TABLE step_result RENAME TO {quoted(name)}")

    def _drop(self, name: str) -> None:
        """Whatever kind `name` had before, it is free now."""
        kinds = self._connection.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]
        ).fetchall()
        for (kind,) in kinds:
            self._connection.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {quoted(name)}")

    @contextlib.contextmanager
    def _told(self, work: str) -> Iterator[None]:
        """Turn running out of memory or disk into a message with its remedy."""
        import duckdb

        try:
            yield
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            limit = f"{self._memory / 2**20:,.0f} MiB"
            raise ResourceError(
                Problem(work, f"did not fit into memory (limit {limit}).", "Give the process more memory.")
            ) from error
        except duckdb.IOException as error:
            raise ResourceError(
                Problem(work, f"could not be spilled to disk ({error}).", "Free disk space, or point TMPDIR elsewhere.")
            ) from error


def available_memory() -> int:
    """Bytes of memory this process may use: the least of the container's limit and the machine's memory."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [physical]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            limits.append(int(Path(path).read_text(encoding="ascii")))
    return min(limits)


def quoted(name: str) -> str:
    """A name as an SQL identifier, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


@contextlib.contextmanager
def file_writer(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatchFileWriter]:
    """A writer of record batches as CSV or Parquet, after the suffix of `path`."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            yield writer
    else:
        import pyarrow.csv as csv

        with csv.CSVWriter(path, schema, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
            yield writer
