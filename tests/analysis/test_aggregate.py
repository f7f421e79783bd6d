"""Sums over transactions, against the truths of real files and small shops counted by hand."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pandas as pd
import pytest
import shops
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.analysis import rewind as rewind_module
from reporter.analysis.aggregate import aggregate, segment_merchants, segment_months, windows
from reporter.analysis.lookback import Span, _rhythms
from reporter.analysis.rewind import FEW_SPELLS, rewind, rewinds
from reporter.engine import Plan
from reporter.intake.ledger import Ledger


def small(policy: str = "net"):
    """Two buyers, one customer with only a refund, one without anything; transaction 1 spans two lines."""
    rows = pd.DataFrame(
        [
            ("a", "1", "2024-01-10", 10.10, False, "North"),
            ("a", "1", "2024-01-10", 0.20, False, "North"),
            ("a", "2", "2024-03-02", 5.00, False, "South"),
            ("a", "2", "2024-03-02", -1.05, True, "South"),
            ("b", "3", "2024-02-29", 7.77, False, "South"),
            ("c", "4", "2024-02-10", -3.00, True, "South"),
        ],
        columns=["customer_id", "transaction_id", "day", "amount", "is_refund", "merchant_name"],
    )
    people = pd.DataFrame({"customer_id": list("abcd"), "join_day": ["2024-01-01", "2024-02-01", "2024-02-02", None]})
    return shops.ledger(rows, people, as_of=date(2024, 3, 4), policy=policy)


@pytest.mark.parametrize(
    ("file", "truth"), [("workbook", "ecommerce"), ("r_orders", "r_rfm_orders"), ("cdnow", "cdnow_master")]
)
def test_recency_and_frequency_have_the_published_digest(file, truth):
    expected = json.loads(shops.shared(f"truths/{truth}.json").read_text())["rfm"]
    scored = aggregate(getattr(shops, file)()).customers.query("frequency > 0")
    lines = [
        f"{c}|{int(r)}|{f}"
        for c, r, f in zip(scored["customer_id"], scored["recency_days"], scored["frequency"], strict=True)
    ]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == expected["rf_digest_sha256"]
    assert len(scored) == expected["customers"]
    if "sum_monetary" in expected:
        cents = (scored["monetary"] * 100).round().astype("int64").sum()
        assert Decimal(int(cents)) / 100 == Decimal(expected["sum_monetary"])


def test_a_transaction_of_several_lines_counts_once_and_refunds_never():
    customers = aggregate(small()).customers.set_index("customer_id")
    assert customers["frequency"].to_dict() == {"a": 2, "b": 1, "c": 0, "d": 0}
    assert customers["refunds"].to_dict() == {"a": 1, "b": 0, "c": 1, "d": 0}
    assert customers.loc["a", "recency_days"] == 2


@pytest.mark.parametrize(("policy", "a", "c"), [("net", 14.25, -3.0), ("gross", 15.30, 0.0)])
def test_refund_policy_decides_what_negative_amounts_do(policy, a, c):
    result = aggregate(small(policy))
    money = result.customers.set_index("customer_id")["monetary"]
    assert money["a"] == a
    assert money["c"] == c
    assert round(money.sum() * 100) == result.cents


def test_a_customer_with_only_refunds_is_a_prospect_whose_money_still_counts():
    row = aggregate(small()).customers.set_index("customer_id").loc["c"]
    assert row["frequency"] == 0
    assert pd.isna(row["recency_days"])
    assert pd.isna(row["last_date"])
    assert row["monetary"] == -3.0


def test_months_are_gapless_and_partial_where_data_or_calendar_end():
    monthly = aggregate(small()).monthly
    assert monthly["month"].dt.strftime("%Y-%m").tolist() == ["2024-01", "2024-02", "2024-03"]
    assert monthly["partial"].tolist() == [True, False, True]
    assert monthly["days_covered"].tolist() == [22, 29, 3]
    assert monthly["joined"].tolist() == [1, 2, 0]
    assert monthly["transactions"].tolist() == [1, 1, 1]
    assert monthly["monetary"].tolist() == [10.30, 4.77, 3.95]


def test_a_month_that_ends_before_the_as_of_date_is_whole():
    rows = pd.DataFrame({"customer_id": ["a", "a"], "day": ["2024-01-01", "2024-02-29"], "amount": [1.0, 1.0]})
    assert not aggregate(shops.ledger(rows, as_of=date(2024, 3, 1))).monthly["partial"].any()


def test_the_favourite_merchant_is_the_first_name_among_equals():
    assert aggregate(small()).customers.set_index("customer_id").loc["a", "top_merchant"] == "North"


def test_cohorts_count_customers_once_a_period():
    cohorts = aggregate(small()).cohorts
    months = cohorts[cohorts["period"] == "month"]
    assert months["active_customers"].tolist() == [1, 1, 1]
    quarters = cohorts[cohorts["period"] == "quarter"]
    assert quarters["active_customers"].tolist() == [2]


def test_unknown_cities_are_named_so():
    people = pd.DataFrame({"customer_id": ["a", "b"], "city_name": ["Ulm", None]})
    rows = pd.DataFrame({"customer_id": ["a", "b"], "day": ["2024-01-01", "2024-01-02"], "amount": [1.0, 2.0]})
    frame = aggregate(shops.ledger(rows, people, as_of=date(2024, 2, 1))).breakdowns["city"]
    assert frame["name"].tolist() == ["Ulm", "unknown"]


def test_windows_compare_burns_like_for_like():
    rows = pd.DataFrame(
        {
            "customer_id": ["a"] * 4,
            "day": ["2024-01-01", "2024-01-20", "2024-02-01", "2024-02-20"],
            "is_burned": [True] * 4,
            "burn_day": ["2024-01-05", "2024-02-10", "2024-02-05", "2024-02-28"],
        }
    )
    ledger = shops.ledger(rows, as_of=date(2024, 3, 1))
    aggregate(ledger)
    sums = windows(
        ledger, {"now": (date(2024, 2, 1), date(2024, 2, 29)), "before": (date(2024, 1, 1), date(2024, 1, 31))}
    )
    assert sums["claims_burned"].to_dict() == {"now": 2, "before": 1}
    assert sums["burned"].to_dict() == {"now": 3, "before": 1}


def test_every_segment_has_every_month_and_they_add_up():
    ledger = small()
    whole = aggregate(ledger)
    named = pd.DataFrame({"customer_id": ["a", "b"], "segment": ["X", "Y"]})
    months = segment_months(ledger, named)
    assert len(months) == 2 * len(whole.monthly)
    assert months.groupby("month")["transactions"].sum().tolist() == whole.monthly["transactions"].tolist()
    assert segment_merchants(ledger, named)["transactions"].sum() == 3


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(-5000, 99999), st.integers(0, 400)),
        min_size=1,
        max_size=40,
    )
)
def test_sums_over_customers_and_months_balance_to_the_cent(lines):
    frame = pd.DataFrame(lines, columns=["c", "t", "cents", "day"])
    rows = pd.DataFrame(
        {
            "customer_id": "c" + frame["c"].astype(str),
            "transaction_id": "t" + frame["t"].astype(str),
            "amount": frame["cents"] / 100,
            "is_refund": frame["cents"] < 0,
            "day": pd.Timestamp("2023-01-01") + pd.to_timedelta(frame["day"], unit="D"),
        }
    )
    result = aggregate(shops.ledger(rows, as_of=date(2024, 3, 1)))
    assert result.cents == frame["cents"].sum()
    assert round(result.customers["monetary"].sum() * 100) == result.cents
    assert round(result.monthly["monetary"].sum() * 100) == result.cents
    sales = frame[frame["cents"] >= 0][["c", "t"]].drop_duplicates()
    assert (
        result.customers["frequency"].sum() == result.monthly["transactions"].sum() == result.transactions == len(sales)
    )


def in_slices(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four slices of the customers, or a multiple where a step takes more memory."""
    monkeypatch.setattr(type(ledger), "transactions_tally", property(lambda _: SimpleNamespace(kept=6)))
    monkeypatch.setattr(ledger.engine, "plan", Plan("tiny", memory_bytes=100), raising=False)


