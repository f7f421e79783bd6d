"""Fragments in a page that is not ours: they look like the report, light and dark, and leave the page around them alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from reporter.analysis.analyse import Analysis
from tests.command import FAST

pytestmark = pytest.mark.browser
OUTSIDE = """
<h2 class="title">Own heading</h2><p class="kicker label">Own paragraph with <b>bold</b> words.</p>
<ul class="bullets stats"><li class="tile">own item</li></ul>
<table><caption>own</caption><thead><tr><th class="name">a</th></tr></thead><tbody><tr><th class="dot s1">b</th><td class="bar" style="--w:.5"><b>1</b></td></tr></tbody></table>
<aside class="callout verdict"><p class="h4">own</p></aside>
"""
JUPYTER = """
.jp-RenderedHTMLCommon { color: rgb(1, 2, 3); font-family: serif; font-size: 14px; line-height: 20px }
.jp-RenderedHTMLCommon table { margin-left: auto; margin-right: auto; font-size: 12px; table-layout: fixed }
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th, .jp-RenderedHTMLCommon tr { text-align: right; padding: 0.5em; max-width: none }
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: rgb(250, 240, 230) }
.jp-RenderedHTMLCommon p { margin: 0 0 1em }
"""
"""What JupyterLab says of HTML in an output, as far as it touches tables and paragraphs."""
STYLES = """() => [...document.querySelectorAll('#outside *')].map(each => ['::before', '::after', null].map(part => {
  const style = getComputedStyle(each, part); return [...style].map(name => name + style.getPropertyValue(name)).join() }).join())"""
SEEN = """() => { const shown = document.querySelector('.reporter-shown'), style = getComputedStyle(shown);
  return { paper: style.backgroundColor, ink: style.color, row: getComputedStyle(shown.querySelector('tbody tr')).backgroundColor,
    name: getComputedStyle(shown.querySelector('tbody th')).textAlign, wide: shown.scrollWidth <= shown.clientWidth,
    dot: getComputedStyle(shown.querySelector('.dot'), '::before').backgroundColor } }"""
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(14, 19, 23)"


@pytest.fixture(scope="module")
def fragment() -> str:
    import reporter

    config, _ = reporter.load_config(overrides=[word for word in FAST if word != "--set"])
    analysis: Analysis = reporter.analyse(reporter.sample(60), config)
    return analysis._repr_html_() + analysis.scorecard._repr_html_() + analysis.segments._repr_html_()


def look(browser: Browser, fragment: str, body: str = "", system: Any = "light") -> tuple[list[str], dict[str, Any]]:
    """Styles of what stands outside, and what the fragment looks like."""
    page = browser.new_page(viewport={"width": 1000, "height": 900}, color_scheme=system)
    page.set_content(
        f"<!DOCTYPE html><html {body}><head><style>{JUPYTER}</style></head><body class='notebook'>"
        f"<div id='outside' class='jp-RenderedHTMLCommon'>{OUTSIDE}</div><div class='jp-RenderedHTMLCommon'>{fragment}</div></body></html>"
    )
    found = page.evaluate(STYLES), page.evaluate(SEEN) if fragment else {}
    page.close()
    return found


def test_the_page_around_it_stays_as_it_was(browser: Browser, fragment: str):
    for system in ("light", "dark"):
        assert look(browser, fragment, system=system)[0] == look(browser, "", system=system)[0]


@pytest.mark.parametrize(
    ("page", "system", "paper"),
    [
        ("", "light", LIGHT),
        ("", "dark", DARK),
        ('data-jp-theme-light="false"', "light", DARK),
        ('data-jp-theme-light="true"', "dark", LIGHT),
        ('class="vscode-dark"', "light", DARK),
        ('class="vscode-light"', "dark", LIGHT),
        ('theme="dark"', "light", DARK),
        ('theme="light"', "dark", LIGHT),
    ],
)
def test_it_is_light_or_dark_as_the_notebook_says(browser: Browser, fragment: str, page: str, system: str, paper: str):
    seen = look(browser, fragment, page, system)[1]
    assert seen["paper"] == paper
    assert seen["ink"] == ("rgb(22, 32, 42)" if paper == LIGHT else "rgb(232, 237, 242)")
    assert seen["row"] == "rgba(0, 0, 0, 0)"  # not the stripes of the notebook
    assert seen["name"] == "start"
    assert seen["dot"] == "rgb(17, 111, 167)"  # the first segment's colour
    assert seen["wide"]
