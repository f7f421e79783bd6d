"""The few marks that all charts share: plot area, grid, ticks, bars, dots, lines and labels that keep out of each other's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from babel.dates import format_date
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from reporter.document.charts.figure import Axes, Figure, Ink, Type
from reporter.document.charts.letters import BODY, POINTS_PER_MM, SMALL, fit, text_width
from reporter.document.charts.paper import Paper, canvas
from reporter.document.words import SHARES, decimal

LINE = 2.9
"""Height of a line of small text in mm."""
Margins = tuple[float, float, float, float]
"""Left, right, top, bottom in mm."""


def plot_area(figure: Figure, paper: Paper, margins: Margins) -> Axes:
    """A plot area inside margins in mm."""
    left, right, top, bottom = margins
    width, height = max(paper.width - left - right, 5.0), max(paper.height - top - bottom, 5.0)
    return figure.add_axes((left / paper.width, bottom / paper.height, width / paper.width, height / paper.height))


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
    write(axes, (0.5, 0.5), paper.label("No data"), ha="center", **paper.type("muted"))
    return figure


def area_mm(axes: Axes) -> tuple[float, float]:
    """Width and height of a plot area in mm."""
    width, height = axes.size / POINTS_PER_MM
    return float(width), float(height)


def write(
    axes: Axes,
    place: tuple[float, float],
    text: str,
    shift: tuple[float, float] = (0, 0),
    zorder: float = 3,
    **look: Any,
) -> None:
    """A text at a place in data coordinates, moved by `shift` mm; `look` is `Paper.type` with what else `Type` has."""
    axes.text(place, text, shift, Type(**look), zorder)


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
        number = decimal(round(tick / divisor, 4), paper.words.locale).replace("-", "−")
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
        look: dict[str, Any] = {"width": 0.6, "zorder": 2.2} if tick == 0 else {"width": 0.5, "zorder": 0.5}
        line(axes, [left, right], [tick, tick], paper.colour("grid" if tick else "context"), cap="butt", **look)
    for tick, text in inside:
        write(axes, (left, tick), text, (-1.6, 0), ha="right", **paper.type("muted", size=SMALL))


def grid_x(axes: Axes, paper: Paper, ticks: Sequence[float], texts: Sequence[str], lines: bool = True) -> None:
    """Numbers below, with a vertical grid."""
    left, right = sorted(axes.get_xlim())
    bottom, top = axes.get_ylim()
    inside = [(tick, text) for tick, text in zip(ticks, texts, strict=True) if left - 1e-9 <= tick <= right + 1e-9]
    if lines:
        for tick, _ in inside:
            line(axes, [tick, tick], [bottom, top], paper.colour("grid"), width=0.5, zorder=0.5, cap="butt")
    for tick, text, shift in _apart(axes, paper, inside):
        write(axes, (tick, bottom), text, (shift, -2.9), ha="center", **paper.type("muted", size=SMALL))


def _apart(axes: Axes, paper: Paper, labels: list[tuple[float, str]]) -> list[tuple[float, str, float]]:
    """Each label with the shift that keeps it on the sheet; only every second, third … where all would touch."""
    span = float(np.ptp(axes.get_xlim()))
    left = float(axes.corner[0]) / POINTS_PER_MM
    right = left + area_mm(axes)[0]
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
    line(axes, [left, right], [bottom, bottom], paper.colour("context"), width=0.6, zorder=2.2, cap="butt")


def title_x(axes: Axes, paper: Paper, text: str, shift_mm: float = -6.1) -> None:
    """Name of the horizontal axis, under its numbers."""
    middle = sum(axes.get_xlim()) / 2
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
    room = min(paper.width * 0.6, paper.width - shift_mm - 1)
    kind = Type(va="top", **paper.type("muted", size=SMALL))
    axes.figure.text((0, 1), fit(text, room, SMALL), (shift_mm, -0.6), kind)


def title_upright(axes: Axes, paper: Paper, text: str, shift_mm: float) -> None:
    """Name of the vertical axis beside its numbers, from bottom to top; in two lines where it is longer than the axis."""
    if text_width(text, SMALL) > area_mm(axes)[1]:
        spaces = [place for place, letter in enumerate(text) if letter == " "]
        middle = min(spaces, key=lambda place: abs(place - len(text) / 2), default=len(text))
        text = f"{text[:middle].strip()}\n{text[middle:].strip()}"
    (left, _), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    look = paper.type("muted", size=SMALL)
    write(axes, (left, (bottom + top) / 2), text, (shift_mm, 0), ha="center", rotation=90, spacing=1.05, **look)


def note(axes: Axes, paper: Paper, text: str) -> None:
    """A short remark at the upper right corner of the figure."""
    axes.figure.text((1, 1), text, (0, -0.6), Type(ha="right", va="top", **paper.type("muted", size=SMALL)))


def dots(axes: Axes, x: ArrayLike, y: ArrayLike, colour: str, **look: float) -> None:
    """Filled discs; `size` is their diameter in points."""
    size, alpha, zorder = look.get("size", 3.0), look.get("alpha", 1.0), look.get("zorder", 3.0)
    axes.dots(x, y, zorder, diameter=size, colour=colour, opacity=alpha)


def rings(axes: Axes, x: ArrayLike, y: ArrayLike, colour: str, **look: float) -> None:
    """Circles; `size` is their diameter in points, `width` that of the line."""
    size, width, zorder = look.get("size", 3.0), look.get("width", 0.5), look.get("zorder", 3.0)
    axes.dots(x, y, zorder, diameter=size, colour=colour, ring=width)


def line(axes: Axes, x: ArrayLike, y: ArrayLike, colour: str, **look: Any) -> None:
    """A line; `width` in points, `dashes` as multiples of it, `alpha`, `zorder`, and `cap`: round where nothing else is said and the line unbroken."""
    width, dashes = look.get("width", 1.6), look.get("dashes", ())
    ink = Ink(
        stroke=colour,
        width=width,
        opacity=look.get("alpha", 1.0),
        dashes=tuple(width * part for part in dashes),
        cap=look.get("cap", "butt" if dashes else "round"),
        join="round",
    )
    axes.stroke(x, y, ink, look.get("zorder", 3.0))


def rule(axes: Axes, x: float, colour: str, **look: Any) -> None:
    """A vertical line over the whole plot area."""
    line(axes, [x, x], axes.get_ylim(), colour, **({"width": 0.8, "cap": "butt"} | look))


def boxes(
    axes: Axes,
    corners: Sequence[tuple[float, float, float, float]],
    colour: str,
    zorder: float = 1.0,
    alpha: float = 1.0,
) -> None:
    """Filled rectangles (left, bottom, width, height) of one colour, as one path."""
    kept = [corner for corner in corners if np.isfinite(corner).all() and corner[2] and corner[3]]
    points = [
        place
        for left, bottom, width, height in kept
        for place in (
            (left, bottom),
            (left + width, bottom),
            (left + width, bottom + height),
            (left, bottom + height),
        )
    ]
    if points:
        axes.fill(points, "MLLLz" * len(kept), Ink(fill=colour, opacity=alpha), zorder)


def band(axes: Axes, x: ArrayLike, ends: tuple[ArrayLike, ArrayLike], colour: str, **look: Any) -> None:
    """What lies between two lines over `x`, filled, apart from places without a number; with `upright` between two lines beside `x`, which runs up."""
    x = np.asarray(x, dtype=float)
    one, other = (np.broadcast_to(np.asarray(end, dtype=float), x.shape) for end in ends)
    known = np.isfinite(x) & np.isfinite(one) & np.isfinite(other)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype("int8")))
    ink = Ink(fill=colour, opacity=look.get("alpha", 1.0))
    for start, end in edges.reshape(-1, 2):
        along = np.concatenate([x[start:end], x[start:end][::-1]])
        across = np.concatenate([one[start:end], other[start:end][::-1]])
        points = np.column_stack([across, along] if look.get("upright") else [along, across])
        axes.fill(points, "M" + "L" * (len(points) - 1) + "z", ink, look.get("zorder", 1.0))


def hatch(axes: Axes, corner: tuple[float, float, float, float], colour: str, step_mm: float = 1.3) -> None:
    """Slanted lines over a rectangle: a period that has not ended."""
    if not np.isfinite(corner).all():
        return
    (x0, y0), (x1, y1) = axes.to_points([corner[:2], (corner[0] + corner[2], corner[1] + corner[3])])
    (x0, x1), (y0, y1) = sorted((x0, x1)), sorted((y0, y1))
    step = step_mm * POINTS_PER_MM
    for start in np.arange(np.ceil((y0 - x1) / step) * step, y1 - x0, step):
        left, right = max(x0, y0 - start), min(x1, y1 - start)
        if right - left > 0.2:
            ends = axes.from_points([(left, left + start), (right, right + start)])
            line(axes, ends[:, 0], ends[:, 1], colour, width=0.5, cap="butt")


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
            line(axes, *_leader(axes, right, y, place), colour, width=0.5)
        write(axes, (right, place), text, (3.2, 0), **paper.type("ink", bold=True))
        write_dot(axes, (right, place), colour)


def write_dot(axes: Axes, place: tuple[float, float], colour: str, shift_mm: float = 2.0) -> None:
    """A small disc in front of a direct label."""
    moved = axes.moved(place, shift_mm)
    dots(axes, [moved[0]], [moved[1]], colour, size=3.6)


def _leader(axes: Axes, x: float, y: float, place: float) -> tuple[list[float], list[float]]:
    return [x, float(axes.moved((x, place), 1.4)[0])], [y, place]


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
