"""Pictures that judge clusterings: how many, how far from chance, how stable."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from reporter.document.charts import marks
from reporter.document.charts.figure import Axes, Figure
from reporter.document.charts.letters import SMALL, fit, text_width
from reporter.document.charts.paper import Paper, canvas, clean_name
from reporter.document.charts.steps import steps
from reporter.document.colours import mix

METHODS = {"kmeans": ("KMeans", "segment-1"), "ward": ("Ward", "segment-8"), "dbscan": ("DBSCAN", "segment-2")}
"""Not in the accent: a house may choose one that looks like another line's colour."""


def correlation_heat(paper: Paper, correlation: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Lower triangle of a correlation matrix; each name stands at its own diagonal cell and serves row and column.

    Parameters
    ----------
    correlation : pandas.DataFrame
        Square, values −1..1, missing allowed.
    labels : dict of str to str
        Column to its name.
    """
    size = len(correlation)
    if size < 2:
        return marks.blank(paper)
    names = [clean_name(paper.label(labels.get(str(column), str(column)))) for column in correlation.columns]
    figure, axes = marks.sheet(paper, (0.3, 0.3, 0.3, 0.3))
    width, height = marks.area_mm(axes)
    room = min(marks.widest(names) + 2, width * 0.5)
    cell = min((width - room) / (size - 1), height / size * 2.2)
    axes.set_xlim(0, width / cell)
    axes.set_ylim(size, 0)
    steps = _diverging_steps(correlation.to_numpy(dtype=float))
    for step in range(-3, 4):
        corners = [(c + 0.03, r + 0.04, 0.94, 0.92) for r in range(size) for c in range(r) if steps[r, c] == step]
        marks.boxes(axes, corners, _diverging(paper, step))
    for row, name in enumerate(names):
        marks.write(axes, (row, row + 0.5), fit(name, room - 1.6), (1.2 if row else 0, 0), **paper.type())
    if cell > 7 and height / size > 3:
        _correlation_words(axes, paper, correlation.to_numpy(dtype=float), steps)
    return figure


def _correlation_words(axes: Axes, paper: Paper, values: np.ndarray, steps: np.ndarray) -> None:
    for row in range(len(values)):
        for column in range(row):
            if np.isfinite(values[row, column]):
                ink = paper.on(_diverging(paper, int(steps[row, column])))
                text = paper.words.number(values[row, column]).text
                marks.write(axes, (column + 0.5, row + 0.5), text, ha="center", **paper.type(ink, size=SMALL))


def _diverging_steps(values: np.ndarray) -> np.ndarray:
    """Seven classes with limits ±0.1, ±0.4, ±0.7; −9 where missing."""
    size = np.searchsorted([0.1, 0.4, 0.7], np.abs(np.nan_to_num(values)), side="right")
    return np.where(np.isfinite(values), np.sign(np.nan_to_num(values)) * size, -9)


def _diverging(paper: Paper, step: int) -> str:
    end = paper.colour("diverge-high" if step > 0 else "diverge-low")
    return mix(paper.colour("diverge-mid"), end, (0, 0.28, 0.6, 1.0)[abs(step)])


def elbow(paper: Paper, frame: pd.DataFrame, elbow_k: int | None) -> Figure:
    """Inertia by number of clusters, with the elbow named.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``k`` int · ``inertia`` float.
    elbow_k : int or None
    """
    frame = frame[frame["inertia"].notna()].sort_values("k")
    if frame.empty:
        return marks.blank(paper)
    ks, inertia = frame["k"].to_numpy(dtype=float), frame["inertia"].to_numpy(dtype=float)
    axes = _k_axes(paper, ks, (0.0, float(inertia.max())), paper.label("Inertia (sum of squares within)"))
    marks.line(axes, ks, inertia, paper.colour("accent"))
    marks.dots(axes, ks, inertia, paper.colour("accent"), size=3.6)
    if elbow_k in ks:
        y = float(inertia[ks == elbow_k][0])
        _chosen(axes, paper, (float(elbow_k or 0), y), paper.label("elbow at k = {k}", k=str(elbow_k)))
    return axes.figure


def _k_axes(paper: Paper, ks: np.ndarray, span: tuple[float, float], title: str, right: float = 3.0) -> Axes:
    """Axes with the number of clusters below."""
    ticks = marks.nice_ticks(*span, 4)
    texts = marks.scale_texts(paper, ticks)
    _, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 3.4, right, 6.5, 8.5))
    _dress_k_axes(axes, paper, ks, (ticks, texts))
    marks.title_y(axes, paper, fit(title, paper.width, SMALL))
    steps(axes, "x", ks)
    return axes


def _dress_k_axes(axes: Axes, paper: Paper, ks: np.ndarray, ticks: tuple[list[float], list[str]]) -> None:
    axes.set_xlim(ks.min() - 0.25, max(ks.max(), ks.min() + 1) + 0.25)
    axes.set_ylim(ticks[0][0], ticks[0][-1])
    marks.grid_y(axes, paper, *ticks)
    marks.grid_x(axes, paper, list(ks), [f"{k:.0f}" for k in ks], lines=False)
    marks.title_x(axes, paper, paper.label("Number of clusters k"))


def _chosen(axes: Axes, paper: Paper, place: tuple[float, float], text: str) -> None:
    """A ring around a point, its name above to the right (to the left near the right edge)."""
    left, right = axes.get_xlim()
    late = place[0] > left + 0.62 * (right - left)
    high = place[1] > np.mean(axes.get_ylim()) + 0.3 * np.ptp(axes.get_ylim())
    for size, token in ((8.6, "ink"), (7.0, "paper"), (4.4, "accent")):
        marks.dots(axes, [place[0]], [place[1]], paper.colour(token), size=size, zorder=5)
    marks.write(axes, place, text, (0 if late else 1.6, -3.4 if high and late else 3.2), zorder=6,
                ha="center" if late else "left", **paper.type("ink", bold=True))  # fmt: skip


def silhouette_null(paper: Paper, frame: pd.DataFrame, chosen_k: int | None) -> Figure:
    """Silhouette by k against what data without groups would give: the shaded band.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``k, silhouette, null_silhouette, null_low, null_high, ward``; missing allowed.
    chosen_k : int or None
    """
    frame = frame.sort_values("k")
    columns = ["silhouette", "null_low", "null_high", "ward"]
    if frame.empty or not frame[columns].notna().any(axis=None):
        return marks.blank(paper)
    ks, table = frame["k"].to_numpy(dtype=float), frame[columns].to_numpy(dtype=float)
    low = min(0.0, float(np.nanmin(table)))
    names = ["KMeans", "Ward", paper.label("no structure")]
    axes = _k_axes(
        paper, ks, (low, float(np.nanmax(table))), paper.label("Silhouette"), marks.widest(names, bold=True) + 6
    )
    marks_at = [(1.6, "segment-1", table[:, 0]), (1.0, "segment-8", table[:, 3])]
    marks.band(axes, ks, (table[:, 1], table[:, 2]), paper.colour("context"), alpha=0.55)
    marks.line(axes, ks, frame["null_silhouette"], paper.colour("muted"), width=0.8, dashes=(2, 2))
    ends = []
    for (width, token, values), name in zip(marks_at, names, strict=False):
        marks.line(axes, ks, values, paper.colour(token), width=width)
        marks.dots(axes, ks, values, paper.colour(token), size=2 * width)
        ends += _end(values, name, paper.colour(token))
    ends += _end(frame["null_silhouette"].to_numpy(dtype=float), names[2], paper.colour("context"))
    marks.end_labels(axes, paper, ends, float(ks[-1]))
    if chosen_k in ks and np.isfinite(table[ks == chosen_k, 0]).all():
        _chosen(axes, paper, (float(chosen_k or 0), float(table[ks == chosen_k, 0][0])), f"k = {chosen_k}")
    return axes.figure


def _end(values: np.ndarray, name: str, colour: str) -> list[tuple[float, str, str]]:
    known = values[np.isfinite(values)]
    return [(float(known[-1]), name, colour)] if len(known) else []


def index_panels(paper: Paper, frame: pd.DataFrame) -> Figure:
    """Davies-Bouldin and Caliński-Harabasz by k and method, side by side.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``method`` str · ``k`` int · ``davies_bouldin, calinski_harabasz`` float, missing allowed.
    """
    panels = (
        ("davies_bouldin", "Davies-Bouldin (low is good)"),
        ("calinski_harabasz", "Caliński-Harabasz (high is good)"),
    )
    frame = frame[frame[[column for column, _ in panels]].notna().any(axis=1)]
    if frame.empty:
        return marks.blank(paper)
    figure = canvas(paper)
    half = paper.width / 2
    for number, (column, title) in enumerate(panels):
        _index_panel(figure, paper, frame[["method", "k", column]].dropna(), (number * half, paper.label(title)))
    return figure


def _index_panel(figure: Figure, paper: Paper, frame: pd.DataFrame, place: tuple[float, str]) -> None:
    if frame.empty:
        return
    left, title = place
    frame = frame.set_axis(["method", "k", "value"], axis=1).sort_values(["method", "k"])
    ticks = marks.nice_ticks(0, frame["value"].max(), 4)
    texts = marks.scale_texts(paper, ticks)
    names = marks.widest([METHODS[m][0] for m in METHODS], bold=True) + 6
    pad, half = marks.widest(texts, SMALL) + 3.4, paper.width / 2
    axes = marks.plot_area(figure, paper, (left + pad, paper.width - left - half + names + 1, 6.5, 8.5))
    _dress_k_axes(axes, paper, np.arange(frame["k"].min(), frame["k"].max() + 1, dtype=float), (ticks, texts))
    marks.title_y(axes, paper, title, left)
    ends = []
    for method, part in frame.groupby("method"):
        name, token = METHODS.get(str(method), (clean_name(method), "muted"))
        marks.line(axes, part["k"], part["value"], paper.colour(token), width=1.2)
        marks.dots(axes, part["k"], part["value"], paper.colour(token), size=3.4 if len(part) > 1 else 5)
        if part["k"].max() == frame["k"].max():
            ends.append((float(part["value"].iloc[-1]), name, paper.colour(token)))
        else:
            last = part.iloc[-1]
            marks.write(axes, (last["k"], last["value"]), name, (1.6, 1.8), **paper.type("ink", bold=True))
    marks.end_labels(axes, paper, ends, float(frame["k"].max()))


def stability_bars(paper: Paper, frame: pd.DataFrame, needed: float) -> Figure:
    """Bootstrap agreement by k; in colour where it reaches what is needed.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``k`` int · ``stability`` float (mean adjusted Rand index).
    needed : float
    """
    frame = frame[frame["stability"].notna()].sort_values("k")
    if frame.empty:
        return marks.blank(paper)
    ks, values = frame["k"].to_numpy(dtype=float), frame["stability"].to_numpy(dtype=float)
    needed_text = paper.label("needed {n}", n=paper.words.number(needed))
    figure, axes = marks.sheet(paper, (0.5, text_width(needed_text, bold=True) + 3, 5.5, 8.5))
    axes.set_xlim(ks.min() - 0.6, ks.max() + 0.6)
    axes.set_ylim(min(0.0, values.min()), max(1.0, values.max()))
    for token, rows in (("accent", values >= needed), ("context", values < needed)):
        marks.boxes(
            axes, [(k - 0.36, 0, 0.72, v) for k, v in zip(ks[rows], values[rows], strict=True)], paper.colour(token), 2
        )
    marks.line(axes, axes.get_xlim(), [0, 0], paper.colour("context"), width=0.6)
    marks.line(axes, axes.get_xlim(), [needed, needed], paper.colour("ink"), width=0.7, dashes=(3, 2), zorder=4)
    marks.write(axes, (axes.get_xlim()[1], needed), needed_text, (1.2, 0), **paper.type("ink", bold=True))
    for k, value in zip(ks, values, strict=True):
        inside = needed - 0.2 < value < needed + 0.01  # above the bar it would lie under the line
        colour = paper.on(paper.colour("accent" if value >= needed else "context")) if inside else "ink"
        marks.write(axes, (k, max(value, 0)), paper.words.number(value).text, (0, -2.2 if inside else 1.9), ha="center",
                    zorder=5, **paper.type(colour, size=SMALL))  # fmt: skip
    marks.grid_x(axes, paper, list(ks), [f"{k:.0f}" for k in ks], lines=False)
    marks.title_x(axes, paper, paper.label("Number of clusters k"))
    steps(axes, "x", ks)
    return figure


def silhouette_blades(paper: Paper, blades: pd.DataFrame, mean: float, palette_slots: Mapping[int, int]) -> Figure:
    """Silhouette widths of every cluster's members, widest first, and their mean.

    Parameters
    ----------
    blades : pandas.DataFrame
        As ``Clustering.blades``: ``cluster, rank, width``.
    mean : float
        Mean of all customers.
    palette_slots : dict of int to int
        Cluster to colour slot.
    """
    if blades.empty:
        return marks.blank(paper)
    blades = blades.sort_values(["cluster", "width"], ascending=[True, False], kind="stable")
    clusters = list(dict.fromkeys(int(c) for c in blades["cluster"]))
    gap = len(blades) * 0.02
    figure, axes = marks.sheet(paper, (5, 3, 5, 8.5))
    low, high = min(0.0, float(blades["width"].min())), max(float(blades["width"].max()), mean)
    ticks = marks.nice_ticks(low, high, 5)
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_ylim(len(blades) + gap * (len(clusters) - 1), 0)
    marks.grid_x(axes, paper, ticks, marks.scale_texts(paper, ticks))
    marks.title_x(axes, paper, paper.label("Silhouette width"))
    start = 0.0
    for cluster in clusters:
        widths = blades.loc[blades["cluster"] == cluster, "width"].to_numpy(dtype=float)
        rows = start + np.repeat(np.arange(len(widths) + 1), 2)[1:-1]
        colour = paper.slot(palette_slots.get(cluster, cluster))
        marks.band(axes, rows, (0, np.repeat(widths, 2)), colour, zorder=2, upright=True)
        marks.write(
            axes,
            (ticks[0], start + len(widths) / 2),
            str(cluster),
            (-1.8, 0),
            ha="right",
            **paper.type("ink", bold=True),
        )
        start += len(widths) + gap
    marks.line(axes, [0, 0], axes.get_ylim(), paper.colour("muted"), width=0.6)
    marks.rule(axes, mean, paper.colour("ink"), zorder=4, dashes=(3, 2))
    text = paper.label("mean {n}", n=paper.words.number(mean))
    marks.write(axes, (mean, 0), text, (0, 1.8), ha="center", **paper.type("ink", bold=True, size=SMALL))
    return figure


def k_distance(paper: Paper, curve: pd.DataFrame, eps: float, min_samples: int) -> Figure:
    """Distance to the n-th neighbour of every customer, sorted; its knee is DBSCAN's eps.

    Parameters
    ----------
    curve : pandas.DataFrame
        As ``DensityCurve.curve``: ``rank, distance``.
    eps : float
    min_samples : int
    """
    if curve.empty:
        return marks.blank(paper)
    rank, distance = curve["rank"].to_numpy(dtype=float), curve["distance"].to_numpy(dtype=float)
    top = min(float(distance.max()), max(eps * 4, float(np.quantile(distance, 0.98))))
    ticks = marks.nice_ticks(0, max(top, eps * 1.2), 4)
    texts = marks.scale_texts(paper, ticks)
    figure, axes = marks.sheet(paper, (marks.widest(texts, SMALL) + 2.2, 3, 6.5, 8.5))
    shares = [0, 0.25, 0.5, 0.75, 1.0]
    axes.set_xlim(0, 1)
    axes.set_ylim(0, ticks[-1])
    marks.grid_y(axes, paper, ticks, texts)
    marks.grid_x(axes, paper, shares, marks.share_texts(paper, shares), lines=False)
    marks.title_x(axes, paper, paper.label("Share of customers"))
    marks.title_y(axes, paper, paper.label("Distance to neighbour no. {n}", n=str(min_samples)))
    marks.line(axes, rank, np.minimum(distance, ticks[-1]), paper.colour("accent"))
    if distance.max() > ticks[-1]:
        marks.note(axes, paper, paper.label("up to {high}", high=paper.words.number(distance.max(), digits=1)))
    if np.isfinite(eps):
        marks.line(axes, [0, 1], [eps, eps], paper.colour("ink"), width=0.7, dashes=(3, 2))
        marks.write(axes, (0, eps), f"eps {paper.words.number(eps).text}", (0.5, 2.0), **paper.type("ink", bold=True))
    return figure
