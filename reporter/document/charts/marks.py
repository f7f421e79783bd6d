"""The few marks that all charts share: plot area, grid, ticks, bars, dots, lines and labels that keep out of each other's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from babel.dates import format_date
from babel.numbers import format_decimal
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from reporter.document.charts.paper import BODY, POINTS_PER_MM, SMALL, Paper, canvas, fit, text_width
from reporter.document.words import SHARES

LINE = 2.9
"""Height of a line of small text in mm."""
Margins = tuple[float, float, float, float]
"""Left, right, top, bottom in mm."""


def plot_area(figure: Figure, paper: Paper, margins: Margins) -> Axes:
    """Axes without any furniture, inside margins in mm."""
    left, right, top, bottom = margins
    width, height = max(paper.width - left - right, 5.0), max(paper.height - top - bottom, 5.0)
    axes = figure.add_axes((left / paper.width, bottom / paper.height, width / paper.width, height / paper.height))
    axes.set_axis_off()
    axes.margins(0)
    return axes


def sheet(paper: Paper, margins: Margins) -> tuple[Figure, Axes]:
    """A figure with one plot area."""
    figure = canvas(paper)
    return figure, plot_area(figure, paper, margins)


def count_text(paper: Paper, count: float) -> str:
    """A count in a cell; a dash where it is hidden."""
    return paper.words.count(count).text if np.isfinite(count) else "–"


def blank(paper: Paper) -> Figure:
    """A quiet picture for a question that the data cannot answer."""
    figure, axes = sheet(paper, (0, 0, 0, 0))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.text(0.5, 0.5, paper.label("No data"), ha="center", va="center", **paper.type("muted"))
    return figure


def area_mm(axes: Axes) -> tuple[float, float]:
    """Width and height of a plot area in mm."""
    box = axes.get_window_extent()
    return box.width / POINTS_PER_MM, box.height / POINTS_PER_MM


def offset(axes: Axes, x_mm: float = 0.0, y_mm: float = 0.0) -> Any:
    """Data coordinates moved by millimetres."""
    from matplotlib.transforms import ScaledTranslation

    inches = ScaledTranslation(x_mm / 25.4, y_mm / 25.4, axes.figure.dpi_scale_trans)
    return axes.transData + inches


def write(axes: Axes, place: tuple[float, float], text: str, shift: tuple[float, float] = (0, 0), **look: Any) -> None:
    """A text at a place in data coordinates, moved by `shift` mm; `look` is `Paper.type` with alignment."""
    axes.text(*place, text, transform=offset(axes, *shift), **({"va": "center", "ha": "left"} | look))


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values that span low..high, about `count` of them; the first at or below low, the last at or above high."""
    if not np.isfinite([low, high]).all() or low == high:
        return [0.0, 1.0] if low in (0, high) or not np.isfinite(low) else [low - 1, low + 1]
    locator = MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10])
    return [round(float(tick), 12) for tick in locator.tick_values(low, high)]


def whole_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """As `nice_ticks`, whole numbers only."""
    return [float(t) for t in MaxNLocator(nbins=count, integer=True, steps=[1, 2, 5, 10]).tick_values(low, high)]


def scale_texts(paper: Paper, ticks: Sequence[float]) -> list[str]:
    """Numbers of an axis in one unit: 0, 50 k, 100 k."""
    largest = max((abs(t) for t in ticks), default=0.0)
    limits = ((1e9, "{n} bn"), (1e6, "{n} m"), (1e4, "{n} k"))
    divisor, unit = next(((1e3 if u == "{n} k" else d, u) for d, u in limits if largest >= d), (1.0, "{n}"))
    texts = []
    for tick in ticks:
        number = format_decimal(round(tick / divisor, 4), locale=paper.words.locale).replace("-", "−")
        texts.append(paper.label(unit, n=number) if tick else number)
    return texts


def share_texts(paper: Paper, ticks: Sequence[float]) -> list[str]:
    """Shares of an axis as per cent."""
    digits = 0 if all(abs(t * 100 - round(t * 100)) < 1e-6 for t in ticks) else 1
    return [paper.words.share(t, digits=digits).text for t in ticks]


def axis_texts(paper: Paper, column: str, ticks: Sequence[float]) -> list[str]:
    """Texts of an axis for the values of a column."""
    return share_texts(paper, ticks) if column in SHARES else scale_texts(paper, ticks)


