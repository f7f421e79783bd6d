"""What charts show as numbers: the same rows in the same order, and no small group that a table would hide."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from reporter.document.blocks import Beside, Chart, Details, Said, Section, Table
from reporter.document.charts import __all__ as drawn
from reporter.document.charts.figure import Figure
from reporter.document.charts.steps import steps
from reporter.document.compose import numbers
from reporter.document.compose.numbers import with_numbers
from reporter.document.ink import draw
from tests.document import frames as f
from tests.document.gallery import COUPON, MONEY, chart, gallery

SILENT_PICTURES = {
    "score_histogram", "days_to_burn", "score_scatter", "index_panels", "silhouette_blades", "k_distance", "dendrogram",
    "cluster_map", "outlier_map", "waterfall",
}  # fmt: skip
"""Their dots are customers, or a table beside them holds the numbers."""


def numbered(one: Chart, min_group: int = 5) -> Chart:
    section = Section("s", Said(""), "", "", (Details(Said(""), (Beside((one,)),)),))
    (done,) = with_numbers(MONEY, (section,), min_group)
    return done.blocks[0].blocks[0].blocks[0]  # type: ignore[no-any-return, union-attr]


def told(one: Chart) -> list[list[str]]:
    table = numbered(one).numbers
    assert isinstance(table, Table)
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_every_picture_has_numbers_or_a_reason() -> None:
    assert {*numbers._ROWS, "segment_trend"} | SILENT_PICTURES == set(drawn)
    assert not {*numbers._ROWS, "segment_trend"} & SILENT_PICTURES


@pytest.mark.parametrize("one", [one for one in gallery() if one.draw not in SILENT_PICTURES], ids=lambda one: one.id)
def test_steps_lie_on_the_sheet_and_have_their_rows(one: Chart) -> None:
    rows = told(one)
    assert rows
    assert all(all(row) for row in rows)
    noted = re.search(r'data-steps="(x|y) (\S+) (\S+) (\d+)".*?viewBox="0 0 (\S+) (\S+)"', draw(one, MONEY))
    if noted is None:
        assert one.draw in ("cohort_heat", "concentration_curve", "burn_rates", "segment_treemap", "rfm_heat", "correlation_heat", "crosstab_heat", "movement", "segment_courses", "run_lines")  # fmt: skip
        return
    first, last, count = float(noted[2]), float(noted[3]), int(noted[4])
    assert 0 <= first <= last <= float(noted[5 if noted[1] == "x" else 6])
    assert count <= len(rows)


def test_months_are_named_and_part_months_marked() -> None:
    frame = f.monthly(3)
    rows = told(chart("monthly_bars", (frame, "transactions", "Transactions")))
    assert [row[0] for row in rows] == ["January 2023", "February 2023", "March 2023 (incomplete)"]
    assert [row[1] for row in rows] == [str(value) for value in frame["transactions"]]


def test_the_first_rows_are_the_bars_from_the_largest_down() -> None:
    frame = pd.DataFrame({"name": ["b", "a", "c", "d"], "transactions": [5.0, 5.0, 9.0, None]})
    assert [row[0] for row in told(chart("group_bars", (frame, "transactions", "Transactions", 1)))] == ["c", "a", "b"]


def test_a_handful_of_customers_in_a_month_is_told_as_that() -> None:
    monthly = f.monthly(4)
    months = monthly[["month"]].assign(active_customers=[0, 1, 4, 5])
    rows = told(chart("segment_trend", (months, "active_customers", "Active customers", 8, monthly)))
    assert [row[1] for row in rows] == ["0", "under 5", "under 5", "5"]


def test_hidden_cells_stay_hidden() -> None:
    counts = pd.DataFrame([[12.0, float("nan")], [7.0, 30.0]], index=["Loyal", "Lost"], columns=[1, 2])
    rows = told(chart("crosstab_heat", (counts, {"Loyal": 1, "Lost": 2})))
    assert rows == [["Loyal", "12", "–"], ["Lost", "7", "30"]]


def test_every_tenth_of_the_customers_is_a_point_of_the_curve() -> None:
    curve = f.concentration()
    rows = told(chart("concentration_curve", (curve, 0.2, 0.5, "revenue")))
    assert [row[0] for row in rows] == [f"{share}%" for share in range(10, 101, 10)]
    assert {row[1] for row in rows} <= {MONEY.share(value).text for value in curve["value_share"]}


def test_without_money_the_words_are_those_of_coupons() -> None:
    section = Section("s", Said(""), "", "", (chart("segment_bars", (f.segments(), f.PALETTE)),))
    (done,) = with_numbers(COUPON, (section,), 5)
    assert done.blocks[0].numbers.columns[-1].label == "Share of burned coupons"  # type: ignore[union-attr]


def test_nothing_drawn_has_no_numbers() -> None:
    one = chart("monthly_bars", (f.monthly(0 + 1).iloc[:0], "transactions", "Transactions"))
    assert numbered(one).numbers is None
    assert numbered(replace(one, draw="cluster_map")).numbers is None


def test_uneven_places_are_no_steps() -> None:
    axes = Figure(40, 20).add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 10)
    steps(axes, "x", [1, 2, 4])
    assert axes.figure.steps == ""
    steps(axes, "x", [1, 2, 3])
    assert axes.figure.steps
