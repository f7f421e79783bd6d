"""What a person sees: progress while a run works, the plan of the engine, and text that cannot steer a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from reporter import screen
from reporter.stages import Plan, Stage

ROOT = Path(__file__).parents[1]


def test_text_of_a_file_cannot_steer_a_terminal(capsys):
    screen.tell("sheet \x1b[31mred\x07\u202e \u00a0é“”")
    assert capsys.readouterr().err == "sheet  [31mred    é“”\n"


READ = Stage("read", "Reading orders.parquet", 12.3, rows=10_000_000, peak_mib=1612)
DRAWN = Stage("draw", "Drawing", 1.23)
READ_LINE = "Reading orders.parquet: 10,000,000 rows in 12.3 s (813,000 rows/s), peak 1,612 MiB\n"
DRAWN_LINE = "Drawing: 1.2 s\n"


@pytest.mark.parametrize(
    ("quiet", "verbose", "stages", "said"),
    [
        (True, True, [READ, DRAWN], ""),
        (False, False, [DRAWN], ""),
        (False, True, [DRAWN], DRAWN_LINE),
        (False, False, [READ, DRAWN], READ_LINE + DRAWN_LINE),
        (False, False, [DRAWN, DRAWN], ""),
        (False, False, [DRAWN, READ, DRAWN], DRAWN_LINE + READ_LINE + DRAWN_LINE),
    ],
    ids=["quiet", "short", "verbose", "long", "still short", "becomes long"],
)
def test_progress_off_a_terminal_is_silent_unless_asked_or_long(
    quiet: bool, verbose: bool, stages: list[Stage], said: str, capsys
):
    with screen.progress(quiet=quiet, verbose=verbose) as progress:
        for stage in stages:
            progress(Stage(stage.name, stage.told))
            progress(Stage(stage.name, stage.told, done=5))
            progress(stage)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", said)


@pytest.mark.parametrize(
    ("stage", "seconds", "line"),
    [
        (Stage("read", "Reading x"), 0.4, "Reading x"),
        (Stage("read", "Reading x"), 3.4, "Reading x: 3 s"),
        (Stage("clean", "Checking", rows=1), 0.0, "Checking: 1 row"),
        (Stage("clean", "Checking", rows=1_200_000), 3.0, "Checking: 1,200,000 rows, 3 s"),
        (Stage("read", "Reading x", done=1_200_000), 3.0, "Reading x: 1,200,000 rows, 3 s (400,000 rows/s)"),
        (Stage("read", "Reading x", rows=9, done=0), 2.0, "Reading x: 0 rows, 2 s"),
    ],
)
def test_what_goes_on_is_told_with_what_is_known(stage: Stage, seconds: float, line: str):
    assert screen.going_line(stage, seconds) == line


def test_no_speed_is_told_of_a_moment():
    assert screen.ended_line(Stage("read", "Reading x", 0.01, rows=7)) == "Reading x: 7 rows in 0.0 s"


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (
            Plan("DuckDB 2.0.0", 2, int(2.4 * 2**30), "disk"),
            "DuckDB 2.0.0 on 2 threads, at most 2.4 GiB of memory, then spilling to disk",
        ),
        (Plan("DuckDB 2.0.0", 1, 800 * 2**20), "DuckDB 2.0.0 on 1 thread, at most 800 MiB of memory"),
        (Plan("DuckDB 2.0.0", 1, 4 * 2**30), "DuckDB 2.0.0 on 1 thread, at most 4 GiB of memory"),
        (Plan("Spark 4.0.1 at sc://cluster"), "Spark 4.0.1 at sc://cluster"),
    ],
)
def test_the_plan_is_one_line_in_plain_words(plan: Plan, line: str):
    assert screen.plan_line(plan) == line
    assert screen.plan_line(plan, 5_000) == f"{line}; 5,000 rows"


GOING = """
from reporter import screen
from reporter.stages import Stage
with screen.progress(quiet=False, verbose=False) as progress:
    progress(Stage("read", "Reading [bold]shop.xlsx"))
    progress(Stage("read", "Reading [bold]shop.xlsx", done=50))
    import time; time.sleep(1.3)
    progress(Stage("read", "Reading [bold]shop.xlsx", 1.3))
"""
TERMINALS = ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"})


@contextmanager
def on_a_terminal(environment: dict[str, str]) -> Iterator[Callable[[], str]]:
    """Begin a process that shows its progress on a terminal; when it has ended, the call gives what stands there."""
    import pty

    ours, theirs = pty.openpty()
    base = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    env = {**base, "TERM": "xterm", **environment}
    process = subprocess.Popen([sys.executable, "-c", GOING], stderr=theirs, cwd=ROOT, env=env)

    def told() -> str:
        assert process.wait(30) == 0
        os.set_blocking(ours, False)
        try:
            return os.read(ours, 100_000).decode()
        except BlockingIOError:
            return ""

    try:
        yield told
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_a_terminal_shows_what_is_going_on_unless_asked_not_to():
    """Three terminals at a time, for it takes a second until something is shown."""
    with ExitStack() as stack:
        shown = [stack.enter_context(on_a_terminal(environment)) for environment in TERMINALS]
        moving, colourless, dumb = (told() for told in shown)
    assert re.search(r"Reading \[bold\]shop\.xlsx: 50 rows, \d s \(\d+ rows/s\)", moving)
    assert "Reading [bold]shop.xlsx" not in colourless + dumb
