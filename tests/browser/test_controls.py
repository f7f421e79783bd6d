"""Everything that the report lets a reader do, done from the keyboard, with what a screen reader is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from reporter.document.narrate.glossary import TERMS
from tests.browser.window import opened

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, demo: Path) -> Iterator[Page]:
    """The demo's report in a window of its own."""
    with opened(browser, demo) as window:
        yield window


@pytest.fixture(scope="session")
def facts(demo: Path) -> dict[str, Any]:
    """The numbers of the demo's report."""
    return json.loads((demo.parent / "facts.json").read_text(encoding="utf-8"))


def names(page: Page, table: str) -> list[str]:
    """Row heads that can be seen, totals not counted."""
    return page.locator(f"{table} tbody:not(.totals) th:visible").all_text_contents()


def test_tables_are_sorted_from_the_keyboard(page: Page, facts: dict[str, Any]) -> None:
    table, head = "#table-segments", page.locator("#table-segments thead th")
    order = [s["name"] for s in sorted(facts["segments"], key=lambda s: -s["monetary"])]
    column = head.all_text_contents().index("Revenue")
    head.nth(column).get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert names(page, table) == order
    expect(head.nth(column)).to_have_attribute("aria-sort", "descending")
    page.keyboard.press("Space")
    assert names(page, table) == order[::-1]
    expect(head.nth(column)).to_have_attribute("aria-sort", "ascending")
    head.first.get_by_role("button").press("Enter")
    assert names(page, table) == sorted(order)
    assert page.locator(f"{table} [aria-sort]").count() == 1
    assert page.locator(f"{table} .totals th").text_content() == "All customers"


def test_rows_are_filtered_from_the_keyboard(page: Page) -> None:
    table, field = "#table-segments", page.locator("#table-segments").get_by_role("searchbox")
    expect(field).to_have_accessible_name("Filter rows: 11 segments by size, value and habit")
    field.focus()
    page.keyboard.type("LO")
    assert names(page, table) == [name for name in names(page, table) if "lo" in name.lower()] != []
    live = page.locator(f"{table} output")
    expect(live).to_have_text(f"{len(names(page, table))} of 11 rows")
    expect(live).to_have_attribute("aria-live", "polite")
    expect(page.locator(f"{table} .totals")).to_be_visible()
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    expect(live).to_be_empty()
    assert len(names(page, table)) == 11


def test_rows_left_to_the_workbook_unfold_and_are_filtered_too(page: Page, facts: dict[str, Any]) -> None:
    table, every = "#table-by-branch", [row[0] for row in facts["report_tables"]["by-branch"]["rows"]]
    folded = names(page, table)
    assert len(folded) < len(every)
    button = page.locator(f"{table} .fold")
    expect(button).to_have_text(f"Show all {len(every)} rows")
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    assert names(page, table) == every
    button.press("Enter")
    assert names(page, table) == folded
    page.locator(table).get_by_role("searchbox").fill(every[-1])
    assert every[-1] in names(page, table)
    expect(button).to_be_hidden()


def test_only_long_tables_have_a_filter(page: Page) -> None:
    for box in page.locator("main .table:not(details .table)").all():
        rows = box.locator("table > tbody:not(.totals)").first.locator("> tr").count()
        assert box.get_by_role("searchbox").count() == (rows >= 8)


def test_a_segment_stands_out_from_the_keyboard(page: Page) -> None:
    summary = page.locator(".segments summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Champions")).to_be_checked()
    expect(summary).to_have_text("Segment Champions")
    lit = page.locator("tr.lit")
    assert set(lit.locator("th").all_text_contents()) == {"Champions"}
    assert lit.count() == page.locator("[aria-current=true]").count() > 2
    expect(page.locator(".segments [role=status]")).to_contain_text(f"Champions: {lit.count()} rows and ")
    expect(page.locator("#segment-champions")).to_be_visible()
    assert page.locator("main > [id^=segment-]:visible").count() == 1
    assert page.locator(".totals tr.dim, .totals tr.off").count() == 0
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="All segments")).to_be_checked()
    assert page.locator("main > [id^=segment-]:visible").count() == 11
    assert page.locator(".lit, .dim, .off:not(.rest), [aria-current=true]").count() == 0
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    expect(page.locator(".segments fieldset")).to_be_hidden()


def test_other_segments_step_back_in_their_charts_and_clusters_stay(page: Page) -> None:
    page.locator(".segments summary").click()
    page.get_by_role("radio", name="Lost").check(force=True)
    treemap = page.locator("#chart-segment-treemap svg")
    assert treemap.locator("path.dim").count() == 10
    own = treemap.locator("path:not(.dim)").get_attribute("fill")
    assert own == page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--segment-11')")
    assert "Lost" in treemap.locator("text:not(.dim)").all_text_contents()
    assert treemap.locator("text.dim", has_text="Lost").count() == 0
    assert page.locator("#chart-snake .dim, #chart-cluster-map .dim, #table-clusters .dim").count() == 0


def test_a_link_to_a_page_that_is_away_brings_it_back(page: Page) -> None:
    page.locator(".segments summary").click()
    page.get_by_role("radio", name="Champions").check(force=True)
    page.evaluate("location.hash = '#segment-lost'")
    expect(page.locator("#segment-lost")).to_be_in_viewport()
    expect(page.get_by_role("radio", name="All segments")).to_be_checked()


