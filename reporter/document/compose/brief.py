"""The brief edition: two pages, the answer and the plan. And the account of the rows in short, which no edition goes without."""

from __future__ import annotations

import math

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.segments import Segment
from reporter.document.audiences import slugs
from reporter.document.blocks import Beside, Block, Bullets, Callout, Chart, Column, Prose, Said, Section, Stats, Table
from reporter.document.compose.summary import tiles
from reporter.document.compose.tables import table, with_source
from reporter.document.narrate import brief as narrate
from reporter.document.narrate import customers as say_customers
from reporter.document.narrate import quality as say_quality
from reporter.document.narrate import segments as say_segments
from reporter.document.narrate import summary as say_summary
from reporter.document.playbook import Playbook
from reporter.document.words import Words

SOURCES = "Where the numbers come from"
BARS = 11
"""Segments that the picture of the first page has room for."""
LONGEST_FINDING, LONGEST_ACTION = 230, 150
"""Letters of a finding and of an action on the first page: two lines, three lines."""
LONGEST_CELL = 110
LINE, NAME_LINE = 48, 20
"""Letters of a line in the columns of actions and of names."""
PITCH_A4, PITCH_LETTER = 4.3, 3.4
"""Height of a bar and its gap in mm."""
FINDINGS_A4, FINDINGS_LETTER = 4, 3
LINES_A4, LINES_LETTER = 46.0, 40.0
"""Lines that the campaign table has room for; a row takes half a line more than its text."""


def brief(
    words: Words, analysis: Analysis, given: tuple[Playbook, dict[str, int], str], paper: str
) -> tuple[Section, ...]:
    """The answer on one page and the plan on another.

    Parameters
    ----------
    given : (Playbook, dict, str)
        Playbook, colours of the segments, and run id.
    """
    playbook, palette, run_id = given
    low = paper == "letter"
    return (
        _answer(words, analysis, playbook, palette, low),
        _plan(words, analysis, (playbook, palette, run_id), LINES_LETTER if low else LINES_A4),
    )


def _answer(words: Words, analysis: Analysis, playbook: Playbook, palette: dict[str, int], low: bool) -> Section:
    return Section(
        id="summary",
        title=say_summary.headline(words, analysis, playbook),
        short="Summary",
        kicker="",
        blocks=(
            Prose((narrate.lede(words, analysis),), kind="lede"),
            Stats(tiles(words, analysis.overview)),
            _bars(words, analysis, palette, PITCH_LETTER if low else PITCH_A4),
            _findings(words, analysis, playbook, FINDINGS_LETTER if low else FINDINGS_A4),
            _closing(words, analysis, playbook),
        ),
        full=True,
    )


def _bars(words: Words, analysis: Analysis, palette: dict[str, int], pitch: float) -> Chart:
    worth = sorted(analysis.segments, key=lambda segment: (-segment.monetary_share, segment.name))[:BARS]
    shown = [segment for segment in analysis.segments if segment in worth]
    is_all = len(shown) == len(analysis.segments)
    frame = pd.DataFrame(
        [(s.name, s.share, s.monetary_share) for s in shown], columns=["name", "share", "monetary_share"]
    )
    as_of = words.day(analysis.ledger.as_of, "as_of")
    return Chart(
        id="summary-segments",
        title=say_summary.chart_title(words, analysis),
        subtitle=say_summary.value_and_customers(words) if is_all else narrate.largest(words, len(shown)),
        source=say_customers.customers_source(words, analysis.overview, as_of),
        alt="Bars of each segment’s share of value and share of customers.",
        draw="segment_bars",
        data=(frame, palette),
        height_mm=8.0 + pitch * len(frame),
    )


def _findings(words: Words, analysis: Analysis, playbook: Playbook, most: int) -> Block:
    if say_summary.few(analysis):
        return Callout("limit", Said("Too few customers for findings"), (say_summary.few_note(words, analysis),))
    found = say_summary.findings(words, analysis, playbook)[:most]
    return Bullets(tuple((lead, narrate.short(sentence, LONGEST_FINDING)) for lead, sentence in found))


