"""What section "RFM" says."""

from __future__ import annotations

from reporter.analysis.rfm import Scorecard
from reporter.analysis.segments import Segment
from reporter.document.blocks import SILENT, Said
from reporter.document.words import Word, Words, brief, join, paragraph, say, verb

DIMENSIONS = {"recency_days": "recency", "frequency": "frequency", "monetary": "monetary"}


def scores_title(words: Words, scorecard: Scorecard) -> Said:
    """The typical customer."""
    usual = scorecard.medians
    return say(
        "A typical customer was here {days} ago and has made {times} so far",
        days=words.days(usual["recency_days"], "median_recency_days"),
        times=words.things(usual["frequency"], "transaction", "median_frequency"),
    )


def definitions(words: Words, as_of: str) -> Said:
    """The three measures in one paragraph."""
    value = Word(
        "monetary is the revenue of those transactions"
        if words.mode == "money"
        else "the data has no amounts, so monetary is the number of burned coupons: no money is invented"
    )
    return say(
        "Recency is the number of days from a customer's last transaction to {as_of}; frequency is the number of transactions; {value}.",
        as_of=as_of,
        value=value,
    )


def rule(words: Words, scorecard: Scorecard) -> Said:
    """How scores are given."""
    bins = words.count(scorecard.grid.bins, "bins")
    by_hand = [Said(DIMENSIONS[name]) for name in DIMENSIONS if name in scorecard.grid.limits]
    if len(by_hand) == len(DIMENSIONS):
        return say(
            "Each measure is scored from {low} to {high}, {best} being best, by boundaries that were set by hand; who is on a boundary gets the better score.",
            low=words.count(1, "low"),
            high=bins,
            best=bins,
        )
    if by_hand:
        return paragraph(_by_others(words, scorecard), _by_hand(by_hand))
    return _by_others(words, scorecard)


def _by_hand(names: list[Said]) -> Said:
    return say(
        "The boundaries of {names} were set by hand instead; who is on one gets the better score.",
        names=join(names),
    )


def _by_others(words: Words, scorecard: Scorecard) -> Said:
    """Scores that depend on who else is a customer."""
    bins = words.count(scorecard.grid.bins, "bins")
    if scorecard.grid.scoring == "r-rfm":
        return say(
            "Scores from {low} to {high} follow the rule of the R package rfm, kept to reproduce its figures.",
            low=words.count(1, "low"),
            high=bins,
        )
    return say(
        "Each measure is scored from {low} to {high}, {best} being best, by the share of customers who are strictly worse. Equal values always get equal scores, whatever the order of the rows.",
        low=words.count(1, "low"),
        high=bins,
        best=bins,
    )


def levels(words: Words, scorecard: Scorecard) -> Said:
    """Where values allow fewer levels than the grid has."""
    ranked = {name: found for name, found in scorecard.levels.items() if name not in scorecard.grid.limits}
    fewer = [(name, found) for name, found in ranked.items() if found < scorecard.grid.bins]
    if not fewer:
        return SILENT
    phrases = [
        say("{name} has only {found}", name=Word(DIMENSIONS[name]), found=words.count(found, f"levels_{name}"))
        for name, found in fewer
    ]
    return say(
        "Because many customers share the same value, {phrases} of the {bins} possible scores: customers who are equal are not torn apart to fill the others.",
        phrases=join(phrases),
        bins=words.count(scorecard.grid.bins, "bins"),
    )


def ties(words: Words, scorecard: Scorecard) -> Said:
    """How much depends on the tie rule."""
    if scorecard.ties.empty:
        return SILENT
    worst = scorecard.ties.loc[scorecard.ties["moved_share"].idxmax()]
    if worst["moved_share"] < 0.005:
        return Said("Another tie rule would move almost nobody to another segment.")
    return say(
        "Another tie rule ({rule}) would move {share} of customers to another segment; here equal values share the lowest rank.",
        rule=Word(worst["rule"]),
        share=words.share(float(worst["moved_share"]), "moved_share"),
    )


