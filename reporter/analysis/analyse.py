"""Facts become numbers: the calls of this room, in order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from reporter.analysis.aggregate import Aggregates, aggregate, release, sum_customers
from reporter.analysis.backtest import Backtest, backtest
from reporter.analysis.campaign import Plan, plan, responses_of
from reporter.analysis.certainty import Certainty, certainty
from reporter.analysis.draw import sample_rows, segment_lots
from reporter.analysis.evaluate import Clustering, evaluate
from reporter.analysis.expected import ExpectedValue, expect
from reporter.analysis.explore import Overview, explore
from reporter.analysis.features import Features, build_features
from reporter.analysis.fit import begin, go_on
from reporter.analysis.lookback import Lookback, look_back
from reporter.analysis.memory import check_memory
from reporter.analysis.past import Past
from reporter.analysis.replay import Replay, replay
from reporter.analysis.rfm import DIMENSIONS, Scorecard, load_grid, score
from reporter.analysis.segments import Segments, profile_segments
from reporter.analysis.settings import AnalysisSettings
from reporter.analysis.terms import Commission
from reporter.analysis.uplift import Measured, measure
from reporter.aside import FEW, Aside, aside_if, at_once
from reporter.intake.balance import Balance, balance
from reporter.intake.ledger import Ledger
from reporter.shown import html_of, text_of


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """What segments and clusters of the customers there are: the part of an analysis that needs no look at other dates.

    Attributes
    ----------
    customers : pandas.DataFrame
        The columns of ``customers.csv``, sorted by customer_id: ``customer_id, recency_days, frequency, monetary, r_score, f_score, m_score,
        segment, cluster, outlier`` then every feature, then what is expected of them, where that can be told. Scored customers only.
    segments : Segments
        In grid order; only segments that have customers.
    sample : pandas.DataFrame
        At most 2,000 rows of `customers` with the projection's ``x, y``, for scatter plots; chosen by the order of a hash of the id, so it does
        not depend on row order. All rows when there are no more.
    """

    ledger: Ledger
    settings: AnalysisSettings
    overview: Overview
    scorecard: Scorecard
    features: Features
    clustering: Clustering
    segments: Segments
    customers: pd.DataFrame
    sample: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Analysis(Segmentation):
    """All numbers of a report.

    Attributes
    ----------
    fates : dict of str to int
        Every known customer once: ``scored``, ``only_refunds`` or ``without_transactions``.
    balances : tuple of Balance
        All accounts of the run, those of intake last; every one balances.
    replay : Replay or None
        What changed since earlier dates; None where the history is too short.
    backtest : Backtest or None
        None where the record is too short, or held too few customers, to look back.
    expected : ExpectedValue or None
        None where there is no backtest: without a holdout no forecast is held against anything.
    campaign : Plan
        Its members are in the order of `customers`.
    measured : Measured or None
        The campaigns of an earlier run; None where there are none.
    unmeasured : str
        Where such campaigns were found and cannot be used; else empty.
    past : Past or None
        The earlier runs of the series; None where nobody has looked (see `standing.with_past`).
    """

    fates: dict[str, int]
    balances: tuple[Balance, ...]
    replay: Replay | None
    backtest: Backtest | None
    expected: ExpectedValue | None
    campaign: Plan
    measured: Measured | None
    unmeasured: str
    past: Past | None = None

    __repr__ = text_of
    _repr_html_ = html_of


NOTHING_ASKED = Commission()
HELD = ["frequency", "refunds", "monetary"]
"""What is asked of each known customer to the end."""
HANDED_OVER = 2_000_000
"""Customers up to which the certainty of their segments is drawn elsewhere: while others cluster there is no memory for a copy of more."""


def analyse(
    ledger: Ledger,
    settings: AnalysisSettings,
    limit_bytes: int | None = None,
    aside: Aside = at_once,
    commission: Commission = NOTHING_ASKED,
) -> Analysis:
    """Aggregate, explore, score, profile, replay, look back and ahead, measure the last campaigns, cluster, judge and plan.

    Many customers are explored before their features take memory, and clustered when what the engine has stored of the transactions is freed: nothing reads it
    any more, and clustering needs the room. Few are clustered, as soon as they are known, on processors that have nothing else to do while the engine is asked
    for all else.

    Parameters
    ----------
    ledger : Ledger
    settings : AnalysisSettings
    limit_bytes : int, optional
        Memory for all that is done outside the engine.
    aside : Aside
        Builds Ward's tree, runs DBSCAN, makes the draws of the null and of both bootstraps, and hashes the ids, while this process looks ahead and clusters.
    commission : Commission
        What campaigns are planned and measured with.

    Raises
    ------
    ResourceError
        When the customers are too many for `limit_bytes`, before they are clustered.
    UsageError
        When the settings name a grid or a feature that does not exist.
    AssertionError
        When an account does not balance: our fault, never the user's.
    """
    grid = load_grid(settings.rfm)
    known = sum_customers(ledger)
    is_few = len(known) <= FEW
    look = partial(_overview, ledger, known, settings.min_group)
    seen = None if is_few else look()
    scorecard = score(known, grid)
    features = build_features(known, ledger.has, ledger.mode, settings.features)
    _check_memory(limit_bytes, known, features)
    start = partial(begin, features, settings.cluster, aside)
    begun = start() if is_few else None
    aggregates, overview = seen or look()
    segments = profile_segments(ledger, known, scorecard, features, settings.min_group)
    ids, aggregates = known["customer_id"], _slimmed(aggregates)
    del known, look, seen  # of millions of customers they are much, and nobody asks for all of it again
    replayed = replay(ledger, ids, grid, settings)
    past = look_back(ledger, grid, settings.backtest, settings.min_group)
    measured = measure(ledger, ids, commission, settings.campaign, grid.order)
    release(ledger)
    begun = go_on(begun or start(), aside)
    ahead = None if past is None else expect(past, scorecard, ledger.mode == "coupon", settings.lifetime)
    past = None if past is None else past.outcome
    lot, sampled, sure = _draw(scorecard, (ledger.as_of, commission.key), settings.cluster.seed, aside)
    clustering = evaluate(begun, features, (scorecard.frame, grid.order), settings.cluster)
    balances = check_accounts(ledger, aggregates, scorecard, segments, clustering)
    judged = _backtest(past, clustering, settings)
    del past  # which is still more
    drawn = lot.result(), sure()
    campaign = plan(ledger, scorecard, settings, commission, drawn, responses_of(judged, ledger.mode))
    customers = customers_of(scorecard, features, clustering, ahead)
    sample = sample_of(customers, clustering, sampled.result())
    return Analysis(
        ledger, settings, overview, scorecard, features, clustering, segments, customers, sample,
        fates(aggregates.customers), (*balances, *ledger.balances), replayed, judged, ahead, campaign, measured,
        commission.unmeasured,
    )  # fmt: skip


def _draw(
    scorecard: Scorecard, campaign: tuple[date, bytes], seed: int, aside: Aside
) -> tuple[Future[np.ndarray], Future[np.ndarray], Callable[[], Certainty]]:
    """Have drawn: the customers' lots in their campaigns (of a day, with a key), the sample, and, when it is asked for, how sure the segments are."""
    frame, ranked = scorecard.frame, replace(scorecard, frame=scorecard.frame[list(DIMENSIONS)])
    lot = aside(segment_lots, frame["customer_id"], pd.factorize(frame["segment"]), *campaign)
    sampled = aside(sample_rows, frame["customer_id"])
    return lot, sampled, aside_if(len(frame) <= HANDED_OVER, aside, certainty, ranked, seed)


