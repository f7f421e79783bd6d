"""Pictures of the look back and ahead: shares with intervals, what groupings explain, forecasts against what came."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reporter.document.charts import marks
from reporter.document.charts.figure import Figure
from reporter.document.charts.letters import SMALL
from reporter.document.charts.paper import Paper, clean_name
from reporter.document.charts.steps import steps


def outcome_dots(paper: Paper, frame: pd.DataFrame, base: float, palette: Mapping[str, int]) -> Figure:
    """Share of each segment that came back with its interval, around the share of all.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``name, share, low, high``, in the order of the rows.
    base : float
        Share of all customers.
    palette : mapping of str to int
        Colour slot of each name.
    """
    if frame.empty:
        return marks.blank(paper)
    names = [clean_name(paper.label(str(name))) for name in frame["name"]]
    texts = [paper.share(value) for value in frame["share"]]
    figure, axes = marks.sheet(paper, (marks.widest(names) + 3, marks.widest(texts, bold=True) + 4, 5, 5))
    ticks = [t for t in marks.nice_ticks(0, float(frame["high"].max()), 5) if t <= 1 + 1e-9]
    right = max(ticks[-1], float(frame["high"].max()))
    axes.set_xlim(0, right)
    axes.set_ylim(len(frame) - 0.4, -0.6)
    marks.grid_x(axes, paper, ticks, marks.share_texts(paper, ticks))
    marks.rule(axes, base, paper.colour("ink"))
    whole = paper.label("all {share}", share=paper.words.share(base))
    marks.write(axes, (base, -0.6), whole, (0, 1.8), ha="center", **paper.type("ink", bold=True, size=SMALL))
    for row, (name, text, each) in enumerate(zip(names, texts, frame.itertuples(), strict=True)):
        colour = paper.slot(palette.get(str(each.name), 0))
        marks.line(axes, [each.low, each.high], [row, row], colour, width=1.6)
        marks.dots(axes, [each.share], [row], colour, size=5.2)
        marks.write(axes, (0, row), name, (-2, 0), ha="right", **paper.type())
        marks.write(axes, (right, row), text, (2.6, 0), **paper.type("ink", bold=True))
    steps(axes, "y", range(len(frame)))
    return figure


def explained_bars(paper: Paper, frame: pd.DataFrame) -> Figure:
    """What each way of grouping explains, as bars with their numbers.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``name`` (in the language of the report) · ``share``.
    """
    frame = frame[frame["share"].notna()]
    if frame.empty:
        return marks.blank(paper)
    texts = [paper.share(value) for value in frame["share"]]
    axes_room = marks.widest(texts, bold=True) + 2
    figure, axes = marks.sheet(paper, (0.5, axes_room, 1, 1))
    axes.set_xlim(0, max(float(frame["share"].max()), 1e-9))
    marks.capped_rows(axes, len(frame), 11.0)
    for row, (each, text) in enumerate(zip(frame.itertuples(), texts, strict=True)):
        colour = paper.colour("accent" if row == 0 else "context")
        marks.boxes(axes, [(0, row + 0.02, float(each.share), 0.34)], colour)
        marks.write(axes, (0, row - 0.18), clean_name(str(each.name), 40), (0, 0), **paper.type())
        marks.write(axes, (float(each.share), row + 0.19), text, (1.2, 0), **paper.type("ink", bold=True))
    steps(axes, "y", range(len(frame)))
    return figure


def foretold_dots(paper: Paper, frame: pd.DataFrame) -> Figure:
    """Purchase days a customer of each segment: a ring for what was foretold, a disc for what came.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``name, foretold, came``.
    """
    if frame.empty:
        return marks.blank(paper)
    names = [clean_name(paper.label(str(name))) for name in frame["name"]]
    figure, axes = marks.sheet(paper, (marks.widest(names) + 3, 4, 1, 5))
    ticks = marks.nice_ticks(0, float(frame[["foretold", "came"]].max().max()), 5)
    axes.set_xlim(0, ticks[-1])
    axes.set_ylim(len(frame) - 0.4, -0.6)
    marks.grid_x(axes, paper, ticks, marks.scale_texts(paper, ticks))
    rows = list(range(len(frame)))
    for row, (name, each) in enumerate(zip(names, frame.itertuples(), strict=True)):
        marks.line(axes, [each.foretold, each.came], [row, row], paper.colour("context"), width=1.2)
        marks.write(axes, (0, row), name, (-2, 0), ha="right", **paper.type())
    marks.dots(axes, frame["came"], rows, paper.colour("accent"), size=5.2)
    marks.dots(axes, frame["foretold"], rows, paper.colour("ink"), size=5.2, zorder=3.1)
    marks.dots(axes, frame["foretold"], rows, paper.colour("paper"), size=3.2, zorder=3.2)
    steps(axes, "y", rows)
    return figure


def repeat_counts(paper: Paper, frame: pd.DataFrame) -> Figure:
    """Customers by number of repeats: bars for the record, dots for the model.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``repeats, customers, expected``; the last row is so many or more.
    """
    if frame.empty:
        return marks.blank(paper)
    ticks = marks.nice_ticks(0, float(frame[["customers", "expected"]].max().max()), 4)
    texts = marks.scale_texts(paper, ticks)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, 2, 2, 5))
    axes.set_xlim(-0.6, len(frame) - 0.4)
    axes.set_ylim(0, ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    places = list(range(len(frame)))
    numbers = [paper.words.count(n).text for n in frame["repeats"]]
    marks.grid_x(axes, paper, places, [*numbers[:-1], f"{numbers[-1]}+"], lines=False)
    bars = [(x - 0.32, 0.0, 0.64, float(n)) for x, n in zip(places, frame["customers"], strict=True)]
    marks.boxes(axes, bars, paper.colour("context"))
    marks.dots(axes, places, frame["expected"], paper.colour("accent"), size=4.6)
    steps(axes, "x", places)
    return figure
