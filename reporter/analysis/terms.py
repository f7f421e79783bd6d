"""What campaigns are planned and measured with: the playbook's numbers, whom to leave alone, and the campaigns of an earlier run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from reporter.intake.ledger import SourceFile


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers of a segment's campaign.

    Attributes
    ----------
    cost_per_contact : float
        Money for each contacted customer.
    margin : float
        Share of a transaction's amount that stays, after the offer's own discount.
    uplift : float
        The uplift worth finding: share of the contacted customers who come because of the campaign.
    quiet_days : int
        Customers with a transaction in so many days are left alone.
    is_assumed : bool
        Whether cost or margin is the built-in one that nobody confirmed.
    """

    cost_per_contact: float
    margin: float
    uplift: float
    quiet_days: int = 0
    is_assumed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """The campaigns of an earlier run.

    Attributes
    ----------
    run_id : str
    as_of : date
        First day that counts.
    members : pandas.DataFrame
        ``customer_id`` str · ``segment``, ``campaign`` str · ``group`` str ("treatment" or "control").
    file : SourceFile
        Its lists together: name with the run id, bytes, and the SHA-256 of the list of their names and digests.
    """

    run_id: str
    as_of: date
    members: pd.DataFrame
    file: SourceFile


@dataclass(frozen=True, slots=True, eq=False)
class Commission:
    """What campaigns need to know that is neither in the data nor in the settings.

    Attributes
    ----------
    terms : mapping of str to Terms
        By segment; ``otherwise`` serves all others.
    otherwise : Terms
    unwanted : frozenset of str
        Ids of customers whom no campaign may reach.
    key : bytes
        Of the assignment, as `campaign_key`; shown by no representation.
    sent : Sent or None
        The campaigns of an earlier run, to be measured.
    unmeasured : str
        Why there are none, where some were found that cannot be used; else empty.
    """

    terms: Mapping[str, Terms] = field(default_factory=dict)
    otherwise: Terms = Terms(0.0, 1.0, 0.05)
    unwanted: frozenset[str] = frozenset()
    key: bytes = field(default=b"", repr=False)
    sent: Sent | None = None
    unmeasured: str = ""

    def of(self, segment: str) -> Terms:
        """The terms of a segment."""
        return self.terms.get(segment, self.otherwise)

    @property
    def inputs(self) -> tuple[SourceFile, ...]:
        """What was read of an earlier run."""
        return (self.sent.file,) if self.sent else ()
