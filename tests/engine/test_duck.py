"""The embedded engine: its seven verbs, its locks, and the prelude's reading of dates and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reporter.engine import ParquetFiles, StoredTable, duck, open_engine
from reporter.engine.duck import WORTH_TWO, DuckEngine
from reporter.errors import ResourceError, UsageError


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    opened = DuckEngine()
    yield opened
    opened.close()


def one(engine: DuckEngine, expression: str, text: str | None) -> object:
    engine.register("probe", pa.table({"t": pa.array([text], pa.string())}))
    return engine.arrow(f"SELECT {expression} AS x FROM probe")["x"][0].as_py()


def test_the_engine_is_chosen_by_name() -> None:
    opened = open_engine("auto")
    assert opened.name == "duckdb"
    opened.close()
    with pytest.raises(UsageError, match="“oracle” is not offered"):
        open_engine("oracle")


def test_register_takes_tables_and_one_pass_readers_and_replaces(engine: DuckEngine) -> None:
    table = pa.table({"a": ["x", "y"]})
    engine.register("letters", table)
    engine.register("letters", pa.RecordBatchReader.from_batches(table.schema, iter(table.slice(1).to_batches())))
    assert engine.arrow("SELECT a FROM letters")["a"].to_pylist() == ["y"]
    assert engine.describe("letters") == pa.schema({"a": pa.string()})


def test_a_step_is_a_view_or_a_table_and_may_replace_what_it_reads(engine: DuckEngine) -> None:
    engine.register("base", pa.table({"a": [1, 2]}))
    engine.step("doubled", "SELECT 2 * a AS a FROM base")
    engine.step("doubled", "SELECT a + 1 AS a FROM base", keep=True)
    engine.step("doubled", "SELECT 10 * a AS a FROM doubled", keep=True)
    engine.step("base", "SELECT 7 AS a")
    assert engine.arrow("SELECT a FROM doubled ORDER BY a")["a"].to_pylist() == [20, 30]
    assert engine.arrow("SELECT a FROM base")["a"].to_pylist() == [7]


def test_what_is_forgotten_is_gone_and_its_memory_free() -> None:
    opened = DuckEngine(512 * 2**20)
    opened.step("big", "SELECT range AS i FROM range(5000000)", keep=True)
    opened.step("view", "SELECT max(i) AS i FROM big")
    used = "SELECT coalesce(sum(memory_usage_bytes), 0) AS n FROM duckdb_memory()"
    before = opened.arrow(used)["n"][0].as_py()
    opened.forget("big", "view", "never there")
    assert opened.arrow(used)["n"][0].as_py() < before - 30_000_000
    with pytest.raises(duckdb.CatalogException):
        opened.arrow("SELECT * FROM big")
    opened.close()


def test_rows_of_a_single_row_group_are_read_in_stretches_and_each_once(tmp_path: Path) -> None:
    rows = pa.table({"i": range(WORTH_TWO + 1)})
    for name, size in (("one", len(rows)), ("many", 4_000)):
        pq.write_table(rows, tmp_path / f"{name}.parquet", row_group_size=size)
    engine = DuckEngine(reach=tmp_path)

    def parts(name: str) -> int:
        plan = engine.arrow(f"EXPLAIN SELECT i FROM {name}")["explain_value"][0].as_py()
        return 1 + str(plan).count("─ Union ")

    engine.register("copied", rows)
    engine.register("few", rows.slice(0, WORTH_TWO - 1))
    for name in ("one", "many"):
        engine.register(name, ParquetFiles((tmp_path / f"{name}.parquet",)))
    engine.step("kept", "SELECT -i AS i FROM copied", keep=True)
    alone = {name: parts(name) for name in ("copied", "one", "kept")}
    assert alone == dict.fromkeys(alone, engine.plan.threads)
    assert parts("few") == parts("many") == 1
    for name in ("copied", "one", "many"):
        assert engine.arrow(f"SELECT i FROM {name} ORDER BY i")["i"].to_pylist() == rows["i"].to_pylist()
    assert engine.arrow("SELECT count(*) AS n FROM one WHERE row_no = i + 1")["n"].to_pylist() == [len(rows)]
    engine.step("copied", "SELECT 10 * i AS i FROM copied", keep=True)
    assert engine.arrow("SELECT max(i) AS i FROM copied")["i"].to_pylist() == [10 * WORTH_TWO]
    engine.register("copied", rows.slice(0, 2))
    assert engine.arrow("SELECT i FROM copied ORDER BY i")["i"].to_pylist() == [0, 1]
    engine.forget("copied", "kept", "few")
    assert engine.arrow("SELECT count(*) AS n FROM duckdb_tables()")["n"].to_pylist() == [0]
    engine.close()


def test_batches_come_piece_by_piece_in_the_order_of_the_sql(engine: DuckEngine) -> None:
    pieces = list(engine.batches("SELECT range AS i FROM range(200000) ORDER BY i DESC"))
    assert max(piece.num_rows for piece in pieces) <= 65_536
    assert pa.Table.from_batches(pieces)["i"].to_pylist() == list(range(199_999, -1, -1))


def test_the_plan_tells_what_the_engine_works_with() -> None:
    engine = DuckEngine(512 * 2**20)
    plan = engine.plan
    assert plan.engine.startswith("DuckDB ")
    assert plan.memory_bytes == 512 * 2**20
    assert plan.threads in (1, 2)
    assert Path(plan.spills_to).is_dir()
    engine.close()
    assert not Path(plan.spills_to).exists()


def test_files_within_reach_can_be_read_and_no_others(tmp_path: Path) -> None:
    for name in ("mine", "other"):
        pq.write_table(pa.table({"a": [1, 2]}), tmp_path / f"{name}.parquet")
    engine = DuckEngine(reach=tmp_path / "mine.parquet")
    engine.register("mine", ParquetFiles((tmp_path / "mine.parquet",)))
    assert engine.arrow("SELECT row_no, a FROM mine ORDER BY a").to_pylist() == [
        {"row_no": 1, "a": 1},
        {"row_no": 2, "a": 2},
    ]
    with pytest.raises(duckdb.PermissionException):
        engine.register("other", ParquetFiles((tmp_path / "other.parquet",)))
    with pytest.raises(ValueError, match="keeps no table"):
        engine.register("stored", StoredTable("orders"))
    engine.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM 'x.csv'",
    ],
)
def test_sql_reaches_no_file(engine: DuckEngine, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        engine.arrow(sql)


@pytest.mark.parametrize("statement", ["SET threads = 1", "INSTALL httpfs", "COPY (SELECT 1) TO '/tmp/x.csv'"])
def test_settings_extensions_and_files_are_locked(statement: str) -> None:
    opened = DuckEngine()
    with pytest.raises(duckdb.Error):
        opened._connection.execute(statement)
    opened.close()


def test_local_variables_are_no_tables(engine: DuckEngine) -> None:
    hidden = pa.table({"a": [1]})
    assert hidden.num_rows == 1
    with pytest.raises(duckdb.CatalogException):
        engine.arrow("SELECT * FROM hidden")


def test_the_temporary_folder_goes_with_the_engine() -> None:
    opened = DuckEngine()
    folder = opened._folder
    assert folder.is_dir()
    opened.close()
    opened.close()
    assert not folder.exists()


def test_out_of_memory_is_told_with_limit_and_remedy() -> None:
    opened = DuckEngine(memory_bytes=20 * 2**20)
    with pytest.raises(ResourceError, match="big: did not fit into the 20 MiB of memory"):
        opened.step("big", "SELECT list(i) AS a FROM range(30000000) t(i)", keep=True)
    opened.close()


DATES = [
    ("2024-04-08", "dmy", date(2024, 4, 8)),
    ("2024/4/7", "dmy", date(2024, 4, 7)),
    ("2024.04.07", "dmy", date(2024, 4, 7)),
    ("09 July 2023", "dmy", date(2023, 7, 9)),
    ("Jul 10, 2023", "dmy", date(2023, 7, 10)),
    ("March 5th, 2024", "dmy", date(2024, 3, 5)),
    ("5 Mar 2024", "mdy", date(2024, 3, 5)),
    ("1st Aug 2024", "dmy", date(2024, 8, 1)),
    ("Sunday, 5 May 2024", "dmy", date(2024, 5, 5)),
    ("16-Jan-23", "dmy", date(2023, 1, 16)),
    ("16-Jan-99", "dmy", date(1999, 1, 16)),
    ("20240210", "dmy", date(2024, 2, 10)),
    ("2023-04-03T00:00:00", "dmy", date(2023, 4, 3)),
    ("2023-04-03 23:59:59.5+02:00", "dmy", date(2023, 4, 3)),
    ("2023-04-03T10:00Z", "dmy", date(2023, 4, 3)),
    ("03/04/2024", "dmy", date(2024, 4, 3)),
    ("03/04/2024", "mdy", date(2024, 3, 4)),
    ("3/4/24 11:30 PM", "mdy", date(2024, 3, 4)),
    ("24/03/04", "ymd", date(2024, 3, 4)),
    ("03.04.2024", "mdy", date(2024, 4, 3)),
    ("13/02/2024", "mdy", None),
    ("45390", "dmy", date(2024, 4, 8)),
    ("45390.75", "dmy", date(2024, 4, 8)),
    ("2024-02-30", "dmy", None),
    ("2023-02-29", "dmy", None),
    ("2024-01-05 25:00:00", "dmy", None),
    ("2024", "dmy", None),
    ("2024-03", "dmy", None),
    ("epoch", "dmy", None),
    ("infinity", "dmy", None),
    ("10 Foo 2024", "dmy", None),
    ("soon", "dmy", None),
    ("123", "dmy", None),
    (None, "dmy", None),
]


@pytest.mark.parametrize(("text", "order", "day"), DATES)
def test_parse_date(engine: DuckEngine, text: str | None, order: str, day: date | None) -> None:
    assert one(engine, f"parse_date(t, '{order}')", text) == day
    moment = one(engine, f"parse_ts(t, '{order}')", text)
    assert (moment.date() if isinstance(moment, datetime) else moment) == day


def test_parse_ts_keeps_the_time_and_drops_the_zone(engine: DuckEngine) -> None:
    assert one(engine, "parse_ts(t, 'dmy')", "2024-04-08 10:11:12") == datetime.fromisoformat("2024-04-08T10:11:12")
    assert one(engine, "parse_ts(t, 'dmy')", "2024-04-08T10:11:12+05:00") == datetime.fromisoformat(
        "2024-04-08T10:11:12"
    )


AMOUNTS = [
    ("95.37", ".", "95.37"),
    ("12", ",", "12.00"),
    ("1.234,56", ".", "1234.56"),
    ("1,234.56", ",", "1234.56"),
    ("$1,200.50", ".", "1200.50"),
    ("€ 99,90", ".", "99.90"),
    ("99,90 €", ".", "99.90"),
    ("EGP 1,250", ".", "1250.00"),
    ("-$5", ".", "-5.00"),
    ("$-5", ".", "-5.00"),
    ("(45.00)", ".", "-45.00"),
    ("($45.00)", ".", "-45.00"),
    ("(45.00", ".", None),
    ("45.00-", ".", "-45.00"),
    ("−12.30", ".", "-12.30"),
    ("+5", ".", "5.00"),
    ("1,234", ".", "1234.00"),
    ("1,234", ",", "1.23"),
    ("1,234", "?", None),
    ("1.234", ".", "1.23"),
    ("1.234", ",", "1234.00"),
    ("1.234.567", ".", "1234567.00"),
    ("12,34,567.00", ".", "1234567.00"),
    ("1 234,50", ".", "1234.50"),
    ("1\u00a0234,500", ".", "1234.50"),
    ("1’234.50", ".", "1234.50"),
    ("1e3", ".", "1000.00"),
    ("1e+300", ".", None),
    ("12.3.4", ".", None),
    ("inf", ".", None),
    ("nan", ".", None),
    ("free", ".", None),
    ("5 mio", ".", None),
    ("1_000", ".", None),
    ("12d", ".", None),
    ("--5", ".", None),
    ("-", ".", None),
    ("", ".", None),
    ("٤٥٫٥٠", ".", "45.50"),
    ("١٢٣", ".", "123.00"),
    ("2.345", ".", "2.35"),
    ("2.3450", ",", "2.35"),
    ("-2.345", ".", "-2.35"),
    ("99999999999999999.99", ".", None),
    (None, ".", None),
]


@pytest.mark.parametrize(("text", "sign", "amount"), AMOUNTS)
def test_parse_amount(engine: DuckEngine, text: str | None, sign: str, amount: str | None) -> None:
    assert one(engine, f"parse_amount(t, '{sign}')", text) == (None if amount is None else Decimal(amount))


def test_parse_number_keeps_small_prices(engine: DuckEngine) -> None:
    assert one(engine, "parse_number(t, '.')", "0.125") == Decimal("0.125000")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("5", "plain"),
        ("5.5", "dot"),
        ("5,5", "comma"),
        ("5.555", "dot3"),
        ("5,555", "comma3"),
        ("0.555", "dot"),
        ("x", None),
    ],
)
def test_amount_shape_says_what_a_text_proves(engine: DuckEngine, text: str, shape: str | None) -> None:
    assert one(engine, "amount_shape(t)", text) == shape


def test_said_currency(engine: DuckEngine) -> None:
    assert one(engine, "said_currency(t)", "US$ 5") == "US$"
    assert one(engine, "said_currency(t)", "5 EUR") == "EUR"
    assert one(engine, "said_currency(t)", "5") is None


def test_days_between(engine: DuckEngine) -> None:
    assert one(engine, "days_between(CAST(t AS DATE), DATE '2024-03-01')", "2024-02-28") == 2


def limit(engine: DuckEngine) -> int:
    """Bytes that the engine holds itself to, to the MiB."""
    told = engine.arrow("SELECT current_setting('memory_limit') AS m")["m"][0].as_py()
    size, unit = str(told).split()
    return round(float(size) * {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[unit]) >> 20 << 20


def test_memory_is_held_to_what_the_tables_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duck, "LEAST_MEMORY", 40 * 2**20)
    monkeypatch.setattr(duck, "ROW_MEMORY", 500)
    monkeypatch.setattr(duck, "READ_MEMORY", 1_000)
    opened, rows = DuckEngine(), pa.table({"i": range(100_000)})
    most = opened.plan.memory_bytes
    assert most is not None
    assert limit(opened) == most >> 20 << 20
    opened.register("few", rows.slice(0, 1_000))
    assert limit(opened) == 40 * 2**20
    opened.register("many", rows)
    assert limit(opened) >> 20 == 101_000 * 1_500 >> 20
    opened.forget("many", "few")
    assert limit(opened) >> 20 == 101_000 * 500 >> 20
    assert opened.plan.room_for(10) == 40 * 2**20
    assert opened.plan.room_for(200_000) == 200_000 * 500
    assert opened.plan.room_for(10**9) == opened.plan.memory_bytes == most
    opened.close()


def test_who_says_how_much_memory_there_is_has_it_used() -> None:
    opened = DuckEngine(300 * 2**20)
    opened.register("few", pa.table({"i": [1]}))
    assert limit(opened) == 300 * 2**20 == opened.plan.room_for(1)
    opened.close()


@pytest.mark.parametrize("verb", ["step", "arrow", "batches"])
def test_what_needs_more_than_tables_of_that_size_do_gets_it(monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setattr(duck, "LEAST_MEMORY", 24 * 2**20)
    sql = "SELECT len(list(i)) AS n FROM range(5000000) t(i)"
    held = DuckEngine(24 * 2**20)
    with pytest.raises(ResourceError):
        held.arrow(sql)
    held.close()
    opened = DuckEngine()
    opened.register("few", pa.table({"i": [1]}))
    assert limit(opened) == 24 * 2**20
    if verb == "step":
        opened.step("big", sql, keep=True)
    found = pa.Table.from_batches(opened.batches(sql)) if verb == "batches" else opened.arrow(sql)
    assert found["n"].to_pylist() == [5_000_000]
    assert limit(opened) == (24 * 2**20 if verb == "batches" else opened.plan.memory_bytes)
    opened.close()
