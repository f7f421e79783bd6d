"""How quickly the explorer answers: every panel under a number of groups that it has not shown before, another grid, a refit.

    ./dev bench explorer [--customers 100000]

The widget is turned as a hand turns it, without a browser: what is measured is all that Python does, from the knob to the fragment of HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

import reporter
from reporter.document.compose.explorer import PANELS
from reporter.explorer.widget import Explorer

CUSTOMERS = 100_000
MOST_MS = 300
FIRST_K = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """One turn of a knob.

    Attributes
    ----------
    is_view : bool
        Whether it refits nothing, so that it must be there within `MOST_MS`.
    """

    what: str
    milliseconds: float
    is_view: bool

    @property
    def passed(self) -> bool:
        """Whether it was there in time."""
        return not self.is_view or self.milliseconds <= MOST_MS


def answers(customers: int = CUSTOMERS, *overrides: str) -> Iterator[Answer]:
    """Open the explorer on an invented shop of so many customers, and turn one knob after the other."""
    config, _ = reporter.load_config(overrides=list(overrides))
    orders = reporter.sample(customers=customers)
    begin = perf_counter()
    explorer = Explorer(orders, config)
    yield Answer(f"opened on {len(orders):,} rows", 1000 * (perf_counter() - begin), is_view=False)
    for panel in PANELS:  # each is drawn once before it counts: the first picture loads the library
        explorer.open(panel)
    most = config.analysis.cluster.k_max
    for place, panel in enumerate(PANELS):
        explorer.open(panel)
        k = FIRST_K + place % (most - FIRST_K + 1)
        yield _timed(f"{panel}: {k} groups", lambda k=k: explorer.turn("cluster.k", k), is_view=True)
    explorer.open("segments")
    yield _timed("segments: known settings", lambda: explorer.turn("cluster.k", FIRST_K), is_view=True)
    yield _timed("segments: another grid", lambda: explorer.turn("rfm.grid", "four-score"), is_view=True)
    name = str(explorer.found.customers["customer_id"].iloc[-1])
    yield _timed("customer: search", lambda: explorer.search(name), is_view=True)
    explorer.open("verdict")
    yield _timed("another eps", lambda: explorer.turn("cluster.eps", 0.5), is_view=False)
    left_out = explorer.found.features.names[-1]
    yield _timed(f"refit without {left_out}", lambda: explorer.turn("features.exclude", (left_out,)), is_view=False)


def _timed(what: str, turn: Callable[[], None], *, is_view: bool) -> Answer:
    begin = perf_counter()
    turn()
    return Answer(what, 1000 * (perf_counter() - begin), is_view)


def main(customers: int) -> int:
    """Print all answers; 1 where one that refits nothing came too late."""
    found = []
    for each in answers(customers):
        found.append(each)
        mark = "" if not each.is_view else "met   " if each.passed else "MISSED"
        print(f"{mark:6}  {each.what}: {each.milliseconds:,.0f} ms", flush=True)
    return 0 if all(each.passed for each in found) else 1
