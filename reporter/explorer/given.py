"""Settings as they are given: those that differ from the defaults, by name, and as the text of a ``reporter.toml``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from reporter.config_checks import checked
from reporter.document.settings import ReaderSettings
from reporter.errors import UsageError
from reporter.reference import toml
from reporter.settings import READERS, Config, every_setting, is_path, reader_of, setting_of

HEAD = "# Settings of reporter, from the explorer: what differs from the defaults.\n"


def given_of(config: Config) -> dict[str, Any]:
    """What a `Config` says otherwise than the defaults, by the names that ``reporter.toml`` has, in the order of the rooms.

    Examples
    --------
    >>> from reporter import load_config
    >>> given_of(load_config(overrides=["cluster.k=4", "source.columns.amount=Paid"])[0])
    {'source.columns.amount': 'Paid', 'cluster.k': 4}
    """
    found: dict[str, Any] = {}
    for name, setting in every_setting().items():
        value = setting.value(config)
        if name == READERS:
            found |= dict(_readers(config))
        elif setting.is_table:
            found |= {f"{name}.{key}": each for key, each in value.items()}
        elif value != setting.default:
            found[name] = value
    return found


def _readers(config: Config) -> Iterator[tuple[str, Any]]:
    for edition, reader in config.readers.each.items():
        for entry in fields(ReaderSettings):
            if (value := getattr(reader, entry.name)) != entry.default:
                yield f"readers.{edition}.{entry.name}", value


def config_of(given: Mapping[str, Any]) -> Config:
    """The `Config` of given settings, checked as those of a file.

    Raises
    ------
    UsageError
        For values that cannot be used.
    """
    config, problems = checked({name: (value, name) for name, value in given.items()})
    if problems or config is None:
        raise UsageError(problems)
    return config


def to_toml(given: Mapping[str, Any]) -> str:
    """The text of a ``reporter.toml`` that says the same from wherever it lies: paths are written in full.

    Examples
    --------
    >>> print(to_toml({"memory": "4GB", "cluster.k": 4, "features.exclude": ("tenure_days",)}))
    # Settings of reporter, from the explorer: what differs from the defaults.
    memory = "4GB"
    <BLANKLINE>
    [cluster]
    k = 4
    <BLANKLINE>
    [features]
    exclude = ["tenure_days"]
    <BLANKLINE>
    """
    sections: dict[str, list[str]] = {}
    for name, value in given.items():
        section, key = _placed(name)
        lines = sections.setdefault(section, [])
        lines.append(f"{key} = {_written(name, value)}\n")
    plain = sections.pop("", [])
    return HEAD + "".join(plain) + "".join(f"\n[{section}]\n{''.join(lines)}" for section, lines in sections.items())


def _placed(name: str) -> tuple[str, str]:
    """Section and key of a setting; names that a user has chosen in quotes where they need them."""
    if (keys := reader_of(name)) is not None:
        return f"readers.{_quoted(keys[0])}", keys[1]
    setting = setting_of(name)
    if setting.is_table:
        return setting.name, _quoted(name.removeprefix(f"{setting.name}."))
    section, _, key = name.rpartition(".")
    return section, key


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def _written(name: str, value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return toml(str(Path(value).resolve()) if is_path(name, value) else value)
