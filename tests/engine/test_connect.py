"""Over Spark Connect: a real server on the loopback, from the installed PySpark alone, and the command line on this machine's own Spark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest

from reporter.engine import open_engine
from reporter.engine.duck import DuckEngine
from reporter.engine.spark import SparkEngine
from reporter.intake import stored
from reporter.intake.read import read
from reporter.intake.settings import SourceSettings
from tests.command import FAST, ROOT
from tests.engine.conftest import QUICK, needed
from tests.engine.connect import serving
from tests.engine.test_conformance import ledger, same
from tests.engine.trapped import history

pytestmark = [pytest.mark.spark, pytest.mark.slow]
PAST = ("--set", "replay.trend_months=3", "--set", "replay.periods=quarter,year")
"""Fewer earlier dates than usual: each is the same statements with another day."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Spark Connect server that runs as long as these tests."""
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


def test_a_history_over_connect(server: str, duck: DuckEngine, tmp_path: Path) -> None:
    engine = open_engine(server)
    assert isinstance(engine, SparkEngine)
    path = history(tmp_path / "orders.csv", 2_000)
    ours, theirs = (ledger(path, each, SourceSettings(date_order="dmy")) for each in (duck, engine))
    same(ours, theirs)
    assert (
        pa.Table.from_batches(engine.batches("SELECT customer_id FROM customers ORDER BY customer_id")).num_rows > 100
    )
    engine.close()


def test_stored_tables_over_connect(server: str) -> None:
    engine = open_engine(server)
    assert isinstance(engine, SparkEngine)
    view = "CREATE OR REPLACE GLOBAL TEMP VIEW orders AS SELECT * FROM VALUES ('a', DATE '2024-01-01', 1.5D), ('b', DATE '2024-01-02', 2D)"
    engine._session.sql(f"{view} AS t(customer_id, order_date, amount)").collect()
    found = read("spark://global_temp.orders", SourceSettings(), engine)
    assert (found.rows, len(found.files[0].sha256)) == (2, 64)
    assert [table.header for table in stored.find("spark://global_temp.orders", engine)] == [
        ("customer_id", "order_date", "amount")
    ]
    engine.close()


def test_the_whole_report_on_a_spark_of_its_own_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """HTML, PDF, workbook, lists, rejects and facts; only the manifest tells the engine."""
    needed()
    made = {}
    for engine in ("duckdb", "spark"):
        command = [
            sys.executable,
            "-m",
            "reporter",
            "run",
            str(ROOT / "data" / "demo.xlsx"),
            "--engine",
            engine,
            "--quiet",
            "--json",
        ]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(tmp_path),
            "JAVA_TOOL_OPTIONS": QUICK,
        }
        command += ["-c", str(ROOT / "data" / "demo.toml"), *FAST, *PAST, "--output", str(tmp_path / engine)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        (folder,) = (each for each in (tmp_path / engine).iterdir() if each.is_dir() and not each.is_symlink())
        made[engine] = {
            each.relative_to(folder).as_posix(): sha256(each.read_bytes()).hexdigest()
            for each in folder.rglob("*")
            if each.is_file() and each.name != "manifest.json"
        }
        assert (
            json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["settings"]["engine"]["value"] == engine
        )
    assert {"report.html", "report.pdf", "facts.json", "rejects.csv"} < set(made["duckdb"])
    assert made["spark"] == made["duckdb"]
    assert not list(tmp_path.glob("reporter-*")), "the folder went with the engine"
