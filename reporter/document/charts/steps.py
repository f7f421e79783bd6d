"""Where the rows of a chart lie, so that a screen can tell the values under the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from reporter.document.charts.figure import Axes

Along = Literal["x", "y"]


def steps(axes: Axes, along: Along, places: Sequence[float] | np.ndarray) -> None:
    """Note on the figure where its rows lie, if evenly: along which axis, the first and the last place in points, and how many.

    Parameters
    ----------
    axes : Axes
        With its final limits.
    along : {"x", "y"}
    places : sequence of float
        Of the rows of ``Chart.numbers`` from the first on, in data coordinates.
    """
    places = np.asarray(places, dtype=float)
    if not len(places) or len(set(np.diff(places).round(9))) > 1:
        return
    ends = places[[0, -1]]
    points = axes.to_points([(end, 0.0) if along == "x" else (0.0, end) for end in ends])
    first, last = points[:, 0] if along == "x" else axes.figure.size[1] - points[:, 1]
    axes.figure.steps = f"{along} {first:.1f} {last:.1f} {len(places)}"
