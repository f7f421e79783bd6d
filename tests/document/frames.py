"""Frames in the documented columns, invented by a seed: what the picture functions get in a real report."""

from __future__ import annotations

import numpy as np
import pandas as pd

SEGMENTS = (
    "Champions", "Loyal customers", "Potential loyalists", "New customers", "Promising", "Need attention",
    "About to sleep", "At risk", "Cannot lose them", "Hibernating", "Lost",
)  # fmt: skip
PALETTE = {name: slot for slot, name in enumerate(SEGMENTS, 1)}
FEATURES = {
    "recency_days": "Recency", "frequency": "Frequency", "monetary": "Monetary", "tenure_days": "Tenure",
    "mean_gap_days": "Mean gap", "merchants": "Merchants", "burn_rate": "Burn rate",
}  # fmt: skip


def months(count: int, start: str = "2023-01-01") -> pd.Series:
    return pd.Series(pd.date_range(start, periods=count, freq="MS").as_unit("s"))


def monthly(count: int = 19, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    wave = 1 + 0.25 * np.sin(np.arange(count) / 1.9) + 0.02 * np.arange(count)
    orders = (260 * wave * random.uniform(0.9, 1.1, count)).round().astype(int)
    frame = pd.DataFrame(
        {
            "month": months(count),
            "transactions": orders,
            "active_customers": (orders * 0.8).round().astype(int),
            "new_customers": np.maximum(150 - np.arange(count) * 8 + random.integers(-9, 9, count), 3),
            "joined": np.maximum(160 - np.arange(count) * 9 + random.integers(-9, 9, count), 0),
            "burned": (orders * 0.5).round().astype(int),
            "monetary": orders * random.uniform(180, 230, count),
            "days_covered": 30,
            "days_in_month": 30,
            "partial": False,
        }
    )
    frame.loc[count - 1, ["partial", "days_covered"]] = [True, 14]
    for column in ("transactions", "active_customers", "burned"):
        frame.loc[count - 1, column] = int(frame.loc[count - 1, column] * 0.45)
    frame.loc[count - 1, "monetary"] *= 0.45
    return frame


def retention(count: int = 12, seed: int = 2, step: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """rates, sizes, average"""
    random = np.random.default_rng(seed)
    cohorts = months(count * step)[::step].reset_index(drop=True)
    rates = np.full((count, count), np.nan)
    for row in range(count):
        ages = np.arange(count - row)
        rates[row, : count - row] = np.clip(0.42 * np.exp(-ages / 7) + random.normal(0.03, 0.025, len(ages)), 0, 1)
    rates[:, 0] = 1.0
    frame = pd.DataFrame(rates, index=pd.DatetimeIndex(cohorts, name="cohort"), columns=range(count))
    sizes = pd.DataFrame({"cohort": cohorts, "customers": random.integers(40, 1300, count)})
    average = pd.DataFrame(
        {"age": range(count), "rate": np.nanmean(rates, axis=0), "cohorts": count - np.arange(count)}
    )
    return frame, sizes, average


def concentration() -> pd.DataFrame:
    share = np.linspace(0, 1, 201)
    return pd.DataFrame({"customer_share": share, "value_share": 1 - (1 - share) ** 2.7})


def groups(count: int = 20, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    cities = (
        "Cairo", "Alexandria", "Giza", "Shubra El Kheima", "Port Said", "Suez", "Luxor", "Mansoura", "El-Mahalla El-Kubra",
        "Tanta", "Asyut", "Ismailia", "Fayyum", "Zagazig", "Aswan", "Damietta", "Damanhur", "Minya", "Beni Suef", "unknown",
    )  # fmt: skip
    names = [cities[i] if i < len(cities) else f"Merchant {i}" for i in range(count)]
    size = np.sort(random.lognormal(5, 0.6, count))[::-1].round()
    rate = np.clip(random.normal(0.5, 0.07, count), 0.05, 0.95)
    margin = 1.96 * np.sqrt(rate * (1 - rate) / size)
    return pd.DataFrame(
        {
            "name": names, "customers": (size / 4).astype(int), "transactions": size.astype(int),
            "burned": (size * rate).astype(int), "monetary": size * 210, "monetary_share": size / size.sum(),
            "transactions_share": size / size.sum(), "burn_rate": rate, "burn_low": rate - margin, "burn_high": rate + margin,
        }
    )  # fmt: skip


def waits(seed: int = 4) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    days = np.minimum(random.gamma(1.6, 22, 2516).astype(int), 240)
    values, counts = np.unique(days, return_counts=True)
    return pd.DataFrame({"days": values, "coupons": counts})


def customers(count: int = 2000, seed: int = 5) -> pd.DataFrame:
    """A sample as ``Analysis.sample``."""
    random = np.random.default_rng(seed)
    frequency = random.geometric(0.22, count)
    recency = np.clip(random.exponential(120, count) / np.sqrt(frequency), 1, 560).round()
    monetary = frequency * random.lognormal(4.3, 0.7, count)
    rank = (pd.Series(-recency).rank(pct=True) + pd.Series(monetary).rank(pct=True)) / 2
    segment = np.array(SEGMENTS)[np.clip(((1 - rank) * 11).astype(int), 0, 10)]
    x, y = np.log(monetary) - 5 + random.normal(0, 0.3, count), np.log(recency) - 3.5 + random.normal(0, 0.4, count)
    cluster = np.where(x > 0.8, 1, np.where(y > 0.4, 2, np.where(x < -0.7, 3, 4)))
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(count)], "recency_days": recency, "frequency": frequency,
            "monetary": monetary, "segment": segment, "cluster": cluster, "outlier": random.random(count) < 0.008, "x": x, "y": y,
        }
    )  # fmt: skip


