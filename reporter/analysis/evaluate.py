"""Judging partitions: indices, null, stability, verdict, choice. Sources: Rousseeuw 1987, Davies & Bouldin 1979, Caliński & Harabasz 1974, Hubert & Arabie 1985."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis import cluster as methods
from reporter.analysis.choose import Candidate, Verdict, VerdictLevel, choose, effect_mark, verdict_of
from reporter.analysis.cluster import DensityCurve, Partition, Tree, Way
from reporter.analysis.density import knee
from reporter.analysis.describe import against_segments, blades, list_outliers, printed_numbers, profile, project
from reporter.analysis.features import Features
from reporter.analysis.indices import calinski_harabasz, davies_bouldin
from reporter.analysis.leaves import Leaves, summarise
from reporter.analysis.null import (
    kmeans_agreement,
    kmeans_null,
    mean_agreement,
    standard_error,
    ward_null,
    ward_stability,
)
from reporter.analysis.points import Points, collapse
from reporter.analysis.rules import describe_clusters
from reporter.analysis.settings import ClusterSettings
from reporter.analysis.silhouettes import Judged, exact, leaf_limits, summarised
from reporter.analysis.threads import one_thread
from reporter.aside import Aside, at_once
from reporter.errors import Problem, UsageError

__all__ = ["Candidate", "Clustering", "Verdict", "VerdictLevel", "evaluate"]


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


MIN_CUSTOMERS = 50
MIN_POINTS = 8
SAMPLE_POINTS = 20_000
"""Distinct customers up to which null and stability draw from all; above, from so many customers drawn by chance."""
WARD_MARGIN = 0.02
"""How much higher Ward's silhouette must be to replace KMeans at the same k."""


@dataclass(frozen=True, slots=True, eq=False)
class _Bench:
    """Everything that all candidates are judged with.

    Null and stability draw from a `sample` of the points with `sample_weight` customers each: all points when there are few. `leaves` are summaries,
    one for the starts of KMeans, two for silhouettes and one for Ward; none when there are few.
    """

    points: Points
    sample: np.ndarray
    sample_weight: np.ndarray
    leaves: tuple[Leaves, ...]
    settings: ClusterSettings

    @property
    def drawn(self) -> np.ndarray:
        """The points of the sample."""
        return self.points.x if len(self.sample) == len(self.points.x) else self.points.x[self.sample]

    def rng(self, purpose: int) -> np.random.Generator:
        """A generator of its own for each purpose, so that one more draw here changes nothing there."""
        return np.random.default_rng([self.settings.seed, purpose])

    def way(self, step: Literal["null", "stability"], error: float | None) -> Way:
        """How null and stability were drawn."""
        if len(self.sample) == len(self.points.x):
            return Way(step, "all", len(self.sample), error)
        return Way(step, "sample", int(self.sample_weight.sum()), error)


def evaluate(
    features: Features, scores: pd.DataFrame, order: tuple[str, ...], settings: ClusterSettings, aside: Aside = at_once
) -> Clustering:
    """Cluster by all three methods, judge every candidate, choose one by rule and give the verdict.

    Parameters
    ----------
    scores : pandas.DataFrame
        ``Scorecard.frame``: the same customers in the same order as ``features.frame``.
    order : tuple of str
        Segments in grid order.
    aside : Aside
        Builds Ward's tree and makes the draws of the null and of the bootstrap, while this process clusters.

    Raises
    ------
    UsageError
        When the settings ask for a number of clusters that these customers do not allow.
    """
    with one_thread():
        return _evaluate(features, scores, order, settings, aside)


