"""What became of the rows: a waterfall from the rows read to the transactions counted, and the rejected rows by reason."""

from __future__ import annotations

import pandas as pd

from reporter.document.charts import marks
from reporter.document.charts.figure import Axes, Figure
from reporter.document.charts.letters import fit
from reporter.document.charts.paper import Paper, canvas, clean_name

INKS = {"total": "accent", "rejected": "bad", "other": "context"}
NAMES_MM, GAP_MM, TOP_MM = 46.0, 9.0, 4.6
LEFT_SHARE = 0.56
THINNEST_MM = 0.4


def waterfall(paper: Paper, steps: pd.DataFrame, reasons: pd.DataFrame) -> Figure:
    """Left: every step on one scale that starts at zero. Right, where there are several reasons: the rejected rows on a scale of their own.

    Nothing is broken or cut: a reason that is too small to be seen among all rows is seen on the right, and a step that is too thin for
    the left is a hairline with its number.

    Parameters
    ----------
    steps : pandas.DataFrame
        ``step`` str · ``start, end`` rows · ``role`` "total", "rejected" or "other"; what is not a total is taken off the one before.
    reasons : pandas.DataFrame
        ``reason`` str · ``rows`` int; the largest first.
    """
    if steps.empty:
        return marks.blank(paper)
    figure = canvas(paper)
    several = len(reasons) > 1
    right_mm = paper.width * (1 - LEFT_SHARE) if several else 0.0
    _panel(figure, paper, (0.0, right_mm + (GAP_MM if several else 0.0)), _bars_of_steps(paper, steps))
    if several:
        bars = [(row.reason, 0.0, float(row.rows), "rejected", paper.words.count(row.rows).text) for row in reasons.itertuples()]  # fmt: skip
        axes = _panel(figure, paper, (paper.width * LEFT_SHARE, 0.0), bars)
        marks.title_y(axes, paper, paper.label("Rejected rows by reason, on a larger scale"), paper.width * LEFT_SHARE)
    return figure


Bar = tuple[str, float, float, str, str]
"""Name, start, end, role, number as text."""


def _bars_of_steps(paper: Paper, steps: pd.DataFrame) -> list[Bar]:
    count = paper.words.count
    return [
        (row.step, float(row.start), float(row.end), row.role,
         count(row.end).text if row.role == "total" else f"−{count(row.end - row.start).text}")
        for row in steps.itertuples()
    ]  # fmt: skip


def _panel(figure: Figure, paper: Paper, sides: tuple[float, float], bars: list[Bar]) -> Axes:
    """One panel between two margins in mm: names, bars from the running level, numbers behind them."""
    names = [fit(clean_name(name, 60), NAMES_MM) for name, *_ in bars]
    numbers = marks.widest([text for *_, text in bars]) + 2.5
    axes = marks.plot_area(figure, paper, (sides[0] + marks.widest(names) + 3, sides[1] + numbers, TOP_MM, 0.5))
    axes.set_xlim(0, max((end for _, _, end, *_ in bars), default=1.0) or 1.0)
    marks.capped_rows(axes, len(bars), 7.0)
    per_mm = axes.get_xlim()[1] / marks.area_mm(axes)[0]
    for row, (name, (_, start, end, role, text)) in enumerate(zip(names, bars, strict=True)):
        left = max(min(start, end - THINNEST_MM * per_mm), 0.0)
        marks.boxes(axes, [(left, row - 0.31, max(end - left, THINNEST_MM * per_mm), 0.62)], paper.colour(INKS[role]), zorder=2)  # fmt: skip
        marks.write(axes, (0, row), name, (-2, 0), ha="right", **paper.type(bold=role == "total"))
        marks.write(axes, (end, row), text, (1.4, 0), zorder=4, **paper.type(bold=role == "total"))
        level = start if role != "total" else end
        if row + 1 < len(bars) and any(role != "rejected" for *_, role, _ in bars):
            marks.line(axes, [level, level], [row + 0.31, row + 0.69], paper.colour("context"), width=0.5, zorder=1)
    marks.line(axes, [0, 0], [-0.45, len(bars) - 0.55], paper.colour("context"), width=0.6, zorder=3)
    return axes