def boundaries(values: np.ndarray, dimension: str, best_low: bool = False) -> pd.DataFrame:
    series = pd.Series(values)
    score = np.floor(((series.rank(method="min") - 1) / len(series)) * 5).astype(int) + 1
    score = 6 - score if best_low else score
    table = series.groupby(score).agg(["min", "max", "count"]).reindex(range(1, 6))
    return pd.DataFrame(
        {"dimension": dimension, "score": range(1, 6), "low": table["min"].to_numpy(dtype=float),
         "high": table["max"].to_numpy(dtype=float), "customers": table["count"].fillna(0).to_numpy(dtype=int)}
    )  # fmt: skip


def heat(bins: int = 5, seed: int = 6) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    r, f = (grid.ravel() + 1 for grid in np.meshgrid(range(bins), range(bins)))
    keep = random.random(len(r)) < 0.93
    return pd.DataFrame(
        {"r_score": r, "f_score": f, "customers": random.integers(1, 1200, len(r)), "mean_monetary": 80.0 * f**1.6 + 14 * r}
    )[keep]  # fmt: skip


def segments(count: int = 11) -> pd.DataFrame:
    value = np.array([41, 17, 9, 4, 3, 7, 4, 8, 4, 2, 1], dtype=float)[:count]
    people = np.array([10, 14, 12, 9, 6, 8, 9, 10, 3, 11, 8], dtype=float)[:count]
    return pd.DataFrame(
        {"name": SEGMENTS[:count], "customers": (people * 125).astype(int), "share": people / people.sum(),
         "monetary_share": value / value.sum()}
    )  # fmt: skip


def nodes(newcomers: int = 0, seed: int = 12) -> pd.DataFrame:
    """Size and recent value of every segment on one date, and those who were not yet there."""
    sizes = np.random.default_rng(seed).integers(0, 400, 11)
    frame = pd.DataFrame({"segment": list(PALETTE)[:11], "customers": sizes, "value": sizes * 31.7})
    new = pd.DataFrame({"segment": ["Not yet a customer"], "customers": [newcomers], "value": [np.nan]})
    return pd.concat([frame, new], ignore_index=True) if newcomers else frame


def flows(seed: int = 13) -> pd.DataFrame:
    """Ways between all pairs of segments, most of them narrow."""
    dice = np.random.default_rng(seed)
    names = list(PALETTE)[:11]
    pairs = [(start, end, int(dice.geometric(0.05))) for start in names for end in names if dice.random() < 0.6]
    frame = pd.DataFrame(pairs, columns=["from_segment", "to_segment", "customers"])
    return frame.assign(value=frame["customers"] * 12.5, at_least=frame.index % 9 == 0)


