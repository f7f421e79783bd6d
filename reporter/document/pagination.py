"""Pages that end too early: what a section left alone on a sheet is found, and the sections there and before it are set closer, or whole on a page of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

SHORT = 0.4
"""Share of the sheet that a page must use where nothing makes it begin: where it goes on with a section, or with one that could have followed on the page before."""

INKED = ("LineBox", "InlineReplacedBox", "BlockReplacedBox")
"""WeasyPrint's boxes of lines and pictures."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One page: the sections on it, in order; whether the first must have a page of its own; and where the last line or picture ends, as a share of the height."""

    sections: tuple[str, ...]
    is_forced: bool
    end: float


def crowded(pages: Sequence[Any]) -> dict[str, str]:
    """The sections that would have to be shorter.

    Parameters
    ----------
    pages : sequence of weasyprint.Page

    Returns
    -------
    dict of str to str
        Ids of the sections on pages that hold too little for a sheet, and on the pages before them, each with its classes of ``pdf.css``: ``close``, and
        ``whole`` where only the end of the section is on such a page.
    """
    found: dict[str, str] = {}
    for before, leaf in pairwise(map(_leaf, pages)):
        began = next((name for name in leaf.sections[:1] if name in before.sections), "")
        if leaf.end < SHORT and (began or not leaf.is_forced):
            found |= dict.fromkeys([*before.sections, *leaf.sections], "close")
            found |= {began: "close whole"} if began else {}
    return found


def closer(page: str, sections: Mapping[str, str]) -> str:
    """The page with those classes of its sections."""
    return re.sub(
        r'<section id="([^"]*)" class="',
        lambda opened: opened[0] + (f"{sections[opened[1]]} " if opened[1] in sections else ""),
        page,
    )


def _leaf(page: Any) -> _Leaf:
    """Look at the boxes of a page; WeasyPrint tells of them under a private name alone, without which every page counts as full."""
    box = getattr(page, "_page_box", None)
    boxes = [] if box is None else list(_boxes(box.children[0], None))
    ends = [box.position_y + box.height for box, _ in boxes if type(box).__name__ in INKED]
    sections = {section.get("id", ""): section for _, section in boxes if section is not None}
    first = next(iter(sections.values()), None)
    is_forced = first is not None and "breaks" in first.get("class", "").split()
    return _Leaf(tuple(sections), is_forced, max(ends, default=page.height) / page.height)


def _boxes(box: Any, section: Any) -> Iterator[tuple[Any, Any]]:
    """Each box inside of one, with the element of its section."""
    section = box.element if box.element_tag == "section" else section
    yield box, section
    for child in getattr(box, "children", ()):
        yield from _boxes(child, section)
