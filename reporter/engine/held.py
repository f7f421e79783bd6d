"""An engine that goes from one value to the next: who holds the last of them holds the engine open, and nobody uses an earlier one by mistake."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reporter.engine import Engine, ParquetFiles, Plan, StoredTable
from reporter.errors import Problem, UsageError

if TYPE_CHECKING:
    import pyarrow as pa


class _Owner:
    """Closes an engine when nobody holds it any more, at the latest when Python ends."""

    __slots__ = ("__weakref__", "close", "engine")

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.close = weakref.finalize(self, engine.close)


class HeldEngine:
    """An engine as one value holds it: usable until the value is used up, and closed when no value holds it.

    Parameters
    ----------
    engine : Engine
        From now on only used through this.

    Examples
    --------
    >>> from reporter.engine import open_engine
    >>> first = HeldEngine(open_engine())
    >>> first.arrow("SELECT 1 AS n").to_pylist()
    [{'n': 1}]
    >>> second = first.heir()
    >>> first.use_up("tables", "have been cleaned already.", "Read them again.")
    >>> first.arrow("SELECT 1 AS n")
    Traceback (most recent call last):
        ...
    reporter.errors.UsageError: tables: have been cleaned already. Read them again.
    >>> second.arrow("SELECT 2 AS n").to_pylist()
    [{'n': 2}]
    >>> second.close()
    """

    __slots__ = ("_owner", "_used_up", "name")

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self._owner: _Owner | None = _Owner(engine)
        self._used_up = Problem("engine", "is closed.", "Read the source again.")

    def heir(self) -> HeldEngine:
        """The same engine for the next value; this one can be used as well until it is used up."""
        heir = HeldEngine.__new__(HeldEngine)
        heir.name, heir._owner, heir._used_up = self.name, self._held(), self._used_up
        return heir

    def use_up(self, where: str, what: str, fix: str) -> None:
        """Let go of the engine; whoever asks for it again is told this.

        Parameters
        ----------
        where, what, fix : str
            As of a `Problem`.
        """
        self._owner, self._used_up = None, Problem(where, what, fix)

    def _held(self) -> _Owner:
        if self._owner is None or not self._owner.close.alive:
            raise UsageError(self._used_up)
        return self._owner

    @property
    def _engine(self) -> Engine:
        return self._held().engine

    @property
    def plan(self) -> Plan:
        """What the run works with, for people."""
        return self._engine.plan

    def register(self, name: str, source: pa.Table | pa.RecordBatchReader | ParquetFiles | StoredTable) -> None:
        """Make data readable as table `name`."""
        self._engine.register(name, source)

    def step(self, name: str, sql: str, *, keep: bool = False) -> None:
        """Define `name` as the result of one SELECT."""
        self._engine.step(name, sql, keep=keep)

    def arrow(self, sql: str) -> pa.Table:
        """Run one SELECT and fetch its result."""
        return self._engine.arrow(sql)

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Run one SELECT and fetch its result piece by piece."""
        return self._engine.batches(sql)

    def describe(self, name: str) -> pa.Schema:
        """Columns and Arrow types of a table, in order."""
        return self._engine.describe(name)

    def forget(self, *names: str) -> None:
        """Free what steps have stored."""
        self._engine.forget(*names)

    def close(self) -> None:
        """Close the engine, whoever else holds it; closing twice does no harm."""
        if self._owner is not None:
            self._owner.close()
            self._owner = None
