"""Small tests and intervals by the book, without scipy.stats (whose import costs seconds)."""

from __future__ import annotations

import numpy as np

ALPHA = 0.01
"""A difference is named only below this: a report makes many tests."""
MIN_EXPECTED = 5.0
"""Cochran's rule: smallest expected count for a chi-square test."""


def chi_square_p(statistic: float, freedom: int) -> float:
    """Upper tail of the chi-square distribution."""
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic))


def fit_test(observed: np.ndarray, expected: np.ndarray, dispersion: float = 1.0) -> tuple[float, float]:
    """Chi-square test of counts against expected counts: p-value and Cramér's V for one sample, bias-corrected.

    `dispersion` is the variance of a customer's count over its mean, at least 1: counts that come in lumps are no independent draws, so the
    statistic is divided by it (quasi-likelihood).
    """
    groups, n = len(observed), float(observed.sum())
    statistic = float(((observed - expected) ** 2 / expected).sum()) / dispersion
    surplus = max(0.0, statistic / n - (groups - 1) / n)
    return chi_square_p(statistic, groups - 1), float(np.sqrt(surplus / (groups - 1)))


def independence_test(table: np.ndarray) -> tuple[float, float]:
    """Chi-square test of a contingency table: p-value and bias-corrected Cramér's V (Bergsma 2013)."""
    n = float(table.sum())
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    rows, columns = table.shape
    freedom = (rows - 1) * (columns - 1)
    statistic = float(((table - expected) ** 2 / expected).sum())
    surplus = max(0.0, statistic / n - freedom / (n - 1))
    smaller = min(side - (side - 1) ** 2 / (n - 1) for side in (rows, columns)) - 1
    return chi_square_p(statistic, freedom), float(np.sqrt(surplus / smaller)) if smaller > 0 else 0.0


def wilson(hits: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share (Wilson 1927); NaN where n is 0."""
    from scipy.special import ndtri

    z = float(ndtri(0.975))
    trials = np.where(n > 0, n, np.nan).astype("float64")
    share = hits / trials
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    low, high = np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
    return np.where(share == 0, 0.0, low), np.where(share == 1, 1.0, high)


def newcombe(treated: tuple[int, int], control: tuple[int, int]) -> tuple[float, float]:
    """95 % interval of a difference of two shares, treated less control; each given as (hits, customers), none of them 0 customers.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10: the square-and-add of two score intervals.
    """
    hits, sizes = np.array([treated[0], control[0]]), np.array([treated[1], control[1]])
    low, high = wilson(hits, sizes)
    one, other = hits / sizes
    down = np.sqrt((one - low[0]) ** 2 + (high[1] - other) ** 2)
    up = np.sqrt((high[0] - one) ** 2 + (other - low[1]) ** 2)
    return float(one - other - down), float(one - other + up)


def shares_differ_p(treated: tuple[int, int], control: tuple[int, int]) -> float:
    """P-value of the two-sided score test of equal shares (pooled z, no correction); each given as (hits, customers). 1 where all or none respond."""
    hits, size = treated[0] + control[0], treated[1] + control[1]
    if hits in (0, size):
        return 1.0
    variance = hits / size * (1 - hits / size) * (1 / treated[1] + 1 / control[1])
    difference = treated[0] / treated[1] - control[0] / control[1]
    return chi_square_p(difference**2 / variance, 1)


def welch(treated: np.ndarray, control: np.ndarray) -> tuple[float, float] | None:
    """95 % interval of a difference of means, treated less control, by Welch's t (1947); None with fewer than two values on a side.

    Parameters
    ----------
    treated, control : numpy.ndarray of float
        One value for each customer, zeros included.
    """
    from scipy.special import stdtrit

    if min(len(treated), len(control)) < 2:
        return None
    parts = [float(values.var(ddof=1)) / len(values) for values in (treated, control)]
    difference, spread = float(treated.mean() - control.mean()), sum(parts)
    if not spread:
        return difference, difference
    freedom = spread**2 / sum(part**2 / (len(v) - 1) for part, v in zip(parts, (treated, control), strict=True))
    half = float(stdtrit(freedom, 0.975)) * spread**0.5
    return difference - half, difference + half


def holm(p_values: np.ndarray) -> np.ndarray:
    """P-values after Holm's correction (1979); NaN stays NaN and does not count."""
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else []
    return adjusted


def share_against_rest(inside: float, size: float, outside: float, rest: float) -> float:
    """P-value of a 2x2 chi-square test: a share in a group against the share among all others; NaN where too few are expected."""
    table = np.array([[inside, size - inside], [outside, rest - outside]], dtype="float64")
    total = table.sum()
    if total == 0 or (np.outer(table.sum(axis=1), table.sum(axis=0)) / total).min() < MIN_EXPECTED:
        return float("nan")
    return independence_test(table)[0]
