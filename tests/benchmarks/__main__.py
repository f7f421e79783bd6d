"""How fast, how much memory, and how both grow: whole commands, in processes of their own, taken in turns.

    ./dev bench [--pairs 3] [--factors 1,4,16] [--notebook-up-to 4] [--workbook FILE ...] [--write]

Each round runs every contender once, each time in another order, so that a busy minute hurts all alike; ratios are taken within a
round, and the median round is told. `--write` puts the page into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

from tests.benchmarks import bigger

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
LIBRARIES = ("duckdb", "numpy", "pandas", "matplotlib", "weasyprint", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to get from a workbook to results."""

    name: str
    words: tuple[str, ...]

    def command(self, source: Path, folder: Path) -> list[str]:
        """Its command line."""
        return [sys.executable, *(word.format(source=source, folder=folder) for word in self.words)]


PDF = Contender("report, with PDF", ("-m", "reporter", "run", "{source}", "-o", "{folder}", "--pdf", "-q"))
HTML = Contender("report, without PDF", ("-m", "reporter", "run", "{source}", "-o", "{folder}", "--no-pdf", "-q"))
NOTEBOOK = Contender("notebook", ("-m", "tests.benchmarks.notebook", "{source}", "{folder}"))


@dataclass(frozen=True, slots=True)
class Measure:
    """One run: wall seconds, largest resident memory, and the stages where the run tells them."""

    seconds: float
    peak_mib: float
    stages: dict[str, float] = field(default_factory=dict)


Rounds = list[dict[str, Measure]]


def measure(contender: Contender, source: Path) -> Measure:
    """Run it once, to the end, in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        begin = time.perf_counter()
        process = subprocess.Popen(
            contender.command(source, folder),
            env=environment,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        told = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{contender.name} failed with {process.returncode}:\n{told}")
        unit = 1 if sys.platform == "darwin" else 1024
        return Measure(seconds, usage.ru_maxrss * unit / 2**20, stages(folder))


def stages(folder: Path) -> dict[str, float]:
    """Seconds of each stage, from the manifest of a run."""
    manifests = sorted(path for path in folder.glob("*/manifest.json") if not path.parent.is_symlink())
    return json.loads(manifests[0].read_text())["timings"]["stages"] if manifests else {}


def compete(contenders: Sequence[Contender], source: Path, rounds: int) -> Rounds:
    """All contenders in turns, each round beginning with another one; a first round that is not counted warms the caches."""
    taken: Rounds = []
    for number in range(-1, rounds):
        turn = number % len(contenders)
        order = [*contenders[turn:], *contenders[:turn]]
        taken.append({contender.name: measure(contender, source) for contender in order})
        told = ", ".join(f"{name} {one.seconds:.1f} s" for name, one in taken[-1].items())
        print(f"{source.name}: {'warm-up' if number < 0 else f'round {number + 1}'}: {told}", file=sys.stderr)
    return taken[1:]


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The power with which seconds grow with size: the slope of a least-squares line through their logarithms."""
    x, y = [math.log(size) for size in sizes], [math.log(max(each, 1e-3)) for each in seconds]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    across = sum((a - middle_x) ** 2 for a in x)
    return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / across


# --- the page ---------------------------------------------------------------------------------------------------------


def page(results: dict[str, tuple[int, Rounds]], rounds: int, scaled: Sequence[str]) -> str:
    """Everything that was measured, as Markdown."""
    parts = ["# Benchmarks\n", f"Made by `./dev bench --write` on {machine()}.\n", HOW.format(rounds=rounds)]
    parts += ["## Whole commands\n", *whole(results), "\n## Where the time goes\n", *where(results)]
    if len(scaled) > 1:
        parts += ["\n## Growth\n", *growth({name: results[name] for name in scaled})]
    return "\n".join(parts) + "\n"


HOW = """Seconds are wall time of a whole command, from the start of Python to its end, with `OMP_NUM_THREADS=1` for all; the median of {rounds} rounds, in which the
contenders took turns (a warm-up round is not counted). A ratio is taken within each round; the median ratio is told, with the smallest and largest.
*notebook* is [the plain notebook way](../tests/benchmarks/notebook.py): openpyxl, groupby-apply, scikit-learn (KMeans and Ward k = 2..10, DBSCAN), fifteen PNG charts. It
does less: it accounts for no row, compares with no null, resamples nothing, and writes no sentence, no workbook and no PDF.
"""


