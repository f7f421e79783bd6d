"""The command, in a process of its own or in this one."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from reporter.cli import outcome

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


def called_here(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> Ran:
    """The command in this process, which draws and prints by itself: half the time, for tests that are not about the process and how it ends."""
    from reporter.document import press

    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, env or {}),
        patch.object(press, "Press", partial(press.Press, 0)),
        chdir(cwd),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = outcome([*map(str, arguments)])
    assert "--debug" in arguments or "Traceback" not in err.getvalue(), err.getvalue()
    return Ran(code, out.getvalue(), err.getvalue())
