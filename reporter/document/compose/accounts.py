"""The reconciliation page: every row, every look-up, every customer and every account."""

from __future__ import annotations

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Block, Chart, Column, Prose, Said, Section, Table
from reporter.document.compose.conclude import so_what
from reporter.document.compose.tables import table, with_source
from reporter.document.narrate import accounts as narrate
from reporter.document.narrate import quality as say_quality
from reporter.document.narrate import sowhat
from reporter.document.words import Words
from reporter.intake.ledger import Ledger

NOTES_SHOWN = 10
REASONS_SHOWN = 12
BALANCES_SHOWN = 8
"""Rows in the report; the workbook has all."""
REASONS_DRAWN = 6
COUNTS = ("read", "kept", "rejected", "flagged")


def reconciliation(words: Words, analysis: Analysis, chapter: str) -> Section:
    """What counted, picture, tables, look-ups and customers on one page; then what to mend, what was guessed, and the accounts that balance."""
    ledger = analysis.ledger
    blocks: list[Block] = [Prose((narrate.lede(words, ledger),), kind="lede")]
    steps = _steps(words, ledger, analysis.overview.transactions)
    if len(steps) > 1:
        blocks.append(_waterfall(words, analysis, steps))
    blocks.append(rows_of_tables(words, ledger))
    told = [narrate.customers(words, analysis)]
    if any(map(narrate.incomplete, ledger.joins)):
        blocks.append(_joins(words, ledger))
    elif ledger.joins:
        told.insert(0, narrate.joins_title(words, ledger))
    blocks.append(Prose(tuple(told)))
    blocks.extend(so_what(sowhat.quality(words, ledger.transactions_tally)))
    if ledger.hits:
        blocks.append(_reasons(words, ledger))
    if ledger.notes:
        blocks.append(_notes(words, ledger))
    blocks.append(_balances(words, analysis))
    return Section("quality", say_quality.title(words, ledger), chapter, chapter, tuple(blocks))


def _steps(words: Words, ledger: Ledger, transactions: int) -> pd.DataFrame:
    """Steps of the waterfall: what is taken off ends where the one before ends."""
    tally, names = ledger.transactions_tally, narrate.step_names(words, ledger)
    sales = tally.kept - ledger.refund_rows
    steps = [
        ("read", 0, tally.read, "total"),
        ("rejected", tally.kept, tally.read, "rejected"),
        ("kept", 0, tally.kept if tally.rejected else 0, "total"),
        ("refunds", sales, tally.kept, "other"),
        ("further", transactions, sales, "other"),
        ("transactions", 0, transactions if transactions < tally.kept else 0, "total"),
    ]
    rows = [(names[key], start, end, role) for key, start, end, role in steps if end > start]
    return pd.DataFrame(rows, columns=["step", "start", "end", "role"])


def _waterfall(words: Words, analysis: Analysis, steps: pd.DataFrame) -> Chart:
    ledger = analysis.ledger
    hits = narrate.rejections(ledger)
    shown = [(words.label(narrate.reason_label(hit.reason)), hit.rows) for hit in hits[:REASONS_DRAWN]]
    rest = sum(hit.rows for hit in hits[REASONS_DRAWN:])
    reasons = pd.DataFrame([*shown, *([(words.label("All others"), rest)] if rest else [])], columns=["reason", "rows"])
    return Chart(
        id="accounting",
        title=narrate.waterfall_title(words, analysis),
        subtitle=Said("Rows of transactions, from those read to those counted; every bar starts at zero or hangs from the one before"),
        source=narrate.waterfall_source(words, ledger, analysis.overview.transactions),
        alt="Waterfall of the rows of transactions: read, rejected, kept and counted; beside it the rejected rows by reason.",
        draw="waterfall",
        data=(steps, reasons),
        height_mm=6.0 + 5.6 * max(len(steps), len(reasons)),
    )  # fmt: skip


