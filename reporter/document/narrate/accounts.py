"""What the reconciliation page says: what counted, what did not and why, what it touches, and that all accounts balance."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import SILENT, Number, Said, Sentence
from reporter.document.narrate import scope
from reporter.document.words import Word, Words, join, paragraph, plural, retell, say, verb
from reporter.intake.advice import ADVICE, touched
from reporter.intake.balance import Balance
from reporter.intake.ledger import Hit, Join, Ledger
from reporter.intake.told import Told

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "customers": "These count, but city, gender and join date are unknown.",
        "branches": "These count, but have no merchant.",
        "merchants": "The merchant of these branches is unknown.",
        "cities": "The city of these customers is unknown.",
        "genders": "The gender of these customers is unknown.",
    }
)
"""What a look-up that found nothing leads to."""

BALANCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "transactions of the customers": ("Frequency, summed over customers", "transactions on the rows"),
        "transactions of the segments": ("Transactions, summed over segments", "transactions on the rows"),
        "transactions of the months": ("Transactions, summed over months", "transactions on the rows"),
        "money of the customers": ("Revenue, summed over customers", "revenue on the rows, to the cent"),
        "money of the months": ("Revenue, summed over months", "revenue on the rows, to the cent"),
        "customers by fate": ("Scored, refunds only or no transaction", "customers known"),
        "scored customers": ("Customers scored", "customers with a transaction"),
        "customers with a segment": ("Customers with a segment", "customers scored"),
        "customers of the segments": ("Sizes of the segments, summed", "customers scored"),
        "value of the segments": ("{value}, summed over segments", "{value}, summed over scored customers"),
        "customers of the clusters": ("Sizes of the clusters, summed", "customers scored"),
        "rows of the part": ("Rows of transactions in this edition", "rows of it among all rows kept"),
        "rows read": ("{about}: rows kept plus rows rejected", "rows read"),
        "rows after all look-ups": ("Rows of transactions after all look-ups", "rows kept"),
        "refund rows": ("Rows that count as refunds", "rows flagged as refunds"),
        "customers, each once": ("Different customer ids", "customers known"),
        "customers known": ("Rows kept in customers plus ids in transactions only", "customers known"),
        "rows looked up": ("{about}: found, not there and blank", "rows kept"),
        "look-ups that found nothing": ("{about}: not there", "rows flagged for it"),
    }
)
"""Each account in words: what was counted, and what it must be equal to."""


def lede(words: Words, ledger: Ledger) -> Said:
    """What counted and what did not, in one sentence; then where every row is listed."""
    if ledger.scope is not None:
        return scope.account(words, ledger.scope)
    tables = [tally for tally in ledger.tallies if tally.rejected]
    rejected = sum(tally.rejected for tally in tables)
    flagged = sum(tally.flagged for tally in ledger.tallies)
    read = words.things(sum(tally.read for tally in ledger.tallies), "row", "rows_read")
    if not rejected and not flagged:
        return say(
            "{read} were read from all tables; every one of them counts, and none needs a second look.", read=read
        )
    out = _part(words, rejected, "rows_rejected", ("is in no figure", "are in no figure"))
    odd = _part(words, flagged, "rows_flagged", ("counts, but should be looked at", "count, but should be looked at"))
    first = say("Of {read} in all tables, {told}.", read=read, told=join([part for part in (out, odd) if part]))
    return paragraph(
        first,
        Said("rejects.csv lists each with file, sheet, row, column and the text of the cell, and says how to mend it."),
    )


def _part(words: Words, number: int, name: str, verbs: tuple[str, str]) -> Said:
    return say("{n} {verb}", n=words.count(number, name), verb=verb(number, *verbs)) if number else SILENT


def waterfall_title(words: Words, analysis: Analysis) -> Said:
    """From the rows to the transactions."""
    tally = analysis.ledger.transactions_tally
    return say(
        "{read} become {transactions} of {customers}",
        read=words.things(tally.read, "row", "rows_read"),
        transactions=words.things(analysis.overview.transactions, "transaction", "transactions"),
        customers=words.things(analysis.fates["scored"], "customer", "customers_scored"),
    )


def step_names(words: Words, ledger: Ledger) -> dict[str, str]:
    """Labels of the waterfall; where all rejected rows have one reason, the reason."""
    reasons = [hit.reason for hit in rejections(ledger)]
    alone = say("Rejected: {reason}", reason=Word(reason_label(reasons[0]).lower())) if len(reasons) == 1 else None
    rejected = words.label("Rejected") if alone is None else retell(alone, words.tongue).text
    return {
        "read": words.label("Rows read"),
        "rejected": rejected,
        "kept": words.label("Rows kept"),
        "refunds": words.label("Refunds"),
        "further": words.label("More rows of one transaction"),
        "transactions": words.label("Transactions"),
    }


def rejections(ledger: Ledger) -> list[Hit]:
    """Why rows of transactions were rejected, the largest first."""
    return [hit for hit in ledger.hits if hit.kind == "rejected" and hit.table == "transactions"]


def reason_label(reason: str) -> str:
    """A reason in two or three words."""
    return reason.replace("-", " ").capitalize()


def waterfall_source(words: Words, ledger: Ledger, transactions: int) -> Said:
    """What the steps are, in words, with their numbers."""
    tally = ledger.transactions_tally
    further = tally.kept - ledger.refund_rows - transactions
    parts = [
        say("{n} rejected", n=words.things(tally.rejected, "row", "rows_rejected")) if tally.rejected else SILENT,
        say("{n}", n=words.things(ledger.refund_rows, "refund row", "refund_rows")) if ledger.refund_rows else SILENT,
        say("{n} of a transaction that is counted already", n=words.things(further, "row", "further_rows"))
        if further
        else SILENT,
    ]
    return say("Source: all rows of transactions. Taken off: {parts}.", parts=join([part for part in parts if part]))


def touches(words: Words, hit: Hit) -> Said:
    """The figures that a reason touches."""
    text = words.label(touched(hit.reason, hit.table)).format(value=words.label(words.value_noun))
    return Said(text[0].upper() + text[1:] + ".")


def mending(hit: Hit) -> Said:
    """How its owner mends it."""
    return Said(ADVICE[hit.reason].mend)


def where(hit: Hit) -> Said:
    """The table and the first rows, as the spreadsheet numbers them."""
    rows = [Said(str(row)) for row in hit.first_rows]
    if hit.first_files:
        placed = zip(hit.first_rows, hit.first_files, strict=True)
        rows = [say("{row} of {file}", row=str(row), file=file) for row, file in placed]
    return say(
        "{table}, {rows} {first}{more}",
        table=hit.table,
        rows=verb(hit.rows, "row", "rows"),
        first=enumerated(rows),
        more="\u00a0…" if hit.rows > len(hit.first_rows) else "",
    )


def enumerated(phrases: list[Said]) -> Said:
    """A, B, C: without a last word."""
    first, *others = phrases
    for other in others:
        first = say("{one}, {other}", one=first, other=other)
    return first


def joins_title(words: Words, ledger: Ledger) -> Said:
    """How many look-ups found nothing; where none: that all found."""
    rows = sum(each.rows - each.blank for each in ledger.joins)
    missing = sum(each.missing for each in ledger.joins)
    if not missing:
        return say("All {n} from table to table found their entry.", n=words.things(rows, "look-up", "look_ups"))
    return say(
        "{missing} of {n} from table to table found nothing",
        missing=words.count(missing, "joins_missing"),
        n=words.things(rows, "look-up", "look_ups"),
    )


def join_name(each: Join) -> Said:
    """The two tables of a look-up."""
    return say("{table} in {lookup}", table=each.table, lookup=each.lookup)


def join_meaning(each: Join) -> Said:
    """What it leads to when nothing is found."""
    return Said(MEANINGS[each.lookup] if incomplete(each) else "–")


def incomplete(each: Join) -> bool:
    """Whether a look-up left rows without an entry."""
    return bool(each.missing or each.blank)


def customers(words: Words, analysis: Analysis) -> Said:
    """Every known customer: scored, only refunds, without transactions; and whom the table of customers does not know."""
    fates, ledger = analysis.fates, analysis.ledger
    known = words.things(sum(fates.values()), "customer", "customers_known")
    told = say("Of {known} known, {scored} have transactions and are scored.", known=known, scored=words.count(fates["scored"], "customers_scored"))  # fmt: skip
    if fates["scored"] == sum(fates.values()):
        told = say("All {known} have transactions and are scored.", known=known)
        told = told if fates["scored"] > 1 else say("The only customer has transactions and is scored.")
    return paragraph(
        told,
        _absent(words, fates["without_transactions"], "no transaction that counts", "without_transactions"),
        _absent(words, fates["only_refunds"], "refunds only", "only_refunds"),
        _strangers(words, ledger.only_in_transactions),
    )


def _absent(words: Words, number: int, what: str, name: str) -> Said:
    if not number:
        return SILENT
    return say(
        "{n} {have} {what}: counted as {prospects}, but without scores and segment.",
        n=words.things(number, "customer", name),
        have=verb(number, "has", "have"),
        what=Word(what),
        prospects=verb(number, "a prospect", "prospects"),
    )


def _strangers(words: Words, number: int) -> Said:
    if not number:
        return SILENT
    return say(
        "{n} {are} known from transactions only: join date, city and gender are unknown, all else counts.",
        n=words.things(number, "customer", "only_in_transactions"),
        are=verb(number, "is", "are"),
    )


def remark(text: str) -> Said:
    """What intake remarked, with its parts, so that it can be told in the language of the report."""
    if not isinstance(text, Told):
        return Said(text)
    values = tuple((name, remark(value) if isinstance(value, Told) else value) for name, value in text.values.items())
    return Said(text, made=Sentence(text.template, values))


def notes_title(words: Words, ledger: Ledger) -> Said:
    """How many guesses, repairs and assumptions, and how many rows were repaired."""
    kinds = (("repair", "repair"), ("guess", "guess"), ("assumption", "assumption"), ("ignored", "omission"))
    counts = [
        (words.things(sum(note.kind == kind for note in ledger.notes), noun, plural(noun))) for kind, noun in kinds
    ]
    told = [Said(count.text, (count,)) for count in counts if count.value]
    rows = sum(note.rows or 0 for note in ledger.notes if note.kind == "repair")
    if rows:
        told[0] = say("{told} of {rows}", told=told[0], rows=words.things(rows, "cell", "cells_repaired"))
    return say("How the data was read: {told}", told=join(told))


def balances_title(words: Words, balances: tuple[Balance, ...]) -> Said:
    """How many accounts were checked."""
    return say("{n} checked in this run, and all balance", n=words.things(len(balances), "account", "accounts"))


def balance_words(words: Words, each: Balance) -> tuple[Said, Said]:
    """What was counted, and what it is equal to."""
    one, other = (_balanced(words, text, each.about) for text in BALANCES[each.account])
    return one, other


def _balanced(words: Words, template: str, about: str) -> Said:
    table, _, lookup = about.partition(" > ")
    place = words.label("{table} in {lookup}", table=table, lookup=lookup) if lookup else about
    noun = words.label(words.value_noun.capitalize())
    text = words.label(template).format(about=place, value=noun)
    return Said(text[0].upper() + text[1:])


def balance_number(words: Words, each: Balance, value: int) -> Number:
    """A side of an account: money to the cent, everything else whole."""
    if each.unit == "count":
        return words.count(value)
    return words.money(value / 100, digits=2) if words.mode == "money" else words.count(value // 100)
