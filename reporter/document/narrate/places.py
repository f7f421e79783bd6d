"""What the breakdowns by city, gender, merchant and branch say."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from reporter.analysis.aggregate import UNKNOWN
from reporter.analysis.explore import Breakdown, GroupTest
from reporter.document.blocks import SILENT, Said
from reporter.document.words import Word, Words, brief, join, say

CHAPTERS = {"city": "Cities", "gender": "Genders", "merchant": "Merchants", "branch": "Branches"}


PLURALS = {"city": "cities", "gender": "genders", "merchant": "merchants", "branch": "branches"}


def called(name: object) -> str:
    """A name from the data; where there is none, our word for that."""
    return Word(name) if name == UNKNOWN else str(name)


def numbered(words: Words, breakdown: Breakdown) -> Breakdown:
    """A breakdown whose branches get a word before a bare number: Branch 7."""
    if breakdown.dimension != "branch":
        return breakdown
    names = [words.label("Branch {id}", id=name) if name.isdecimal() else name for name in breakdown.frame["name"]]
    return replace(breakdown, frame=breakdown.frame.assign(name=names))


def differs(breakdown: Breakdown) -> bool:
    """Whether there is a finding: activity or burning differs by more than chance."""
    tests = (breakdown.activity, breakdown.burning)
    return any(test is not None and test.verdict == "different" for test in tests)


def breakdown_title(words: Words, breakdown: Breakdown) -> Said:
    """How far burn rates lie apart; where only activity differs, who leads and by how much."""
    if breakdown.burning is not None and breakdown.burning.verdict == "different":
        ranked = breakdown.frame.dropna(subset=["burn_rate"]).sort_values(["burn_rate", "name"])
        return say(
            "Burn rates differ {strength} by {one}, from {low} ({low_name}) to {high} ({high_name})",
            strength=_strength(breakdown.burning),
            one=Word(breakdown.dimension),
            low=words.share(ranked.iloc[0]["burn_rate"], "lowest_burn_rate"),
            low_name=brief(called(ranked.iloc[0]["name"])),
            high=words.share(ranked.iloc[-1]["burn_rate"], "highest_burn_rate"),
            high_name=brief(called(ranked.iloc[-1]["name"])),
        )
    top = _leader(breakdown)
    share = float(top[f"{_measure(breakdown)}_share"])
    return say(
        "{name} leads {groups} with {share} of {measure}, {times} an even share",
        name=brief(called(top["name"])),
        groups=words.things(breakdown.active, f"active {breakdown.dimension}", "active"),
        share=words.share(share, "top_share"),
        measure=Word(_measure(breakdown)),
        times=words.times(share * breakdown.active, "even_shares"),
    )


def _measure(breakdown: Breakdown) -> str:
    return "customers" if breakdown.dimension in ("city", "gender") else "transactions"


def _leader(breakdown: Breakdown) -> pd.Series:
    """The largest group that has a name."""
    named = breakdown.frame[breakdown.frame["name"] != UNKNOWN]
    return named.sort_values([_measure(breakdown), "name"], ascending=[False, True]).iloc[0]


def alike(words: Words, breakdown: Breakdown) -> Said:
    """One line for a dimension without a finding: what was looked at, that no difference was found, and who is the largest."""
    if not (breakdown.frame["name"] != UNKNOWN).any():
        return say("No {one} is large enough to be shown.", one=Word(breakdown.dimension))
    top = _leader(breakdown)
    leader: dict[str, Said | str] = {"name": called(top["name"]), "share": _share_of(words, breakdown, top)}
    largest = say("{name} has {share}", **leader)
    if breakdown.active < 2:
        return say(
            "There is only one {one} with transactions: {largest}.", one=Word(breakdown.dimension), largest=largest
        )
    compared = _compared(words, breakdown)
    if not compared:
        return say(
            "There is too little data to compare {groups}; {largest}.",
            groups=words.things(breakdown.active, breakdown.dimension, "active"),
            largest=largest,
        )
    return say(
        "No difference found between {groups} in {compared}; {largest}.",
        groups=words.things(breakdown.active, breakdown.dimension, "active"),
        compared=compared,
        largest=largest if breakdown.dimension == "gender" else say("the largest is {name} with {share}", **leader),
    )


def _share_of(words: Words, breakdown: Breakdown, group: pd.Series) -> Said:
    measure = _measure(breakdown)
    return say(
        "{share} of {measure}", share=words.share(float(group[f"{measure}_share"]), "top_share"), measure=Word(measure)
    )


def _compared(words: Words, breakdown: Breakdown) -> Said:
    tests = (("activity", breakdown.activity), ("burning", breakdown.burning))
    known = [(what, test.p_value) for what, test in tests if test is not None and test.p_value is not None]
    phrases = [say("{what} ({p})", what=Word(what), p=words.p_value(p)) for what, p in known]
    return join(phrases, last="or in") if phrases else SILENT


def burning_sentence(words: Words, breakdown: Breakdown, overall: float) -> Said:
    """Does the burn rate differ between the groups?"""
    if breakdown.burning is None:
        return SILENT
    verdict = breakdown.burning
    groups = Word(PLURALS[breakdown.dimension])
    if verdict.verdict == "too few" or verdict.p_value is None:
        return say("There are too few coupons per {one} to compare burn rates.", one=Word(breakdown.dimension))
    if verdict.verdict == "no difference":
        return say(
            "No difference found between {groups} in burning: the spread around {overall} is what chance alone gives ({p}).",
            groups=groups,
            overall=words.share(overall, "burn_rate"),
            p=words.p_value(verdict.p_value),
        )
    ranked = breakdown.frame.dropna(subset=["burn_rate"]).sort_values(["burn_rate", "name"])
    return say(
        "Burn rates differ between {groups}: {low} in {low_name}, {high} in {high_name} ({p}).",
        groups=groups,
        low=words.share(ranked.iloc[0]["burn_rate"], "burn_rate"),
        low_name=called(ranked.iloc[0]["name"]),
        high=words.share(ranked.iloc[-1]["burn_rate"], "burn_rate"),
        high_name=called(ranked.iloc[-1]["name"]),
        p=words.p_value(verdict.p_value),
    )


def activity_sentence(words: Words, breakdown: Breakdown) -> Said:
    """Is the activity spread evenly over the groups?"""
    test = breakdown.activity
    groups = Word(PLURALS[breakdown.dimension])
    if test.verdict == "too few" or test.p_value is None:
        return say("There is too little data per {one} for a comparison.", one=Word(breakdown.dimension))
    if test.verdict == "no difference":
        return say(
            "No difference found between {groups} in activity: transactions are spread as evenly as chance would spread them ({p}).",
            groups=groups,
            p=words.p_value(test.p_value),
        )
    return say(
        "Activity differs {strength} between {groups} ({p}).",
        groups=groups,
        strength=_strength(test),
        p=words.p_value(test.p_value),
    )


def _strength(test: GroupTest) -> Word:
    effect = test.effect or 0.0
    return Word("slightly" if effect < 0.1 else "clearly" if effect < 0.3 else "strongly")


def with_hidden(words: Words, subtitle: str, hidden: bool, least: int) -> Said:
    """A subtitle that explains the dash, where there is one."""
    if not hidden:
        return Said(subtitle)
    return say(
        "{subtitle}. Dash: fewer than {least}, or what would tell them",
        subtitle=Word(subtitle),
        least=words.things(least, "customer", "min_group"),
    )


def leaders_title(words: Words, breakdown: Breakdown, column: str) -> Said:
    """The largest group against the mean of all."""
    frame = breakdown.frame
    top = frame.sort_values([column, "name"], ascending=[False, True]).iloc[0]
    return say(
        "{name}: {n}; the mean is {mean}",
        name=called(top["name"]),
        n=words.count(top[column], column),
        mean=words.count(round(float(frame[column].mean())), "mean"),
    )


def burning_title(words: Words, breakdown: Breakdown) -> Said:
    """Lowest and highest burn rate."""
    rates = breakdown.frame["burn_rate"].dropna()
    if rates.empty:
        return say("Fewer than {n} groups are large enough", n=words.count(1, "groups"))
    return say(
        "Burn rates from {low} to {high}",
        low=words.share(float(rates.min()), "lowest"),
        high=words.share(float(rates.max()), "highest"),
    )
