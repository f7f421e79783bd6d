"""One BLAS thread, and two workers of our own where that is worth it: which numbers come out never depends on how many there are."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from reporter.aside import Aside, at_once

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Given = TypeVar("Given")
Result = TypeVar("Result")
THREADS = 2
"""More would hold more distances in memory at a time."""
FEW = 4
"""Tasks that are done before the other threads would have begun."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold the linear algebra libraries to one thread inside the block.

    On these small matrices a second one only spins, and sums would differ in their last digits. And do not ask the processor whether a product was
    invalid: some libraries multiply what lies beside a matrix in wide registers, and warn of that.
    """
    with _libraries(len(sys.modules)).limit(limits=1), np.errstate(invalid="ignore"):
        yield


@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """The linear algebra libraries that are loaded: looked for, which takes two milliseconds, only when there are other modules than the last time."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def side_by_side(function: Callable[[Given], Result], tasks: Sequence[Given], aside: Aside = at_once) -> list[Result]:
    """The function of every task, in their order.

    Parameters
    ----------
    function
        Must depend on its task alone, and spend its time in large steps of numpy or scipy, which let another thread work meanwhile.
    aside : Aside
        Makes half of the calls, if it is another process, which no lock of the interpreter holds up; then the function must be picklable.
    """
    threads = min(THREADS, os.cpu_count() or 1)
    if threads < 2 or len(tasks) <= FEW:
        return list(map(function, tasks))
    if aside is not at_once:
        half = len(tasks) // 2
        others = aside(_share, function, tasks[half:])
        return [*map(function, tasks[:half]), *others.result()]
    surroundings = [copy_context() for _ in tasks]  # with what `one_thread` has set
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda here, task: here.run(function, task), surroundings, tasks))


def _share(function: Callable[[Given], Result], tasks: Sequence[Given]) -> list[Result]:
    """What another process makes of its share."""
    with one_thread():
        return list(map(function, tasks))
