"""Across runs: what the reports of one series said, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reporter.analysis.past import Kept, Past, Point
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Word, Words, brief, paragraph, say, verb

NOTABLE = 0.05
"""A smaller change of active customers leads to no other decision."""
POINTS = 0.02
"""A segment's share of customers has moved when it moved by more."""
REJECTED = 0.01
"""Rejected rows above this share deserve a look when they have doubled."""
VERDICTS: Mapping[str, str] = MappingProxyType(
    {"real": "they exist", "weak": "weak ones at best", "none": "there are none"}
)
"""On natural groups, in a sentence."""
MARKS: Mapping[str, str] = MappingProxyType({"real": "real", "weak": "weak", "none": "none"})
"""The same in a table."""


def title(words: Words, past: Past) -> Said:
    """How active customers went from the first report to this one; where their windows differ, how many customers there are."""
    first, last = past.points[0], past.points[-1]
    if first.window_days != last.window_days or first.window_days is None:
        return say(
            "{before} were scored as of {day}, {now} are today",
            before=words.things(first.customers, "customer", "customers_before"),
            day=words.day(first.as_of, "first_as_of"),
            now=words.count(last.customers, "customers_now"),
        )
    before, now = words.count(first.active, "active_before"), words.count(last.active, "active_now")
    runs, day = words.things(len(past.points), "report", "runs"), words.day(first.as_of, "first_as_of")
    if first.active == last.active:
        return say("Over {runs} since {day}, active customers held at {now}", runs=runs, day=day, now=now)
    return say(
        "Over {runs} since {day}, active customers {moved} from {before} to {now}",
        runs=runs,
        day=day,
        moved=Word("rose" if last.active > first.active else "fell"),
        before=before,
        now=now,
    )


def lede(words: Words, past: Past) -> Said:
    """What is compared, and what follows from its being reports: what came in late is not in the earlier ones."""
    first, last = past.points[0], past.points[-1]
    sentences = (_value(words, first, last), _largest(words, first, last), _kept(words, past.kept))
    return paragraph(*sentences)


def basis(words: Words) -> Said:
    """How to read the numbers of this section."""
    return Said(
        "Each row is what a report said on its day, with the data of its day: what came in later or was corrected since is not in it."
    )


def _value(words: Words, first: Point, last: Point) -> Said:
    """Revenue or burned coupons of the window before each report."""
    if first.window_days != last.window_days or last.window_days is None:
        return SILENT
    values: dict[str, Number | Said | str] = {
        "noun": Word("Revenue" if words.mode == "money" else "The number of burned coupons"),
        "window": words.days(last.window_days, "window_days"),
        "now": words.value_bare(last.monetary, "monetary_now"),
    }
    if round(first.monetary) == round(last.monetary):
        return say("{noun} of the latest {window} is what it was then: {now}.", **values)
    return say(
        "{noun} of the latest {window} {moved} from {before} to {now}.",
        **values,
        moved=Word("rose" if last.monetary > first.monetary else "fell"),
        before=words.value_bare(first.monetary, "monetary_before"),
    )


def _largest(words: Words, first: Point, last: Point) -> Said:
    """The segment whose share of customers has moved most."""
    name = largest_move(first, last)
    if not name:
        return SILENT
    before, now = first.share(name), last.share(name)
    return say(
        "{segment} {moved} most: from {before} to {now} of customers.",
        segment=Word(brief(name)),
        moved=Word("grew" if now > before else "shrank"),
        before=words.share(before, "share_before"),
        now=words.share(now, "share_now"),
    )


def largest_move(first: Point, last: Point) -> str:
    """The segment whose share has moved most; empty where none has notably, or the grids differ."""
    if first.grid != last.grid:
        return ""
    names = dict.fromkeys(size.name for point in (last, first) for size in point.segments)
    moves = {name: last.share(name) - first.share(name) for name in names}
    name = max(moves, key=lambda each: (abs(moves[each]), each), default="")
    return name if name and abs(moves[name]) >= POINTS else ""


def _kept(words: Words, kept: Kept | None) -> Said:
    if kept is None or not kept.customers:
        return SILENT
    return say(
        "Of {n} scored then and on {day}, {share} are in the same segment.",
        n=words.things(kept.customers, "customer", "kept_customers"),
        day=words.day(kept.since, "kept_since"),
        share=words.share(kept.same / kept.customers, "kept_share"),
    )


def verdicts(words: Words, past: Past) -> Said:
    """Whether the verdict on natural groups has changed."""
    told = [point.verdict for point in past.points]
    n = words.things(len(told), "report", "runs")
    if len(set(told)) == 1:
        return say("All {n} agree on natural groups: {verdict}.", n=n, verdict=Word(VERDICTS[told[0]]))
    same = sum(each == told[-1] for each in told)
    return say(
        "On natural groups the reports differ: {same} of {n} {say} what this one says ({verdict}), so do not build on them yet.",
        verdict=Word(VERDICTS[told[-1]]),
        say=verb(same, "says", "say"),
        same=words.count(same, "runs_with_verdict"),
        n=n,
    )


def other_grids(words: Words, others: int) -> Said:
    """Caution: some reports named segments by another grid."""
    if not others:
        return SILENT
    return say(
        "{n} named segments by another grid; their shares are left out.",
        n=words.things(others, "earlier report", "runs_other_grid"),
    )


def so_what(words: Words, past: Past) -> Said:
    """Trust the data first; then growth or loss."""
    first, last, previous = past.points[0], past.points[-1], past.points[-2]
    if last.rejected_share >= REJECTED and last.rejected_share > 2 * previous.rejected_share:
        return say(
            "{now} of the rows were rejected, {before} in the report before: mend that first, for it may be what moves the other figures.",
            now=words.share(last.rejected_share, "rejected_now"),
            before=words.share(previous.rejected_share, "rejected_before"),
        )
    if first.window_days != last.window_days or not first.active:
        return Said("Wait for more reports with the same look back before reading a trend into these.")
    change = last.active / first.active - 1
    if change <= -NOTABLE:
        return Said("Fewer customers are active than at the start: win back those at risk before paying for new ones.")
    if change >= NOTABLE:
        return Said("More customers are active than at the start: keep doing what was done, and hold back a control group to learn what it was.")  # fmt: skip
    return Said("No clear trend from the first report to this one: nothing here asks for another plan.")


def table_title(words: Words, past: Past) -> Said:
    """How many reports are compared."""
    return say(
        "{n} of this series stand side by side, oldest first", n=words.things(len(past.points), "report", "runs")
    )


def chart_title(words: Words, first: Point, last: Point) -> Said:
    """The largest move, or that there is none."""
    name = largest_move(first, last)
    if not name:
        return Said("All segments have about the share of customers that they had")
    return say(
        "{segment} went from {before} of customers to {now}",
        segment=Word(brief(name)),
        before=words.share(first.share(name), "share_before"),
        now=words.share(last.share(name), "share_now"),
    )


def chart_subtitle(words: Words, first: Number, last: Number) -> Said:
    """Who, what and when."""
    return say("Share of scored customers by as-of date of the report, {first} to {last}", first=first, last=last)


def source(words: Words, past: Past) -> Said:
    """Where the figures come from."""
    return say(
        "Source: earlier reports in the output folder and this one; n = {n} today.",
        n=words.count(past.points[-1].customers, "n"),
    )
