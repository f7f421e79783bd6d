"""What a source holds: the tables of a file, of a folder of files, of a database or in memory, not yet loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reporter.engine import Engine
from reporter.errors import InputError, Problem, UsageError
from reporter.intake import database, excel, flat, parts, stored
from reporter.intake.address import address_of, is_address
from reporter.intake.ledger import Note, SourceFile
from reporter.intake.mapping import listed
from reporter.intake.memory import Memory, Source, kind_of, path_of
from reporter.intake.schema import LOOKUPS, TABLES, fold
from reporter.intake.settings import SourceSettings
from reporter.intake.tables import Found
from reporter.intake.told import Told

SUFFIXES = (*flat.SUFFIXES, *flat.PARQUET_SUFFIXES)
"""Of files that a folder may hold as tables or parts of tables."""


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A source that was looked through.

    Attributes
    ----------
    name : str
        Of the file, folder or database, or what kind of tables, for messages.
    found : list of Found
    notes : tuple of Note
        About what is no table.
    files : callable
        The inputs with their digests, given the tables of use; to be asked when they have been loaded.
    """

    name: str
    found: list[Found]
    notes: tuple[Note, ...]
    files: Callable[[Sequence[Found]], tuple[SourceFile, ...]]


def name_of(source: Source) -> str:
    """What a source is called where people read: never an address with a password in it.

    Raises
    ------
    UsageError
        For an address that reads two ways, and for what is no source at all.
    """
    place = path_of(source)
    if place is None:
        return kind_of(source)
    return address_of(place).name if is_address(place) else Path(place).name


def locate(
    source: Source, known: frozenset[str], settings: SourceSettings, closing: ExitStack, engine: Engine
) -> Located:
    """Look through a source.

    Parameters
    ----------
    source : str, Path, ArrowTable, or mapping of str to ArrowTable
    known : frozenset of str
        Folded names by which a header is recognised.
    settings : SourceSettings
    closing : contextlib.ExitStack
        Ends what holds the source open; the tables can be loaded as long as it is open.
    engine : Engine
        Asked for the tables that it keeps itself.

    Raises
    ------
    InputError
        When it is not there or cannot be read.
    UsageError
        For a kind of source that this version does not read.
    """
    place = path_of(source)
    if place is None:
        memory = Memory(source)
        return Located(memory.name, memory.find_tables(), (), memory.source_files)
    if is_address(place):
        from reporter.intake.postgres import Database

        server = Database(address_of(place), closing)
        return Located(server.name, server.find_tables(), (), lambda _: (server.source_file(),))
    if str(place).startswith(stored.SCHEME):
        tables = stored.find(str(place), engine)
        prints = partial(stored.fingerprints, engine=engine)
        return Located(str(place).removeprefix(stored.SCHEME), tables, (), prints)
    path = _path(place)
    if path.is_dir():
        return _folder(path, lambda file: _find(file, known, settings, closing), settings)
    return Located(path.name, _find(path, known, settings, closing), (), lambda _: (_source_file(path, path.parent),))


def _path(source: str | Path) -> Path:
    """The file or folder that a source names."""
    if "://" in str(source):
        kind = str(source).split("://", 1)[0]
        fix = "Export the tables as CSV or Parquet into a folder, or give a SQLite file."
        raise UsageError(
            Problem(
                f"{kind}://", "this version reads files, SQLite and PostgreSQL databases and tables of Spark only.", fix
            )
        )
    path = Path(source)
    if not _exists(path):
        raise InputError(Problem(str(source), "does not exist.", _near_file(path)))
    if not path.is_file() and not path.is_dir():
        what = "is no regular file: it would have to be read more than once."
        raise InputError(Problem(str(source), what, "Save it as a file first, and give that."))
    return path


def _folder(path: Path, find: parts.Find, settings: SourceSettings) -> Located:
    """The tables of a folder: its files, each by itself or as parts of one, and the sub-folders that are tables."""
    asked = {fold(name) for name in settings.sheets.values()}
    called = asked | {fold(settings.sheet or "")} | {word for table in TABLES for word in table.words}
    inside = sorted(each for each in path.iterdir() if not each.name.startswith("."))
    folders = [each for each in inside if each.is_dir()]
    split = [each for each in folders if "=" in each.name]
    groups = {each.name: _below(each) for each in folders if fold(each.name) in called}
    groups |= {path.name: [file for each in split for file in _below(each)]} if split else {}
    used = [file for files in groups.values() for file in files]
    found = [table for name, files in groups.items() if (table := parts.union(path, name, files, find))]
    tables = [each for each in inside if each.is_file() and each.suffix.lower() in SUFFIXES]
    found += _direct(path, tables, asked, find)
    others = [each.name for each in inside if each.is_file() and each not in tables]
    if not tables and not used:
        seen = f" It holds {listed([each.name for each in inside])}." if inside else ""
        fix = "Give a folder with transactions.csv (or .parquet), or give the workbook itself."
        raise InputError(Problem(str(path), f"is a folder without tables.{seen}", fix))
    rest = [each.name for each in folders if each.name not in groups and each not in split]
    notes = (
        [Note("ignored", path.name, Told("Files of another kind: {names}.", names=listed(others)))] if others else []
    )
    notes += (
        [Note("ignored", path.name, Told("Folders that are called as no table: {names}.", names=listed(rest)))]
        if rest
        else []
    )
    files = sorted([*tables, *used], key=lambda file: file.relative_to(path).as_posix())
    return Located(path.name, found, tuple(notes), lambda _: tuple(_source_file(file, path) for file in files))


def _below(folder: Path) -> list[Path]:
    """All files of tables in a folder, at any depth; what begins with a dot or an underscore is nobody's data."""
    return sorted(
        file
        for file in folder.rglob("*")
        if file.is_file()
        and file.suffix.lower() in SUFFIXES
        and not any(name.startswith((".", "_")) for name in file.relative_to(folder).parts)
    )


def _direct(path: Path, files: list[Path], asked: Set[str], find: parts.Find) -> list[Found]:
    """The tables of the files that lie in a folder itself; those in `asked` are named by the user, each by itself."""
    found, single = [], True
    named = [file for file in files if fold(flat.stem(file)) in asked]
    for name, group in parts.named_alike([file for file in files if file not in named]).items():
        table = [parts.union(path, name, group, find)] if len(group) > 1 else find(group[0])
        found += [each for each in table if each]
        single = single and len(group) == 1
    found += [table for file in named for table in find(file)]
    if (
        single
        and len(found) > 1
        and not named
        and not any(each.headless for each in found)
        and parts.same_columns(found)
    ):
        return [parts.merged(path.name, parts.as_parts(found))]
    return found


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


def _source_file(path: Path, root: Path) -> SourceFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceFile(path.relative_to(root).as_posix(), path.stat().st_size, digest)
