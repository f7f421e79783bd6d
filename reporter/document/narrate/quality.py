"""What section "Data quality and method" says."""

from __future__ import annotations

from reporter.analysis.analyse import Analysis
from reporter.analysis.features import FeatureNote, Features
from reporter.analysis.settings import AnalysisSettings
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.narrate import scope
from reporter.document.words import Word, Words, join, say, verb
from reporter.intake.clean import REASONS
from reporter.intake.ledger import Ledger

MOST_INPUTS = 8
"""Input files that the report names; manifest.json lists all."""


def title(words: Words, ledger: Ledger) -> Said:
    """Every row, in one sentence."""
    tally = ledger.transactions_tally
    if ledger.scope is not None:
        return scope.title(words, ledger.scope)
    if not tally.rejected:
        return say(
            "All {read} of transactions count, and none was left out", read=words.things(tally.read, "row", "rows_read")
        )
    return say(
        "{kept} of {read} of transactions count; {rejected} {were} left out, each with its reason",
        kept=words.count(tally.kept, "rows_kept"),
        read=words.things(tally.read, "row", "rows_read"),
        rejected=words.count(tally.rejected, "rows_rejected"),
        were=verb(tally.rejected, "was", "were"),
    )


def accounts_title(words: Words, ledger: Ledger) -> Said:
    """Rows of all tables together."""
    return say(
        "{n} read from {tables}",
        n=words.things(sum(t.read for t in ledger.tallies), "row", "rows_read"),
        tables=words.things(len(ledger.tallies), "table"),
    )


def refunds(words: Words, analysis: Analysis) -> Said:
    """The refund policy, where there are refunds."""
    if not analysis.overview.refunds:
        return SILENT
    policy = Word(
        {
            "net": "They are subtracted from revenue and are no transactions.",
            "gross": "They are left out of revenue and are no transactions.",
            "exclude": "Their rows are rejected.",
        }[analysis.ledger.refund_policy]
    )
    return say(
        "The data holds {n} (negative amounts). {policy}",
        n=words.things(analysis.overview.refunds, "refund"),
        policy=policy,
    )


def as_of(words: Words, ledger: Ledger) -> Said:
    """The as-of date and what it means."""
    return say(
        "Everything is seen from {as_of}: a customer whose last transaction was the day before has a recency of {one}. What is dated on or after that day has not happened yet.",
        as_of=words.day(ledger.as_of, "as_of"),
        one=words.days(1, "shortest_recency"),
    )


def features_title(words: Words, features: Features) -> Said:
    """How many features entered the distances."""
    kept = sum(note.kept for note in features.notes)
    return say(
        "{kept} of {all} {enter} the search for groups",
        kept=words.count(kept, "features_kept"),
        all=words.things(len(features.notes), "candidate feature", "features"),
        enter=verb(kept, "enters", "enter"),
    )


def method_title(words: Words, analysis: Analysis, terms: int) -> Said:
    """On how many features the search for groups rests, and how many terms are explained."""
    explained = words.things(terms, "term", "terms")
    if analysis.clustering.chosen is None:
        return say("{n} explain how the figures are made", n=explained)
    notes = analysis.features.notes
    return say(
        "The search rests on {kept} of {all}; {n} explain the figures",
        kept=words.count(sum(note.kept for note in notes), "features_kept"),
        all=words.things(len(notes), "measure", "features"),
        n=explained,
    )


def feature_reason(words: Words, note: FeatureNote, labels: dict[str, str]) -> Said:
    """Why a feature is in or out."""
    share = words.share(note.value or 0.0, f"{note.name}_value")
    other = join([Said(labels.get(name, name).lower()) for name in (note.other or "").split(" and ")])
    match note.reason:
        case "kept":
            return Said("used, on a logarithmic scale" if note.transform == "log" else "used as it is")
        case "missing":
            return say("left out: missing for {share} of customers, and no fill value is invented", share=share)
        case "near-constant":
            return say("left out: the same for {share} of customers", share=share)
        case "redundant":
            return say(
                "left out: says the same as {other} (rank correlation {rho})",
                other=other,
                rho=words.number(note.value or 0.0, f"{note.name}_rho"),
            )
        case "dominated":
            return say("left out: only repeats one yes-or-no fact, {other}", other=other)
        case "arithmetic":
            return say("left out: follows from {other}", other=other)
        case "excluded":
            return Said("left out by the settings")
    return Said("not in this data")


