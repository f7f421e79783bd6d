"""Section "Segment by segment"."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from reporter.analysis.aggregate import UNKNOWN
from reporter.analysis.analyse import Analysis
from reporter.analysis.segments import Segment
from reporter.document.blocks import (
    SILENT,
    Beside,
    Block,
    Callout,
    Chart,
    Column,
    Number,
    Prose,
    Said,
    Section,
    Stat,
    Stats,
    Table,
)
from reporter.document.compose.rfm import names, scatter
from reporter.document.compose.tables import table
from reporter.document.moves import Moves
from reporter.document.narrate import changes as say_changes
from reporter.document.narrate import customers as say_customers
from reporter.document.narrate import outlook as say_outlook
from reporter.document.narrate import segments as narrate
from reporter.document.playbook import Playbook
from reporter.document.words import Word, Words, paragraph, retell

CHAPTER = "Segment by segment"
SPARK_MONTHS = 24
TOP = {"gender": 2, "city": 2, "merchant": 2}
"""How many groups of a dimension a segment page lists."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A segment, its position in the grid, its rank by customers and by value among all `segments`, and what moved since the earlier date."""

    segment: Segment
    position: int
    by_customers: int
    by_value: int
    segments: int
    moves: Moves | None


def segments(
    words: Words, analysis: Analysis, playbook: Playbook, palette: dict[str, int], moves: tuple[Moves, ...]
) -> tuple[Section, ...]:
    """All segments side by side, then one page each in grid order; those with little at stake share a page by two, after the others."""
    places = {
        segment.name: _placed(analysis.segments, segment, next(iter(moves), None)) for segment in analysis.segments
    }
    halves = _halves(analysis.segments)
    pages = [
        _segment(words, analysis, places[segment.name], playbook, palette)
        for segment in analysis.segments
        if segment not in halves
    ]
    pages += [_half(words, analysis, places[segment.name], playbook, palette) for segment in halves]
    return (_opening(words, analysis, palette), *pages)


def _placed(all_segments: tuple[Segment, ...], segment: Segment, moves: Moves | None) -> Place:
    return Place(
        segment,
        1 + all_segments.index(segment),
        1 + sum(other.customers > segment.customers for other in all_segments),
        1 + sum(other.monetary > segment.monetary for other in all_segments),
        len(all_segments),
        moves,
    )


