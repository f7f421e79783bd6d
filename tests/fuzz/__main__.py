"""``python -m tests.fuzz --minutes 5 --seed 1 --workers 2``: look for inputs that break the intake; finds are written to ``output/fuzz``."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.fuzz.hunt import hunt_beside

FINDS = Path("output") / "fuzz"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    seeds = [wanted.seed + i for i in range(wanted.workers)]
    outcomes: Counter[str] = Counter()
    with ProcessPoolExecutor(wanted.workers, multiprocessing.get_context("spawn")) as pool:
        for seed, (counts, finds) in zip(
            seeds, pool.map(hunt_beside, seeds, [60 * wanted.minutes] * len(seeds)), strict=True
        ):
            outcomes += counts
            for find in finds:
                FINDS.mkdir(parents=True, exist_ok=True)
                place = FINDS / f"{seed}-{find.number}{Path(find.name).suffix}"
                place.write_bytes(find.content)
                print(f"--- {place} (from {find.name})\n{find.fault}")
    print(
        f"{sum(outcomes.values()):,} inputs: "
        + ", ".join(f"{name} {count:,}" for name, count in sorted(outcomes.items()))
    )
    return 1 if outcomes["found"] else 0


if __name__ == "__main__":
    sys.exit(main())
