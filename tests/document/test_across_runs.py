"""The section across runs: absent in a first report, true in every later one, in every language."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import lru_cache

import pytest

from reporter.analysis.analyse import Analysis
from reporter.analysis.past import Point, Size, point_of, series_of
from reporter.analysis.standing import with_past
from reporter.document.blocks import Callout, Chart, Document, Section, Table
from reporter.document.compose import compose
from reporter.document.facts import facts
from reporter.document.ink import ink
from reporter.document.press import Press
from reporter.document.settings import ReportSettings
from reporter.document.words import Words
from tests.document.editions import Shops
from tests.document.test_titles import VERBS
from tests.document.truths import lies

RUN = "2024-07-01-0123abcd"


def placed(analysis: Analysis, *earlier: Point) -> Analysis:
    return with_past(analysis, series_of(analysis.ledger, "", ""), RUN, earlier, None)


def now(analysis: Analysis) -> Point:
    past = placed(analysis).past
    assert past is not None
    return past.points[-1]


def earlier(analysis: Analysis, **changes: object) -> Point:
    """The same shop in an earlier report, with some figures of its own."""
    return replace(now(analysis), run_id="2024-06-01-89abcdef", as_of=date(2024, 6, 1), **changes)  # type: ignore[arg-type]


@lru_cache(maxsize=4)
def told(analysis: Analysis, locale: str = "en") -> Document:
    return compose(analysis, ReportSettings(locale=locale), RUN, "")


def section(analysis: Analysis, locale: str = "en") -> Section:
    (found,) = (each for each in told(analysis, locale).sections if each.id == "across-runs")
    return found


def said(analysis: Analysis) -> str:
    document = told(analysis)
    return " ".join(
        each["text"] for each in facts(analysis, document, RUN)["statements"] if each["section"] == "across-runs"
    )


def test_a_first_report_has_no_such_section(shops: Shops):
    alone = placed(shops.money)
    assert "across-runs" not in [each.id for each in told(alone).sections]
    assert facts(alone, told(alone), RUN)["history"]["runs"][0]["run_id"] == RUN
    assert facts(shops.money, told(shops.money), RUN)["history"] is None


def test_a_point_comes_back_from_the_facts_as_it_was(shops: Shops):
    analysis = placed(shops.money)
    text = json.dumps(facts(analysis, told(analysis), RUN)["history"]["runs"][-1])
    assert point_of(json.loads(text)) == now(shops.money)


@pytest.mark.parametrize("mode", ["money", "coupon"])
def test_titles_are_true_and_have_a_verb(shops: Shops, mode: str):
    analysis = shops.money if mode == "money" else shops.coupon
    for changes in ({"active": 3}, {}, {"active": 10_000}, {"window_days": 30}):
        compared = placed(analysis, earlier(analysis, **changes))
        title = section(compared).title
        assert VERBS & set(title.text.split()), title.text
        assert title.numbers
        document = told(compared)
        mine = replace(document, sections=(section(compared),))
        assert list(lies(mine, facts(compared, document, RUN), compared.customers)) == []


def test_what_the_sentences_say_of_planted_figures(shops: Shops):
    point = now(shops.money)
    first, second = point.segments[0], point.segments[1]
    swapped = (
        Size(first.name, 1, 1.0),
        Size(second.name, second.customers + first.customers - 1, 1.0),
        *point.segments[2:],
    )
    text = said(placed(shops.money, earlier(shops.money, active=point.active * 2, monetary=100.0, segments=swapped)))
    assert f"active customers fell from {point.active * 2:,} to {point.active:,}" in text
    assert "Revenue of the latest" in text
    assert "rose from 100" in text
    assert f"{first.name} grew most" in text or f"{second.name} shrank most" in text
    assert "win back those at risk" in text


def test_rejected_rows_come_before_any_trend(shops: Shops):
    analysis = replace(shops.money)
    text = said(placed(analysis, earlier(analysis, rejected=0, active=1)))
    share = now(analysis).rejected_share
    assert ("mend that first" in text) is (share >= 0.01)


def test_segments_of_another_grid_are_not_compared(shops: Shops):
    compared = placed(shops.money, earlier(shops.money, grid="00000000"))
    found = section(compared)
    assert not [block for block in found.blocks if isinstance(block, Chart)]
    (table,) = (block for block in found.blocks if isinstance(block, Table))
    place = next(i for i, column in enumerate(table.columns) if column.key == "segment_0")
    assert [row.cells[place].text == "–" for row in table.rows] == [True, False]
    assert "by another grid" in said(compared)


def test_the_table_has_a_row_for_each_report_and_tells_the_look_back_where_it_differs(shops: Shops):
    point = now(shops.money)
    points = [
        replace(point, as_of=date(2024, month, 1), window_days=days) for month, days in ((1, 30), (2, 60), (3, 90))
    ]
    (table,) = (block for block in section(placed(shops.money, *points)).blocks if isinstance(block, Table))
    keys = [column.key for column in table.columns]
    assert [row.cells[keys.index("window_days")].value for row in table.rows] == [30, 60, 90, point.window_days]
    (table,) = (
        block for block in section(placed(shops.money, earlier(shops.money))).blocks if isinstance(block, Table)
    )
    assert "window_days" not in [column.key for column in table.columns]
    assert [row.role for row in table.rows] == ["", "subject"]


def test_verdicts_that_differ_are_told(shops: Shops):
    verdict = now(shops.money).verdict
    other = next(each for each in ("real", "weak", "none") if each != verdict)
    assert "the reports differ: 1 of 2 reports says" in said(placed(shops.money, earlier(shops.money, verdict=other)))
    assert "All 2 reports agree" in said(placed(shops.money, earlier(shops.money)))


@pytest.mark.parametrize("locale", ["en", "de", "ar"])
def test_it_is_told_and_drawn_in_every_language(shops: Shops, locale: str):
    point = now(shops.money)
    compared = placed(
        shops.money, earlier(shops.money, active=point.active + 9), replace(point, as_of=date(2024, 6, 15))
    )
    found = section(compared, locale)
    with Press(workers=0) as press:
        drawn = ink(replace(told(compared, locale), sections=(found,)), Words(locale, None, "money"), press)
    (chart,) = (block for block in drawn.sections[0].blocks if isinstance(block, Chart))
    assert chart.svg.startswith("<svg")
    assert chart.numbers is not None
    assert len(chart.numbers.rows) == 3
    assert any(isinstance(block, Callout) for block in found.blocks)
