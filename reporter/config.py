"""Where settings come from: flags, ``--set section.key=value``, ``reporter.toml``, defaults. The first that names one wins."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_origin

from reporter.config_checks import checked
from reporter.errors import Problem, UsageError
from reporter.settings import READER_KEYS, Config, Setting, every_setting, is_path, is_setting, reader_of, setting_of

__all__ = ["Config", "Origin", "Origins", "load_config"]

DEFAULT_FILE = "reporter.toml"

Origin = Literal["default", "file", "--set", "flag", "argument"]
Origins = Mapping[str, Origin]
"""Dotted name of each setting -> who said so."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that somebody gave, and the place to name if it is wrong."""

    value: Any
    origin: Origin
    place: str


def load_config(
    path: str | Path | None = None,
    overrides: Sequence[str] = (),
    flags: Mapping[str, tuple[str, Any]] = MappingProxyType({}),
) -> tuple[Config, Origins]:
    """Read and check all settings; every fault is told at once.

    Parameters
    ----------
    path : str or Path, optional
        The configuration file; without it ``reporter.toml`` in the working folder, where there is one.
    overrides : sequence of str
        ``section.key=value`` each; values as in TOML, and texts need no quotes.
    flags : mapping of setting name to (flag, value)
        What has a flag of its own, such as ``{"source.as_of": ("--as-of", "2024-07-01")}``.

    Returns
    -------
    config : Config
    origins : mapping of str to str
        For each setting ``default``, ``file``, ``--set`` or ``flag``.

    Raises
    ------
    UsageError
        With one problem for each unknown key or impossible value.

    Examples
    --------
    >>> config, origins = load_config(overrides=["cluster.k_max=6", "source.columns.customer_id=CustomerID"])
    >>> config.analysis.cluster.k_max, origins["cluster.k_max"], origins["cluster.seed"]
    (6, '--set', 'default')
    """
    problems: list[Problem] = []
    given = _from_file(Path(path) if path is not None else None, problems)
    given |= _from_overrides(overrides, problems)
    given |= {name: _Given(value, "flag", flag) for name, (flag, value) in flags.items()}
    known = {name: each for name, each in given.items() if _is_known(name, each, problems)}
    config, faults = checked({name: (each.value, each.place) for name, each in known.items()})
    problems.extend(faults)
    if problems or config is None:
        raise UsageError(problems)
    return config, _origins(known)


def _origins(given: Mapping[str, _Given]) -> Origins:
    origins: dict[str, Origin] = dict.fromkeys(every_setting(), "default")
    return origins | {name: each.origin for name, each in given.items()}


def _from_file(path: Path | None, problems: list[Problem]) -> dict[str, _Given]:
    if path is None and not Path(DEFAULT_FILE).is_file():
        return {}
    path = path or Path(DEFAULT_FILE)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        problems.append(Problem(str(path), f"cannot be read ({error.strerror}).", "`reporter init` writes one."))
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(str(path), f"is not valid TOML: {error}.", "See https://toml.io for its form."))
        return {}
    leaves = dict(_leaves(content, ()))
    return {
        name: _Given(_beside(path.parent, name, value), "file", _place(path, name)) for name, value in leaves.items()
    }


def _leaves(content: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for key, value in content.items():
        here = (*path, key)
        if isinstance(value, dict) and (value or ".".join(here) not in every_setting()):
            yield from _leaves(value, here)
        else:
            yield ".".join(here), value


def _place(path: Path, name: str) -> str:
    section, _, key = name.rpartition(".")
    return f"{path}, [{section}] {key}" if section else f"{path}, {key}"


def _beside(folder: Path, name: str, value: Any) -> Any:
    """A path in the configuration file is meant from where that file lies."""
    return str(folder / value) if is_path(name, value) else value


def _from_overrides(overrides: Sequence[str], problems: list[Problem]) -> dict[str, _Given]:
    given = {}
    for override in overrides:
        name, equals, text = override.partition("=")
        name = name.strip()
        if equals:
            given[name] = _Given(_parsed(text.strip(), name), "--set", f"--set {name}")
        else:
            problems.append(Problem(f"--set {override}", "has no value.", "Write it as section.key=value."))
    return given


def _parsed(text: str, name: str) -> Any:
    """The value that a text means: as in TOML, but texts need no quotes and lists no brackets."""
    if not is_setting(name):
        return text
    setting = setting_of(name)
    if setting.optional and not text:
        return None
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    if setting.kind == tuple[float, ...] and not isinstance(value, list):
        return _numbers(text)
    if get_origin(setting.kind) is tuple or setting.kind == dict[str, tuple[str, ...]]:
        return value if isinstance(value, list) else [part.strip() for part in text.strip("[]").split(",") if part]
    return value if isinstance(value, str) or not _wants_text(setting) else text


def _numbers(text: str) -> Any:
    """Numbers that are parted by commas; the text itself where they are none, to be refused."""
    try:
        return tomllib.loads(f"value = [{text}]")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _wants_text(setting: Setting) -> bool:
    if setting.is_table or str in setting.kinds:
        return True
    return bool(setting.choices) and all(isinstance(choice, str) for choice in setting.choices)


def _is_known(name: str, given: _Given, problems: list[Problem]) -> bool:
    if is_setting(name):
        return True
    if any(each.startswith(f"{name}.") for each in every_setting()):
        problems.append(
            Problem(given.place, "is a section, not a setting.", f"Write [{name}] and its settings under it.")
        )
    else:
        problems.append(Problem(given.place, "is no setting.", _did_you_mean(name)))
    return False


def _did_you_mean(name: str) -> str:
    """Advice on a misspelt name: a sibling first, then the same key in another section, then any alike."""
    from difflib import get_close_matches

    section, _, key = name.rpartition(".")
    names = list(every_setting())
    if reader_of(name) is not None:
        close = get_close_matches(key, READER_KEYS, n=1)
        return f"Did you mean {close[0]}?" if close else f"An edition has {', '.join(READER_KEYS)}."
    siblings = [each for each in names if each.rpartition(".")[0] == section]
    by_key = {each.rpartition(".")[2]: each for each in siblings}
    if close := get_close_matches(key, by_key, n=1):
        return f"Did you mean {close[0]}?"
    if elsewhere := [each for each in names if each.rpartition(".")[2] == key]:
        return f"Did you mean {' or '.join(elsewhere)}?"
    if close := get_close_matches(name, names, n=1):
        return f"Did you mean {close[0]}?"
    return "`reporter schema` lists all settings."
