"""Ids are texts: whatever they look like, they come back as they were, and only equal ids are one customer."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fixtures.workbook import make_csv
from tests.intake.conftest import Load

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Me"))
IDS = st.text(LETTERS, min_size=1, max_size=12).filter(
    lambda text: unicodedata.normalize("NFC", text) == text and text.strip() == text
)
ODD = [
    "007",
    "7",
    "NA",
    "None",
    "nan",
    "null",
    "TRUE",
    "1e5",
    "2.0",
    "0x1F",
    "a,b",
    'say "hi"',
    "a;b",
    "=1+1",
    "'",
    "é",
    "#N/A?",
]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=st.lists(IDS, min_size=20, max_size=60, unique=True))
@example(ids=ODD)
@example(ids=["0"])
def test_ids_of_any_spelling_stay_what_they_are(load: Load, tmp_path: Path, ids: list[str]) -> None:
    rows = [{"customer_id": each, "order_date": "2024-01-05", "amount": "1.00"} for each in [*ids, "last"]]
    ledger = load(make_csv(tmp_path / "orders.csv", rows), layout="orders")
    found = ledger.engine.arrow("SELECT DISTINCT customer_id AS id FROM transactions")["id"].to_pylist()
    assert sorted(found) == sorted({*ids, "last"})
