"""What the columns say about themselves: order of dates, decimal signs, words for statuses. Each guess comes with its note."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from reporter.engine import Engine
from reporter.intake.ledger import Note
from reporter.intake.schema import fold
from reporter.intake.settings import SourceSettings, StatusSettings
from reporter.intake.told import Told, together

Meaning = Literal["burned", "subscribed", "ignored", "refund", "unknown"]
SHAPE_WORDS = {
    "ymd": "year first", "compact": "eight digits", "dotted": "day.month.year", "named": "name of the month",
    "serial": "serial number of a spreadsheet",
}  # fmt: skip
BURNED_WORDS = ("burned", "burnt", "burn", "redeemed")
SUBSCRIBED_WORDS = ("subscribed", "claimed")
NEARNESS = 0.8
MOST_STATUSES = 1000
CLEAR_MAJORITY = 10
STRAGGLER_SHARE = 0.001
FEW_STRAGGLERS = 3
FEW_SHARE = 0.05
FUTURE_GAP_DAYS = 366
PAST_GAP_DAYS = 5 * 366
NO_LATER_THAN = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Guess:
    """One decision about a column (an order or a sign) with the notes that tell of it."""

    value: str
    notes: tuple[Note, ...] = ()


def date_order(engine: Engine, table: str, column: str, place: str, settings: SourceSettings) -> Guess:
    """In which order the numeric dates of a column are written: ``dmy, mdy`` or ``ymd``.

    The order that reads the most of them; when day first and month first read them all, day first is assumed.
    """
    odd = f"SELECT 1 FROM raw_{table} WHERE {column} IS NOT NULL AND date_shape({column}) <> 'iso' LIMIT 1"
    if not engine.arrow(odd).num_rows:  # as in most sources, and asking what the dates mean takes longer
        return Guess(settings.date_order or "dmy")
    counted = engine.arrow(
        f"""
        SELECT shape, sum(n) AS n, min(cell) AS example,
            sum(CASE WHEN parse_date(cell, 'dmy') IS NOT NULL THEN n ELSE 0 END) AS day_first,
            sum(CASE WHEN parse_date(cell, 'mdy') IS NOT NULL THEN n ELSE 0 END) AS month_first
        FROM (
            SELECT {column} AS cell, date_shape({column}) AS shape, count(*) AS n
            FROM raw_{table} WHERE {column} IS NOT NULL GROUP BY {column}
        ) AS cells
        WHERE shape IS NOT NULL AND shape <> 'iso'
        GROUP BY shape ORDER BY shape
        """
    ).to_pylist()
    shapes = {row["shape"]: row for row in counted}
    numeric = shapes.pop("numeric", None)
    notes = _shape_note(shapes, place)
    if numeric is None:
        return Guess(settings.date_order or "dmy", notes)
    order = _numeric_order(numeric, place, settings.date_order)
    return Guess(order.value, notes + order.notes)


def _shape_note(shapes: Mapping[str, Mapping[str, object]], place: str) -> tuple[Note, ...]:
    if not shapes:
        return ()
    told = [
        Told(
            "“{example}” ({shape}, {n})",
            example=row["example"],
            shape=Told(SHAPE_WORDS[shape]),
            n=f"{int(str(row['n'])):,}",
        )
        for shape, row in shapes.items()
    ]
    rows = sum(int(str(row["n"])) for row in shapes.values())
    return (
        Note(
            "repair",
            place,
            Told("Dates that are text or numbers were read as dates: {examples}.", examples=together(told)),
            rows,
        ),
    )


def _numeric_order(numeric: Mapping[str, object], place: str, wanted: str | None) -> Guess:
    rows, day_first, month_first = (int(str(numeric[key])) for key in ("n", "day_first", "month_first"))
    example = numeric["example"]
    if wanted:
        return Guess(wanted)
    if day_first == month_first:
        known = Told(
            "are ambiguous" if day_first == rows else "contradict each other" if day_first else "are no days at all"
        )
        what = Told("Text dates such as “{example}” {known}: day first was assumed.", example=example, known=known)
        return Guess("dmy", (Note("assumption", place, what, rows, 'source.date_order = "mdy"'),))
    order, other, name = ("dmy", "mdy", "Day") if day_first > month_first else ("mdy", "dmy", "Month")
    what = Told(
        "{name} first: text dates such as “{example}” can be read no other way as a whole.",
        name=Told(name),
        example=example,
    )
    if min(day_first, month_first) < max(day_first, month_first) < rows:
        what = Told(
            "{name} first: most text dates such as “{example}” read so, but not all.", name=Told(name), example=example
        )
    return Guess(order, (Note("guess", place, what, rows, f'source.date_order = "{other}"'),))


def decimal_sign(engine: Engine, column: str, place: str, settings: SourceSettings) -> Guess:
    """The decimal sign of a column of ``raw_transactions``: ``.``, ``,`` or ``?`` where its cells contradict each other."""
    counted = engine.arrow(
        f"""
        SELECT shape, sum(n) AS n
        FROM (
            SELECT amount_shape({column}) AS shape, count(*) AS n
            FROM raw_transactions WHERE {column} IS NOT NULL GROUP BY {column}
        ) AS cells
        GROUP BY shape ORDER BY shape
        """
    ).to_pylist()
    shapes: dict[str | None, int] = {row["shape"]: int(row["n"]) for row in counted}
    return _sign(shapes, place) if settings.decimal is None else Guess(settings.decimal)


def _sign(shapes: Mapping[str | None, int], place: str) -> Guess:
    dots, commas = shapes.get("dot", 0), shapes.get("comma", 0)
    unsettled = shapes.get("dot3", 0) + shapes.get("comma3", 0)
    if dots and commas:
        sign = "." if dots >= CLEAR_MAJORITY * commas else "," if commas >= CLEAR_MAJORITY * dots else "?"
        rest = Told("rejected") if sign == "?" else Told("read with “{sign}” as the decimal sign", sign=sign)
        what = Told(
            "Decimal points ({dots}) and decimal commas ({commas}) both occur; cells that read both ways are {rest}.",
            dots=f"{dots:,}",
            commas=f"{commas:,}",
            rest=rest,
        )
        return Guess(sign, (Note("assumption", place, what, unsettled, 'source.decimal = "."'),))
    if commas:
        return Guess(
            ",", (Note("guess", place, Told("The comma is the decimal sign."), commas, 'source.decimal = "."'),)
        )
    if unsettled and not dots:
        what = Told(
            "Cells such as {comma} and {point} read both ways, and no cell settles it: the point was taken as the decimal sign.",
            comma="1,234",
            point="1.234",
        )
        return Guess(".", (Note("assumption", place, what, unsettled, 'source.decimal = ","'),))
    return Guess(".")


@dataclass(frozen=True, slots=True)
class Statuses:
    """The words of the status column: what each means, and whether they are words for coupons at all."""

    meanings: tuple[tuple[str, Meaning], ...]
    are_coupons: bool
    notes: tuple[Note, ...]


def statuses(engine: Engine, place: str, settings: StatusSettings) -> Statuses:
    """Read the words of the status column: case, padding and near spellings are folded, the settings win."""
    counted = engine.arrow(
        f"""
        SELECT transaction_status AS status, count(*) AS n FROM raw_transactions
        WHERE transaction_status IS NOT NULL GROUP BY transaction_status ORDER BY n DESC, status LIMIT {MOST_STATUSES}
        """
    ).to_pylist()
    rows = {row["status"]: int(row["n"]) for row in counted}
    meanings = {status: _meaning(status, settings) for status in rows}
    notes = [*_folded_notes(rows, meanings, place), *_idle_settings(meanings, settings)]
    are_coupons = bool({"burned", "subscribed"} & set(meanings.values()))
    if not are_coupons:
        notes += _plain_status_note(rows, meanings, place)
    return Statuses(tuple(meanings.items()), are_coupons, tuple(notes))


def _meaning(status: str, settings: StatusSettings) -> Meaning:
    word = fold(status)
    if word in map(fold, settings.ignore):
        return "ignored"
    if word in map(fold, settings.refund):
        return "refund"
    if word.startswith(("un", "not", "non")):
        return "unknown"
    near = difflib.get_close_matches(word, BURNED_WORDS + SUBSCRIBED_WORDS, 1, NEARNESS)
    if not near:
        return "unknown"
    return "burned" if near[0] in BURNED_WORDS else "subscribed"


def _folded_notes(rows: Mapping[str, int], meanings: Mapping[str, Meaning], place: str) -> list[Note]:
    odd = [status for status, meaning in meanings.items() if meaning in ("burned", "subscribed") and status != meaning]
    if not odd:
        return []
    told = together(
        [Told("“{status}” as {meaning}", status=status, meaning=Told(meanings[status])) for status in odd[:10]]
    )
    return [
        Note(
            "repair",
            place,
            Told("Statuses were read by their likeness: {told}.", told=told),
            sum(rows[status] for status in odd),
        )
    ]


def _idle_settings(meanings: Mapping[str, Meaning], settings: StatusSettings) -> list[Note]:
    there = {fold(status) for status in meanings}
    named = (("ignore", settings.ignore), ("refund", settings.refund))
    return [
        Note("ignored", f"source.status.{key}", Told("The status “{word}” does not occur.", word=word))
        for key, words in named
        for word in words
        if fold(word) not in there
    ]


def _plain_status_note(rows: Mapping[str, int], meanings: Mapping[str, Meaning], place: str) -> list[Note]:
    sales = [status for status, meaning in meanings.items() if meaning == "unknown"]
    if len(sales) < 1:
        return []
    told = ", ".join(f"“{status}” ({rows[status]:,})" for status in sales[:10])
    what = Told("All statuses count as sales: {told}.", told=told)
    return [
        Note(
            "assumption", place, what, sum(rows[status] for status in sales), f'source.status.ignore = ["{sales[-1]}"]'
        )
    ]


@dataclass(frozen=True, slots=True)
class Horizon:
    """The span in which events are believed: nothing on or after `as_of` has happened yet."""

    as_of: date
    first_plausible: date
    last_plausible: date


def horizon(events: Sequence[tuple[date, int]], as_of: date | None) -> Horizon:
    """Set the as-of date: as the user said, else the day after the latest event that can be believed.

    A few events (0.1 % of all, or up to three where that is at most 5 %) that lie more than a year after all others are not
    believed, nor is anything from the year 2100 on: one wrong date must not become today. Likewise, a few events that lie
    more than five years before all others are told.

    Parameters
    ----------
    events : sequence of (day, number of events)
        Sorted by day, not empty.
    """
    if as_of is not None:
        events = [(day, count) for day, count in events if day < as_of] or events
    days = [(day, count) for day, count in events if day < NO_LATER_THAN] or list(events)
    total = sum(count for _, count in days)
    allowed = max(STRAGGLER_SHARE * total, min(FEW_STRAGGLERS, FEW_SHARE * total))
    first = _beyond_gap(days, allowed, PAST_GAP_DAYS)
    if as_of is not None:
        return Horizon(as_of, first, date.max)
    last = _beyond_gap(days[::-1], allowed, FUTURE_GAP_DAYS)
    return Horizon(last + timedelta(days=1), first, last)


def _beyond_gap(days: Sequence[tuple[date, int]], allowed: float, gap_days: int) -> date:
    """Walk from one end inwards; the day behind the last gap that cuts off no more than the allowed number of events."""
    believed, seen = days[0][0], 0
    for (day, count), (following, _) in itertools.pairwise(days):
        seen += count
        if seen > allowed:
            break
        if abs((following - day).days) > gap_days:
            believed = following
    return believed
