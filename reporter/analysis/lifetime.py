"""What a customer's past purchases let expect: BG/NBD for when, Gamma-Gamma for how much, both by maximum likelihood.

BG/NBD (Fader, Hardie, Lee 2005, "Counting your customers the easy way"): while alive, a customer buys at a rate of their own, and after each purchase
leaves for good with a probability of their own; rates follow a gamma distribution, probabilities a beta distribution over the customers. Gamma-Gamma
(Fader, Hardie 2013, "The Gamma-Gamma model of monetary value"): purchases of a customer scatter about a mean of their own, and these means scatter over
the customers, whatever their frequency.

Equal histories are one weighted row, so the likelihood is that of all customers at a fraction of its cost. Parameters are sought as logarithms, in units
in which the mean is one, by L-BFGS-B with the analytic gradient from several starts. Time is in weeks; purchases of one day are one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reporter.analysis.points import collapse_codes
from reporter.analysis.threads import one_thread
from reporter.digits import significant

DAYS_A_WEEK = 7.0
EDGE = 12.0
"""Parameters are sought between the exponentials of minus and plus this, in units in which the mean is one."""
MOST_ERROR = 1.0
"""Standard error of a parameter's logarithm above which the data does not tell the parameter: it may as well be almost three times as large."""
FLAT = 1e-5
"""Slope of the log-likelihood per customer below which a maximum is reached."""
SAMPLE_ROWS = 20_000
"""Distinct histories up to which every start runs on all of them; above, starts run on so many of them, and the best goes on with all."""
STEP, SETTLING = 1e-4, 3
"""Of the differences that tell the curvature; and steps of Newton's after the search."""
DIGITS, VAGUE_DIGITS = 6, 3
"""Significant digits of a parameter that is told, and of one that is not."""
_NUDGE = 1e-6
"""Distance from the poles of the expectation, where its limit exists but its formula does not."""

