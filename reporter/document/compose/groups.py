"""Section "Do natural groups exist?": the verdict first, the evidence after."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pandas as pd

from reporter.analysis.analyse import Analysis, Segmentation
from reporter.analysis.evaluate import Candidate, Clustering
from reporter.analysis.features import Features
from reporter.document.blocks import Beside, Block, Callout, Chart, Column, Prose, Said, Section, Table
from reporter.document.compose.conclude import so_what
from reporter.document.compose.small import hidden_cells
from reporter.document.compose.states import states
from reporter.document.compose.tables import table, with_source
from reporter.document.narrate import customers as say_customers
from reporter.document.narrate import groups as narrate
from reporter.document.narrate import methods, places, sowhat, ways
from reporter.document.words import Words

CHAPTER = "Do natural groups exist?"
NULL_SUBTITLE = (
    "Silhouette by number of groups; shaded: what data without groups gives (middle nine tenths of the draws)"
)
INDEX_SUBTITLE = (
    "Davies-Bouldin index (lower is better) and Calinski-Harabasz index (higher is better) by number of groups"
)
STABILITY_SUBTITLE = "Mean agreement with resampled fits by number of groups"
MAP_SUBTITLE = "First two principal components, colour: cluster"
SNAKE_SUBTITLE = "Mean of each feature by cluster, in standard deviations from the mean of all customers"
OUTLIER_SUBTITLE = "Customers on the first two principal components; outliers of DBSCAN in colour"
CROSSTAB_SUBTITLE = "Customers by segment and cluster; shade: share of the segment"
NARROW = 5
"""So many clusters fit side by side into half a page."""
SLOTS = 12
"""Colours for clusters, the same as in the pictures."""


def groups(words: Words, analysis: Analysis, palette: dict[str, int], min_group: int) -> tuple[Section, ...]:
    """Verdict, methods, clusters, and clusters against segments; only the verdict where the data is too small."""
    clustering = analysis.clustering
    source = say_customers.customers_source(words, analysis.overview, words.day(analysis.ledger.as_of, "as_of"))
    if clustering.chosen is None:
        body = Prose(tuple(filter(None, narrate.verdict_prose(words, clustering))))
        title = narrate.verdict_title(words, clustering)
        return (Section("verdict", title, "Natural groups", CHAPTER, (body,), breaks=False),)
    return (
        _verdict(words, analysis, source),
        _methods(words, clustering, source),
        _clusters(words, analysis, source),
        _crossing(words, analysis, palette, (source, min_group)),
    )


def _verdict(words: Words, analysis: Analysis, source: Said) -> Section:
    clustering, settings = analysis.clustering, analysis.settings.cluster
    stability = _picture(
        words,
        ("stability_bars", narrate.stability_title(words, clustering), STABILITY_SUBTITLE),
        source,
        (_curves(clustering)[["k", "stability"]], settings.stability),
        (30.0, "half"),
    )
    why = tuple(filter(None, narrate.verdict_prose(words, clustering)))
    rule = narrate.choice_prose(words, clustering, settings.stability, settings.min_share)
    return Section(
        "verdict",
        narrate.verdict_title(words, clustering),
        "Natural groups",
        CHAPTER,
        (
            Callout("verdict", narrate.verdict_short(words, clustering.verdict), why),
            null_chart(words, clustering, source),
            Prose(tuple(filter(None, (rule, narrate.asked_prose(words, clustering))))),
            Beside((elbow_chart(words, clustering, source), stability)),
            states(words, clustering),
            *so_what(sowhat.verdict(clustering)),
        ),
    )


def null_chart(words: Words, clustering: Clustering, source: Said) -> Chart:
    """Silhouettes by number of groups above the band of what chance gives."""
    columns = ["k", "silhouette", "null_silhouette", "null_low", "null_high", "ward"]
    return _picture(
        words,
        ("silhouette_null", narrate.null_chart_title(words, clustering), NULL_SUBTITLE),
        source,
        (_curves(clustering)[columns], clustering.ruled.partition.k if clustering.ruled else 0),
        (38.0, "full"),
    )


def elbow_chart(words: Words, clustering: Clustering, source: Said) -> Chart:
    """Inertia by number of groups."""
    return _picture(
        words,
        ("elbow", narrate.elbow_title(words, clustering), "Inertia of KMeans by number of groups"),
        source,
        (_curves(clustering)[["k", "inertia"]], clustering.elbow_k),
        (30.0, "half"),
    )


def _curves(clustering: Clustering) -> pd.DataFrame:
    """One row for each number of groups, with Ward's silhouette beside."""
    curves = pd.DataFrame([_curve_row(c) for c in clustering.candidates if c.partition.method == "kmeans"])
    ward = {c.partition.k: c.silhouette for c in clustering.candidates if c.partition.method == "ward"}
    return curves.assign(ward=[ward.get(k) for k in curves["k"]])


