"""Less room for pictures: US Letter is 18 mm lower than A4, of which the margins give 5, and translations are longer than the English; lower pictures give the rest."""

from __future__ import annotations

from dataclasses import replace

from reporter.document.blocks import Beside, Block, Chart, Details, Section

LOWER = 0.84
"""Of the height on A4."""
LOWER_TRANSLATED = 0.92
"""Of the height in English."""
TALL_MM = 60.0
"""Pictures from this height on are lowered on every page; in sections that fill a page, all are."""
FILLED = ("scores", "segments", "merchant", "branch")
"""Sections whose pictures and tables fill a page on A4, or half of one."""

WRITTEN = ("segment_index",)
"""Pictures with a line of text in each row: lowered for the paper, not once more for the language."""


def lowered(sections: tuple[Section, ...], letter: bool, translated: bool) -> tuple[Section, ...]:
    """The same sections with pictures as high as paper and language leave room for."""
    paper = LOWER if letter else 1.0
    shares = (paper * (LOWER_TRANSLATED if translated else 1.0), paper)
    if shares == (1.0, 1.0):
        return sections
    return tuple(
        replace(
            section, blocks=_lowered(section.blocks, 0.0 if section.full or section.id in FILLED else TALL_MM, shares)
        )
        for section in sections
    )


def _lowered(blocks: tuple[Block, ...], least: float, shares: tuple[float, float]) -> tuple[Block, ...]:
    return tuple(_block(block, least, shares) for block in blocks)


def _block(block: Block, least: float, shares: tuple[float, float]) -> Block:
    """`shares` of the height: of pictures, and of those that are `WRITTEN`."""
    if isinstance(block, Chart) and block.height_mm >= least:
        return replace(block, height_mm=round(block.height_mm * shares[block.draw in WRITTEN], 1))
    if isinstance(block, (Beside, Details)):
        return replace(block, blocks=_lowered(block.blocks, least, shares))
    return block
