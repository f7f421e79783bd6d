"""The accounts of intake: read = kept + rejected for every table, and the list of findings row by row."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reporter.intake.ledger import Tally
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
    assert read == kept + len(rejected), f"{name}: {read} read, {kept} kept, {len(rejected)} rejected"  # noqa: S101
    assert rejected["row_no"].is_unique, f"{name}: a row is rejected twice"  # noqa: S101
    assert not set(rejected["row_no"]) & set(flagged["row_no"]), f"{name}: a rejected row is flagged"  # noqa: S101
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
    )


def findings_of(tables: Tables, rejected: pd.DataFrame, flagged: pd.DataFrame) -> pd.DataFrame:
    """All findings, as ``Ledger.findings`` describes them."""
    parts = [
        _told(tables, kind, str(name), str(reason), rows)
        for kind, frame in (("flagged", flagged), ("rejected", rejected))
        for (name, reason), rows in frame.groupby(["table_name", "reason"])
    ]
    if not parts:
        return pd.DataFrame({column: pd.Series(dtype="int64" if column == "row" else "str") for column in COLUMNS})
    order = ["kind", "file", "sheet", "row", "reason"]
    return pd.concat(parts).sort_values(order, kind="stable").reset_index(drop=True)[list(COLUMNS)]


def _told(tables: Tables, kind: str, name: str, reason: str, rows: pd.DataFrame) -> pd.DataFrame:
    """One reason of one table: names as their owner knows them, and a sentence."""
    file, sheet = tables.places[name]
    ours = REASONS[reason].column or table(name).key
    detail = pd.Series(REASONS[reason].sentence, index=rows.index, dtype="str")
    twins = rows["twin_row"].notna()
    detail[twins] = detail[twins] + " See row " + rows.loc[twins, "twin_row"].astype("int64").astype("str") + "."
    return pd.DataFrame(
        {
            "kind": kind,
            "file": file,
            "sheet": sheet,
            "row": rows["row_no"].astype("int64"),
            "column": tables.columns[name].get(ours, ours),
            "value": rows["cell"].astype("str").where(rows["cell"].notna(), ""),
            "reason": reason,
            "detail": detail,
        }
    )
