"""Numbers become a document: a tuple of section functions in reading order."""

from __future__ import annotations

from dataclasses import replace

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Cover, Document, Section
from reporter.document.compose import customers, groups, quality, rfm, segments, summary
from reporter.document.compose.numbers import with_numbers
from reporter.document.compose.small import without_small
from reporter.document.define import define
from reporter.document.narrate import glossary
from reporter.document.narrate import summary as say_summary
from reporter.document.playbook import Playbook, load_playbook
from reporter.document.settings import ReportSettings
from reporter.document.words import Words

SLOTS = 12
"""Colours for segments; a grid with more names repeats the last, neutral one."""


def compose(analysis: Analysis, settings: ReportSettings, run_id: str, provenance: str) -> Document:
    """Write the report: every section in reading order.

    Parameters
    ----------
    provenance : str
        The footer line: run, data fingerprint, seed and version.

    Raises
    ------
    UsageError
        When the playbook cannot be used.
    """
    words = Words(settings.locale, analysis.ledger.currency, analysis.ledger.mode)
    playbook = load_playbook(settings.playbook)
    palette = colours(analysis.scorecard.grid.order)
    without = replace(analysis, segments=without_small(analysis.segments, settings.min_group))
    sections: tuple[Section, ...] = (
        summary.summary(words, analysis, playbook, palette),
        *customers.customers(words, analysis, settings.min_group),
        *rfm.rfm(words, analysis, palette, settings.min_group),
        *groups.groups(words, analysis, palette, settings.min_group),
        *segments.segments(words, without, playbook, palette),
        segments.campaign(words, analysis, playbook, palette),
        *quality.quality(words, analysis, run_id),
    )
    sections = with_numbers(words, sections, settings.min_group)
    document = Document(cover(words, analysis, settings, playbook), sections, palette, provenance)
    return define(document, glossary.glossary(analysis), frozenset({"summary", "method"}))


def colours(order: tuple[str, ...]) -> dict[str, int]:
    """The colour slot of each segment, by its place in the grid."""
    return {name: min(place, SLOTS) for place, name in enumerate(order, start=1)}


def cover(words: Words, analysis: Analysis, settings: ReportSettings, playbook: Playbook) -> Cover:
    """The first page."""
    ledger = analysis.ledger
    return Cover(
        title=settings.title,
        headline=say_summary.headline(words, analysis, playbook),
        organisation=settings.organisation,
        author=settings.author,
        confidentiality=settings.confidentiality,
        period=say_summary.period(words, ledger).text,
        as_of=say_summary.as_of(words, ledger).text,
        prepared="",
        language=settings.locale,
        created=ledger.as_of.isoformat(),
    )
