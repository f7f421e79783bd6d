"""A report printed in gatherings is the report printed whole: every page, its number, what the contents say of it, links, outline and what is read aloud."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2
import pytest

from reporter.document.blocks import Document
from reporter.document.gatherings import Book, _middle, fold
from reporter.document.html import to_html
from reporter.document.pdf import FIRST_DAY, book_of, pdf_available, print_whole, to_pdf
from reporter.document.press import Press
from reporter.document.styles import on_paper
from reporter.printing import ATTACHED, begin_pdfs, print_pdfs
from tests.document.sample import FEW, sample

needs_pdf = pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))


@dataclass(frozen=True)
class Printed:
    """One report, printed in both ways."""

    bound: bytes
    whole: bytes
    book: Book


@pytest.fixture(scope="module")
def printed(sample_pdf: tuple[bytes, list[str]]) -> Printed:
    html = to_html(sample(pages=FEW))
    book = book_of(html)
    assert book is not None
    return Printed(sample_pdf[0], print_whole(html, {}, FIRST_DAY), book)


@pytest.fixture(scope="module")
def plumbed(printed: Printed) -> Iterator[tuple[Any, Any]]:
    with pdfplumber.open(io.BytesIO(printed.bound)) as bound, pdfplumber.open(io.BytesIO(printed.whole)) as whole:
        yield bound, whole


@needs_pdf
def test_both_gatherings_have_chapters(printed: Printed) -> None:
    first, second = ("".join(chapters).count("<") for chapters in printed.book.gatherings)
    assert 0.6 < first / second < 1.6


def test_the_second_gathering_is_lighter_by_the_front() -> None:
    assert [_middle([10, 10, 10, 10], front) for front in (0, 9, 20, 99)] == [2, 2, 3, 3]
    assert _middle([90, 5, 5], 0) == 1


@needs_pdf
def test_every_page_says_the_same_at_the_same_place(plumbed: tuple[Any, Any]) -> None:
    bound, whole = plumbed
    assert len(bound.pages) == len(whole.pages) > 20
    for one, other in zip(bound.pages, whole.pages, strict=True):
        letters = [sorted(page.chars, key=_letter) for page in (one, other)]
        assert [_letter(char)[3:] for char in letters[0]] == [_letter(char)[3:] for char in letters[1]], one.page_number
        places = [[(char["x0"], char["top"]) for char in each] for each in letters]
        assert np.allclose(*places, atol=0.05), one.page_number


def _letter(char: dict[str, Any]) -> tuple[Any, ...]:
    """Where it stands, and what it is; the number of a page is inked first where it was bound, last where it was not."""
    return (
        round(char["bottom"]),
        round(char["x0"] * 2),
        char["fontname"].partition("+")[2],
        round(char["size"], 1),
        char["text"],
    )


@needs_pdf
def test_every_page_looks_the_same(printed: Printed) -> None:
    """Pixel by pixel, but for the edges of letters."""
    bound, whole = pypdfium2.PdfDocument(printed.bound), pypdfium2.PdfDocument(printed.whole)
    for number in range(len(whole)):
        one, other = (each[number].render(scale=0.7).to_numpy().astype("int16") for each in (bound, whole))
        assert (abs(one - other) > 24).mean() < 2e-4, number + 1


@needs_pdf
def test_the_outline_is_the_same(printed: Printed) -> None:
    def outline(content: bytes) -> list[tuple[int, str, int, tuple[float, ...]]]:
        return [
            (
                entry.level,
                entry.get_title(),
                entry.get_dest().get_index(),
                tuple(map(round, entry.get_dest().get_view()[1])),
            )
            for entry in pypdfium2.PdfDocument(content).get_toc()
        ]

    assert outline(printed.bound) == outline(printed.whole) != []


@needs_pdf
def test_every_link_leads_to_the_same_place(plumbed: tuple[Any, Any]) -> None:
    bound, whole = ([[_link(link) for link in page.annots] for page in each.pages] for each in plumbed)
    assert bound == whole
    assert sum(map(len, whole)) >= len(sample(pages=FEW).sections), "the contents lead to every chapter"


def _link(link: Any) -> tuple[Any, ...]:
    return link["data"].get("Dest"), link["uri"], round(link["x0"]), round(link["top"])


@needs_pdf
def test_the_same_is_read_aloud_in_the_same_order(plumbed: tuple[Any, Any]) -> None:
    bound, whole = ([each for element in file.structure_tree for each in _pages(element)] for file in plumbed)
    assert bound == whole
    assert len(whole) > 1000


def _pages(document: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """What is read of each page, without the box around it, which only the report in one piece has."""
    for page in document["children"]:
        yield from _heard(page["children"] if page["type"] == "Div" else [page])


def _heard(tree: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Kind, page, marks and words of each element."""
    found = []
    for element in tree:
        found.append(
            (element["type"], element.get("page_number"), tuple(element.get("mcids", ())), element.get("alt_text"))
        )
        found += _heard(element.get("children", []))
    return found


