"""Alarms: what a user wants to be told of, as short rules that are read strictly and judged on the facts of a finished report.

::

    rule     = measure limit
    measure  = rejected rows | flagged rows | active customers | new customers | transactions | revenue | burned coupons
             | SEGMENT [customers | revenue | share | revenue share]
    limit    = exceed[s] N [%] | is below N [%] | are below N [%] | fall[s] [by] N [%] | rise[s] [by] N [%]

``exceed`` and ``below`` look at a level, ``fall`` and ``rise`` at a change since before: by at least N per cent, or N pieces. Per cent of rows are of the rows that were read,
a share is of all customers or of all revenue. A rule that cannot be judged, because there is no before, counts as fired: silence shall mean that somebody has looked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from reporter.analysis.gridfiles import grid_rows
from reporter.delivery.settings import AlarmSettings
from reporter.document.facts_told import told
from reporter.errors import Problem, UsageError

USES = ("mail", "exit")
"""What a rule may be for: its name in ``[alarms]``."""
Unit = Literal["count", "share", "money", "change"]

TOTALS: Mapping[str, str] = {
    "active customers": "active_customers",
    "new customers": "new_customers",
    "transactions": "transactions",
    "revenue": "monetary",
    "burned coupons": "burned",
}
"""Measures of the whole and their names in ``facts["overview"]["changes"]``: the latest window against the one before."""
ROWS: Mapping[str, str] = {"rejected rows": "rejected", "flagged rows": "flagged"}
"""Measures of the input, over all tables, and their names in ``facts["tables"]``."""
PARTS: Mapping[str, str] = {
    "": "customers",
    " customers": "customers",
    " revenue": "monetary",
    " share": "share",
    " revenue share": "monetary_share",
}
"""What may follow a segment's name, and the field of ``facts["segments"]``; in coupon mode revenue is the number of burned coupons."""
_RULE = re.compile(
    r"(?P<what>\S.*?) (?P<verb>exceeds?|(?:is|are) below|falls?(?: by)?|rises?(?: by)?) (?P<number>\d+(?:\.\d+)?) ?(?P<per_cent>%?)",
    re.IGNORECASE,
)
_VERBS = ("exceed", "exceeds", "is below", "are below", "fall", "falls", "rise", "rises")
MEANINGS = told(
    ("alarms", "list of object", "", "Every alarm of the settings, as it was judged."),
    ("alarms[].use", "text", "", "mail or exit: the setting it stands in."),
    ("alarms[].rule", "text", "", "As its owner wrote it."),
    ("alarms[].measure", "text", "", "What it looks at, in lower case."),
    ("alarms[].fired", "boolean", "", "Whether it fired; one that cannot be judged did."),
    ("alarms[].value", "number or null", "as unit", "What was compared with the limit; null where it cannot be judged."),
    ("alarms[].unit", "text", "", "count, share, money or change."),
    ("alarms[].told", "text", "", "What is said of it."),
)  # fmt: skip
"""Of `judge`, in facts.json."""
FORM = 'Write a measure and a limit, such as "Champions customers fall 5 %" or "rejected rows exceed 1 %".'


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it was understood.

    Attributes
    ----------
    text : str
        As its owner wrote it.
    measure : str
        In lower case.
    verb : {"exceed", "below", "fall", "rise"}
    number : float
        A share 0..1 where it was given in per cent.
    per_cent : bool
    """

    text: str
    measure: str
    verb: Literal["exceed", "below", "fall", "rise"]
    number: float
    per_cent: bool


def check_alarms(settings: AlarmSettings, grid: str) -> None:
    """Look at all rules before any work is done.

    Raises
    ------
    UsageError
        With one problem for each text that is no rule.
    """
    problems = [each for use in USES for each in rule_problems(getattr(settings, use), grid, f"alarms.{use}")]
    if problems:
        raise UsageError(problems)


def rule_problems(rules: Sequence[str], grid: str, place: str) -> Iterator[Problem]:
    """What is no rule with this grid. A grid that cannot be read is told by whoever scores."""
    try:
        segments = list(dict.fromkeys(row["segment"] for row in grid_rows(grid)[1]))
    except UsageError:
        return
    for rule in rules:
        if fault := rule_fault(rule, segments):
            yield Problem(place, f"“{rule}” is no rule.", fault)


def rule_fault(text: str, segments: Sequence[str]) -> str:
    """Why a text is no rule, and what to write; empty where it is one.

    Parameters
    ----------
    text : str
    segments : sequence of str
        Names of the grid.

    Examples
    --------
    >>> rule_fault("Champion customers fall 5 %", ["Champions"])
    'There is no measure “Champion customers”. Did you mean “Champions customers”?'
    """
    found = _RULE.fullmatch(" ".join(text.split()))
    if found is None:
        return _form_fault(text)
    measures = measures_of(segments)
    rule = rule_of(text)
    if rule.measure not in {measure.lower() for measure in measures}:
        close = get_close_matches(rule.measure, [measure.lower() for measure in measures], n=1)
        named = next((measure for measure in measures if close and measure.lower() == close[0]), "")
        advice = (
            f"Did you mean “{named}”?"
            if named
            else f"There are {', '.join([*ROWS, *TOTALS])}, and segments such as “{segments[0]} customers”."
        )
        return f"There is no measure “{found['what']}”. {advice}"
    return _unit_fault(rule, found["what"])


def _form_fault(text: str) -> str:
    """The form of a rule; where a word is nearly one of its verbs, that verb first."""
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", text)]
    close = [verb for word in words[1:] for verb in get_close_matches(word, _VERBS, n=1, cutoff=0.75)]
    return f"Did you mean “{close[-1]}”? {FORM}" if close and not set(words) & set(_VERBS) else FORM


def _unit_fault(rule: Rule, what: str) -> str:
    """A share is a level in per cent; of anything else a level in per cent would be of nothing, but for rows."""
    is_level, is_share = rule.verb in ("exceed", "below"), rule.measure.endswith(" share")
    if is_share and not (is_level and rule.per_cent):
        return f"A share is compared with a level: write “{what} exceeds 20 %” or “{what} is below 20 %”."
    if is_level and rule.per_cent and not is_share and rule.measure not in ROWS:
        return f"Per cent of what? Write a number such as “{what} exceed 100”, or a change such as “{what} fall 5 %”."
    if not is_level and rule.measure in ROWS:
        return f"Rows are compared with a level: write “{what} exceed 1 %”."
    return ""


def measures_of(segments: Sequence[str]) -> list[str]:
    """Everything that a rule can be about."""
    return [*ROWS, *TOTALS, *(f"{segment}{part}" for segment in segments for part in PARTS)]


def rule_of(text: str) -> Rule:
    """Read a rule that has been checked by `rule_fault`."""
    found = _RULE.fullmatch(" ".join(text.split()))
    if found is None:
        raise ValueError(f"no rule: {text!r}")
    verb = found["verb"].lower().removesuffix(" by").removeprefix("is ").removeprefix("are ")
    verb = verb if verb == "below" else verb.removesuffix("s")
    number = float(found["number"]) / (100 if found["per_cent"] else 1)
    return Rule(text, found["what"].lower(), verb, number, bool(found["per_cent"]))  # type: ignore[arg-type]  # `_RULE` has no other verbs


def judge(settings: AlarmSettings, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Judge all rules.

    Parameters
    ----------
    settings : AlarmSettings
    facts : mapping
        Content of ``facts.json``.

    Returns
    -------
    list of dict
        For each rule ``use`` (mail or exit), ``rule``, ``measure``, ``fired``, ``value`` (what was compared with the limit; None: it cannot be judged), its ``unit``
        (count, money, share or change) and ``told``, a sentence.
    """
    return [_judged(use, rule_of(text), facts) for use in USES for text in getattr(settings, use)]


