"""The benchmarks measure what they say: histories with known faults, runs from outside, and a page that cannot flatter."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

import reporter
from reporter.pipeline import accounts
from tests.benchmarks import __main__ as bench
from tests.benchmarks import history, page, results, sources
from tests.benchmarks.measure import NOTEBOOK, REPORT, Contender, Measure, account_of, busy_seconds, compete, measure
from tests.benchmarks.results import Quality, Result, Results
from tests.benchmarks.sources import FIXED, SIZES, Size

TINY = Size("tiny", 4_000, 300, "parquet")

# -- sources


def test_a_history_is_the_same_every_time_and_of_the_size_that_was_asked_for(tmp_path: Path):
    for name in ("one", "two"):
        history.write(tmp_path / name, 3_000, 200)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    orders = history.orders(3_000, 200).to_pandas()
    faults = history.faults_of(3_000)
    assert len(orders) == 3_000
    assert orders["customer_id"].nunique() == 200
    assert orders["customer_id"].isna().sum() == faults.no_customer == 1
    assert orders["amount"].isna().sum() == faults.no_amount == 0
    assert (orders["amount"] < 0).sum() == faults.refunds == 30
    assert orders.duplicated().sum() == orders["order_id"].duplicated().sum() == faults.repeated == 3
    assert not history.orders(3_000, 201).to_pandas().equals(orders)


def test_a_history_is_sorted_by_time_within_opening_hours_and_customers_have_few_branches():
    orders = history.orders(20_000, 900).to_pandas()
    hours = orders["order_date"].dt.hour
    assert orders["order_date"].is_monotonic_increasing
    assert (hours.min(), hours.max()) == (9, 20)
    assert orders.groupby(orders["order_date"].dt.day_of_week).size().idxmax() == 5  # Saturday
    branches = orders.groupby("customer_id")["branch_id"].nunique()
    assert set(branches) == {1, 2, 3}
    assert branches.mean() < 2
    assert orders["branch_id"].between(1, history.branches_of(900)).all()
    assert orders["branch_id"].value_counts().idxmax() == 1


@pytest.mark.parametrize("size", [TINY, replace(TINY, kind="workbook")], ids=lambda size: size.kind)
def test_what_was_planted_is_found_again_exactly(size: Size, tmp_path: Path):
    path = sources.file_of(size, tmp_path)
    sources.make(size, path)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    rows = accounts(reporter.check(path))["rows"]
    account = account_of(rows, size)
    assert account["balances"]
    assert account["planted_found"], rows["by_reason"]
    assert not account_of({**rows, "by_reason": rows["by_reason"] | {"refund": 39}}, size)["planted_found"]
    assert not account_of({**rows, "kept": rows["kept"] - 1}, size)["balances"]
    assert not account_of({**rows, "read": rows["read"] - 1, "kept": rows["kept"] - 1}, size)["balances"]


def test_the_workbook_has_the_six_sheets_and_the_same_orders_as_the_history(tmp_path: Path):
    import pandas as pd

    sources.write_workbook(tmp_path / "shop.xlsx", 500, 60)
    found = pd.read_excel(tmp_path / "shop.xlsx", sheet_name=None, engine="calamine")
    assert list(found) == ["customers", "genders", "cities", "transactions", "branches", "merchants"]
    orders, rows = history.orders(500, 60).to_pandas(), found["transactions"]
    assert np.allclose(rows["amount"], orders["amount"], equal_nan=True)
    assert (rows["transaction_date"] == orders["order_date"].dt.floor("min")).all()
    assert len(found["customers"]) == 63
    assert set(rows["branch_id"]) <= set(found["branches"]["branch_id"])
    assert set(found["branches"]["merchant_id"]) == set(found["merchants"]["merchant_id"])
    burned = rows["transaction_status"] == "burned"
    assert (burned == rows["burn_date"].notna()).all()
    assert (rows["burn_date"] >= rows["transaction_date"])[burned].all()


# -- measuring


def test_a_command_is_measured_from_outside_with_its_children(tmp_path: Path):
    inner = "x = b'x' * 150_000_000; import time; time.sleep(1.2)"
    outer = f'import subprocess, sys; subprocess.run([sys.executable, "-c", "{inner}"], check=True)'
    told = measure(Contender("x", ("-c", outer)), TINY, tmp_path)
    assert told.seconds > 1.2
    assert 0 < told.cpu_seconds < told.seconds
    assert told.peak_mib > 150
    assert 0 <= told.others <= (os.cpu_count() or 1) + 0.1
    assert (told.stages, told.account, told.told_peak_mib) == ({}, {}, None)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_others_do_is_seen():
    before = busy_seconds()
    process = subprocess.run([sys.executable, "-c", "while __import__('time').process_time() < 0.5: pass"], check=True)
    assert process.returncode == 0
    assert busy_seconds() - before > 0.4


def test_a_command_that_fails_ends_the_benchmark_with_its_own_words(tmp_path: Path):
    with pytest.raises(SystemExit, match="x on none failed with 3:\nno luck"):
        measure(
            Contender("x", ("-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)")),
            TINY,
            tmp_path / "none",
        )


def test_the_report_is_told_the_memory_of_a_size_and_the_notebook_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    words = ("-c", "import sys; sys.exit(' '.join(sys.argv[1:]))")
    told = Contender("report", words)
    monkeypatch.setattr("tests.benchmarks.measure.REPORT", told)
    with pytest.raises(SystemExit, match="failed with 1:\n--set memory=4GB\n"):
        measure(told, SIZES["50M"], tmp_path)
    with pytest.raises(SystemExit, match="failed with 1:\n\n"):
        measure(Contender("notebook", words), SIZES["50M"], tmp_path)


def test_contenders_take_turns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys):
    ran: list[str] = []

    def noted(contender: Contender, size: Size, source: Path) -> Measure:
        ran.append(contender.name)
        return taken(1.0)

    monkeypatch.setattr("tests.benchmarks.measure.measure", noted)
    rounds = list(compete(SIZES["5k"], tmp_path, 3))
    assert ran == ["report", "notebook", "notebook", "report", "report", "notebook"]
    assert [set(one) for one in rounds] == [{"report", "notebook"}] * 3
    ran.clear()
    list(compete(SIZES["10M"], tmp_path, 2))
    assert ran == ["report", "report"]
    capsys.readouterr()


# -- results and page


def taken(seconds: float, peak_mib: float = 500.0, **stages: float) -> Measure:
    account = {"read": 9, "kept": 8, "rejected": 1, "balances": True, "planted_found": True}
    peaks = dict.fromkeys(stages, 100)
    return Measure(seconds, seconds / 2, peak_mib, 0.5, stages, peaks, round(peak_mib), account)


def result(name: str, *rounds: tuple[Measure, Measure | None]) -> Result:
    pairs = [{REPORT.name: ours} | ({} if theirs is None else {NOTEBOOK.name: theirs}) for ours, theirs in rounds]
    return Result(name, SIZES[name].words, SIZES[name].rows, SIZES[name].settings, "a machine", "abc1234", tuple(pairs))


def of(*found: Result) -> Results:
    return Results({each.name: each for each in found})


def goal(found: Results, begin: str) -> list[str]:
    """The cells of a promise on the page: measured, and whether it is met."""
    line = next(line for line in page.page(found).splitlines() if line.startswith(f"| {begin}"))
    return [cell.strip() for cell in line.split("|")[4:6]]


def test_ratios_are_taken_within_a_round():
    found = result("100k", (taken(1.0), taken(10.0)), (taken(10.0), taken(80.0)), (taken(2.0), taken(14.0)))
    assert found.ratios(page.seconds) == [10.0, 8.0, 7.0]


def test_a_promise_is_met_missed_or_not_measured():
    assert goal(of(), "5k") == ["not measured", ""]
    assert goal(of(result("5k", (taken(9.9), None), (taken(8.0), None))), "5k") == ["8.9 s (4.5 s CPU), 0.52 GB", "met"]
    assert goal(of(result("5k", (taken(10.1), None))), "5k")[1] == "**missed**"
    assert goal(of(result("10M", (taken(59.0, 1_400.0), None))), "10M")[1] == "met"
    assert goal(of(result("10M", (taken(59.0, 1_440.0), None))), "10M")[1] == "**missed**"
    broken = replace(taken(59.0), account=taken(1.0).account | {"balances": False})
    assert goal(of(result("10M", (broken, None))), "10M") == [
        "59.0 s (29.5 s CPU), 0.52 GB, rows do not balance",
        "**missed**",
    ]


def test_a_verdict_of_a_busy_machine_is_called_so():
    busy = replace(taken(9.0), others=0.6)
    assert goal(of(result("5k", (busy, None))), "5k")[1] == "met, busy machine"
    assert goal(of(result("5k", (busy, None), (taken(9.0), None), (taken(9.0), None))), "5k")[1] == "met"


def test_a_rival_is_beaten_in_time_and_in_memory():
    for ours, theirs, met in (
        (taken(10.0, 500.0), taken(70.0, 2_000.0), "met"),
        (taken(10.0, 500.0), taken(69.0, 2_000.0), "**missed**"),
        (taken(10.0, 501.0), taken(70.0, 2_000.0), "**missed**"),
    ):
        assert goal(of(result("100k", (ours, theirs))), "100k")[1] == met
    assert goal(of(result("100k", (taken(10.0), None))), "100k") == ["not measured", ""]


def test_growth_is_told_without_the_fixed_costs():
    grown = of(
        result(FIXED, (taken(5.0, analyse=1.0, pdf=3.0), None)),
        result("1M", (taken(7.0, analyse=2.0, pdf=3.0), None)),
        result("10M", (taken(25.0, analyse=11.0, pdf=3.1), None)),
    )
    assert page.power(grown.sizes, page.seconds) == pytest.approx(1.0)
    assert page.power(grown.sizes, page.stage_seconds("analyse")) == pytest.approx(1.0)
    assert page.power(grown.sizes, page.stage_seconds("pdf")) is None
    assert goal(grown, "growth") == ["1.00 (CPU 1.00)", "met"]
    assert "| stage pdf | 3.00 | 3.00 | 3.10 | – |" in page.page(grown)
    worse = of(*list(grown.sizes.values())[:2], result("10M", (taken(35.0, analyse=11.0, pdf=3.1), None)))
    assert goal(worse, "growth") == ["1.18 (CPU 1.18)", "**missed**"]


def test_a_power_is_that_of_two_points():
    assert page.exponent((1e6, 2.0), (1e7, 20.0)) == pytest.approx(1.0)
    assert page.exponent((1e6, 1.0), (1e8, 10.0)) == pytest.approx(0.5)
    assert page.exponent((1e6, 0.1), (1e7, 20.0)) is None


def test_results_are_kept_and_a_size_that_is_measured_again_is_replaced(tmp_path: Path):
    path = tmp_path / "benchmarks.json"
    assert results.load(path) == Results()
    first = results.merged(
        Results(), [result("5k", (taken(9.0, read=1.25), taken(4.0))), result("1M", (taken(20.0), None))]
    )
    results.save(first, path)
    assert results.load(path) == first
    again = results.merged(
        results.load(path), [result("5k", (taken(8.0), None))], [Quality("inertia", "1.0001", "1.001", True)]
    )
    assert again.sizes["5k"].middle(page.seconds) == 8.0
    assert again.sizes["1M"] == first.sizes["1M"]
    assert results.merged(again, [result("5k", (taken(8.0), None))]).quality == again.quality
    results.save(again, path)
    assert results.load(path) == again
    assert "| inertia | 1.001 | 1.0001 | met |" in page.page(again)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    measured: float
    bound: str
    passed: bool


def test_rows_of_quality_may_be_tuples_or_objects():
    wanted = [Quality("silhouette", "0.00123", "0.002", True)]
    assert results.quality_rows([("silhouette", 0.00123, 0.002, True)]) == wanted
    assert results.quality_rows([Row("silhouette", 0.00123, "0.002", True)]) == wanted


def test_the_page_holds_no_path_and_tells_what_was_run_how_often():
    text = page.page(of(result("50M", (taken(200.0), None))))
    assert f"| 50M | {SIZES['50M'].words} | `--set memory=4GB` | 1 | 0.5 | abc1234 |" in text
    assert str(Path(__file__).parents[1]) not in text
    assert "50M: a machine." in text


# -- the command


def test_sizes_are_named_and_a_wrong_name_is_refused(capsys):
    assert bench._sizes("5k, 10M") == ("5k", "10M")
    for text in ("7k", "", "5k,x"):
        with pytest.raises(argparse.ArgumentTypeError, match="there are 5k, 100k"):
            bench._sizes(text)
    with pytest.raises(SystemExit):
        bench.main(["--sizes", "7k"])
    assert "no size 7k" in capsys.readouterr().err


def test_the_quality_is_told_kept_and_a_missed_bound_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys):
    rows = [Quality("inertia", "1.0004", "1.001", True), Quality("Ward", "1.2", "1.05", False)]
    monkeypatch.setattr(bench, "measured_quality", lambda: rows)
    assert bench.main(["quality"]) == 1
    assert capsys.readouterr().out == ("met     inertia: 1.0004 (bound 1.001)\nMISSED  Ward: 1.2 (bound 1.05)\n")
    monkeypatch.setattr(bench, "measured_quality", lambda: rows[:1])
    assert bench.main(["quality"]) == 0
    capsys.readouterr()


def test_the_explorer_is_timed_panel_by_panel_and_a_late_answer_fails(monkeypatch: pytest.MonkeyPatch, capsys):
    from tests.benchmarks import explorer

    few = ("cluster.k_max=4", "cluster.null_draws=2", "cluster.bootstraps=2")
    found = list(explorer.answers(80, *few))
    assert [each.what.partition(":")[0] for each in found if each.is_view][: len(explorer.PANELS)] == list(
        explorer.PANELS
    )
    assert not any(each.is_view for each in found if "refit" in each.what)
    late = explorer.Answer("map", explorer.MOST_MS + 1, is_view=True)
    monkeypatch.setattr(explorer, "answers", lambda customers: [late])
    assert bench.main(["explorer"]) == 1
    assert "MISSED  map" in capsys.readouterr().out
    monkeypatch.setattr(explorer, "answers", lambda customers: [explorer.Answer("refit", 9_999, is_view=False)])
    assert bench.main(["explorer"]) == 0


def test_the_limits_tell_the_largest_run_as_it_was_measured(root: Path):
    measured = results.load().sizes["50M"]
    gigabytes = max(measured.of(REPORT.name, page.peak)) * 2**20 / 1e9
    minutes = measured.middle(page.seconds) / 60
    told = f"told to take 4 GB, that run took {gigabytes:.1f} GB and {minutes:.1f} minutes"
    assert told in (root / "docs" / "explanation" / "limits.md").read_text(encoding="utf-8")
