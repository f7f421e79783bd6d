"""The short way through WeasyPrint's cascade leads to the values that the long way finds, and is taken mostly."""

from __future__ import annotations

from typing import Any

import pytest

from reporter.document import cascade
from reporter.document.html import to_html
from reporter.document.pdf import book_of, pdf_available
from tests.document.sample import sample

pytestmark = pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))
ODD = """
<html lang="en" dir="rtl"><head><style>
:root { --wide: 3px } section { margin-inline-start: 5px; border-block-end: 2px dashed red; text-indent: calc(1px + 10%) }
h2 { text-decoration: underline; inline-size: 40%; page: odd } b { float: left; position: absolute; border: var(--wide) solid }
p::before { content: "x"; line-height: calc(2 * 3px) } @page odd { margin: calc(1cm + 2mm) } i { all: unset; color: inherit; width: inherit }
</style></head><body><section><h2>A <b>b</b></h2><p>c <i>d</i></p><ul><li>e</li></ul></section></body></html>
"""


@pytest.fixture
def short_way(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The short way, while WeasyPrint goes the long one, as it comes."""
    from weasyprint.css import ComputedStyle

    short = ComputedStyle.__missing__
    monkeypatch.setattr(ComputedStyle, "__missing__", short.__wrapped__)
    return short


def styles(page: str) -> dict[str, dict[str, Any]]:
    """All properties of all elements and what stands before and after them, by their place in the page."""
    from weasyprint import HTML
    from weasyprint.css import get_all_computed_styles
    from weasyprint.css.properties import INITIAL_VALUES
    from weasyprint.text.fonts import FontConfiguration

    html = HTML(string=page)
    place = {element: number for number, element in enumerate(html.etree_element.iter())}
    found = get_all_computed_styles(html, font_config=FontConfiguration())
    return {
        f"{place[element]} {element.tag} {pseudo}": {key: repr(style[key]) for key in INITIAL_VALUES}
        for (element, pseudo), style in found._computed_styles.items()
        if element in place
    }


def ours() -> str:
    """The front of a report."""
    book = book_of(to_html(sample()))
    assert book is not None
    return book.gatherings[0][0]


@pytest.mark.parametrize("name", ["ours", "odd"])
def test_values_are_those_of_the_long_way(name: str, short_way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.css import ComputedStyle

    page = ours() if name == "ours" else ODD
    before = styles(page)
    monkeypatch.setattr(ComputedStyle, "__missing__", short_way)
    assert styles(page) == before
    assert len(before) > (100 if name == "ours" else 8)


def test_most_values_are_found_on_the_short_way(short_way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.css import ComputedStyle

    page, asked = ours(), list[str]()
    whole = ComputedStyle.__missing__

    def told(style: Any, key: str) -> Any:
        asked.append(key)
        return whole(style, key)

    def all_asked() -> int:
        asked.clear()
        styles(page)
        return len(asked)

    monkeypatch.setattr(ComputedStyle, "__missing__", told)
    long = all_asked()
    cascade.shorten.cache_clear()
    cascade.shorten()
    assert all_asked() < long / 3


def test_another_version_of_weasyprint_goes_the_long_way(short_way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.css import ComputedStyle, properties

    monkeypatch.delattr(properties, "INITIAL_NOT_COMPUTED")
    whole = ComputedStyle.__missing__
    cascade.shorten.cache_clear()
    cascade.shorten()
    assert ComputedStyle.__missing__ is whole
    assert styles(ODD)
