"""Footnotes: where the text first uses a term of the glossary, what it means stands at the foot of that page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from reporter.document.blocks import Document, Footnote, Prose, Said, Section

MOST = 4
"""Footnotes of one section: more would make a page of them."""
ENDINGS = "s?"
"""What may follow a term in a sentence, as a regular expression: a message, because every language has its own."""


def define(
    document: Document,
    glossary: tuple[tuple[Said, Said], ...],
    left_out: frozenset[str] = frozenset(),
    endings: str = ENDINGS,
) -> Document:
    """Explain terms where they are first used.

    Parameters
    ----------
    document : Document
    glossary : tuple of (term, meaning)
    left_out : frozenset of str
        Sections that explain nothing: those that fill their page, and the one that holds the glossary.
    endings : str
        What may follow a term in a sentence.

    Returns
    -------
    Document
        The same with `Prose.footnotes`; each term at most once, at most `MOST` in a section.
    """
    waiting = {_word(term.text): (term, meaning) for term, meaning in glossary}
    sections = []
    for section in document.sections:
        explained = section if section.full or section.id in left_out else _explained(section, waiting, endings)
        waiting = {word: entry for word, entry in waiting.items() if entry[0].text not in set(_terms(explained))}
        sections.append(explained)
    return replace(document, sections=tuple(sections))


def _explained(section: Section, waiting: Mapping[str, tuple[Said, Said]], endings: str) -> Section:
    room, blocks = dict(waiting), []
    for block in section.blocks:
        if isinstance(block, Prose) and block.kind != "note":
            notes = tuple(_notes(block, room, endings))[: MOST - (len(waiting) - len(room))]
            block = replace(block, footnotes=notes)
            room = {
                word: entry for word, entry in room.items() if entry[0].text not in {note.term.text for note in notes}
            }
        blocks.append(block)
    return replace(section, blocks=tuple(blocks))


def _notes(prose: Prose, waiting: Mapping[str, tuple[Said, Said]], endings: str) -> Iterator[Footnote]:
    """The terms of a text, in the order of their first use."""
    found = [
        (number, match.start(), Footnote(number, match[0], *entry))
        for word, entry in waiting.items()
        for number, paragraph in enumerate(prose.paragraphs)
        if (match := re.search(rf"\b{re.escape(word)}(?:{endings})\b", paragraph.text, re.IGNORECASE))
    ]
    told = set()
    for _, _, note in sorted(found, key=lambda each: each[:2]):
        if note.term.text not in told:
            told.add(note.term.text)
            yield note


def _terms(section: Section) -> Iterator[str]:
    for block in section.blocks:
        if isinstance(block, Prose):
            yield from (note.term.text for note in block.footnotes)


def _word(term: str) -> str:
    """How a term stands in a sentence: without its sign in brackets, and a Gini coefficient may be just Gini."""
    return re.sub(r" (\(.*\)|index|coefficient)$", "", term)
