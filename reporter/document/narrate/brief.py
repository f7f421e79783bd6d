"""What the brief edition says by itself: the account of the rows, where the rest is, and how to read the table."""

from __future__ import annotations

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import SILENT, Said
from reporter.document.narrate import groups, scope
from reporter.document.words import Words, say, verb
from reporter.intake.ledger import Ledger


def logo_of(organisation: str) -> Said:
    """What a reader who cannot see the logo should know."""
    return say("Logo of {organisation}", organisation=organisation) if organisation else Said("Logo")


def lede(words: Words, analysis: Analysis) -> Said:
    """What was looked at, in one line; the head above it says from when it is seen."""
    return say(
        "{customers} with {transactions} between {first} and {last}.",
        customers=words.things(analysis.overview.scored, "customer", "customers_scored"),
        transactions=words.things(analysis.overview.transactions, "transaction"),
        first=words.day(analysis.ledger.first_day, "first_day"),
        last=words.day(analysis.ledger.last_day, "last_day"),
    )


def rows(words: Words, ledger: Ledger) -> Said:
    """The rows of all tables: read, kept, rejected and flagged; of an edition what it holds."""
    if ledger.scope is not None:
        return scope.account(words, ledger.scope)
    read, kept, rejected, flagged = (
        sum(getattr(tally, name) for tally in ledger.tallies) for name in ("read", "kept", "rejected", "flagged")
    )
    return say(
        "{read} of {tables} {were} read: {kept} {are} kept, {rejected} rejected, {flagged} flagged.",
        read=words.things(read, "row", "rows_read_all"),
        tables=words.things(len(ledger.tallies), "table", "tables"),
        were=verb(read, "was", "were"),
        kept=words.count(kept, "rows_kept_all"),
        are=verb(kept, "is", "are"),
        rejected=words.count(rejected, "rows_rejected_all"),
        flagged=words.count(flagged, "rows_flagged_all"),
    )


def rejects(ledger: Ledger) -> Said:
    """Where the rows are named that do not count, or count with a doubt."""
    if not any(tally.rejected or tally.flagged for tally in ledger.tallies):
        return SILENT
    return Said("The file rejects.csv names each rejected or flagged row, with its place and reason.")


def verdict(words: Words, analysis: Analysis) -> Said:
    """Whether there are natural groups, in one line."""
    return say("{verdict}.", verdict=groups.verdict_title(words, analysis.clustering))


def rest(words: Words, run_id: str) -> tuple[Said, ...]:
    """Where the full report and the other files are."""
    if not words.has_lists:
        brief = say("This is the brief edition of run {run}.", run=run_id)
        return brief, Said("Beside it: every table in segments.xlsx, every number in facts.json.")
    return (
        say(
            "This is the brief edition of run {run}; the setting report.edition = full gives all the evidence.",
            run=run_id,
        ),
        Said("Beside it: every table in segments.xlsx, every number in facts.json, every list in audiences/."),
    )


def columns_note(words: Words, ledger: Ledger) -> Said:
    """How to read the campaign table."""
    return say(
        "Recency: median days since the last transaction, as of {as_of}; value: {noun} of all transactions; lists: in the folder audiences/."
        if words.has_lists
        else "Recency: median days since the last transaction, as of {as_of}; value: {noun} of all transactions.",
        as_of=words.day(ledger.as_of, "as_of"),
        noun=words.value_noun,
    )


def largest(words: Words, shown: int) -> Said:
    """Subtitle of the first page's picture where it cannot show all segments."""
    return say(
        "Share of {value} (bar) and of customers (line) of the {n} with most {same}",
        value=words.value_noun,
        n=words.things(shown, "segment"),
        same=words.value_noun,
    )
