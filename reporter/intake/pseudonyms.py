"""Customer ids as keyed hashes: who has the key can tell whose a pseudonym is, nobody else can.

A hash without a key would be no protection: a table of a million plain SHA-256 ids takes seconds. The key comes from the environment alone, so
that no settings file, command line or manifest can hold it.
"""

from __future__ import annotations

import hmac
import os
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from reporter.errors import Problem, UsageError
from reporter.intake.reasons import REASONS

KEY = "REPORTER_PSEUDONYM_KEY"
"""The environment variable that holds the key."""
SHORTEST_KEY = 32
"""Bytes that a key must have at least."""
DIGEST_BYTES = 10
"""80 bits, 16 letters: among a million customers two are alike with a probability of about four in ten million million."""
PREFIX = "p"
"""A pseudonym begins with a letter and holds nothing but letters and digits: no spreadsheet takes it for a number, a date or a formula."""
FIRST_CELLS = frozenset({"ragged-line", "summary-line"})
"""Reasons that show the first cell of a line, whatever its column: it may be an id."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The keyed hash of customer ids; the key shows in no representation of it."""

    key: bytes = field(repr=False)

    @property
    def check(self) -> str:
        """Eight hex digits that two runs share when they had the same key, and that tell nothing else about it."""
        return hmac.digest(self.key, b"\x00reporter key check", "sha256").hex()[:8]

    def one(self, customer_id: str) -> str:
        """The pseudonym of an id: ``p`` and the first 80 bits of HMAC-SHA256(key, id in UTF-8) in lower-case base 32."""
        digest = hmac.digest(self.key, customer_id.encode("utf-8", "surrogatepass"), "sha256")
        return PREFIX + b32encode(digest[:DIGEST_BYTES]).decode().lower()

    def of(self, ids: pd.Series) -> pd.Series:
        """Pseudonyms of a column of ids; missing and empty cells stay.

        Raises
        ------
        UsageError
            Where two ids would get one pseudonym.
        """
        known = {each: self.one(each) for each in dict.fromkeys(ids.dropna().tolist()) if each}
        if len(set(known.values())) != len(known):
            raise UsageError(
                Problem("output.pseudonymise", "two customers would share a pseudonym.", "Choose another key.")
            )
        return pd.Series([known.get(each, each) for each in ids.tolist()], ids.index, ids.dtype, ids.name)

    def of_cells(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Rejected and flagged cells, with a pseudonym in place of each that holds a customer id.

        Parameters
        ----------
        cells : pandas.DataFrame
            ``table_name, reason, cell`` and more. File, sheet and row stay, so that the owner still finds the line.
        """
        pairs = zip(cells["table_name"], cells["reason"], strict=True)
        tell = pd.Series([tells_customer(str(table), str(reason)) for table, reason in pairs], cells.index, dtype=bool)
        return cells.assign(cell=cells["cell"].where(~tell, self.of(cells["cell"].where(tell))))


def tells_customer(table: str, reason: str) -> bool:
    """Whether the cell that a reason shows may be the id of a customer."""
    if reason in FIRST_CELLS:
        return True
    column = REASONS[reason].column
    return column == "customer_id" or (table == "customers" and not column)


def pseudonyms_from(environment: Mapping[str, str] = os.environ) -> Pseudonyms:
    """The keyed hash with the key of the environment.

    Raises
    ------
    UsageError
        Where there is no key, or a short one; never shows it.
    """
    key = environment.get(KEY, "").encode("utf-8", "surrogateescape")
    if len(key) < SHORTEST_KEY:
        found = f"holds a key of {len(key)} bytes; {SHORTEST_KEY} are the least" if key else "is not set"
        fix = (
            f"Set it to at least {SHORTEST_KEY} random bytes and keep them: "
            f'export {KEY}="$(python -c "import secrets; print(secrets.token_hex({SHORTEST_KEY}))")". '
            "Or leave output.pseudonymise off."
        )
        raise UsageError(Problem(f"environment variable {KEY}", f"{found}: ids cannot be replaced.", fix))
    return Pseudonyms(key)
