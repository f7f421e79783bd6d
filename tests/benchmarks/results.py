"""What was measured, kept in docs/benchmarks.json, so that sizes can be measured one by one and the page be written from all of them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.measure import NOTEBOOK, REPORT, ROOT, Measure, Round
from tests.benchmarks.sources import Size

STORE = ROOT / "docs" / "benchmarks.json"
LIBRARIES = ("duckdb", "numpy", "pandas", "pyarrow", "matplotlib", "weasyprint", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Result:
    """All rounds of one size.

    Attributes
    ----------
    name, words : str
        The size, and what it is.
    rows : int
    settings : tuple of str
    machine, revision : str
        Where it was measured, and the state of the code.
    rounds : tuple of Round
    """

    name: str
    words: str
    rows: int
    settings: tuple[str, ...]
    machine: str
    revision: str
    rounds: tuple[Round, ...]

    @property
    def others(self) -> float:
        """How many processors were busy with other things meanwhile: the median over all runs."""
        return median(one.others for taken in self.rounds for one in taken.values())

    def of(self, contender: str, what: Callable[[Measure], float]) -> list[float]:
        """One number of each run of a contender; empty where it did not run."""
        return [what(one[contender]) for one in self.rounds if contender in one]

    def middle(self, what: Callable[[Measure], float], contender: str = REPORT.name) -> float:
        """The median of one number over the rounds."""
        return median(self.of(contender, what))

    def ratios(self, what: Callable[[Measure], float]) -> list[float]:
        """The notebook's number over the report's, within each round."""
        pairs = [(one[NOTEBOOK.name], one[REPORT.name]) for one in self.rounds if NOTEBOOK.name in one]
        return [what(notebook) / what(report) for notebook, report in pairs]


@dataclass(frozen=True, slots=True)
class Quality:
    """One promise about the quality of an approximation: its name, what was measured, the bound, and whether it holds."""

    name: str
    measured: str
    bound: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured so far.

    Attributes
    ----------
    sizes : dict of size name to Result
    quality : tuple of Quality
    quality_revision : str
    """

    sizes: dict[str, Result] = field(default_factory=dict)
    quality: tuple[Quality, ...] = ()
    quality_revision: str = ""


def result_of(size: Size, rounds: Sequence[Round]) -> Result:
    """What was measured of a size, here and now."""
    return Result(size.name, size.words, size.rows, size.settings, machine(), revision(), tuple(rounds))


def load(path: Path = STORE) -> Results:
    """What was written before; nothing where nothing was."""
    if not path.is_file():
        return Results()
    content = json.loads(path.read_text(encoding="utf-8"))
    sizes = {name: _result(name, each) for name, each in content["sizes"].items()}
    return Results(sizes, tuple(Quality(**each) for each in content["quality"]), content["quality_revision"])


def _result(name: str, content: dict[str, Any]) -> Result:
    rounds = tuple({who: Measure(**each) for who, each in one.items()} for one in content["rounds"])
    return Result(**(content | {"name": name, "settings": tuple(content["settings"]), "rounds": rounds}))


def save(results: Results, path: Path = STORE) -> None:
    """Write everything, rounded to what is meaningful."""
    content = asdict(results)
    for each in content["sizes"].values():
        del each["name"]
    text = json.dumps(_rounded(content), indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(each) for each in value]
    return round(value, 3) if isinstance(value, float) else value


def merged(old: Results, sizes: Iterable[Result] = (), quality: Iterable[Quality] = ()) -> Results:
    """The old results with new ones in the place of those of the same size; quality is replaced as a whole."""
    rows = tuple(quality)
    fresh = {each.name: each for each in sizes}
    return Results(old.sizes | fresh, rows or old.quality, revision() if rows else old.quality_revision)


def quality_rows(rows: Iterable[Any]) -> list[Quality]:
    """Rows of (name, measured, bound, passed), as tuples or as objects with these names."""
    return [
        Quality(str(name), _told(measured), _told(bound), bool(passed))
        for name, measured, bound, passed in (
            row if isinstance(row, (tuple, list)) else (row.name, row.measured, row.bound, row.passed) for row in rows
        )
    ]


def _told(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def machine() -> str:
    """What the numbers depend on; no name of host or user."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}, {libraries}"


def revision() -> str:
    """The commit that the code is at; with a plus where it was changed since."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no", "reporter", "templates") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
