"""PostgreSQL, on a real server: what a cell becomes, the order of rows, one snapshot, nothing written, no password told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reporter.engine.duck import DuckEngine
from reporter.errors import UsageError
from reporter.intake import postgres
from reporter.intake.address import address_of
from reporter.intake.locate import name_of
from tests.command import ROOT, called
from tests.fixtures.workbook import make_shop
from tests.intake.conftest import Load, refused, rows_of, tables, transactions
from tests.postgres import LOCKED, POOR, SECRET, Server

ORDERS = "CREATE TABLE orders (customer_id text, order_date date, amount numeric(10, 2))"
TWO = "INSERT INTO orders VALUES ('b', '2024-01-02', 2), ('a', '2024-01-01', 1.50)"


def column(engine: DuckEngine, server: Server, kind: str, *values: str, query: str = "") -> list[str | None]:
    """What cells of a type become, as amounts (which are not parsed here)."""
    rows = ", ".join(f"('c', '2024-01-01', {value})" for value in values)
    server.fresh(
        "cells",
        f"CREATE TABLE orders (customer_id text, order_date date, amount {kind})",
        f"INSERT INTO orders VALUES {rows}",
    )
    tables(engine, server.url("cells", query=query))
    return [cell for (cell,) in transactions(engine, "amount")]


@pytest.mark.parametrize(
    ("kind", "values", "texts"),
    [
        ("numeric", ("1.5", "12345678901234567890123.45", "1.234", "NULL", "'NaN'"), ["1.5", "12345678901234567890123.45", "1.2340", None, "NaN"]),
        ("numeric(12, 2)", ("10", "-0.5"), ["10.00", "-0.50"]),
        ("money", ("'12.30'", "'-1234.56'"), ["12.30", "-1234.56"]),
        ("real", ("0.1", "3"), ["0.1", "3"]),
        ("double precision", ("0.1", "17850", "1.234", "'Infinity'"), ["0.1", "17850", "1.2340", "inf"]),
        ("bigint", ("9007199254740993", "-1"), ["9007199254740993", "-1"]),
        ("boolean", ("true", "false"), ["TRUE", "FALSE"]),
        ("char(6)", ("'ab'", "''"), ["ab", None]),
        ("text", ("'  x '", "' '", "'Ölkännchen'", "repeat('y', 3000000)"), ["x", None, "Ölkännchen", "y" * 3_000_000]),
        ("uuid", ("'00000000-0000-0000-0000-000000000007'",), ["00000000-0000-0000-0000-000000000007"]),
        ("bytea", ("'abc'",), ["abc"]),
        ("jsonb", ("'{\"a\": 1}'",), ['{"a": 1}']),
        ("date", ("'2024-02-29'", "'infinity'"), ["2024-02-29", "infinity"]),
        ("timestamp", ("'2024-02-29 23:59:59.9'", "'2024-03-01'", "'infinity'"), ["2024-02-29 23:59:59", "2024-03-01", "infinity"]),
    ],
)  # fmt: skip
def test_a_cell_becomes_the_text_that_a_person_would_write(
    engine: DuckEngine, server: Server, kind: str, values: tuple[str, ...], texts: list[str | None]
) -> None:
    assert column(engine, server, kind, *values) == texts


def test_types_made_of_types_are_read_as_what_they_are_made_of(engine: DuckEngine, server: Server) -> None:
    server.run("postgres", "DROP DOMAIN IF EXISTS dear, price")
    url = server.fresh(
        "domains", "CREATE DOMAIN price AS numeric", "CREATE DOMAIN dear AS price",
        "CREATE TABLE orders (customer_id text, order_date date, amount dear)", "INSERT INTO orders VALUES ('a', '2024-01-01', 1.234)",
    )  # fmt: skip
    tables(engine, url)
    assert transactions(engine, "amount") == [("1.2340",)]


def test_moments_with_a_zone_are_told_in_the_zone_of_the_database(engine: DuckEngine, server: Server) -> None:
    moment = "'2024-01-01 23:30:00+00'"
    assert column(engine, server, "timestamptz", moment) == ["2024-01-01 23:30:00"]
    asked = "?options=-c%20TimeZone%3DAsia/Kathmandu"
    assert column(engine, server, "timestamptz", moment, query=asked) == ["2024-01-02 05:15:00"]
    server.run("cells", "ALTER DATABASE cells SET TimeZone = 'Europe/Berlin'")
    found = tables(engine, server.url("cells"))
    assert transactions(engine, "amount") == [("2024-01-02 00:30:00",)]
    assert [note.where for note in found.notes if "Europe/Berlin" in note.what] == ["cells, table orders"]


def test_a_list_in_a_cell_is_refused(engine: DuckEngine, server: Server) -> None:
    url = server.fresh("lists", "CREATE TABLE orders (customer_id text, order_date date, amount int[])", "INSERT INTO orders VALUES ('a', '2024-01-01', '{1}')")  # fmt: skip
    (message,) = refused(engine, url)
    assert (
        message
        == "lists, table orders, column amount: holds _int4, not single values. Give a view with one value a row."
    )


def test_bytes_that_are_no_text_are_refused(engine: DuckEngine, server: Server) -> None:
    server.run("postgres", "DROP DATABASE IF EXISTS odd", "CREATE DATABASE odd ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")  # fmt: skip
    server.run("odd", ORDERS, "INSERT INTO orders VALUES (E'\\xe9', '2024-01-01', 1)")
    (message,) = refused(engine, server.url("odd"))
    assert message.startswith(
        'odd, table orders: could not be read (invalid byte sequence for encoding "UTF8": 0xe9). Mend'
    )


# -- tables, names and order


def test_the_six_tables_of_a_shop_are_found(load: Load, server: Server) -> None:
    shop = make_shop(amount=True)
    server.fresh("six")
    for name, rows in shop.items():
        server.rows("six", name.upper(), list(rows[0]), [list(row.values()) for row in rows])
    ledger = load(server.url("six"))
    assert (ledger.layout, len(ledger.tallies), ledger.transactions_tally.kept) == ("shop", 6, 240)
    assert {(tally.file, tally.sheet) for tally in ledger.tallies} == {("six", name.upper()) for name in shop}


def test_names_may_hold_anything(engine: DuckEngine, server: Server) -> None:
    server.run("postgres", 'DROP DATABASE IF EXISTS "wé\'ird"', 'CREATE DATABASE "wé\'ird"')
    url = server.url("w%C3%A9'ird")
    server.run(
        "w%C3%A9'ird",
        'CREATE TABLE "Bestellungen ""2024"" \'ü" ("Kundin; DROP" text, "Wann?" date, "Prix ""net""" numeric)',
        'INSERT INTO "Bestellungen ""2024"" \'ü" VALUES (\'a\', \'2024-01-01\', 1)',
    )
    columns = {"customer_id": "Kundin; DROP", "transaction_date": "Wann?", "amount": 'Prix "net"'}
    found = tables(engine, url, columns=columns)
    assert transactions(engine, "row_no", "customer_id", "transaction_date", "amount") == [(1, "a", "2024-01-01", "1")]
    assert found.files[0].name == "wé'ird"


