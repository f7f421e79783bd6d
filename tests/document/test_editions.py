"""Two pages or the whole report, on A4 or Letter, in an order of one's own: the real PDF read back, and what stays complete whatever the pages show."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
import pytest
from openpyxl import load_workbook

import reporter
from reporter.analysis.analyse import Analysis
from reporter.document.audiences import slugs
from reporter.document.blocks import Document
from reporter.document.facts import facts as facts_of
from reporter.document.facts import tables
from reporter.document.html import to_html
from reporter.document.pdf import pdf_available, to_pdf
from reporter.document.workbook import to_workbook
from tests.document.editions import FINE_PRINT_PX, Shops, charts, composed, fast, filled, inked, letters, texts
from tests.fixtures.workbook import make_shop, make_workbook

needs_pdf = [
    pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available())),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
SIZES = {"A4": (595.3, 841.9), "letter": (612.0, 792.0)}
"""Points."""
LONG = "Call each of them within the first week of the month and offer whatever it takes to come back with a friend who has not been there yet. "
BOTH = pytest.mark.parametrize("paper", ["A4", "letter"])
MODES = pytest.mark.parametrize("mode", ["money", "coupon"])
SHORT = {"A4": 20.0, "letter": 18.0}
"""Bottom margins in mm."""


@pytest.fixture(scope="module")
def many(shops: Shops) -> Analysis:
    """Up to twenty-five segments with long names."""
    grid = [
        f"Customers of recency {r} and frequency {f} with a long name,{' '.join(f'{r}{f}{m}' for m in range(1, 6))}"
        for r in range(1, 6)
        for f in range(1, 6)
    ]
    path = shops.folder / "grid.csv"
    path.write_text("\n".join(["segment,cells", *grid]) + "\n", encoding="utf-8")
    return reporter.analyse(shops.folder / "shop.xlsx", fast(f"rfm.grid={path}"))


@lru_cache(maxsize=4)
def printed(analysis: Analysis, paper: str, edition: str = "brief", playbook: str = "") -> tuple[bytes, Document]:
    document = inked(analysis, edition=edition, paper=paper, playbook=playbook)
    return to_pdf(to_html(document)), document


def check_pages(pdf: bytes, paper: str, has_cover: bool = False) -> list[str]:
    """Hold every page to its size and its text to the margins; the texts of the pages."""
    told = []
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        assert page.get_size() == pytest.approx(SIZES[paper], abs=0.5)
        if has_cover and number == 0:
            check_cover(page)
            continue
        width, side, foot = page.get_width(), (page.get_width() - 174 / 25.4 * 72) / 2, SHORT[paper] / 25.4 * 72
        shown = [*letters(page)]
        assert not [each for each in shown if each.left < side - 1 or each.right > width - side + 1]
        assert not [each for each in shown if each.size > FINE_PRINT_PX and each.bottom < foot - 1], "into the footer"
        told.append(page.get_textpage().get_text_bounded().replace("\r", "").replace("\xa0", " "))
    return told


def alts(tree: list[dict[str, Any]]) -> Iterator[str]:
    """What is said in the place of pictures."""
    for element in tree:
        yield element.get("alt_text", "")
        yield from alts(element.get("children", []))


def check_cover(page: pypdfium2.PdfPage) -> None:
    """Hold a cover to a ground without margins and words inside it."""
    width, height = page.get_size()
    grounds = [shape.get_bounds() for shape in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_PATH], max_depth=4)]
    left, bottom, right, top = max(grounds, key=lambda edges: (edges[2] - edges[0]) * (edges[3] - edges[1]))
    assert (left, bottom, right, top) == pytest.approx((0, 0, width, height), abs=0.5)
    side, shown = 22 / 25.4 * 72, [*letters(page)]
    assert not [each for each in shown if each.left < side - 1 or each.right > width - side + 1]
    assert min(each.bottom for each in shown) > 18 / 25.4 * 72


# --- The brief edition -------------------------------------------------------------------------------------------------


@pytest.mark.slow
class TestBrief:
    pytestmark = needs_pdf

    @BOTH
    @MODES
    def test_it_has_two_full_pages(self, shops: Shops, mode: str, paper: str) -> None:
        analysis = getattr(shops, mode)
        pdf, document = printed(analysis, paper)
        first, second = check_pages(pdf, paper)
        assert filled(pdf)[0] > 0.85
        assert filled(pdf)[1] > 0.7
        assert "Customer segmentation" in first
        assert "As of" in first
        assert document.sections[0].title.text.split(";")[0][:40] in first.replace("\n", " ")
        for name, file in slugs(segment.name for segment in analysis.segments).items():
            assert name.split()[0] in second
            assert f"{file}.csv" in second
        assert {"Where", "numbers", "report.edition", "Natural"} <= set(second.split())

    @BOTH
    def test_long_names_and_a_long_playbook_stay_on_two_pages(self, shops: Shops, many: Analysis, paper: str) -> None:
        entry = "\n".join(f'{key} = "{LONG * 2}"' for key in ("who", "goal", "action", "coupon", "avoid"))
        path = shops.folder / "long.toml"
        names = [segment.name for segment in many.segments]
        roles = dict(zip(names, ("keep", "rescue", "grow"), strict=False))
        path.write_text(
            "".join(f'["{n}"]\nrole = "{roles.get(n, "")}"\n{entry}\n' for n in [*names, "otherwise"]), encoding="utf-8"
        )
        assert len(names) > 11
        pdf, document = printed(many, paper, playbook=str(path))
        assert len(check_pages(pdf, paper)) == 2
        (table,) = tables(document.sections[1].blocks)
        assert len(table.rows) == len(names) + 1
        assert 0 < table.more < len(names)
        assert "more in segments.xlsx" in check_pages(pdf, paper)[1]

    def test_long_names_of_the_house_fit_into_the_head(self, shops: Shops) -> None:
        document = inked(
            shops.money,
            edition="brief",
            title="Customer segmentation of the whole northern region for the board",
            organisation="The Very Long Name of an Egyptian Retail Cooperative Society of the North and the South",
            author="The insight team of the northern region, second floor, left",
            confidentiality="Strictly confidential for the members of the board and their deputies only",
        )
        pages = check_pages(to_pdf(to_html(document)), "A4")
        assert len(pages) == 2
        assert all("Strictly confidential for the members of the board" in page for page in pages)

    def test_the_printer_has_nothing_to_warn_about(self, shops: Shops, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING, "weasyprint"):
            to_pdf(to_html(inked(shops.money, edition="brief", paper="letter", accent_colour="#0b5a3c")))
        assert [record.getMessage() for record in caplog.records] == []

    @pytest.mark.parametrize("edition", ["full", "brief"])
    def test_names_and_logo_are_in_the_metadata_and_on_every_page(self, shops: Shops, edition: str) -> None:
        logo = shops.folder / "logo.svg"
        logo.write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><path d="M0 0H9V3Z"/></svg>', "utf-8"
        )
        said = {
            "title": "Spring review",
            "organisation": "Leaf",
            "author": "A. Writer",
            "confidentiality": "Internal use",
        }
        pdf = to_pdf(to_html(inked(shops.money, edition=edition, logo=str(logo), sections=("campaign",), **said)))
        with pdfplumber.open(io.BytesIO(pdf)) as file:
            assert file.metadata["Title"] == "Spring review · Leaf"
            assert file.metadata["Author"] == "A. Writer"
            assert "Internal use" in file.metadata["Keywords"]
            pages = [page.extract_text() for page in file.pages]
            assert "Logo of Leaf" in list(alts(file.structure_tree))
        assert all("Internal use" in page for page in pages)
        assert all("Spring review" in page for page in pages)

    def test_bookmarks_lead_to_both_pages(self, shops: Shops) -> None:
        toc = list(pypdfium2.PdfDocument(printed(shops.money, "A4")[0]).get_toc())
        assert [(each.get_title(), each.get_dest().get_index()) for each in toc] == [
            ("Summary", 0),
            ("Campaign plan", 1),
        ]


def test_too_few_customers_are_told_in_the_brief_edition_too(tmp_path: Path) -> None:
    shop = make_workbook(tmp_path / "tiny.xlsx", make_shop(customers=4, transactions=9, amount=True))
    answer, plan = composed(reporter.analyse(shop, fast()), edition="brief").sections
    assert "Too few customers for findings" in texts(answer)
    assert "report.edition = full" in texts(plan)


def test_only_pictures_that_are_shown_are_drawn(shops: Shops) -> None:
    document = inked(shops.money, edition="brief")
    assert [bool(chart.svg) for section in document.sections for chart in charts(section.blocks)] == [True]
    left = [chart for section in document.unshown for chart in charts(section.blocks)]
    assert len(left) > 20
    assert not any(chart.svg for chart in left)


def test_facts_and_workbook_are_complete_whatever_the_pages_show(shops: Shops, tmp_path: Path) -> None:
    full, brief = (composed(shops.money, edition=edition) for edition in ("full", "brief"))
    told, short = (facts_of(shops.money, document, "x") for document in (full, brief))
    assert short["titles"] == [brief.sections[0].title.text, brief.sections[1].title.text]
    assert len(told["titles"]) > 20
    assert {"segments", "clustering", "rows", "tables", "totals"} <= short.keys()
    short["gist"]["edition"] = "full"
    for key in short.keys() - {"titles", "statements", "report_tables"}:
        assert short[key] == told[key], key
    assert [each for each in told["statements"] if each not in short["statements"]] == []
    assert short["report_tables"].items() >= told["report_tables"].items()
    assert short["report_tables"].keys() - told["report_tables"].keys() == {"audiences"}
    sheets = []
    for name, document in (("full", full), ("brief", brief)):
        to_workbook(document, tmp_path / f"{name}.xlsx")
        sheets.append(set(load_workbook(tmp_path / f"{name}.xlsx", read_only=True).sheetnames))
    assert sheets[1] - sheets[0] == {"audiences"}
    assert sheets[0] <= sheets[1]


def test_the_rows_are_accounted_for_on_the_second_page(shops: Shops) -> None:
    told = texts(composed(shops.money, edition="brief").sections[1])
    read, rejected = (sum(getattr(each, key) for each in shops.money.ledger.tallies) for key in ("read", "rejected"))
    assert rejected == 3
    assert re.search(rf"\b{read} rows of 6 tables were read: {read - 3} are kept, 3 rejected", told)
    assert "rejects.csv" in told


def test_the_page_on_the_screen_is_as_short(shops: Shops) -> None:
    page = to_html(inked(shops.money, edition="brief"))
    assert page.count("<section ") == 2
    assert 'class="contents"' not in page
    assert '<body class="brief"' in page


@pytest.mark.slow
@pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
@pytest.mark.parametrize("source", ["demo", "ecommerce.xlsx", "cdnow/CDNOW_master.txt.gz"])
def test_real_data_has_two_pages_on_both_papers(source: str, request: pytest.FixtureRequest) -> None:
    root = request.getfixturevalue("root")
    path = root / "data" / "demo.xlsx" if source == "demo" else request.getfixturevalue("shared") / source
    analysis = analysed(path)
    for paper in SIZES:
        pdf = printed(analysis, paper)[0]
        assert len(check_pages(pdf, paper)) == 2
        assert min(filled(pdf)) > 0.8


@pytest.mark.slow
@pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
@pytest.mark.parametrize("locale", ["en", "de", "ar"])
def test_the_first_answer_of_a_coupon_shop_is_one_page_in_every_language(locale: str, shared: Path) -> None:
    analysis = analysed(shared / "ecommerce.xlsx")
    for paper in SIZES:
        alone = inked(analysis, lambda section: section.id == "summary", edition="full", paper=paper, locale=locale)
        _, *answer = check_pages(to_pdf(to_html(alone)), paper, has_cover=True)
        assert len(answer) == 1


@pytest.mark.slow
@pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
@pytest.mark.parametrize("locale", ["de", "ar"])
def test_small_segments_share_pages_in_every_language(locale: str, root: Path) -> None:
    shop = analysed(root / "data" / "demo.xlsx")
    document = inked(shop, lambda section: section.half, edition="full", locale=locale)
    assert len(document.sections) >= 4
    _, *pages = check_pages(to_pdf(to_html(document)), "A4", has_cover=True)
    assert len(pages) == -(-len(document.sections) // 2)


@lru_cache(maxsize=3)
def analysed(path: Path) -> Analysis:
    """The numbers of real data and of the demo, once for all languages and papers."""
    return reporter.analyse(path, fast())


# --- Letter ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
class TestLetter:
    pytestmark = needs_pdf

    def test_a_page_for_each_segment_and_no_page_almost_empty(self, shops: Shops) -> None:
        pdf = printed(shops.money, "letter", "full")[0]
        told = check_pages(pdf, "letter", has_cover=True)
        outline = {each.get_title(): each.get_dest().get_index() for each in pypdfium2.PdfDocument(pdf).get_toc()}
        parts = [each for each in composed(shops.money, edition="full").sections if each.id.startswith("segment-")]
        pages = [outline[part.short] for part in parts]
        shared = sum(part.half for part in parts)
        assert pages == sorted(pages)
        assert len(set(pages)) == pages[-1] - pages[0] + 1 == len(parts) - shared // 2, (
            "one page each, small ones in pairs"
        )
        assert outline["What changed"] == pages[-1] + 1
        assert outline["Our customers"] == outline["Summary"] + 1
        assert [page for page in told if len(page) < 350] == []
        assert len(told) <= len(pypdfium2.PdfDocument(printed(shops.money, "A4", "full")[0])) + 4

    def test_a4_holds_the_same(self, shops: Shops) -> None:
        pdf = printed(shops.money, "A4", "full")[0]
        assert check_pages(pdf, "A4", has_cover=True)
