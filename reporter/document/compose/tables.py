"""Frames become tables: every cell formatted once, by the kind of its column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from reporter.document.blocks import SILENT, Cell, Column, Number, Row, Said, Table
from reporter.document.words import Words, retell

MISSING = "–"


def table(
    words: Words,
    head: tuple[str, Said],
    columns: Sequence[Column],
    frame: pd.DataFrame,
    colours: Mapping[str, int] | None = None,
    total: Mapping[str, Any] | None = None,
) -> Table:
    """Build a table.

    Parameters
    ----------
    head : (str, Said)
        Id (also the sheet name in the workbook) and title.
    columns : sequence of Column
        Their keys name columns of `frame`.
    colours : mapping, optional
        Value of the first column to colour slot.
    total : mapping, optional
        Values of a bold bottom row, by key.
    """
    bare = replace(words, currency=None)
    widest = {column.key: _widest(frame[column.key]) for column in columns if column.kind == "bar"}
    rows = []
    for record in frame.to_dict("records"):
        cells = tuple(cell(bare, column.kind, record[column.key], widest.get(column.key)) for column in columns)
        rows.append(Row(cells, colour=(colours or {}).get(str(record[columns[0].key]), 0)))
    if total is not None:
        rows.append(Row(tuple(_total_cell(bare, column, total) for column in columns), role="total"))
    return Table(head[0], head[1], tuple(_headed(words, column) for column in columns), tuple(rows))


def _headed(words: Words, column: Column) -> Column:
    """The label in the language of the report; the currency stands once, in the head of its column."""
    label = words.label(column.label)
    if column.kind != "money" or words.currency is None or words.mode != "money":
        return replace(column, label=label)
    return replace(column, label=f"{label}, {words.currency}")


def cell(words: Words, kind: str, value: Any, widest: float | None = None) -> Cell:
    """One value as it is printed; missing values as a dash. A `Number` is printed as it says, a `Said` in the language of the report, a name as it is."""
    if isinstance(value, Number):
        return Cell(value.value, value.text)
    if value is None or (not isinstance(value, (str, Said)) and pd.isna(value)):
        return Cell(None, MISSING)
    if isinstance(value, Said):
        value = retell(value, words.tongue).text
    if isinstance(value, str):
        return Cell(value, value)
    number = _number(words, kind, value)
    bar = value / widest if kind == "bar" and widest else None
    return Cell(number.value, number.text, bar)


def _number(words: Words, kind: str, value: Any) -> Number:
    match kind:
        case "count" | "score":
            return words.count(value)
        case "money":
            return words.value_bare(value)
        case "share" | "bar":
            return words.share(value)
        case "days":
            whole = abs(value - round(value)) < 1e-9
            return words.count(round(value)) if whole else words.number(value, digits=1)
        case "date":
            return words.day(value)
    return words.number(value)


def _total_cell(words: Words, column: Column, total: Mapping[str, Any]) -> Cell:
    if column.key not in total:
        return Cell(None, "")
    filled = cell(words, column.kind, total[column.key])
    return Cell(filled.value, filled.text)


def _widest(values: pd.Series) -> float:
    return float(values.max()) if len(values) else 0.0


def with_source(block: Table, source: Said = SILENT, more: int = 0) -> Table:
    """The table with its source line and the number of rows left to the workbook."""
    return Table(block.id, block.title, block.columns, block.rows, source, more)
