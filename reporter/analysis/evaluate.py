"""Judging partitions: indices, null, stability, verdict, choice. Sources: Rousseeuw 1987, Davies & Bouldin 1979, Caliński & Harabasz 1974, Hubert & Arabie 1985."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reporter.analysis import cluster as methods
from reporter.analysis.choose import Candidate, Verdict, VerdictLevel, choose, effect_mark, verdict_of
from reporter.analysis.cluster import DensityCurve, Partition, Points, Tree
from reporter.analysis.density import knee
from reporter.analysis.describe import against_segments, blades, list_outliers, printed_numbers, profile, project
from reporter.analysis.features import Features
from reporter.analysis.indices import calinski_harabasz, davies_bouldin, silhouette_widths
from reporter.analysis.kmeans import Fit
from reporter.analysis.null import kmeans_null, kmeans_stability, ward_null, ward_stability
from reporter.analysis.rules import describe_clusters
from reporter.analysis.settings import ClusterSettings
from reporter.analysis.threads import one_thread

__all__ = ["Candidate", "Clustering", "Verdict", "VerdictLevel", "evaluate"]


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """All of the clustering.

    Attributes
    ----------
    candidates : tuple of Candidate
        KMeans k=2..k_max, Ward k=2..k_max, DBSCAN; empty when there are too few customers.
    chosen : Candidate or None
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
    """

    candidates: tuple[Candidate, ...]
    chosen: Candidate | None
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


MIN_CUSTOMERS = 50
MIN_POINTS = 8
EXACT_SILHOUETTE = 10_000
"""Distinct customers up to which silhouettes are exact."""
SAMPLE_ROWS = 2_000
SAMPLE_POINTS = 20_000
WARD_MARGIN = 0.02
"""How much higher Ward's silhouette must be to replace KMeans at the same k."""


@dataclass(frozen=True, slots=True, eq=False)
class _Bench:
    """Everything that all candidates are judged with.

    Silhouettes are measured on some `rows` of a `sample` of the points; both are all points when there are few.
    """

    points: Points
    sample: np.ndarray
    sample_weight: np.ndarray
    rows: np.ndarray
    row_weight: np.ndarray
    exact: bool
    settings: ClusterSettings

    def rng(self, purpose: int) -> np.random.Generator:
        """A generator of its own for each purpose, so that one more draw here changes nothing there."""
        return np.random.default_rng([self.settings.seed, purpose])


def evaluate(features: Features, scores: pd.DataFrame, order: tuple[str, ...], settings: ClusterSettings) -> Clustering:
    """Cluster by all three methods, judge every candidate, choose one by rule and give the verdict.

    Parameters
    ----------
    scores : pandas.DataFrame
        ``Scorecard.frame``: the same customers in the same order as ``features.frame``.
    order : tuple of str
        Segments in grid order.
    """
    with one_thread():
        return _evaluate(features, scores, order, settings)


def _evaluate(
    features: Features, scores: pd.DataFrame, order: tuple[str, ...], settings: ClusterSettings
) -> Clustering:
    points = methods.collapse(features.matrix)
    if len(scores) < MIN_CUSTOMERS or len(points.x) < MIN_POINTS or not features.names:
        return _too_few(features, points, settings)
    bench = _bench(points, settings)
    ks = range(2, max(2, min(settings.k_max, len(points.x) - 1)) + 1)
    kmeans = methods.kmeans(points, ks, bench.rng(0))
    ward, tree = methods.ward(points, ks)
    density, curve = methods.dbscan(points)
    partitions = (*kmeans, *ward, *((density,) if density else ()))
    widths = _widths(bench, partitions)
    candidates = [_candidate(bench, p, w) for p, w in zip(partitions, widths, strict=True)]
    null = kmeans_null(points.x, points.weight, ks, settings.null_draws, bench.rng(1))
    candidates[: len(ks)] = _against_null(candidates[: len(ks)], null, _stability(bench, kmeans))
    chosen, steps, mark = _chosen(bench, candidates, null)
    candidates = [chosen if c.partition is chosen.partition else c for c in candidates]
    chosen_widths = widths[next(i for i, c in enumerate(candidates) if c is chosen)]
    result = _describe(features, scores, order, bench, (chosen, chosen_widths, density))
    return replace(
        result,
        candidates=tuple(candidates),
        verdict=verdict_of(chosen, mark, settings),
        elbow_k=ks[knee(np.array(ks, dtype="float64"), np.array([p.inertia for p in kmeans]))] if len(ks) > 2 else None,
        steps=steps,
        density=curve,
        tree=tree,
    )


def _too_few(features: Features, points: Points, settings: ClusterSettings) -> Clustering:
    n = len(features.frame)
    empty = pd.DataFrame()
    has_axes = n > 0 and bool(features.names)
    flat = pd.DataFrame({"x": np.zeros(n), "y": np.zeros(n)}), (), pd.DataFrame(columns=["feature", "x", "y"])
    projection, explained, loadings = project(points, features.names) if has_axes else flat
    return Clustering(
        candidates=(), chosen=None, verdict=Verdict("none", None, settings.effect, None, settings.stability, "too few"), elbow_k=None,
        steps=pd.DataFrame(columns=["k", "effect", "stability", "smallest_share", "admitted", "reason"]), density=None, tree=None,
        projection=projection, explained=explained, loadings=loadings,
        blades=pd.DataFrame(columns=["cluster", "rank", "width"]), profiles=empty,
        rules=pd.DataFrame(columns=["cluster", "rule", "coverage", "precision"]), crosstab=empty, agreement=None,
        outliers=features.frame.loc[[], ["customer_id", *features.names]],
        cluster=np.zeros(n, dtype="int64"), outlier=np.zeros(n, dtype=bool),
    )  # fmt: skip


