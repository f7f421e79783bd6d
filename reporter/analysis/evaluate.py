"""Judging partitions: indices, null, stability, verdict, choice. Sources: Rousseeuw 1987, Davies & Bouldin 1979, Caliński & Harabasz 1974, Hubert & Arabie 1985."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reporter.analysis.choose import Candidate, Verdict, VerdictLevel, choose, effect_mark, verdict_of
from reporter.analysis.cluster import DensityCurve, Partition, Tree, Way
from reporter.analysis.density import knee
from reporter.analysis.describe import against_segments, blades, list_outliers, printed_numbers, profile, project
from reporter.analysis.features import Features
from reporter.analysis.fit import Begun, Board, Fits, against_null, finish, is_summed_up
from reporter.analysis.null import standard_error, ward_null, ward_stability
from reporter.analysis.points import Points
from reporter.analysis.rules import describe_clusters
from reporter.analysis.settings import ClusterSettings
from reporter.analysis.silhouettes import Judged
from reporter.analysis.threads import one_thread
from reporter.errors import Problem, UsageError

__all__ = ["Candidate", "Clustering", "Verdict", "VerdictLevel", "evaluate"]

JudgeWard = Callable[[Board, Candidate], tuple[Candidate, np.ndarray]]


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """All of the clustering.

    Attributes
    ----------
    candidates : tuple of Candidate
        KMeans k=2..k_max, Ward k=2..k_max, DBSCAN; empty when there are too few customers.
    chosen : Candidate or None
        Whose clusters are shown: that of the rule, unless the settings ask for another method or number.
    ruled : Candidate or None
        What the rule of choice takes; the verdict is on it.
    elbow_k : int or None
        Farthest point of the inertia curve from its chord.
    steps : pandas.DataFrame
        The rule of choice, one row per KMeans candidate: ``k`` · ``effect`` · ``stability`` · ``smallest_share`` · ``admitted`` bool · ``reason`` str:
        ``small cluster`` and ``unstable`` are not admitted; of the admitted, one is ``chosen``, ``replaced`` (by Ward at the same k), ``weaker``
        (smaller effect) or ``larger k`` (an effect as good to 0.01 is had with fewer clusters).
    projection : pandas.DataFrame
        First two principal components of every scored customer: ``x, y`` float (sign fixed: the largest loading is positive).
    explained : tuple of float
        Variance share of the two axes.
    loadings : pandas.DataFrame
        ``feature, x, y``.
    blades : pandas.DataFrame
        Silhouette widths of the chosen partition: ``cluster`` int · ``rank`` int · ``width`` float, at most 400 rows.
    profiles : pandas.DataFrame
        One row per cluster: ``cluster`` int (1..k, as printed) · ``customers`` int · ``share`` float · ``monetary_share`` float · then the median of every kept feature
        (raw units) and ``z_<feature>`` mean of the scaled one.
    rules : pandas.DataFrame
        ``cluster`` int · ``rule`` tuple of (feature, "<="|">", threshold) · ``coverage, precision`` float.
    crosstab : pandas.DataFrame
        Index segment (grid order), columns cluster 1..k, customers.
    agreement : float or None
        Adjusted Rand index of clusters and segments.
    outliers : pandas.DataFrame
        DBSCAN noise: ``customer_id`` · kept features; most extreme first.
    cluster, outlier : numpy.ndarray, shape (n_customers,)
        Printed cluster number 1..k (0 when none chosen) and outlier flag of every scored customer.
    ways : tuple of Way
        How each step was computed and what it may cost: KMeans, Ward, DBSCAN, silhouette, null, stability; empty when there are too few customers.
    """

    candidates: tuple[Candidate, ...]
    chosen: Candidate | None
    ruled: Candidate | None
    verdict: Verdict
    elbow_k: int | None
    steps: pd.DataFrame
    density: DensityCurve | None
    tree: Tree | None
    projection: pd.DataFrame
    explained: tuple[float, ...]
    loadings: pd.DataFrame
    blades: pd.DataFrame
    profiles: pd.DataFrame
    rules: pd.DataFrame
    crosstab: pd.DataFrame
    agreement: float | None
    outliers: pd.DataFrame
    cluster: np.ndarray
    outlier: np.ndarray
    ways: tuple[Way, ...]


WARD_MARGIN = 0.02
"""How much higher Ward's silhouette must be to replace KMeans at the same k."""


