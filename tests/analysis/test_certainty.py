"""Whose segment is uncertain: against the scoring itself on resampled customers, and against the tie rules of the report."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.analysis.certainty import MOST_DRAWS, NEAR, SURE, certainty
from reporter.analysis.rfm import Scorecard, load_grid, score
from reporter.analysis.settings import RfmSettings


def shop(customers: int = 400, seed: int = 2) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:04d}" for number in range(customers)],
            "recency_days": draw.integers(1, 400, customers).astype(float),
            "frequency": draw.integers(1, 9, customers),
            "monetary": np.round(draw.gamma(2, 50, customers), 2),
        }
    )


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return score(shop(), load_grid(RfmSettings()))


def test_the_share_is_how_often_the_definition_gives_the_same_segment(card: Scorecard) -> None:
    """The definition of the scores, told once more: of the customers drawn, the share who are strictly worse."""
    draw, n, times = np.random.default_rng(77), len(card.frame), 200
    chosen = np.linspace(0, n - 1, 25).astype(int)
    goodness = (-card.frame["recency_days"], card.frame["frequency"], card.frame["monetary"])
    columns = [values.to_numpy("float64") for values in goodness]
    same = np.zeros(len(chosen))
    for _ in range(times):
        drawn = draw.integers(0, n, n)
        scores = [((c[drawn][:, None] < c[chosen]).sum(axis=0) * 5 // n + 1).clip(1, 5) for c in columns]
        cells = ["".join(map(str, cell)) for cell in zip(*scores, strict=True)]
        same += [card.grid.cells[cell] == own for cell, own in zip(cells, card.frame["segment"].iloc[chosen], strict=True)]  # fmt: skip
    found = certainty(card, 1)
    assert found.draws == MOST_DRAWS
    assert (found.share[chosen] < 0.95).any()
    assert found.share[chosen] == pytest.approx(same / times, abs=0.15)


def test_ties_are_those_that_the_report_counts(card: Scorecard) -> None:
    """A customer whom one of both rules moves is marked, so the marks are at least as many as the larger share and at most both."""
    marks = pd.Series(certainty(card, 1).marks.astype(str))
    shares = card.ties["moved_share"]
    assert shares.max() <= marks.str.contains("tie").mean() <= shares.sum()
    assert marks.str.contains("tie").any()


def test_marks_say_what_they_promise(card: Scorecard) -> None:
    found = certainty(card, 1)
    marks = pd.Series(found.marks.astype(str))
    assert (marks.str.contains("resample") == (found.share < SURE)).all()
    near = marks.str.contains("boundary").to_numpy()
    goodness = (-card.frame["recency_days"], card.frame["frequency"], card.frame["monetary"])
    ranks = [values.rank(method="min").to_numpy() - 1 for values in goodness]
    cuts, room = len(near) * np.arange(1, 5) / 5, NEAR * len(near) + 1
    far = [np.abs(rank[:, None] - cuts).min(axis=1) > room for rank in ranks]
    assert near.any()
    assert not (near & np.logical_and.reduce(far)).any()


def test_it_is_the_same_every_time_and_in_every_order(card: Scorecard) -> None:
    again = certainty(score(shop().sample(frac=1, random_state=3), card.grid), 1)
    found = certainty(card, 1)
    assert (again.share == found.share).all()
    assert list(again.marks) == list(found.marks)


def test_a_scoring_without_ranks_is_not_judged() -> None:
    found = certainty(score(shop(), load_grid(RfmSettings("r-rfm"))), 1)
    assert found.draws == 0
    assert np.isnan(found.share).all()
    assert set(found.marks) == {""}
