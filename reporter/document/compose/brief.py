"""The brief edition: two pages, the answer and the plan. And the account of the rows in short, which no edition goes without."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.segments import Segment
from reporter.document.audiences import slugs
from reporter.document.blocks import Beside, Block, Bullets, Callout, Chart, Column, Prose, Said, Section, Stats, Table
from reporter.document.compose.accounts import rows_of_tables
from reporter.document.compose.summary import tiles
from reporter.document.compose.tables import table, with_source
from reporter.document.moves import Moves
from reporter.document.narrate import brief as narrate
from reporter.document.narrate import customers as say_customers
from reporter.document.narrate import quality as say_quality
from reporter.document.narrate import segments as say_segments
from reporter.document.narrate import summary as say_summary
from reporter.document.playbook import Playbook
from reporter.document.words import Words, short

SOURCES = "Where the numbers come from"
BARS = 11
"""Segments that the picture of the first page has room for."""
LONGEST_FINDING, LONGEST_ACTION = 220, 130
"""Letters of a finding and of an action on the first page: two lines, three lines."""
LONGEST_CELLS = (110, 82)
"""Letters of an action in the campaign table where not all are there in full: three lines, then two."""
ACTION_LINE, NAME_LINE, FILE_LINE, FILE_BROKEN = 46, 14, 22, 15
"""Letters of a line in the columns of the campaign table; a file's name that does not fit breaks at its hyphens."""
SPACE = 0.6
"""Lines that the space around a row takes."""
ROOM, ROOM_TRANSLATED, LINES_OF_NOTE = 35.0, 33.0, 2.0
"""Lines that the campaign table has room for, and what the note on rows in the workbook takes of them; the higher A4 gives its height to the space of the rows."""
PITCH_A4, PITCH_LETTER, WIDEST_PITCH = 4.3, 3.4, 7.0
"""Height of a pair of bars and its gap in mm where there are as many as there is room for, and where there are few."""
FINDINGS_A4, FINDINGS_LETTER = 4, 3


def brief(
    words: Words,
    analysis: Analysis,
    given: tuple[Playbook, dict[str, int], str],
    moves: tuple[Moves, ...],
    paper: str,
) -> tuple[Section, ...]:
    """The answer on one page and the plan on another.

    Parameters
    ----------
    given : (Playbook, dict, str)
        Playbook, colours of the segments, and run id.
    moves : tuple of Moves
        What may be told of the movement between segments, the movement that is told at length first.
    """
    playbook, palette, run_id = given
    return (
        _answer(words, analysis, (playbook, palette), moves, paper == "letter"),
        _plan(words, analysis, (playbook, palette, run_id)),
    )


def _answer(
    words: Words, analysis: Analysis, given: tuple[Playbook, dict[str, int]], moves: tuple[Moves, ...], low: bool
) -> Section:
    playbook, palette = given
    return Section(
        id="summary",
        title=say_summary.headline(words, analysis, playbook),
        short="Summary",
        kicker="",
        blocks=(
            Prose((narrate.lede(words, analysis),), kind="lede"),
            Stats(tiles(words, analysis.overview)),
            _bars(words, analysis, palette, PITCH_LETTER if low else PITCH_A4),
            _findings(words, analysis, playbook, moves, FINDINGS_LETTER if low else FINDINGS_A4),
            _closing(words, analysis, playbook),
        ),
        full=not say_summary.few(analysis),
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
        height_mm=8.0 + min(pitch * BARS, WIDEST_PITCH * len(frame)),
    )


def _findings(words: Words, analysis: Analysis, playbook: Playbook, moves: tuple[Moves, ...], most: int) -> Block:
    if say_summary.few(analysis):
        return Callout("limit", Said("Too few customers for findings"), (say_summary.few_note(words, analysis),))
    found = say_summary.findings(words, analysis, playbook, moves)[:most]
    return Bullets(tuple((lead, short(sentence, LONGEST_FINDING)) for lead, sentence in found))


def _closing(words: Words, analysis: Analysis, playbook: Playbook) -> Block:
    sure = Callout("verdict", Said("How sure we are"), say_summary.confidence(words, analysis))
    actions = say_summary.actions(words, analysis, playbook)
    shortened = tuple(short(action, LONGEST_ACTION) for action in actions)
    return Beside((Callout("action", Said("What to do now"), shortened), sure)) if actions else sure


