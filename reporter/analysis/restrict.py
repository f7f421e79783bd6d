"""A ledger of one merchant, branch or city: its own clean tables in an engine of their own, where no row of anybody else is.

So the same analysis makes the same figures of it that it would make of a file with those rows alone, and nothing that is made of it can tell of others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from reporter.analysis.queries import fetch, query
from reporter.engine import Engine
from reporter.intake.balance import balance
from reporter.intake.ledger import Kind, Ledger, Scope, Tally

KEPT_NOTES = ("source.as_of", "amount")
"""What the notes of a part may be about: the day and the mode. Others name files, values and names of the whole."""
FACTS: Mapping[str, str] = {"join_date": "people", "city": "people", "gender": "people", "branch": "rows", "merchant": "rows"}  # fmt: skip
"""Facts that a part may lack although the whole has them, and where they are counted."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a part is.

    Attributes
    ----------
    rows : int
        Rows of transactions, refunds included.
    buyers : int
        Customers with a transaction that is no refund.
    """

    rows: int
    buyers: int


def sizes(ledger: Ledger, kind: Kind) -> dict[str, Size]:
    """Every merchant, branch or city that has transactions, by name in alphabetical order; empty where the data has none of them."""
    if kind not in ledger.has:
        return {}
    frame = fetch(ledger.engine, f"scope_{kind}").sort_values("name")
    counts = zip(frame["name"], frame["lines"], frame["buyers"], strict=True)
    return {str(name): Size(int(rows), int(buyers)) for name, rows, buyers in counts}


def restrict(ledger: Ledger, kind: Kind, name: str, engine: Engine, *, tells_whole: bool) -> Ledger:
    """The ledger of one merchant, branch or city.

    Merchant and branch: its transactions, and the customers who have one of them. City: its customers, and their transactions.

    Parameters
    ----------
    ledger : Ledger
        The whole; its transactions are still in its engine.
    kind : {"merchant", "branch", "city"}
    name : str
        One that `sizes` knows.
    engine : Engine
        An empty one, which gets the tables of the part.
    tells_whole : bool
        Whether the part may say how large the whole is. Who knows two of the three numbers knows the third: that of all others.

    Returns
    -------
    Ledger
        As-of date, mode, currency and policy are those of the whole. Its account begins with the rows that were kept of the whole; findings, look-ups
        and all notes but those on day and mode stay behind, for they name rows, values and names of others.

    Raises
    ------
    AssertionError
        When the part has not as many rows as the whole counts for it: our fault, never the user's.
    """
    due = sizes(ledger, kind)[name].rows
    _hand_over(ledger, kind, name, engine)
    rows, people = _counted(ledger, engine)
    whole = ledger.transactions_tally
    told = (whole.kept, _people(ledger), whole.rejected) if tells_whole else (None, None, None)
    counted = int(rows["lines"])
    return replace(
        ledger,
        engine=engine,
        first_day=rows["first_day"].date(),
        last_day=rows["last_day"].date(),
        has=frozenset(fact for fact in ledger.has if _is_there(fact, rows, people)),
        tallies=(Tally("transactions", whole.file, whole.sheet, counted, counted, 0, 0, (), whole.files, whole.part),),
        findings=ledger.findings.iloc[:0],
        notes=tuple(note for note in ledger.notes if note.where in KEPT_NOTES),
        known={},
        later_burns=0,
        hits=(),
        joins=(),
        only_in_transactions=0,
        refund_rows=int(rows["refunds"]),
        balances=(balance("rows of the part", counted, due),),
        walk=None,
        scope=Scope(kind, name, counted, int(people["known"]), *told),
    )


def _hand_over(ledger: Ledger, kind: Kind, name: str, engine: Engine) -> None:
    """Carry the part from engine to engine, piece by piece."""
    import pyarrow as pa

    ledger.engine.register("chosen", pa.table({"name": [name]}))
    for table, text in (("transactions", f"part_{kind}"), ("customers", f"people_{kind}")):
        schema = ledger.engine.describe(table)
        engine.register(table, pa.RecordBatchReader.from_batches(schema, ledger.engine.batches(query(text))))
    ledger.engine.forget("chosen")


def _counted(ledger: Ledger, engine: Engine) -> tuple[pd.Series[Any], pd.Series[Any]]:
    import pyarrow as pa

    engine.register("since", pa.table({"day": [ledger.first_day]}))
    return fetch(engine, "part_facts").iloc[0], fetch(engine, "part_people").iloc[0]


def _people(ledger: Ledger) -> int:
    return int(fetch(ledger.engine, "part_people").iloc[0]["known"])


def _is_there(fact: str, rows: pd.Series[Any], people: pd.Series[Any]) -> bool:
    """Whether a part has a fact that the whole has."""
    where = {"rows": rows, "people": people}
    return fact not in FACTS or bool(where[FACTS[fact]][fact])
