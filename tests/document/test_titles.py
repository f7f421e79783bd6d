"""Titles are short true sentences with a verb and a number, in five situations; what is planted against that is found."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import lru_cache

import pdfplumber
import pytest
from fontTools.ttLib import TTFont

from reporter.document.blocks import Document, Number, Said, Section
from reporter.document.html import to_html
from reporter.document.narrate import segments as narrate
from reporter.document.pdf import pdf_available, to_pdf
from reporter.document.playbook import ROLES
from reporter.document.tokens import templates_folder
from reporter.document.words import Words, say
from tests.document.situations import Told
from tests.document.truths import lies, stray_digits

VERBS = frozenset(
    [
        "bring",
        "brings",
        "brought",
        "made",
        "rose",
        "told",
        "foretold",
        "came",
        "expected",
        "fell",
        "held",
        "come",
        "hold",
        "depends",
        "differ",
        "leads",
        "lead",
        "are",
        "was",
        "has",
        "weigh",
        "weighs",
        "fall",
        "is",
        "agree",
        "sees",
        "stands",
        "stand",
        "keep",
        "make",
        "win",
        "remind",
        "were",
        "spend",
        "do",
        "will",
        "count",
        "counts",
        "rests",
        "explain",
        "show",
        "slipped",
        "moved",
        "grew",
        "shrank",
        "kept",
        "takes",
        "went",
        "set",
    ]
)
"""What a title does: every form that a template of a title uses."""
SIZES = {True: 19.0, False: 15.0}
"""Points of a title that starts a page, and of one within it (print.css)."""
WIDTH, TIGHTER = 450.0, 0.012
"""Widest title in points, and by what part of its size letters stand closer."""


@lru_cache(maxsize=1)
def advances() -> tuple[dict[int, str], dict[str, tuple[int, int]], int]:
    """Letters, their widths, and units to the em of the font of titles."""
    font = TTFont(templates_folder() / "fonts" / "InterDisplay-600.woff2")
    return font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm


def width(text: str, size: float) -> float:
    """Of a line of a title, in points; kerning is left out."""
    letters, metrics, em = advances()
    return sum(metrics[letters.get(ord(letter), ".notdef")][0] / em - TIGHTER for letter in text) * size


def lines(section: Section) -> list[str]:
    """A title as it is broken: as many words on a line as there is room for."""
    broken: list[str] = []
    for word in section.title.text.split(" "):
        longer = f"{broken[-1]} {word}" if broken else word
        if broken and width(longer, SIZES[section.breaks]) <= WIDTH:
            broken[-1] = longer
        else:
            broken.append(word)
    return broken


def faults(section: Section) -> list[str]:
    """What a title lacks, or has too much of."""
    words = re.findall(r"[a-z]+", section.title.text.lower())
    found = []
    if not VERBS.intersection(words):
        found.append("no verb")
    if not section.title.numbers:
        found.append("no number")
    if section.title.text.endswith("."):
        found.append("a full stop")
    if len(lines(section)) > 2:
        found.append("more than two lines")
    return found


def test_titles_have_a_verb_and_a_number_on_two_lines(situation: tuple[str, Told]) -> None:
    _, told = situation
    assert {section.title.text: faults(section) for section in told.document.sections if faults(section)} == {}


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        (say("Summary of {n} customers by city", n=Number("n", 12, "12")), "no verb"),
        (Said("Customers are counted by city"), "no number"),
        (say("All {n} customers are counted.", n=Number("n", 12, "12")), "a full stop"),
        (say("All {n} customers are counted " + "again " * 24, n=Number("n", 12, "12")), "more than two lines"),
    ],
)
def test_a_planted_fault_is_found(title: Said, fault: str) -> None:
    assert fault in faults(Section("planted", title, "Planted", "Planted", ()))


def test_every_number_in_a_title_is_true(situation: tuple[str, Told]) -> None:
    _, told = situation
    assert list(lies(told.document, told.facts, told.analysis.customers)) == []


def lied(document: Document, change: float) -> Document:
    """The document with the first number of every title changed."""
    sections = []
    for section in document.sections:
        first, *others = section.title.numbers
        wrong = Number(first.name, float(first.value) + change, first.text)
        sections.append(replace(section, title=Said(section.title.text, (wrong, *others))))
    return replace(document, sections=tuple(sections))


def test_every_planted_lie_is_found(situation: tuple[str, Told]) -> None:
    _, told = situation
    found = list(lies(lied(told.document, 0.001), told.facts, told.analysis.customers))
    assert len(found) == len(told.document.sections)


def test_a_number_of_another_name_is_no_truth(situation: tuple[str, Told]) -> None:
    _, told = situation
    section = told.document.sections[0]
    strange = replace(section, title=Said("It is 5", (Number("unheard_of", 5, "5"),)))
    assert "unheard_of" in next(lies(replace(told.document, sections=(strange,)), told.facts, told.analysis.customers))


def test_no_digit_in_a_title_is_without_a_number(situation: tuple[str, Told]) -> None:
    """The names of the small shop hold digits; they are taken out first."""
    _, told = situation
    for section in told.document.sections:
        bare = re.sub(r"\b(?:Merchant|Branch|City) \d+", "", section.title.text)
        assert stray_digits([bare], section.title.numbers) == "", section.title.text
    assert stray_digits(["12 of 34"], [Number("n", 12, "12")]) == "34"


def test_facts_list_the_titles_in_their_order(situation: tuple[str, Told]) -> None:
    _, told = situation
    assert told.facts["titles"] == [section.title.text for section in told.document.sections]
    assert (
        len(set(told.facts["titles"])) >= len(told.facts["titles"]) - 1
    )  # of five customers the first two say the same


@pytest.mark.parametrize("role", ROLES)
def test_long_names_and_large_numbers_leave_titles_of_segments_on_two_lines(
    situation: tuple[str, Told], role: str
) -> None:
    _, told = situation
    words = Words("en", None, "coupon")
    for share, days in ((0.0042, 1357.0), (0.234, 1.0)):
        long = replace(
            told.analysis.segments[0],
            name="Customers Who Were Named At Great Length",
            customers=1_234_567,
            share=share,
            monetary_share=share,
            median_recency_days=days,
        )
        title = narrate.title(words, long, role, (11, 100.0))
        assert faults(Section("segment", title, "Segment", "Segment", ())) == [], title.text


@pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_paper_needs_no_more_lines_than_were_measured(situation: tuple[str, Told]) -> None:
    name, told = situation
    if name != "coupons":
        pytest.skip("one report is enough: it has the longest titles")
    bare = tuple(replace(section, blocks=()) for section in told.document.sections)
    with pdfplumber.open(io.BytesIO(to_pdf(to_html(replace(told.document, sections=bare))))) as file:
        printed = [line["text"] for page in file.pages[2:] for line in page.filter(_of_title).extract_text_lines()]
    for section in bare:
        needed = _taken(printed, section.title.text)
        assert 1 <= needed <= len(lines(section)) <= 2, section.title.text
    assert printed == []


def _taken(printed: list[str], title: str) -> int:
    """How many of the next lines make up a title; they are taken off."""
    wanted, found, number = "".join(title.split()), "", 0
    while len(found) < len(wanted):
        found += "".join(printed.pop(0).split())
        number += 1
    assert found == wanted
    return number


def _of_title(thing: dict[str, object]) -> bool:
    return thing["object_type"] == "char" and round(float(str(thing["size"])), 1) in SIZES.values()
