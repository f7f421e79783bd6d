"""Pictures of all customers together: months, cohorts, concentration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from babel.dates import format_date

from reporter.document.charts import heat, marks
from reporter.document.charts.figure import Axes, Figure
from reporter.document.charts.letters import SMALL, text_width
from reporter.document.charts.paper import Paper, clean_name
from reporter.document.charts.steps import steps
from reporter.document.words import Word

SINCE = {"month": "Months since the first purchase", "quarter": "Quarters since the first purchase"}
LINE_COLOURS = ("segment-1", "segment-8", "segment-2")
"""Of several lines; one alone has the accent, which a house may choose as it likes."""


def monthly_bars(paper: Paper, frame: pd.DataFrame, column: str, label: str) -> Figure:
    """Bars per month; months that are not complete are light and hatched.

    Parameters
    ----------
    frame : pandas.DataFrame
        As ``Aggregates.monthly``: ``month``, ``partial`` and the column.
    column, label : str
        What to draw, and its name.
    """
    if frame.empty:
        return marks.blank(paper)
    values = frame[column].to_numpy(dtype=float)
    limit = marks.ceiling(values)
    ticks = marks.nice_ticks(min(0.0, np.nanmin(values)), min(np.nanmax(values), limit or np.inf), 4)
    texts = marks.axis_texts(paper, column, ticks)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, 0.5, 7, 5))
    axes.set_xlim(-0.6, len(frame) - 0.4)
    axes.set_ylim(min(0.0, ticks[0]), ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    marks.month_axis(axes, paper, frame["month"])
    marks.title_y(axes, paper, clean_name(paper.label(label), 60))
    _month_columns(axes, paper, frame, column)
    steps(axes, "x", range(len(frame)))
    return figure


def _month_columns(axes: Axes, paper: Paper, frame: pd.DataFrame, column: str) -> None:
    values, partial = frame[column].to_numpy(dtype=float), frame["partial"].to_numpy(dtype=bool)
    top, accent = axes.get_ylim()[1], paper.colour("accent")
    shown = np.minimum(values, top)
    width = 0.72
    full = [(i - width / 2, 0.0, width, shown[i]) for i in range(len(frame)) if not partial[i]]
    marks.boxes(axes, full, accent, zorder=2)
    for i in map(int, np.flatnonzero(partial & (shown != 0))):
        corner = (i - width / 2, 0.0, width, shown[i])
        marks.boxes(axes, [corner], paper.light(accent, 0.22), zorder=2)
        marks.hatch(axes, corner, accent)
    if partial.any():
        marks.note(axes, paper, paper.label("hatched: incomplete month"))
    write = paper.format(column)
    for i in map(int, np.flatnonzero(values > top)):
        _torn(axes, paper, float(i), width)
        marks.write(axes, (i, top), write(values[i]), (0, 1.6), ha="center", **paper.type("ink", bold=True, size=SMALL))
    whole = np.flatnonzero(~partial & (values <= top) & np.isfinite(values))
    if len(whole):
        last = int(whole[-1])
        text, room = write(values[last]), marks.area_mm(axes)[0] / len(frame)
        over = text_width(text, SMALL, True) / 2 - (len(frame) - 0.5 - last) * room
        shift = (-max(over, 0.0), 1.6)
        reach = int((text_width(text, SMALL, True) / 2 + max(over, 0.0)) / room + 0.7)
        level = max(float(np.nanmax(shown[max(last - reach, 0) : last + reach + 1])), 0.0)
        marks.write(axes, (last, level), text, shift, ha="center", **paper.type("ink", bold=True, size=SMALL))


def _torn(axes: Axes, paper: Paper, x: float, width: float) -> None:
    """A slash of paper through a bar that is longer than the picture is high."""
    low, high = axes.get_ylim()
    place = high - (high - low) * 0.12
    slope = (high - low) * 0.03
    marks.line(
        axes, [x - width, x + width], [place - slope, place + slope], paper.colour("paper"), width=1.8, zorder=4,
        cap="butt",
    )  # fmt: skip


def monthly_lines(paper: Paper, frame: pd.DataFrame, columns: tuple[str, ...], labels: tuple[str, ...]) -> Figure:
    """One to three measures per month on one scale; months that are not complete are joined by dots.

    Parameters
    ----------
    frame : pandas.DataFrame
        As ``Aggregates.monthly``.
    columns, labels : tuple of str
        What to draw, and the names written at the right ends.
    """
    if frame.empty:
        return marks.blank(paper)
    table = frame[list(columns)].to_numpy(dtype=float)
    limit = marks.ceiling(table.ravel())
    ticks = marks.nice_ticks(min(0.0, np.nanmin(table)), min(np.nanmax(table), limit or np.inf), 4)
    texts = marks.axis_texts(paper, columns[0], ticks)
    names = [clean_name(paper.label(label)) for label in labels]
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, marks.widest(names, bold=True) + 5, 6, 5))
    axes.set_xlim(0, max(len(frame) - 1, 1))
    axes.set_ylim(ticks[0], ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    marks.month_axis(axes, paper, frame["month"])
    partial = frame["partial"].to_numpy(dtype=bool)
    ends = []
    tokens = LINE_COLOURS if len(names) > 1 else ("accent",)
    for values, name, token in zip(table.T, names, tokens, strict=False):
        shown = np.minimum(values, ticks[-1])
        month_line(axes, shown, partial, paper.colour(token))
        whole = shown[~partial & np.isfinite(shown)]
        ends.append((float(whole[-1] if len(whole) else shown[-1]), name, paper.colour(token)))
    marks.end_labels(axes, paper, ends)
    if partial.any():
        marks.note(axes, paper, paper.label("dotted: incomplete month"))
    steps(axes, "x", range(len(frame)))
    return figure


def month_line(axes: Axes, values: np.ndarray, partial: np.ndarray, colour: str) -> None:
    """A line over complete months, dotted to those that are not."""
    whole = np.where(partial, np.nan, values)
    marks.line(axes, np.arange(len(values)), whole, colour)
    touching = partial | np.r_[partial[1:], False] | np.r_[False, partial[:-1]]
    dotted = np.where(touching, values, np.nan)
    marks.line(axes, np.arange(len(values)), dotted, colour, width=1.2, dashes=(0.1, 2.2), cap="round")
    lonely = ~partial & np.r_[True, partial[:-1]] & np.r_[partial[1:], True]
    marks.dots(axes, np.flatnonzero(lonely), values[lonely], colour, size=3.6)


def cumulative_customers(paper: Paper, frame: pd.DataFrame) -> Figure:
    """Customers so far: those who joined (where known) and those with a first transaction.

    Parameters
    ----------
    frame : pandas.DataFrame
        As ``Aggregates.monthly``: ``month, joined, new_customers``.
    """
    if frame.empty:
        return marks.blank(paper)
    first = frame["new_customers"].to_numpy(dtype=float).cumsum()
    series = [(paper.label("First purchase"), first, "accent")]
    if frame["joined"].any():
        series.append((paper.label("Joined"), frame["joined"].to_numpy(dtype=float).cumsum(), "segment-10"))
    names = [f"{name} {paper.words.count(values[-1]).text}" for name, values, _ in series]
    ticks = marks.nice_ticks(0, max(values[-1] for _, values, _ in series), 4)
    texts = marks.scale_texts(paper, ticks)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, marks.widest(names, bold=True) + 5, 2.5, 5))
    axes.set_xlim(0, max(len(frame) - 1, 1))
    axes.set_ylim(0, ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    marks.month_axis(axes, paper, frame["month"])
    marks.band(axes, np.arange(len(first)), (first, 0), paper.colour("accent"), alpha=0.1)
    for (_, values, token), _name in zip(series, names, strict=True):
        marks.line(axes, np.arange(len(values)), values, paper.colour(token))
    ends = [(float(v[-1]), name, paper.colour(c)) for (_, v, c), name in zip(series, names, strict=True)]
    marks.end_labels(axes, paper, ends)
    steps(axes, "x", range(len(frame)))
    return figure


def cohort_heat(paper: Paper, rates: pd.DataFrame, sizes: pd.DataFrame, period: str) -> Figure:
    """Share of each cohort that is active again, by age; the first period (everybody) is given as the cohort's size.

    Parameters
    ----------
    rates, sizes : pandas.DataFrame
        As ``Retention.rates`` and ``Retention.sizes``.
    period : {"month", "quarter"}
    """
    later = rates[[age for age in rates.columns if int(age) > 0]]
    fitting = int((paper.height - 12) / 3.1)
    later = later[later.notna().any(axis=1)].iloc[-fitting:]
    if later.empty:
        return marks.blank(paper)
    names = [_cohort_name(paper, pd.Timestamp(cohort), period) for cohort in later.index]
    counts = sizes.set_index("cohort")["customers"].reindex(later.index)
    numbers = [marks.count_text(paper, n) for n in counts]
    name_room, number_room = (
        marks.widest(names) + 3,
        max(marks.widest(numbers), text_width(paper.label("Customers"), SMALL)) + 2.5,
    )
    figure, axes = marks.sheet(paper, (name_room + number_room, 0.3, 8.5, 0.5))
    axes.set_xlim(0.5, later.shape[1] + 0.5)
    axes.set_ylim(len(later) - 0.5, -0.5)
    for row, (name, number) in enumerate(zip(names, numbers, strict=True)):
        marks.write(axes, (0.5, row), name, (-name_room - number_room, 0), **paper.type())
        marks.write(axes, (0.5, row), number, (-2.5, 0), ha="right", **paper.type("muted"))
    _cohort_cells(axes, paper, later)
    marks.write(axes, (0.5, -0.5), paper.label("Customers"), (-2.5, 1.8), ha="right", **paper.type("muted", size=SMALL))
    marks.title_y(axes, paper, paper.label(SINCE[period]))
    return figure


def _cohort_cells(axes: Axes, paper: Paper, rates: pd.DataFrame) -> None:
    steps, edges = heat.scale_steps(rates)
    room = marks.area_mm(axes)[0] / rates.shape[1]
    heat.cells(axes, paper, steps, gap=0.04)
    text = np.vectorize(lambda v: paper.words.share(v, digits=0).text if np.isfinite(v) else "", otypes=[str])(rates)
    if room > marks.widest(list(text.ravel()), SMALL) + 0.8:
        heat.words(axes, paper, steps, text)
    step = next(s for s in (1, 2, 3, 6, 12, 24) if s * room > 4.2 or s == 24)
    for age in range(step if step > 1 else 1, rates.shape[1] + 1, step):
        marks.write(axes, (age, -0.5), str(age), (0, 1.8), ha="center", **paper.type("muted", size=SMALL))
    heat.key(axes, paper, (paper.words.share(edges[0]).text, paper.words.share(edges[-1]).text))


def _cohort_name(paper: Paper, cohort: pd.Timestamp, period: str) -> str:
    if period == "quarter":
        return f"Q{cohort.quarter} {cohort.year}"
    return str(format_date(cohort.date(), "LLL yyyy", locale=paper.words.locale))


def retention_curve(paper: Paper, average: pd.DataFrame, period: str) -> Figure:
    """Average share of a cohort that is active again, by age; rings where fewer than three cohorts are that old.

    Parameters
    ----------
    average : pandas.DataFrame
        As ``Retention.average``: ``age, rate, cohorts``.
    period : {"month", "quarter"}
    """
    later = average[(average["age"] > 0) & average["rate"].notna()]
    if later.empty:
        return marks.blank(paper)
    ages, rates = later["age"].to_numpy(dtype=float), later["rate"].to_numpy(dtype=float)
    ticks = marks.nice_ticks(0, max(rates.max() * 1.12, 0.01), 4)
    texts = marks.share_texts(paper, ticks)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, 5, 3, 8.5))
    axes.set_xlim(min(ages.min(), 1), max(ages.max(), 2))
    axes.set_ylim(0, ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    ticks = marks.whole_ticks(*axes.get_xlim(), 8)
    marks.grid_x(axes, paper, ticks, [f"{t:.0f}" for t in ticks], lines=False)
    steps(axes, "x", ages)
    marks.title_x(axes, paper, paper.label(SINCE[period]))
    marks.line(axes, ages, rates, paper.colour("accent"))
    few = later["cohorts"].to_numpy() < 3
    marks.dots(axes, ages, rates, paper.colour("accent"), size=4.2)
    marks.dots(axes, ages[few], rates[few], paper.colour("paper"), size=2.4, zorder=4)
    for place, shift, side in ((0, (0.8, 2.0), "left"), (len(ages) - 1, (0.5, 2.4), "center"))[: len(ages)]:
        text = paper.words.share(rates[place]).text
        marks.write(axes, (ages[place], rates[place]), text, shift, ha=side, **paper.type("ink", bold=True))
    return figure


def concentration_curve(
    paper: Paper, curve: pd.DataFrame, half_share: float, top_quintile_share: float, label: str
) -> Figure:
    """How much of the value the best customers hold: two points are named, the diagonal would be an even spread.

    Parameters
    ----------
    curve : pandas.DataFrame
        As ``Concentration.curve``: ``customer_share, value_share``.
    half_share, top_quintile_share : float
        As in ``Concentration``.
    label : str
        What is held: "revenue".
    """
    if curve.empty:
        return marks.blank(paper)
    x, y = curve["customer_share"].to_numpy(dtype=float), curve["value_share"].to_numpy(dtype=float)
    ticks = [0, 0.25, 0.5, 0.75, 1.0]
    texts = marks.share_texts(paper, ticks)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, 4, 7, 8.5))
    axes.set_xlim(0, 1)
    y = np.minimum(y, 1.5)
    axes.set_ylim(min(0.0, float(np.nanmin(y))), max(1.0, float(np.nanmax(y))))
    marks.grid_y(axes, paper, ticks, texts)
    marks.grid_x(axes, paper, ticks, texts, lines=False)
    marks.title_y(axes, paper, paper.label("Share of {value}", value=Word(clean_name(label, 40))))
    marks.title_x(axes, paper, paper.label("Share of customers, most valuable first"))
    marks.band(axes, x, (x, y), paper.colour("accent"), alpha=0.1)
    marks.line(axes, x, y, paper.colour("accent"))
    points = sorted(
        p for p in {(half_share, 0.5), (0.2, top_quintile_share)} if np.isfinite(p).all() and p[1] <= axes.get_ylim()[1]
    )
    share, top = paper.words.share, axes.get_ylim()[1]
    gap = 3.4 / marks.area_mm(axes)[1] * top
    levels = _below([held - gap * 0.5 for _, held in points], gap, top)
    named = []
    for (at, held), level in zip(points, levels, strict=True):
        text = paper.label("{at} of customers hold {held}", at=share(at), held=share(held))
        left, right = _named_point(axes, paper, (at, held), level, text)
        named.append((max(left, level - gap / 2), min(right, level + gap / 2)))
    _diagonal(axes, paper, [(start, end) for start, end in named if start < end])
    return figure


def _below(places: Sequence[float], gap: float, top: float) -> list[float]:
    """Rising places moved apart to at least `gap`: down, away from a curve above them, as long as there is room below."""
    found, room = [], top
    for place in reversed(places):
        found.append(min(place, room))
        room = found[-1] - gap
    return found[::-1] if min(found, default=gap) >= gap / 2 else marks.spread(places, gap, 0.0, top)


def _diagonal(axes: Axes, paper: Paper, gaps: Sequence[tuple[float, float]]) -> None:
    """What an even spread would be, with gaps where a text stands on it."""
    ends = [0.0, *(end for gap in sorted(gaps) for end in gap), 1.0]
    for piece in zip(ends[::2], ends[1::2], strict=True):
        marks.line(axes, piece, piece, paper.colour("context"), width=0.8, zorder=2)


def _named_point(axes: Axes, paper: Paper, point: tuple[float, float], level: float, text: str) -> tuple[float, float]:
    """A dot on the curve with its text at a level to its right, where the area is; to its left where there is no room. From where to where the text goes."""
    marks.dots(axes, [point[0]], [point[1]], paper.colour("paper"), size=6.4, zorder=4)
    marks.dots(axes, [point[0]], [point[1]], paper.colour("accent"), size=4.8, zorder=5)
    across, width = marks.area_mm(axes)[0], text_width(text, bold=True) + 2.4
    late = width > (1 - point[0]) * across + 2
    marks.write(axes, (point[0], level), text, (-2.4 if late else 2.4, 0), ha="right" if late else "left", zorder=6,
                **paper.type("ink", bold=True))  # fmt: skip
    return (point[0] - width / across, point[0]) if late else (point[0], point[0] + width / across)
