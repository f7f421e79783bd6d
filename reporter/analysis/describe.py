"""What a partition looks like: axes, profiles, blades, segments against clusters, outliers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.analysis.cluster import Partition
from reporter.analysis.features import Features
from reporter.analysis.indices import rand_of_table
from reporter.analysis.points import Points

BLADE_ROWS = 400


def printed_numbers(partition: Partition, points: Points, monetary: np.ndarray) -> np.ndarray:
    """Printed number 1..k of each label: by median monetary downwards, then by centre; never by the order of fitting.

    Parameters
    ----------
    monetary : numpy.ndarray, shape (n_customers,)
    """
    labels, k = partition.labels, int(partition.at.max()) + 1
    medians = np.array([round(float(np.median(monetary[labels == c])), 10) for c in range(k)])
    mass = np.bincount(partition.at, weights=points.weight)
    sums = np.stack([np.bincount(partition.at, weights=points.weight * column) for column in points.x.T])
    place = np.lexsort([*np.round(sums / mass, 10)[::-1], -medians])
    number = np.empty(k, dtype="int8" if k < 2**7 else "int32")
    number[place] = np.arange(1, k + 1)
    return number


def project(points: Points, names: tuple[str, ...]) -> tuple[pd.DataFrame, tuple[float, ...], pd.DataFrame]:
    """First two principal components of the customers, their variance shares, and the loadings.

    Signs are fixed: the largest loading of each axis is positive. With a single feature the second axis is 0.
    """
    total = points.weight.sum()
    middle = points.weight @ points.x / total
    centred = points.x - middle
    values, vectors = np.linalg.eigh((centred * points.weight[:, None]).T @ centred / total)
    axes = vectors[:, ::-1][:, :2]
    axes = axes * np.where(np.take_along_axis(axes, np.abs(axes.round(10)).argmax(axis=0)[None], axis=0) < 0, -1, 1)
    shares = np.maximum(values[::-1][:2], 0) / max(float(values.sum()), 1e-300)
    if axes.shape[1] == 1:
        axes, shares = np.column_stack([axes, np.zeros(1)]), np.array([shares[0], 0.0])
    place = (centred @ axes)[points.index]
    loadings = pd.DataFrame({"feature": list(names), "x": axes[:, 0], "y": axes[:, 1]})
    return pd.DataFrame(place, columns=["x", "y"]), tuple(float(s) for s in shares), loadings


def profile(features: Features, scores: pd.DataFrame, cluster: np.ndarray) -> pd.DataFrame:
    """One row per printed cluster: size, value, medians of the kept features in raw units, means of the scaled ones."""
    names = list(features.names)
    rows = []
    for number in np.unique(cluster):
        inside = cluster == number
        part = features.frame.loc[inside, names]
        row = {"cluster": int(number), "customers": int(inside.sum()), "share": float(inside.mean())}
        row["monetary_share"] = share_of(scores["monetary"].to_numpy(), inside)
        row |= {name: float(part[name].median()) for name in names}
        row |= {
            f"z_{name}": float(np.sort(column[inside]).mean())
            for name, column in zip(names, features.matrix.T, strict=True)
        }
        rows.append(row)
    return pd.DataFrame(rows)


def share_of(values: np.ndarray, inside: np.ndarray) -> float:
    """Share of a sum that some customers hold, counted in hundredths; 0 when there is nothing to share."""
    cents = np.rint(values * 100).astype("int64")
    total = int(cents.sum())
    return float(int(cents[inside].sum()) / total) if total else 0.0


def blades(widths: np.ndarray, weight: np.ndarray, cluster: np.ndarray) -> pd.DataFrame:
    """Silhouette widths cluster by cluster, widest first, thinned evenly to at most 400 rows in all.

    Parameters
    ----------
    widths, weight, cluster : numpy.ndarray, shape (n_rows,)
        Width, customers and printed cluster of each row.
    """
    total, parts = weight.sum(), []
    for number in np.unique(cluster):
        inside = cluster == number
        every = np.sort(np.repeat(widths[inside], weight[inside].astype(int)))[::-1]
        rows = min(len(every), max(1, int(BLADE_ROWS * weight[inside].sum() / total)))
        kept = every[np.linspace(0, len(every) - 1, rows).round().astype(int)]
        parts.append(pd.DataFrame({"cluster": int(number), "rank": np.arange(1, rows + 1), "width": kept}))
    return pd.concat(parts, ignore_index=True)


def against_segments(segment: pd.Series, cluster: np.ndarray, order: tuple[str, ...]) -> tuple[pd.DataFrame, float]:
    """Customers by segment (grid order, only those that have customers) and cluster, and the adjusted Rand index of both."""
    codes, names = pd.factorize(segment)
    k = int(cluster.max())
    counts = np.bincount(codes * k + (cluster.astype("int64") - 1), minlength=len(names) * k)
    table = pd.DataFrame(counts.reshape(-1, k), index=names.astype(object), columns=np.arange(1, k + 1))
    table = table.reindex([name for name in order if name in table.index])
    table.index.name, table.columns.name = "segment", "cluster"
    return table, rand_of_table(counts.reshape(-1, k))


def list_outliers(features: Features, outlier: np.ndarray) -> pd.DataFrame:
    """Outliers with their kept features, the one farthest from the centre of all customers first, ties by id."""
    distance = np.round((features.matrix[outlier] ** 2).sum(axis=1), 10)
    rows = features.frame.loc[outlier, ["customer_id", *features.names]].reset_index(drop=True)
    return rows.iloc[np.lexsort([rows["customer_id"].to_numpy(str), -distance])].reset_index(drop=True)
