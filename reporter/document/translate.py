"""A document told again in the language of the report: its sentences, words and labels, never its names and numbers.

Heads and cells of tables come translated from `compose.tables`, and labels of charts are translated where they are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar, cast

from reporter.document.blocks import (
    Cell,
    Chart,
    Number,
    Said,
    Section,
    Stat,
    States,
    Table,
)
from reporter.document.tongue import SOURCE, Tongue, from_left
from reporter.document.words import retell

Part = TypeVar("Part")
LABELS: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {Section: ("short", "kicker"), Stat: ("label",), Chart: ("alt",), States: ("legend",)}
)
"""Fields of plain text that are words of ours."""


def translate(value: Part, tongue: Tongue) -> Part:
    """Tell a part of a document in another language.

    Parameters
    ----------
    value : cover, section or tuple of them
        In English, its charts not yet drawn.
    tongue : Tongue

    Returns
    -------
    cover, section or tuple of them
        The same with every `Said` retold and every label from the catalogue.
    """
    return value if _is_source(tongue) else cast(Part, _told(value, tongue))


def translate_line(provenance: str, tongue: Tongue) -> str:
    """The labels of the footer line: a run and its id, and so on."""
    return provenance if _is_source(tongue) else " · ".join(_labelled(part, tongue) for part in provenance.split(" · "))


def _is_source(tongue: Tongue) -> bool:
    return tongue.language == SOURCE and not tongue.messages


def _labelled(part: str, tongue: Tongue) -> str:
    """A label and what it names, such as a run and its id."""
    label, space, name = part.partition(" ")
    return tongue.term(label) + space + (from_left(name) if tongue.from_right else name)


def _retold(said: Said, tongue: Tongue) -> Said:
    told = retell(said, tongue)
    return replace(told, text=from_left(told.text)) if tongue.from_right else told


def _told(value: Any, tongue: Tongue) -> Any:
    """Whatever a document is made of; what holds no words stays as it is."""
    if isinstance(value, Said):
        return _retold(value, tongue)
    if isinstance(value, Cell):
        return replace(value, text=from_left(value.text)) if tongue.from_right else value
    if isinstance(value, tuple):
        return tuple(_told(each, tongue) for each in value)
    if isinstance(value, Table):
        rows = _told(value.rows, tongue) if tongue.from_right else value.rows
        return replace(value, title=_retold(value.title, tongue), source=_retold(value.source, tongue), rows=rows)
    if not is_dataclass(value) or isinstance(value, (type, Number)):
        return value
    labels = LABELS.get(type(value), ())
    changed = {name: tongue.term(getattr(value, name)) for name in labels}
    for each in fields(value):
        if each.name not in labels and each.name != "data":
            changed[each.name] = _told(getattr(value, each.name), tongue)
    return replace(value, **changed)
