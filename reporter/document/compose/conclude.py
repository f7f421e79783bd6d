"""What a section leads to, as its last block."""

from __future__ import annotations

from reporter.document.blocks import Block, Callout, Said


def so_what(said: Said) -> tuple[Block, ...]:
    """The line that says what follows; nothing where nothing follows."""
    return (Callout("sowhat", said),) if said else ()
