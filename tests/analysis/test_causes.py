"""Why customers changed segment: one planted shop for each cause, where that is the only one there can be, and what holds for any two runs."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.analysis.causes import CAUSES, Movement, Side, UnexplainedError, movement
from reporter.analysis.rfm import load_grid, score
from reporter.analysis.settings import RfmSettings
from reporter.analysis.yardstick import values_of, yardstick

DAY = date(2024, 6, 1)
GRIDS = ("eleven", "three-score", "r-rfm")


def side(frame: pd.DataFrame, as_of: date = DAY, grid: str = "eleven") -> Side:
    rule = load_grid(RfmSettings(grid))
    return Side(score(frame, rule).frame, rule, as_of)


def shop(customers: int = 400, seed: int = 1) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"C{i:04}" for i in range(customers)],
            "recency_days": draw.integers(1, 400, customers),
            "frequency": draw.integers(1, 12, customers),
            "monetary": draw.integers(100, 90_000, customers) / 100,
        }
    )


def only(found: Movement, cause: str) -> int:
    """How many moved; all of them for one cause."""
    counts = found.by_cause
    moved = counts.pop(cause)
    assert moved > 0, "nobody moved"
    assert set(counts.values()) == {0}, found.by_cause
    return moved


def test_nobody_moves_between_equal_runs():
    found = movement(side(shop()), side(shop()))
    assert (len(found.moved), found.both, found.new, found.gone) == (0, 400, 0, 0)


def test_ranks_do_not_move_when_all_only_grow_older():
    later = shop().assign(recency_days=lambda frame: frame["recency_days"] + 30)
    assert len(movement(side(shop()), side(later, DAY + timedelta(days=30))).moved) == 0


def test_who_buys_moves_by_behaviour():
    """One customer buys for a fortune on the as-of day; he is too few to move a boundary by a rank that matters to anybody else."""
    then = shop()
    lost = score(then, load_grid(RfmSettings())).frame.query("segment == 'Lost'")["customer_id"].iloc[0]
    now = then.copy()
    now.loc[now["customer_id"] == lost, ["recency_days", "frequency", "monetary"]] = [1, 50, 5_000.0]
    found = movement(side(then), side(now)).moved.set_index("customer_id")
    assert found.loc[lost, ["before", "after", "cause"]].tolist() == ["Lost", "Champions", "behaviour"]
    assert set(found.drop(lost)["cause"]) <= {"boundary"}


def test_newcomers_move_the_boundaries_of_those_who_did_nothing():
    then = shop()
    best = pd.DataFrame(
        {"customer_id": [f"N{i:04}" for i in range(300)], "recency_days": 1, "frequency": 40, "monetary": 2_000.0}
    )
    found = movement(side(then), side(pd.concat([then, best], ignore_index=True)))
    only(found, "boundary")
    assert (found.both, found.new, found.gone) == (400, 300, 0)


def test_who_sleeps_while_the_shop_goes_on_moves_by_time():
    """The shop stands still as a whole: recencies are the same numbers, worn by others; only the sleepers, worst in all else, have aged."""
    regulars = shop(300).assign(frequency=20, monetary=500.0, recency_days=np.arange(300) % 100 + 1)
    sleepers = pd.DataFrame(
        {"customer_id": [f"Z{i}" for i in range(5)], "recency_days": 15, "frequency": 1, "monetary": 1.0}
    )
    old = pd.DataFrame(
        {"customer_id": [f"Y{i}" for i in range(5)], "recency_days": 75, "frequency": 1, "monetary": 1.0}
    )
    awake = old.assign(recency_days=15)
    first = side(pd.concat([regulars, sleepers, old], ignore_index=True))
    aged = sleepers.assign(recency_days=75)
    second = side(pd.concat([regulars, aged, awake], ignore_index=True), DAY + timedelta(days=60))
    found = movement(first, second).moved.set_index("customer_id")
    assert found.loc[sleepers["customer_id"], "cause"].tolist() == ["as_of"] * 5
    assert found.loc[old["customer_id"], "cause"].tolist() == ["behaviour"] * 5


def test_another_grid_is_another_rule():
    found = movement(side(shop()), side(shop(), grid="three-score"))
    assert only(found, "rule") == len(found.moved)


def test_other_amounts_of_the_same_purchases_are_the_rule_where_settings_count_otherwise():
    now = shop().assign(monetary=lambda frame: np.where(frame.index % 3 == 0, frame["monetary"] * 4, frame["monetary"]))
    counted = movement(side(shop()), side(now), recounted=True)
    assert counted.by_cause["behaviour"] == 0
    assert counted.by_cause["rule"] > 0
    done = movement(side(shop()), side(now))
    assert done.by_cause == {**counted.by_cause, "behaviour": counted.by_cause["rule"], "rule": 0}


def test_a_purchase_since_then_is_behaviour_even_where_settings_count_otherwise():
    later = shop().assign(recency_days=lambda frame: frame["recency_days"] + 40)
    later.loc[later.index % 5 == 0, ["recency_days", "frequency"]] = [3, 30]
    found = movement(side(shop()), side(later, DAY + timedelta(days=40)), recounted=True)
    buyers = found.moved["customer_id"].isin(later.loc[later.index % 5 == 0, "customer_id"])
    assert found.moved.loc[buyers, "cause"].value_counts().idxmax() == "behaviour"
    assert set(found.moved["cause"]) <= {"behaviour", "boundary", "as_of"}
    assert "behaviour" not in set(found.moved.loc[~buyers, "cause"])


def test_segments_that_do_not_follow_from_the_customers_are_refused():
    one, other = side(shop()), side(shop())
    one.customers.loc[0, "segment"] = "Nobody"
    with pytest.raises(UnexplainedError, match="first"):
        movement(one, other)


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_the_yardstick_is_scoring_everybody_again_with_one_customer_changed(data: st.DataObject):
    size = data.draw(st.integers(1, 20))
    cells = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 5))
    rows = data.draw(st.lists(cells, min_size=size, max_size=size))
    ids = [f"C{i:02}" for i in range(size)]
    columns = ["recency_days", "frequency", "monetary"]
    frame = pd.DataFrame([(name, *map(float, row)) for name, row in zip(ids, rows, strict=True)], columns=["customer_id", *columns])  # fmt: skip
    rule = load_grid(RfmSettings())
    other = frame.assign(**dict(zip(columns, np.array(data.draw(st.lists(cells, min_size=size, max_size=size))).T, strict=True)))  # fmt: skip
    told = yardstick(values_of(frame), rule).segments(values_of(other), values_of(frame))
    for place in range(size):
        changed = frame.copy()
        changed.loc[place, columns] = other.loc[place, columns].astype(float)
        assert told[place] == score(changed, rule).frame["segment"].iloc[place]


@st.composite
def runs(draw: st.DrawFn) -> tuple[Side, Side, bool]:
    """Two runs of overlapping customers with values that tie often."""

    def customers() -> pd.DataFrame:
        ids = draw(st.lists(st.sampled_from([f"C{i}" for i in range(30)]), min_size=1, max_size=25, unique=True))
        small = st.integers(1, 6)
        rows = [(name, draw(small) * 20, draw(small), float(draw(small))) for name in sorted(ids)]
        return pd.DataFrame(rows, columns=["customer_id", "recency_days", "frequency", "monetary"])

    days = draw(st.sampled_from([0, 20, 40, -20]))
    first = side(customers(), DAY, draw(st.sampled_from(GRIDS)))
    second = side(customers(), DAY + timedelta(days=days), draw(st.sampled_from(GRIDS)))
    return first, second, draw(st.booleans())


@settings(max_examples=40, deadline=None)
@given(runs())
def test_everybody_is_counted_once_and_each_mover_has_one_cause(pair: tuple[Side, Side, bool]):
    first, second, recounted = pair
    found = movement(first, second, recounted=recounted)
    then = dict(zip(first.customers["customer_id"], first.customers["segment"], strict=True))
    now = dict(zip(second.customers["customer_id"], second.customers["segment"], strict=True))
    assert found.both + found.gone == len(then)
    assert found.both + found.new == len(now)
    moved = {name: (then[name], now[name]) for name in then.keys() & now.keys() if then[name] != now[name]}
    assert {row.customer_id: (row.before, row.after) for row in found.moved.itertuples()} == moved
    assert set(found.moved["cause"]) <= set(CAUSES)
    assert sum(found.by_cause.values()) == len(moved) == int(found.flows["customers"].sum())


@settings(max_examples=40, deadline=None)
@given(runs())
def test_causes_keep_what_they_say(pair: tuple[Side, Side, bool]):
    """No behaviour without an act, no time without days, no rule where grid and counting are the same."""
    first, second, recounted = pair
    found = movement(first, second, recounted=recounted)
    days = (second.as_of - first.as_of).days
    values = ["recency_days", "frequency", "monetary"]
    then = first.customers.set_index("customer_id")[values]
    now = second.customers.set_index("customer_id")[values]
    for row in found.moved.itertuples():
        idle = (then.loc[row.customer_id] + [days, 0, 0] == now.loc[row.customer_id]).all()
        assert row.cause != "behaviour" or not idle
        assert row.cause != "as_of" or days != 0
        assert row.cause != "rule" or recounted or first.grid != second.grid
