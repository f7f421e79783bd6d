"""What section "Do natural groups exist?" says."""

from __future__ import annotations

import pandas as pd

from reporter.analysis.evaluate import Candidate, Clustering, Verdict
from reporter.analysis.features import FeatureNote, Features
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Word, Words, join, say, verb

METHODS = {"kmeans": "KMeans", "ward": "Agglomerative (Ward)", "dbscan": "DBSCAN"}


def verdict_title(words: Words, clustering: Clustering) -> Said:
    """The verdict, first: on what the rule of choice takes, whatever the settings ask for."""
    chosen = clustering.ruled
    if chosen is None or chosen.silhouette is None:
        n = len(clustering.cluster)
        return say(
            "{n} {are} too few to look for natural groups", n=words.things(n, "customer"), are=verb(n, "is", "are")
        )
    level = clustering.verdict.level
    if level == "real":
        return say(
            "Customers fall into {k} that chance does not explain",
            k=words.things(chosen.partition.k, "natural group", "k"),
        )
    if clustering.verdict.reason == "too few":
        return say(
            "There are no natural groups: every split leaves one with only {share} of customers or less",
            share=words.share(max(candidate.smallest_share for candidate in kmeans(clustering)), "smallest_share"),
        )
    parts = words.things(chosen.partition.k, "group", "k")
    if level == "none":
        return say("There are no natural groups: even the best split, into {k}, is no clearer than chance", k=parts)
    if clustering.verdict.reason == "stability":
        return say("Natural groups show only weakly: another sample would not fall into the same {k}", k=parts)
    return say("Natural groups show only weakly: a split into {k} is hardly clearer than chance", k=parts)


def verdict_short(words: Words, verdict: Verdict) -> Said:
    """One word for tables and tiles."""
    return {
        "real": Said("Natural groups exist"),
        "weak": Said("Groups show only weakly"),
        "none": Said("No natural groups"),
    }[verdict.level]


def verdict_prose(words: Words, clustering: Clustering) -> tuple[Said, ...]:
    """What was compared, what came out, and what it means for the reader."""
    chosen, verdict = clustering.ruled, clustering.verdict
    if chosen is None or chosen.silhouette is None or chosen.null_silhouette is None:
        return (
            Said(
                "With so few customers any split would be arbitrary. The RFM segments below are rules, not discoveries, and they work with any number of customers."
            ),
        )
    compared = say(
        "The silhouette says how much closer customers are to their own group than to the next one: zero is no "
        "separation, one is perfect. The best split into {k} scores {score}. The same method on artificial tables made "
        "without any groups, but with the same distributions and correlations, scores {chance} on average. So the data "
        "adds {effect}; groups are called real from {needed} upwards{mark}.",
        k=words.things(chosen.partition.k, "group", "k"),
        score=words.number(chosen.silhouette, "silhouette"),
        chance=words.number(chosen.null_silhouette, "null_silhouette"),
        effect=words.number(verdict.effect or 0.0, "effect", digits=3),
        needed=words.number(verdict.effect_needed, "effect_needed"),
        mark=_mark(words, verdict),
    )
    return (compared, _stability(words, verdict))


def _mark(words: Words, verdict: Verdict) -> Said:
    if verdict.mark is None:
        return SILENT
    return say(
        ", and up to {mark} can be luck, since the best of several splits was taken",
        mark=words.number(verdict.mark, "mark", digits=3),
    )


def _stability(words: Words, verdict: Verdict) -> Said:
    if verdict.stability is None:
        return SILENT
    stable = verdict.stability >= verdict.stability_needed
    return say(
        "Drawn again from resampled customers, the split agrees with itself at {stability} (adjusted Rand index, one is identical, {needed} is called stable). {reading}",
        stability=words.number(verdict.stability, "stability"),
        needed=words.number(verdict.stability_needed, "stability_needed"),
        reading=Word(
            "That is stable; but stability alone proves nothing, because even noise can be cut at the same place again and again."
            if stable
            else "That is not stable: another sample of customers would be cut elsewhere."
        ),
    )


def sure(words: Words, clustering: Clustering) -> Said:
    """How sure we are, in one sentence for the summary."""
    level = clustering.verdict.level
    chosen = clustering.ruled
    if chosen is None:
        return Said(
            "There are too few customers for a search for natural groups; the segments are rules on recency, frequency and value."
        )
    if level == "real":
        return say(
            "A search for natural groups found {k}: they hold up against chance and against resampling.",
            k=words.things(chosen.partition.k, "group", "k"),
        )
    if level == "weak":
        return Said(
            "A search for natural groups found only weak ones, so this report plans with the RFM segments: rules on recency, frequency and value that anybody can check."
        )
    return Said(
        "A search for natural groups found none: the data looks as chance would make it. The segments are useful cuts by clear rules, not discoveries."
    )


