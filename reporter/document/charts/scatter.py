"""Many points on one sheet: skewed axes, crowded edges, and names that keep apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from reporter.document.charts import marks
from reporter.document.charts.figure import Axes
from reporter.document.charts.letters import BODY, POINTS_PER_MM, text_width
from reporter.document.charts.paper import Paper

GOLDEN = 0.6180339887498949
Name = tuple[float, float, str, str]


@dataclass(frozen=True, slots=True)
class Scale:
    """How values lie on an axis.

    Attributes
    ----------
    log : bool
        Whether the axis is log(1 + value): for skewed values from 0 up.
    low, high : float
        Ends of the axis, as places.
    """

    log: bool
    low: float
    high: float

    def place(self, values: ArrayLike) -> np.ndarray:
        """Where values lie; those beyond the ends lie on them."""
        array = np.asarray(values, dtype=float)
        return np.asarray(np.clip(np.log1p(np.maximum(array, -0.5)) if self.log else array, self.low, self.high))

    def loosened(self, values: ArrayLike) -> Scale:
        """The same axis with room for values moved by `loosen`."""
        low, high = (float(np.expm1(v)) if self.log else v for v in (self.low, self.high))
        moved = bool((loosen(values) != np.asarray(values, dtype=float)).any())
        room = 0.35 if moved else 0.0
        ends = (max(low - room, -0.35), high + room) if self.log else (low - room, high + room)
        low, high = (float(np.log1p(v)) if self.log else v for v in ends)
        return replace(self, low=low, high=high)

    def ticks(self, count: int = 5) -> list[float]:
        """Round values inside the axis."""
        if not self.log:
            return [t for t in marks.nice_ticks(self.low, self.high, count) if self.low <= t <= self.high]
        top = float(np.expm1(self.high))
        decades = [0.0] + [m * 10.0**e for e in range(10) for m in (1, 2, 5)]
        inside = [t for t in decades if np.expm1(self.low) - 1e-9 <= t <= top + 1e-9]
        tens = [t for t in inside if t == 0 or np.log10(t) % 1 == 0]
        return inside if len(inside) <= count + 2 else tens


def scale(values: ArrayLike) -> Scale:
    """An axis on which most values can be told apart: log where they are skewed, cut at the 0.5 and 99.5 % quantiles where a few lie far out."""
    array = np.asarray(values, dtype=float)
    array = array[np.isfinite(array)]
    if not len(array):
        return Scale(False, 0.0, 1.0)
    middle, high = (float(q) for q in np.quantile(array, [0.5, 0.99]))
    log = bool(array.min() >= 0 and high > 5 * max(middle, 0.5))
    places = np.log1p(array) if log else array
    low, high = _ends(places)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return Scale(log, low, high)


def _ends(places: np.ndarray) -> tuple[float, float]:
    low, inner_low, inner_high, high = (float(q) for q in np.quantile(places, [0, 0.005, 0.995, 1]))
    reach = (inner_high - inner_low) * 0.6
    return max(low, inner_low - reach) if reach else low, min(high, inner_high + reach) if reach else high


def beyond(one: Scale, values: ArrayLike) -> np.ndarray:
    """Which values lie beyond the ends of an axis."""
    array = np.asarray(values, dtype=float)
    places = np.log1p(np.maximum(array, 0)) if one.log else array
    return np.asarray((places < one.low - 1e-9) | (places > one.high + 1e-9))


def loosen(values: ArrayLike) -> np.ndarray:
    """Whole numbers moved by less than a third, so that equal points do not hide each other; the same way each time."""
    array = np.asarray(values, dtype=float)
    known = array[np.isfinite(array)]
    if not len(known) or np.ptp(known) < 2 or (known != np.round(known)).any():
        return array
    return np.asarray(array + 0.6 * ((np.arange(len(array)) * GOLDEN) % 1 - 0.5))


def name_places(axes: Axes, paper: Paper, names: Sequence[Name], badges: Sequence[tuple[float, float]] = ()) -> None:
    """Write names centred at their places, most important first; one that would cover another moves up or down, or is left out.

    A name is (x, y, text, colour of the dot before it); without a colour it is set in plain letters. `badges` are places of
    marks of 4 mm that no name may cover.
    """
    width, height = marks.area_mm(axes)

    def in_mm(place: tuple[float, float]) -> np.ndarray:
        return (axes.to_points(place) - axes.corner) / POINTS_PER_MM

    marked = [in_mm(place) for place in badges]
    taken = [(float(x) - 2, float(y) - 2, float(x) + 2, float(y) + 2) for x, y in marked]
    for x, y, text, colour in names:
        at = in_mm((x, y))
        half = text_width(text, BODY, bool(colour)) / 2 + (2.0 if colour else 0.8)
        middle = float(np.clip(at[0], half, max(width - half, half)))
        for move in (0, 3.6, -3.6, 7.2, -7.2, 10.8, -10.8):
            level = float(at[1]) + move
            rectangle = (middle - half, level - 1.7, middle + half, level + 1.7)
            if rectangle[1] >= 0 and rectangle[3] <= height and not any(_touch(rectangle, other) for other in taken):
                taken.append(rectangle)
                _plate(axes, paper, rectangle, (text, colour))
                break


def _plate(axes: Axes, paper: Paper, rectangle: tuple[float, float, float, float], name: tuple[str, str]) -> None:
    """A text on a piece of paper, so that the points under it do not disturb it."""
    corners = np.array(rectangle).reshape(2, 2) * POINTS_PER_MM + axes.corner
    (x0, y0), (x1, y1) = axes.from_points(corners)
    marks.boxes(axes, [(x0, y0, x1 - x0, y1 - y0)], paper.colour("paper"), zorder=6, alpha=0.82)
    text, colour = name
    marks.write(
        axes, (x1, (y0 + y1) / 2), text, (-0.8, 0), ha="right", zorder=7, **paper.type("ink", bold=bool(colour))
    )
    if colour:
        dot = axes.from_points(corners[0] + np.array([1.6, 1.7]) * POINTS_PER_MM)
        marks.dots(axes, [dot[0]], [dot[1]], colour, size=4.2, zorder=7)


def _touch(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