def machine() -> str:
    """What the numbers depend on; no name of host or user."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next(
            (line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")),
            model,
        )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}, {libraries}"


def whole(results: dict[str, tuple[int, Rounds]]) -> Iterator[str]:
    """One line per workbook and contender."""
    yield "| workbook | rows | command | seconds | peak MiB | times faster than the notebook |\n|---|--:|---|--:|--:|--:|"
    for name, (rows, rounds) in results.items():
        for contender in rounds[0]:
            taken = [one[contender] for one in rounds]
            seconds = [one.seconds for one in taken]
            told = f"{median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"
            yield f"| {name} | {rows:,} | {contender} | {told} | {median(one.peak_mib for one in taken):.0f} | {ratio(rounds, contender)} |"


def ratio(rounds: Rounds, contender: str) -> str:
    """How many times faster than the notebook, within each round."""
    if contender == NOTEBOOK.name or NOTEBOOK.name not in rounds[0]:
        return ""
    ratios = [one[NOTEBOOK.name].seconds / one[contender].seconds for one in rounds]
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def where(results: dict[str, tuple[int, Rounds]]) -> Iterator[str]:
    """Median seconds of each stage of the run with PDF; what no stage tells is Python starting and importing."""
    names = list(dict.fromkeys(stage for _, rounds in results.values() for stage in rounds[0][PDF.name].stages))
    yield f"| workbook | {' | '.join(names)} | the rest |\n|---|{'--:|' * (len(names) + 1)}"
    for name, (_, rounds) in results.items():
        taken = [one[PDF.name] for one in rounds]
        seconds = [median(one.stages.get(stage, 0.0) for one in taken) for stage in names]
        rest = median(one.seconds - sum(one.stages.values()) for one in taken)
        yield f"| {name} | {' | '.join(f'{each:.2f}' for each in [*seconds, rest])} |"


def growth(results: dict[str, tuple[int, Rounds]]) -> Iterator[str]:
    """How seconds grow with rows."""
    yield "Seconds grow with rows to the power of (1: twice the rows, twice the time; fixed costs lower it):\n"
    yield "| what | power |\n|---|--:|"
    sizes = [rows for rows, _ in results.values()]
    for contender in (PDF.name, HTML.name, NOTEBOOK.name):
        held = [(rows, rounds) for rows, rounds in results.values() if contender in rounds[0]]
        if len(held) > 1:
            seconds = [median(one[contender].seconds for one in rounds) for _, rounds in held]
            yield f"| {contender} | {exponent([rows for rows, _ in held], seconds):.2f} |"
    for stage in next(iter(results.values()))[1][0][PDF.name].stages:
        seconds = [median(one[PDF.name].stages.get(stage, 0.0) for one in rounds) for _, rounds in results.values()]
        yield f"| stage {stage} | {exponent(sizes, seconds):.2f} |"


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("--pairs", type=int, default=3, help="counted rounds")
    parser.add_argument("--factors", default="1,4,16", help="sizes, in times the demo workbook")
    parser.add_argument("--notebook-up-to", type=int, default=4, help="largest factor that the notebook is run on")
    parser.add_argument(
        "--workbook", type=Path, action="append", default=[], help="another six-sheet workbook to measure as well"
    )
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    chosen = parser.parse_args()
    results: dict[str, tuple[int, Rounds]] = {}
    scaled = []
    for workbook in chosen.workbook:
        results[workbook.name] = (rows_of(workbook), compete((PDF, HTML, NOTEBOOK), workbook.resolve(), chosen.pairs))
    with tempfile.TemporaryDirectory() as folder:
        for factor in map(int, chosen.factors.split(",")):
            source = Path(folder) / f"demo-x{factor}.xlsx"
            rows = bigger.make(source, factor)
            contenders = (PDF, HTML, NOTEBOOK) if factor <= chosen.notebook_up_to else (PDF, HTML)
            name = "demo" if factor == 1 else f"demo x {factor}"
            scaled.append(name)
            results[name] = (rows, compete(contenders, source, chosen.pairs))
    text = page(results, chosen.pairs, scaled)
    print(text)
    if chosen.write:
        PAGE.write_text(text, encoding="utf-8")


def rows_of(workbook: Path) -> int:
    """Rows of its transactions sheet, without the header."""
    import python_calamine

    return len(python_calamine.CalamineWorkbook.from_path(workbook).get_sheet_by_name("transactions").to_python()) - 1


if __name__ == "__main__":
    main()
