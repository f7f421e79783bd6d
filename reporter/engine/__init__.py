"""Where the rows live: a small protocol that DuckDB and Spark fulfil. No rule of the business is here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table that the engine's own catalogue knows, by its whole name."""

    name: str


class Engine(Protocol):
    """Six verbs over named tables. SQL texts are the same for every engine; the engine's prelude hides the dialect."""

    name: str

    def register(self, name: str, source: pa.Table | pa.RecordBatchReader) -> None:
        """Make Arrow data readable as table `name` (materialised: the source may be a one-pass reader)."""

    def step(self, name: str, sql: str, *, keep: bool = False) -> None:
        """Define `name` as the result of one SELECT; `keep` computes it once and stores it."""

    def arrow(self, sql: str) -> pa.Table:
        """Run one SELECT and fetch its result."""

    def write(self, sql: str, path: Path) -> None:
        """Run one SELECT and write its result as CSV (``.csv``) or Parquet (``.parquet``)."""

    def describe(self, name: str) -> dict[str, str]:
        """Column names and type names of a table, in order."""

    def close(self) -> None:
        """Free memory, files and connections."""


@runtime_checkable
class Warehouse(Protocol):
    """What an engine with a catalogue of its own can do besides."""

    def tables(self, place: str) -> tuple[str, ...]:
        """Whole names of the tables of a schema, sorted, or of the one table of that name; none: there is no such place."""

    def stored(self, name: str, source: StoredTable) -> None:
        """Make a stored table readable as `name`, with column ``row_no`` BIGINT first: a label that follows from what the rows say."""

    def fingerprint(self, name: str) -> str:
        """64 hexadecimal digits that follow from the columns of a table and from its rows, whatever their order."""


def open_engine(name: Any = "auto") -> Engine:
    """Open the engine that a run lives in.

    Parameters
    ----------
    name : str or SparkSession
        ``auto`` and ``duckdb`` open the embedded engine. ``spark`` works beside the session that is active, or else on this machine;
        ``sc://host:port`` on a Spark Connect server. A session is worked beside: neither its views nor its settings are touched.

    Raises
    ------
    UsageError
        For an engine that this version does not offer, or that cannot be had here.
    """
    from reporter.errors import Problem, UsageError

    if name in ("auto", "duckdb"):
        from reporter.engine.duck import DuckEngine

        return DuckEngine()
    if isinstance(name, str) and name != "spark" and not name.startswith("sc://"):
        raise UsageError(Problem("--engine", f"“{name}” is not offered.", "Use auto, duckdb, spark or sc://host:port."))
    from reporter.engine.spark import SparkEngine

    return SparkEngine(name)
