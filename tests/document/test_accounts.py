"""The reconciliation page: true sentences, a picture only where something was taken off, and accounts that balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import reporter
from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Block, Chart, Prose, Section, Table
from reporter.document.compose.accounts import reconciliation
from reporter.document.narrate.accounts import BALANCES
from reporter.document.words import Words
from reporter.intake.balance import balance
from tests.document.editions import fast
from tests.fixtures.workbook import Shop, make_shop, make_workbook


def analysed(folder: Path, shop: Shop) -> Analysis:
    return reporter.analyse(make_workbook(folder / "shop.xlsx", shop), fast())


def page(analysis: Analysis) -> Section:
    return reconciliation(Words("en", None, analysis.ledger.mode), analysis, "Data quality")


def block(section: Section, name: str) -> Any:
    return next((each for each in section.blocks if getattr(each, "id", "") == name), None)


def prose(section: Section) -> str:
    return " ".join(said.text for each in section.blocks if isinstance(each, Prose) for said in each.paragraphs)


def cells(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return analysed(tmp_path_factory.mktemp("clean"), make_shop(amount=True))


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    shop = make_shop(amount=True)
    rows = shop["transactions"]
    for place in (3, 4, 5):
        rows[place]["transaction_date"] = "soon"
    rows[10]["customer_id"] = None
    rows[20]["customer_id"] = "a stranger"
    rows[30]["branch_id"] = 77
    rows[31]["branch_id"] = None
    rows[40]["amount"] = -3
    shop["customers"] += [{"customer_id": f"idle {n}", "city_id": 99 if n else 1} for n in range(2)]
    return analysed(tmp_path_factory.mktemp("spoilt"), shop)


def test_where_nothing_was_taken_off_there_is_a_sentence_and_no_picture(clean: Analysis) -> None:
    section = page(clean)
    assert not any(isinstance(each, Chart) for each in section.blocks)
    assert block(section, "reasons") is None
    assert block(section, "joins") is None
    text = prose(section)
    assert "294 rows were read from all tables; every one of them counts, and none needs a second look." in text
    assert "All 564 look-ups from table to table found their entry." in text


def test_the_waterfall_ends_where_the_report_begins(spoilt: Analysis) -> None:
    chart = block(page(spoilt), "accounting")
    steps, reasons = chart.data
    assert steps[["step", "start", "end"]].to_numpy().tolist() == [
        ["Rows read", 0, 240],
        ["Rejected", 236, 240],
        ["Rows kept", 0, 236],
        ["Refunds", 235, 236],
        ["Transactions", 0, 235],
    ]
    assert reasons.to_numpy().tolist() == [["Bad date", 3], ["No customer id", 1]]
    assert spoilt.overview.transactions == 235
    assert chart.source.text == "Source: all rows of transactions. Taken off: 4 rows rejected and 1 refund row."


def test_the_only_reason_is_named_in_its_step(tmp_path: Path) -> None:
    shop = make_shop(amount=True)
    shop["transactions"][3]["transaction_date"] = "soon"
    section = page(analysed(tmp_path, shop))
    assert block(section, "accounting").data[0]["step"].tolist() == ["Rows read", "Rejected: bad date", "Rows kept"]
    assert prose(section).startswith("Of 294 rows in all tables, 1 is in no figure. rejects.csv lists each")
    assert block(section, "reasons").title.text == "1 row rejected, by reason"


def test_each_reason_names_rows_figures_and_mending(spoilt: Analysis) -> None:
    found = {row[0]: row[1:] for row in cells(block(page(spoilt), "reasons"))}
    assert found["The date cannot be read."] == [
        "rejected", "3", "transactions, rows 5, 6\u00a0…", "Revenue, frequency and recency.",
        "Write the date as a date, such as 2024-07-31.",
    ]  # fmt: skip
    assert found["An unknown city: not in cities."][2] == "customers, row 43"


def test_look_ups_are_counted_found_missing_and_blank(spoilt: Analysis) -> None:
    table = block(page(spoilt), "joins")
    found = {row[0]: row[1:6] for row in cells(table)}
    assert found["transactions in customers"] == ["236", "235", "1", "1", "0"]
    assert found["transactions in branches"] == ["236", "234", "1", "1", "1"]
    assert found["customers in cities"] == ["42", "41", "1", "1", "0"]
    assert found["customers in genders"] == ["42", "40", "0", "0", "2"]
    assert (len(table.rows), table.more) == (5, 1)


def test_every_known_customer_has_one_fate(spoilt: Analysis) -> None:
    assert sum(spoilt.fates.values()) == 43 == spoilt.overview.known
    assert spoilt.fates["scored"] + spoilt.fates["only_refunds"] + spoilt.fates["without_transactions"] == 43
    text = prose(page(spoilt))
    assert "have no transaction that counts: counted as prospects, but without scores and segment." in text
    assert "1 customer is known from transactions only" in text


def test_every_account_has_words_and_two_equal_numbers(clean: Analysis, spoilt: Analysis) -> None:
    for analysis in (clean, spoilt):
        table = block(page(analysis), "balances")
        assert len(table.rows) == len(analysis.balances) > 20
        assert all(row.cells[1].text == row.cells[3].text for row in table.rows)
        assert {each.account for each in analysis.balances} <= BALANCES.keys()
    money = next(each for each in spoilt.balances if each.account == "money of the customers")
    assert money.found == sum(round(row["amount"] * 100) for row in spoilt_rows()) == money.due


def spoilt_rows() -> list[dict[str, Any]]:
    """The kept rows of the spoilt shop, with the refund."""
    rows = make_shop(amount=True)["transactions"]
    rows[40]["amount"] = -3
    return [row for place, row in enumerate(rows) if place not in (3, 4, 5, 10)]


def test_an_account_that_does_not_balance_is_our_fault() -> None:
    with pytest.raises(AssertionError, match=r"rows read, cities does not balance: 3 instead of 4"):
        balance("rows read", 3, 4, about="cities")


def test_every_block_is_numbered_in_the_facts(spoilt: Analysis) -> None:
    blocks: tuple[Block, ...] = page(spoilt).blocks
    titles = [each.title for each in blocks if isinstance(each, (Table, Chart))]
    assert all(title.numbers for title in titles)
