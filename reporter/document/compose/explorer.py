"""Panels of the explorer: the report's own charts and tables, one section each, for segments and clusters under any settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from reporter.analysis.analyse import Segmentation
from reporter.analysis.margins import margins
from reporter.analysis.shift import shift
from reporter.document.blocks import Beside, Block, Callout, Chart, Column, Prose, Said, Section, Stat, Stats, Table
from reporter.document.compose import colours
from reporter.document.compose import groups as clusters
from reporter.document.compose import rfm as scores
from reporter.document.compose.tables import MISSING, table, with_source
from reporter.document.narrate import customers as say_customers
from reporter.document.narrate import explorer as narrate
from reporter.document.narrate import groups as say_groups
from reporter.document.narrate import quality as say_quality
from reporter.document.narrate import rfm as say_rfm
from reporter.document.words import Word, Words

PANELS: Mapping[str, str] = MappingProxyType(
    {
        "verdict": "Verdict",
        "elbow": "Elbow",
        "map": "Map",
        "segments": "Segments",
        "profile": "Profiles",
        "rules": "Rules",
        "moves": "Movement",
        "customer": "Customer",
    }
)
"""Every panel, and what its tab says."""
ASKS_CLUSTERS = ("verdict", "elbow", "profile", "rules")
MAP_MM = 88.0
SEGMENT_MAP_SUBTITLE = "First two principal components, colour: segment"


def panel(
    name: str, words: Words, found: Segmentation, saved: Segmentation, least: int, by: str = "cluster"
) -> Section:
    """One panel; the customer has a function of its own.

    Parameters
    ----------
    name : str
        Of `PANELS`.
    saved : Segmentation
        That of the settings which movement is told against.
    least : int
        Customers that a score must have for its boundaries to be shown.
    by : {"cluster", "segment"}
        What the map is coloured by.
    """
    source = _source(words, found)
    if name in ASKS_CLUSTERS and found.clustering.chosen is None:
        why = tuple(filter(None, say_groups.verdict_prose(words, found.clustering)))
        return _section(name, say_groups.verdict_title(words, found.clustering), Prose(why))
    match name:
        case "verdict":
            return _verdict(words, found, source)
        case "elbow":
            blades = clusters.blades_chart(words, found.clustering, source)
            charts = Beside((clusters.elbow_chart(words, found.clustering, source), blades))
            return _section(name, say_groups.verdict_title(words, found.clustering), charts)
        case "map":
            return _section(name, _map_head(words, found), _map(words, found, source, by))
        case "segments":
            return _segments(words, found, source, least)
        case "profile":
            blocks = (
                with_source(clusters.profile_table(words, found), source),
                clusters.snake_chart(words, found, source),
            )
            return _section(name, say_groups.clusters_title(words, found.clustering), *blocks)
        case "rules":
            rules = with_source(clusters.rules_table(words, found), say_groups.rules_note(words))
            return _section(name, say_groups.clusters_title(words, found.clustering), rules)
    return _moves(words, found, saved)


def customer(words: Words, found: Segmentation, row: int) -> Section:
    """Why a customer is where they are: values, scores, distances to other scores, and habits beside those of the cluster.

    Parameters
    ----------
    row : int
        Place in ``found.scorecard.frame``.
    """
    one = found.scorecard.frame.iloc[row]
    number, k = int(found.clustering.cluster[row]), int(found.clustering.cluster.max(initial=0))
    cluster = clusters.cluster_name(words, number) if number else MISSING
    outlier = words.label("yes") if bool(found.clustering.outlier[row]) else words.label("no")
    tiles = Stats(
        (Stat("Segment", Said(str(one["segment"]))), Stat("Cluster", Said(cluster)), Stat("Outlier", Said(outlier)))
    )
    blocks: tuple[Block, ...] = (tiles, _margins(words, found, row))
    if number:
        blocks += (_habits(words, found, row, (number, k)),)
    return _section("customer", narrate.customer_title(words, str(one["customer_id"]), one), *blocks)


def reasons(words: Words, found: Segmentation) -> dict[str, str]:
    """Why each feature is in the distances or not, by its name."""
    notes, labels = found.features.notes, clusters.feature_labels(found.features)
    return {note.name: say_quality.feature_reason(words, note, labels).text for note in notes}


def _section(name: str, title: Said, *blocks: Block) -> Section:
    return Section(f"explorer-{name}", title, PANELS[name], PANELS[name], blocks)


def _source(words: Words, found: Segmentation) -> Said:
    return say_customers.customers_source(words, found.overview, words.day(found.ledger.as_of, "as_of"))


def _verdict(words: Words, found: Segmentation, source: Said) -> Section:
    clustering = found.clustering
    why = tuple(filter(None, (*say_groups.verdict_prose(words, clustering), say_groups.asked_prose(words, clustering))))
    return _section(
        "verdict",
        say_groups.verdict_title(words, clustering),
        Callout("verdict", say_groups.verdict_short(words, clustering.verdict), why),
        clusters.null_chart(words, clustering, source),
        with_source(clusters.candidates_table(words, clustering), source),
    )


def _map_head(words: Words, found: Segmentation) -> Said:
    if found.clustering.chosen is None:
        return say_groups.verdict_title(words, found.clustering)
    return say_groups.clusters_title(words, found.clustering)


def _map(words: Words, found: Segmentation, source: Said, by: str) -> Chart:
    """Customers on two axes, coloured by cluster or by segment."""
    if by == "cluster" and found.clustering.chosen is not None:
        return clusters.map_chart(words, found, source, (MAP_MM, "full"))
    axes = words.label("First component"), words.label("Second component")
    return Chart(
        id="segment-map",
        title=say_groups.map_title(words, found.clustering.explained),
        subtitle=Said(SEGMENT_MAP_SUBTITLE),
        source=source,
        alt=f"{words.label(SEGMENT_MAP_SUBTITLE)}.",
        draw="score_scatter",
        data=(found.sample, ("x", "y"), axes, colours(found.scorecard.grid.order), None),
        size="full",
        height_mm=MAP_MM,
    )


def _segments(words: Words, found: Segmentation, source: Said, least: int) -> Section:
    palette = colours(found.scorecard.grid.order)
    return _section(
        "segments",
        say_rfm.segments_title(words, found.segments),
        with_source(scores.segment_table(words, found, palette), source),
        scores.treemap(words, found, palette, source),
        Prose((say_rfm.rule(words, found.scorecard),)),
        scores.boundaries(words, found.scorecard, least, scores.headed(words)),
    )


def _moves(words: Words, found: Segmentation, saved: Segmentation) -> Section:
    """From the saved settings to these, by segment and by cluster."""
    by_segment = shift(saved, found, "segment")
    head = Said("Customers by segment under the saved settings (rows) and under these (columns)")
    blocks: tuple[Block, ...] = (_flows(words, by_segment, ("segment", head), colours(saved.scorecard.grid.order)),)
    if found.clustering.chosen is not None or saved.clustering.chosen is not None:
        by_cluster = shift(saved, found, "cluster")
        made = _flows(words, by_cluster, ("cluster", narrate.moves_title(words, by_cluster, "cluster")), {})
        blocks += (with_source(made, narrate.moves_note(words)),)
    return _section("moves", narrate.moves_title(words, by_segment, "segment"), *blocks)


def _flows(words: Words, flows: pd.DataFrame, head: tuple[str, Said], palette: dict[str, int]) -> Table:
    names = list(dict.fromkeys(flows["after"]))
    names = [str(number) for number in sorted(map(int, names))] if all(map(str.isdigit, names)) else names
    wide = flows.pivot(index="before", columns="after", values="customers")
    wide = wide.reindex(index=list(dict.fromkeys(flows["before"])), columns=names)
    frame = wide.astype("object").where(wide.notna(), None).set_axis([f"to {name}" for name in names], axis="columns")
    frame = frame.reset_index(drop=True).assign(before=[Said(_called(words, name)) for name in wide.index])
    columns = [
        Column("before", "From", "name"),
        *(Column(f"to {name}", _called(words, name), "count") for name in names),
    ]
    return table(words, (f"moves-{head[0]}", head[1]), columns, frame, palette)


def _called(words: Words, name: str) -> str:
    return clusters.cluster_name(words, int(name)) if name.isdigit() else words.label(Word(name))


def _margins(words: Words, found: Segmentation, row: int) -> Table:
    card = found.scorecard
    rows, heads = margins(card, row), scores.headed(words)
    ends = [card.boundaries[card.boundaries["dimension"] == name] for name in rows["dimension"]]
    frame = pd.DataFrame(
        {
            "measure": [Said(heads[name]) for name in rows["dimension"]],
            "value": [narrate.amount(words, r.dimension, r.value).text for r in rows.itertuples()],
            "score": rows["score"].to_numpy(),
            "range": [
                scores.range_text(
                    words, (r.low, r.high), (float(e["low"].min()), float(e["high"].max())), r.dimension == "monetary"
                )
                for r, e in zip(rows.itertuples(), ends, strict=True)
            ],
            "better": [narrate.amount(words, r.dimension, r.better).text or MISSING for r in rows.itertuples()],
            "worse": [narrate.amount(words, r.dimension, r.worse).text or MISSING for r in rows.itertuples()],
        }
    )
    columns = [
        Column("measure", "Measure", "name"),
        Column("value", "Value", "score"),
        Column("score", "Score", "count"),
        Column("range", "Values of this score", "score"),
        Column("better", "To a better score", "score"),
        Column("worse", "To a worse score", "score"),
    ]
    made = table(words, ("margins", narrate.margins_title(words, rows)), columns, frame)
    return with_source(made, narrate.margins_note(words, bool(card.grid.limits)))


def _habits(words: Words, found: Segmentation, row: int, cluster: tuple[int, int]) -> Table:
    """The features of a customer beside the medians of the cluster and of all customers."""
    frame, profiles = found.features.frame, found.clustering.profiles.set_index("cluster")
    notes = [note for note in found.features.notes if note.kept]

    def told(value: Callable[[str], float]) -> list[str]:
        return [say_groups.feature_value(words, note, value(note.name)).text for note in notes]

    rows = pd.DataFrame(
        {
            "feature": [Said(note.label) for note in notes],
            "own": told(lambda name: float(frame[name].iloc[row])),
            "cluster": told(lambda name: float(profiles.loc[cluster[0], name])),
            "all": told(lambda name: float(frame[name].median())),
        }
    )
    columns = [
        Column("feature", "Feature", "name"),
        Column("own", "This customer", "score"),
        Column("cluster", "Median of the cluster", "score"),
        Column("all", "Median of all", "score"),
    ]
    return table(words, ("habits", narrate.cluster_title(words, *cluster)), columns, rows)