@needs_pdf
def test_names_of_fonts_and_headings_of_tables_are_never_two_things(plumbed: tuple[Any, Any]) -> None:
    bound, _ = plumbed
    fonts: dict[str, int] = {}
    headings: list[bytes] = []
    for number in range(1, 1 + max(xref for each in bound.doc.xrefs for xref in each.get_objids())):
        try:
            thing = bound.doc.getobj(number)
        except Exception:  # a number that is not used
            continue
        if isinstance(thing, dict) and "FontFile2" in thing:
            fonts[str(thing["FontName"])] = fonts.get(str(thing["FontName"]), 0) + 1
        if isinstance(thing, dict) and "ID" in thing and "S" in thing:
            headings.append(thing["ID"])
    assert set(fonts.values()) == {1}
    assert len(fonts) > 4
    assert len(headings) == len(set(headings)) > 20


@needs_pdf
def test_footnotes_are_counted_on() -> None:
    noted = re.sub(
        r'<section id="[^"]*" class="[^"]*breaks[^>]*>',
        r'\g<0><p>Word<span class="footnote">A note.</span></p>',
        to_html(first(sample(hostile=False), 6)),
    )
    book = book_of(noted)
    assert book is not None
    assert ["".join(chapters).count("A note.") for chapters in book.gatherings] == [3, 2]
    with pdfplumber.open(io.BytesIO(to_pdf(noted))) as file:
        said = "\n".join(page.extract_text() for page in file.pages)
    assert re.findall(r"^(\d+) +A note\.$", said, re.MULTILINE) == ["1", "2", "3", "4", "5"]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Path, bytes]:
    """Six chapters, the folder of what travels inside, and both in print, as one process makes it."""
    document, folder = first(sample(hostile=False), 6), tmp_path_factory.mktemp("alone")
    for name in ATTACHED:
        (folder / name).write_bytes(b"{}")
    attached = {folder / name: what for name, what in ATTACHED.items()}
    return document, folder, to_pdf(to_html(document), attached, document.cover.created)


@needs_pdf
@pytest.mark.parametrize("workers", [0, 1, 2])
def test_workers_print_the_same_bytes(workers: int, alone: tuple[Document, Path, bytes]) -> None:
    document, folder, content = alone
    with Press(workers=workers, pdf=True) as press:
        (pdf,) = print_pdfs(begin_pdfs(press, [to_html(document)], are_ours=workers != 1), folder, document).values()
        assert pdf.result() == content


def likeness(one: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    """Of two trees what stands at the same place; white space in and around a head is nothing, nor is what XML has in the name of an element."""
    yield one.tag, other.tag
    yield dict(one.attrib), {key: value for key, value in other.attrib.items() if not key.endswith("}xmlns")}
    if one.tag not in ("html", "head"):
        yield one.text or "", other.text or ""
    if one.tag not in ("head", "body", "meta", "title"):
        yield one.tail or "", other.tail or ""
    yield len(one), len(other)
    for each, its in zip(one, other, strict=True):
        yield from likeness(each, its)


@needs_pdf
@pytest.mark.parametrize("hostile", [True, False])
def test_chapters_of_ours_are_xml_with_the_tree_that_html_has(hostile: bool) -> None:
    import tinyhtml5

    from reporter.document.pdf import _PICTURE, _tree_of

    book = book_of(to_html(sample(hostile=hostile)))
    assert book is not None
    for chapter in itertools.chain(*book.gatherings):
        text = _PICTURE.sub('<img alt="A picture" src="chart:0">', chapter)
        tree = _tree_of(text)
        assert tree is not None
        assert all(one == other for one, other in likeness(tree, tinyhtml5.parse(text, namespace_html_elements=False)))
    assert _tree_of("<html><body><p>One<p>Two") is None


def folded(html: str) -> Book | None:
    return fold(on_paper(html))


def first(document: Document, count: int) -> Document:
    return replace(document, sections=document.sections[:count])


def test_what_is_short_or_built_otherwise_is_printed_whole() -> None:
    document = sample(hostile=False)
    html = to_html(first(document, 6))
    assert folded(html) is not None
    assert folded(to_html(first(document, 1))) is None
    assert folded(to_html(replace(first(document, 6), edition="brief"))) is None
    assert folded(html.replace('<main id="main">', '<main id="content">')) is None
    assert folded(html.replace("</section>", "</section><p>Between.</p>", 1)) is None
    assert folded(html.replace("<section id", "<div><section id", 1).replace("</main>", "</div></main>")) is None
    assert folded(html.replace("</main>", '</main><p style="position: fixed">Draft</p>')) is None
    assert book_of(html) is not None
    assert book_of(html.replace("@page {", "@page{", 1)) is None
