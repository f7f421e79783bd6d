"""US Letter: pages that are made to be one page are made a little lower."""

from __future__ import annotations

from dataclasses import replace

from reporter.document.blocks import Beside, Block, Chart, Section

LOWER = 0.84
"""A sheet is 18 mm lower than A4, of which the margins give 5; two rows of pictures of 34 mm give the rest."""


def lowered(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The same sections, with lower pictures in those that fill a page by themselves."""
    return tuple(
        replace(section, blocks=tuple(map(_lowered, section.blocks))) if section.full else section
        for section in sections
    )


def _lowered(block: Block) -> Block:
    if isinstance(block, Chart):
        return replace(block, height_mm=round(block.height_mm * LOWER, 1))
    if isinstance(block, Beside):
        return replace(block, blocks=tuple(map(_lowered, block.blocks)))
    return block
