"""Documents of small shops in any edition, and the words and pictures in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
