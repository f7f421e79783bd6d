"""The accounts of intake: read = kept + rejected for every table, and what each reason hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reporter.intake.balance import Balance, balance
from reporter.intake.ledger import Hit, Join, Tally
from reporter.intake.parts import file_and_row
from reporter.intake.read import Tables
from reporter.intake.reasons import REASONS
from reporter.intake.schema import TABLES

LOOKED_UP = (
    ("transactions", "customers"), ("transactions", "branches"), ("customers", "cities"), ("customers", "genders"), ("branches", "merchants"),
)  # fmt: skip
"""Look-ups in the order in which they are told: an engine gives the rows of a union in any."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of one table, each number counted by itself: read in the raw table, kept in the clean one, the others among the findings."""

    read: int
    kept: int
    rejected: int = 0
    rejected_again: int = 0
    flagged: int = 0
    rejected_and_flagged: int = 0


def tallies_of(tables: Tables, counted: Mapping[str, Counted], hits: Sequence[Hit]) -> tuple[Tally, ...]:
    """One account per table that was found, transactions first.

    Raises
    ------
    AssertionError
        When an account does not balance.
    """
    names = sorted(
        tables.columns, key=lambda name: (name != "transactions", [table.name for table in TABLES].index(name))
    )
    return tuple(_tally(tables, name, counted[name], [hit for hit in hits if hit.table == name]) for name in names)


def _tally(tables: Tables, name: str, counted: Counted, hits: Sequence[Hit]) -> Tally:
    balance("rows read", counted.kept + counted.rejected, counted.read, about=name)
    balance("rows rejected twice", counted.rejected_again, 0, about=name)
    balance("rejected rows that are flagged", counted.rejected_and_flagged, 0, about=name)
    by_reason = sorted(((hit.reason, hit.kind, hit.rows) for hit in hits), key=lambda entry: (-entry[2], entry[0]))
    file, sheet = tables.places[name]
    return Tally(
        name, file, sheet, counted.read, counted.kept, counted.rejected, counted.flagged, tuple(by_reason),
        tables.parts.get(name, ()), tables.part,
    )  # fmt: skip


def hits_of(counted: Sequence[Mapping[str, Any]], first: Sequence[Mapping[str, Any]]) -> tuple[Hit, ...]:
    """Each table and reason with its rows, rejections first, then by number of rows.

    Parameters
    ----------
    counted : sequence of mapping
        Rows of step ``tallies``.
    first : sequence of mapping
        ``table_name, reason, row_no`` of the first rows of each.
    """
    rows: dict[tuple[str, str], list[int]] = {}
    for each in first:
        rows.setdefault((each["table_name"], each["reason"]), []).append(int(each["row_no"]))
    hits = [
        Hit(name, reason, REASONS[reason].kind, int(each["n"]), tuple(sorted(rows[name, reason])))
        for each in counted
        for name, reason in [(str(each["table_name"]), str(each["reason"]))]
    ]
    return tuple(sorted(hits, key=lambda hit: (hit.kind != "rejected", -hit.rows, hit.table, hit.reason)))


def in_files(tables: Tables, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Hits whose first rows are numbered in their files, with the names of those."""
    return tuple(_in_files(hit, tables.parts[hit.table]) if hit.table in tables.parts else hit for hit in hits)


def _in_files(hit: Hit, parts: Sequence[str]) -> Hit:
    names, rows = zip(*(file_and_row(parts, row) for row in hit.first_rows), strict=True)
    return replace(hit, first_rows=rows, first_files=names)


def joins_of(tables: Tables, counted: Sequence[Mapping[str, Any]]) -> tuple[Join, ...]:
    """The look-ups whose two tables are there, from the rows of step ``joins``."""
    found = [
        Join(*(row[key] for key in ("table_name", "lookup", "looked_up", "found", "missing", "missing_keys", "blank")))
        for row in counted
        if row["table_name"] in tables.columns and row["lookup"] in tables.columns
    ]
    return tuple(sorted(found, key=lambda join: LOOKED_UP.index((join.table, join.lookup))))


def balances_of(
    tallies: Sequence[Tally], hits: Sequence[Hit], joins: Sequence[Join], counted: Mapping[str, int]
) -> tuple[Balance, ...]:
    """Every account of intake.

    Parameters
    ----------
    counted : mapping of str to int
        Counted on the finished ledger: ``kept, refunds`` rows of transactions, ``known`` customers and their different ``ids``.

    Raises
    ------
    AssertionError
        When one does not balance.
    """
    kept = {tally.table: tally.kept for tally in tallies}
    flags = {(hit.table, hit.reason): hit.rows for hit in hits if hit.kind == "flagged"}
    unknown = {"customers": "customer", "branches": "branch", "merchants": "merchant", "cities": "city", "genders": "gender"}  # fmt: skip
    made = [balance("rows read", tally.kept + tally.rejected, tally.read, about=tally.table) for tally in tallies]
    made.append(balance("rows after all look-ups", counted["kept"], kept["transactions"]))
    made.append(balance("refund rows", counted["refunds"], flags.get(("transactions", "refund"), 0)))
    made.append(balance("customers, each once", counted["ids"], counted["known"]))
    for join in joins:
        about = f"{join.table} > {join.lookup}"
        made.append(balance("rows looked up", join.found + join.missing + join.blank, kept[join.table], about=about))
        flagged = flags.get((join.table, f"unknown-{unknown[join.lookup]}"), 0)
        made.append(balance("look-ups that found nothing", join.missing, flagged, about=about))
        if (join.table, join.lookup) == ("transactions", "customers"):
            made.append(balance("customers known", kept["customers"] + join.missing_keys, counted["known"]))
    return tuple(made)
