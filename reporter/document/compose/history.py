"""Section "Across runs" of the chapter on what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.past import Past, Point
from reporter.document.blocks import Block, Chart, Column, Prose, Said, Section, Table
from reporter.document.compose.conclude import so_what
from reporter.document.compose.tables import table
from reporter.document.narrate import history as narrate
from reporter.document.words import Words

CHAPTER = "What changed"
LINES = 4
"""Segments that are drawn: the one that has moved most, and those with most value."""
COLUMNS = 3
"""Segments that have a column in the table."""


def across_runs(words: Words, analysis: Analysis, palette: dict[str, int]) -> tuple[Section, ...]:
    """What the reports of the series said; nothing where this is the first."""
    past = analysis.past
    if past is None or len(past.points) < 2:
        return ()
    alike = [point for point in past.points if point.grid == past.points[-1].grid]
    key = _key(alike[-1])
    blocks: tuple[Block, ...] = (Prose((narrate.lede(words, past),), kind="lede"),)
    if len(alike) > 1:
        drawn = list(dict.fromkeys(filter(None, (narrate.largest_move(alike[0], alike[-1]), *key))))
        blocks += (_chart(words, past, alike, drawn[:LINES], palette),)
    notes = (narrate.verdicts(words, past), narrate.other_grids(words, len(past.points) - len(alike)))
    blocks += (
        _table(words, past, key[:COLUMNS]),
        Prose(tuple(filter(None, (*notes, narrate.basis(words)))), kind="note"),
        *so_what(narrate.so_what(words, past)),
    )
    return (Section("across-runs", narrate.title(words, past), "Across runs", CHAPTER, blocks, level=2),)


def _key(point: Point) -> list[str]:
    """Segments by value, greatest first."""
    return [size.name for size in sorted(point.segments, key=lambda size: (-size.monetary, size.name))]


def _chart(words: Words, past: Past, alike: Sequence[Point], names: Sequence[str], palette: dict[str, int]) -> Chart:
    days = pd.to_datetime([point.as_of for point in alike]).astype("datetime64[s]")
    frame = pd.DataFrame({"as_of": days, **{name: [point.share(name) for point in alike] for name in names}})
    ends = words.day(alike[0].as_of, "first_as_of"), words.day(alike[-1].as_of, "as_of")
    return Chart(
        id="across-runs-segments",
        title=narrate.chart_title(words, alike[0], alike[-1]),
        subtitle=narrate.chart_subtitle(words, *ends),
        source=narrate.source(words, past),
        alt="Lines of segments’ shares of customers, one dot for each report.",
        draw="run_lines",
        data=(frame, palette),
        height_mm=48.0,
    )


def _table(words: Words, past: Past, names: Sequence[str]) -> Table:
    grid = past.points[-1].grid
    value = "Revenue" if words.mode == "money" else "Burned"
    one_window = len({point.window_days for point in past.points}) == 1  # then the sentences above say which
    columns = [
        Column("as_of", "As of", "name"),
        Column("customers", "Customers", "count"),
        *(() if one_window else (Column("window_days", "Looks back, days", "days"),)),
        Column("active", "Active", "count"),
        Column("monetary", value, "money"),
        *(Column(f"segment_{place}", name, "share") for place, name in enumerate(names)),
        Column("verdict", "Natural groups", "text"),
        Column("rejected_share", "Rows rejected", "share"),
    ]
    rows = [
        {
            "as_of": words.day(point.as_of, "as_of").text,
            "customers": point.customers,
            "window_days": point.window_days,
            "active": point.active,
            "monetary": point.monetary,
            **{
                f"segment_{place}": point.share(name) if point.grid == grid else None
                for place, name in enumerate(names)
            },
            "verdict": Said(narrate.MARKS[point.verdict]),
            "rejected_share": point.rejected_share,
        }
        for point in past.points
    ]
    made = table(words, ("across-runs", narrate.table_title(words, past)), columns, pd.DataFrame(rows))
    last = len(made.rows) - 1
    marked = tuple(replace(row, role="subject") if place == last else row for place, row in enumerate(made.rows))
    return replace(made, rows=marked)
