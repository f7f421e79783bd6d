"""The steps of a run: named, measured and told while they happen; where memory or disk runs out, the step is named."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from reporter.errors import Problem, ResourceError
from reporter.meter import Meter, give_back, let_go, own_tree

LONG_S = 3.0
"""Seconds after which a step has called so much code of libraries that what will not be called again is worth returning."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run works with.

    Attributes
    ----------
    engine : str
        Name and version, such as ``DuckDB 2.0.0``.
    threads : int or None
        None: the engine's own affair.
    memory_bytes : int or None
        What the engine may take; None: its own affair.
    spills_to : str
        Where goes what memory does not hold; empty: nowhere.
    least_bytes, row_bytes : int
        What should do for few rows, and for each of many; 0: the engine takes what it may.
    """

    engine: str
    threads: int | None = None
    memory_bytes: int | None = None
    spills_to: str = ""
    least_bytes: int = 0
    row_bytes: int = 0

    def room_for(self, rows: int) -> int | None:
        """Bytes that the engine takes for tables of so many rows; None: its own affair."""
        if self.memory_bytes is None or not self.row_bytes:
            return self.memory_bytes
        return min(max(self.least_bytes, self.row_bytes * rows), self.memory_bytes)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that begins or goes on (`seconds` is None), or has ended.

    Attributes
    ----------
    name : str
        A word, such as ``read``: its name in the manifest.
    told : str
        What is happening, for a person: "Reading shop.xlsx".
    seconds : float or None
        Wall time.
    rows : int or None
        Rows that it works on, where they are known.
    done : int or None
        Rows that are done so far, where somebody counts.
    peak_mib : int or None
        When it has ended: largest memory of this process and its children while it ran, in MiB; None where the system does not say.
    plan : Plan or None
        What the run works with; only in the stage ``plan``, which takes no time.
    """

    name: str
    told: str
    seconds: float | None = None
    rows: int | None = None
    done: int | None = None
    peak_mib: int | None = None
    plan: Plan | None = None


Progress = Callable[[Stage], None]


def silent(stage: Stage) -> None:
    """Tell nobody."""


class Step:
    """What a running step may tell of itself.

    Attributes
    ----------
    rows : int or None
        Rows that it works on: set it as soon as they are known, at the latest before the step ends.
    """

    __slots__ = ("_begun", "_done", "_progress", "rows")

    def __init__(self, begun: Stage, progress: Progress) -> None:
        self._begun, self._progress = begun, progress
        self._done = 0
        self.rows = begun.rows

    def add(self, rows: int) -> None:
        """Tell that so many more rows are done."""
        self._done += rows
        self._progress(replace(self._begun, rows=self.rows, done=self._done))

    def ended(self, seconds: float, peak_mib: int | None) -> Stage:
        """The step at its end."""
        return replace(self._begun, seconds=seconds, rows=self.rows or self._done or None, peak_mib=peak_mib)


class Stages:
    """A stop watch and a memory meter for the steps of one run.

    Attributes
    ----------
    seconds : dict of stage name to float
    peaks_mib : dict of stage name to int
        Largest memory of this process and its children during each stage, in MiB; without those where the system does not say.

    Examples
    --------
    >>> stages = Stages()
    >>> with stages("read", "Reading shop.xlsx") as step:
    ...     step.rows = 5_000
    >>> with stages("clean", "Checking every row", rows=5_000):
    ...     pass
    >>> list(stages.seconds)
    ['read', 'clean']
    """

    __slots__ = ("_progress", "_tree", "peaks_mib", "seconds")

    def __init__(self, progress: Progress = silent) -> None:
        self._progress = progress
        self._tree = own_tree()
        self.seconds: dict[str, float] = {}
        self.peaks_mib: dict[str, int] = {}

    def planned(self, plan: Plan, rows: int) -> None:
        """Tell what the run works with, and on how many rows."""
        self._progress(Stage("plan", "", rows=rows, plan=plan))

    @contextmanager
    def __call__(self, name: str, told: str, rows: int | None = None) -> Iterator[Step]:
        """Measure the enclosed step and tell of its beginning and end; `rows` that it works on, where they are known."""
        begun = Stage(name, told, rows=rows)
        step = Step(begun, self._progress)
        self._progress(begun)
        begin = perf_counter()
        try:
            with Meter(self._tree) as meter:
                yield step
                give_back()
                if perf_counter() - begin > LONG_S:
                    let_go()
        except ResourceError as error:
            raise ResourceError([replace(each, where=f"{told} ({each.where})") for each in error.problems]) from error
        except Exception as error:
            if (shortage := shortage_of(error, told)) is not None:
                raise shortage from error
            raise
        self.seconds[name] = perf_counter() - begin
        if meter.peak_mib is not None:
            self.peaks_mib[name] = meter.peak_mib
        self._progress(step.ended(self.seconds[name], meter.peak_mib))

    def timings(self) -> dict[str, Any]:
        """What the steps have taken so far: all that may differ between two equal runs.

        Returns
        -------
        dict
            ``stages`` {name: seconds}, ``stage_peak_memory_mib`` {name: MiB}, ``peak_memory_mib`` (None where the system does not say).
        """
        return {
            "stages": {name: round(seconds, 3) for name, seconds in self.seconds.items()},
            "stage_peak_memory_mib": dict(self.peaks_mib),
            "peak_memory_mib": max(self.peaks_mib.values(), default=None),
        }


def shortage_of(error: BaseException, where: str) -> ResourceError | None:
    """What ran out, if that is why `error` was raised; else None.

    Parameters
    ----------
    error : BaseException
        Its causes and arguments are looked at as well: libraries wrap what the system says.
    where : str
        The step that it happened in.
    """
    causes = list(_causes(error))
    if any(isinstance(each, MemoryError) or type(each).__name__ == "OutOfMemoryException" for each in causes):
        return ResourceError(Problem(where, "memory ran out.", "Give the process more memory, or let it read less."))
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if any(isinstance(each, OSError) and each.errno in full for each in causes) or "No space left" in str(error):
        return ResourceError(
            Problem(where, "the disk is full.", "Make room there, or name another folder with --output.")
        )
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            pending += [
                cause for cause in (each.__cause__, each.__context__, *each.args) if isinstance(cause, BaseException)
            ]
