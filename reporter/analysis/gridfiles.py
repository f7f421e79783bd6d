"""Grids as data: presets shipped with the package, own grids from a CSV file, both checked cell by cell.

Sources of the presets: ``three-score`` is the grouping that Klaviyo documents for its RFM report (all 27 cells are published); ``four-score`` are
the five groups of pymc-marketing's ``rfm_segments``, which name 46 of 64 cells, so the other 18 are "Other" here; ``r-rfm`` and ``r-rfm-readme``
are the band rules of the R package rfm (its tests and its README), where the first band that fits names the cell and the rest is "Others".
"""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from itertools import product
from pathlib import Path

from reporter.errors import Problem, UsageError

PRESETS = {
    "eleven": "Eleven named segments on quintiles",
    "three-score": "Six groups on thirds (Klaviyo)",
    "four-score": "Five groups on quarters (pymc-marketing)",
    "r-rfm": "Ten segments by bands (R package rfm, tests)",
    "r-rfm-readme": "Ten segments by bands (R package rfm, README)",
}
_SHOWN = 8


def grid_rows(name: str) -> tuple[str, list[dict[str, str]]]:
    """Title and rows of a preset, or of the CSV file at this path.

    Raises
    ------
    UsageError
        When it is neither, or the file cannot be read as a grid.
    """
    if name in PRESETS:
        text = (files("reporter.analysis") / "grids" / f"{name}.csv").read_text(encoding="utf-8")
        return PRESETS[name], _rows(text, name)
    path = Path(name)
    if not path.is_file():
        fix = f"Use {', '.join(PRESETS)}, or the path of a CSV file with the columns segment and cells."
        raise UsageError(Problem("rfm.grid", f"“{name}” is neither a preset nor a file.", fix))
    try:
        return path.stem, _rows(path.read_text(encoding="utf-8-sig"), path.name)
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(
            Problem(path.name, f"cannot be read as UTF-8 text ({fault}).", "Save it as CSV in UTF-8.")
        ) from fault


def expand(rows: list[dict[str, str]], where: str) -> tuple[int, dict[str, str]]:
    """Scores per dimension and the name of every cell.

    Bands are expanded here; the first band that fits a cell names it. Cells given one by one must not repeat.

    Raises
    ------
    UsageError
        For gaps, overlaps and cells outside the grid: all of them at once.
    """
    if "cells" in rows[0]:
        return _from_lists(rows, where)
    bins = max(int(row[d].split("-")[1]) for row in rows for d in ("recency", "frequency", "monetary"))
    cells: dict[str, str] = {}
    for row in rows:
        for cell in product(*(_band(row[d]) for d in ("recency", "frequency", "monetary"))):
            cells.setdefault("".join(map(str, cell)), row["segment"])
    _refuse(_gaps(bins, cells, where))
    return bins, cells


def _rows(text: str, where: str) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text))
    rows = [
        {(key or "").strip().lower(): (value or "").strip() for key, value in row.items() if key is not None}
        for row in reader
    ]
    columns = set(rows[0]) if rows else set()
    if not (columns >= {"segment", "cells"} or columns >= {"segment", "recency", "frequency", "monetary"}):
        fix = "Give one line a segment: its name, a comma, and its cells, such as “Champions,555 554 545”."
        raise UsageError(Problem(where, "is not a grid: it needs a header and the columns segment and cells.", fix))
    return rows


def _band(text: str) -> range:
    low, high = text.split("-")
    return range(int(low), int(high) + 1)


def _from_lists(rows: list[dict[str, str]], where: str) -> tuple[int, dict[str, str]]:
    named = [(line, row["segment"], cell) for line, row in enumerate(rows, start=2) for cell in row["cells"].split()]
    bins = _bins(len({cell for _, _, cell in named}))
    problems = [
        Problem(f"{where}, line {line}", "a segment without a name.", "Name it.")
        for line, row in enumerate(rows, 2)
        if not row["segment"]
    ]
    cells: dict[str, str] = {}
    for line, segment, cell in named:
        place = f"{where}, line {line}"
        if len(cell) != 3 or any(digit not in "123456789"[:bins] for digit in cell):
            problems.append(
                Problem(place, f"“{cell}” is no cell: three scores from 1 to {bins} are.", "Correct or remove it.")
            )
        elif cell in cells:
            problems.append(
                Problem(place, f"cell {cell} already belongs to “{cells[cell]}”.", "Leave it in one segment only.")
            )
        else:
            cells[cell] = segment
    _refuse(problems + _gaps(bins, cells, where))
    return bins, cells


def _bins(cells: int) -> int:
    """Scores per dimension whose cube is nearest to the number of cells, so that one missing cell reads as a gap."""
    return min(range(2, 10), key=lambda bins: (abs(bins**3 - cells), bins))


def _gaps(bins: int, cells: dict[str, str], where: str) -> list[Problem]:
    every = ("".join(map(str, cell)) for cell in product(range(1, bins + 1), repeat=3))
    missing = [cell for cell in every if cell not in cells]
    if not missing:
        return []
    shown = " ".join(missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
    return [Problem(where, f"{len(missing)} of {bins**3} cells have no segment: {shown}.", "Add each to a segment.")]


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise UsageError(problems)
