"""The same data in a database and in files: the same report."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.benchmarks import history
from tests.command import BRIEF, ROOT, called
from tests.postgres import Server

pytestmark = pytest.mark.slow

Finding = tuple[str, int, str, str, str]


def report(folder: Path, source: str | Path, *more: str | Path) -> Path:
    ran = called("run", source, "--no-pdf", *BRIEF, *more, "-o", folder, cwd=folder.parent)
    assert ran.code == 0, ran.err
    return folder / "latest"


def findings(run: Path, shift: int) -> list[Finding]:
    """Findings by table, row (without the rows of the header), column, text and reason."""
    with (run / "rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    return sorted((row["sheet"], int(row["row"]) - shift, row["column"], row["value"], row["reason"]) for row in rows)


def figures(run: Path, *names: str) -> dict[str, Any]:
    """``facts.json`` but for what names the source: the run, its files and sheets, row numbers, and the notes."""
    text = (run / "facts.json").read_text(encoding="utf-8")
    for name in (json.loads(text)["run_id"], *names):
        text = text.replace(name, "Input: SOURCE" if name.startswith("Input: ") else "SOURCE")
    text = re.sub(r"(SHA-256|\bdata) [0-9a-f]{8,}", r"\1", re.sub(r"rows? \d[\d, ]*", "rows", text))
    return without(json.loads(text), {"run_id", "file", "sheet", "files", "notes", "first_rows"})


def without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: without(each, names) for key, each in value.items() if key not in names}
    return [without(each, names) for each in value] if isinstance(value, list) else value


def test_the_demonstration_shop(server: Server, tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(ROOT / "data" / "demo.xlsx", data_only=True)
    server.fresh("demo")
    for sheet in workbook.worksheets:
        header, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        server.rows("demo", sheet.title, [str(name) for name in header], rows)
    settings = ("-c", ROOT / "data" / "demo.toml")
    file = report(tmp_path / "file", ROOT / "data" / "demo.xlsx", *settings)
    base = report(tmp_path / "base", server.url("demo"), *settings)
    assert (file / "customers.csv").read_bytes() == (base / "customers.csv").read_bytes()
    assert findings(file, 2) == findings(base, 1)
    assert figures(file, "demo.xlsx, sheet ", "demo.xlsx") == figures(base, "demo, table ", "Input: demo")


def test_a_history(server: Server, tmp_path: Path) -> None:
    history.write(tmp_path / "orders.parquet", 20_000, 2_000)
    table: pa.Table = pq.read_table(tmp_path / "orders.parquet")
    server.fresh("shop")
    server.fill("shop", "orders", table)
    file = report(tmp_path / "file", tmp_path / "orders.parquet")
    base = report(tmp_path / "base", server.url("shop"))
    assert (file / "customers.csv").read_bytes() == (base / "customers.csv").read_bytes()
    same = [[(row, column, reason) for _, row, column, _, reason in findings(run, 1)] for run in (file, base)]
    assert same[0] == same[1], "the text of an amount may be 1.50 in one and 1.5 in the other"
    assert figures(file, "orders.parquet") == figures(base, "shop, table orders", "Input: shop")
