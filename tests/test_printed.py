"""Whole reports on paper: of the demo and of the real workbook. Validated as archives and for readers who listen, and looked at page by page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from unicodedata import normalize

import page
import pypdfium2
import pytest
from PIL import Image

import reporter
from reporter import pipeline
from reporter.analysis.analyse import Analysis
from reporter.analysis.terms import Commission
from reporter.config import Config, load_config
from reporter.document.blocks import Document
from reporter.document.pdf import pdf_available, to_pdf
from reporter.intake.ledger import Ledger
from reporter.printing import ATTACHED
from tests import gallery
from tests.document.editions import Letter, depth, letters
from tests.document.hearing import hearing
from tests.document.tongues import arabic_words

pytestmark = pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
SIDE_PT = 51
"""Left and right of the text's box, as print.css has them (18 mm)."""


@dataclass(frozen=True)
class Printed:
    edition: gallery.Edition
    folder: Path
    document: Document
    warnings: list[str]
    content: bytes

    @property
    def pages(self) -> pypdfium2.PdfDocument:
        return pypdfium2.PdfDocument(self.content)

    @cached_property
    def letters(self) -> list[list[Letter]]:
        """Those with ink, page by page."""
        return [[*letters(page)] for page in self.pages]

    @cached_property
    def shown(self) -> list[gallery.Sheet]:
        return list(gallery.sheets(self.edition, self.pages))


@pytest.fixture(scope="module")
def _one_analysis() -> Iterator[None]:
    """Editions of the same rows, with the same campaigns before them, tell of the same numbers, which are made for the first of them."""
    made: dict[tuple[str, ...], Analysis] = {}
    really = pipeline.analysis_of

    def once(ledger: Ledger, config: Config, commission: Commission, *rest: Any) -> Analysis:
        alike = *(file.sha256 for file in (*ledger.files, *commission.inputs)), str(config.analysis)
        if alike not in made:
            made[alike] = really(ledger, config, commission, *rest)
        return replace(made[alike], ledger=ledger)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "analysis_of", once)
        yield


@pytest.fixture(scope="module")
def run(_one_analysis: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., reporter.Outputs]:
    """Makes the report of a source with some settings, once; where another comes before it, in a copy of its folder."""

    @cache
    def made(source: Path, settings: tuple[str, ...] = (), before: Path | None = None) -> reporter.Outputs:
        folder = tmp_path_factory.mktemp("printed") / "output"
        if before is not None:
            shutil.copytree(made(before).folder.parent, folder, symlinks=True)
        config, _ = load_config(None, [*settings, "output.pdf=false"])
        return reporter.run(source, config, output=folder)

    return made


@pytest.fixture(scope="module", params=gallery.EDITIONS, ids=lambda edition: edition.name)
def printed(request: pytest.FixtureRequest, run: Callable[..., reporter.Outputs]) -> Printed:
    """Printed in this process, so that the printer can be heard."""
    edition: gallery.Edition = request.param
    if not edition.is_here:
        pytest.skip("needs the real data in ../shared/data beside the checkout")
    outputs = run(edition.source, edition.settings, edition.before)
    html = outputs.paths["report.html"].read_text(encoding="utf-8")
    attached = {outputs.folder / name: what for name, what in ATTACHED.items()}
    with hearing() as heard:
        content = to_pdf(html, attached, outputs.document.cover.created)
    return Printed(edition, outputs.folder, outputs.document, heard, content)


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_it_is_an_archive_and_can_be_read_aloud(printed: Printed, profile: str) -> None:
    """PDF/UA-1 and PDF/A-3a in one file, by a validator that knows the rules of veraPDF."""
    verdict = page.validate_pdf_bytes(printed.content, profile=profile)
    assert [(failure.rule_id, failure.message) for failure in verdict.failures] == []
    assert verdict.is_compliant
    assert verdict.rules.passed > 100


def test_nothing_is_warned_about(printed: Printed) -> None:
    assert printed.warnings == []


def test_the_tables_and_the_facts_travel_inside(printed: Printed) -> None:
    pages = printed.pages
    inside = [pages.get_attachment(number) for number in range(pages.count_attachments())]
    assert sorted(file.get_name() for file in inside) == ["facts.json", "segments.xlsx"]
    for file in inside:
        assert bytes(file.get_data()) == (printed.folder / file.get_name()).read_bytes()


