"""Pictures of groups and counts: cities, merchants, coupons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.document.charts import marks
from reporter.document.charts.figure import Axes, Figure
from reporter.document.charts.letters import SMALL, text_width
from reporter.document.charts.paper import Paper, clean_name
from reporter.document.charts.steps import steps

MOST_ROWS = 20
SUMS = ("customers", "transactions", "burned", "monetary", "monetary_share", "transactions_share")


def group_bars(paper: Paper, frame: pd.DataFrame, column: str, label: str, highlight: int) -> Figure:
    """Horizontal bars from the largest down; the first `highlight` in colour, what does not fit as one bar at the end.

    Parameters
    ----------
    frame : pandas.DataFrame
        As ``Breakdown.frame``.
    column, label : str
        What to draw, and its name.
    highlight : int
        Bars in the accent colour.
    """
    frame = frame[frame[column].notna()].sort_values([column, "name"], ascending=[False, True], kind="stable")
    if frame.empty:
        return marks.blank(paper)
    rows = min(MOST_ROWS, max(int((paper.height - 5) / 3.4), 2))
    shown, rest = (frame, frame.iloc[:0]) if len(frame) <= rows else (frame.iloc[: rows - 1], frame.iloc[rows - 1 :])
    names = [clean_name(name) for name in shown["name"]]
    values = shown[column].to_numpy(dtype=float)
    tokens = ["accent" if i < highlight else "context" for i in range(len(shown))]
    if len(rest):
        names.append(paper.label("{n} others", n=paper.words.count(len(rest))))
        values = np.append(values, float(rest[column].sum()) if column in SUMS else np.nan)
        tokens.append("rule")
    texts = marks.numbers_text(paper.format(column), values)
    return _rows_of_bars(paper, names, values, (texts, tokens), clean_name(paper.label(label), 60))


def _rows_of_bars(
    paper: Paper, names: list[str], values: np.ndarray, look: tuple[list[str], list[str]], label: str
) -> Figure:
    texts, tokens = look
    name_room, text_room = marks.widest(names) + 2.2, marks.widest(texts, bold=True) + 2.5
    negative = bool((values < 0).any())
    figure, axes = marks.sheet(paper, (name_room + (text_room if negative else 0), text_room, 4.5, 0.5))
    named = values[:-1] if len(values) > 2 and tokens[-1] == "rule" else values
    limit = marks.ceiling(named, 6.0) or float(np.nanmax(np.r_[named, 0.0]))
    axes.set_xlim(min(0.0, float(np.nanmin(np.r_[values, 0.0]))), limit or 1.0)
    marks.capped_rows(axes, len(names))
    thick = 0.7 * min(1.0, 6.5 * abs(np.ptp(axes.get_ylim())) / marks.area_mm(axes)[1])
    for row, (value, token) in enumerate(zip(values, tokens, strict=True)):
        marks.boxes(axes, [(0, row - thick / 2, min(value, limit), thick)], paper.colour(token))
        if value > limit:
            _torn_end(axes, paper, row, thick)
    for row, (name, text) in enumerate(zip(names, texts, strict=True)):
        strong = tokens[row] == "accent"
        marks.write(axes, (axes.get_xlim()[0], row), name, (-2 - (text_room if negative else 0), 0), ha="right",
                    **paper.type("muted" if tokens[row] == "rule" else "ink"))  # fmt: skip
        value = float(np.nan_to_num(values[row]))
        side, shift = ("right", -1.4) if value < 0 else ("left", 1.4)
        marks.write(axes, (min(value, limit), row), text, (shift, 0), ha=side,
                    **paper.type("ink" if strong else "muted", bold=strong))  # fmt: skip
    marks.title_y(axes, paper, label, name_room)
    steps(axes, "y", range(len(tokens) - tokens.count("rule")))
    return figure


def _torn_end(axes: Axes, paper: Paper, row: float, thick: float) -> None:
    right = axes.get_xlim()[1]
    marks.line(
        axes, [right * 0.93, right * 0.945], [row + thick * 0.8, row - thick * 0.8], paper.colour("paper"), width=1.8,
        zorder=4,
    )  # fmt: skip


def burn_rates(paper: Paper, frame: pd.DataFrame, overall: float) -> Figure:
    """Burn rate of each group with its 95 % interval, around the rate of all; in colour where the interval leaves that rate out.

    Where there are more groups than fit, the highest and the lowest are drawn.

    Parameters
    ----------
    frame : pandas.DataFrame
        As ``Breakdown.frame``: ``name, burn_rate, burn_low, burn_high, transactions``. Groups without a rate are left out.
    overall : float
        Burn rate of all transactions.
    """
    rows = min(MOST_ROWS, max(int((paper.height - 13) / 3.6), 2))
    frame = frame[frame["burn_rate"].notna()]
    left_out = max(len(frame) - rows, 0)
    frame = frame.sort_values(["burn_rate", "name"], ascending=[False, True], kind="stable")
    if left_out:
        frame = pd.concat([frame.iloc[: rows // 2], frame.iloc[rows // 2 - rows :]])
    if frame.empty:
        return marks.blank(paper)
    names = [clean_name(name) for name in frame["name"]]
    figure, axes = marks.sheet(paper, (marks.widest(names) + 3, 4, 5, 8.5 if left_out else 5))
    low, high = frame["burn_low"].min(), frame["burn_high"].max()
    ticks = [t for t in marks.nice_ticks(min(low, overall), max(high, overall), 5) if -1e-9 <= t <= 1 + 1e-9]
    axes.set_xlim(min(low, overall, ticks[0]), max(high, overall, ticks[-1]))
    axes.set_ylim(len(frame) - 0.4, -0.6)
    marks.grid_x(axes, paper, ticks, marks.share_texts(paper, ticks))
    marks.rule(axes, overall, paper.colour("ink"))
    if left_out:
        marks.title_x(axes, paper, paper.label("{n} in between not shown", n=paper.words.things(left_out, "group")))
    text = paper.label("all {share}", share=paper.words.share(overall))
    marks.write(axes, (overall, -0.6), text, (0, 1.8), ha="center", **paper.type("ink", bold=True, size=SMALL))
    for row, (name, group) in enumerate(zip(names, frame.itertuples(), strict=True)):
        outside = bool(group.burn_low > overall or group.burn_high < overall)
        colour = paper.colour("accent" if outside else "segment-11")
        marks.line(axes, [group.burn_low, group.burn_high], [row, row], colour, width=1.2)
        marks.dots(axes, [group.burn_rate], [row], colour, size=4.6)
        marks.write(axes, (axes.get_xlim()[0], row), name, (-2, 0), ha="right", **paper.type())
    if not left_out:
        steps(axes, "y", range(len(frame)))
    return figure


def days_to_burn(paper: Paper, days: pd.DataFrame, median: float | None, p90: float | None) -> Figure:
    """How long coupons wait: a histogram with the median and the 90 % mark; the longest per cent share the last bar.

    Parameters
    ----------
    days : pandas.DataFrame
        As ``Coupons.days``: ``days, coupons``.
    median, p90 : float or None
        In days.
    """
    if days.empty or not days["coupons"].sum():
        return marks.blank(paper)
    wait, coupons = days["days"].to_numpy(dtype=float), days["coupons"].to_numpy(dtype=float)
    share = coupons.cumsum() / coupons.sum()
    last = float(wait[np.searchsorted(share, 0.99)])
    width = next(w for w in (1, 2, 7, 14, 30, 60, 90, 180, 365, 3650) if (last + 1) / w <= 60 or w == 3650)
    edges = np.arange(0, last + width + 1, width)
    counts, _ = np.histogram(np.minimum(wait, last), edges, weights=coupons)
    ticks = marks.nice_ticks(0, counts.max(), 4)
    texts = marks.scale_texts(paper, ticks)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, 2, 9, 8.5))
    axes.set_xlim(0, edges[-1])
    axes.set_ylim(0, ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    places = marks.whole_ticks(0, edges[-1], 8)
    marks.grid_x(axes, paper, places, marks.scale_texts(paper, places), lines=False)
    gap = width * 0.08
    left = edges[:-1]
    tail = wait.max() > edges[-1]
    corners = [(x + gap, 0.0, width - 2 * gap, c) for x, c in zip(left, counts, strict=True)]
    marks.boxes(axes, corners[:-1] if tail else corners, paper.light(paper.colour("accent"), 0.55), zorder=2)
    if tail:
        marks.boxes(axes, corners[-1:], paper.colour("context"), zorder=2)
        words = paper.words.count(wait.max()).text
        marks.write(
            axes,
            (edges[-1], counts[-1]),
            paper.label("up to {high}", high=words),
            (0, 1.8),
            ha="right",
            **paper.type("muted", size=SMALL),
        )
    wide = paper.label("Days from claim to burn, bars of {n}", n=str(width))
    marks.title_x(axes, paper, wide if width > 1 else paper.label("Days from claim to burn"))
    marks.title_y(axes, paper, paper.label("Coupons"))
    _time_marks(axes, paper, median, p90)
    return figure


def _time_marks(axes: Axes, paper: Paper, median: float | None, p90: float | None) -> None:
    """Rules with names on top; the two names keep apart."""
    names = ((median, paper.label("median")), (p90, paper.label("{share} within", share=paper.words.share(0.9))))
    known = [(v, f"{name} {paper.words.number(v, digits=0 if v == round(v) else 1).text}")
             for v, name in names if v is not None and np.isfinite(v)]  # fmt: skip
    width, top = marks.area_mm(axes)[0], axes.get_ylim()[1]
    span = axes.get_xlim()[1] or 1.0
    halves = [text_width(text, SMALL, True) / 2 for _, text in known]
    at = [min(value, span) / span * width for value, _ in known]
    half = max(halves, default=0.0)
    for x, middle, (_, text) in zip(at, marks.spread(at, sum(halves) + 2, half, width - half), known, strict=True):
        marks.rule(axes, x / width * span, paper.colour("ink"), zorder=5)
        marks.write(
            axes, (middle / width * span, top), text, (0, 1.8), ha="center", **paper.type("ink", bold=True, size=SMALL)
        )
