"""``reporter compare``: two real runs side by side, counted again by hand; folders that are none, or not as they were written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import reporter
from reporter.comparison import compare
from reporter.config import load_config
from reporter.errors import InputError, UsageError
from tests.command import BRIEF, called, called_here
from tests.shop import write_orders

OVERRIDES = [each for each in BRIEF if each != "--set"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of one shop: in May, in July, in July by another grid (elsewhere), and in July with a run's ids replaced (elsewhere)."""
    folder = tmp_path_factory.mktemp("compared")
    source = write_orders(folder / "orders.csv")
    for name, more in {
        "may": ["source.as_of=2025-05-01"],
        "july": ["source.as_of=2025-07-01"],
        "thirds": ["source.as_of=2025-07-01", "rfm.grid=three-score", "report.customers_format=parquet"],
    }.items():
        config, origins = load_config(overrides=[*OVERRIDES, *more, "output.pdf=false", "history.enabled=false"])
        reporter.run(source, config, output=folder / name, origins=origins)
    return folder


def latest(made: Path, name: str) -> Path:
    return made / name / "latest"


def test_every_count_adds_up_and_agrees_with_the_files(made: Path):
    told = compare(latest(made, "may"), latest(made, "july")).told()
    files = [pd.read_csv(latest(made, name) / "customers.csv").set_index("customer_id") for name in ("may", "july")]
    both = files[0].join(files[1], suffixes=("_then", "_now"), how="inner")
    moved = int((both["segment_then"] != both["segment_now"]).sum())
    counted = told["customers"]
    assert counted["scored"] == [len(file) for file in files]
    assert (counted["both"], counted["moved"]) == (len(both), moved)
    assert counted["same_segment"] + counted["moved"] == counted["both"]
    assert counted["both"] + counted["gone"] == counted["scored"][0]
    assert counted["both"] + counted["new"] == counted["scored"][1]
    assert sum(counted["causes"].values()) == moved == sum(flow["customers"] for flow in counted["flows"])
    assert counted["causes"]["rule"] == 0
    assert counted["causes"]["behaviour"] > 0


def test_data_settings_and_facts_are_those_of_the_folders(made: Path):
    told = compare(latest(made, "may"), latest(made, "july")).told()
    facts = [json.loads((latest(made, name) / "facts.json").read_text()) for name in ("may", "july")]
    assert [run["as_of"] for run in told["runs"]] == ["2025-05-01", "2025-07-01"]
    assert [each["name"] for each in told["data"]["inputs"]["both"]] == ["orders.csv"]
    assert told["data"]["inputs"]["first_only"] == told["data"]["inputs"]["second_only"] == []
    assert told["data"]["rows"]["transactions"]["kept"] == [each["rows"]["kept"] for each in facts]
    assert told["settings"] == [
        {
            "name": "source.as_of",
            "first": {"value": "2025-05-01", "origin": "--set"},
            "second": {"value": "2025-07-01", "origin": "--set"},
        }
    ]
    assert told["versions"] == []
    assert told["facts"]["clustering"]["verdict"] == [each["clustering"]["verdict"] for each in facts]
    assert {each["name"]: each["values"] for each in told["facts"]["kpis"]}["totals.monetary"] == [
        each["totals"]["monetary"] for each in facts
    ]
    titles = told["facts"]["titles"]
    assert set(titles["first_only"]) == set(facts[0]["titles"]) - set(facts[1]["titles"])
    assert set(titles["second_only"]) == set(facts[1]["titles"]) - set(facts[0]["titles"])


def test_the_same_data_by_another_grid_is_the_rule_alone(made: Path):
    told = compare(latest(made, "july"), latest(made, "thirds")).told()
    assert told["customers"]["causes"] == {
        "behaviour": 0,
        "boundary": 0,
        "as_of": 0,
        "rule": told["customers"]["moved"],
    }
    assert told["customers"]["moved"] > 0
    assert "rfm.grid" in [each["name"] for each in told["settings"]]


