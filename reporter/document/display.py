"""What analysis and document look like in a notebook and in a terminal: the report's own blocks, few of them, in English.

A value becomes one section; the section becomes HTML by the report's templates, or lines of text. So both say the same, in the words and numbers of the report.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.rfm import Scorecard
from reporter.analysis.segments import Segments
from reporter.analysis.settings import AnalysisSettings
from reporter.document.blocks import (
    SILENT,
    Block,
    Bullets,
    Callout,
    Column,
    Document,
    Prose,
    Said,
    Section,
    Stat,
    Stats,
    Table,
)
from reporter.document.compose import colours
from reporter.document.compose.rfm import CHAPTER, boundaries, segment_columns, segment_frame, segment_table
from reporter.document.compose.summary import tiles
from reporter.document.compose.tables import table
from reporter.document.html import to_fragment
from reporter.document.narrate import customers as say_customers
from reporter.document.narrate import groups as say_groups
from reporter.document.narrate import rfm as say_rfm
from reporter.document.narrate import summary as say_summary
from reporter.document.words import Word, Words

LOCALE = "en"
WIDTH = 100
"""Letters of a line of prose in a terminal."""
Shown = Analysis | Scorecard | Segments | Document
NAMES = {"recency_days": "Recency, days", "frequency": "Frequency", "monetary": "Monetary"}
"""What the measures are called by scores that do not know whether M is money."""


def html_of(value: Shown) -> str:
    """A fragment of HTML with its own style: no script, and nothing is fetched.

    Parameters
    ----------
    value : Analysis, Scorecard, Segments or Document

    Returns
    -------
    str
        One ``<div>``. Its rules hold inside of it alone; it is light or dark as the notebook says, or else the system.
    """
    language = value.cover.language if isinstance(value, Document) else LOCALE
    return to_fragment(section_of(value), language)


def text_of(value: Shown) -> str:
    """The same in aligned lines of text."""
    section = section_of(value)
    lines = [section.kicker, *textwrap.wrap(section.title.text, WIDTH)]
    for block in section.blocks:
        lines += ["", *_lines(block)]
    return "\n".join(line.rstrip() for line in lines)


def section_of(value: Shown) -> Section:
    """What is shown of a value.

    Raises
    ------
    TypeError
        For a value of another kind.
    """
    match value:
        case Analysis():
            return _analysis(value)
        case Scorecard():
            return _scorecard(value)
        case Segments():
            return _segments(value)
        case Document():
            return _document(value)
    raise TypeError(f"a {type(value).__name__} has no picture of itself")


def _section(value: Shown, about: str, title: Said, *blocks: Block) -> Section:
    kicker = f"{type(value).__name__} · {about}" if about else type(value).__name__
    return Section(type(value).__name__.lower(), title, "", kicker, blocks)


def _analysis(analysis: Analysis) -> Section:
    """Key figures, segments and the verdict."""
    ledger = analysis.ledger
    words = Words(LOCALE, ledger.currency, ledger.mode)
    as_of = words.day(ledger.as_of, "as_of")
    source = say_customers.customers_source(words, analysis.overview, as_of)
    return _section(
        analysis,
        say_summary.period(words, ledger).text,
        say_rfm.segments_title(words, analysis.segments),
        Stats(tiles(words, analysis.overview)),
        segment_table(words, analysis, colours(analysis.scorecard.grid.order)),
        Callout("verdict", say_groups.verdict_title(words, analysis.clustering)),
        Prose((source,), kind="note"),
    )


def _segments(segments: Segments) -> Section:
    """Size, value and habits of each; the colours of the report depend on the grid, which segments alone do not know."""
    mode = "coupon" if all(segment.monetary_per_transaction is None for segment in segments) else "money"
    words = Words(LOCALE, None, mode)
    if not segments:
        return _section(segments, "", say_rfm.table_title(words, segments))
    total = {
        "segment": Said("All customers"),
        "customers": sum(segment.customers for segment in segments),
        "monetary": sum(segment.monetary for segment in segments),
    }
    named = "segments", say_rfm.table_title(words, segments)
    sizes = table(words, named, segment_columns(words), segment_frame(segments), total=total)
    return _section(segments, "", say_rfm.segments_title(words, segments), sizes)


def _scorecard(card: Scorecard) -> Section:
    """How many customers each score and each segment has, and where the scores begin."""
    words = Words(LOCALE, None, "money")
    found = card.frame["segment"].value_counts()
    order = [name for name in card.grid.order if name in found.index]
    frame = pd.DataFrame(
        {
            "segment": [Said(name) for name in order],
            "customers": [int(found[name]) for name in order],
            "share": [int(found[name]) / len(card.frame) for name in order],
        }
    )
    columns = [
        Column("segment", "Segment", "name"),
        Column("customers", "Customers", "count"),
        Column("share", "Share", "bar"),
    ]
    scored, used = words.count(len(card.frame), "customers_scored"), words.count(len(order), "segments")
    names = {dimension: Word(name) for dimension, name in NAMES.items()}
    return _section(
        card,
        CHAPTER,
        say_rfm.scores_title(words, card),
        Stats(
            (
                Stat("Customers with transactions", Said(scored.text, (scored,))),
                Stat("Segments", Said(used.text, (used,))),
            )
        ),
        boundaries(words, card, AnalysisSettings().min_group, names),
        table(words, ("sizes", SILENT), columns, frame, colours(card.grid.order)),
    )


def _document(document: Document) -> Section:
    """The message of the report, then that of each chapter that its pages show."""
    chapters = [each for each in document.sections if each.level == 1 and each.title != document.cover.headline]
    titles = tuple((Said(section.short.rstrip("?")), section.title) for section in chapters)
    return _section(
        document,
        f"{document.cover.title}, {document.cover.period}",
        document.cover.headline,
        Bullets(titles, numbered=True),
        Prose((Said(document.provenance),), kind="note"),
    )


# --- Lines of text ---------------------------------------------------------------------------------------------------


def _lines(block: Block) -> Iterator[str]:
    """A block as text; pictures are left out."""
    match block:
        case Stats(stats):
            yield from _aligned([[stat.label, stat.value.text, stat.change.text] for stat in stats], "lrl")
        case Table():
            yield from _table_lines(block)
        case Callout(_, title):
            yield from textwrap.wrap(title.text, WIDTH)
        case Bullets(items):
            for number, (lead, sentence) in enumerate(items, start=1):
                yield from textwrap.wrap(f"{number:>2}. {lead}: {sentence}", WIDTH, subsequent_indent="    ")
        case Prose(paragraphs):
            for paragraph in paragraphs:
                yield from textwrap.wrap(paragraph.text, WIDTH)


def _table_lines(block: Table) -> Iterator[str]:
    if block.title:
        yield block.title.text
    sides = "".join("l" if column.kind in ("name", "text") else "r" for column in block.columns)
    rows = [[cell.text for cell in row.cells] for row in block.rows]
    yield from _aligned([[column.label for column in block.columns], *rows], sides)


def _aligned(rows: list[list[str]], sides: str) -> Iterator[str]:
    """Rows of cells in columns: names to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(sides))]
    for row in rows:
        cells = zip(row, widths, sides, strict=True)
        yield "  ".join(cell.ljust(width) if side == "l" else cell.rjust(width) for cell, width, side in cells)
