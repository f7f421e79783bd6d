"""What is mended in a PDF before it is written; each case holds what WeasyPrint alone would leave open."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import page
import pypdfium2
import pytest
import weasyprint

from reporter.document.archive import finish
from reporter.document.pdf import pdf_available, to_pdf

pytestmark = pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
DOT = '<svg xmlns="http://www.w3.org/2000/svg" {} width="9" height="9">{}<circle cx="4" cy="4" r="3"/></svg>'
PIXELS = (
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAGUlEQVR4nAXBsQEAAAjDINZ+7ecRRHLIth43MQWXW3i2cQAAAABJRU5ErkJggg=="
)
"""Four pixels, some of them transparent."""
CASES = {
    "claims": "<p>Text",
    "heads": "<table><thead><tr><th>City<th>Customers<tbody><tr><th scope=row>Cairo<td>3</table>",
    "groups": "<dl><div><dt>Period<dd>2024</div><div><dt>As of<dd>2025</div></dl>",
    "decoration": "<p>Text</p>" + DOT.format("aria-hidden=true", ""),
    "picture": DOT.format("role=img", "<title>A dot</title>"),
    "raster": f'<img alt="A logo" src="data:image/png;base64,{PIXELS}">',
    "marked link": "<style>a::before{content:'';display:inline-block;width:9px;height:9px;background:red}</style><a href='#x'>Cities</a><p id=x>Text",
    "furniture": "<style>@page{@top-left{content:'Customers'}@bottom-right{content:counter(page)}}</style><p>Text<p></p>",
    "decorated list": f"<ul><li style='display:block'>One {DOT.format('aria-hidden=true', '')}<li>Two {DOT.format('', '')}</ul>",
}


def whole(body: str) -> str:
    return f"<html lang=en><title>A report</title><body><h1>Title</h1>{body}"


def failed(content: bytes) -> set[str]:
    return {
        failure.rule_id
        for profile in ("ua1", "3a")
        for failure in page.validate_pdf_bytes(content, profile=profile).failures
    }


@pytest.mark.parametrize("case", CASES)
def test_it_is_pdf_a_and_pdf_ua(case: str) -> None:
    assert failed(to_pdf(whole(CASES[case]))) == set()


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        ("claims", "PDFUA1-ID-PART-001"),
        ("claims", "PDFA3A-METADATA-FILTER-001"),
        ("groups", "PDFUA1-LI-PARENT-001"),
        ("raster", "PDFA3A-IMAGE-INTERPOLATE-001"),
        ("decoration", "PDFUA1-FIGURE-ALTERNATIVE-TEXT-001"),
    ],
)
def test_the_printer_alone_leaves_it_open(case: str, rule: str) -> None:
    """Where this fails the printer has learned it, and the mending can go."""
    content = weasyprint.HTML(string=whole(CASES[case])).write_pdf(pdf_variant="pdf/a-3a")
    assert rule in failed(content)


def objects_of(body: str) -> list[Any]:
    """The objects of a PDF, mended, before they are written."""
    kept: list[Any] = []

    def keep(document: Any, pdf: Any) -> None:
        finish(document, pdf)
        kept.extend(pdf.objects)

    weasyprint.HTML(string=whole(body)).write_pdf(pdf_variant="pdf/a-3a", finisher=keep)
    return kept


def test_heads_of_columns_and_rows_say_so() -> None:
    heads = [
        thing["A"]["Scope"]
        for thing in objects_of(CASES["heads"])
        if isinstance(thing, dict) and thing.get("S") == "/TH"
    ]
    assert heads == ["/Column", "/Column", "/Row"]


def test_decoration_is_out_of_the_tree_and_pictures_are_in_it() -> None:
    for case, count in (("decoration", 0), ("picture", 1)):
        things = [thing for thing in objects_of(CASES[case]) if isinstance(thing, dict)]
        reached = {kid for thing in things if thing.get("Type") == "/StructElem" for kid in thing["K"]}
        figures = [thing for thing in things if thing.get("S") == "/Figure" and thing.reference in reached]
        assert len(figures) == count


def elements_of(body: str) -> list[Any]:
    """What is read aloud, in order."""
    things = {thing.reference: thing for thing in objects_of(body) if isinstance(thing, dict)}

    def walk(element: Any) -> list[Any]:
        return [
            element,
            *(inner for kid in element["K"] if kid in things and "S" in things[kid] for inner in walk(things[kid])),
        ]

    return walk(next(thing for thing in things.values() if thing.get("S") == "/Document"))


def test_a_marked_link_is_one_link_with_both_its_places() -> None:
    links = [element for element in elements_of(CASES["marked link"]) if element["S"] == "/Link"]
    assert len(links) == 1
    assert len([kid for kid in links[0]["K"] if isinstance(kid, bytes)]) == 2
    assert len([kid for kid in links[0]["K"] if isinstance(kid, int)]) == 1


def test_headers_footers_and_empty_parts_are_not_read_aloud() -> None:
    kinds = [element["S"] for element in elements_of(CASES["furniture"])]
    assert kinds.count("/H1") == 1
    assert kinds.count("/P") == 1
    marks = [content for content in inflated(to_pdf(whole(CASES["furniture"]))) if b"BDC" in content.split()]
    assert any(content.split().count(b"/Artifact") >= 2 for content in marks)


def inflated(content: bytes) -> list[bytes]:
    """The streams of a PDF, unpacked."""
    found = []
    for start in re.finditer(rb"stream\n", content):
        with suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(content[start.end() :]))
    return found


def test_attached_files_are_whole_and_bear_the_day(tmp_path: Path) -> None:
    for name in ("facts.json", "segments.xlsx"):
        (tmp_path / name).write_bytes(name.encode() * 100)
    attached = {tmp_path / "facts.json": "Every number", tmp_path / "segments.xlsx": "Every table"}
    content = to_pdf(whole("<p>Text"), attached, "2026-10-01")
    assert failed(content) == set()
    pdf = pypdfium2.PdfDocument(content)
    inside = {file.get_name(): file for file in map(pdf.get_attachment, range(pdf.count_attachments()))}
    assert {name: bytes(file.get_data()) for name, file in inside.items()} == {
        path.name: path.read_bytes() for path in attached
    }
    assert {file.get_str_value("CreationDate") for file in inside.values()} == {"D:20261001000000Z"}
    assert content == to_pdf(whole("<p>Text"), attached, "2026-10-01")
    types = [
        thing.extra["Subtype"]
        for thing in objects_of("<p>Text")
        if hasattr(thing, "extra") and thing.extra.get("Type") == "/EmbeddedFile"
    ]
    assert types == []
