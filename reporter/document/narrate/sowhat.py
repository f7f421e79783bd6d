"""So what: one sentence a section on what its numbers mean for the next decision; silent where nothing follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from reporter.analysis.evaluate import Clustering
from reporter.analysis.explore import Breakdown, Concentration, Coupons, Overview, Retention
from reporter.analysis.rfm import Scorecard
from reporter.analysis.segments import Segment
from reporter.document.blocks import SILENT, Said
from reporter.document.narrate.customers import unevenness
from reporter.document.narrate.methods import favourites
from reporter.document.narrate.places import PLURALS, called
from reporter.document.words import Word, Words, brief, join, say, verb
from reporter.intake.ledger import Tally

GROWTH: Mapping[tuple[int, int], str] = MappingProxyType(
    {
        (
            1,
            1,
        ): "More customers come, and each comes more often ({now} transactions each, {before} before): stay the course.",
        (
            1,
            0,
        ): "Growth comes from more customers, each as active as before ({now} transactions each, {before} before): the room left is in their next visit.",
        (
            1,
            -1,
        ): "More customers come, but each comes less often ({now} transactions each, {before} before): work on the next visit of those who are here before paying for more first visits.",
        (
            0,
            1,
        ): "No more customers than before, but each comes more often ({now} transactions each, {before} before): what is missing is new ones.",
        (
            0,
            -1,
        ): "No fewer customers than before, but each comes less often ({now} transactions each, {before} before): give them a reason for the next visit.",
        (
            -1,
            1,
        ): "Fewer customers come, but each comes more often ({now} transactions each, {before} before): customers are lost, not habits, so win back those who left.",
        (
            -1,
            0,
        ): "Fewer customers come, each as active as before ({now} transactions each, {before} before): win back those who left, and look for new ones.",
        (
            -1,
            -1,
        ): "Fewer customers come, and each comes less often ({now} transactions each, {before} before): stop the loss first; the segment pages say whom to write to.",
    }
)
"""By the direction of active customers and of transactions per active customer."""
NOTABLE = 0.05
"""A smaller change leads to no other decision."""
NEWER, OLDER = 0.7, 1.3
"""Later cohorts that come back by less or more than these parts of the earlier ones are called different."""
HALF = 0.5
MOST_NAMES = 4
"""More segments than these are no few."""


def growth(words: Words, overview: Overview) -> Said:
    """Whether it is the number of customers or their pace that moves, and which of them to work on."""
    changes = {change.name: change for change in overview.changes}
    active, made = changes.get("active_customers"), changes.get("transactions")
    if active is None or made is None or not (active.now and active.before and made.before):
        return SILENT
    now, before = made.now / active.now, made.before / active.before
    key = _direction(active.now / active.before), _direction(now / before)
    if key not in GROWTH:
        return SILENT
    return say(
        GROWTH[key],
        now=words.number(now, "transactions_per_customer", digits=1),
        before=words.number(before, "transactions_per_customer_before", digits=1),
    )


def _direction(ratio: float) -> int:
    return 0 if abs(ratio - 1) < NOTABLE else 1 if ratio > 1 else -1


def retention(words: Words, retained: Retention) -> Said:
    """Whether newer cohorts come back less, or how many stay away after the first time."""
    if 1 not in retained.rates:
        return SILENT
    rates = retained.rates[1].to_numpy("float64")
    known = np.flatnonzero(~np.isnan(rates))
    if not len(known):
        return SILENT
    sizes = retained.sizes["customers"].to_numpy("float64")
    early, late = (np.average(rates[half], weights=sizes[half]) for half in _halves(known))
    if len(known) >= 4 and not NEWER <= late / max(early, 1e-9) <= OLDER:
        return say(
            "Newer cohorts come back {how} ({late} in the next {period}, {early} of the older ones): {advice} paying for more of them.",
            how=Word("less" if late < early else "more"),
            late=words.share(late, "newer_retention"),
            period=Word(retained.period),
            early=words.share(early, "older_retention"),
            advice=Word("find out what changed for new customers before" if late < early else "learn what changed for new customers, then go on"),
        )  # fmt: skip
    stayed = retained.average.loc[retained.average["age"] == 1, "rate"].iloc[0]
    lost = words.share(1 - stayed, "not_back")
    if stayed < HALF:
        return say(
            "{lost} of new customers are not seen in the next {period}: make the offer for a second transaction soon after the first.",
            lost=lost,
            period=Word(retained.period),
        )
    return say(
        "Most new customers come back by themselves: keep the welcome offer for the {lost} who have not.", lost=lost
    )


def _halves(known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    middle = len(known) // 2
    return (known[:middle], known[middle:]) if middle else (known, known)


def concentration(words: Words, spread: Concentration) -> Said:
    """What one of the best customers is worth against one of the others, and whom to serve first."""
    best, others = spread.top_quintile_share / 0.2, (1 - spread.top_quintile_share) / 0.8
    if not others:
        return SILENT
    times = words.times(best / others, "best_to_others")
    return say(
        {
            "little": "One of the best {fifth} is worth only {times} one of the others: no small group decides, so broad campaigns reach most of the value.",
            "moderately": "One of the best {fifth} is worth {times} one of the others: treat them first, but not only them.",
            "strongly": "One of the best {fifth} is worth {times} one of the others: each of them lost needs as many new ones, so personal care comes before broad campaigns.",
        }[unevenness(spread)],
        fifth=words.share(0.2, "fifth"),
        times=times,
    )


def alike(words: Words, groups: Sequence[Breakdown]) -> Said:
    """What follows where cities, genders or places do not differ."""
    same = [group for group in groups if group.activity.verdict == "no difference" and group.active > 1]
    if not same:
        return SILENT
    return say(
        "So one campaign serves all {names}: splitting it by {one} would follow chance.",
        names=join([Said(PLURALS[group.dimension]) for group in same]),
        one=join([Said(group.dimension) for group in same], last="or"),
    )


def breakdown(words: Words, group: Breakdown) -> Said:
    """What to find out where groups differ."""
    test = group.burning
    if test is not None and test.verdict == "different":
        if (test.effect or 0.0) < 0.1:
            return say(
                "The differences are real but small: no campaign needs to be planned by {one}.",
                one=Word(group.dimension),
            )
        low = group.frame.dropna(subset=["burn_rate"]).sort_values(["burn_rate", "name"]).iloc[0]
        rate = float(low["burn_rate"])
        return say(
            "Before the next coupons go out: find out why {few} burned in {name}.",
            few=say("only {rate} are", rate=words.share(rate, "lowest_burn_rate")) if rate else Word("none is"),
            name=brief(called(low["name"])),
        )
    idle = group.known - group.active
    if not idle:
        return SILENT
    return say(
        "{n} {have} no transaction: find out whether the offer is missing or only the link in the data.",
        n=words.things(idle, group.dimension, "idle"),
        have=verb(idle, "has", "have"),
    )


def coupons(words: Words, used: Coupons) -> Said:
    """Until when a reminder makes sense."""
    if used.p90_days is None:
        return SILENT
    return say(
        "Remind before day {day}: {most} of all burns happen by then, and what is left is rarely used.",
        day=words.count(round(used.p90_days), "p90_days_to_burn"),
        most=words.share(0.9, "ninety"),
    )


def scores(words: Words, card: Scorecard) -> Said:
    """By which day of silence a reminder must be out."""
    silent = card.frame.loc[card.frame["r_score"] <= int(card.grid.bins * 0.4), "recency_days"]
    if silent.empty or silent.min() > LATEST_REMINDER:
        return SILENT
    return say(
        "Set the reminder before day {day} of silence: from then on a customer is among the {share} who have been away longest.",
        day=words.count(int(silent.min()), "reminder_day"),
        share=words.share(len(silent) / len(card.frame), "silent_share"),
    )


LATEST_REMINDER = 365
"""After so many days of silence a reminder is none."""


def segments(words: Words, found: tuple[Segment, ...]) -> Said:
    """The few segments that hold half of the value."""
    ranked = sorted(found, key=lambda segment: (-segment.monetary_share, segment.name))
    held = np.cumsum([segment.monetary_share for segment in ranked])
    few = int(np.searchsorted(held, HALF)) + 1
    rest = len(ranked) - few
    if few > MOST_NAMES or rest < few:
        return SILENT
    return say(
        "{names} {hold} {share} of {value}{joint}: plan for them by name, and serve the other {rest} with standard mails.",
        names=join([Said(segment.name) for segment in ranked[:few]]),
        hold=Word("hold"),
        share=words.share(float(held[few - 1]), "held_share"),
        value=words.value_noun,
        joint=Word(" together" if few > 1 else " alone"),
        rest=words.things(rest, "segment", "other_segments"),
    )


def verdict(clustering: Clustering) -> Said:
    """What the verdict means for planning."""
    if clustering.chosen is None:
        return SILENT
    if clustering.chosen is not clustering.ruled:
        return Said(
            "The clusters on the next pages are a cut that was asked for, not what the search found: say so wherever you plan with them."
        )
    return Said(
        {
            "real": "The clusters describe customers who really differ: build campaigns on them beside the RFM segments.",
            "weak": "Plan with the RFM segments. The clusters show a direction, mostly between those who came once and those who came again, but no clear borders.",
            "none": "Plan with the RFM segments, whose borders are days and transactions that everybody can check: any number of groups would be a cut, no discovery.",
        }[clustering.verdict.level]
    )


def methods(clustering: Clustering) -> Said:
    """Whether the result hangs on the method."""
    if clustering.verdict.level != "real":
        return SILENT
    if len(set(favourites(clustering).values())) == 1:
        return Said(
            "Methods that search in different ways meet in the same number: the result does not hang on the choice of one."
        )
    return Said("The methods differ in the number: take the borders between groups as approximate.")


def clusters(words: Words, clustering: Clustering) -> Said:
    """Whether the short rules can replace the algorithm."""
    if clustering.verdict.level != "real" or clustering.rules.empty:
        return SILENT
    least = float(clustering.rules[["coverage", "precision"]].min(axis=None))
    if least < 0.8:
        return SILENT
    if least > 0.9995:
        return Said("The rules find every customer of each cluster and no other: the shop’s own system can apply them.")
    return say(
        "The rules get at least {least} of each cluster right: the shop’s own system can apply them.",
        least=words.share(least, "least_of_rules"),
    )


MOST_BY_HAND = 100


def crossing(words: Words, clustering: Clustering) -> Said:
    """Whether the outliers can be looked at one by one."""
    outliers = int(clustering.outlier.sum())
    if not 0 < outliers <= MOST_BY_HAND:
        return SILENT
    if not words.has_lists:
        return Said("Look at the outliers by hand before a campaign reaches them.")
    return Said("Look at the outliers by hand before a campaign reaches them; customers.csv marks them.")


def quality(words: Words, tally: Tally) -> Said:
    """Whether the rows that were left out can change the picture."""
    share = tally.rejected / tally.read if tally.read else 0.0
    if not share or SLIGHT <= share < HEAVY:
        return SILENT
    lost = words.share(share, "rejected_share")
    if share < SLIGHT:
        return say(
            "Only {lost} of rows are left out: too few to change the picture, unless their amounts are extreme.",
            lost=lost,
        )
    return say("{lost} of rows are left out: have them mended before the totals are relied on.", lost=lost)


SLIGHT, HEAVY = 0.01, 0.05
"""Shares of rejected rows that cannot matter, and that must."""
