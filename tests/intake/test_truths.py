"""Real data against published truths: recency, frequency and money of every single customer."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.conftest import Load, rfm

CASES = [
    ("ecommerce.xlsx", "ecommerce.json", date(2024, 7, 15)),
    ("cdnow/CDNOW_master.txt.gz", "cdnow_master.json", date(1998, 7, 1)),
    ("r_rfm/rfm_data_orders.csv", "r_rfm_orders.json", date(2006, 12, 31)),
]


@pytest.mark.parametrize(("source", "truth", "as_of"), CASES)
def test_every_customer_has_the_published_recency_and_frequency(
    load: Load, shared: Path, source: str, truth: str, as_of: date
) -> None:
    expected = json.loads((shared / "truths" / truth).read_text(encoding="utf-8"))
    ledger = load(shared / source, as_of=as_of)
    found = rfm(ledger)
    lines = [f"{customer}|{found[customer][0]}|{found[customer][1]}" for customer in sorted(found)]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == expected["rfm"]["rf_digest_sha256"]
    assert ledger.tallies[0].rejected == 0
    for one in expected["rfm"]["sample"]:
        if "monetary" in one:
            assert found[one["customer_id"]][2] == Decimal(one["monetary"])


def test_the_workbook_of_the_original_shop(load: Load, shared: Path) -> None:
    quality = json.loads((shared / "truths" / "ecommerce.json").read_text(encoding="utf-8"))["quality"]
    ledger = load(shared / "ecommerce.xlsx", as_of=date(2024, 7, 15))
    assert (ledger.mode, ledger.layout) == ("coupon", "shop")
    assert {tally.table: tally.read for tally in ledger.tallies} == quality["sheets"]
    assert ledger.later_burns == quality["burns_after_last_transaction"] == 454
    assert ledger.has == {"coupons", "join_date", "city", "gender", "branch", "merchant"}
    assert ledger.known == {"merchant": 20, "branch": 10, "city": 20, "gender": 2}
    assert (str(ledger.first_day), str(ledger.last_day)) == (quality["first_transaction"], quality["last_transaction"])
    assert ledger.files[0].sha256 == "354ba7f2a40513febdbf7aafc8b924df1b51e8e529dc154d6fc3577afa52816d"
    (burned,) = ledger.engine.arrow(
        "SELECT count(*) AS n, sum(days_between(day, burn_day)) AS days FROM transactions WHERE is_burned"
    ).to_pylist()
    assert burned["n"] == quality["burned"] - 454


def test_the_latest_burn_sets_the_as_of_date(load: Load, shared: Path) -> None:
    quality = json.loads((shared / "truths" / "ecommerce.json").read_text(encoding="utf-8"))["quality"]
    ledger = load(shared / "ecommerce.xlsx")
    assert ledger.as_of == date(2024, 10, 9)
    assert ledger.later_burns == 0
    (burned,) = ledger.engine.arrow(
        "SELECT count(*) AS n, sum(days_between(day, burn_day)) AS days FROM transactions WHERE is_burned"
    ).to_pylist()
    assert burned == {"n": quality["burned"], "days": quality["sum_days_to_burn"]}


def test_cdnow_to_the_cent(load: Load, shared: Path) -> None:
    ledger = load(shared / "cdnow" / "CDNOW_master.txt.gz", as_of=date(1998, 7, 1))
    assert ledger.engine.arrow("SELECT sum(amount) AS s FROM transactions")["s"][0].as_py() == Decimal("2500315.63")
    assert {reason: rows for reason, _, rows in ledger.tallies[0].by_reason} == {
        "identical-line": 255,
        "zero-amount": 80,
    }


def test_the_sample_without_a_header_is_read_once_its_columns_are_named(load: Load, shared: Path) -> None:
    columns = {"customer_id": "column 1", "transaction_date": "column 3", "amount": "column 5"}
    ledger = load(shared / "cdnow" / "CDNOW_sample.txt", columns=columns)
    assert (ledger.tallies[0].read, len(rfm(ledger))) == (6919, 2357)
    assert any("no header" in note.what for note in ledger.notes)
