"""The ledger of runs: ``history.sqlite`` in the output folder, so that a report can tell what has changed since the earlier ones.

SQLite, because two processes may open it and a kill at any moment leaves it whole. The run folders stay the truth: what the ledger lacks is read
from those that are there, be it that a run was killed before it was entered, or that the file was damaged and a new one is begun. A damaged
file is set aside under a name made of its content, never deleted. Runs whose folders are gone live on in the ledger.

It holds who the customers are: only its owner may read it, as with the lists in the run folders.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reporter.analysis.past import Series
from reporter.delivery.finished import Finished, open_finished, read_customers
from reporter.delivery.store import MANIFEST, RUN_ID, digest, names_content
from reporter.errors import ReporterError
from reporter.intake.ledger import SourceFile

NAME = "history.sqlite"
OURS = 0x72707472
"""``application_id`` of our files ("rptr"): another program's database is left alone."""
PRIVATE = 0o600
BUSY_S = 10.0
"""How long to wait for another process that is writing."""
SAMPLE = 1_000
"""Customers of a run by whom a later run recognises it."""
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY, as_of TEXT NOT NULL, mode TEXT NOT NULL, series TEXT NOT NULL, version TEXT NOT NULL,
        settings TEXT NOT NULL, sources TEXT NOT NULL, facts BLOB NOT NULL, facts_sha256 TEXT NOT NULL
    );
    CREATE INDEX runs_by_series ON runs (series, as_of);
    """,
    """
    CREATE TABLE members (
        run_id TEXT PRIMARY KEY REFERENCES runs (run_id), file TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
        sample TEXT NOT NULL, customers BLOB NOT NULL, customers_sha256 TEXT NOT NULL
    );
    """,
)
"""What makes version 1 of an empty file, version 2 of version 1, and so on. Never change one that was released: add the next.