def widest(texts: Sequence[str], size: float = BODY, bold: bool = False) -> float:
    """Width of the widest text in mm; 0 for none."""
    return max((text_width(text, size, bold) for text in texts), default=0.0)


def grid_y(axes: Axes, paper: Paper, ticks: Sequence[float], texts: Sequence[str]) -> None:
    """Horizontal grid with its numbers at the left; the zero line is darker."""
    left, right = axes.get_xlim()
    low, high = sorted(axes.get_ylim())
    inside = [(tick, text) for tick, text in zip(ticks, texts, strict=True) if low - 1e-9 <= tick <= high + 1e-9]
    for tick, _ in inside:
        dark = tick == 0
        axes.plot(
            [left, right], [tick, tick], lw=0.6 if dark else 0.5, zorder=2.2 if dark else 0.5, clip_on=False,
            color=paper.colour("context" if dark else "grid"), solid_capstyle="butt",
        )  # fmt: skip
    for tick, text in inside:
        write(axes, (left, tick), text, (-1.6, 0), ha="right", **paper.type("muted", size=SMALL))


def grid_x(axes: Axes, paper: Paper, ticks: Sequence[float], texts: Sequence[str], lines: bool = True) -> None:
    """Numbers below, with a vertical grid."""
    left, right = sorted(axes.get_xlim())
    bottom, top = axes.get_ylim()
    inside = [(tick, text) for tick, text in zip(ticks, texts, strict=True) if left - 1e-9 <= tick <= right + 1e-9]
    if lines:
        for tick, _ in inside:
            axes.plot([tick, tick], [bottom, top], lw=0.5, color=paper.colour("grid"), zorder=0.5, clip_on=False,
                      solid_capstyle="butt")  # fmt: skip
    for tick, text, shift in _apart(axes, paper, inside):
        write(axes, (tick, bottom), text, (shift, -2.9), ha="center", **paper.type("muted", size=SMALL))


def _apart(axes: Axes, paper: Paper, labels: list[tuple[float, str]]) -> list[tuple[float, str, float]]:
    """Each label with the shift that keeps it on the sheet; only every second, third … where all would touch."""
    box, span = axes.get_window_extent(), float(np.ptp(axes.get_xlim())) or 1.0
    left, right = box.x0 / POINTS_PER_MM, box.x1 / POINTS_PER_MM
    start = min(axes.get_xlim())
    placed = []
    for tick, text in labels:
        middle, half = left + (tick - start) / span * (right - left), text_width(text, SMALL) / 2
        inside = min(max(middle, half + 0.2), max(paper.width - half - 0.2, half))
        placed.append((tick, text, inside - middle, inside - half, inside + half))
    for step in range(1, len(placed) + 1):
        kept = placed[::step]
        if all(one[4] + 0.8 <= other[3] for one, other in pairwise(kept)):
            return [(tick, text, shift) for tick, text, shift, _, _ in kept]
    return []


def baseline(axes: Axes, paper: Paper) -> None:
    """A thin line at the bottom of the plot area."""
    left, right = axes.get_xlim()
    bottom = axes.get_ylim()[0]
    axes.plot([left, right], [bottom, bottom], lw=0.6, color=paper.colour("context"), zorder=2.2, clip_on=False,
              solid_capstyle="butt")  # fmt: skip


def title_x(axes: Axes, paper: Paper, text: str, shift_mm: float = -6.1) -> None:
    """Name of the horizontal axis, under its numbers."""
    middle = axes.transData.inverted().transform(axes.get_window_extent().get_points().mean(axis=0))[0]
    write(
        axes,
        (middle, axes.get_ylim()[0]),
        fit(text, area_mm(axes)[0], SMALL),
        (0, shift_mm),
        ha="center",
        **paper.type("muted", size=SMALL),
    )


def title_y(axes: Axes, paper: Paper, text: str, shift_mm: float = 0.0) -> None:
    """Name of the vertical axis: level, above its numbers, at the left edge."""
    figure = axes.figure
    figure.text(
        0, 1, fit(text, min(paper.width * 0.6, paper.width - shift_mm - 1), SMALL), ha="left", va="top",
        transform=figure.transFigure + _inches(figure, shift_mm, -0.6), **paper.type("muted", size=SMALL),
    )  # fmt: skip


