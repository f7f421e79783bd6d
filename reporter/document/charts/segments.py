"""Pictures of one segment: its course over the months, and how it differs from all customers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reporter.document.charts import marks
from reporter.document.charts.figure import Figure
from reporter.document.charts.letters import SMALL
from reporter.document.charts.overview import month_line
from reporter.document.charts.paper import Paper, clean_name
from reporter.document.charts.steps import steps

MOST_TIMES = 16.0


def segment_trend(
    paper: Paper, months: pd.DataFrame, column: str, label: str, slot: int, monthly: pd.DataFrame
) -> Figure:
    """A measure of one segment per month, from zero; months that are not complete are joined by dots.

    Parameters
    ----------
    months : pandas.DataFrame
        As ``Segment.months``: ``month`` and the column.
    column, label : str
        What to draw, and its name.
    slot : int
        Colour slot of the segment.
    monthly : pandas.DataFrame
        As ``Aggregates.monthly``: says which months are ``partial``.
    """
    if months.empty:
        return marks.blank(paper)
    values = months[column].to_numpy(dtype=float)
    partial = months["month"].isin(monthly.loc[monthly["partial"], "month"]).to_numpy(dtype=bool)
    limit = marks.ceiling(values)
    ticks = marks.nice_ticks(min(0.0, np.nanmin(values)), max(min(np.nanmax(values), limit or np.inf), 1e-9), 4)
    texts = marks.axis_texts(paper, column, ticks)
    colour = paper.slot(slot)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, 4, 7, 5))
    axes.set_xlim(0, max(len(values) - 1, 1))
    axes.set_ylim(ticks[0], ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    marks.month_axis(axes, paper, months["month"])
    marks.title_y(axes, paper, clean_name(paper.label(label), 60))
    shown = np.minimum(values, ticks[-1])
    marks.band(axes, np.arange(len(values)), (np.where(partial, np.nan, shown), 0), colour, alpha=0.12)
    month_line(axes, shown, partial, colour)
    whole = np.flatnonzero(~partial)
    if len(whole):
        last = whole[-1]
        marks.dots(axes, [last], [shown[last]], colour, size=4.6)
        marks.write(axes, (last, shown[last]), paper.format(column)(values[last]), (0.6, 2.4), ha="center",
                    **paper.type("ink", bold=True))  # fmt: skip
    steps(axes, "x", range(len(values)))
    return figure


def segment_index(paper: Paper, index: pd.DataFrame, labels: Mapping[str, str], slot: int) -> Figure:
    """Medians of the segment as multiples of the medians of all customers, on a doubling scale around 1×.

    Parameters
    ----------
    index : pandas.DataFrame
        As ``Segment.index``: ``measure, ratio``. Measures without a ratio are left out.
    labels : dict of str to str
        Measure to its name.
    slot : int
        Colour slot of the segment.
    """
    ratios = index["ratio"].to_numpy(dtype=float)
    index = index[np.isfinite(ratios) & (ratios >= 0)]
    if index.empty:
        return marks.blank(paper)
    ratios = index["ratio"].to_numpy(dtype=float)
    names = [clean_name(paper.label(labels.get(str(m), str(m)))) for m in index["measure"]]
    places = np.log2(np.clip(ratios, 1 / MOST_TIMES, MOST_TIMES))
    reach = max(1.0, float(np.ceil(np.round(np.abs(places).max(), 6))))
    texts = [_times(paper, ratio) for ratio in ratios]
    room = marks.widest(texts, bold=True) + 3
    figure, axes = marks.sheet(paper, (marks.widest(names) + room + 2, room, 0.5, 5))
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(index) - 0.5, -0.5)
    step = 1 if reach <= 3 else 2
    powers = np.arange(-reach + (reach % step), reach + 1, step)
    marks.grid_x(axes, paper, list(powers), [_power(paper, int(p)) for p in powers])
    marks.rule(axes, 0, paper.colour("muted"))
    colour = paper.slot(slot)
    for row, (name, place, text) in enumerate(zip(names, places, texts, strict=True)):
        marks.line(axes, [0, place], [row, row], colour, width=2.0)
        marks.dots(axes, [place], [row], colour, size=5.4)
        marks.write(axes, (-reach, row), name, (-room - 1, 0), ha="right", **paper.type())
        up = place >= 0
        marks.write(axes, (place, row), text, (1.7 if up else -1.7, 0), ha="left" if up else "right",
                    **paper.type("ink", bold=True))  # fmt: skip
    steps(axes, "y", range(len(index)))
    return figure


def _power(paper: Paper, power: int) -> str:
    """A power of two: ¼×, ½×, 1×, 2×."""
    small = {-1: "½", -2: "¼", -3: "1/8", -4: "1/16"}
    return small.get(power, paper.words.count(2 ** max(power, 0)).text) + "×"


def _times(paper: Paper, ratio: float) -> str:
    digits = 0 if ratio >= 10 or ratio in (1, 2, 4, 8) else 1 if ratio >= 0.95 else 2
    text = paper.words.number(ratio, digits=digits).text
    return (text.rstrip("0") if "." in text and ratio < 0.95 and ratio > 0 else text) + "×"