def scaling(words: Words) -> Said:
    """How features are made comparable."""
    return Said(
        "Skewed features are put on a logarithmic scale, then each is centred and divided by its standard deviation. Ids are never used as numbers, and missing values are never filled."
    )


def null_method(words: Words, settings: AnalysisSettings) -> Said:
    """How chance is simulated."""
    cluster = settings.cluster
    return say(
        "Chance is simulated by {draws} from a Gaussian copula: the same distribution of every feature and the same rank correlations, without clumps. "
        "Stability is the mean agreement of {bootstraps} resampled fits. KMeans starts {starts} from different centres and keeps the best; all random numbers come from seed {seed}.",
        draws=words.things(cluster.null_draws, "draw", "null_draws"),
        bootstraps=words.count(cluster.bootstraps, "bootstraps"),
        starts=Word("ten times"),
        seed=Number("seed", cluster.seed, str(cluster.seed)),
    )


def reason_text(reason: str) -> Said:
    """A reason of intake as a plain phrase."""
    return Said(REASONS[reason].sentence if reason in REASONS else reason.replace("-", " "))


def reasons_title(words: Words, ledger: Ledger) -> Said:
    """How many rows were rejected or flagged."""
    rejected = words.things(sum(tally.rejected for tally in ledger.tallies), "row", "rejected")
    flagged = sum(tally.flagged for tally in ledger.tallies)
    if not flagged:
        return say("{rejected} rejected, by reason", rejected=rejected)
    if not rejected.value:
        return say("{flagged} flagged, by reason", flagged=words.things(flagged, "row", "flagged"))
    return say(
        "{rejected} rejected and {flagged} flagged, by reason",
        rejected=rejected,
        flagged=words.count(flagged, "flagged"),
    )


def correlation_title(words: Words, features: Features) -> Said:
    """The strongest pair of features."""
    matrix = features.correlation
    pairs = [
        (abs(matrix.iloc[i, j]), i, j)
        for i in range(len(matrix))
        for j in range(i)
        if matrix.iloc[i, j] == matrix.iloc[i, j]
    ]
    if not pairs:
        return say("{n} and no pair to compare", n=words.things(len(matrix), "feature"))
    _, i, j = max(pairs)
    labels = {note.name: note.label for note in features.notes}
    return say(
        "Closest pair: {a} and {b} (ρ = {rho})",
        a=Word(labels[str(matrix.index[i])]),
        b=Word(labels[str(matrix.index[j])].lower()),
        rho=words.number(float(matrix.iloc[i, j]), "rho"),
    )


def provenance(words: Words, analysis: Analysis, run_id: str) -> tuple[Said, ...]:
    """What a rerun needs."""
    files = analysis.ledger.files
    inputs = "; ".join(f"{file.name} (SHA-256 {file.sha256[:16]}…)" for file in files[:MOST_INPUTS])
    others = words.count(len(files) - MOST_INPUTS).text
    return (
        say(
            "Run {run}. Input: {inputs}{more}.",
            run=run_id,
            inputs=inputs,
            more=say("; and {n} more files", n=others) if len(files) > MOST_INPUTS else SILENT,
        ),
        Said(
            "The same input, settings and version give the same numbers. manifest.json of the run lists the inputs, every setting with its origin, versions, seed and outputs with their checksums."
            if analysis.ledger.scope
            else "The same input, settings and version give the same numbers. manifest.json beside this report lists the inputs, every setting with its origin, versions, seed and outputs with their checksums."
        ),
    )
