"""Section "Data quality and method": every row, every assumption, every definition."""

from __future__ import annotations

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Block, Bullets, Chart, Column, Details, Prose, Said, Section, Table
from reporter.document.compose.groups import feature_labels
from reporter.document.compose.tables import table, with_source
from reporter.document.narrate import glossary
from reporter.document.narrate import quality as narrate
from reporter.document.narrate import rfm as say_rfm
from reporter.document.words import Words
from reporter.intake.ledger import Ledger

CHAPTER = "Data quality and method"
VISIBLE = 0.01
"""A smaller share of rejected rows cannot be seen in a picture; the table says it."""
NOTES_SHOWN = 14
"""Notes in the report; the workbook has all."""


def quality(words: Words, analysis: Analysis, run_id: str) -> tuple[Section, ...]:
    """Rows, then method."""
    return (_rows(words, analysis), _method(words, analysis, run_id))


def _rows(words: Words, analysis: Analysis) -> Section:
    ledger = analysis.ledger
    accounts = pd.DataFrame(
        [(t.table, t.read, t.kept, t.rejected, t.flagged) for t in ledger.tallies],
        columns=["table", "read", "kept", "rejected", "flagged"],
    )
    columns = [
        Column("table", "Table", "name"),
        *(Column(key, key.capitalize(), "count") for key in ("read", "kept", "rejected", "flagged")),
    ]
    sums = {key: int(accounts[key].sum()) for key in ("read", "kept", "rejected", "flagged")}
    blocks: list[Block] = [
        Prose((narrate.lede(words, ledger),)),
        table(
            words,
            ("accounts", narrate.accounts_title(words, ledger)),
            columns,
            accounts,
            total={"table": "All tables"} | sums,
        ),
    ]
    if (accounts["rejected"] >= VISIBLE * accounts["read"]).any() and sums["rejected"]:
        blocks.append(_accounting_chart(words, accounts, ledger))
    if sums["rejected"] or sums["flagged"]:
        blocks.append(_reasons(words, ledger))
    if ledger.notes:
        blocks.append(_notes(words, ledger))
    return Section("quality", narrate.title(words, ledger), CHAPTER, CHAPTER, tuple(blocks))


def _accounting_chart(words: Words, accounts: pd.DataFrame, ledger: Ledger) -> Chart:
    return Chart(
        id="accounting",
        title=narrate.accounts_title(words, ledger),
        subtitle=Said("Rows kept, flagged among them, and rejected, by table"),
        source=Said("Source: all rows of the input."),
        alt="Bars of rows kept and rejected by table.",
        draw="accounting_bars",
        data=(accounts,),
        height_mm=12.0 + 5.5 * len(accounts),
    )


def _reasons(words: Words, ledger: Ledger) -> Table:
    rows = [
        (t.table, kind, narrate.reason_text(reason), count)
        for t in ledger.tallies
        for reason, kind, count in t.by_reason
    ]
    frame = pd.DataFrame(rows, columns=["table", "kind", "reason", "rows"])
    columns = [
        Column("reason", "What was found", "name"),
        Column("table", "Table", "text"),
        Column("kind", "What was done", "text"),
        Column("rows", "Rows", "count"),
    ]
    return table(words, ("reasons", narrate.reasons_title(words, ledger)), columns, frame)


def _notes(words: Words, ledger: Ledger) -> Table:
    frame = pd.DataFrame(
        [(n.what, n.where, n.kind, n.rows, n.fix) for n in ledger.notes],
        columns=["what", "where", "kind", "rows", "fix"],
    )
    columns = [
        Column("where", "Where", "name"),
        Column("what", "Guessed, repaired or assumed", "text"),
        Column("rows", "Rows", "count"),
        Column("fix", "To say otherwise", "text"),
    ]
    block = table(words, ("notes", narrate.notes_title(words, ledger)), columns, frame.astype({"rows": "object"}))
    return with_source(block, more=max(0, len(frame) - NOTES_SHOWN))


def _method(words: Words, analysis: Analysis, run_id: str) -> Section:
    sentences = (
        narrate.as_of(words, analysis.ledger),
        narrate.refunds(words, analysis),
        say_rfm.ties(words, analysis.scorecard),
        narrate.scaling(words),
        narrate.null_method(words, analysis.settings),
    )
    features = _features(words, analysis)
    correlation = analysis.features.correlation
    blocks: list[Block] = [Prose(tuple(filter(None, sentences))), features]
    if len(correlation) > 1:
        blocks.append(
            Chart(
                id="correlation",
                title=narrate.correlation_title(words, analysis.features),
                subtitle=Said("Spearman’s rank correlation of the features"),
                source=Said("Source: customers with transactions."),
                alt="Matrix of rank correlations between features.",
                draw="correlation_heat",
                data=(correlation, feature_labels(analysis.features)),
                height_mm=64.0,
            )
        )
    blocks += [
        Details(Said("Definitions"), (Bullets(glossary.glossary()),)),
        Details(
            Said("How to get the same numbers again"),
            (Prose(narrate.provenance(words, analysis, run_id), kind="note"),),
        ),
    ]
    return Section(
        "method",
        narrate.features_title(words, analysis.features),
        "Method and definitions",
        CHAPTER,
        tuple(blocks),
        breaks=False,
        level=2,
    )


def _features(words: Words, analysis: Analysis) -> Table:
    labels = feature_labels(analysis.features)
    notes = analysis.features.notes
    frame = pd.DataFrame(
        {
            "feature": [note.label for note in notes],
            "unit": [note.unit for note in notes],
            "reason": [narrate.feature_reason(words, note, labels).text for note in notes],
        }
    )
    columns = [
        Column("feature", "Feature", "name"),
        Column("unit", "Unit", "text"),
        Column("reason", "Used or left out, and why", "text"),
    ]
    return table(words, ("features", narrate.features_title(words, analysis.features)), columns, frame)
