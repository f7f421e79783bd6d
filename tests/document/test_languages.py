"""Every word of a report is in the language of the report, whatever its data; names and numbers are what they were."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from string import Formatter

import pytest
from babel.dates import get_month_names

import reporter
from reporter.analysis.analyse import Analysis
from reporter.document import tongue
from reporter.document.blocks import Document
from reporter.document.define import ENDINGS
from reporter.document.facts import sentences
from reporter.document.html import to_html
from reporter.document.ink import ink
from reporter.document.playbook import load_playbook
from reporter.document.press import Press
from reporter.document.tongue import tongue_of
from reporter.document.words import Word, Words, join, retell, say, short
from reporter.document.workbook import sheet_names, tables_of, to_workbook
from reporter.intake.schema import TABLES
from tests.document.editions import Shops, composed, composed_once, fast
from tests.document.situations import Told
from tests.document.test_titles import lines
from tests.document.tongues import spoken, strange_catalogue, unsaid, without, written
from tests.shop import sheets
from tools import catalog

GERMAN = Words("de", "EUR", "money")


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """German numbers with the words of a language that nobody speaks."""
    made = strange_catalogue()
    monkeypatch.setattr(tongue, "catalogue_of", lambda language: made if language == "de" else None)
    tongue_of.cache_clear()
    yield monkeypatch
    tongue_of.cache_clear()


def finished(analysis: Analysis, **settings: object) -> Document:
    """The drawn report in the language that goes by the name of German."""
    return drawn(analysis, composed(analysis, locale="de", **settings))


def drawn(analysis: Analysis, document: Document) -> Document:
    """A German document with its pictures."""
    words = Words("de", analysis.ledger.currency, analysis.ledger.mode)
    with Press(workers=0) as press:
        return ink(document, words, press)


def names_of(analysis: Analysis, document: Document) -> frozenset[str]:
    """What no language translates: names of the input, of sheets, of settings, of methods and of the calendar."""
    ledger = analysis.ledger
    cells = {str(cell) for rows in sheets().values() for row in rows for cell in row if isinstance(cell, str)}
    remarks = {line for note in ledger.notes for line in note.fix.split("\n")}
    places = {text for tally in ledger.tallies for text in (tally.file, tally.sheet or "", tally.table)}
    places |= {text for join in ledger.joins for text in (join.lookup, join.table)}
    places |= {name.capitalize() for name in places} | {file.name for file in ledger.files}
    columns = {column.name for each in TABLES for column in each.columns}
    return frozenset(
        {
            *cells,
            *remarks,
            *columns,
            *places,
            *_months(),
            *sheet_names([t.id for t in tables_of(document)]),
            *SYMBOLS,
        }
    )


SYMBOLS = ("KMeans", "Ward", "DBSCAN", "eps", "Run", "subscribed", "burned", "full", "order_id", "order_date")
"""Methods, their parameter, the footer, words and heads of the input and words inside the names of settings."""


def _months() -> Iterator[str]:
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            yield from get_month_names(width, context, locale="de").values()


def test_no_word_of_a_report_is_left_untranslated(
    situation: tuple[str, Told], strange: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, told = situation
    document = finished(told.analysis)
    to_workbook(document, tmp_path / "segments.xlsx")
    names = names_of(told.analysis, document)
    assert unsaid(spoken(to_html(document)), names) == []
    assert unsaid(written(tmp_path / "segments.xlsx"), names) == []


def test_no_word_of_the_brief_edition_is_left_untranslated(
    situation: tuple[str, Told], strange: pytest.MonkeyPatch
) -> None:
    _, told = situation
    document = finished(told.analysis, edition="brief")
    assert unsaid(spoken(to_html(document)), names_of(told.analysis, document)) == []


def test_gaps_in_the_data_are_told_in_the_language(tmp_path: Path, strange: pytest.MonkeyPatch) -> None:
    """Customers without a city or a transaction, rows without a date, branches that nobody knows."""
    from xlsxwriter import Workbook

    tables = sheets()
    for row in tables["customers"][1:30]:
        row[2] = None
    tables["customers"] += [[f"P{number}", "2023-01-01", 1, 1] for number in range(5)]
    for row in tables["transactions"][5:40:5]:
        row[6] = 99
    tables["transactions"][50][2] = "never"
    with Workbook(str(tmp_path / "gaps.xlsx")) as book:
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    analysis = reporter.analyse(tmp_path / "gaps.xlsx", fast())
    document = finished(analysis, min_group=2)
    to_workbook(document, tmp_path / "segments.xlsx")
    names = names_of(analysis, document)
    assert unsaid(chain(spoken(to_html(document)), written(tmp_path / "segments.xlsx")), names) == []


def test_a_word_that_is_not_translated_is_seen(shops: Shops, strange: pytest.MonkeyPatch) -> None:
    less = strange_catalogue(left_out=frozenset({"Contents", "{share} of all, rank {place} of {n}"}))
    strange.setattr(tongue, "catalogue_of", lambda language: less)
    tongue_of.cache_clear()
    seen = unsaid(spoken(to_html(finished(shops.money))), frozenset())
    assert "Contents" in seen
    assert any("of all, rank" in text for text in seen)


def test_a_translation_keeps_every_number_and_every_name(situation: tuple[str, Told]) -> None:
    _, told = situation
    english, german = composed_once(told.analysis), composed_once(told.analysis, locale="de")
    for ours, theirs in zip(english.sections, german.sections, strict=True):
        for one, other in zip(sentences(ours), sentences(theirs), strict=True):
            kept = Counter((number.name, number.value) for number in other.numbers)
            assert kept == Counter((number.name, number.value) for number in one.numbers), (one.text, other.text)
    assert [section.id for section in english.sections] == [section.id for section in german.sections]


def test_cells_keep_their_values(situation: tuple[str, Told]) -> None:
    _, told = situation
    for ours, theirs in zip(
        *(tables_of(composed_once(told.analysis, locale=name)) for name in ("en", "de")), strict=True
    ):
        exact = [[cell.value for cell in row.cells if not isinstance(cell.value, str)] for row in ours.rows]
        assert exact == [[cell.value for cell in row.cells if not isinstance(cell.value, str)] for row in theirs.rows]


def test_a_german_report_reads_german(situation: tuple[str, Told], tmp_path: Path) -> None:
    name, told = situation
    document = drawn(told.analysis, composed_once(told.analysis, locale="de"))
    to_workbook(document, tmp_path / "segments.xlsx")
    shown = [*spoken(to_html(document)), *written(tmp_path / "segments.xlsx")]
    bare = without(names_of(told.analysis, document), shown)
    assert [text for text in bare if STOP_WORDS.search(text)] == []
    assert any("Kunden" in text for text in bare)
    assert document.cover.title == "Kundensegmente"
    assert name == "tiny" or any(re.search(r"\d\d\xa0%", text) for text in bare)


STOP_WORDS = re.compile(
    r"\b(?:the|of|and|customers?|with|from|are|were|have|has|this|that|which|their|than|not)\b", re.IGNORECASE
)


def test_titles_fit_two_lines(situation: tuple[str, Told]) -> None:
    _, told = situation
    for section in composed_once(told.analysis, locale="de").sections:
        assert "{" not in section.title.text
        assert section.title.numbers or section.id == "verdict"
        assert len(lines(section)) <= 2, section.title.text


def test_numbers_days_and_amounts_are_those_of_the_locale() -> None:
    assert GERMAN.count(1923).text == "1.923"
    assert GERMAN.share(0.41).text == "41\xa0%"
    assert GERMAN.day(date(2025, 12, 31)).text == "31. Dezember 2025"
    assert GERMAN.month(date(2025, 12, 31)).text == "Dezember 2025"
    assert GERMAN.money(3_570_000).text == "3,57 Mio. EUR"
    assert GERMAN.points(0.2, 0.19).text == "+1,0 PP"
    assert [GERMAN.days(n).text for n in (1, 12)] == ["1 Tag", "12 Tage"]
    assert Words("ar", "EGP", "money").money(3_570_000).text == "3.57 مليون EGP"


def test_a_translation_asks_for_cases() -> None:
    assert retell(say("{months}", months=GERMAN.things(3, "month")), GERMAN.tongue).text == "3 Monate"
    told = say("{before} in the {months} before", before=GERMAN.count(7), months=GERMAN.things(3, "month"))
    assert retell(told, GERMAN.tongue).text == "7 in den 3 Monaten davor"
    half = say("{half} of customers make half of {value}", half=GERMAN.share(0.5), value=Word("revenue"))
    assert retell(half, GERMAN.tongue).text == "50\xa0% der Kunden machen die Hälfte des Umsatzes"


def test_a_name_is_never_taken_for_a_word() -> None:
    asked = "{name} has {share}"
    assert retell(say(asked, name="revenue", share=GERMAN.share(0.5)), GERMAN.tongue).text == "revenue hat 50\xa0%"
    assert retell(say(asked, name=Word("revenue"), share=GERMAN.share(0.5)), GERMAN.tongue).text == "Umsatz hat 50\xa0%"
    assert retell(say("{one}", one="{share}"), GERMAN.tongue).text == "{share}"


def test_lists_and_cut_sentences_are_told_again() -> None:
    both = join([say("{n} rejected", n=GERMAN.count(n)) for n in (1, 2, 3)])
    assert retell(both, GERMAN.tongue).text == "1 verworfen, 2 verworfen und 3 verworfen"
    cut = retell(short(say("All {n} lead to {k}", n=GERMAN.count(1), k=GERMAN.count(2)), 15), GERMAN.tongue)
    assert cut.text == "Alle 1 führen…"
    assert [number.value for number in cut.numbers] == [1]


def test_a_language_without_a_catalogue_has_english_words_and_its_own_numbers() -> None:
    french = Words("fr", "EUR", "money")
    assert french.tongue.language == "en"
    assert french.days(12).text == "12 days"
    assert french.share(0.084).text.startswith("8,4")


def test_an_own_playbook_is_not_translated(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = 'role = ""\nwho = "A segment of the chosen grid."\ngoal = "g"\naction = "a"\ncoupon = "c"\navoid = "v"\n'
    own.write_text(f"[otherwise]\n{text}", encoding="utf-8")
    assert load_playbook().told(GERMAN.tongue).otherwise.who == "Ein Segment des gewählten Rasters."
    assert load_playbook(str(own)).told(GERMAN.tongue).otherwise.who == "A segment of the chosen grid."


@pytest.mark.parametrize("path", sorted(catalog.LANGUAGES.glob("*.po")), ids=lambda path: path.stem)
def test_catalogues_are_current_and_complete(path: Path) -> None:
    assert path.read_bytes() == catalog.renewed(path.stem), "run ./dev catalog"
    for message in catalog.read(path.stem):
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.id or all(forms), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("path", sorted(catalog.LANGUAGES.glob("*.po")), ids=lambda path: path.stem)
def test_translations_ask_for_what_there_is(path: Path) -> None:
    for message in catalog.read(path.stem):
        if isinstance(message.id, str) and message.id and message.id != ENDINGS:
            asked = {(field, case) for _, field, case, _ in Formatter().parse(message.string) if field}
            assert {field for field, _ in asked} <= {field for _, field, _, _ in Formatter().parse(message.id)}
            assert {case for _, case in asked} <= set(catalog.CASES), message.string
