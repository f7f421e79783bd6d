"""Pictures of what changed: bands from the segments of an earlier date to those of today, and the course of each segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.document.charts import marks
from reporter.document.charts.figure import Axes, Figure, Ink
from reporter.document.charts.letters import BODY, SMALL, fit, text_width
from reporter.document.charts.paper import Paper, canvas, clean_name

NODE, GAP, HEAD = 2.4, 1.7, 4.6
"""Width of a node, space between nodes, and height of the dates above them, in mm."""
STAYED, MOVED = 0.22, 0.6
"""Opacity of the bands of those who stayed, and of those who moved."""
COLUMNS = 4
"""Small pictures side by side."""


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The nodes of one date: names, tops and heights in mm, and what stands beside them."""

    names: tuple[str, ...]
    tops: np.ndarray
    heights: np.ndarray
    figures: tuple[str, ...]


def movement(
    paper: Paper,
    flows: pd.DataFrame,
    then: pd.DataFrame,
    today: pd.DataFrame,
    days: tuple[str, str],
    palette: Mapping[str, int],
) -> Figure:
    """From where to where customers went: nodes and bands as high as their customers.

    Parameters
    ----------
    flows : pandas.DataFrame
        ``from_segment, to_segment`` str · ``customers`` int · ``at_least`` bool: whether there may be more. What must not be shown is not among them, and
        leaves a gap in its nodes.
    then, today : pandas.DataFrame
        ``segment`` str · ``customers`` int · ``value`` float (NaN: none), in the order of the picture.
    days : tuple of str
        The two dates, written above.
    palette : dict of str to int
        Segment to colour slot; who has none is drawn in the colour of context.
    """
    then, today = then[then["customers"] > 0], today[today["customers"] > 0]
    if then.empty or today.empty:
        return marks.blank(paper)
    rooms = [_room(paper, frame) for frame in (then, today)]
    figure, axes = marks.sheet(paper, (sum(rooms[0]) + 6.5, sum(rooms[1]) + 6.5, HEAD, 0.6))
    width, height = marks.area_mm(axes)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    most = max(float(frame["customers"].sum()) for frame in (then, today))
    scale = (height - GAP * (max(len(then), len(today)) - 1)) / most
    left, right = (_side(paper, frame, scale, height) for frame in (then, today))
    _bands(axes, paper, flows, (left, right, scale), palette)
    for side, x, outward, rooms_mm, day in ((left, 0.0, -1, rooms[0], days[0]), (right, width, 1, rooms[1], days[1])):
        _nodes(axes, paper, side, x - (NODE if outward > 0 else 0), palette)
        _labels(axes, paper, side, (x, outward, rooms_mm[0]))
        marks.write(axes, (x, 0), day, (0, 2.8), ha="right" if outward > 0 else "left", **paper.type("ink", bold=True))
    return figure


def _room(paper: Paper, frame: pd.DataFrame) -> tuple[float, float]:
    """Width in mm of the names and of the figures beside a side's nodes."""
    return marks.widest(_names(paper, frame), bold=True), marks.widest(_figures(paper, frame), SMALL)


def _names(paper: Paper, frame: pd.DataFrame) -> list[str]:
    return [clean_name(paper.label(str(name)), 22) for name in frame["segment"]]


def _figures(paper: Paper, frame: pd.DataFrame) -> list[str]:
    write = paper.format("monetary")
    return [
        paper.words.count(row.customers).text + (f" · {write(row.value)}" if np.isfinite(row.value) else "")
        for row in frame.itertuples()
    ]


def _side(paper: Paper, frame: pd.DataFrame, scale: float, height: float) -> _Side:
    heights = np.maximum(frame["customers"].to_numpy(dtype=float) * scale, 0.2)
    space = GAP if len(frame) < 2 else min(GAP * 3, max(GAP, (height - heights.sum()) / (len(frame) - 1)))
    tops = np.concatenate([[0.0], np.cumsum(heights + space)[:-1]])
    return _Side(tuple(map(str, frame["segment"])), tops, heights, tuple(_figures(paper, frame)))


def _colour(paper: Paper, name: str, palette: Mapping[str, int]) -> str:
    return paper.slot(palette[name]) if name in palette else paper.colour("context")


def _nodes(axes: Axes, paper: Paper, side: _Side, x: float, palette: Mapping[str, int]) -> None:
    for name, top, height in zip(side.names, side.tops, side.heights, strict=True):
        marks.boxes(axes, [(x, top, NODE, height)], _colour(paper, name, palette), zorder=4)


def _labels(axes: Axes, paper: Paper, side: _Side, where: tuple[float, int, float]) -> None:
    """Names beside the nodes, moved apart where they would touch, and the figures in a column behind them."""
    x, outward, names_mm = where
    middles = side.tops + side.heights / 2
    low, high = 1.4, marks.area_mm(axes)[1] - 1.4
    places = marks.spread(list(middles), 3.1, low, high)
    look = "right" if outward < 0 else "left"
    frame = pd.DataFrame({"segment": list(side.names)})
    for name, figure, middle, place in zip(_names(paper, frame), side.figures, middles, places, strict=True):
        if abs(middle - place) > 0.4:
            ends = [x + outward * 0.4, x + outward * 1.8]
            marks.line(axes, ends, [middle, place], paper.colour("context"), width=0.5)
        marks.write(axes, (x, place), name, (outward * 2.4, 0), ha=look, **paper.type("ink", bold=True))
        shift = outward * (4.6 + names_mm)
        marks.write(axes, (x, place), figure, (shift, 0), ha=look, **paper.type("muted", size=SMALL))


