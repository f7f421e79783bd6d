"""A pen that writes a matplotlib figure as a small, clean SVG.

Why not matplotlib's own SVG: it comes with style attributes, clip paths, a definition and a `use` for each tick, and ids that clash
when several pictures stand in one page. A PDF renderer pays for each element. This pen writes paths and texts only, joins marks of
one style to one path, rounds to hundredths of a point, and needs no id, no definition and no clip path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr, unescape

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Transform

from reporter.document.charts.paper import BODY, joined, measure, right_to_left
from reporter.document.tongue import from_left

FAMILY = "Inter, 'Reporter Arabic', 'Segoe UI', system-ui, 'Noto Sans', 'DejaVu Sans', sans-serif"
_TEXT = re.compile(
    r'<text x="(?P<x>[^"]+)" y="(?P<y>[^"]+)"(?: font-size="(?P<size>[^"]+)")?(?: font-weight="(?P<weight>[^"]+)")? fill="(?P<fill>[^"]+)"'
    r'(?: transform="rotate\((?P<angle>[^ ]+) [^"]*")?>(?P<words>[^<]*)</text>'
)
_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}


def to_svg(figure: Figure, identifier: str, alt: str) -> str:
    """Write a figure as SVG.

    Parameters
    ----------
    figure : Figure
        Drawn at 72 dpi, so that its pixels are points.
    identifier : str
        Unique in the page.
    alt : str
        What a reader who cannot see the picture should know.

    Returns
    -------
    str
        One ``svg`` element without XML header: size in mm, view box in points, ``title`` first, colours and fonts as attributes; ``data-steps`` where the
        chart has noted them (`charts.steps`).
    """
    width, height = (float(side) * 72 for side in figure.get_size_inches())
    pen = Pen(width, height)
    figure.draw(pen)
    name = quoteattr(f"{identifier}-alt")
    steps = f"data-steps={quoteattr(str(figure.get_gid()))} " if figure.get_gid() else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby={name} {steps}'
        f'width="{_number(width / 72 * 25.4)}mm" height="{_number(height / 72 * 25.4)}mm" '
        f'viewBox="0 0 {_number(width)} {_number(height)}" font-family="{FAMILY}" font-size="{_number(BODY)}">'
        f"<title id={name}>{escape(_printable(alt))}</title>{pen.markup()}</svg>"
    )


def outlined(svg: str) -> str:
    """A picture whose words from right to left are outlines: PDF renderers do not join such letters in SVG, where browsers do.

    Parameters
    ----------
    svg : str
        As `to_svg` wrote it.
    """
    return _TEXT.sub(_outline, svg)


def _outline(text: re.Match[str]) -> str:
    words = unescape(text["words"])
    if not right_to_left(words):
        return text[0]
    size, angle = float(text["size"] or BODY), -float(text["angle"] or 0)
    letters = joined(words, size, int(text["weight"] or 400))
    place = Affine2D().rotate_deg(angle).translate(float(text["x"]), -float(text["y"]))
    return f'<path d="{_steps(letters.transformed(place), 0.0)}" fill="{text["fill"]}"/>'


@dataclass(frozen=True, slots=True)
class _Mark:
    """A path under way: marks of the same style join its steps."""

    style: str
    steps: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f'<path d="{"".join(self.steps)}"{self.style}/>'


class Pen(RendererBase):
    """A matplotlib renderer whose ink is SVG text. Hatches, images and clip paths are not in its hand: charts draw without them."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.marks: list[_Mark | str] = []

    def markup(self) -> str:
        """All marks so far."""
        return "".join(map(str, self.marks))

    def flipy(self) -> bool:
        """Texts are placed from the top, as SVG does."""
        return True

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Size in points."""
        return self.width, self.height

    def points_to_pixels(self, points: Any) -> Any:
        """A pixel is a point."""
        return points

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """Size of one line of text."""
        return measure(s, prop.get_size_in_points(), int(prop.get_weight()))

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        """One path, filled, stroked or both."""
        clip = None
        rectangle = gc.get_clip_rectangle()
        if rectangle is not None and rgbFace is None:
            clip = (rectangle.x0, rectangle.y0, rectangle.x1, rectangle.y1)
        clean = path.cleaned(transform, remove_nans=True, clip=clip, simplify=False, curves=True)
        self._add(_steps(clean, self.height), _style(gc, rgbFace))

    def draw_markers(
        self, gc: GraphicsContextBase, marker_path: Path, marker_trans: Transform, path: Path, trans: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:  # fmt: skip
        """Marks at many places. Plain discs become dots of a round pen: a few bytes each, whatever their number."""
        places = trans.transform(path.vertices)
        places = places[np.isfinite(places).all(axis=1)]
        if rgbFace is not None and gc.get_linewidth() == 0 and np.shape(marker_path.vertices)[0] == 26:
            diameter = float(marker_path.get_extents(marker_trans).width)
            dots = [f"M{_number(x)} {_number(self.height - y)}h0" for x, y in places]
            self._add("".join(dots), _dot_style(gc, rgbFace, diameter))
            return
        for x, y in places:
            self.draw_path(gc, marker_path, marker_trans + Affine2D().translate(x, y), rgbFace)

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: FontProperties, angle: float, *_: Any, **__: Any
    ) -> None:  # fmt: skip
        """One line of text."""
        size, weight = prop.get_size_in_points(), int(prop.get_weight())
        look = f' x="{_number(x)}" y="{_number(y)}"'
        look += "" if size == BODY else f' font-size="{_number(size)}"'
        look += "" if weight == 400 else f' font-weight="{weight}"'
        look += f' fill="{to_hex(gc.get_rgb())}"'
        look += f' transform="rotate({_number(-angle)} {_number(x)} {_number(y)})"' if angle else ""
        words = from_left(_printable(s)) if right_to_left(s) else _printable(s)
        self.marks.append(f"<text{look}>{escape(words)}</text>")

    def _add(self, steps: str, style: str) -> None:
        if not steps or not style:
            return
        last = self.marks[-1] if self.marks else None
        if isinstance(last, _Mark) and last.style == style and "opacity" not in style:
            last.steps.append(steps)
        else:
            self.marks.append(_Mark(style, [steps]))


def _steps(path: Path, height: float) -> str:
    """The data of a path, turned so that heights count from the top."""
    if path.codes is not None and np.ravel(path.codes)[0] == Path.STOP:
        return ""
    vertices = np.round(np.asarray(path.vertices) * (1, -1) + (0, height), 2)
    steps: list[str] = []
    here = (float("nan"), float("nan"))
    flat = Path(vertices, path.codes)
    for points, code in flat.iter_segments(remove_nans=False, simplify=False, curves=True):
        if code == Path.CLOSEPOLY:
            steps.append("z")
        elif code in _LETTERS:
            steps.append(_step(code, points, here))
            here = (points[-2], points[-1])
    return "".join(steps)


def _step(code: Any, points: Any, here: tuple[float, float]) -> str:
    if code == Path.LINETO and points[1] == here[1]:
        return "H" + _number(points[0])
    if code == Path.LINETO and points[0] == here[0]:
        return "V" + _number(points[1])
    return _LETTERS[code] + " ".join(map(_number, points))


def _style(gc: GraphicsContextBase, face: Any) -> str:
    """Attributes of a path; empty when there is nothing to see."""
    fill, fill_opacity = _paint(face, gc)
    stroke, stroke_opacity = _paint(gc.get_rgb(), gc) if gc.get_linewidth() > 0 else ("none", 1.0)
    if fill == "none" and stroke == "none":
        return ""
    style = f' fill="{fill}"' + _opacity("fill", fill_opacity)
    if stroke == "none":
        return style
    style += f' stroke="{stroke}" stroke-width="{_number(gc.get_linewidth())}"' + _opacity("stroke", stroke_opacity)
    dash = gc.get_dashes()[1]
    style += f' stroke-dasharray="{" ".join(map(_number, np.ravel(dash)))}"' if dash is not None else ""
    style += ' stroke-linecap="round"' if gc.get_capstyle() == "round" else ""
    return style + (' stroke-linejoin="round"' if gc.get_joinstyle() == "round" else "")


def _dot_style(gc: GraphicsContextBase, face: Any, diameter: float) -> str:
    colour, opacity = _paint(face, gc)
    width = f' stroke-width="{_number(diameter)}" stroke-linecap="round"'
    return "" if colour == "none" else f' fill="none" stroke="{colour}"{width}' + _opacity("stroke", opacity)


def _paint(colour: Any, gc: GraphicsContextBase) -> tuple[str, float]:
    if colour is None:
        return "none", 1.0
    opacity = gc.get_alpha() if gc.get_forced_alpha() else (float(colour[3]) if len(colour) > 3 else 1.0)
    return ("none", 1.0) if opacity == 0 else (to_hex(colour), float(opacity))


def _opacity(kind: str, value: float) -> str:
    return f' {kind}-opacity="{_number(value)}"' if value < 1 else ""


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _printable(text: str) -> str:
    """What XML allows."""
    return "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
