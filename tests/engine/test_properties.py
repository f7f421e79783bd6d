"""Any day and any sum of money, written in any of the usual ways, is read back; what is none is never guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reporter.engine.duck import DuckEngine

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

DAYS: dict[str, tuple[str, Callable[[date], str]]] = {
    "iso": ("dmy", lambda day: day.isoformat()),
    "iso_with_time": ("mdy", lambda day: f"{day.isoformat()}T23:59:59"),
    "iso_with_zone": ("dmy", lambda day: f"{day.isoformat()} 00:00:00+02:00"),
    "year_first": ("mdy", lambda day: f"{day.year}/{day.month}/{day.day}"),
    "eight_digits": ("dmy", lambda day: f"{day:%Y%m%d}"),
    "day_first": ("dmy", lambda day: f"{day:%d/%m/%Y}"),
    "day_first_short": ("dmy", lambda day: f"{day.day}-{day.month}-{day.year}"),
    "month_first": ("mdy", lambda day: f"{day:%m/%d/%Y}"),
    "month_first_with_time": ("mdy", lambda day: f"{day.month}/{day.day}/{day.year} 3:07 PM"),
    "dotted": ("mdy", lambda day: f"{day.day}.{day.month}.{day.year}"),
    "named": ("dmy", lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}"),
    "american": ("dmy", lambda day: f"{MONTHS[day.month - 1][:3]} {day.day}, {day.year}"),
    "serial": ("dmy", lambda day: str((day - date(1899, 12, 30)).days)),
    "serial_with_time": ("dmy", lambda day: f"{(day - date(1899, 12, 30)).days}.75"),
}
"""Ways to write a day: the order that settles numeric dates, and the text."""

GROUPED = {
    "english": ("{:,.2f}", "."),
    "swiss": ("{:,.2f}", "'"),
    "continental": ("{:,.2f}", ","),
    "bare": ("{:.2f}", ""),
}
EASTERN = str.maketrans("0123456789.,", "٠١٢٣٤٥٦٧٨٩٫٬")


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    opened = DuckEngine()
    yield opened
    opened.close()


def read(engine: DuckEngine, expression: str, texts: list[str]) -> list[object]:
    """Each text under one expression, in order."""
    table = pa.table({"n": pa.array(range(len(texts)), pa.int64()), "t": pa.array(texts, pa.string())})
    engine.register("texts", table)
    return engine.arrow(f"SELECT n, {expression} AS x FROM texts ORDER BY n")["x"].to_pylist()


@pytest.mark.parametrize("style", DAYS)
def test_every_day_of_a_century_is_read_back(engine: DuckEngine, style: str) -> None:
    order, written = DAYS[style]
    days = [date(1970, 1, 1) + timedelta(days=number) for number in range(0, 36_525, 1 if style == "iso" else 7)]
    assert read(engine, f"parse_date(t, '{order}')", list(map(written, days))) == days


@settings(max_examples=10, deadline=None)
@given(
    days=st.lists(st.tuples(st.integers(1970, 2099), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=60),
    order=st.sampled_from(["dmy", "mdy"]),
)
@example(days=[(2023, 2, 29), (2024, 2, 29)], order="dmy")
@example(days=[(2100, 2, 29), (2000, 2, 29)], order="mdy")
def test_a_day_that_no_calendar_has_is_none(engine: DuckEngine, days: list[tuple[int, int, int]], order: str) -> None:
    texts = [
        f"{day:02d}/{month:02d}/{year}" if order == "dmy" else f"{month:02d}/{day:02d}/{year}"
        for year, month, day in days
    ]
    assert read(engine, f"parse_date(t, '{order}')", texts) == [calendar_day(*parts) for parts in days]


def calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def spelled(cents: int, style: str) -> tuple[str, str]:
    """Money as people write it, and the decimal sign of its column."""
    form, sign = GROUPED[style]
    text = form.format(Decimal(abs(cents)) / 100)
    if sign == "'":
        text = text.replace(",", "'")
    if sign == ",":
        text = text.translate(str.maketrans(",.", ".,"))
    return text, "," if sign == "," else "."


@settings(max_examples=80, deadline=None)
@given(
    cents=st.integers(-(10**15), 10**15),
    style=st.sampled_from(sorted(GROUPED)),
    minus=st.sampled_from(["-{}", "({})", "{}-", "−{}", "- {}"]),
    currency=st.sampled_from(["{}", "€{}", "{} €", "EGP {}", "{} USD", "US${}", "£ {}"]),
    eastern=st.booleans(),
)
def test_any_sum_of_money_is_read_back_to_the_cent(
    engine: DuckEngine, cents: int, style: str, minus: str, currency: str, eastern: bool
) -> None:
    text, sign = spelled(cents, style)
    text = currency.format(text)
    if cents < 0:
        text = minus.format(text)
    if eastern and style in ("english", "bare"):
        text = text.translate(EASTERN)
    assert read(engine, f"parse_amount(t, '{sign}')", [text])[0] == Decimal(cents) / 100, text


@settings(max_examples=15, deadline=None)
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=60))
@example(texts=["1.2.3", "1,23,4", "--5", "٣", "12 apples"])
def test_no_text_breaks_a_parser_and_money_needs_a_digit(engine: DuckEngine, texts: list[str]) -> None:
    texts = [text.replace("\x00", "").encode("utf-8", "ignore").decode() for text in texts]
    row = (
        "{'day': parse_date(t, 'dmy'), 'moment': parse_ts(t, 'mdy'), 'shape': date_shape(t), 'amount': parse_amount(t, '.'),"
        " 'kind': amount_shape(t), 'sign': said_currency(t), 'total': says_total(t), 'text': printable(t)}"
    )
    for text, found in zip(texts, read(engine, row, texts), strict=True):
        assert isinstance(found, dict)
        assert found["amount"] is None or any(each.isnumeric() for each in text), text
        assert found["day"] is None or any(each.isdigit() for each in text), text
