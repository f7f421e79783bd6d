"""What may enter a distance: features, their definitions, the selection with its reasons, and the scaled matrix.

No value is ever filled in. A feature that is structurally missing for somebody (no gap between purchases after one purchase) stays out of the
distances and stays missing in the table. Ids, names, cities and genders are no features. The tests run in a fixed order and so do the
features, recency, frequency and monetary first, so that an extra feature can be redundant to the core but never displace it.

Features with a long right tail (skewness above 1) enter as log1p. Others stay as they are: on small counts a logarithm would tear 0 and 1 apart and
turn "never burned" into a gap that looks like a group.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.correlation import spearman
from reporter.analysis.frames import scored
from reporter.analysis.points import ranked
from reporter.analysis.settings import FeatureSettings
from reporter.errors import Problem, UsageError

Reason = Literal["kept", "missing", "near-constant", "redundant", "dominated", "arithmetic", "excluded", "unavailable"]


@dataclass(frozen=True, slots=True)
class FeatureNote:
    """One line of the feature table.

    Attributes
    ----------
    name, label, unit : str
        ``tenure_days``, "Tenure", "days".
    transform : {"log", "none"}
        ``log``: log1p before scaling (skewed, non-negative).
    reason : Reason
        ``kept``; ``missing``: structurally missing for `value` of the customers; ``near-constant``: one value for `value` of them;
        ``redundant``: Spearman correlation `value` with `other`; ``dominated``: follows one yes/no fact (`other`) with eta² `value`;
        ``arithmetic``: built from other kept features (`other`); ``excluded`` by the settings; ``unavailable`` in this source.
    winsorised : int
        Customers whose value of a kept feature is clipped (``features.clip``), in the distance only.
    """

    name: str
    label: str
    unit: str
    transform: Literal["log", "none"]
    reason: Reason
    value: float | None = None
    other: str | None = None
    winsorised: int = 0

    @property
    def kept(self) -> bool:
        """Whether the feature enters the distances."""
        return self.reason == "kept"


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Features of all scored customers.

    Attributes
    ----------
    frame : pandas.DataFrame
        ``customer_id`` and every computed feature, missing stays missing; same order as ``Scorecard.frame``.
    notes : tuple of FeatureNote
        In the order in which the selection looked at them.
    names : tuple of str
        Kept features: the columns of `matrix`.
    matrix : numpy.ndarray, shape (n_customers, n_features)
        Transformed and z-scored (ddof 0), no missing values.
    correlation : pandas.DataFrame
        Spearman correlation of all computed numeric features (square).
    """

    frame: pd.DataFrame
    notes: tuple[FeatureNote, ...]
    names: tuple[str, ...]
    matrix: np.ndarray
    correlation: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Definition:
    """How a feature comes out of one row per scored customer.

    `needs` is the fact of the ledger without which it does not exist. `parts` are the features it is built from: by a formula, or because it counts
    over the very same transactions or runs on the same clock, so that it can never exceed them and would only count them twice.
    """

    name: str
    label: str
    unit: str
    compute: Callable[[pd.DataFrame], pd.Series]
    needs: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Evidence:
    """Values by feature, which of them enter as logarithms, yes/no facts by name, and the rank correlation of the features."""

    frame: pd.DataFrame
    logs: frozenset[str]
    facts: dict[str, np.ndarray]
    correlation: pd.DataFrame


_Judgement = tuple[Reason, float | None, str | None]

NEAR_CONSTANT = 0.95
"""Share of customers with one and the same value from which a feature tells nothing."""
SKEWED = 1.0
"""Skewness above which a feature enters as log1p."""
_ROUNDS = 50
_NEEDED = (
    "customer_id", "join_date", "first_date", "last_date", "recency_days", "frequency", "monetary", "burned", "merchants", "branches",
    "active_months", "mean_days_to_burn",
)  # fmt: skip
DOMINATED = 0.8
"""Share of variance explained by a single yes/no fact from which a feature is only that fact."""