def test_a_schema_is_named_or_found_on_the_search_path(engine: DuckEngine, server: Server) -> None:
    url = server.fresh(
        "two", "CREATE SCHEMA sales", ORDERS.replace("orders", "sales.orders"), TWO.replace("orders", "sales.orders")
    )
    assert refused(engine, url) == [
        "two: holds no table in the schemas of the search path. Name one of its schemas (sales): …/two?schema=sales"
    ]
    tables(engine, f"{url}?schema=sales")
    assert len(transactions(engine, "customer_id")) == 2
    tables(engine, f"{url}?options=-c%20search_path%3Dsales")
    assert len(transactions(engine, "customer_id")) == 2
    assert refused(engine, f"{url}?schema=nope")[0].startswith("two: holds no table in schema nope.")


def test_one_of_several_tables_holds_the_orders(engine: DuckEngine, server: Server) -> None:
    url = server.fresh(
        "some", ORDERS.replace("orders", "sold"), TWO.replace("orders", "sold"), "CREATE TABLE notes (n int)"
    )
    tables(engine, url)
    assert len(transactions(engine, "customer_id")) == 2
    server.run("some", ORDERS.replace("orders", "sold_old"))
    assert "holds 3 tables, and it is not clear which one holds the orders: sold, sold_old." in refused(engine, url)[0]
    tables(engine, url, sheet="Sold")
    assert len(transactions(engine, "customer_id")) == 2
    (message,) = refused(engine, url, sheet="notes")
    assert message.startswith("some, table notes: required columns customer_id, transaction_date not found.")


