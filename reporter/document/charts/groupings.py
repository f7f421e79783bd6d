"""Pictures of the clusters themselves: tree, map, profiles, and how they meet the segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.document.charts import heat, marks, scatter
from reporter.document.charts.figure import Axes, Figure, Type
from reporter.document.charts.letters import BODY, SMALL, fit, text_width
from reporter.document.charts.paper import Paper, clean_name
from reporter.document.charts.steps import steps
from reporter.document.words import Word


@dataclass(frozen=True, slots=True)
class _Twigs:
    """A tree laid out: place and height of each node, and the cluster below the cut that it belongs to (0: above)."""

    place: dict[int, float]
    height: dict[int, float]
    cluster: dict[int, int]


def dendrogram(paper: Paper, merges: pd.DataFrame, leaves: int, k: int | None) -> Figure:
    """Ward's tree from the top; the cut for k clusters, what lies below it coloured and counted.

    Parameters
    ----------
    merges : pandas.DataFrame
        As ``Tree.merges``: ``left, right, height, customers``.
    leaves : int
        Leaves are the nodes 0..leaves-1, merges follow.
    k : int or None
        Clusters to cut at; None: no cut.
    """
    if merges.empty or leaves < 2:
        return marks.blank(paper)
    heights = merges["height"].to_numpy(dtype=float)
    k = k if k is not None and 2 <= k <= leaves else None
    tops = _tops(merges, leaves, k or 1)
    twigs = _layout(merges, leaves, tops if k else [])
    figure, axes = marks.sheet(paper, (8, 10, 3, 8))
    axes.set_xlim(-0.5, leaves - 0.5)
    axes.set_ylim(0, heights.max() * 1.02)
    ticks = marks.nice_ticks(0, heights.max(), 4)
    marks.grid_y(axes, paper, ticks, marks.scale_texts(paper, ticks))
    _draw_twigs(axes, paper, merges, leaves, twigs)
    if k:
        low = heights[-k] if k <= len(heights) else 0.0
        cut = (low + heights[len(heights) - k + 1]) / 2
        marks.line(axes, axes.get_xlim(), [cut, cut], paper.colour("ink"), width=0.7, dashes=(3, 2), zorder=4)
        marks.write(axes, (axes.get_xlim()[1], cut), f"k = {k}", (1.2, 0), **paper.type("ink", bold=True))
        _count_clusters(axes, paper, merges, leaves, (tops, twigs))
    return figure


def _tops(merges: pd.DataFrame, leaves: int, k: int) -> list[int]:
    """The nodes that remain when the last k-1 merges are undone."""
    root = leaves + len(merges) - 1
    cut = {root - i for i in range(k - 1)}
    kids = [int(n) for m in sorted(cut) for n in merges[["left", "right"]].iloc[m - leaves]]
    return sorted(n for n in kids if n not in cut) if cut else [root]


def _layout(merges: pd.DataFrame, leaves: int, tops: list[int]) -> _Twigs:
    pairs = merges[["left", "right"]].to_numpy(dtype=int)
    place: dict[int, float] = {}
    height = dict.fromkeys(range(leaves), 0.0) | {leaves + i: float(h) for i, h in enumerate(merges["height"])}
    cluster: dict[int, int] = {}
    found: list[int] = []
    waiting = [(leaves + len(pairs) - 1, 0)]
    while waiting:
        node, group = waiting.pop()
        if node in tops:
            found.append(node)
            group = len(found)
        cluster[node] = group
        if node < leaves:
            place[node] = float(sum(1 for n in place if n < leaves))
        else:
            waiting += [(int(pairs[node - leaves][1]), group), (int(pairs[node - leaves][0]), group)]
    for i, (left, right) in enumerate(pairs):
        place[leaves + i] = (place[int(left)] + place[int(right)]) / 2
    return _Twigs(place, height, cluster)


def _draw_twigs(axes: Axes, paper: Paper, merges: pd.DataFrame, leaves: int, twigs: _Twigs) -> None:
    """All brackets of one cluster as one path."""
    paths: dict[int, tuple[list[float], list[float]]] = {}
    for i, (left, right) in enumerate(merges[["left", "right"]].to_numpy(dtype=int)):
        node = leaves + i
        for kid in (int(left), int(right)):
            xs, ys = paths.setdefault(twigs.cluster[kid] if twigs.cluster[kid] else 0, ([], []))
            xs += [twigs.place[kid], twigs.place[kid], twigs.place[node], np.nan]
            ys += [twigs.height[kid], twigs.height[node], twigs.height[node], np.nan]
    for group, (xs, ys) in sorted(paths.items()):
        marks.line(axes, xs, ys, paper.slot(group) if group else paper.colour("muted"), width=1.0, cap="butt")


def _count_clusters(axes: Axes, paper: Paper, merges: pd.DataFrame, leaves: int, cut: tuple[list[int], _Twigs]) -> None:
    """Customers of each cluster under its branch."""
    tops, twigs = cut
    sizes = _sizes(merges, leaves)
    last_end = -np.inf
    room = marks.area_mm(axes)[0] / leaves
    for node in sorted(tops, key=lambda n: twigs.place[n]):
        under = [twigs.place[n] for n in twigs.place if n < leaves and twigs.cluster[n] == twigs.cluster[node]]
        middle = (min(under) + max(under)) / 2
        marks.line(axes, [min(under) - 0.3, max(under) + 0.3], [0, 0], paper.slot(twigs.cluster[node]), width=2.4,
                   cap="butt")  # fmt: skip
        text = paper.words.count(sizes[node]).text if node in sizes else ""
        half = text_width(text, SMALL) / 2 / room
        if text and middle - half > last_end:
            marks.write(axes, (middle, 0), text, (0, -2.6), ha="center", **paper.type("ink", size=SMALL))
            last_end = middle + half + 0.8 / room
    kind = Type(va="bottom", **paper.type("muted", size=SMALL))
    axes.figure.text((0, 0.004), paper.label("Customers in each branch"), (0, 0), kind)


def _sizes(merges: pd.DataFrame, leaves: int) -> dict[int, float]:
    """Customers of every node that can be known: of merges, and of a leaf whose sibling is known."""
    sizes = {leaves + i: float(c) for i, c in enumerate(merges["customers"])}
    for i, (left, right) in enumerate(merges[["left", "right"]].to_numpy(dtype=int)):
        for one, other in ((int(left), int(right)), (int(right), int(left))):
            if one < leaves <= other:
                sizes[one] = sizes[leaves + i] - sizes[other]
    return sizes


def cluster_map(paper: Paper, sample: pd.DataFrame, explained: tuple[float, ...], loadings: pd.DataFrame) -> Figure:
    """Customers on the first two principal components, coloured by cluster; arrows say where each feature grows.

    Parameters
    ----------
    sample : pandas.DataFrame
        ``x, y`` float · ``cluster`` int · ``outlier`` bool.
    explained : tuple of float
        Share of the variance on each axis.
    loadings : pandas.DataFrame
        ``feature, x, y``.
    """
    sample = _placed(sample)
    if sample.empty:
        return marks.blank(paper)
    figure, axes, x, y = _map_axes(paper, sample, explained)
    clusters = sample["cluster"].to_numpy(dtype=int)
    outliers = sample["outlier"].to_numpy(dtype=bool) if "outlier" in sample else np.zeros(len(sample), dtype=bool)
    numbers, sizes = np.unique(clusters, return_counts=True)
    for number in numbers[np.argsort(-sizes, kind="stable")]:
        rows = clusters == number
        colour = paper.slot(int(number)) if number > 0 else paper.colour("context")
        marks.dots(axes, x[rows], y[rows], colour, size=2.4, alpha=0.8)
    marks.rings(axes, x[outliers], y[outliers], paper.colour("ink"), size=4.2, width=0.5, zorder=4)
    if outliers.any():
        marks.note(axes, paper, paper.label("ringed: outlier"))
    middles = {
        int(n): (float(np.median(x[clusters == n])), float(np.median(y[clusters == n]))) for n in numbers if n > 0
    }
    for number, middle in middles.items():
        _badge(axes, paper, middle, number)
    _arrows(axes, paper, loadings, list(middles.values()))
    return figure


def outlier_map(paper: Paper, sample: pd.DataFrame, explained: tuple[float, ...]) -> Figure:
    """The same map with the outliers in colour and all others grey.

    Parameters
    ----------
    sample : pandas.DataFrame
        ``x, y`` float · ``outlier`` bool.
    explained : tuple of float
        Share of the variance on each axis.
    """
    sample = _placed(sample)
    if sample.empty:
        return marks.blank(paper)
    figure, axes, x, y = _map_axes(paper, sample, explained)
    outliers = sample["outlier"].to_numpy(dtype=bool)
    marks.dots(axes, x[~outliers], y[~outliers], paper.colour("context"), size=2.2)
    marks.dots(axes, x[outliers], y[outliers], paper.colour("segment-8"), size=3.4, zorder=4)
    return figure


def _placed(sample: pd.DataFrame) -> pd.DataFrame:
    return sample[np.isfinite(sample[["x", "y"]].to_numpy(dtype=float)).all(axis=1)]


def _map_axes(
    paper: Paper, sample: pd.DataFrame, explained: tuple[float, ...]
) -> tuple[Figure, Axes, np.ndarray, np.ndarray]:
    across, up = scatter.scale(sample["x"]), scatter.scale(sample["y"])
    figure, axes = marks.sheet(paper, (6.2, 1.5, 4.5, 5))
    for low, high, limit in ((across.low, across.high, axes.set_xlim), (up.low, up.high, axes.set_ylim)):
        limit(low - (high - low) * 0.03, high + (high - low) * 0.03)
    share = [paper.words.share(e).text for e in (*explained, float("nan"), float("nan"))[:2] if np.isfinite(e)]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    marks.line(axes, [left, left, right], [top, bottom, bottom], paper.colour("context"), width=0.6, cap="butt")
    texts = [
        paper.label("{component} ({share} of variance)", component=Word(name), share=s)
        for name, s in zip(("First component", "Second component"), share, strict=False)
    ]
    for text, write, shift_mm in zip(texts, (marks.title_x, marks.title_upright), (-3.0, -3.3), strict=False):
        write(axes, paper, text, shift_mm)
    return figure, axes, across.place(sample["x"]), up.place(sample["y"])


def _arrows(axes: Axes, paper: Paper, loadings: pd.DataFrame, badges: list[tuple[float, float]]) -> None:
    """Arrows from the origin, the longest reaching 38 % of the picture; names at their tips, clear of the badges."""
    loadings = _placed(loadings)
    ends = loadings[["x", "y"]].to_numpy(dtype=float)
    length = np.hypot(ends[:, 0], ends[:, 1]).max(initial=0.0)
    if not length:
        return
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    origin = np.array([np.clip(0, left, right), np.clip(0, bottom, top)])
    tips = origin + ends / length * 0.38 * np.array([right - left, top - bottom])
    ink = paper.colour("ink")
    for tip in tips:
        marks.line(axes, [origin[0], tip[0]], [origin[1], tip[1]], ink, width=0.6, zorder=5)
    marks.dots(axes, tips[:, 0], tips[:, 1], ink, size=2.6, zorder=5)
    places = [
        (x, y + (top - bottom) * 0.035 * np.sign(y - origin[1]), clean_name(paper.label(n)), "")
        for (x, y), n in zip(tips, loadings["feature"], strict=True)
    ]
    longest = np.argsort(-np.hypot(ends[:, 0], ends[:, 1]), kind="stable")
    scatter.name_places(axes, paper, [places[i] for i in longest], badges)


def _badge(axes: Axes, paper: Paper, place: tuple[float, float], number: int) -> None:
    colour = paper.slot(number)
    for size, fill in ((12.5, paper.colour("paper")), (11.0, colour)):
        marks.dots(axes, [place[0]], [place[1]], fill, size=size, zorder=8)
    marks.write(axes, place, str(number), ha="center", zorder=9, **paper.type(paper.on(colour), bold=True))


def snake(paper: Paper, profiles: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Mean of every feature in every cluster, in standard deviations from the mean of all customers.

    Parameters
    ----------
    profiles : pandas.DataFrame
        As ``Clustering.profiles``: ``cluster``, ``share`` and ``z_<feature>``.
    labels : dict of str to str
        Feature to its name.
    """
    columns = [c for c in profiles.columns if str(c).startswith("z_")]
    if profiles.empty or not columns:
        return marks.blank(paper)
    table = profiles[columns].to_numpy(dtype=float)
    ticks = marks.nice_ticks(min(np.nanmin(table), -0.5), max(np.nanmax(table), 0.5), 5)
    texts = marks.scale_texts(paper, ticks)
    names = [
        paper.label("Cluster {number}, {share}", number=str(int(c)), share=paper.share(s))
        for c, s in zip(profiles["cluster"], profiles["share"], strict=True)
    ]
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 8, marks.widest(names, bold=True) + 6, 6, 7.5))
    axes.set_xlim(0, max(len(columns) - 1, 1))
    axes.set_ylim(ticks[0], ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    room = marks.area_mm(axes)[0] / max(len(columns) - 1, 1)
    for place, column in enumerate(columns):
        marks.line(axes, [place, place], axes.get_ylim(), paper.colour("grid"), width=0.5, zorder=0.5)
        for row, text in enumerate(_two_lines(paper.label(labels.get(str(column)[2:], str(column)[2:])), room - 1.5)):
            marks.write(
                axes, (place, ticks[0]), text, (0, -2.9 - 2.7 * row), ha="center", **paper.type("muted", size=SMALL)
            )
    ends = []
    for values, cluster, name in zip(table, profiles["cluster"], names, strict=True):
        colour = paper.slot(int(cluster))
        marks.line(axes, np.arange(len(columns)), values, colour)
        marks.dots(axes, np.arange(len(columns)), values, colour, size=3.6)
        ends.append((float(values[-1]), name, colour))
    marks.end_labels(axes, paper, ends, float(len(columns) - 1))
    marks.title_y(axes, paper, paper.label("Standard deviations from the mean of all customers"))
    steps(axes, "x", range(len(columns)))
    return figure


def _two_lines(name: str, room_mm: float) -> list[str]:
    """A name in at most two lines of a width."""
    name = clean_name(name, 40)
    if text_width(name, SMALL) <= room_mm:
        return [name]
    words = name.split(" ")
    splits = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    if not splits:
        return [fit(name, room_mm, SMALL)]
    best = min(splits, key=lambda pair: max(text_width(part, SMALL) for part in pair))
    return [fit(part, room_mm, SMALL) for part in best]


def crosstab_heat(
    paper: Paper, crosstab: pd.DataFrame, palette: Mapping[str, int], sizes: np.ndarray | None = None
) -> Figure:
    """Segments against clusters: customers in the cell, its colour their share of the segment.

    Parameters
    ----------
    crosstab : pandas.DataFrame
        As ``Clustering.crosstab``; missing where a count is hidden.
    palette : dict of str to int
        Segment to colour slot.
    sizes : numpy.ndarray, optional
        Customers of each segment, where cells are hidden.
    """
    if crosstab.empty or not crosstab.shape[1]:
        return marks.blank(paper)
    counts = crosstab.to_numpy(dtype=float)
    totals = counts.sum(axis=1, keepdims=True) if sizes is None else np.asarray(sizes, dtype=float)[:, None]
    shares = np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
    names = [clean_name(paper.label(str(segment))) for segment in crosstab.index]
    name_room = marks.widest(names) + 6.5
    figure, axes = marks.sheet(paper, (name_room, 0.3, 9, 0.3))
    axes.set_xlim(0.5, counts.shape[1] + 0.5)
    axes.set_ylim(len(counts) - 0.5, -0.5)
    steps = np.where(counts > 0, np.clip(np.ceil(np.nan_to_num(shares) * 6), 1, 6), 0).astype(int)
    heat.cells(axes, paper, steps)
    hidden = [(c + 0.53, r - 0.47, 0.94, 0.94) for r, c in zip(*np.nonzero(np.isnan(counts)), strict=True)]
    marks.boxes(axes, hidden, paper.colour("tint"))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            step = int(steps[row, column])
            ink = paper.on(paper.heat(step) if step else paper.colour("tint"))
            marks.write(axes, (column + 1, row), marks.count_text(paper, count), ha="center", **paper.type(ink))
    for row, (name, segment) in enumerate(zip(names, crosstab.index, strict=True)):
        marks.write(axes, (0.5, row), name, (-name_room + 3.4, 0), **paper.type())
        marks.write_dot(axes, (0.5, row), paper.slot(palette.get(str(segment), 12)), 1.2 - name_room)
    room = marks.area_mm(axes)[0] / counts.shape[1]
    widest = text_width(paper.label("Cluster {number}", number="10")) + 2
    for column, cluster in enumerate(crosstab.columns):
        text = paper.label("Cluster {number}", number=str(cluster)) if room > widest else str(cluster)
        marks.write(axes, (column + 1, -0.5), text, (0, 2.0), ha="center", **paper.type("ink", size=BODY))
    heat.key(axes, paper, (paper.label("{share} of the segment", share=paper.words.share(0)), paper.share(1.0)))
    return figure
