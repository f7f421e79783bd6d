"""What the segment pages and the campaign plan say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from reporter.analysis.segments import Segment
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.narrate.places import called
from reporter.document.playbook import Advice, Playbook
from reporter.document.words import Word, Words, brief, join, say, verb


def kicker(words: Words, segment: Segment, position: int, total: int) -> Said:
    """Small line above a segment's title."""
    return say(
        "{name}Segment {i} of {n} · {customers} · {share} of {value}",
        name=say("{name} · ", name=Word(segment.name)) if len(segment.name) > LONGEST_NAME else SILENT,
        i=words.count(position, "position"),
        n=words.count(total, "segments"),
        customers=words.things(segment.customers, "customer"),
        share=words.share(segment.monetary_share, "monetary_share"),
        value=words.value_noun,
    )


def title(words: Words, segment: Segment, role: str, among: tuple[int, float]) -> Said:
    """The segment's message, and in a few words what to do; `among` is the number of all segments and the recency of a typical customer."""
    segments, usual = among
    given: dict[str, Number | str] = {
        "name": brief(Word(segment.name), LONGEST_NAME),
        "value": words.share(segment.monetary_share, "monetary_share"),
        "noun": Word("revenue" if words.mode == "money" else "burns"),
    }
    days = words.days(segment.median_recency_days, "median_recency_days")
    if role in ("rescue", "watch", "rest"):
        given |= {"n": words.things(segment.customers, "customer", "customers"), "days": days}
        if role == "watch" and small_stake(segment, segments):
            role = "little"
    else:
        given["share"] = words.share(segment.share, "share")
        if role in RECENT_ROLES and segment.median_recency_days >= usual:
            given["days"], role = days, "stale"
    return say(TITLES[role], **given)


LONGEST_NAME = 20
"""Letters of a segment's name that leave room for the longest title; the line above it has the whole name."""
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "keep": "{name}: keep close the {share} of customers who bring {value} of {noun}",
        "grow": "{name}: make regulars of the {share} of customers who bring {value} of {noun}",
        "welcome": "{name}: win the next transaction of the {share} of customers who bring {value} of {noun}",
        "watch": "{name}: bring back {n} with {value} of {noun}, away for {days}",
        "little": "{name}: remind {n} with {value} of {noun} once, away for {days}",
        "rescue": "{name}: win back {n} with {value} of {noun}, away for {days}",
        "rest": "{name}: spend little on {n} with {value} of {noun}, silent for {days}",
        "stale": "{name}: {share} of customers with {value} of {noun} were last here {days} ago",
        "": "{name}: {share} of customers bring {value} of {noun}",
    }
)
"""By the role of the segment in the playbook; ``little`` is one to watch with little at stake, ``stale`` one whose name promises recent customers."""


def small_stake(segment: Segment, segments: int) -> bool:
    """Whether a segment is below an even share of customers, and below half an even share of value."""
    return segment.share < 1 / segments and segment.monetary_share < 1 / (2 * segments)


def portrait(words: Words, segment: Segment, advice: Advice, usual_recency_days: float) -> Said:
    """Who they are, in words and in medians; where the name promises recent customers and they are not, that is said."""
    typical = say(
        "A typical one was here {days} ago, has made {transactions} and is worth {value}.",
        days=words.days(segment.median_recency_days, "median_recency_days"),
        transactions=words.things(segment.median_frequency, "transaction", "median_frequency"),
        value=words.value(segment.median_monetary, "median_monetary"),
    )
    if advice.role in RECENT_ROLES and segment.median_recency_days >= usual_recency_days:
        return say(
            "The name promises more than the data holds: these customers are no more recent than the typical customer, who was here {usual} ago. {typical}",
            usual=words.days(usual_recency_days, "median_recency_days_all"),
            typical=typical,
        )
    return say("{who} {typical}", who=advice.who, typical=typical)


RECENT_ROLES = ("keep", "grow", "welcome")
"""Roles whose names promise that the customers came recently."""


def against_all(words: Words, segment: Segment) -> Said:
    """The two measures in which the segment differs most from all customers."""
    table = segment.index.dropna(subset=["ratio"])
    table = table[(table["ratio"] > 0) & table["measure"].isin(LABELS)]
    far = table[(table["ratio"] >= 1.25) | (table["ratio"] <= 0.8)]
    if far.empty:
        return Said("In no measure does its typical customer differ clearly from the typical customer of the shop.")
    ranked = sorted(far.itertuples(), key=lambda row: (-max(row.ratio, 1 / row.ratio), row.measure))[:2]
    phrases = [
        say("{ratio} the usual {label}", ratio=_ratio(words, row.ratio, row.measure), label=Word(LABELS[row.measure]))
        for row in ranked
    ]
    return say("Compared with the typical customer: {phrases}.", phrases=join(phrases))


