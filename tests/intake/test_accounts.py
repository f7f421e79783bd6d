"""The accounts balance for any table, and the same input says the same in any order and any process."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.intake.schema import TRANSACTIONS
from tests.fixtures.workbook import make_csv, make_shop, make_workbook
from tests.intake.conftest import Load, rfm, shop_ledger, spoil


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_does_not_matter(load: Load, tmp_path: Path, seed: int) -> None:
    shop = make_shop(amount=True)
    shop["transactions"] += [dict(row) for row in shop["transactions"][:5]]
    shop["transactions"] += [row | {"amount": 1} for row in shop["transactions"][10:15]]
    shop["merchants"].append({"merchant_id": 1, "merchant_name": "Another"})
    spoil(shop, 100, transaction_id=None)
    spoil(shop, 101, transaction_date="05/06/2023")
    first = shop_ledger(load, tmp_path, shop)
    for rows in shop.values():
        random.Random(seed).shuffle(rows)
    second = shop_ledger(load, tmp_path, shop)
    assert rfm(first) == rfm(second)
    assert [tally.by_reason for tally in first.tallies] == [tally.by_reason for tally in second.tallies]
    assert (first.as_of, first.notes) == (second.as_of, second.notes)
    sql = "SELECT merchant_name AS n, count(*) AS c FROM transactions GROUP BY merchant_name ORDER BY n"
    assert first.engine.arrow(sql).equals(second.engine.arrow(sql))


CELLS = st.sampled_from(
    ["", "1", "2", "007", "Total", "2024-01-05", "05/13/2024", "13/05/2024", "soon", "10,5", "1.234", "-3", "burned", "x"]
)  # fmt: skip
LINES = st.lists(st.lists(CELLS, min_size=8, max_size=8), min_size=1, max_size=30)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, as_shop=st.booleans())
def test_every_row_of_any_table_is_accounted_for(
    load: Load, tmp_path: Path, lines: list[list[str]], as_shop: bool
) -> None:
    names = [name for name in TRANSACTIONS.names if name not in ("quantity", "unit_price", "currency")]
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    path = tmp_path / "transactions.csv"
    make_csv(path, rows)
    sound = {"transaction_id": "s", "customer_id": "s", "transaction_date": "2024-01-01", "amount": "1.00"}
    make_csv(path, [*rows, {name: sound.get(name, "") for name in names}])
    ledger = load(path, layout="shop" if as_shop else "orders", as_of=date(2025, 1, 1))
    tally = ledger.tallies[0]
    blank = sum(not any(line) for line in lines)
    assert tally.read == len(lines) + 1 - blank
    assert tally.read == tally.kept + tally.rejected
    assert sum(rows for _, kind, rows in tally.by_reason if kind == "rejected") == tally.rejected
    assert ledger.engine.arrow("SELECT count(*) AS n FROM transactions")["n"][0].as_py() == tally.kept


def digest(path: str) -> str:
    """Everything that a ledger says, as one digest; run in other processes by the test below."""
    import hashlib

    from reporter.engine.duck import DuckEngine
    from reporter.intake.clean import clean
    from reporter.intake.read import read
    from reporter.intake.settings import SourceSettings

    engine = DuckEngine()
    ledger = clean(read(path, SourceSettings(), engine), SourceSettings(), engine)
    rows = engine.arrow("SELECT * FROM transactions ORDER BY ALL").to_pylist()
    customers = engine.arrow("SELECT * FROM customers ORDER BY ALL").to_pylist()
    told = (rows, customers, ledger.tallies, ledger.notes, ledger.findings.to_csv(), sorted(ledger.has), ledger.as_of)
    engine.close()
    return hashlib.sha256(repr(told).encode()).hexdigest()


def test_another_process_says_the_same(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    shop = make_shop(amount=True)
    shop["transactions"] += [dict(row) for row in shop["transactions"][:5]]
    spoil(shop, 7, amount="€ 1,234", transaction_status="Burnt")
    path = make_workbook(tmp_path / "shop.xlsx", shop)
    code = f"from tests.intake.test_accounts import digest; print(digest({str(path)!r}))"
    odd = {
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Kathmandu",
        "LANG": "de_DE.UTF-8",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    other = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | odd, capture_output=True, text=True, check=True
    )
    assert (other.stdout.strip(), other.stderr) == (digest(str(path)), "")
