"""The report from right to left: whole in Arabic, joined letters on paper, every glyph with a meaning."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, reduce
from pathlib import Path

import page
import pypdfium2
import pytest

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Document, Prose, Said, Section
from reporter.document.facts import sentences
from reporter.document.html import to_html
from reporter.document.ink import ink
from reporter.document.pdf import pdf_available, to_pdf
from reporter.document.press import Press
from reporter.document.words import Words, join, retell, say
from reporter.document.workbook import to_workbook
from tests.document.editions import composed
from tests.document.hearing import hearing
from tests.document.situations import Told
from tests.document.test_languages import STOP_WORDS, names_of
from tests.document.tongues import FILES, arabic_words, spoken, written

ARABIC = Words("ar", "EGP", "money")


@cache
def inked(analysis: Analysis) -> Document:
    """The drawn report in Arabic."""
    words = Words("ar", analysis.ledger.currency, analysis.ledger.mode)
    with Press(workers=0) as press:
        return ink(composed(analysis, locale="ar"), words, press)


def test_an_arabic_report_reads_arabic(situation: tuple[str, Told], tmp_path: Path) -> None:
    _, told = situation
    document = inked(told.analysis)
    html = to_html(document)
    assert '<html lang="ar" dir="rtl">' in html
    assert len(html.encode()) < 1_000_000
    to_workbook(document, tmp_path / "segments.xlsx")
    names = sorted(names_of(told.analysis, document), key=len, reverse=True)
    shown = [*spoken(html), *written(tmp_path / "segments.xlsx")]
    bare = [reduce(lambda text, each: text.replace(each, ""), names, re.sub(FILES, "", text)) for text in shown]
    assert [text for text in bare if STOP_WORDS.search(text)] == []
    assert sum("عميل" in text or "عملاء" in text for text in bare) > 5


def test_a_translation_keeps_every_number(situation: tuple[str, Told]) -> None:
    _, told = situation
    english, arabic = composed(told.analysis), composed(told.analysis, locale="ar")
    for ours, theirs in zip(english.sections, arabic.sections, strict=True):
        assert len(theirs.title.text) <= 150
        assert "{" not in theirs.title.text
        for one, other in zip(sentences(ours), sentences(theirs), strict=True):
            kept = Counter((number.name, number.value) for number in other.numbers)
            assert kept == Counter((number.name, number.value) for number in one.numbers), (one.text, other.text)


def test_nouns_have_the_six_forms_that_numbers_ask_for() -> None:
    told = [ARABIC.things(n, "customer").text for n in (0, 1, 2, 3, 11, 100, 1923)]
    assert told == ["0 عميل", "1 عميل", "2 عميلين", "3 عملاء", "11 عميلًا", "100 عميل", "1,923 عميلًا"]


def test_and_is_written_together_with_what_follows() -> None:
    both = join([say("{n}", n=ARABIC.count(n)) for n in (1, 2, 3)])
    assert retell(both, ARABIC.tongue).text == "1، 2 و3"


def proses(section: Section) -> list[Said]:
    """Paragraphs of a section that stand on paper."""
    return [said for block in section.blocks if isinstance(block, Prose) for said in block.paragraphs]


@pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
def test_on_paper_letters_join_and_every_glyph_means_something(situation: tuple[str, Told]) -> None:
    """PDF/A-3a and PDF/UA-1 hold for Arabic too, nothing is warned about, and the text can be read back."""
    _, told = situation
    document = inked(told.analysis)
    with hearing() as heard:
        content = to_pdf(to_html(document))
    assert heard == []
    for profile in ("ua1", "3a"):
        assert [failure.message for failure in page.validate_pdf_bytes(content, profile=profile).failures] == []
    text = " ".join(sheet.get_textpage().get_text_bounded() for sheet in pypdfium2.PdfDocument(content))
    read = "".join(arabic_words(text))  # readers see a space where a letter stands wide
    printed = [said for section in document.sections for said in (section.title, *proses(section))]
    said = {word for each in printed for word in arabic_words(each.text)}
    assert len(said) > 100
    assert [word for word in sorted(said) if word not in read] == []
    fonts = {
        thing.get_font().get_base_name().partition("+")[2]
        for sheet in pypdfium2.PdfDocument(content)
        for thing in sheet.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], max_depth=4)
    }
    assert all(name.startswith(("Inter", "Reporter-Arabic")) for name in fonts), fonts