@pytest.mark.parametrize("policy", ["net", "gross"])
def test_sums_in_slices_are_the_sums(policy: str, monkeypatch: pytest.MonkeyPatch):
    """Customers are summed up in as many slices as the engine's memory calls for: the figures are the same."""
    whole, sliced = small(policy), small(policy)
    in_slices(sliced, monkeypatch)
    one, many = aggregate(whole), aggregate(sliced)
    assert sliced.engine.arrow("select count(*) as n from customer_months_3")["n"][0].as_py() >= 0  # four slices
    pd.testing.assert_frame_equal(one.customers, many.customers)
    pd.testing.assert_frame_equal(one.cohorts, many.cohorts)
    pd.testing.assert_frame_equal(one.monthly, many.monthly)
    for name, frame in one.breakdowns.items():
        pd.testing.assert_frame_equal(frame, many.breakdowns[name])


@pytest.mark.parametrize("policy", ["net", "gross"])
def test_what_was_known_and_what_came_after_is_the_same_in_slices(policy: str, monkeypatch: pytest.MonkeyPatch):
    whole, sliced = small(policy), small(policy)
    in_slices(sliced, monkeypatch)
    days = [date(2024, 1, 10), date(2024, 1, 11), date(2024, 3, 1), date(2024, 3, 4)]
    span = Span(date(2024, 1, 1), date(2024, 1, 11), date(2024, 2, 10), date(2024, 3, 4), 1)
    told = []
    for ledger, few in (whole, FEW_SPELLS), (sliced, 0):
        aggregate(ledger)
        monkeypatch.setattr(rewind_module, "FEW_SPELLS", few)
        known = [
            [column.tolist() for column in (then.recency_days, then.frequency, then.hundredths, then.recent)]
            for then in rewinds(ledger, days, 1, 4)
        ]
        told.append((known, rewind(ledger, days[2]), *_rhythms(ledger, span)))
    one, many = told
    assert one[0] == many[0]
    assert one[0][-1][1] == [2, 1, 0, 0]
    pd.testing.assert_frame_equal(one[1], many[1])
    pd.testing.assert_frame_equal(one[2], many[2])
    assert one[2]["customer_id"].tolist() == ["a", "b"]
    assert one[3] == many[3]