1: runs with their facts (``facts.json``, zlib). 2: their members (customer and segment, Parquet) and a sample of them (customer, latest purchase).
"""


class HistoryError(Exception):
    """The ledger of runs cannot be used; told in one sentence, for the report does not depend on it."""


class _DamagedError(Exception):
    """What the file holds is not what was written."""


class Recorded(NamedTuple):
    """A run as the ledger knows it.

    Attributes
    ----------
    facts : dict
        Its ``facts.json``.
    inputs : tuple of SourceFile
        That file, and the one of its customers where the ledger has them: what a report has read that uses this run.
    sample : pandas.DataFrame
        ``customer_id`` str · ``day`` datetime64[s] of the latest purchase then: at most 1,000 customers; empty where the ledger has none.
    """

    run_id: str
    as_of: date
    facts: dict[str, Any]
    inputs: tuple[SourceFile, ...]
    sample: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """An open ledger.

    Attributes
    ----------
    remarks : tuple of str
        What a person should know: a file that was set aside, a run folder that cannot be read.
    """

    connection: sqlite3.Connection
    remarks: tuple[str, ...] = ()

    def before(self, series: str, as_of: date, settings: str, most: int) -> tuple[Recorded, ...]:
        """The earlier runs of a series, oldest first: of each as-of date one.

        Of several runs with one as-of date, one with these settings comes first, then the greatest version and run id. No clock decides.

        Parameters
        ----------
        series : str
            As ``Series.text``.
        as_of : date
            Only runs with an earlier one.
        settings : str
            As `settings_mark`.
        most : int
            The latest so many.
        """
        rows = self.connection.execute(
            "SELECT run_id, as_of FROM runs WHERE series = ? AND as_of < ? ORDER BY as_of, settings = ?, version, run_id",
            (series, as_of.isoformat(), settings),
        )
        chosen = {day: run_id for run_id, day in rows}
        return tuple(self._recorded(run_id) for run_id in list(chosen.values())[-most:])

    def members(self, run_id: str) -> bytes | None:
        """Who was in which segment of a run, packed as `read_members` reads it; None where the ledger has none."""
        row = self.connection.execute("SELECT customers FROM members WHERE run_id = ?", (run_id,)).fetchone()
        return None if row is None else bytes(row[0])

    def enter(self, run: Finished) -> None:
        """Enter a run, whole or not at all; what is there already is not touched.

        Raises
        ------
        InputError
            Where its customers cannot be read.
        KeyError, TypeError, ValueError
            Where its facts have another form.
        """
        settings = settings_mark({name: each["value"] for name, each in run.manifest["settings"].items()})
        row = (
            run.run_id,
            date.fromisoformat(run.facts["as_of"]).isoformat(),
            run.facts["mode"],
            Series(**run.facts["history"]["series"]).text,
            run.manifest["version"],
            settings,
            json.dumps(sorted(each["sha256"] for each in run.manifest["inputs"])),
            zlib.compress(run.facts_text, 6),
            _sha256(run.facts_text),
        )
        members = _members(run)
        with _transaction(self.connection):
            self.connection.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self.connection.execute("INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?, ?, ?, ?)", members)

    def complete(self) -> frozenset[str]:
        """Runs that are there with all that belongs to them."""
        rows = self.connection.execute("SELECT run_id FROM runs INNER JOIN members USING (run_id)")
        return frozenset(run_id for (run_id,) in rows)

    def _recorded(self, run_id: str) -> Recorded:
        day, packed, sha256, file, size, file_sha256, sample = self.connection.execute(
            "SELECT as_of, facts, facts_sha256, file, bytes, sha256, sample FROM runs LEFT JOIN members USING (run_id)"
            " WHERE run_id = ?",
            (run_id,),
        ).fetchone()
        text = zlib.decompress(packed)
        inputs = [SourceFile(f"{run_id}/facts.json", len(text), sha256)]
        inputs += [] if file is None else [SourceFile(f"{run_id}/{file}", size, file_sha256)]
        return Recorded(run_id, date.fromisoformat(day), json.loads(text), tuple(inputs), _sampled(sample))


@contextmanager
def open_history(root: Path) -> Iterator[History]:
    """Open the ledger of an output folder, made where it is missing, and enter the finished runs that it lacks.

    That is how every run is entered: the one that has just been published, the one that was killed right after, and all of them where the ledger
    was lost. The caller holds the lock of the folder.

    Yields
    ------
    History

    Raises
    ------
    HistoryError
        Where it cannot be used: of another program, of a newer version, not to be read or written.
    """
    path, remarks = root / NAME, []
    try:
        try:
            connection = _opened(path)
        except _DamagedError as damage:
            remarks.append(_set_aside(path, str(damage)))
            connection = _opened(path)
        with closing(connection):
            history = History(connection)
            remarks += list(_entered(history, root))
            yield History(connection, tuple(remarks))
    except (sqlite3.Error, OSError, _DamagedError) as error:
        raise HistoryError(f"{path}: the ledger of earlier runs cannot be used ({error}).") from error


def read_members(packed: bytes) -> pd.DataFrame:
    """``customer_id`` str · ``segment`` str of a run, sorted by id."""
    from pyarrow import BufferReader, parquet

    return parquet.read_table(BufferReader(packed)).to_pandas().astype("str")


def settings_mark(settings: Mapping[str, Any]) -> str:
    """A digest of the settings that two runs of a series should share; the as-of date, and how and where they are made, do not count."""
    told = {name: value for name, value in settings.items() if names_content(name) and name != "source.as_of"}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


# -- opening


def _opened(path: Path) -> sqlite3.Connection:
    """The file, sound and of the newest form."""
    _make_private(path)
    connection = sqlite3.connect(_address(path), uri=True, timeout=BUSY_S, isolation_level=None)
    try:
        _examine(connection, path)
        _migrate(connection)
        _hold_contents(connection)
    except sqlite3.OperationalError:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _DamagedError(str(error)) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _address(path: Path) -> str:
    return path.absolute().as_uri()


def _make_private(path: Path) -> None:
    """Make it where it is missing, and let its owner alone read it; what SQLite writes beside it inherits that.

    A file that is there is not opened: closing it would take SQLite's locks from whoever else in this process has it open.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
    except FileExistsError:
        if path.is_symlink() or not path.is_file():
            raise OSError("it is no file") from None
        if path.stat().st_mode & 0o077:
            path.chmod(PRIVATE)


