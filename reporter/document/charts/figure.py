"""What charts are made of: a figure of an exact size, plot areas with coordinates of their own, and marks on them.

Marks are kept in the coordinates of their plot area, for its limits may still change. `Figure.drawn` gives them in points, from the lower left corner of the
figure, in the order in which they are drawn: `reporter.document.svg` writes them, `reporter.document.picture` paints them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import cos, isfinite, radians, sin
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from reporter.document.charts.letters import ASCENT, BODY, DEPTH, DESCENT, HEIGHT, POINTS_PER_MM, line_width

TIGHT = 1e-15
WIDENED = 0.05
"""Limits that are equal are moved apart by this share of them."""
PART = {"left": 0.0, "center": 0.5, "right": 1.0, "bottom": 0.0, "top": 1.0}
"""Where a text is held, as a share of its box."""
ARC = 0.5522847498307936
"""How far the handles of a curve lie that is a quarter of a circle, in radii."""
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ink:
    """How an outline looks.

    Attributes
    ----------
    fill, stroke : str
        Hex colours, or ``none``.
    width : float
        Of the stroke, in points.
    opacity : float
        Of both.
    dashes : tuple of float
        Lengths of dash and gap in points; empty: an unbroken line.
    cap : {"butt", "round"}
        Ends of the stroke.
    join : {"miter", "round"}
        Corners of the stroke.
    """

    fill: str = "none"
    stroke: str = "none"
    width: float = 0.0
    opacity: float = 1.0
    dashes: tuple[float, ...] = ()
    cap: Literal["butt", "round"] = "butt"
    join: Literal["miter", "round"] = "miter"


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """One path.

    Attributes
    ----------
    points : numpy.ndarray of float, shape (n, 2)
    steps : str
        As in the data of an SVG path: ``M`` moves to a point, ``L`` draws a line to it, ``Q`` a curve by way of a handle, ``C`` of two, ``z`` closes.
    ink : Ink
    """

    points: np.ndarray
    steps: str
    ink: Ink


@dataclass(frozen=True, slots=True, eq=False)
class Dots:
    """Discs of one size, or rings.

    Attributes
    ----------
    points : numpy.ndarray of float, shape (n, 2)
        Their middles.
    diameter : float
        In points.
    colour : str
    opacity : float
    ring : float
        Width of the line, in points, of which they are; 0: they are filled.
    """

    points: np.ndarray
    diameter: float
    colour: str
    opacity: float = 1.0
    ring: float = 0.0

    def outline(self) -> Outline:
        """As a path of four curves each."""
        circle = np.array(
            [(1, 0), (1, ARC), (ARC, 1), (0, 1), (-ARC, 1), (-1, ARC), (-1, 0), (-1, -ARC), (-ARC, -1), (0, -1), (ARC, -1), (1, -ARC), (1, 0)]
        )  # fmt: skip
        points = self.points[:, None, :] + circle[None, :, :] * self.diameter / 2
        filled, stroked = (self.colour, "none") if not self.ring else ("none", self.colour)
        ink = Ink(fill=filled, stroke=stroked, width=self.ring, opacity=self.opacity)
        return Outline(points.reshape(-1, 2), "MCCCCz" * len(points), ink)


@dataclass(frozen=True, slots=True)
class Letters:
    """One line of text, in points from the lower left corner of the figure: where its foot begins, and the angle by which it is turned to the left."""

    x: float
    y: float
    text: str
    size: float
    weight: int
    colour: str
    angle: float = 0.0


Drawn = Outline | Dots | Letters


@dataclass(frozen=True, slots=True)
class Type:
    """How a text is set: `size` in points, `rotation` in degrees to the left; `spacing` of lines as a multiple of their height (None: as the font has it)."""

    colour: str
    size: float = BODY
    weight: int = 400
    ha: Literal["left", "center", "right"] = "left"
    va: Literal["top", "center", "bottom"] = "center"
    rotation: float = 0.0
    spacing: float | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text at a place, moved by `shift` mm."""

    place: Pair
    text: str
    shift: Pair
    type: Type

    def lines(self, place: np.ndarray) -> Iterator[Letters]:
        """Its lines, when its place is this one; none where it has none."""
        if not np.isfinite(place).all() or not self.text:
            return
        kind, texts = self.type, self.text.split("\n")
        widths = [line_width(line, kind.size, kind.weight) if line else 0.0 for line in texts]
        above, below = _around(kind)
        feet = [-(index * (above + below) + above) for index in range(len(texts))]
        starts = [PART[kind.ha] * (max(widths) - width) for width in widths]
        box = turned(kind.rotation, np.array([(x, y) for x in (0.0, max(widths)) for y in (feet[-1] - below, 0.0)]))
        least, most = box.min(axis=0), box.max(axis=0)
        anchor = least + (most - least) * (PART[kind.ha], PART[kind.va])
        start = place + np.array(self.shift) * POINTS_PER_MM
        for line, foot in zip(texts, turned(kind.rotation, np.column_stack([starts, feet])), strict=True):
            x, y = (foot - anchor + start).tolist()
            yield Letters(x, y, line, kind.size, kind.weight, kind.colour, kind.rotation)


def _around(kind: Type) -> Pair:
    """Above and below the foot of a line, in points."""
    if kind.spacing is None:
        return ASCENT * kind.size, DESCENT * kind.size
    leading = (kind.spacing * (ASCENT + DESCENT) - HEIGHT) * kind.size / 2
    return (HEIGHT - DEPTH) * kind.size + leading, DEPTH * kind.size + leading


