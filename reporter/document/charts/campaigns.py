"""Pictures of campaigns: what contacts cost, ranges around zero, and how certain segments are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from reporter.document.charts import marks
from reporter.document.charts.figure import Axes, Figure
from reporter.document.charts.letters import SMALL, text_width
from reporter.document.charts.paper import Paper, clean_name
from reporter.document.charts.steps import steps

Palette = Mapping[str, int]
LEVELS = ("certain", "likely", "uncertain")
SHADES = (1.0, 0.55, 0.2)
"""Strength of a segment's colour: certain, likely, uncertain."""


def budget_bars(paper: Paper, frame: pd.DataFrame, palette: Palette) -> Figure:
    """What the contacts of each audience cost, with their number, in the given order.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``name`` str · ``contacts`` int · ``cost`` float (money).
    palette : mapping of str to int
        Segment to colour slot.
    """
    frame = frame.dropna()
    if frame.empty:
        return marks.blank(paper)
    names = _names(paper, frame)
    costs = [paper.words.money(value, digits=0 if value >= 10 or value == 0 else 2).text for value in frame["cost"]]
    contacts = [paper.label("for {n}", n=paper.words.count(n)) for n in frame["contacts"]]
    room = marks.widest(costs, bold=True) + marks.widest(contacts, SMALL) + 5
    figure, axes = marks.sheet(paper, (marks.widest(names) + 3, room, 0.3, 0.3))
    axes.set_xlim(0, float(frame["cost"].max()) or 1.0)
    axes.set_ylim(len(frame) - 0.5, -0.5)
    for row, (name, cost) in enumerate(zip(frame["name"], frame["cost"], strict=True)):
        marks.boxes(axes, [(0, row - 0.28, float(cost), 0.56)], paper.slot(palette.get(str(name), 12)))
        marks.write(axes, (0, row), names[row], (-2, 0), ha="right", **paper.type())
        marks.write(axes, (float(cost), row), costs[row], (1.6, 0), **paper.type("ink", bold=True))
        shift = 3.4 + text_width(costs[row], bold=True)
        marks.write(axes, (float(cost), row), contacts[row], (shift, 0), **paper.type("muted", size=SMALL))
    steps(axes, "y", range(len(frame)))
    return figure


def range_rows(paper: Paper, frame: pd.DataFrame, unit: Literal["money", "points"], palette: Palette) -> Figure:
    """A value with its range for each audience, around zero, in the given order; a small upright line marks what is worth finding.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``name`` str · ``value, low, high`` float (money, or shares) · optionally ``worth`` float.
    palette : mapping of str to int
        Segment to colour slot.
    """
    frame = frame.dropna()
    if frame.empty:
        return marks.blank(paper)
    names, texts = _names(paper, frame), [_told(paper, value, unit) for value in frame["value"]]
    room = marks.widest(texts, bold=True) + 3
    figure, axes = marks.sheet(paper, (marks.widest(names) + 3, room, 0.5, 5))
    ends = frame[["low", "high", *(["worth"] if "worth" in frame else [])]].to_numpy("float64")
    ticks = marks.nice_ticks(min(0.0, float(ends.min())), max(0.0, float(ends.max())), 4)
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_ylim(len(frame) - 0.5, -0.5)
    marks.grid_x(axes, paper, ticks, [_told(paper, t, unit) for t in ticks] if unit == "points" else marks.scale_texts(paper, ticks))  # fmt: skip
    marks.rule(axes, 0, paper.colour("ink"))
    for row, part in enumerate(frame.itertuples()):
        colour = paper.slot(palette.get(str(frame["name"].iloc[row]), 12))
        _range(axes, paper, row, (part.low, part.value, part.high), colour)
        if "worth" in frame:
            marks.line(axes, [part.worth] * 2, [row - 0.32, row + 0.32], paper.colour("muted"), width=0.9, cap="butt")  # fmt: skip
        marks.write(axes, (ticks[0], row), names[row], (-2, 0), ha="right", **paper.type())
        marks.write(axes, (ticks[-1], row), texts[row], (room - 0.5, 0), ha="right", **paper.type("ink", bold=True))
    steps(axes, "y", range(len(frame)))
    return figure


def certainty_strip(paper: Paper, frame: pd.DataFrame, palette: Palette) -> Figure:
    """Of each segment the customers whose place in it is certain, likely and uncertain, as parts of a whole.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``name`` str · ``certain, likely, uncertain`` int (customers), not all 0.
    palette : mapping of str to int
        Segment to colour slot.
    """
    frame = frame.dropna()
    if frame.empty:
        return marks.blank(paper)
    names = _names(paper, frame)
    counts = frame[list(LEVELS)].to_numpy("float64")
    parts = counts / counts.sum(axis=1, keepdims=True)
    texts = [paper.share(share) for share in parts[:, 0]]
    room = marks.widest(texts, bold=True) + 3
    figure, axes = marks.sheet(paper, (marks.widest(names) + 3, room, 5.5, 5))
    axes.set_xlim(0, 1)
    axes.set_ylim(len(frame) - 0.5, -0.5)
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    marks.grid_x(axes, paper, ticks, marks.share_texts(paper, ticks))
    for row, shares in enumerate(parts):
        colour = paper.slot(palette.get(str(frame["name"].iloc[row]), 12))
        starts = np.concatenate([[0.0], np.cumsum(shares)])
        for start, share, shade in zip(starts, shares, SHADES, strict=False):
            marks.boxes(axes, [(start, row - 0.32, share, 0.64)], colour, alpha=shade)
        marks.write(axes, (0, row), names[row], (-2, 0), ha="right", **paper.type())
        marks.write(axes, (1, row), texts[row], (room - 0.5, 0), ha="right", **paper.type("ink", bold=True))
    marks.title_y(axes, paper, paper.label("Certain (full colour), likely, uncertain (lightest)"), marks.widest(names) + 3)  # fmt: skip
    steps(axes, "y", range(len(frame)))
    return figure


def _names(paper: Paper, frame: pd.DataFrame) -> list[str]:
    return [clean_name(paper.label(str(name))) for name in frame["name"]]


def _told(paper: Paper, value: float, unit: str) -> str:
    return paper.money(value) if unit == "money" else paper.words.points(value, 0.0).text


def _range(axes: Axes, paper: Paper, row: int, span: tuple[float, float, float], colour: str) -> None:
    low, middle, high = span
    marks.line(axes, [low, high], [row, row], colour, width=2.0, alpha=0.55)
    marks.dots(axes, [middle], [row], colour, size=5.2, zorder=4)
