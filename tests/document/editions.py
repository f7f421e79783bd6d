"""Documents of small shops in any edition, and the words and pictures in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ctypes import c_double
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2

import reporter
from reporter.analysis.analyse import Analysis
from reporter.config import load_config
from reporter.document.blocks import Beside, Block, Callout, Chart, Details, Document, Section
from reporter.document.compose import compose
from reporter.document.ink import ink
from reporter.document.press import Press
from reporter.document.settings import ReportSettings
from reporter.document.words import Words
from tests.command import FAST

FINE_PRINT_PX = 9.73
"""Footers have 9.6, footnotes 9.36."""


@dataclass(frozen=True, eq=False)
class Shops:
    """Analyses by mode."""

    folder: Path
    money: Analysis
    coupon: Analysis


def fast(*more: str) -> reporter.Config:
    return load_config(overrides=[*(word for word in FAST if word != "--set"), *more])[0]


def composed(analysis: Analysis, **settings: Any) -> Document:
    return compose(analysis, ReportSettings(**settings), "2024-07-01-0123abcd", "Run 2024-07-01-0123abcd")


composed_once = lru_cache(maxsize=16)(composed)
"""The same for tests that change nothing of how it is made: no catalogue, no file that is named in the settings."""


def inked(analysis: Analysis, chosen: Callable[[Section], bool] = bool, **settings: Any) -> Document:
    """The document with its pictures, or with the chosen sections alone."""
    words = Words("en", analysis.ledger.currency, analysis.ledger.mode)
    document = composed(analysis, **settings)
    with Press(workers=0) as press:
        return ink(replace(document, sections=tuple(filter(chosen, document.sections))), words, press)


def filled(pdf: bytes) -> list[float]:
    """How far down each page has text of its own, larger than that of footnotes and footers, as a share of its height."""
    return [depth(letters(page), page.get_height()) for page in pypdfium2.PdfDocument(pdf)]


def depth(shown: Iterable[Letter], height: float) -> float:
    """The same of one page, by its letters and its height."""
    return 1 - min(letter.bottom for letter in shown if letter.size > FINE_PRINT_PX) / height


class Letter(NamedTuple):
    """A letter on paper: its size in pixels of CSS, and the edges of its ink in points, from the lower left corner."""

    text: str
    size: float
    left: float
    right: float
    bottom: float
    top: float


def letters(page: pypdfium2.PdfPage) -> Iterator[Letter]:
    """All letters of a page that have ink."""
    raw, text = pypdfium2.raw, page.get_textpage()
    edges = [c_double() for _ in range(4)]
    for at in range(text.count_chars()):
        if raw.FPDFText_GetCharBox(text, at, *edges) and edges[0].value < edges[1].value:
            letter, size = chr(raw.FPDFText_GetUnicode(text, at)), raw.FPDFText_GetFontSize(text, at)
            yield Letter(letter, size, *(edge.value for edge in edges))


def charts(blocks: tuple[Block, ...]) -> Iterator[Chart]:
    for block in blocks:
        if isinstance(block, Chart):
            yield block
        elif isinstance(block, (Beside, Details)):
            yield from charts(block.blocks)


def texts(section: Section) -> str:
    """The words of boxes, side by side or not."""
    blocks = [inner for block in section.blocks for inner in (block.blocks if isinstance(block, Beside) else (block,))]
    return " ".join(said.text for block in blocks if isinstance(block, Callout) for said in (block.title, *block.body))