def courses(points: int = 13, seed: int = 14) -> pd.DataFrame:
    """Size and value of every segment at monthly dates."""
    dice = np.random.default_rng(seed)
    days = months(points)
    parts = [
        pd.DataFrame(
            {
                "day": days,
                "segment": name,
                "customers": dice.integers(0, 5000, points),
                "value": dice.gamma(2, 9e5, points),
            }
        )
        for name in list(PALETTE)[:11]
    ]
    return pd.concat(parts).sort_values("day", kind="stable", ignore_index=True)


def correlation(seed: int = 7) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    data = random.normal(size=(60, len(FEATURES))) + random.normal(size=(60, 1)) * np.linspace(-1.6, 1.6, len(FEATURES))
    return pd.DataFrame(np.corrcoef(data.T), index=list(FEATURES), columns=list(FEATURES))


def silhouettes() -> pd.DataFrame:
    k = np.arange(2, 11)
    null = 0.22 + 0.1 / k
    return pd.DataFrame(
        {"k": k, "silhouette": null + 0.09 * np.exp(-((k - 4) ** 2) / 3) + 0.004, "null_silhouette": null, "null_low": null - 0.012,
         "null_high": null + 0.012, "ward": null + 0.05 * np.exp(-((k - 4) ** 2) / 3) - 0.03}
    )  # fmt: skip


def inertia() -> pd.DataFrame:
    k = np.arange(2, 11)
    return pd.DataFrame({"k": k, "inertia": 9000 / k**0.8 + 900})


def indices() -> pd.DataFrame:
    k = np.arange(2, 11)
    rows = [pd.DataFrame({"method": m, "k": k, "davies_bouldin": 1.1 + s + 0.03 * (k - 4) ** 2, "calinski_harabasz": 1900 / k**0.3 - 400 * s})
            for m, s in (("kmeans", 0.0), ("ward", 0.12))]  # fmt: skip
    rows.append(pd.DataFrame({"method": ["dbscan"], "k": [3], "davies_bouldin": [2.1], "calinski_harabasz": [320.0]}))
    return pd.concat(rows, ignore_index=True)


def stability() -> pd.DataFrame:
    return pd.DataFrame({"k": range(2, 11), "stability": [0.97, 0.74, 0.93, 0.81, 0.66, 0.79, 0.58, 0.52, 0.61]})


def blades(seed: int = 8) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    parts = []
    for cluster, size in enumerate((150, 120, 80, 50), 1):
        width = np.sort(np.clip(random.normal(0.36, 0.17, size), -0.3, 0.8))[::-1]
        parts.append(pd.DataFrame({"cluster": cluster, "rank": range(size), "width": width}))
    return pd.concat(parts, ignore_index=True)


def distances() -> pd.DataFrame:
    rank = np.linspace(0, 1, 300)
    return pd.DataFrame({"rank": rank, "distance": 0.2 + 0.25 * rank + 0.02 / (1.012 - rank)})


def tree(leaves: int = 30, seed: int = 9) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    sizes = dict(enumerate(random.integers(5, 90, leaves)))
    live, rows = list(range(leaves)), []
    for i in range(leaves - 1):
        a, b = sorted(random.choice(len(live), 2, replace=False))
        left, right = live[a], live[b]
        sizes[leaves + i] = sizes[left] + sizes[right]
        rows.append((left, right, 2.0 + 0.4 * i + 0.02 * i**2.2, sizes[leaves + i]))
        live = [n for n in live if n not in (left, right)] + [leaves + i]
    return pd.DataFrame(rows, columns=["left", "right", "height", "customers"])


def loadings() -> pd.DataFrame:
    return pd.DataFrame(
        {"feature": ["Monetary", "Frequency", "Recency", "Tenure", "Mean gap"], "x": [0.6, 0.55, -0.35, 0.2, -0.1],
         "y": [-0.1, -0.25, 0.6, 0.5, 0.4]}
    )  # fmt: skip


