"""What an edition for some readers says of itself: what it is restricted to, and what it leaves out."""

from __future__ import annotations

from reporter.document.blocks import SILENT, Said
from reporter.document.words import Words, paragraph, say
from reporter.intake.ledger import Scope


def title(words: Words, scope: Scope) -> Said:
    """Whose rows these are."""
    return say(
        "This edition tells of {name} alone: {rows} of transactions",
        name=scope.name,
        rows=words.things(scope.rows, "row", "rows_kept"),
    )


def summary(words: Words, scope: Scope) -> Said:
    """The same as a sentence."""
    return say(
        "This edition tells of {name} alone: all its {rows} that could be used are in the figures.",
        name=scope.name,
        rows=words.things(scope.rows, "row", "rows_kept"),
    )


def account(words: Words, scope: Scope) -> Said:
    """What it holds, how much of the whole that is where its reader may know, and where the rows are that could not be used."""
    held = say(
        "This edition holds {rows} of transactions and {customers}: those of {name}, and no others.",
        rows=words.things(scope.rows, "row", "rows_kept"),
        customers=words.things(scope.customers, "customer", "customers_known"),
        name=scope.name,
    )
    return paragraph(held, _elsewhere(scope), _whole(words, scope), _rejected(words, scope))


def _elsewhere(scope: Scope) -> Said:
    if scope.kind == "city":
        return SILENT
    return Said("What the same customers did elsewhere is in no figure.")


def _whole(words: Words, scope: Scope) -> Said:
    if scope.of_rows is None or scope.of_customers is None:
        return SILENT
    return say(
        "That is {row_share} of all {rows} and {customer_share} of all {customers}.",
        row_share=words.share(scope.rows / scope.of_rows, "scope_row_share"),
        rows=words.things(scope.of_rows, "row", "rows_of_all"),
        customer_share=words.share(scope.customers / scope.of_customers, "scope_customer_share"),
        customers=words.things(scope.of_customers, "customer", "customers_of_all"),
    )


def _rejected(words: Words, scope: Scope) -> Said:
    if scope.rejected is None:
        return Said("Rows that could not be used are left out, and only the report on all data counts them.")
    return say(
        "The whole file has {n} of transactions that could not be used; they are counted there and belong to no edition.",
        n=words.things(scope.rejected, "row", "rows_rejected_of_all"),
    )
