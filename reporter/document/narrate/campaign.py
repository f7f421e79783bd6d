"""What the campaign plan says: whom to contact, whom to hold back, from which response on it pays, and what is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reporter.analysis.assign import STRATA
from reporter.analysis.campaign import Audience, Plan
from reporter.analysis.certainty import NEAR, SURE
from reporter.analysis.rfm import Scorecard
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Word, Words, join, paragraph, say, verb

ALMOST_ALWAYS = 0.95
"""Share of the draws from which on a segment counts as certain in pictures and titles."""
WHY: Mapping[str, str] = MappingProxyType(
    {
        "listed": "{n} stand on the list of campaign.exclude",
        "recent": "{n} had a transaction only days ago",
        "borderline": "of {n} the segment is uncertain",
        "budget": "for {n} the budget does not suffice",
    }
)
"""Why customers are left alone, by the codes of the lists."""


def title(words: Words, plan: Plan) -> Said:
    """Whom to contact, whom to hold back, and how many campaigns pay."""
    treated, control = (sum(getattr(each, group) for each in plan.audiences) for group in ("treatment", "control"))
    given: dict[str, Number | Said | str] = {
        "treated": words.things(treated, "customer", "treatment"),
        "control": words.count(control, "control"),
    }
    known = [each.profit for each in plan.audiences if each.profit is not None]
    if treated and not control:
        cost = money(words, plan.cost, "cost")
        return say("Contact {treated} for {cost}: too few to hold anybody back", treated=given["treated"], cost=cost)
    if not treated:
        return say("Nobody is contacted: {n} got no money", n=words.things(len(plan.audiences), "audience"))
    if not known:
        return say("Contact {treated} at a cost of {cost} and hold back {control} to compare", cost=money(words, plan.cost, "cost"), **given)  # fmt: skip
    paying = sum(profit.expected > 0 for profit in known)
    return say(
        "Contact {treated} and hold back {control}: {paying} of {n} {pay} if the offer brings what it should",
        paying=words.count(paying, "paying"),
        n=words.things(len(plan.audiences), "audience"),
        pay=verb(paying, "pays", "pay"),
        **given,
    )


def money(words: Words, value: float, name: str) -> Number:
    """An amount of money, also where the data has none: costs are money in every shop."""
    return words.money(value, name)


def points(words: Words, uplift: float, name: str) -> Number:
    """A difference of shares in percentage points."""
    return words.points(uplift, 0.0, name)


def break_even(words: Words, share: float, name: str) -> Said:
    """Added responses from which on a campaign pays, in points; small ones with a digit more, for they are not nothing."""
    digits = 1 if share >= 0.01 else 2 if share >= 0.0005 else 3
    return say("{n} pts", n=words.number(share * 100, name, digits))


def ranged(value: Number, low: Number, high: Number) -> Said:
    """A value with its range; where that is a single value, the value alone."""
    if low.text == high.text:
        return Said(value.text, (value,))
    return say("{value} ({low} to {high})", value=value, low=low, high=high)


def lede(words: Words, plan: Plan) -> Said:
    """Where the responses come from, and what the groups are for."""
    groups = say(
        "Groups are drawn by lot within {strata} classes of value; the next report compares them and tells what each campaign has brought. "
        "The lists beside this report hold group and reason of every customer.",
        strata=words.count(STRATA, "strata"),
    )
    if plan.horizon_days is None:
        known = Said(
            "The record is too short to know what each segment does without a campaign, so no profit is promised."
        )
        return paragraph(known, groups)
    known = say(
        "“Came anyway” is the share of a segment’s customers of then who {did} within {days}, without this campaign. A campaign earns only what comes on top of it.",
        did=_did(words),
        days=words.days(plan.horizon_days, "horizon_days"),
    )
    return paragraph(known, groups)


def _did(words: Words) -> Word:
    return Word("bought again" if words.mode == "money" else "burned a coupon")


def table_title(words: Words, plan: Plan) -> Said:
    """What the contacts cost, and from which response on the cheapest and the dearest pay."""
    cost = money(words, plan.cost, "cost")
    known = sorted(each.break_even for each in plan.audiences if each.break_even is not None and each.treatment)
    if not known:
        return say("All contacts together cost {cost}", cost=cost)
    low, high = break_even(words, known[0], "break_even_least"), break_even(words, known[-1], "break_even_most")
    if low.text == high.text:
        return say("All contacts together cost {cost}; a campaign pays once it adds {low} to the response", cost=cost, low=low)  # fmt: skip
    return say(
        "All contacts together cost {cost}; a campaign pays once it adds {low} to {high} to the response",
        cost=cost,
        low=low,
        high=high,
    )


def table_note(words: Words, plan: Plan) -> Said:
    """What the columns mean."""
    told = Said(
        "Worth finding: added responses that the playbook asks for. Tells from: the smallest uplift that these groups can show."
    )
    if all(each.profit is None for each in plan.audiences):
        return told
    profit = say(
        "Profit: if the campaign adds the responses worth finding; if it adds none, the cost is lost. Ranges are intervals of {level}.",
        level=words.share(0.95, "level"),
    )
    return paragraph(told, profit)


def costs_title(words: Words, plan: Plan) -> Said:
    """The audience that costs most."""
    top = max(plan.audiences, key=lambda each: (each.cost, each.name))
    return say(
        "{name} cost most: {cost} for {n}",
        name=Word(top.name),
        cost=money(words, top.cost, "cost"),
        n=words.things(top.treatment, "contact"),
    )


def profit_title(words: Words, plan: Plan) -> Said:
    """How many profits are certain to be above zero."""
    known = [each.profit for each in plan.audiences if each.profit is not None]
    sure = sum(profit.low > 0 for profit in known)
    if not sure:
        return say("Of {n} expected profits none is sure to be above zero", n=words.count(len(known), "profits"))
    return say(
        "{sure} of {n} expected profits {are} above zero in their whole range",
        sure=words.count(sure, "profits_sure"),
        n=words.count(len(known), "profits"),
        are=verb(sure, "is", "are"),
    )


def budget(words: Words, plan: Plan) -> Said:
    """How a budget was shared out; silent without one."""
    if plan.budget is None:
        return SILENT
    return say(
        "The budget of {budget} goes first to the audience with the most expected {gain} for its cost, then to the next; {spent} are spent.",
        budget=money(words, plan.budget, "budget"),
        gain=Word("profit" if any(each.profit for each in plan.audiences) else "response"),
        spent=money(words, plan.cost, "cost"),
    )


def left_alone(words: Words, plan: Plan) -> Said:
    """Who gets no campaign, and why; silent where everybody has one."""
    sums = {reason: sum(each.excluded.get(reason, 0) for each in plan.audiences) for reason in WHY}
    told = [say(WHY[reason], n=words.things(n, "customer", f"excluded_{reason}")) for reason, n in sums.items() if n]
    alone = say("Left alone: {reasons}.", reasons=join(told)) if told else SILENT
    if not plan.unknown_listed:
        return alone
    unknown = say(
        "{n} of that list {are} no customers with transactions.",
        n=words.count(plan.unknown_listed, "unknown_listed"),
        are=verb(plan.unknown_listed, "is", "are"),
    )
    return paragraph(alone, unknown)


def limits(words: Words, plan: Plan) -> tuple[Said, Said, Said]:
    """What the plan cannot know: groups that are too small, money that is assumed, and money that is missing; some may be silent."""
    return _small(words, plan), _assumed(words, plan), _worthless(words, plan)


def _small(words: Words, plan: Plan) -> Said:
    sent = [each for each in plan.audiences if each.treatment]
    weak = [each for each in sent if not each.is_telling]
    if not weak:
        return SILENT
    least = min(
        (each for each in weak if each.finds is not None), key=lambda each: (each.finds, each.name), default=None
    )
    counted: dict[str, Number | Said | str] = {"n": words.count(len(weak), "weak"), "all": words.things(len(sent), "audience"), "are": verb(len(weak), "is", "are")}  # fmt: skip
    if least is None or least.finds is None:
        return say(
            "{n} of {all} {are} too small to show the uplift worth finding, or nearly all of their customers came anyway.",
            **counted,
        )
    return say(
        "{n} of {all} {are} too small to show the uplift worth finding: even {name} cannot show one under {finds}. Their groups are drawn all the same; campaigns of several months can be read together.",
        name=Word(least.name),
        finds=points(words, least.finds, "finds"),
        **counted,
    )


def _assumed(words: Words, plan: Plan) -> Said:
    assumed = [each.terms for each in plan.audiences if each.terms.is_assumed]
    if not assumed:
        return SILENT
    costs = sorted(terms.cost_per_contact for terms in assumed)
    given: dict[str, Number | Said | str] = {
        "low": money(words, costs[0], "cost_per_contact_least"),
        "high": money(words, costs[-1], "cost_per_contact_most"),
    }
    if words.mode != "money":
        return say(
            "That a contact costs {low} to {high} is an assumption. Write your cost_per_contact into a playbook of your own and name it in report.playbook.",
            **given,
        )
    margins = sorted(terms.margin for terms in assumed)
    kept = words.share(margins[0], "margin_least")
    if margins[0] != margins[-1]:
        return say(
            "That a contact costs {low} to {high}, and that {least} to {most} of an amount stay as margin, are assumptions. Write your cost_per_contact and margin into a playbook of your own and name it in report.playbook.",
            least=kept,
            most=words.share(margins[-1], "margin_most"),
            **given,
        )
    return say(
        "That a contact costs {low} to {high}, and that {kept} of an amount stay as margin, are assumptions. Write your cost_per_contact and margin into a playbook of your own and name it in report.playbook.",
        kept=kept,
        **given,
    )


def _worthless(words: Words, plan: Plan) -> Said:
    if words.mode == "money" or any(each.value_per_response is not None for each in plan.audiences):
        return SILENT
    return Said(
        "The data does not say what a burned coupon is worth, so no profit is shown; campaign.value_per_burn says it."
    )


def actions_title(words: Words, audiences: tuple[Audience, ...]) -> Said:
    """How many offers there are."""
    return say("What {n} get, how and when", n=words.things(len(audiences), "audience"))


def certainty_title(words: Words, plan: Plan) -> Said:
    """Whose segment is certain, and whose is not."""
    customers = sum(each.customers for each in plan.audiences)
    return say(
        "{share} of customers keep their segment in nearly every draw; {n} {are} borderline",
        share=words.share(sum(each.sure[0] for each in plan.audiences) / customers, "certain_share"),
        n=words.things(sum(each.borderline for each in plan.audiences), "customer", "borderline"),
        are=verb(sum(each.borderline for each in plan.audiences), "is", "are"),
    )


def certainty_lede(words: Words, plan: Plan) -> Said:
    """How it was found out."""
    return say(
        "Boundaries between scores depend on who else is a customer. {draws} times customers were drawn at random with replacement and the boundaries set anew: "
        "a segment that comes out in {always} of the draws or more is certain, in less than {sure} uncertain.",
        draws=words.count(plan.draws, "draws"),
        always=words.share(ALMOST_ALWAYS, "always"),
        sure=words.share(SURE, "sure"),
    )


def certainty_fixed(scorecard: Scorecard) -> Said:
    """What the draws leave alone; silent where nothing is set by hand."""
    if not scorecard.grid.limits:
        return SILENT
    return Said("Boundaries that were set by hand stay as they are in every draw.")


def certainty_marks(words: Words, plan: Plan) -> Said:
    """What the marks in the lists mean, and how many customers have each."""
    marks = plan.members["borderline"].astype(str)
    counts = {mark: int(marks.str.contains(mark, regex=False).sum()) for mark in ("resample", "boundary", "tie")}
    return say(
        "The lists mark them: resample ({resample}) where the segment comes out in less than {sure} of the draws, boundary ({boundary}) where a score changes within {near} of all customers, "
        "tie ({tie}) where another rule for equal values would give another segment.",
        resample=words.count(counts["resample"], "marked_resample"),
        sure=words.share(SURE, "sure"),
        boundary=words.count(counts["boundary"], "marked_boundary"),
        near=words.share(NEAR, "near", digits=0),
        tie=words.count(counts["tie"], "marked_tie"),
    )


def certainty_chart(words: Words, plan: Plan) -> Said:
    """The segment whose customers are least certain."""
    worst = min(plan.audiences, key=lambda each: (each.sure[0] / each.customers, each.name))
    return say(
        "{name} are the least certain: {share} of them keep the segment almost always",
        name=Word(worst.name),
        share=words.share(worst.sure[0] / worst.customers, "certain_share_least"),
    )
