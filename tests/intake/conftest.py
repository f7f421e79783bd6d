"""Ledgers for tests: opened, and closed again after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reporter.engine.duck import DuckEngine
from reporter.errors import InputError, ReporterError
from reporter.intake.clean import clean
from reporter.intake.ledger import Ledger
from reporter.intake.read import Tables, read
from reporter.intake.settings import SourceSettings
from tests.fixtures.workbook import Rows, Shop, make_csv, make_workbook
from tests.postgres import Server, programs, running

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

Load = Callable[..., Ledger]


@contextmanager
def loading() -> Iterator[Load]:
    """``load(path, as_of=…, columns=…)`` -> Ledger, whose engine is closed in the end."""
    engines: list[DuckEngine] = []

    def load_one(path: Path | str, **settings: Any) -> Ledger:
        engine = DuckEngine(reach=Path(path))
        engines.append(engine)
        wanted = replace(SourceSettings(), **settings)
        return clean(read(path, wanted, engine), wanted, engine)

    yield load_one
    for engine in engines:
        engine.close()


@pytest.fixture
def load() -> Iterator[Load]:
    """Ledgers for one test."""
    with loading() as load_one:
        yield load_one


@pytest.fixture(scope="module")
def load_once() -> Iterator[Load]:
    """Ledgers for all tests of a module that only look at them: each is made once."""
    with loading() as load_one:
        yield cache(load_one)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("the folder of real data (../shared/data) is not beside this checkout")
    return SHARED


def rfm(ledger: Ledger) -> dict[str, tuple[int, int, Any]]:
    """Recency, frequency and money of every customer, by one plain query on the ledger."""
    rows = ledger.engine.arrow(
        f"SELECT customer_id, days_between(max(day), DATE '{ledger.as_of}') AS recency_days, "
        "count(DISTINCT CASE WHEN NOT is_refund THEN transaction_id END) AS frequency, sum(amount) AS amount "
        "FROM transactions GROUP BY customer_id"
    ).to_pylist()
    return {row["customer_id"]: (row["recency_days"], row["frequency"], row["amount"]) for row in rows}


def rows_of(ledger: Ledger, reason: str) -> list[int]:
    """Row numbers of one reason."""
    findings = ledger.findings
    return [int(row) for row in findings.loc[findings["reason"] == reason, "row"]]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckEngine]:
    """An engine for one test, which may read what the test writes."""
    opened = DuckEngine(reach=tmp_path)
    yield opened
    opened.close()


def tables(engine: DuckEngine, path: Path | str, **settings: Any) -> Tables:
    """Read a source without cleaning it."""
    return read(path, SourceSettings(**settings), engine)


def transactions(engine: DuckEngine, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of the text table that was read, row by row."""
    table = engine.arrow(f"SELECT {', '.join(columns)} FROM raw_transactions ORDER BY row_no")
    return list(zip(*(table[column].to_pylist() for column in columns), strict=True))


def refused(engine: DuckEngine, path: Path | str, kind: type[ReporterError] = InputError, **settings: Any) -> list[str]:
    """The problems with which a source is refused."""
    with pytest.raises(kind) as caught:
        tables(engine, path, **settings)
    return [str(problem) for problem in caught.value.problems]


def shop_ledger(load: Load, tmp_path: Path, shop: Shop, **wanted: Any) -> Ledger:
    return load(make_workbook(tmp_path / "shop.xlsx", shop), **wanted)


def orders_ledger(load: Load, tmp_path: Path, rows: Rows, **wanted: Any) -> Ledger:
    return load(make_csv(tmp_path / "orders.csv", rows), **wanted)


def order(customer: str, day: str, amount: str = "10.00", **more: str) -> dict[str, str]:
    return {"customer_id": customer, "order_date": day, "amount": amount, **more}


def told(ledger: Ledger, words: str) -> bool:
    return any(words in f"{note.where} {note.what}" for note in ledger.notes)


def spoil(shop: Shop, row: int, **cells: Any) -> None:
    """Change the transaction that the spreadsheet shows in `row`."""
    shop["transactions"][row - 2].update(cells)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL that runs as long as the tests."""
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    pytest.importorskip("adbc_driver_postgresql", reason="the extra postgres is not installed")
    with running(binaries) as server:
        yield server