def profiles(seed: int = 10) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"cluster": [1, 2, 3, 4], "customers": [800, 600, 350, 250], "share": [0.4, 0.3, 0.175, 0.125],
                          "monetary_share": [0.2, 0.2, 0.2, 0.4]})  # fmt: skip
    for feature in FEATURES:
        frame[f"z_{feature}"] = random.normal(0, 0.9, 4)
    return frame


def crosstab(seed: int = 11) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    counts = (random.dirichlet([0.5] * 4, 11) * random.integers(40, 400, (11, 1))).round().astype(int)
    return pd.DataFrame(counts, index=list(SEGMENTS), columns=[1, 2, 3, 4])


def index() -> pd.DataFrame:
    return pd.DataFrame(
        {"measure": ["recency_days", "frequency", "monetary", "tenure_days", "mean_gap_days"], "segment": [12.0, 9, 820, 400, 20],
         "all": [70.0, 3, 240, 300, 60], "ratio": [0.17, 3.0, 3.42, 1.33, 0.33]}
    )  # fmt: skip


def waterfall(read: int = 5000, rejected: int = 750, further: int = 900) -> pd.DataFrame:
    kept = read - rejected
    steps = [
        ("Rows read", 0, read, "total"),
        ("Rejected", kept, read, "rejected"),
        ("Kept", 0, kept, "total"),
        ("Further rows of the same transaction", kept - further, kept, "other"),
        ("Transactions", 0, kept - further, "total"),
    ]
    return pd.DataFrame([s for s in steps if s[2] > s[1]], columns=["step", "start", "end", "role"])


def reasons(count: int = 7, most: int = 400) -> pd.DataFrame:
    names = (
        "bad date",
        "no customer id",
        "conflicting duplicate",
        "a reason of thirty letters or so",
        "no amount",
        "bad amount",
        "all others",
    )
    return pd.DataFrame({"reason": names[:count], "rows": [max(most // 2**i, 1) for i in range(count)]})  # fmt: skip


def outcomes(seed: int = 12) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    share = np.linspace(0.62, 0.07, len(SEGMENTS))
    half = random.uniform(0.01, 0.06, len(SEGMENTS))
    return pd.DataFrame({"name": SEGMENTS, "share": share, "low": share - half, "high": share + half})


def explained() -> pd.DataFrame:
    names = [
        "Segments, 11 groups",
        "Recency alone, 11 groups",
        "Clusters (KMeans), 4 groups",
        "Recency alone, 4 groups",
    ]
    return pd.DataFrame({"name": names, "share": [0.231, 0.238, 0.241, 0.0]})


def foretold() -> pd.DataFrame:
    came = np.linspace(1.7, 0.1, len(SEGMENTS))
    return pd.DataFrame({"name": SEGMENTS, "foretold": came[::-1] * 0.5 + came * 0.5, "came": came})


def repeats() -> pd.DataFrame:
    customers = np.array([1411, 439, 214, 100, 62, 38, 29, 22, 42])
    return pd.DataFrame({"repeats": range(9), "customers": customers, "expected": customers * 1.04 - 3})


def costs() -> pd.DataFrame:
    contacts = np.arange(11) * 37 + 3
    return pd.DataFrame({"name": SEGMENTS, "contacts": contacts, "cost": contacts * np.array([0.05, 0.05, 2.0] * 3 + [0.02, 0.0])})  # fmt: skip


def ranges(scale: float, seed: int = 12) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    value, half = random.normal(0.4, 1, 11) * scale, random.gamma(2, 0.5, 11) * scale
    return pd.DataFrame({"name": SEGMENTS, "value": value, "low": value - half, "high": value + half})


def certainties(seed: int = 13) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    parts = random.integers(0, 60, (11, 3)) + np.array([60, 0, 0])
    return pd.DataFrame(parts, columns=["certain", "likely", "uncertain"]).assign(name=SEGMENTS)


def runs(seed: int = 14) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    days = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]).as_unit("s")
    shares = {name: 0.05 + 0.02 * at + random.normal(0, 0.004, len(days)) for at, name in enumerate(SEGMENTS[:4])}
    return pd.DataFrame({"as_of": days, **shares})