def test_every_k_tells_its_own_numbers(page: Page, facts: dict[str, Any]) -> None:
    chosen = facts["clustering"]["chosen"]["k"]
    tried = {each["k"]: each for each in facts["clustering"]["candidates"] if each["method"] == "kmeans"}
    choice = page.get_by_role("group", name="Number of groups").get_by_role("radio")
    assert choice.count() == len(tried) == 9
    mark = page.locator(".choice label:has(:checked)")
    expect(mark).to_have_text(f"{chosen} chosen")
    choice.nth(list(tried).index(chosen)).focus()
    page.keyboard.press("Home")
    for _ in range(len(tried)):
        page.keyboard.press("ArrowRight")
        k = int(mark.locator("span").inner_text().split()[0])
        state = page.locator(".state:visible")
        assert state.count() == 1
        assert state.locator(".sizes li").count() == k
        values = dict(zip(state.locator(".tile .label").all_text_contents(), state.locator(".value").all_text_contents(), strict=True))  # fmt: skip
        assert values["Silhouette"] == f"{tried[k]['silhouette']:.2f}"
        assert values["Davies-Bouldin"] == f"{tried[k]['davies_bouldin']:.2f}"
        assert values["Calinski-Harabasz"] == f"{int(tried[k]['calinski_harabasz']):,}"
        assert values["Stability"] == f"{tried[k]['stability']:.2f}"
        expect(page.locator(".states [role=status]")).to_contain_text(f"Number of groups: {k}.")


def test_a_chart_tells_its_values_to_the_arrow_keys(page: Page, facts: dict[str, Any]) -> None:
    rows = facts["chart_tables"]["monthly-transactions"]["rows"]
    slider = page.locator("#chart-monthly-transactions").get_by_role("slider")
    expect(slider).to_have_accessible_name("Values of: " + page.locator("#chart-monthly-transactions .h4").inner_text())
    slider.focus()
    for key, row in (("End", rows[-1]), ("ArrowLeft", rows[-2]), ("Home", rows[0]), ("ArrowRight", rows[1])):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", f"{row[0]}: Transactions: {row[1]}")
        expect(page.locator(".tip")).to_have_text(f"{row[0]}Transactions: {row[1]}")
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()


def test_the_pointer_finds_the_bar_under_it(page: Page, facts: dict[str, Any]) -> None:
    rows = facts["chart_tables"]["summary-segments"]["rows"]
    picture = page.locator("#chart-summary-segments svg")
    picture.scroll_into_view_if_needed()
    places = picture.get_attribute("data-steps").split()
    box, height = picture.bounding_box(), float(picture.get_attribute("viewBox").split()[3])
    for step in (0, 4, len(rows) - 1):
        at = float(places[1]) + (float(places[2]) - float(places[1])) * step / (int(places[3]) - 1)
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + at / height * box["height"])
        expect(page.locator(".tip strong")).to_have_text(rows[step][0])
    page.mouse.move(5, 5)
    expect(page.locator(".tip")).to_be_hidden()


def test_every_chart_with_steps_has_as_many_rows(page: Page) -> None:
    charts = page.locator("figure:has(svg[data-steps])")
    assert charts.count() > 20
    for chart in charts.all():
        steps = int(chart.locator("svg").get_attribute("data-steps").split()[3])
        assert steps <= chart.locator(".numbers tbody tr").count()
        assert chart.get_by_role("slider").get_attribute("aria-valuemax") == str(steps)


def test_terms_are_explained_in_the_words_of_the_definitions(page: Page) -> None:
    meanings = {term: meaning for term, _, meaning in TERMS}
    for button, term in (
        (page.locator("#verdict .term", has_text="silhouette").first, "Silhouette"),
        (page.locator("#table-candidates thead button", has_text="Davies-Bouldin"), "Davies-Bouldin index"),
    ):
        button.focus()
        expect(page.locator(".tip")).to_have_text(term + meanings[term])
        expect(button).to_have_accessible_description(f"{term}: {meanings[term]}")
        page.keyboard.press("Escape")
        expect(page.locator(".tip")).to_be_hidden()
        expect(button).to_be_focused()
    page.locator("#verdict .term", has_text="silhouette").first.press("Enter")
    expect(page.locator(".tip")).to_be_visible()
    explained = page.locator("span.term").all_text_contents()
    assert {"recency", "frequency"} <= {each.lower() for each in explained}


def test_the_keyboard_skips_to_the_report_and_sees_where_it_is(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the report")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_contents_say_where_the_reader_is(page: Page) -> None:
    page.locator(".contents a", has_text="Natural groups").click()
    expect(page.locator(".contents [aria-current=location]")).to_have_text("Natural groups")


def test_fingers_find_the_controls(browser: Browser, demo: Path) -> None:
    with opened(browser, demo, 390, has_touch=True) as page:
        page.locator(".segments summary").tap()
        small = page.evaluate(
            """() => [...document.querySelectorAll(".segments label, .segments summary, .choice label, .filter input, .fold, .numbers > summary")]
            .filter(box => box.checkVisibility()).map(box => box.getBoundingClientRect()).filter(box => box.height < 40 || box.width < 32).length"""
        )
        assert small == 0
        page.locator(".segments label", has_text="Loyal").last.tap()
        expect(page.locator(".segments fieldset")).to_be_hidden()


def test_those_who_want_no_motion_get_none(browser: Browser, hostile: Path) -> None:
    for wish, behaviour in (("reduce", "auto"), ("no-preference", "smooth")):
        with opened(browser, hostile, reduced_motion=wish) as page:
            assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behaviour
