"""Pictures of recency, frequency and monetary: distributions, scores, and the segments they make."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from reporter.document.charts import heat, marks, scatter
from reporter.document.charts.figure import Axes, Figure
from reporter.document.charts.letters import BODY, SMALL, fit, text_width
from reporter.document.charts.paper import Paper, clean_name
from reporter.document.charts.steps import steps
from reporter.document.words import Word

Palette = Mapping[str, int]
NAMED = 7
MOST_MUTED = 500
"""Grey points behind those of one segment: eleven small pictures with all two thousand were a fifth of the page's bytes."""


def score_histogram(paper: Paper, values: np.ndarray, boundaries: pd.DataFrame, label: str, unit: str) -> Figure:
    """How a dimension is spread, and where its scores begin and end.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_customers,)
    boundaries : pandas.DataFrame
        Rows of one dimension of ``Scorecard.boundaries``: ``score, low, high``.
    label, unit : str
        Name of the dimension and of its unit.
    """
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        return marks.blank(paper)
    scale = scatter.scale(values)
    edges = _bin_edges(values, scale)
    counts, _ = np.histogram(scale.place(values), edges)
    ticks = marks.nice_ticks(0, counts.max(), 4)
    texts = marks.scale_texts(paper, ticks)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, 1.5, 8.2, 8.5))
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    gap = np.minimum(np.diff(edges) * 0.06, (edges[-1] - edges[0]) * 0.004)
    corners = [(x + g, 0.0, w - 2 * g, c) for x, w, c, g in zip(edges, np.diff(edges), counts, gap, strict=False)]
    marks.boxes(axes, corners, paper.light(paper.colour("accent"), 0.55), zorder=2)
    _value_axis(axes, paper, scale)
    far = paper.label(" (ends gathered)") if scatter.beyond(scale, values).any() else ""
    words = f"{clean_name(label)}, {clean_name(unit)}" if unit else clean_name(label)
    marks.title_x(axes, paper, words + (paper.label(", log scale") if scale.log else "") + far)
    marks.title_y(axes, paper, paper.label("Customers"))
    _score_bands(axes, paper, boundaries, scale)
    return figure


def _bin_edges(values: np.ndarray, scale: scatter.Scale) -> np.ndarray:
    """About 40 bins; whole numbers get bins that begin and end between them."""
    whole = bool((values == np.round(values)).all())
    low, high = scale.low, scale.high
    if not whole:
        return np.linspace(low, high, 41)
    first, last = (np.expm1(low), np.expm1(high)) if scale.log else (low, high)
    # There and back by logarithms a whole number is nearly one.
    first, last = np.floor(np.round(first, 6)), np.ceil(np.round(last, 6))
    if scale.log:
        inner = np.round(np.expm1(np.linspace(np.log1p(first), np.log1p(last), 36)), 6)
        edges = np.unique(np.r_[first - 0.5, np.floor(inner) + 0.5, last + 0.5])
        return np.asarray(np.log1p(np.maximum(edges, -0.5)))
    step = max(1, int(np.ceil((last - first) / 60)))
    return np.arange(first - 0.5, last + step + 0.5, step)


def _value_axis(axes: Axes, paper: Paper, scale: scatter.Scale) -> None:
    ticks = scale.ticks(5 if marks.area_mm(axes)[0] < 90 else 8)
    places = np.log1p(ticks) if scale.log else np.asarray(ticks)
    texts = [paper.words.count(t).text for t in ticks] if scale.log else marks.scale_texts(paper, ticks)
    if marks.widest(texts, SMALL) * len(texts) > marks.area_mm(axes)[0] * 0.8:
        texts = marks.scale_texts(paper, ticks) if not scale.log else [_short(paper, t) for t in ticks]
    marks.grid_x(axes, paper, list(places), texts, lines=False)


def _short(paper: Paper, tick: float) -> str:
    return marks.scale_texts(paper, [tick])[0]