def _judged(use: str, rule: Rule, facts: Mapping[str, Any]) -> dict[str, Any]:
    now, before, unit = _measured(rule, facts)
    value, unit = _compared(rule, now, before, unit)
    return {
        "use": use,
        "rule": rule.text,
        "measure": rule.measure,
        "fired": value is None or _fires(rule, value),
        "value": value,
        "unit": unit,
        "told": _told(rule, value, unit, str((facts.get("replay") or {}).get("since", ""))),
    }


def _measured(rule: Rule, facts: Mapping[str, Any]) -> tuple[float | None, float | None, Unit]:
    """The measure now and before, where the facts have it, and what it counts."""
    if rule.measure in ROWS:
        tables = facts["tables"].values()
        rows, read = (sum(table[name] for table in tables) for name in (ROWS[rule.measure], "read"))
        return (rows / read if read else 0.0, None, "share") if rule.per_cent else (rows, None, "count")
    if rule.measure in TOTALS:
        name = TOTALS[rule.measure]
        changes = {each["name"]: (each["now"], each["before"]) for each in facts["overview"]["changes"]}
        return *changes.get(name, (None, None)), "money" if name == "monetary" else "count"
    segments = facts["segments"]
    part, name = max((part, rule.measure.removesuffix(part)) for part in PARTS if _is_segment(rule, part, facts))
    field = PARTS[part]
    now = next((segment[field] for segment in segments if segment["name"].lower() == name), 0)
    unit: Unit = "share" if field.endswith("share") else "money" if field == "monetary" else "count"
    return now, None if unit == "share" else _before(name, field, facts), unit


