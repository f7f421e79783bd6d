"""What the same table would look like without groups, and how much a partition depends on who happened to be in the table.

The null is a Gaussian copula: same margins (ties kept), same rank correlations, no clumps. Shuffled columns would be too easy a null when one
column is built from another. The correlations are those of the normal scores of mid-ranks.

Draws are fitted and judged in single precision: only their spread matters, not their last digits. `kmeans_null` and `kmeans_agreement` may run in another process, so they see to their threads themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from reporter.analysis.indices import adjusted_rand, silhouette, silhouette_widths
from reporter.analysis.kmeans import assign, sweep
from reporter.analysis.threads import one_thread
from reporter.analysis.ward import cut, linkage

NULL_ROWS = 2_000
"""Customers in a null draw, at most."""
BOOTSTRAP_ROWS = 4_000
"""Customers in a bootstrap draw, at most (above: an m-out-of-n bootstrap, a little stricter)."""
RESTARTS = 3


def copula_draws(
    x: np.ndarray, weight: np.ndarray, draws: int, rows: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Tables of shape (rows, n_features) from the Gaussian copula of weighted points."""
    margins = [_margin(column, weight) for column in x.T]
    scores = np.column_stack(
        [_normal_scores(column, values, shares) for column, (values, shares) in zip(x.T, margins, strict=True)]
    )
    root = _root(_correlation(scores, weight))
    for _ in range(draws):
        yield _mapped(rng.standard_normal((rows, x.shape[1])) @ root, margins)


def kmeans_null(
    x: np.ndarray, weight: np.ndarray, ks: Sequence[int], draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Silhouettes of KMeans on null draws, shape (draws, len(ks)); NaN where a draw has too few distinct points."""
    found = np.full((draws, len(ks)), np.nan)
    rows = min(int(weight.sum()), NULL_ROWS)
    with one_thread():
        for place, table in enumerate(copula_draws(x, weight, draws, rows, rng)):
            points, counts = np.unique(table, axis=0, return_counts=True)
            mass = counts.astype("float64")
            possible = [k for k in ks if k < len(points)]
            if possible:
                points = points.astype("float32")
                fits = sweep(points, mass, possible, rng, RESTARTS)
                widths = silhouette_widths(points, mass, [fits[k].labels for k in possible])
                found[place, : len(possible)] = [silhouette(width, mass) or 0.0 for width in widths]
    return found


def kmeans_agreement(
    x: np.ndarray, weight: np.ndarray, full: dict[int, np.ndarray], draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Adjusted Rand index of bootstrap refits with the full fit, on all these customers, shape (draws, n_ks) by rising k.

    Parameters
    ----------
    full : dict of int to numpy.ndarray, shape (n_points,)
        Labels of the full fit by k.
    """
    ks, n, single = sorted(full), int(weight.sum()), x.astype("float32")
    agreement = np.full((draws, len(ks)), np.nan)
    with one_thread():
        for place in range(draws):
            counts = rng.multinomial(min(n, BOOTSTRAP_ROWS), weight / weight.sum())
            drawn = counts > 0
            possible = [k for k in ks if k <= np.count_nonzero(drawn)]
            fits = sweep(single[drawn], counts[drawn].astype("float64"), possible, rng, RESTARTS)
            agreement[place, : len(possible)] = [
                adjusted_rand(full[k], assign(single, fits[k].centres), weight) for k in possible
            ]
    return agreement


def mean_agreement(agreement: np.ndarray) -> list[float]:
    """Mean over draws by k; empty without draws."""
    return list(np.nanmean(agreement, axis=0).tolist()) if len(agreement) else []


def standard_error(draws: np.ndarray) -> float | None:
    """Standard error of the mean of some draws; None for fewer than two."""
    known = draws[~np.isnan(draws)]
    return float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else None


def _margin(column: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values of a feature and the share of customers at or below each."""
    values, place = np.unique(column, return_inverse=True)
    shares = np.cumsum(np.bincount(place, weights=weight)) / weight.sum()
    return values, shares


def _normal_scores(column: np.ndarray, values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Normal quantile of the middle of each value's step."""
    from scipy.special import ndtri

    middle = (shares + np.concatenate([[0.0], shares[:-1]])) / 2
    return np.asarray(ndtri(middle)[np.searchsorted(values, column)])


def _mapped(normal: np.ndarray, margins: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Normal draws back on the scale of the data."""
    from scipy.special import ndtr

    columns = []
    for column, (values, shares) in zip(ndtr(normal).T, margins, strict=True):
        columns.append(values[np.minimum(np.searchsorted(shares, column), len(values) - 1)])
    return np.column_stack(columns)


def _correlation(scores: np.ndarray, weight: np.ndarray) -> np.ndarray:
    centred = scores - np.average(scores, axis=0, weights=weight)
    covariance = (centred * weight[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


def _root(correlation: np.ndarray) -> np.ndarray:
    """Matrix that turns independent normals into normals of this correlation (nearest valid one)."""
    values, vectors = np.linalg.eigh(correlation)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return np.asarray(root / np.sqrt((root**2).sum(axis=0)))


def ward_null(x: np.ndarray, weight: np.ndarray, k: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Silhouettes of Ward's cut at k on null draws, shape (draws,)."""
    rows = min(int(weight.sum()), NULL_ROWS)
    found = []
    for table in copula_draws(x, weight, draws, rows, rng):
        points, counts = np.unique(table, axis=0, return_counts=True)
        mass = counts.astype("float64")
        width = silhouette_widths(points.astype("float32"), mass, [_ward_labels(points, mass, k)])[0]
        found.append(silhouette(width, mass) or 0.0)
    return np.array(found)


def ward_stability(
    x: np.ndarray, weight: np.ndarray, labels: np.ndarray, draws: int, rng: np.random.Generator
) -> float | None:
    """Mean adjusted Rand index of bootstrap trees, cut at the same k, with these labels; customers join the nearest centre."""
    k, rows, found = int(labels.max()) + 1, min(int(weight.sum()), NULL_ROWS), []
    for _ in range(draws):
        counts = rng.multinomial(rows, weight / weight.sum())
        drawn = counts > 0
        mass = counts[drawn].astype("float64")
        cut_labels = _ward_labels(x[drawn], mass, k)
        centres = np.stack(
            [np.average(x[drawn][cut_labels == c], axis=0, weights=mass[cut_labels == c]) for c in range(k)]
        )
        found.append(adjusted_rand(labels, assign(x, centres), weight))
    return float(np.mean(found)) if found else None


def _ward_labels(x: np.ndarray, weight: np.ndarray, k: int) -> np.ndarray:
    return cut(linkage(x, weight), min(k, len(x)))
