"""The files of a report: what may be handed around, and what never is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.expected import EXPECTED_VALUE
from reporter.aside import FEW, Aside, aside_if
from reporter.config import Config
from reporter.delivery.store import write_json
from reporter.document.audiences import moved, write_audiences, write_customers
from reporter.document.blocks import Document
from reporter.document.playbook import Playbook
from reporter.document.workbook import to_workbook


def write_aggregates(folder: Path, document: Document, html: str, facts: dict[str, Any]) -> None:
    """Page, workbook and facts: what may be handed around."""
    to_workbook(document, folder / "segments.xlsx")
    write_json(folder / "facts.json", facts)
    (folder / "report.html").write_text(html, encoding="utf-8", newline="\n")


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What the lists of customers are made of; it can be sent from one process to another.

    Attributes
    ----------
    customers, members : pandas.DataFrame
        ``Analysis.customers``, and of the same customers ``Plan.members``.
    movers : pandas.DataFrame or None
        As `moved` gives it.
    actions : mapping of str to str
        Segment to the recommended action.
    money : tuple of str
        Columns that are amounts.
    as_of : date
    form : {"auto", "csv", "parquet"}
        Of the file with every customer.
    """

    customers: pd.DataFrame
    members: pd.DataFrame
    movers: pd.DataFrame | None
    actions: Mapping[str, str]
    money: tuple[str, ...]
    as_of: date
    form: Literal["auto", "csv", "parquet"]


def rows_of(analysis: Analysis, config: Config, playbook: Playbook) -> Rows:
    """Of an analysis what its lists are made of."""
    ledger, past = analysis.ledger, analysis.replay
    return Rows(
        analysis.customers,
        analysis.campaign.members,
        None if past is None else moved(past.movers, past.movements[0].day, ledger.mode == "money"),
        {segment.name: playbook.action(segment.name, ledger.mode) for segment in analysis.segments},
        (*(note.name for note in analysis.features.notes if note.unit == "money"), EXPECTED_VALUE),
        ledger.as_of,
        config.report.customers_format,
    )


def begin_rows(folder: Path, rows: Rows, aside: Aside) -> Callable[[], None]:
    """Have the lists written: those of few customers while words are found, those of many when the result is called."""
    return aside_if(len(rows.customers) <= FEW, aside, write_rows, folder, rows)


def write_rows(folder: Path, rows: Rows) -> None:
    """Customers, in files that are never attached."""
    write_customers(rows.customers, folder, rows.form, rows.money)
    listed = rows.customers.join(rows.members.drop(columns="customer_id"))
    write_audiences(listed, folder, rows.actions, rows.money, rows.as_of, rows.movers)
