"""The campaign plan: of each segment whom to contact, whom to hold back, what it costs, and from which response on it pays.

What a campaign brings is the response it adds, not the response it meets: those who would have come anyway are no success of it. So expected profit
is the profit if the campaign adds the uplift that is worth finding, and the control group says later whether it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import numpy as np
import pandas as pd

from reporter.analysis.assign import GROUPS, assign
from reporter.analysis.backtest import Backtest
from reporter.analysis.certainty import Certainty
from reporter.analysis.draw import campaign_name
from reporter.analysis.power import Design, control_size, detectable
from reporter.analysis.rfm import Scorecard
from reporter.analysis.settings import AnalysisSettings, CampaignSettings
from reporter.analysis.statistics import wilson
from reporter.analysis.terms import Commission, Terms
from reporter.intake.ledger import Ledger

REASONS = ("", "listed", "recent", "borderline", "budget")
"""Why a customer is excluded; the first that holds."""
WORST_SHARE = 0.5
"""Response for which a control group is sized where none is known: the one that needs most customers."""
Z = 1.959963984540054
"""Quantile of the normal distribution for intervals of 95 %."""


@dataclass(frozen=True, slots=True)
class Response:
    """Share of a segment's customers who came again without being asked, with its 95 % interval, among so many customers."""

    share: float
    low: float
    high: float
    customers: int


@dataclass(frozen=True, slots=True)
class Profit:
    """Expected profit with its 95 % interval, in money."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Audience:
    """The campaign of one segment.

    Attributes
    ----------
    name, campaign : str
        Segment, and the name of its campaign: as-of date and segment.
    customers, treatment, control : int
        ``customers == treatment + control + sum(excluded.values())``.
    excluded : dict of str to int
        Reason of `REASONS` to customers; only reasons that occur.
    borderline : int
        Customers whose segment is uncertain in some way.
    sure : tuple of int
        Customers by the share of draws in which the segment is the same: at least 95 %, at least 80 %, less.
    terms : Terms
    response : Response or None
        What they did anyway in the backtest; None: not known.
    value_per_response : float or None
        What an added response brings before the margin: the segment's mean amount of a transaction; in coupon mode the setting
        ``campaign.value_per_burn``, or None.
    break_even : float or None
        Share of the contacted who must come because of the campaign for it to pay; may exceed 1. None where no value is known.
    finds : float or None
        Smallest uplift that the two groups tell from chance; None where they tell none.
    profit : Profit or None
        Of the treatment group if the campaign adds the uplift worth finding; None where value or response is not known.
    """

    name: str
    campaign: str
    customers: int
    treatment: int
    control: int
    excluded: dict[str, int]
    borderline: int
    sure: tuple[int, int, int]
    terms: Terms
    response: Response | None
    value_per_response: float | None
    break_even: float | None
    finds: float | None
    profit: Profit | None

    @property
    def cost(self) -> float:
        """Of contacting the treatment group."""
        return float(Decimal(str(self.terms.cost_per_contact)) * self.treatment)

    @property
    def cost_per_response(self) -> float:
        """Of each response that the uplift worth finding adds."""
        return self.terms.cost_per_contact / self.terms.uplift

    @property
    def is_telling(self) -> bool:
        """Whether the groups are large enough for the uplift worth finding."""
        return self.finds is not None and self.finds <= self.terms.uplift + 1e-6

    @property
    def pays(self) -> bool | None:
        """Whether the uplift worth finding is above the break-even; None where that is not known."""
        return None if self.break_even is None else self.terms.uplift > self.break_even


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All campaigns.

    Attributes
    ----------
    audiences : tuple of Audience
        In grid order; every segment that has customers.
    members : pandas.DataFrame
        In the order of the scorecard: ``customer_id`` str · ``group`` category of `GROUPS` · ``campaign`` category · ``excluded`` category of `REASONS` · ``borderline``
        category (marks joined by ``+``) · ``certainty`` float32 (share of draws, NaN where not known).
    draws : int
        Resamples behind ``certainty``.
    horizon_days : int or None
        Days in which the responses of the backtest were counted.
    budget : float or None
    unknown_listed : int
        Ids of the exclusion list that are no scored customers.
    """

    audiences: tuple[Audience, ...]
    members: pd.DataFrame
    draws: int
    horizon_days: int | None
    budget: float | None
    unknown_listed: int

    @property
    def cost(self) -> float:
        """Of all contacts."""
        return float(sum(Decimal(str(each.terms.cost_per_contact)) * each.treatment for each in self.audiences))

    @property
    def is_assumed(self) -> bool:
        """Whether any cost or margin is one that nobody confirmed."""
        return any(each.terms.is_assumed for each in self.audiences)


@dataclass(frozen=True, slots=True)
class Ask:
    """What an audience asks of the budget."""

    name: str
    contacts: int
    cost_per_contact: float
    return_per_cost: float


