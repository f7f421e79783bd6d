"""The findings row by row: every rejected or flagged row with its place, its cell, and a sentence with the way to mend it.

They stay in the engine; what is written is fetched piece by piece, so that a million of them need no more memory than a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from reporter.engine import Engine
from reporter.intake.advice import ADVICE
from reporter.intake.ledger import FINDINGS_HELD
from reporter.intake.pseudonyms import Pseudonyms
from reporter.intake.read import Tables
from reporter.intake.reasons import REASONS
from reporter.intake.schema import table

COLUMNS = ("kind", "file", "sheet", "row", "column", "value", "reason", "detail")


@dataclass(frozen=True, slots=True)
class Teller:
    """Turns rows of step ``told`` into what their owner understands.

    Attributes
    ----------
    tables : Tables
    in_pieces : bool
        Whether amounts are quantity times price.
    pseudonyms : Pseudonyms or None
        Put in place of each customer id.
    """

    tables: Tables
    in_pieces: bool
    pseudonyms: Pseudonyms | None

    def frame(self, told: pd.DataFrame) -> pd.DataFrame:
        """Findings as ``Ledger.findings`` describes them, in the order of `told`."""
        cells = told if self.pseudonyms is None else self.pseudonyms.of_cells(told)
        parts = [
            self._one(str(name), str(reason), rows)
            for (name, reason), rows in cells.groupby(["table_name", "reason"], sort=False)
        ]
        if not parts:
            return pd.DataFrame({column: pd.Series(dtype="int64" if column == "row" else "str") for column in COLUMNS})
        return pd.concat(parts).sort_index()[list(COLUMNS)]

    def _one(self, name: str, reason: str, rows: pd.DataFrame) -> pd.DataFrame:
        """One reason of one table: names as their owner knows them."""
        file, sheet = self.tables.places[name]
        ours = rows["place"].where(rows["place"].notna(), REASONS[reason].column or table(name).key)
        detail = pd.Series(REASONS[reason].sentence, index=rows.index, dtype="str")
        twins = rows["twin_row"].notna()
        detail[twins] = detail[twins] + " See row " + rows.loc[twins, "twin_row"].astype("int64").astype("str") + "."
        return pd.DataFrame(
            {
                "kind": REASONS[reason].kind,
                "file": file,
                "sheet": sheet,
                "row": rows["row_no"].astype("int64"),
                "column": ours.map(self._theirs(name)).fillna(ours),
                "value": rows["cell"].astype("str").where(rows["cell"].notna(), ""),
                "reason": reason,
                "detail": detail + " " + ADVICE[reason].mend,
            }
        )

    def _theirs(self, name: str) -> Mapping[str, str]:
        """Our columns to theirs; an amount that is made of two columns has the names of both."""
        theirs = self.tables.columns[name]
        if name == "transactions" and self.in_pieces:
            theirs = theirs | {"amount": f"{theirs['quantity']} x {theirs['unit_price']}"}
        return theirs | {"first_cell": self.tables.first[name]}


def held_findings(engine: Engine, teller: Teller) -> pd.DataFrame:
    """The first `FINDINGS_HELD` of each table and reason."""
    told: pd.DataFrame = engine.arrow(_sql(teller.tables, f"WHERE nth <= {FINDINGS_HELD}")).to_pandas()
    return teller.frame(told)


def all_findings(engine: Engine, teller: Teller) -> Iterator[pd.DataFrame]:
    """All findings, some ten thousand at a time, in the order of ``Ledger.findings``."""
    for batch in engine.batches(_sql(teller.tables)):
        yield teller.frame(batch.to_pandas())


def _sql(tables: Tables, condition: str = "") -> str:
    """Findings sorted by kind, file, sheet, row and reason."""
    ranks = {name: rank for rank, name in enumerate(sorted(tables.places, key=tables.places.__getitem__))}
    rank = " ".join(f"WHEN '{name}' THEN {each}" for name, each in ranks.items())
    return (
        f"SELECT table_name, row_no, reason, twin_row, cell, place FROM told {condition} "
        f"ORDER BY kind, CASE table_name {rank} END, row_no, reason"
    )
