"""What customers can be expected to do over the planning horizon, where a model earns the right to say so.

BG/NBD and Gamma-Gamma (`lifetime`) are fitted to the whole record, and BG/NBD once more to the history before the cut, to foretell what came after it.
They are used only where the data tells their parameters, where they spread repeats over customers as the data does, and where on the holdout they were
no worse than plain averages that anybody can work out; else the report says why not, and the averages of the backtest stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.lifetime import (
    DAYS_A_WEEK,
    BgNbd,
    GammaGamma,
    Histories,
    alive,
    expected,
    expected_spend,
    fit_bgnbd,
    fit_gamma_gamma,
    histories,
    repeat_shares,
)
from reporter.analysis.lookback import Lookback
from reporter.analysis.rfm import Scorecard
from reporter.analysis.settings import LifetimeSettings
from reporter.analysis.statistics import chi_square_p

Reason = Literal["", "no maximum", "not told", "counts", "holdout total", "holdout averages"]
MONTH_WEEKS = 365.25 / 12 / DAYS_A_WEEK
MOST_REPEATS = 8
"""Customers with so many repeats or more are one class of the fit check."""
MISPLACED = 0.05
"""Share of customers whom a model that fits may put into a wrong class of repeats."""
CHANCE = 0.01
"""Misfit of a probability above this may be chance."""
OFF = 0.25
"""So far the total that was foretold may lie from what came, as a share of that."""
RELATED = 0.3
"""Correlation of spend and frequency above which Gamma-Gamma, which takes them as unrelated, is not used."""
Z95 = 1.959963984540054
EXPECTED_VALUE = "expected_value"
COLUMNS = ("p_alive", "expected_transactions", EXPECTED_VALUE)
"""What customers are given where the models fit: the last columns of ``customers.csv``."""


@dataclass(frozen=True, slots=True, eq=False)
class CountCheck:
    """How many customers have so many repeats, in the data and by the model.

    Attributes
    ----------
    frame : pandas.DataFrame
        ``repeats`` int (the last: so many or more) · ``customers`` int · ``expected`` float.
    misplaced : float
        Share of customers whom the model puts into another class: half the sum of the differences.
    p_value : float
        G-test, degrees of freedom less the four parameters.
    """

    frame: pd.DataFrame
    misplaced: float
    p_value: float

    @property
    def holds(self) -> bool:
        """Whether the misfit is small or may be chance."""
        return self.misplaced <= MISPLACED or self.p_value >= CHANCE


@dataclass(frozen=True, slots=True)
class Forecast:
    """One way to foretell the purchase days of every customer after the cut, from what was known at it.

    Attributes
    ----------
    way : {"model", "own", "segment", "base"}
        ``own``: as many as the customer had in the same length of time before the cut; ``segment``, ``base``: the mean of that over the customers of the same
        segment, and over all.
    mae, rmse : float
        Mean absolute error and root of the mean squared error, in purchase days a customer.
    total : float
        Sum over all customers.
    """

    way: Literal["model", "own", "segment", "base"]
    mae: float
    rmse: float
    total: float


@dataclass(frozen=True, slots=True, eq=False)
class Holdout:
    """What was foretold at the cut against what came.

    Attributes
    ----------
    customers, total : int
        Customers known at the cut, and their purchase days after it.
    forecasts : tuple of Forecast
        The model first.
    best : str
        The plain average with the least squared error.
    verdict : {"better", "even", "worse"}
        The model's squared errors against those of `best`, customer by customer, by the 95 % interval of their mean difference.
    calibration : pandas.DataFrame
        ``segment`` str (of then) · ``customers`` int · ``foretold, came`` float (purchase days a customer).
    """

    customers: int
    total: int
    forecasts: tuple[Forecast, ...]
    best: str
    verdict: Literal["better", "even", "worse"]
    calibration: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Spend:
    """How much a purchase day brings.

    Attributes
    ----------
    model : GammaGamma or None
        None where nobody repeats with a value above 0.
    customers : int
        Customers with a repeat of some value.
    correlation : float
        Of the logarithms of mean value and number of repeats.
    fits : bool
        The parameters are told, the mean over customers exists, and the correlation is weak.
    """

    model: GammaGamma | None
    customers: int
    correlation: float
    fits: bool


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedValue:
    """The verdict over the models and, where they fit, what they expect.

    Attributes
    ----------
    months : int
        Planning horizon.
    weeks : float
    fits : bool
    reason : str
        Empty where it fits; else why not: ``no maximum`` or ``not told`` (`lifetime.Maximum`), ``counts`` (`CountCheck`), ``holdout total`` (more than `OFF`
        from what came), ``holdout averages`` (worse than the best plain average).
    purchases : BgNbd
        Of the whole record.
    counts : CountCheck
        Of the whole record.
    holdout : Holdout or None
        None where the model has no maximum on the history before the cut.
    spend : Spend or None
        None in coupon mode.
    segments : pandas.DataFrame
        ``segment`` str · ``customers`` int · ``repeaters`` int · ``p_alive`` float (mean over the repeaters) · ``expected_transactions`` float (sum) ·
        ``expected_value`` float (sum; NaN where spend does not fit); in grid order, empty where the models do not fit.
    customers : pandas.DataFrame
        The columns of ``customers.csv`` that come of it, one row per scored customer: ``p_alive`` (NaN: one purchase day) · ``expected_transactions``
        · ``expected_value`` where spend fits; no columns where the models do not fit.
    """

    months: int
    weeks: float
    fits: bool
    reason: Reason
    purchases: BgNbd
    counts: CountCheck
    holdout: Holdout | None
    spend: Spend | None
    segments: pd.DataFrame
    customers: pd.DataFrame


def expect(past: Lookback, scorecard: Scorecard, coupons: bool, settings: LifetimeSettings) -> ExpectedValue:
    """Fit, check, and foretell where that holds.

    Parameters
    ----------
    past : Lookback
    scorecard : Scorecard
        Of today; its rows are those of ``past.frame``.
    coupons : bool
        Whether there is no money.
    """
    frame, weeks = past.frame, settings.months * MONTH_WEEKS
    seen = frame["days"].to_numpy() > 0
    record = histories(*(frame[name].to_numpy()[seen] for name in ("days", "last", "age")))
    model = fit_bgnbd(record)
    counts = check_counts(model, record)
    holdout = None if model.maximum.fault else _holdout(past)
    reason = _reason(model, counts, holdout)
    spend = None if coupons else _spend(frame)
    given = pd.DataFrame(index=frame.index)
    if not reason:
        given = _per_customer(frame, seen, (model, record, weeks), spend, past.kept)
    return ExpectedValue(
        settings.months,
        weeks,
        not reason,
        reason,
        model,
        counts,
        holdout,
        spend,
        _by_segment(given, scorecard, frame["days"].to_numpy()),
        given,
    )


def check_counts(model: BgNbd, past: Histories) -> CountCheck:
    """Hold the number of customers by repeats against what the model expects of customers of their ages."""
    ages, place = np.unique(past.age, return_inverse=True)
    total = float(past.customers.sum())
    shares = repeat_shares(model, ages, np.bincount(place, weights=past.customers), MOST_REPEATS)
    classes = np.minimum(past.repeats, MOST_REPEATS).astype("int64")
    observed = np.bincount(classes, weights=past.customers, minlength=MOST_REPEATS + 1)
    due = np.maximum(shares, 1e-12) * total
    g = 2 * float(np.sum(observed * np.log(np.where(observed > 0, observed, 1) / np.where(observed > 0, due, 1))))
    frame = pd.DataFrame(
        {"repeats": range(MOST_REPEATS + 1), "customers": observed.astype("int64"), "expected": shares * total}
    )
    misplaced = float(np.abs(observed - due).sum()) / 2 / total
    return CountCheck(frame, misplaced, chi_square_p(max(g, 0.0), MOST_REPEATS - 4))


def _reason(model: BgNbd, counts: CountCheck, holdout: Holdout | None) -> Reason:
    """The first reason against the model."""
    if model.maximum.fault:
        return "no maximum" if model.maximum.fault == "no maximum" else "not told"
    if not counts.holds:
        return "counts"
    if holdout is None:
        return "not told"
    if abs(holdout.forecasts[0].total - holdout.total) > OFF * holdout.total:
        return "holdout total"
    return "holdout averages" if holdout.verdict == "worse" else ""


def _holdout(past: Lookback) -> Holdout | None:
    """Fit on what lay before the cut, foretell what lay behind it."""
    columns = ["days", "days_then", "last_then", "age_then", "days_before"]
    known = past.frame.loc[past.frame["known"], columns]
    seen = known["days_then"].to_numpy() > 0
    record = histories(*(known[name].to_numpy()[seen] for name in ("days_then", "last_then", "age_then")))
    model = fit_bgnbd(record)
    if model.maximum.fault:
        return None
    came = (known["days"] - known["days_then"]).to_numpy("float64")
    before = known["days_before"].to_numpy("float64")
    foretold = np.zeros(len(known))
    foretold[seen] = expected(model, record, past.span.days / DAYS_A_WEEK)[record.index]
    means = np.bincount(past.segment, weights=before) / np.maximum(np.bincount(past.segment), 1)
    return judge(came, foretold, (before, means[past.segment]), (past.segment, past.names))


def judge(
    came: np.ndarray,
    foretold: np.ndarray,
    averages: tuple[np.ndarray, np.ndarray],
    named: tuple[np.ndarray, tuple[str, ...]],
) -> Holdout:
    """Hold a model's forecasts and the plain averages against what came.

    Parameters
    ----------
    came, foretold : numpy.ndarray of float, shape (n_customers,)
    averages : tuple of numpy.ndarray
        What each customer, and the mean customer of each one's segment, had before.
    named : tuple
        Place of each customer's segment, and the names.
    """
    own, segment = averages
    ways = {"model": foretold, "own": own, "segment": segment, "base": np.full(len(came), own.mean())}
    forecasts = tuple(_forecast(way, told, came) for way, told in ways.items())
    best = min(forecasts[1:], key=lambda forecast: forecast.rmse).way
    gain = (ways[best] - came) ** 2 - (foretold - came) ** 2
    half = Z95 * float(gain.std()) / np.sqrt(len(gain))
    verdict: Literal["better", "even", "worse"] = (
        "better" if gain.mean() > half else "worse" if gain.mean() < -half else "even"
    )
    return Holdout(len(came), int(came.sum()), forecasts, best, verdict, _calibration(came, foretold, *named))


def _forecast(way: str, told: np.ndarray, came: np.ndarray) -> Forecast:
    off = told - came
    mae, rmse = float(np.abs(off).mean()), float(np.sqrt(np.mean(off**2)))
    return Forecast(way, mae, rmse, float(told.sum()))  # type: ignore[arg-type]  # its names


def _calibration(came: np.ndarray, foretold: np.ndarray, segment: np.ndarray, names: tuple[str, ...]) -> pd.DataFrame:
    sizes = np.bincount(segment, minlength=len(names))
    present = np.flatnonzero(sizes)
    sums = {
        name: np.bincount(segment, weights=values, minlength=len(names))[present] / sizes[present]
        for name, values in (("foretold", foretold), ("came", came))
    }
    return pd.DataFrame({"segment": [names[place] for place in present], "customers": sizes[present], **sums})


def _spend(frame: pd.DataFrame) -> Spend:
    """Gamma-Gamma over the customers with a repeat of some value: the value of the first day tells about the next no more than about the model's own start."""
    repeats = frame["days"].to_numpy() - 1
    some = (repeats > 0) & (frame["repeat_cents"].to_numpy() > 0)
    x = repeats[some]
    mean = frame["repeat_cents"].to_numpy()[some] / 100 / x
    if len(x) < 2:
        return Spend(None, len(x), float("nan"), False)
    model = fit_gamma_gamma(x, mean)
    varied = len(np.unique(x)) > 1 and len(np.unique(mean)) > 1
    correlation = float(np.corrcoef(np.log(x), np.log(mean))[0, 1]) if varied else float("nan")
    fits = not model.maximum.fault and model.q > 1 and abs(correlation) <= RELATED
    return Spend(model, len(x), correlation, bool(fits))


