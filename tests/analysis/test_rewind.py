"""A rewound ledger against the customers of the file that ended the day before: sums of other queries, over the lines that are left."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
import shops
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.analysis.aggregate import sum_customers
from reporter.analysis.rewind import rewind
from reporter.intake.ledger import Ledger

START = date(2023, 1, 1)
SPAN = 60
COLUMNS = ["customer_id", "first_date", "last_date", "recency_days", "frequency", "monetary", "burned"]
LINES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 7), st.integers(-3000, 9999), st.integers(0, SPAN - 1), st.none() | st.integers(-3, SPAN + 20)),
    min_size=1,
    max_size=40,
)  # fmt: skip
"""Customer, transaction, cents, day, and days until it was burned (-3..-1: burned, day unknown); lines share transactions on both sides of any day."""


def rows_of(lines: list[tuple[int, int, int, int, int | None]], mode: str) -> pd.DataFrame:
    """The transactions as a shop would write them down when all is over."""
    frame = pd.DataFrame(lines, columns=["c", "t", "cents", "day", "burn"])
    days = pd.to_datetime(pd.Timestamp(START) + pd.to_timedelta(frame["day"], unit="D"))
    burns = frame["burn"].astype("float64")
    rows = pd.DataFrame(
        {
            "customer_id": "c" + frame["c"].astype(str),
            "transaction_id": "t" + frame["t"].astype(str),
            "day": days,
            "is_refund": (frame["cents"] < 0) & (mode == "money"),
            "is_burned": burns.notna(),
            "burn_day": days + pd.to_timedelta((burns - 2).where(burns >= 0), unit="D"),
        }
    )
    return rows.assign(amount=frame["cents"] / 100) if mode == "money" else rows


def known_on(rows: pd.DataFrame, day: date, policy: str) -> Ledger:
    """The ledger of what the shop could have written down by the evening before `day`."""
    then = rows[rows["day"] < pd.Timestamp(day)]
    later = then["burn_day"] >= pd.Timestamp(day)
    then = then.assign(is_burned=then["is_burned"] & ~later, burn_day=then["burn_day"].mask(later))
    return shops.ledger(then, as_of=day, policy=policy)


@settings(max_examples=150, deadline=None)
@given(LINES, st.sampled_from(["money", "coupon"]), st.sampled_from(["net", "gross"]), st.integers(1, SPAN + 30))
def test_a_rewound_ledger_is_the_ledger_of_then(lines, mode: str, policy: str, offset: int):
    rows, day = rows_of(lines, mode), START + timedelta(days=offset)
    now = known_on(rows, START + timedelta(days=SPAN + 60), policy)
    found = rewind(now, day)
    if (rows["day"] < pd.Timestamp(day)).any():
        expected = sum_customers(known_on(rows, day, policy)).query("frequency > 0")[COLUMNS]
        pd.testing.assert_frame_equal(found, expected.reset_index(drop=True), check_dtype=False)
    else:
        assert found.empty


def test_a_sale_is_known_from_its_first_line_and_its_money_line_by_line():
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b"],
            "transaction_id": ["1", "1", "2"],
            "day": ["2024-01-10", "2024-01-20", "2024-01-20"],
            "amount": [10.0, 5.0, 1.0],
        }
    )
    then = rewind(shops.ledger(rows, as_of=date(2024, 2, 1)), date(2024, 1, 20))
    assert then[["customer_id", "recency_days", "frequency", "monetary"]].values.tolist() == [["a", 10, 1, 10.0]]


def test_a_coupon_is_burned_from_the_day_of_burning_or_else_of_its_claim():
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "day": ["2024-01-10"] * 3,
            "is_burned": [True] * 3,
            "burn_day": ["2024-01-15", None, "2024-01-05"],
        }
    )
    ledger = shops.ledger(rows, as_of=date(2024, 2, 1))
    assert rewind(ledger, date(2024, 1, 15))["monetary"].tolist() == [0.0, 1.0, 1.0]
    assert rewind(ledger, date(2024, 1, 16))["monetary"].tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2024, 7, 15)])
def test_the_real_workbook_rewound_is_the_workbook_read_then(day: date):
    expected = sum_customers(shops.workbook(day)).query("frequency > 0")[COLUMNS].reset_index(drop=True)
    pd.testing.assert_frame_equal(rewind(shops.workbook(), day), expected, check_dtype=False)
