"""The page of the mail in a real browser, as wide as a mail program shows it: it fits, its picture is seen, and it asks for nothing."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from reporter.document.letter import MOST_BYTES, letter_of
from reporter.document.tokens import read_tokens
from tests.browser.axe import complaints
from tests.browser.test_report import SIDEWAYS, background
from tests.browser.window import opened

pytestmark = pytest.mark.browser

NOT_OF_A_MAIL = {"landmark-one-main", "region", "page-has-heading-one"}
"""What axe asks of a site: a mail is shown inside one."""


@pytest.fixture(scope="module", params=["demo", "coupons", "german", "arabic"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with its pictures inside, as a mail program puts them there; one rule has fired."""
    facts = json.loads((request.getfixturevalue(request.param).parent / "facts.json").read_text(encoding="utf-8"))
    facts["alarms"] = [
        {"fired": True, "rule": "rejected rows exceed 1 %", "value": 0.014, "unit": "share", "measure": "rejected rows"}
    ]
    letter = letter_of(facts, "full", ("report.pdf", "segments.xlsx"))
    assert len(letter.html.encode()) < MOST_BYTES
    html = letter.html
    for picture in letter.pictures:
        html = html.replace(f"cid:{picture.name}", f"data:image/png;base64,{b64encode(picture.content).decode()}")
    path = tmp_path_factory.mktemp("mail") / "mail.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_can_be_read_by_anybody(browser: Browser, page: Path, scheme: str) -> None:
    with opened(browser, page, 600, color_scheme=scheme) as window:
        asked: list[str] = []
        window.on("request", lambda request: asked.append(request.url))
        for width in (600, 390):
            window.set_viewport_size({"width": width, "height": 900})
            window.reload()
            assert window.evaluate(SIDEWAYS) == [], width
            assert window.evaluate("document.documentElement.scrollWidth") <= width
            assert window.evaluate(
                "[...document.images].every(each => each.naturalWidth === 1104 && each.alt.length > 20)"
            )
            assert window.evaluate("document.images.length") == 1
            assert background(window) == read_tokens()["dark-tint" if scheme == "dark" else "tint"]
            assert [found for found in complaints(window) if found[0] not in NOT_OF_A_MAIL] == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_it_is_written_from_right_to_left_in_arabic(browser: Browser, arabic: Path, tmp_path: Path) -> None:
    facts = json.loads((arabic.parent / "facts.json").read_text(encoding="utf-8"))
    path = tmp_path / "mail.html"
    path.write_text(re.sub("<img[^>]*>", "", letter_of(facts, "brief", ()).html), encoding="utf-8")
    with opened(browser, path, 600) as window:
        place = window.locator("h1").bounding_box()
        assert window.evaluate("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
        assert place is not None
        tiles = [box["x"] for box in (each.bounding_box() for each in window.locator(".tile").all()) if box]
        assert tiles == sorted(tiles, reverse=True), "the first figure stands on the right"
