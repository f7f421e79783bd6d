"""The rule of choice and the verdict, as data and as pure functions: no fit, no draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.cluster import Partition
from reporter.analysis.settings import ClusterSettings

VerdictLevel = Literal["real", "weak", "none"]


OCCAM = 0.01
"""Effects that close count as equal: the smaller k wins."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A partition with all that is said about it. Indices are None where undefined (fewer than two clusters).

    Attributes
    ----------
    null_silhouette, null_low, null_high : float or None
        Mean, 5 % and 95 % of the silhouette of the same method and k on Gaussian-copula draws (KMeans only).
    stability : float or None
        Mean adjusted Rand index against bootstrap refits (KMeans only).
    smallest_share, noise_share : float
        Of all customers.
    silhouette_error : float or None
        How much `silhouette` changes with half as many summary points, where there are more than 10,000 distinct customers; None: exact.
        Noise is left out of all three indices.
    """

    partition: Partition
    silhouette: float | None
    davies_bouldin: float | None
    calinski_harabasz: float | None
    null_silhouette: float | None
    null_low: float | None
    null_high: float | None
    stability: float | None
    smallest_share: float
    noise_share: float
    silhouette_error: float | None = None

    @property
    def effect(self) -> float | None:
        """Silhouette above the null mean."""
        if self.silhouette is None or self.null_silhouette is None:
            return None
        return self.silhouette - self.null_silhouette


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether natural groups exist.

    ``real``: the chosen partition is at least `effect_needed` above its null, above the null's 95 % mark, and at least `stability_needed` stable.
    ``weak``: above the null's 95 % mark but one of the other two fails. ``none``: not even that. `reason` says what failed; ``too few``: fewer than 50 customers or 8 distinct ones, or each partition has a cluster under the
    smallest share, so that it only sets a handful apart.

    `mark` is the effect at the null's 95 % mark. The choice takes the best of several k, so the mark is that of the best k of each draw; and it is at
    least half of `effect_needed`, because no table is exactly a Gaussian copula and a difference that small is no group.
    """

    level: VerdictLevel
    effect: float | None
    effect_needed: float
    stability: float | None
    stability_needed: float
    reason: Literal["passed", "effect", "stability", "null", "too few"]
    mark: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Place of the chosen candidate, the places that could be chosen, and the rule's steps (as ``Clustering.steps``)."""

    place: int
    pool: tuple[int, ...]
    steps: pd.DataFrame


def choose(kmeans: Sequence[Candidate], settings: ClusterSettings) -> Choice:
    """Choose among the KMeans candidates.

    Admitted is who has no cluster under the smallest share and, when any such candidate is stable, is stable. Among the admitted the largest effect
    wins, but a smaller k whose effect is as good to 0.01 is preferred. When nobody is admitted, the candidate with the largest smallest cluster is
    taken, which the verdict then calls none.
    """
    large = [round(c.smallest_share, 10) >= settings.min_share for c in kmeans]
    stable = [c.stability is not None and round(c.stability, 10) >= settings.stability for c in kmeans]
    some_stable = any(size and firm for size, firm in zip(large, stable, strict=True))
    admitted = [size and (firm or not some_stable) for size, firm in zip(large, stable, strict=True)]
    pool = [i for i, good in enumerate(admitted) if good] or [
        max(range(len(kmeans)), key=lambda i: kmeans[i].smallest_share)
    ]
    strength = {i: round(_strength(kmeans[i]), 10) for i in pool}
    near = [i for i in pool if strength[i] >= max(strength.values()) - OCCAM]
    reasons = ["unstable" if size else "small cluster" for size in large]
    for i in pool:
        reasons[i] = "chosen" if i == near[0] else "larger k" if i in near else "weaker"
    return Choice(near[0], tuple(pool), steps_table(kmeans, admitted, reasons))


def steps_table(kmeans: Sequence[Candidate], admitted: Sequence[bool], reasons: Sequence[str]) -> pd.DataFrame:
    """Rows of ``Clustering.steps``."""
    return pd.DataFrame(
        {
            "k": [c.partition.k for c in kmeans],
            "effect": np.array([c.effect for c in kmeans], dtype="float64"),
            "stability": np.array([c.stability for c in kmeans], dtype="float64"),
            "smallest_share": [c.smallest_share for c in kmeans],
            "admitted": list(admitted),
            "reason": list(reasons),
        }
    )


def _strength(candidate: Candidate) -> float:
    """Effect, or the silhouette itself when no null was drawn."""
    if candidate.effect is not None:
        return candidate.effect
    return candidate.silhouette if candidate.silhouette is not None else -1.0


def effect_mark(null: np.ndarray, place: int, settings: ClusterSettings) -> float | None:
    """Effect that the chosen k must exceed.

    In standard deviations of its own null it must beat the 95 % quantile, over draws, of the best k of the draw; and it must be at least half of
    the effect needed.

    Parameters
    ----------
    null : numpy.ndarray, shape (draws, n_choices)
        Silhouettes of the null for every k that could be chosen.
    place : int
        Column of the chosen k.
    """
    drawn = null[~np.isnan(null).any(axis=1)]
    if len(drawn) < 2:
        return None
    spread = np.maximum(drawn.std(axis=0, ddof=1), 1e-12)
    best = ((drawn - drawn.mean(axis=0)) / spread).max(axis=1)
    return max(float(np.quantile(best, 0.95) * spread[place]), settings.effect / 2)


def verdict_of(chosen: Candidate, mark: float | None, settings: ClusterSettings) -> Verdict:
    """Verdict on the chosen candidate, given the effect that it must exceed."""
    effect, stability = chosen.effect, chosen.stability
    result = Verdict("real", effect, settings.effect, stability, settings.stability, "passed", mark)
    if round(chosen.smallest_share, 10) < settings.min_share:
        return replace(result, level="none", reason="too few")
    if effect is None or mark is None or round(effect, 10) <= round(mark, 10):
        return replace(result, level="none", reason="null")
    if round(effect, 10) < settings.effect:
        return replace(result, level="weak", reason="effect")
    if stability is None or round(stability, 10) < settings.stability:
        return replace(result, level="weak", reason="stability")
    return result
