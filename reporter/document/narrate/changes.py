"""What the chapter on changes says: who moved between the segments, what is at stake, and how the segments grew or shrank."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.replay import NEWCOMER, VALUE_MONTHS, Movement
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.moves import Moves
from reporter.document.words import Word, Words, brief, join, paragraph, say
from reporter.intake.ledger import Ledger

AGO: Mapping[str, str] = MappingProxyType({"month": "a month ago", "quarter": "a quarter ago", "year": "a year ago"})
WITHIN: Mapping[str, str] = MappingProxyType({"month": "a month", "quarter": "a quarter", "year": "a year"})
LONGEST_NAME = 20
NOTABLE = 0.1
"""A smaller change of a segment's size is no news."""
MANY = 0.02
"""Share of the customers known then that a slide must have to be a finding of the first page."""


def title(words: Words, moves: Moves) -> Said:
    """The slide with most at stake; where nobody slipped, the best rise; where nobody rose, any other move."""
    if len(moves.slips):
        return _move(words, moves.slips.iloc[0], SLIPPED)
    if len(moves.rises):
        return _move(words, moves.rises.iloc[0], ROSE)
    return _move(words, moves.others.iloc[0], MOVED)


SLIPPED = ("{n} slipped from {start} to {end}: {value} of last year’s {noun}", "{n} slipped from {start} to {end}")
ROSE = ("{n} rose from {start} to {end}: {value} of last year’s {noun}", "{n} rose from {start} to {end}")
MOVED = ("{n} moved from {start} to {end}: {value} of last year’s {noun}", "{n} moved from {start} to {end}")
"""With what they brought in the year before, and where that is nothing."""


def _move(words: Words, flow: pd.Series, templates: tuple[str, str]) -> Said:
    given: dict[str, Number | Said | str] = {
        "n": words.things(int(flow["customers"]), "customer", "moved"),
        "start": brief(Word(flow["from_segment"]), LONGEST_NAME),
        "end": brief(Word(flow["to_segment"]), LONGEST_NAME),
    }
    if round(float(flow["value"])) <= 0:
        return say(templates[1], **given)
    return say(templates[0], **given, value=words.value_bare(float(flow["value"]), "at_stake"), noun=words.value_noun)


def lede(words: Words, moves: Moves, as_of: Number, least: int) -> Said:
    """What is compared, and what is at stake means."""
    day = words.day(moves.movement.day, "earlier_date")
    return paragraph(
        say(
            "The segments of {as_of} are set against those of {day}, {ago}, as that day’s figures alone would have named them.",
            as_of=as_of,
            day=day,
            ago=Word(AGO[moves.movement.period]),
        ),
        say(
            "At stake is what a customer brought in the {months} before {day}; whoever had not bought by then is new.",
            months=words.things(VALUE_MONTHS, "month", "value_months"),
            day=day,
        ),
        few(words, moves, least),
    )


def silence(words: Words, ledger: Ledger) -> Said:
    """That the record of transactions ended before the as-of date, where it did."""
    if ledger.recorded_until == ledger.as_of:
        return SILENT
    return say(
        "No transaction is recorded after {last}: whoever moved since then did so by burning coupons, or because time went by.",
        last=words.day(ledger.last_day, "last_day"),
    )


def few(words: Words, moves: Moves, least: int) -> Said:
    """That small moves are left out, where there are any, and what is told of those that would tell them."""
    if not moves.hidden:
        return SILENT
    smallest = words.things(least, "customer", "min_group")
    highest = int(moves.bounds.to_numpy().max())
    if not highest:
        return say("Moves of fewer than {least}, and what would tell of them, are not shown.", least=smallest)
    return say(
        "Moves of fewer than {least} are not shown; a number that would tell of them is given as “at least” ({example}), or not at all.",
        least=smallest,
        example=words.at_least(highest),
    )


def relative(words: Words) -> Said:
    """How a name can change without the customer."""
    return Said(
        "A segment is a place among all customers of its day: somebody can also slip because others came back, or rise because they fell silent."
    )


def at_stake(words: Words, flows: pd.DataFrame) -> Said:
    """What the customers of some moves brought, under a tile."""
    if flows.empty:
        return SILENT
    return say(
        "{value} of last year’s {noun}",
        value=words.value_bare(float(flows["value"].sum()), "at_stake"),
        noun=words.value_noun,
    )


def brought(words: Words, moves: Moves) -> Said:
    """What the new ones brought since, under a tile."""
    if not moves.new:
        return SILENT
    flows = moves.movement.flows
    value = float(flows.loc[flows["from_segment"] == NEWCOMER, "value"].sum())
    return say("{value} since then", value=words.value(value, "brought_since"))


def on(words: Words, moves: Moves) -> Said:
    """The earlier date, under a tile."""
    return say("with a transaction before {day}", day=words.day(moves.movement.day, "earlier_date"))