def _score_bands(axes: Axes, paper: Paper, boundaries: pd.DataFrame, scale: scatter.Scale) -> None:
    """A band on top with the scores, and a rule where one ends and the next begins."""
    known = boundaries[boundaries["low"].notna()].sort_values("low", kind="stable")
    if known.empty:
        return
    left, right = axes.get_xlim()
    between = (known["high"].to_numpy(dtype=float)[:-1] + known["low"].to_numpy(dtype=float)[1:]) / 2
    cuts = np.r_[left, scale.place(between), right]
    top = axes.get_ylim()[1]
    width, height = marks.area_mm(axes)
    band = (top * 0.6 / height, top * 3.4 / height)
    for score, start, end in zip(known["score"], cuts[:-1], cuts[1:], strict=True):
        fill = paper.heat(min(int(score), 5) + 1)
        marks.boxes(axes, [(start, top + band[0], end - start, band[1])], fill, zorder=3)
        if (end - start) / (right - left) * width > text_width(str(score), BODY, True) + 0.8:
            marks.write(axes, ((start + end) / 2, top + band[0] + band[1] / 2), str(int(score)), ha="center", zorder=5,
                        **paper.type(paper.on(fill), bold=True))  # fmt: skip
    for cut in cuts[1:-1]:
        marks.line(axes, [cut, cut], [0, top + band[0] + band[1]], paper.colour("ink"), width=0.5, zorder=4)


def rfm_heat(paper: Paper, grid: pd.DataFrame, bins: int, label: str) -> Figure:
    """Recency against frequency scores: customers in the cell, its colour their mean value.

    Parameters
    ----------
    grid : pandas.DataFrame
        As ``Scorecard.heat``; customers and mean missing where they are hidden.
    bins : int
        Scores run 1..bins.
    label : str
        Name of the mean value.
    """
    if grid.empty:
        return marks.blank(paper)
    value, customers = np.full((bins, bins), np.nan), np.zeros((bins, bins))
    for cell in grid.itertuples():
        at = (bins - int(cell.f_score), int(cell.r_score) - 1)
        value[at], customers[at] = cell.mean_monetary, cell.customers
    figure, axes = marks.sheet(paper, (9.4, 0.3, 5.5, 8.5))
    axes.set_xlim(0.5, bins + 0.5)
    axes.set_ylim(bins - 0.5, -0.5)
    steps, edges = heat.scale_steps(value)
    empty = [(c + 0.53, r - 0.47, 0.94, 0.94) for r, c in zip(*np.nonzero(steps == 0), strict=True)]
    marks.boxes(axes, empty, paper.colour("tint"))
    heat.cells(axes, paper, steps)
    for (row, column), count in np.ndenumerate(customers):
        if count:
            step = int(steps[row, column])
            ink = paper.on(paper.heat(step) if step else paper.colour("tint"))
            marks.write(axes, (column + 1, row), marks.count_text(paper, count), ha="center", **paper.type(ink))
    for score in range(1, bins + 1):
        marks.write(axes, (0.5, bins - score), str(score), (-1.8, 0), ha="right", **paper.type("muted"))
        marks.write(axes, (score, bins - 0.5), str(score), (0, -2.9), ha="center", **paper.type("muted"))
    marks.title_upright(axes, paper, paper.label("Frequency score: rarely  →  often"), -7.0)
    marks.title_x(axes, paper, paper.label("Recency score: long ago  →  recent"))
    texts = marks.scale_texts(paper, [_rounded(edges[0]), _rounded(edges[-1])])
    heat.key(axes, paper, (texts[0], texts[1]))
    marks.title_y(axes, paper, fit(clean_name(label, 60), paper.width - 28 - sum(map(text_width, texts)), SMALL))
    return figure


def _rounded(value: float) -> float:
    """Two significant digits are enough for the ends of a scale."""
    return float(f"{value:.2g}") if np.isfinite(value) else 0.0


TOLD = {
    "money": ("{share} of value", "{share} of customers"),
    "coupon": ("{share} of burned coupons", "{share} of customers"),
}
BARE = ("{share}", "{share}")
LEAST_BARS_MM = 25.0
"""Room that bars need before labels say what they are."""


def segment_bars(paper: Paper, frame: pd.DataFrame, palette: Palette) -> Figure:
    """For each segment its share of the value (bar) against its share of the customers (upright line), in the given order.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``name`` str · ``share, monetary_share`` float.
    palette : dict of str to int
        Segment to colour slot.
    """
    if frame.empty:
        return marks.blank(paper)
    names = [clean_name(paper.label(str(name))) for name in frame["name"]]
    value, people = (np.nan_to_num(frame[c].to_numpy(dtype=float)) for c in ("monetary_share", "share"))
    told = TOLD[paper.words.mode]
    name_room = marks.widest(names) + 3
    if paper.width - name_room - _label_room(paper, told) < LEAST_BARS_MM:
        told = BARE
    figure, axes = marks.sheet(paper, (name_room, _label_room(paper, told), 0.3, 0.3))
    axes.set_xlim(min(0.0, float(np.nanmin(value))), max(float(np.nanmax([value, people])), 0.01))
    axes.set_ylim(len(frame) - 0.5, -0.5)
    for row, name in enumerate(names):
        colour = paper.slot(palette.get(str(frame["name"].iloc[row]), 12))
        marks.boxes(axes, [(0, row - 0.28, value[row], 0.56)], colour)
        marks.line(
            axes,
            [people[row]] * 2,
            [row - 0.42, row + 0.42],
            paper.colour("ink"),
            width=1.1,
            zorder=4,
            cap="butt",
        )
        marks.write(axes, (axes.get_xlim()[0], row), name, (-2, 0), ha="right", **paper.type())
        end = (max(value[row], people[row], 0), row)
        _bar_label(axes, paper, end, (value[row], people[row]), told if row == 0 else BARE)
    steps(axes, "y", range(len(frame)))
    return figure


