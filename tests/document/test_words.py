"""Numbers as people read them, and sentences that remember their numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.document.blocks import Said
from reporter.document.words import Words, join, plural, say

WORDS = Words("en", "EGP", "money")
COUPONS = Words("en", None, "coupon")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0%"),
        (0.0001, "<0.1%"),
        (0.084, "8.4%"),
        (0.41, "41%"),
        (0.9951, "99.5%"),
        (0.9999, "99.9%"),
        (1, "100%"),
        (-0.021, "−2.1%"),
    ],
)
def test_a_share_is_never_0_or_100_for_what_is_not(value: float, text: str) -> None:
    assert WORDS.share(value).text == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.5, "EGP 12.50"),
        (99_999, "EGP 99,999"),
        (123_456, "EGP 123.46 k"),
        (3_570_000, "EGP 3.57 m"),
        (-4_500, "EGP −4,500"),
        (0, "EGP 0.00"),
    ],
)
def test_money_is_compact_above_a_hundred_thousand(value: float, text: str) -> None:
    assert WORDS.money(value).text == text


def test_in_coupon_mode_value_is_coupons_and_never_money() -> None:
    assert COUPONS.value(1).text == "1 burned coupon"
    assert COUPONS.value(2).text == "2 burned coupons"
    assert COUPONS.value_bare(1234).text == "1,234"


@pytest.mark.parametrize(
    ("noun", "many"),
    [("city", "cities"), ("day", "days"), ("branch", "branches"), ("gender", "genders"), ("box", "boxes")],
)
def test_plural(noun: str, many: str) -> None:
    assert plural(noun) == many


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1 day"), (0, "0 days"), (2.5, "3 days"), (1.0, "1 day"), (1234, "1,234 days")]
)
def test_days_agree_with_their_number(value: float, text: str) -> None:
    assert WORDS.days(value).text == text


def test_change_carries_its_sign() -> None:
    assert WORDS.change(108.4, 100).text == "+8.4%"
    assert WORDS.change(90, 100).text == "−10%"
    assert WORDS.points(0.46, 0.472).text == "−1.2 pts"


def test_dates_do_not_follow_the_process_locale() -> None:
    assert WORDS.day(date(2024, 7, 14)).text == "14 July 2024"
    assert WORDS.month(date(2024, 7, 1)).text == "July 2024"


def test_say_keeps_every_number_with_its_exact_value() -> None:
    inner = say("{n} customers", n=WORDS.count(1200, "customers"))
    said = say("{inner} hold {share}.", inner=inner, share=WORDS.share(1 / 3, "share"))
    assert said.text == "1,200 customers hold 33%."
    assert [(number.name, number.value) for number in said.numbers] == [("customers", 1200), ("share", 1 / 3)]


def test_say_refuses_a_digit_in_its_template() -> None:
    with pytest.raises(ValueError, match="must come in as a value"):
        say("about 40 customers")


def test_say_refuses_values_without_a_field() -> None:
    with pytest.raises(ValueError, match="without a field"):
        say("nothing", n=WORDS.count(1))


def test_a_name_from_the_data_is_never_a_template() -> None:
    assert say("{name} leads", name="{0.__class__} {{7*7}}").text == "{0.__class__} {{7*7}} leads"


def test_join_reads_as_an_enumeration() -> None:
    assert join([Said("A")]).text == "A"
    assert join([Said("A"), Said("B"), Said("C")]).text == "A, B and C"


@given(st.floats(min_value=1e-9, max_value=1 - 1e-9))
def test_no_share_strictly_between_reads_as_nothing_or_all(value: float) -> None:
    assert WORDS.share(value).text not in ("0%", "0.0%", "100%")


@given(st.integers(min_value=0, max_value=10**12))
def test_counts_read_back_exactly(value: int) -> None:
    assert int(WORDS.count(value).text.replace(",", "")) == value
