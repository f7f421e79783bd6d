"""The PDF, read back: outline, page numbers, fonts, ink, nothing outside the paper, nothing from outside."""

from __future__ import annotations

import builtins
import io
import os
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
import pytest

from reporter.document import pdf
from reporter.document.blocks import Table
from reporter.document.facts import leaves
from reporter.document.html import to_html
from reporter.document.pdf import pdf_available, to_pdf
from reporter.document.tokens import templates_folder
from reporter.errors import RenderError
from tests.document.editions import letters
from tests.document.sample import FEW, sample
from tests.document.situations import Told

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available())),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def plumbed(sample_pdf: tuple[bytes, list[str]]) -> Any:
    with pdfplumber.open(io.BytesIO(sample_pdf[0])) as file:
        yield file


def test_nothing_is_warned_about(sample_pdf: tuple[bytes, list[str]]) -> None:
    assert sample_pdf[1] == []


def test_outline_has_short_labels_in_order(sample_pdf: tuple[bytes, list[str]]) -> None:
    outline = list(pypdfium2.PdfDocument(sample_pdf[0]).get_toc())
    assert [(entry.get_title(), entry.level) for entry in outline] == [
        (section.short, section.level - 1) for section in sample(pages=FEW).sections
    ]
    places = [entry.get_dest().get_index() for entry in outline]
    assert places == sorted(places)
    assert places[0] == 2


def test_contents_give_the_pages_of_the_sections(sample_pdf: tuple[bytes, list[str]], plumbed: Any) -> None:
    outline = pypdfium2.PdfDocument(sample_pdf[0]).get_toc()
    contents = plumbed.pages[1].extract_text()
    for entry in outline:
        page = entry.get_dest().get_index() + 1
        assert re.search(rf"{re.escape(entry.get_title())}( .*)? {page}\b", contents), entry.get_title()


def test_every_page_but_the_cover_has_header_and_number(plumbed: Any) -> None:
    pages = plumbed.pages
    assert len(pages) > 20
    assert " / " not in pages[0].extract_text().splitlines()[-1]
    for number, page in enumerate(pages[1:], 2):
        lines = page.extract_text().splitlines()
        assert lines[0].startswith("Customer segmentation")
        assert lines[-1].endswith(f"{number} / {len(pages)}")
        assert "run 2026-10-01-9f3c17ab" in lines[-1]


def test_nothing_leaves_the_paper(plumbed: Any) -> None:
    for page in plumbed.pages:
        for thing in [*page.chars, *page.rects, *page.curves]:
            assert thing["x0"] >= -0.5
            assert thing["x1"] <= float(page.width) + 0.5
        for letter in page.chars:
            assert 0 <= letter["top"] < letter["bottom"] <= float(page.height)
    for page in plumbed.pages[1:]:
        outside = [char for char in page.chars if char["x0"] < 51 - 1 or char["x1"] > float(page.width) - 51 + 1]
        assert not outside, "".join(char["text"] for char in outside)


def test_what_only_a_screen_can_use_is_not_printed(plumbed: Any) -> None:
    told = "\n".join(page.extract_text() for page in plumbed.pages)
    assert "Natural groups are weak" in told
    page = to_html(sample(pages=FEW))
    for words in ("Show the numbers", "Number of groups", "Filter rows", "Segment to stand out"):
        assert words in page
        assert words not in told


def test_the_renderer_never_sees_what_only_a_screen_can_use() -> None:
    whole = sample(hostile=False)
    page = to_html(replace(whole, sections=whole.sections[:1]))
    asking = '<img src="https://example.test/x.png" alt="">'
    assert to_pdf(page.replace("</main>", f"<!--screen-->{asking}<!--/screen--></main>")) == to_pdf(page)
    with pytest.raises(RenderError, match="outside itself"):
        to_pdf(page.replace("</main>", f"{asking}</main>"))


def test_every_page_has_ink(plumbed: Any) -> None:
    for page in plumbed.pages:
        assert len(page.chars) > 100


def test_no_title_stands_last_on_a_page(plumbed: Any) -> None:
    for page in plumbed.pages[2:]:
        body = [char for char in page.chars if char["top"] < float(page.height) - 57]
        last = max(char["bottom"] for char in body)
        sizes = {round(char["size"], 1) for char in body if char["bottom"] > last - 2}
        assert max(sizes) < 10.5, (page.page_number, sizes)


def test_fonts_are_embedded(plumbed: Any, sample_pdf: tuple[bytes, list[str]]) -> None:
    names = {char["fontname"].partition("+")[2] for page in plumbed.pages for char in page.chars}
    assert names
    assert b"/FontFile" in inflated(sample_pdf[0])
    if (templates_folder() / "fonts" / "Inter-400.woff2").is_file():
        assert any(name.startswith("Inter") for name in names)


