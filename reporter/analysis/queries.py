"""How the texts of ``sql`` are run: steps stored slice by slice of the customers, and results as frames."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

import pandas as pd

from reporter.engine import Engine
from reporter.intake.ledger import Ledger

Step = tuple[str, Literal["sliced", "kept", "view"]]
"""A text by its name (two digits, a line, and the name of what it yields), and whether its result is stored slice by slice of the customers, stored as a
whole, or worked out at each use. A text whose result is sliced reads the rows of the slice in ``{table}_slice``, of tables with ``customer_id``."""
_SLICE = re.compile(r"(?:from|join) (\w+)_slice\b")
BYTES_PER_LINE = 50
"""Memory that summing the lines of a slice may take for each of them; a slice holds so many customers that their lines fit."""


def query(name: str) -> str:
    """The text of one file of ``sql``."""
    return (files("reporter.analysis") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def fetch(engine: Engine, name: str) -> pd.DataFrame:
    """Result of one SQL file; dates as datetime64[s]."""
    import pyarrow as pa

    frame: pd.DataFrame = engine.arrow(query(name)).to_pandas(
        date_as_object=False, split_blocks=True, self_destruct=True
    )
    pa.default_memory_pool().release_unused()
    dates = frame.select_dtypes("datetime").columns
    return frame.astype(dict.fromkeys(dates, "datetime64[s]"))


def register_refund_rule(ledger: Ledger) -> None:
    """Tell the engine whether refunds count in money, as the table ``refund_rule``."""
    import pyarrow as pa

    ledger.engine.register("refund_rule", pa.table({"counted": [ledger.refund_policy != "gross"]}))


def store(ledger: Ledger, steps: Sequence[Step], weight: int = 1) -> None:
    """Define the results of some steps in the ledger's engine, in order, each under the name behind its number.

    Parameters
    ----------
    weight : int
        How many times `BYTES_PER_LINE` the steps take for a line: so many times as many slices they are made in.
    """
    engine, parts = ledger.engine, _slices(ledger, weight)
    for file, kind in steps:
        name, sql = file[3:], query(file)
        if kind != "sliced":
            engine.step(name, sql, keep=kind == "kept")
            continue
        for part in range(parts):
            for table in sorted(set(_SLICE.findall(sql))):
                rows = "" if parts == 1 else f" WHERE abs(hash_of(customer_id) % {parts}) = {part}"
                engine.step(f"{table}_slice", f"SELECT * FROM {table}{rows}")
            engine.step(f"{name}_{part}", sql, keep=True)
        engine.step(name, " UNION ALL ".join(f"SELECT * FROM {name}_{part}" for part in range(parts)))


def names_of(ledger: Ledger, steps: Sequence[Step], weight: int = 1) -> tuple[str, ...]:
    """What the steps have stored in the engine, for it to forget."""
    parts = range(_slices(ledger, weight))
    sliced = [f"{file[3:]}_{part}" for file, kind in steps if kind == "sliced" for part in parts]
    return (*sliced, *(file[3:] for file, kind in steps if kind == "kept"))


def _slices(ledger: Ledger, weight: int) -> int:
    """In how many slices the customers are summed up; one where the engine sees to its memory itself."""
    plan = ledger.engine.plan
    if plan.memory_bytes is None:
        return 1
    lines = ledger.transactions_tally.kept
    return 1 + lines * BYTES_PER_LINE * weight // (plan.room_for(lines) or plan.memory_bytes)