def test_no_row_of_a_customer_travels_inside(printed: Printed) -> None:
    lines = (printed.folder / "customers.csv").read_text(encoding="utf-8").splitlines()[1:]
    customers = {line.partition(",")[0] for line in lines}
    texts = {text for text in walk(json.loads((printed.folder / "facts.json").read_bytes())) if isinstance(text, str)}
    assert len(customers) > 900
    assert {text for text in texts & customers if not text.isdigit()} == set()


def walk(value: Any) -> Any:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)
    else:
        yield value


def test_the_outline_has_every_section_by_its_short_name(printed: Printed) -> None:
    outline = list(printed.pages.get_toc())
    assert [entry.get_title() for entry in outline] == [section.short for section in printed.document.sections]
    places = [entry.get_dest().get_index() for entry in outline]
    assert places == sorted(places)


def test_every_title_is_on_the_page_that_the_outline_names(printed: Printed) -> None:
    pages = printed.pages
    for entry, section in zip(pages.get_toc(), printed.document.sections, strict=True):
        text = pages[entry.get_dest().get_index()].get_textpage().get_text_bounded()
        if printed.document.cover.language == "ar":  # a word with a raised sign is read before or after its line
            read = "".join(arabic_words(text))
            assert [word for word in arabic_words(str(section.title)) if word not in read] == [], section.title
        else:
            assert plain(str(section.title)) in plain(text), section.title


def plain(text: str) -> str:
    """Without spaces, hyphens and vowel signs: a title may break anywhere, and signs over letters are read before or after them."""
    return "".join(letter for letter in normalize("NFKC", text) if letter.isalnum())


def test_no_text_leaves_its_box(printed: Printed) -> None:
    for number, (sheet, shown) in enumerate(zip(printed.pages, printed.letters, strict=True)):
        width, height = sheet.get_size()
        left, right = (0, width) if number == 0 else (SIDE_PT - 1.5, width - SIDE_PT + 1.5)  # a letter may lean out
        over = [
            each for each in shown if each.left < left or each.right > right or each.bottom < 0 or each.top > height
        ]
        assert over == [], f"page {number + 1}"


def test_every_page_has_ink_and_none_has_a_few_lines_alone(printed: Printed) -> None:
    shares = [depth(shown, page.get_height()) for page, shown in zip(printed.pages, printed.letters, strict=True)]
    assert [(number, share) for number, share in enumerate(shares, 1) if share < 0.3] == []


def test_all_fonts_are_inside(printed: Printed) -> None:
    """The validator would tell too; here they are ours, and few."""
    names = {
        thing.get_font().get_base_name().partition("+")[2]
        for sheet in printed.pages
        for thing in sheet.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], max_depth=4)
    }
    assert names
    assert all(name.startswith(("Inter", "Reporter-Arabic")) for name in names), names


def test_the_gallery_shows_what_is_printed_today(printed: Printed) -> None:
    """Golden pictures: words letter by letter, ink within the tolerance that `gallery` states."""
    kept = json.loads((gallery.PICTURES / "pages.json").read_text(encoding="utf-8"))[printed.edition.name]
    told = [(sheet.file, sheet.caption, gallery.fingerprint(sheet.text)) for sheet in printed.shown]
    assert [(each["file"], each["caption"], each["text"]) for each in kept] == told, (
        "run ./dev docs and look at docs/gallery.md"
    )
    for sheet in printed.shown:
        with Image.open(gallery.PICTURES / sheet.file) as golden:
            assert gallery.distance(golden, sheet.picture) < gallery.TOLERANCE, f"{sheet.file}: run ./dev docs and look"


def test_the_comparison_sees_another_word_and_another_picture(printed: Printed) -> None:
    one, other, *_ = printed.shown
    assert gallery.fingerprint(one.text) != gallery.fingerprint(one.text.replace("customers", "clients", 1) + ".")
    assert gallery.distance(one.picture, one.picture) == 0
    assert gallery.distance(one.picture, other.picture) > gallery.TOLERANCE
    assert gallery.distance(one.picture, one.picture.resize((9, 9))) > gallery.TOLERANCE
