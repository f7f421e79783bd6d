"""Finished runs of a few customers, as the ledger of runs reads them; no report is made for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.delivery.store import open_run, write_json
from reporter.document.audiences import write_customers

SERIES = {
    "name": "", "mode": "money", "currency": None, "layout": "shop", "organisation": "", "pseudonym_key_check": "",
}  # fmt: skip
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["1", "2", "=3"],
        "recency_days": [1, 30, 365],
        "frequency": [3, 2, 1],
        "monetary": [30.0, 20.0, 10.0],
        "segment": ["Champions", "Loyal", "Lost"],
    }
)


def run_id(month: int, letter: str = "a") -> str:
    """The name of a run of a month of 2024."""
    return f"2024-{month:02}-01-{letter * 8}"


def finish(root: Path, name: str, **changes: Any) -> Path:
    """Publish a run; `changes` stand in for what its facts say, and ``settings`` and ``version`` for what its manifest says."""
    settings, version = changes.pop("settings", {}), changes.pop("version", "0.1.0")
    with open_run(root, name) as folder:
        write_customers(CUSTOMERS, folder.path, "csv")
        facts = {
            "schema_version": 1,
            "run_id": name,
            "mode": "money",
            "as_of": name[:10],
            "history": {"series": SERIES},
        }
        write_json(folder.path / "facts.json", facts | changes)
        return folder.publish(
            {
                "schema_version": 1,
                "run_id": name,
                "version": version,
                "as_of": date.fromisoformat(name[:10]),
                "inputs": [{"name": "shop.xlsx", "bytes": 1, "sha256": "ab" * 32}],
                "settings": {key: {"value": value, "origin": "file"} for key, value in settings.items()},
            }
        )