def heat_title(words: Words, scorecard: Scorecard) -> Said:
    """Where the customers sit in the R x F matrix."""
    heat, bins = scorecard.heat, scorecard.grid.bins
    if heat["customers"].isna().all():
        return Said("Too few customers in every cell to show them")
    ends = [heat[(heat["r_score"] == score) & (heat["f_score"] == score)]["customers"] for score in (bins, 1)]
    if any(end.isna().any() for end in ends) or not any(end.sum() for end in ends):
        top = heat.loc[heat["customers"].idxmax()]
        return say(
            "The fullest cell, recency {r} and frequency {f}, holds {n}",
            r=words.count(int(top["r_score"]), "r_score"),
            f=words.count(int(top["f_score"]), "f_score"),
            n=words.things(int(top["customers"]), "customer", "fullest_cell"),
        )
    best, worst = (end.sum() for end in ends)
    return say(
        "{best} {is_best} among the most recent and the most frequent at once; {worst} {is_worst} last in both",
        best=words.things(int(best), "customer", "best_cell"),
        worst=words.count(int(worst), "worst_cell"),
        is_best=verb(int(best), "is", "are"),
        is_worst=verb(int(worst), "is", "are"),
    )


def segments_title(words: Words, segments: tuple[Segment, ...]) -> Said:
    """The most valuable segment and its share."""
    top = max(segments, key=lambda segment: (segment.monetary_share, segment.name))
    return say(
        "Of {n} {name} {weigh} most: {share} of customers bring {value_share} of {value}",
        n=words.things(len(segments), "segment", "segments"),
        name=brief(Word(top.name)),
        weigh=verb(len(segments), "weighs", "weigh"),
        share=words.share(top.share, "share"),
        value_share=words.share(top.monetary_share, "monetary_share"),
        value=words.value_noun,
    )


def segments_lede(words: Words, segments: tuple[Segment, ...], scorecard: Scorecard) -> Said:
    """How many segments, and where the names come from."""
    used = words.things(len(segments), "segment")
    empty = len(scorecard.grid.order) - len(segments)
    tail = (
        say(" ({n} of the grid is empty)", n=words.count(empty, "empty"))
        if empty == 1
        else (say(" ({n} of the grid are empty)", n=words.count(empty, "empty")) if empty else SILENT)
    )
    cells = len(scorecard.frame[["r_score", "f_score", "m_score"]].drop_duplicates())
    return say(
        "The three scores of every customer name a segment in the grid “{grid}”: {cells} of {all} combinations {occur}, in {used}{tail}. Every customer with a transaction is in exactly one.",
        grid=Word(scorecard.grid.title),
        cells=words.count(cells, "cells_used"),
        all=words.count(len(scorecard.grid.cells), "cells"),
        occur=verb(cells, "occurs", "occur"),
        used=used,
        tail=tail,
    )


def cells_title(words: Words, scorecard: Scorecard) -> Said:
    """The boundary table's title."""
    return say("Where the {n} boundaries lie", n=words.count(scorecard.grid.bins, "bins"))


def scatter_title(words: Words, names: tuple[str, str], rho: float | None) -> Said:
    """How two measures go together (Spearman's rank correlation)."""
    if rho is None:
        return say("{a} and {b} of each customer", a=Word(names[0]), b=Word(names[1]))
    strength = Word(
        "hardly go together" if abs(rho) < 0.2 else "go together loosely" if abs(rho) < 0.6 else "go together closely"
    )
    return say(
        "{a} and {b} {strength} (ρ = {rho})",
        a=Word(names[0]),
        b=Word(names[1]),
        strength=strength,
        rho=words.number(rho, "rho"),
    )


def histogram_title(words: Words, scorecard: Scorecard, dimension: str, label: str) -> Said:
    """Median and range of one measure."""
    middle, high = scorecard.medians[dimension], float(scorecard.frame[dimension].quantile(0.9))
    write = (
        words.money
        if dimension == "monetary" and words.mode == "money"
        else words.days
        if dimension == "recency_days"
        else None
    )
    if write is None:
        noun = "burned coupon" if dimension == "monetary" else "transaction"
        return say(
            "{label}: half of customers have {middle} or fewer, {tenth} more than {high}",
            label=Word(label),
            middle=words.things(middle, noun, f"median_{dimension}"),
            tenth=words.share(0.1, "tenth"),
            high=words.number(high, f"p90_{dimension}", digits=0),
        )
    return say(
        "{label}: half of customers are at {middle} or less, {tenth} above {high}",
        label=Word(label),
        middle=write(middle, f"median_{dimension}"),
        tenth=words.share(0.1, "tenth"),
        high=write(high, f"p90_{dimension}"),
    )


def table_title(words: Words, segments: tuple[Segment, ...]) -> Said:
    """How many segments the table lists."""
    return say("{n} by size, value and habit", n=words.things(len(segments), "segment"))


def treemap_title(words: Words, segments: tuple[Segment, ...]) -> Said:
    """The largest segment."""
    top = max(segments, key=lambda segment: (segment.customers, segment.name))
    return say("{name} is the largest segment with {n}", name=Word(top.name), n=words.things(top.customers, "customer"))
