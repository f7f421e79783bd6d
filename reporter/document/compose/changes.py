"""Section "What changed": movement between the segments since an earlier date, and the course of each of them."""

from __future__ import annotations

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.replay import NEWCOMER, Replay
from reporter.document.blocks import Block, Chart, Column, Details, Prose, Said, Section, Stat, Stats, Table
from reporter.document.compose.conclude import so_what
from reporter.document.compose.tables import table, with_source
from reporter.document.moves import Moves
from reporter.document.narrate import changes as narrate
from reporter.document.narrate import customers as say_customers
from reporter.document.words import Words, paragraph

CHAPTER = "What changed"
LISTED = 8
"""Moves that the page lists; the workbook has all."""
POINTS = 3
"""Dates that make a course."""


def changes(
    words: Words, analysis: Analysis, palette: dict[str, int], moves: tuple[Moves, ...], min_group: int
) -> tuple[Section, ...]:
    """Who moved and what is at stake, then the courses; a line where nothing can be told; nothing where no comparison is asked for."""
    if not analysis.settings.replay.periods:
        return ()
    if analysis.replay is None:
        said = narrate.too_short(words, analysis)
        return (_line(narrate.too_short_title(words, analysis), said),)
    told = moves[0]
    if not (len(told.slips) or len(told.rises) or len(told.others)):
        return (_line(narrate.still_title(words, min_group), narrate.relative(words)),)
    found = [
        _movement(words, analysis, moves[0], (palette, min_group), analysis.replay.trend),
        _tables(words, moves, palette, min_group),
    ]
    if analysis.replay.trend["day"].nunique() >= POINTS:
        found.append(_courses(words, analysis, analysis.replay, palette))
    return tuple(found)


def _line(title: Said, said: Said) -> Section:
    return Section("changes", title, CHAPTER, CHAPTER, (Prose((said,)),))


def _source(words: Words, analysis: Analysis) -> Said:
    return say_customers.customers_source(words, analysis.overview, words.day(analysis.ledger.as_of, "as_of"))


def _movement(
    words: Words, analysis: Analysis, moves: Moves, context: tuple[dict[str, int], int], trend: pd.DataFrame
) -> Section:
    palette, min_group = context
    lede = narrate.lede(words, moves, words.day(analysis.ledger.as_of, "as_of"), min_group)
    return Section(
        "changes",
        narrate.title(words, moves),
        CHAPTER,
        CHAPTER,
        (
            Prose((paragraph(lede, narrate.silence(words, analysis.ledger)),)),
            Stats(_tiles(words, moves)),
            _picture(words, analysis, moves, palette, trend),
            Prose((narrate.relative(words),), kind="note"),
            *so_what(narrate.what_follows(words, moves)),
        ),
    )


def _tiles(words: Words, moves: Moves) -> tuple[Stat, ...]:
    """Who slipped, who rose, who is new, and how many were known then."""

    def figure(count: int, name: str) -> Said:
        number = words.count(count, name)
        return Said(number.text, (number,))

    slips, rises = moves.slips, moves.rises
    labels = ("Slipped, at least", "Rose, at least") if moves.hidden else ("Slipped", "Rose")
    return (
        Stat(labels[0], figure(int(slips["customers"].sum()), "slipped"), narrate.at_stake(words, slips)),
        Stat(labels[1], figure(int(rises["customers"].sum()), "rose"), narrate.at_stake(words, rises)),
        Stat("New customers", figure(moves.new, "new"), narrate.brought(words, moves)),
        Stat(
            "Known then", figure(int(moves.movement.before["customers"].sum()), "known_then"), narrate.on(words, moves)
        ),
    )


def _picture(words: Words, analysis: Analysis, moves: Moves, palette: dict[str, int], trend: pd.DataFrame) -> Chart:
    today = trend[trend["day"] == trend["day"].max()]
    new = pd.DataFrame({"segment": [NEWCOMER], "customers": [moves.new], "value": [float("nan")]})
    columns = ["segment", "customers", "value"]
    then = pd.concat([moves.movement.before[columns], new], ignore_index=True)
    days = (words.day(moves.movement.day).text, words.day(analysis.ledger.as_of).text)
    return Chart(
        id="movement",
        title=narrate.picture_title(words, moves),
        subtitle=narrate.picture_subtitle(words),
        source=_source(words, analysis),
        alt="Bands that lead from the segments of the earlier date to those of today.",
        draw="movement",
        data=(moves.drawn, then, today[columns].reset_index(drop=True), days, palette),
        height_mm=112.0,
    )


