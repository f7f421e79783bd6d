"""The plain notebook way to the same answer, to compare with: what analysts write when they do it by hand.

    python -m tests.benchmarks.notebook SOURCE FOLDER

reads the six sheets of a workbook with openpyxl, or a Parquet file of orders, joins and aggregates with groupby-apply, clusters with
scikit-learn (KMeans k = 2..10 with n_init=10, Ward at the best k, DBSCAN), judges with its three indices and writes fifteen PNG charts.
It accounts for no row, tests no verdict, writes no sentence, no workbook and no PDF.

Where it hits the wall it does what a careful analyst would: above `MOST_WARD` customers Ward is left out (its matrix of distances would
take 8 n² / 2 bytes: 31 GiB at 91,000), and above `MOST_SILHOUETTE` the silhouette is that of a sample of so many.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

mpl.use("Agg")
import matplotlib.pyplot as plt

RANGE = range(2, 11)
MOST_WARD = 20_000
MOST_SILHOUETTE = 25_000
NEAR = 0.95
"""Quantile of the distances to the last of the wanted neighbours that is taken for DBSCAN's eps: the knee of the usual plot."""


def load(source: Path) -> pd.DataFrame:
    """All rows, joined with what is known of their customers and branches."""
    if source.suffix == ".parquet":
        return load_orders(source)
    sheets = pd.read_excel(source, sheet_name=None, engine="openpyxl")
    rows = sheets["transactions"].drop_duplicates("transaction_id")
    rows["transaction_date"] = pd.to_datetime(rows["transaction_date"], errors="coerce")
    people = sheets["customers"].merge(sheets["cities"], on="city_id").merge(sheets["genders"], on="gender_id")
    places = sheets["branches"].merge(sheets["merchants"], on="merchant_id")
    if "amount" not in rows:
        rows["amount"] = (rows["transaction_status"] == "burned").astype(float)
    rows["flag"] = rows["transaction_status"] == "burned"
    rows = rows.dropna(subset=["transaction_date", "amount"])
    return rows.merge(people, on="customer_id").merge(places, on="branch_id", how="left")


def load_orders(source: Path) -> pd.DataFrame:
    """One table of orders, under the names of the sheets."""
    rows = pd.read_parquet(source).rename(columns={"order_id": "transaction_id", "order_date": "transaction_date"})
    rows = rows.drop_duplicates("transaction_id").dropna(subset=["customer_id", "transaction_date", "amount"])
    rows["flag"] = rows["amount"] < 0
    return rows


def features(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per customer, by apply, as the tutorials do."""
    as_of = rows["transaction_date"].max() + pd.Timedelta(days=1)

    def one(part: pd.DataFrame) -> pd.Series:
        return pd.Series(
            {
                "recency_days": (as_of - part["transaction_date"].max()).days,
                "frequency": part["transaction_id"].nunique(),
                "monetary": part["amount"].sum(),
                "tenure_days": (as_of - part["transaction_date"].min()).days,
                "flagged": part["flag"].mean(),  # burned coupons, or refunds
            }
        )

    return rows.groupby("customer_id")[list(rows.columns.drop("customer_id"))].apply(one)


def cluster(table: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    """Points, the indices of every k and method, and the labels of the best k."""
    skewed = ("recency_days", "frequency", "monetary")
    points = StandardScaler().fit_transform(
        table.assign(**{name: np.log1p(table[name].clip(lower=0)) for name in skewed})
    )
    results, labels = [], {}
    for k in RANGE:
        model = KMeans(n_clusters=k, n_init=10, random_state=42).fit(points)
        labels[k] = model.labels_
        results.append(("kmeans", k, model.inertia_, *indices(points, model.labels_)))
    best = max(results, key=lambda result: result[3])[1]
    if len(points) <= MOST_WARD:
        ward = AgglomerativeClustering(n_clusters=best).fit_predict(points)
        results.append(("ward", best, np.nan, *indices(points, ward)))
    wanted = 2 * points.shape[1]
    near = NearestNeighbors(n_neighbors=wanted).fit(points).kneighbors(points)[0][:, -1]
    noise = DBSCAN(eps=max(np.quantile(near, NEAR), 1e-9), min_samples=wanted).fit_predict(points)
    if len(set(noise)) > 1:
        results.append(("dbscan", len(set(noise) - {-1}), np.nan, *indices(points, noise)))
    names = ["method", "k", "inertia", "silhouette", "davies_bouldin", "calinski_harabasz"]
    return points, pd.DataFrame(results, columns=names), labels[best]


def indices(points: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    """The three indices of a partition."""
    sample = MOST_SILHOUETTE if len(points) > MOST_SILHOUETTE else None
    return (
        silhouette_score(points, labels, sample_size=sample, random_state=42),
        davies_bouldin_score(points, labels),
        calinski_harabasz_score(points, labels),
    )


def charts(
    rows: pd.DataFrame, table: pd.DataFrame, points: np.ndarray, scores: pd.DataFrame, labels: np.ndarray, folder: Path
) -> None:
    """Fifteen pictures."""
    dates = rows["transaction_date"].dt
    pictures: list[Callable[[Any], Any]] = [
        lambda ax: rows.set_index("transaction_date").resample("ME")["transaction_id"].count().plot(ax=ax),
        lambda ax: rows.set_index("transaction_date").resample("ME")["amount"].sum().plot(ax=ax),
        lambda ax: named(rows, "city_name", dates.day_name()).value_counts().plot.bar(ax=ax),
        lambda ax: named(rows, "gender_name", dates.hour).value_counts().plot.bar(ax=ax),
        lambda ax: named(rows, "merchant_name", dates.month_name()).value_counts().plot.barh(ax=ax),
        lambda ax: rows["branch_id"].value_counts().plot.bar(ax=ax),
        lambda ax: ax.hist(table["recency_days"], bins=30),
        lambda ax: ax.hist(table["frequency"], bins=30),
        lambda ax: ax.hist(table["monetary"], bins=30),
        lambda ax: ax.imshow(table.corr(method="spearman")),
        *(
            (lambda ax, name=name: scores.pivot_table(index="k", columns="method", values=name).plot(ax=ax))
            for name in ("inertia", "silhouette", "davies_bouldin")
        ),
        lambda ax: ax.scatter(*PCA(2).fit_transform(points).T, c=labels, s=4),
        lambda ax: table.assign(cluster=labels).groupby("cluster").mean().plot.bar(ax=ax),
    ]
    for number, draw in enumerate(pictures):
        figure, axes = plt.subplots(figsize=(8, 5))
        draw(axes)
        figure.savefig(folder / f"chart-{number:02d}.png", dpi=150)
        plt.close(figure)


def named(rows: pd.DataFrame, column: str, instead: pd.Series) -> pd.Series:
    """A column, or another where a table of orders alone does not have it."""
    return rows.get(column, instead)


def main(source: Path, folder: Path) -> None:
    """The whole notebook."""
    rows = load(source)
    table = features(rows)
    points, scores, labels = cluster(table)
    charts(rows, table, points, scores, labels, folder)
    scores.to_csv(folder / "scores.csv", index=False)
    table.assign(cluster=labels).to_csv(folder / "customers.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