_Likelihood = Callable[[np.ndarray], tuple[float, np.ndarray]]


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Purchase histories, equal ones collapsed, sorted by value.

    Attributes
    ----------
    repeats : numpy.ndarray of float, shape (n_rows,)
        Days with a purchase after the first.
    last, age : numpy.ndarray of float
        Weeks from the first purchase to the last one, and to the end of the record.
    customers : numpy.ndarray of float
        How many have this history.
    index : numpy.ndarray of int32, shape (n_customers,)
        Row of each customer.
    """

    repeats: np.ndarray
    last: np.ndarray
    age: np.ndarray
    customers: np.ndarray
    index: np.ndarray


@dataclass(frozen=True, slots=True)
class Maximum:
    """How a maximum of a likelihood was found.

    Attributes
    ----------
    log_likelihood : float
    error : float
        Largest standard error of a parameter's logarithm, from the curvature at the maximum; infinite where it has none.
    fault : {"", "no maximum", "not told"}
        Empty: the parameters can be used. ``no maximum``: the search did not end on level ground inside its bounds. ``not told``: it did, but so level
        that some parameter is known to no better than `MOST_ERROR`.
    """

    log_likelihood: float
    error: float
    fault: str


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Parameters of BG/NBD in weeks: rates follow Gamma(`r`, rate `alpha`), dropout probabilities Beta(`a`, `b`)."""

    r: float
    alpha: float
    a: float
    b: float
    maximum: Maximum


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Parameters of Gamma-Gamma: a purchase follows Gamma(`p`, rate v), v follows Gamma(`q`, rate `gamma`); `gamma` is in units of money."""

    p: float
    q: float
    gamma: float
    maximum: Maximum


def histories(days: np.ndarray, last: np.ndarray, age: np.ndarray) -> Histories:
    """Collapse equal histories.

    Parameters
    ----------
    days : numpy.ndarray of int, shape (n_customers,)
        Days with a purchase, at least 1.
    last, age : numpy.ndarray of int
        Days from the first purchase to the last one, and to the first day that is not recorded.
    """
    place, index = collapse_codes([days, last, age])
    customers = np.bincount(index, minlength=len(place)).astype("float64")
    return Histories(days[place] - 1.0, last[place] / DAYS_A_WEEK, age[place] / DAYS_A_WEEK, customers, index)


def fit_bgnbd(past: Histories) -> BgNbd:
    """Fit BG/NBD; the unit of time inside is the mean age."""
    total = float(past.customers.sum())
    unit = float(past.age @ past.customers) / total
    starts = ((0.5, 0.5, 1.0, 2.0), (1.0, 1.0, 0.5, 5.0), (3.0, 0.3, 1.0, 1.0))
    logs, maximum = _fit(lambda rows: _bgnbd(past, unit, rows), past.customers, starts)
    r, alpha, a, b = np.exp(logs)
    moved = float(past.repeats @ past.customers) * float(np.log(unit))
    r, alpha, a, b = _told([r, alpha * unit, a, b], maximum)
    return BgNbd(r, alpha, a, b, _shifted(maximum, -moved))


def fit_gamma_gamma(repeats: np.ndarray, mean: np.ndarray) -> GammaGamma:
    """Fit Gamma-Gamma; the unit of money inside is the mean of the means.

    Parameters
    ----------
    repeats : numpy.ndarray, shape (n_customers,)
        Purchases that the mean is taken over, at least 1: those after the first.
    mean : numpy.ndarray of float
        Mean value of them, above 0.
    """
    place, index = collapse_codes([repeats, mean])
    customers = np.bincount(index, minlength=len(place)).astype("float64")
    unit = float(mean.mean())
    x, m = repeats[place].astype("float64"), mean[place] / unit
    starts = ((1.0, 2.0, 1.0), (6.0, 4.0, 0.5), (0.5, 8.0, 8.0))
    logs, maximum = _fit(lambda rows: _gamma_gamma(x[rows], m[rows], customers[rows]), customers, starts)
    p, q, gamma = np.exp(logs)
    p, q, gamma = _told([p, q, gamma * unit], maximum)
    return GammaGamma(p, q, gamma, _shifted(maximum, -len(mean) * float(np.log(unit))))


def alive(model: BgNbd, past: Histories) -> np.ndarray:
    """Probability that a customer of each history has not left for good (Fader, Hardie, Lee 2008, note on P(alive), equation 1).

    NaN for one purchase day: in this model nobody leaves before the first repeat, so it cannot tell them.
    """
    from scipy.special import expit

    x = np.maximum(past.repeats, 1)
    gone = np.log(model.a / (model.b + x - 1)) + (model.r + x) * np.log(
        (model.alpha + past.age) / (model.alpha + past.last)
    )
    return np.where(past.repeats > 0, expit(-gone), np.nan)


def expected(model: BgNbd, past: Histories, weeks: float) -> np.ndarray:
    """Purchase days that a customer of each history makes in the next `weeks` (Fader, Hardie, Lee 2005, equation 10).

    The hypergeometric function is taken after Euler's transformation: its parameters stay small and its terms of one size, whatever the number of
    purchases, where the printed form overflows.
    """
    from scipy.special import hyp2f1

    pairs, place = collapse_codes([past.repeats, past.age])
    x, age = past.repeats[pairs], past.age[pairs]
    a = model.a + _NUDGE * (abs(model.a - 1) < _NUDGE)
    b = model.b + _NUDGE * (abs(a + model.b - 1) < _NUDGE)
    z = weeks / (model.alpha + age + weeks)
    series = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - model.r, a - 1, a + b + x - 1, z)
    while_alive = (a + b + x - 1) / (a - 1) * (1 - series)
    living = np.nan_to_num(alive(model, past), nan=1.0)
    return np.asarray(while_alive[place] * living)


def repeat_shares(model: BgNbd, age: np.ndarray, customers: np.ndarray, most: int) -> np.ndarray:
    """Share of customers of whom the model expects 0, 1, … `most` - 1 repeats, and `most` or more (Fader, Hardie, Lee 2005, equation 8).

    Parameters
    ----------
    age : numpy.ndarray of float, shape (n_ages,)
        Weeks from the first purchase to the end of the record.
    customers : numpy.ndarray of float
        How many have this age.
    """
    from scipy.special import betaln, gammaln

    z = age / (model.alpha + age)
    none = (model.alpha / (model.alpha + age)) ** model.r
    left, reached = np.zeros(len(age)), np.zeros(len(age))
    shares = []
    for x in range(most):
        poisson = np.exp(gammaln(model.r + x) - gammaln(model.r) - gammaln(x + 1.0)) * none * z**x
        stays = np.exp(betaln(model.a, model.b + x) - betaln(model.a, model.b))
        if x:
            left = np.exp(betaln(model.a + 1, model.b + x - 1) - betaln(model.a, model.b)) * (1 - reached)
        reached = reached + poisson
        shares.append(float((stays * poisson + left) @ customers / customers.sum()))
    return np.array([*shares, 1 - sum(shares)])


def expected_spend(model: GammaGamma, repeats: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Mean value of a customer's purchases to come: their own mean, drawn towards that of all (Fader, Hardie 2013, equation 5).

    Parameters
    ----------
    repeats : numpy.ndarray, shape (n,)
        0 where nothing is known of a customer; then `mean` is not looked at.
    """
    known = np.where(repeats > 0, repeats * np.nan_to_num(mean), 0.0)
    return np.asarray(model.p * (model.gamma + known) / (model.p * repeats + model.q - 1))