def test_a_run_does_not_differ_from_itself(made: Path):
    told = compare(latest(made, "july"), latest(made, "july")).told()
    assert (told["settings"], told["versions"], told["customers"]["moved"]) == ([], [], 0)
    assert told["facts"]["titles"]["first_only"] == []


def test_the_command_prints_for_people_and_for_programs(made: Path, tmp_path: Path):
    runs = (latest(made, "may"), latest(made, "july"))
    spoken = called("compare", *runs, "--customers", "moved.csv", cwd=tmp_path)
    assert spoken.code == 0
    assert max(map(len, spoken.out.splitlines())) <= 100
    told = json.loads(called_here("compare", *runs, "--json", cwd=tmp_path).out)
    assert told == compare(*runs).told()
    assert f"{told['customers']['moved']:,} in another" in spoken.out
    listed = pd.read_csv(tmp_path / "moved.csv", dtype=str)
    assert list(listed.columns) == ["customer_id", "before", "after", "cause"]
    assert listed["cause"].value_counts().to_dict() == {k: n for k, n in told["customers"]["causes"].items() if n}
    assert (tmp_path / "moved.csv").stat().st_mode & 0o777 == 0o600
    again = called_here("compare", *runs, "--customers", "moved.csv", cwd=tmp_path)
    assert again.code == 2
    assert "is there already" in again.err


def copied(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(latest(made, "may").resolve(), tmp_path / "copy"))


@pytest.mark.parametrize("name", ["facts.json", "customers.csv", "manifest.json"])
def test_a_damaged_run_is_refused_as_input(made: Path, tmp_path: Path, name: str):
    folder = copied(made, tmp_path)
    (folder / name).write_bytes((folder / name).read_bytes()[:-20])
    ran = called_here("compare", folder, latest(made, "july"), cwd=tmp_path)
    assert (ran.code, ran.out) == (3, "")
    assert str(folder / name) in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_missing_file_of_a_run_is_refused_as_input(made: Path, tmp_path: Path):
    folder = copied(made, tmp_path)
    (folder / "customers.csv").unlink()
    with pytest.raises(InputError, match=r"customers\.csv: is missing"):
        compare(latest(made, "july"), folder)


def test_what_is_no_run_is_refused_as_usage(made: Path, tmp_path: Path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text('{"name": "an app"}', encoding="utf-8")
    (tmp_path / "file.txt").touch()
    (tmp_path / "empty").mkdir()
    for name in ("other", "file.txt", "empty", "absent"):
        with pytest.raises(UsageError, match=name):
            compare(tmp_path / name, latest(made, "july"))
    assert called_here("compare", tmp_path / "absent", latest(made, "july"), cwd=tmp_path).code == 2


def test_the_pointer_file_of_systems_without_links_leads_to_the_run(made: Path, tmp_path: Path):
    run = latest(made, "may").resolve()
    shutil.copytree(run, tmp_path / run.name)
    (tmp_path / "latest").write_text(f"{run.name}\n", encoding="utf-8")
    assert compare(tmp_path / "latest", latest(made, "july")).first.run_id == run.name


def test_money_and_coupons_are_compared_but_for_their_customers(made: Path, tmp_path: Path):
    folder = copied(made, tmp_path)
    facts = json.loads((folder / "facts.json").read_text()) | {"mode": "coupon"}
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    _reseal(folder, "facts.json")
    compared = compare(folder, latest(made, "july"))
    assert compared.told()["customers"]["not_compared"] == "one run counts money, the other coupons"
    ran = called_here("compare", folder, latest(made, "july"), "--customers", "x.csv", cwd=tmp_path)
    assert (ran.code, (tmp_path / "x.csv").exists()) == (2, False)


def _reseal(folder: Path, name: str) -> None:
    from reporter.delivery.store import digest

    manifest = json.loads((folder / "manifest.json").read_text())
    for each in manifest["outputs"]:
        if each["path"] == name:
            each["sha256"] = digest(folder / name)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
