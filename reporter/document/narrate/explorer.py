"""What the explorer says in notebooks: who moves under other settings, and why a customer is where they are."""

from __future__ import annotations

import math

import pandas as pd

from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Word, Words, say, verb


def moves_title(words: Words, flows: pd.DataFrame, by: str) -> Said:
    """How many customers are elsewhere.

    Parameters
    ----------
    flows : pandas.DataFrame
        As `analysis.shift.shift` gives it.
    by : {"segment", "cluster"}
    """
    moved, everyone = (
        int(flows.loc[flows["before"] != flows["after"], "customers"].sum()),
        int(flows["customers"].sum()),
    )
    if not moved:
        return Said(
            "No customer is in another segment than under the saved settings"
            if by == "segment"
            else "No customer is in another cluster than under the saved settings"
        )
    counts: dict[str, Number | Said | str] = {
        "n": words.count(moved, "moved"),
        "all": words.count(everyone, "all"),
        "are": verb(moved, "is", "are"),
    }
    if by == "segment":
        return say("{n} of {all} customers {are} in another segment than under the saved settings", **counts)
    return say("{n} of {all} customers {are} in another cluster than under the saved settings", **counts)


def moves_note(words: Words) -> Said:
    """What a number of a cluster means."""
    return Said(
        "Clusters are numbered by the median value of their customers, so the same number may mean others under other settings."
    )


def customer_title(words: Words, name: str, customer: pd.Series) -> Said:
    """Segment and scores of one customer."""
    scores = {each: words.count(int(customer[f"{each}_score"]), f"{each}_score") for each in "rfm"}
    return say(
        "{name} is in {segment}: recency scores {r}, frequency {f} and monetary {m}",
        name=name,
        segment=Word(str(customer["segment"])),
        **scores,
    )


def amount(words: Words, dimension: str, value: float) -> Number | Said:
    """A value of a measure, or a distance between two; silent where there is none."""
    if math.isnan(value):
        return SILENT
    if dimension == "recency_days":
        return words.days(value, dimension)
    if dimension == "frequency":
        return words.things(value, "transaction", dimension)
    return words.number(value, dimension) if words.mode == "money" else words.things(value, "burned coupon", dimension)


def margins_title(words: Words, margins: pd.DataFrame) -> Said:
    """How many of the three scores are not the best there is."""
    open_ends = margins[margins["better"].notna()]
    if open_ends.empty:
        return Said("All three scores are the best there are")
    return say("{n} of the scores could be better", n=words.count(len(open_ends), "open"))


def cluster_title(words: Words, number: int, clusters: int) -> Said:
    """The cluster of one customer beside its habits."""
    return say(
        "The customer is in cluster {number} of {all}",
        number=words.count(number, "cluster"),
        all=words.count(clusters, "clusters"),
    )


def margins_note(words: Words, by_hand: bool) -> Said:
    """What the distances are."""
    if by_hand:
        return Said(
            "Distances are to the nearest value that has another score; boundaries that are set by hand hold for any value."
        )
    return Said(
        "Distances are to the nearest value with another score that some customer really has; all others keep theirs."
    )