def title_upright(axes: Axes, paper: Paper, text: str, shift_mm: float) -> None:
    """Name of the vertical axis beside its numbers, from bottom to top; in two lines where it is longer than the axis."""
    if text_width(text, SMALL) > area_mm(axes)[1]:
        spaces = [place for place, letter in enumerate(text) if letter == " "]
        middle = min(spaces, key=lambda place: abs(place - len(text) / 2), default=len(text))
        text = f"{text[:middle].strip()}\n{text[middle:].strip()}"
    (left, _), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    look = {"ha": "center", "rotation": 90, "linespacing": 1.05} | paper.type("muted", size=SMALL)
    write(axes, (left, (bottom + top) / 2), text, (shift_mm, 0), **look)


def note(axes: Axes, paper: Paper, text: str) -> None:
    """A short remark at the upper right corner of the figure."""
    figure = axes.figure
    figure.text(
        1, 1, text, transform=figure.transFigure + _inches(figure, 0, -0.6), ha="right", va="top",
        **paper.type("muted", size=SMALL),
    )  # fmt: skip


def _inches(figure: Any, x_mm: float, y_mm: float) -> Any:
    from matplotlib.transforms import ScaledTranslation

    return ScaledTranslation(x_mm / 25.4, y_mm / 25.4, figure.dpi_scale_trans)


def dots(axes: Axes, x: ArrayLike, y: ArrayLike, colour: str, **look: float) -> None:
    """Filled discs; `size` is their diameter in points."""
    size, alpha, zorder = look.get("size", 3.0), look.get("alpha", 1.0), look.get("zorder", 3.0)
    axes.plot(
        np.asarray(x, dtype=float), np.asarray(y, dtype=float), linestyle="none", marker="o", markersize=size,
        markeredgewidth=0, color=colour, alpha=None if alpha == 1 else alpha, zorder=zorder, clip_on=False,
    )  # fmt: skip


def line(axes: Axes, x: ArrayLike, y: ArrayLike, colour: str, **look: Any) -> None:
    """A line with round ends; `look` goes to matplotlib."""
    style: dict[str, Any] = {"lw": 1.6, "zorder": 3, "clip_on": False, "solid_capstyle": "round"}
    axes.plot(np.asarray(x, dtype=float), np.asarray(y, dtype=float), color=colour, **(style | look))


def rule(axes: Axes, x: float, colour: str, **look: Any) -> None:
    """A vertical line over the whole plot area."""
    line(axes, [x, x], axes.get_ylim(), colour, **({"lw": 0.8, "solid_capstyle": "butt"} | look))


