"""What a source holds: the tables of a file, of a folder of files or of a database, not yet loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from reporter.errors import InputError, Problem, UsageError
from reporter.intake import database, excel, flat
from reporter.intake.address import address_of, is_address
from reporter.intake.ledger import Note, SourceFile
from reporter.intake.mapping import listed
from reporter.intake.schema import LOOKUPS, fold
from reporter.intake.settings import SourceSettings
from reporter.intake.tables import Found


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A source that was looked through.

    Attributes
    ----------
    name : str
        Of the file, folder or database, for messages.
    found : list of Found
    notes : tuple of Note
        About what is no table.
    files : callable
        The inputs with their digests; to be asked when the tables have been loaded.
    """

    name: str
    found: list[Found]
    notes: tuple[Note, ...]
    files: Callable[[], tuple[SourceFile, ...]]


def name_of(source: str | Path) -> str:
    """What a source is called where people read: never an address with a password in it.

    Raises
    ------
    UsageError
        For an address that reads two ways.
    """
    return address_of(source).name if is_address(source) else Path(source).name


def locate(source: str | Path, known: frozenset[str], settings: SourceSettings, closing: ExitStack) -> Located:
    """Look through a source.

    Parameters
    ----------
    source : str or Path
    known : frozenset of str
        Folded names by which a header is recognised.
    settings : SourceSettings
    closing : contextlib.ExitStack
        Ends what holds the source open; the tables can be loaded as long as it is open.

    Raises
    ------
    InputError
        When it is not there or cannot be read.
    UsageError
        For a kind of source that this version does not read.
    """
    if is_address(source):
        from reporter.intake.postgres import Database

        server = Database(address_of(source), closing)
        return Located(server.name, server.find_tables(), (), lambda: (server.source_file(),))
    paths, ignored = _paths(source)
    found = [table for path in paths for table in _find(path, known, settings, closing)]
    return Located(Path(source).name, found, tuple(ignored), lambda: tuple(map(_source_file, paths)))


def _paths(source: str | Path) -> tuple[list[Path], list[Note]]:
    """The files of a source, and what in a folder is none."""
    if "://" in str(source):
        kind = str(source).split("://", 1)[0]
        fix = "Export the tables as CSV or Parquet into a folder, or give a SQLite file."
        raise UsageError(Problem(f"{kind}://", "this version reads files, SQLite and PostgreSQL databases only.", fix))
    path = Path(source)
    if not _exists(path):
        raise InputError(Problem(str(source), "does not exist.", _near_file(path)))
    if path.is_file():
        return [path], []
    if not path.is_dir():
        what = "is no regular file: it would have to be read more than once."
        raise InputError(Problem(str(source), what, "Save it as a file first, and give that."))
    suffixes = (*flat.SUFFIXES, *flat.PARQUET_SUFFIXES)
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    tables = [file for file in files if file.suffix.lower() in suffixes]
    if not tables:
        seen = f" It holds {listed([file.name for file in files])}." if files else ""
        fix = "Give a folder with transactions.csv (or .parquet), or give the workbook itself."
        raise InputError(Problem(str(source), f"is a folder without tables.{seen}", fix))
    others = [file.name for file in files if file not in tables]
    return tables, [Note("ignored", path.name, f"Files of another kind: {listed(others)}.")] if others else []


def _exists(path: Path) -> bool:
    """Whether a path leads anywhere; one that no system could hold does not."""
    try:
        return path.exists()
    except PermissionError:
        raise
    except (OSError, ValueError):
        return False


def _near_file(path: Path) -> str:
    import difflib

    names = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, 1)
    return f"Did you mean {near[0]}?" if near else "Check the name and the folder."


def _find(path: Path, known: frozenset[str], settings: SourceSettings, closing: ExitStack) -> list[Found]:
    """The tables of one file, by the reader that its first bytes or its suffix call for."""
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        start = file.read(16)
    packed = start.startswith(b"\x1f\x8b") and suffix != ".gz"
    binary = b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")) and not settings.encoding
    if not start:
        raise InputError(Problem(path.name, "is empty.", "Check that it is the right file."))
    if suffix in excel.SUFFIXES or start[:4] == b"PK\x03\x04" or start[:8] == excel.OLE:
        return excel.find_tables(path, known, _header_row(settings), closing)
    if suffix in flat.PARQUET_SUFFIXES or start[:4] == b"PAR1":
        return [flat.find_parquet(path)]
    if suffix in database.SUFFIXES or start == database.MAGIC:
        return database.find_tables(path)
    if packed or (binary and suffix != ".gz"):
        fix = "Give a workbook (.xlsx), text table (.csv, .tsv, .txt), Parquet file or SQLite database."
        raise InputError(Problem(path.name, "is of a kind that cannot be read.", fix))
    table = flat.find_table(path, known, settings, _header_row(settings)(flat.stem(path)))
    return [table] if table else []


def _header_row(settings: SourceSettings) -> Callable[[str], int | None]:
    """``source.header_row`` is about the transactions; the lookups' headers are looked for."""
    lookups = {name for table in LOOKUPS for name in table.words}
    return lambda name: None if fold(name) in lookups else settings.header_row


def _source_file(path: Path) -> SourceFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceFile(path.name, path.stat().st_size, digest)