def _ratio(words: Words, ratio: float, measure: str) -> Said:
    """2.1 times, or 40% of."""
    if ratio >= 1:
        return say("{times}", times=words.times(ratio, f"ratio_{measure}"))
    return say("{share} of", share=words.share(ratio, f"ratio_{measure}", digits=0))


LABELS = {
    "recency_days": "time since the last transaction",
    "frequency": "number of transactions",
    "monetary": "value",
    "tenure_days": "time as a customer",
    "mean_gap_days": "gap between transactions",
    "burn_rate": "burn rate",
    "mean_days_to_burn": "time to burn a coupon",
    "merchants": "number of merchants",
    "branches": "number of branches",
    "active_months": "number of active months",
}


def people(words: Words, segment: Segment) -> Said:
    """Do city, gender or merchant set the segment apart?"""
    groups = segment.groups
    if groups.empty:
        return SILENT
    clear = groups[(groups["p_value"] < 0.05) & ((groups["lift"] >= 1.2) | (groups["lift"] <= 0.8))]
    dimensions = join([Said(name) for name in dict.fromkeys(groups["dimension"])])
    if clear.empty:
        return say(
            "By {dimensions} it is made up like the whole customer base: no difference found.", dimensions=dimensions
        )
    phrases = [
        say(
            "{name} ({share} against {all} of everybody)",
            name=called(row.name_),
            share=words.share(row.share, "share"),
            all=words.share(row.all_share, "all_share"),
        )
        for row in clear.rename(columns={"name": "name_"}).head(2).itertuples()
    ]
    return say("More or fewer than usual: {phrases}.", phrases=join(phrases))


def lapse(words: Words, segment: Segment) -> Said:
    """How many have stayed away twice as long as their habit."""
    if segment.lapsed_share is None:
        return SILENT
    if not segment.lapsed_share:
        return Said("None of those who came more than once has stayed away twice as long as the own usual gap.")
    return say(
        "{share} of those with two or more transactions have stayed away more than twice as long as their own usual gap.",
        share=words.share(segment.lapsed_share, "lapsed_share"),
    )


def burning(words: Words, segment: Segment, overall: float | None) -> Said:
    """The burn rate against that of everybody."""
    if segment.burn_rate is None or overall is None:
        return SILENT
    return say(
        "It burns {rate} of its coupons; the whole customer base burns {overall}.",
        rate=words.share(segment.burn_rate, "burn_rate"),
        overall=words.share(overall, "burn_rate_overall"),
    )


def action_title(words: Words, segment: Segment) -> Said:
    """Head of the recommendation: for how many, and what is at stake."""
    return say(
        "Recommended for {n} who brought {value}",
        n=words.things(segment.customers, "customer", "customers"),
        value=words.value(segment.monetary, "monetary"),
    )


def few_people(words: Words, segment: Segment, least: int) -> Said:
    """Caution where medians rest on few."""
    if segment.customers >= least:
        return SILENT
    return say("With {n} all of this rests on few people.", n=words.things(segment.customers, "customer", "customers"))


def trend_title(words: Words, segment: Segment, monthly: pd.DataFrame) -> Said:
    """How active the segment was in its latest complete months, against those before."""
    if _courses(segment, monthly) is None:
        return say("{n} of history", n=words.things(len(segment.months), "month"))
    return say(
        "{now} active a month, {before}",
        now=active_now(words, segment, monthly),
        before=active_before(words, segment, monthly),
    )


def active_now(words: Words, segment: Segment, monthly: pd.DataFrame) -> Said:
    """Active customers a month, of the latest complete months."""
    courses = _courses(segment, monthly)
    return say("{n}", n=words.count(round(courses[0]), "active_now")) if courses else Said("–")


def active_before(words: Words, segment: Segment, monthly: pd.DataFrame) -> Said:
    """The same of the months before, and how many they are."""
    courses = _courses(segment, monthly)
    if courses is None:
        return SILENT
    return say(
        "{before} in the {months} before",
        before=words.count(round(courses[1]), "active_before"),
        months=words.things(COMPARED_MONTHS, "month", "compared_months"),
    )