def _bar_label(
    axes: Axes, paper: Paper, place: tuple[float, float], shares: tuple[float, float], told: tuple[str, str]
) -> None:
    """Beside the longer of bar and line: the share of the value, and muted that of the customers, as told."""
    value, people = (paper.label(text, share=paper.share(share)) for text, share in zip(told, shares, strict=True))
    marks.write(axes, place, value, (1.6, 0), **paper.type("ink", bold=True))
    marks.write(axes, place, people, (3.4 + text_width(value, bold=True), 0), **paper.type("muted", size=SMALL))


def _label_room(paper: Paper, told: tuple[str, str]) -> float:
    """Width in mm of the longest two shares as told."""
    value, people = (paper.label(text, share=paper.share(0.995)) for text in told)
    return text_width(value, bold=True) + text_width(people, SMALL) + 5


def segment_treemap(paper: Paper, frame: pd.DataFrame, palette: Palette) -> Figure:
    """Segments as areas: as large as their customers, named with their shares where the names fit.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``name`` str · ``customers`` int · ``monetary_share`` float.
    palette : dict of str to int
        Segment to colour slot.
    """
    frame = frame[frame["customers"] > 0].sort_values(["customers", "name"], ascending=[False, True], kind="stable")
    if frame.empty:
        return marks.blank(paper)
    figure, axes = marks.sheet(paper, (0.1, 0.1, 0.1, 0.1))
    width, height = marks.area_mm(axes)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    people = frame["customers"].to_numpy(dtype=float)
    rectangles = squarify(list(people / people.sum()), width, height)
    for (x, y, w, h), segment, share in zip(rectangles, frame.itertuples(), people / people.sum(), strict=True):
        fill = paper.slot(palette.get(str(segment.name), 12))
        marks.boxes(axes, [(x + 0.25, y + 0.25, w - 0.5, h - 0.5)], fill)
        ink = paper.on(fill)
        room = (w - 3, math.ceil((h - 4.3) / 3.4))
        words = _area_words(paper, paper.label(str(segment.name)), (share, segment.monetary_share), room)
        for number, (text, bold) in enumerate(words):
            marks.write(axes, (x + 1.8, y + 3.2 + number * 3.4), text, **paper.type(ink, bold=bold))
    return figure


def _area_words(
    paper: Paper, name: str, shares: tuple[float, float], room: tuple[float, int]
) -> list[tuple[str, bool]]:
    """Name and shares for an area `room` mm wide and lines high: the name over as many lines as it needs, the shares in the longest form that fits."""
    wide, high = room
    if high < 1:
        return []
    lines: list[str] = []
    for word in clean_name(name).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, BODY, True) <= wide:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = [*lines[: high - 1], " ".join(lines[high - 1 :])] if len(lines) > high else lines
    texts = [(fit(line, wide, BODY, True), True) for line in lines]
    noun = "value" if paper.words.mode == "money" else "burned coupons"
    pairs = [(paper.words.share(share).text, what) for share, what in zip(shares, ("customers", noun), strict=True)]
    for joint in ("{share} of {noun}", "{share} {noun}"):
        forms = [paper.label(joint, share=share, noun=Word(what)) for share, what in pairs]
        if marks.widest(forms) <= wide:
            return [*texts, *((form, False) for form in forms)][:high]
    return texts


