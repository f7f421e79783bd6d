"""docs/benchmarks.md: what must be, what was measured, and how."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from reporter.intake.excel import MOST_AHEAD
from tests.benchmarks.measure import NOTEBOOK, REPORT, Measure
from tests.benchmarks.results import Result, Results
from tests.benchmarks.sources import FIXED, SIZES

LEAST_S = 0.2
"""Seconds beyond the fixed costs under which no growth can be told."""
BUSY = 0.5
"""Processors that others may keep busy before wall times say little."""
GROWTH = ("1M", "10M")
"""The sizes between which growth is told; and 50M where it was measured."""
NONE = "not measured"


def seconds(one: Measure) -> float:
    """Wall time."""
    return one.seconds


def cpu(one: Measure) -> float:
    """User and system time."""
    return one.cpu_seconds


def peak(one: Measure) -> float:
    """Memory."""
    return one.peak_mib


def page(results: Results) -> str:
    """Everything that was measured, as Markdown."""
    sizes = [results.sizes[name] for name in SIZES if name in results.sizes]
    sizes += [each for name, each in results.sizes.items() if name not in SIZES]
    parts = ["# Benchmarks\n", HOW, "## What must be, and what was measured\n", *goals(results)]
    parts += ["\n## Whole commands\n", *whole(sizes), "\n## Where the time and the memory go\n", *where(sizes)]
    parts += ["\n## Growth\n", *growth(results.sizes), "\n## Accounts\n", *accounts(sizes)]
    if results.quality:
        parts += ["\n## Approximations\n", *quality(results)]
    parts += ["\n## What was run\n", *runs(sizes), "", LIMITS]
    return "\n".join(parts)


HOW = """Made by `./dev bench --write` from [benchmarks.json](benchmarks.json), which holds every run. *report* is `reporter run` with HTML, PDF, workbook and lists;
*notebook* is [the plain notebook way](../tests/benchmarks/notebook.py): openpyxl, groupby-apply, scikit-learn, fifteen PNG charts. It does less: it accounts for no row,
compares with no null, resamples nothing, and writes no sentence, no workbook and no PDF. Where it hits the wall it does what a careful analyst would: above 20,000 customers Ward is
left out, for its distances need 31 GiB at 91,000, and above 25,000 the silhouette is that of a sample of 25,000. **A ratio depends on such settings**: with vectorised features and a
smaller sample the notebook would be some times faster.

