"""Small groups: none can be read, and none can be had by taking what is shown from a total."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import reporter
from reporter.analysis.explore import Breakdown, GroupTest
from reporter.document.compose.small import cohort_sizes, hidden_cells, hidden_line, lower_bounds, merged, visible
from reporter.document.facts import facts
from reporter.document.html import to_html
from reporter.document.workbook import to_workbook
from tests.document.editions import fast, inked
from tests.document.tongues import written
from tests.shop import sheets

LEAST = st.integers(2, 12)
COUNTS = arrays(
    np.int64, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.one_of(st.integers(0, 6), st.integers(0, 60))
)
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=25)


def told(counts: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Hidden cells that follow exactly from the sums of rows and columns and the cells that are shown: plain linear algebra, without our rule."""
    places = np.argwhere(hidden)
    sums = np.array(
        [places[:, 0] == row for row in range(counts.shape[0])]
        + [places[:, 1] == column for column in range(counts.shape[1])],
        dtype=float,
    )
    found = np.zeros(counts.shape, dtype=bool)
    if len(places):
        *_, values, basis = np.linalg.svd(sums, full_matrices=True)
        rank = int((values > 1e-9).sum())
        determined = np.abs(basis[rank:]).max(axis=0, initial=0.0) < 1e-9
        found[tuple(places[determined].T)] = True
    return found


@given(COUNTS, LEAST)
def test_no_small_cell_is_shown_or_follows_from_the_totals(counts: np.ndarray, least: int):
    hidden = hidden_cells(counts, least)
    small = (counts > 0) & (counts < least)
    assert hidden[small].all()
    secret = small & (counts.sum(axis=1, keepdims=True) != counts) & (counts.sum(axis=0, keepdims=True) != counts)
    # A cell that is all of its row or column is that total itself.
    assert not (told(counts, hidden) & secret).any()


@given(COUNTS, LEAST)
def test_hidden_cells_of_a_line_are_two_and_reach_the_minimum_together(counts: np.ndarray, least: int):
    hidden = hidden_cells(counts, least)
    for values, secret in [*zip(counts, hidden, strict=True), *zip(counts.T, hidden.T, strict=True)]:
        if (secret & (values > 0) & (values < least)).any() and not secret.all():
            assert secret.sum() >= 2
            assert values[secret].sum() >= least


@given(COUNTS, LEAST)
def test_who_takes_the_lower_bounds_from_the_totals_is_left_with_a_table_that_is_hidden_as_well(
    counts: np.ndarray, least: int
):
    hidden = hidden_cells(counts, least)
    bounds = lower_bounds(counts, hidden, least)
    rest = counts - bounds
    assert (rest[bounds > 0] >= least).all()
    assert (bounds[~hidden] == 0).all()
    small = (counts > 0) & (counts < least)
    for values, secret, few in [*zip(rest, hidden, small, strict=True), *zip(rest.T, hidden.T, small.T, strict=True)]:
        if few.any() and not secret.all():
            assert values[secret].sum() >= least


@given(COUNTS)
def test_a_table_without_small_cells_is_shown_as_a_whole(counts: np.ndarray):
    assert not hidden_cells(np.where(counts < 5, 0, counts), 5).any()


def test_the_planted_leak_is_seen_by_the_judge():
    counts = np.array([[3, 40], [50, 60]])
    assert told(counts, np.array([[True, False], [False, False]]))[0, 0]
    assert not told(counts, np.array([[True, True], [True, True]])).any()
    assert hidden_cells(counts, 5).all()


def test_two_rings_joined_by_one_cell_do_not_give_that_cell_away():
    """Each line has two hidden cells, and still the joining one follows from the sums of one side."""
    hidden = np.zeros((4, 4), dtype=bool)
    hidden[0:2, 0:2] = hidden[2:4, 2:4] = True
    hidden[1, 2] = True
    counts = np.where(hidden, 3, 50)
    assert told(counts, hidden)[1, 2]
    assert not told(counts, hidden_cells(counts, 4)).any()


@given(SIZES, LEAST, st.booleans())
def test_other_holds_two_groups_and_the_minimum_or_all_there_is(sizes: list[int], least: int, additive: bool):
    customers = np.array(sizes)
    hidden = merged(customers, np.ones(len(sizes), dtype=bool), least, additive=additive)
    assert hidden[customers < least].all()
    if hidden.any() and not hidden.all():
        assert hidden.sum() >= 2
        assert (customers[hidden].sum() if additive else customers[hidden].max()) >= least


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), LEAST)
def test_a_line_with_a_known_sum_gives_no_small_value_away(sizes: list[int], least: int):
    customers = np.array(sizes)
    hidden = hidden_line(customers, least)
    if ((customers > 0) & (customers < least)).any() and not hidden.all():
        assert hidden.sum() >= 2
        assert customers[hidden].sum() >= least