def definitions(mode: str) -> tuple[Definition, ...]:
    """All features, in the order in which the selection looks at them.

    In coupon mode monetary is the number of burned coupons, so `burned` is not listed again and the burn rate follows from the core.
    """
    coupon = mode == "coupon"
    monetary = ("Burned coupons", "coupons") if coupon else ("Monetary", "money")
    burning = Definition(
        "burn_rate", "Burn rate", "share", _burn_rate, "coupons", ("frequency", "monetary") if coupon else ()
    )
    burned = Definition("burned", "Burned coupons", "coupons", _column("burned"), "coupons", ("frequency", "burn_rate"))
    return (
        Definition("recency_days", "Recency", "days", _column("recency_days")),
        Definition("frequency", "Frequency", "transactions", _column("frequency")),
        Definition("monetary", *monetary, _column("monetary")),
        Definition("tenure_days", "Tenure", "days", _tenure),
        burning,
        *(() if coupon else (burned,)),
        Definition("mean_gap_days", "Mean gap between transactions", "days", _mean_gap),
        Definition("mean_days_to_burn", "Mean days to burn", "days", _column("mean_days_to_burn"), "coupons"),
        Definition("active_months", "Active months", "months", _column("active_months"), None, ("frequency",)),
        Definition("merchants", "Merchants", "merchants", _column("merchants"), "merchant", ("frequency",)),
        Definition("branches", "Branches", "branches", _column("branches"), "branch", ("frequency",)),
        Definition(
            "days_since_first", "Days since the first transaction", "days", _days_since_first, None, ("tenure_days",)
        ),
    )


def build_features(customers: pd.DataFrame, has: frozenset[str], mode: str, settings: FeatureSettings) -> Features:
    """Compute, judge and scale the features of the scored customers.

    Parameters
    ----------
    customers : pandas.DataFrame
        As ``Aggregates.customers``; prospects are left out.

    Raises
    ------
    UsageError
        When the settings name a feature that does not exist.
    """
    return select_features(compute_features(customers, has, mode), has, mode, settings)


def compute_features(customers: pd.DataFrame, has: frozenset[str], mode: str) -> pd.DataFrame:
    """Every feature that the data has, before any is chosen: ``Features.frame``; the columns they are made from are let go."""
    buyers = scored(customers, [name for name in _NEEDED if name in customers])
    available = [d for d in definitions(mode) if d.needs is None or d.needs in has]
    found = {d.name: _compact(d.compute(buyers)) for d in available}
    return pd.DataFrame({"customer_id": buyers["customer_id"], **found})


def select_features(frame: pd.DataFrame, has: frozenset[str], mode: str, settings: FeatureSettings) -> Features:
    """Judge and scale computed features.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `compute_features` gives it.

    Raises
    ------
    UsageError
        When the settings name a feature that does not exist.
    """
    known = definitions(mode)
    _check_names(known, settings)
    facts = _facts(frame, has, mode)
    numbers = frame.drop(columns="customer_id")
    logs = frozenset(name for name in numbers if _skewness(numbers[name]) > SKEWED)
    correlation = spearman(numbers)
    notes = _select(known, _Evidence(numbers, logs, facts, correlation), settings)
    names = tuple(note.name for note in notes if note.kept)
    matrix = np.empty((len(frame), len(names)))
    giants = {}
    for place, name in enumerate(names):
        matrix[:, place], giants[name] = _scaled(_transformed(frame[name], name in logs), settings.clip)
    notes = tuple(replace(note, winsorised=giants.get(note.name, 0)) for note in notes)
    return Features(frame, notes, names, matrix, correlation)


def _compact(values: pd.Series) -> pd.Series:
    """Whole numbers in 32 bits: there is a column of them for every customer."""
    return values.astype("int32") if values.dtype == "int64" else values