def _examine(connection: sqlite3.Connection, path: Path) -> None:
    """Is it ours, of a form that we know, and whole?"""
    connection.execute("BEGIN")  # one moment for all three: another process may be making the file
    owner, version = connection.execute("PRAGMA application_id").fetchone()[0], _version(connection)
    tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
    connection.execute("COMMIT")
    if owner != OURS and (tables or version):
        raise HistoryError(f"{path} is another program's database and was left alone: earlier runs are not looked at.")
    if version > len(MIGRATIONS):
        raise HistoryError(
            f"{path} was written by a newer version of reporter and was left alone: earlier runs are not looked at."
        )
    faults = [row[0] for row in connection.execute("PRAGMA quick_check")]
    if faults != ["ok"]:
        raise _DamagedError(faults[0].splitlines()[-1])
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.OperationalError:  # a file system without shared memory: the older way is as safe, and slower
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest form, all steps or none."""
    if _version(connection) == len(MIGRATIONS):
        return
    with _transaction(connection):
        connection.execute(f"PRAGMA application_id = {OURS}")
        for step in MIGRATIONS[_version(connection) :]:  # asked again: another process may have been faster
            for statement in filter(str.strip, step.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _hold_contents(connection: sqlite3.Connection) -> None:
    """Is what it holds of the runs what was written? `quick_check` looks at the pages, not at what is in them."""
    with (
        closing(connection.execute("SELECT facts, facts_sha256 FROM runs")) as facts,
        closing(connection.execute("SELECT customers, customers_sha256 FROM members")) as members,
    ):
        try:
            sound = all(_sha256(zlib.decompress(packed)) == sha256 for packed, sha256 in facts)
        except zlib.error:
            sound = False
        sound = sound and all(_sha256(blob) == sha256 for blob, sha256 in members)
    if not sound:
        raise _DamagedError("what it holds of a run is not what was written")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and nobody else writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _set_aside(path: Path, why: str) -> str:
    """Give a damaged file a name made of its content, with what SQLite has left beside it; nothing is overwritten."""
    content = digest(path)
    names = (path.with_name(f"{path.stem}.corrupt-{content[:length]}{path.suffix}") for length in (8, 16, 64))
    aside = next(name for name in names if not name.exists() or digest(name) == content)
    for tail in ("", "-wal", "-shm"):
        part = path.with_name(path.name + tail)
        if part.exists():
            part.replace(aside.with_name(aside.name + tail))
    return f"{path} was damaged ({why}): it was set aside as {aside.name}, and a new one was made from the run folders."


# -- what it holds


def _entered(history: History, root: Path) -> Iterator[str]:
    """Enter the finished runs that the ledger lacks; yield a sentence for each that cannot be."""
    known = history.complete()
    for folder in sorted(root.iterdir()):
        if folder.name in known or not RUN_ID.fullmatch(folder.name) or not (folder / MANIFEST).is_file():
            continue
        try:
            run = open_finished(folder)
            if run.run_id == folder.name and run.facts.get("history") is not None:
                history.enter(run)
        except ReporterError as error:
            yield f"An earlier run is not looked at: {error}"
        except (KeyError, TypeError, ValueError):
            yield f"An earlier run is not looked at: {folder} was made by another version of reporter."


def _members(run: Finished) -> tuple[Any, ...]:
    """A row of ``members``."""
    import pyarrow as pa
    from pyarrow import parquet

    seal = run.customers
    frame = read_customers(run, ["customer_id", "segment", "recency_days"])
    table = pa.table(
        {
            "customer_id": pa.array(frame["customer_id"], pa.string()),
            "segment": pa.array(frame["segment"], pa.string()).dictionary_encode(),
        }
    )
    packed = io.BytesIO()
    parquet.write_table(
        table,
        packed,
        compression="zstd",
        use_dictionary=["segment"],
        column_encoding={"customer_id": "DELTA_BYTE_ARRAY"},
    )
    sample, blob = _sample(frame, date.fromisoformat(run.facts["as_of"])), packed.getvalue()
    return (run.run_id, seal["path"], seal["bytes"], seal["sha256"], sample, blob, _sha256(blob))


def _sample(customers: pd.DataFrame, as_of: date) -> str:
    """Some customers, evenly spread over the order of their ids, with the day of their latest purchase."""
    rows = np.unique(np.linspace(0, len(customers) - 1, min(SAMPLE, len(customers))).round().astype("int64"))
    some = customers.iloc[rows]
    days = pd.Timestamp(as_of) - pd.to_timedelta(some["recency_days"], unit="D")
    return json.dumps([[name, day.date().isoformat()] for name, day in zip(some["customer_id"], days, strict=True)])


def _sampled(text: str | None) -> pd.DataFrame:
    rows = [] if text is None else json.loads(text)
    return pd.DataFrame(
        {
            "customer_id": pd.Series([name for name, _ in rows], dtype="str"),
            "day": pd.to_datetime([day for _, day in rows]).astype("datetime64[s]"),
        }
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
