"""What charts are drawn on: size, colours, letters and the way numbers are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib import rc_context, rcParamsDefault
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.textpath import TextPath

from reporter.document.blocks import PLAIN, Look, Number, Said
from reporter.document.colours import contrast, mix
from reporter.document.tokens import inked_tokens, templates_folder
from reporter.document.words import SHARES, Words

POINTS_PER_MM = 72 / 25.4
WIDTHS_MM = {"full": 174.0, "half": 85.0, "third": 55.0, "wide": 115.0}
BODY, SMALL = 7.2, 6.6
LONGEST_NAME = 28


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of exact size, with the inks and the number words of the report.

    Attributes
    ----------
    width, height : float
        In mm: what the figure measures on the page.
    words : Words
        Locale, currency and mode.
    tokens : dict of str to str
        Colours by the names of ``tokens.css``.
    """

    width: float
    height: float
    words: Words
    tokens: dict[str, str]

    def sized(self, size: str, height_mm: float) -> Paper:
        """The same paper cut to a chart's size."""
        return replace(self, width=WIDTHS_MM[size], height=float(height_mm))

    def colour(self, name: str) -> str:
        """A colour by its name in ``tokens.css``."""
        return self.tokens[name]

    def slot(self, number: int) -> str:
        """The colour of a segment or cluster: 0 is the accent, above 12 all share the last grey."""
        return self.tokens["accent"] if number <= 0 else self.tokens[f"segment-{min(number, 12)}"]

    def heat(self, step: int) -> str:
        """One of the six colours of the heat scale, 1 (least) to 6 (most)."""
        return self.tokens[f"heat-{step}"]

    def light(self, colour: str, strength: float = 0.35) -> str:
        """A colour thinned with paper: `strength` 1 leaves it, 0 is paper."""
        return mix(self.tokens["paper"], colour, strength)

    def on(self, fill: str) -> str:
        """The ink for words on a fill: light where that has a contrast of 4.5:1, else dark."""
        light = self.tokens["on-dark"]
        return light if contrast(light, fill) >= 4.5 else self.tokens["on-light"]

    def type(self, colour: str = "ink", bold: bool = False, size: float = BODY) -> dict[str, Any]:
        """Keyword arguments of a matplotlib text: font, size and colour (a token's name or a hex colour)."""
        return {
            "fontproperties": FontProperties(
                fname=font_file(600 if bold else 400), size=size, weight=600 if bold else 400
            ),
            "color": self.tokens.get(colour, colour),
            "parse_math": False,
        }

    def label(self, template: str, **values: Number | Said | str) -> str:
        """Words of ours in the language of the report; see `Words.label`."""
        return self.words.label(template, **values)

    def format(self, column: str) -> Callable[[float], str]:
        """How the values of a column are written: a share, what M measures, or a count."""
        if column in SHARES:
            return lambda value: self.words.share(value).text
        if column == "monetary" and self.words.mode == "money":
            return self.money
        return lambda value: self.words.count(round(value)).text

    def share(self, value: float) -> str:
        """A share as per cent; an en dash where there is none."""
        return self.words.share(value).text if np.isfinite(value) else "–"

    def money(self, value: float) -> str:
        """An amount in three significant digits, as short as a label must be: EGP 94, EGP 6,720, EGP 112 k."""
        if abs(value) < 1e4:
            return self.words.money(value, digits=0).text
        limit, unit = next(pair for pair in ((1e9, "{n} bn"), (1e6, "{n} m"), (1e3, "{n} k")) if abs(value) >= pair[0])
        scaled = value / limit
        digits = 0 if abs(scaled) >= 100 else 1 if abs(scaled) >= 10 else 2
        return self.words.priced(self.label(unit, n=self.words.number(scaled, digits=digits)))


def plain_paper(words: Words, look: Look = PLAIN) -> Paper:
    """A full-width sheet in the report's colours, to be `sized` for each chart."""
    return Paper(WIDTHS_MM["full"], 62.0, words, inked_tokens(look))


def canvas(paper: Paper) -> Figure:
    """An empty figure of exactly the paper's size; one unit of its pixel space is one point."""
    figure = Figure(figsize=(paper.width / 25.4, paper.height / 25.4), dpi=72)
    figure.patch.set_visible(False)
    return figure


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with matplotlib's own defaults, whatever the user has set, and leave the user's settings as they were."""
    house = {key: value for key, value in rcParamsDefault.items() if not key.startswith("backend")}
    with rc_context(house | {"text.parse_math": False, "path.simplify": False, "axes.unicode_minus": True}):
        yield


def font_file(weight: int) -> str:
    """The bundled font of a weight."""
    return str(templates_folder() / "fonts" / f"Inter-{weight}.ttf")


def clean_name(text: object, limit: int = LONGEST_NAME) -> str:
    """A name from the data that can do no harm: one line, no control or direction characters, cut with an ellipsis."""
    kept = "".join(" " if c.isspace() else c for c in str(text) if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(kept.split())
    return name if len(name) <= limit else name[: limit - 1].rstrip() + "…"


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
    return measure(text, size, 600 if bold else 400)[0] / POINTS_PER_MM


@lru_cache(maxsize=4096)
def measure(text: str, size: float, weight: int) -> tuple[float, float, float]:
    """Width, height and descent of one line in points; height and descent are the font's, so that all lines sit alike."""
    font = _font(weight)
    if right_to_left(text):
        return float(joined(text, size, weight).get_extents().x1), size * 0.96, size * 0.21
    known = "".join(character for character in text if font.get_char_index(ord(character)))
    strange = [character for character in text if not font.get_char_index(ord(character))]
    font.set_size(size, 72)
    font.set_text(known, 0.0, flags=LoadFlags.NO_HINTING)
    width = font.get_width_height()[0] / 64 if known else 0.0
    width += sum(size * (1.0 if unicodedata.east_asian_width(c) in "WF" else 0.65) for c in strange)
    return width, size * 0.96, size * 0.21


def joined(text: str, size: float, weight: int) -> TextPath:
    """The outline of a line whose letters join and run from right to left; Latin ones among them are the same font's."""
    file = templates_folder() / "fonts" / f"ReporterArabic-{600 if weight >= 600 else 400}.ttf"
    return TextPath((0, 0), text, size=size, prop=FontProperties(fname=file))


def right_to_left(text: str) -> bool:
    """Whether a text holds letters that are written from right to left."""
    return any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)


@lru_cache(maxsize=4)
def _font(weight: int) -> FT2Font:
    return FT2Font(font_file(weight))