def _bands(
    axes: Axes,
    paper: Paper,
    flows: pd.DataFrame,
    frame: tuple[_Side, _Side, float],
    palette: Mapping[str, int],
) -> None:
    """Bands in the order of the nodes at both ends; the largest carry their number of customers where they begin."""
    left, right, scale = frame
    starts = dict(zip(left.names, left.tops, strict=True))
    ends = dict(zip(right.names, right.tops, strict=True))
    ways = [
        (str(row.from_segment), str(row.to_segment), float(row.customers))
        for row in flows.itertuples()
        if row.from_segment in starts and row.to_segment in ends
    ]
    begin = _stacked(
        sorted(ways, key=lambda way: (left.names.index(way[0]), right.names.index(way[1]))), 0, starts, scale
    )
    arrive = _stacked(
        sorted(ways, key=lambda way: (right.names.index(way[1]), left.names.index(way[0]))), 1, ends, scale
    )
    width = marks.area_mm(axes)[0]
    for start in left.names:
        for stayed in (True, False):
            mine = [way for way in ways if way[0] == start and (way[1] == start) is stayed]
            bands = [_band((NODE, begin[way[:2]]), (width - NODE, arrive[way[:2]]), way[2] * scale) for way in mine]
            if bands:
                ink = Ink(fill=_colour(paper, start, palette), opacity=STAYED if stayed else MOVED)
                axes.fill(
                    [point for band in bands for point in band], "MCLCz" * len(bands), ink, zorder=2 if stayed else 3
                )
    bounds = set(flows.loc[flows["at_least"], ["from_segment", "to_segment"]].itertuples(index=False, name=None))
    for start, end, customers in ways:
        if customers * scale > 2.7:
            at = (NODE, begin[start, end] + customers * scale / 2)
            write = paper.words.at_least if (start, end) in bounds else paper.words.count
            text = write(customers).text
            marks.write(axes, at, text, (1.2, 0), zorder=6, **paper.type("ink", size=SMALL))


def _stacked(
    ways: Sequence[tuple[str, str, float]], end: int, tops: Mapping[str, float], scale: float
) -> dict[tuple[str, str], float]:
    """The top of each band at one of its ends: one below the other."""
    free, found = dict(tops), {}
    for way in ways:
        start, arrival, customers = way
        node = arrival if end else start
        found[start, arrival] = free[node]
        free[node] += customers * scale
    return found


def _band(start: tuple[float, float], end: tuple[float, float], height: float) -> list[tuple[float, float]]:
    """The points of a band: a curve to its end, down, and a curve back."""
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    return [
        (x0, y0), (middle, y0), (middle, y1), (x1, y1), (x1, y1 + height), (middle, y1 + height), (middle, y0 + height),
        (x0, y0 + height),
    ]  # fmt: skip


def segment_courses(paper: Paper, trend: pd.DataFrame, column: str, palette: Mapping[str, int]) -> Figure:
    """One small line for each segment, from zero to its own highest value, with its first and its last value.

    Parameters
    ----------
    trend : pandas.DataFrame
        As ``Replay.trend``: ``day, segment`` and the column.
    column : {"customers", "value"}
    palette : dict of str to int
        Segment to colour slot.
    """
    if trend.empty:
        return marks.blank(paper)
    figure = canvas(paper)
    names = list(dict.fromkeys(trend["segment"]))
    rows = -(-len(names) // COLUMNS)
    cell = (paper.width / COLUMNS, (paper.height - 4.0) / rows)
    for place, name in enumerate(names):
        row, across = divmod(place, COLUMNS)
        below = row == rows - 1 or place + COLUMNS >= len(names)
        margins = (
            across * cell[0] + 1.0,
            paper.width - (across + 1) * cell[0] + 5.0,
            row * cell[1] + 7.6,
            paper.height - (row + 1) * cell[1] + 2.0,
        )
        axes = marks.plot_area(figure, paper, margins)
        part = trend[trend["segment"] == name]
        _course(axes, paper, part, column, (str(name), _colour(paper, str(name), palette), below))
    return figure


def _course(axes: Axes, paper: Paper, part: pd.DataFrame, column: str, look: tuple[str, str, bool]) -> None:
    name, colour, below = look
    values = part[column].to_numpy(dtype=float)
    top = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
    axes.set_xlim(0, max(len(values) - 1, 1))
    axes.set_ylim(min(0.0, float(np.nanmin(values))) if np.isfinite(values).any() else 0.0, (top or 1.0) * 1.05)
    marks.baseline(axes, paper)
    marks.line(axes, np.arange(len(values)), values, colour)
    marks.dots(axes, [len(values) - 1], [values[-1]], colour, size=4.2)
    write = paper.format("monetary" if column == "value" else column)
    ceiling, room = axes.get_ylim()[1], marks.area_mm(axes)[0]
    first, last = marks.numbers_text(write, values[[0, -1]])
    title = fit(clean_name(paper.label(name)), room, BODY, True)
    marks.write(axes, (0, ceiling), title, (0, 5.0), **paper.type("ink", bold=True))
    marks.write(axes, (0, ceiling), first, (0, 1.6), **paper.type("muted", size=SMALL))
    if len(values) > 1 and text_width(first, SMALL) + text_width(last, SMALL, True) + 1 < room:
        end = (len(values) - 1, ceiling)
        marks.write(axes, end, last, (0, 1.6), ha="right", **paper.type("ink", bold=True, size=SMALL))
    if below:
        days = [stamp.date() for stamp in pd.to_datetime(part["day"])]
        for place, side in ((0, "left"), (len(days) - 1, "right"))[: len(days)]:
            text = paper.words.month(days[place]).text
            marks.write(axes, (place, axes.get_ylim()[0]), text, (0, -2.6), ha=side, **paper.type("muted", size=SMALL))
