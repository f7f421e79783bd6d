"""All numbers of groups that were tried, to choose from on a screen."""

from __future__ import annotations

import numpy as np

from reporter.analysis.evaluate import Candidate, Clustering
from reporter.document.blocks import Number, Said, Stat, State, States, Stats
from reporter.document.narrate import states as narrate
from reporter.document.narrate.groups import kmeans
from reporter.document.words import Words


def states(words: Words, clustering: Clustering) -> States:
    """One state for each number of groups, the chosen one first to be shown; at that number the chosen partition, whatever its method."""
    chosen = clustering.chosen
    shown = [
        chosen if chosen is not None and chosen.partition.k == candidate.partition.k else candidate
        for candidate in kmeans(clustering)
    ]
    steps = {step.k: step for step in clustering.steps.itertuples()}
    return States(
        id="tried",
        title=narrate.title(words, clustering),
        legend="Number of groups",
        states=tuple(
            State(
                label=_figure(words.count(candidate.partition.k, "k")),
                stats=Stats(_indices(words, clustering, candidate)),
                sizes=_sizes(words, candidate),
                says=narrate.outcome(words, clustering, steps[candidate.partition.k]),
            )
            for candidate in shown
        ),
        chosen=next((place for place, candidate in enumerate(shown) if candidate is chosen), 0),
    )


def _sizes(words: Words, candidate: Candidate) -> tuple[tuple[Said, float], ...]:
    """Customers of each group, the largest first."""
    sizes = np.bincount(candidate.partition.labels, minlength=candidate.partition.k)
    return tuple((narrate.size(words, int(size), size / sizes.sum()), float(size / sizes.sum())) for size in sizes)


def _indices(words: Words, clustering: Clustering, candidate: Candidate) -> tuple[Stat, ...]:
    return (
        Stat("Silhouette", _known(words, candidate.silhouette, "silhouette"), narrate.band(words, candidate)),
        Stat("Davies-Bouldin", _known(words, candidate.davies_bouldin, "davies_bouldin"), Said("lower is better")),
        Stat("Calinski-Harabasz", _whole(words, candidate.calinski_harabasz), Said("higher is better")),
        Stat("Stability", _known(words, candidate.stability, "stability"), narrate.needed(words, clustering)),
    )


def _known(words: Words, value: float | None, name: str) -> Said:
    return Said("–") if value is None else _figure(words.number(value, name))


def _whole(words: Words, value: float | None) -> Said:
    return Said("–") if value is None else _figure(words.count(value, "calinski_harabasz"))


def _figure(number: Number) -> Said:
    return Said(number.text, (number,))
