"""What each reason touches in the report and how its owner mends it in the spreadsheet: the words beside `REASONS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reporter.intake.reasons import REASONS

SALE = "{value}, frequency and recency"
NOTHING = "nothing: the row that is kept says the same"
LOOKUPS: Mapping[str, str] = MappingProxyType(
    {
        "customers": "the number of customers; city, gender and join date of this one",
        "genders": "names in the gender breakdown only",
        "cities": "names in the city breakdown only",
        "branches": "names and merchants of branches only",
        "merchants": "names of merchants only",
    }
)
"""What a rejected row of a look-up table touches, whatever the reason."""


@dataclass(frozen=True, slots=True)
class Advice:
    """The consequence of one reason, and its cure.

    Attributes
    ----------
    touches : str
        The figures of the report, in plain words; ``{value}`` stands for what M measures.
    mend : str
        One imperative sentence about the spreadsheet.
    """

    touches: str
    mend: str


ADVICE: Mapping[str, Advice] = MappingProxyType(
    {
        "ragged-line": Advice(SALE, "Put cells that hold the delimiter in quotes, so that the line fits the header."),
        "summary-line": Advice("nothing: it repeats other rows", "Delete the line, or leave it."),
        "repeated-header": Advice("nothing: it is no row", "Delete the line, or leave it."),
        "ignored-status": Advice(SALE, "Correct the status, or change source.status.ignore."),
        "no-customer-id": Advice(SALE, "Fill in the customer."),
        "rounded-id": Advice(SALE, "Format the column as text and enter the id again in full."),
        "no-id": Advice(SALE, "Fill in the id."),
        "no-date": Advice(SALE, "Fill in the date."),
        "bad-date": Advice(SALE, "Write the date as a date, such as 2024-07-31."),
        "no-amount": Advice(SALE, "Fill in the amount; write 0 where nothing was paid."),
        "bad-amount": Advice(SALE, "Write the amount as a plain number."),
        "other-currency": Advice(SALE, "Convert the amount, or make a report of its own for each currency."),
        "identical-duplicate": Advice(NOTHING, "Delete the row, or give it an id of its own."),
        "joins-later": Advice(SALE, "Correct the join date, or set a later as-of date."),
        "conflicting-duplicate": Advice(SALE, "Delete the wrong row, or give each its own id."),
        "implausible-date": Advice(SALE, "Correct the date."),
        "after-as-of": Advice(SALE, "Correct the date, or set a later as-of date."),
        "refund-excluded": Advice("{value}", "Set source.refunds.policy to net to subtract refunds."),
        "no-transaction-id": Advice("frequency, if it repeats another row", "Fill in the id."),
        "unknown-customer": Advice(
            "city, gender and join date only", "Add the customer, or correct the id."
        ),
        "unknown-branch": Advice("branch names and merchants only", "Add the branch, or correct the id."),
        "unknown-merchant": Advice("merchant breakdown only", "Add the merchant, or correct the id."),
        "unknown-city": Advice("city breakdown only", "Add the city, or correct the id."),
        "unknown-gender": Advice("gender breakdown only", "Add the gender, or correct the id."),
        "bad-join-date": Advice("time as a customer and customers joined only", "Write the date as a date."),
        "before-join": Advice("time as a customer only", "Correct the date, or the join date in customers."),
        "long-before": Advice("tenure of the customer; left out of all series", "Correct the date if it is a placeholder."),
        "burn-before-claim": Advice("days to burn only", "Correct the burn date or the date of the claim."),
        "later-burn": Advice("burned coupons and days to burn", "Correct the burn date, or set a later as-of date."),
        "burned-without-date": Advice("days to burn and burns by month", "Fill in the burn date."),
        "bad-burn-date": Advice("days to burn and burns by month", "Write the burn date as a date."),
        "date-without-burn": Advice("burned coupons and days to burn", "Set the status to burned, or clear the burn date."),
        "unknown-status": Advice("burned coupons and days to burn", "Write subscribed or burned."),
        "zero-amount": Advice("revenue per transaction", "Fill in the amount if something was paid."),
        "refund": Advice("revenue", "If it is no refund, remove the minus sign."),
        "identical-line": Advice("{value} and frequency, if it is a repetition", "Delete the row if it is a repetition."),
    }
)  # fmt: skip


def touched(reason: str, table: str) -> str:
    """The figures that a reason touches in rows of a table, in plain words with ``{value}`` for what M measures."""
    advice = ADVICE[reason]
    rejected_lookup = table in LOOKUPS and REASONS[reason].kind == "rejected"
    return LOOKUPS[table] if rejected_lookup and advice.touches == SALE else advice.touches
