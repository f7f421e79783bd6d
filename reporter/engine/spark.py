"""The distributed engine: Spark 4, on this machine, beside a session that is there, or over Spark Connect."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter.engine import FILE_SHIFT, ParquetFiles, Plan, StoredTable
from reporter.engine import session as sessions
from reporter.engine.duck import MEMORY_SHARE, MOST_THREADS
from reporter.engine.prelude import spark_prelude
from reporter.errors import Problem, ResourceError
from reporter.meter import available_memory
from reporter.undo import undone_by

if TYPE_CHECKING:
    import pyarrow as pa

HANDED_OVER_ROWS = 200_000
"""So many rows go to Spark as they are; more are laid into its own folder first, where it has one."""
PLANNED_ROWS = 100
"""So many rows may be part of a plan: the planner works on them one by one, each time anew."""
BATCH_ROWS = 65_536
BUCKETS = 1024
SHORTAGES = (
    ("java.lang.OutOfMemoryError", "did not fit into memory", "Give Spark more memory."),
    ("No space left on device", "could not be spilled to disk (it is full)", "Free disk space, or point TMPDIR elsewhere."),
    ("StatusCode.UNAVAILABLE", "lost the Spark Connect server", "See whether the server still runs, and run again."),
)  # fmt: skip


class SparkEngine:
    """Steps as temporary views of a session that is ours alone.

    A session of our own lives on this machine and is stopped by `close`, with its folder. Beside a session that is there a new one is opened on
    the same cluster: it shares the catalogue and the executors, but neither temporary views nor functions nor settings, so nothing has
    to be put back. A kept step stays in the memory and on the disks of the executors until it is replaced or the engine is closed.

    Parameters
    ----------
    place : str or SparkSession
        ``spark``: the active session, or else this machine; ``sc://host:port``: a Spark Connect server; or a session.
    memory_bytes : int or None
        Memory of a session of our own; None: 60 % of the container's or machine's memory.

    Raises
    ------
    UsageError
        Where there is no Spark, or none that can be used.
    """

    name = "spark"

    def __init__(self, place: Any = "spark", memory_bytes: int | None = None) -> None:
        self._memory = memory_bytes or int(MEMORY_SHARE * available_memory())
        self._threads = min(MOST_THREADS, os.cpu_count() or 1)
        self._folder: Path | None = None
        self._undo = contextlib.ExitStack()
        self._kept: dict[str, Any] = {}
        self._stops = False
        try:
            self._session = self._open(place)
            with sessions.quiet():
                for _, statement in spark_prelude():
                    self._session.sql(statement)
        except BaseException:
            self._undo.close()
            raise

    def _open(self, place: Any) -> Any:
        if not isinstance(place, str):
            return sessions.beside(place)
        if place != "spark":
            self._stops = True
            return sessions.connect_session(place)
        found = sessions.active_session()
        if found is not None:
            return sessions.beside(found)
        self._folder = folder = Path(tempfile.mkdtemp(prefix="reporter-"))
        self._undo.callback(shutil.rmtree, folder, ignore_errors=True)
        self._undo.enter_context(undone_by(lambda: shutil.rmtree(folder, ignore_errors=True)))
        session = sessions.local_session(folder, self._memory, self._threads)
        self._stops = True
        return session

    @property
    def plan(self) -> Plan:
        """What the run works with, for people."""
        engine = f"Spark {self._session.version}"
        return Plan(engine) if self._folder is None else Plan(engine, self._threads, self._memory, str(self._folder))

    def register(self, name: str, source: pa.Table | pa.RecordBatchReader | ParquetFiles | StoredTable) -> None:
        """Copy Arrow data into table `name`, or define it as files or a stored table; an older table of that name is replaced.

        Files are read where they lie by a Spark on this machine; to any other they go as Arrow data.
        """
        import pyarrow as pa

        if isinstance(source, StoredTable):
            self._stored(name, source)
            return
        if isinstance(source, ParquetFiles):
            self._files(name, source.paths)
            return
        with self._told(name):
            reader = source.to_reader() if isinstance(source, pa.Table) else source
            first, rest = _split(reader)
            if rest is not None and self._folder is not None:
                frame = self._session.read.parquet(
                    str(self._laid_down(name, reader.schema, itertools.chain(first, rest)))
                )
            else:
                table = pa.Table.from_batches(itertools.chain(first, rest or ()), reader.schema)
                frame = self._session.createDataFrame(*_with_shape(table))
                if table.num_rows > PLANNED_ROWS:
                    frame = frame.localCheckpoint()
            self._define(name, frame)

    def _files(self, name: str, paths: Sequence[Path]) -> None:
        if self._folder is None or any(map(_needs_arrow, paths)):
            self.register(name, _numbered(paths))
            return
        with self._told(name):
            whole = None
            for place, path in enumerate(paths):
                number = f"shiftleft({place}L, {FILE_SHIFT}) + _metadata.row_index + 1 AS row_no"
                part = self._session.read.parquet(_plain(path)).selectExpr(number, "*")
                whole = part if whole is None else whole.unionByName(part, allowMissingColumns=True)
            self._define(name, whole)

    def step(self, name: str, sql: str, *, keep: bool = False) -> None:
        """Define `name` as the result of one SELECT; with `keep` it is computed now, and once."""
        with self._told(name):
            frame = self._session.sql(sql)
            self._define(name, frame.localCheckpoint() if keep else frame)

    def arrow(self, sql: str) -> pa.Table:
        """Run one SELECT and fetch its result."""
        with self._told("a query"):
            return self._session.sql(sql).toArrow()

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Run one SELECT and fetch its result, one partition after the other."""
        import pyarrow as pa

        with self._told("a query"):
            from pyspark.sql.pandas.types import to_arrow_schema

            frame = self._session.sql(sql)
            schema = to_arrow_schema(frame.schema)
            rows = frame.toLocalIterator()
        while part := self._next_rows(rows):
            columns = [pa.array(cells, kind) for cells, kind in zip(zip(*part, strict=True), schema.types, strict=True)]
            yield pa.record_batch(columns, schema=schema)

    def _next_rows(self, rows: Iterator[Any]) -> list[Any]:
        with self._told("a query"):
            return list(itertools.islice(rows, BATCH_ROWS))

    def describe(self, name: str) -> pa.Schema:
        """Columns and Arrow types of a table, in order."""
        with self._told(name):
            from pyspark.sql.pandas.types import to_arrow_schema

            return to_arrow_schema(self._session.table(quoted(name)).schema)

    def tables(self, place: str) -> tuple[str, ...]:
        """Whole names of the tables of a schema, sorted, or of the one table of that name; none: there is no such place."""
        with self._told(place):
            catalogue = self._session.catalog
            if catalogue.tableExists(place):
                return (place,)
            if not catalogue.databaseExists(place):
                return ()
            return tuple(
                sorted(f"{place}.{table.name}" for table in catalogue.listTables(place) if not table.isTemporary)
            )

    def _stored(self, name: str, source: StoredTable) -> None:
        """Define `name` as a table of the catalogue.

        Its rows have no order, so ``row_no`` is made of what they say: one of 1,024 buckets by hash, times 2^28, plus the place in the bucket when that is
        sorted by all columns. The same rows get the same numbers, wherever and however often they are read.
        """
        with self._told(source.name):
            frame = self._session.table(source.name)
            texts = ", ".join(_cell(column) for column in frame.columns)
            bucket = f"pmod(xxhash64({texts}), {BUCKETS})"
            place = f"row_number() OVER (PARTITION BY {bucket} ORDER BY {texts})"
            sql = f"SELECT shiftleft({bucket}, 28) + {place} AS row_no, * FROM {source.name}"
            self._define(name, self._session.sql(sql))

    def fingerprint(self, name: str) -> str:
        """64 hexadecimal digits that follow from the columns of a table and from its rows, whatever their order.

        They are the SHA-256 of names and types of the columns, the number of rows, and the sums of two 64-bit hashes of each row.
        """
        with self._told(name):
            frame = self._session.table(name)
            texts = ", ".join(_cell(column) for column in frame.columns)
            sums = (f"sum(CAST(xxhash64({seed}{texts}) AS DECIMAL(38, 0)))" for seed in ("", "'other', "))
            (row,) = self._session.sql(f"SELECT count(*), {', '.join(sums)} FROM {name}").collect()
        return hashlib.sha256("\n".join(map(str, (*frame.dtypes, *row))).encode()).hexdigest()

    def forget(self, *names: str) -> None:
        """Free what steps have stored: the cluster lets go of a checkpoint that nobody holds."""
        for name in names:
            self._kept.pop(name, None)
            self._session.catalog.dropTempView(name)

    def close(self) -> None:
        """Free what was kept, and end the session if it is ours; closing twice does no harm."""
        self._kept.clear()
        if self._stops:
            self._stops = False
            with contextlib.suppress(Exception):
                self._session.stop()
        self._undo.close()

    def _define(self, name: str, frame: Any) -> None:
        frame.createOrReplaceTempView(quoted(name))
        self._kept[name] = frame

    def _laid_down(self, name: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Path:
        import pyarrow.parquet as pq

        path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder)) / "part.parquet"
        with pq.ParquetWriter(path, schema) as out:
            for batch in batches:
                out.write_batch(batch)
        return path

    @contextlib.contextmanager
    def _told(self, work: str) -> Iterator[None]:
        """Turn running out of memory, disk or server into a message with its remedy."""
        try:
            with sessions.quiet():
                yield
        except Exception as error:
            for sign, what, fix in SHORTAGES:
                if sign in str(error):
                    raise ResourceError(Problem(work, f"{what}.", fix)) from error
            raise


