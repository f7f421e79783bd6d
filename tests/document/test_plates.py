"""Charts on paper: drawn by ourselves, they are what WeasyPrint makes of their SVG, in fewer bytes."""

from __future__ import annotations

import re
from base64 import b64encode
from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2
import pytest

from reporter.document.blocks import Chart
from reporter.document.ink import draw
from reporter.document.pdf import _PICTURE, _apart, _read_sheet, pdf_available
from reporter.document.plates import operators, plate_of
from reporter.document.styles import paper_style
from reporter.document.svg import outlined
from tests.document.gallery import MONEY, gallery

pytestmark = pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
GALLERY = gallery()
KERNED_PT = 5.0
"""So far a letter may move because those before it are kerned."""


def printed(svg: str, *, by_ourselves: bool) -> pypdfium2.PdfDocument:
    """One picture on a page of its own."""
    from weasyprint import CSS, HTML

    own, fonts = _read_sheet(paper_style())
    images: dict[str, Any] = {}
    picture = _PICTURE.fullmatch(svg)
    assert picture is not None
    html = _apart(picture, images, fonts)
    assert len(images) == 1
    if not by_ourselves:
        html = f'<img alt="" src="data:image/svg+xml;base64,{b64encode(outlined(svg).encode()).decode()}">'
        images.clear()
    page = CSS(
        string="@page { size: 190mm 160mm; margin: 5mm; @bottom-right { content: none } @top-left { content: none } }"
    )
    out = BytesIO()
    HTML(string=html).render(fonts, stylesheets=[*own, page], cache=images).write_pdf(out)
    return pypdfium2.PdfDocument(out.getvalue())


def pixels(document: pypdfium2.PdfDocument) -> np.ndarray:
    return np.asarray(document[0].render(scale=2).to_pil().convert("L"), dtype=float)


def letters(document: pypdfium2.PdfDocument) -> list[tuple[str, float, float]]:
    """Every letter, and its place in points from the lower left corner."""
    text = document[0].get_textpage()
    boxes = [(text.get_text_range(at, 1), text.get_charbox(at, loose=True)) for at in range(text.count_chars())]
    return sorted((letter, round(box[1]), box[0]) for letter, box in boxes if letter.strip())


def apart(one: list[tuple[str, float, float]], other: list[tuple[str, float, float]]) -> float:
    """How far the letters of two pages are apart at most; infinitely, where they are not the same."""
    same = [letter for letter, _, _ in one] == [letter for letter, _, _ in other]
    gaps = [max(abs(y - v), abs(x - u)) for (_, y, x), (_, v, u) in zip(one, other, strict=False)]
    return max(gaps) if same else float("inf")


@pytest.mark.parametrize("one", GALLERY, ids=[one.id for one in GALLERY])
def test_it_looks_as_weasyprint_draws_it(one: Chart) -> None:
    svg = draw(one, MONEY)
    paths = re.sub(r"<text[^>]*>[^<]*</text>", "", svg)
    ours, theirs = printed(paths, by_ourselves=True), printed(paths, by_ourselves=False)
    assert len(ours) == len(theirs) == 1
    assert np.abs(pixels(ours) - pixels(theirs)).max() <= 6
    texts = re.sub(r"<path[^>]*/>", "", svg)
    ours, theirs = printed(texts, by_ourselves=True), printed(texts, by_ourselves=False)
    assert not letters(ours) or apart(letters(ours), letters(theirs)) < KERNED_PT


def test_a_missing_line_and_a_moved_text_would_be_seen() -> None:
    svg = draw(GALLERY[0], MONEY)
    whole = printed(svg, by_ourselves=True)
    less = printed(re.sub(r"<path[^>]*/>", "", svg, count=1), by_ourselves=True)
    assert np.abs(pixels(whole) - pixels(less)).max() > 6
    moved = re.sub(r'<text x="([0-9.]+)"', lambda x: f'<text x="{float(x[1]) + 9}"', svg, count=1)
    assert apart(letters(whole), letters(printed(moved, by_ourselves=True))) > KERNED_PT


@pytest.mark.parametrize(
    "foreign",
    [
        '<circle r="3"/>',
        '<path d="M0 0L1 1" fill="none" stroke="#000000" stroke-width="1" transform="scale(2)"/>',
        "<g></g>",
        '<path d="M0 0L1 1" fill="none" style="fill:red"/>',
        '<text x="1" y="1" fill="#000000" transform="skewX(3)">words</text>',
        "words",
    ],
)
def test_what_is_not_ours_is_left_to_weasyprint(foreign: str) -> None:
    svg = draw(GALLERY[0], MONEY)
    assert plate_of(svg, None) is not None
    assert plate_of(svg.replace("</svg>", f"{foreign}</svg>"), None) is None
    assert plate_of(svg.replace("</title>", f"</title>{foreign}"), None) is None


def test_curves_of_one_handle_have_two() -> None:
    assert operators("M0 0Q3 3 6 0z") == "0 0 m 2 2 4 2 6 0 c h"
    assert operators("M0 0C1 2 3 4 5 6H8V9") == "0 0 m 1 2 3 4 5 6 c 8 6 l 8 9 l"