def _closing(words: Words, analysis: Analysis, playbook: Playbook) -> Block:
    sure = Callout("verdict", Said("How sure we are"), say_summary.confidence(words, analysis))
    actions = say_summary.actions(words, analysis, playbook)
    shortened = tuple(narrate.short(action, LONGEST_ACTION) for action in actions)
    return Beside((Callout("action", Said("What to do now"), shortened), sure)) if actions else sure


def _plan(words: Words, analysis: Analysis, given: tuple[Playbook, dict[str, int], str], room: float) -> Section:
    playbook, palette, run_id = given
    return Section(
        id="campaign",
        title=say_segments.campaign_title(words, analysis.segments, playbook),
        short="Campaign plan",
        kicker="Campaign plan",
        blocks=(
            _audiences(words, analysis, (playbook, palette), room),
            Beside(
                (
                    *_sources(words, analysis),
                    Callout("note", Said("The full report"), narrate.rest(run_id)),
                )
            ),
        ),
        full=True,
    )


def account(words: Words, analysis: Analysis) -> Section:
    """Every row in short, where the chapter that accounts for each is left out."""
    return Section(
        id="account",
        title=say_quality.title(words, analysis.ledger),
        short=SOURCES,
        kicker=SOURCES,
        blocks=(Beside(_sources(words, analysis)),),
        breaks=False,
    )


def _sources(words: Words, analysis: Analysis) -> tuple[Callout, ...]:
    """Rows and verdict as two small boxes."""
    told = (narrate.rows(words, analysis.ledger), narrate.rejects(analysis.ledger))
    return (
        Callout("note", Said(SOURCES), tuple(filter(None, told))),
        Callout("note", Said("Natural groups"), (narrate.verdict(words, analysis),)),
    )


def _audiences(words: Words, analysis: Analysis, given: tuple[Playbook, dict[str, int]], room: float) -> Table:
    """Each audience with size, value, recency, advice and file; advice is cut, and then rows, where the page has no room for all."""
    playbook, palette = given
    files = slugs(sorted(segment.name for segment in analysis.segments))
    advice = _advice(analysis.segments, playbook, words.mode, room)
    frame = pd.DataFrame(
        [
            (s.name, s.customers, s.monetary, s.median_recency_days, text, f"{files[s.name]}.csv")
            for s, text in zip(analysis.segments, advice, strict=True)
        ],
        columns=["segment", "customers", "monetary", "recency", "action", "file"],
    )
    columns = [
        Column("segment", "Audience", "name"),
        Column("customers", "Customers", "count"),
        Column("monetary", "Revenue" if words.mode == "money" else "Burned", "money"),
        Column("recency", "Recency, days", "days"),
        Column("action", "Recommended action", "text"),
        Column("file", "List", "text"),
    ]
    total = {"segment": "All", "customers": frame["customers"].sum(), "monetary": frame["monetary"].sum()}
    head = ("audiences", say_segments.audiences_title(words, analysis.segments))
    block = table(words, head, columns, frame, palette, total)
    return with_source(block, narrate.columns_note(words, analysis.ledger), _too_many(frame, room))


def _advice(segments: tuple[Segment, ...], playbook: Playbook, mode: str, room: float) -> list[str]:
    """The playbook's actions in full where all rows have room for them, else their first sentences."""
    full = [playbook.action(segment.name, mode) for segment in segments]
    if sum(map(_lines, full)) + 0.5 * len(full) <= room:
        return full
    first = [Said(action.partition(". ")[0].rstrip(".") + ".") for action in full]
    return [narrate.short(action, LONGEST_CELL).text for action in first]


def _too_many(frame: pd.DataFrame, room: float) -> int:
    """How many of the last rows the page has no room for."""
    needed = [
        max(_lines(action), math.ceil(len(name) / NAME_LINE)) + 0.5
        for name, action in zip(frame["segment"], frame["action"], strict=True)
    ]
    reached = pd.Series(needed, dtype=float).cumsum()
    return int((reached > room).sum())


def _lines(text: str) -> int:
    return math.ceil(len(text) / LINE)
