"""Too little memory: one sentence that names the step, the limit and the way out, and no half-made report."""

from __future__ import annotations

from pathlib import Path

import pytest

import reporter
from reporter import river
from reporter.errors import ResourceError
from tests.benchmarks import history
from tests.command import called

FAST = ("cluster.null_draws=4", "cluster.bootstraps=4", "cluster.k_max=4", "output.pdf=false")


def left(folder: Path) -> list[str]:
    """What a run has left in its folder, but for the lock."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def test_an_engine_without_room_says_where_and_what_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.write(tmp_path / "orders.parquet", 200_000, 20_000)
    monkeypatch.setattr(river, "ENGINE_SHARE", 0.06)  # of the least that may be set: some 15 MB
    config, _ = reporter.load_config(None, (*FAST, "memory=256MB"))
    with pytest.raises(ResourceError) as caught:
        reporter.run(tmp_path / "orders.parquet", config, output=tmp_path / "out")
    (problem,) = caught.value.problems
    assert problem.where.startswith("Checking every row (")
    assert "MiB of memory that the engine may use" in problem.what
    assert "--set memory=" in problem.fix
    assert left(tmp_path / "out") == []


def test_customers_without_room_are_refused_before_they_are_clustered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.write(tmp_path / "orders.parquet", 20_000, 2_000)
    monkeypatch.setattr(river, "HELD_BYTES", 200_000_000)
    config, _ = reporter.load_config(None, (*FAST, "memory=256MB"))
    with pytest.raises(ResourceError) as caught:
        reporter.run(tmp_path / "orders.parquet", config, output=tmp_path / "out")
    (problem,) = caught.value.problems
    assert problem.where == "Scoring and clustering customers (analysis)"
    assert "customers by" in problem.what
    assert "--set memory=8GB" in problem.fix
    assert left(tmp_path / "out") == []


def test_the_command_says_it_in_one_line_and_with_its_code(tmp_path: Path) -> None:
    history.write(tmp_path / "orders.parquet", 20_000, 2_000)
    out = tmp_path / "out"
    ran = called("run", "orders.parquet", "-o", out, "--no-pdf", "--set", "memory=256MB", cwd=tmp_path)
    assert ran.code == 7
    assert ran.err.count("Error:") == 1
    assert "needs about" in ran.err
    assert left(out) == []
