"""What the comparison of KMeans, Ward and DBSCAN says."""

from __future__ import annotations

import numpy as np

from reporter.analysis.cluster import Partition
from reporter.analysis.evaluate import Candidate, Clustering
from reporter.document.blocks import SILENT, Said
from reporter.document.narrate.groups import kmeans
from reporter.document.words import Words, join, say, verb

SHORT = {"kmeans": "KMeans", "ward": "Ward", "dbscan": "DBSCAN"}


def favourites(clustering: Clustering) -> dict[str, int]:
    """The number of groups that each method is for: the chosen one, else that of its best silhouette; DBSCAN finds its own."""
    found: dict[str, int] = {}
    for method in SHORT:
        own = [each for each in clustering.candidates if each.partition.method == method]
        if own:
            found[method] = max(own, key=lambda each: (each is clustering.ruled, *_quality(each))).partition.k
    return found


def _quality(candidate: Candidate) -> tuple[float, int]:
    return (-2.0 if candidate.silhouette is None else candidate.silhouette, -candidate.partition.k)


def methods_title(words: Words, clustering: Clustering) -> Said:
    """Whether the methods lead to the same number of groups."""
    found = favourites(clustering)
    numbers = {method: words.things(k, "group", f"k_{method}") for method, k in found.items()}
    if len(set(found.values())) == 1:
        k = next(iter(numbers.values()))
        if len(found) == 2:
            return say("Both methods lead to {k}", k=k)
        return say("All {n} lead to {k}", n=words.things(len(found), "method", "methods"), k=k)
    phrases = [say("{method} sees {k}", method=SHORT[method], k=number) for method, number in numbers.items()]
    return say("The methods do not agree: {phrases}", phrases=join(phrases))


def dbscan_prose(words: Words, clustering: Clustering) -> Said:
    """What DBSCAN found, and what its noise is good for."""
    found = next((c for c in clustering.candidates if c.partition.method == "dbscan"), None)
    if found is None or clustering.density is None:
        return SILENT
    radius = say(
        "{radius} from the bend of the distance curve"
        if clustering.density.eps == clustering.density.bend
        else "{radius} as the settings ask",
        radius=words.number(clustering.density.eps, "eps"),
    )
    neighbours = words.count(clustering.density.min_samples, "min_samples")
    outliers = int(clustering.outlier.sum())
    if found.partition.k == 1:
        shape = Said("sees one connected crowd of customers, no separate groups")
    elif found.partition.k == 0:
        shape = Said("finds no dense region at all")
    else:
        shape = _dense_groups(words, clustering, found.partition)
    return say(
        "DBSCAN (radius {radius}, {neighbours} neighbours) {shape} and leaves {noise} as {outliers} ({share} of customers). They are listed in customers.csv; they keep their RFM segment."
        if words.has_lists
        else "DBSCAN (radius {radius}, {neighbours} neighbours) {shape} and leaves {noise} as {outliers} ({share} of customers). They keep their RFM segment.",
        radius=radius,
        neighbours=neighbours,
        shape=shape,
        noise=words.count(outliers, "outliers"),
        outliers=verb(outliers, "an outlier", "outliers"),
        share=words.share(found.noise_share, "noise_share"),
    )


def _dense_groups(words: Words, clustering: Clustering, partition: Partition) -> Said:
    """How many groups there are, and whether anybody could plan with so many."""
    number = words.things(partition.k, "dense group", "dbscan_k")
    if partition.k <= max(each.partition.k for each in kmeans(clustering)):
        return say("finds {k}", k=number)
    labels = partition.labels
    largest = float(np.bincount(labels[labels >= 0]).max() / len(labels))
    return say(
        "finds {k}, too many to plan with (the largest holds {share} of customers; the others are spots where the numbers of some customers coincide),",
        k=number,
        share=words.share(largest, "dbscan_largest_share"),
    )


def k_distance_title(words: Words, clustering: Clustering) -> Said:
    """Where the distance curve bends, and which radius the settings name instead."""
    density = clustering.density
    bend, eps = (density.bend, density.eps) if density else (0.0, 0.0)
    if eps != bend:
        return say(
            "Radius set at {eps}; the distance curve bends at {bend}",
            eps=words.number(eps, "eps"),
            bend=words.number(bend, "bend"),
        )
    return say("The distance curve bends at {eps}", eps=words.number(eps, "eps"))


def dendrogram_title(words: Words, clustering: Clustering) -> Said:
    """What Ward's tree shows."""
    k = clustering.chosen.partition.k if clustering.chosen else 0
    return say("Ward’s tree, cut at {k}", k=words.things(k, "group", "k"))


def indices_title(words: Words, clustering: Clustering) -> Said:
    """Which number of groups the other two indices would take."""
    known = [c for c in kmeans(clustering) if c.davies_bouldin is not None and c.calinski_harabasz is not None]
    if not known:
        return say("No index for fewer than {n} groups", n=words.count(2, "groups"))
    low = min(known, key=lambda c: (c.davies_bouldin, c.partition.k))
    high = max(known, key=lambda c: (c.calinski_harabasz, -c.partition.k))
    return say(
        "Davies-Bouldin would take {low}, Calinski-Harabasz {high}",
        low=words.things(low.partition.k, "group", "davies_bouldin_k"),
        high=words.count(high.partition.k, "calinski_harabasz_k"),
    )


def candidates_title(words: Words, clustering: Clustering) -> Said:
    """How many candidates the table lists."""
    return say("All {n}, on the same customers and features", n=words.things(len(clustering.candidates), "candidate"))
