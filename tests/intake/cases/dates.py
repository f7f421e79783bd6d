"""Dates as people write them."""

from __future__ import annotations

from datetime import date, datetime

from tests.intake.cases.case import Case, book, dates

CASES = (
    Case("iso", dates("2024-03-05", "2024-03-06"), kept=2, reasons={}, days=["2024-03-05", "2024-03-06"], untold=("read as dates",)),
    Case("iso-with-time", dates("2024-03-05 23:59:59", "2024-03-05T00:00:01"), kept=2, days=["2024-03-05"]),
    Case("zones-keep-the-day-as-written", dates("2024-03-05T23:30:00Z", "2024-03-05T23:30:00+05:30", "2024-03-05 23:30:00 -0800"), kept=3, days=["2024-03-05"]),
    Case("fractions-of-seconds", dates("2024-03-05T10:00:00.123456Z"), kept=1, days=["2024-03-05"]),
    Case("am-and-pm", dates("03/25/2024 11:59 PM", "03/26/2024 12:01 am"), days=["2024-03-25", "2024-03-26"]),
    Case("mixed-shapes", dates("2024-03-05", "20240306", "7 Mar 2024", "March 8, 2024", "9.3.2024", "2024/03/10"), kept=6,
         days=[f"2024-03-{day:02}" for day in range(5, 11)], told=("eight digits", "name of the month", "day.month.year")),
    Case("day-first-by-the-column", dates("13/03/2024", "05/04/2024"), days=["2024-03-13", "2024-04-05"], told=("Day first",)),
    Case("month-first-by-the-column", dates("03/13/2024", "04/05/2024"), days=["2024-03-13", "2024-04-05"], told=("Month first",)),
    Case("ambiguous", dates("03/04/2024", "05/06/2024"), days=["2024-04-03", "2024-06-05"], told=("ambiguous",)),
    Case("ambiguous-settled", dates("03/04/2024", "05/06/2024"), {"date_order": "mdy"}, days=["2024-03-04", "2024-05-06"], untold=("ambiguous",)),
    Case("contradiction", dates("13/03/2024", "03/13/2024"), kept=1, reasons={"bad-date": 1}, told=("contradict each other",)),
    Case("two-digit-years", dates("13/03/24", "14/03/24"), days=["2024-03-13", "2024-03-14"]),
    Case("single-digits", dates("1/2/2024", "31/1/2024"), days=["2024-01-31", "2024-02-01"]),
    Case("leap-day", dates("2024-02-29", "29/02/2024", "45351"), kept=3, days=["2024-02-29"]),
    Case("no-leap-day", dates("2023-02-29", "1900-02-29", "2024-01-01"), kept=1, reasons={"bad-date": 2}),
    Case("no-such-day", dates("2024-04-31", "2024-13-01", "00/00/0000", "2024-01-01"), kept=1, reasons={"bad-date": 3}),
    Case("placeholders", dates("-", "N/A", "0000-00-00", "TBD", "2024-01-01"), kept=1, reasons={"bad-date": 4}),
    Case("blank", dates("", "   ", "2024-01-01"), kept=1, reasons={"no-date": 2}),
    Case("serials-as-text", dates("45390", "45390.75"), kept=2, days=["2024-04-08"], told=("serial number",)),
    Case("serials-as-numbers", book(["customer", "date"], ["a", 45390], ["b", 45390.75]), kept=2, days=["2024-04-08"]),
    Case("dates-of-a-workbook", book(["customer", "date"], ["a", date(2024, 4, 8)], ["b", datetime(2024, 4, 8, 23, 59, 59)]), kept=2, days=["2024-04-08"]),  # noqa: DTZ001
    Case("text-and-dates-in-one-column", book(["customer", "date"], ["a", date(2024, 4, 8)], ["b", "09/04/2024"], ["c", "13/04/2024"]), kept=3,
         days=["2024-04-08", "2024-04-09", "2024-04-13"]),
    Case("weekday-and-ordinals", dates("Monday, 8 April 2024", "Tue 9th April 2024"), days=["2024-04-08", "2024-04-09"]),
    Case("no-break-space", dates("\u00a02024-04-08\u00a0"), days=["2024-04-08"]),
    Case("far-future-is-no-today", dates(*(f"2024-01-{day:02}" for day in range(1, 29)), "2999-12-31"), kept=28, reasons={"implausible-date": 1}),
    Case("the-future-by-setting", dates("2024-01-01", "2024-02-01"), {"as_of": date(2024, 2, 1)}, kept=1, reasons={"after-as-of": 1}),
)  # fmt: skip