def plan(
    ledger: Ledger,
    scorecard: Scorecard,
    settings: AnalysisSettings,
    commission: Commission,
    drawn: tuple[np.ndarray, Certainty],
    responses: tuple[Mapping[str, Response], int | None] = (MappingProxyType({}), None),
) -> Plan:
    """Plan a campaign for every segment.

    Parameters
    ----------
    drawn : (numpy.ndarray of uint64, Certainty)
        `segment_lots` and `certainty` of the scored customers.
    responses : (mapping of str to Response, int or None)
        What each segment did without a campaign, and in how many days.

    Returns
    -------
    Plan
        Its customers are excluded, held back or to be contacted, in this order of precedence; under a budget contacts go to the campaigns with the
        largest expected profit per cost first (`allocate`).
    """
    (known, horizon), (lot, sure) = responses, drawn
    reasons = _reasons(scorecard, settings.campaign, commission, sure)
    names = [name for name in scorecard.grid.order if (scorecard.frame["segment"] == name).any()]
    sketches = [_Sketch.of(name, scorecard, reasons, commission.of(name), known.get(name)) for name in names]
    worth = {each.name: _worth(ledger, settings.campaign, each) for each in sketches}
    design = Design(settings.campaign.alpha, settings.campaign.power, settings.campaign.max_control)
    held = {each.name: _held(each, design) for each in sketches}
    asks = [_ask(each, worth[each.name], held[each.name]) for each in sketches]
    contacts = allocate(asks, settings.campaign.budget)
    groups = np.full(len(scorecard.frame), GROUPS.index("excluded"), dtype="int8")
    audiences = []
    for each in sketches:
        sent = contacts[each.name]
        control = held[each.name] if sent else 0
        groups[each.able] = assign(each.value, lot[each.able], control, sent)
        reasons[each.able[groups[each.able] == GROUPS.index("excluded")]] = REASONS.index("budget")
        campaign = campaign_name(ledger.as_of, each.name)
        audiences.append(_audience(each, (campaign, sent, control), worth[each.name], design, (reasons, sure)))
    members = _members(scorecard, audiences, groups, (reasons, sure))
    unknown = len(commission.unwanted) - int((reasons == REASONS.index("listed")).sum())
    return Plan(tuple(audiences), members, sure.draws, horizon, settings.campaign.budget, unknown)


def responses_of(found: Backtest | None, mode: str) -> tuple[Mapping[str, Response], int | None]:
    """What each segment did without being asked, and in how many days: bought again, or in coupon mode burned a coupon.

    Parameters
    ----------
    found : Backtest or None
        None: nothing is known.
    """
    if found is None:
        return {}, None
    hits = np.array([each.burned if mode == "coupon" else each.returned for each in found.outcomes])
    sizes = np.array([each.customers for each in found.outcomes])
    low, high = wilson(hits, sizes)
    return {
        each.name: Response(int(hits[i]) / each.customers, float(low[i]), float(high[i]), each.customers)
        for i, each in enumerate(found.outcomes)
    }, found.horizon_days


