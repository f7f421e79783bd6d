"""The files of a report: what may be handed around, and what never is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reporter.analysis.analyse import Analysis
from reporter.analysis.expected import EXPECTED_VALUE
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


def write_rows(folder: Path, analysis: Analysis, config: Config, playbook: Playbook) -> None:
    """Customers, in files that are never attached."""
    mode = analysis.ledger.mode
    actions = {segment.name: playbook.action(segment.name, mode) for segment in analysis.segments}
    money = [note.name for note in analysis.features.notes if note.unit == "money"] + [EXPECTED_VALUE]
    write_customers(analysis.customers, folder, config.report.customers_format, money)
    listed = analysis.customers.join(analysis.campaign.members.drop(columns="customer_id"))
    past = analysis.replay
    movers = None if past is None else moved(past.movers, past.movements[0].day, mode == "money")
    write_audiences(listed, folder, actions, money, analysis.ledger.as_of, movers)
