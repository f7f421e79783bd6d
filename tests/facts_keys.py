"""Which keys of a real facts.json have a meaning, and whether their values are of the type that is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from reporter import editions
from reporter.delivery import alarms
from reporter.document import facts_campaign, facts_outlook, facts_told
from reporter.document.facts_told import Fact

TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "value": (str, int, float, type(None)),
}


@cache
def meanings() -> dict[str, Fact]:
    """Every key of facts.json by its path, in the order of the rooms that write them; none is told twice."""
    told = [
        *facts_told.MEANINGS,
        *facts_campaign.MEANINGS,
        *facts_outlook.MEANINGS,
        *alarms.MEANINGS,
        *editions.MEANINGS,
    ]
    found = {fact.path: fact for fact in told}
    assert len(found) == len(told)
    return found


def walked(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key below a value, by its path as the meanings write it, with what it holds."""
    if isinstance(value, list):
        for each in value:
            yield from walked(each, f"{path}[]")
    elif isinstance(value, dict):
        wild = _wild(path)
        for key, inner in value.items():
            here = wild or (f"{path}.{key}" if path else key)
            yield here, inner
            yield from walked(inner, here)


@cache
def _wild(path: str) -> str:
    """The path of keys that the data bring, where they do."""
    return next((each for each in meanings() if re.fullmatch(rf"{re.escape(path)}\.\{{\w+\}}", each)), "")


def is_of(value: Any, kind: str) -> bool:
    """Whether a value is of a type as `Fact.kind` tells it."""
    if kind.endswith(" or null"):
        return value is None or is_of(value, kind.removesuffix(" or null"))
    if kind.startswith("list of "):
        return isinstance(value, list) and all(is_of(each, kind.removeprefix("list of ")) for each in value)
    if kind == "date":
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    if kind in ("integer", "number") and isinstance(value, bool):
        return False
    return isinstance(value, TYPES[kind])
