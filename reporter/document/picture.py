"""A chart as a PNG: mail programs show neither SVG nor pictures that are written into the page."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import numpy as np

from reporter.document.blocks import Look
from reporter.document.charts.figure import Dots, Figure, Ink, Letters, Outline
from reporter.document.charts.letters import CODES, font_file, lacks, walk
from reporter.document.words import Words

WIDTH_PX = 552
"""Of the picture in the page; it is drawn twice as fine, for screens that show more."""
WIDTH_MM = 104.0
"""Of the drawing: letters of 7.2 points come out at 13 pixels."""
FINENESS = 2
DOTS = FINENESS * WIDTH_PX / (WIDTH_MM / 25.4)
"""Pixels an inch."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and its place in a page: size in CSS pixels, and what a reader who cannot see it should know."""

    name: str
    alt: str
    width: int
    height: int
    content: bytes = field(repr=False)


def to_png(name: str, alt: str, drawing: tuple[str, tuple[Any, ...], float], words: Words, look: Look) -> Picture:
    """Draw a chart on an opaque sheet.

    Parameters
    ----------
    name, alt : str
    drawing : (str, tuple, float)
        Function of ``document.charts``, its arguments after the paper, and the height in mm.
    words : Words
    look : Look

    Returns
    -------
    Picture
        Equal arguments give equal bytes.
    """
    from matplotlib import rc_context, rcParamsDefault
    from matplotlib.image import imsave

    from reporter.document import charts
    from reporter.document.charts.paper import plain_paper

    draw, arguments, height_mm = drawing
    paper = replace(plain_paper(words, look), width=WIDTH_MM, height=height_mm)
    figure: Figure = getattr(charts, draw)(paper, *arguments)
    house = {key: value for key, value in rcParamsDefault.items() if not key.startswith("backend")}
    with rc_context(house), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter that no font of ours has is a box, not a fault
        painted, out = _painted(figure, paper.colour("paper")), BytesIO()
        imsave(out, painted, format="png", dpi=DOTS, metadata={"Software": None})  # type: ignore[dict-item]
    return Picture(name, alt, WIDTH_PX, round(height_mm / WIDTH_MM * WIDTH_PX), out.getvalue())


def _painted(figure: Figure, ground: str) -> np.ndarray:
    """The pixels of a figure: red, green, blue and opacity of each."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.transforms import Affine2D

    width, height = np.rint(figure.size / 72 * DOTS).astype(int).tolist()
    brush: Any = RendererAgg(width, height, DOTS)  # type: ignore[no-untyped-call]
    to_pixels = Affine2D().scale(DOTS / 72)
    _paint(brush, _sheet(figure, ground), to_pixels)
    for mark in figure.drawn():
        if isinstance(mark, Letters):
            gc = brush.new_gc()
            gc.set_foreground(mark.colour)
            x, y = to_pixels.transform((mark.x, mark.y))
            brush.draw_text(gc, x, height - y, mark.text, _font(mark), mark.angle)
        else:
            _paint(brush, mark.outline() if isinstance(mark, Dots) else mark, to_pixels)
    return np.asarray(brush.buffer_rgba())


def _paint(brush: Any, outline: Outline, to_pixels: Any) -> None:
    """Fill and stroke a path."""
    from matplotlib.colors import to_rgba
    from matplotlib.path import Path

    ink, gc = outline.ink, brush.new_gc()
    codes: list[int] = []
    points: list[list[float]] = []
    for step, used in walk(outline.steps, outline.points.tolist()):
        points += used or [[0.0, 0.0]]
        codes += [CODES[step]] * max(len(used), 1)
    gc.set_linewidth(ink.width if ink.stroke != "none" else 0)
    gc.set_foreground(ink.stroke if ink.stroke != "none" else "black")
    gc.set_alpha(ink.opacity)
    gc.set_capstyle(ink.cap)
    gc.set_joinstyle(ink.join)
    if ink.dashes:
        gc.set_dashes(0, ink.dashes)
    brush.draw_path(gc, Path(points, codes), to_pixels, None if ink.fill == "none" else to_rgba(ink.fill))


def _sheet(figure: Figure, ground: str) -> Outline:
    width, height = figure.size
    return Outline(np.array([(0, 0), (width, 0), (width, height), (0, height)]), "MLLLz", Ink(fill=ground))


def _font(line: Letters) -> Any:
    """Ours; a line with letters that it lacks is in one that comes with matplotlib and has Arabic, plain, as `line_width` has made room for them."""
    from matplotlib.font_manager import FontProperties

    if lacks(line.text):
        return FontProperties(family="DejaVu Sans", size=line.size)
    return FontProperties(fname=font_file(line.weight), size=line.size)