def allocate(asks: list[Ask], budget: float | None) -> dict[str, int]:
    """Contacts of each audience under a budget.

    The audience with the largest return per cost is served first, all its contacts or as many as the rest of the budget pays; equal returns go by
    name. An audience whose return is no more than its cost (0 or less) gets nothing. Without a budget all are contacted.

    Returns
    -------
    dict of str to int
        What they cost together is never above the budget, to the last digit.
    """
    if budget is None:
        return {ask.name: ask.contacts for ask in asks}
    left, given = Decimal(str(budget)), dict.fromkeys((ask.name for ask in asks), 0)
    for ask in sorted(asks, key=lambda ask: (-ask.return_per_cost, ask.name)):
        if ask.return_per_cost > 0:
            cost = Decimal(str(ask.cost_per_contact))
            given[ask.name] = ask.contacts if cost * ask.contacts <= left else int(left // cost)
            left -= cost * given[ask.name]
    return given


def _members(
    scorecard: Scorecard, audiences: list[Audience], groups: np.ndarray, marks: tuple[np.ndarray, Certainty]
) -> pd.DataFrame:
    reasons, sure = marks
    campaigns = {audience.name: audience.campaign for audience in audiences}
    return pd.DataFrame(
        {
            "customer_id": scorecard.frame["customer_id"],
            "campaign": scorecard.frame["segment"].map(campaigns).astype("category"),
            "group": pd.Categorical.from_codes(groups, list(GROUPS)),
            "excluded": pd.Categorical.from_codes(reasons, list(REASONS)),
            "borderline": sure.marks,
            "certainty": sure.share,
        }
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sketch:
    """An audience before its size is known: places of its customers and of those who may be contacted, and the value of the latter."""

    name: str
    terms: Terms
    response: Response | None
    all: np.ndarray
    able: np.ndarray
    value: np.ndarray
    worth: tuple[float, float]

    @classmethod
    def of(
        cls, name: str, scorecard: Scorecard, reasons: np.ndarray, terms: Terms, response: Response | None
    ) -> _Sketch:
        frame = scorecard.frame
        inside = np.flatnonzero((frame["segment"] == name).to_numpy())
        value, orders = (frame[column].to_numpy("float64")[inside] for column in ("monetary", "frequency"))
        able = reasons[inside] == 0
        return cls(name, terms, response, inside, inside[able], value[able], _per_order(value, orders))

    @property
    def base(self) -> float:
        return WORST_SHARE if self.response is None else self.response.share

    @property
    def uplift(self) -> float:
        """The uplift worth finding, as far as there are customers who did not come anyway."""
        return min(self.terms.uplift, 1 - self.base)


def _per_order(value: np.ndarray, orders: np.ndarray) -> tuple[float, float]:
    """Mean amount of a transaction and its standard error (ratio estimator: Cochran, Sampling Techniques, 1977, section 6.4)."""
    n, ratio = len(value), float(value.sum() / orders.sum())
    spread = float(((value - ratio * orders) ** 2).sum()) * n / max(n - 1, 1)
    return ratio, spread**0.5 / float(orders.sum())


def _worth(ledger: Ledger, settings: CampaignSettings, sketch: _Sketch) -> tuple[float, float] | None:
    """Value of an added response with its standard error, the margin taken; None where nobody knows it."""
    if ledger.mode == "coupon":
        return None if settings.value_per_burn is None else (settings.value_per_burn, 0.0)
    mean, error = sketch.worth
    return (mean * sketch.terms.margin, error * sketch.terms.margin) if mean > 0 else None


def _reasons(scorecard: Scorecard, settings: CampaignSettings, commission: Commission, sure: Certainty) -> np.ndarray:
    """Place in `REASONS` of each customer, before the budget."""
    frame = scorecard.frame
    found = np.zeros(len(frame), dtype="int8")
    if settings.exclude_borderline:
        found[np.asarray(sure.marks.codes) > 0] = REASONS.index("borderline")
    quiet = (
        frame["segment"].map({name: commission.of(name).quiet_days for name in scorecard.grid.order}).to_numpy("int64")
    )
    found[frame["recency_days"].to_numpy() <= quiet] = REASONS.index("recent")
    if commission.unwanted:
        found[frame["customer_id"].isin(commission.unwanted).to_numpy()] = REASONS.index("listed")
    return found


def _held(sketch: _Sketch, design: Design) -> int:
    """Customers to hold back: enough for the uplift worth finding, or as many as allowed where that is not enough."""
    most = int(design.most * len(sketch.able))
    found = control_size(sketch.base, sketch.uplift, len(sketch.able), design) if sketch.uplift > 0 else None
    return most if found is None else found


def _ask(sketch: _Sketch, worth: tuple[float, float] | None, held: int) -> Ask:
    """Without a value the return is counted in responses, which suffices to rank: then no audience has one."""
    cost = sketch.terms.cost_per_contact
    gain = sketch.uplift if worth is None else sketch.uplift * worth[0] - cost
    per_cost = gain / cost if cost else float("inf") if gain > 0 else 0.0
    return Ask(sketch.name, len(sketch.able) - held, cost, per_cost)


def _audience(
    sketch: _Sketch,
    made: tuple[str, int, int],
    worth: tuple[float, float] | None,
    design: Design,
    marks: tuple[np.ndarray, Certainty],
) -> Audience:
    campaign, treatment, control = made
    reasons, sure = marks
    why = np.bincount(reasons[sketch.all], minlength=len(REASONS))
    share = sure.share[sketch.all]
    levels = (int((share >= 0.95).sum()), int(((share >= 0.8) & (share < 0.95)).sum()), int((share < 0.8).sum()))
    return Audience(
        name=sketch.name,
        campaign=campaign,
        customers=len(sketch.all),
        treatment=treatment,
        control=control,
        excluded={reason: int(why[place]) for place, reason in enumerate(REASONS) if place and why[place]},
        borderline=int((np.asarray(sure.marks.codes)[sketch.all] > 0).sum()),
        sure=levels,
        terms=sketch.terms,
        response=sketch.response,
        value_per_response=None if worth is None else worth[0],
        break_even=None if worth is None else sketch.terms.cost_per_contact / worth[0],
        finds=detectable(sketch.base, control, treatment, design),
        profit=_profit(sketch, worth, treatment),
    )


def _profit(sketch: _Sketch, worth: tuple[float, float] | None, contacts: int) -> Profit | None:
    """Contacts times (uplift times worth less cost), with the chance of responses and the error of their worth (delta method)."""
    if worth is None or sketch.response is None:
        return None
    base, uplift = sketch.base, sketch.uplift
    added = contacts * uplift
    chance = contacts * (base * (1 - base) + (base + uplift) * (1 - base - uplift))
    half = Z * (worth[0] ** 2 * chance + (added * worth[1]) ** 2) ** 0.5
    expected = added * worth[0] - contacts * sketch.terms.cost_per_contact
    return Profit(expected, expected - half, expected + half)