def picture_title(words: Words, moves: Moves) -> Said:
    """How many of those known then are where they were; at least so many, where a number is hidden; how many ways are told, where most are."""
    drawn = moves.drawn[moves.drawn["from_segment"] != NEWCOMER]
    told, stayed = (
        int(part["customers"].sum()) for part in (drawn, drawn[drawn["from_segment"] == drawn["to_segment"]])
    )
    known = int(moves.movement.before["customers"].sum())
    given = {
        "known": words.things(known, "customer", "known_then"),
        "day": words.day(moves.movement.day, "earlier_date"),
    }
    if told < MOST * known:
        return say("Of {known} the way of {told} since {day} can be shown", told=words.count(told, "told"), **given)
    return say(
        "At least {stayed} of {known} are where they were on {day}"
        if moves.hidden
        else "{stayed} of {known} are where they were on {day}",
        stayed=words.count(stayed, "stayed"),
        **given,
    )


def picture_subtitle(words: Words) -> Said:
    """What heights, colours and figures mean."""
    return say(
        "Height: customers; colour: the segment they came from; beside each name customers and {value} of the {months} before",
        value=words.value_noun,
        months=words.things(VALUE_MONTHS, "month", "value_months"),
    )


def matrix_title(words: Words, movement: Movement) -> Said:
    """From where (rows) to where (columns)."""
    return say(
        "From the segments of {day} (rows) to those of today (columns)", day=words.day(movement.day, "earlier_date")
    )


def matrix_source(words: Words, moves: Moves, least: int) -> Said:
    """What a dash and a plus mean, where there are any."""
    if not moves.hidden:
        return SILENT
    smallest = words.things(least, "customer", "min_group")
    if not moves.bounds.to_numpy().any():
        return say("Dash: fewer than {least}, or what would tell them", least=smallest)
    return say("Dash: fewer than {least}, or what would tell them; plus: at least so many", least=smallest)


def moves_title(words: Words, moves: Moves) -> Said:
    """How many different moves the table lists."""
    count = len(moves.slips) + len(moves.rises) + len(moves.others)
    return say("{n} between segments, most at stake first", n=words.things(count, "move", "moves"))


def figures_title(words: Words, every: tuple[Moves, ...]) -> Said:
    """How many slipped and rose since the earliest date of which that can be told; at least so many, where small moves are hidden."""
    told = [moves for moves in every if len(moves.slips) or len(moves.rises)]
    if not told:
        return say("{n} are set against today", n=words.things(len(every), "earlier date", "earlier_dates"))
    longest = min(told, key=lambda moves: moves.movement.day)
    down, up = (int(flows["customers"].sum()) for flows in (longest.slips, longest.rises))
    period = Word(WITHIN[longest.movement.period])
    if longest.hidden and not (down and up):  # what is hidden may have gone the other way
        return say(
            "At least {n} slipped within {period}" if down else "At least {n} rose within {period}",
            n=words.things(down or up, "customer", "slipped" if down else "rose"),
            period=period,
        )
    return say(
        "At least {down} slipped and {up} rose within {period}"
        if longest.hidden
        else "{down} slipped and {up} rose within {period}",
        down=words.things(down, "customer", "slipped"),
        up=words.count(up, "rose"),
        period=period,
    )


def also(words: Words, movement: Movement) -> Said:
    """The line under which the matrix of another date is folded."""
    return say(
        "The same since {day}, {ago}", day=words.day(movement.day, "earlier_date"), ago=Word(AGO[movement.period])
    )


def periods_title(words: Words, movements: tuple[Movement, ...]) -> Said:
    """How many earlier dates are compared."""
    return say("Today against {n}", n=words.things(len(movements), "earlier date", "earlier_dates"))


def ago(movement: Movement) -> Said:
    """The period in words, for a table."""
    return Said(AGO[movement.period])


def what_follows(words: Words, moves: Moves) -> Said:
    """Whether more is slipping than rising, and with whom to begin."""
    down, up = (float(flows["value"].sum()) for flows in (moves.slips, moves.rises))
    if not len(moves.slips):
        return SILENT
    worst = moves.slips.iloc[0]
    start = say(
        "begin with the {n} who went from {start} to {end}; audiences/movers.csv names them."
        if words.has_lists
        else "begin with the {n} who went from {start} to {end}.",
        n=words.count(int(worst["customers"]), "moved"),
        start=Word(worst["from_segment"]),
        end=Word(worst["to_segment"]),
    )
    if moves.told_share < MOST:
        return say("The largest slide comes first: {start}", start=start)
    even = max(down, up) <= 0 or abs(down - up) < NOTABLE * max(down, up)
    return say(
        BALANCE[0 if even else 1 if up > down else -1],
        down=words.value(down, "slipping"),
        up=words.value_bare(up, "rising"),
        start=start,
    )


MOST = 0.75
"""Share of the customers known then whose way must be shown, before those who stayed are counted, and slides and rises are weighed against each other."""
BALANCE: Mapping[int, str] = MappingProxyType(
    {
        -1: "More is slipping than rising ({down} at stake against {up}): {start}",
        0: "As much is slipping as rising ({down} at stake, and {up}): {start}",
        1: "More is rising than slipping, but {down} are at stake (against {up}): {start}",
    }
)
"""By the direction in which more money goes."""


