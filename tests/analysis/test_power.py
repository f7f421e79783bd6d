"""Control groups: sizes against published tables and a simulation, and what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.power import Design, control_size, detectable, needed, power_of

HALF = Design(most=0.5)


@pytest.mark.parametrize(
    ("base", "other", "power", "each"),
    [(0.25, 0.40, 0.80, 152), (0.25, 0.40, 0.90, 203), (0.10, 0.20, 0.80, 199), (0.50, 0.75, 0.80, 58)],
)
def test_equal_groups_are_those_of_the_published_formula(base: float, other: float, power: float, each: int) -> None:
    """Fleiss, Levin and Paik (2003), equation 4.14 without continuity correction, rounded up: worked out by hand for these shares."""
    found = needed(base, other - base, 0.5, Design(power=power))
    assert found is not None
    assert abs(found / 2 - each) <= 1


def test_the_power_is_that_of_a_simulation() -> None:
    """200,000 campaigns of 150 and 600 customers, each judged by the pooled z test."""
    draw, n = np.random.default_rng(5), 200_000
    held, sent = draw.binomial(150, 0.2, n) / 150, draw.binomial(600, 0.3, n) / 600
    pooled = (held * 150 + sent * 600) / 750
    z = (sent - held) / np.sqrt(pooled * (1 - pooled) * (1 / 150 + 1 / 600))
    promised = power_of(0.2, 0.1, np.array([150.0]), np.array([600.0]), 0.05)[0]
    assert np.mean(z > 1.959964) == pytest.approx(promised, abs=0.02)


@given(st.floats(0.01, 0.9), st.floats(0.01, 0.3), st.integers(1, 5_000))
def test_a_control_group_is_the_smallest_that_finds_the_uplift(base: float, uplift: float, customers: int) -> None:
    design = Design()
    found = control_size(base, uplift, customers, design)
    sizes = np.arange(1.0, int(design.most * customers) + 1)
    powers = power_of(base, uplift, sizes, customers - sizes, design.alpha)
    if found is None:
        assert not (powers >= design.power).any()
        return
    assert found <= design.most * customers
    assert powers[found - 1] >= design.power
    assert not (powers[: found - 1] >= design.power).any()


@given(st.floats(0.02, 0.6), st.integers(20, 2_000), st.integers(20, 5_000))
def test_the_smallest_uplift_is_on_the_edge(base: float, control: int, treated: int) -> None:
    found = detectable(base, control, treated, HALF)
    if found is None:
        return
    sizes = np.array([float(control)]), np.array([float(treated)])
    assert power_of(base, found, *sizes, HALF.alpha)[0] >= HALF.power
    assert power_of(base, found - 1e-4, *sizes, HALF.alpha)[0] < HALF.power


def test_where_all_came_anyway_nothing_can_be_found() -> None:
    assert detectable(1.0, 500, 500, HALF) is None
    assert detectable(0.2, 0, 500, HALF) is None
    assert control_size(0.2, 0.05, 3, Design()) is None
