"""A report in gatherings, as a book is: two parts that are set and inked apart, on as many processors as there are, and a front that waits until both are set.

A chapter that must begin on a page of its own does not depend on those before it, but for the numbers of pages and footnotes. The front, which is cover,
contents and one empty leaf for each page of the gatherings, has the numbers: it is set when all pages are counted, which is before they are inked, and
`reporter.document.binding` puts the leaves on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate, pairwise

_BODY = re.compile(r"<body[^>]*>")
_MAIN, _END = '<main id="main">', "</main>"
_CONTENTS = '<nav class="contents"'
_CHAPTER = re.compile(r'<section id="[^"]*" class="[^"]*\bbreaks\b')
_AFTER = re.compile(r'\s*</div>\s*<footer class="colophon">[^\n]*</footer>\s*</body>\s*</html>\s*')
"""What ends a page of ours, and is not printed; in an own template there may be more, such as a mark on every page."""
_FOOTNOTE = 'class="footnote"'
_ID = re.compile(r'\sid="([^"]*)"')
_REFERENCE = re.compile(r'="#([^"]*)"')
_DRAWING = re.compile(r"<svg .*?</svg>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
LETTERS_OF_A_TAG = 16
"""Letters that take as long to set as an element does."""
LEAVES_OF_A_PAGE = 12
"""Leaves that take as long as a page with something on it does."""


@dataclass(frozen=True, slots=True)
class Book:
    """The text of a report that can be printed in gatherings.

    Attributes
    ----------
    gatherings : tuple of tuple of str
        Of each gathering its chapters: pages of HTML, each of which has what holds for all of the report before and after its sections.
    ids : frozenset of str
        All that a link may lead to, in whichever gathering it is.
    """

    gatherings: tuple[tuple[str, ...], ...]
    ids: frozenset[str]
    _before: str

    def front(self, leaves: Sequence[Iterable[str]]) -> str:
        """Cover and contents, and after them a leaf for each page of the gatherings.

        Parameters
        ----------
        leaves : sequence of iterable of str
            Of each page of the gatherings the ids on it, so that the contents have its number.
        """
        ahead = set(_REFERENCE.findall(self._before)) - set(_ID.findall(self._before))
        found = []
        for ids in leaves:
            found.append(_leaf(ahead.intersection(ids)))
            ahead.difference_update(ids)  # a section of many pages begins on its first
        return f"{self._before}{''.join(found)}{_END}"


def fold(page: str) -> Book | None:
    """Part a report, where pages must begin, into two gatherings, in order: with more of them all would take longer.

    Whoever is ready with the second prints the front while the first is still inked; so the first is about half of the whole, front included.

    Parameters
    ----------
    page : str
        What `reporter.document.styles.on_paper` left of a report.

    Returns
    -------
    Book or None
        None where the page is not built as ours are, has no contents, which end their page, or fewer than two chapters that begin on one: it is
        printed whole.
    """
    opening, (before, _, rest) = _BODY.search(page), page.partition(_MAIN)
    sections, _, after = rest.partition(_END)
    starts = [chapter.start() for chapter in _CHAPTER.finditer(sections)]
    if opening is None or _CONTENTS not in before or not _AFTER.fullmatch(after) or len(starts) < 2:
        return None
    chapters = [sections[start:end].strip() for start, end in pairwise([*starts, len(sections)])]
    if sections[: starts[0]].strip() or not all(map(_is_whole, chapters)):
        return None
    notes = accumulate((chapter.count(_FOOTNOTE) for chapter in chapters), initial=before.count(_FOOTNOTE))
    shell = page[: opening.end()]
    texts = [f"{shell}{_main(count)}{chapter}{_END}" for count, chapter in zip(notes, chapters, strict=False)]
    weights = list(map(_toil, chapters))
    at = _middle(weights, _toil(before) + sum(weights) // LEAVES_OF_A_PAGE)
    return Book((tuple(texts[:at]), tuple(texts[at:])), frozenset(_ID.findall(page)), before + _MAIN)


def _is_whole(chapter: str) -> bool:
    """Whether it is one section after the other, and nothing opens that does not close."""
    return chapter.endswith("</section>") and chapter.count("<section ") == chapter.count("</section>")


def _main(footnotes: int) -> str:
    """What a chapter stands in; its footnotes are counted from those before."""
    return f'{_MAIN[:-1]} style="counter-reset: footnote {footnotes}">'


def _toil(chapter: str) -> int:
    """How long it takes to set a chapter, in elements. What is drawn takes next to nothing."""
    text, tags = _TAG.subn("", _DRAWING.sub("", chapter))
    return tags + len(text) // LETTERS_OF_A_TAG


def _middle(weights: Sequence[int], more: int) -> int:
    """After how many chapters, at least one, there is as much before as after, where there is `more` to come."""
    ends = list(accumulate(weights))
    return min(range(1, len(weights)), key=lambda count: (abs(2 * ends[count - 1] - ends[-1] - more), count))


def _leaf(ids: Iterable[str]) -> str:
    return f'<div class="leaf">{"".join(f"<i id={chr(34)}{escape(name)}{chr(34)}></i>" for name in sorted(ids))}</div>'