def _tables(words: Words, every: tuple[Moves, ...], palette: dict[str, int], min_group: int) -> Section:
    told, *earlier = every
    folded: tuple[Block, ...] = tuple(
        Details(narrate.also(words, moves.movement), (_matrix(words, moves, palette, min_group),), on_paper=False)
        for moves in earlier
    )
    return Section(
        "movement",
        narrate.figures_title(words, every),
        "Movement in figures",
        CHAPTER,
        (
            _periods(words, every),
            _matrix(words, told, palette, min_group),
            _moves(words, told, palette),
            *folded,
        ),
        level=2,
    )


def _periods(words: Words, every: tuple[Moves, ...]) -> Table:
    rows = [
        {
            "period": narrate.ago(moves.movement),
            "day": moves.movement.day,
            "known": int(moves.movement.before["customers"].sum()),
            "new": moves.new,
            "slipped": int(moves.slips["customers"].sum()),
            "slipping": float(moves.slips["value"].sum()),
            "rose": int(moves.rises["customers"].sum()),
            "rising": float(moves.rises["value"].sum()),
        }
        for moves in every
    ]
    columns = [
        Column("period", "Compared with", "name"),
        Column("day", "Date", "date"),
        Column("known", "Known then", "count"),
        Column("new", "New since", "count"),
        Column("slipped", "Slipped", "count"),
        Column("slipping", "At stake", "money"),
        Column("rose", "Rose", "count"),
        Column("rising", "Their value", "money"),
    ]
    title = narrate.periods_title(words, tuple(moves.movement for moves in every))
    return table(words, ("movement-periods", title), columns, pd.DataFrame(rows))


def _matrix(words: Words, moves: Moves, palette: dict[str, int], min_group: int) -> Table:
    names = [str(name) for name in moves.matrix.columns]
    columns = [Column("segment", "From", "name"), *(Column(f"to {name}", name, "count") for name in names)]
    told = moves.matrix.astype("object")
    told = told.where(moves.bounds == 0, moves.bounds.map(lambda count: words.at_least(count).text))
    frame = told.set_axis([f"to {name}" for name in names], axis="columns").reset_index(drop=True)
    frame = frame.assign(segment=[Said(str(name)) for name in moves.matrix.index])
    made = table(
        words,
        (f"movement-{moves.movement.period}", narrate.matrix_title(words, moves.movement)),
        columns,
        frame,
        palette,
    )
    return with_source(made, narrate.matrix_source(words, moves, min_group))


def _moves(words: Words, moves: Moves, palette: dict[str, int]) -> Table:
    listed = pd.concat([moves.slips, moves.rises, moves.others], ignore_index=True)
    listed = listed.sort_values(["value", "from_segment", "to_segment"], ascending=[False, True, True], kind="stable")
    frame = listed.assign(
        **{column: [Said(str(name)) for name in listed[column]] for column in ("from_segment", "to_segment")}
    )
    columns = [
        Column("from_segment", "From", "name"),
        Column("to_segment", "To", "text"),
        Column("customers", "Customers", "count"),
        Column("value", "At stake", "money"),
    ]
    made = table(words, ("moves", narrate.moves_title(words, moves)), columns, frame, palette)
    return with_source(made, more=max(0, len(listed) - LISTED))


def _courses(words: Words, analysis: Analysis, replayed: Replay, palette: dict[str, int]) -> Section:
    source, trend = _source(words, analysis), replayed.trend
    found = trend.loc[trend["customers"] > 0, "segment"].unique()
    trend = trend[trend["segment"].isin(found)].reset_index(drop=True)
    title = narrate.courses_title(words, trend)

    def chart(column: str, heading: Said, subtitle: Said) -> Chart:
        rows = -(-trend["segment"].nunique() // 4)
        return Chart(
            id=f"segment-courses-{column}",
            title=heading,
            subtitle=subtitle,
            source=source,
            alt="Small lines, one for each segment, at monthly dates.",
            draw="segment_courses",
            data=(trend, column, palette),
            height_mm=6.0 + 25.0 * rows,
        )

    return Section(
        "courses",
        title,
        "The course of the segments",
        CHAPTER,
        (
            chart("customers", narrate.courses_caption(words, trend), narrate.courses_subtitle(words)),
            chart("value", narrate.worth_title(words, trend), narrate.worth_subtitle(words)),
        ),
        level=2,
    )
