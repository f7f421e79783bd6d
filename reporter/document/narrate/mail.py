"""What the mail says by itself; all the rest it has from the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Words, join, say


def subject(headline: str, day: str) -> Said:
    """The most important sentence, and from when it is seen."""
    return say("{headline} ({day})", headline=headline, day=day)


def alarm(words: Words, judged: Mapping[str, Any]) -> Said:
    """A rule that fired, as its owner wrote it, and what was found; or that nothing could be found."""
    if judged["value"] is None:
        return say("Alarm: “{rule}” cannot be judged with this data.", rule=judged["rule"])
    return say("Alarm: “{rule}”. It is {found}.", rule=judged["rule"], found=_found(words, judged))


def _found(words: Words, judged: Mapping[str, Any]) -> Number:
    value = float(judged["value"])
    if judged["unit"] == "share":
        return words.share(value, judged["measure"], digits=1)
    if judged["unit"] == "change":
        return words.change(1 + value, 1.0, judged["measure"])
    if judged["unit"] == "money":
        return words.value_bare(value, judged["measure"])
    return words.count(value, judged["measure"])


def attached(names: Sequence[str], edition: str) -> Said:
    """What travels with the mail."""
    kinds = {
        "report.pdf": Said("the full report") if edition == "full" else Said("the brief edition of two pages"),
        "report.html": Said("the report for the browser"),
        "segments.xlsx": Said("all tables as a workbook"),
        "facts.json": Said("all numbers for programs"),
    }
    if not names:
        return SILENT
    return say("Attached: {names}.", names=join([kinds[name] for name in names]))
