"""Fits: all partitions of all methods, each judged, with the null and the stability of KMeans. Which of them is taken is `evaluate`'s affair.

They depend on the features and on few settings, so whoever asks for another number of groups, or for another rule of choice, needs no second fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from reporter.analysis import cluster as methods
from reporter.analysis.choose import Candidate
from reporter.analysis.cluster import DensityCurve, Partition, Tree, Way
from reporter.analysis.features import Features
from reporter.analysis.indices import spread_indices
from reporter.analysis.leaves import Leaves, summarise
from reporter.analysis.null import kmeans_agreement, kmeans_null, mean_agreement
from reporter.analysis.points import Points, collapse
from reporter.analysis.settings import ClusterSettings
from reporter.analysis.silhouettes import Judged, exact, leaf_limits, summarised
from reporter.analysis.threads import one_thread, side_by_side
from reporter.analysis.ward import Linkage
from reporter.aside import FEW, VERY_FEW, Aside, at_once

MIN_CUSTOMERS = 50
MIN_POINTS = 8
SAMPLE_POINTS = 20_000
"""Distinct customers up to which null and stability draw from all; above, from so many customers drawn by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Board:
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


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Every partition, judged.

    Attributes
    ----------
    board : Board
        What they were made on; without features or with too few customers all else is empty.
    ks : range
        Numbers of groups that KMeans and Ward were asked for.
    candidates : tuple of Candidate
        KMeans of every k (with null and stability), Ward of every k, DBSCAN.
    judged : tuple of Judged
        The silhouettes of each of them.
    null, agreement : numpy.ndarray, shape (draws, n_ks)
        Silhouettes of KMeans on tables without clumps, and its agreement with resampled fits.
    density : DensityCurve or None
    tree : Tree or None
    ways : tuple of Way
        Of KMeans, Ward and DBSCAN.
    """

    board: Board
    ks: range
    candidates: tuple[Candidate, ...]
    judged: tuple[Judged, ...]
    null: np.ndarray
    agreement: np.ndarray
    density: DensityCurve | None
    tree: Tree | None
    ways: tuple[Way, ...]


Resampled = tuple[methods.Found, Callable[[], np.ndarray]]
"""Partitions, and what gives their agreement with resampled fits, shape (draws, n_ks)."""


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """Fits whose longest parts are being made, here or elsewhere, while something else may be done.

    Attributes
    ----------
    board : Board
    ks : range
        Numbers of groups; empty where there are too few customers, or no features, and nothing is made.
    kmeans : callable
        Gives the partitions of KMeans, and what gives its agreement with resampled fits.
    null, tree, density : futures
        Silhouettes of the null, Ward's tree, and DBSCAN with its curve; None where nothing is made, nor by `kmeans`. Of many customers the last is None
        until `go_on`.
    aside : Aside
        Who makes them, and half of the silhouettes.
    """

    board: Board
    ks: range
    kmeans: Callable[[], Resampled] | None = None
    null: Future[np.ndarray] | None = None
    tree: Future[Linkage] | None = None
    density: Future[tuple[methods.Found, DensityCurve | None]] | None = None
    aside: Aside = at_once


def fit(features: Features, settings: ClusterSettings, aside: Aside = at_once) -> Fits:
    """Cluster by all three methods and judge every candidate.

    Parameters
    ----------
    settings : ClusterSettings
        Here `k_max`, `seed`, `null_draws`, `bootstraps` and `eps` count.
    aside : Aside
        Builds Ward's tree, runs DBSCAN and makes the draws of the null and of the bootstrap, while this process clusters.
    """
    return finish(go_on(begin(features, settings, aside), aside))


def begin(features: Features, settings: ClusterSettings, aside: Aside = at_once) -> Begun:
    """Have what takes longest made, but DBSCAN of many customers, which `go_on` begins; `finish` has the same parameters' result."""
    with one_thread():
        points = collapse(features.matrix)
        if len(features.frame) < MIN_CUSTOMERS or len(points.x) < MIN_POINTS or not features.names:
            return Begun(_plain_board(points, settings), range(0))
        board = _board(points, settings)
        ks = range(2, max(2, min(settings.k_max, len(points.x) - 1)) + 1)
        kmeans = _kmeans(board, ks, aside)
        tree = methods.grow(points, _ward_leaves(board), aside)
        null = aside(kmeans_null, board.drawn, board.sample_weight, ks, settings.null_draws, board.rng(1))
        begun = Begun(board, ks, kmeans, null, tree, aside=aside)
        return go_on(begun, aside) if len(points.index) <= VERY_FEW else begun


def go_on(begun: Begun, aside: Aside) -> Begun:
    """Have DBSCAN run, unless it does: with many customers it is better begun when others have given back their memory."""
    if begun.density or begun.kmeans is None:
        return begun
    with one_thread():
        return replace(begun, density=aside(methods.dbscan, begun.board.points, begun.board.settings.eps))


def finish(begun: Begun) -> Fits:
    """Cluster by KMeans, take what was made elsewhere, and judge every candidate."""
    begun = go_on(begun, at_once)  # what nobody has begun is made here
    board, ks, points = begun.board, begun.ks, begun.board.points
    if begun.kmeans is None or begun.null is None or begun.tree is None or begun.density is None:
        nothing = np.empty((0, 0))
        return Fits(board, ks, (), (), nothing, nothing, None, None, ())
    with one_thread():
        kmeans, resampled = begun.kmeans()
        ward, tree = methods.ward(points, ks, begun.tree.result(), _ward_leaves(board))
        density, curve = begun.density.result()
        found = (*kmeans.partitions, *ward.partitions, *density.partitions)
        partitions = [replace(each, index=points.index) for each in found]  # the same, not a copy of it
        judged = _judged(board, partitions, begun.aside)
        candidates = side_by_side(partial(_candidate, board), list(zip(partitions, judged, strict=True)))
        null, agreement = begun.null.result(), resampled()
    candidates[: len(ks)] = against_null(candidates[: len(ks)], null, mean_agreement(agreement))
    ways = kmeans.way, ward.way, density.way
    return Fits(board, ks, tuple(candidates), tuple(judged), null, agreement, curve, tree, ways)


