"""What the first page says: the finding, what it is worth, what to do, how sure we are."""

from __future__ import annotations

from reporter.analysis.analyse import Analysis
from reporter.analysis.explore import Overview
from reporter.analysis.segments import Segment
from reporter.analysis.uplift import Measured
from reporter.document.blocks import SILENT, Said
from reporter.document.moves import Moves
from reporter.document.narrate import changes, customers, groups, measured, outlook, scope
from reporter.document.playbook import Playbook
from reporter.document.words import Word, Words, join, say, verb
from reporter.intake.ledger import Ledger

Finding = tuple[Said, Said]
"""A bold lead and the sentence behind it."""


def headline(words: Words, analysis: Analysis, playbook: Playbook) -> Said:
    """The most important sentence of the report."""
    if few(analysis):
        return customers.span_title(words, analysis.overview)
    segments = analysis.segments
    keep = _of_role(segments, playbook, "keep")
    rescue = _of_role(segments, playbook, "rescue")
    if not keep:
        return customers.growth_title(words, analysis.overview)
    best = say(
        "{share} of customers bring {value_share} of {value}",
        share=words.share(sum(segment.share for segment in keep), "keep_share"),
        value_share=words.share(sum(segment.monetary_share for segment in keep), "keep_monetary_share"),
        value=words.value_noun,
    )
    if not rescue:
        return best
    n = _customers(rescue)
    return say(
        "{best}; {n} {other} who brought {lost} {are} slipping away",
        best=best,
        n=words.count(n, "rescue_customers"),
        other=verb(n, "other", "others"),
        lost=words.share(sum(segment.monetary_share for segment in rescue), "rescue_monetary_share"),
        are=verb(n, "is", "are"),
    )


def few(analysis: Analysis) -> bool:
    """Whether there are too few customers for shares and comparisons to mean anything."""
    return analysis.overview.scored < analysis.settings.min_group


def few_note(words: Words, analysis: Analysis) -> Said:
    """What so few customers cannot tell."""
    return say(
        "With {n} every share below rests on very few people. At least {needed} are needed for findings, comparisons and a search for groups; the lists and accounts are complete all the same.",
        n=words.things(analysis.overview.scored, "customer", "customers_scored"),
        needed=words.count(analysis.settings.min_group, "min_group"),
    )


def lede(words: Words, analysis: Analysis) -> Said:
    """What was looked at."""
    overview = analysis.overview
    return say(
        "{customers} with {transactions} between {first} and {last}, seen from {as_of}.",
        customers=words.things(overview.scored, "customer", "customers_scored"),
        transactions=words.things(overview.transactions, "transaction"),
        first=words.day(analysis.ledger.first_day, "first_day"),
        last=words.day(analysis.ledger.last_day, "last_day"),
        as_of=words.day(analysis.ledger.as_of, "as_of"),
    )


def findings(words: Words, analysis: Analysis, playbook: Playbook, moves: tuple[Moves, ...]) -> tuple[Finding, ...]:
    """At most four findings, the weightiest first; none where there are too few customers for a finding."""
    if few(analysis):
        return ()
    found = (
        _growth(words, analysis.overview),
        changes.finding(words, moves[0], analysis.settings.min_group) if moves else None,
        _measured(words, analysis.measured),
        _rescue(words, analysis.segments, playbook),
        _concentration(words, analysis.overview),
        _retention(words, analysis.overview),
        _coupons(words, analysis.overview),
        _sameness(words, analysis.overview),
    )
    return tuple(finding for finding in found if finding is not None)[:4]


def _growth(words: Words, overview: Overview) -> Finding | None:
    active = next((change for change in overview.changes if change.name == "active_customers"), None)
    if active is None or not active.before or overview.window_days is None:
        return None
    steady = abs(active.now / active.before - 1) < customers.STEADY
    moved = (
        Said("As many active customers as before")
        if steady
        else say("{moved} active customers", moved=words.change(active.now, active.before))
    )
    return moved, say(
        "{now} had a transaction in the latest {window}, {before} in the {same} before.",
        now=words.things(active.now, "customer", "active_customers"),
        window=words.days(overview.window_days, "window"),
        before=words.count(active.before, "active_customers_before"),
        same=words.days(overview.window_days, "window"),
    )


def _measured(words: Words, found: Measured | None) -> Finding | None:
    return measured.finding(words, found) if found is not None and found.effects else None


def _rescue(words: Words, segments: tuple[Segment, ...], playbook: Playbook) -> Finding | None:
    rescue = _of_role(segments, playbook, "rescue")
    if not rescue:
        return None
    value = sum(segment.monetary for segment in rescue)
    lead = say("{value} at stake", value=words.value(value, "rescue_monetary"))
    return lead, say(
        "{names}, {n}, brought {share} of {noun} so far and have been silent for long.",
        names=_names(rescue),
        n=words.things(_customers(rescue), "customer", "rescue_customers"),
        share=words.share(sum(segment.monetary_share for segment in rescue), "rescue_monetary_share"),
        noun=words.value_noun,
    )


def _concentration(words: Words, overview: Overview) -> Finding | None:
    if overview.concentration is None:
        return None
    spread = overview.concentration
    return Said("Concentration"), say(
        "{half} of customers make half of {value}; the best {fifth} hold {share}.",
        half=words.share(spread.half_share, "half_share"),
        value=words.value_noun,
        fifth=words.share(0.2, "fifth"),
        share=words.share(spread.top_quintile_share, "top_quintile_share"),
    )