def _curve_row(candidate: Candidate) -> dict[str, object]:
    fields = ("silhouette", "null_silhouette", "null_low", "null_high", "stability")
    return {"k": candidate.partition.k, "inertia": candidate.partition.inertia} | {
        field: getattr(candidate, field) for field in fields
    }


def _methods(words: Words, clustering: Clustering, source: Said) -> Section:
    indices = pd.DataFrame(
        [
            (c.partition.method, c.partition.k, c.davies_bouldin, c.calinski_harabasz)
            for c in clustering.candidates
            if c.partition.method != "dbscan" and c.davies_bouldin is not None
        ],
        columns=["method", "k", "davies_bouldin", "calinski_harabasz"],
    )
    panels = _picture(
        words,
        ("index_panels", methods.indices_title(words, clustering), INDEX_SUBTITLE),
        source,
        (indices,),
        (40.0, "full"),
    )
    blocks: tuple[Block, ...] = (with_source(candidates_table(words, clustering), source), panels)
    said = tuple(filter(None, (methods.dbscan_prose(words, clustering), ways.in_short(words, clustering))))
    if said:
        blocks = (Prose(said), *blocks)
    if inside := _inside(words, clustering, source):
        blocks += (Beside(inside),)
    blocks += so_what(sowhat.methods(clustering))
    return Section(
        "methods", methods.methods_title(words, clustering), "Three methods side by side", CHAPTER, blocks, level=2
    )


def _inside(words: Words, clustering: Clustering, source: Said) -> tuple[Chart, ...]:
    """How Ward and DBSCAN came to their groups."""
    pictures: tuple[Chart, ...] = ()
    if clustering.tree is not None and clustering.chosen is not None:
        head = (
            "dendrogram",
            methods.dendrogram_title(words, clustering),
            "Merges of Ward’s method, height: loss of fit",
        )
        k = clustering.chosen.partition.k
        pictures += (_picture(words, head, source, (clustering.tree.merges, clustering.tree.leaves, k)),)
    if clustering.density is not None:
        density = clustering.density
        title = methods.k_distance_title(words, clustering)
        head = ("k_distance", title, "Distance to the last needed neighbour, customers in rising order")
        pictures += (_picture(words, head, source, (density.curve, density.eps, density.min_samples)),)
    return pictures


def _picture(
    words: Words,
    head: tuple[str, Said, str],
    source: Said,
    data: tuple[object, ...],
    shape: tuple[float, Literal["full", "half"]] = (40.0, "half"),
) -> Chart:
    """A picture whose id is its function's name and whose alt text is its subtitle; `shape` is height in mm and size."""
    draw, title, subtitle = head
    return Chart(
        id=draw.replace("_", "-"),
        title=title,
        subtitle=Said(subtitle),
        source=source,
        alt=f"{words.label(subtitle)}.",
        draw=draw,
        data=data,
        size=shape[1],
        height_mm=shape[0],
    )


