"""The HTML file: closed to the network, closed to names that are code, the same bytes every time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import fields, replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError, nodes

from reporter.document import blocks, html
from reporter.document.blocks import PLAIN, Cell, Document, Prose, Said, Section, Table
from reporter.document.html import to_html
from reporter.document.styles import on_paper
from reporter.document.tokens import read_tokens, templates_folder
from tests.document.parts import HOSTILE, segments_table
from tests.document.pictures import bars
from tests.document.sample import sample

ROOT = Path(__file__).resolve().parents[2]
PAPERS = {"paper", "tint"}
BLOCK_NAMES = ("prose", "bullets", "stats", "table", "chart", "callout", "beside", "details", "states")


class Reader(HTMLParser):
    """Collects elements with attributes, and the text outside style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag in ("style", "script"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page() -> str:
    return to_html(sample())


@pytest.fixture(scope="module")
def reader(page: str) -> Reader:
    return Reader(page)


# --- Contract: templates see the blocks and nothing else ---------------------------------------------------------------


def test_templates_read_only_fields_that_blocks_declare() -> None:
    declared = {
        field.name
        for kind in vars(blocks).values()
        if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
        for field in fields(kind)
    }
    for path in [*sorted(templates_folder().rglob("_*.html")), templates_folder() / "report.html"]:
        tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
        used = {
            node.attr
            for node in tree.find_all(nodes.Getattr)
            if not (isinstance(node.node, nodes.Name) and node.node.name == "loop") and node.attr != "values"
        } - {"items"}
        assert used - declared == set(), path.name


def test_templates_that_were_loaded_ahead_are_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    document = sample(hostile=False)
    html._ours.cache_clear()
    html.load_templates(document)
    monkeypatch.setattr(Environment, "compile", lambda *_, **__: pytest.fail("compiled again"))
    assert to_html(document).startswith("<!DOCTYPE html>")


def test_a_field_that_is_not_declared_fails() -> None:
    environment = html._environment(templates_folder(), PLAIN, "en")
    with pytest.raises(UndefinedError):
        environment.from_string("{{ block.colour_of_money }}").render(block=Prose((Said("x"),)))


def test_every_block_has_a_template() -> None:
    names = {kind.__name__.lower() for kind in blocks.Block.__args__}  # type: ignore[attr-defined]
    assert names == set(BLOCK_NAMES)
    assert all((templates_folder() / "blocks" / f"_{name}.html").is_file() for name in names)


# --- Closed to the network and to names that are code ------------------------------------------------------------------


def test_policy_allows_nothing_but_our_script(page: str, reader: Reader) -> None:
    policy = next(meta["content"] for meta in reader.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert script is not None
    digest = b64encode(sha256(script[1].encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; ")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe-eval" not in policy
    assert len(reader.all("script")) == 1


def test_nothing_is_fetched(page: str, reader: Reader) -> None:
    for _, attributes in reader.elements:
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            assert attributes.get(name, "#").startswith("#")
    style = "".join(re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL))
    assert "@import" not in style
    assert all(url.startswith("data:font/woff2") for url in re.findall(r"url\(\s*['\"]?([^)]*)", style))


def test_names_stay_text(page: str, reader: Reader) -> None:
    allowed = {
        *[
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "a",
            "header",
            "div",
            "svg",
            "circle",
            "p",
            "h1",
            "dl",
            "dt",
            "dd",
            "br",
            "nav",
            "ol",
            "ul",
            "li",
            "span",
            "main",
            "section",
            "h2",
            "h3",
        ],
        *[
            "strong",
            "b",
            "polyline",
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "wbr",
            "figure",
            "figcaption",
            "g",
            "line",
            "rect",
            "text",
            "aside",
        ],
        *["details", "summary", "footer", "script", "i"],
        *["template", "label", "input", "output", "button", "fieldset", "legend"],
    }
    assert {tag for tag, _ in reader.elements} <= allowed
    for _, attributes in reader.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert not [value for value in attributes.values() if "javascript:" in value.lower()]
    told = "".join(reader.texts)
    assert HOSTILE[0] in told
    assert "{{7*7}}" in told
    assert "49" not in re.findall(r"\S+", told)


PIECES = (*"<>&\"'/={}%!-#;x\u202e\x0b", "script", "img", "on", "svg", "]]>", "<!--", "&lt", "{{", "{%", " ")
MARKUP = st.lists(st.sampled_from(PIECES), max_size=20).map(lambda pieces: "x" + "".join(pieces))


@settings(max_examples=40, deadline=None)
@given(payload=MARKUP)
def test_no_markup_gets_out_of_a_text(payload: str) -> None:
    test_a_payload_in_every_text_is_only_text(payload)


@pytest.mark.parametrize("payload", [*HOSTILE, "javascript:alert(1)", "' onload='x", "</style></title><b>", "&#0;\x0b"])
def test_a_payload_in_every_text_is_only_text(payload: str) -> None:
    whole = sample(hostile=False)
    section = replace(whole.sections[0], title=Said(payload), short=payload, kicker=payload)
    cover = replace(whole.cover, title=payload, headline=Said(payload), organisation=payload, author=payload)
    plain = Reader(to_html(replace(whole, sections=whole.sections[:1])))
    hostile = Reader(to_html(Document(cover, (section,), whole.palette, payload)))
    named = [element for element in hostile.elements if element[0] != "wbr"]
    assert [tag for tag, _ in named if tag != "span"] == [
        tag for tag, _ in plain.elements if tag not in ("wbr", "span")
    ]
    assert [sorted(attributes) for tag, attributes in named if tag != "span"] == [
        sorted(attributes) for tag, attributes in plain.elements if tag not in ("wbr", "span")
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<rect onload="x()"/>',
        '<a href="https://example.test"><rect/></a>',
        '<image href="http://example.test/x.png"/>',
        "<foreignObject><p>x</p></foreignObject>",
        "<style>*{fill:red}</style>",
        '<rect style="fill:url(http://example.test)"/>',
        "<!-- --><rect/>",
    ],
)
def test_a_picture_that_is_more_than_a_picture_is_refused(body: str) -> None:
    chart = replace(bars("x", "X", ("a", "b")), svg=f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>')
    with pytest.raises(ValueError, match="chart 'x'"):
        html._picture(chart)


def test_a_chart_that_is_not_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="not drawn"):
        html._picture(replace(bars("x", "X", ("a",)), svg=""))


# --- Meaning: a page that can be read without eyes -------------------------------------------------------------------


def test_headings_tables_and_pictures_have_names(reader: Reader) -> None:
    assert len(reader.all("h1")) == 1
    assert len(reader.all("h2")) + len(reader.all("h3")) == len(sample().sections)
    assert len(reader.all("caption")) == len(reader.all("table"))
    assert all(head.get("scope") in ("col", "row") for head in reader.all("th"))
    assert len(reader.all("figcaption")) == len(reader.all("figure"))
    pictures = [svg for svg in reader.all("svg") if svg.get("aria-hidden") != "true"]
    assert len(pictures) == len(reader.all("figure"))
    assert all(svg.get("role") == "img" for svg in pictures)
    assert reader.all("html")[0] == {"lang": "en", "dir": "ltr"}


def test_ids_are_unique_and_links_arrive(reader: Reader) -> None:
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in reader.all("a")} <= set(ids)
    assert {
        attributes["aria-labelledby"] for _, attributes in reader.elements if "aria-labelledby" in attributes
    } <= set(ids)


def test_a_right_to_left_language_turns_the_page() -> None:
    whole = sample(hostile=False)
    turned = replace(whole, cover=replace(whole.cover, language="ar"), sections=whole.sections[:1])
    assert Reader(to_html(turned)).all("html")[0] == {"lang": "ar", "dir": "rtl"}


def test_rows_left_to_the_workbook_are_counted_not_printed() -> None:
    table = replace(segments_table("t"), more=3)
    section = Section("s", Said("A title with 1 number"), "Short", "", (table,))
    whole = replace(sample(hostile=False), sections=(section,))
    told = on_paper(to_html(whole))
    rows = Reader(told).all("tr")
    assert len(rows) == 1 + 11 - 3 + 1
    assert "3 more in segments.xlsx" in told
    assert "All customers" in told


def test_a_cell_is_sorted_by_its_exact_value() -> None:
    assert html._exact(Cell(0.1, "10%")) == "0.1"
    assert html._exact(Cell(None, "–")) == ""
    assert html._exact(Cell(float("nan"), "–")) == ""


# --- Numbers of the look -----------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """Ratio of two colours. Source: WCAG 2.2, "contrast ratio"."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_can_be_told_from_both_papers(theme: str) -> None:
    tokens = read_tokens()
    look = {name: tokens.get(f"dark-{name}", value) if theme == "dark" else value for name, value in tokens.items()}
    for paper in (look[name] for name in PAPERS):
        for name in ("ink", "muted", "accent", "good", "bad", *(f"label-{i}" for i in range(1, 13))):
            assert contrast(look[name], paper) >= 4.5, (name, paper)
        for slot in range(1, 13):
            assert contrast(look[f"segment-{slot}"], paper) >= 3, (slot, paper)
    assert contrast(look["cover-muted"], look["cover"]) >= 4.5


def test_contrast_formula() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_sparkline_stays_in_its_box() -> None:
    for values in ((1.0, 1.0), (3.0, -2.0, 8.0), tuple(range(24))):
        points = html._spark(values)
        assert all(3 <= x <= 89 and 3 <= y <= 15 for x, y in points)
        assert [x for x, _ in points] == sorted(x for x, _ in points)


def test_numbers_do_not_break_and_long_words_do() -> None:
    said = Said("EGP 500 k is at risk", (blocks.Number("n", 5e5, "EGP 500 k"),))
    assert html._soft(said) == "EGP\u00a0500\u00a0k is at risk"
    assert max(map(len, re.split("<wbr>", html._soft("A" * 300)))) <= html.LONGEST_WORD
    assert len(html._clip("A" * 300)) == html.LONGEST_TEXT
    assert html._soft("<b>") == "&lt;b&gt;"


def test_columns_share_the_text_width() -> None:
    whole = sample(hostile=False)
    rows = [block for section in whole.sections for block in section.blocks if isinstance(block, blocks.Beside)]
    assert rows
    for row in rows:
        assert sum(width for _, width in html._columns(row)) == 170


# --- The same bytes ----------------------------------------------------------------------------------------------------


def test_equal_documents_give_equal_pages(page: str) -> None:
    code = "from tests.document.sample import sample; from reporter.document.html import to_html; import hashlib; print(hashlib.sha256(to_html(sample()).encode()).hexdigest())"
    digests = {sha256(page.encode()).hexdigest()}
    for seed, zone, language in (("1", "Asia/Kathmandu", "C"), ("77", "America/New_York", "de_DE.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LANG": language, "PYTHONPATH": str(ROOT)}
        digests.add(
            subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
            ).stdout.strip()
        )
    assert len(digests) == 1


def test_the_page_is_light(page: str) -> None:
    assert len(page.encode()) < 1_000_000


def test_the_fonts_are_inside(page: str) -> None:
    if not (templates_folder() / "fonts" / "Inter-400.woff2").is_file():
        pytest.skip("no fonts in templates/fonts")
    assert page.count("@font-face") == 5


def test_sections_stand_in_order(page: str) -> None:
    places = [page.index(f'<section id="{section.id}"') for section in sample().sections]
    assert all(a < b for a, b in pairwise(places))


def test_tables_of_text_only_survive() -> None:
    empty = Table("e", Said(""), (), ())
    section = Section("s", Said("Nothing in 1 table"), "Short", "", (empty,))
    assert 'aria-label="Table: e"' in to_html(replace(sample(hostile=False), sections=(section,)))
