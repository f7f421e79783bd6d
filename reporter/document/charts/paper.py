"""What charts are drawn on: size, colours, letters and the way numbers are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reporter.document.blocks import PLAIN, Look, Number, Said
from reporter.document.charts.figure import Figure
from reporter.document.charts.letters import BODY
from reporter.document.colours import contrast, mix
from reporter.document.tokens import inked_tokens
from reporter.document.words import SHARES, Words

WIDTHS_MM = {"full": 174.0, "half": 85.0, "third": 55.0, "wide": 115.0}
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
        """Keyword arguments of `marks.write`: size, weight and colour (a token's name or a hex colour)."""
        return {"size": size, "weight": 600 if bold else 400, "colour": self.tokens.get(colour, colour)}

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
    """An empty figure of exactly the paper's size."""
    return Figure(paper.width, paper.height)


def clean_name(text: object, limit: int = LONGEST_NAME) -> str:
    """A name from the data that can do no harm: one line, no control or direction characters, cut with an ellipsis."""
    kept = "".join(" " if c.isspace() else c for c in str(text) if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(kept.split())
    return name if len(name) <= limit else name[: limit - 1].rstrip() + "…"
