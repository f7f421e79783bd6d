"""The pen: valid, small, safe and repeatable SVG."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reporter.document.blocks import Chart
from reporter.document.charts import marks
from reporter.document.charts.figure import Figure
from reporter.document.ink import draw
from reporter.document.svg import to_svg
from reporter.document.tokens import read_tokens
from tests.document.gallery import MONEY, gallery

GALLERY = gallery()
IDS = [c.id for c in GALLERY]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("one", GALLERY, ids=IDS)
def test_clean(one: Chart) -> None:
    text = draw(one, MONEY)
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == one.alt
    assert (root.get("width"), root.get("height")) == (
        f"{ {'full': 174, 'half': 85, 'third': 55, 'wide': 115}[one.size]}mm", f"{one.height_mm:g}mm",
    )  # fmt: skip
    assert {node.tag for node in root.iter()} <= {f"{SVG}{tag}" for tag in ("svg", "title", "path", "text")}
    assert not re.search(r"style=|<!DOCTYPE|<\?xml|clip-path|url\(|href|<use|<defs|var\(|currentColor|nan|inf ", text)
    assert all(len(number.partition(".")[2]) <= 2 for number in re.findall(r"\d+\.\d+", text.partition("</title>")[2]))
    ids = re.findall(r' id="([^"]+)"', text)
    assert ids == [f"chart-{one.id}-alt"]


@pytest.mark.parametrize("one", GALLERY, ids=IDS)
def test_colours_come_from_the_tokens(one: Chart) -> None:
    """Literal token colours, so that a page can re-ink them; only tints and diverging steps are mixed."""
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', draw(one, MONEY)))
    mixed = {"monthly_bars": 1, "score_histogram": 1, "days_to_burn": 1, "correlation_heat": 4}.get(one.draw, 0)
    assert len(used - set(read_tokens().values())) <= mixed


def test_same_bytes_in_other_processes() -> None:
    root = Path(__file__).parents[2]
    code = (
        "import hashlib; from tests.document.gallery import *; from reporter.document.ink import draw;"
        "print(hashlib.sha256(''.join(draw(c, MONEY) for c in gallery()).encode()).hexdigest())"
    )
    digests = []
    for seed, zone in (("0", "UTC"), ("4711", "Asia/Tokyo")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(root)}
        digests.append(
            subprocess.run(
                [sys.executable, "-c", code], env=environment, cwd=root, capture_output=True, check=True
            ).stdout
        )
    assert digests[0] == digests[1]
    assert len(digests[0].strip()) == 64


def test_marks_of_one_style_are_one_path() -> None:
    figure = Figure(2 * 25.4, 25.4)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 2)
    marks.line(axes, [0, 1], [0.5, 0.5], "#123456")
    marks.line(axes, [1, 2], [0.25, 0.25], "#123456")
    marks.dots(axes, [0.5, 1.5], [0.5, 0.5], "#654321", size=4)
    text = to_svg(figure, "x", "a < b\x00")
    assert text.count("<path") == 2
    assert 'd="M0 36H72M72 54H144"' in text
    assert 'd="M36 36h0M108 36h0" fill="none" stroke="#654321" stroke-width="4" stroke-linecap="round"' in text
    assert '<title id="x-alt">a &lt; b</title>' in text


def test_tokens() -> None:
    assert read_tokens("/* --no: 1; */ :root { --ink: #111111;\n --x : 2mm ; } @media x { :root { --ink: #eee; } }") == {
        "ink": "#111111", "x": "2mm",
    }  # fmt: skip
    assert re.fullmatch("#[0-9a-f]{6}", read_tokens()["segment-12"])


def test_weasyprint_draws_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    weasyprint.HTML(string="".join(draw(one, MONEY) for one in GALLERY[:12])).write_pdf()
    assert [record.message for record in caplog.records if "font" not in record.name] == []
