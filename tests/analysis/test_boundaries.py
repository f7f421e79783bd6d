"""Boundaries of scores that are set by hand: scores counted by hand, the same everywhere that a grid names segments, and how far a customer is from another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.causes import Side, movement
from reporter.analysis.certainty import certainty
from reporter.analysis.margins import margins
from reporter.analysis.rfm import Scorecard, load_grid, rank_scores, score, segment_places
from reporter.analysis.settings import RfmSettings
from reporter.analysis.yardstick import values_of, yardstick
from reporter.config import load_config
from reporter.errors import UsageError

BY_HAND = RfmSettings(
    recency_boundaries=(30, 90, 180, 365), frequency_boundaries=(2, 3, 5, 10), monetary_boundaries=(50, 100, 250, 500.5)
)
HALF = RfmSettings(frequency_boundaries=(2, 3, 5, 10))
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d", "e", "f"],
        "recency_days": [1, 30, 31, 180, 365, 366],
        "frequency": [1, 2, 4, 5, 9, 10],
        "monetary": [49.99, 50.0, 99.99, 250.0, 500.49, 500.5],
    }
)
"""On the boundaries and a day, a transaction or a cent beside them."""


def shop(customers: int = 300, seed: int = 4) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:04d}" for number in range(customers)],
            "recency_days": draw.integers(1, 500, customers),
            "frequency": draw.integers(1, 14, customers),
            "monetary": np.round(draw.gamma(2, 120, customers), 2),
        }
    )


def test_scores_are_those_counted_by_hand() -> None:
    frame = score(CUSTOMERS, load_grid(BY_HAND)).frame
    assert list(frame["r_score"]) == [5, 5, 4, 3, 2, 1]
    assert list(frame["f_score"]) == [1, 2, 3, 4, 4, 5]
    assert list(frame["m_score"]) == [1, 2, 2, 4, 4, 5]


def test_measures_without_boundaries_keep_equal_shares() -> None:
    by_rank, mixed = (score(shop(), load_grid(settings)).frame for settings in (RfmSettings(), HALF))
    assert list(mixed["r_score"]) == list(by_rank["r_score"])
    assert list(mixed["m_score"]) == list(by_rank["m_score"])
    assert list(mixed["f_score"]) == list(pd.cut(shop()["frequency"], [0, 1, 2, 4, 9, 99], labels=[1, 2, 3, 4, 5]))


@pytest.mark.parametrize("settings", [RfmSettings(), HALF, BY_HAND])
def test_earlier_dates_and_comparisons_name_alike(settings: RfmSettings) -> None:
    """Replay and comparison of runs have ways of their own to a segment."""
    card = score(shop(), load_grid(settings))
    values, names = values_of(card.frame), np.array(card.grid.order, dtype=object)
    places = segment_places(values["recency_days"], values["frequency"], values["monetary"], card.grid)
    assert list(names[places]) == list(card.frame["segment"])
    assert list(yardstick(values, card.grid).segments(values)) == list(card.frame["segment"])


def test_a_rule_that_others_cannot_change_moves_nobody_by_boundary() -> None:
    """Half the customers leave: with shares of the others that moves boundaries, with boundaries by hand it cannot."""
    day, half = date(2024, 7, 1), shop().iloc[:150]
    for settings, some in ((RfmSettings(), True), (BY_HAND, False)):
        grid = load_grid(settings)
        sides = [Side(score(customers, grid).frame, grid, day) for customers in (shop(), half)]
        assert bool(movement(*sides).by_cause["boundary"]) is some


def test_certainty_hangs_only_on_measures_that_have_ranks() -> None:
    """The definition once more: in each draw recency is scored by the share of the drawn who are worse; the other scores stay."""
    assert certainty(score(shop(), load_grid(BY_HAND)), 1).draws == 0
    some = RfmSettings(
        frequency_boundaries=BY_HAND.frequency_boundaries, monetary_boundaries=BY_HAND.monetary_boundaries
    )
    card, draw, times = score(shop(), load_grid(some)), np.random.default_rng(5), 200
    goodness, n = -card.frame["recency_days"].to_numpy(), len(card.frame)
    rest = card.frame["f_score"].astype(str) + card.frame["m_score"].astype(str)

    def segments(r_scores: np.ndarray) -> np.ndarray:
        return np.array([card.grid.cells[f"{r}{fm}"] for r, fm in zip(r_scores, rest, strict=True)])

    base, same = card.frame["segment"].to_numpy(dtype=object), np.zeros(n)
    for _ in range(times):
        drawn = goodness[draw.integers(0, n, n)]
        same += segments(((drawn[:, None] < goodness).sum(axis=0) * 5 // n + 1).clip(1, 5)) == base
    found = certainty(card, 1)
    assert found.share == pytest.approx(same / times, abs=0.15)
    assert (found.share < 0.95).any()
    moved = [segments(rank_scores(goodness, 5, ties)) != base for ties in ("average", "highest")]
    assert list(pd.Series(found.marks.astype(str)).str.contains("tie")) == list(np.logical_or(*moved))


def test_a_mark_of_a_grid_tells_its_boundaries_apart() -> None:
    marks = {load_grid(settings).mark for settings in (RfmSettings(), HALF, BY_HAND)}
    assert len(marks) == 3


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["rfm.recency_boundaries=30,20"], "numbers that rise"),
        (["rfm.recency_boundaries=30,30"], "numbers that rise"),
        (["rfm.recency_boundaries=many"], "a list of numbers"),
    ],
)
def test_boundaries_that_cannot_be_are_refused(overrides: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load_config(overrides=overrides)


def test_boundaries_can_be_given_as_numbers_with_commas() -> None:
    config, _ = load_config(
        overrides=["rfm.recency_boundaries=30, 90.5,180,365", "rfm.frequency_boundaries=[2, 3, 5, 10]"]
    )
    assert config.analysis.rfm.recency_boundaries == (30, 90.5, 180, 365)
    assert config.analysis.rfm.frequency_boundaries == (2, 3, 5, 10)


def test_too_few_boundaries_for_the_grid_are_told_with_their_number() -> None:
    with pytest.raises(UsageError) as told:
        load_grid(RfmSettings(recency_boundaries=(30,), monetary_boundaries=(1, 2, 3, 4, 5)))
    assert [problem.where for problem in told.value.problems] == ["rfm.recency_boundaries", "rfm.monetary_boundaries"]
    assert all("Write 4 numbers" in problem.fix for problem in told.value.problems)


@cache
def scored(settings: RfmSettings) -> Scorecard:
    return score(shop(), load_grid(settings))


def scores_with(card: Scorecard, row: int, dimension: str, values: Sequence[float]) -> list[int]:
    """The scores that a customer has with other values, if boundaries are set by hand: they hang on nobody else."""
    frame = shop().iloc[[row] * len(values)].assign(**{dimension: values})
    named = frame.assign(customer_id=[f"c{number}" for number in range(len(values))]).reset_index(drop=True)
    return [int(each) for each in score(named, card.grid).frame[f"{dimension[0]}_score"]]


@given(row=st.integers(0, 299), settings=st.sampled_from([RfmSettings(), HALF, BY_HAND]))
def test_a_margin_is_the_way_to_the_nearest_value_with_another_score(row: int, settings: RfmSettings) -> None:
    """By hand: a customer who goes that way has the other score, and a cent or a day less does not do. By rank: the nearest value that somebody has."""
    card = scored(settings)
    for each in margins(card, row).itertuples():
        own, sign = card.frame[each.dimension], -1 if each.dimension == "recency_days" else 1
        step = 0.01 if each.dimension == "monetary" else 1
        tried: list[tuple[float, int]] = []
        for distance, way, target in ((each.better, sign, each.score + 1), (each.worse, -sign, each.score - 1)):
            others = card.frame[f"{each.dimension[0]}_score"]
            if each.dimension in card.grid.limits:
                assert np.isnan(distance) == (target in (0, card.grid.bins + 1))
                if not np.isnan(distance):
                    tried += [(each.value + way * distance, target), (each.value + way * (distance - step), each.score)]
                continue
            beyond = own[(others > each.score) if way == sign else (others < each.score)]
            expected = (beyond - each.value).abs().min() if len(beyond) else np.nan
            assert distance == pytest.approx(expected, nan_ok=True, abs=0.005)
        if tried:
            values, scores = zip(*tried, strict=True)
            assert scores_with(card, row, each.dimension, values) == list(scores)