def _column(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    def take(customers: pd.DataFrame) -> pd.Series:
        return customers[name]

    return take


def _days_since_first(customers: pd.DataFrame) -> pd.Series:
    """As-of date minus the first transaction, by way of the last one."""
    return (customers["recency_days"] + (customers["last_date"] - customers["first_date"]).dt.days).astype("int64")


def _tenure(customers: pd.DataFrame) -> pd.Series:
    """As-of date minus the join date; the first transaction counts where there is no join date or an even later one."""
    before = (customers["first_date"] - customers["join_date"]).dt.days.fillna(0).clip(lower=0)
    return (_days_since_first(customers) + before).astype("int64")


def _burn_rate(customers: pd.DataFrame) -> pd.Series:
    return customers["burned"] / customers["frequency"]


def _mean_gap(customers: pd.DataFrame) -> pd.Series:
    """Days between first and last transaction per gap; missing after a single transaction."""
    gaps = (customers["frequency"] - 1).where(customers["frequency"] > 1)
    return (customers["last_date"] - customers["first_date"]).dt.days / gaps


def _facts(frame: pd.DataFrame, has: frozenset[str], mode: str) -> dict[str, np.ndarray]:
    """Yes/no facts that must not masquerade as a measure."""
    facts = {"one-time buyer": (frame["frequency"] == 1).to_numpy()}
    if "coupons" in has:
        burned = frame["monetary" if mode == "coupon" else "burned"]
        facts["never burned"] = (burned == 0).to_numpy()
        facts["always burned"] = (burned == frame["frequency"]).to_numpy()
    return facts


def _check_names(known: tuple[Definition, ...], settings: FeatureSettings) -> None:
    names = [d.name for d in known]
    asked = [("features.include", name) for name in settings.include] + [
        ("features.exclude", name) for name in settings.exclude
    ]
    wrong = [
        Problem(where, f"“{name}” is no feature.", f"Use some of {', '.join(names)}.")
        for where, name in asked
        if name not in names
    ]
    if wrong:
        raise UsageError(wrong)


def _skewness(values: pd.Series) -> float:
    """Third standardised moment of the values that are there; 0 for a constant."""
    known = np.sort(values.dropna().to_numpy("float64"))
    if len(known) == 0 or known[0] == known[-1]:
        return 0.0
    known -= known.mean()
    squares = known * known
    return round(float(np.mean(squares * known) / np.mean(squares) ** 1.5), 10)


def _transformed(values: pd.Series, log: bool) -> np.ndarray:
    """Values as they enter the distances; under the logarithm a negative net amount counts as 0 (for the distance only)."""
    plain = values.to_numpy("float64")
    return np.asarray(np.log1p(np.maximum(plain, 0)) if log else plain)


def _scaled(values: np.ndarray, clip: float) -> tuple[np.ndarray, int]:
    """Z-scores (ddof 0) of the winsorised values, and how many of those were clipped.

    Values are clipped at `clip` standard deviations, again and again until nobody is farther out: one giant must not be a cluster of its own. In the
    distance only: its customer keeps every figure, segment and cluster.
    """
    kept = values
    for _ in range(_ROUNDS if clip else 0):
        mean, spread = _moments(kept)
        low, high = mean - clip * spread, mean + clip * spread
        if kept.min() >= low and kept.max() <= high:
            break
        kept = np.clip(kept, low, high)
    mean, spread = _moments(kept)
    return np.asarray((kept - mean) / spread), int(np.count_nonzero(kept != values))


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation (ddof 0), summed over sorted values so that the order of rows cannot change a digit."""
    ordered = np.sort(values)
    mean = float(ordered.mean())
    return mean, float(np.sqrt(np.mean((ordered - mean) ** 2)))


def _select(known: tuple[Definition, ...], evidence: _Evidence, settings: FeatureSettings) -> tuple[FeatureNote, ...]:
    notes: list[FeatureNote] = []
    for d in known:
        kept = [note.name for note in notes if note.kept]
        reason, value, other = _judge(d, kept, evidence, settings)
        transform: Literal["log", "none"] = "log" if d.name in evidence.logs else "none"
        notes.append(FeatureNote(d.name, d.label, d.unit, transform, reason, value, other))
    return tuple(notes)


def _judge(d: Definition, kept: list[str], evidence: _Evidence, settings: FeatureSettings) -> _Judgement:
    """First reason against a feature, in a fixed order, or that it is kept."""
    if d.name not in evidence.frame:
        return "unavailable", None, None
    if d.name in settings.exclude or (settings.include and d.name not in settings.include):
        return "excluded", None, None
    raw = evidence.frame[d.name]
    missing = float(np.mean(raw.isna().to_numpy())) if len(raw) else 1.0
    if missing > 0:
        return "missing", missing, None
    values = _transformed(raw, d.name in evidence.logs)
    commonest = np.bincount(ranked(values)[0]).max() / len(values)
    if commonest >= NEAR_CONSTANT:
        return "near-constant", float(commonest), None
    if d.parts and set(d.parts) <= set(kept):
        return "arithmetic", None, " and ".join(d.parts)
    return _redundant(d, kept, evidence, settings) or _dominated(values, evidence) or ("kept", None, None)


def _redundant(d: Definition, kept: list[str], evidence: _Evidence, settings: FeatureSettings) -> _Judgement | None:
    for other in kept:
        rho = float(evidence.correlation.loc[d.name, other])
        if round(abs(rho), 10) > settings.max_correlation:
            return "redundant", rho, other
    return None


def _dominated(values: np.ndarray, evidence: _Evidence) -> _Judgement | None:
    for name, fact in evidence.facts.items():
        explained = _eta_squared(values, fact)
        if round(explained, 10) >= DOMINATED:
            return "dominated", explained, name
    return None


def _eta_squared(values: np.ndarray, fact: np.ndarray) -> float:
    """Share of the variance that lies between the customers with and without the fact."""
    yes, no = values[fact], values[~fact]
    if len(yes) == 0 or len(no) == 0:
        return 0.0
    between = len(yes) * len(no) / len(values) * (yes.mean() - no.mean()) ** 2
    return float(between / (len(values) * values.var()))
