"""Where the rows live: a small protocol that DuckDB and Spark fulfil. No rule of the business is here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from reporter.stages import Plan

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FILE_SHIFT", "Engine", "ParquetFiles", "Plan", "StoredTable", "Warehouse", "open_engine"]

FILE_SHIFT = 40
"""Bits of a `row_no` that number the row within its file; the bits above them number the file: see `ParquetFiles`."""
ROW_BITS = (1 << FILE_SHIFT) - 1
"""The bits of a `row_no` that number the row."""


@dataclass(frozen=True, slots=True)
class ParquetFiles:
    """Parquet files that are parts of one table, read where they lie.

    Registered, they have a column ``row_no`` BIGINT before their own: ``(place of the file in paths << FILE_SHIFT) | row``, rows counted from 1 in
    each file. Columns are matched by name.
    """

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table that the engine itself keeps, by the name under which it knows it.

    Registered, it has a column ``row_no`` BIGINT before its own: a label that the same content always gets, whatever the order of its rows.
    """

    name: str


class Engine(Protocol):
    """Seven verbs over named tables. SQL texts are the same for every engine; the engine's prelude hides the dialect."""

    name: str

    @property
    def plan(self) -> Plan:
        """What the run works with, for people."""

    def register(self, name: str, source: pa.Table | pa.RecordBatchReader | ParquetFiles | StoredTable) -> None:
        """Make data readable as table `name`. Arrow data is copied (it may be a one-pass reader); files and stored tables stay where they are."""

    def step(self, name: str, sql: str, *, keep: bool = False) -> None:
        """Define `name` as the result of one SELECT; `keep` computes it once and stores it."""

    def arrow(self, sql: str) -> pa.Table:
        """Run one SELECT and fetch its result."""

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Run one SELECT and fetch its result piece by piece, in the order that it says: at no time is all of it here."""

    def describe(self, name: str) -> pa.Schema:
        """Columns and Arrow types of a table, in order."""

    def forget(self, *names: str) -> None:
        """Free what steps have stored; whoever reads them afterwards finds nothing. A name that is not there does no harm."""

    def close(self) -> None:
        """Free memory, files and connections."""


@runtime_checkable
class Warehouse(Protocol):
    """What an engine with a catalogue of its own can do besides."""

    def tables(self, place: str) -> tuple[str, ...]:
        """Whole names of the tables of a schema, sorted, or of the one table of that name; none: there is no such place."""

    def fingerprint(self, name: str) -> str:
        """64 hexadecimal digits that follow from the columns of a table and from its rows, whatever their order."""


def open_engine(name: Any = "auto", *, reach: Path | None = None, memory_bytes: int | None = None) -> Engine:
    """Open the engine that a run lives in.

    Parameters
    ----------
    name : str or SparkSession
        ``auto`` and ``duckdb`` open the embedded engine. ``spark`` works beside the session that is active, or else on this machine;
        ``sc://host:port`` on a Spark Connect server. A session is worked beside: neither its views nor its settings are touched.
    reach : pathlib.Path, optional
        The file or folder that the embedded engine may read by itself; it can reach nothing else.
    memory_bytes : int, optional
        Memory that the engine holds itself to where it runs on this machine; without it a share of what there is.

    Raises
    ------
    UsageError
        For an engine that this version does not offer, or that cannot be had here.
    """
    from reporter.errors import Problem, UsageError

    if name in ("auto", "duckdb"):
        from reporter.engine.duck import DuckEngine

        return DuckEngine(memory_bytes, reach)
    if isinstance(name, str) and name != "spark" and not name.startswith("sc://"):
        raise UsageError(Problem("--engine", f"“{name}” is not offered.", "Use auto, duckdb, spark or sc://host:port."))
    from reporter.engine.spark import SparkEngine

    return SparkEngine(name, memory_bytes)