def _halves(all_segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The segments with little at stake, an even number of them, so that no half page stays empty."""
    small = [segment for segment in all_segments if narrate.small_stake(segment, len(all_segments))]
    least = sorted(small, key=lambda segment: (segment.monetary, segment.name))[: len(small) // 2 * 2]
    return tuple(segment for segment in all_segments if segment in least)


def _opening(words: Words, analysis: Analysis, palette: dict[str, int]) -> Section:
    source = say_customers.customers_source(words, analysis.overview, words.day(analysis.ledger.as_of, "as_of"))
    pairs = (("recency_days", "monetary"), ("recency_days", "frequency"), ("frequency", "monetary"))
    large, *small = (scatter(words, analysis, pair, palette, source) for pair in pairs)
    return Section(
        "segments-compared",
        narrate.opening_title(words, analysis.segments),
        CHAPTER,
        CHAPTER,
        (
            Prose((narrate.opening_lede(words),), kind="lede"),
            large,
            Beside(tuple(small)),
            *((Prose((early,), kind="note"),) if (early := say_outlook.too_early(words, analysis)) else ()),
        ),
    )


def slug(name: str) -> str:
    """An anchor made of a segment's name."""
    return "segment-" + "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _segment(words: Words, analysis: Analysis, place: Place, playbook: Playbook, palette: dict[str, int]) -> Section:
    segment, slot = place.segment, palette[place.segment.name]
    as_of = words.day(analysis.ledger.as_of, "as_of")
    source = say_customers.customers_source(words, analysis.overview, as_of)
    blocks: tuple[Block, ...] = (
        _portrait(words, analysis, segment, playbook),
        Stats(_tiles(words, analysis, place)),
        Beside((_place(words, analysis, segment, palette, source), _trend(words, analysis, segment, slot))),
        Prose((_paragraph(words, analysis, place),)),
        _profile(words, segment, slot, source),
        _recommended(words, segment, playbook),
    )
    return _page(words, place, playbook, (slot, _usual(analysis)), blocks)


def _half(words: Words, analysis: Analysis, place: Place, playbook: Playbook, palette: dict[str, int]) -> Section:
    """Half a page: portrait, figures with the course as a sparkline, habits and advice."""
    segment, slot = place.segment, palette[place.segment.name]
    monthly = analysis.overview.monthly
    course = segment.months[~segment.months["month"].isin(monthly.loc[monthly["partial"], "month"])]
    active = Stat(
        "Active customers a month",
        narrate.active_now(words, segment, monthly),
        narrate.active_before(words, segment, monthly),
        spark=tuple(course["active_customers"].astype(float).tail(SPARK_MONTHS)),
    )
    blocks: tuple[Block, ...] = (
        _portrait(words, analysis, segment, playbook),
        Stats((*_tiles(words, analysis, place)[:3], active)),
        Prose((_paragraph(words, analysis, place, brief=True),)),
        _recommended(words, segment, playbook),
    )
    return replace(_page(words, place, playbook, (slot, _usual(analysis)), blocks), breaks=False, half=True)


def _usual(analysis: Analysis) -> float:
    """Recency of the typical customer."""
    return analysis.scorecard.medians["recency_days"]


def _page(
    words: Words, place: Place, playbook: Playbook, look: tuple[int, float], blocks: tuple[Block, ...]
) -> Section:
    segment, (slot, usual) = place.segment, look
    return Section(
        id=slug(segment.name),
        title=narrate.title(words, segment, playbook.advice(segment.name).role, (place.segments, usual)),
        short=segment.name,
        kicker=retell(narrate.kicker(words, segment, place.position, place.segments), words.tongue).text,
        blocks=blocks,
        colour=slot,
        level=2,
        full=True,
    )


def _portrait(words: Words, analysis: Analysis, segment: Segment, playbook: Playbook) -> Prose:
    told = narrate.portrait(words, segment, playbook.advice(segment.name), _usual(analysis))
    return Prose((told,), kind="lede")


def _recommended(words: Words, segment: Segment, playbook: Playbook) -> Callout:
    advice = narrate.recommendation(playbook.advice(segment.name), words.mode)
    return Callout("action", narrate.action_title(words, segment), advice)


def _place(words: Words, analysis: Analysis, segment: Segment, palette: dict[str, int], source: Said) -> Chart:
    label, unit = names(words)["monetary"]
    return Chart(
        id=f"{slug(segment.name)}-place",
        title=narrate.place_title(words, segment),
        subtitle=Said(words.label("{label} ({unit}) by recency (days); grey: other customers", label=label, unit=unit)),
        source=source,
        alt=words.label("Scatter of customers with {name} in colour.", name=Word(segment.name)),
        draw="score_scatter",
        data=(
            analysis.sample,
            ("recency_days", "monetary"),
            (words.label("Recency, days"), words.label("{label}, {unit}", label=label, unit=unit)),
            palette,
            segment.name,
        ),
        size="half",
        height_mm=32.0,
    )


def _trend(words: Words, analysis: Analysis, segment: Segment, slot: int) -> Chart:
    return Chart(
        id=f"{slug(segment.name)}-trend",
        title=narrate.trend_title(words, segment, analysis.overview.monthly),
        subtitle=Said("Customers of today’s segment with a transaction, per month"),
        source=narrate.trend_note(words),
        alt=words.label("Line of monthly active customers of {name}.", name=Word(segment.name)),
        draw="segment_trend",
        data=(segment.months, "active_customers", "Active customers", slot, analysis.overview.monthly),
        size="half",
        height_mm=32.0,
    )


def _tiles(words: Words, analysis: Analysis, place: Place) -> tuple[Stat, ...]:
    """Size, value and habit, each beside that of all customers."""
    segment = place.segment
    usual = analysis.scorecard.medians
    value = "Revenue" if words.mode == "money" else "Burned coupons"
    worth = words.value_bare(segment.monetary, "monetary")
    return (
        Stat(
            "Customers",
            figure(words.count(segment.customers, "customers")),
            narrate.of_all(words, segment.share, (place.by_customers, place.segments)),
        ),
        Stat(value, figure(worth), narrate.of_all(words, segment.monetary_share, (place.by_value, place.segments))),
        Stat(
            "Recency, median",
            figure(words.days(segment.median_recency_days, "median_recency_days")),
            narrate.all_customers(words.days(usual["recency_days"], "median_recency_days_all")),
        ),
        Stat(
            "Frequency, median",
            figure(words.things(segment.median_frequency, "transaction", "median_frequency")),
            narrate.all_customers(words.number(usual["frequency"], "median_frequency_all", digits=0)),
        ),
    )


def figure(number: Number) -> Said:
    """A bare number as the value of a tile."""
    return Said(number.text, (number,))


def _paragraph(words: Words, analysis: Analysis, place: Place, *, brief: bool = False) -> Said:
    """Habits, past, people and future of a segment; in brief without how many have lapsed and how many burn."""
    segment = place.segment
    overall = analysis.overview.coupons.burn_rate if analysis.overview.coupons and not brief else None
    return paragraph(
        narrate.against_all(words, segment),
        SILENT if brief else narrate.lapse(words, segment),
        say_changes.before(words, segment.name, place.moves),
        narrate.burning(words, segment, overall),
        narrate.people(words, segment),
        narrate.few_people(words, segment, analysis.settings.min_group),
        say_outlook.next_of(words, analysis, segment.name),
    )


def _profile(words: Words, segment: Segment, slot: int, source: Said) -> Block:
    """The segment's habits against those of all, and beside them who its customers are."""
    known = segment.index[segment.index["measure"].isin(narrate.LABELS)]
    labels = {name: label.capitalize() for name, label in narrate.LABELS.items()}
    chart = Chart(
        id=f"{slug(segment.name)}-profile",
        title=narrate.index_title(words, segment),
        subtitle=Said("Median of the segment as a multiple of the median of all customers"),
        source=source,
        alt=words.label("Multiples of the typical customer for {name}.", name=Word(segment.name)),
        draw="segment_index",
        data=(known, labels, slot),
        size="full" if segment.groups.empty else "half",
        height_mm=32.0,
    )
    return chart if segment.groups.empty else Beside((chart, _people(words, segment)))


def _people(words: Words, segment: Segment) -> Table:
    """The most frequent groups of each dimension, against all customers."""
    groups = segment.groups
    top = pd.concat([groups[groups["dimension"] == dimension].head(rows) for dimension, rows in TOP.items()])
    top = top.assign(name=[Said(name) if name == UNKNOWN else name for name in top["name"]])
    columns = [
        Column("name", "Who they are", "name"),
        Column("share", "Segment", "share"),
        Column("all_share", "All", "share"),
    ]
    return table(words, (f"{slug(segment.name)}-people", narrate.people_title(words, segment)), columns, top)
