"""Tests and intervals against scipy.stats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reporter.analysis.statistics import fit_test, holm, independence_test, share_against_rest, wilson


def test_chi_square_of_a_table():
    table = np.array([[30.0, 20], [15, 40], [22, 21]])
    p_value, effect = independence_test(table)
    assert p_value == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert 0 < effect < stats.contingency.association(table.astype(int))


def test_chi_square_of_counts():
    observed, expected = np.array([30.0, 20, 10]), np.array([20.0, 20, 20])
    assert fit_test(observed, expected)[0] == pytest.approx(stats.chisquare(observed, expected).pvalue)


def test_lumpy_counts_prove_less():
    observed, expected = np.array([30.0, 20, 10]), np.array([20.0, 20, 20])
    assert fit_test(observed, expected, 4.0)[0] > fit_test(observed, expected)[0]


def test_no_difference_has_no_effect():
    assert independence_test(np.array([[50.0, 50], [50, 50]])) == (1.0, 0.0)


@given(st.integers(1, 500), st.floats(0, 1))
def test_wilson_is_the_textbook_interval(n, share):
    hits = round(share * n)
    low, high = wilson(np.array([hits]), np.array([n]))
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_wilson_of_nobody_is_unknown():
    assert np.isnan(wilson(np.array([0]), np.array([0]))[0][0])


def test_holm_steps_down_and_ignores_what_was_not_tested():
    adjusted = holm(np.array([0.01, np.nan, 0.04, 0.03]))
    assert adjusted[[0, 2, 3]].tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(adjusted[1])


def test_a_share_is_not_tested_on_a_handful():
    assert np.isnan(share_against_rest(1, 6, 10, 60))
    assert share_against_rest(50, 100, 100, 400) < 0.001
