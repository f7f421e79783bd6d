"""A chart as a PNG: mail programs show neither SVG nor pictures that are written into the page."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from reporter.document.blocks import Look
from reporter.document.words import Words

WIDTH_PX = 552
"""Of the picture in the page; it is drawn twice as fine, for screens that show more."""
WIDTH_MM = 104.0
"""Of the drawing: letters of 7.2 points come out at 13 pixels."""
FINENESS = 2


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
    from reporter.document import charts
    from reporter.document.charts.paper import house_style, plain_paper

    draw, arguments, height_mm = drawing
    paper = replace(plain_paper(words, look), width=WIDTH_MM, height=height_mm)
    with house_style(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter that no font of ours has is a box, not a fault
        figure = getattr(charts, draw)(paper, *arguments)
        figure.patch.set_visible(True)
        figure.patch.set_facecolor(paper.colour("paper"))
        _with_letters(figure)
        out = BytesIO()
        dots = FINENESS * WIDTH_PX / (WIDTH_MM / 25.4)
        figure.savefig(out, format="png", dpi=dots, metadata={"Software": None})
    return Picture(name, alt, WIDTH_PX, round(height_mm / WIDTH_MM * WIDTH_PX), out.getvalue())


def _with_letters(figure: Any) -> None:
    """Texts with letters that our font lacks are written in one that comes with matplotlib and has Arabic; plain, as `measure` has made room for them."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text

    from reporter.document.charts.paper import font_file

    ours = FT2Font(font_file(400))
    for text in figure.findobj(Text):
        if any(not ours.get_char_index(ord(letter)) for letter in text.get_text()):
            size = text.get_fontproperties().get_size_in_points()
            text.set_fontproperties(FontProperties(family="DejaVu Sans", size=size))