Each contender is a whole command in a process of its own, from the start of Python to its end, with `OMP_NUM_THREADS=1`. They take turns, and each round begins with another one. A ratio is
taken within a round; the median is told, with the smallest and largest where there were several rounds. *CPU* is user and system time of all processes; before revision 08c79bb that of a report's second
worker was left out, about a fifth of the whole. *Peak* is the memory of the
whole process tree, shared pages counted once, looked up twice a second from outside; or what the report saw of itself ten times a second, or the system of the first process, where that is more. The histories are invented ([history.py](../tests/benchmarks/history.py)) and the
same numbers give the same file.
"""

LIMITS = """Wall times of a shared machine are noisy: trust CPU seconds, ratios within a round, and peaks. Nothing was measured on several machines together, nor with data that a
company really has at these sizes.
"""


# --- must and measured ------------------------------------------------------------------------------------------------


def goals(results: Results) -> Iterator[str]:
    """The promises, each with what was measured."""
    yield "| what | must | stretch | measured | |\n|---|---|---|---|---|"
    for names, (what, must, stretch, measured, met) in zip(GOALS, _goals(results.sizes), strict=True):
        is_busy = any(results.sizes[name].others > BUSY for name in names if name in results.sizes)
        verdict = "" if met is None else ("met" if met else "**missed**") + (", busy machine" if is_busy else "")
        yield f"| {what} | {must} | {stretch} | {measured} | {verdict} |"


Goal = tuple[str, str, str, str, bool | None]
GOALS = (("5k",), ("100k",), ("1M",), ("10M",), ("50M",), (FIXED, *GROWTH))
"""The sizes that each promise rests on, in the order of the promises."""


def _goals(sizes: dict[str, Result]) -> Iterator[Goal]:
    yield _goal(sizes, "5k", "5k workbook to HTML and PDF", "10 s", "5 s", (10.0, None))
    yield _rival(sizes, "100k", "100k workbook, 16k customers, against the notebook", 7, 10)
    yield _rival(sizes, "1M", "1M rows, 91k customers, against the notebook", 10, 15)
    yield _goal(sizes, "10M", "10M rows, 909k customers", "60 s, 1.5 GB", "40 s, 1 GB", (60.0, 1.5e9))
    yield _goal(sizes, "50M", "50M rows, 5M customers, told 4 GB", "finishes, rows balance, 4 GB", "5 min", (None, 4e9))
    yield _power(sizes)


def _goal(
    sizes: dict[str, Result], name: str, what: str, must: str, stretch: str, most: tuple[float | None, float | None]
) -> Goal:
    """At most so many seconds and bytes, and the rows balance."""
    if name not in sizes:
        return what, must, stretch, NONE, None
    size = sizes[name]
    took, held = size.middle(seconds), max(size.of(REPORT.name, peak))
    fine = all(one[REPORT.name].account["balances"] for one in size.rounds)
    met = fine and (most[0] is None or took <= most[0]) and (most[1] is None or held * 2**20 <= most[1])
    told = f"{took:.1f} s ({size.middle(cpu):.1f} s CPU), {_gb(held)}{'' if fine else ', rows do not balance'}"
    return what, must, stretch, told, met


def _rival(sizes: dict[str, Result], name: str, what: str, must: float, stretch: float) -> Goal:
    """At least so many times faster, with a quarter of the memory."""
    promise = f"{must} times faster, peak 1/4"
    if name not in sizes or not sizes[name].ratios(seconds):
        return what, promise, f"{stretch} times", NONE, None
    size = sizes[name]
    faster, leaner = size.ratios(seconds), size.ratios(peak)
    told = f"{_range(faster)} times ({_range(size.ratios(cpu))} in CPU), peak 1/{median(leaner):.1f}"
    return what, promise, f"{stretch} times", told, median(faster) >= must and median(leaner) >= 4


def _power(sizes: dict[str, Result]) -> Goal:
    what, must, stretch = "growth from 1M to 10M without fixed costs", "exponent 1.1", "1.0"
    if not {FIXED, *GROWTH} <= set(sizes):
        return what, must, stretch, NONE, None
    powers = [power(sizes, what) for what in (seconds, cpu)]
    told = f"{_number(powers[0])} (CPU {_number(powers[1])})"
    return what, must, stretch, told, None if powers[0] is None else powers[0] <= 1.1


def _gb(mib: float) -> str:
    return f"{mib * 2**20 / 1e9:.2f} GB"


def _range(numbers: Sequence[float]) -> str:
    middle = f"{median(numbers):.1f}"
    return middle if len(numbers) == 1 else f"{middle} ({min(numbers):.1f} to {max(numbers):.1f})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


# --- tables -----------------------------------------------------------------------------------------------------------


def whole(sizes: Sequence[Result]) -> Iterator[str]:
    """One line per size and contender."""
    yield "| size | command | rounds | seconds | CPU seconds | peak MiB | times faster | times less CPU | times less memory |"
    yield f"|---|---|{'--:|' * 7}"
    for size in sizes:
        for contender in (REPORT.name, NOTEBOOK.name):
            took = size.of(contender, seconds)
            if took:
                ratios = [size.ratios(what) for what in (seconds, cpu, peak)] if contender == REPORT.name else []
                told = [_range(each) if each else "" for each in ratios] or [""] * 3
                held = f"{max(size.of(contender, peak)):,.0f}"
                cells = (
                    size.name,
                    contender,
                    str(len(took)),
                    _range(took),
                    _range(size.of(contender, cpu)),
                    held,
                    *told,
                )
                yield f"| {' | '.join(cells)} |"


def where(sizes: Sequence[Result]) -> Iterator[str]:
    """Median seconds and largest peak of each stage of the report."""
    names = list(dict.fromkeys(stage for size in sizes for one in size.rounds for stage in one[REPORT.name].stages))
    ahead = f"a workbook of less than {MOST_AHEAD // 2**20} MiB being opened"
    yield f"Seconds, and under them the peak in MiB. What no stage tells is Python starting and importing, and meanwhile {ahead}.\n"
    yield f"| size | {' | '.join(names)} | the rest |\n|---|{'--:|' * (len(names) + 1)}"
    for size in sizes:
        took = [size.middle(stage_seconds(name)) for name in names]
        rest = size.middle(lambda one: one.seconds - sum(one.stages.values()))
        peaks = [max(one[REPORT.name].stage_peaks_mib.get(name, 0) for one in size.rounds) for name in names]
        yield f"| {size.name} | {' | '.join(f'{each:.2f}' for each in [*took, rest])} |"
        yield f"| | {' | '.join(f'{each:,}' for each in peaks)} | |"


def stage_seconds(name: str) -> Callable[[Measure], float]:
    """Seconds of one stage; 0 where the run did not have it."""
    return lambda one: one.stages.get(name, 0.0)


def growth(sizes: dict[str, Result]) -> Iterator[str]:
    """How seconds grow with rows, without fixed costs, whole and by stage."""
    if not {FIXED, *GROWTH} <= set(sizes):
        yield f"Needs the sizes {FIXED}, {' and '.join(GROWTH)}, which were not all measured."
        return
    bigger = [*GROWTH, *(["50M"] if "50M" in sizes else [])]
    yield (
        f"Seconds grow with rows to the power of (1: ten times the rows, ten times the time). The fixed costs are what the same command takes on a Parquet file of 5,000 rows ({FIXED}): "
        f"they are subtracted, whole and stage by stage, from what the larger sizes take. Where less than {LEAST_S:g} s are left, no power is told.\n"
    )
    pairs = list(pairwise(bigger))
    yield f"| what | {' | '.join((FIXED, *bigger))} | {' | '.join(f'{a} to {b}' for a, b in pairs)} |"
    yield f"|---|{'--:|' * (1 + len(bigger) + len(pairs))}"
    stages = list(sizes[GROWTH[0]].rounds[0][REPORT.name].stages)
    measures = {"seconds": seconds, "CPU seconds": cpu} | {f"stage {name}": stage_seconds(name) for name in stages}
    for told, what in measures.items():
        took = [sizes[name].middle(what) for name in (FIXED, *bigger)]
        powers = [_number(power(sizes, what, pair)) for pair in pairs]
        yield f"| {told} | {' | '.join(f'{each:.2f}' for each in took)} | {' | '.join(powers)} |"


def power(sizes: dict[str, Result], what: Callable[[Measure], float], pair: tuple[str, str] = GROWTH) -> float | None:
    """The exponent between two sizes without the fixed costs; None where too little is left of one."""
    small, large = (sizes[name] for name in pair)
    fixed = sizes[FIXED].middle(what)
    return exponent((small.rows, small.middle(what) - fixed), (large.rows, large.middle(what) - fixed))


def exponent(small: tuple[float, float], large: tuple[float, float]) -> float | None:
    """The power p of ``seconds = c * rows ** p`` through two points (rows, seconds); None where one has less than `LEAST_S`."""
    if min(small[1], large[1]) < LEAST_S:
        return None
    return math.log(large[1] / small[1]) / math.log(large[0] / small[0])


def accounts(sizes: Sequence[Result]) -> Iterator[str]:
    """Whether rows balance and what was planted was found."""
    yield "Rows balance when every row that was written was read, and is kept or rejected. The makers plant faults (no customer, no amount, refunds, rows written twice) in known numbers."
    yield "\n| size | read | kept | rejected | rows balance | exactly the planted faults found |\n|---|--:|--:|--:|---|---|"
    for size in sizes:
        account = size.rounds[-1][REPORT.name].account
        told = [
            "yes" if all(one[REPORT.name].account[name] for one in size.rounds) else "**no**"
            for name in ("balances", "planted_found")
        ]
        counts = [f"{account[name]:,}" for name in ("read", "kept", "rejected")]
        yield f"| {' | '.join((size.name, *counts, *told))} |"


def quality(results: Results) -> Iterator[str]:
    """The approximations against the exact way."""
    yield f"Made by `./dev bench quality` at {results.quality_revision}.\n\n| what | bound | measured | |\n|---|---|---|---|"
    for row in results.quality:
        yield f"| {row.name} | {row.bound} | {row.measured} | {'met' if row.passed else '**missed**'} |"


def runs(sizes: Sequence[Result]) -> Iterator[str]:
    """What each size is, how often it was run, at which state of the code, and on what machine."""
    yield f"*Others*: how many processors were busy with other things meanwhile, on average. Above {BUSY:g} the machine is called busy: its wall times say little.\n"
    yield "| size | what | told | rounds | others | at |\n|---|---|---|--:|--:|---|"
    for size in sizes:
        yield f"| {size.name} | {size.words} | {' '.join(f'`--set {each}`' for each in size.settings)} | {len(size.rounds)} | {size.others:.1f} | {size.revision} |"
    for machine in dict.fromkeys(size.machine for size in sizes):
        names = ", ".join(size.name for size in sizes if size.machine == machine)
        yield f"\n{names}: {machine}."
