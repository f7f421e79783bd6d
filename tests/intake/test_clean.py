"""The rules of cleaning: what is rejected, what is flagged, what is guessed, and that the accounts balance."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from reporter.errors import InputError
from reporter.intake.clean import REASONS
from reporter.intake.evidence import horizon
from reporter.intake.settings import RefundSettings
from tests.fixtures.workbook import make_folder, make_orders, make_shop
from tests.intake.conftest import Load, order, orders_ledger, rfm, rows_of, shop_ledger, spoil


def test_a_clean_shop_has_no_findings(load: Load, tmp_path: Path) -> None:
    ledger = shop_ledger(load, tmp_path, make_shop())
    assert ledger.findings.empty
    assert next((tally.table, tally.read, tally.kept) for tally in ledger.tallies) == ("transactions", 240, 240)
    text, flag = pa.string(), pa.bool_()
    assert ledger.engine.describe("transactions") == pa.schema(
        {
            "transaction_id": text,
            "customer_id": text,
            "day": pa.date32(),
            "amount": pa.decimal128(18, 2),
            "is_refund": flag,
            "is_burned": flag,
            "burn_day": pa.date32(),
            "branch_id": text,
            "branch_name": text,
            "merchant_name": text,
            "is_shared": flag,
            "lacks_customer": flag,
            "lacks_branch": flag,
        }
    )
    assert ledger.engine.describe("customers") == pa.schema(
        {"customer_id": text, "join_day": pa.date32(), "city_name": text, "gender_name": text}
    )


SPOILS: list[tuple[str, dict[str, Any]]] = [
    ("no-customer-id", {"customer_id": None}),
    ("rounded-id", {"customer_id": 1234567890123456789.0}),
    ("rounded-id", {"customer_id": "1.23457E+15"}),
    ("no-date", {"transaction_date": None}),
    ("bad-date", {"transaction_date": "soon"}),
    ("bad-date", {"transaction_date": "2024-02-30"}),
    ("no-amount", {"amount": None}),
    ("bad-amount", {"amount": "twelve"}),
    ("after-as-of", {"transaction_date": date(2025, 1, 1)}),
    ("summary-line", {"transaction_id": "Grand total", "customer_id": None, "transaction_date": None}),
    ("no-transaction-id", {"transaction_id": None}),
    ("no-transaction-id", {"transaction_id": "1.23457E+15"}),
    ("unknown-customer", {"customer_id": 999}),
    ("unknown-branch", {"branch_id": 99}),
    ("before-join", {"transaction_date": date(2021, 1, 1)}),
    ("burn-before-claim", {"transaction_status": "burned", "burn_date": date(2022, 1, 1)}),
    ("later-burn", {"transaction_status": "burned", "burn_date": date(2025, 1, 1)}),
    ("burned-without-date", {"transaction_status": "burned", "burn_date": None}),
    ("bad-burn-date", {"transaction_status": "burned", "burn_date": "never"}),
    ("date-without-burn", {"transaction_status": "subscribed", "burn_date": date(2024, 6, 1)}),
    ("unknown-status", {"transaction_status": "lost", "burn_date": None}),
    ("zero-amount", {"amount": 0}),
    ("refund", {"amount": -5}),
]


@pytest.mark.parametrize(("reason", "cells"), SPOILS)
def test_one_spoiled_row_is_found_in_its_place(load: Load, tmp_path: Path, reason: str, cells: dict[str, Any]) -> None:
    shop = make_shop(amount=True)
    spoil(shop, 31, **cells)
    ledger = shop_ledger(load, tmp_path, shop, as_of=date(2024, 8, 1))
    found = ledger.findings[ledger.findings["reason"] == reason]
    assert found["row"].tolist() == [31]
    (row,) = found.to_dict("records")
    assert (row["kind"], row["file"], row["sheet"]) == (REASONS[reason].kind, "shop.xlsx", "transactions")
    assert row["column"] == REASONS[reason].column or not REASONS[reason].column
    assert row["detail"].startswith(REASONS[reason].sentence)
    tally = ledger.tallies[0]
    assert (tally.read, tally.kept) == (240, 239 if REASONS[reason].kind == "rejected" else 240)
    assert (tally.rejected, tally.flagged) == ((1, 0) if REASONS[reason].kind == "rejected" else (0, 1))


def test_every_reason_is_proven_by_a_test() -> None:
    elsewhere = {
        "ragged-line", "ignored-status", "no-id", "identical-duplicate", "conflicting-duplicate", "implausible-date",
        "repeated-header", "refund-excluded", "other-currency", "unknown-merchant", "unknown-city", "unknown-gender", "bad-join-date", "long-before",
        "identical-line", "joins-later",
    }  # fmt: skip
    assert {reason for reason, _ in SPOILS} | elsewhere == set(REASONS)


def test_who_joins_on_a_given_as_of_date_is_not_known_yet(load: Load, tmp_path: Path) -> None:
    """A day before it is early enough; where no day is given, joining is no event and nobody is left out."""
    shop = make_shop(amount=True)
    for who, day in ((900, date(2024, 7, 31)), (901, date(2024, 8, 1))):
        shop["customers"].append(dict(shop["customers"][0]) | {"customer_id": who, "join_date": day})
    ledger = shop_ledger(load, tmp_path, shop, as_of=date(2024, 8, 1))
    found = ledger.findings[ledger.findings["reason"] == "joins-later"]
    assert found["row"].tolist() == [len(shop["customers"]) + 1]
    ids = ledger.engine.arrow("SELECT customer_id FROM customers")["customer_id"].to_pylist()
    assert "900" in ids
    assert "901" not in ids
    assert "joins-later" not in set(shop_ledger(load, tmp_path, shop).findings["reason"])


def test_a_later_row_makes_no_earlier_one_a_conflict(load: Load, tmp_path: Path) -> None:
    """As of a day before the second of two rows with one id the first counts; the second is of the future."""
    shop = make_shop(amount=True)
    shop["transactions"].append(
        dict(shop["transactions"][0]) | {"transaction_date": date(2024, 8, 1), "customer_id": 2}
    )
    assert "conflicting-duplicate" in set(shop_ledger(load, tmp_path, shop).findings["reason"])
    then = shop_ledger(load, tmp_path, shop, as_of=date(2024, 8, 1))
    assert then.findings["reason"].tolist() == ["after-as-of"]


def test_identical_duplicates_count_once(load: Load, tmp_path: Path) -> None:
    shop = make_shop()
    shop["transactions"] += [dict(row) for row in shop["transactions"][:3]]
    ledger = shop_ledger(load, tmp_path, shop)
    assert rows_of(ledger, "identical-duplicate") == [242, 243, 244]
    assert (
        ledger.findings["detail"].tolist()[0]
        == "The same row is there already. See row 2. Delete the row, or give it an id of its own."
    )
    assert rfm(ledger) == rfm(shop_ledger(load, tmp_path, make_shop()))


def test_of_conflicting_duplicates_none_counts(load: Load, tmp_path: Path) -> None:
    shop = make_shop()
    shop["transactions"].append(shop["transactions"][0] | {"coupon_name": "other"})
    shop["transactions"].append(dict(shop["transactions"][0]))
    ledger = shop_ledger(load, tmp_path, shop)
    assert rows_of(ledger, "conflicting-duplicate") == [2, 242, 243]
    assert ledger.tallies[0].kept == 239


def test_a_broken_copy_does_not_drag_the_good_row_down(load: Load, tmp_path: Path) -> None:
    shop = make_shop()
    shop["transactions"].append(shop["transactions"][0] | {"customer_id": None})
    ledger = shop_ledger(load, tmp_path, shop)
    assert rows_of(ledger, "no-customer-id") == [242]
    assert ledger.tallies[0].kept == 240


def test_order_lines_may_share_an_id_but_not_two_customers(load: Load, tmp_path: Path) -> None:
    rows = make_orders(lines=10)
    rows.append(dict(rows[0]))
    rows.append(rows[4] | {"customer_id": 1})
    ledger = orders_ledger(load, tmp_path, rows)
    assert rows_of(ledger, "identical-line") == [12]
    assert rows_of(ledger, "conflicting-duplicate") == [6, 7, 13]
    assert ledger.tallies[0].kept == 9
    assert sum(frequency for _, frequency, _ in rfm(ledger).values()) == 4


def test_without_an_id_each_row_is_its_own_transaction(load: Load, tmp_path: Path) -> None:
    rows = [order("a", "2024-01-05"), order("a", "2024-01-05"), order("a", "2024-01-06"), order("b", "2024-01-05")]
    ledger = orders_ledger(load, tmp_path, rows)
    assert rows_of(ledger, "identical-line") == [3]
    assert rfm(ledger) == {"a": (1, 3, Decimal("30.00")), "b": (2, 1, Decimal("10.00"))}
    assert "no-transaction-id" not in REASONS or rows_of(ledger, "no-transaction-id") == []


def test_lines_at_another_time_of_day_are_not_identical(load: Load, tmp_path: Path) -> None:
    ledger = orders_ledger(load, tmp_path, [order("a", "2024-01-05 10:00:00"), order("a", "2024-01-05 11:00:00")])
    assert ledger.findings.empty


def test_lookup_duplicates_never_multiply_transactions(load: Load, tmp_path: Path) -> None:
    shop = make_shop()
    shop["merchants"] += [
        {"merchant_id": 1, "merchant_name": "Zebra"},
        {"merchant_id": 1, "merchant_name": "Merchant 1"},
    ]
    shop["customers"].append(dict(shop["customers"][0]))
    shop["cities"].append({"city_id": None, "city_name": "Nowhere"})
    shop["cities"].append({"city_id": "Total", "city_name": "6"})
    shop["customers"][1]["city_id"] = 77
    shop["customers"][2]["gender_id"] = 9
    shop["customers"][3]["join_date"] = "long ago"
    shop["branches"][3]["merchant_id"] = 42
    ledger = shop_ledger(load, tmp_path, shop)
    assert ledger.tallies[0].kept == 240
    places = {
        reason: (rows["sheet"].iloc[0], rows["row"].tolist()) for reason, rows in ledger.findings.groupby("reason")
    }
    assert places == {
        "identical-duplicate": ("customers", [42, 6]),
        "conflicting-duplicate": ("merchants", [5]),
        "no-id": ("cities", [7]),
        "summary-line": ("cities", [8]),
        "unknown-city": ("customers", [3]),
        "unknown-gender": ("customers", [4]),
        "bad-join-date": ("customers", [5]),
        "unknown-merchant": ("branches", [5]),
    }
    names = ledger.engine.arrow("SELECT DISTINCT merchant_name AS n FROM transactions ORDER BY n")["n"].to_pylist()
    assert names == ["Merchant 1", "Merchant 2", None]


def test_branches_are_called_after_their_name_or_id(load: Load, tmp_path: Path) -> None:
    shop = make_shop()
    shop["branches"][0]["branch_name"] = "Cairo Mall"
    shop["branches"][1]["branch_name"] = None
    ledger = shop_ledger(load, tmp_path, shop)
    names = ledger.engine.arrow("SELECT DISTINCT branch_name AS n FROM transactions ORDER BY n")["n"].to_pylist()
    assert names == ["2", "3", "4", "Cairo Mall"]


@pytest.mark.parametrize(
    ("policy", "kept", "total"), [("net", 3, "15.00"), ("gross", 3, "15.00"), ("exclude", 2, "20.00")]
)
def test_refunds(load: Load, tmp_path: Path, policy: Any, kept: int, total: str) -> None:
    rows = [order("a", "2024-01-05"), order("a", "2024-01-06"), order("a", "2024-01-07", "-5.00")]
    ledger = orders_ledger(load, tmp_path, rows, refunds=RefundSettings(policy))
    assert (ledger.tallies[0].kept, ledger.refund_policy) == (kept, policy)
    assert rows_of(ledger, "refund-excluded" if policy == "exclude" else "refund") == [4]
    assert rfm(ledger)["a"][1:] == (2, Decimal(total))


def test_no_row_left_is_an_error_that_says_why(load: Load, tmp_path: Path) -> None:
    rows = [order("a", "soon"), order("", "2024-01-05"), order("b", "later")]
    with pytest.raises(InputError) as caught:
        orders_ledger(load, tmp_path, rows)
    assert [str(problem) for problem in caught.value.problems] == [
        "orders.csv: transactions has no rows that can be used. Mend the rows below, or the settings.",
        "orders.csv, column order_date: 2 rows: The date cannot be read. First: row 2 (“soon”).",
        "orders.csv, column customer_id: 1 row: There is no customer_id. First: row 3.",
    ]


def test_unknown_customers_become_known(load: Load, tmp_path: Path) -> None:
    shop = make_shop(customers=5, transactions=20)
    spoil(shop, 3, customer_id="stranger")
    ledger = shop_ledger(load, tmp_path, shop)
    customers = ledger.engine.arrow("SELECT * FROM customers WHERE customer_id = 'stranger'").to_pylist()
    assert customers == [{"customer_id": "stranger", "join_day": None, "city_name": None, "gender_name": None}]


def test_without_a_customers_table_nobody_is_unknown(load: Load, tmp_path: Path) -> None:
    shop = make_shop()
    del shop["customers"], shop["cities"]
    ledger = load(make_folder(tmp_path / "shop", shop))
    assert ledger.findings.empty
    assert ledger.has == {"coupons", "branch", "merchant"}
    assert [note.where for note in ledger.notes if "no such table" in note.what] == ["customers", "cities"]


def day(offset: int) -> date:
    return date(2024, 1, 1) + timedelta(days=offset)


def test_the_as_of_date_is_the_day_after_the_latest_believed_event() -> None:
    steady = [(day(i), 10) for i in range(100)]
    assert horizon(steady, None).as_of == day(100)
    assert horizon([*steady, (day(400), 1)], None).as_of == day(401)  # within a year of the others
    assert horizon([*steady, (day(600), 1)], None).as_of == day(100)
    assert horizon([*steady, (day(600), 3)], None).as_of == day(100)
    assert horizon([*steady, (day(600), 50)], None).as_of == day(601)  # too many to be a slip
    assert horizon([*steady, (date(2150, 1, 1), 500)], None).as_of == day(100)
    assert horizon([*steady, (day(600), 1)], day(700)).as_of == day(700)
    assert horizon([(day(0), 1)], None).as_of == day(1)
    assert horizon([(day(0), 1), (day(500), 1)], None).as_of == day(501)  # two events: neither is a straggler
    assert horizon([(date(1900, 1, 1), 1), *steady], None).first_plausible == day(0)


def test_a_placeholder_date_long_before_all_others_is_told(load: Load, tmp_path: Path) -> None:
    rows = [order(f"c{i}", str(day(i))) for i in range(60)] + [order("old", "1970-01-01")]
    assert rows_of(orders_ledger(load, tmp_path, rows), "long-before") == [62]


def test_ragged_lines_are_rejected_with_their_text(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        'customer,date,amount\na,2024-01-05,1\nb,2024-01-05\n\n"c\nc",2024-01-05,3\nd,2024-01-05,4,x\ne,2024-01-05,5,\n'
    )
    ledger = load(path)
    assert (ledger.tallies[0].read, ledger.tallies[0].kept) == (5, 3)
    found = ledger.findings[ledger.findings["reason"] == "ragged-line"]
    assert list(zip(found["row"], found["value"], strict=True)) == [
        (3, "b | 2024-01-05"),
        (7, "d | 2024-01-05 | 4 | x"),
    ]