def candidates_table(words: Words, clustering: Clustering) -> Table:
    """Every candidate with all of its indices; the chosen one is marked."""
    frame = pd.DataFrame([_candidate_row(candidate, clustering) for candidate in clustering.candidates])
    columns = [
        Column("method", "Method", "name"),
        Column("k", "Groups", "count"),
        Column("silhouette", "Silhouette", "number"),
        Column("null_silhouette", "By chance", "number"),
        Column("davies_bouldin", "Davies-Bouldin", "number"),
        Column("calinski_harabasz", "Calinski-Harabasz", "count"),
        Column("stability", "Stability", "number"),
        Column("smallest_share", "Smallest group", "share"),
        Column("noise_share", "Outliers", "share"),
    ]
    return table(words, ("candidates", methods.candidates_title(words, clustering)), columns, frame)


def _candidate_row(candidate: Candidate, clustering: Clustering) -> dict[str, object]:
    method = narrate.METHODS[candidate.partition.method]
    fields = ("silhouette", "null_silhouette", "davies_bouldin", "calinski_harabasz", "stability", "smallest_share")
    row: dict[str, object] = {
        "method": Said(f"{method}{_mark(candidate, clustering)}"),
        "k": candidate.partition.k,
    }
    noise = candidate.noise_share if candidate.partition.method == "dbscan" else None
    return row | {field: getattr(candidate, field) for field in fields} | {"noise_share": noise}


def _mark(candidate: Candidate, clustering: Clustering) -> str:
    """Whether the rule takes a candidate, or the settings ask for it."""
    return ", chosen" if candidate is clustering.ruled else ", asked for" if candidate is clustering.chosen else ""


def _clusters(words: Words, analysis: Analysis, source: Said) -> Section:
    clustering = analysis.clustering
    pictures = map_chart(words, analysis, source), blades_chart(words, clustering, source)
    return Section(
        "clusters",
        narrate.clusters_title(words, clustering),
        "The clusters",
        CHAPTER,
        (
            with_source(profile_table(words, analysis), source),
            snake_chart(words, analysis, source),
            with_source(rules_table(words, analysis), narrate.rules_note(words)),
            Beside(pictures),
            *so_what(sowhat.clusters(words, clustering)),
        ),
        breaks=False,
        level=2,
    )


def snake_chart(words: Words, analysis: Segmentation, source: Said) -> Chart:
    """The profile of each cluster over the features."""
    labels = feature_labels(analysis.features)
    title = narrate.snake_title(words, analysis.clustering, labels)
    data = analysis.clustering.profiles, labels
    return _picture(words, ("snake", title, SNAKE_SUBTITLE), source, data, (40.0, "full"))


def map_chart(
    words: Words, analysis: Segmentation, source: Said, shape: tuple[float, Literal["full", "half"]] = (38.0, "half")
) -> Chart:
    """Customers on the two axes of the features, coloured by cluster."""
    clustering = analysis.clustering
    loadings = _named(clustering.loadings, feature_labels(analysis.features))
    head = ("cluster_map", narrate.map_title(words, clustering.explained), MAP_SUBTITLE)
    return _picture(words, head, source, (analysis.sample, clustering.explained, loadings), shape)


def blades_chart(words: Words, clustering: Clustering, source: Said) -> Chart:
    """The silhouette of each customer, cluster by cluster."""
    title = narrate.blades_title(words, clustering.blades)
    head = ("silhouette_blades", title, "Silhouette of each customer, by cluster")
    data = clustering.blades, _mean_width(clustering), cluster_slots(len(clustering.profiles))
    return _picture(words, head, source, data, (38.0, "half"))


