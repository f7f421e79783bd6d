"""The report from right to left: whole in Arabic, joined letters on paper, every glyph with a meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html import unescape
from pathlib import Path

import page
import pypdfium2
import pytest
from fontTools.ttLib import TTFont

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Cell, Document, Number, Prose, Said, Section
from reporter.document.charts.letters import right_to_left
from reporter.document.facts import sentences
from reporter.document.html import to_html
from reporter.document.ink import ink
from reporter.document.pdf import pdf_available, to_pdf
from reporter.document.press import Press
from reporter.document.tokens import templates_folder
from reporter.document.tongue import LEFT, from_left
from reporter.document.words import Words, join, retell, say
from reporter.document.workbook import to_workbook
from tests.document.editions import composed_once
from tests.document.hearing import hearing
from tests.document.situations import Told
from tests.document.test_languages import STOP_WORDS, names_of
from tests.document.tongues import arabic_words, spoken, without, written

ARABIC = Words("ar", "EGP", "money")


@cache
def inked(analysis: Analysis) -> Document:
    """The drawn report in Arabic."""
    words = Words("ar", analysis.ledger.currency, analysis.ledger.mode)
    with Press(workers=0) as press:
        return ink(composed_once(analysis, locale="ar"), words, press)


def test_an_arabic_report_reads_arabic(situation: tuple[str, Told], tmp_path: Path) -> None:
    _, told = situation
    document = inked(told.analysis)
    html = to_html(document)
    assert '<html lang="ar" dir="rtl">' in html
    assert len(html.encode()) < 1_000_000
    to_workbook(document, tmp_path / "segments.xlsx")
    bare = without(names_of(told.analysis, document), [*spoken(html), *written(tmp_path / "segments.xlsx")])
    assert [text for text in bare if STOP_WORDS.search(text)] == []
    assert sum("عميل" in text or "عملاء" in text for text in bare) > 5


def test_words_in_charts_have_all_their_signs(situation: tuple[str, Told]) -> None:
    """On paper they are drawn with one font alone: what it lacks would be an empty box."""
    _, told = situation
    document = inked(told.analysis)
    words = [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", to_html(document))]
    letters = {letter for text in words if right_to_left(text) for letter in text} - {LEFT}
    assert len(letters) > 30
    for weight in (400, 600):
        font = TTFont(templates_folder() / "fonts" / f"ReporterArabic-{weight}.ttf")
        assert {letter for letter in letters | set("−–…≈≥×") if ord(letter) not in font.getBestCmap()} == set()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("نمو +31% منذ", "نمو \u200e+31% منذ"),
        ("(من −12.7 إلى +12.7)", "(من \u200e−12.7 إلى \u200e+12.7)"),
        ("1,200+ عميل", "\u200e1,200+\u200e عميل"),
        ("التشغيل 2026-01-01-45d531a5", "التشغيل \u200e2026-01-01-45d531a5"),
        ("3 و4، 2026-01-01", "3 و4، \u200e2026-01-01"),
        ('source.as_of = "2026-01-01"', '\u200esource.as_of\u200e \u200e=\u200e \u200e"2026-01-01"\u200e'),
        (
            'source.keys = ["a", "b"] أو غيره',
            '\u200esource.keys\u200e \u200e=\u200e \u200e["a",\u200e \u200e"b"]\u200e أو غيره',
        ),
    ],
)
def test_signs_and_names_of_runs_stand_as_they_are_read(text: str, told: str) -> None:
    assert from_left(text) == told
    assert from_left(told) == told


def test_no_sign_of_an_arabic_report_is_left_to_chance(situation: tuple[str, Told]) -> None:
    _, told = situation
    document = composed_once(told.analysis, locale="ar")
    signed = [text for section in document.sections for text in texts_of(section) if re.search("[+−][0-9]", text)]
    assert [text for text in signed if from_left(text) != text] == []


def texts_of(value: object) -> Iterator[str]:
    """Titles, sentences and cells, wherever they are."""
    if isinstance(value, (Said, Cell)):
        yield value.text
    elif isinstance(value, tuple):
        for each in value:
            yield from texts_of(each)
    elif is_dataclass(value) and not isinstance(value, (type, Number)):
        for each in fields(value):
            if each.name != "data":
                yield from texts_of(getattr(value, each.name))


def test_a_translation_keeps_every_number(situation: tuple[str, Told]) -> None:
    _, told = situation
    english, arabic = composed_once(told.analysis), composed_once(told.analysis, locale="ar")
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


def without_pages_of(document: Document, other: Told) -> Document:
    """Without pages of segments that are printed with another report of orders with money: they say the same with other numbers."""
    printed = {ARABIC.tongue.term(segment.name) for segment in other.analysis.segments}
    left = tuple(section for section in document.sections if section.short not in printed)
    assert len(left) < len(document.sections)
    return replace(document, sections=left)


@pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
def test_on_paper_letters_join_and_every_glyph_means_something(
    situation: tuple[str, Told], tell: Callable[[str], Told]
) -> None:
    """PDF/A-3a and PDF/UA-1 hold for Arabic too, nothing is warned about, and the text can be read back."""
    name, told = situation
    document = inked(told.analysis)
    if name in ("groups", "none"):
        document = without_pages_of(document, tell("money"))
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
