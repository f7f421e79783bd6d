"""Frames become tables: one format a kind, missing values a dash, bars against the widest."""

from __future__ import annotations

import pandas as pd

from reporter.document.blocks import Column, Said
from reporter.document.compose.tables import table
from reporter.document.words import Words

WORDS = Words("en", None, "money")
COLUMNS = (
    Column("name", "Name", "name"),
    Column("n", "N", "count"),
    Column("share", "Share", "bar"),
    Column("value", "Value", "money"),
)
FRAME = pd.DataFrame({"name": ["a", "b"], "n": [1200, 3], "share": [0.4, 0.1], "value": [float("nan"), 12.5]})


def test_cells_by_kind() -> None:
    block = table(WORDS, ("t", Said("T")), COLUMNS, FRAME, {"a": 3})
    assert [[cell.text for cell in row.cells] for row in block.rows] == [
        ["a", "1,200", "40%", "–"],
        ["b", "3", "10%", "12.50"],
    ]
    assert [row.colour for row in block.rows] == [3, 0]
    assert [row.cells[2].bar for row in block.rows] == [1.0, 0.25]


def test_total_row_has_no_bar_and_blanks_what_has_no_total() -> None:
    block = table(WORDS, ("t", Said("T")), COLUMNS, FRAME, total={"name": "All", "n": 1203, "share": 1.0})
    last = block.rows[-1]
    assert last.role == "total"
    assert [cell.text for cell in last.cells] == ["All", "1,203", "100%", ""]
    assert last.cells[2].bar is None


def test_numbers_keep_their_exact_values() -> None:
    block = table(WORDS, ("t", Said("T")), COLUMNS, FRAME)
    assert (12.5, "12.50") in [(cell.value, cell.text) for row in block.rows for cell in row.cells]


def test_the_currency_stands_once_in_the_head() -> None:
    block = table(Words("en", "EGP", "money"), ("t", Said("T")), COLUMNS, FRAME)
    assert [column.label for column in block.columns] == ["Name", "N", "Share", "Value, EGP"]
    assert block.rows[1].cells[3].text == "12.50"