def _named(loadings: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Loadings under the printed names of their features."""
    return loadings.assign(feature=[labels[name] for name in loadings["feature"]])


def _mean_width(clustering: Clustering) -> float:
    chosen = clustering.chosen
    return float(chosen.silhouette) if chosen is not None and chosen.silhouette is not None else 0.0


def feature_labels(features: Features) -> dict[str, str]:
    """Feature name to its printed label."""
    return {note.name: note.label for note in features.notes}


def cluster_slots(k: int) -> dict[int, int]:
    """Colour slot of each printed cluster number."""
    return {cluster: (cluster - 1) % SLOTS + 1 for cluster in range(1, k + 1)}


def profile_table(words: Words, analysis: Segmentation) -> Table:
    """Size, value and medians of every cluster."""
    profiles, notes = analysis.clustering.profiles, {note.name: note for note in analysis.features.notes}
    frame = profiles.assign(cluster=[cluster_name(words, number) for number in profiles["cluster"]])
    kinds: dict[str, Literal["share", "money", "days"]] = {"share": "share", "money": "money"}
    columns = [
        Column("cluster", "Cluster", "name"),
        Column("customers", "Customers", "count"),
        Column("share", "Share", "bar"),
        Column("monetary_share", words.label("Share of {value}", value=words.value_noun), "share"),
        *(Column(name, notes[name].label, kinds.get(notes[name].unit, "days")) for name in analysis.features.names),
    ]
    slots = {cluster_name(words, number): slot for number, slot in cluster_slots(len(profiles)).items()}
    return table(words, ("clusters", narrate.profiles_title(words, analysis.clustering)), columns, frame, slots)


def cluster_name(words: Words, number: int) -> str:
    """How a cluster is called.

    Parameters
    ----------
    number : int
        As printed, from 1.
    """
    return words.label("Cluster {number}", number=str(number))


def rules_table(words: Words, analysis: Segmentation) -> Table:
    """Each cluster in words: the rule that finds its customers, and how well."""
    rules = analysis.clustering.rules
    frame = pd.DataFrame(
        {
            "cluster": [cluster_name(words, number) for number in rules["cluster"]],
            "rule": [narrate.rule_text(words, conditions, analysis.features) for conditions in rules["rule"]],
            "coverage": rules["coverage"],
            "precision": rules["precision"],
        }
    )
    columns = [
        Column("cluster", "Cluster", "name"),
        Column("rule", "In words", "text"),
        Column("coverage", "Coverage", "share"),
        Column("precision", "Precision", "share"),
    ]
    slots = {cluster_name(words, number): slot for number, slot in cluster_slots(len(rules)).items()}
    return table(words, ("rules", narrate.rules_title(words, analysis.clustering)), columns, frame, slots)


def _crossing(words: Words, analysis: Analysis, palette: dict[str, int], context: tuple[Said, int]) -> Section:
    source, min_group = context
    clustering = analysis.clustering
    counts = clustering.crosstab
    shown = counts.mask(hidden_cells(counts.to_numpy(), min_group)).astype("float64")
    outliers = int(clustering.outlier.sum())
    beside = outliers and len(clustering.profiles) <= NARROW
    shape: tuple[float, Literal["full", "half"]] = (
        min(44.0 if beside else 80.0, 14.0 + 6.0 * len(clustering.crosstab)),
        "half" if beside else "full",
    )
    heading = narrate.crosstab_title(words, shown, counts.sum(axis="columns"))
    crosstab = replace(
        _picture(
            words,
            ("crosstab_heat", heading, CROSSTAB_SUBTITLE),
            source,
            (shown, palette, counts.sum(axis="columns").to_numpy()),
            shape,
        ),
        subtitle=places.with_hidden(words, CROSSTAB_SUBTITLE, bool(shown.isna().any(axis=None)), min_group),
    )
    prose = Prose((narrate.agreement_prose(words, clustering),))
    blocks: tuple[Block, ...] = (prose, crosstab)
    if outliers:
        head = ("outlier_map", narrate.outliers_title(words, clustering), OUTLIER_SUBTITLE)
        points = _picture(words, head, source, (analysis.sample, clustering.explained), shape)
        blocks = (prose, Beside((crosstab, points))) if beside else (prose, crosstab, points)
    blocks += so_what(sowhat.crossing(words, clustering))
    title = narrate.crossing_title(words, clustering)
    return Section("crossing", title, "Clusters against segments", CHAPTER, blocks, breaks=False, level=2)
