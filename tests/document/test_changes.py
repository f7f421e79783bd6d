"""The chapter on what changed: it says what two runs say, hides small moves, and shrinks where there is nothing to tell."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import reporter
from reporter.analysis.analyse import Analysis
from reporter.analysis.replay import NEWCOMER
from reporter.document.blocks import Chart, Document, Section
from reporter.document.compose import compose
from reporter.document.compose.moves import every_move
from reporter.document.facts import facts, leaves, tables
from reporter.document.playbook import load_playbook

SETTINGS = ["cluster.null_draws=2", "cluster.bootstraps=2", "cluster.k_max=2", "analysis.min_group=10"]
PLANTED = 25
"""Regulars of the shop who stop four months before its end."""


def write_orders(path: Path) -> Path:
    """Regulars, of whom some stop; others who come now and then; and new ones."""
    draw, first, last = random.Random(5), date(2022, 1, 1), date(2023, 12, 31)
    lines = []
    for n in range(60):
        stop = last - timedelta(days=120) if n < PLANTED else last
        day = first + timedelta(days=draw.randrange(20))
        while day <= stop:
            lines.append((f"QXR{n:02}", day, 100 + draw.random()))
            day += timedelta(days=draw.randrange(10, 20))
    for n in range(140):
        lines.append((f"QXS{n:03}", first + timedelta(days=draw.randrange(500)), 20 + draw.random()))
        more = [first + timedelta(days=draw.randrange(730)) for _ in range(draw.randrange(4))]
        lines += [(f"QXS{n:03}", day, 20 + draw.random()) for day in more]
    lines += [(f"QXN{n:02}", last - timedelta(days=draw.randrange(60)), 10 + draw.random()) for n in range(12)]
    lines.append(("QXS000", last, 20.0))
    text = "\n".join(f"{number},{who},{day},{amount:.2f}" for number, (who, day, amount) in enumerate(lines))
    path.write_text(f"order_id,customer_id,order_date,amount\n{text}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    source = write_orders(tmp_path_factory.mktemp("orders") / "orders.csv")
    return reporter.analyse(source, reporter.load_config(None, SETTINGS)[0])


def composed(analysis: Analysis, *settings: str) -> Document:
    config, _ = reporter.load_config(None, [*SETTINGS, *settings])
    return compose(analysis, config.report, "run", "Run run")


def chapter(document: Document) -> dict[str, Section]:
    return {section.id: section for section in document.sections if section.kicker == "What changed"}


def test_the_planted_slide_is_the_title_with_its_money(analysis: Analysis) -> None:
    """Most of those who stopped were Champions or Loyal; the title names their worst slide, with what they brought before."""
    assert analysis.replay is not None
    movers = analysis.replay.movers
    planted = movers[movers["customer_id"].isin([f"QXR{n:02}" for n in range(PLANTED)])]
    assert len(planted) >= 5
    assert "Champions" not in set(planted["to_segment"])
    title = chapter(composed(analysis))["changes"].title
    numbers = {number.name: number.value for number in title.numbers}
    flow = (
        planted.groupby(["from_segment", "to_segment"], observed=True)["value"]
        .agg(["size", "sum"])
        .sort_values("sum")
        .iloc[-1]
    )
    assert "slipped from" in title.text
    assert "of last year’s revenue" in title.text
    assert numbers["moved"] >= flow["size"]
    assert numbers["at_stake"] >= flow["sum"] - 0.01


def test_what_follows_names_the_list(analysis: Analysis) -> None:
    assert "audiences/movers.csv" in str(chapter(composed(analysis))["changes"].blocks[-1])


def test_the_matrix_is_in_figures_and_picture_alike(analysis: Analysis) -> None:
    found = chapter(composed(analysis, "report.min_group=1"))
    made = {block.id: block for section in found.values() for block in tables(section.blocks)}
    matrix = made["movement-quarter"]
    total = sum(cell.value or 0 for row in matrix.rows for cell in row.cells[1:])
    assert total == len(analysis.customers)
    (picture,) = (b for b in leaves(found["changes"].blocks) if isinstance(b, Chart))
    assert picture.numbers is not None
    assert sum(row.cells[2].value for row in picture.numbers.rows) == total


def test_no_move_of_few_customers_is_told_anywhere(analysis: Analysis) -> None:
    """Pages, tables, pictures and facts: 1 to 4 customers stand nowhere as a move, nor can a hidden cell be had from its row or column."""
    document, least = composed(analysis), 5
    for section in chapter(document).values():
        for block in tables(section.blocks):
            if block.id.startswith("movement-") and block.id != "movement-periods":
                values = [cell.value for row in block.rows for cell in row.cells[1:]]
                exact = [value for value in values if not isinstance(value, str)]
                assert all(value is None or value == 0 or value >= least for value in exact)
                assert any(value is None for value in values)
            if block.id == "moves":
                assert all(row.cells[2].value >= least for row in block.rows)
    told = facts(analysis, document, "run", least)["replay"]
    assert all(flow["customers"] >= least for each in told["dates"] for flow in each["matrix"])
    playbook = load_playbook()
    for moves in every_move(analysis, playbook, least):
        gaps = moves.matrix.isna()
        for flow in moves.movement.flows.itertuples():
            if flow.customers < least:
                assert gaps.loc[flow.from_segment].sum() >= 2
                assert gaps[flow.to_segment].sum() >= 2
        bounds = moves.drawn[moves.drawn["at_least"]]
        counts = moves.movement.flows.set_index(["from_segment", "to_segment"])["customers"]
        for row in bounds.itertuples():
            assert row.customers % least == 0
            assert least <= counts[row.from_segment, row.to_segment] - row.customers < 2 * least


def test_what_is_hidden_with_a_small_move_is_still_told_as_at_least(analysis: Analysis) -> None:
    """In the matrix, in the picture and its numbers, and among the facts: the same lower bounds."""
    document, least = composed(analysis), 5
    told = facts(analysis, document, "run", least)["replay"]["dates"][0]["at_least"]
    due = {(each["from"], each["to"]): f"{each['customers']:,}+" for each in told}
    assert due
    found = chapter(document)
    made = {block.id: block for section in found.values() for block in tables(section.blocks)}
    matrix = made["movement-quarter"]
    ends = [column.label for column in matrix.columns[1:]]
    shown = {
        (row.cells[0].text, end): cell.text
        for row in matrix.rows
        for end, cell in zip(ends, row.cells[1:], strict=True)
        if cell.text.endswith("+")
    }
    (picture,) = (block for block in leaves(found["changes"].blocks) if isinstance(block, Chart))
    assert picture.numbers is not None
    listed = {(row.cells[0].text, row.cells[1].text): row.cells[2].text for row in picture.numbers.rows}
    assert shown == {way: text for way, text in listed.items() if text.endswith("+")} == due


def test_facts_set_every_segment_beside_what_it_was(analysis: Analysis) -> None:
    told = facts(analysis, composed(analysis), "run")["replay"]
    assert told["since"] == "2023-10-01"
    sizes = analysis.scorecard.frame["segment"].value_counts()
    assert {each["name"]: each["customers"] for each in told["segments"]} == {
        n: sizes.get(n, 0) for n in analysis.scorecard.grid.order
    }
    known = sum(each["customers_before"] for each in told["segments"])
    assert known == told["dates"][0]["customers"] == len(analysis.customers) - 12
    assert {each["period"] for each in told["dates"]} == {"quarter", "month", "year"}
    assert json.loads(json.dumps(told)) == told


def test_the_numbers_of_a_summary_finding_are_those_of_the_chapter(analysis: Analysis) -> None:
    document = composed(analysis)
    title = chapter(document)["changes"].title
    (summary,) = (section for section in document.sections if section.id == "summary")
    assert title.text in str(summary.blocks)


def test_up_and_down_follow_the_roles(analysis: Analysis) -> None:
    moves, *_ = every_move(analysis, load_playbook(), 1)
    named = {(row.from_segment, row.to_segment): row.direction for row in moves.shown.itertuples()}
    for (start, end), direction in named.items():
        if NEWCOMER in (start, end) or start == end:
            assert direction == 0
        elif start == "Champions":
            assert direction == -1
        elif end == "Champions":
            assert direction == 1
        elif {start, end} == {"At Risk", "Cannot Lose Them"}:
            assert direction == 0


def test_without_history_the_chapter_is_one_line(analysis: Analysis) -> None:
    short = chapter(composed(replace(analysis, replay=None)))
    assert list(short) == ["changes"]
    assert "cannot be told yet" in short["changes"].title.text
    assert len(short["changes"].blocks) == 1


def test_where_nobody_moved_the_chapter_is_one_line(analysis: Analysis) -> None:
    assert analysis.replay is not None
    first = analysis.replay.movements[0]
    flows = first.flows[first.flows["from_segment"] == first.flows["to_segment"]].reset_index(drop=True)
    still = replace(analysis, replay=replace(analysis.replay, movements=(replace(first, flows=flows),)))
    found = chapter(composed(still, "report.min_group=1"))
    assert list(found) == ["changes"]
    assert "No move between segments" in found["changes"].title.text


def test_who_asks_for_no_comparison_gets_no_chapter(analysis: Analysis) -> None:
    quiet = replace(analysis.settings, replay=replace(analysis.settings.replay, periods=()))
    assert chapter(composed(replace(analysis, settings=quiet, replay=None))) == {}


def test_movers_are_listed_by_name_and_only_there(tmp_path: Path) -> None:
    source = write_orders(tmp_path / "orders.csv")
    config, _ = reporter.load_config(None, [*SETTINGS, "output.pdf=false"])
    outputs = reporter.run(source, config, output=tmp_path / "out")
    with outputs.paths["audiences/movers.csv"].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["customer_id", "from_segment", "to_segment", "since", "value_at_stake"]
    values = [float(row["value_at_stake"]) for row in rows]
    assert values == sorted(values, reverse=True)
    assert {row["since"] for row in rows} == {"2023-10-01"}
    path = outputs.paths["audiences/audiences.xlsx"]
    book = pd.read_excel(path, sheet_name="movers", dtype={"customer_id": str}, engine="openpyxl")
    assert book["customer_id"].tolist() == [row["customer_id"] for row in rows]
    assert book["value_at_stake"].tolist() == pytest.approx(values)
    today = pd.read_csv(outputs.paths["customers.csv"]).set_index("customer_id")["segment"]
    assert all(today[row["customer_id"]] == row["to_segment"] != row["from_segment"] for row in rows)
    page = outputs.paths["report.html"].read_text(encoding="utf-8")
    assert not any(row["customer_id"] in page for row in rows)


def test_a_segment_of_the_lists_name_does_not_take_its_file() -> None:
    from reporter.document.audiences import MOVERS, slugs

    assert slugs(["Movers"])["Movers"] != MOVERS


def test_periods_must_be_known() -> None:
    with pytest.raises(reporter.ReporterError, match=r"month, quarter, year"):
        reporter.load_config(None, ['replay.periods=["week"]'])


def test_the_course_ends_where_the_segments_are(analysis: Analysis) -> None:
    assert analysis.replay is not None
    last = analysis.replay.trend[analysis.replay.trend["day"] == analysis.replay.trend["day"].max()]
    sizes = {segment.name: segment.customers for segment in analysis.segments}
    assert {row.segment: row.customers for row in last.itertuples() if row.customers} == sizes
    worth = last.set_index("segment")["monetary"]
    assert np.allclose([worth[s.name] for s in analysis.segments], [s.monetary for s in analysis.segments])
