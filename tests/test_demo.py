"""The demo workbook is what its script makes, and holds what its page says."""

from __future__ import annotations

import json
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

import reporter
from tests.command import FAST

ROOT = Path(__file__).resolve().parents[1]
SHEETS = ["customers", "genders", "cities", "transactions", "branches", "merchants"]


def read(path: Path) -> dict[str, pd.DataFrame]:
    return pd.read_excel(path, sheet_name=None, engine="calamine")


@pytest.fixture(scope="module")
def demo() -> dict[str, pd.DataFrame]:
    return read(ROOT / "data" / "demo.xlsx")


@pytest.fixture(scope="module")
def later() -> dict[str, pd.DataFrame]:
    return read(ROOT / "data" / "demo_next.xlsx")


def make(folder: Path) -> Path:
    """Run the script as a person does: its modules lie beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "data"))
        runpy.run_path(str(ROOT / "data" / "make_demo.py"))["main"](folder)
    return folder


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("demo"))


def test_the_script_makes_the_committed_files(
    demo: dict[str, pd.DataFrame], later: dict[str, pd.DataFrame], made_again: Path
) -> None:
    for file, committed in (("demo.xlsx", demo), ("demo_next.xlsx", later)):
        for name, sheet in read(made_again / file).items():
            pd.testing.assert_frame_equal(sheet, committed[name])
    for name in ("demo_truth.json", "README.md"):
        assert (made_again / name).read_text() == (ROOT / "data" / name).read_text(), name


def test_the_same_cells_are_the_same_bytes(made_again: Path, tmp_path: Path) -> None:
    make(tmp_path)
    for name in ("demo.xlsx", "demo_next.xlsx"):
        assert (tmp_path / name).read_bytes() == (made_again / name).read_bytes()


def test_six_sheets_and_two_full_years(demo: dict[str, pd.DataFrame], demo_truth: dict[str, Any]) -> None:
    assert list(demo) == SHEETS
    assert len(demo["customers"]) == demo_truth["customers"]["known"]
    assert len(demo["transactions"]) == demo_truth["rows"]["transactions"]
    days = pd.to_datetime(demo["transactions"]["transaction_date"], errors="coerce").dropna()
    assert (days.min().isoformat()[:10], days.max().isoformat()[:10]) == ("2024-01-01", "2025-12-31")
    assert pd.to_datetime(demo["transactions"]["burn_date"]).max() < pd.Timestamp(demo_truth["as_of"])


def test_every_fault_is_where_the_truth_says(demo: dict[str, pd.DataFrame], demo_truth: dict[str, Any]) -> None:
    """Found again by looking at the cells, not at the script."""
    rows = demo["transactions"].set_axis(range(2, len(demo["transactions"]) + 2))
    days = pd.to_datetime(rows["transaction_date"], errors="coerce")
    joined = rows["customer_id"].map(demo["customers"].set_index("customer_id")["join_date"])
    later = rows["transaction_id"].duplicated()
    first = rows.drop_duplicates("transaction_id").set_index("transaction_id")["amount"]
    same = rows["amount"] == rows["transaction_id"].map(first)
    total = rows["transaction_id"] == "Total"
    found = {
        "identical_duplicate": later & same,
        "conflicting_duplicate": later & ~same,
        "missing_customer_id": rows["customer_id"].isna() & ~total,
        "unreadable_date": days.isna() & ~total,
        "refund": rows["amount"] < 0,
        "zero_amount": rows["amount"] == 0,
        "unknown_branch": ~rows["branch_id"].isin(demo["branches"]["branch_id"]) & ~total,
        "unknown_customer": ~rows["customer_id"].isin(demo["customers"]["customer_id"]) & rows["customer_id"].notna(),
        "before_join": days < joined,
        "burn_before_claim": pd.to_datetime(rows["burn_date"]) < days,
        "total_row": total,
    }
    assert {name: [int(row) for row in rows.index[mask]] for name, mask in found.items()} == {
        name: fault["rows"] for name, fault in demo_truth["faults"].items()
    }
    assert (demo["cities"]["city_name"] != demo["cities"]["city_name"].str.strip()).sum() == 1


def test_the_season_is_in_it(demo: dict[str, pd.DataFrame]) -> None:
    days = pd.to_datetime(demo["transactions"]["transaction_date"], errors="coerce").dropna()
    assert Counter(days[days.dt.year == 2025].dt.month).most_common(1)[0][0] == 11
    by_weekday = days.dt.day_of_week.value_counts()
    assert by_weekday[[3, 4, 5]].min() > by_weekday[[0, 1, 2, 6]].max()


def test_the_second_month_is_the_first_and_january(
    demo: dict[str, pd.DataFrame], later: dict[str, pd.DataFrame], demo_truth: dict[str, Any]
) -> None:
    planted = demo_truth["next_month"]
    for name in SHEETS:
        if name != "transactions":
            pd.testing.assert_frame_equal(later[name], demo[name])
    rows, before = later["transactions"], demo["transactions"]
    assert len(rows) == planted["rows"]["transactions"] == len(before) + planted["rows"]["added"]
    pd.testing.assert_frame_equal(rows.iloc[: len(before) - 1], before.iloc[:-1], check_dtype=False)
    added = pd.to_datetime(rows["transaction_date"].iloc[len(before) - 1 : -1])
    assert (added.min(), added.max()) == (pd.Timestamp(2026, 1, 1), pd.Timestamp(2026, 1, 31))


@pytest.mark.slow
def test_two_months_in_one_folder_find_the_planted_campaigns(demo_truth: dict[str, Any], tmp_path: Path) -> None:
    """The second run measures the first one's campaigns: those that were planted worked, no other is said to have."""
    fast = [*(word for word in FAST if word != "--set"), "report.sections=campaign", "output.pdf=false"]
    config, _ = reporter.load_config(ROOT / "data" / "demo.toml", fast)
    first = reporter.run(ROOT / "data" / "demo.xlsx", config, output=tmp_path)
    second = reporter.run(ROOT / "data" / "demo_next.xlsx", config, output=tmp_path)
    assert first.facts["measured"] is None
    found = {each["name"]: each for each in second.facts["measured"]["campaigns"]}
    planted = demo_truth["next_month"]["campaigns"]
    assert found.keys() == planted.keys()
    for name, truth in planted.items():
        groups = (found[name]["treatment"]["customers"], found[name]["control"]["customers"])
        assert groups == (truth["treatment"], truth["control"]), name
        assert found[name]["low"] <= truth["uplift"] <= found[name]["high"], name
        assert (found[name]["verdict"] == "worked") == (truth["uplift"] > 0), name
    (lists,) = [each for each in json.loads(second.paths["manifest.json"].read_text())["inputs"] if "audiences" in each["name"]]  # fmt: skip
    assert lists["name"] == f"{first.run_id}/audiences"
    assert any(title.startswith("2 of 11 campaigns worked") for title in second.facts["titles"])


