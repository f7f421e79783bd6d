"""Whether settings can be: types by pydantic (used nowhere else), then ranges, names and files."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_origin

from reporter.analysis.settings import boundaries_fault, periods_fault
from reporter.delivery.alarms import rule_problems
from reporter.delivery.settings import ADDRESSES, address_fault, addresses_fault
from reporter.document.settings import reader_fault, sections_fault
from reporter.errors import Problem, UsageError
from reporter.settings import READERS, Config, Setting, every_setting, is_path, memory_fault, reader_of, setting_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "source.header_row": (1, 1_048_576),
        "features.max_correlation": (0.1, 1.0),
        "features.clip": (0.0, 100.0),
        "cluster.k_max": (2, 30),
        "cluster.k": (0, 30),
        "cluster.eps": (0.0, 1_000.0),
        "cluster.seed": (0, 2**32 - 1),
        "cluster.null_draws": (2, 1_000),
        "cluster.bootstraps": (2, 1_000),
        "cluster.effect": (0.0, 1.0),
        "cluster.stability": (0.0, 1.0),
        "cluster.min_share": (0.0, 0.5),
        "replay.trend_months": (0, 120),
        "replay.history_months": (0, 1_200),
        "backtest.months": (0, 60),
        "lifetime.months": (1, 60),
        "campaign.budget": (0, 10**12),
        "campaign.value_per_burn": (0.000_1, 10**9),
        "campaign.alpha": (0.000_1, 0.5),
        "campaign.power": (0.5, 0.999),
        "campaign.max_control": (0.01, 0.5),
        "analysis.min_group": (1, 1_000_000),
        "report.min_group": (1, 1_000_000),
        "readers.min_customers": (1, 1_000_000),
        "mail.most_mb": (1, 150),
        "mail.timeout": (1, 600),
        "mail.attempts": (1, 10),
        "mail.pause": (0, 600),
    }
)
"""Smallest and largest sensible value of each number."""


TABLE_FORMS: Mapping[str, str] = MappingProxyType(
    {
        READERS: "a text in quotes, edition being full or brief, in a section [readers.NAME]",
        "mail.readers": 'a list of addresses such as ["north@example.org"]',
    }
)
"""What to write in tables whose values are no texts."""
FAULTS: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "report.sections": sections_fault,
        "replay.periods": periods_fault,
        "rfm.recency_boundaries": boundaries_fault,
        "rfm.frequency_boundaries": boundaries_fault,
        "rfm.monetary_boundaries": boundaries_fault,
    }
)
"""What to write instead, where a list has no meaning."""
_BROKEN = re.compile("[\ud800-\udfff]")
"""What a command line has where its bytes are no text."""
FOLDERS = ("output.dir", "report.templates")
"""Settings that name a folder; other paths name a file."""


def checked(given: Mapping[str, tuple[Any, str]]) -> tuple[Config | None, list[Problem]]:
    """Make a `Config` of given values.

    Parameters
    ----------
    given : mapping of str to (value, place)
        By dotted name; all names are known.

    Returns
    -------
    config : Config or None
        None where a value has the wrong type.
    problems : list of Problem
        Everything that is wrong, in no more than one problem a value.
    """
    if broken := [(value, place) for value, place in given.values() if _BROKEN.search(_written(value))]:
        advice = "Write it anew in UTF-8."
        return None, [
            Problem(place, f"{_shown(value)} holds bytes that are no text.", advice) for value, place in broken
        ]
    config = _plain(given)
    if config is not None:
        return config, list(_value_problems(config, given))
    from pydantic import ValidationError

    nested = _nested({name: value for name, (value, _) in given.items()})
    try:
        config = _adapter().validate_json(json.dumps(nested, default=str), strict=True)
    except ValidationError as error:
        problems = [_type_problem(fault, given) for fault in error.errors(include_url=False)]
        return None, list(dict.fromkeys(problems))
    return config, list(_value_problems(config, given))


def _plain(given: Mapping[str, tuple[Any, str]]) -> Config | None:
    """What needs no look at its type, which takes a tenth of a second to load: texts of settings that take any text. None where there is anything else."""
    config, settings = Config(), every_setting()
    for name, (value, _) in given.items():
        if name not in settings or settings[name].kinds != (str,) or type(value) is not str:
            return None
        config = _with(config, settings[name].path, value)
    return config


def _with(part: Any, path: Sequence[str], value: str) -> Any:
    """The same settings, or a section of them, with another value."""
    first, *rest = path
    return replace(part, **{first: _with(getattr(part, first), rest, value) if rest else value})


@cache
def _adapter() -> TypeAdapter[Config]:
    from pydantic import TypeAdapter

    return TypeAdapter(Config)


def _nested(given: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in given.items():
        setting = setting_of(name)
        keys = reader_of(name) or (name.rpartition(".")[2],)
        *path, last = setting.path if setting.name == name else (*setting.path, *keys)
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[last] = value
    return tree


def _type_problem(fault: ErrorDetails, given: Mapping[str, tuple[Any, str]]) -> Problem:
    name = _longest_known(tuple(str(part) for part in fault["loc"]), given)
    value, place = given[name]
    setting = setting_of(name)
    if setting.choices:
        return Problem(place, f"{_shown(value)} is not one of {listed(setting.choices)}.", _near(value, setting))
    return Problem(place, f"{_shown(value)} does not fit.", f"Write {_expected(setting)}.")


def _longest_known(path: tuple[str, ...], given: Mapping[str, Any]) -> str:
    """The given name that a pydantic location is about: ``analysis`` before a section is ours, list positions are below it."""
    for length in range(len(path), 0, -1):
        for name in (".".join(path[:length]), ".".join(path[1:length]), ".".join((path[0], *path[2:length]))):
            if name in given:
                return name
    raise KeyError(path)


def listed(choices: tuple[Any, ...]) -> str:
    """Choices as they are written in TOML: ``"dmy", "mdy", "ymd"``."""
    return ", ".join(json.dumps(choice) for choice in choices)


def _near(value: Any, setting: Setting) -> str:
    from difflib import get_close_matches

    words = [choice for choice in setting.choices if isinstance(choice, str)]
    close = get_close_matches(str(value).lower(), words, n=1)
    return f'Did you mean "{close[0]}"?' if close else ""


def _expected(setting: Setting) -> str:
    forms: dict[type, str] = {
        dict: f"a table [{setting.name}] with lines of our name = theirs",
        tuple: 'a list of texts such as ["one", "two"]',
        date: "a date such as 2024-07-01",
        int: "a whole number",
        float: "a number",
        str: "a text in quotes",
    }
    if setting.name in TABLE_FORMS:
        return TABLE_FORMS[setting.name]
    kind = setting.kinds[0]
    if kind == tuple[float, ...]:
        return "a list of numbers such as [30, 90, 180, 365]"
    return forms[get_origin(kind) or kind]


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _shown(value: Any) -> str:
    text = _written(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _value_problems(config: Config, given: Mapping[str, tuple[Any, str]]) -> Iterator[Problem]:
    """What has the right type and still cannot be; only given values, for the defaults are right."""
    settings = every_setting()
    yield from _reader_problems(config, given)
    for name, (_, place) in given.items():
        if name.startswith("mail.readers.") and (
            advice := addresses_fault(config.mail.readers[name.removeprefix("mail.readers.")])
        ):
            yield Problem(place, "what is there cannot be used.", advice)
        if name not in settings or settings[name].is_table:
            continue
        value = settings[name].value(config)
        if name in LIMITS and value is not None and not LIMITS[name][0] <= value <= LIMITS[name][1]:
            low, high = LIMITS[name]
            yield Problem(place, f"{value} is out of range.", f"Write a number from {low:g} to {high:g}.")
        elif name == "cluster.k" and (value == 1 or value > config.analysis.cluster.k_max):
            most = config.analysis.cluster.k_max
            yield Problem(place, f"{value} cannot be used.", f"Write 0 or 2 to {most}, or raise cluster.k_max.")
        elif name == "report.templates" and value and not Path(value).is_dir():
            yield Problem(
                place, f"there is no folder “{value}”.", "Paths in the configuration file start where it lies."
            )
        elif is_path(name, value) and name not in FOLDERS and not Path(value).is_file():
            yield Problem(place, f"there is no file “{value}”.", "Paths in the configuration file start where it lies.")
        elif name == "report.logo":
            yield from _logo_problems(value, place)
        elif name in ("alarms.mail", "alarms.exit"):
            yield from rule_problems(value, config.analysis.rfm.grid, place)
        elif advice := _text_advice(name, value):
            shown = "what is there" if name in ADDRESSES else _shown(value)
            yield Problem(place, f"{shown} cannot be used.", advice)


def _reader_problems(config: Config, given: Mapping[str, tuple[Any, str]]) -> Iterator[Problem]:
    """What is wrong with an edition as a whole, then with each of its settings, told as of those of the report."""
    places = {name: (keys, place) for name, (_, place) in given.items() if (keys := reader_of(name)) is not None}
    told = set()
    for name, ((edition, key), place) in places.items():
        reader = config.readers.each[edition]
        value = getattr(reader, key)
        if (fault := reader_fault(edition, reader)) and edition not in told:
            told.add(edition)
            yield Problem(place, "this edition cannot be made.", fault)
        elif is_path(name, value) and not Path(value).is_file():
            yield Problem(place, f"there is no file “{value}”.", "Paths in the configuration file start where it lies.")
        elif key == "logo":
            yield from _logo_problems(value, place)
        elif value and (advice := _text_advice(f"report.{key}", value)):
            yield Problem(place, f"{_shown(value)} cannot be used.", advice)


def _logo_problems(path: str, place: str) -> Iterator[Problem]:
    from reporter.document.logo import read_logo

    try:
        read_logo(path)
    except UsageError as error:
        yield from (replace(problem, where=place) for problem in error.problems)


def _text_advice(name: str, value: Any) -> str:
    """What to write instead, where a text has no meaning; else nothing."""
    if value is None:
        return ""
    if name == "memory":
        return memory_fault(value)
    if name == "source.encoding" and not _is_encoding(value):
        return "Name an encoding such as utf-8, cp1252 or utf-16."
    if name == "source.delimiter" and len(value) != 1:
        return 'Write one character, such as ";" or "\\t".'
    if name in ("source.currency", "source.keep_currency") and not re.fullmatch("[A-Z]{3}", value):
        return "Write an ISO 4217 code of three capitals, such as EUR."
    if name == "report.locale" and not _is_locale(value):
        return "Write a locale such as en, en_GB or de."
    if name == "output.dir" and not value.strip():
        return "Name a folder."
    if name in FAULTS:
        return FAULTS[name](value)
    if name in ADDRESSES:
        return _address_advice(value)
    if name == "mail.subject_prefix" and not value.isprintable():
        return "Write it on one line, without control characters."
    return _colour_advice(name, value)


def _address_advice(value: Any) -> str:
    """Of one address, or of several."""
    return addresses_fault(value) if isinstance(value, tuple) else address_fault(value) if value else ""


def _colour_advice(name: str, value: Any) -> str:
    if name not in ("report.primary_colour", "report.accent_colour"):
        return ""
    from reporter.document.brand import colour_fault

    return colour_fault(name, value)


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _is_locale(name: str) -> bool:
    from babel.core import Locale, UnknownLocaleError

    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError, TypeError):
        return False
    return True
