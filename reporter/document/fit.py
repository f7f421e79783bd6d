"""Pages that ended too early: a few lines that a section left alone on a sheet are found, and the section is set closer, or whole on a page of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

ORPHAN = 0.3
"""Share of the sheet that a page must use where it only ends what began before."""


@dataclass(slots=True)
class _Leaf:
    """One page: the sections on it, in order, and where the last line or picture of them ends, as a share of its height."""

    sections: list[str] = field(default_factory=list)
    end: float = 0.0


def crowded(pages: Sequence[Any]) -> frozenset[str]:
    """The sections that would have to be shorter.

    Parameters
    ----------
    pages : sequence of weasyprint.Page

    Returns
    -------
    frozenset of str
        Ids of the sections on the pages before those that hold some lines and nothing that begins there.
    """
    leaves = [_leaf(page) for page in pages]
    found: set[str] = set()
    for before, leaf in pairwise(leaves):
        if leaf.end < ORPHAN and len(leaf.sections) == 1 and leaf.sections[0] in before.sections:
            found.update(before.sections)
    return frozenset(found)


def closer(page: str, sections: frozenset[str]) -> str:
    """The page with those sections set closer (see ``pdf.css``)."""
    return re.sub(
        r'<section id="([^"]*)" class="',
        lambda opened: opened[0] + ("close " if opened[1] in sections else ""),
        page,
    )


def _leaf(page: Any) -> _Leaf:
    """Look at the boxes of a page; WeasyPrint tells of them under a private name alone, without which every page counts as full."""
    box = getattr(page, "_page_box", None)
    if box is None:
        return _Leaf(end=1.0)
    leaf = _Leaf()
    for kind, name, bottom in _boxes(box.children[0], ""):
        if name and name not in leaf.sections:
            leaf.sections.append(name)
        if kind in {"LineBox", "InlineReplacedBox", "BlockReplacedBox"}:
            leaf.end = max(leaf.end, bottom / page.height)
    return leaf


def _boxes(box: Any, section: str) -> Iterator[tuple[str, str, float]]:
    """Kind, section and lower edge of each box inside of one."""
    if box.element_tag == "section":
        section = box.element.get("id", "")
    yield type(box).__name__, section, box.position_y + box.height if isinstance(box.height, (int, float)) else 0.0
    for child in getattr(box, "children", ()):
        yield from _boxes(child, section)
