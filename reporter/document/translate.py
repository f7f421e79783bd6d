"""A document told again in the language of the report: its sentences, words and labels, never its names and numbers.

Heads and cells of tables come translated from `compose.tables`, and labels of charts are translated where they are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any

from reporter.document.blocks import (
    Cell,
    Chart,
    Document,
    Number,
    Said,
    Section,
    Stat,
    States,
    Table,
)
from reporter.document.tongue import SOURCE, Tongue, from_left
from reporter.document.words import retell

LABELS: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {Section: ("short", "kicker"), Stat: ("label",), Chart: ("alt",), States: ("legend",)}
)
"""Fields of plain text that are words of ours."""


def translate(document: Document, tongue: Tongue) -> Document:
    """Tell a document in another language.

    Parameters
    ----------
    document : Document
        In English, its charts not yet drawn.
    tongue : Tongue

    Returns
    -------
    Document
        The same with every `Said` retold and every label from the catalogue; the palette has the names under which segments are shown.
    """
    if tongue.language == SOURCE and not tongue.messages:
        return document
    return replace(
        document,
        cover=_told(document.cover, tongue),
        sections=_told(document.sections, tongue),
        unshown=_told(document.unshown, tongue),
        provenance=" · ".join(_labelled(part, tongue) for part in document.provenance.split(" · ")),
        palette={tongue.term(name): slot for name, slot in document.palette.items()},
    )


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
