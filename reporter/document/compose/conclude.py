"""What a section leads to, as its last block."""

from __future__ import annotations

from reporter.document.blocks import Block, Callout, Said


def so_what(said: Said, enough: bool = True) -> tuple[Block, ...]:
    """The line that says what follows; nothing where nothing follows, or where there are not `enough` customers for a finding."""
    return (Callout("sowhat", said),) if said and enough else ()