def evaluate(
    begun: Begun, features: Features, named: tuple[pd.DataFrame, tuple[str, ...]], settings: ClusterSettings
) -> Clustering:
    """Cluster by all three methods, judge every candidate, choose one by rule and give the verdict.

    Parameters
    ----------
    begun : Begun
        What `begin` made of these features and settings.
    named
        As for `decide`.

    Raises
    ------
    UsageError
        When the settings ask for a number of clusters that these customers do not allow.
    """
    return decide(finish(begun), features, named, settings)


def decide(
    fits: Fits,
    features: Features,
    named: tuple[pd.DataFrame, tuple[str, ...]],
    settings: ClusterSettings,
    judge: JudgeWard | None = None,
) -> Clustering:
    """Choose one of the fits by rule, give the verdict, and describe it, or the one that the settings ask for.

    Parameters
    ----------
    fits : Fits
        Of these features.
    named : (pandas.DataFrame, tuple of str)
        ``Scorecard.frame``, and the segments in grid order.
    judge : callable, optional
        `judge_ward`, perhaps with a memory: it draws a null of its own.

    Raises
    ------
    UsageError
        When the settings ask for a number of clusters that these customers do not allow.
    """
    with one_thread():
        board = replace(fits.board, settings=settings)
        if not fits.candidates:
            return _too_few(features, board.points, settings)
        return _decide(replace(fits, board=board), features, named, judge or judge_ward)


def crossed(clustering: Clustering, named: tuple[pd.DataFrame, tuple[str, ...]]) -> Clustering:
    """The same clusters against other segments, which is all that they have to do with the grid.

    Parameters
    ----------
    named : (pandas.DataFrame, tuple of str)
        ``Scorecard.frame`` of the same customers, and the segments in grid order.
    """
    if clustering.chosen is None:
        return clustering
    crosstab, agreement = against_segments(named[0]["segment"], clustering.cluster, named[1])
    return replace(clustering, crosstab=crosstab, agreement=agreement)


def _decide(
    fits: Fits, features: Features, named: tuple[pd.DataFrame, tuple[str, ...]], judge: JudgeWard
) -> Clustering:
    board, ks = fits.board, fits.ks
    ruled, steps, mark = _chosen(fits, judge)
    chosen = _asked(fits, ruled, judge)
    own = {each.partition.method + str(each.partition.k): each for each in (chosen, ruled)}
    candidates = [own.get(c.partition.method + str(c.partition.k), c) for c in fits.candidates]
    widths = fits.judged[next(i for i, c in enumerate(candidates) if c is chosen)]
    place = ruled.partition.k - ks[0]
    return replace(
        _describe(features, named, board, (chosen, widths, candidates[2 * len(ks) :])),
        candidates=tuple(candidates),
        ruled=ruled,
        verdict=verdict_of(ruled, mark, board.settings),
        elbow_k=_elbow(ks, [c.partition for c in candidates[: len(ks)]]),
        steps=steps,
        density=fits.density,
        tree=fits.tree,
        ways=(
            *fits.ways,
            _silhouette_way(board, candidates),
            board.way("null", standard_error(fits.null[:, place])),
            board.way("stability", standard_error(fits.agreement[:, place])),
        ),
    )


def _elbow(ks: range, kmeans: Sequence[Partition]) -> int | None:
    if len(ks) <= 2:
        return None
    return ks[knee(np.array(ks, dtype="float64"), np.array([p.inertia for p in kmeans]))]


def _too_few(features: Features, points: Points, settings: ClusterSettings) -> Clustering:
    n = len(features.frame)
    empty = pd.DataFrame()
    has_axes = n > 0 and bool(features.names)
    flat = pd.DataFrame({"x": np.zeros(n), "y": np.zeros(n)}), (), pd.DataFrame(columns=["feature", "x", "y"])
    projection, explained, loadings = project(points, features.names) if has_axes else flat
    return Clustering(
        candidates=(), chosen=None, ruled=None, verdict=Verdict("none", None, settings.effect, None, settings.stability, "too few"), elbow_k=None,
        steps=pd.DataFrame(columns=["k", "effect", "stability", "smallest_share", "admitted", "reason"]), density=None, tree=None,
        projection=projection, explained=explained, loadings=loadings,
        blades=pd.DataFrame(columns=["cluster", "rank", "width"]), profiles=empty,
        rules=pd.DataFrame(columns=["cluster", "rule", "coverage", "precision"]), crosstab=empty, agreement=None,
        outliers=features.frame.loc[[], ["customer_id", *features.names]],
        cluster=np.zeros(n, dtype="int8"), outlier=np.zeros(n, dtype=bool), ways=(),
    )  # fmt: skip


