"""Numbers become a document: a tuple of section functions in reading order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Cover, Document, Logo, Section
from reporter.document.brand import look_of
from reporter.document.compose import (
    brief,
    campaign,
    changes,
    customers,
    groups,
    history,
    outlook,
    quality,
    rfm,
    segments,
    summary,
)
from reporter.document.compose.letter import lowered
from reporter.document.compose.moves import every_move
from reporter.document.compose.numbers import with_numbers
from reporter.document.compose.small import without_small
from reporter.document.define import ENDINGS, define
from reporter.document.logo import read_logo
from reporter.document.moves import Moves
from reporter.document.narrate import brief as say_brief
from reporter.document.narrate import glossary
from reporter.document.narrate import summary as say_summary
from reporter.document.playbook import Playbook, load_playbook
from reporter.document.settings import SECTIONS, ReportSettings, sections_fault
from reporter.document.translate import translate, translate_line
from reporter.document.words import Words, retell
from reporter.errors import Problem, UsageError

SLOTS = 12
"""Colours for segments; a grid with more names repeats the last, neutral one."""


FULL = frozenset({"summary", "segments", "verdict", "method"})
"""Sections whose pages have no room for footnotes; the last one has the whole glossary."""


def unheard(sections: tuple[Section, ...]) -> None:
    """Tell nobody of what is written."""


def compose(
    analysis: Analysis,
    settings: ReportSettings,
    run_id: str,
    provenance: str,
    playbook: Playbook | None = None,
    written: Callable[[tuple[Section, ...]], object] = unheard,
) -> Document:
    """Write the report: every section in reading order.

    All chapters are written whatever the pages show, so that workbook and facts are the same in every edition.

    Parameters
    ----------
    provenance : str
        The footer line: run, data fingerprint, seed and version.
    playbook : Playbook, optional
        As `load_playbook` gave it; without it that of the settings is read.
    written : callable
        Told of each chapter that the pages show as soon as it is written; later its texts get footnotes, and nothing else is changed.

    Raises
    ------
    UsageError
        When the playbook cannot be used.
    """
    ledger = analysis.ledger
    words = Words(settings.locale, ledger.currency, ledger.mode, has_lists=ledger.scope is None)
    playbook = (playbook or load_playbook(settings.playbook)).told(words.tongue)
    palette = colours(analysis.scorecard.grid.order)
    moves = every_move(analysis, playbook, settings.min_group)
    is_brief, given = settings.edition == "brief", (playbook, palette, run_id)
    chapters: dict[str, tuple[Section, ...]] = {}
    for name, sections in _chapters(words, analysis, settings, given, moves):
        chapters[name] = _finished(words, settings, sections)
        if name in settings.sections and not is_brief:
            written(chapters[name])
    left = SECTIONS if is_brief else tuple(name for name in SECTIONS if name not in settings.sections)
    if is_brief:
        shown = _told(words, settings, brief.brief(words, analysis, given, moves, settings.paper))
    else:
        account = (brief.account(words, analysis),) if "quality" in left else ()
        shown = (*_ordered(chapters, settings.sections), *_finished(words, settings, account))
    document = Document(
        translate(cover(words, analysis, settings, playbook), words.tongue),
        shown,
        {words.tongue.term(name): slot for name, slot in palette.items()},
        translate_line(provenance, words.tongue),
        settings.edition,
        look_of(settings),
        _ordered(chapters, left),
    )
    if is_brief:
        return document
    terms = tuple(
        (retell(term, words.tongue), retell(meaning, words.tongue)) for term, meaning in glossary.glossary(analysis)
    )
    return define(document, terms, FULL, words.label(ENDINGS))


def _finished(words: Words, settings: ReportSettings, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """A chapter as the pages show it."""
    room = lowered(sections, settings.paper == "letter", bool(words.tongue.messages))
    return _told(words, settings, room)


def _told(words: Words, settings: ReportSettings, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """With the numbers of its pictures, and in the language of the report."""
    return translate(with_numbers(words, sections, settings.min_group), words.tongue)


def check_report(settings: ReportSettings) -> None:
    """Look at what a user says about the report, before any work is done: chapters, colours and logo.

    Raises
    ------
    UsageError
        Where one of them cannot be used.
    """
    if fault := sections_fault(settings.sections):
        raise UsageError(Problem("report.sections", "the order of the chapters cannot be used.", fault))
    look_of(settings)
    read_logo(settings.logo)


def _chapters(
    words: Words,
    analysis: Analysis,
    settings: ReportSettings,
    given: tuple[Playbook, dict[str, int], str],
    moves: tuple[Moves, ...],
) -> Iterator[tuple[str, tuple[Section, ...]]]:
    """Every chapter with its name in ``report.sections``, one after the other."""
    playbook, palette, run_id = given
    without = replace(analysis, segments=without_small(analysis.segments, settings.min_group))
    yield "summary", (summary.summary(words, analysis, playbook, palette, moves),)
    yield "customers", customers.customers(words, analysis, settings.min_group)
    yield "rfm", rfm.rfm(words, analysis, palette, settings.min_group)
    yield "groups", groups.groups(words, analysis, palette, settings.min_group)
    yield "segments", segments.segments(words, without, playbook, palette, moves)
    changed = changes.changes(words, analysis, palette, moves, settings.min_group)
    yield "changes", (*changed, *history.across_runs(words, analysis, palette))
    yield "outlook", outlook.outlook(words, analysis, palette, settings.min_group)
    yield "campaign", campaign.campaign(words, analysis, playbook, palette)
    yield "quality", quality.quality(words, analysis, run_id)


def _ordered(chapters: Mapping[str, tuple[Section, ...]], names: Sequence[str]) -> tuple[Section, ...]:
    return tuple(section for name in names for section in chapters[name])


def colours(order: tuple[str, ...]) -> dict[str, int]:
    """The colour slot of each segment, by its place in the grid."""
    return {name: min(place, SLOTS) for place, name in enumerate(order, start=1)}


def cover(words: Words, analysis: Analysis, settings: ReportSettings, playbook: Playbook) -> Cover:
    """The first page."""
    ledger = analysis.ledger
    source = read_logo(settings.logo)
    return Cover(
        title=words.label(settings.title) if settings.title == ReportSettings().title else settings.title,
        headline=say_summary.headline(words, analysis, playbook),
        organisation=settings.organisation,
        author=settings.author,
        confidentiality=settings.confidentiality,
        period=retell(say_summary.period(words, ledger), words.tongue).text,
        as_of=say_summary.as_of(words, ledger).text,
        prepared="",
        language=settings.locale,
        created=ledger.as_of.isoformat(),
        logo=Logo(source, retell(say_brief.logo_of(settings.organisation), words.tongue).text) if source else None,
    )
