"""Running contenders: whole commands in processes of their own, in turns, measured from outside without disturbing them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reporter.meter import MIB, Tree, let_go
from tests.benchmarks.sources import Size

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_S = 0.5
ONE_THREAD = {"OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to get from a source to results."""

    name: str
    words: tuple[str, ...]

    def command(self, source: Path, folder: Path, settings: Sequence[str]) -> list[str]:
        """Its command line."""
        said = [word.format(source=source, folder=folder) for word in self.words]
        return [sys.executable, *said, *(word for each in settings for word in ("--set", each))]


REPORT = Contender("report", ("-m", "reporter", "run", "{source}", "-o", "{folder}", "--pdf", "-q"))
NOTEBOOK = Contender("notebook", ("-m", "tests.benchmarks.notebook", "{source}", "{folder}"))


@dataclass(frozen=True, slots=True)
class Measure:
    """One run.

    Attributes
    ----------
    seconds : float
        Wall time from the start of Python to its end.
    cpu_seconds : float
        User and system time of the process and of all that it started and awaited.
    peak_mib : float
        Largest memory of all of them together, sampled from outside.
    others : float
        How many processors were busy with other things meanwhile, on average; 0 where the system does not say.
    stages, stage_peaks_mib : dict of stage name to number
        Seconds and peaks as the run tells them; empty for the notebook.
    told_peak_mib : int or None
        The peak as the run tells it.
    account : dict
        ``read, kept, rejected, balances, planted_found``; empty for the notebook.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    others: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    stage_peaks_mib: dict[str, int] = field(default_factory=dict)
    told_peak_mib: int | None = None
    account: dict[str, Any] = field(default_factory=dict)


Round = dict[str, Measure]
"""One measure of each contender, by its name."""


def compete(size: Size, source: Path, rounds: int) -> Iterator[Round]:
    """All contenders of a size in turns; each round begins with another one, so that a busy minute hurts all alike."""
    contenders = [REPORT, NOTEBOOK] if size.against else [REPORT]
    for number in range(rounds):
        turn = number % len(contenders)
        order = [*contenders[turn:], *contenders[:turn]]
        taken = {contender.name: measure(contender, size, source) for contender in order}
        told = ", ".join(f"{name} {one.seconds:.1f} s, {one.peak_mib:,.0f} MiB" for name, one in taken.items())
        print(f"{size.name}: round {number + 1}: {told}", file=sys.stderr)
        yield taken


def measure(contender: Contender, size: Size, source: Path) -> Measure:
    """Run it once, to the end, in a process and a folder of its own."""
    let_go()  # or what this process holds of libraries would not count in full for those who hold it too
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile() as talk:
        folder = Path(name)
        settings = size.settings if contender is REPORT else ()
        begin, busy = time.perf_counter(), busy_seconds()
        process = subprocess.Popen(
            contender.command(source, folder, settings),
            env=os.environ | ONE_THREAD | {"PYTHONPATH": str(ROOT)},
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=talk,
        )
        with _peak(process.pid) as peaks:
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            talk.seek(0)
            told = talk.read().decode("utf-8", "replace")
            raise SystemExit(f"{contender.name} on {source.name} failed with {process.returncode}:\n{told}")
        unit = 1 if sys.platform == "darwin" else 1024
        told = told_by(folder, size)
        peak = max(*peaks, usage.ru_maxrss * unit, (told.get("told_peak_mib") or 0) * MIB)
        cpu = usage.ru_utime + usage.ru_stime
        others = max(busy_seconds() - busy - cpu, 0.0) / seconds
        return Measure(seconds, cpu, peak / MIB, others, **told)


def busy_seconds() -> float:
    """Seconds that all processors together have worked for anybody since the machine was started; 0 where the system does not say."""
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    except OSError:
        return 0.0
    user, nice, system, _, _, interrupts, soft, stolen = map(int, fields)
    return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _peak(pid: int) -> Iterator[list[int]]:
    """Sample the memory of a process and its descendants while this is open; the samples are there when it closes."""
    peaks: list[int] = []
    over = threading.Event()

    def watch() -> None:
        tree = Tree(pid)
        while not over.wait(SAMPLE_S):
            peaks.append(tree.sample())

    thread = threading.Thread(target=watch, daemon=True)
    if sys.platform == "linux":
        thread.start()
    try:
        yield peaks
    finally:
        over.set()
        if thread.ident is not None:
            thread.join()


def told_by(folder: Path, size: Size) -> dict[str, Any]:
    """What a run tells of itself: its timings, and whether its rows balance and hold what was planted; nothing of a notebook."""
    runs = [path for path in sorted(folder.iterdir()) if not path.is_symlink() and (path / "manifest.json").is_file()]
    if not runs:
        return {}
    timings = json.loads((runs[0] / "manifest.json").read_text(encoding="utf-8"))["timings"]
    facts = json.loads((runs[0] / "facts.json").read_text(encoding="utf-8"))
    return {
        "stages": timings["stages"],
        "stage_peaks_mib": timings["stage_peak_memory_mib"],
        "told_peak_mib": timings["peak_memory_mib"],
        "account": account_of(facts["rows"], size),
    }


def account_of(rows: dict[str, Any], size: Size) -> dict[str, Any]:
    """Whether every row that was written was read, is kept or rejected, and whether exactly the planted faults were found."""
    read, kept, rejected = (rows[name] for name in ("read", "kept", "rejected"))
    return {
        "read": read,
        "kept": kept,
        "rejected": rejected,
        "balances": read == size.rows == kept + rejected,
        "planted_found": rows["by_reason"] == size.reasons,
    }
