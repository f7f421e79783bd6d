"""Heat maps: classes of colour, cells, their words and the key that explains them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reporter.document.charts import marks
from reporter.document.charts.figure import Axes
from reporter.document.charts.letters import SMALL, text_width
from reporter.document.charts.paper import Paper


def scale_steps(values: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Six classes of a heat scale.

    Returns
    -------
    steps : numpy.ndarray of int, the shape of `values`
        1 to 6; 0 where missing. Classes are equally wide, or hold equally many where a few values dwarf the others.
    edges : numpy.ndarray, shape (7,)
        Their limits.
    """
    grid = np.asarray(values, dtype=float)
    known = grid[np.isfinite(grid)]
    if not len(known):
        return np.zeros(grid.shape, dtype=int), np.zeros(7)
    low, high = float(known.min()), float(known.max())
    skewed = len(known) >= 8 and high - low > 4 * (float(np.quantile(known, 0.75)) - low)
    edges = np.quantile(known, np.linspace(0, 1, 7)) if skewed else np.linspace(low, high, 7)
    steps = np.where(np.isfinite(grid), np.searchsorted(edges[1:-1], np.nan_to_num(grid), side="right") + 1, 0)
    return (np.where(steps > 0, 4, 0) if low == high else steps), edges


def cells(axes: Axes, paper: Paper, steps: np.ndarray, gap: float = 0.03) -> None:
    """Cells of a heat map at columns 1, 2 … and rows 0, 1 …: one path for each colour."""
    side = 1 - 2 * gap
    for step in range(1, 7):
        rows, columns = np.nonzero(steps == step)
        corners = [(c + 0.5 + gap, r - 0.5 + gap, side, side) for r, c in zip(rows, columns, strict=True)]
        marks.boxes(axes, corners, paper.heat(step))


def words(axes: Axes, paper: Paper, steps: np.ndarray, texts: np.ndarray) -> None:
    """Texts in the cells of a heat map, in the ink that reads best there."""
    for (row, column), text in np.ndenumerate(texts):
        if text and steps[row, column]:
            ink = paper.on(paper.heat(int(steps[row, column])))
            marks.write(axes, (column + 1, row), text, ha="center", **paper.type(ink, size=SMALL))


def key(axes: Axes, paper: Paper, texts: tuple[str, str]) -> None:
    """The heat scale at the upper right corner: six swatches between the least and the most."""
    figure = axes.figure
    swatch, height, top = (4.0 if paper.width > 100 else 3.0), 2.2, 0.6
    right = paper.width - text_width(texts[1], SMALL) - 1.2
    left = right - 6 * swatch
    swatches = figure.add_axes(
        (left / paper.width, 1 - (top + height) / paper.height, 6 * swatch / paper.width, height / paper.height)
    )
    swatches.set_xlim(0, 6)
    swatches.set_ylim(0, 1)
    for step in range(6):
        marks.boxes(swatches, [(step, 0, 1, 1)], paper.heat(step + 1))
    marks.write(swatches, (0, 0.5), texts[0], (-1.2, 0), ha="right", **paper.type("muted", size=SMALL))
    marks.write(swatches, (6, 0.5), texts[1], (1.2, 0), **paper.type("muted", size=SMALL))
