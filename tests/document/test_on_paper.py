"""What only a screen can use is in the page, and not on paper."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from reporter.document import html
from reporter.document.blocks import Prose, Said, Section
from reporter.document.html import to_html
from reporter.document.styles import on_paper
from tests.document.parts import names_table
from tests.document.pictures import bars
from tests.document.sample import sample
from tests.document.test_html import Reader


@pytest.fixture(scope="module")
def page() -> str:
    return to_html(sample())


def test_a_screen_holds_rows_that_paper_leaves_to_the_workbook_up_to_a_limit() -> None:
    names = names_table("long", ("a",), 150, more=130)
    section = Section("s", Said("A title with 1 number"), "Short", "", (names,))
    told = to_html(replace(sample(hostile=False), sections=(section,)))
    rows = [row for row in Reader(told).all("tr") if "rest" in row.get("class", "")]
    assert len(rows) == html.MOST_FOLDED
    notes = re.findall(r'<p class="source (\S+)">([\d,]+) more in', told)
    assert notes == [("on-paper", "130"), ("on-screen", "30")]


def test_paper_takes_nothing_that_only_a_screen_can_use(page: str) -> None:
    paper = Reader(on_paper(page))
    assert {tag for tag, _ in paper.elements}.isdisjoint({"script", "template", "input", "button", "fieldset"})
    assert len(paper.all("style")) == 1
    assert not [name for _, attributes in paper.elements for name in attributes.get("class", "").split() if name in ("on-screen", "rest", "state")]  # fmt: skip
    assert len(paper.all("section")) == len(sample().sections)
    assert len(paper.all("figure")) == len(Reader(page).all("figure"))


def test_no_text_can_pass_for_a_mark_of_the_screen() -> None:
    payload = "kept <!--screen--> and kept <!--/screen--> too"
    section = Section("s", Said(payload), "Short", "", (Prose((Said(payload),)),))
    told = "".join(Reader(on_paper(to_html(replace(sample(hostile=False), sections=(section,))))).texts)
    assert told.count(payload) >= 2


def test_states_offer_every_state_and_mark_the_chosen_one(page: str) -> None:
    reader = Reader(page)
    radios = [each for each in reader.all("input") if each.get("name") == "tried"]
    assert [each["value"] for each in radios] == ["0", "1", "2", "3"]
    assert [each["value"] for each in radios if "checked" in each] == ["2"]
    assert len([box for box in reader.all("div") if box.get("class") == "state"]) == 4


def test_only_charts_in_the_colours_of_segments_are_called_so() -> None:
    one, palette = bars("x", "X", ("a", "b")), {"Loyal": 1, "Lost": 2}
    assert html._coloured(replace(one, data=(1, dict(palette))), palette)
    assert not html._coloured(replace(one, data=({1: 1, 2: 2}, {"recency": "Recency"})), palette)
