"""What the campaigns of an earlier run did: treatment against control since then.

Everybody counts in the group that the earlier run put them in, contacted or not (intention to treat): the groups were drawn by lot, what happened
afterwards was not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from reporter.analysis.frames import arrow
from reporter.analysis.power import Design, needed
from reporter.analysis.queries import fetch
from reporter.analysis.settings import CampaignSettings
from reporter.analysis.statistics import holm, newcombe, shares_differ_p, welch
from reporter.analysis.terms import Commission, Sent
from reporter.intake.ledger import Ledger

MOST_TIMES = 1_000_000
"""So many times the customers of a campaign are sought for at most."""
Verdict = Literal["worked", "did not", "cannot tell yet"]


@dataclass(frozen=True, slots=True)
class Arm:
    """One group of a campaign: its customers, how many responded, and the money that all of them brought."""

    customers: int
    responded: int
    monetary: float

    @property
    def share(self) -> float:
        """Of customers who responded."""
        return self.responded / self.customers


@dataclass(frozen=True, slots=True)
class Effect:
    """One campaign, measured.

    Attributes
    ----------
    name, campaign : str
        Its segment then, and its name.
    treatment, control : Arm
    uplift, low, high : float
        Difference of the shares with its 95 % interval (Newcombe's).
    p_value : float
        Of the score test, after Holm's correction over all campaigns.
    worth_finding : float
        The uplift that the playbook calls worth finding.
    money : tuple of float or None
        Difference of money per customer and its 95 % interval (Welch's); None without money.
    verdict : {"worked", "did not", "cannot tell yet"}
        ``worked``: `p_value` is below alpha and treatment is above control. ``did not``: it is below and treatment is not above, or the interval
        rules out the uplift worth finding. Else nobody can tell.
    needs : int or None
        Customers of both groups, split as here, that would tell; only where nobody can tell yet.
    """

    name: str
    campaign: str
    treatment: Arm
    control: Arm
    uplift: float
    low: float
    high: float
    p_value: float
    worth_finding: float
    money: tuple[float, float, float] | None
    verdict: Verdict
    needs: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """All campaigns of an earlier run.

    Attributes
    ----------
    since, until : date
        First and last day that count.
    effects : tuple of Effect
        In grid order; only campaigns with customers in both groups.
    gone : int
        Customers whom today's data does not know: they count as not having responded.
    """

    run_id: str
    since: date
    until: date
    effects: tuple[Effect, ...]
    gone: int

    @property
    def days(self) -> int:
        """Days that count."""
        return (self.until - self.since).days + 1


def measure(
    ledger: Ledger,
    customers: pd.Series,
    commission: Commission,
    settings: CampaignSettings,
    order: tuple[str, ...] = (),
) -> Measured | None:
    """Compare treatment and control of each earlier campaign.

    Parameters
    ----------
    ledger : Ledger
        Its transactions are still in the engine, summed up by ``aggregate``.
    customers : pandas.Series of str
        Ids of all known customers.
    order : tuple of str
        Segments in grid order; campaigns of others come after them, by name.

    Returns
    -------
    Measured or None
        None where there is no earlier run, or none of its customers is known today.
    """
    sent = commission.sent
    if sent is None:
        return None
    members = _joined(sent, customers, ledger)
    known = members["customer_id"].isin(customers)
    if not known.any():
        return None
    last = ledger.as_of - timedelta(days=1)
    seen = since(ledger, members["customer_id"], sent.as_of, last)
    response = "burned" if ledger.mode == "coupon" else "transactions"
    members = members.assign(responded=seen[response] > 0, cents=seen["cents"])
    effects = compare(members, commission, settings, is_money=ledger.mode == "money", order=order)
    return Measured(sent.run_id, sent.as_of, last, effects, int((~known).sum()))


def compare(
    members: pd.DataFrame,
    commission: Commission,
    settings: CampaignSettings,
    *,
    is_money: bool,
    order: tuple[str, ...] = (),
) -> tuple[Effect, ...]:
    """Judge each campaign by the outcomes of its customers.

    Parameters
    ----------
    members : pandas.DataFrame
        ``segment, campaign, group`` str · ``responded`` bool · ``cents`` int.
    is_money : bool
        Whether `cents` means anything.
    order : tuple of str
        As for `measure`.
    """
    places = {name: place for place, name in enumerate(order)}
    raw = [_arms(part) for _, part in members.groupby("campaign", sort=False, observed=True)]
    raw.sort(key=lambda each: (places.get(each.name, len(order)), each.name, each.campaign))
    arms = [each for each in raw if min(len(each.treated), len(each.held)) > 0]
    corrected = holm(np.array([shares_differ_p(*each.hits) for each in arms]))
    return tuple(
        _effect(each, float(p), commission.of(each.name).uplift, settings, is_money)
        for each, p in zip(arms, corrected, strict=True)
    )


def since(ledger: Ledger, customers: pd.Series, first: date, last: date) -> pd.DataFrame:
    """What customers did from one day to another, both inclusive.

    Parameters
    ----------
    customers : pandas.Series of str
        Ids; those without a transaction get zeros.

    Returns
    -------
    pandas.DataFrame
        In the order of `customers`, with its index: ``transactions`` (without refunds), ``burned`` (by the day of burning), ``cents`` int.
    """
    import pyarrow as pa

    places = np.arange(len(customers), dtype="int64")
    ledger.engine.register("sent_to", pa.table({"place": places, "customer_id": arrow(customers)}))
    ledger.engine.register("sent_when", pa.table({"start_day": [first], "end_day": [last]}))
    found = fetch(ledger.engine, "since").set_index("place").astype("int64")
    ledger.engine.forget("sent_to", "sent_when")
    return found.reindex(places, fill_value=0).set_axis(customers.index)


def _joined(sent: Sent, customers: pd.Series, ledger: Ledger) -> pd.DataFrame:
    """The members by their true ids, sorted by these within each campaign: lists of a run with pseudonyms hold pseudonyms."""
    members = sent.members
    if ledger.pseudonyms is not None:
        true = dict(zip(ledger.pseudonyms.of(customers), customers, strict=True))
        members = members.assign(customer_id=members["customer_id"].map(true).fillna(members["customer_id"]))
    return members.reset_index(drop=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Arms:
    """Responses (bool) and money (hundredths) of the customers of a campaign, by group."""

    name: str
    campaign: str
    treated: pd.DataFrame
    held: pd.DataFrame

    @property
    def hits(self) -> tuple[tuple[int, int], tuple[int, int]]:
        one, other = ((int(part["responded"].sum()), len(part)) for part in (self.treated, self.held))
        return one, other


def _arms(part: pd.DataFrame) -> _Arms:
    first = part.iloc[0]
    treated, held = (part.loc[part["group"] == group, ["responded", "cents"]] for group in ("treatment", "control"))
    return _Arms(str(first["segment"]), str(first["campaign"]), treated, held)


def _effect(arms: _Arms, p_value: float, worth: float, settings: CampaignSettings, is_money: bool) -> Effect:
    treated, held = arms.hits
    low, high = newcombe(treated, held)
    uplift = treated[0] / treated[1] - held[0] / held[1]
    verdict: Verdict = "cannot tell yet"
    if p_value < settings.alpha:
        verdict = "worked" if uplift > 0 else "did not"
    elif high < worth:
        verdict = "did not"
    return Effect(
        name=arms.name,
        campaign=arms.campaign,
        treatment=_arm(arms.treated),
        control=_arm(arms.held),
        uplift=uplift,
        low=low,
        high=high,
        p_value=p_value,
        worth_finding=worth,
        money=_money(arms) if is_money else None,
        verdict=verdict,
        needs=_needs(treated, held, worth, settings) if verdict == "cannot tell yet" else None,
    )


def _arm(part: pd.DataFrame) -> Arm:
    return Arm(len(part), int(part["responded"].sum()), int(part["cents"].sum()) / 100)


def _money(arms: _Arms) -> tuple[float, float, float] | None:
    treated, held = (part["cents"].to_numpy("float64") / 100 for part in (arms.treated, arms.held))
    interval = welch(treated, held)
    return None if interval is None else (float(treated.mean() - held.mean()), *interval)


def _needs(treated: tuple[int, int], held: tuple[int, int], worth: float, settings: CampaignSettings) -> int | None:
    """Customers with whom the groups find the uplift worth finding, given what the control group did; where there are as many already, so many that
    the shares seen so far would decide, in whole multiples of theirs: their interval would hold no more than one of nothing and the uplift worth finding.
    """
    customers, base = treated[1] + held[1], held[0] / held[1]
    design = Design(settings.alpha, settings.power, settings.max_control)
    due = needed(base, worth, held[1] / customers, design) if base + worth <= 1 else None
    if due is None or due > customers:
        return due
    low, high = 1, 2
    while not _decides(treated, held, worth, high):
        low, high = high, 2 * high
        if high > MOST_TIMES:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _decides(treated, held, worth, middle) else (middle, high)
    return customers * high


def _decides(treated: tuple[int, int], held: tuple[int, int], worth: float, times: int) -> bool:
    """Whether so many times the customers, with the same shares, would tell."""
    low, high = newcombe((treated[0] * times, treated[1] * times), (held[0] * times, held[1] * times))
    return low > 0 or high < worth
