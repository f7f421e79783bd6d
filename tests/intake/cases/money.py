"""Amounts as people write them."""

from __future__ import annotations

from datetime import date

from tests.intake.cases.case import Case, amounts, book, text

COLUMN = "customer,date,amount,currency\na,2024-01-01,10,EUR\na,2024-01-02,20,usd\na,2024-01-03,5,\n"

CASES = (
    Case("points", amounts("10.50", "3"), total="13.50", reasons={}),
    Case("commas", amounts("10,50", "3,5"), total="14.00", told=("comma is the decimal sign",)),
    Case("thousands", amounts("1,234.50", "12,345,678.90"), total="12346913.40"),
    Case("german-thousands", amounts("1.234,50", "12.345.678,90"), total="12346913.40"),
    Case("swiss", amounts("1'234.50", "1’234.50"), total="2469.00"),
    Case("french", amounts("1 234,50", "1\u202f234,50", "1\u00a0234,50"), total="3703.50"),
    Case("indian", amounts("1,23,456.50", "12,34,567.00"), total="1358023.50"),
    Case("parentheses", amounts("100.00", "(45.00)"), total="55.00", reasons={"refund": 1}),
    Case("trailing-minus", amounts("100.00", "45.00-"), total="55.00", reasons={"refund": 1}),
    Case("unicode-minus", amounts("100.00", "−45.00"), total="55.00", reasons={"refund": 1}),
    Case("arabic-digits", amounts("١٢٣٫٥٠", "100,00"), total="223.50"),
    Case("both-read-both-ways", amounts("1,234", "2.345"), kept=2, told=("no cell settles it",)),
    Case("contradiction", amounts("1.50", "2,50", "1,234"), kept=2, total="4.00", reasons={"bad-amount": 1}, told=("both occur",)),
    Case("words", amounts("free", "n/a", "--", "12.3.4", "10"), kept=1, reasons={"bad-amount": 4}),
    Case("blank", amounts("", " ", "10"), kept=1, reasons={"no-amount": 2}),
    Case("not-finite", amounts("inf", "nan", "Infinity", "-inf", "10"), kept=1, reasons={"bad-amount": 4}),
    Case("too-large", amounts("1e300", "99999999999999999999", "10"), kept=1, reasons={"bad-amount": 2}),
    Case("half-a-cent", amounts("0.005", "0.004", "1.0050"), total="1.02", reasons={"zero-amount": 1}),
    Case("only-refunds", amounts("-1.00", "-2.00"), refused=("column amount: there is no sale: every row is a refund",)),
    Case("nothing-but-zero", amounts("0", "0.00"), kept=2, total="0.00", reasons={"zero-amount": 2}),
    Case("one-currency", amounts("€ 10,50", "10,50 EUR", "€10"), total="31.00"),
    Case("dollars-by-three-names", amounts("$10.00", "US$ 10.00", "10.00 USD", "10"), total="40.00"),
    Case("dollars-of-canada", amounts("$10.00", "C$ 10.00", "10.00 CAD"), total="30.00"),
    Case("dollars-of-the-settings", amounts("$10.00"), {"currency": "AUD"}, total="10.00"),
    Case("kronor", amounts("10 kr", "10 kr.", "10 SEK"), total="30.00"),
    Case("two-currencies", amounts("$10.00", "€ 5.00", "$ 1.00"),
         refused=("orders.csv, column amount: Amounts are in 2 currencies", "USD (2 rows, first row 2: “$10.00”)", "EUR (1 row, first row 3", 'source.keep_currency = "USD"', "one file for each")),
    Case("two-dollars", amounts("USD 10.00", "CAD 5.00"), refused=("USD (1 row", "CAD (1 row")),
    Case("one-is-kept", amounts("$10.00", "€ 5.00", "$ 1.00", "7"), {"keep_currency": "USD"}, kept=3, total="18.00", reasons={"other-currency": 1}),
    Case("the-other-is-kept", amounts("$10.00", "€ 5.00", "$ 1.00", "7"), {"keep_currency": "EUR"}, kept=2, total="12.00", reasons={"other-currency": 2}),
    Case("what-is-kept-is-not-there", amounts("$10.00", "€ 5.00"), {"keep_currency": "GBP"}, refused=("No amount carries GBP",)),
    Case("another-than-the-settings", amounts("$10.00"), {"currency": "EUR"}, refused=("are EUR, but they carry another", 'source.currency = "USD"')),
    Case("a-column-of-currencies", text(COLUMN), refused=("column amount: Amounts are in 2 currencies", "EUR (1 row, first row 2: “10 EUR”)", "USD (1 row, first row 3: “20 usd”)")),
    Case("a-column-of-currencies-one-kept", text(COLUMN), {"keep_currency": "USD"}, kept=2, total="25.00", reasons={"other-currency": 1}),
    Case("a-price-in-two-currencies", text("customer,date,quantity,unit_price\na,2024-01-01,2,€5\na,2024-01-02,2,£5\n"), refused=("column unit_price", "EUR", "GBP")),
    Case("words-carry-no-currency", amounts("10.00", "EUR", "$"), kept=1, reasons={"bad-amount": 2}),
    Case("pieces-and-price", text("customer,date,quantity,unit_price\na,2024-01-01,3,0.115\na,2024-01-02,-1,2.50\n"), total="-2.15", reasons={"refund": 1}),
    Case("numbers-of-a-workbook", book(["customer", "date", "amount"], ["a", date(2024, 1, 1), 1234.567], ["a", date(2024, 1, 2), "7,50"]), total="1242.07"),
    Case("one-outlier", amounts(*["10"] * 20, "1000000000"), kept=21, total="1000000200.00", reasons={}),
    Case("all-the-same", amounts(*["10"] * 20), kept=20, total="200.00", reasons={}),
)  # fmt: skip
