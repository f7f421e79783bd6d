"""What a user may say about the source. Absent means: guess, and report the guess."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class StatusSettings:
    """Which values of the status column are no sales, and which are refunds."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    ignore: tuple[str, ...] = ()
    """Status values whose rows are not sales, such as Cancelled."""
    refund: tuple[str, ...] = ()
    """Status values whose rows are refunds."""


@dataclass(frozen=True, slots=True)
class RefundSettings:
    """How negative amounts count: ``net`` subtracts them, ``gross`` ignores them, ``exclude`` rejects their rows."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    policy: Literal["net", "gross", "exclude"] = "net"
    """Refunds are subtracted (net), ignored (gross) or their rows rejected (exclude)."""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Section ``[source]`` of ``reporter.toml``."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    layout: Literal["shop", "orders"] | None = None
    """Six tables (shop) or one (orders). Absent: told from what is there."""
    encoding: str | None = None
    """Character encoding of text files, such as cp1252. Absent: guessed."""
    delimiter: str | None = None
    """Separator of columns in text files, one character. Absent: guessed."""
    decimal: Literal[".", ","] | None = None
    """Decimal mark of amounts. Absent: guessed."""
    sheet: str | None = None
    """The sheet of a workbook that holds the orders. Absent: the one that fits."""
    header_row: int | None = None
    """Row of the column names, counted from 1 as a spreadsheet shows it. Absent: found."""
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    """Order of day, month and year in dates written as text. Absent: guessed."""
    currency: str | None = None
    """ISO 4217 code of all amounts, such as EUR. Absent: amounts bear no currency."""
    keep_currency: str | None = None
    """Where amounts are in several currencies: the ISO 4217 code of the one to keep; rows of the others are rejected. Absent: refused."""
    as_of: date | None = None
    """Events on or after this day have not happened yet. Absent: the day after the latest event."""
    columns: dict[str, str] = field(default_factory=dict)
    """Our column name = theirs; `reporter schema` lists ours."""
    sheets: dict[str, str] = field(default_factory=dict)
    """Our table name = their sheet or file; `reporter schema` lists ours."""
    status: StatusSettings = field(default_factory=StatusSettings)
    refunds: RefundSettings = field(default_factory=RefundSettings)
