"""Bigger shops: the demo workbook with more customers of each kind, by the same script and seed."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

MAKER = Path(__file__).resolve().parents[2] / "data" / "make_demo.py"
SHEET_ROWS = 1_048_576


def make(path: Path, factor: int) -> int:
    """Write a workbook with `factor` times the demo's customers; rows of its transactions sheet.

    Raises
    ------
    ValueError
        When a sheet cannot hold them.
    """
    maker = _maker()
    maker.BEHAVIOURS = tuple(replace(kind, customers=kind.customers * factor) for kind in maker.BEHAVIOURS)
    maker.PROSPECTS *= factor
    dice = maker.Dice(maker.SEED)
    customers = maker.make_customers(dice)
    rows = maker.plant(dice, maker.make_transactions(dice, customers), customers)
    if len(rows) >= SHEET_ROWS:
        raise ValueError(f"{len(rows):,} rows do not fit on a sheet; take a smaller factor")
    maker.write_workbook(path, maker.sheets(customers, rows))
    return len(rows)


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_demo", MAKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_demo"] = module
    spec.loader.exec_module(module)
    return module
