"""What section "Looking back and ahead" says: what the names foretold, and what can be expected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from reporter.analysis.analyse import Analysis
from reporter.analysis.backtest import Backtest, Explained, Outcome
from reporter.analysis.lookback import HISTORY, TRIED_MONTHS
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Word, Words, brief, join, paragraph, say

CERTAIN = 0.01
"""The shares of all names differ by more than chance below this probability."""
MUCH = 0.1
"""Share of the variance of returning from which names are said to hold."""
SAME = 0.01
"""Explained shares that differ by less are called the same."""
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "held": "The names held: from {best_share} of {best} to {worst_share} of {worst} came back within {months}",
        "little": "The names told little: from {best_share} of {best} to {worst_share} of {worst} came back within {months}",
        "nothing": "The names foretold nothing certain: {base_share} of all customers came back within {months}",
    }
)
TOLD: Mapping[str, str] = MappingProxyType(
    {
        "held": "Looking back {months}, the names held: {best_share} of {best} came back, {worst_share} of {worst}.",
        "little": "Looking back {months}, the names told little: {best_share} of {best} came back, {worst_share} of {worst}.",
        "nothing": "Looking back {months}, the names did not tell who came back.",
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {"segments": "Segments", "recency": "Recency alone", "clusters": "Clusters (KMeans)"}
)


def compared(test: Backtest, least: int) -> tuple[Outcome, ...]:
    """The names with enough customers for a percentage."""
    return tuple(outcome for outcome in test.outcomes if outcome.customers >= least)


def weight(test: Backtest, least: int) -> str:
    """How much the names told: ``held``, ``little`` or ``nothing``."""
    if len(compared(test, least)) < 2 or math.isnan(test.p_value) or test.p_value >= CERTAIN:
        return "nothing"
    return "held" if test.explained[0].adjusted >= MUCH else "little"


def title(words: Words, test: Backtest, least: int) -> Said:
    """How far apart the names were, or that they were not."""
    months = words.things(test.months, "month", "months")
    level = weight(test, least)
    if level == "nothing":
        return say(TITLES[level], base_share=words.share(test.base.share, "base_share"), months=months)
    return say(TITLES[level], **_ends(words, test, least), months=months)


def summary_line(words: Words, analysis: Analysis) -> Said:
    """How well the names of an earlier day foretold, for the first page."""
    test, least = analysis.backtest, analysis.settings.min_group
    if test is None:
        return SILENT
    months = words.things(test.months, "month", "months")
    level = weight(test, least)
    if level == "nothing":
        return say(TOLD[level], months=months)
    return say(TOLD[level], **_ends(words, test, least), months=months)


def _ends(words: Words, test: Backtest, least: int) -> dict[str, Number | Said | str]:
    best = max(compared(test, least), key=lambda outcome: outcome.share)
    worst = next(outcome for outcome in test.outcomes if outcome.name == test.lowest)
    return {
        "best_share": words.share(best.share, "best_share"),
        "best": brief(Word(best.name), LONGEST),
        "worst_share": words.share(worst.share, "worst_share"),
        "worst": brief(Word(worst.name), LONGEST),
    }


LONGEST = 20
"""Letters of a name that leave a title its two lines."""


def lede(words: Words, test: Backtest) -> Said:
    """Who was named when, and how many came back until when."""
    return say(
        "{customers} known on {cut} got their names by the rules of today: {returned} of them, {share}, came back for a transaction within {months}.",
        cut=words.day(test.cut, "cut"),
        customers=words.things(test.base.customers, "customer", "customers_then"),
        months=words.things(test.months, "month", "months"),
        returned=words.count(test.base.returned, "returned"),
        share=words.share(test.base.share, "base_share"),
    )


def flagged(words: Words, test: Backtest, least: int) -> Said:
    """Which names cannot be told from the one of which fewest came back."""
    lowest = next((o for o in test.outcomes if o.name == test.lowest), None)
    if lowest is None or len(compared(test, least)) < 2:
        return SILENT
    given: dict[str, Number | Said | str] = {
        "lowest": Word(lowest.name),
        "share": words.share(lowest.share, "lowest_share"),
        "low": words.share(lowest.low, "lowest_low"),
        "high": words.share(lowest.high, "lowest_high"),
    }
    if not test.like_lost:
        return say(
            "Fewest came back of {lowest}, {share} ({low} to {high}); every other name did clearly better.", **given
        )
    return say(
        "Fewest came back of {lowest}, {share} ({low} to {high}); {names} cannot be told from them.",
        names=join([say("{name}", name=Word(name)) for name in test.like_lost]),
        **given,
    )


def explained(words: Words, test: Backtest) -> Said:
    """What the names, recency alone and the clusters tell of who came back."""
    names, recency, *others = test.explained
    told = say(
        "Of the differences between customers who came back and those who did not, the {groups} names explain {share}; days since the last transaction alone, cut into as many groups, explain {recency}.",
        groups=words.count(names.groups, "explained_groups"),
        share=words.share(names.adjusted, "explained_segments"),
        recency=words.share(recency.adjusted, "explained_recency"),
    )
    return paragraph(told, _of_clusters(words, others))


def _of_clusters(words: Words, others: list[Explained]) -> Said:
    if len(others) < 2:
        return SILENT
    clusters, recency = others
    return say(
        "{clusters} of then, found by KMeans on recency, frequency and monetary, explain {share}; recency in as many groups {recency}.",
        clusters=words.things(clusters.groups, "cluster", "clusters"),
        share=words.share(clusters.adjusted, "explained_clusters"),
        recency=words.share(recency.adjusted, "explained_recency_few"),
    )


def so_what(words: Words, test: Backtest, least: int) -> Said:
    """What follows for the next plan."""
    if weight(test, least) == "nothing":
        return Said("Let no name alone decide who gets an offer: here it did not tell who comes back.")
    names, recency = test.explained[:2]
    if recency.adjusted >= names.adjusted - SAME:
        return Said(
            "Who is likely to come back is told as well by the days since the last transaction; use the names for what to say, not for whom to expect."
        )
    if test.like_lost:
        return say(
            "Expect no more of {names} than of {lowest}, whatever the names promise.",
            names=join([say("{name}", name=Word(name)) for name in test.like_lost]),
            lowest=Word(test.lowest),
        )
    return Said("The names may steer the next budget: of each clearly more came back than of the lowest.")


def limits(words: Words, test: Backtest, least: int) -> tuple[Said, ...]:
    """What one look back cannot tell, and how its figures are meant."""
    return (
        say(
            "It is one period of {months}: a season or a campaign in it is part of every share.",
            months=words.things(test.months, "month", "months"),
        ),
        say(
            "Shares have {level} intervals (Wilson); names with fewer than {least} customers get none. A name cannot be told from {lowest} where its interval does not begin above the end of the interval of {lowest}.",
            level=words.share(0.95, "level", digits=0),
            least=words.count(least, "min_group"),
            lowest=Word(test.lowest or "–"),
        ),
        Said(
            "Explained is the share of the variance of coming back between groups (eta squared, less what as many random groups would explain): at all, the group settles who returns; at nothing, it says nothing."
        ),
    )


def chart_title(words: Words, test: Backtest, least: int) -> Said:
    """How many names did better than all customers together."""
    above = sum(outcome.low > test.base.share for outcome in compared(test, least))
    return say(
        "{n} of {names} clearly above the {share} of all",
        n=words.count(above, "above"),
        names=words.things(len(compared(test, least)), "name", "names"),
        share=words.share(test.base.share, "base_share"),
    )


def explained_title(words: Words, test: Backtest) -> Said:
    """What the names explain."""
    return say("Names explain {share}", share=words.share(test.explained[0].adjusted, "explained_segments"))


def table_title(words: Words, test: Backtest) -> Said:
    """What the table lists."""
    return say(
        "What {n} did in the {months} after {cut}",
        n=words.things(test.base.customers, "customer", "customers_then"),
        months=words.things(test.months, "month", "months"),
        cut=words.day(test.cut, "cut"),
    )


def source(words: Words, test: Backtest) -> Said:
    """Who and when, under pictures and tables."""
    return say(
        "Customers with a transaction before {cut}, named as of that day; outcomes to the day before {end}.",
        cut=words.day(test.cut, "cut"),
        end=words.day(test.end, "end"),
    )


def next_of(words: Words, analysis: Analysis, name: str) -> Said:
    """What customers with a name did next, for its page; silent where too few had it."""
    test, least = analysis.backtest, analysis.settings.min_group
    found = None if test is None else next((o for o in compared(test, least) if o.name == name), None)
    if test is None or found is None:
        return SILENT
    return say(
        "Next: of {n} with this name on {cut} {share} ({low} to {high}) came back within {months}, of all {base}.",
        n=words.count(found.customers, "customers_then"),
        cut=words.day(test.cut, "cut"),
        share=words.share(found.share, "returned_share"),
        low=words.share(found.low, "returned_low"),
        high=words.share(found.high, "returned_high"),
        months=words.things(test.months, "month", "months"),
        base=words.share(test.base.share, "base_share"),
    )


def too_early(words: Words, analysis: Analysis) -> Said:
    """Why nothing is said of what names foretell; silent where there is a backtest."""
    if analysis.backtest is not None:
        return SILENT
    wanted = analysis.settings.backtest.months or min(TRIED_MONTHS)
    return say(
        "What customers with each name do next cannot be told yet: that takes at least {months} of record and {least} customers from before its last third.",
        months=words.things((1 + HISTORY) * wanted, "month", "months_needed"),
        least=words.count(analysis.settings.min_group, "min_group"),
    )