def breakdown(dimension: str, groups: dict[str, int]) -> Breakdown:
    frame = pd.DataFrame(
        {
            "name": list(groups),
            "customers": list(groups.values()),
            "transactions": [10 * n for n in groups.values()],
            "burned": [2 * n for n in groups.values()],
            "monetary": [100.0 * n for n in groups.values()],
            "monetary_share": 0.1,
            "transactions_share": 0.1,
            "burn_rate": 0.2,
            "burn_low": 0.1,
            "burn_high": 0.3,
        }
    )
    return Breakdown(dimension, frame, len(groups), len(groups), GroupTest("too few", None, None, 0, 0), None)


def test_one_small_city_takes_the_next_smallest_with_it():
    shown, table = visible(breakdown("city", {"Giza": 60, "Cairo": 40, "Suez": 9, "Siwa": 2}), 5)
    assert list(shown.frame["name"]) == ["Giza", "Cairo"]
    assert table.iloc[-1][["name", "customers", "transactions"]].tolist() == ["Other cities", 11, 110]
    assert table["customers"].sum() == 111
    assert shown.frame["customers_share"].tolist() == pytest.approx([60 / 111, 40 / 111])


def test_unknown_is_no_group_that_another_must_hide_for():
    shown, table = visible(breakdown("gender", {"Male": 60, "Female": 40, "unknown": 2}), 5)
    assert list(shown.frame["name"]) == list(table["name"]) == ["Male", "Female"]


def test_merchants_that_share_customers_get_no_sum_of_customers():
    shown, table = visible(breakdown("merchant", {"A": 60, "B": 7, "C": 4, "D": 4}), 5)
    assert list(shown.frame["name"]) == ["A"]
    assert table.iloc[-1]["name"] == "Other merchants"
    assert pd.isna(table.iloc[-1]["customers"])
    assert table.iloc[-1]["transactions"] == 150


def test_a_small_cohort_takes_another_of_its_year_with_it():
    starts = pd.to_datetime(["2022-10-01", "2023-01-01", "2023-04-01", "2023-07-01"])
    sizes = pd.DataFrame({"cohort": starts, "customers": [30, 40, 3, 20]})
    assert cohort_sizes(sizes, 5)["customers"].isna().tolist() == [False, False, True, True]


def test_a_tiny_city_is_named_nowhere_in_the_report(tmp_path: Path):
    """Two customers of one city: neither page, workbook nor facts name it, and the minimum can be set."""
    from xlsxwriter import Workbook

    tables = sheets()
    tables["cities"].append([99, "Zzyzxville"])
    for row in tables["customers"][1:3]:
        row[2] = 99
    for row in tables["transactions"][1:]:  # cities differ in burning, so that the report shows them
        if row[1] and int(str(row[1])[1:]) % 4 == 0:
            row[3], row[5] = "burned", row[2]
    source = tmp_path / "shop.xlsx"
    with Workbook(str(source)) as book:
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    analysis = reporter.analyse(source, fast("analysis.min_group=10"))
    for least, expected in ((5, False), (1, True)):
        document = inked(analysis, min_group=least)
        to_workbook(document, tmp_path / f"{least}.xlsx")
        assert ("Zzyzxville" in to_html(document)) is expected
        if not expected:
            assert "Zzyzxville" not in str(facts(analysis, document, "x", least))
            assert not [text for text in written(tmp_path / f"{least}.xlsx") if "Zzyzxville" in text]


@pytest.mark.parametrize("least", [1, 5])
def test_groups_of_segments_are_hidden_with_those_of_others(least: int):
    from reporter.analysis.segments import Segment
    from reporter.document.compose.small import without_small

    def segment(name: str, women: int, men: int) -> Segment:
        groups = pd.DataFrame(
            {"dimension": "gender", "name": ["Female", "Male"], "customers": [women, men], "share": 0.5}
        )
        empty = pd.DataFrame()
        return Segment(
            name, women + men, 0.5, 1, 0.5, 1.0, 0.5, 0, None, 1, 1, 1, 1, None, 1, None, (), empty, empty, groups
        )

    found = without_small((segment("A", 3, 50), segment("B", 40, 60), segment("C", 70, 80)), least)
    shown = [list(each.groups["name"]) for each in found]
    assert shown == ([["Female", "Male"]] * 3 if least == 1 else [[], [], ["Female", "Male"]])
