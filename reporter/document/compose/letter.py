"""US Letter: a sheet is 18 mm lower than A4, of which the margins give 5; lower pictures give the rest."""

from __future__ import annotations

from dataclasses import replace

from reporter.document.blocks import Beside, Block, Chart, Details, Section

LOWER = 0.84
"""Of the height on A4."""
TALL_MM = 60.0
"""Pictures from this height on are lowered on every page; in sections that fill a page, all are."""
FILLED = ("scores", "segments")
"""Sections whose pictures and tables fill a page on A4."""


def lowered(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The same sections with lower pictures."""
    return tuple(
        replace(section, blocks=_lowered(section.blocks, 0.0 if section.full or section.id in FILLED else TALL_MM))
        for section in sections
    )


def _lowered(blocks: tuple[Block, ...], least: float) -> tuple[Block, ...]:
    return tuple(_block(block, least) for block in blocks)


def _block(block: Block, least: float) -> Block:
    if isinstance(block, Chart) and block.height_mm >= least:
        return replace(block, height_mm=round(block.height_mm * LOWER, 1))
    if isinstance(block, (Beside, Details)):
        return replace(block, blocks=_lowered(block.blocks, least))
    return block
