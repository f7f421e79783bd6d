"""Every term of the glossary is used, and every technical term that is used has an entry, in five situations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reporter.document.blocks import Bullets, Details, Document, Prose, Said
from reporter.document.facts import leaves, sentences
from tests.document.situations import Told

TECHNICAL = {
    "As-of date": r"as of \d|as-of date|seen from",
    "Recency": r"recency",
    "Frequency": r"frequency",
    "Monetary": r"monetary",
    "Prospect": r"prospects?\b",
    "Score": r"scores?\b|scored",
    "Segment": r"segments?\b",
    "Median": r"median|typical",
    "Control group": r"control group",
    "Burned coupon": r"coupons? burned|burned coupons?|burned so far",
    "Burn rate": r"burn rates?",
    "Cohort": r"cohorts?\b",
    "Retention": r"retention",
    "Gini coefficient": r"gini",
    "p value": r"\bp [=<] ",
    "Rank correlation (ρ)": r"rank correlation|ρ|spearman",
    "Cluster": r"clusters?\b",
    "KMeans": r"kmeans",
    "Ward": r"\bward\b|ward’s|agglomerative",
    "DBSCAN": r"dbscan",
    "Outlier": r"outliers?\b",
    "Silhouette": r"silhouettes?\b",
    "By chance": r"\bchance\b|copula",
    "Davies-Bouldin index": r"davies-bouldin",
    "Calinski-Harabasz index": r"calinski-harabasz",
    "Inertia": r"inertia|elbow",
    "Stability": r"stability|stable",
    "Adjusted Rand index": r"adjusted rand",
    "Principal component": r"principal components?",
    "Standard deviation": r"standard deviations?",
    "BG/NBD": r"bg/nbd",
    "Gamma-Gamma": r"gamma-gamma",
}
"""How each term looks where it is used; what else would need an entry is added here."""
ABSENT = "not in this data"
"""Why a feature is no feature; its name is nothing that a reader must understand."""


def words(document: Document) -> str:
    """All that the report says outside the glossary, in small letters."""
    return "\n".join(_said(document)).lower()


def _said(document: Document) -> Iterator[str]:
    for section in document.sections:
        kept = [block for block in section.blocks if not _is_glossary(block)]
        yield section.short
        yield from map(str, sentences(replace(section, blocks=tuple(kept))))
        for block in leaves(tuple(kept)):
            yield from (column.label for column in getattr(block, "columns", ()))
            rows = [[cell.text for cell in row.cells] for row in getattr(block, "rows", ())]
            yield from (text for row in rows if ABSENT not in row for text in row)
            yield from (stat.label for stat in getattr(block, "stats", ()))


def _is_glossary(block: object) -> bool:
    return isinstance(block, Details) and any(isinstance(each, Bullets) for each in block.blocks)


def entries(document: Document) -> list[str]:
    """The terms that the report explains."""
    (method,) = (section for section in document.sections if section.id == "method")
    return [str(lead) for block in leaves(method.blocks) if isinstance(block, Bullets) for lead, _ in block.items]


def missing(document: Document) -> list[str]:
    """Terms that are used and not explained."""
    text, explained = words(document), set(entries(document))
    return sorted(term for term, form in TECHNICAL.items() if re.search(form, text) and term not in explained)


def unused(document: Document) -> list[str]:
    """Terms that are explained and not used."""
    text = words(document)
    return [term for term in entries(document) if not re.search(TECHNICAL[term], text)]


def test_every_term_that_is_used_is_explained(situation: tuple[str, Told]) -> None:
    _, told = situation
    assert missing(told.document) == []


def test_every_term_that_is_explained_is_used(situation: tuple[str, Told]) -> None:
    _, told = situation
    assert unused(told.document) == []


def test_a_word_without_entry_and_an_entry_without_word_are_found(situation: tuple[str, Told]) -> None:
    _, told = situation
    first, *others = told.document.sections
    spoken = replace(first, blocks=(*first.blocks, Prose((Said("All prospects have an odd retention."),))))
    found = missing(replace(told.document, sections=(spoken, *others)))
    assert set(found) == {"Prospect", "Retention"} - set(entries(told.document))
    assert found
    silent = tuple(section for section in told.document.sections if section.id == "method")
    assert "Control group" in unused(replace(told.document, sections=silent))
