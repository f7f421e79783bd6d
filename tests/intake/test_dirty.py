"""The dirty, damaged and hostile inputs: each leads to what its manifest says."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from reporter.errors import InputError
from reporter.intake.ledger import Ledger
from reporter.intake.settings import SourceSettings
from tests.intake.conftest import SHARED, Load, rfm, rows_of

MANIFEST = SHARED / "dirty" / "manifest.json"
CASES: list[dict[str, Any]] = json.loads(MANIFEST.read_text(encoding="utf-8"))["cases"] if MANIFEST.is_file() else []
BY_ID = {case["id"]: case for case in CASES}
CHOSEN_TO_REFUSE = {"amounts_dirty"}  # dollars and euros in one column: the manifest takes either
REFUSED = [
    case
    for case in CASES
    if case["exit"] == "input_error" or (case["id"] in CHOSEN_TO_REFUSE and "input_error" in case["also_ok"])
]
READABLE = [case for case in CASES if case not in REFUSED]
JUDGED_BY_THE_REPORT = {"one_customer"}

pytestmark = pytest.mark.skipif(
    not CASES, reason="the folder of real data (../shared/data) is not beside this checkout"
)


def told(ledger: Ledger) -> str:
    """Everything that a reader is told about the data, as one text."""
    tallies = [f"{tally.table} {tally.sheet} {tally.by_reason}" for tally in ledger.tallies]
    notes = [f"{note.where} {note.what} {note.fix}" for note in ledger.notes]
    return "\n".join([*tallies, *notes, ledger.findings.to_csv()]).lower()


@pytest.mark.parametrize("case", READABLE, ids=lambda case: case["id"])
def test_readable(load_once: Load, case: dict[str, Any]) -> None:
    path = SHARED / "dirty" / case["file"]
    before = path.read_bytes()
    ledger = load_once(path, as_of=_day(case))
    assert path.read_bytes() == before
    tally = ledger.tallies[0]
    assert tally.read == tally.kept + tally.rejected
    assert tally.read == case["rows_read"] if "rows_read" in case else True
    assert tally.kept in case.get("kept_rows_allowed", [case.get("kept_rows", tally.kept)])
    assert len(rfm(ledger)) == case.get("customers", len(rfm(ledger)))
    for kind in ("rejected", "flagged"):
        found = ledger.findings[(ledger.findings["kind"] == kind) & (ledger.findings["sheet"] == "transactions")]
        places = {(row["sheet"], row["row"]) for row in case.get(kind, [])}
        assert places <= set(zip(found["sheet"], found["row"].astype(int), strict=True))
        assert len(places) == found["row"].nunique() or kind not in case
    if case["id"] not in JUDGED_BY_THE_REPORT:
        for group in case["mention"]:
            assert any(word.lower() in told(ledger) for word in group), group


@pytest.mark.parametrize(
    "case", [case for case in READABLE if "same_as" in case or "same_numbers_as" in case], ids=lambda case: case["id"]
)
def test_the_same_as_the_clean_one(load_once: Load, case: dict[str, Any]) -> None:
    other = BY_ID[case.get("same_as") or case["same_numbers_as"]]
    dirty, clean = (load_once(SHARED / "dirty" / one["file"], as_of=_day(other)) for one in (case, other))
    if "same_as" in case:
        assert rfm(dirty) == rfm(clean)
    assert sorted(rfm(dirty).values(), key=str) == sorted(rfm(clean).values(), key=str)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["id"])
def test_refused(load: Load, case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        load(SHARED / "dirty" / case["file"])
    assert caught.value.exit_code == 3
    for group in case["mention"]:
        assert any(word.lower() in str(caught.value).lower() for word in group), group
    assert all(problem.where and problem.what and problem.fix for problem in caught.value.problems)


def test_base(load_once: Load) -> None:
    case = BY_ID["base"]
    ledger = load_once(SHARED / "dirty" / "base.xlsx", as_of=_day(case))
    found = rfm(ledger)
    assert {customer: list(values[:2]) for customer, values in found.items()} == case["recency_frequency"]
    assert (sum(value[0] for value in found.values()), sum(value[1] for value in found.values())) == (
        case["sum_recency"],
        case["sum_frequency"],
    )
    (burned,) = ledger.engine.arrow(
        "SELECT count(*) AS n, sum(days_between(day, burn_day)) AS days FROM transactions WHERE is_burned"
    ).to_pylist()
    assert burned == {"n": case["burned"], "days": case["sum_days_to_burn"]}
    assert ledger.findings.empty


@pytest.mark.parametrize(("currency", "foreign"), [("USD", 23), ("EUR", 22)])
def test_amount_cells(load_once: Load, currency: str, foreign: int) -> None:
    ledger = load_once(SHARED / "dirty" / "amounts_dirty.xlsx", keep_currency=currency)
    assert rows_of(ledger, "other-currency") == [foreign]
    amounts = {
        row["row_no"]: row["amount"]
        for row in ledger.engine.arrow(
            "SELECT raw.row_no, kept.amount FROM transactions AS kept "
            "INNER JOIN raw_transactions AS raw ON raw.transaction_id = kept.transaction_id"
        ).to_pylist()
    }
    for cell in BY_ID["amounts_dirty"]["cells"]:
        out = cell["do"] in ("reject", "outlier") or cell["row"] == foreign
        expected = None if out else Decimal(cell["value"])
        assert amounts.get(cell["row"]) == expected, cell


def test_the_total_of_the_clean_amounts(load_once: Load) -> None:
    ledger = load_once(SHARED / "dirty" / "base_amount.xlsx")
    total = ledger.engine.arrow("SELECT sum(amount) AS total FROM transactions")["total"][0].as_py()
    assert total == Decimal(BY_ID["base_amount"]["total"])


def test_leading_zeros_are_kept(load_once: Load) -> None:
    found = rfm(load_once(SHARED / "dirty" / "leading_zero_ids.xlsx"))
    assert {customer: found[customer][1] for customer in ("0007", "007", "7")} == BY_ID["leading_zero_ids"][
        "frequencies"
    ]


def test_without_an_as_of_date_the_year_2099_is_not_today(load_once: Load) -> None:
    ledger = load_once(SHARED / "dirty" / "future_and_ancient.xlsx")
    assert ledger.as_of.year == 2025
    assert ledger.findings.loc[ledger.findings["reason"] == "implausible-date", "row"].tolist() == [4]


def _day(case: dict[str, Any]) -> Any:
    from datetime import date

    return date.fromisoformat(case.get("as_of", "2024-07-01"))


def test_the_settings_of_these_tests_are_the_defaults() -> None:
    assert SourceSettings().as_of is None
