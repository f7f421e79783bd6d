"""Section "Data quality and method": every row, every assumption, every definition."""

from __future__ import annotations

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Block, Bullets, Chart, Column, Details, Prose, Said, Section, Table
from reporter.document.compose.accounts import reconciliation
from reporter.document.compose.groups import feature_labels
from reporter.document.compose.tables import table
from reporter.document.narrate import customers as say_customers
from reporter.document.narrate import glossary, ways
from reporter.document.narrate import quality as narrate
from reporter.document.narrate import rfm as say_rfm
from reporter.document.words import Words

CHAPTER = "Data quality and method"


def quality(words: Words, analysis: Analysis, run_id: str) -> tuple[Section, ...]:
    """Rows, then method."""
    return (reconciliation(words, analysis, CHAPTER), _method(words, analysis, run_id))


def _method(words: Words, analysis: Analysis, run_id: str) -> Section:
    sentences = (
        narrate.as_of(words, analysis.ledger),
        narrate.refunds(words, analysis),
        say_rfm.ties(words, analysis.scorecard),
        *_search(words, analysis),
    )
    features = _features(words, analysis)
    terms = glossary.glossary(analysis)
    first, *others = filter(None, sentences)
    blocks: list[Block] = [Prose((first,)), *([Prose(tuple(others))] if others else []), features]
    if len(analysis.features.correlation) > 1:
        blocks.append(_correlation(words, analysis))
    blocks += [
        Details(Said("Definitions"), (Bullets(terms, terms=True),)),
        Details(
            Said("How to get the same numbers again"),
            (Prose(narrate.provenance(words, analysis, run_id), kind="note"),),
        ),
    ]
    return Section(
        "method",
        narrate.method_title(words, analysis, len(terms)),
        "Method and definitions",
        CHAPTER,
        tuple(blocks),
        breaks=False,
        level=2,
    )


def _search(words: Words, analysis: Analysis) -> tuple[Said, ...]:
    """How groups were searched for, where they were."""
    if analysis.clustering.chosen is None:
        return ()
    chance = narrate.null_method(words, analysis.settings)
    return (narrate.scaling(words), chance, *ways.in_full(words, analysis.clustering))


def _correlation(words: Words, analysis: Analysis) -> Chart:
    return Chart(
        id="correlation",
        title=narrate.correlation_title(words, analysis.features),
        subtitle=Said("Spearman’s rank correlation of the features"),
        source=say_customers.customers_source(words, analysis.overview, words.day(analysis.ledger.as_of, "as_of")),
        alt="Matrix of rank correlations between features.",
        draw="correlation_heat",
        data=(analysis.features.correlation, feature_labels(analysis.features)),
        height_mm=46.0,
    )


def _features(words: Words, analysis: Analysis) -> Table:
    labels = feature_labels(analysis.features)
    notes = analysis.features.notes
    frame = pd.DataFrame(
        {
            "feature": [Said(note.label) for note in notes],
            "unit": [Said(note.unit) for note in notes],
            "reason": [narrate.feature_reason(words, note, labels) for note in notes],
        }
    )
    columns = [
        Column("feature", "Feature", "name"),
        Column("unit", "Unit", "text"),
        Column("reason", "Used or left out, and why", "text"),
    ]
    return table(words, ("features", narrate.features_title(words, analysis.features)), columns, frame)
