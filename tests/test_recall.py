"""A run among its earlier ones: on real runs, in the order of months, killed, damaged, mixed with another shop's."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import reporter
from reporter.config import load_config
from reporter.errors import UsageError
from reporter.pipeline import Outputs
from tests.command import BRIEF, ROOT, called_here
from tests.shop import write_orders

OVERRIDES = [*(each for each in BRIEF if each != "--set"), "output.pdf=false"]
MAY, JUNE, JULY = "2025-05-01", "2025-06-01", "2025-07-01"


def made(source: Path, root: Path, as_of: str, *more: str) -> Outputs:
    config, _ = load_config(overrides=[*OVERRIDES, f"source.as_of={as_of}", *more])
    return reporter.run(source, config, output=root)


def manifest(outputs: Outputs) -> dict[str, Any]:
    return dict(json.loads(outputs.paths["manifest.json"].read_text(encoding="utf-8")))


def days(outputs: Outputs) -> list[str]:
    return [each["as_of"] for each in outputs.facts["history"]["runs"]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_orders(tmp_path_factory.mktemp("shop") / "orders.csv")


@pytest.fixture(scope="module")
def other_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose customers have the same ids, and other purchases."""
    return write_orders(tmp_path_factory.mktemp("other") / "other.csv", seed=8)


@pytest.fixture(scope="module")
def months(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Outputs]]:
    """Three months in one folder."""
    root = tmp_path_factory.mktemp("months")
    return root, [made(shop, root, day) for day in (MAY, JUNE, JULY)]


def test_each_run_sees_those_before_it(months: tuple[Path, list[Outputs]]):
    _, runs = months
    assert [days(run) for run in runs] == [[MAY], [MAY, JUNE], [MAY, JUNE, JULY]]
    assert [run.remarks for run in runs] == [(), (), ()]
    kept = runs[2].facts["history"]["kept"]
    segments = [dict(zip(run.analysis.customers["customer_id"], run.analysis.customers["segment"], strict=True)) for run in runs]  # fmt: skip
    both = segments[1].keys() & segments[2].keys()
    same = sum(segments[1][name] == segments[2][name] for name in both)
    assert kept == {"since": JUNE, "customers": len(both), "same": same}


def test_what_is_told_of_an_earlier_run_is_what_it_said_of_itself(months: tuple[Path, list[Outputs]]):
    _, runs = months
    for run, told in zip(runs, runs[2].facts["history"]["runs"], strict=True):
        changes = {each["name"]: each["now"] for each in run.facts["overview"]["changes"]}
        assert told["run_id"] == run.run_id
        assert (told["customers"], told["active"]) == (run.facts["customers"]["scored"], changes["active_customers"])
        assert (told["monetary"], told["verdict"]) == (changes["monetary"], run.facts["clustering"]["verdict"])
        assert {each["name"]: each["customers"] for each in told["segments"]} == {
            each["name"]: each["customers"] for each in run.facts["segments"]
        }


def test_a_first_run_keeps_its_name_and_what_a_later_one_reads_is_its_input(
    months: tuple[Path, list[Outputs]], shop: Path, tmp_path: Path
):
    root, runs = months
    assert made(shop, tmp_path, MAY).run_id == runs[0].run_id
    assert [each["name"] for each in manifest(runs[0])["inputs"]] == ["orders.csv"]
    earlier = [each for each in manifest(runs[2])["inputs"] if "run" in each]
    assert [each["name"] for each in earlier] == [
        f"{runs[0].run_id}/facts.json",
        f"{runs[1].run_id}/facts.json",
        f"{runs[1].run_id}/customers.csv",
        f"{runs[1].run_id}/audiences",
    ]
    for each in earlier[:3]:  # of several lists the digest is one of their digests
        assert sha256((root / each["name"]).read_bytes()).hexdigest() == each["sha256"]
    # the same as a second run there: another input, another name, and the same bytes as in the first folder
    second = made(shop, tmp_path, JUNE)
    assert second.run_id == runs[1].run_id
    for name in set(second.paths) - {"manifest.json"}:
        assert second.paths[name].read_bytes() == runs[1].paths[name].read_bytes(), name


def test_a_run_counts_neither_itself_nor_what_came_later(months: tuple[Path, list[Outputs]], shop: Path):
    root, runs = months
    for run, day in zip(runs, (MAY, JUNE, JULY), strict=True):
        with pytest.raises(UsageError, match="is there already"):
            made(shop, root, day)
        assert (root / run.run_id).is_dir()


def test_another_shop_with_the_same_ids_is_not_mixed_in_unless_its_owner_says_so(
    months: tuple[Path, list[Outputs]], shop: Path, other_shop: Path, tmp_path: Path
):
    first = made(shop, tmp_path / "told", MAY, "history.series=both")
    assert days(made(other_shop, tmp_path / "told", JUNE, "history.series=both")) == [MAY, JUNE]
    for folder in (first.folder, months[1][0].folder):
        shutil.copytree(folder, tmp_path / "mixed" / folder.name)
    assert days(made(other_shop, tmp_path / "mixed", JUNE)) == [JUNE]
    assert days(made(shop, tmp_path / "mixed", JUNE)) == [MAY, JUNE]


def test_switched_off_it_neither_reads_nor_writes(shop: Path, tmp_path: Path):
    run = made(shop, tmp_path, MAY, "history.enabled=false")
    assert run.facts["history"] is None
    assert not (tmp_path / "history.sqlite").exists()
    assert days(made(shop, tmp_path, JUNE)) == [JUNE], "a run that wanted no history is in none"


def test_pseudonyms_of_one_key_are_recognised(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REPORTER_PSEUDONYM_KEY", "k" * 32)
    made(shop, tmp_path, MAY, "output.pseudonymise=true")
    second = made(shop, tmp_path, JUNE, "output.pseudonymise=true")
    assert days(second) == [MAY, JUNE]
    assert second.facts["history"]["kept"]["customers"] > 50
    assert b"C0001" not in (tmp_path / "history.sqlite").read_bytes()
    monkeypatch.setenv("REPORTER_PSEUDONYM_KEY", "q" * 32)
    assert days(made(shop, tmp_path, JULY, "output.pseudonymise=true")) == [JULY]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_run_that_is_killed_before_it_is_entered_is_found_by_the_next(shop: Path, tmp_path: Path):
    code = (
        f"import os, signal, sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom reporter import pipeline\n"
        "pipeline.remember = lambda root, recalled: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from pathlib import Path\nfrom tests.test_recall import made\n"
        f"made(Path({str(shop)!r}), Path({str(tmp_path)!r}), {MAY!r})"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "history.sqlite").exists()
    assert (tmp_path / "latest" / "manifest.json").is_file()
    assert days(made(shop, tmp_path, JUNE)) == [MAY, JUNE]


def test_a_ledger_that_cannot_be_used_costs_the_look_back_and_nothing_else(shop: Path, tmp_path: Path):
    (tmp_path / "out" / "history.sqlite").mkdir(parents=True)
    ran = called_here("run", shop, "-o", tmp_path / "out", "--no-pdf", *BRIEF, cwd=tmp_path)
    assert ran.code == 0
    assert "the ledger of earlier runs cannot be used" in ran.err
    assert (tmp_path / "out" / "latest" / "report.html").is_file()
    shutil.rmtree(tmp_path / "out" / "history.sqlite")