def test_metadata_is_the_reports(plumbed: Any, sample_pdf: tuple[bytes, list[str]]) -> None:
    about = plumbed.metadata
    assert about["Title"] == "Customer segmentation · Nile Rewards"
    assert about["Author"] == "Customer insight"
    assert about["CreationDate"].startswith("D:20261001")
    raw = inflated(sample_pdf[0])
    assert b"/Lang (en)" in raw
    assert b"/MarkInfo" in raw


def test_nothing_of_this_machine_is_inside(sample_pdf: tuple[bytes, list[str]]) -> None:
    raw = inflated(sample_pdf[0])
    for word in (str(ROOT), str(Path.home()), "file://"):
        assert word.encode() not in raw


def inflated(document: bytes) -> bytes:
    """A PDF with all its streams unpacked."""
    parts = [document]
    for match in re.finditer(rb"stream\r?\n", document):
        try:
            parts.append(zlib.decompressobj().decompress(document[match.end() :]))
        except zlib.error:
            continue
    return b"\n".join(parts)


@pytest.mark.parametrize(
    "body",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="file:///etc/hostname">',
        '<style>@import "http://127.0.0.1:9/x.css";</style>',
        '<link rel="attachment" href="file:///etc/hostname">',
        '<object data="ftp://127.0.0.1/x"></object>',
    ],
)
def test_a_page_that_asks_for_more_is_refused(body: str) -> None:
    with pytest.raises(RenderError, match="outside itself"):
        to_pdf(f"<html lang=en><title>x</title><body>{body}")


def test_without_pango_the_command_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def broken(name: str, *rest: Any, **more: Any) -> Any:
        if name == "weasyprint":
            print("a banner")
            raise OSError("cannot load library 'libgobject-2.0-0'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", broken)
    reason = pdf_available()
    assert reason is not None
    assert pdf.LIBRARIES[pdf.system()] in reason
    assert capsys.readouterr().out == ""
    with pytest.raises(RenderError):
        to_pdf("<p>x")


def test_without_weasyprint_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert "reporter[pdf]" in str(pdf_available())


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("ID=ubuntu\nID_LIKE=debian\n", "debian"),
        ("ID=debian\n", "debian"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "rhel"),
        ("ID=fedora\n", "fedora"),
        ("ID=alpine\n", "alpine"),
        ("ID=manjaro\nID_LIKE=arch\n", "arch"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "suse"),
        ("ID=plan9\n", "debian"),
    ],
)
def test_the_system_is_known_by_its_release_file(
    text: str, family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf.platform, "system", lambda: "Linux")
    release = tmp_path / "os-release"
    release.write_text(text)
    assert pdf.system(release) == family
    assert pdf.system(tmp_path / "none") == "debian"


@pytest.mark.parametrize(("system", "family"), [("Darwin", "darwin"), ("Windows", "windows")])
def test_other_systems(system: str, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf.platform, "system", lambda: system)
    assert pdf.system() == family


@pytest.mark.slow
def test_equal_pages_give_equal_bytes(sample_pdf: tuple[bytes, list[str]]) -> None:
    code = (
        "from tests.document.sample import FEW, sample; from reporter.document.html import to_html;"
        "from reporter.document.pdf import to_pdf; import hashlib;"
        "print(hashlib.sha256(to_pdf(to_html(sample(pages=FEW)))).hexdigest())"
    )
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "5",
        "TZ": "Asia/Kathmandu",
        "LANG": "ar_SA.UTF-8",
        "PYTHONPATH": str(ROOT),
    }
    other = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == sha256(sample_pdf[0]).hexdigest()


def test_tables_of_a_real_report_stay_between_the_margins(situation: tuple[str, Told]) -> None:
    name, told = situation
    if name not in ("coupons", "money"):
        pytest.skip("these two have the widest tables")
    sections = tuple(
        replace(section, blocks=tuple(block for block in leaves(section.blocks) if isinstance(block, Table)))
        for section in told.document.sections
    )
    for number, page in enumerate(pypdfium2.PdfDocument(to_pdf(to_html(replace(told.document, sections=sections))))):
        if number:
            outside = [each.text for each in letters(page) if each.right > page.get_width() - 51 + 1]
            assert not outside, (number + 1, "".join(outside))


NOBODY_ASKED = """
import ctypes.util, subprocess
from reporter.document.pdf import pdf_available

def refuse(*args, **more):
    raise AssertionError(args)

found, subprocess.Popen = ctypes.util.find_library, refuse
assert pdf_available() is None
assert ctypes.util.find_library is found
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the loader does not know the libraries by their names")
def test_no_compiler_is_asked_where_pango_is() -> None:
    subprocess.run([sys.executable, "-c", NOBODY_ASKED], check=True, capture_output=True, cwd=ROOT)
