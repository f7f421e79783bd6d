"""Footnotes: each term once, where it is first used, and on paper at the foot of that page."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest

from reporter.document.blocks import Document, Footnote, Prose, Said, Section
from reporter.document.define import MOST, define
from reporter.document.html import to_html
from reporter.document.pdf import pdf_available, to_pdf
from tests.document.sample import sample

GLOSSARY = tuple(
    (Said(term), Said(f"What {term} means."))
    for term in ("Cohort", "Gini coefficient", "Rank correlation (ρ)", "Silhouette", "Median", "Prospect")
)


def document(*texts: tuple[str, ...], full: bool = False) -> Document:
    sections = tuple(
        Section(f"s{n}", Said("Title"), "Short", "", (Prose(tuple(map(Said, paragraphs))),), full=full)
        for n, paragraphs in enumerate(texts)
    )
    return replace(sample(), sections=sections)


def told(defined: Document) -> list[list[tuple[int, str, str]]]:
    return [
        [
            (note.paragraph, note.word, note.term.text)
            for block in section.blocks
            if isinstance(block, Prose)
            for note in block.footnotes
        ]
        for section in defined.sections
    ]


def test_a_term_is_explained_where_it_is_first_used_and_never_again() -> None:
    found = told(define(document(("Nothing here.", "Two cohorts."), ("A cohort; the Gini is high.",)), GLOSSARY))
    assert found == [[(1, "cohorts", "Cohort")], [(0, "Gini", "Gini coefficient")]]


def test_signs_in_brackets_do_not_hide_a_term_and_parts_of_words_are_none() -> None:
    assert told(define(document(("The rank correlation is low.",)), GLOSSARY)) == [
        [(0, "rank correlation", "Rank correlation (ρ)")]
    ]
    assert told(define(document(("Comedian and prospectus.",)), GLOSSARY)) == [[]]


def test_a_section_explains_few_and_the_next_one_may_explain_the_rest() -> None:
    text = "Cohort, Gini, rank correlation, silhouette, median and prospect."
    first, second = told(define(document((text,), (text,)), GLOSSARY))
    assert [term for _, _, term in first] == ["Cohort", "Gini coefficient", "Rank correlation (ρ)", "Silhouette"]
    assert [term for _, _, term in second] == ["Median", "Prospect"]
    assert len(first) == MOST


def test_full_pages_and_left_out_sections_explain_nothing() -> None:
    assert told(define(document(("A cohort.",), full=True), GLOSSARY)) == [[]]
    assert told(define(document(("A cohort.",)), GLOSSARY, frozenset({"s0"}))) == [[]]
    note = replace(document(("x",)).sections[0], blocks=(Prose((Said("A cohort."),), kind="note"),))
    assert told(define(replace(sample(), sections=(note,)), GLOSSARY)) == [[]]


def noted() -> Document:
    """The first chapters of the sample with one footnote, about a word that HTML must escape."""
    first, *rest = sample().sections[:5]
    foot = Footnote(0, "<silhouette>", Said("Silhouette"), Said("How close & how far."))
    block = Prose((Said("The <silhouette> is high; <silhouette>."),), footnotes=(foot,))
    return replace(sample(), sections=(first, replace(rest[0], blocks=(block, *rest[0].blocks)), *rest[1:]))


def test_the_page_has_it_after_its_word_once_and_escaped() -> None:
    html = to_html(noted())
    assert html.count('<span class="footnote">') == 1
    assert (
        '&lt;silhouette&gt;<span class="footnote">Silhouette: How close &amp; how far.</span> is high; &lt;silhouette&gt;.'
        in html
    )


def test_no_footnote_stands_in_another_nor_inside_a_word() -> None:
    glossary = (
        (Said("Outlier"), Said("In no dense region.")),
        (Said("DBSCAN"), Said("Whoever is in no dense region is an outlier.")),
    )
    defined = define(document(("Outliers2 aside, DBSCAN finds an outlier.",)), glossary)
    assert told(defined) == [[(0, "DBSCAN", "DBSCAN"), (0, "outlier", "Outlier")]]
    (paragraph,) = re.findall(r"<p>(Outliers2.*)</p>", to_html(defined))
    foot = '<span class="footnote">{}</span>'
    assert paragraph == (
        f"Outliers2 aside, DBSCAN{foot.format('DBSCAN: Whoever is in no dense region is an outlier.')} "
        f"finds an outlier{foot.format('Outlier: In no dense region.')}."
    )


def test_two_terms_of_one_word_are_both_explained_behind_it() -> None:
    glossary = ((Said("Rank correlation"), Said("Of ranks.")), (Said("Correlation"), Said("Of values.")))
    page = to_html(define(document(("The rank correlation is low.",)), glossary))
    assert re.search(r"rank correlation(<span class=\"footnote\">[^<]*</span>){2} is low", page)


@pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
def test_on_paper_it_stands_at_the_foot_of_the_page() -> None:
    pages = pypdfium2.PdfDocument(to_pdf(to_html(noted())))
    places = [(number, page, page.get_textpage()) for number, page in enumerate(pages)]
    (number, page, text), *others = [each for each in places if "How close & how far." in each[2].get_text_bounded()]
    assert not others
    words = text.get_text_bounded()
    assert "The <silhouette>1 is high" in " ".join(words.split())
    box = text.get_charbox(text.search("How close").get_next()[0])
    assert box[1] < page.get_height() * 0.15, number
