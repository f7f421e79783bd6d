"""How fast, how much memory, how both grow, and whether the rows balance: whole commands against the plain notebook way.

    ./dev bench [--sizes 5k,100k,1M,10M,50M] [--pairs N] [--write]
    ./dev bench quality [--write]
    ./dev bench explorer [--customers N]

Without a word it measures 5k, 100k and 1M in turns with the notebook, and 10M alone: about a quarter of an hour. `--write` puts what was measured beside
what was measured before (docs/benchmarks.json: a size that is measured again is replaced) and writes docs/benchmarks.md from all of it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.measure import NOTEBOOK, REPORT, ROOT, compete, measure
from tests.benchmarks.page import page
from tests.benchmarks.results import Quality, Result, Results, load, merged, quality_rows, result_of, save
from tests.benchmarks.sources import SIZES, USUAL, Size, file_of

PAGE = ROOT / "docs" / "benchmarks.md"
SOURCES = ROOT / ".bench"


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, and write where asked; 1 where a bound of quality is missed."""
    chosen = _parser().parse_args(words)
    if chosen.what == "quality":
        rows = measured_quality()
        for row in rows:
            print(f"{'met   ' if row.passed else 'MISSED'}  {row.name}: {row.measured} (bound {row.bound})")
        if chosen.write:
            write(merged(load(), quality=rows))
        return 0 if all(row.passed for row in rows) else 1
    if chosen.what == "explorer":
        return measured_explorer(chosen.customers)
    chosen.sources.mkdir(parents=True, exist_ok=True)
    sizes = [SIZES[name] for name in chosen.sizes]
    warm_up(chosen.sources, any(size.against for size in sizes))
    results = Results()
    for result in measured(sizes, chosen.sources, chosen.pairs):
        results = merged(results, [result])
        if chosen.write:
            write(merged(load(), [result]))  # at once: a long session may be ended before its end
    print(page(results))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("speed", "quality", "explorer"), default="speed")
    parser.add_argument("--sizes", type=_sizes, default=USUAL, metavar="NAME,NAME", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--customers", type=int, default=100_000, help="of the shop that the explorer is opened on")
    parser.add_argument("--pairs", type=int, help="rounds of each size (else 3 up to 100k, 2 up to 10M, 1 above)")
    parser.add_argument("--write", action="store_true", help="renew docs/benchmarks.json and docs/benchmarks.md")
    parser.add_argument(
        "--sources",
        type=Path,
        default=SOURCES,
        metavar="FOLDER",
        help="where the files lie; what is missing is made there",
    )
    return parser


def _sizes(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in SIZES] or ([] if names else ["at all"])
    if unknown:
        raise argparse.ArgumentTypeError(f"no size {', '.join(unknown)}; there are {', '.join(SIZES)}")
    return names


def measured(sizes: Sequence[Size], folder: Path, pairs: int | None) -> Iterator[Result]:
    """Each size in its turn."""
    for size in sizes:
        yield result_of(size, list(compete(size, source_of(size, folder), pairs or size.pairs)))


def warm_up(folder: Path, against: bool) -> None:
    """One small run of each contender that does not count, so that the first that counts does not pay for cold files."""
    size = SIZES["5k"]
    for contender in (REPORT, NOTEBOOK) if against else (REPORT,):
        measure(contender, size, source_of(size, folder))


def source_of(size: Size, folder: Path) -> Path:
    """The file of a size; made by a process of its own where it is missing, so that nothing of that remains in this one."""
    path = file_of(size, folder)
    if not path.is_file():
        print(f"{size.name}: making {path.name}", file=sys.stderr)
        words = [sys.executable, "-m", "tests.benchmarks.sources", size.name, str(path.resolve())]
        subprocess.run(words, check=True, cwd=ROOT)
    return path.resolve()


def measured_quality() -> list[Quality]:
    """The approximations of the analysis against the exact way."""
    from tests.benchmarks import quality

    return quality_rows(quality.main())


def measured_explorer(customers: int) -> int:
    """How quickly the explorer answers."""
    from tests.benchmarks import explorer

    return explorer.main(customers)


def write(results: Results) -> None:
    """Keep what was measured, and write the page anew."""
    save(results)
    PAGE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
