"""What changed between two dates: against segments of files that ended then, a shop counted by hand, and sums that must come out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import shops
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.analysis.aggregate import aggregate
from reporter.analysis.replay import NEWCOMER, Replay, months_before, replay
from reporter.analysis.rfm import load_grid, lowest_scores, rank_scores, score
from reporter.analysis.settings import AnalysisSettings, ReplaySettings, RfmSettings
from reporter.intake.ledger import Ledger

GRID = load_grid(RfmSettings())
EARLY = AnalysisSettings(replay=ReplaySettings(history_months=0), min_group=1)
AS_OF = date(2024, 7, 31)


def replayed(ledger: Ledger, given: AnalysisSettings = EARLY) -> Replay | None:
    return replay(ledger, aggregate(ledger).customers["customer_id"], GRID, given)


def shop(seed: int = 7, customers: int = 60, mode: str = "money") -> pd.DataFrame:
    """Two and a half years of a shop whose customers come and go."""
    dice = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        start, pace = int(dice.integers(0, 800)), float(dice.exponential(60)) + 3
        day: float = start
        while day < 910 and dice.random() < 0.93:
            burn = int(dice.integers(0, 90)) if dice.random() < 0.5 else None
            rows.append((f"c{customer:02d}", int(day), round(float(dice.gamma(2, 20)), 2), burn))
            day += dice.exponential(pace)
    frame = pd.DataFrame(rows, columns=["customer_id", "offset", "amount", "burn"])
    days = pd.Timestamp(date(2022, 2, 1)) + pd.to_timedelta(frame["offset"], unit="D")
    frame = frame.assign(day=days, transaction_id=[str(n) for n in range(len(frame))])
    if mode == "coupon":
        burns = days + pd.to_timedelta(frame["burn"], unit="D")
        frame = frame.drop(columns="amount").assign(is_burned=frame["burn"].notna(), burn_day=burns)
    return frame.drop(columns=["offset", "burn"])


def known_on(rows: pd.DataFrame, day: date) -> Ledger:
    then = rows[rows["day"] < pd.Timestamp(day)]
    if "burn_day" in then:
        later = then["burn_day"] >= pd.Timestamp(day)
        then = then.assign(is_burned=then["is_burned"] & ~later, burn_day=then["burn_day"].mask(later))
    return shops.ledger(then, as_of=day)


@pytest.mark.parametrize("mode", ["money", "coupon"])
def test_every_point_of_the_trend_is_the_scorecard_of_the_file_that_ended_then(mode: str):
    rows = shop(mode=mode)
    found = replayed(known_on(rows, AS_OF))
    assert found is not None
    assert found.trend["day"].nunique() == 13
    for day, part in found.trend.groupby("day"):
        ledger = known_on(rows, day.date())
        card = score(aggregate(ledger).customers, GRID).frame
        sizes = card["segment"].value_counts()
        assert part.set_index("segment")["customers"].to_dict() == {name: sizes.get(name, 0) for name in GRID.order}
        worth = card.groupby("segment")["monetary"].sum().round(2)
        assert part.set_index("segment")["monetary"].to_dict() == {name: worth.get(name, 0.0) for name in GRID.order}


@pytest.mark.parametrize("mode", ["money", "coupon"])
@pytest.mark.parametrize(("place", "months"), [(0, 3), (1, 1), (2, 12)])
def test_flows_are_what_two_scorecards_say_of_each_customer(mode: str, place: int, months: int):
    rows, day = shop(mode=mode), months_before(AS_OF, months)
    found = replayed(known_on(rows, AS_OF))
    assert found is not None
    now, then = (
        score(aggregate(known_on(rows, d)).customers, GRID).frame.set_index("customer_id") for d in (AS_OF, day)
    )
    pairs = pd.DataFrame({"to": now["segment"], "from": then["segment"].reindex(now.index).fillna(NEWCOMER)})
    movement = found.movements[place]
    assert movement.day == day
    assert (
        movement.flows.set_index(["from_segment", "to_segment"])["customers"].to_dict()
        == pairs.groupby(["from", "to"]).size().to_dict()
    )
    if place == 0:
        moved = pairs[pairs["from"] != pairs["to"]]
        listed = found.movers.set_index("customer_id")
        assert listed["from_segment"].astype(str).to_dict() == moved["from"].to_dict()
        assert listed["to_segment"].astype(str).to_dict() == moved["to"].to_dict()


def test_at_stake_is_what_a_mover_brought_in_the_twelve_months_before():
    rows, day = shop(), months_before(AS_OF, 3)
    found = replayed(known_on(rows, AS_OF))
    assert found is not None
    window = rows[(rows["day"] >= pd.Timestamp(months_before(AS_OF, 15))) & (rows["day"] < pd.Timestamp(day))]
    since = rows[(rows["day"] >= pd.Timestamp(day)) & (rows["day"] < pd.Timestamp(AS_OF))]
    spent, new = (part.groupby("customer_id")["amount"].sum().round(2) for part in (window, since))
    for mover in found.movers.itertuples():
        source = new if mover.from_segment == NEWCOMER else spent
        assert mover.value == pytest.approx(source.get(mover.customer_id, 0.0), abs=0.001)
    order = list(zip(-found.movers["value"], found.movers["customer_id"], strict=True))
    assert order == sorted(order)


def test_customers_and_money_of_the_flows_add_up():
    ledger = known_on(shop(), AS_OF)
    found = replayed(ledger)
    assert found is not None
    scored = aggregate(ledger).customers.query("frequency > 0")
    for movement in found.movements:
        known = movement.flows[movement.flows["from_segment"] != NEWCOMER]
        assert movement.flows["customers"].sum() == len(scored)
        assert known["customers"].sum() == movement.before["customers"].sum()
        assert known["value"].sum() == pytest.approx(movement.before["value"].sum())
    assert found.trend.groupby("day")["monetary"].sum().iloc[-1] == pytest.approx(scored["monetary"].sum())


def test_a_date_without_history_is_not_told():
    rows = shop()
    rows = rows[rows["day"] >= pd.Timestamp(AS_OF - timedelta(days=150))]
    found = replayed(known_on(rows, AS_OF), replace(EARLY, replay=ReplaySettings()))
    assert found is not None
    assert [movement.period for movement in found.movements] == ["month"]
    assert found.trend["day"].nunique() == 2
    few = rows[rows["day"] >= pd.Timestamp(AS_OF - timedelta(days=100))]
    assert replayed(known_on(few, AS_OF), replace(EARLY, replay=ReplaySettings())) is None


def test_a_date_with_few_customers_is_not_told():
    assert replayed(known_on(shop(customers=20), AS_OF), replace(EARLY, min_group=30)) is None


def test_who_asks_for_no_period_gets_none():
    assert replayed(known_on(shop(), AS_OF), replace(EARLY, replay=ReplaySettings(periods=()))) is None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-20, 20), max_size=60), st.integers(2, 7))
def test_scores_without_ranking_are_those_of_the_ranks(values: list[int], bins: int):
    goodness = np.array(values, dtype="int64")
    assert lowest_scores(goodness, bins).tolist() == rank_scores(goodness, bins).tolist()
