"""The letters of charts: which fonts they are of, how wide a line is, and what is cut where there is no room."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from matplotlib.ft2font import FT2Font, LoadFlags

from reporter.document.tokens import templates_folder

POINTS_PER_MM = 72 / 25.4
BODY, SMALL = 7.2, 6.6
ASCENT, DESCENT = 0.96875, 0.2412109375
"""Of a line above and below its foot, as shares of the size: those of the bundled font, whatever the letters, so that all lines sit alike."""
HEIGHT, DEPTH = 0.96, 0.21
"""What the letters of a line take of that, and the part of it below the foot."""
CLOSED = 79
CODES = {"M": 1, "L": 2, "Q": 3, "C": 4, "z": CLOSED}
"""What matplotlib's paths call the steps of an outline."""
STEPS = {code: step for step, code in CODES.items()}
POINTS_OF_STEP = {"M": 1, "L": 1, "Q": 2, "C": 3, "z": 0}
"""How many points each step of an outline uses up."""


def font_file(weight: int) -> str:
    """The bundled font of a weight."""
    return str(templates_folder() / "fonts" / f"Inter-{weight}.ttf")


def fit(text: str, width: float, size: float = BODY, bold: bool = False) -> str:
    """The text, cut with an ellipsis to a width in mm; empty where not even two characters fit."""
    if text_width(text, size, bold) <= width:
        return text
    for length in range(len(text) - 1, 1, -1):
        short = text[:length].rstrip() + "…"
        if text_width(short, size, bold) <= width:
            return short
    return ""


def text_width(text: str, size: float = BODY, bold: bool = False) -> float:
    """Width of a text in mm."""
    return line_width(text, size, 600 if bold else 400) / POINTS_PER_MM


@lru_cache(maxsize=4096)
def line_width(text: str, size: float, weight: int) -> float:
    """Width of one line in points."""
    font = _font(weight)
    if right_to_left(text):
        return float(joined(text, size, weight)[0][:, 0].max(initial=0.0))
    strange = lacks(text)
    known = "".join(letter for letter in text if letter not in strange)
    font.set_size(size, 72)
    font.set_text(known, 0.0, flags=LoadFlags.NO_HINTING)
    width = font.get_width_height()[0] / 64 if known else 0.0
    return width + sum(size * (1.0 if unicodedata.east_asian_width(c) in "WF" else 0.65) for c in strange)


def lacks(text: str) -> str:
    """The letters of a text that our font does not have."""
    font = _font(400)
    return "".join(letter for letter in text if not font.get_char_index(ord(letter)))


def walk(steps: str, points: list[list[float]]) -> Iterator[tuple[str, list[list[float]]]]:
    """Each step of an outline with the points that it uses up."""
    at = 0
    for step in steps:
        end = at + POINTS_OF_STEP[step]
        yield step, points[at:end]
        at = end


@lru_cache(maxsize=1024)
def joined(text: str, size: float, weight: int) -> tuple[np.ndarray, str]:
    """The outline of a line whose letters join and run from right to left, from the foot of its left end: points and steps as in `figure.Outline`.

    Latin letters among the others are the same font's.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    file = templates_folder() / "fonts" / f"ReporterArabic-{600 if weight >= 600 else 400}.ttf"
    path = TextPath((0, 0), text, size=size, prop=FontProperties(fname=file))
    codes = path.codes.tolist()
    steps, at = [], 0
    while at < len(codes):
        steps.append(STEPS[codes[at]])
        at += max(POINTS_OF_STEP[steps[-1]], 1)
    return path.vertices[path.codes != CLOSED], "".join(steps)


def right_to_left(text: str) -> bool:
    """Whether a text holds letters that are written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text)


@lru_cache(maxsize=4)
def _font(weight: int) -> FT2Font:
    return FT2Font(font_file(weight))
