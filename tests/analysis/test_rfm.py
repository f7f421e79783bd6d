"""Scores, boundaries and grids."""

import json
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
import shops
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.analysis.aggregate import aggregate
from reporter.analysis.gridfiles import PRESETS, expand
from reporter.analysis.rfm import load_grid, rank_scores, score
from reporter.analysis.settings import RfmSettings
from reporter.errors import UsageError

VALUES = st.lists(st.integers(-50, 50), min_size=1, max_size=200).map(np.array)


def frame(recency, frequency, monetary):
    ids = [f"c{i:04d}" for i in range(len(recency))]
    return pd.DataFrame({"customer_id": ids, "recency_days": recency, "frequency": frequency, "monetary": monetary})


@pytest.fixture(scope="module")
def cdnow_1998():
    return aggregate(shops.cdnow(date(1998, 1, 1))).customers


@pytest.fixture(scope="module")
def r_customers():
    return aggregate(shops.r_orders()).customers


@given(VALUES, st.integers(2, 9))
def test_equal_values_get_equal_scores_and_more_is_never_worse(values, bins):
    scores = rank_scores(values, bins)
    assert scores.min() == 1
    assert scores.max() <= bins
    order = np.argsort(values, kind="stable")
    steps = np.diff(scores[order])
    assert (steps >= 0).all()
    assert (steps[np.diff(values[order]) == 0] == 0).all()


@given(VALUES, st.randoms(use_true_random=False))
def test_row_order_changes_no_score(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    assert (rank_scores(values[order], 5) == rank_scores(values, 5)[order]).all()


@given(VALUES)
def test_a_score_is_the_share_of_customers_who_are_worse(values):
    expected = [int(np.count_nonzero(values < v) * 5 / len(values)) + 1 for v in values]
    assert rank_scores(values, 5).tolist() == expected


def test_backtest_on_cdnow_gives_the_published_repurchase_rates(cdnow_1998):
    card = score(cdnow_1998, load_grid(RfmSettings()))
    later = aggregate(shops.cdnow()).customers.set_index("customer_id")["frequency"].reindex(card.frame["customer_id"])
    again = (
        pd.Series(later.to_numpy() > card.frame["frequency"].to_numpy())
        .groupby(card.frame["segment"])
        .agg(["size", "mean"])
    )
    expected = {
        "Champions": (4951, 0.588),
        "Loyal": (1162, 0.320),
        "Promising": (1411, 0.094),
        "Cannot Lose Them": (2067, 0.084),
        "New Customers": (1752, 0.072),
        "Lost": (2908, 0.070),
    }
    assert {name: (int(again.loc[name, "size"]), round(again.loc[name, "mean"], 3)) for name in expected} == expected
    assert round(np.mean(later.to_numpy() > card.frame["frequency"].to_numpy()), 3) == 0.228


def test_collapsed_scores_are_told(cdnow_1998):
    card = score(cdnow_1998, load_grid(RfmSettings()))
    assert card.levels == {"recency_days": 5, "frequency": 4, "monetary": 5}
    empty = card.boundaries.query("dimension == 'frequency' and score == 2").iloc[0]
    assert empty["customers"] == 0
    assert np.isnan(empty["low"])


def test_boundaries_do_not_overlap_and_count_everybody(cdnow_1998):
    card = score(cdnow_1998, load_grid(RfmSettings()))
    for name, part in card.boundaries.groupby("dimension"):
        assert part["customers"].sum() == len(card.frame)
        found = part.dropna().sort_values("score", ascending=name != "recency_days")
        assert (found["low"].to_numpy()[1:] > found["high"].to_numpy()[:-1]).all()


def test_the_tie_rule_matters_and_its_weight_is_told(cdnow_1998):
    ties = score(cdnow_1998, load_grid(RfmSettings())).ties
    assert ties["rule"].tolist() == ["average rank", "upper rank"]
    assert ties["moved_share"].between(0.5, 0.65).all()


def test_r_rfm_scores_are_the_published_ones(r_customers):
    published = json.loads(shops.shared("truths/r_rfm_orders.json").read_text())["published"]
    card = score(r_customers, load_grid(RfmSettings("r-rfm")))
    for name in ("recency", "frequency", "monetary"):
        assert card.frame[f"{name[0]}_score"].value_counts().to_dict() == {
            int(k): v for k, v in published["score_counts"][name].items()
        }
    mean = card.heat.set_index(["r_score", "f_score"])["mean_monetary"]
    expected = published["mean_monetary_by_R_and_F"]
    assert {f"R{r}F{f}": round(value, 2) for (r, f), value in mean.items()} == pytest.approx(expected, abs=0.005)
    rows = card.frame.set_index("customer_id")
    for name, row in published["first_rows_published"].items():
        found = rows.loc[name]
        assert (found["recency_days"], found["frequency"], found["monetary"]) == (
            row["recency_days"],
            row["transaction_count"],
            row["amount"],
        )
        assert int(f"{found['r_score']}{found['f_score']}{found['m_score']}") == row["rfm_score"]


@pytest.mark.parametrize(
    ("grid", "key"),
    [("r-rfm", "segments_with_the_packages_test_rules"), ("r-rfm-readme", "segments_with_the_readme_rules")],
)
def test_r_rfm_segments_are_the_published_ones(r_customers, grid, key):
    published = json.loads(shops.shared("truths/r_rfm_orders.json").read_text())["published"][key]["result"]
    card = score(r_customers, load_grid(RfmSettings(grid)))
    sums = card.frame.groupby("segment").agg(
        customers=("frequency", "size"), orders=("frequency", "sum"), revenue=("monetary", "sum")
    )
    assert sums.to_dict("index") == published


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_names_every_cell_once(preset):
    grid = load_grid(RfmSettings(preset))
    assert len(grid.cells) == grid.bins**3
    assert set(grid.order) == set(grid.cells.values())


def test_presets_keep_the_order_of_their_file():
    assert load_grid(RfmSettings()).order[0] == "Champions"
    assert load_grid(RfmSettings()).order[-1] == "Lost"
    assert load_grid(RfmSettings("three-score")).order == (
        "Champions",
        "Loyal",
        "Recent",
        "Needs Attention",
        "At Risk",
        "Inactive",
    )
    assert sum(name == "Other" for name in load_grid(RfmSettings("four-score")).cells.values()) == 18


def test_the_shipped_grid_is_the_agreed_one():
    agreed = shops.shared("segment_grid.csv").read_text().split("\n")[1:]
    cells = {cell: line.split(",")[0] for line in agreed if line for cell in line.split(",")[1].split()}
    assert load_grid(RfmSettings()).cells == cells


def test_an_own_grid_reports_all_its_problems_at_once(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("segment,cells\nGood,22 222 221 212\nBad,111 112 121 212 911\n")
    with pytest.raises(UsageError) as caught:
        load_grid(RfmSettings(str(path)))
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 4
    assert any("“22” is no cell" in line for line in told)
    assert any("“911” is no cell" in line for line in told)
    assert any("212 already belongs to “Good”" in line for line in told)
    assert any("2 of 8 cells have no segment: 122 211" in line for line in told)
    assert all(problem.fix for problem in caught.value.problems)


def test_one_missing_cell_is_a_gap_not_another_size(tmp_path):
    lines = shops.shared("segment_grid.csv").read_text().replace("555 ", "")
    path = tmp_path / "grid.csv"
    path.write_text(lines)
    with pytest.raises(UsageError, match="1 of 125 cells have no segment: 555"):
        load_grid(RfmSettings(str(path)))


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "segment,cells\n"])
def test_a_file_that_is_no_grid_is_refused(tmp_path, text):
    path = tmp_path / "grid.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match="is not a grid"):
        load_grid(RfmSettings(str(path)))


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(UsageError, match=r"neither a preset nor a file.*three-score"):
        load_grid(RfmSettings("twelve"))


