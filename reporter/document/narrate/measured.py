"""What the last campaign did: uplift of treatment over control, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reporter.analysis.uplift import Effect, Measured
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.narrate.campaign import points
from reporter.document.words import Word, Words, brief, join, paragraph, say, sign, verb

VERDICTS = ("worked", "did not", "cannot tell yet")
HOW_MANY: Mapping[str, str] = MappingProxyType(
    {
        "worked": "{n} worked",
        "did not": "{n} did not bring what they should",
        "cannot tell yet": "{n} cannot be judged yet",
    }
)


def title(words: Words, measured: Measured) -> Said:
    """The best campaign that worked, or how long ago it is that none can be said to have."""
    worked = _of(measured, "worked")
    n = words.things(len(measured.effects), "campaign")
    if worked:
        best = max(worked, key=lambda each: (each.uplift, each.name))
        return say(
            "{k} of {n} worked, best that of {name}: {uplift} against the control group",
            k=words.count(len(worked), "worked"),
            n=n,
            name=brief(Word(best.name), 24),
            uplift=points(words, best.uplift, "uplift"),
        )
    failed = len(_of(measured, "did not"))
    if failed:
        return say(
            "None of {n} is known to have worked; {k} did not bring what {it} should",
            n=n,
            k=words.count(failed, "did_not"),
            it=Word("it" if failed == 1 else "they"),
        )
    return say("After {days} none of {n} can be judged yet", days=words.days(measured.days, "days_measured"), n=n)


def lede(words: Words, measured: Measured) -> Said:
    """Which run, since when, and how treatment and control are compared."""
    compared = say(
        "The groups are those of run {run}; counted is what their customers did from {since} to {until}, contacted or not. As the groups were drawn by lot, the difference between them is what the campaign did.",
        run=measured.run_id,
        since=words.day(measured.since, "measured_since"),
        until=words.day(measured.until, "measured_until"),
    )
    if not measured.gone:
        return compared
    gone = say(
        "{n} of these customers {are} not in today’s data and {count} as not having come.",
        n=words.count(measured.gone, "gone"),
        are=verb(measured.gone, "is", "are"),
        count=verb(measured.gone, "counts", "count"),
    )
    return paragraph(compared, gone)


def table_title(words: Words, measured: Measured) -> Said:
    """How many campaigns got which verdict."""
    counts = {verdict: len(_of(measured, verdict)) for verdict in VERDICTS}
    told = [say(HOW_MANY[v], n=words.things(n, "campaign", v)) for v, n in counts.items() if n]
    return say("{told}", told=join(told))


def signed(words: Words, value: float, digits: int) -> Number:
    """A difference with its sign, in a column whose head names the unit."""
    number = words.number(abs(value), "difference", digits)
    return Number("difference", float(value), sign(round(value, digits)) + number.text)


def note(words: Words, measured: Measured) -> Said:
    """How a verdict comes about."""
    return say(
        "Worked: the difference is significantly above zero (score test, corrected by Holm for {n}). Did not: it is significantly below zero, or its range rules out the uplift worth finding. Needs: customers of both groups who would tell. Ranges are intervals of {level} (Newcombe, Welch), each for itself.",
        n=words.things(len(measured.effects), "campaign"),
        level=words.share(0.95, "level"),
    )


def chart_title(words: Words, measured: Measured) -> Said:
    """How many uplifts are above zero in their whole range."""
    above = sum(effect.low > 0 for effect in measured.effects)
    return say(
        "{k} of {n} uplifts {are} above zero in the whole range",
        k=words.count(above, "above_zero"),
        n=words.count(len(measured.effects), "effects"),
        are=verb(above, "is", "are"),
    )


def finding(words: Words, measured: Measured) -> tuple[Said, Said]:
    """The last campaign on the first page: a lead and a sentence."""
    worked = _of(measured, "worked")
    n = words.things(len(measured.effects), "campaign")
    lead = say("{k} of {n} worked", k=words.count(len(worked), "worked"), n=n)
    if not worked:
        return lead, say(
            "Since {since} no campaign is known to have brought more customers back than its control group came back without; {k} cannot be judged yet.",
            since=words.day(measured.since, "measured_since"),
            k=words.count(len(_of(measured, "cannot tell yet")), "cannot_tell"),
        )
    best = max(worked, key=lambda each: (each.uplift, each.name))
    return lead, say(
        "Of the contacted {name} {treated} came back since {since}, of those held back {control}: {uplift}, range {low} to {high}.",
        since=words.day(measured.since, "measured_since"),
        treated=words.share(best.treatment.share, "treatment_share"),
        name=Word(best.name),
        control=words.share(best.control.share, "control_share"),
        uplift=points(words, best.uplift, "uplift"),
        low=points(words, best.low, "uplift_low"),
        high=points(words, best.high, "uplift_high"),
    )


def unmeasured(place: str) -> Said:
    """Why earlier campaigns were found and not measured; silent where none were."""
    if not place:
        return SILENT
    return say(
        "The campaigns of an earlier run could not be measured: {place} is missing, was changed, or has other ids.",
        place=place,
    )


def _of(measured: Measured, verdict: str) -> list[Effect]:
    return [effect for effect in measured.effects if effect.verdict == verdict]
