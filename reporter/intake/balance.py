"""Two counts of one thing, made by different ways, that must be equal: checked in every run and printed in the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["count", "cents"]


@dataclass(frozen=True, slots=True)
class Balance:
    """An account that balances; `balance` is the only way to make one.

    Attributes
    ----------
    account : str
        What is counted; the report has words for each.
    about : str
        The table it is about, or the look-up as ``from > to``; empty for the whole.
    found, due : int
        The two counts, which are equal.
    unit : {"count", "cents"}
        Money is in whole hundredths, so that equal means to the cent.
    """

    account: str
    about: str
    found: int
    due: int
    unit: Unit = "count"


def balance(account: str, found: int, due: int, *, about: str = "", unit: Unit = "count") -> Balance:
    """Hold two counts against each other.

    Raises
    ------
    AssertionError
        Where they differ: always our own fault, never the user's.
    """
    if found != due:
        of = f"{account}, {about}" if about else account
        raise AssertionError(f"The account of the {of} does not balance: {found} instead of {due}.")
    return Balance(account, about, int(found), int(due), unit)
