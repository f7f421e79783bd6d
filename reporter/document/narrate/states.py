"""What each number of groups that was tried has to say for itself."""

from __future__ import annotations

from typing import Any

from reporter.analysis.choose import OCCAM
from reporter.analysis.evaluate import Candidate, Clustering
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Word, Words, say, verb


def title(words: Words, clustering: Clustering) -> Said:
    """How many were tried, and which was chosen."""
    chosen, ruled = clustering.chosen, clustering.ruled
    if chosen is None or ruled is None:
        return SILENT
    if chosen is not ruled:
        return say(
            "{n} of groups {were} tried: the rule takes {ruled}, the settings ask for {k}; look at each",
            n=words.things(len(clustering.steps), "number"),
            were=verb(len(clustering.steps), "was", "were"),
            ruled=words.count(ruled.partition.k, "ruled_k"),
            k=words.count(chosen.partition.k, "k"),
        )
    return say(
        "{n} of groups {were} tried, and {k} was chosen: look at each",
        n=words.things(len(clustering.steps), "number"),
        were=verb(len(clustering.steps), "was", "were"),
        k=words.count(chosen.partition.k, "k"),
    )


def size(words: Words, customers: int, share: float) -> Said:
    """One group of a split."""
    return say("{n} ({share})", n=words.count(customers, "customers"), share=words.share(share))


def band(words: Words, candidate: Candidate) -> Said:
    """What chance gives, beside the silhouette."""
    if candidate.null_low is None or candidate.null_high is None:
        return SILENT
    return say(
        "chance gives {low} to {high}",
        low=words.number(candidate.null_low, "null_low"),
        high=words.number(candidate.null_high, "null_high"),
    )


def needed(words: Words, clustering: Clustering) -> Said:
    """What is called stable, beside the stability."""
    return say("stable from {needed}", needed=words.number(clustering.verdict.stability_needed, "stability_needed"))


def outcome(words: Words, clustering: Clustering, step: Any) -> Said:
    """What the rule of choice made of one number of groups.

    Parameters
    ----------
    step : named tuple
        A row of ``Clustering.steps``.
    """
    match step.reason:
        case "small cluster":
            return say(
                "Not admitted: its smallest group has only {share} of customers.",
                share=words.share(step.smallest_share, "smallest_share"),
            )
        case "unstable":
            return _unstable(words, step)
        case "larger k":
            return say(
                "Admitted, and as far from chance as fewer groups to within {near}; then the smaller number wins.",
                near=words.number(OCCAM, "near"),
            )
        case "weaker":
            return _weaker(words, clustering, step)
        case "replaced":
            return Said("Chosen, and cut by Ward’s method, which separates better at this number than KMeans does.")
    return _chosen(words, step)


def _unstable(words: Words, step: Any) -> Said:
    if step.stability != step.stability:
        return Said("Not admitted: how stable it is could not be told, and other numbers are stable.")
    return say(
        "Not admitted: drawn again from resampled customers it agrees with itself at only {stability}, and other numbers are stable.",
        stability=words.number(step.stability, "stability"),
    )


def _against(words: Words, effect: float, how: str = "") -> Said:
    """On which side of chance a silhouette lies, and how far."""
    if effect < 0:
        return say("{effect} below", effect=_effect(words, -effect))
    return say("{how}{effect} above", how=Word(how), effect=_effect(words, effect))


def _weaker(words: Words, clustering: Clustering, step: Any) -> Said:
    chosen = clustering.steps[clustering.steps["reason"].isin(["chosen", "replaced"])]
    if step.effect != step.effect or chosen.empty:
        return Said("Admitted, but not the farthest from chance.")
    return say(
        "Admitted, but {against} what chance gives; {k} have {best}.",
        against=_against(words, step.effect, "only "),
        k=words.things(int(chosen["k"].iloc[0]), "group", "k"),
        best=_effect(words, float(chosen["effect"].iloc[0]), "best_effect"),
    )


def _effect(words: Words, value: float, name: str = "effect") -> Number:
    return words.number(value, name, digits=3)


def _chosen(words: Words, step: Any) -> Said:
    if not step.admitted:
        return say(
            "Taken for want of better: its smallest group has only {share} of customers, and that of every other number has no more.",
            share=words.share(step.smallest_share, "smallest_share"),
        )
    if step.effect != step.effect:
        return Said("Chosen: none of the admitted numbers separates customers better.")
    return say(
        "Chosen: {against} what chance gives, and no admitted number is farther above by more than {near}.",
        against=_against(words, step.effect),
        near=words.number(OCCAM, "near"),
    )