def test_rows_are_numbered_by_the_key(engine: DuckEngine, server: Server) -> None:
    url = server.fresh("keyed", ORDERS.replace("date date", "date date, no text PRIMARY KEY"), "INSERT INTO orders VALUES ('b', '2024-01-01', 'b', 1), ('C', '2024-01-01', 'C', 1), ('a', '2024-01-01', 'a', 1)")  # fmt: skip
    tables(engine, url)
    assert transactions(engine, "row_no", "customer_id") == [(1, "C"), (2, "a"), (3, "b")]


@pytest.mark.parametrize("partitioned", [False, True])
def test_without_a_key_rows_are_numbered_as_they_lie(engine: DuckEngine, server: Server, partitioned: bool) -> None:
    made = "CREATE TABLE orders (customer_id text, order_date date, amount numeric(10, 2))"
    parts = ["CREATE TABLE y2 PARTITION OF orders FOR VALUES FROM ('2024-01-02') TO ('2025-01-01')", "CREATE TABLE y1 PARTITION OF orders FOR VALUES FROM ('2023-01-01') TO ('2024-01-02')"]  # fmt: skip
    made_parts = [made + " PARTITION BY RANGE (order_date)", *parts] if partitioned else [made]
    url = server.fresh("lying", *made_parts, TWO, "INSERT INTO orders VALUES ('c', '2024-01-03', 1)")
    tables(engine, url)
    assert transactions(engine, "row_no", "customer_id") == ([(1, "a"), (2, "b"), (3, "c")] if partitioned else [(1, "b"), (2, "a"), (3, "c")])  # fmt: skip


def test_the_rows_of_a_view_are_numbered_by_their_values(engine: DuckEngine, server: Server) -> None:
    url = server.fresh("viewed", "CREATE TABLE secret (w text, d date, a float8)", "INSERT INTO secret VALUES ('b', '2024-01-01', 2), ('a', '2024-01-02', 2), ('a', '2024-01-01', 10)", "CREATE VIEW orders AS SELECT w AS customer_id, d AS order_date, a AS amount FROM secret")  # fmt: skip
    tables(engine, url, sheet="orders")
    assert transactions(engine, "customer_id", "transaction_date") == [
        ("a", "2024-01-01"),
        ("a", "2024-01-02"),
        ("b", "2024-01-01"),
    ]


def test_findings_name_database_and_table(load: Load, server: Server) -> None:
    ledger = load(server.fresh("dirty", ORDERS, TWO, "INSERT INTO orders VALUES (NULL, '2024-01-03', 1)"))
    (found,) = ledger.findings.to_dict("records")
    assert (found["file"], found["sheet"], found["row"], found["column"]) == ("dirty", "orders", 3, "customer_id")
    assert rows_of(ledger, found["reason"]) == [3]


# -- one moment, the same digest, nothing written


def test_the_digest_changes_when_and_only_when_the_data_change(engine: DuckEngine, server: Server) -> None:
    def digest(url: str) -> str:
        return tables(engine, url).files[0].sha256

    url = server.fresh("print", ORDERS, TWO)
    first = digest(url)
    copy = server.fresh("copy", ORDERS.replace("numeric(10, 2)", "text, more int"), "INSERT INTO orders VALUES ('b', '2024-01-02', '2.00'), ('a', '2024-01-01', '1.50')")  # fmt: skip
    assert digest(url) == first
    assert digest(copy) == first, "types and columns without a use do not count"
    server.run("print", "UPDATE orders SET amount = 1.51 WHERE customer_id = 'a'")
    assert digest(url) != first