def _plan(words: Words, analysis: Analysis, given: tuple[Playbook, dict[str, int], str]) -> Section:
    playbook, palette, run_id = given
    return Section(
        id="campaign",
        title=say_segments.campaign_title(words, analysis.segments, playbook),
        short="Campaign plan",
        kicker="Campaign plan",
        blocks=(
            _audiences(words, analysis, playbook, palette),
            Beside(
                (
                    *_sources(words, analysis),
                    Callout("note", Said("The full report"), narrate.rest(words, run_id)),
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
        blocks=(rows_of_tables(words, analysis.ledger), Beside(_sources(words, analysis))),
        breaks=False,
    )


def _sources(words: Words, analysis: Analysis) -> tuple[Callout, ...]:
    """Rows and verdict as two small boxes."""
    told = (narrate.rows(words, analysis.ledger), narrate.rejects(analysis.ledger))
    return (
        Callout("note", Said(SOURCES), tuple(filter(None, told))),
        Callout("note", Said("Natural groups"), (narrate.verdict(words, analysis),)),
    )


def _audiences(words: Words, analysis: Analysis, playbook: Playbook, palette: dict[str, int]) -> Table:
    """Each audience with size, value, recency, advice and file. Where the page has no room for all that, advice is cut to its first sentence; then the audiences of least value are left to the workbook."""
    files = slugs(sorted(segment.name for segment in analysis.segments))
    entries = [_Entry(s, playbook.action(s.name, words.mode), f"{files[s.name]}.csv") for s in analysis.segments]
    room = ROOM_TRANSLATED if words.tongue.messages else ROOM
    for longest in LONGEST_CELLS:
        if _lines(entries) > room:
            entries = [replace(entry, action=_first_sentence(entry.action, longest)) for entry in entries]
    shown = len(entries)
    if _lines(entries) > room:
        entries.sort(key=lambda entry: (-entry.segment.monetary, entry.segment.name))
        shown = max(n for n in range(1, len(entries) + 1) if n == 1 or _lines(entries[:n]) <= room - LINES_OF_NOTE)
    head = ("audiences", say_segments.audiences_title(words, analysis.segments))
    total = {
        "segment": Said("All"),
        "customers": sum(segment.customers for segment in analysis.segments),
        "monetary": sum(segment.monetary for segment in analysis.segments),
    }
    columns = _columns(words)
    block = table(words, head, columns, _frame(entries)[[column.key for column in columns]], palette, total)
    return with_source(block, narrate.columns_note(words, analysis.ledger), len(entries) - shown)


def _columns(words: Words) -> list[Column]:
    lists = [Column("file", "List", "text")] if words.has_lists else []
    return [
        Column("segment", "Audience", "name"),
        Column("customers", "Customers", "count"),
        Column("monetary", "Revenue" if words.mode == "money" else "Burned", "money"),
        Column("recency", "Recency, days", "days"),
        Column("action", "Recommended action", "text"),
        *lists,
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A row of the campaign table, before its numbers are written."""

    segment: Segment
    action: str
    file: str

    @property
    def lines(self) -> float:
        """Lines that it takes, with the space around it."""
        file = 1 if len(self.file) <= FILE_LINE else math.ceil(len(self.file) / FILE_BROKEN)
        texts = (math.ceil(len(self.action) / ACTION_LINE), math.ceil(len(self.segment.name) / NAME_LINE), file)
        return max(texts) + SPACE


def _lines(entries: list[_Entry]) -> float:
    return sum(entry.lines for entry in entries)


def _frame(entries: list[_Entry]) -> pd.DataFrame:
    rows = [
        (Said(e.segment.name), e.segment.customers, e.segment.monetary, e.segment.median_recency_days, e.action, e.file)
        for e in entries
    ]
    return pd.DataFrame(rows, columns=["segment", "customers", "monetary", "recency", "action", "file"])


def _first_sentence(action: str, longest: int) -> str:
    return short(Said(action.partition(". ")[0].rstrip(".") + "."), longest).text
