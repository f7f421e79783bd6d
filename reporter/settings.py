"""What can be set: the settings of all rooms as one `Config`, and each of them by its name in ``reporter.toml``.

Each room owns its settings (``intake.settings``, ``analysis.settings``, ``document.settings``); here is only what they have in common.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from types import MappingProxyType, NoneType, UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from reporter.analysis.settings import AnalysisSettings
from reporter.delivery.settings import AlarmSettings, MailSettings
from reporter.document.settings import ReaderSettings, ReadersSettings, ReportSettings
from reporter.errors import Problem, UsageError
from reporter.intake.settings import SourceSettings


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """Section ``[output]``: where the report goes."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    dir: str = "output"
    """Folder that holds one folder for each run, and `latest`."""
    pdf: Literal["auto", True, False] = "auto"
    """Whether to make the PDF: true (or fail), false, or auto (where its library is installed)."""
    pseudonymise: bool = False
    """Whether customer ids are replaced by keyed hashes in every output; the key is in the environment variable REPORTER_PSEUDONYM_KEY."""

    @property
    def wants_pdf(self) -> bool:
        """Whether one is made where that is possible."""
        return self.pdf is not False


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """Section ``[history]``: earlier runs in the output folder."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    enabled: bool = True
    """Whether the run is entered in `history.sqlite` of the output folder, and compared with the earlier runs of its series."""
    series: str = ""
    """Name of the series that the run belongs to, such as monthly; empty: told from the data (see Month after month)."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a user may say about a run.

    Examples
    --------
    >>> from reporter import Config
    >>> Config().analysis.cluster.k_max
    10
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    engine: str = "auto"
    """Where the rows are worked on: auto (which is duckdb), duckdb, spark (the active session, or this machine) or sc://host:port."""
    memory: str = ""
    """Memory that a run may take, such as 4GB, 1.5 GiB or 800MB; empty: what the container or the machine has."""
    source: SourceSettings = field(default_factory=SourceSettings)
    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    report: ReportSettings = field(default_factory=ReportSettings)
    readers: ReadersSettings = field(default_factory=ReadersSettings)
    output: OutputSettings = field(default_factory=OutputSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    mail: MailSettings = field(default_factory=MailSettings)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


LEAST_MEMORY = 256 * 10**6
MOST_MEMORY = 10**15
UNITS: Mapping[str, int] = MappingProxyType(
    {
        f"{letter}{form}": base**power
        for power, letter in enumerate("kmgt", 1)
        for form, base in (("b", 1000), ("ib", 1024))
    }
)
"""Bytes of each unit: kB, MB, GB, TB count in thousands, KiB, MiB, GiB, TiB in 1,024s."""


def memory_bytes(config: Config) -> int | None:
    """The setting ``memory`` in bytes; None where it is empty.

    Raises
    ------
    UsageError
        Where it means no amount of memory that a run can have.

    Examples
    --------
    >>> memory_bytes(Config(memory="1.5 GiB"))
    1610612736
    """
    if not config.memory.strip():
        return None
    if fault := memory_fault(config.memory):
        raise UsageError(Problem("memory", f"“{config.memory}” cannot be used.", fault))
    return _bytes(config.memory)


def memory_fault(text: str) -> str:
    """Why a text cannot be the setting ``memory``, and what to write; empty where it can."""
    count = _bytes(text) if text.strip() else LEAST_MEMORY
    if count is None:
        return "Write a number and its unit, such as 4GB, 1.5 GiB or 800MB; empty: what the machine has."
    if count < LEAST_MEMORY:
        return "It is less than 256MB, which the program takes for itself. Allow more, or leave it empty."
    if count > MOST_MEMORY:
        return "It is more than 1000TB, which no machine has. Look at its unit, or leave it empty."
    return ""


def _bytes(text: str) -> int | None:
    """The number of bytes that a text means; None where it means none."""
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([kmgt]i?b)", text.strip().lower())
    return int(Decimal(found[1]) * UNITS[found[2]]) if found else None


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as ``reporter.toml`` names it.

    Attributes
    ----------
    name : str
        ``cluster.k_max``: section and key.
    path : tuple of str
        Attributes that lead to it from a `Config`: ``("analysis", "cluster", "k_max")``.
    kind : object
        Its type, such as ``int`` or ``Literal["dmy", "mdy", "ymd"] | None``.
    default : object
    owner : type
        The dataclass that it is defined in.
    """

    name: str
    path: tuple[str, ...]
    kind: Any
    default: Any
    owner: type

    @property
    def meaning(self) -> str:
        """The text under it where it is defined."""
        return _meanings(self.owner).get(self.path[-1], "")

    @property
    def section(self) -> str:
        """``cluster`` of ``cluster.k_max``; empty for the settings above all sections."""
        return self.name.rpartition(".")[0]

    @property
    def is_table(self) -> bool:
        """Whether the user names the keys, as in ``[source.columns]``."""
        return get_origin(self.kind) is dict

    @property
    def optional(self) -> bool:
        """Whether it may be absent."""
        return NoneType in get_args(self.kind)

    @property
    def kinds(self) -> tuple[Any, ...]:
        """Its types without the absence: ``(str,)`` of ``str | None``."""
        if get_origin(self.kind) in (Union, UnionType):
            return tuple(kind for kind in get_args(self.kind) if kind is not NoneType)
        return (self.kind,)

    @property
    def choices(self) -> tuple[Any, ...]:
        """Its allowed values, where they can be counted."""
        return tuple(choice for kind in self.kinds if get_origin(kind) is Literal for choice in get_args(kind))

    def value(self, config: Config) -> Any:
        """Its value in `config`."""
        found: Any = config
        for attribute in self.path:
            found = getattr(found, attribute)
        return found


@cache
def every_setting() -> Mapping[str, Setting]:
    """All settings by name, in the order of the rooms.

    Examples
    --------
    >>> every_setting()["cluster.k_max"].default
    10
    """
    return MappingProxyType({setting.name: setting for setting in _walk(Config, ())})


def _walk(owner: Any, path: tuple[str, ...]) -> Iterator[Setting]:
    kinds = get_type_hints(owner)
    for entry in sorted(fields(owner), key=lambda each: is_dataclass(kinds[each.name])):
        here = (*path, entry.name)
        kind = kinds[entry.name]
        if is_dataclass(kind):
            yield from _walk(kind, here)
        else:
            default = entry.default if entry.default_factory is MISSING else entry.default_factory()
            yield Setting(_name(here), here, kind, default, owner)


def _name(path: Sequence[str]) -> str:
    """The dotted name; the parts of the analysis (``rfm``, ``cluster`` …) are sections of their own."""
    if tuple(path) == ("readers", "each"):
        return READERS
    return ".".join(path[1:] if path[0] == "analysis" and len(path) > 2 else path)


@cache
def _meanings(owner: type) -> dict[str, str]:
    """The text under each field of a dataclass, read from its source: a report needs none of it."""
    definition = ast.parse(inspect.getsource(owner)).body[0]
    meanings = {}
    for above, below in pairwise(ast.iter_child_nodes(definition)):
        match above, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                meanings[name] = " ".join(text.split()).replace("``", "")
    return meanings


READERS = "readers.NAME"
"""The table of editions: what is written as ``readers.NAME.locale`` is in it."""
READER_KEYS = tuple(entry.name for entry in fields(ReaderSettings))


def setting_of(name: str) -> Setting:
    """The setting that a dotted name means; ``source.columns.customer_id`` is a key of the table ``source.columns``, ``readers.delta.locale`` one of `READERS`.

    Raises
    ------
    KeyError
        Where there is none.
    """
    settings = every_setting()
    if (keys := reader_of(name)) is not None and keys[1] in READER_KEYS:
        return settings[READERS]
    table = settings.get(name.rpartition(".")[0])
    return table if table is not None and table.is_table and table.name != READERS else settings[name]


def reader_of(name: str) -> tuple[str, str] | None:
    """Edition and key of ``readers.NAME.KEY``; None for every other name."""
    section, _, rest = name.partition(".")
    edition, dot, key = rest.rpartition(".")
    return (edition, key) if section == "readers" and dot else None


def is_setting(name: str) -> bool:
    """Whether a dotted name means a setting."""
    try:
        return bool(setting_of(name))
    except KeyError:
        return False


def is_path(name: str, value: Any) -> bool:
    """Whether the value of a setting is the path of a file or folder."""
    if not isinstance(value, str) or not value:
        return False
    return (
        name in ("output.dir", "report.playbook", "report.templates", "report.logo", "campaign.exclude")
        or (name == "rfm.grid" and value.lower().endswith(".csv"))
        or (reader_of(name) or ("", ""))[1] == "logo"
    )
