"""Spark as an engine: its verbs, its manners beside somebody else's session, and what it says where it cannot be had."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reporter.engine import FILE_SHIFT, ParquetFiles, Warehouse, open_engine
from reporter.engine import session as sessions
from reporter.engine import spark as spark_room
from reporter.engine.duck import DuckEngine
from reporter.engine.spark import SparkEngine
from reporter.errors import InputError, ResourceError, UsageError
from reporter.intake import stored
from reporter.intake.clean import clean
from reporter.intake.read import read
from reporter.intake.settings import SourceSettings

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.fixture(scope="module")
def orders(session: Any) -> Iterator[str]:
    """A stored table of orders with a type for each kind of cell."""
    table = pa.table(
        {
            "customer_id": pa.array(["a", "b", " c ", "a", None], pa.string()),
            "order_date": pa.array([date(2024, 1, day) for day in range(1, 6)], pa.date32()),
            "amount": pa.array([1.5, 12345678.9, 2.345, 10.0, None], pa.float64()),
            "order_id": pa.array([1, 2, 3, 4, None], pa.int64()),
        }
    )
    session.sql("CREATE DATABASE IF NOT EXISTS shop")
    session.createDataFrame(table).write.mode("overwrite").saveAsTable("shop.transactions")
    yield "spark://shop.transactions"
    session.sql("DROP DATABASE shop CASCADE")


def test_register_takes_tables_and_long_readers_and_replaces(
    spark: SparkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table({"a": ["x", "y"]})
    spark.register("letters", table)
    monkeypatch.setattr(spark_room, "HANDED_OVER_ROWS", 10)
    many = pa.table({"a": [str(n) for n in range(1000)]})
    spark.register("letters", pa.RecordBatchReader.from_batches(many.schema, iter(many.to_batches(max_chunksize=7))))
    assert sorted(spark.arrow("SELECT a FROM letters")["a"].to_pylist(), key=int) == many["a"].to_pylist()
    assert spark.describe("letters") == pa.schema([("a", pa.string())])


def test_a_step_is_a_view_or_kept_and_may_replace_what_it_reads(spark: SparkEngine) -> None:
    spark.register("base", pa.table({"a": [1, 2]}))
    spark.step("doubled", "SELECT 2 * a AS a FROM base")
    spark.step("doubled", "SELECT a + 1 AS a FROM base", keep=True)
    spark.step("doubled", "SELECT 10 * a AS a FROM doubled", keep=True)
    spark.step("base", "SELECT 7 AS a")
    assert spark.arrow("SELECT a FROM doubled ORDER BY a")["a"].to_pylist() == [20, 30]
    assert spark.arrow("SELECT a FROM base")["a"].to_pylist() == [7]


def test_batches_come_in_order_and_types_survive(spark: SparkEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_room, "BATCH_ROWS", 3)
    spark.register("numbers", pa.table({"n": list(range(10, 0, -1))}))
    batches = list(spark.batches("SELECT n, CAST(n AS STRING) AS t FROM numbers ORDER BY n"))
    assert [batch.num_rows for batch in batches] == [3, 3, 3, 1]
    assert pa.Table.from_batches(batches)["n"].to_pylist() == list(range(1, 11))
    sql = "SELECT DATE '2024-02-29' AS day, CAST(1.5 AS DECIMAL(18, 2)) AS amount, parse_ts('2024-01-05 10:11:12', 'dmy') AS moment"
    row = pa.Table.from_batches(spark.batches(sql)).to_pylist()[0]
    assert row == {
        "day": date(2024, 2, 29),
        "amount": Decimal("1.50"),
        "moment": datetime.fromisoformat("2024-01-05T10:11:12"),
    }


def test_parquet_is_read_where_it_lies_with_numbered_rows(session: Any, tmp_path: Path) -> None:
    tables = [pa.table({"a": ["x", "y"]}), pa.table({"a": ["z"], "b": pa.array([0], pa.timestamp("ns"))})]
    for place, table in enumerate(tables):
        pq.write_table(table, tmp_path / f"part {place}.parquet")
    for folder in (None, tmp_path):  # a session elsewhere gets the rows over Arrow, one on this machine reads the files
        engine = SparkEngine(session)
        engine._folder = folder
        files = ParquetFiles(tuple(tmp_path / f"part {place}.parquet" for place in range(1 if folder else 2)))
        engine.register("parts", files)
        rows = engine.arrow("SELECT row_no, a FROM parts ORDER BY row_no").to_pylist()
        assert [(row["row_no"], row["a"]) for row in rows] == [(1, "x"), (2, "y"), ((1 << FILE_SHIFT) + 1, "z")][
            : 2 if folder else 3
        ]
        engine.close()


def test_a_session_that_was_there_is_left_as_it_was(session: Any) -> None:
    session.sql("SELECT 1 AS mine").createOrReplaceTempView("transactions")
    before = (session.conf.get("spark.sql.session.timeZone"), session.conf.get("spark.sql.ansi.enabled"))
    engine = open_engine(session)
    engine.register("transactions", pa.table({"theirs": [2]}))
    assert engine.arrow("SELECT current_timezone() AS zone")["zone"].to_pylist() == ["UTC"]
    engine.close()
    engine.close()
    assert session.table("transactions").columns == ["mine"]
    assert (session.conf.get("spark.sql.session.timeZone"), session.conf.get("spark.sql.ansi.enabled")) == before
    assert not session.catalog.functionExists("parse_date")
    assert session.range(3).count() == 3, "the session still works"
    session.catalog.dropTempView("transactions")


def test_the_active_session_is_the_one_that_spark_means(session: Any) -> None:
    engine = open_engine("spark")
    assert isinstance(engine, SparkEngine)
    assert engine._folder is None
    assert engine._session.sparkContext.applicationId == session.sparkContext.applicationId
    engine.close()


def test_a_stored_table_is_read_where_it_is(spark: SparkEngine, orders: str) -> None:
    settings = SourceSettings()
    ledger = clean(read(orders, settings, spark), settings, spark)
    rows = spark.arrow(
        "SELECT customer_id, CAST(day AS STRING) AS day, amount FROM transactions ORDER BY day"
    ).to_pylist()
    assert [(row["customer_id"], row["day"], str(row["amount"])) for row in rows] == [
        ("a", "2024-01-01", "1.50"), ("b", "2024-01-02", "12345678.90"), ("c", "2024-01-03", "2.35"), ("a", "2024-01-04", "10.00"),
    ]  # fmt: skip
    assert ledger.transactions_tally.by_reason == (("no-customer-id", "rejected", 1),)
    assert [(file.name, len(file.sha256)) for file in ledger.files] == [("shop.transactions", 64)]


def test_row_numbers_and_fingerprint_follow_from_the_rows_alone(spark: SparkEngine, session: Any, orders: str) -> None:
    session.sql("CREATE OR REPLACE GLOBAL TEMP VIEW turned AS SELECT * FROM shop.transactions ORDER BY amount DESC")
    session.sql(
        "CREATE OR REPLACE GLOBAL TEMP VIEW other AS SELECT * FROM shop.transactions WHERE order_id IS NOT NULL"
    )
    found = {}
    for name in ("shop.transactions", "global_temp.turned", "global_temp.other"):
        (table,) = stored.find(f"spark://{name}", spark)
        rows = spark.arrow(f"SELECT row_no, amount FROM stored_{table.name} ORDER BY row_no").to_pylist()
        found[name] = (rows, stored.fingerprints([table], spark)[0].sha256)
    assert found["shop.transactions"] == found["global_temp.turned"]
    assert found["shop.transactions"][1] != found["global_temp.other"][1]
    assert len({row["row_no"] for row in found["shop.transactions"][0]}) == 5


def test_a_schema_is_a_source_and_wrong_names_are_told(spark: SparkEngine, orders: str) -> None:
    assert [table.name for table in stored.find("spark://shop", spark)] == ["transactions"]
    for source, words in (
        ("spark://shop.nothing", "is no table and no schema"),
        ("spark://no_such_place", "global_temp.name"),
    ):
        with pytest.raises(InputError, match=words):
            stored.find(source, spark)
    with pytest.raises(UsageError, match="is not the name of a table"):
        stored.find("spark://shop.a; DROP TABLE x", spark)


def test_lists_in_a_stored_table_are_told(spark: SparkEngine, session: Any) -> None:
    session.sql(
        "CREATE OR REPLACE GLOBAL TEMP VIEW lists AS SELECT 'a' AS customer_id, DATE '2024-01-01' AS order_date, array(1) AS amount"
    )
    with pytest.raises(InputError, match=r"global_temp.lists: has a column of lists"):
        read("spark://global_temp.lists", SourceSettings(), spark)


@pytest.mark.parametrize(
    "sign", ["java.lang.OutOfMemoryError: Java heap space", "No space left on device", "StatusCode.UNAVAILABLE"]
)
def test_shortages_are_told(spark: SparkEngine, sign: str) -> None:
    with pytest.raises(ResourceError, match="entries: "), spark._told("entries"):
        raise RuntimeError(f"Job aborted: {sign}")


# --- without a session ------------------------------------------------------------------------------------------------


def test_the_embedded_engine_has_no_stored_tables() -> None:
    engine = DuckEngine()
    assert not isinstance(engine, Warehouse)
    with pytest.raises(UsageError, match=r"spark://shop.orders: is a table of Spark. Run it there: --engine spark"):
        stored.find("spark://shop.orders", engine)
    engine.close()


def test_an_engine_of_another_name_is_told() -> None:
    with pytest.raises(UsageError, match="Use auto, duckdb, spark or sc://host:port"):
        open_engine("oracle")


def test_pyspark_missing_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(UsageError, match=r"PySpark is not installed.*reporter\[spark\].*--spark"):
        sessions.local_session(tmp_path, 2**30, 2)
    with pytest.raises(UsageError, match="PySpark is not installed"):
        sessions.connect_session("sc://localhost:1")


def test_java_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UsageError, match=r"Spark needs Java, and there is none. Install Java 17"):
        sessions.local_session(tmp_path, 2**30, 2)


@pytest.mark.parametrize("address", ["sc://localhost:1", "sc://localhost:99999", "sc://"])
def test_a_server_that_does_not_answer_is_told(address: str) -> None:
    with pytest.raises(UsageError, match=f"--engine {address}: no Spark Connect server can be reached there"):
        open_engine(address)


def test_an_old_spark_is_told() -> None:
    with pytest.raises(UsageError, match=r"Spark 3\.5\.6 is too old: SQL functions came with 4\.0"):
        open_engine(SimpleNamespace(version="3.5.6"))


def test_a_session_that_stands_alone_is_told() -> None:
    with pytest.raises(UsageError, match=r"cannot open a second session. Give its address"):
        open_engine(SimpleNamespace(version="4.0.0"))