def _silhouette_way(board: Board, candidates: Sequence[Candidate]) -> Way:
    if not is_summed_up(board):
        return Way("silhouette", "all", len(board.points.x), None)
    errors = [c.silhouette_error for c in candidates if c.partition.method != "dbscan"]
    return Way("silhouette", "leaves", len(board.leaves[2].mass), max(e for e in errors if e is not None))


def _chosen(fits: Fits, judge: JudgeWard) -> tuple[Candidate, pd.DataFrame, float | None]:
    """The chosen candidate, the rule's steps, and the effect that it must exceed."""
    kmeans = fits.candidates[: len(fits.ks)]
    choice = choose(kmeans, fits.board.settings)
    chosen = kmeans[choice.place]
    challenger, mark = _ward_instead(fits, chosen, judge)
    if challenger is not None:
        return challenger, choice.steps.replace({"reason": {"chosen": "replaced"}}), mark
    return (
        chosen,
        choice.steps,
        effect_mark(fits.null[:, list(choice.pool)], choice.pool.index(choice.place), fits.board.settings),
    )


def _ward_instead(fits: Fits, chosen: Candidate, judge: JudgeWard) -> tuple[Candidate | None, float | None]:
    """Ward at the chosen k, judged like KMeans, when it is clearly better separated and no cluster is too small."""
    settings, k = fits.board.settings, chosen.partition.k
    ward = next(c for c in fits.candidates if c.partition.method == "ward" and c.partition.k == k)
    better = ward.silhouette is not None and ward.silhouette > (chosen.silhouette or 0.0) + WARD_MARGIN
    if not better or ward.smallest_share < settings.min_share:
        return None, None
    judged, null = judge(fits.board, ward)
    return judged, effect_mark(null, 0, settings)


def judge_ward(board: Board, ward: Candidate) -> tuple[Candidate, np.ndarray]:
    """A candidate of Ward with its own null and stability, and the silhouettes of that null."""
    x, weight, labels = board.drawn, board.sample_weight, ward.partition.at[board.sample]
    null = ward_null(x, weight, ward.partition.k, board.settings.null_draws, board.rng(3))[:, None]
    stability = ward_stability(x, weight, labels, board.settings.bootstraps, board.rng(5))
    return against_null([ward], null, [] if stability is None else [stability])[0], null


def _asked(fits: Fits, ruled: Candidate, judge: JudgeWard) -> Candidate:
    """What the settings ask for, judged like the choice of the rule; that choice where they ask for nothing else."""
    asked, taken = fits.board.settings, ruled.partition
    k = asked.k or taken.k
    method = (taken.method if k == taken.k else "kmeans") if asked.method == "auto" else asked.method
    found = next((c for c in fits.candidates if (c.partition.method, c.partition.k) == (method, k)), None)
    if found is None:
        most = fits.ks[-1]
        raise UsageError(
            Problem(
                "cluster.k",
                f"{k} clusters cannot be made: these customers allow 2 to {most}.",
                f"Set a number from 2 to {most}, or 0 for the rule of choice.",
            )
        )
    if found.partition is taken:
        return ruled
    return judge(fits.board, found)[0] if method == "ward" else found


def _describe(
    features: Features,
    named: tuple[pd.DataFrame, tuple[str, ...]],
    board: Board,
    found: tuple[Candidate, Judged, Sequence[Candidate]],
) -> Clustering:
    """The chosen partition in pictures and tables; candidates, verdict and curves are still to be filled in."""
    chosen, judged, density = found
    (scores, order), points = named, board.points
    number = printed_numbers(chosen.partition, points, scores["monetary"].to_numpy())
    cluster = number[chosen.partition.at][points.index]
    noise = [(p.at < 0)[points.index] for p in (each.partition for each in density)]
    outlier = noise[0] if noise else np.zeros(len(cluster), dtype=bool)
    projection, explained, loadings = project(points, features.names)
    crosstab, agreement = against_segments(scores["segment"], cluster, order)
    return replace(
        _too_few(features, points, board.settings),
        chosen=chosen,
        projection=projection,
        explained=explained,
        loadings=loadings,
        blades=blades(judged.widths, judged.weight, number[judged.place]),
        profiles=profile(features, scores, cluster),
        rules=describe_clusters(features.frame[list(features.names)], cluster),
        crosstab=crosstab,
        agreement=agreement,
        outliers=list_outliers(features, outlier),
        cluster=cluster,
        outlier=outlier,
    )
