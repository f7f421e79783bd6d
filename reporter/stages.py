"""The steps of a run: named, timed and told while they happen; where memory or disk runs out, the step is named."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from reporter.errors import Problem, ResourceError


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that begins (`seconds` is None) or has ended.

    Attributes
    ----------
    name : str
        A word, such as ``read``: its name in the manifest.
    told : str
        What is happening, for a person: "Reading shop.xlsx".
    seconds : float or None
        Wall time.
    """

    name: str
    told: str
    seconds: float | None = None


Progress = Callable[[Stage], None]


def silent(stage: Stage) -> None:
    """Tell nobody."""


class Stages:
    """A stop watch for the steps of one run.

    Examples
    --------
    >>> stages = Stages()
    >>> with stages("read", "Reading shop.xlsx"):
    ...     rows = 5_000
    >>> list(stages.seconds)
    ['read']
    """

    __slots__ = ("_progress", "seconds")

    def __init__(self, progress: Progress = silent) -> None:
        self._progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str, told: str) -> Iterator[None]:
        """Time the enclosed step and tell of its beginning and end."""
        self._progress(Stage(name, told))
        begin = perf_counter()
        try:
            yield
        except Exception as error:
            if (shortage := shortage_of(error, told)) is not None:
                raise shortage from error
            raise
        self.seconds[name] = perf_counter() - begin
        self._progress(Stage(name, told, self.seconds[name]))


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
