"""From rejects.csv back to the spreadsheet: the named cell holds the named text, and mending the named rows ends the rejects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl import Workbook

from reporter.intake.advice import ADVICE, LOOKUPS, touched
from reporter.intake.ledger import Ledger
from reporter.intake.reasons import REASONS
from reporter.intake.tables import cell_text
from tests.fixtures.workbook import make_csv, make_shop, make_workbook
from tests.intake.conftest import SHARED, Load

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo.xlsx"
DIRTY = (
    "amounts_dirty", "orphan_customers", "duplicate_ids_conflicting", "duplicate_rows_identical", "null_keys", "total_row",
    "future_and_ancient", "burn_before_transaction", "title_rows", "header_spelling", "dates_as_text", "leading_zero_ids",
)  # fmt: skip
SOURCES = [DEMO, *(SHARED / "dirty" / f"{name}.xlsx" for name in DIRTY)]
DELETED = ("summary-line", "identical-duplicate", "conflicting-duplicate")
"""Reasons that a deleted row mends; all others are mended in the named cell."""


OPENED: dict[Path, Ledger] = {}
"""Ledgers that were made: three tests ask for each, and look at its accounts and findings, which outlive its engine."""


def cleaned(load: Load, path: Path) -> Ledger:
    """The ledger of a source; of amounts in two currencies those in dollars."""
    return load(path, keep_currency="USD" if path.stem == "amounts_dirty" else None)


def opened(load: Load, path: Path) -> Ledger:
    """The same, made once."""
    if not path.is_file():
        pytest.skip("the folder of real data (../shared/data) is not beside this checkout")
    if path not in OPENED:
        OPENED[path] = cleaned(load, path)
    return OPENED[path]


BOOKS: dict[Path, Workbook] = {}
"""Workbooks that were loaded to be looked at; whoever mends one takes it."""


def book(path: Path) -> Workbook:
    """A workbook: none of the sources has a formula, so what is looked at is what is saved."""
    if path not in BOOKS:
        BOOKS[path] = openpyxl.load_workbook(path)
    return BOOKS[path]


def header_of(sheet: Any, columns: set[str]) -> tuple[int, dict[str, int]]:
    """The row that holds all named columns, and the place of each, found by the names alone."""
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_row=30), start=1):
        names = {" ".join(str(cell).split()): place for place, cell in enumerate(row, start=1) if cell is not None}
        if columns <= names.keys():
            return number, names
    raise AssertionError(f"no header with {columns} in sheet {sheet.title}")


def raw(cell: Any) -> str:
    """A cell as rejects.csv writes it: what one sees, without padding."""
    return (cell_text(cell) or "").strip()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_finding_names_the_cell_that_holds_its_text(load: Load, path: Path) -> None:
    ledger = opened(load, path)
    workbook = book(path)
    for (file, name), findings in ledger.findings.groupby(["file", "sheet"]):
        assert file == path.name
        _, places = header_of(workbook[str(name)], set(findings["column"]))
        for found in findings.to_dict("records"):
            held = raw(workbook[str(name)].cell(found["row"], places[found["column"]]).value)
            assert found["value"] == held, found


def test_the_sources_have_findings_to_check(load: Load) -> None:
    found = [len(opened(load, path).findings) for path in SOURCES]
    assert found[0] > 50
    assert sum(count > 0 for count in found) >= 8


def mend(path: Path, ledger: Ledger, into: Path) -> Path:
    """Do what the advice says in the rows that rejects.csv names, in a copy of the workbook."""
    workbook = book(path)
    del BOOKS[path]
    rejected = ledger.findings[ledger.findings["kind"] == "rejected"]
    for name, rows in rejected.groupby("sheet"):
        sheet = workbook[str(name)]
        _, places = header_of(sheet, set(rows["column"]))
        for found in rows[~rows["reason"].isin(DELETED)].to_dict("records"):
            sheet.cell(found["row"], places[found["column"]]).value = CURES[REASONS[found["reason"]].column](ledger)
        if deleted := {int(row) for row in rows[rows["reason"].isin(DELETED)]["row"]}:
            delete(sheet, deleted)
    workbook.save(into)
    return into


def delete(sheet: Any, rows: set[int]) -> None:
    """Delete rows of a sheet, all in one go: by themselves each moves every cell below it once more."""
    last, columns = sheet.max_row, range(1, sheet.max_column + 1)
    stay = [row for row in range(min(rows), last + 1) if row not in rows]
    for to, row in enumerate(stay, start=min(rows)):
        for column in columns:
            old, new = sheet.cell(row, column), sheet.cell(to, column)
            new.value, new.number_format = old.value, old.number_format
    sheet.delete_rows(last - len(rows) + 1, len(rows))


CURES: dict[str, Callable[[Ledger], Any]] = {
    "transaction_date": lambda ledger: datetime.combine(ledger.first_day, datetime.min.time()),
    "customer_id": lambda ledger: "A new one",
    "amount": lambda ledger: 12.5,
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_mended_rows_are_no_longer_rejected(load: Load, path: Path, tmp_path: Path) -> None:
    before = opened(load, path)
    after = cleaned(load, mend(path, before, tmp_path / path.name))
    assert after.findings[after.findings["kind"] == "rejected"].empty
    deleted = before.findings[(before.findings["kind"] == "rejected") & before.findings["reason"].isin(DELETED)]
    assert sum(t.kept for t in after.tallies) == sum(t.read for t in before.tallies) - len(deleted)


def test_the_cell_of_a_summary_line_is_found_wherever_it_stands(load: Load, tmp_path: Path) -> None:
    shop = make_shop(amount=True)
    last = {"transaction_id": None, "customer_id": "Total", "amount": 99}
    shop["transactions"] = [{"no": i, **row} for i, row in enumerate([*shop["transactions"], last])]
    shop["transactions"][-1]["no"] = None
    (found,) = load(make_workbook(tmp_path / "shop.xlsx", shop)).findings.to_dict("records")
    assert (found["column"], found["value"], found["reason"]) == ("customer_id", "Total", "summary-line")
    shop["transactions"][-1] |= {"no": "Grand total", "customer_id": None}
    (found,) = load(make_workbook(tmp_path / "shop.xlsx", shop)).findings.to_dict("records")
    assert (found["column"], found["value"]) == ("no", "Grand total")


def test_an_amount_of_two_columns_names_both(load: Load, tmp_path: Path) -> None:
    rows = [{"customer": str(i), "date": "2024-01-05", "Qty": "2", "Unit Price": "3.50"} for i in range(5)]
    rows[3] |= {"Qty": "two"}
    (found,) = load(make_csv(tmp_path / "orders.csv", rows)).findings.to_dict("records")
    assert (found["row"], found["column"], found["value"]) == (5, "Qty x Unit Price", "two x 3.50")


def test_every_reason_says_what_it_touches_and_how_to_mend_it() -> None:
    assert ADVICE.keys() == REASONS.keys()
    for reason, advice in ADVICE.items():
        assert advice.mend[0].isupper(), reason
        assert advice.mend.endswith("."), reason
        assert not advice.touches.endswith("."), reason
        assert all(touched(reason, table) for table in ("transactions", *LOOKUPS))
    assert "revenue" in touched("bad-date", "transactions").format(value="revenue")
    assert touched("no-id", "cities") == LOOKUPS["cities"]


def test_every_finding_tells_how_to_mend_it(load: Load) -> None:
    findings: pd.DataFrame = opened(load, DEMO).findings
    for found in findings.to_dict("records"):
        assert found["detail"].startswith(REASONS[found["reason"]].sentence)
        assert found["detail"].endswith(ADVICE[found["reason"]].mend)
