"""Chapters in an order of one's own, and what else a user may say about the report: all of it counts, none of it loses a row."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import reporter
from reporter.config import load_config
from reporter.document import ink
from reporter.document.blocks import Section
from reporter.document.compose import compose
from reporter.document.facts import facts as facts_of
from reporter.document.facts import tables
from reporter.document.html import to_html
from reporter.document.ink import charts_of
from reporter.document.settings import SECTIONS, ReportSettings
from reporter.document.workbook import tables_of
from reporter.errors import UsageError
from reporter.provenance import run_id_of
from tests.document.editions import Shops, composed_once, fast, inked, texts


def test_chapters_come_in_the_order_that_is_asked_for(shops: Shops) -> None:
    backwards = composed_once(shops.money, sections=tuple(reversed(SECTIONS)))
    usual = composed_once(shops.money)
    assert {section.id for section in backwards.sections} == {section.id for section in usual.sections}
    kickers = list(dict.fromkeys(section.kicker for section in backwards.sections if section.level == 1))
    assert kickers[0] == "Data quality and method"
    assert kickers[-1] == "Summary"
    titles = facts_of(shops.money, backwards, "x")["titles"]
    assert titles == [section.title.text for section in backwards.sections]
    assert sorted(titles) == sorted(facts_of(shops.money, usual, "x")["titles"])


@pytest.mark.parametrize("settings", [{}, {"locale": "de"}, {"paper": "letter"}, {"sections": ("groups", "summary")}])
def test_every_picture_of_the_pages_is_told_of_while_they_are_written(settings: dict[str, Any], shops: Shops) -> None:
    """So that all are drawn ahead, none twice, and none in vain."""
    told: list[tuple[Section, ...]] = []
    report = ReportSettings(**settings)
    written = compose(shops.money, report, "2024-07-01-0123abcd", "Run x", written=told.append)
    begun = [chart for sections in told for section in sections for chart in charts_of(section)]
    shown = {chart.id: chart for section in written.sections for chart in charts_of(section)}
    assert len(begun) == len(shown) > 5
    assert all(ink._is_same(chart, shown[chart.id]) for chart in begun)
    del told[:]
    compose(shops.money, replace(report, edition="brief"), "2024-07-01-0123abcd", "Run x", written=told.append)
    assert told == []


def test_what_is_left_out_stays_in_facts_and_workbook_and_the_rows_are_told_in_short(shops: Shops) -> None:
    document = composed_once(shops.money, sections=("campaign", "summary"))
    assert [section.id for section in document.sections] == ["campaign", "certainty", "summary", "account"]
    account = document.sections[-1]
    assert "rows of transactions" in account.title.text
    assert re.search(r"rows of 6 tables were read: .* 3 rejected", texts(account))
    (table,) = tables(account.blocks)
    assert [row.cells[0].text for row in table.rows][-1] == "All tables"
    assert sorted(each.id for each in tables_of(document)) == sorted(
        each.id for each in tables_of(composed_once(shops.money))
    )
    told, usual = (facts_of(shops.money, each, "x") for each in (document, composed_once(shops.money)))
    assert told["report_tables"].items() >= usual["report_tables"].items()
    assert len(told["titles"]) == 4


def test_with_the_chapter_on_quality_there_is_no_second_account(shops: Shops) -> None:
    document = composed_once(shops.money, sections=("quality", "summary"))
    assert document.sections[0].id == "quality"
    assert "account" not in [section.id for section in document.sections]


def test_contents_and_bookmarks_follow_the_order(shops: Shops) -> None:
    page = to_html(inked(shops.money, sections=("quality", "campaign", "summary")))
    order = re.findall(r'<div class="entry">\s*<a href="#([a-z-]+)"', page)
    assert order == ["quality", "campaign", "summary"]
    assert re.findall(r'<h2 class="title" id="([a-z-]+)-title"', page) == order


# --- Settings ----------------------------------------------------------------------------------------------------------


def test_another_edition_paper_or_order_is_another_run(shops: Shops) -> None:
    said = [
        "report.edition=brief",
        "report.paper=letter",
        "report.sections=quality,summary",
        "report.accent_colour=#0b5a3c",
    ]
    runs = [run_id_of(shops.money.ledger, load_config(overrides=[each])[0]) for each in said]
    assert len({*runs, run_id_of(shops.money.ledger, load_config()[0])}) == len(said) + 1


def test_an_impossible_order_from_python_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    config = replace(reporter.Config(), report=ReportSettings(sections=("summary", "custmers")))
    with pytest.raises(UsageError, match=r"There is no chapter “custmers”\. Did you mean customers\?"):
        reporter.run(tmp_path / "nothing.xlsx", config, output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("edition", ["full", "brief"])
def test_own_block_templates_and_playbook_work_in_both_editions(shops: Shops, edition: str, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    (folder / "blocks").mkdir(parents=True)
    (folder / "blocks" / "_callout.html").write_text("<p class='own'>OWN {{ block.title }}</p>", encoding="utf-8")
    playbook = tmp_path / "own.toml"
    texts = "\n".join(f'{key} = "Zq-{key} at once. Then wait."' for key in ("who", "goal", "action", "coupon", "avoid"))
    playbook.write_text(f'["Champions"]\nrole = "keep"\n{texts}\n[otherwise]\nrole = ""\n{texts}\n', encoding="utf-8")
    said = [
        f"report.edition={edition}",
        f"report.templates={folder}",
        f"report.playbook={playbook}",
        "output.pdf=false",
    ]
    outputs = reporter.run(shops.folder / "shop.xlsx", fast(*said), output=tmp_path / "out")
    page = outputs.paths["report.html"].read_text(encoding="utf-8")
    assert page.count("<p class='own'>OWN") >= 2
    assert "<aside" not in page
    assert "Zq-action at once. Then wait." in page
    lists = [
        path
        for name, path in outputs.paths.items()
        if name.startswith("audiences/") and path.suffix == ".csv" and path.name != "movers.csv"
    ]
    assert all("Zq-action" in path.read_text(encoding="utf-8") for path in lists)
    if edition == "brief":
        assert all(path.name in page for path in lists)