def _bgnbd(past: Histories, unit: float, rows: np.ndarray) -> _Likelihood:
    """Minus the log-likelihood of some rows, per customer, and its gradient by the logarithms of r, alpha, a and b."""
    from scipy.special import digamma, gammaln

    n = past.customers[rows]
    (values, of_value), (ages, of_age), (lasts, of_last) = (
        np.unique(column[rows], return_inverse=True) for column in (past.repeats, past.age, past.last)
    )
    counted, total = np.bincount(of_value, weights=n), float(n.sum())
    again, ages, lasts = values > 0, ages / unit, lasts / unit

    def negative(logs: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha, a, b = np.exp(logs)
        others = np.where(again, b + values - 1, 1.0)
        to_end, to_last, rate = np.log(alpha + ages)[of_age], np.log(alpha + lasts)[of_last], (r + values)[of_value]
        odds = np.where(again, np.log(a) - np.log(others), -np.inf)[of_value] + rate * (to_end - to_last)
        small = np.exp(-np.abs(odds))
        gone = n * np.where(odds > 0, 1.0, small) / (1 + small)
        here = n - gone
        both = np.maximum(odds, 0.0) + np.log1p(small) - rate * to_end
        by_count = gammaln(r + values) - gammaln(r) + gammaln(a + b) - gammaln(a + b + values)
        by_count += gammaln(b + values) - gammaln(b) + r * logs[1]
        joint = digamma(a + b) - digamma(a + b + values)
        by_r = counted @ (digamma(r + values) - digamma(r) + logs[1]) - here @ to_end - gone @ to_last
        waited = here @ (rate * (1 / (alpha + ages))[of_age]) + gone @ (rate * (1 / (alpha + lasts))[of_last])
        by_alpha = total * r / alpha - waited
        by_a = counted @ joint + gone.sum() / a
        by_b = counted @ (joint + digamma(b + values) - digamma(b)) - gone @ (1 / others)[of_value]
        slope = np.array([by_r * r, by_alpha * alpha, by_a * a, by_b * b])
        return -float(counted @ by_count + n @ both) / total, -slope / total

    return negative


def _gamma_gamma(x: np.ndarray, mean: np.ndarray, n: np.ndarray) -> _Likelihood:
    """Minus the log-likelihood of some rows, per customer, and its gradient by the logarithms of p, q and gamma."""
    from scipy.special import digamma, gammaln

    values, place = np.unique(x, return_inverse=True)
    counted, total = np.bincount(place, weights=n), float(n.sum())
    spent, log_mean = x * mean, np.log(mean)
    fixed = float(n @ (x * np.log(spent)))

    def negative(logs: np.ndarray) -> tuple[float, np.ndarray]:
        p, q, gamma = np.exp(logs)
        log_sum = np.log(gamma + spent)
        by_count = gammaln(p * values + q) - gammaln(p * values) - gammaln(q) + q * logs[2]
        level = counted @ by_count + p * fixed - float(n @ log_mean) - float(n @ ((p * x + q) * log_sum))
        joint = digamma(p * values + q)
        by_p = counted @ (values * (joint - digamma(p * values))) + fixed - float(n @ (x * log_sum))
        by_q = counted @ (joint - digamma(q) + logs[2]) - float(n @ log_sum)
        by_gamma = total * q / gamma - float(n @ ((p * x + q) / (gamma + spent)))
        return -float(level) / total, -np.array([by_p * p, by_q * q, by_gamma * gamma]) / total

    return negative


def _fit(
    likelihood: Callable[[np.ndarray], _Likelihood], customers: np.ndarray, starts: Sequence[Sequence[float]]
) -> tuple[np.ndarray, Maximum]:
    """The best maximum that any start leads to; of many rows, starts see every so manyth in the order of their values."""
    from scipy.optimize import minimize

    every = np.arange(len(customers))
    few = every[:: 1 + len(every) // SAMPLE_ROWS]
    bounds = [(-EDGE, EDGE)] * len(starts[0])
    options = {"maxiter": 500, "ftol": 1e-13, "gtol": FLAT / 100}

    def search(function: _Likelihood, start: np.ndarray) -> tuple[float, np.ndarray]:
        found = minimize(function, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        return float(found.fun), np.asarray(found.x)

    with one_thread():
        part = likelihood(few)
        best = min((search(part, np.log(start)) for start in starts), key=lambda found: found[0])
        whole = part if len(few) == len(every) else likelihood(every)
        _, logs = best if whole is part else search(whole, best[1])
        curvature = _curvature(whole, logs)
        logs, found = _settled(whole, logs, curvature)
        return logs, _judged(found, logs, curvature, float(customers.sum()))


def _curvature(function: _Likelihood, logs: np.ndarray) -> np.ndarray:
    """Second derivatives: central differences of the gradient, made symmetric."""
    slopes = [function(logs + sign * STEP * axis)[1] for axis in np.eye(len(logs)) for sign in (1, -1)]
    found = np.array([(ahead - behind) / (2 * STEP) for ahead, behind in zip(slopes[::2], slopes[1::2], strict=True)])
    return np.asarray((found + found.T) / 2)


def _settled(
    function: _Likelihood, logs: np.ndarray, curvature: np.ndarray
) -> tuple[np.ndarray, tuple[float, np.ndarray]]:
    """Steps of Newton's towards level ground, as far as they lead there: the search ends somewhere on the flat top, each processor's somewhere else."""
    found = function(logs)
    if np.linalg.eigvalsh(curvature)[0] <= 0:
        return logs, found
    for _ in range(SETTLING):
        there = logs - np.linalg.solve(curvature, found[1])
        if np.abs(there).max() >= EDGE:
            break
        tried = function(there)
        if np.abs(tried[1]).max() >= np.abs(found[1]).max():
            break
        logs, found = there, tried
    return logs, found


def _judged(found: tuple[float, np.ndarray], logs: np.ndarray, curvature: np.ndarray, total: float) -> Maximum:
    """Whether the search ended on level ground inside its bounds, and how sharp the maximum is."""
    level, slope = found
    least = float(np.linalg.eigvalsh(curvature)[0]) * total
    error = 1 / np.sqrt(least) if least > 0 else np.inf
    level_ground = float(np.abs(slope).max()) < FLAT and bool((np.abs(logs) < EDGE - STEP).all())
    fault = "no maximum" if not level_ground else "not told" if error > MOST_ERROR else ""
    return Maximum(float(-level * total), float(error), fault)


def _told(parameters: Sequence[float], maximum: Maximum) -> list[float]:
    """As many digits as tell anything, fewer where the maximum does not tell: those after them are the processor's."""
    digits = VAGUE_DIGITS if maximum.fault else DIGITS
    return [significant(parameter, digits) for parameter in parameters]


def _shifted(maximum: Maximum, by: float) -> Maximum:
    """The likelihood in the units of the data instead of those of the search."""
    return Maximum(round(maximum.log_likelihood + by, 3), maximum.error, maximum.fault)