def still_title(words: Words, least: int) -> Said:
    """Nothing moved."""
    return say(
        "No move between segments has the {least} it takes to be told",
        least=words.things(least, "customer", "min_group"),
    )


def too_short_title(words: Words, analysis: Analysis) -> Said:
    """That there is no earlier date to compare with."""
    return say(
        "What changed cannot be told yet: it takes {months} of history before an earlier date",
        months=words.things(analysis.settings.replay.history_months, "month", "history_months"),
    )


def too_short(words: Words, analysis: Analysis) -> Said:
    """What an earlier date needs."""
    return say(
        "The record begins on {first}. By an earlier date {customers} must have bought, too. Asked for: {periods}.",
        first=words.day(analysis.ledger.first_day, "first_day"),
        customers=words.things(analysis.settings.min_group, "customer", "min_group"),
        periods=join([Said(AGO[period]) for period in analysis.settings.replay.periods]),
    )


def courses_title(words: Words, trend: pd.DataFrame) -> Said:
    """The segment whose size changed most, or that all kept theirs."""
    first, last = _ends(trend, "customers")
    change = last - first
    name = str((change.abs() + 0.0).idxmax())
    months = words.things(trend["day"].nunique() - 1, "month", "trend_months")
    if abs(change[name]) < NOTABLE * max(first[name], 1):
        return say("The segments kept their sizes over {months}", months=months)
    return say(
        "{name} {grew} most in {months}: from {first} to {last}",
        name=brief(Word(name), LONGEST_NAME),
        grew=Word("grew" if change[name] > 0 else "shrank"),
        months=months,
        first=words.count(first[name], "customers_first"),
        last=words.things(int(last[name]), "customer", "customers_last"),
    )


def courses_caption(words: Words, trend: pd.DataFrame) -> Said:
    """How many segments grew and shrank."""
    first, last = _ends(trend, "customers")
    return say(
        "{up} of {all} have more customers than on {day}, {down} fewer",
        up=words.count(int((last > first).sum()), "grew"),
        all=words.things(len(first), "segment", "segments"),
        day=words.day(trend["day"].min(), "first_date"),
        down=words.count(int((last < first).sum()), "shrank"),
    )


def worth_title(words: Words, trend: pd.DataFrame) -> Said:
    """The segment whose value changed most."""
    first, last = _ends(trend, "value")
    change = last - first
    name = str(change.abs().idxmax())
    return say(
        "{name}: {value} of the {months} before each date went from {first} to {last}",
        name=brief(Word(name), LONGEST_NAME),
        value=words.value_noun,
        first=words.value_bare(float(first[name]), "value_first"),
        last=words.value_bare(float(last[name]), "value_last"),
        months=words.things(VALUE_MONTHS, "month", "value_months"),
    )


def _ends(trend: pd.DataFrame, column: str) -> tuple[pd.Series, pd.Series]:
    days = sorted(trend["day"].unique())
    first, last = (trend[trend["day"] == day].set_index("segment")[column] for day in (days[0], days[-1]))
    return first, last


def courses_subtitle(words: Words) -> Said:
    """How to read the small pictures of sizes."""
    return Said("Customers of each segment at monthly dates, every picture from zero to its own highest value")


def worth_subtitle(words: Words) -> Said:
    """How to read the small pictures of values."""
    return say(
        "What the customers of each segment had brought in the {months} before the date ({value})",
        months=words.things(VALUE_MONTHS, "month", "value_months"),
        value=words.currency or words.value_noun,
    )


def finding(words: Words, moves: Moves, least: int) -> tuple[Said, Said] | None:
    """The slide with most at stake as a finding of the first page, where it has `least` customers and a notable share of all."""
    if not len(moves.slips):
        return None
    worst, known = moves.slips.iloc[0], int(moves.movement.before["customers"].sum())
    if worst["customers"] < max(least, MANY * known):
        return None
    since = say("Since {day}", day=words.day(moves.movement.day, "earlier_date"))
    return since, say("{title}.", title=_move(words, worst, SLIPPED))


def before(words: Words, name: str, moves: Moves | None) -> Said:
    """What a segment was on the earlier date, and from where most of its newer customers came."""
    if moves is None:
        return SILENT
    sizes = moves.movement.before.set_index("segment")["customers"]
    came = moves.shown[(moves.shown["to_segment"] == name) & (moves.shown["from_segment"] != name)]
    opening = say(
        "{ago} the segment had {n}",
        ago=Word(AGO[moves.movement.period].capitalize()),
        n=words.things(int(sizes[name]), "customer", "customers_before"),
    )
    if came.empty:
        return say("{opening}.", opening=opening)
    top = came.sort_values(["customers", "from_segment"], ascending=[False, True], kind="stable").iloc[0]
    count = int(top["customers"])
    if top["from_segment"] == NEWCOMER:
        return say(
            "{opening}; of today’s, {count} had not bought yet.", opening=opening, count=words.count(count, "newcomers")
        )
    return say(
        "{opening}; of today’s, {count} came from {start}.",
        opening=opening,
        count=words.count(count, "came"),
        start=Word(top["from_segment"]),
    )
