"""Why a row does not count, or counts with a remark: the only list of these words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Attributes
    ----------
    kind : {"rejected", "flagged"}
        Rejected rows are out of every figure; flagged rows count.
    column : str
        Our name of the column it is about; empty: the table's key.
    sentence : str
        For people.
    """

    kind: Literal["rejected", "flagged"]
    column: str
    sentence: str


REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        "ragged-line": Reason("rejected", "", "The line has more or fewer cells than the header."),
        "summary-line": Reason("rejected", "", "A summary line, not a row of the table."),
        "repeated-header": Reason("rejected", "", "The header once more, not a row of the table."),
        "ignored-status": Reason("rejected", "transaction_status", "The settings say that this status is no sale."),
        "no-customer-id": Reason("rejected", "customer_id", "There is no customer_id."),
        "rounded-id": Reason(
            "rejected",
            "customer_id",
            "The id was stored as a number of more than 15 digits: the spreadsheet has rounded it.",
        ),
        "no-id": Reason("rejected", "", "There is no id."),
        "no-date": Reason("rejected", "transaction_date", "There is no date."),
        "bad-date": Reason("rejected", "transaction_date", "The date cannot be read."),
        "no-amount": Reason("rejected", "amount", "There is no amount."),
        "bad-amount": Reason("rejected", "amount", "The amount cannot be read as money, or could be read in two ways."),
        "other-currency": Reason(
            "rejected", "amount", "The amount is in another currency than the one that the settings keep."
        ),
        "identical-duplicate": Reason("rejected", "", "The same row is there already."),
        "joins-later": Reason(
            "rejected", "join_date", "The customer joined on or after the as-of date, in the future."
        ),
        "conflicting-duplicate": Reason("rejected", "", "The same id stands for different things."),
        "implausible-date": Reason(
            "rejected", "transaction_date", "The date lies far in the future of all other events."
        ),
        "after-as-of": Reason("rejected", "transaction_date", "The date is on or after the as-of date, in the future."),
        "refund-excluded": Reason("rejected", "amount", "A refund; the settings leave refunds out."),
        "no-transaction-id": Reason(
            "flagged", "transaction_id", "There is no usable transaction_id: counted by itself."
        ),
        "unknown-customer": Reason("flagged", "customer_id", "An unknown customer: not in customers."),
        "unknown-branch": Reason("flagged", "branch_id", "An unknown branch: not in branches."),
        "unknown-merchant": Reason("flagged", "merchant_id", "An unknown merchant: not in merchants."),
        "unknown-city": Reason("flagged", "city_id", "An unknown city: not in cities."),
        "unknown-gender": Reason("flagged", "gender_id", "An unknown gender: not in genders."),
        "bad-join-date": Reason("flagged", "join_date", "The join date cannot be read: counted as unknown."),
        "before-join": Reason("flagged", "transaction_date", "The date lies before the customer joined."),
        "long-before": Reason(
            "flagged", "transaction_date", "The date lies years before all others, perhaps a placeholder."
        ),
        "burn-before-claim": Reason("flagged", "burn_date", "Burned before it was claimed: left out of days to burn."),
        "later-burn": Reason("flagged", "burn_date", "Burned on or after the as-of date: not yet burned."),
        "burned-without-date": Reason("flagged", "burn_date", "Burned, but there is no burn date."),
        "bad-burn-date": Reason("flagged", "burn_date", "The burn date cannot be read: counted as unknown."),
        "date-without-burn": Reason(
            "flagged", "burn_date", "There is a burn date, but the status is not burned: not burned."
        ),
        "unknown-status": Reason("flagged", "transaction_status", "An unknown status: counted as subscribed."),
        "zero-amount": Reason("flagged", "amount", "The amount is zero."),
        "refund": Reason("flagged", "amount", "A refund: counts in money, not as a transaction."),
        "identical-line": Reason("flagged", "", "The same line is there already; without an id both may be real."),
    }
)