def _per_customer(
    frame: pd.DataFrame,
    seen: np.ndarray,
    fitted: tuple[BgNbd, Histories, float],
    spend: Spend | None,
    kept: float,
) -> pd.DataFrame:
    """Expectations of every customer; of those whose every purchase lies long before the record, none."""
    model, record, weeks = fitted
    given = pd.DataFrame(np.nan, index=frame.index, columns=list(COLUMNS[:2]))
    given.loc[seen, "p_alive"] = alive(model, record)[record.index]
    given.loc[seen, "expected_transactions"] = expected(model, record, weeks)[record.index]
    if spend is not None and spend.fits and spend.model is not None:
        repeats = np.maximum(frame["days"].to_numpy() - 1, 0)
        mean = frame["repeat_cents"].to_numpy() / 100 / np.maximum(repeats, 1)
        repeats = np.where(mean > 0, repeats, 0)
        given[EXPECTED_VALUE] = given["expected_transactions"] * expected_spend(spend.model, repeats, mean) * kept
    return given


def _by_segment(given: pd.DataFrame, scorecard: Scorecard, days: np.ndarray) -> pd.DataFrame:
    columns = ["segment", "customers", "repeaters", *COLUMNS]
    if not len(given.columns):
        return pd.DataFrame(columns=columns)
    table = given.reindex(columns=list(COLUMNS)).assign(segment=scorecard.frame["segment"], repeats=days > 1)
    grouped = table.groupby("segment", sort=False)
    found = grouped.agg(
        customers=("repeats", "size"),
        repeaters=("repeats", "sum"),
        p_alive=("p_alive", "mean"),
        expected_transactions=("expected_transactions", "sum"),
        expected_value=("expected_value", lambda values: values.sum(min_count=1)),
    )
    order = [name for name in scorecard.grid.order if name in found.index]
    return found.loc[order].reset_index()[columns]
