"""What the breakdowns by city, gender, merchant and branch say."""

from __future__ import annotations

from reporter.analysis.explore import Breakdown, GroupTest
from reporter.document.blocks import SILENT, Said
from reporter.document.words import Words, say

CHAPTERS = {"city": "Cities", "gender": "Genders", "merchant": "Merchants", "branch": "Branches"}


PLURALS = {"city": "cities", "gender": "genders", "merchant": "merchants", "branch": "branches"}


def breakdown_title(words: Words, breakdown: Breakdown) -> Said:
    """The leading group, and how many are active."""
    top = breakdown.frame.iloc[0]
    measure = "customers" if breakdown.dimension in ("city", "gender") else "transactions"
    share = top[f"{measure}_share"]
    if breakdown.dimension == "gender":
        return say(
            "{share} of customers are {name}", share=words.share(share, "top_share"), name=str(top["name"]).lower()
        )
    if breakdown.active < breakdown.known:
        return say(
            "{active} of {known} have transactions; {name} leads with {share}",
            active=words.count(breakdown.active, "active"),
            known=words.things(breakdown.known, breakdown.dimension, "known"),
            name=str(top["name"]),
            share=words.share(share, "top_share"),
        )
    return say(
        "{name} leads {known} with {share} of {measure}",
        name=str(top["name"]),
        known=words.things(breakdown.known, breakdown.dimension, "known"),
        share=words.share(share, "top_share"),
        measure=measure,
    )


def burning_sentence(words: Words, breakdown: Breakdown, overall: float) -> Said:
    """Does the burn rate differ between the groups?"""
    if breakdown.burning is None:
        return SILENT
    verdict = breakdown.burning
    groups = PLURALS[breakdown.dimension]
    if verdict.verdict == "too few" or verdict.p_value is None:
        return say("There are too few coupons per {one} to compare burn rates.", one=breakdown.dimension)
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
        low_name=str(ranked.iloc[0]["name"]),
        high=words.share(ranked.iloc[-1]["burn_rate"], "burn_rate"),
        high_name=str(ranked.iloc[-1]["name"]),
        p=words.p_value(verdict.p_value),
    )


def activity_sentence(words: Words, breakdown: Breakdown) -> Said:
    """Is the activity spread evenly over the groups?"""
    test = breakdown.activity
    groups = PLURALS[breakdown.dimension]
    if test.verdict == "too few" or test.p_value is None:
        return say("There is too little data per {one} for a comparison.", one=breakdown.dimension)
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


def _strength(test: GroupTest) -> str:
    effect = test.effect or 0.0
    return "slightly" if effect < 0.1 else "clearly" if effect < 0.3 else "strongly"


def with_hidden(words: Words, subtitle: str, hidden: bool, least: int) -> Said:
    """A subtitle that explains the dash, where there is one."""
    if not hidden:
        return Said(subtitle)
    return say(
        "{subtitle}. A dash: fewer than {least}, or a count that would give such a one away",
        subtitle=subtitle,
        least=words.things(least, "customer", "min_group"),
    )


def leaders_title(words: Words, breakdown: Breakdown, column: str) -> Said:
    """The largest group against the mean of all."""
    frame = breakdown.frame
    top = frame.sort_values([column, "name"], ascending=[False, True]).iloc[0]
    return say(
        "{name}: {n}; the mean is {mean}",
        name=str(top["name"]),
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
