"""What can be set, told: the commented ``reporter.toml`` of ``reporter init`` and the JSON Schema of ``reporter schema --json``."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any

from reporter.config_checks import LIMITS, listed
from reporter.document.settings import ReaderSettings
from reporter.settings import READERS, Setting, every_setting

EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "source.encoding": "cp1252",
        "source.delimiter": ";",
        "source.sheet": "Orders",
        "source.currency": "EUR",
        "source.keep_currency": "EUR",
        "source.header_row": "1",
        "campaign.budget": "5000.0",
        "campaign.value_per_burn": "2.5",
        "source.as_of": "2024-07-01",
    }
)
"""What could stand where the default is nothing at all."""

TABLE_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "source.columns": 'customer_id = "CustomerID"',
        "source.sheets": 'transactions = "Txns 2024"',
        READERS: 'city = "Aswan"',
        "mail.readers": 'north = ["north@example.org"]',
    }
)


def template() -> str:
    """The commented ``reporter.toml``: every setting with its meaning and default, none of them in force.

    Returns
    -------
    str
        TOML. As it is, it changes nothing; without the ``#`` before its settings it still says the defaults
        (and an example where the default is nothing).
    """
    parts = ["# Settings of reporter. Each line shows a default: take away its “#” and change the value.\n"]
    tables = [each for each in every_setting().values() if each.is_table]
    plain = [each for each in every_setting().values() if not each.is_table]
    for section, settings in groupby(sorted(plain, key=_section_order), key=lambda each: each.section):
        parts.append((f"[{section}]\n" if section else "") + "".join(map(_setting_lines, settings)))
        parts += [_table_lines(table) for table in tables if table.section == section]
    return "\n".join(parts)


def _section_order(setting: Setting) -> int:
    """Place of a setting's section: as the rooms have it, so that no section is opened twice."""
    return list(dict.fromkeys(each.section for each in every_setting().values())).index(setting.section)


def _setting_lines(setting: Setting) -> str:
    meaning = setting.meaning
    if setting.choices:
        meaning = f"{meaning} One of {listed(setting.choices)}."
    value, note = toml(setting.default), ""
    if setting.default is None:
        value, note = _example(setting), "   # an example"
    key = setting.name.rpartition(".")[2]
    return f"{_comment(meaning)}#{key} = {value}{note}\n"


def _table_lines(setting: Setting) -> str:
    if setting.name == READERS:
        return f"{_comment(setting.meaning)}#[readers.north]\n#{TABLE_EXAMPLES[setting.name]}   # an example\n"
    return f"[{setting.name}]\n{_comment(setting.meaning)}#{TABLE_EXAMPLES[setting.name]}   # an example\n"


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(text, 110))


def _example(setting: Setting) -> str:
    if setting.choices:
        return toml(setting.choices[0])
    text = EXAMPLES[setting.name]
    return toml(text) if str in setting.kinds else text


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def settings_schema() -> dict[str, Any]:
    """The JSON Schema of ``reporter.toml``, for editors and other programs.

    Returns
    -------
    dict
        Draft 2020-12; each property has a description and its default.
    """
    root = _object("reporter.toml")
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    for setting in every_setting().values():
        branch = root
        *sections, key = setting.name.split(".")
        for section in sections:
            branch = branch["properties"].setdefault(section, _object(section))
        if setting.name == READERS:
            branch["additionalProperties"] = _reader()
        else:
            branch["properties"][key] = _property(setting)
    return root


def _object(title: str) -> dict[str, Any]:
    return {"title": title, "type": "object", "additionalProperties": False, "properties": {}}


def _reader() -> dict[str, Any]:
    """A section ``[readers.NAME]``."""
    from pydantic import TypeAdapter

    return TypeAdapter(ReaderSettings).json_schema()


def _property(setting: Setting) -> dict[str, Any]:
    from pydantic import TypeAdapter

    kind = setting.kinds[0]
    found = {"description": setting.meaning, **TypeAdapter(kind).json_schema()}
    if setting.name in LIMITS:
        found["minimum"], found["maximum"] = LIMITS[setting.name]
    if setting.default is not None:
        found["default"] = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    return found


def settings_text() -> str:
    """All settings for a person: name, default, meaning."""
    lines = []
    for setting in every_setting().values():
        default = "" if setting.default is None or setting.is_table else f" = {toml(setting.default)}"
        choices = f" One of {listed(setting.choices)}." if setting.choices else ""
        lines += [f"{setting.name}{default}", textwrap.indent(textwrap.fill(setting.meaning + choices, 96), "    ")]
    return "\n".join(lines)


def sheets_text(columns: Sequence[Mapping[str, str]]) -> str:
    """All sheets and columns for a person.

    Parameters
    ----------
    columns : sequence of mapping
        ``table, column, type, need, unit, meaning, also called`` each, as `intake.schema.rows` gives them.
    """
    lines = []
    for table, group in groupby(columns, key=lambda each: each["table"]):
        lines.append(table)
        for each in group:
            lines.append(f"    {each['column']:<20} {each['type']:<8} {each['need']}")
            also = f" Also called: {each['also called']}." if each["also called"] else ""
            lines.append(textwrap.indent(textwrap.fill(each["meaning"] + also, 88), "        "))
    return "\n".join(lines)
