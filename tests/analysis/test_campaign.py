"""The campaign plan: sizes add up, money is what a hand would work out, and no budget is ever exceeded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.aggregate import aggregate
from reporter.analysis.campaign import Ask, Plan, Response, allocate, plan, responses_of
from reporter.analysis.certainty import certainty
from reporter.analysis.draw import segment_lots
from reporter.analysis.rfm import load_grid, score
from reporter.analysis.settings import AnalysisSettings, CampaignSettings
from reporter.analysis.terms import Commission, Terms
from tests.analysis import shops

AS_OF = date(2024, 7, 1)
TERMS = Terms(cost_per_contact=0.5, margin=0.4, uplift=0.1, quiet_days=0, is_assumed=False)
KNOWN = Response(0.25, 0.2, 0.31, 400)


def rows(customers: int = 600, seed: int = 4) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    orders = [
        (f"c{number:04d}", pd.Timestamp(AS_OF) - pd.Timedelta(days=int(day)), round(float(draw.gamma(2, 30)), 2))
        for number in range(customers)
        for day in draw.integers(1, 500, draw.integers(1, 9))
    ]
    return pd.DataFrame(orders, columns=["customer_id", "day", "amount"])


PLAIN = CampaignSettings()


def planned(
    settings: CampaignSettings = PLAIN,
    *,
    coupon: bool = False,
    known: Response | None = KNOWN,
    **commission: object,
) -> Plan:
    frame = rows()
    if coupon:
        frame = frame.drop(columns="amount").assign(is_burned=True, burn_day=frame["day"])
    ledger = shops.ledger(frame, as_of=AS_OF)
    card = score(aggregate(ledger).customers, load_grid(AnalysisSettings().rfm))
    found = {} if known is None else dict.fromkeys(card.grid.order, known)
    asked = Commission(otherwise=TERMS, **commission)  # type: ignore[arg-type]
    lot = segment_lots(card.frame["customer_id"], pd.factorize(card.frame["segment"]), ledger.as_of, asked.key)
    every = AnalysisSettings(campaign=settings)
    return plan(ledger, card, every, asked, (lot, certainty(card, every.cluster.seed)), (found, 182))


@pytest.fixture(scope="module")
def whole() -> Plan:
    return planned()


def test_every_customer_is_in_one_group(whole: Plan) -> None:
    assert whole.members["customer_id"].is_unique
    for each in whole.audiences:
        mine = whole.members[whole.members["campaign"] == each.campaign]
        assert mine["group"].value_counts().reindex(["treatment", "control", "excluded"]).tolist() == [each.treatment, each.control, sum(each.excluded.values())]  # fmt: skip
        assert each.customers == len(mine)
        assert each.campaign == f"2024-07-01 {each.name}"
        assert sum(each.sure) == each.customers


def test_money_is_what_a_hand_works_out(whole: Plan) -> None:
    """Value of an added response: amounts over transactions of the segment; profit: contacts times (uplift times value times margin less cost)."""
    frame = rows()
    members = whole.members.set_index("customer_id")["campaign"]
    for each in whole.audiences:
        mine = frame[frame["customer_id"].map(members) == each.campaign]
        value = mine["amount"].mean() * 0.4
        assert each.value_per_response == pytest.approx(value)
        assert each.break_even == pytest.approx(0.5 / value)
        assert each.profit is not None
        assert each.profit.expected == pytest.approx(each.treatment * (0.1 * value - 0.5))
        assert each.profit.high - each.profit.expected == pytest.approx(each.profit.expected - each.profit.low)
        assert each.cost == each.treatment * 0.5
        assert each.cost_per_response == pytest.approx(5.0)


def test_the_range_of_the_profit_is_that_of_a_simulation(whole: Plan) -> None:
    """Campaigns whose added response is the planned one, on customers whose amounts are drawn anew."""
    each = max(whole.audiences, key=lambda audience: audience.treatment)
    frame, members = rows(), whole.members.set_index("customer_id")["campaign"]
    sums = frame[frame["customer_id"].map(members) == each.campaign].groupby("customer_id")["amount"].agg(["sum", "size"])  # fmt: skip
    pairs = sums.to_numpy("float64")
    draw, n, profits = np.random.default_rng(9), each.treatment, []
    for _ in range(4_000):
        amount, orders = pairs[draw.integers(0, len(pairs), len(pairs))].sum(axis=0)
        added = draw.binomial(n, 0.35) - draw.binomial(n, 0.25)
        profits.append(added * amount / orders * 0.4 - n * 0.5)
    assert each.profit is not None
    low, high = np.quantile(profits, [0.025, 0.975])
    width = each.profit.high - each.profit.low
    assert abs(each.profit.low - low) < 0.08 * width
    assert abs(each.profit.high - high) < 0.08 * width


def test_without_money_no_money_is_invented() -> None:
    plain = planned(coupon=True)
    assert all(each.profit is each.break_even is each.value_per_response is None for each in plain.audiences)
    assert all(each.cost_per_response == pytest.approx(5.0) for each in plain.audiences)
    priced = planned(CampaignSettings(value_per_burn=20.0), coupon=True)
    assert all(each.value_per_response == 20.0 for each in priced.audiences)
    assert all(each.break_even == pytest.approx(0.025) for each in priced.audiences)


def test_without_a_backtest_nothing_is_promised() -> None:
    found = planned(known=None)
    assert all(each.response is None and each.profit is None for each in found.audiences)
    assert responses_of(None, "money") == ({}, None)


def test_who_must_not_be_reached_is_not() -> None:
    quiet = Terms(0.5, 0.4, 0.1, quiet_days=20)
    listed = frozenset({"c0001", "c0002", "not a customer"})
    found = planned(CampaignSettings(exclude_borderline=True), unwanted=listed, terms={"Champions": quiet})
    members = found.members.set_index("customer_id")
    assert members.loc[["c0001", "c0002"], "excluded"].tolist() == ["listed", "listed"]
    assert found.unknown_listed == 1
    last = rows().groupby("customer_id")["day"].max()
    recency = (pd.Timestamp(AS_OF) - last).dt.days.reindex(members.index)
    champions = members["campaign"] == "2024-07-01 Champions"
    assert (members["excluded"] == "recent").sum() > 0
    assert ((members["excluded"] == "recent") <= (champions & (recency <= 20))).all()
    assert (members.loc[members["borderline"] != "", "group"] == "excluded").all()
    assert (members.loc[members["excluded"] == "", "group"] != "excluded").all()


def test_a_budget_reaches_only_whom_it_pays_for(whole: Plan) -> None:
    tight = planned(CampaignSettings(budget=60.0))
    assert tight.cost <= 60.0 < whole.cost
    assert sum(each.treatment for each in tight.audiences) == 120
    worth = {each.name: each.value_per_response or 0.0 for each in tight.audiences}
    served = [each.name for each in tight.audiences if each.treatment]
    left = [name for name in worth if name not in served]
    assert min(worth[name] for name in served) >= max(worth[name] for name in left)
    assert all(each.control == 0 for each in tight.audiences if not each.treatment)
    before = whole.members.set_index("customer_id")["group"]
    now = tight.members.set_index("customer_id")["group"]
    assert (before[now == "control"] == "control").all()


asks = st.lists(
    st.builds(
        Ask,
        st.text("abcdef", min_size=1, max_size=3),
        st.integers(0, 5_000),
        st.integers(0, 10_000).map(lambda n: n / 1_000),
        st.floats(-2, 50),
    ),
    unique_by=lambda ask: ask.name,
    max_size=12,
)


@given(asks, st.integers(0, 10**7).map(lambda n: n / 100))
def test_the_sum_is_never_above_the_budget(given_asks: list[Ask], budget: float) -> None:
    contacts = allocate(given_asks, budget)
    spent = sum((Decimal(str(ask.cost_per_contact)) * contacts[ask.name] for ask in given_asks), Decimal(0))
    assert spent <= Decimal(str(budget))
    left = Decimal(str(budget)) - spent
    for ask in given_asks:
        assert 0 <= contacts[ask.name] <= ask.contacts
        if ask.return_per_cost <= 0:
            assert contacts[ask.name] == 0
        elif contacts[ask.name] < ask.contacts:
            assert left < Decimal(str(ask.cost_per_contact))
            worse = [a for a in given_asks if (-a.return_per_cost, a.name) > (-ask.return_per_cost, ask.name)]
            assert all(contacts[a.name] * Decimal(str(a.cost_per_contact)) <= left + sum((Decimal(str(w.cost_per_contact)) * contacts[w.name] for w in worse), Decimal(0)) < Decimal(str(ask.cost_per_contact)) for a in worse)  # fmt: skip
    assert allocate(list(reversed(given_asks)), budget) == contacts


def test_a_group_too_small_says_what_it_can_tell(whole: Plan) -> None:
    for each in whole.audiences:
        most = int(0.3 * (each.treatment + each.control))
        assert each.control <= most
        assert each.is_telling or each.control == most
    assert any(not each.is_telling for each in whole.audiences)