def rows_of_tables(words: Words, ledger: Ledger) -> Table:
    """Rows of every table: read, kept, rejected and flagged."""
    frame = pd.DataFrame(
        [(t.table, ", ".join(filter(None, (t.file, t.sheet and f"{words.label(t.part)} {t.sheet}"))), t.read, t.kept, t.rejected, t.flagged) for t in ledger.tallies],
        columns=["table", "place", *COUNTS],
    )  # fmt: skip
    columns = [
        Column("table", "Table", "name"),
        Column("place", "Read from", "text"),
        *(Column(key, key.capitalize(), "count") for key in COUNTS),
    ]
    total = {"table": Said("All tables")} | {key: int(frame[key].sum()) for key in COUNTS}
    return table(words, ("accounts", say_quality.accounts_title(words, ledger)), columns, frame, total=total)


def _reasons(words: Words, ledger: Ledger) -> Table:
    rows = [
        (say_quality.reason_text(hit.reason), Said(hit.kind), hit.rows, narrate.where(hit), narrate.touches(words, hit), narrate.mending(hit))
        for hit in ledger.hits
    ]  # fmt: skip
    keys = ("reason", "kind", "rows", "where", "touches", "mend")
    columns = [
        Column("reason", "What was found", "name"),
        Column("kind", "Done", "text"),
        Column("rows", "Rows", "count"),
        Column("where", "Table and first rows", "text"),
        Column("touches", "Figures it touches", "text"),
        Column("mend", "How to mend it", "text"),
    ]
    block = table(
        words, ("reasons", say_quality.reasons_title(words, ledger)), columns, pd.DataFrame(rows, columns=list(keys))
    )
    return with_source(block, more=max(0, len(rows) - REASONS_SHOWN))


def _joins(words: Words, ledger: Ledger) -> Table:
    rows = [
        (narrate.join_name(j), j.rows, j.found, j.missing, j.missing_keys, j.blank, narrate.join_meaning(j))
        for j in sorted(ledger.joins, key=lambda join: not narrate.incomplete(join))
    ]
    keys = ("name", "rows", "found", "missing", "keys", "blank", "meaning")
    columns = [
        Column("name", "Looked up", "name"),
        Column("rows", "Rows", "count"),
        Column("found", "Found", "count"),
        Column("missing", "Not there", "count"),
        Column("keys", "Ids not there", "count"),
        Column("blank", "Left blank", "count"),
        Column("meaning", "What it means", "text"),
    ]
    block = table(words, ("joins", narrate.joins_title(words, ledger)), columns, pd.DataFrame(rows, columns=list(keys)))
    return with_source(block, more=sum(not narrate.incomplete(join) for join in ledger.joins))


def _notes(words: Words, ledger: Ledger) -> Table:
    frame = pd.DataFrame(
        [(narrate.remark(n.what), narrate.remark(n.where), Said(n.kind), n.rows, n.fix) for n in ledger.notes],
        columns=["what", "where", "kind", "rows", "fix"],
    )
    columns = [
        Column("where", "Where", "name"),
        Column("kind", "Kind", "text"),
        Column("what", "Guessed, repaired or assumed", "text"),
        Column("rows", "Rows", "count"),
        Column("fix", "To say otherwise", "text"),
    ]
    block = table(words, ("notes", narrate.notes_title(words, ledger)), columns, frame.astype({"rows": "object"}))
    return with_source(block, more=max(0, len(frame) - NOTES_SHOWN))


def _balances(words: Words, analysis: Analysis) -> Table:
    rows = []
    for each in analysis.balances:
        one, other = narrate.balance_words(words, each)
        number = narrate.balance_number
        rows.append((one, number(words, each, each.found), other, number(words, each, each.due)))
    frame = pd.DataFrame(rows, columns=["one", "found", "other", "due"])
    columns = [
        Column("one", "What was counted", "name"),
        Column("found", "Number", "number"),
        Column("other", "What it must equal", "text"),
        Column("due", "Number", "number"),
    ]
    block = table(words, ("balances", narrate.balances_title(words, analysis.balances)), columns, frame)
    return with_source(block, more=max(0, len(frame) - BALANCES_SHOWN))
