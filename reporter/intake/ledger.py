"""The ledger: what intake hands to analysis. Clean tables stay in the engine; the ledger holds their handles and the accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # the child that parses workbooks imports this module, and needs neither
    import pandas as pd

    from reporter.engine import Engine
    from reporter.intake.balance import Balance
    from reporter.intake.pseudonyms import Pseudonyms

Mode = Literal["money", "coupon"]
Layout = Literal["shop", "orders"]
Kind = Literal["merchant", "branch", "city"]
"""What the facts can be restricted by."""
EXAMPLES = 2
"""Rows of each reason that the report names; rejects.csv has all."""
FINDINGS_HELD = 10_000
"""Findings of each table and reason that the ledger holds; rejects.csv has all."""
SILENCE_DAYS = 31
"""So many days without any transaction may be a quiet month; more mean that the record ended."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The account of one table: ``read == kept + rejected``, always.

    Attributes
    ----------
    by_reason : tuple of (reason, kind, rows)
        Reason slugs (see ``clean.REASONS``) with kind ``rejected`` or ``flagged``, most rows first.
        Reasons of kind ``rejected`` add up to `rejected`: a rejected row has exactly one reason.
    files : tuple of str
        The files that the table is made of, where there are several; then `file` names them together.
    part : str
        What `sheet` is called: a sheet, or the table of a database.
    """

    table: str
    file: str
    sheet: str
    read: int
    kept: int
    rejected: int
    flagged: int
    by_reason: tuple[tuple[str, str, int], ...]
    files: tuple[str, ...] = ()
    part: str = "sheet"


@dataclass(frozen=True, slots=True)
class Hit:
    """The rows of one table that one reason hit.

    Attributes
    ----------
    first_rows : tuple of int
        The first of them, as the spreadsheet numbers them: at most `EXAMPLES`.
    first_files : tuple of str
        The file of each of those, where the table is made of several.
    """

    table: str
    reason: str
    kind: Literal["rejected", "flagged"]
    rows: int
    first_rows: tuple[int, ...]
    first_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Join:
    """What looking up the kept rows of one table in another found.

    Attributes
    ----------
    table, lookup : str
    rows : int
        ``found + missing + blank``.
    found, missing, blank : int
        Rows whose key is there, is not there, or is empty.
    missing_keys : int
        Different keys among the missing.
    """

    table: str
    lookup: str
    rows: int
    found: int
    missing: int
    missing_keys: int
    blank: int


@dataclass(frozen=True, slots=True)
class Note:
    """A guess, a repair or an assumption of intake, told to the reader.

    Attributes
    ----------
    kind : {"guess", "repair", "assumption", "ignored"}
    where : str
        File, sheet, column or setting it is about.
    what : str
        What was done or assumed, as a short plain sentence.
    rows : int or None
        How many rows it touches, where that has a meaning.
    fix : str
        The setting that says otherwise, such as ``source.date_order = "mdy"``; empty where there is none.
    """

    kind: Literal["guess", "repair", "assumption", "ignored"]
    where: str
    what: str
    rows: int | None = None
    fix: str = ""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One input: the name of the file (never its path), size and SHA-256.

    A table `in_memory` has no file: its SHA-256 is that of its columns and cells, and `bytes` what they come to.
    """

    name: str
    bytes: int
    sha256: str
    in_memory: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of all facts that a ledger is restricted to: see `restrict`.

    Attributes
    ----------
    kind : {"merchant", "branch", "city"}
    name : str
        Of the merchant, branch or city.
    rows, customers : int
        Rows of transactions in it, and known customers.
    of_rows, of_customers, rejected : int or None
        The same of the whole data, and its rows of transactions that could not be used; None: whoever reads this part is not told.
    """

    kind: Kind
    name: str
    rows: int
    customers: int
    of_rows: int | None = None
    of_customers: int | None = None
    rejected: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Clean, accounted facts.

    The engine holds two tables of kept rows, each sorted by nothing in particular:

    ``transactions``
        one row per kept line: ``transaction_id`` text (never null: rows without one got their own), ``customer_id`` text,
        ``day`` DATE, ``amount`` DECIMAL(18,2) or null (coupon mode), ``is_refund`` BOOLEAN (counts in money, not in frequency),
        ``is_burned`` BOOLEAN (burned before the as-of date), ``burn_day`` DATE or null, ``branch_id``, ``branch_name``,
        ``merchant_name`` text or null, ``is_shared`` BOOLEAN (false: no other row has its transaction_id), ``lacks_customer`` and
        ``lacks_branch`` BOOLEAN (its look-up found nothing).
    ``customers``
        one row per known customer: ``customer_id`` text, ``join_day`` DATE or null, ``city_name``, ``gender_name`` text or null.
        In layout ``orders`` these are the customers of the transactions.

    Attributes
    ----------
    as_of : date
        Events on or after it have not happened yet.
    first_day, last_day : date
        Of the kept transactions (not of burns). The first day leaves out the few that are flagged ``long-before``: they count, but no series begins
        decades early for their sake.
    has : frozenset of str
        Which facts exist: of ``amount``, ``coupons``, ``join_date``, ``city``, ``gender``, ``branch``, ``merchant``.
    currency : str or None
        ISO 4217 code where the user named one.
    findings : pandas.DataFrame
        One row per rejected or flagged row and reason: ``kind, file, sheet, row, column, value, reason, detail``,
        sorted by kind, file, sheet, row, reason. Rows are numbered as the spreadsheet shows them, header included. At most the first
        `FINDINGS_HELD` of each table and reason: `all_findings` walks through all of them.
    known : dict of str to int
        Rows of each lookup, e.g. ``{"merchant": 20, "branch": 10, "city": 20, "gender": 2}``.
    later_burns : int
        Burn dates on or after the as-of date: counted as not yet burned.
    pseudonyms : Pseudonyms or None
        What replaces customer ids in all that leaves; the engine's tables keep the ids.
    hits : tuple of Hit
        Rejections, then flags; of each kind most rows first.
    joins : tuple of Join
        Look-ups into the tables that are there.
    only_in_transactions : int
        Customers whom the table of customers does not know; 0 where there is no such table.
    refund_rows : int
        Kept rows that are refunds.
    balances : tuple of Balance
        The accounts of intake, all of which balance.
    walk : callable or None
        Walks through all findings in the engine; None: `findings` are all there are.
    scope : Scope or None
        What it is restricted to; None: it holds everything.
    """

    engine: Engine
    mode: Mode
    layout: Layout
    as_of: date
    first_day: date
    last_day: date
    currency: str | None
    has: frozenset[str]
    tallies: tuple[Tally, ...]
    findings: pd.DataFrame
    notes: tuple[Note, ...]
    files: tuple[SourceFile, ...]
    known: dict[str, int]
    later_burns: int
    refund_policy: str
    pseudonyms: Pseudonyms | None = None
    hits: tuple[Hit, ...] = ()
    joins: tuple[Join, ...] = ()
    only_in_transactions: int = 0
    refund_rows: int = 0
    balances: tuple[Balance, ...] = ()
    walk: Callable[[], Iterator[pd.DataFrame]] | None = None
    scope: Scope | None = None

    def all_findings(self) -> Iterator[pd.DataFrame]:
        """All findings, some ten thousand at a time, in the order of `findings`; as long as the engine is open."""
        return iter((self.findings,)) if self.walk is None else self.walk()

    @property
    def transactions_tally(self) -> Tally:
        """The account of the transactions."""
        return next(tally for tally in self.tallies if tally.table == "transactions")

    @property
    def recorded_until(self) -> date:
        """First day without a record of transactions.

        The as-of date; but where the last transaction lies more than `SILENCE_DAYS` before it (a feed that ended, with only burns after it), the
        day after the last transaction: growth must not compare a full window with one that nobody recorded.
        """
        after = self.last_day + timedelta(days=1)
        return after if (self.as_of - after).days > SILENCE_DAYS else self.as_of
