"""Did the segments mean anything? What customers with each name did next, and how much of it the names, the clusters and plain recency told.

`share` of an outcome is that of the customers who bought again, with the 95 % interval of Wilson (1927), which holds for small groups and for shares
near 0. What a way of grouping explains of returning is eta squared: the variance of returning (0 or 1) between groups over that of all; with random
groups it would be (groups - 1) / (customers - 1), which the adjusted figure takes off (epsilon squared, Kelley 1935). It grows with the number of groups, so
recency is cut once into as many as there are segments, and once into as many as there are clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.kmeans import sweep
from reporter.analysis.lookback import SINCE, Lookback
from reporter.analysis.points import collapse
from reporter.analysis.rfm import rank_scores
from reporter.analysis.statistics import MIN_EXPECTED, independence_test, wilson
from reporter.analysis.threads import one_thread

RESTARTS = 5
GIANT = 5.0
"""Standard deviations at which a value is clipped before customers of then are clustered."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What customers with one name did between the cut and the end.

    Attributes
    ----------
    name : str
        Segment at the cut; empty for all customers who were known then.
    returned : int
        Customers with a transaction.
    share, low, high : float
        Of them among `customers`, and its 95 % interval.
    transactions : int
    monetary : float
        Money under the refund policy; burned coupons in coupon mode.
    burned : int
        Customers who burned a coupon.
    """

    name: str
    customers: int
    returned: int
    share: float
    low: float
    high: float
    transactions: int
    monetary: float
    burned: int


@dataclass(frozen=True, slots=True)
class Explained:
    """How much of the variance of returning one way of grouping the customers of then explains.

    Attributes
    ----------
    way : {"segments", "recency", "clusters"}
        ``clusters``: KMeans on recency, frequency and monetary of then, with the number of clusters that the report has chosen.
    groups : int
    share : float
        Eta squared.
    adjusted : float
        Less what as many random groups would explain; never below 0.
    """

    way: Literal["segments", "recency", "clusters"]
    groups: int
    share: float
    adjusted: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the names of an earlier morning foretold.

    Attributes
    ----------
    cut, end : date
        Customers were segmented as of `cut`; their outcomes run from it to the day before `end`.
    months, horizon_days : int
    outcomes : tuple of Outcome
        In grid order; only segments that had customers.
    base : Outcome
        All customers who were known at the cut.
    explained : tuple of Explained
    lowest : str
        The name with at least the minimum of customers of which the smallest share came back (equal shares: the later one in the grid).
    like_lost : tuple of str
        The other names with enough customers whose interval does not begin above the end of its interval: they cannot be told from it, whatever they promise.
    p_value : float
        That the shares of all names differ by chance alone (chi-square); NaN where too few are expected to tell.
    """

    cut: date
    end: date
    months: int
    horizon_days: int
    outcomes: tuple[Outcome, ...]
    base: Outcome
    explained: tuple[Explained, ...]
    lowest: str
    like_lost: tuple[str, ...]
    p_value: float


def backtest(past: Lookback, clusters: int | None, least: int, seed: int) -> Backtest:
    """Judge the names of then by what came next.

    Parameters
    ----------
    clusters : int or None
        Number of clusters that the report has chosen; None: it has none.
    least : int
        Names with fewer customers are not compared.
    """
    outcomes, base, returned = _outcomes(past)
    compared = tuple(outcome for outcome in outcomes if outcome.customers >= least)
    lowest = min(reversed(compared), key=lambda outcome: outcome.share, default=None)
    return Backtest(
        past.span.cut,
        past.span.end,
        past.span.months,
        past.span.days,
        outcomes,
        base,
        _explained(past, returned, clusters, seed),
        lowest.name if lowest else "",
        tuple(o.name for o in compared if lowest and o is not lowest and o.low <= lowest.high),
        _p_value(compared),
    )


def _outcomes(past: Lookback) -> tuple[tuple[Outcome, ...], Outcome, np.ndarray]:
    """Of each name, and of all who were known then; and who of them came again."""
    since = past.frame.loc[past.frame["known"], list(SINCE)]
    names = [name for place, name in enumerate(past.names) if (past.segment == place).any()]
    outcomes = tuple(_outcome(name, since[past.segment == past.names.index(name)]) for name in names)
    return outcomes, _outcome("", since), since["transactions"].to_numpy() > 0


def _outcome(name: str, since: pd.DataFrame) -> Outcome:
    customers, returned = len(since), int((since["transactions"] > 0).sum())
    low, high = wilson(np.array([returned]), np.array([customers]))
    return Outcome(
        name,
        customers,
        returned,
        returned / customers,
        float(low[0]),
        float(high[0]),
        int(since["transactions"].sum()),
        int(since["worth_cents"].sum()) / 100,
        int((since["burned"] > 0).sum()),
    )


def _p_value(compared: tuple[Outcome, ...]) -> float:
    """Chi-square test of who returned by name."""
    table = np.array([[o.returned, o.customers - o.returned] for o in compared], dtype="float64")
    if len(table) < 2 or (np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()).min() < MIN_EXPECTED:
        return float("nan")
    return independence_test(table)[0]


def _explained(past: Lookback, returned: np.ndarray, clusters: int | None, seed: int) -> tuple[Explained, ...]:
    """Segments against recency in as many groups; clusters against recency in as many."""
    recency = np.rint(past.values[:, 0]).astype("int64")
    segments = len(np.unique(past.segment))
    found = [
        explained("segments", past.segment, returned),
        explained("recency", rank_scores(-recency, segments), returned),
    ]
    labels = None if clusters is None else clusters_then(past.values, clusters, seed)
    if clusters is not None and labels is not None:
        found.append(explained("clusters", labels, returned))
        found.append(explained("recency", rank_scores(-recency, clusters), returned))
    return tuple(found)


def explained(way: Literal["segments", "recency", "clusters"], groups: np.ndarray, returned: np.ndarray) -> Explained:
    """Eta squared of returning by group, and what is left of it beside as many random groups.

    Parameters
    ----------
    groups : numpy.ndarray of int, shape (n_customers,)
        Not negative.
    returned : numpy.ndarray of bool
    """
    sizes = np.bincount(groups)
    came = np.bincount(groups[returned], minlength=len(sizes))[sizes > 0]
    n, count, all_came = len(returned), int((sizes > 0).sum()), int(returned.sum())
    if all_came in (0, n) or n <= count:
        return Explained(way, count, 0.0, 0.0)
    # Exact, for what lies between two written numbers must not depend on the order of a sum.
    base = Fraction(all_came, n)
    between = sum(Fraction(int(some) ** 2, int(size)) for some, size in zip(came, sizes[sizes > 0], strict=True))
    share = (between - n * base**2) / (n * base * (1 - base))
    left = 1 - (1 - share) * (n - 1) / (n - count)
    return Explained(way, count, float(share), float(max(Fraction(0), left)))


def clusters_then(values: np.ndarray, clusters: int, seed: int) -> np.ndarray | None:
    """Clusters of customers as they were known then: KMeans on the logarithms of recency, frequency and monetary, scaled; None for fewer points than clusters."""
    points = collapse(_scaled(values))
    if len(points.x) < clusters:
        return None
    with one_thread():
        fits = sweep(points.x, points.weight, [clusters], np.random.default_rng(seed), RESTARTS)
    return np.asarray(fits[clusters].labels[points.index])


def _scaled(values: np.ndarray) -> np.ndarray:
    logs = np.log1p(np.maximum(values, 0)).astype("float32")
    spread = logs.std(axis=0)
    scaled = (logs - logs.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    return np.clip(scaled, -GIANT, GIANT)
