"""The report in a real browser: anybody can read it, it fits every width, it asks for nothing, and paper and browsers without script lose nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from reporter.document.tokens import read_tokens
from tests.browser.axe import complaints
from tests.browser.window import opened, served

pytestmark = pytest.mark.browser

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"width": 1280, "color_scheme": "light"},
    "dark": {"width": 1280, "color_scheme": "dark"},
    "phone": {"width": 390, "color_scheme": "light", "has_touch": True},
}
WIDTHS = (320, 390, 768, 1280)
SIDEWAYS = """() => [...document.querySelectorAll("body *")]
    .filter(box => box.getBoundingClientRect().right > innerWidth + 1 && !box.closest(".scroll, .contents, .skip, .unseen"))
    .map(box => box.tagName + "." + box.className)"""


def background(page: Page) -> str:
    """The colour of the page as #rrggbb."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(browser: Browser, coupons: Path, look: str) -> None:
    with opened(browser, coupons, **LOOKS[look]) as page:
        assert background(page) == read_tokens()["dark-paper" if look == "dark" else "paper"]
        assert complaints(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_when_all_is_open(browser: Browser, demo: Path, look: str) -> None:
    with opened(browser, demo, **LOOKS[look]) as page:
        page.evaluate(
            "document.querySelectorAll('details:not(.numbers), #growth .numbers').forEach(box => { box.open = true; })"
        )
        page.locator(".fold").first.dispatch_event("click")
        page.locator(".choice input").first.check(force=True)
        assert complaints(page) == []


def test_axe_finds_nothing_when_one_segment_stands_out(browser: Browser, coupons: Path) -> None:
    with opened(browser, coupons, **LOOKS["dark"]) as page:
        page.locator(".segments summary").click()
        page.locator(".segments label").nth(2).click()
        assert page.locator("tr.lit").count() > 1
        assert page.locator("tr.dim").count() > 1
        assert complaints(page) == []


def test_axe_finds_nothing_among_hostile_names(browser: Browser, hostile: Path) -> None:
    with opened(browser, hostile) as page:
        assert complaints(page) == []


def test_axe_sees_what_is_wrong(browser: Browser, coupons: Path) -> None:
    with opened(browser, coupons) as page:
        page.evaluate(
            "document.querySelector('main').insertAdjacentHTML('afterbegin', '<button></button><p style=\"color:#ccc;background:#fff\">pale</p>')"
        )
        assert {(rule, impact) for rule, impact, _ in complaints(page)} == {
            ("button-name", "critical"),
            ("color-contrast", "serious"),
        }


def test_axe_sees_one_pale_cell_among_many(browser: Browser, coupons: Path) -> None:
    """Contrasts are looked at on a text of each kind: a cell that looks like no other is a kind of its own."""
    with opened(browser, coupons) as page:
        cell = page.locator("#table-segments tbody tr:nth-child(4) th").first
        cell.evaluate("each => { each.style.color = '#ccc' }")
        assert [(rule, impact) for rule, impact, _ in complaints(page)] == [("color-contrast", "serious")]


def test_nothing_scrolls_sideways(browser: Browser, report: Path) -> None:
    """One window is opened narrow and made wider: no script of a report looks at a width when it opens."""
    with opened(browser, report, WIDTHS[0]) as page:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(SIDEWAYS) == [], width


def test_a_page_that_is_too_wide_is_seen(browser: Browser, coupons: Path) -> None:
    with opened(browser, coupons, 390) as page:
        page.evaluate(
            "document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"width:900px\">x</p>')"
        )
        assert page.evaluate("document.documentElement.scrollWidth") > 390
        assert page.evaluate(SIDEWAYS) == ["P."]


def test_the_report_is_light(report: Path) -> None:
    """A shop with money, cities, merchants and branches may take a tenth more than the megabyte of a workbook without."""
    assert report.stat().st_size < 1_100_000


def test_the_report_asks_for_nothing(browser: Browser, demo: Path) -> None:
    with served(demo.parent) as site, opened(browser, f"{site.address}/report.html") as page:
        page.locator(".segments summary").click()
        page.keyboard.press("End")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("performance.getEntriesByType('resource').map(each => each.name)") == []
        assert site.asked == ["/report.html"]


def test_a_request_would_be_seen_and_the_policy_stops_it(browser: Browser, coupons: Path, tmp_path: Path) -> None:
    told = coupons.read_text(encoding="utf-8").replace("</main>", '<img src="/beacon.png" alt=""></main>')
    (tmp_path / "guarded.html").write_text(told, encoding="utf-8")
    (tmp_path / "open.html").write_text(
        re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", told), encoding="utf-8"
    )
    with served(tmp_path) as site:
        for name, said in (("guarded", "Content Security Policy"), ("open", "404")):
            with pytest.raises(AssertionError, match=said), opened(browser, f"{site.address}/{name}.html") as page:
                page.evaluate("new Promise(done => setTimeout(done, 500))")  # the page is loaded; what it said arrives
            assert ("/beacon.png" in site.asked) is (name == "open")


def test_paper_shows_everything_whatever_is_chosen_on_the_screen(browser: Browser, demo: Path) -> None:
    with opened(browser, demo) as page:
        shown = "box => [...document.querySelectorAll(box)].filter(each => each.checkVisibility()).length"
        page.emulate_media(media="print")
        before = [page.evaluate(shown, box) for box in ("main > section", "main tr", "main svg")]
        page.emulate_media(media="screen")
        page.locator(".segments summary").click()
        page.locator(".segments label", has_text="At Risk").click()
        page.get_by_label("Filter rows", exact=False).first.fill("zzz")
        page.emulate_media(media="print")
        assert [page.evaluate(shown, box) for box in ("main > section", "main tr", "main svg")] == before
        assert page.evaluate(shown, ".segments, .filter, .fold, .numbers, .states, .rest, .step") == 0
        assert page.evaluate(shown, ".on-paper") > 0
        looks = page.locator("main th > button").evaluate_all(
            "all => all.map(each => getComputedStyle(each).borderStyle)"
        )
        assert set(looks) == {"none"}
        assert page.evaluate("getComputedStyle(document.querySelector('td.bar')).printColorAdjust") == "exact"


def test_without_script_nothing_is_missing(browser: Browser, demo: Path) -> None:
    with opened(browser, demo, java_script_enabled=False) as page:
        for box in ("main > section", "main .table:not(details .table) tr", ".state", "main figure svg"):
            boxes = page.locator(box)
            assert boxes.count() > 0
            assert boxes.locator("visible=true").count() == boxes.count(), box
        assert page.locator("input:visible").count() == 0
