"""What the explorer writes: settings, pictures and tables, never over a file unless asked to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.document.audiences import write_table
from reporter.document.blocks import Block, Section, Table
from reporter.document.ink import charts_of
from reporter.errors import Problem, UsageError
from reporter.explorer.given import to_toml


def write_settings(given: Mapping[str, Any], path: Path, *, replace: bool) -> Path:
    """Write given settings as a ``reporter.toml``.

    Raises
    ------
    UsageError
        Where the file is there already, or cannot be written.
    """
    return _write({path: to_toml(given)}, replace=replace)[0]


def write_panel(section: Section, folder: Path, *, replace: bool) -> list[Path]:
    """Write the pictures of a section as SVG and its tables as CSV, each under its own name.

    Raises
    ------
    UsageError
        Where a file is there already, or cannot be written.
    """
    contents: dict[Path, str | pd.DataFrame] = {folder / f"{each.id}.svg": each.svg for each in charts_of(section)}
    contents |= {folder / f"{each.id}.csv": frame_of(each) for each in _tables(section.blocks)}
    return _write(contents, replace=replace)


def frame_of(table: Table) -> pd.DataFrame:
    """A table of the report with its values as numbers; what has none as it is printed. Columns of one label are told apart by their keys."""
    labels = [column.label for column in table.columns]
    names = [f"{c.label} ({c.key})" if labels.count(c.label) > 1 else c.label for c in table.columns]
    rows = [[cell.text if cell.value is None else cell.value for cell in row.cells] for row in table.rows]
    return pd.DataFrame(rows, columns=names)


def _tables(blocks: tuple[Block, ...]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def _write(contents: Mapping[Path, str | pd.DataFrame], *, replace: bool) -> list[Path]:
    there = [path for path in contents if path.exists() and not replace]
    if there:
        raise UsageError(
            [Problem(str(path), "is there already.", "Tick “Replace files”, or name another folder.") for path in there]
        )
    for path, content in contents.items():
        try:
            if isinstance(content, str):
                path.write_text(content, encoding="utf-8", newline="\n")
            else:
                write_table(content, path)
        except OSError as error:
            what = f"cannot be written ({(error.strerror or 'unknown reason').lower()})."
            raise UsageError(Problem(str(path), what, "Name another folder.")) from error
    return list(contents)
