"""Section "Our customers"."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from reporter.analysis.aggregate import UNKNOWN
from reporter.analysis.analyse import Analysis
from reporter.analysis.explore import Breakdown, Coupons, Overview, Retention
from reporter.document.blocks import Beside, Block, Callout, Chart, Column, Number, Prose, Said, Section, Table
from reporter.document.compose.conclude import so_what
from reporter.document.compose.small import PEOPLE, cohort_sizes, other_name, visible
from reporter.document.compose.tables import table, with_source
from reporter.document.narrate import customers as narrate
from reporter.document.narrate import places, sowhat
from reporter.document.words import Word, Words, paragraph

CHAPTER = "Our customers"
COHORT_SUBTITLES = {
    "month": "Share of each monthly cohort with a transaction, by months since the first",
    "quarter": "Share of each quarterly cohort with a transaction, by quarters since the first",
}
CURVE_SUBTITLES = {
    "month": "Share of customers with a transaction, by months since their first, mean over cohorts",
    "quarter": "Share of customers with a transaction, by quarters since their first, mean over cohorts",
}
LEADERS = 3
"""Groups drawn in the accent colour."""
TABLE_ROWS = 4
"""Rows of a breakdown in the report; the workbook has all."""
DRAWN_ROWS = 11
"""Groups drawn; the others are one bar."""
Shown = tuple[Breakdown, pd.DataFrame]
"""A breakdown without its small groups, and its table with one row for all of them."""


def customers(words: Words, analysis: Analysis, min_group: int) -> tuple[Section, ...]:
    """Growth, retention, concentration, people, places and coupons: each part only where the data has it."""
    overview = analysis.overview
    first, last = words.day(analysis.ledger.first_day, "first_day"), words.day(analysis.ledger.last_day, "last_day")
    source = narrate.series_source(words, overview, first, last)
    people = narrate.customers_source(words, overview, words.day(analysis.ledger.as_of, "as_of"))
    parts: list[Section] = [growth(words, analysis, source, (first, last))]
    if overview.retention is not None and len(overview.retention.average) > 1:
        parts.append(retention(words, overview.retention, source, min_group))
    if overview.concentration is not None and overview.scored >= analysis.settings.min_group:
        parts.append(concentration(words, overview, people))
    if overview.coupons is not None:
        parts.append(coupons(words, overview, (first, last), (source, analysis.ledger.later_burns)))
    own = analysis.ledger.scope.kind if analysis.ledger.scope else ""
    shown = [
        visible(places.numbered(words, group), min_group) for group in overview.breakdowns if group.dimension != own
    ]
    found = [each for each in shown if places.differs(each[0]) and len(each[0].frame) > 1]
    rest = [each for each in shown if not any(each is other for other in found)]
    parts[-1] = _with_alike(words, overview, parts[-1], rest)
    parts.extend(breakdown(words, overview, each, source) for each in found)
    return tuple(parts)


def _with_alike(words: Words, overview: Overview, section: Section, rest: list[Shown]) -> Section:
    """A section with one line more for every dimension in which nothing was found, before what follows from the section; the workbook has their tables."""
    if not rest:
        return section
    groups = [group for group, _ in rest]
    lines = Prose((paragraph(*(places.alike(words, group) for group in groups), sowhat.alike(words, groups)),))
    tables = tuple(
        with_source(_group_table(words, overview, group.dimension, whole), more=len(whole))
        for group, whole in rest
        if group.dimension not in PEOPLE and len(whole) > 1
    )
    ends = isinstance(section.blocks[-1], Callout)
    before, after = (section.blocks[:-1], section.blocks[-1:]) if ends else (section.blocks, ())
    return replace(section, blocks=(*before, lines, *tables, *after))


def growth(words: Words, analysis: Analysis, source: Said, span: tuple[Number, Number]) -> Section:
    """Transactions and customers over time."""
    overview = analysis.overview
    monthly = overview.monthly
    blocks: list[Block] = [
        Prose((narrate.growth_lede(words, overview),), kind="lede"),
        Chart(
            id="monthly-transactions",
            title=narrate.activity_chart_title(words, monthly),
            subtitle=narrate.subtitle("Transactions per month", *span),
            source=source,
            alt="Bars of transactions per month; months that are not complete are hatched.",
            draw="monthly_bars",
            data=(monthly, "transactions", "Transactions"),
            height_mm=30.0,
        ),
        Prose(
            (
                paragraph(
                    narrate.busiest_month(words, monthly),
                    narrate.months_note(words, monthly),
                    narrate.record_note(words, analysis.ledger),
                    narrate.comparison(words, overview),
                ),
            )
        ),
        Beside((_customers_chart(words, monthly, source, span), _value_chart(words, monthly, source, span))),
        yearly(words, overview),
        *so_what(sowhat.growth(words, overview)),
    ]
    return Section("growth", narrate.growth_title(words, overview), CHAPTER, CHAPTER, tuple(blocks))


def _customers_chart(words: Words, monthly: pd.DataFrame, source: Said, span: tuple[Number, Number]) -> Chart:
    return Chart(
        id="cumulative-customers",
        title=narrate.customers_chart_title(words, monthly),
        subtitle=narrate.subtitle("Customers so far", *span),
        source=source,
        alt="Lines of customers who have joined and who have made a first transaction, cumulated over months.",
        draw="cumulative_customers",
        data=(monthly,),
        size="half",
        height_mm=30.0,
    )


def _value_chart(words: Words, monthly: pd.DataFrame, source: Said, span: tuple[Number, Number]) -> Chart:
    money = words.mode == "money"
    return Chart(
        id="monthly-value",
        title=narrate.value_chart_title(words, monthly),
        subtitle=narrate.subtitle("Revenue per month" if money else "Coupons claimed and burned per month", *span),
        source=source,
        alt="Lines over complete months; months that are not complete are dotted.",
        draw="monthly_lines",
        data=(monthly, ("monetary",), ("Revenue",))
        if money
        else (monthly, ("transactions", "burned"), ("claimed", "burned")),
        size="half",
        height_mm=30.0,
    )


def yearly(words: Words, overview: Overview) -> Table:
    """One row per calendar year, part years marked."""
    frame = overview.yearly.copy()
    frame["label"] = [
        words.label("{year} (part)", year=str(year)) if partial else str(year)
        for year, partial in zip(frame["year"], frame["partial"], strict=True)
    ]
    columns = [
        Column("label", "Year", "name"),
        Column("days_covered", "Days covered", "count"),
        Column("transactions", "Transactions", "count"),
    ]
    columns.append(Column("new_customers", "New customers", "count"))
    if words.mode == "money":
        columns.append(Column("monetary", "Revenue", "money"))
    if overview.coupons is not None:
        columns.append(Column("burned", "Coupons burned", "count"))
    return table(words, ("years", narrate.yearly_title(words, overview)), columns, frame)


def retention(words: Words, retained: Retention, source: Said, min_group: int) -> Section:
    """Cohorts as a heat map where there are several, and the average curve."""
    period = retained.period
    heat = Chart(
        id="cohorts",
        title=narrate.cohorts_title(words, retained),
        subtitle=Said(COHORT_SUBTITLES[period]),
        source=source,
        alt="Heat map of retention by cohort and age.",
        draw="cohort_heat",
        data=(retained.rates, cohort_sizes(retained.sizes, min_group), period),
        height_mm=min(110.0, 18.0 + 5.2 * len(retained.sizes)),
    )
    curve = Chart(
        id="retention-curve",
        title=narrate.curve_title(words, retained),
        subtitle=Said(CURVE_SUBTITLES[period]),
        source=source,
        alt="Line of average retention by age.",
        draw="retention_curve",
        data=(retained.average, period),
        height_mm=32.0,
    )
    prose = Prose((narrate.retention_prose(words, retained),))
    blocks: tuple[Block, ...] = (prose, heat, curve) if len(retained.sizes) > 1 else (curve,)
    blocks += so_what(sowhat.retention(words, retained))
    title = narrate.retention_title(words, retained)
    return Section("retention", title, "Cohorts and retention", CHAPTER, blocks, breaks=False, level=2)


def concentration(words: Words, overview: Overview, source: Said) -> Section:
    """The curve of value over customers."""
    spread = overview.concentration
    assert spread is not None  # noqa: S101 - the caller asks only where it exists
    label = words.value_noun
    return Section(
        "concentration",
        narrate.concentration_title(words, spread),
        "Concentration of value",
        CHAPTER,
        (
            Prose((narrate.concentration_prose(words, spread),)),
            Chart(
                id="concentration-curve",
                title=narrate.half_title(words, spread),
                subtitle=Said(
                    words.label("Cumulated {value}, customers from the most to the least valuable", value=label)
                ),
                source=source,
                alt="Curve of cumulated value over customers.",
                draw="concentration_curve",
                data=(spread.curve, spread.half_share, spread.top_quintile_share, label),
                height_mm=30.0,
            ),
            *so_what(sowhat.concentration(words, spread)),
        ),
        breaks=False,
        level=2,
    )


def breakdown(words: Words, overview: Overview, shown: Shown, source: Said) -> Section:
    """One dimension that makes a difference: who or where, and how much."""
    group, whole = shown
    people = group.dimension in PEOPLE
    drawn = replace(group, frame=_labelled(words, group.frame))
    charts: tuple[Chart, ...] = (_bars(words, drawn, source),)
    if overview.coupons is not None and group.burning is not None:
        charts += (_burning(words, drawn, (source, overview.coupons.burn_rate)),)
    overall = overview.coupons.burn_rate if overview.coupons is not None else 0.0
    sentence = paragraph(places.activity_sentence(words, group), places.burning_sentence(words, group, overall))
    blocks: tuple[Block, ...] = (Prose((sentence,)), Beside(charts))
    if not people:
        more = max(0, len(whole) - TABLE_ROWS)
        blocks += (with_source(_group_table(words, overview, group.dimension, whole), source, more=more),)
    blocks += so_what(sowhat.breakdown(words, group))
    title, short = places.breakdown_title(words, group), places.CHAPTERS[group.dimension]
    return Section(group.dimension, title, short, CHAPTER, blocks, breaks=False, level=2)


def _bars(words: Words, group: Breakdown, source: Said) -> Chart:
    people = group.dimension in PEOPLE
    column, label = ("customers", "Customers") if people else ("transactions", "Transactions")
    one = Word(group.dimension)
    return Chart(
        id=f"{group.dimension}-bars",
        title=places.leaders_title(words, group, column),
        subtitle=Said(words.label("{label} by {one}", label=Word(label), one=one)),
        source=source,
        alt=words.label("Bars of {label} by {one}.", label=Word(label.lower()), one=one),
        draw="group_bars",
        data=(group.frame, column, label, LEADERS),
        size="half",
        height_mm=_height(len(group.frame)),
    )


def _burning(words: Words, group: Breakdown, context: tuple[Said, float]) -> Chart:
    source, overall = context
    one = Word(group.dimension)
    return Chart(
        id=f"{group.dimension}-burning",
        title=places.burning_title(words, group),
        subtitle=Said(words.label("Share of coupons burned by {one}; bar: the play of chance", one=one)),
        source=source,
        alt=words.label("Burn rate by {one} with confidence intervals.", one=one),
        draw="burn_rates",
        data=(group.frame, overall),
        size="half",
        height_mm=_height(len(group.frame)),
    )


def _height(rows: int) -> float:
    return 13.4 + 3.6 * min(max(rows, 3), DRAWN_ROWS)


def _group_table(words: Words, overview: Overview, dimension: str, frame: pd.DataFrame) -> Table:
    frame = frame.assign(name=[_group_name(str(name), dimension) for name in frame["name"]])
    columns = [
        Column("name", dimension.capitalize(), "name"),
        Column("customers", "Customers", "count"),
        Column("transactions", "Transactions", "count"),
    ]
    columns.append(Column("transactions_share", "Share of transactions", "bar"))
    if words.mode == "money":
        columns.append(Column("monetary", "Revenue", "money"))
    if overview.coupons is not None:
        columns.append(Column("burn_rate", "Burn rate", "share"))
    return table(words, (f"by-{dimension}", Said(words.label("By {one}", one=Word(dimension)))), columns, frame)


def _labelled(words: Words, frame: pd.DataFrame) -> pd.DataFrame:
    """Groups by the names that a picture shows."""
    return frame.assign(name=[words.label(places.called(name)) if name == UNKNOWN else name for name in frame["name"]])


def _group_name(name: str, dimension: str) -> Said | str:
    """A name from the data; what stands for the others or for none is a word of ours."""
    return Said(name) if name in (UNKNOWN, other_name(dimension)) else name


def coupons(words: Words, overview: Overview, span: tuple[Number, Number], context: tuple[Said, int]) -> Section:
    """Claimed, burned, and the days between."""
    source, later = context
    used: Coupons | None = overview.coupons
    assert used is not None  # noqa: S101 - the caller asks only where it exists
    blocks: list[Block] = [
        Prose((paragraph(narrate.coupons_prose(words, used), narrate.later_burns_note(words, later)),))
    ]
    charts = _coupon_charts(words, overview, span, source)
    if charts:
        blocks.append(Beside(charts) if len(charts) > 1 else charts[0])
    blocks.extend(so_what(sowhat.coupons(words, used)))
    return Section(
        "coupons", narrate.coupons_title(words, used), "Coupons", CHAPTER, tuple(blocks), breaks=False, level=2
    )


def _coupon_charts(words: Words, overview: Overview, span: tuple[Number, Number], source: Said) -> tuple[Chart, ...]:
    """Days to burn, and beside revenue also the course of claimed and burned."""
    used, charts = overview.coupons, []
    if used is not None and used.median_days is not None and used.p90_days is not None:
        charts.append(
            Chart(
                id="days-to-burn",
                title=narrate.days_title(words, used),
                subtitle=Said("Burned coupons by days from claim to burn"),
                source=source,
                alt="Histogram of days to burn.",
                draw="days_to_burn",
                data=(used.days, used.median_days, used.p90_days),
                size="half" if words.mode == "money" else "full",
                height_mm=36.0,
            )
        )
    if words.mode == "money":
        charts.append(
            Chart(
                id="monthly-burned",
                title=narrate.burned_title(words, overview.monthly),
                subtitle=Said("Transactions and burned coupons per month"),
                source=source,
                alt="Lines of transactions and burned coupons per month.",
                draw="monthly_lines",
                data=(overview.monthly, ("transactions", "burned"), ("claimed", "burned")),
                size="half",
                height_mm=36.0,
            )
        )
    return tuple(charts)
