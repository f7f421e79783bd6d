"""Documents of small shops in any edition, and the words and pictures in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def inked(analysis: Analysis, **settings: Any) -> Document:
    words = Words("en", analysis.ledger.currency, analysis.ledger.mode)
    with Press(workers=0) as press:
        return ink(composed(analysis, **settings), words, press)


def filled(pdf: bytes) -> list[float]:
    """How far down each page has text of its own, larger than that of footnotes and footers, as a share of its height."""
    return [_filled(page) for page in pypdfium2.PdfDocument(pdf)]


def _filled(page: pypdfium2.PdfPage) -> float:
    text, height = page.get_textpage(), page.get_height()
    sizes = [pypdfium2.raw.FPDFText_GetFontSize(text, at) for at in range(text.count_chars())]
    lowest = min(text.get_charbox(at)[1] for at, size in enumerate(sizes) if size > FINE_PRINT_PX)
    return 1 - float(lowest) / float(height)


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