def null_chart_title(words: Words, clustering: Clustering) -> Said:
    """The largest distance from chance, and what is needed."""
    effects = [candidate.effect for candidate in kmeans(clustering) if candidate.effect is not None]
    if not effects:
        return Said("No number of groups can be compared with chance")
    return say(
        "At best {effect} above chance; real groups need {needed}",
        effect=words.number(max(effects), "largest_effect", digits=3),
        needed=words.number(clustering.verdict.effect_needed, "effect_needed"),
    )


def kmeans(clustering: Clustering) -> tuple[Candidate, ...]:
    """The KMeans candidates, by number of groups."""
    return tuple(candidate for candidate in clustering.candidates if candidate.partition.method == "kmeans")


def elbow_title(words: Words, clustering: Clustering) -> Said:
    """Where the curve bends."""
    if clustering.elbow_k is None:
        return Said("The curve has no bend")
    return say("Inertia bends most at {k}", k=words.things(clustering.elbow_k, "group", "elbow_k"))


def choice_prose(words: Words, clustering: Clustering, needed: float, min_share: float) -> Said:
    """The rule of choice and its outcome."""
    chosen = clustering.ruled
    if chosen is None:
        return SILENT
    return say(
        "The rule: a number of groups is admitted when its smallest group has at least {share} of customers and, if any split is stable, it is stable itself ({needed} or more). "
        "Among the admitted the one farthest above chance wins, and the smaller number wins a near tie. Chosen: {method} with {k}{elbow}.",
        share=words.share(min_share, "min_share"),
        needed=words.number(needed, "stability_needed"),
        method=Word(METHODS[chosen.partition.method]),
        k=words.things(chosen.partition.k, "group", "k"),
        elbow=_against_elbow(words, clustering, chosen.partition.k),
    )


def asked_prose(words: Words, clustering: Clustering) -> Said:
    """That the clusters shown are not those of the rule, where the settings ask for others."""
    asked, ruled = clustering.chosen, clustering.ruled
    if asked is None or ruled is None or asked is ruled:
        return SILENT
    return say(
        "The settings ask for {method} with {k} instead: the clusters on the next pages are those (silhouette {silhouette}, by chance {chance}). The verdict above is on the choice of the rule.",
        method=Word(METHODS[asked.partition.method]),
        k=words.things(asked.partition.k, "group", "asked_k"),
        silhouette=_known(words, asked.silhouette, "asked_silhouette"),
        chance=_known(words, asked.null_silhouette, "asked_null_silhouette"),
    )


def _known(words: Words, value: float | None, name: str) -> Number | Said:
    return Said("–") if value is None else words.number(value, name)


def _against_elbow(words: Words, clustering: Clustering, k: int) -> Said:
    if clustering.elbow_k is None:
        return SILENT
    if clustering.elbow_k == k:
        return Said("; the elbow agrees")
    return say("; the elbow alone would say {elbow}", elbow=words.count(clustering.elbow_k, "elbow_k"))


def clusters_title(words: Words, clustering: Clustering) -> Said:
    """Where the value lies among the clusters; where they are no groups, that they are cuts all the same."""
    profiles = clustering.profiles
    top = profiles.loc[profiles["monetary_share"].idxmax()]
    given = {
        "k": words.count(len(profiles), "k"),
        "cluster": words.count(top["cluster"], "cluster"),
        "share": words.share(top["share"], "share"),
        "value_share": words.share(top["monetary_share"], "monetary_share"),
    }
    return say(
        "Cut into {k} as the settings ask, part {cluster} weighs most: {share} of customers bring {value_share} of {value}"
        if clustering.chosen is not clustering.ruled
        else "Of the {k} groups number {cluster} weighs most: {share} of customers bring {value_share} of {value}"
        if clustering.verdict.level == "real"
        else "Cut into {k} all the same, part {cluster} weighs most: {share} of customers bring {value_share} of {value}",
        value=words.value_noun,
        **given,
    )


def rule_text(words: Words, conditions: tuple[tuple[str, str, float], ...], features: Features) -> Said:
    """A cluster as a short rule: "Recency at most 90 days and Frequency above 3"."""
    notes = {note.name: note for note in features.notes}
    phrases = [_condition(words, notes[name], operator, threshold) for name, operator, threshold in conditions]
    return join(phrases) if phrases else Said("everybody")


def _condition(words: Words, note: FeatureNote, operator: str, threshold: float) -> Said:
    bound = Word("at most" if operator == "<=" else "above")
    return say(
        "{label} {bound} {value}", label=Word(note.label), bound=bound, value=feature_value(words, note, threshold)
    )


def feature_value(words: Words, note: FeatureNote, value: float) -> Said:
    """A feature's value with its unit."""
    if note.unit == "share":
        return say("{v}", v=words.share(value, note.name))
    if note.unit == "money":
        return say("{v}", v=words.money(value, note.name))
    if note.unit == "days":
        return say("{v}", v=words.days(value, note.name))
    whole = abs(value - round(value)) < 1e-9
    return say("{v}", v=words.count(round(value), note.name) if whole else words.number(value, note.name, digits=1))


