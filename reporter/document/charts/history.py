"""Pictures across runs: what one report after the other said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from babel.dates import format_date

from reporter.document.charts import marks
from reporter.document.charts.figure import Figure
from reporter.document.charts.letters import SMALL
from reporter.document.charts.paper import Paper, clean_name
from reporter.document.charts.steps import steps


def run_lines(paper: Paper, frame: pd.DataFrame, palette: Mapping[str, int]) -> Figure:
    """Shares of customers by as-of date, one line a segment, a dot for each run; days apart are as far apart as they are.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``as_of`` datetime64[s], rising · one column of shares 0..1 for each segment.
    palette : mapping of str to int
        Segment to colour slot.
    """
    if frame.empty:
        return marks.blank(paper)
    names = [str(name) for name in frame.columns if name != "as_of"]
    table = frame[names].to_numpy(dtype=float)
    days = (frame["as_of"] - frame["as_of"].iloc[0]).dt.days.to_numpy(dtype=float)
    ticks = marks.nice_ticks(0.0, max(float(np.nanmax(table)), 0.01), 4)
    texts = marks.share_texts(paper, ticks)
    ends = [clean_name(paper.label(name)) for name in names]
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, marks.widest(ends, bold=True) + 5, 6, 5))
    axes.set_xlim(0, max(float(days[-1]), 1.0))
    axes.set_ylim(ticks[0], ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    marks.grid_x(axes, paper, list(days), [_day(paper, day) for day in frame["as_of"]], lines=False)
    colours = [paper.slot(palette.get(name, 0)) for name in names]
    for values, colour in zip(table.T, colours, strict=True):
        marks.line(axes, days, values, colour)
        marks.dots(axes, days, values, colour, size=3.6)
    last = [float(value) for value in table[-1]]
    marks.end_labels(axes, paper, list(zip(last, ends, colours, strict=True)))
    steps(axes, "x", days)
    return figure


def _day(paper: Paper, day: pd.Timestamp) -> str:
    form = "d MMM yyyy" if paper.words.tongue.language == "en" else "medium"
    return format_date(day.date(), form, locale=paper.words.locale)
