"""The curve of concentration: what an even spread would be leaves the names of its points alone."""

from __future__ import annotations

import numpy as np
import pytest

from reporter.document.charts.figure import Outline
from tests.document import frames
from tests.document.gallery import chart
from tests.document.test_charts import boxes, figure_of


@pytest.mark.parametrize(("half", "held"), [(0.226, 0.454), (0.42, 0.27), (0.05, 0.93), (0.48, 0.21)])
def test_no_line_goes_through_a_name(half: float, held: float) -> None:
    figure = figure_of(chart("concentration_curve", (frames.concentration(), half, held, "revenue"), "half", 60))
    names = [box for text, box in boxes(figure) if "hold" in text]
    slanted = [
        mark.points
        for mark in figure.drawn()
        if isinstance(mark, Outline) and mark.steps == "ML" and (np.diff(mark.points, axis=0) > 0).all()
    ]
    assert len(names) == 2
    along = np.vstack([np.linspace(start, end, 200) for start, end in slanted])
    for box in names:
        inside = (along > (box.x0, box.y0)) & (along < (box.x1, box.y1))
        assert not inside.all(axis=1).any(), box
    assert sum(np.diff(points[:, 0])[0] for points in slanted) > 0.6 * np.ptp(along[:, 0])
