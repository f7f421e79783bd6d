"""Charts on paper: what `reporter.document.svg` has written becomes operators of a PDF at once.

WeasyPrint draws SVG, but sets its texts letter by letter and takes paths apart number by number, which was a sixth of the time of a PDF. A `Plate` is an image
to WeasyPrint, put into its cache of images before it looks for one; a picture that is not ours is none, and drawn by WeasyPrint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from math import cos, inf, radians, sin
from typing import Any

_SVG = re.compile(
    r'<svg xmlns="http://www\.w3\.org/2000/svg" role="img" [^>]*?width="(?P<width>[\d.]+)mm" height="(?P<height>[\d.]+)mm" '
    r'viewBox="0 0 (?P<across>[\d.]+) (?P<down>[\d.]+)" font-family="(?P<family>[^"]*)" font-size="(?P<size>[\d.]+)">'
    r"<title [^>]*>[^<]*</title>(?P<marks>.*)</svg>",
    re.DOTALL,
)
_MARK = re.compile(r"<path(?P<path>[^>]*)/>|<text(?P<text>[^>]*)>(?P<words>[^<]*)</text>")
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_OF_PATH = frozenset((
    "d", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
))  # fmt: skip
_OF_TEXT = frozenset(["x", "y", "font-size", "font-weight", "fill", "transform"])
_DOT = re.compile(r"M([^A-Za-z]+)h0")
_STEP = re.compile(r"([MLHVQCz])([^A-Za-z]*)")
_TURN = re.compile(r"rotate\(([-\d.]+) ([-\d.]+) ([-\d.]+)\)")
PX_PER_MM = 96 / 25.4


class Plate:
    """A chart as an image of WeasyPrint.

    Parameters
    ----------
    svg : re.Match
        Of `_SVG`; see `plate_of`.
    marks : list of (str, dict of str to str)
        The words of a text, or an empty text for a path, and what its attributes are.
    fonts : weasyprint.text.fonts.FontConfiguration
        With the fonts of the report.
    """

    def __init__(self, svg: re.Match[str], marks: list[tuple[str, dict[str, str]]], fonts: Any) -> None:
        self._size = float(svg["width"]) * PX_PER_MM, float(svg["height"]) * PX_PER_MM
        self._box = float(svg["across"]), float(svg["down"])
        self._family = [name.strip().strip("\"'") for name in unescape(svg["family"]).split(",")]
        self._letters, self._marks, self._fonts = svg["size"], marks, fonts
        self._styles: dict[tuple[float, int], Any] = {}

    def get_intrinsic_size(self, _resolution: float, _font_size: float) -> tuple[float, float, float]:
        """Width and height in CSS pixels, and their ratio; called by WeasyPrint."""
        width, height = self._size
        return width, height, width / height

    def draw(self, stream: Any, width: float, height: float, _style: Any) -> None:
        """Draw on a page; called by WeasyPrint, where the stream stands at the upper left corner and counts downwards."""
        stream.transform(a=width / self._box[0], d=height / self._box[1])
        for words, look in self._marks:
            with stream.stacked():
                if words:
                    self._write(stream, words, look)
                else:
                    _draw(stream, look)

    def _write(self, stream: Any, words: str, look: dict[str, str]) -> None:
        """A line of text, set as a whole."""
        from weasyprint.draw.text import draw_emojis, draw_first_line
        from weasyprint.matrix import Matrix
        from weasyprint.svg.text import TextBox
        from weasyprint.text.line_break import split_first_line

        x, y = float(look["x"]), float(look["y"])
        if turn := _TURN.fullmatch(look.get("transform", "")):
            angle = radians(float(turn[1]))
            stream.transform(a=cos(angle), b=sin(angle), c=-sin(angle), d=cos(angle), e=x, f=y)
            x = y = 0.0
        style = self._style(float(look.get("font-size", self._letters)), int(look.get("font-weight", 400)))
        _colour(stream, look["fill"], 1.0, stroke=False)
        layout = split_first_line(words, style, None, inf, 0)[0]
        layout.reactivate(style)
        stream.begin_text()
        emojis = draw_first_line(stream, TextBox(layout, style), "none", "none", Matrix(d=-1, e=x, f=y))
        stream.end_text()
        draw_emojis(stream, style, x, y, emojis)

    def _style(self, size: float, weight: int) -> Any:
        """How WeasyPrint sets such letters."""
        from weasyprint.css.properties import INITIAL_VALUES
        from weasyprint.svg.text import Style

        if (size, weight) not in self._styles:
            style = Style(INITIAL_VALUES)
            style.font_config = self._fonts
            style["font_family"] = self._family
            style["font_size"], style["font_weight"] = size, weight
            self._styles[size, weight] = style
        return self._styles[size, weight]


def plate_of(svg: str, fonts: Any) -> Plate | None:
    """A chart of ours, ready to be printed; None for a picture that has anything else in it.

    Parameters
    ----------
    svg : str
    fonts : weasyprint.text.fonts.FontConfiguration
    """
    whole = _SVG.fullmatch(svg)
    if whole is None:
        return None
    marks, end = [], 0
    for mark in _MARK.finditer(whole["marks"]):
        attributes = mark["path"] if mark["text"] is None else mark["text"]
        look = dict(_ATTRIBUTE.findall(attributes))
        is_text = mark["text"] is not None
        is_known = look.keys() <= (_OF_TEXT if is_text else _OF_PATH)
        if mark.start() != end or not is_known or not _TURN.fullmatch(look.get("transform", "rotate(0 0 0)")):
            return None
        end = mark.end()
        words = unescape(mark["words"]) if is_text else ""
        if words.strip() or not is_text:
            marks.append((words, look))
    return Plate(whole, marks, fonts) if end == len(whole["marks"]) else None


def _draw(stream: Any, look: dict[str, str]) -> None:
    """A path."""
    fills, strokes = look["fill"] != "none", look.get("stroke", "none") != "none"
    if fills:
        _colour(stream, look["fill"], float(look.get("fill-opacity", 1)), stroke=False)
    if strokes:
        _colour(stream, look["stroke"], float(look.get("stroke-opacity", 1)), stroke=True)
        stream.set_line_width(float(look["stroke-width"]))
        stream.set_line_cap(1 if look.get("stroke-linecap") == "round" else 0)
        stream.set_line_join(1 if look.get("stroke-linejoin") == "round" else 0)
        if "stroke-dasharray" in look:
            stream.set_dash([float(part) for part in look["stroke-dasharray"].split()], 0)
    stream.stream.append(operators(look["d"]).encode())
    stream.stream.append(b"B" if fills and strokes else b"f" if fills else b"S")


def operators(data: str) -> str:
    """The operators of a PDF that make a path.

    Parameters
    ----------
    data : str
        Of a path in SVG, as `reporter.document.svg` writes it.

    Examples
    --------
    >>> operators("M1 2H4V5z")
    '1 2 m 4 2 l 4 5 l h'
    >>> operators("M3 4h0M5 6h0")
    '3 4 m 3 4 l 5 6 m 5 6 l'
    """
    if _DOT.sub("", data) == "":
        return " ".join(_DOT.sub(r"\1 m \1 l ", data).split())
    return " ".join(_operators(data))


def _operators(data: str) -> Iterator[str]:
    x, y = "0", "0"
    for step, numbers in _STEP.findall(data):
        used = numbers.split()
        if step == "z":
            yield "h"
            continue
        if step == "Q":
            used = _as_cubic(float(x), float(y), *map(float, used))
        x, y = (used[0], y) if step == "H" else (x, used[0]) if step == "V" else (used[-2], used[-1])
        if step in "QC":
            yield f"{' '.join(used)} c"
        else:
            yield f"{x} {y} {'m' if step == 'M' else 'l'}"


def _as_cubic(x: float, y: float, handle_x: float, handle_y: float, end_x: float, end_y: float) -> list[str]:
    """A curve by way of one handle as the same curve with two, for a PDF knows no other."""
    starts = x + (handle_x - x) * 2 / 3, y + (handle_y - y) * 2 / 3
    ends = end_x + (handle_x - end_x) * 2 / 3, end_y + (handle_y - end_y) * 2 / 3
    return [f"{number:.3f}".rstrip("0").rstrip(".") for number in (*starts, *ends, end_x, end_y)]


def _colour(stream: Any, colour: str, opacity: float, *, stroke: bool) -> None:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    stream.set_alpha(opacity, stroke=stroke)
    stream.set_color_rgb(red, green, blue, stroke)
