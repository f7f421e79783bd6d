"""What whole columns say: statuses, order of day and month, decimal signs, where the money comes from."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reporter.intake.settings import StatusSettings
from tests.fixtures.workbook import make_csv, make_shop, make_workbook
from tests.intake.conftest import Load, order, orders_ledger, rfm, rows_of, shop_ledger, spoil, told


def test_the_settings_say_which_statuses_are_no_sales_and_which_refunds(load: Load, tmp_path: Path) -> None:
    rows = [
        order("a", "2024-01-05", status="Completed"),
        order("a", "2024-01-06", status="CANCELLED "),
        order("a", "2024-01-07", status="returned"),
    ]
    wanted = StatusSettings(ignore=("Cancelled", "Void"), refund=("Returned",))
    ledger = orders_ledger(load, tmp_path, rows, status=wanted)
    assert rows_of(ledger, "ignored-status") == [3]
    assert rows_of(ledger, "refund") == [4]
    assert rfm(ledger)["a"][1:] == (1, Decimal("0.00"))
    assert told(ledger, "“Void” does not occur")
    plain = orders_ledger(load, tmp_path, rows)
    assert plain.tallies[0].kept == 3
    assert told(plain, "All statuses count as sales")


def test_coupon_statuses_are_read_by_their_likeness(load: Load, tmp_path: Path) -> None:
    shop = make_shop()
    for row, word in ((2, "Subscribed"), (3, "BURNT"), (4, "subscribd"), (5, " burned ")):
        spoil(shop, row, transaction_status=word)
    spoil(shop, 6, transaction_status="unsubscribed")
    ledger = shop_ledger(load, tmp_path, shop)
    assert rows_of(ledger, "unknown-status") == [6]
    assert told(ledger, "“BURNT” as burned")
    assert ledger.engine.arrow("SELECT count(*) AS n FROM transactions WHERE is_burned")["n"][0].as_py() == 120


def test_without_a_status_a_burn_date_means_burned(load: Load, tmp_path: Path) -> None:
    shop = make_shop()
    for row in shop["transactions"]:
        del row["transaction_status"]
    ledger = shop_ledger(load, tmp_path, shop)
    assert "coupons" in ledger.has
    assert ledger.engine.arrow("SELECT count(*) AS n FROM transactions WHERE is_burned")["n"][0].as_py() == 120


def test_quantity_times_price_is_exact_decimal_arithmetic(load: Load, tmp_path: Path) -> None:
    rows = [
        {"CustomerID": "a", "InvoiceDate": "2024-01-05", "Quantity": "3", "Price": "0.115"},
        {"CustomerID": "a", "InvoiceDate": "2024-01-06", "Quantity": "-1", "Price": "2.50"},
        {"CustomerID": "b", "InvoiceDate": "2024-01-06", "Quantity": "100", "Price": "1.005"},
    ]
    ledger = orders_ledger(load, tmp_path, rows)
    assert {customer: amount for customer, (_, _, amount) in rfm(ledger).items()} == {
        "a": Decimal("-2.15"),
        "b": Decimal("100.50"),
    }
    assert told(ledger, "quantity times unit price")


def test_a_price_alone_is_the_amount(load: Load, tmp_path: Path) -> None:
    rows = [{"customer": "a", "date": "2024-01-05", "price": "7.50"}]
    assert rfm(orders_ledger(load, tmp_path, rows))["a"] == (1, 1, Decimal("7.50"))


def test_orders_without_money_count_nothing_and_say_so(load: Load, tmp_path: Path) -> None:
    rows = [{"customer": "a", "date": "2024-01-05", "amount": ""}]
    ledger = orders_ledger(load, tmp_path, rows)
    assert (ledger.mode, ledger.layout, ledger.has) == ("coupon", "orders", frozenset())
    assert told(ledger, "M is zero for everybody")
    assert told(ledger, "The column is empty")


@pytest.mark.parametrize(
    ("days", "expected", "kind"),
    [
        (("05/03/2024", "06/03/2024"), "2024-03-06", "assumption"),
        (("13/03/2024", "06/04/2024"), "2024-04-06", "guess"),
        (("03/13/2024", "06/04/2024"), "2024-06-04", "guess"),
    ],
)
def test_the_order_of_day_and_month(
    load: Load, tmp_path: Path, days: tuple[str, str], expected: str, kind: str
) -> None:
    ledger = orders_ledger(load, tmp_path, [order("a", day) for day in days])
    assert str(ledger.last_day) == expected
    (note,) = [note for note in ledger.notes if "first" in note.what]
    assert (note.kind, note.rows) == (kind, 2)
    assert note.fix.startswith("source.date_order")
    assert ("ambiguous" in note.what) == (kind == "assumption")


def test_the_settings_settle_the_order_of_day_and_month(load: Load, tmp_path: Path) -> None:
    ledger = orders_ledger(load, tmp_path, [order("a", "05/03/2024")], date_order="mdy")
    assert str(ledger.last_day) == "2024-05-03"
    assert not told(ledger, "ambiguous")


def test_serial_numbers_are_dates(load: Load, tmp_path: Path) -> None:
    ledger = orders_ledger(load, tmp_path, [order("a", "45390")])
    assert str(ledger.last_day) == "2024-04-08"
    assert told(ledger, "serial number")


@pytest.mark.parametrize(
    ("amounts", "wanted", "total"),
    [
        (("1.234", "5,50"), None, "1239.50"),
        (("1.234", "5.50"), None, "6.73"),
        (("1,234", "10"), None, "1244.00"),
        (("1,234", "10"), ",", "11.23"),
    ],
)
def test_the_decimal_sign(load: Load, tmp_path: Path, amounts: tuple[str, str], wanted: Any, total: str) -> None:
    rows = [order("a", "2024-01-05", amount, id=str(i)) for i, amount in enumerate(amounts)]
    path = make_csv(tmp_path / "orders.csv", rows, delimiter=";")
    assert rfm(load(path, decimal=wanted))["a"][2] == Decimal(total)


def test_contradicting_decimal_signs_reject_what_reads_both_ways(load: Load, tmp_path: Path) -> None:
    rows = [order("a", "2024-01-05", amount) for amount in ("1.50", "2,50", "1,234")]
    ledger = orders_ledger(load, tmp_path, rows)
    assert rows_of(ledger, "bad-amount") == [4]
    assert told(ledger, "both occur")


def test_a_number_of_a_workbook_is_never_read_as_thousands(load: Load, tmp_path: Path) -> None:
    rows = [order("a", "2024-01-05", amount) | {"order": i} for i, amount in enumerate((12.345, "7,50"))]  # type: ignore[arg-type]
    ledger = load(make_workbook(tmp_path / "orders.xlsx", {"orders": rows}))
    assert rfm(ledger)["a"][2] == Decimal("19.85")


def test_a_column_without_a_name_is_none_of_ours(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "customer_id,order_date,amount,\na,2024-01-01,5,\nb,2024-01-02,6,x\nc,2024-01-03,7,x\n", encoding="utf-8"
    )
    ledger = load(path)
    assert (ledger.tallies[0].kept, ledger.tallies[0].flagged) == (3, 0)
    assert [frequency for _, frequency, _ in rfm(ledger).values()] == [1, 1, 1]