def _is_segment(rule: Rule, part: str, facts: Mapping[str, Any]) -> bool:
    """Whether a measure is a segment of the grid and this part."""
    names = {name.lower() for name in facts["gist"]["palette"]}
    return rule.measure.endswith(part) and rule.measure.removesuffix(part) in names


def _before(name: str, field: str, facts: Mapping[str, Any]) -> float | None:
    """A segment's measure at the date that the replay looked back to; None where nothing was replayed."""
    replay = facts.get("replay")
    if not replay:
        return None
    return next((float(each[f"{field}_before"]) for each in replay["segments"] if each["name"].lower() == name), 0.0)


def _compared(rule: Rule, now: float | None, before: float | None, unit: Unit) -> tuple[float | None, Unit]:
    """What stands against the limit: the level, or the change since before."""
    if rule.verb in ("exceed", "below") or now is None:
        return now, unit
    if before is None:
        return None, unit
    if not rule.per_cent or not before:  # from nothing there is no per cent, but it is a rise whatever the limit
        return now - before, unit
    return now / before - 1, "change"


def _fires(rule: Rule, value: float) -> bool:
    """Exceeding and being below are strict, a change counts from the limit on; rounded as in the facts, lest the last bit decides."""
    limit, found = (round(each, 9) for each in (rule.number, value))
    return {
        "exceed": found > limit,
        "below": found < limit,
        "fall": found <= -limit and found < 0,
        "rise": found >= limit and found > 0,
    }[rule.verb]


def _told(rule: Rule, value: float | None, unit: Unit, since: str) -> str:
    is_change = rule.verb in ("fall", "rise")
    if value is None:
        return f"“{rule.text}” cannot be judged: the report has nothing before to compare with."
    if unit in ("share", "change"):
        text = f"{100 * value:{'+' if unit == 'change' else ''}.1f} %"
    else:
        text = f"{value:{'+,' if is_change else ','}.{0 if float(value).is_integer() else 2}f}"
    dated = f" since {since}" if since and is_change and rule.measure not in TOTALS else ""
    return f"“{rule.text}”: it is {text}{dated}."


def fired(alarms: Iterable[Mapping[str, Any]], use: str) -> list[str]:
    """What the rules of a use that fired say."""
    return [each["told"] for each in alarms if each["use"] == use and each["fired"]]


def unfired(alarms: Iterable[Mapping[str, Any]]) -> str:
    """Why no mail is sent: what its rules found."""
    found = " ".join(each["told"] for each in alarms if each["use"] == "mail")
    return f"none of the alarms for it fired. {found}"
