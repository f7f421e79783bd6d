"""No page with a few lines alone: what a section leaves over comes back to its page, or goes on with all of the section."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.document import pdf
from reporter.document.blocks import Callout, Document, Prose, Said, Section
from reporter.document.html import to_html
from reporter.document.pagination import closer
from reporter.document.pdf import pdf_available, to_pdf
from tests.document.editions import filled
from tests.document.sample import sample

WORDS = Said("One customer in ten buys again within a month, and nobody knows why; so we asked those who did not. " * 3)

needs_pdf = pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))


def report(first: int, second: int) -> Document:
    """Two sections that share pages, of so many paragraphs; another one begins on a sheet of its own."""
    parts = [
        Section(name, Said(f"The {name} chapter has 3 findings"), name, name, _blocks(count), breaks=breaks)
        for name, count, breaks in (("first", first, True), ("second", second, False), ("third", 3, True))
    ]
    return replace(sample(), sections=tuple(parts))


def _blocks(paragraphs: int) -> tuple[Prose | Callout, ...]:
    return (*(Prose((WORDS,)) for _ in range(paragraphs)), Callout("sowhat", Said("So act."), (Said("Soon."),)))


def ends(document: Document) -> list[float]:
    """How far down each page has text, without cover and contents."""
    return filled(to_pdf(to_html(document)))[2:]


@needs_pdf
@pytest.mark.parametrize("second", range(4, 12))
def test_a_few_lines_are_never_alone(second: int) -> None:
    *flow, _ = ends(report(7, second))
    assert min(flow) >= 0.3


@needs_pdf
def test_without_it_they_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "crowded", lambda pages: {})
    assert any(min(ends(report(7, second))[:-1]) < 0.3 for second in range(4, 12))


@needs_pdf
def test_pages_that_are_full_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(pdf, "closer", lambda page, sections: asked.append(sections) or page)
    to_pdf(to_html(report(3, 3)))
    assert asked == []


def test_only_the_sections_that_are_named_are_set_closer() -> None:
    page = '<section id="a" class="level-1"><section id="b" class="level-2 breaks">'
    assert (
        closer(page, {"b": "close whole"})
        == '<section id="a" class="level-1"><section id="b" class="close whole level-2 breaks">'
    )