def _bench(points: Points, settings: ClusterSettings) -> _Bench:
    """Few points: all of them. More: 2,000 customers, their distances to all; very many: to 20,000 customers drawn by chance."""
    every = np.arange(len(points.x))
    if len(every) <= EXACT_SILHOUETTE:
        return _Bench(points, every, points.weight, every, points.weight, True, settings)
    rng = np.random.default_rng([settings.seed, 4])
    share = points.weight / points.weight.sum()
    sample, mass = every, points.weight
    if len(every) > SAMPLE_POINTS:
        drawn = rng.multinomial(SAMPLE_POINTS, share)
        sample = np.flatnonzero(drawn)
        mass = drawn[sample].astype("float64")
    rows = np.sort(rng.choice(len(sample), SAMPLE_ROWS, p=mass / mass.sum()))
    return _Bench(points, sample, mass, rows, np.ones(SAMPLE_ROWS), False, settings)


def _widths(bench: _Bench, partitions: Sequence[Partition]) -> list[np.ndarray]:
    labelings = [_dense(methods.on_points(p.labels, bench.points)[bench.sample]) for p in partitions]
    return silhouette_widths(bench.points.x[bench.sample], bench.sample_weight, labelings, bench.rows)


def _dense(labels: np.ndarray) -> np.ndarray:
    """Labels 0..k-1 without gaps (a tiny cluster may be missing in a sample); -1 stays."""
    names, number = np.unique(labels, return_inverse=True)
    return np.asarray(number - 1 if names[0] < 0 else number)


def _candidate(bench: _Bench, partition: Partition, widths: np.ndarray) -> Candidate:
    x, weight = bench.points.x, bench.points.weight
    labels = methods.on_points(partition.labels, bench.points)
    valid = ~np.isnan(widths)
    mean = float(np.average(widths[valid], weights=bench.row_weight[valid])) if valid.any() else None
    error = float(widths[valid].std(ddof=1) / np.sqrt(valid.sum())) if not bench.exact and valid.sum() > 1 else None
    sizes = np.bincount(partition.labels[partition.labels >= 0], minlength=1) / len(partition.labels)
    return Candidate(
        partition=partition, silhouette=mean, davies_bouldin=davies_bouldin(x, weight, labels),
        calinski_harabasz=calinski_harabasz(x, weight, labels), null_silhouette=None, null_low=None, null_high=None, stability=None,
        smallest_share=float(sizes.min()), noise_share=float(np.mean(partition.labels < 0)), silhouette_error=error,
    )  # fmt: skip


def _stability(bench: _Bench, partitions: Sequence[Partition]) -> dict[int, float]:
    fits = {p.k: Fit(np.empty((0, 0)), methods.on_points(p.labels, bench.points), p.inertia) for p in partitions}
    return kmeans_stability(bench.points.x, bench.points.weight, fits, bench.settings.bootstraps, bench.rng(2))


def _against_null(candidates: Sequence[Candidate], null: np.ndarray, stability: dict[int, float]) -> list[Candidate]:
    """Candidates with mean and band of their column of the null, and their stability."""
    found = []
    for candidate, column in zip(candidates, null.T, strict=True):
        drawn = column[~np.isnan(column)]
        low, high = np.quantile(drawn, [0.05, 0.95]).tolist() if len(drawn) else (None, None)
        mean = float(drawn.mean()) if len(drawn) else None
        stable = stability.get(candidate.partition.k)
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
    x, weight = bench.points.x, bench.points.weight
    null = ward_null(x, weight, k, settings.null_draws, bench.rng(3))[:, None]
    labels = methods.on_points(ward.partition.labels, bench.points)
    stability = ward_stability(x, weight, labels, settings.bootstraps, bench.rng(5))
    judged = _against_null([ward], null, {} if stability is None else {k: stability})[0]
    return judged, effect_mark(null, 0, settings)


def _describe(
    features: Features,
    scores: pd.DataFrame,
    order: tuple[str, ...],
    bench: _Bench,
    found: tuple[Candidate, np.ndarray, Partition | None],
) -> Clustering:
    """The chosen partition in pictures and tables; candidates, verdict and curves are still to be filled in."""
    chosen, widths, density = found
    points = bench.points
    cluster = printed_numbers(chosen.partition.labels, features.matrix, scores["monetary"].to_numpy())
    outlier = density.labels < 0 if density else np.zeros(len(cluster), dtype=bool)
    projection, explained, loadings = project(points, features.names)
    crosstab, agreement = against_segments(scores["segment"], cluster, order)
    return replace(
        _too_few(features, points, bench.settings),
        chosen=chosen,
        projection=projection,
        explained=explained,
        loadings=loadings,
        blades=blades(widths, bench.row_weight, methods.on_points(cluster, points)[bench.sample][bench.rows]),
        profiles=profile(features, scores, cluster),
        rules=describe_clusters(features.frame[list(features.names)], cluster),
        crosstab=crosstab,
        agreement=agreement,
        outliers=list_outliers(features, outlier),
        cluster=cluster,
        outlier=outlier,
    )
