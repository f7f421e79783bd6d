"""Ids, statuses, and how tables hang together."""

from __future__ import annotations

from datetime import date
from typing import Any

from reporter.intake.settings import RefundSettings, StatusSettings
from tests.fixtures.workbook import Shop
from tests.intake.cases.case import Build, Case, book, ids, shop, text

ORDERS = "order_id,customer,date,amount\n"


def row(number: int, **cells: Any) -> Build:
    """A shop whose spreadsheet row of that number is changed."""
    return shop(lambda tables: tables["transactions"][number - 2].update(cells))


def more(table: str, *rows: dict[str, Any]) -> Build:
    """A shop with rows added to a table."""
    return shop(lambda tables: tables[table].extend(rows))


def again(shop: Shop, count: int, **cells: Any) -> None:
    shop["transactions"] += [each | cells for each in shop["transactions"][:count]]


def emptied(shop: Shop, *tables: str) -> None:
    for table in tables:
        shop[table] = [dict.fromkeys(shop[table][0])]


CASES = (
    Case("look-null", ids("NA", "None", "nan", "null", "N/A", "#N/A", "-"), kept=7, reasons={}, ids=["#N/A", "-", "N/A", "NA", "None", "nan", "null"]),
    Case("leading-zeros", ids("0007", "007", "7"), ids=["0007", "007", "7"]),
    Case("case-of-ids", ids("ab", "AB"), ids=["AB", "ab"]),
    Case("padded", ids(" a1 ", "a1\u00a0", "a1"), ids=["a1"]),
    Case("long-text-ids", ids("12345678901234567890", "12345678901234567891"), kept=2, ids=["12345678901234567890", "12345678901234567891"]),
    Case("floats", book(["customer", "date"], [2.0, date(2024, 1, 1)], ["2", date(2024, 1, 2)], [2, date(2024, 1, 3)]), kept=3, ids=["2"]),
    Case("rounded-numbers", book(["customer", "date"], [1234567890123456789.0, date(2024, 1, 1)], [123456789012345.0, date(2024, 1, 2)]), kept=1, reasons={"rounded-id": 1}, ids=["123456789012345"]),
    Case("rounded-text", ids("1.23457E+15", "a"), kept=1, reasons={"rounded-id": 1}),
    Case("blank-ids", ids("", "  ", "a"), kept=1, reasons={"no-customer-id": 2}),
    Case("truth-values", book(["customer", "date"], [True, date(2024, 1, 1)]), ids=["TRUE"]),
    Case("names-look-null", shop(lambda tables: [each.update(merchant_name=name) for each, name in zip(tables["merchants"], ("NA", "None", "nan"), strict=True)]), names=["NA", "None"]),
    Case("unknown-customer", row(2, customer_id="stranger"), kept=240, reasons={"unknown-customer": 1}),
    Case("unknown-branch", row(2, branch_id=99), kept=240, reasons={"unknown-branch": 1}),
    Case("unknown-merchant", more("branches", {"branch_id": 9, "merchant_id": 77}), kept=240, lookups={"branches": {"unknown-merchant": 1}}),
    Case("identical-twice", shop(lambda tables: again(tables, 10)), kept=240, reasons={"identical-duplicate": 10}),
    Case("conflict", shop(lambda tables: again(tables, 6, customer_id=140)), kept=234, reasons={"conflicting-duplicate": 12}),
    Case("order-lines-share-an-id", text(ORDERS + "1,a,2024-01-01,1\n1,a,2024-01-01,2\n"), kept=2, reasons={}, total="3.00"),
    Case("an-order-of-two-customers", text(ORDERS + "1,a,2024-01-01,1\n1,b,2024-01-01,2\n2,b,2024-01-02,2\n"), kept=1, reasons={"conflicting-duplicate": 2}),
    Case("lookup-twice", more("merchants", {"merchant_id": 1, "merchant_name": "Merchant 1"}), kept=240, lookups={"merchants": {"identical-duplicate": 1}}),
    Case("lookup-contradicts", more("merchants", {"merchant_id": 1, "merchant_name": "Zebra"}), kept=240, names=["Merchant 1", "Merchant 2"], lookups={"merchants": {"conflicting-duplicate": 1}}),
    Case("two-merchants-of-one-name", shop(lambda tables: tables["merchants"][1].update(merchant_name="Merchant 1")), kept=240, names=["Merchant 1"], told=("2 ids share 1 names, such as “Merchant 1”: ids of one name are shown as one. 2",)),
    Case("two-branches-of-one-name", shop(lambda tables: [each.update(branch_name="Mall") for each in tables["branches"]]), kept=240, told=("4 ids share 1 names, such as “Mall”",)),
    Case("each-its-own-name", shop(lambda tables: None), kept=240, reasons={}, untold=("share",)),
    Case("lookup-without-id", more("cities", {"city_id": None, "city_name": "Nowhere"}), lookups={"cities": {"no-id": 1}}),
    Case("burned-without-date", row(3, transaction_status="burned", burn_date=None), kept=240, reasons={"burned-without-date": 1}),
    Case("date-without-burn", row(3, transaction_status="subscribed", burn_date=date(2023, 5, 1)), kept=240, reasons={"date-without-burn": 1}),
    Case("burned-before-claimed", row(3, transaction_status="burned", burn_date=date(2020, 5, 1)), kept=240, reasons={"burn-before-claim": 1}),
    Case("bad-burn-date", row(3, transaction_status="burned", burn_date="soon"), kept=240, reasons={"bad-burn-date": 1}),
    Case("before-joining", row(3, transaction_date=date(2021, 1, 1), transaction_status="subscribed", burn_date=None), kept=240, reasons={"before-join": 1}),
    Case("bad-join-date", shop(lambda tables: tables["customers"][0].update(join_date="long ago")), lookups={"customers": {"bad-join-date": 1}}),
    Case("statuses-by-likeness", shop(lambda tables: [tables["transactions"][i].update(transaction_status=word) for i, word in enumerate(("Subscribed", "BURNT", "subscribd", " redeemed "))]), kept=240, told=("“BURNT” as burned", "“subscribd” as subscribed")),
    Case("unknown-status", row(2, transaction_status="lost"), kept=240, reasons={"unknown-status": 1}),
    Case("not-burned", row(2, transaction_status="unburned"), kept=240, reasons={"unknown-status": 1}),
    Case("blank-status", row(2, transaction_status=None), kept=240, reasons={"unknown-status": 1}),
    Case("statuses-of-orders", text("customer,date,amount,status\na,2024-01-01,5,Paid\na,2024-01-02,5,CANCELLED\na,2024-01-03,5,returned\n"),
         {"status": StatusSettings(ignore=("cancelled",), refund=("Returned",))}, kept=2, total="0.00", reasons={"ignored-status": 1, "refund": 1}),
    Case("refunds-left-out", text("customer,date,amount\na,2024-01-01,5\na,2024-01-02,-5\n"), {"refunds": RefundSettings("exclude")}, kept=1, total="5.00", reasons={"refund-excluded": 1}),
    Case("one-customer", ids("a"), kept=1, reasons={}, ids=["a"]),
    Case("no-usable-row", ids("", " "), refused=("no rows that can be used", "2 rows: There is no customer_id. First: row 2")),
    Case("blank-transactions", shop(lambda tables: emptied(tables, "transactions")), refused=("table transactions is empty",)),
    Case("blank-lookups", shop(lambda tables: emptied(tables, "cities", "merchants")), kept=240, told=("sheet cities The table is empty", "sheet merchants The table is empty")),
    Case("total-row", shop(lambda tables: tables["transactions"].append({"transaction_id": "Total", "coupon_name": 240})), kept=240, reasons={"summary-line": 1}),
    Case("total-in-a-lookup", more("cities", {"city_id": "Grand total", "city_name": "5"}), lookups={"cities": {"summary-line": 1}}),
    Case("a-customer-called-total", text("customer,date,amount\nTotal Fitness,2024-01-01,5\n"), kept=1, ids=["Total Fitness"]),
    Case("repeated-header", text("customer,date,amount\na,2024-01-01,1\ncustomer,date,amount\nb,2024-01-02,2\n"), kept=2, ids=["a", "b"], total="3.00", reasons={"repeated-header": 1}),
    Case("repeated-header-of-a-lookup", more("cities", {"city_id": "city_id", "city_name": "city_name"}), lookups={"cities": {"repeated-header": 1}}),
)  # fmt: skip