def _evaluate(
    features: Features, scores: pd.DataFrame, order: tuple[str, ...], settings: ClusterSettings, aside: Aside
) -> Clustering:
    points = collapse(features.matrix)
    if len(scores) < MIN_CUSTOMERS or len(points.x) < MIN_POINTS or not features.names:
        return _too_few(features, points, settings)
    bench = _bench(points, settings)
    ks = range(2, max(2, min(settings.k_max, len(points.x) - 1)) + 1)
    drawn_null = aside(kmeans_null, bench.drawn, bench.sample_weight, ks, settings.null_draws, bench.rng(1))
    ward_leaves = bench.leaves[3] if len(points.x) > methods.WARD_LIMIT else None
    growing = methods.grow(points, ward_leaves, aside)
    kmeans = methods.kmeans(points, ks, bench.rng(0), bench.leaves[0] if bench.leaves else None)
    drawn_agreement = _agreement(bench, kmeans.partitions, aside)
    density, curve = methods.dbscan(points, settings.eps)
    ward, tree = methods.ward(points, ks, growing.result(), ward_leaves)
    partitions = (*kmeans.partitions, *ward.partitions, *density.partitions)
    judged = _judged(bench, partitions)
    candidates = [_candidate(bench, p, j) for p, j in zip(partitions, judged, strict=True)]
    null, agreement = drawn_null.result(), drawn_agreement.result()
    candidates[: len(ks)] = _against_null(candidates[: len(ks)], null, mean_agreement(agreement))
    ruled, steps, mark = _chosen(bench, candidates, null)
    chosen = _asked(bench, candidates, ruled)
    candidates = [next((own for own in (ruled, chosen) if own.partition is c.partition), c) for c in candidates]
    widths = judged[next(i for i, c in enumerate(candidates) if c is chosen)]
    result = _describe(features, scores, order, bench, (chosen, widths, density))
    return replace(
        result,
        candidates=tuple(candidates),
        ruled=ruled,
        verdict=verdict_of(ruled, mark, settings),
        elbow_k=_elbow(ks, kmeans.partitions),
        steps=steps,
        density=curve,
        tree=tree,
        ways=(
            kmeans.way,
            ward.way,
            density.way,
            _silhouette_way(bench, candidates),
            bench.way("null", standard_error(null[:, ruled.partition.k - ks[0]])),
            bench.way("stability", standard_error(agreement[:, ruled.partition.k - ks[0]])),
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


def _bench(points: Points, settings: ClusterSettings) -> _Bench:
    every = np.arange(len(points.x))
    leaves: tuple[Leaves, ...] = ()
    if len(every) > methods.EXACT_POINTS:
        leaves = summarise(
            points.x, points.weight, (methods.START_LEAVES, *leaf_limits(points.x.shape[1]), methods.WARD_LEAVES)
        )
    if len(every) <= SAMPLE_POINTS:
        return _Bench(points, every, points.weight, leaves, settings)
    rng = np.random.default_rng([settings.seed, 4])
    reach = np.cumsum(points.weight)
    drawn = np.searchsorted(reach, np.sort(rng.random(SAMPLE_POINTS)) * reach[-1], side="right")
    sample, counts = np.unique(drawn, return_counts=True)
    return _Bench(points, sample, counts.astype("float64"), leaves, settings)


def _judged(bench: _Bench, partitions: Sequence[Partition]) -> list[Judged]:
    labelings = [p.at for p in partitions]
    if _is_summed_up(bench):
        return summarised(bench.points, labelings, (bench.leaves[1], bench.leaves[2]))
    return exact(bench.points, labelings)


def _is_summed_up(bench: _Bench) -> bool:
    """Whether silhouettes run between leaves: not where these would be the points themselves."""
    return bool(bench.leaves) and len(bench.points.x) > leaf_limits(bench.points.x.shape[1])[1]


def _silhouette_way(bench: _Bench, candidates: Sequence[Candidate]) -> Way:
    if not _is_summed_up(bench):
        return Way("silhouette", "all", len(bench.points.x), None)
    errors = [c.silhouette_error for c in candidates if c.partition.method != "dbscan"]
    return Way("silhouette", "leaves", len(bench.leaves[2].mass), max(e for e in errors if e is not None))


def _candidate(bench: _Bench, partition: Partition, judged: Judged) -> Candidate:
    x, weight, labels = bench.points.x, bench.points.weight, partition.at
    total, inside = float(weight.sum()), labels >= 0
    sizes = np.bincount(labels[inside], weights=weight[inside], minlength=1) / total
    known = None if partition.method == "kmeans" else partition.inertia
    return Candidate(
        partition=partition, silhouette=judged.value, davies_bouldin=davies_bouldin(x, weight, labels),
        calinski_harabasz=calinski_harabasz(x, weight, labels, known), null_silhouette=None, null_low=None, null_high=None, stability=None,
        smallest_share=float(sizes.min()), noise_share=float(weight[~inside].sum()) / total, silhouette_error=judged.error,
    )  # fmt: skip


def _agreement(bench: _Bench, partitions: Sequence[Partition], aside: Aside) -> Future[np.ndarray]:
    fits = {p.k: p.at[bench.sample] for p in partitions}
    return aside(kmeans_agreement, bench.drawn, bench.sample_weight, fits, bench.settings.bootstraps, bench.rng(2))


def _against_null(candidates: Sequence[Candidate], null: np.ndarray, stability: Sequence[float]) -> list[Candidate]:
    """Candidates with mean and band of their column of the null, and their stability."""
    found = []
    for place, (candidate, column) in enumerate(zip(candidates, null.T, strict=True)):
        drawn = column[~np.isnan(column)]
        low, high = np.quantile(drawn, [0.05, 0.95]).tolist() if len(drawn) else (None, None)
        mean = float(drawn.mean()) if len(drawn) else None
        stable = stability[place] if len(stability) else None
        found.append(replace(candidate, null_silhouette=mean, null_low=low, null_high=high, stability=stable))
    return found


def _chosen(
    bench: _Bench, candidates: Sequence[Candidate], null: np.ndarray
) -> tuple[Candidate, pd.DataFrame, float | None]:
    """The chosen candidate, the rule's steps, and the effect that it must exceed."""
    kmeans = [c for c in candidates if c.partition.method == "kmeans"]
    choice = choose(kmeans, bench.settings)
    chosen = kmeans[choice.place]
    challenger, mark = _ward_instead(bench, chosen, candidates)
    if challenger is not None:
        return challenger, choice.steps.replace({"reason": {"chosen": "replaced"}}), mark
    return (
        chosen,
        choice.steps,
        effect_mark(null[:, list(choice.pool)], choice.pool.index(choice.place), bench.settings),
    )


def _ward_instead(
    bench: _Bench, chosen: Candidate, candidates: Sequence[Candidate]
) -> tuple[Candidate | None, float | None]:
    """Ward at the chosen k, judged like KMeans, when it is clearly better separated and no cluster is too small."""
    settings, k = bench.settings, chosen.partition.k
    ward = next(c for c in candidates if c.partition.method == "ward" and c.partition.k == k)
    better = ward.silhouette is not None and ward.silhouette > (chosen.silhouette or 0.0) + WARD_MARGIN
    if not better or ward.smallest_share < settings.min_share:
        return None, None
    judged, null = _ward_judged(bench, ward)
    return judged, effect_mark(null, 0, settings)


def _ward_judged(bench: _Bench, ward: Candidate) -> tuple[Candidate, np.ndarray]:
    """A candidate of Ward with its own null and stability, and the silhouettes of that null."""
    x, weight, labels = bench.drawn, bench.sample_weight, ward.partition.at[bench.sample]
    null = ward_null(x, weight, ward.partition.k, bench.settings.null_draws, bench.rng(3))[:, None]
    stability = ward_stability(x, weight, labels, bench.settings.bootstraps, bench.rng(5))
    return _against_null([ward], null, [] if stability is None else [stability])[0], null


def _asked(bench: _Bench, candidates: Sequence[Candidate], ruled: Candidate) -> Candidate:
    """What the settings ask for, judged like the choice of the rule; that choice where they ask for nothing else."""
    asked, taken = bench.settings, ruled.partition
    k = asked.k or taken.k
    method = (taken.method if k == taken.k else "kmeans") if asked.method == "auto" else asked.method
    found = next((c for c in candidates if (c.partition.method, c.partition.k) == (method, k)), None)
    if found is None:
        most = max(c.partition.k for c in candidates if c.partition.method == "kmeans")
        raise UsageError(
            Problem(
                "cluster.k",
                f"{k} clusters cannot be made: these customers allow 2 to {most}.",
                f"Set a number from 2 to {most}, or 0 for the rule of choice.",
            )
        )
    if found.partition is taken:
        return ruled
    return _ward_judged(bench, found)[0] if method == "ward" else found


def _describe(
    features: Features,
    scores: pd.DataFrame,
    order: tuple[str, ...],
    bench: _Bench,
    found: tuple[Candidate, Judged, methods.Found],
) -> Clustering:
    """The chosen partition in pictures and tables; candidates, verdict and curves are still to be filled in."""
    chosen, judged, density = found
    points = bench.points
    number = printed_numbers(chosen.partition, points, scores["monetary"].to_numpy())
    cluster = number[chosen.partition.at][points.index]
    noise = [(p.at < 0)[points.index] for p in density.partitions]
    outlier = noise[0] if noise else np.zeros(len(cluster), dtype=bool)
    projection, explained, loadings = project(points, features.names)
    crosstab, agreement = against_segments(scores["segment"], cluster, order)
    return replace(
        _too_few(features, points, bench.settings),
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
