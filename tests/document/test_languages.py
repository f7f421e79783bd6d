"""Every word of a report is in the language of the report, whatever its data; names and numbers are what they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.dates import get_month_names

from reporter.document import tongue
from reporter.document.blocks import Document
from reporter.document.html import to_html
from reporter.document.ink import ink
from reporter.document.press import Press
from reporter.document.tongue import tongue_of
from reporter.document.words import Words
from reporter.document.workbook import tables_of, to_workbook
from tests.document.editions import composed
from tests.document.situations import Told
from tests.document.tongues import spoken, strange_catalogue, unsaid, written
from tests.shop import sheets

GERMAN = Words("de", "EUR", "money")
CASES = {"", "dative", "genitive"}


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """German numbers with the words of a language that nobody speaks."""
    made = strange_catalogue()
    monkeypatch.setattr(tongue, "catalogue_of", lambda language: made if language == "de" else None)
    tongue_of.cache_clear()
    yield monkeypatch
    tongue_of.cache_clear()


def finished(told: Told, **settings: object) -> Document:
    """The drawn report of a situation in the language of German."""
    document = composed(told.analysis, locale="de", **settings)
    words = Words("de", told.analysis.ledger.currency, told.analysis.ledger.mode)
    with Press(workers=0) as press:
        return ink(document, words, press)


def names_of(told: Told, document: Document) -> frozenset[str]:
    """What no language translates: words of the input, of the user and of the calendar, and names of sheets."""
    ledger = told.analysis.ledger
    cells = {str(cell) for rows in sheets().values() for row in rows for cell in row if isinstance(cell, str)}
    notes = {text for note in ledger.notes for text in (note.what, note.where, note.fix)}
    places = {
        text
        for tally in ledger.tallies
        for text in (tally.file, tally.sheet or "", tally.table, tally.table.capitalize())
    }
    look_ups = {text for join in ledger.joins for text in (join.lookup, join.table)}
    months = {name for width in ("wide", "abbreviated") for name in get_month_names(width, locale="de").values()}
    months |= {
        name
        for width in ("wide", "abbreviated")
        for name in get_month_names(width, "stand-alone", locale="de").values()
    }
    files = {file.name for file in ledger.files}
    return frozenset(
        cells
        | notes
        | places
        | look_ups
        | months
        | files
        | {table.id for table in tables_of(document)}
        | {"Run", "subscribed", "burned"}
    )


def test_no_word_of_a_report_is_left_untranslated(
    situation: tuple[str, Told], strange: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, told = situation
    document = finished(told)
    to_workbook(document, tmp_path / "segments.xlsx")
    names = names_of(told, document)
    assert unsaid(spoken(to_html(document)), names) == []
    assert unsaid(written(tmp_path / "segments.xlsx"), names) == []


def test_no_word_of_the_brief_edition_is_left_untranslated(
    situation: tuple[str, Told], strange: pytest.MonkeyPatch
) -> None:
    _, told = situation
    document = finished(told, edition="brief")
    assert unsaid(spoken(to_html(document)), names_of(told, document)) == []
