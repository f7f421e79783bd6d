"""The plain notebook way to the same answer, to compare with: what analysts write when they do it by hand.

    python -m tests.benchmarks.notebook WORKBOOK FOLDER

reads the six sheets with openpyxl, joins and aggregates with groupby-apply, clusters with scikit-learn (KMeans k = 2..10 with
n_init=10, Ward, DBSCAN), judges with its three indices and writes fifteen PNG charts. It accounts for no row, tests no
verdict, writes no sentence, no workbook and no PDF.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.preprocessing import StandardScaler

mpl.use("Agg")
import matplotlib.pyplot as plt

RANGE = range(2, 11)


def load(workbook: Path) -> pd.DataFrame:
    """All six sheets, joined."""
    sheets = pd.read_excel(workbook, sheet_name=None, engine="openpyxl")
    rows = sheets["transactions"].drop_duplicates("transaction_id")
    rows["transaction_date"] = pd.to_datetime(rows["transaction_date"], errors="coerce")
    people = sheets["customers"].merge(sheets["cities"], on="city_id").merge(sheets["genders"], on="gender_id")
    places = sheets["branches"].merge(sheets["merchants"], on="merchant_id")
    if "amount" not in rows:
        rows["amount"] = (rows["transaction_status"] == "burned").astype(float)
    return (
        rows.dropna(subset="transaction_date").merge(people, on="customer_id").merge(places, on="branch_id", how="left")
    )


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
                "burn_rate": (part["transaction_status"] == "burned").mean(),
            }
        )

    return rows.groupby("customer_id")[list(rows.columns.drop("customer_id"))].apply(one)


def cluster(table: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    """Points, the indices of every k and method, and the labels of the best k."""
    logged = table.assign(
        **{name: np.log1p(table[name].clip(lower=0)) for name in ("recency_days", "frequency", "monetary")}
    )
    points = StandardScaler().fit_transform(logged)
    results, labels = [], {}
    for k in RANGE:
        model = KMeans(n_clusters=k, n_init=10, random_state=42).fit(points)
        labels[k] = model.labels_
        results.append(("kmeans", k, model.inertia_, *indices(points, model.labels_)))
        ward = AgglomerativeClustering(n_clusters=k).fit_predict(points)
        results.append(("ward", k, np.nan, *indices(points, ward)))
    noise = DBSCAN(eps=0.5, min_samples=2 * points.shape[1]).fit_predict(points)
    if len(set(noise)) > 1:
        results.append(("dbscan", len(set(noise) - {-1}), np.nan, *indices(points, noise)))
    scores = pd.DataFrame(
        results, columns=["method", "k", "inertia", "silhouette", "davies_bouldin", "calinski_harabasz"]
    )
    best = scores[scores["method"] == "kmeans"].set_index("k")["silhouette"].idxmax()
    return points, scores, labels[best]


def indices(points: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    """The three indices of a partition."""
    return (
        silhouette_score(points, labels),
        davies_bouldin_score(points, labels),
        calinski_harabasz_score(points, labels),
    )


def charts(
    rows: pd.DataFrame, table: pd.DataFrame, points: np.ndarray, scores: pd.DataFrame, labels: np.ndarray, folder: Path
) -> None:
    """Fifteen pictures."""
    pictures = [
        lambda ax: rows.set_index("transaction_date").resample("ME")["transaction_id"].count().plot(ax=ax),
        lambda ax: rows.set_index("transaction_date").resample("ME")["amount"].sum().plot(ax=ax),
        lambda ax: rows["city_name"].value_counts().plot.bar(ax=ax),
        lambda ax: rows["gender_name"].value_counts().plot.bar(ax=ax),
        lambda ax: rows["merchant_name"].value_counts().plot.barh(ax=ax),
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


def main(workbook: Path, folder: Path) -> None:
    """The whole notebook."""
    rows = load(workbook)
    table = features(rows)
    points, scores, labels = cluster(table)
    charts(rows, table, points, scores, labels, folder)
    scores.to_csv(folder / "scores.csv", index=False)
    table.assign(cluster=labels).to_csv(folder / "customers.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
