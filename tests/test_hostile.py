"""Hostile content through the whole river: shown as text, cut with a mark, never run, in every kind of output."""

from __future__ import annotations

import csv
import re
import socket
import subprocess
import sys
import zipfile
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from defusedxml import ElementTree

from reporter.config import load_config
from reporter.document.audiences import restore
from reporter.document.pdf import to_pdf
from reporter.errors import RenderError
from reporter.pipeline import run
from reporter.printing import ATTACHED
from tests.hostile import FORMULAS, PAYLOADS, hostile_shop, write_tables

HTML_ELEMENTS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "script",
        "body",
        "main",
        "header",
        "footer",
        "nav",
        "section",
        "article",
        "div",
        "span",
        "p",
        "a",
        "b",
        "i",
        "em",
        "strong",
        "small",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "colgroup",
        "fieldset",
        "input",
        "label",
        "legend",
        "output",
        "template",
        "col",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "details",
        "summary",
        "wbr",
        "br",
        "aside",
        "button",
    ]
)
SVG_ELEMENTS = frozenset(
    ["svg", "g", "path", "text", "tspan", "title", "desc", "rect", "line", "polyline", "circle", "image", "defs"]
)


class Page(HTMLParser):
    """Every element with its attributes, the visible text, and scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.raw = {"script": [], "style": []}
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in self.raw else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        (self.raw[self._inside] if self._inside else self.text).append(data)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run over all payloads, with every socket but loopback shut and a trap file that nothing may create."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(socket.socket, "connect", _refuse)
        return run(
            hostile_shop(folder / "shop"),
            load_config(overrides=["report.min_group=2", "analysis.min_group=5"])[0],
            output="out",
        ).folder.resolve()


def _refuse(self: socket.socket, address: object) -> None:
    raise AssertionError(f"the run tried to reach {address}")


@pytest.fixture(scope="module")
def html(finished: Path) -> str:
    return (finished / "report.html").read_text(encoding="utf-8")


def test_the_page_holds_only_our_elements_and_nothing_that_runs(html: str):
    page = Page(html)
    foreign = {tag for tag, _ in page.elements} - HTML_ELEMENTS - {tag.lower() for tag in SVG_ELEMENTS}
    assert not foreign
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("href", "src", "action", "xlink:href"):
            target = attributes.get(name) or "#"
            assert target.startswith(("#", "data:image/png;base64,")), (tag, name, target[:60])
        assert "zq" not in (attributes.get("style") or "")
    assert not [raw for raw in page.raw["script"] + page.raw["style"] if re.search(r"zq\d", unpacked(raw))]


def unpacked(text: str) -> str:
    """Without fonts and pictures, whose letters mean nothing."""
    return re.sub(r"base64,[A-Za-z0-9+/=]+", "", text)


def test_the_policy_stands_and_fits_the_one_script(html: str):
    from base64 import b64encode
    from hashlib import sha256

    page = Page(html)
    (policy,) = (
        each["content"]
        for tag, each in page.elements
        if tag == "meta" and "content-security" in (each.get("http-equiv") or "").lower()
    )
    assert policy is not None
    (script,) = page.raw["script"]
    assert "default-src 'none'" in policy
    assert b64encode(sha256(script.encode()).digest()).decode() in policy


def test_payloads_are_there_as_text(html: str):
    """Nothing passes by being dropped: what was given is what is read."""
    seen = "".join(Page(html).text).replace("\u00ad", "")
    found = {mark for payload in PAYLOADS for mark in re.findall(r"zq\d+", payload) if mark in seen}
    assert len(found) >= 25
    for payload in ("<script>alert('zq1')</script>", "{{7*7}}zq20"):
        assert payload in seen
    assert "49zq20" not in seen


def test_long_names_are_cut_with_a_mark(html: str):
    seen = "".join(Page(html).text)
    assert not re.search("W{81}", seen)
    assert re.search("zq59[ word]{20,80}…", seen)


def test_no_control_character_or_bidi_override_is_left(finished: Path, html: str):
    bad = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
    assert not re.search(bad, html)
    assert not re.search(bad, (finished / "facts.json").read_text("utf-8"))


def test_every_picture_is_sound_xml(html: str):
    pictures = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    assert len(pictures) >= 20
    for picture in pictures:
        for element in ElementTree.fromstring(picture).iter():
            assert element.tag.rpartition("}")[2] in SVG_ELEMENTS


def test_the_pdf_shows_text_and_fetches_embeds_and_links_nothing(finished: Path):
    import pypdfium2

    with pypdfium2.PdfDocument(finished / "report.pdf") as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
        inside = {document.get_attachment(number).get_name() for number in range(document.count_attachments())}
    text = re.sub(r"\s", "", "".join(pages))
    assert "{{7*7}}zq20" in text
    assert "alert('zq1')" in text
    content = inflated((finished / "report.pdf").read_bytes())
    assert inside == set(ATTACHED), "what we attach, and nothing that a text asked for"
    for name in inside:  # what is attached is data, and holds every text
        content = content.replace((finished / name).read_bytes(), b"")
    for word in (b"/JavaScript", b"/JS ", b"/Launch", b"file:", b"root:x:", b"/URI (javascript"):
        assert word not in content


def inflated(pdf: bytes) -> bytes:
    """A PDF with its streams unpacked."""
    parts = [pdf]
    for match in re.finditer(rb"stream\r?\n", pdf):
        try:
            parts.append(zlib.decompressobj().decompress(pdf[match.end() :]))
        except zlib.error:
            continue
    return b"\n".join(parts)


@pytest.mark.parametrize(("name", "known"), [("segments.xlsx", "=1+1+zq30"), ("audiences/audiences.xlsx", "=1+1+zq3")])
def test_the_workbooks_have_no_formula_and_link_only_to_themselves(finished: Path, name: str, known: str):
    from openpyxl import load_workbook

    with zipfile.ZipFile(finished / name) as book:
        sheets = [book.read(part).decode() for part in book.namelist() if part.startswith("xl/worksheets/")]
        assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
        assert not any("External" in book.read(part).decode() for part in book.namelist() if part.endswith(".rels"))
    cells = [cell for sheet in load_workbook(finished / name) for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert all(cell.hyperlink is None or cell.hyperlink.location for cell in cells)
    assert any(isinstance(cell.value, str) and cell.value.startswith(known) for cell in cells)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_cells_of_lists_never_become_formulas_and_read_back_to_the_same_ids(finished: Path):
    source = {row["customer_id"] for row in rows(finished.parents[1] / "shop" / "customers.csv")}
    for path in (finished / "customers.csv", *sorted((finished / "audiences").glob("*.csv"))):
        for row in rows(path):
            for cell in row.values():
                assert not re.match("[ \u00a0\ufeff\u200b]*[=+@\t\r\n＝＋－＠]", cell), cell
            assert cleaned(restore(row["customer_id"])) in {cleaned(each) for each in source}
    assert {cleaned(restore(row["customer_id"])) for row in rows(finished / "customers.csv")} <= {
        cleaned(s) for s in source
    }
    assert any(row["customer_id"].startswith("'") for row in rows(finished / "customers.csv"))


def cleaned(text: str) -> str:
    """An id as the reader takes it: without white space around it."""
    return text.strip()


def test_parquet_holds_ids_as_they_are(tmp_path: Path):
    from pyarrow.parquet import read_table

    folder = write_tables(
        tmp_path / "shop",
        {"orders": [["customer_id", "transaction_id", "transaction_date", "amount"]]
         + [[f"{name}~{i}", i, f"2024-0{1 + i % 9}-11", 10 + i] for i, name in enumerate(FORMULAS * 3)]},
    )  # fmt: skip
    config, _ = load_config(overrides=["output.pdf=false", "report.customers_format=parquet"])
    found = read_table(run(folder / "orders.csv", config, output=tmp_path / "out").folder / "customers.parquet")
    ids = found.column("customer_id").to_pylist()
    assert sorted(map(cleaned, ids)) == sorted(cleaned(f"{name}~{i}") for i, name in enumerate(FORMULAS * 3))


def test_nothing_was_run_and_nothing_written_elsewhere(finished: Path):
    base = finished.parents[1]
    assert sorted(path.name for path in base.iterdir()) == ["out", "shop"]
    names = {path.name for path in (finished / "audiences").iterdir()} - {"audiences.xlsx"}
    assert all(re.fullmatch(r"[a-z0-9-]{1,60}\.csv", name) for name in names), names


def test_no_place_person_or_machine_is_named(finished: Path):
    """Paths, host and user: in no output, compressed or not."""
    import getpass
    import platform

    words = {
        str(finished.parents[2]),
        str(Path.home()),
        str(Path.cwd()),
        platform.node(),
        platform.release(),
        getpass.getuser(),
    }
    words = {word for word in words if len(word) > 4}  # a machine called "vm" is in many a word
    for path in sorted(finished.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".pdf":
            content = inflated(content)
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                content = b"\n".join(book.read(name) for name in book.namelist())
        for word in words:
            assert word.encode() not in content, (path.name, word)


def test_ids_of_customers_are_in_their_lists_alone(finished: Path):
    """A customer id is in customers.*, audiences/ and rejects.csv; never on a page, in the workbook or among the facts."""
    for name in ("report.html", "facts.json", "manifest.json"):
        assert not re.search(r"~\d+", unpacked((finished / name).read_text("utf-8"))), name
    with zipfile.ZipFile(finished / "segments.xlsx") as book:
        assert not any(re.search(rb"~\d+", book.read(name)) for name in book.namelist())
    assert "~0" in (finished / "customers.csv").read_text("utf-8")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "ftp://zq.example/x"])
@pytest.mark.parametrize(
    "form",
    [
        "<img src='{}'>",
        "<link rel=stylesheet href='{}'>",
        "<link rel=attachment href='{}'>",
        "<style>@import url({});</style>",
        "<style>body {{ background: url({}) }}</style>",
        "<object data='{}'></object>",
    ],
)
def test_the_printer_asks_for_nothing_outside_the_page(form: str, target: str):
    pytest.importorskip("weasyprint")
    with pytest.raises(RenderError, match="outside itself"):
        to_pdf(f"<html><body>{form.format(target)}</body></html>")


def test_importing_the_package_opens_no_socket():
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise SystemExit('a socket was opened')\n"
        "socket.socket.connect = refuse; socket.create_connection = refuse; socket.getaddrinfo = refuse\n"
        "import reporter, reporter.pipeline, reporter.cli, reporter.document.pdf\n"
        "reporter.run, reporter.analyse\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
