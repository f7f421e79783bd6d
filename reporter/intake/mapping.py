"""Which of their columns is which of ours: named by the user, equal but for spelling, or guessed by a synonym."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reporter.errors import Problem, UsageError
from reporter.intake.ledger import Note
from reporter.intake.schema import ALIASES, TABLES, Column, Table, fold
from reporter.intake.tables import Found, Pick
from reporter.intake.told import Told, together

SHOWN_COLUMNS = 30


@dataclass(frozen=True, slots=True)
class Mapped:
    """The columns of one table: what to load, what was guessed, what is wrong."""

    picks: tuple[Pick, ...]
    theirs: dict[str, str]
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]


def wanted_columns(columns: Mapping[str, str]) -> dict[str, str]:
    """``[source.columns]`` with aliases resolved.

    Raises
    ------
    UsageError
        For keys that are no columns of ours, all at once, each with the likeliest right one.
    """
    names = {column.name for table in TABLES for column in table.columns}
    problems = [_unknown_key("source.columns", key, names | dict(ALIASES).keys()) for key in columns]
    if any(problems):
        raise UsageError([problem for problem in problems if problem])
    return {dict(ALIASES).get(ours, ours): theirs for ours, theirs in columns.items()}


def wanted_sheets(sheets: Mapping[str, str]) -> dict[str, str]:
    """``[source.sheets]``, checked as `wanted_columns`."""
    problems = [_unknown_key("source.sheets", key, {table.name for table in TABLES}) for key in sheets]
    if any(problems):
        raise UsageError([problem for problem in problems if problem])
    return dict(sheets)


def _unknown_key(section: str, key: str, names: Iterable[str]) -> Problem | None:
    known = sorted(names)
    if key in known:
        return None
    near = difflib.get_close_matches(key, known, 1)
    fix = f"Did you mean {near[0]}?" if near else f"Use one of: {', '.join(known)}."
    return Problem(f"{section}.{key}", f"“{key}” is none of our names.", fix)


def known_names(wanted: Mapping[str, str]) -> frozenset[str]:
    """Folded names by which a header row is recognised."""
    ours = {fold(column.name) for table in TABLES for column in table.columns}
    synonyms = {word for table in TABLES for column in table.columns for word in column.synonyms}
    return frozenset(ours | synonyms | {fold(name) for name in wanted.values()})


def map_columns(found: Found, table: Table, wanted: Mapping[str, str]) -> Mapped:
    """Find our columns in a table.

    Parameters
    ----------
    found, table : Found, Table
    wanted : mapping of str to str
        Our name to theirs, as the user said; a name that this table lacks is guessed as if nothing had been said.

    Returns
    -------
    Mapped
        With one problem for all missing columns, and one for each column that is there twice.
    """
    places: dict[str, list[int]] = {}
    for position, name in enumerate(found.header):
        places.setdefault(fold(name), []).append(position)
    chosen, guessed = _choose(table, places, wanted)
    problems = [
        _twice(found, column.name, [found.header[place] for place in places[chosen[column.name]]])
        for column in table.columns
        if column.name in chosen and len(places[chosen[column.name]]) > 1
    ]
    missing = [name for name in table.needed if name not in chosen]
    if missing:
        problems.append(_missing(found, missing, set(chosen.values())))
    picks = tuple(
        Pick(column.name, places[chosen[column.name]][0], column.kind)
        for column in table.columns
        if column.name in chosen
    )
    theirs = {pick.ours: found.header[pick.position] for pick in picks}
    notes = (*_guess_note(found, theirs, guessed), *_ignored_note(found, {pick.position for pick in picks}))
    return Mapped(picks, theirs, notes, tuple(problems))


def _choose(
    table: Table, places: Mapping[str, list[int]], wanted: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Our column to the folded name of theirs, and which of them were guessed by a synonym."""
    chosen: dict[str, str] = {}
    for column in table.columns:
        for name in (wanted.get(column.name, ""), column.name):
            if column.name not in chosen and name and fold(name) in places and fold(name) not in chosen.values():
                chosen[column.name] = fold(name)
    guessed = []
    for column in table.columns:
        free = [word for word in column.synonyms if word in places and word not in chosen.values()]
        if column.name not in chosen and free and not _needless(column, chosen):
            chosen[column.name] = free[0]
            guessed.append(column.name)
    if "unit_price" in guessed and not chosen.keys() & {"quantity", "amount"}:
        chosen["amount"] = chosen.pop("unit_price")
        guessed[guessed.index("unit_price")] = "amount"
    return chosen, guessed


def _needless(column: Column, chosen: Mapping[str, str]) -> bool:
    """An amount makes quantity and price needless: they are not guessed then."""
    return column.name in ("quantity", "unit_price") and "amount" in chosen


def _guess_note(found: Found, theirs: Mapping[str, str], guessed: Sequence[str]) -> tuple[Note, ...]:
    if not guessed:
        return ()
    pairs = [Told("{theirs} as {ours}", theirs=theirs[ours], ours=ours) for ours in guessed]
    fix = "\n".join(f'source.columns.{ours} = "{theirs[ours]}"' for ours in guessed)
    return (
        Note(
            "guess", found.place, Told("Columns were guessed by their names: {pairs}.", pairs=together(pairs)), fix=fix
        ),
    )


def _ignored_note(found: Found, used: set[int]) -> tuple[Note, ...]:
    left = [name for position, name in enumerate(found.header) if position not in used and name]
    if not left:
        return ()
    return (Note("ignored", found.place, Told("Columns without a use in the report: {names}.", names=listed(left))),)


def _twice(found: Found, ours: str, names: Sequence[str]) -> Problem:
    what = f"{len(names)} columns could be {ours}: {', '.join(names)}."
    return Problem(found.place, what, "Rename or remove all but one.")


def _missing(found: Found, missing: Sequence[str], used: set[str]) -> Problem:
    left = [name for name in found.header if name and fold(name) not in used]
    columns = "columns" if len(missing) > 1 else "column"
    headless = " There is no header row." if found.headless else ""
    titled = f" (row {found.header_row}; source.header_row names another)" if found.header_row else ""
    what = (
        f"required {columns} {', '.join(missing)} not found.{headless} Columns there{titled}: {listed(found.header)}."
    )
    choice = f" (one of: {listed(left)})" if left else ""
    lines = "\n".join(f'{name} = "…"' for name in missing)
    return Problem(found.place, what, f"Say which column it is{choice} in reporter.toml:\n[source.columns]\n{lines}")


def listed(names: Sequence[str]) -> str:
    """Names in a row, not more than a person reads."""
    shown = ", ".join(name for name in names[:SHOWN_COLUMNS] if name)
    if len(names) <= SHOWN_COLUMNS:
        return shown
    return Told("{names} and {n} more", names=shown, n=len(names) - SHOWN_COLUMNS)