def _overview(ledger: Ledger, customers: pd.DataFrame, least: int) -> tuple[Aggregates, Overview]:
    """All that is summed over the transactions, and what it looks like."""
    aggregates = aggregate(ledger, customers)
    return aggregates, explore(ledger, aggregates, least)


def _check_memory(limit_bytes: int | None, customers: pd.DataFrame, features: Features) -> None:
    """Refuse what would not fit beside the customers that are there."""
    if limit_bytes is not None:
        held = int(customers.memory_usage()[["Index", *HELD]].sum())
        check_memory(len(features.frame), len(features.names), max(0, limit_bytes - held))


def _slimmed(aggregates: Aggregates) -> Aggregates:
    """With what accounts are held by of its customers: all else is in scores, features and segments by now, and there may be millions."""
    return replace(aggregates, customers=aggregates.customers[HELD])


def _backtest(past: Lookback | None, clustering: Clustering, settings: AnalysisSettings) -> Backtest | None:
    if past is None:
        return None
    clusters = None if clustering.chosen is None else clustering.chosen.partition.k
    return backtest(past, clusters, settings.min_group, settings.cluster.seed)


def check_accounts(
    ledger: Ledger,
    aggregates: Aggregates,
    scorecard: Scorecard,
    segments: Segments,
    clustering: Clustering,
) -> tuple[Balance, ...]:
    """Hold the sums over customers, segments and clusters against those over the lines.

    Returns
    -------
    tuple of Balance
        All of them, for the report.

    Raises
    ------
    AssertionError
        Naming the account that does not balance.
    """
    customers, scored = aggregates.customers, scorecard.frame
    made = [
        balance("transactions of the customers", int(customers["frequency"].sum()), aggregates.transactions),
        *_money_balances(ledger, aggregates),
        balance("customers by fate", sum(fates(customers).values()), len(customers)),
        balance("scored customers", len(scored), aggregates.buyers),
        balance("customers of the segments", sum(segment.customers for segment in segments), len(scored)),
    ]
    if clustering.chosen is not None:
        made.append(balance("customers of the clusters", int(clustering.profiles["customers"].sum()), len(scored)))
    value = sum(round(s.monetary * 100) for s in segments)
    return (
        *made,
        balance("value of the segments", value, _cents(scored["monetary"]), unit="cents"),
        balance("transactions of the segments", sum(s.transactions for s in segments), aggregates.transactions),
        balance("transactions of the months", _in_months(aggregates, "transactions"), aggregates.transactions),
        balance("customers with a segment", int(scored["segment"].isin(scorecard.grid.order).sum()), len(scored)),
    )


