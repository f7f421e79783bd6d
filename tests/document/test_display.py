"""What values show of themselves in a notebook and in a terminal: the report's words and numbers, whole, escaped, and nothing from outside."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import reporter
from reporter.analysis.analyse import Analysis
from reporter.analysis.segments import Segment, Segments
from reporter.document.blocks import Document
from reporter.document.compose import compose
from reporter.document.compose.rfm import segment_table
from reporter.document.display import section_of, text_of
from reporter.document.words import Words
from tests.command import FAST
from tests.document import sample as invented
from tests.fixtures.workbook import make_shop, make_workbook

SETTINGS = [word for word in FAST if word != "--set"]
HOSTILE = '<script>alert("x")</script>&<b>'
MOST_BYTES = 20_000


@pytest.fixture(scope="module")
def money() -> Analysis:
    config, _ = reporter.load_config(overrides=[*SETTINGS, "source.currency=EUR"])
    return reporter.analyse(reporter.sample(120), config)


@pytest.fixture(scope="module")
def coupons(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    path = make_workbook(tmp_path_factory.mktemp("shop") / "shop.xlsx", make_shop())
    return reporter.analyse(path, reporter.load_config(overrides=SETTINGS)[0])


@pytest.fixture(scope="module")
def document(money: Analysis) -> Document:
    return compose(money, reporter.Config().report, "2025-07-01-abcdef01", "Run 2025-07-01-abcdef01 · data 0a1b2c3d")


@pytest.fixture(scope="module")
def named_by_a_stranger(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Segments out of somebody's own grid, whose names try to break out."""
    path: Path = tmp_path_factory.mktemp("grid") / "grid.csv"
    name = HOSTILE.replace('"', '""')
    cells = {r: " ".join(f"{r}{f}{m}" for f in "12345" for m in "12345") for r in "54321"}
    rows = [f'"{name}",{cells["5"]} {cells["4"]}', f"Others,{cells['3']} {cells['2']} {cells['1']}"]
    path.write_text("\n".join(["segment,cells", *rows, ""]), encoding="utf-8")
    config, _ = reporter.load_config(overrides=[*SETTINGS, f"rfm.grid={path}"])
    return reporter.analyse(reporter.sample(60), config)


@pytest.fixture(
    params=["analysis", "segments", "scorecard", "document", "coupons", "coupon segments", "stranger", "invented"]
)
def value(request: pytest.FixtureRequest, money: Analysis, coupons: Analysis, document: Document):
    kinds = {
        "analysis": lambda: money,
        "segments": lambda: money.segments,
        "scorecard": lambda: money.scorecard,
        "document": lambda: document,
        "coupons": lambda: coupons,
        "coupon segments": lambda: coupons.segments,
        "stranger": lambda: request.getfixturevalue("named_by_a_stranger"),
        "invented": invented.sample,
    }
    return kinds[request.param]()


def parsed(html: str) -> ElementTree.Element:
    """A fragment as XML, in which style sheets are text as they are in HTML; it fails on whatever is not closed or not escaped."""
    html = re.sub(r"<style>(.*?)</style>", r"<style><![CDATA[\1]]></style>", html, flags=re.DOTALL)
    return ElementTree.fromstring(html.replace("<wbr>", ""))


def test_a_fragment_is_one_whole_element_that_asks_for_nothing(value):
    html = value._repr_html_()
    root = parsed(html)
    assert (root.tag, root.get("class")) == ("div", "reporter-shown")
    assert not {element.tag for element in root.iter()} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "form",
        "input",
        "a",
    }
    for element in root.iter():
        assert not any(name.startswith("on") or name in ("href", "src", "id") for name in element.attrib), (
            element.attrib
        )
    assert not re.search(r"https?:|url\(|@import|//", html)
    assert len(html.encode()) < MOST_BYTES


def test_it_is_the_same_at_every_look(value):
    assert value._repr_html_() == value._repr_html_()
    assert repr(value) == str(value) == text_of(value)


