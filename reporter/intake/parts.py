"""Files that are parts of one table: which belong together, and how their rows become the rows of one table.

In a folder, parts of one table are

- all files under a sub-folder that is called as one of our tables (``transactions/…``, at any depth);
- all files under sub-folders ``key=value`` (as Hive writes them); a key that is a column of ours is read as one;
- files whose names differ in digits alone (``orders-2023.csv``, ``orders-2024.csv``);
- all files of the folder, where all have the same columns.

Parts have the same columns, in any order. They are taken in the order of their names by code points, below the folder, so that nothing
depends on the file system.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from reporter.engine import FILE_SHIFT, ROW_BITS, ParquetFiles
from reporter.errors import InputError, Problem
from reporter.intake.ledger import Note
from reporter.intake.mapping import listed
from reporter.intake.schema import fold
from reporter.intake.tables import Found, Pick, tidy
from reporter.intake.told import Told

if TYPE_CHECKING:
    import pyarrow as pa

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
Find = Callable[[Path], list[Found]]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One file: its name below the folder, the table in it, and the columns that its path adds."""

    name: str
    found: Found
    added: Mapping[str, str | None]

    @property
    def header(self) -> tuple[str, ...]:
        return (*self.found.header, *self.added)

    @property
    def folded(self) -> list[str]:
        return [fold(name) for name in self.header]


def file_and_row(parts: Sequence[str], row_no: int) -> tuple[str, int]:
    """The name of the file that a row is in, and its number there; `parts` as in ``Found.parts``."""
    return parts[row_no >> FILE_SHIFT], row_no & ROW_BITS


def named_alike(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """Files of one folder by what their names have in common beside digits: ``orders`` of ``orders-2023.csv``.

    A name without digits, or with nothing else, is common to no other.
    """
    groups: dict[str, list[Path]] = {}
    for path in sorted(paths):
        stem = path.name.partition(".")[0]
        common = re.sub(r"[\W\d_]+$", "", stem)
        alone = not common or not re.search(r"\d", stem)
        groups.setdefault(path.name if alone else f"{common}.", []).append(path)
    return {name.removesuffix(".") if len(group) > 1 else name: group for name, group in groups.items()}


def union(root: Path, name: str, paths: Sequence[Path], find: Find) -> Found | None:
    """Files as one table.

    Parameters
    ----------
    root : pathlib.Path
        The folder below which they are named.
    name : str
        What the table is called.
    paths : sequence of pathlib.Path
    find : callable
        From a path to the tables in that file: one, or none where it is blank.

    Returns
    -------
    Found or None
        None: nothing is in them.

    Raises
    ------
    InputError
        For the first file whose columns are not those of the others: one problem, with both.
    """
    inside = sorted((path.relative_to(root).as_posix(), path) for path in paths)
    parts = [_Part(each, found, _added(each, found)) for each, path in inside for found in find(path)]
    if not parts:
        return None
    return merged(name, parts)


def merged(name: str, parts: Sequence[_Part]) -> Found:
    """Parts, in this order, as one table."""
    first = parts[0]
    for part in parts[1:]:
        if sorted(part.folded) != sorted(first.folded):
            raise InputError(_other_columns(part, first))
    label = f"{name} ({len(parts):,} files)"
    notes = tuple(_notes(label, parts))
    names = tuple(part.name for part in parts)
    batches = partial(_batches, parts)
    stored = _stored(parts)
    return Found(label, "", name, first.header, first.found.header_row, batches, notes, parts=names, stored=stored)


def _stored(parts: Sequence[_Part]) -> ParquetFiles | None:
    """Parquet parts that the engine can read where they lie: names spelled alike, none from the path."""
    paths: list[Path] = []
    for part in parts:
        here = part.found.stored
        if not isinstance(here, ParquetFiles) or part.added or set(part.header) != set(parts[0].header):
            return None
        paths += here.paths
    return ParquetFiles(tuple(paths))


def same_columns(tables: Sequence[Found]) -> bool:
    """Whether all have the same columns, in any order."""
    return len({tuple(sorted(map(fold, table.header))) for table in tables}) == 1


def as_parts(tables: Sequence[Found]) -> list[_Part]:
    """Tables of files that lie in one folder, as parts."""
    return [_Part(table.file, table, {}) for table in sorted(tables, key=lambda table: table.file)]


def _added(name: str, found: Found) -> dict[str, str | None]:
    """Columns that the path says (``month=01``) and the file has not."""
    there = set(map(fold, found.header))
    pairs = [folder.split("=", 1) for folder in name.split("/")[:-1] if "=" in folder]
    return {key: None if value == NO_VALUE else unquote(value) for key, value in pairs if fold(key) not in there}


def _batches(parts: Sequence[_Part], picks: Sequence[Pick]) -> Iterator[pa.RecordBatch]:
    """The rows of all parts; ``row_no`` numbers the file above `FILE_SHIFT` bits, and the row within it below."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = [(pick, parts[0].folded[pick.position]) for pick in picks]
    for place, part in enumerate(parts):
        width, folded = len(part.found.header), part.folded
        own = [Pick(pick.ours, folded.index(name), pick.kind) for pick, name in wanted if folded.index(name) < width]
        told = {pick.ours: part.added[part.header[at]] for pick, name in wanted if (at := folded.index(name)) >= width}
        for batch in part.found.batches(own):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            columns["row_no"] = pc.add(columns["row_no"], pa.scalar(place << FILE_SHIFT, pa.int64()))
            columns |= {ours: tidy([text]).take(pa.array([0] * batch.num_rows)) for ours, text in told.items()}
            order = ["row_no", "fault", "first_cell", *(pick.ours for pick in picks)]
            yield pa.record_batch({name: columns[name] for name in order})


def _notes(label: str, parts: Sequence[_Part]) -> Iterator[Note]:
    """What was guessed of the parts, each guess once."""
    seen: dict[tuple[str, str, str], list[Note]] = {}
    for part in parts:
        for note in part.found.notes:
            seen.setdefault((note.kind, note.what, note.fix), []).append(note)
    yield Note(
        "assumption",
        label,
        Told("Parts of one table: {names}.", names=listed([part.name for part in parts])),
        len(parts),
    )
    for notes in seen.values():
        if len(notes) == 1:
            yield notes[0]
        else:
            yield Note(
                notes[0].kind,
                label,
                Told(
                    "{what} ({n} files, first {place})", what=notes[0].what, n=f"{len(notes):,}", place=notes[0].where
                ),
                fix=notes[0].fix,
            )


def _other_columns(part: _Part, first: _Part) -> Problem:
    lacks = [name for name in first.header if fold(name) not in part.folded]
    more = [name for name in part.header if fold(name) not in first.folded]
    says = [f"lacks {listed(lacks)}"] if lacks else []
    says += [f"has {listed(more)} besides"] if more else []
    what = f"is part of one table with {first.name}, but {' and '.join(says) or 'has a column twice'}."
    return Problem(part.name, what, "Give all parts the same columns, or take this file out of the folder.")