def test_prospects_are_not_scored():
    card = score(frame([5, np.nan], [1, 0], [2.0, 0.0]), load_grid(RfmSettings()))
    assert card.frame["customer_id"].tolist() == ["c0000"]


def test_money_is_compared_in_cents():
    card = score(frame([1, 1], [1, 1], [0.1 + 0.2, 0.3]), load_grid(RfmSettings()))
    assert card.frame["m_score"].nunique() == 1


@pytest.mark.parametrize("preset", PRESETS)
def test_nobody_and_one_customer_can_be_scored(preset):
    assert len(score(frame([], [], []), load_grid(RfmSettings(preset))).frame) == 0
    assert len(score(frame([3], [1], [1.0]), load_grid(RfmSettings(preset))).frame) == 1


@settings(max_examples=60, deadline=None)
@given(bins=st.integers(2, 4), data=st.data())
def test_a_grid_names_every_cell_once_or_is_refused(bins, data):
    every = ["".join(cell) for cell in product("123456789"[:bins], repeat=3)]
    homes = data.draw(st.lists(st.sampled_from("ABCD"), min_size=len(every), max_size=len(every)))
    owners = dict(zip(every, homes, strict=True))
    rows = [
        {"segment": name, "cells": " ".join(cell for cell in every if owners[cell] == name)}
        for name in sorted(set(homes))
    ]
    assert expand(rows, "mine.csv") == (bins, owners)
    lost = data.draw(st.sampled_from(every))
    gap = [row | {"cells": " ".join(each for each in row["cells"].split() if each != lost)} for row in rows]
    with pytest.raises(UsageError, match=rf"1 of {bins**3} cells have no segment: {lost}"):
        expand(gap, "mine.csv")
    with pytest.raises(UsageError, match=f"cell {lost} already belongs to"):
        expand([*rows, {"segment": "E", "cells": lost}], "mine.csv")