def test_every_rule_of_its_style_holds_inside_of_it_alone(value):
    """Outside of the one nested block there are but the colours, and these are set on the fragment itself."""
    style = parsed(value._repr_html_()).findtext("style") or ""
    flat, nested = style.split("/* One section", 1)
    for selectors, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", flat):
        assert all(".reporter-shown" in each for each in selectors.split(", ")), selectors
        assert re.fullmatch(r"(--[a-z0-9-]+:[^;]+;)*color-scheme:(light|dark)", rule), rule
    block = nested[nested.index("*/") + 2 :].strip()
    assert block.startswith(".reporter-shown.reporter-shown {")
    depths, depth = [], 0
    for sign in block:
        depth += (sign == "{") - (sign == "}")
        depths.append(depth)
    assert depths.index(0, block.index("{")) == len(block) - 1  # the one block ends where the sheet ends


def test_hostile_names_are_words_and_nothing_else(named_by_a_stranger: Analysis):
    for shown in (named_by_a_stranger, named_by_a_stranger.segments, named_by_a_stranger.scorecard):
        assert "<script" not in shown._repr_html_()
        assert HOSTILE in "".join(parsed(shown._repr_html_()).itertext()).replace("\u200b", "")
        assert HOSTILE in str(shown)


def test_the_analysis_shows_the_numbers_of_the_report(money: Analysis, document: Document):
    words = Words("en", "EUR", "money")
    table = segment_table(words, money, document.palette)
    shown = parsed(money._repr_html_())
    cells = [["".join(cell.itertext()) for cell in row if cell.tag in ("th", "td")] for row in shown.iter("tr")][1:]
    assert cells == [[cell.text for cell in row.cells] for row in table.rows]
    assert sum(int(row[1]) for row in cells[:-1]) == int(cells[-1][1]) == len(money.customers)
    assert "EUR" in str(money)
    verdict = {"real": "natural groups that chance", "weak": "show only weakly", "none": "no natural groups"}
    assert verdict[money.clustering.verdict.level] in str(money)


def test_a_terminal_gets_aligned_lines(money: Analysis):
    lines = str(money.segments).splitlines()
    assert lines[0] == "Segments"
    assert lines[1].startswith(f"Of {len(money.segments)} segments ")
    rows = lines[4:]
    names = [segment.name for segment in money.segments]
    assert [row[: len(name)] for row, name in zip(rows[1:], names, strict=False)] == names
    ends = {len(row) for row in rows[:-1]}  # the row of totals has no last cells
    assert len(ends) == 1
    counts = [int(row.removeprefix(name).split()[0]) for row, name in zip(rows[1:], names, strict=False)]
    assert counts == [segment.customers for segment in money.segments]


def test_the_scorecard_tells_where_scores_begin_and_does_not_guess_what_m_is(coupons: Analysis, money: Analysis):
    for analysis in (coupons, money):
        text = str(analysis.scorecard)
        assert "revenue" not in text.lower()
        assert "coupon" not in text.lower()
        assert re.search(rf"Customers with transactions +{len(analysis.customers)}\b", text)
    assert "Burned" in str(coupons.segments)
    assert "Revenue" in str(money.segments)


def test_the_document_shows_its_message_and_those_of_its_chapters(document: Document):
    section = section_of(document)
    assert section.title == document.cover.headline
    told = [sentence.text for _, sentence in section.blocks[0].items]
    chapters = [each.title.text for each in document.sections if each.level == 1]
    assert [document.cover.headline.text, *told] == chapters
    german = replace(document, cover=replace(document.cover, language="de"))
    assert parsed(german._repr_html_()).get("lang") == "de"


def test_segments_are_a_tuple_to_everybody(money: Analysis):
    segments = money.segments
    assert isinstance(segments, Segments)
    assert isinstance(segments, tuple)
    assert segments == tuple(segments)
    assert all(isinstance(segment, Segment) for segment in segments)
    assert segments[0] is segments[:1][0]
    assert str(Segments()) == "Segments\n0 segments by size, value and habit"


def test_nobody_else_is_shown():
    with pytest.raises(TypeError, match="a Config has no picture of itself"):
        text_of(reporter.Config())  # type: ignore[arg-type]
