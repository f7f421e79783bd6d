"""What to do with each segment: texts that the marketer may edit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from reporter.document.tongue import Tongue
from reporter.errors import Problem, UsageError

ROLES = ("keep", "grow", "welcome", "watch", "rescue", "rest", "")


@dataclass(frozen=True, slots=True)
class Advice:
    """The playbook's entry for one segment; `role` is one of `ROLES`."""

    role: str
    who: str
    goal: str
    action: str
    coupon: str
    avoid: str


@dataclass(frozen=True, slots=True)
class Playbook:
    """Advice by segment name, and the advice for all others."""

    entries: dict[str, Advice]
    otherwise: Advice

    def advice(self, segment: str) -> Advice:
        """The entry of `segment`, or the general one."""
        return self.entries.get(segment, self.otherwise)

    def action(self, segment: str, mode: str) -> str:
        """The recommended campaign in the words of the mode."""
        advice = self.advice(segment)
        return advice.action if mode == "money" else advice.coupon


def load_playbook(path: str = "", tongue: Tongue | None = None) -> Playbook:
    """Read the built-in playbook, or an own one.

    Parameters
    ----------
    path : str
        An own playbook, whose words are its owner's in any language; empty: the built-in one.
    tongue : Tongue, optional
        The language into which the built-in one is translated.

    Raises
    ------
    UsageError
        When the file cannot be read, an entry lacks a text, or a role is unknown; all problems at once.
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
    term = str if path or tongue is None else tongue.term
    entries = {
        name: Advice(**{key: text if key == "role" else term(text) for key, text in entry.items()})
        for name, entry in raw.items()
    }
    otherwise = entries.pop("otherwise")
    return Playbook(entries | {name: entries[other] for name, other in same.items()}, otherwise)


def _built_in() -> str:
    return files("reporter.document").joinpath("playbook.toml").read_text("utf-8")


def _problems(where: str, name: str, entry: object) -> list[Problem]:
    place = f"{where}, [{name}]"
    if not isinstance(entry, dict):
        return [Problem(place, "is no table.", "Write it as in the built-in playbook.")]
    names = set(Advice.__dataclass_fields__)
    found = [Problem(place, f"“{key}” is missing.", "Add it.") for key in sorted(names - entry.keys())]
    found += [
        Problem(place, f"“{key}” is not known.", f"Use {', '.join(sorted(names))}.")
        for key in sorted(entry.keys() - names)
    ]
    found += [
        Problem(place, f"{key} is no text.", "Put it in quotes.")
        for key in sorted(names & entry.keys())
        if not isinstance(entry[key], str)
    ]
    if entry.get("role", "") not in ROLES:
        found.append(Problem(place, f"role “{entry['role']}” is not known.", f"Use {', '.join(filter(None, ROLES))}."))
    return found