def _split(reader: pa.RecordBatchReader) -> tuple[list[pa.RecordBatch], Iterator[pa.RecordBatch] | None]:
    """The first batches, and the others where there are more rows than are handed over as they are."""
    first: list[pa.RecordBatch] = []
    for batch in reader:
        first.append(batch)
        if sum(each.num_rows for each in first) > HANDED_OVER_ROWS:
            return first, iter(reader)
    return first, None


def _with_shape(table: pa.Table) -> tuple[Any, ...]:
    """Arguments of ``createDataFrame``: Connect cannot tell the columns of a table without rows."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return (table,) if table.num_rows else ([], from_arrow_schema(table.schema, prefer_timestamp_ntz=True))


def _needs_arrow(path: Path) -> bool:
    """Whether a file has timestamps that Spark does not read."""
    import pyarrow.parquet as pq

    return any(str(kind).startswith("timestamp[ns") for kind in pq.read_schema(path).types)


def _numbered(paths: Sequence[Path]) -> pa.Table:
    """The rows of all files with their numbers before them; nanoseconds are cut off."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = []
    for place, path in enumerate(paths):
        rows = pq.read_table(path, partitioning=None)
        for at, field in enumerate(rows.schema):
            if str(field.type).startswith("timestamp[ns"):
                rows = rows.set_column(
                    at, field.name, rows.column(at).cast(pa.timestamp("us", field.type.tz), safe=False)
                )
        first = (place << FILE_SHIFT) + 1
        parts.append(rows.add_column(0, "row_no", pa.array(range(first, first + rows.num_rows), pa.int64())))
    return pa.concat_tables(parts, promote_options="permissive")


def _plain(path: Path) -> str:
    """A path as Hadoop understands it: no sign in it stands for others."""
    return "file://" + re.sub(r"([\\{}\[\]*?,])", r"\\\1", str(path.resolve()))


def quoted(name: str) -> str:
    """A name as a Spark identifier, whatever it holds."""
    return "`" + name.replace("`", "``") + "`"


def _cell(column: str) -> str:
    """A cell as a text that tells nothing from an empty one, whatever its type."""
    return f"coalesce('=' || CAST({quoted(column)} AS STRING), '')"