def test_the_digest_tells_a_null_from_a_moved_border(engine: DuckEngine, server: Server) -> None:
    digests = set()
    for first, second in (("'ab'", "'c'"), ("'a'", "'bc'"), ("'abc'", "NULL"), ("NULL", "'abc'")):
        made = f"INSERT INTO orders VALUES ({first}, '2024-01-01', 1), ({second}, '2024-01-01', 1)"
        digests.add(tables(engine, server.fresh("border", ORDERS, made)).files[0].sha256)
    assert len(digests) == 4


def test_all_tables_are_of_one_moment(server: Server, monkeypatch: pytest.MonkeyPatch, load: Load) -> None:
    shop = make_shop()
    server.fresh("moving")
    for name, rows in shop.items():
        server.rows("moving", name, list(rows[0]), [list(row.values()) for row in rows])
    stream = postgres.Database._stream

    def moving(self: postgres.Database, sql: str):  # another client writes before each table is read
        server.run("moving", "DELETE FROM transactions WHERE transaction_id = (SELECT min(transaction_id) FROM transactions)", "DELETE FROM merchants")  # fmt: skip
        yield from stream(self, sql)

    monkeypatch.setattr(postgres.Database, "_stream", moving)
    ledger = load(server.url("moving"))
    assert (ledger.transactions_tally.read, ledger.known["merchant"]) == (240, 3)


def test_nothing_can_be_written(server: Server) -> None:
    from contextlib import ExitStack

    server.fresh("kept", ORDERS)
    with ExitStack() as closing:
        database = postgres.Database(address_of(server.url("kept")), closing)
        with pytest.raises(database._driver.Error, match="read-only transaction"):
            database._run("INSERT INTO orders VALUES ('x', '2024-01-01', 1)")