@pytest.mark.slow
def test_the_planted_behaviours_can_be_found(demo: dict[str, pd.DataFrame], demo_truth: dict[str, Any]) -> None:
    """scikit-learn's KMeans on five plain features finds the five behaviours, and no other number of groups fits better."""
    rows = demo["transactions"].drop_duplicates("transaction_id")
    days = pd.to_datetime(rows["transaction_date"], errors="coerce")
    known = rows[rows["customer_id"].isin(demo["customers"]["customer_id"]) & days.notna()].assign(day=days)
    by = known.assign(burned=known["transaction_status"] == "burned").groupby("customer_id")
    as_of = pd.Timestamp(demo_truth["as_of"])
    logged = [(as_of - by["day"].max()).dt.days, by.size(), by["amount"].sum()]
    table = pd.concat([*map(np.log1p, logged), (as_of - by["day"].min()).dt.days, by["burned"].mean()], axis=1)
    points = ((table - table.mean()) / table.std(ddof=0)).to_numpy()
    planted = {who: name for name, members in demo_truth["members"].items() for who in members}
    labels = {k: KMeans(k, n_init=10, random_state=0).fit_predict(points) for k in range(2, 9)}
    assert adjusted_rand_score([planted[who] for who in table.index], labels[5]) > 0.95
    widths = {k: silhouette_score(points, found) for k, found in labels.items()}
    assert max(widths, key=lambda k: widths[k]) == 5