def _kmeans(board: Board, ks: range, aside: Aside) -> Callable[[], Resampled]:
    """Have KMeans fitted for each k and resampled: of few customers both elsewhere, of many the first here, when it is asked for."""
    if len(board.points.index) > FEW:
        return partial(_in_turn, board, ks, aside)
    both = aside(_resampled, replace(board, leaves=board.leaves[:1]), ks)
    return lambda: (both.result()[0], lambda: both.result()[1])


def _in_turn(board: Board, ks: range, aside: Aside) -> Resampled:
    """KMeans for each k, here and now, and what gives its agreement with resampled fits, which are made aside."""
    with one_thread():
        found = methods.kmeans(board.points, ks, board.rng(0), board.leaves[0] if board.leaves else None)
    fits = {p.k: p.at[board.sample] for p in found.partitions}
    drawn = aside(kmeans_agreement, board.drawn, board.sample_weight, fits, board.settings.bootstraps, board.rng(2))
    return found, drawn.result


def _resampled(board: Board, ks: range) -> tuple[methods.Found, np.ndarray]:
    """Both, wherever they are made."""
    found, agreement = _in_turn(board, ks, at_once)
    return found, agreement()


def _ward_leaves(board: Board) -> Leaves | None:
    """What Ward's tree is built on instead of the points; None where they are few enough."""
    return board.leaves[3] if len(board.points.x) > methods.WARD_LIMIT else None


def with_density(fits: Fits, settings: ClusterSettings) -> Fits:
    """The same fits with DBSCAN at another radius (`eps`): nothing else depends on it."""
    if not fits.candidates:
        return fits
    with one_thread():
        density, curve = methods.dbscan(fits.board.points, settings.eps)
        judged = _judged(fits.board, density.partitions)
        found = [_candidate(fits.board, each) for each in zip(density.partitions, judged, strict=True)]
    kept = 2 * len(fits.ks)
    return replace(
        fits,
        candidates=(*fits.candidates[:kept], *found),
        judged=(*fits.judged[:kept], *judged),
        density=curve,
        ways=(*fits.ways[:2], density.way),
    )


def _plain_board(points: Points, settings: ClusterSettings) -> Board:
    return Board(points, np.arange(len(points.x)), points.weight, (), settings)


def _board(points: Points, settings: ClusterSettings) -> Board:
    every = np.arange(len(points.x))
    leaves: tuple[Leaves, ...] = ()
    if len(every) > methods.EXACT_POINTS:
        leaves = summarise(
            points.x, points.weight, (methods.START_LEAVES, *leaf_limits(points.x.shape[1]), methods.WARD_LEAVES)
        )
    if len(every) <= SAMPLE_POINTS:
        return Board(points, every, points.weight, leaves, settings)
    rng = np.random.default_rng([settings.seed, 4])
    reach = np.cumsum(points.weight)
    drawn = np.searchsorted(reach, np.sort(rng.random(SAMPLE_POINTS)) * reach[-1], side="right")
    sample, counts = np.unique(drawn, return_counts=True)
    return Board(points, sample, counts.astype("float64"), leaves, settings)


def _judged(board: Board, partitions: Sequence[Partition], aside: Aside = at_once) -> list[Judged]:
    labelings = [p.at for p in partitions]
    if is_summed_up(board):
        return summarised(board.points, labelings, (board.leaves[1], board.leaves[2]), aside)
    return exact(board.points, labelings, aside)


def is_summed_up(board: Board) -> bool:
    """Whether silhouettes run between leaves: not where these would be the points themselves."""
    return bool(board.leaves) and len(board.points.x) > leaf_limits(board.points.x.shape[1])[1]


def _candidate(board: Board, found: tuple[Partition, Judged]) -> Candidate:
    partition, judged = found
    x, weight, labels = board.points.x, board.points.weight, partition.at
    total, inside = float(weight.sum()), labels >= 0
    sizes = np.bincount(labels[inside], weights=weight[inside], minlength=1) / total
    davies_bouldin, calinski_harabasz = spread_indices(x, weight, labels)
    return Candidate(
        partition=partition, silhouette=judged.value, davies_bouldin=davies_bouldin,
        calinski_harabasz=calinski_harabasz, null_silhouette=None, null_low=None, null_high=None, stability=None,
        smallest_share=float(sizes.min()), noise_share=float(weight[~inside].sum()) / total, silhouette_error=judged.error,
    )  # fmt: skip


def against_null(candidates: Sequence[Candidate], null: np.ndarray, stability: Sequence[float]) -> list[Candidate]:
    """Candidates with mean and band of their column of the null, and their stability."""
    found = []
    for place, (candidate, column) in enumerate(zip(candidates, null.T, strict=True)):
        drawn = column[~np.isnan(column)]
        low, high = np.quantile(drawn, [0.05, 0.95]).tolist() if len(drawn) else (None, None)
        mean = float(drawn.mean()) if len(drawn) else None
        stable = stability[place] if len(stability) else None
        found.append(replace(candidate, null_silhouette=mean, null_low=low, null_high=high, stability=stable))
    return found