def rules_note(words: Words) -> Said:
    """How to read coverage and precision."""
    return Said(
        "Coverage: the share of the cluster that the rule finds. Precision: the share of those found that really belong to it."
    )


def agreement_prose(words: Words, clustering: Clustering) -> Said:
    """Do clusters and segments say the same?"""
    if clustering.agreement is None:
        return SILENT
    reading = Word(
        "nearly the same"
        if clustering.agreement > 0.7
        else "partly the same"
        if clustering.agreement > 0.25
        else "different things"
    )
    return say(
        "Clusters and RFM segments say {reading} (adjusted Rand index {ari}, one is identical).",
        reading=reading,
        ari=words.number(clustering.agreement, "agreement"),
    )


def map_title(words: Words, explained: tuple[float, ...]) -> Said:
    """What the projection keeps."""
    return say(
        "Two axes keep {share} of all differences",
        share=words.share(float(sum(explained[:2])), "explained"),
    )


def blades_title(words: Words, blades: pd.DataFrame) -> Said:
    """How many customers sit in the wrong group."""
    wrong = float((blades["width"] < 0).mean()) if len(blades) else 0.0
    if not wrong:
        return Said("No customer sits in the wrong group")
    return say("{share} of customers are closer to another group", share=words.share(wrong, "misplaced"))


def snake_title(words: Words, clustering: Clustering, labels: dict[str, str]) -> Said:
    """The feature in which the clusters differ most."""
    columns = [column for column in clustering.profiles.columns if str(column).startswith("z_")]
    spread = {
        column: float(clustering.profiles[column].max() - clustering.profiles[column].min()) for column in columns
    }
    widest = max(sorted(spread), key=lambda column: spread[column])
    return say(
        "The groups differ most in {feature}: {spread} standard deviations between highest and lowest",
        feature=Word(labels[widest.removeprefix("z_")].lower()),
        spread=words.number(spread[widest], "spread", digits=1),
    )


def stability_title(words: Words, clustering: Clustering) -> Said:
    """How many numbers of groups are stable."""
    known = [candidate.stability for candidate in kmeans(clustering) if candidate.stability is not None]
    stable = sum(value >= clustering.verdict.stability_needed for value in known)
    return say(
        "{stable} of {all} splits are stable",
        stable=words.count(stable, "stable"),
        all=words.count(len(known), "candidates"),
    )


def profiles_title(words: Words, clustering: Clustering) -> Said:
    """How many clusters the table lists."""
    return say("{n}: size, value and median of each feature", n=words.things(len(clustering.profiles), "cluster"))


def rules_title(words: Words, clustering: Clustering) -> Said:
    """How well the short rules find the clusters."""
    if clustering.rules.empty:
        return say("{n} as a rule", n=words.things(0, "cluster"))
    return say(
        "Each cluster as a rule that anybody can apply; they are right for {precision} or more of those they find",
        precision=words.share(float(clustering.rules["precision"].min()), "lowest_precision"),
    )


def crosstab_title(words: Words, shown: pd.DataFrame, sizes: pd.Series) -> Said:
    """The segment that sits most clearly in one cluster, of those that may be told."""
    shares = shown.div(sizes, axis="index").dropna(how="all")
    if shares.empty:
        return Said("Too few customers to tell segments and clusters apart")
    best = shares.max(axis="columns")
    name = best.idxmax()
    return say(
        "{share} of {name} are in cluster {cluster}",
        share=words.share(float(best.max()), "largest_share"),
        name=Word(name),
        cluster=words.count(int(shares.loc[name].idxmax()), "cluster"),
    )


def outliers_title(words: Words, clustering: Clustering) -> Said:
    """How many outliers."""
    n = int(clustering.outlier.sum())
    return say(
        "{n} {stand} apart from the crowd", n=words.things(n, "customer", "outliers"), stand=verb(n, "stands", "stand")
    )


def crossing_title(words: Words, clustering: Clustering) -> Said:
    """Whether clusters and segments tell the same, and how many customers are like nobody else."""
    outliers = int(clustering.outlier.sum())
    apart = (
        say(
            "{n} {stand} apart",
            n=words.things(outliers, "customer", "outliers"),
            stand=verb(outliers, "stands", "stand"),
        )
        if outliers
        else say("none of {n} stands apart", n=words.things(len(clustering.outlier), "customer", "customers_scored"))
    )
    if clustering.agreement is None:
        return apart
    return say("Clusters and segments {kind}; {apart}", kind=_kind(clustering.agreement), apart=apart)


def _kind(agreement: float) -> Word:
    return Word("agree closely" if agreement > 0.7 else "agree in part" if agreement > 0.25 else "hardly agree")