def _retention(words: Words, overview: Overview) -> Finding | None:
    if overview.retention is None:
        return None
    first = overview.retention.average.query("age == 1")
    if first.empty:
        return None
    return Said("Coming back"), say("{title}.", title=customers.retention_title(words, overview.retention))


def _coupons(words: Words, overview: Overview) -> Finding | None:
    if overview.coupons is None:
        return None
    return Said("Coupons"), say(
        "{title}; {never} never burned one.",
        title=customers.coupons_title(words, overview.coupons),
        never=words.things(overview.coupons.never_burned, "customer", "never_burned"),
    )


def _sameness(words: Words, overview: Overview) -> Finding | None:
    same = [b for b in overview.breakdowns if b.burning is not None and b.burning.verdict == "no difference"]
    if len(same) < 2:
        return None
    names = join([Said(breakdown.dimension) for breakdown in same], last="or")
    return say("{n} questions with the answer no", n=words.count(len(same), "no_difference")), say(
        "Whether a coupon is burned does not depend on {names}.", names=names
    )


URGENCY = ("rescue", "watch", "keep", "grow", "welcome", "")
"""Roles in the order in which to act on them; ``rest`` is not acted on first."""
ACTIONS = 3


def actions(words: Words, analysis: Analysis, playbook: Playbook) -> tuple[Said, ...]:
    """The segments to act on first, with the first sentence of the playbook's advice: those with most at stake, the most urgent first."""
    return tuple(
        say(
            "{name} ({n}, {value}): {advice}.",
            name=Word(segment.name),
            n=words.things(segment.customers, "customer"),
            value=words.value(segment.monetary, "monetary"),
            advice=playbook.action(segment.name, words.mode).partition(". ")[0].rstrip("."),
        )
        for segment in first_segments(analysis.segments, playbook)
    )


def first_segments(segments: tuple[Segment, ...], playbook: Playbook) -> tuple[Segment, ...]:
    """The most valuable segment of those slipping away, then the most valuable of all others that deserve a campaign."""
    roles = {segment.name: playbook.advice(segment.name).role for segment in segments}
    able = sorted((s for s in segments if roles[s.name] in URGENCY), key=lambda s: (-s.monetary, s.name))
    leaving = [segment for segment in able if roles[segment.name] == "rescue"][:1]
    chosen = (leaving + [segment for segment in able if segment not in leaving])[:ACTIONS]
    return tuple(sorted(chosen, key=lambda s: (URGENCY.index(roles[s.name]), -s.monetary, s.name)))


def confidence(words: Words, analysis: Analysis) -> tuple[Said, ...]:
    """How sure we are: the rows, the verdict and the limits of the data."""
    advice = Said("What to do is advice, no forecast: only a control group will show what it brings.")
    told = (
        rows_sentence(words, analysis),
        groups.sure(words, analysis.clustering),
        outlook.summary_line(words, analysis),
        _limit(words),
        advice,
    )
    return tuple(filter(None, told))


def rows_sentence(words: Words, analysis: Analysis) -> Said:
    """Rows of transactions: read, kept, left out."""
    tally = analysis.ledger.transactions_tally
    if analysis.ledger.scope is not None:
        return scope.summary(words, analysis.ledger.scope)
    if not tally.rejected:
        return say("All {read} of transactions are in the figures.", read=words.things(tally.read, "row", "rows_read"))
    return say(
        "Of {read} of transactions {kept} are in the figures and {rejected} left out, each with its reason.",
        read=words.things(tally.read, "row", "rows_read"),
        kept=words.count(tally.kept, "rows_kept"),
        rejected=words.count(tally.rejected, "rows_rejected"),
    )


def _limit(words: Words) -> Said:
    if words.mode == "money":
        return SILENT
    return Said("Value is counted in burned coupons: the data holds no amounts.")


def _of_role(segments: tuple[Segment, ...], playbook: Playbook, role: str) -> tuple[Segment, ...]:
    return tuple(segment for segment in segments if playbook.advice(segment.name).role == role)


def _names(segments: tuple[Segment, ...]) -> Said:
    return join([Said(segment.name) for segment in segments])


def _customers(segments: tuple[Segment, ...]) -> int:
    return sum(segment.customers for segment in segments)


def period(words: Words, ledger: Ledger) -> Said:
    """The span of the data, for the cover."""
    return say(
        "{first} to {last}",
        first=words.day(ledger.first_day, "first_day"),
        last=words.day(ledger.last_day, "last_day"),
    )


def as_of(words: Words, ledger: Ledger) -> Said:
    """The as-of date, for the cover."""
    return say("{day}", day=words.day(ledger.as_of, "as_of"))


def chart_title(words: Words, analysis: Analysis) -> Said:
    """The message of the first page's picture."""
    top = max(analysis.segments, key=lambda segment: (segment.monetary_share - segment.share, segment.name))
    more = top.monetary_share > top.share
    return say(
        "{name} weigh more than their number: {value_share} of {value} from {share} of customers"
        if more
        else "{name} bring {value_share} of {value} and are {share} of customers",
        name=Word(top.name),
        value_share=words.share(top.monetary_share, "monetary_share"),
        value=words.value_noun,
        share=words.share(top.share, "share"),
    )


def value_and_customers(words: Words) -> Said:
    """Subtitle of pictures that set value beside customers."""
    return say("Share of {value} (bar) and of customers (line), all transactions", value=words.value_noun)