def _courses(segment: Segment, monthly: pd.DataFrame) -> tuple[float, float] | None:
    whole = segment.months[~segment.months["month"].isin(monthly.loc[monthly["partial"], "month"])]
    active = whole["active_customers"].to_numpy("float64")
    if len(active) < 2 * COMPARED_MONTHS:
        return None
    return float(active[-COMPARED_MONTHS:].mean()), float(active[-2 * COMPARED_MONTHS : -COMPARED_MONTHS].mean())


COMPARED_MONTHS = 3


def campaign_title(words: Words, segments: tuple[Segment, ...], playbook: Playbook) -> Said:
    """What is at stake in the rescue segments, or how many audiences are ready."""
    rescue = [segment for segment in segments if playbook.advice(segment.name).role == "rescue"]
    if not rescue:
        are = verb(len(segments), "is", "are")
        return say("{n} {are} ready for the next campaign", n=words.things(len(segments), "audience"), are=are)
    customers = sum(segment.customers for segment in rescue)
    return say(
        "{n} {are} ready; start with {customers} at risk, who {hold} {share} of {value}",
        n=words.things(len(segments), "audience"),
        are=verb(len(segments), "is", "are"),
        customers=words.things(customers, "customer", "rescue_customers"),
        hold=verb(customers, "holds", "hold"),
        share=words.share(sum(segment.monetary_share for segment in rescue), "rescue_share"),
        value=words.value_noun,
    )


def trend_note(words: Words) -> Said:
    """Caution: a segment's past is seen from today."""
    return Said(
        "The line shows the past of the customers who are in the segment today; segments are named by today’s scores."
    )


def place_title(words: Words, segment: Segment) -> Said:
    """Where the segment lies among all customers."""
    return say(
        "Typically {days} since the last transaction, {value}",
        days=words.days(segment.median_recency_days, "median_recency_days"),
        value=words.value(segment.median_monetary, "median_monetary"),
    )


def index_title(words: Words, segment: Segment) -> Said:
    """How many customers the medians stand for."""
    return say(
        "{name}: medians of {n} against all", name=Word(segment.name), n=words.things(segment.customers, "customer")
    )


def recommendation(advice: Advice, mode: str) -> tuple[Said, ...]:
    """Goal, action and what to avoid, from the playbook."""
    action = advice.action if mode == "money" else advice.coupon
    return (Said(action), say("Goal: {goal} Avoid: {avoid}", goal=advice.goal, avoid=advice.avoid))


def audiences_title(words: Words, segments: tuple[Segment, ...]) -> Said:
    """How many audience files there are."""
    return say(
        "{n} for {customers}",
        n=words.things(len(segments), "audience"),
        customers=words.things(sum(s.customers for s in segments), "customer"),
    )


def of_all(words: Words, share: float, rank: tuple[int, int]) -> Said:
    """A share of everything and the place among the segments, under a tile."""
    return say(
        "{share} of all, rank {place} of {n}",
        share=words.share(share),
        place=words.count(rank[0], "rank"),
        n=words.count(rank[1], "segments"),
    )


def all_customers(number: Number) -> Said:
    """The same figure for everybody, under a tile."""
    return say("all customers: {number}", number=number)


def people_title(words: Words, segment: Segment) -> Said:
    """How many groups differ from the whole customer base."""
    clear = int((segment.groups["p_value"] < 0.05).sum())
    if not clear:
        return say("Made up like everybody: {n} of its groups stand out", n=words.count(clear, "groups_different"))
    return say("{n} of its groups differ from everybody", n=words.count(clear, "groups_different"))


def opening_title(words: Words, segments: tuple[Segment, ...]) -> Said:
    """The segment that is worth more, and the one that is worth less, than its number."""
    ranked = sorted(segments, key=lambda segment: (segment.monetary_share / segment.share, segment.name))
    best = ranked[-1]
    return say(
        "A customer in {name} is worth {times} the average customer",
        name=brief(Word(best.name)),
        times=words.times(best.monetary_share / best.share, "worth_ratio"),
    )


def opening_lede(words: Words) -> Said:
    """How to read the pages that follow."""
    return Said(
        "The next pages show each segment by itself: its size and value, its place among all customers, its past months, "
        "how its habits differ, who its customers are, and what to do."
    )