def _money_balances(ledger: Ledger, aggregates: Aggregates) -> list[Balance]:
    """To the cent; without money there is nothing to hold."""
    if ledger.mode != "money":
        return []
    sums = {
        "money of the customers": _cents(aggregates.customers["monetary"]),
        "money of the months": _in_months(aggregates, "cents"),
    }
    return [balance(account, found, aggregates.cents, unit="cents") for account, found in sums.items()]


def _in_months(aggregates: Aggregates, measure: str) -> int:
    """Sum of the series over months, with what lies long before it."""
    if measure == "cents":
        return _cents(aggregates.monthly["monetary"]) + aggregates.early_cents
    return int(aggregates.monthly["transactions"].sum()) + aggregates.early_transactions


def fates(customers: pd.DataFrame) -> dict[str, int]:
    """Every known customer once: ``scored``, ``only_refunds`` or ``without_transactions``."""
    buys, refunds = customers["frequency"] > 0, customers["refunds"] > 0
    return {
        "scored": int(buys.sum()),
        "only_refunds": int((~buys & refunds).sum()),
        "without_transactions": int((~buys & ~refunds).sum()),
    }


def _cents(values: pd.Series) -> int:
    return int(np.rint(values.to_numpy("float64") * 100).astype("int64").sum())


def customers_of(
    scorecard: Scorecard, features: Features, clustering: Clustering, ahead: ExpectedValue | None = None
) -> pd.DataFrame:
    """The table of ``customers.csv``: scores, segment, cluster, outlier, every feature that is not already there, and what is expected."""
    known = scorecard.frame.assign(cluster=clustering.cluster, outlier=clustering.outlier)
    table = known.join(features.frame[[name for name in features.frame if name not in known]])
    return table if ahead is None or not ahead.fits else table.join(ahead.customers)


def sample_of(customers: pd.DataFrame, clustering: Clustering, rows: np.ndarray) -> pd.DataFrame:
    """Some customers (`sample_rows`) with their place in the projection, sorted by id."""
    return customers.iloc[rows].join(clustering.projection.iloc[rows]).reset_index(drop=True)
