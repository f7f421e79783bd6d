"""A figure as a small, clean SVG.

A PDF renderer pays for each element, and ids clash when several pictures stand in one page: so paths and texts are written only, marks of one style are
joined to one path, numbers are rounded to hundredths of a point, and there is no id but that of the title, no definition and no clip path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr, unescape

import numpy as np

from reporter.document.charts.figure import Dots, Figure, Ink, Letters, Outline, turned
from reporter.document.charts.letters import BODY, joined, right_to_left, walk
from reporter.document.tongue import from_left

FAMILY = "Inter, 'Reporter Arabic', 'Segoe UI', system-ui, 'Noto Sans', 'DejaVu Sans', sans-serif"
_TEXT = re.compile(
    r'<text x="(?P<x>[^"]+)" y="(?P<y>[^"]+)"(?: font-size="(?P<size>[^"]+)")?(?: font-weight="(?P<weight>[^"]+)")? fill="(?P<fill>[^"]+)"'
    r'(?: transform="rotate\((?P<angle>[^ ]+) [^"]*")?>(?P<words>[^<]*)</text>'
)


def to_svg(figure: Figure, identifier: str, alt: str) -> str:
    """Write a figure as SVG.

    Parameters
    ----------
    figure : Figure
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
    width, height = (float(side) for side in figure.size)
    name = quoteattr(f"{identifier}-alt")
    steps = f"data-steps={quoteattr(figure.steps)} " if figure.steps else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby={name} {steps}'
        f'width="{_number(width / 72 * 25.4)}mm" height="{_number(height / 72 * 25.4)}mm" '
        f'viewBox="0 0 {_number(width)} {_number(height)}" font-family="{FAMILY}" font-size="{_number(BODY)}">'
        f"<title id={name}>{escape(_printable(alt))}</title>{_marks(figure, height)}</svg>"
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
    points, steps = joined(words, size, int(text["weight"] or 400))
    moved = turned(angle, points) + np.array([float(text["x"]), -float(text["y"])])
    return f'<path d="{_data(moved, steps, 0.0)}" fill="{text["fill"]}"/>'


@dataclass(frozen=True, slots=True)
class _Path:
    """A path under way: marks of the same style join its data, unless they would shine through each other."""

    style: str
    data: list[str]

    def __str__(self) -> str:
        return f'<path d="{"".join(self.data)}"{self.style}/>'


def _marks(figure: Figure, height: float) -> str:
    written: list[_Path | str] = []
    for mark in figure.drawn():
        if isinstance(mark, Letters):
            written.append(_text(mark, height))
            continue
        data, style = _path(mark, height)
        last = written[-1] if written else None
        if not data or not style:
            continue
        if isinstance(last, _Path) and last.style == style and "opacity" not in style:
            last.data.append(data)
        else:
            written.append(_Path(style, [data]))
    return "".join(map(str, written))


def _path(mark: Outline | Dots, height: float) -> tuple[str, str]:
    """Data and style. Discs are dots of a round pen: a few bytes each, whatever their number."""
    if isinstance(mark, Dots) and not mark.ring:
        places = "".join(f"M{_number(x)} {_number(height - y)}h0" for x, y in mark.points.tolist())
        width = f' stroke-width="{_number(mark.diameter)}" stroke-linecap="round"'
        return places, f' fill="none" stroke="{mark.colour}"{width}{_opacity("stroke", mark.opacity)}'
    path = mark.outline() if isinstance(mark, Dots) else mark
    return _data(path.points, path.steps, height), _style(path.ink)


def _text(line: Letters, height: float) -> str:
    x, y = _number(line.x), _number(height - line.y)
    look = f' x="{x}" y="{y}"'
    look += "" if line.size == BODY else f' font-size="{_number(line.size)}"'
    look += "" if line.weight == 400 else f' font-weight="{line.weight}"'
    look += f' fill="{line.colour}"'
    look += f' transform="rotate({_number(-line.angle)} {x} {y})"' if line.angle else ""
    words = _printable(line.text)
    return f"<text{look}>{escape(from_left(words) if right_to_left(line.text) else words)}</text>"


def _data(points: np.ndarray, steps: str, height: float) -> str:
    """The data of a path, turned so that heights count from the top."""
    places = np.round(points * (1, -1) + (0, height), 2).tolist()
    data: list[str] = []
    here = (float("nan"), float("nan"))
    for step, used in walk(steps, places):
        if not used:
            data.append(step)
            continue
        x, y = used[-1]
        if step == "L" and y == here[1]:
            data.append("H" + _number(x))
        elif step == "L" and x == here[0]:
            data.append("V" + _number(y))
        else:
            data.append(step + " ".join(_number(number) for place in used for number in place))
        here = (x, y)
    return "".join(data)


def _style(ink: Ink) -> str:
    """Attributes of a path; empty when there is nothing to see."""
    stroked = ink.stroke != "none" and ink.width > 0
    if ink.fill == "none" and not stroked:
        return ""
    style = f' fill="{ink.fill}"' + ("" if ink.fill == "none" else _opacity("fill", ink.opacity))
    if not stroked:
        return style
    style += f' stroke="{ink.stroke}" stroke-width="{_number(ink.width)}"{_opacity("stroke", ink.opacity)}'
    style += f' stroke-dasharray="{" ".join(map(_number, ink.dashes))}"' if ink.dashes else ""
    style += ' stroke-linecap="round"' if ink.cap == "round" else ""
    return style + (' stroke-linejoin="round"' if ink.join == "round" else "")


def _opacity(kind: str, value: float) -> str:
    return f' {kind}-opacity="{_number(value)}"' if value < 1 else ""


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _printable(text: str) -> str:
    """What XML allows."""
    return "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
