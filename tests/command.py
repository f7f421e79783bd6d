"""The command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FAST = ("--set", "cluster.null_draws=2", "--set", "cluster.bootstraps=2", "--set", "cluster.k_max=3")
"""Settings that spare time; what is tested here does not hang on them. Two numbers of groups are tried, so that there is a choice to show."""
BRIEF = (*FAST, "--set", "report.edition=brief")
"""The same and two pages, for tests of the way to a report: all stages run and all files are made, of some fifty pictures one is drawn."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str


def called(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None, **options: Any) -> Ran:
    """The command in a process of its own; no traceback may come out of it, whatever it is given."""
    process = subprocess.run(
        [sys.executable, "-m", "reporter", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        timeout=120,
        **options,
    )
    assert "Traceback" not in process.stderr, process.stderr
    return Ran(process.returncode, process.stdout, process.stderr)