def boxes(
    axes: Axes,
    corners: Sequence[tuple[float, float, float, float]],
    colour: str,
    zorder: float = 1.0,
    alpha: float | None = None,
) -> None:
    """Filled rectangles (left, bottom, width, height) of one colour, as one path."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    kept = [corner for corner in corners if np.isfinite(corner).all() and corner[2] and corner[3]]
    if not kept:
        return
    points, codes = [], []
    for left, bottom, width, height in kept:
        points += [(left, bottom), (left + width, bottom), (left + width, bottom + height), (left, bottom + height)]
        points.append((left, bottom))
        codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    axes.add_patch(
        PathPatch(Path(points, codes), facecolor=colour, alpha=alpha, linewidth=0, zorder=zorder, clip_on=False)
    )


def hatch(axes: Axes, corner: tuple[float, float, float, float], colour: str, step_mm: float = 1.3) -> None:
    """Slanted lines over a rectangle: a period that has not ended."""
    if not np.isfinite(corner).all():
        return
    to_points = axes.transData.transform
    (x0, y0), (x1, y1) = to_points(corner[:2]), to_points((corner[0] + corner[2], corner[1] + corner[3]))
    (x0, x1), (y0, y1) = sorted((x0, x1)), sorted((y0, y1))
    step = step_mm * POINTS_PER_MM
    for start in np.arange(np.ceil((y0 - x1) / step) * step, y1 - x0, step):
        left, right = max(x0, y0 - start), min(x1, y1 - start)
        if right - left > 0.2:
            ends = axes.transData.inverted().transform([(left, left + start), (right, right + start)])
            line(axes, ends[:, 0], ends[:, 1], colour, lw=0.5, solid_capstyle="butt")


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart to at least `gap`, as little as possible, inside low..high; their order stays.

    Repeatedly merges neighbours that touch into a block centred on its members (isotonic regression of the places less their
    due distance).
    """
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    blocks: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        blocks.append((places[index] - rank * gap, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, n), (b, m) = blocks[-2:]
            blocks[-2:] = [((a * n + b * m) / (n + m), n + m)]
    base = [start for start, size in blocks for _ in range(size)]
    room = high - (len(places) - 1) * gap
    moved = [0.0] * len(places)
    for rank, index in enumerate(order):
        moved[index] = min(max(base[rank], low), max(room, low)) + rank * gap
    return moved


def end_labels(axes: Axes, paper: Paper, ends: Sequence[tuple[float, str, str]], x: float | None = None) -> None:
    """Names at the right end of lines: (y, text, colour of its dot); moved apart where they would touch."""
    ends = [end for end in ends if np.isfinite(end[0])]
    right = axes.get_xlim()[1] if x is None else x
    low, high = sorted(axes.get_ylim())
    gap = (high - low) * 3.0 / max(area_mm(axes)[1], 1.0)
    for (y, text, colour), place in zip(ends, spread([e[0] for e in ends], gap, low, high), strict=True):
        if abs(place - y) > gap * 0.4:
            line(axes, *_leader(axes, right, y, place), colour, lw=0.5)
        write(axes, (right, place), text, (3.2, 0), **paper.type("ink", bold=True))
        write_dot(axes, (right, place), colour)


def write_dot(axes: Axes, place: tuple[float, float], colour: str, shift_mm: float = 2.0) -> None:
    """A small disc in front of a direct label."""
    moved = axes.transData.inverted().transform(np.add(axes.transData.transform(place), [shift_mm * POINTS_PER_MM, 0]))
    dots(axes, [moved[0]], [moved[1]], colour, size=3.6)


def _leader(axes: Axes, x: float, y: float, place: float) -> tuple[list[float], list[float]]:
    end = axes.transData.inverted().transform(np.add(axes.transData.transform((x, place)), [1.4 * POINTS_PER_MM, 0]))[0]
    return [x, float(end)], [y, place]


def month_texts(paper: Paper, months: Sequence[date], room_mm: float) -> list[tuple[int, str]]:
    """Labels of a month axis that fit: (position, text); January shows its year."""
    if not months:
        return []
    for step in (1, 2, 3, 6, 12, 24, 60, 120):
        picked = [i for i, m in enumerate(months) if ((m.year * 12 + m.month - 1) % step == 0)]
        if len(picked) * 8.0 <= room_mm or step == 120:
            break
    picked = picked or [0]
    labels = [(i, _month_text(paper, months[i])) for i in picked]
    if not any(text.isdigit() for _, text in labels):
        first = labels[0][0]
        labels[0] = (first, _month_text(paper, months[first]) + f" {months[first].year}")
    return labels


def _month_text(paper: Paper, month: date) -> str:
    return f"{month.year}" if month.month == 1 else format_date(month, "LLL", locale=paper.words.locale)


def month_axis(axes: Axes, paper: Paper, months: pd.Series) -> None:
    """Names of the months below the plot area; positions count from 0."""
    dates = [stamp.date() for stamp in pd.to_datetime(months)]
    labels = month_texts(paper, dates, area_mm(axes)[0])
    grid_x(axes, paper, [i for i, _ in labels], [text for _, text in labels], lines=False)


def ceiling(values: ArrayLike, times: float = 4.0) -> float | None:
    """Where an axis should be cut because a few values dwarf all others: above `times` the 90 % quantile; None: nowhere."""
    clean = np.asarray(values, dtype=float)
    clean = np.sort(clean[np.isfinite(clean)])
    if len(clean) < 8:
        return None
    limit = times * float(np.quantile(clean, 0.9))
    if limit <= 0 or clean[-1] <= limit:
        return None
    return float(clean[clean <= limit][-1]) * 1.15


def capped_rows(axes: Axes, count: int, most_mm: float = 9.0) -> None:
    """Rows from 0 at the top down, none higher than `most_mm`."""
    rows = max(float(count), area_mm(axes)[1] / most_mm)
    axes.set_ylim(rows - 0.5, -0.5)


def numbers_text(function: Callable[[float], str], values: ArrayLike) -> list[str]:
    """Each value written; missing ones as an en dash."""
    return [function(float(v)) if np.isfinite(v) else "–" for v in np.asarray(values, dtype=float)]