def turned(angle: float, points: np.ndarray) -> np.ndarray:
    """Points turned to the left around the origin by an angle in degrees."""
    if angle == 0:
        return points
    across, up = (0.0, 1.0) if angle == 90 else (cos(radians(angle)), sin(radians(angle)))
    return points @ np.array([[across, up], [-up, across]])


class Axes:
    """A plot area: a rectangle of a figure with coordinates of its own, which run from 0 to 1 until they are told."""

    def __init__(self, figure: Figure, corner: Pair, size: Pair) -> None:
        self.figure = figure
        self.corner, self.size = np.array(corner), np.array(size)
        self._x: Pair = (0.0, 1.0)
        self._y: Pair = (0.0, 1.0)
        self.marks: list[tuple[float, Outline | Dots | Text]] = []

    def get_xlim(self) -> Pair:
        """Values at the left and at the right edge."""
        return self._x

    def get_ylim(self) -> Pair:
        """Values at the lower and at the upper edge."""
        return self._y

    def set_xlim(self, left: float, right: float) -> None:
        """Values at the left and at the right edge; that at the left may be the larger one."""
        self._x = _limits(left, right)

    def set_ylim(self, bottom: float, top: float) -> None:
        """Values at the lower and at the upper edge; the lower one may be the larger."""
        self._y = _limits(bottom, top)

    def to_points(self, places: ArrayLike) -> np.ndarray:
        """Places in points from the lower left corner of the figure."""
        start, span = self._frame()
        return np.asarray((np.asarray(places, dtype=float) - start) / span * self.size + self.corner)

    def from_points(self, points: ArrayLike) -> np.ndarray:
        """The places of points of the figure."""
        start, span = self._frame()
        return np.asarray((np.asarray(points, dtype=float) - self.corner) / self.size * span + start)

    def moved(self, place: Pair, right_mm: float) -> np.ndarray:
        """The place that lies some mm to the right of another one."""
        return self.from_points(self.to_points(place) + np.array([right_mm * POINTS_PER_MM, 0.0]))

    def _frame(self) -> tuple[np.ndarray, np.ndarray]:
        start, end = np.array([self._x[0], self._y[0]]), np.array([self._x[1], self._y[1]])
        return start, end - start

    def stroke(self, x: ArrayLike, y: ArrayLike, ink: Ink, zorder: float) -> None:
        """A line through places; a place without a number is a gap."""
        points, known = _places(x, y)
        goes_on = known & np.concatenate([[False], known[:-1]])
        steps = "".join("L" if on else "M" for on in goes_on[known])
        self.marks.append((zorder, Outline(points[known], steps, ink)))

    def fill(self, points: ArrayLike, steps: str, ink: Ink, zorder: float) -> None:
        """A path; `points` and `steps` as in `Outline`."""
        self.marks.append((zorder, Outline(np.asarray(points, dtype=float), steps, ink)))

    def dots(self, x: ArrayLike, y: ArrayLike, zorder: float, **look: Any) -> None:
        """Discs or rings; `look` is what `Dots` has besides its points. A place without a number has none."""
        points, known = _places(x, y)
        self.marks.append((zorder, Dots(points[known], **look)))

    def text(self, place: Pair, text: str, shift: Pair, kind: Type, zorder: float) -> None:
        """A text at a place, moved by `shift` mm."""
        self.marks.append((zorder, Text(place, text, shift, kind)))

    def drawn(self) -> Iterator[Drawn]:
        """Its marks in points, the lowest first; of equal ones the first first."""
        for _, mark in sorted(self.marks, key=lambda mark: mark[0]):
            if isinstance(mark, Text):
                yield from mark.lines(self.to_points(mark.place))
            elif len(mark.points):
                yield replace(mark, points=self.to_points(mark.points))


class Figure:
    """A sheet of an exact size, with plot areas and texts.

    Parameters
    ----------
    width, height : float
        In mm.

    Attributes
    ----------
    size : numpy.ndarray of float, shape (2,)
        Width and height in points.
    axes : list of Axes
    steps : str
        Where its rows lie, for a screen to tell (see `charts.steps`); else empty.
    """

    def __init__(self, width: float, height: float) -> None:
        self.size = np.array([width, height]) * POINTS_PER_MM
        self.axes: list[Axes] = []
        self.steps = ""
        self._texts: list[Text] = []

    def add_axes(self, rectangle: Sequence[float]) -> Axes:
        """A plot area; left, bottom, width and height are shares of the figure."""
        corner, size = np.array(rectangle[:2]) * self.size, np.array(rectangle[2:]) * self.size
        self.axes.append(Axes(self, (corner[0], corner[1]), (size[0], size[1])))
        return self.axes[-1]

    def text(self, place: Pair, text: str, shift: Pair, kind: Type) -> None:
        """A text over all plot areas; its place is told as shares of the figure, and moved by `shift` mm."""
        self._texts.append(Text(place, text, shift, kind))

    def drawn(self) -> Iterator[Drawn]:
        """Everything on it in points from its lower left corner, in the order of drawing."""
        for axes in self.axes:
            yield from axes.drawn()
        for text in self._texts:
            yield from text.lines(np.array(text.place) * self.size)


def _places(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Points, shape (n, 2), and which of them have both numbers."""
    points = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    return points, np.isfinite(points).all(axis=1)


def _limits(first: float, last: float) -> Pair:
    """Limits that are apart.

    Raises
    ------
    ValueError
        Where one of them is no number.
    """
    first, last = float(first), float(last)
    if not (isfinite(first) and isfinite(last)):
        raise ValueError(f"a plot area cannot run from {first} to {last}")
    if abs(last - first) > TIGHT * max(abs(first), abs(last)):
        return first, last
    return (-WIDENED, WIDENED) if first == last == 0 else (first - WIDENED * abs(first), last + WIDENED * abs(last))
