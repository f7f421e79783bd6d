"""The accounts of intake: read = kept + rejected for every table, and the list of findings row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from reporter.engine import FILE_SHIFT, ROW_BITS
from reporter.intake.advice import ADVICE
from reporter.intake.balance import Balance, balance
from reporter.intake.ledger import EXAMPLES, Hit, Join, Tally
from reporter.intake.parts import file_and_row
from reporter.intake.read import Tables
from reporter.intake.reasons import REASONS
from reporter.intake.schema import TABLES, table

COLUMNS = ("kind", "file", "sheet", "row", "column", "value", "reason", "detail")


def tallies_of(
    tables: Tables, counts: Mapping[str, tuple[int, int]], rejected: pd.DataFrame, flagged: pd.DataFrame
) -> tuple[Tally, ...]:
    """One account per table that was found, transactions first.

    Parameters
    ----------
    counts : mapping of str to (read, kept)
        Both counted by themselves, so that the identity is a proof and no definition.
    rejected, flagged : pandas.DataFrame
        ``table_name, row_no, reason``; a rejected row is there once, a flagged one once for each reason.

    Raises
    ------
    AssertionError
        When an account does not balance.
    """
    names = sorted(
        tables.columns, key=lambda name: (name != "transactions", [table.name for table in TABLES].index(name))
    )
    return tuple(_tally(tables, name, counts[name], _of(rejected, name), _of(flagged, name)) for name in names)


def _of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["table_name"] == name]


def _tally(tables: Tables, name: str, counts: tuple[int, int], rejected: pd.DataFrame, flagged: pd.DataFrame) -> Tally:
    read, kept = counts
    balance("rows read", kept + len(rejected), read, about=name)
    balance("rejected rows, each once", int(rejected["row_no"].nunique()), len(rejected), about=name)
    balance("rejected rows that are flagged", len(set(rejected["row_no"]) & set(flagged["row_no"])), 0, about=name)
    by_reason = [
        (str(reason), kind, int(rows))
        for kind, frame in (("rejected", rejected), ("flagged", flagged))
        for reason, rows in frame["reason"].value_counts().items()
    ]
    file, sheet = tables.places[name]
    return Tally(
        name,
        file,
        sheet,
        read,
        kept,
        len(rejected),
        int(flagged["row_no"].nunique()),
        tuple(sorted(by_reason, key=lambda entry: (-entry[2], entry[0]))),
        tables.parts.get(name, ()),
    )


def hits_of(rejected: pd.DataFrame, flagged: pd.DataFrame) -> tuple[Hit, ...]:
    """Each table and reason with its rows, rejections first, then by number of rows."""
    hits = [
        Hit(str(name), str(reason), REASONS[str(reason)].kind, len(rows), _first(rows))
        for frame in (rejected, flagged)
        for (name, reason), rows in frame.groupby(["table_name", "reason"])
    ]
    return tuple(sorted(hits, key=lambda hit: (hit.kind != "rejected", -hit.rows, hit.table, hit.reason)))


def in_files(tables: Tables, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Hits whose first rows are numbered in their files, with the names of those."""
    return tuple(_in_files(hit, tables.parts[hit.table]) if hit.table in tables.parts else hit for hit in hits)


def _in_files(hit: Hit, parts: Sequence[str]) -> Hit:
    names, rows = zip(*(file_and_row(parts, row) for row in hit.first_rows), strict=True)
    return replace(hit, first_rows=rows, first_files=names)


def _first(rows: pd.DataFrame) -> tuple[int, ...]:
    return tuple(int(row) for row in rows["row_no"].nsmallest(EXAMPLES))


def joins_of(tables: Tables, counted: Sequence[Mapping[str, Any]]) -> tuple[Join, ...]:
    """The look-ups whose two tables are there, from the rows of step ``joins``."""
    return tuple(
        Join(*(row[key] for key in ("table_name", "lookup", "looked_up", "found", "missing", "missing_keys", "blank")))
        for row in counted
        if row["table_name"] in tables.columns and row["lookup"] in tables.columns
    )


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


def findings_of(tables: Tables, rejected: pd.DataFrame, flagged: pd.DataFrame, in_pieces: bool = False) -> pd.DataFrame:
    """All findings, as ``Ledger.findings`` describes them; `in_pieces`: amounts are quantity times price."""
    parts = [
        _told(tables, str(name), str(reason), rows, in_pieces)
        for frame in (flagged, rejected)
        for (name, reason), rows in frame.groupby(["table_name", "reason"])
    ]
    if not parts:
        return pd.DataFrame({column: pd.Series(dtype="int64" if column == "row" else "str") for column in COLUMNS})
    order = ["kind", "file", "sheet", "row", "reason"]
    return pd.concat(parts).sort_values(order, kind="stable").reset_index(drop=True)[list(COLUMNS)]


def _told(tables: Tables, name: str, reason: str, rows: pd.DataFrame, in_pieces: bool) -> pd.DataFrame:
    """One reason of one table: names as their owner knows them, and a sentence with the way to mend it."""
    file, sheet = tables.places[name]
    ours = rows["place"].where(rows["place"].notna(), REASONS[reason].column or table(name).key)
    detail = pd.Series(REASONS[reason].sentence, index=rows.index, dtype="str")
    twins = rows["twin_row"].notna()
    see = rows.loc[twins, "twin_row"].astype("int64")
    parts = tables.parts.get(name, ())
    where = (see.map(partial(_row_in, parts)) if parts else see).astype("str")
    detail[twins] = detail[twins] + " See row " + where + "."
    return pd.DataFrame(
        {
            "kind": REASONS[reason].kind,
            "file": [parts[row >> FILE_SHIFT] for row in rows["row_no"]] if parts else file,
            "sheet": sheet,
            "row": rows["row_no"].astype("int64") & ROW_BITS,
            "column": ours.map(_theirs(tables, name, in_pieces)).fillna(ours),
            "value": rows["cell"].astype("str").where(rows["cell"].notna(), ""),
            "reason": reason,
            "detail": detail + " " + ADVICE[reason].mend,
        }
    )


def _row_in(parts: Sequence[str], row_no: int) -> str:
    file, row = file_and_row(parts, row_no)
    return f"{row} of {file}"


def _theirs(tables: Tables, name: str, in_pieces: bool) -> dict[str, str]:
    """Our columns to theirs; an amount that is made of two columns has the names of both."""
    theirs = tables.columns[name]
    if name == "transactions" and in_pieces:
        theirs = theirs | {"amount": f"{theirs['quantity']} x {theirs['unit_price']}"}
    return theirs | {"first_cell": tables.first[name]}