def squarify(shares: list[float], width: float, height: float) -> list[tuple[float, float, float, float]]:
    """Split a rectangle into parts that are as square as can be (Bruls, Huizing and van Wijk 2000).

    Parameters
    ----------
    shares : list of float
        Positive, largest first, summing to 1.

    Returns
    -------
    list of (left, top, width, height)
        In the order of `shares`; they fill the rectangle exactly.
    """
    areas = [share * width * height for share in shares]
    placed: list[tuple[float, float, float, float]] = []
    x, y = 0.0, 0.0
    while len(placed) < len(areas):
        side = min(width, height)
        row = areas[len(placed) : len(placed) + 1]
        for area in areas[len(placed) + 1 :]:
            if _worst([*row, area], side) > _worst(row, side):
                break
            row.append(area)
        thick = sum(row) / side
        along = 0.0
        for area in row:
            length = area / thick
            placed.append((x, y + along, thick, length) if width >= height else (x + along, y, length, thick))
            along += length
        x, y, width, height = (
            (x + thick, y, width - thick, height) if width >= height else (x, y + thick, width, height - thick)
        )
    return placed


def _worst(row: list[float], side: float) -> float:
    """The largest ratio of sides in a row of areas."""
    total = sum(row)
    return max(max(side**2 * area / total**2, total**2 / (side**2 * area)) for area in row)


def score_scatter(
    paper: Paper,
    sample: pd.DataFrame,
    pair: tuple[str, str],
    labels: tuple[str, str],
    palette: Palette,
    subject: str | None = None,
) -> Figure:
    """Customers on two measures, coloured by segment; with a `subject` all others are grey.

    Parameters
    ----------
    sample : pandas.DataFrame
        ``segment`` and the two measures.
    pair : tuple of str
        Columns of the two measures, across and up.
    labels : tuple of str
        Their names.
    palette : dict of str to int
        Segment to colour slot.
    subject : str or None
        A segment to show alone.
    """
    x, y = pair
    sample = sample[np.isfinite(sample[x].to_numpy(dtype=float)) & np.isfinite(sample[y].to_numpy(dtype=float))]
    if sample.empty:
        return marks.blank(paper)
    across, up = scatter.scale(sample[x]).loosened(sample[x]), scatter.scale(sample[y]).loosened(sample[y])
    ticks = up.ticks(5)
    texts = [_short(paper, t) for t in ticks] if up.log else marks.scale_texts(paper, ticks)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.4, 2, 6.5, 8.5))
    axes.set_xlim(across.low - (across.high - across.low) * 0.02, across.high)
    axes.set_ylim(up.low - (up.high - up.low) * 0.03, up.high)
    marks.grid_y(axes, paper, list(np.log1p(ticks) if up.log else ticks), texts)
    _value_axis(axes, paper, across)
    marks.title_y(axes, paper, _legend_words(paper, up, labels[1]))
    marks.title_x(axes, paper, _legend_words(paper, across, labels[0]))
    places = pd.DataFrame(
        {
            "segment": sample["segment"],
            "x": across.place(scatter.loosen(sample[x])),
            "y": up.place(scatter.loosen(sample[y])),
        }
    )
    _points_by_segment(axes, paper, places, palette, subject)
    return figure


def _points_by_segment(axes: Axes, paper: Paper, places: pd.DataFrame, palette: Palette, subject: str | None) -> None:
    if subject is not None:
        places = _thinned(places, subject)
    sizes = places["segment"].value_counts()
    order = sorted(sizes.index, key=lambda name: (name == subject, -int(sizes[name]), str(name)))
    size = 2.0 if len(places) > 600 else 2.8
    for name in order:
        points = places[places["segment"] == name]
        muted = subject is not None and name != subject
        colour = paper.colour("context") if muted else paper.slot(palette.get(str(name), 12))
        marks.dots(axes, points["x"], points["y"], colour, size=size if muted or subject is None else size + 0.6,
                   alpha=0.75 if subject is None else 1.0)  # fmt: skip
    if subject is not None:
        marks.note(axes, paper, paper.label("others grey, n = {n}", n=paper.words.count(len(places))))
        return
    named = []
    for name in order[:NAMED]:
        points = places[places["segment"] == name]
        middle = (points["x"].median(), points["y"].median())
        named.append((*middle, clean_name(paper.label(str(name))), paper.slot(palette.get(str(name), 12))))
    scatter.name_places(axes, paper, named)


def _thinned(places: pd.DataFrame, subject: str) -> pd.DataFrame:
    """All points of the subject, and of the others, which only tell where the crowd is, every second, third … one."""
    other = (places["segment"] != subject).to_numpy()
    step = -(-int(other.sum()) // MOST_MUTED) or 1
    return places[~other | (np.cumsum(other) % step == 0)]


def _legend_words(paper: Paper, scale: scatter.Scale, label: str) -> str:
    return clean_name(label, 60) + (paper.label(" (log scale)") if scale.log else "")