# -- refusals


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgres://shop@127.0.0.1:1/d", "d: the server at 127.0.0.1:1 cannot be reached (Connection refused)."),
        ("{other}/nope", "nope: there is no such database on the server. Check its name"),
        ("{locked}/postgres", "postgres: the server did not let you in (fe_sendauth: no password supplied). Check user"),
        ("{wrong}/postgres", 'postgres: the server did not let you in (password authentication failed for user "locked"). Check user'),
        ("{nobody}/postgres", 'postgres: the server did not let you in (role "nobody" does not exist). Check user'),
    ],
)  # fmt: skip
def test_a_closed_door_is_one_sentence(
    engine: DuckEngine, server: Server, monkeypatch: pytest.MonkeyPatch, url: str, message: str
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    at = f"127.0.0.1:{server.port}"
    places = {"other": f"postgres://shop@{at}", "locked": f"postgresql://{LOCKED}@{at}", "wrong": f"postgres://{LOCKED}:{SECRET}x@{at}", "nobody": f"postgres://nobody@{at}"}  # fmt: skip
    (told,) = refused(engine, url.format(**places))
    assert told.startswith(message)
    assert SECRET not in told


def test_a_table_that_one_may_not_read_is_named(engine: DuckEngine, server: Server) -> None:
    server.fresh("shut", ORDERS, TWO)
    assert refused(engine, server.url("shut", user=POOR)) == [
        "shut, table orders: may not be read by you (permission denied for table orders). "
        "Ask its owner: GRANT SELECT on the table, USAGE on its schema."
    ]


def test_a_line_that_breaks_is_told(server: Server, engine: DuckEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "INSERT INTO orders SELECT repeat('x', 500) || i, '2024-01-01', 1 FROM generate_series(1, 300000) AS i"
    url = server.fresh("broken", ORDERS, many)
    text = postgres.Database._text

    def cut(self: postgres.Database, *given):
        server.run("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'broken'")
        return text(self, *given)

    monkeypatch.setattr(postgres.Database, "_text", cut)
    (message,) = refused(engine, url)
    assert message.startswith("broken, table orders: the connection to the server was lost while it was read (")
    assert message.endswith("). Run it again.")


def test_a_limit_of_the_server_is_told(server: Server, engine: DuckEngine) -> None:
    slow = (
        "CREATE VIEW orders AS SELECT 'a' AS customer_id, date '2024-01-01' AS order_date, pg_sleep(5)::text AS amount"
    )
    url = server.fresh("slow", slow)
    (message,) = refused(engine, url + "?options=-c%20statement_timeout%3D200")
    assert "slow, table orders: was not read to its end (canceling statement due to statement timeout)." in message


@pytest.mark.parametrize("login", ["me:p@ss", "me:pa:ss", "me:p/ss", "me:p#ss", "me:p?ss", "me:p[ss"])
def test_an_address_that_reads_two_ways_is_refused_and_not_repeated(engine: DuckEngine, login: str) -> None:
    (message,) = refused(engine, f"postgres://{login}@host/db", UsageError)
    assert "cannot be told apart" in message
    assert login.partition(":")[2] not in message


def test_what_is_not_installed_is_named(engine: DuckEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql.dbapi", None)
    (message,) = refused(engine, "postgres://shop@127.0.0.1/d", UsageError)
    assert message.endswith('Install it: pip install "reporter[postgres]"')


def test_the_password_is_nowhere(server: Server, tmp_path: Path) -> None:
    server.fresh("canary", ORDERS, TWO, "INSERT INTO orders VALUES (NULL, '2024-01-03', 1)", f"GRANT SELECT ON orders TO {LOCKED}")  # fmt: skip
    given = server.url("canary", user=f"{LOCKED}:{SECRET}")
    by_query = server.url("canary", user=LOCKED, query=f"?password={SECRET}")
    for url in (given, by_query):
        ran = called("check", url, "-v", "-o", tmp_path / "out", cwd=tmp_path)
        assert ran.code == 0, ran.err
        assert "Reading canary" in ran.err
        written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
        assert SECRET not in ran.out + ran.err + written
    failed = called("check", server.url("gone", user=f"{LOCKED}:{SECRET}"), cwd=tmp_path)
    assert (failed.code, SECRET in failed.out + failed.err) == (3, False)
    shown = subprocess.run([sys.executable, "-m", "reporter", "check", given + "&nonsense=1", "--debug"], capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)  # fmt: skip
    assert "Traceback" in shown.stderr
    assert SECRET not in shown.stdout + shown.stderr
    asked = {"PGPASSWORD": SECRET}
    assert called("check", server.url("canary", user=LOCKED), cwd=tmp_path, env=asked).code == 0


def test_the_password_may_lie_in_the_file_of_passwords(server: Server, tmp_path: Path) -> None:
    server.fresh("filed", ORDERS, TWO, f"GRANT SELECT ON orders TO {LOCKED}")
    path = tmp_path / "pgpass"
    path.write_text(f"127.0.0.1:{server.port}:*:{LOCKED}:{SECRET}\n")
    path.chmod(0o600)
    assert called("check", server.url("filed", user=LOCKED), cwd=tmp_path, env={"PGPASSFILE": str(path)}).code == 0


def test_the_local_socket_is_reached(server: Server, engine: DuckEngine) -> None:
    server.fresh("near", ORDERS, TWO)
    tables(engine, f"postgresql://shop@/near?host={server.socket_folder}&port={server.port}")
    assert transactions(engine, "amount") == [("2.00",), ("1.50",)]


def test_a_name_is_shown_and_never_an_address() -> None:
    assert name_of("postgres://u:p@h:5432/the%20shop?password=x") == "the shop"
    assert name_of("folder/orders.csv") == "orders.csv"
    assert "secret" not in repr(address_of("postgres://u:secret@h/d"))
