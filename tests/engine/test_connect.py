"""Over Spark Connect: a real server on the loopback, from the installed PySpark alone; and the guide to Spark, which starts one of its own, too."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

import reporter
from reporter.engine import open_engine
from reporter.engine.duck import DuckEngine
from reporter.engine.spark import SparkEngine
from reporter.intake import stored
from reporter.intake.read import read
from reporter.intake.settings import SourceSettings
from tests.command import FAST, ROOT, called
from tests.delivery.small_runs import differences, names
from tests.engine.conftest import QUICK
from tests.engine.test_conformance import ledger, same
from tests.engine.trapped import history
from tests.pages import walk

pytestmark = [pytest.mark.spark, pytest.mark.slow]
PAST = ("--set", "replay.trend_months=3", "--set", "replay.periods=quarter,year")
"""Fewer earlier dates than usual: each is the same statements with another day."""


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


def test_the_whole_report_over_connect_is_the_same_to_the_byte(server: str, tmp_path: Path) -> None:
    """HTML, PDF, workbook, lists, rejects and facts; only the manifest tells the engine."""
    made = []
    for name, engine in (("duckdb", "duckdb"), ("spark", server)):
        source, output = ROOT / "data" / "demo.xlsx", tmp_path / name
        settings = ("-c", ROOT / "data" / "demo.toml", *FAST, *PAST, "--engine", engine, "--output", output)
        done = called("run", source, *settings, "--quiet", cwd=tmp_path)
        assert done.code == 0, done.err
        made.append((output / "latest").resolve())
        manifest = json.loads((made[-1] / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["settings"]["engine"]["value"] == engine
    assert {"report.html", "report.pdf", "facts.json", "rejects.csv"} < set(names(made[0]))
    assert differences(*made) == ["manifest.json"]


def test_the_guide_is_true(server: str, tmp_path: Path) -> None:
    """Word for word: on a Spark of its own, and on a server."""
    engine = open_engine(server)
    assert isinstance(engine, SparkEngine)
    engine._session.sql("CREATE SCHEMA sales").collect()
    rows = ", ".join(
        f"('{each.transaction_id}', '{each.customer_id}', DATE '{each.transaction_date:%Y-%m-%d}', {each.amount}D)"
        for each in reporter.sample().itertuples()
    )
    names = "transaction_id, customer_id, transaction_date, amount"
    engine._session.sql(f"CREATE TABLE sales.orders AS SELECT * FROM VALUES {rows} AS t({names})").collect()
    engine.close()
    guide = (ROOT / "docs" / "how-to" / "spark.md").read_text(encoding="utf-8")
    (tmp_path / "scratch").mkdir()
    environment = {"JAVA_TOOL_OPTIONS": QUICK, "TMPDIR": str(tmp_path / "scratch")}
    walk(guide, tmp_path, environment, {"sc://host:15002": server})
    assert not list((tmp_path / "scratch").glob("reporter-*")), "the folder went with the engine"
