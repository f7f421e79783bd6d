"""Where the rows live: a small protocol that DuckDB (and later Spark) fulfils. No rule of the business is here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

FILE_SHIFT = 40
"""Bits of a `row_no` that number the row within its file; the bits above them number the file."""
ROW_BITS = (1 << FILE_SHIFT) - 1
"""The bits of a `row_no` that number the row."""


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


def open_engine(name: str = "auto") -> Engine:
    """Open the engine that a run lives in.

    Parameters
    ----------
    name : str
        ``auto`` and ``duckdb`` open the embedded engine.

    Raises
    ------
    UsageError
        For an engine that this version does not offer.
    """
    from reporter.engine.duck import DuckEngine
    from reporter.errors import Problem, UsageError

    if name not in ("auto", "duckdb"):
        raise UsageError(Problem("--engine", f"“{name}” is not offered.", "Use auto or duckdb."))
    return DuckEngine()
