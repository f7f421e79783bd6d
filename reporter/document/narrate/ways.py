"""How the figures on groups were computed, and what that may cost, in words."""

from __future__ import annotations

from reporter.analysis.cluster import Way
from reporter.analysis.evaluate import Clustering
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Words, join, say

SMALLEST = 0.0001
"""Errors are told to four digits."""


def in_short(words: Words, clustering: Clustering) -> Said:
    """Beside the figures: which of them are approximations and how good they are; silent where none is."""
    rough = {way.step: way for way in clustering.ways if not way.exact}
    parts = []
    if "silhouette" in rough:
        parts.append(say("silhouettes to {error}", error=_error(words, rough["silhouette"])))
    if "stability" in rough:
        parts.append(say("stability to {error}", error=_error(words, rough["stability"])))
    if "null" in rough:
        parts.append(say("the silhouette of chance to {error}", error=_error(words, rough["null"])))
    if not parts:
        return SILENT
    return say(
        "There are too many customers to compare each with every other, so some figures here are close approximations: {parts}. "
        "KMeans itself, its inertia and the other two indices use every customer. “Data quality and method” says how each was computed.",
        parts=join(parts),
    )


def in_full(words: Words, clustering: Clustering) -> tuple[Said, ...]:
    """In the method section: one sentence for each figure that was approximated, or one line that none was."""
    if not clustering.ways:
        return ()
    rough = [way for way in clustering.ways if way.basis != "all"]
    if not rough:
        return (Said("All figures on natural groups were computed on all customers; none was approximated."),)
    exact = Said("Inertia, Davies-Bouldin and Calinski-Harabasz are exact: they were computed on all customers.")
    return (*(_told(words, way) for way in rough), exact)


def _told(words: Words, way: Way) -> Said:
    template = {
        "kmeans": "KMeans: its starts ran on {points} summary points (each stands for customers who are nearly alike), and the best start of each "
        "number of groups then ran on all customers until no centre moved. The result is a KMeans of all customers.",
        "ward": "Ward’s tree was built on {points} summary points; {error} of all differences between customers lies within them, where the tree cannot see it.",
        "dbscan": "DBSCAN ran on {points} cells of customers who are nearly alike; with cells a third wider its "
        "groups differ by {error} (one less the adjusted Rand index).",
        "silhouette": "Silhouettes were measured between {points} summary points; with half as many, none of KMeans or Ward changes by more than {error}.",
        "null": "The tables without groups were modelled on {points} customers drawn by chance; their mean silhouette has a standard error of {error}.",
        "stability": "Stability was measured on {points} customers drawn by chance; its standard error is {error}.",
    }[way.step]
    given: dict[str, Number | Said | str] = {"points": words.count(way.points, f"{way.step}_points")}
    if "{error}" in template:
        given["error"] = (
            words.share(way.error or 0.0, "ward_error", digits=2) if way.step == "ward" else _error(words, way)
        )
    return say(template, **given)


def _error(words: Words, way: Way) -> Said:
    """An error to four digits."""
    name = f"{way.step}_error"
    if way.error is None:
        return Said("an unknown error")
    if way.error < SMALLEST:
        return say("less than {error}", error=words.number(SMALLEST, name, digits=4))
    return say("{error}", error=words.number(way.error, name, digits=4))
