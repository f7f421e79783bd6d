"""What to do with each segment: texts and numbers that the marketer may edit."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reporter.analysis.terms import Terms
from reporter.document.tongue import Tongue
from reporter.errors import Problem, UsageError

ROLES = ("keep", "grow", "welcome", "watch", "rescue", "rest", "")


NUMBERS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"cost_per_contact": (0, 10**6), "margin": (0.01, 1), "uplift": (0.001, 1), "quiet_days": (0, 3650)}
)
"""Numbers of an entry, with the least and the largest that each may be."""
USUAL = Terms(cost_per_contact=0.05, margin=0.3, uplift=0.05)
"""What serves where a playbook says nothing."""
MONEY = ("cost_per_contact", "margin")
"""Numbers that nobody but the shop can know."""


@dataclass(frozen=True, slots=True)
class Advice:
    """The playbook's texts for one segment; `role` is one of `ROLES`. An entry may lack those that are empty here."""

    role: str
    who: str
    goal: str
    action: str
    coupon: str
    avoid: str
    offer: str = ""
    coupon_offer: str = ""
    channel: str = ""
    timing: str = ""


@dataclass(frozen=True, slots=True)
class Playbook:
    """Advice and terms by segment name, and those for all others; `is_own`: somebody wrote it, so it is in that person's language."""

    entries: dict[str, Advice]
    otherwise: Advice
    terms: dict[str, Terms]
    usual: Terms
    is_own: bool

    def advice(self, segment: str) -> Advice:
        """The entry of `segment`, or the general one."""
        return self.entries.get(segment, self.otherwise)

    def action(self, segment: str, mode: str) -> str:
        """The recommended campaign in the words of the mode."""
        advice = self.advice(segment)
        return advice.action if mode == "money" else advice.coupon

    def offer(self, segment: str, mode: str) -> str:
        """The offer in the words of the mode; the recommended campaign where the entry names none."""
        advice = self.advice(segment)
        named = advice.offer if mode == "money" else advice.coupon_offer
        return named or self.action(segment, mode)

    def told(self, tongue: Tongue) -> Playbook:
        """The same in another language, where it is the built-in one."""
        if self.is_own:
            return self
        entries = {name: _translated(advice, tongue) for name, advice in self.entries.items()}
        return replace(self, entries=entries, otherwise=_translated(self.otherwise, tongue))


def _translated(advice: Advice, tongue: Tongue) -> Advice:
    texts = {each.name: getattr(advice, each.name) for each in fields(Advice) if each.name != "role"}
    return replace(advice, **{name: tongue.term(text) for name, text in texts.items() if text})


def load_playbook(path: str = "") -> Playbook:
    """Read the built-in playbook, or an own one.

    Parameters
    ----------
    path : str
        An own playbook; empty: the built-in one.

    Raises
    ------
    UsageError
        When the file cannot be read, an entry lacks a text, a number cannot be, or a role is unknown; all problems at once.
    """
    where = path or "the built-in playbook"
    try:
        text = Path(path).read_text("utf-8") if path else _built_in()
        raw = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(Problem(where, f"the playbook cannot be read ({error}).", "Check report.playbook.")) from error
    same = raw.pop("same", {})
    problems = [problem for name, entry in raw.items() for problem in _problems(where, name, entry)]
    problems += [
        Problem(f"{where}, [same]", f"“{name}” points to “{other}”, which has no entry.")
        for name, other in same.items()
        if other not in raw
    ]
    if "otherwise" not in raw:
        problems.append(
            Problem(where, "the entry [otherwise] is missing.", "Add it; it serves segments that are not listed.")
        )
    if problems:
        raise UsageError(problems)
    texts = {name: Advice(**{key: each for key, each in entry.items() if key not in NUMBERS}) for name, entry in raw.items()}  # fmt: skip
    terms = {name: _terms(entry, bool(path)) for name, entry in raw.items()}
    otherwise, usual = texts.pop("otherwise"), terms.pop("otherwise")
    return Playbook(
        texts | {name: texts[other] for name, other in same.items()},
        otherwise,
        terms | {name: terms[other] for name, other in same.items()},
        usual,
        bool(path),
    )


def _terms(entry: Mapping[str, Any], is_own: bool) -> Terms:
    """The numbers of an entry; what it leaves out is assumed, and so is all that the built-in playbook says of money."""
    numbers = {key: entry[key] for key in NUMBERS if key in entry}
    return replace(USUAL, **numbers, is_assumed=not (is_own and all(key in numbers for key in MONEY)))


def _built_in() -> str:
    return files("reporter.document").joinpath("playbook.toml").read_text("utf-8")


def _problems(where: str, name: str, entry: object) -> list[Problem]:
    place = f"{where}, [{name}]"
    if not isinstance(entry, dict):
        return [Problem(place, "is no table.", "Write it as in the built-in playbook.")]
    texts = {each.name for each in fields(Advice)}
    names, needed = texts | NUMBERS.keys(), {each.name for each in fields(Advice) if each.default is MISSING}
    found = [Problem(place, f"“{key}” is missing.", "Add it.") for key in sorted(needed - entry.keys())]
    found += [
        Problem(place, f"“{key}” is not known.", f"Use {', '.join(sorted(names))}.")
        for key in sorted(entry.keys() - names)
    ]
    found += [
        Problem(place, f"{key} is no text.", "Put it in quotes.")
        for key in sorted(texts & entry.keys())
        if not isinstance(entry[key], str)
    ]
    if entry.get("role", "") not in ROLES:
        found.append(Problem(place, f"role “{entry['role']}” is not known.", f"Use {', '.join(filter(None, ROLES))}."))
    return [*found, *_number_problems(place, entry)]


def _number_problems(place: str, entry: Mapping[str, Any]) -> Iterator[Problem]:
    for key, (low, high) in NUMBERS.items():
        value = entry.get(key, low)
        kinds = (int,) if key == "quiet_days" else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            whole = "whole number" if key == "quiet_days" else "number"
            yield Problem(place, f"{key} is {value!r}.", f"Write a {whole} from {low:g} to {high:,g}, without quotes.")
