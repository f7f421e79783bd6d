"""A worker of the press, seen from inside: it loads libraries, makes a twin of itself where it is told to, and answers calls until its input closes.

Started as ``python -m reporter.document.worker``, with a `Task` in JSON as its argument, or forked from a process that has loaded much of what it needs.
"""

from __future__ import annotations

import gc
import importlib
import json
import math
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import perf_counter, sleep
from types import GeneratorType, ModuleType
from typing import IO, Any, NamedTuple

from reporter.meter import give_back, keep_little

MOST_MEMORY = 8 * 2**30
"""Bytes of address space of one worker; a report of forty pages takes one tenth of it."""
_OFTEN = (700, 10, 10)
"""Objects after which Python looks for cycles, as it does by itself: the process that is forked may look less often."""
_GLANCE_S = 0.002
LONG_CALL_S = 0.3
"""Seconds after which a call has taken so much memory that what it has freed is worth giving back."""


def send(pipe: IO[bytes], message: bytes) -> None:
    """Write a message, its length before it."""
    pipe.write(len(message).to_bytes(8, "little"))
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read a message and unpack it.

    Raises
    ------
    EOFError
        When the other side has closed.
    """
    size = int.from_bytes(_exactly(pipe, 8), "little")
    return pickle.loads(_exactly(pipe, size))  # noqa: S301 - written by our own process


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError("the other side has closed")
    return data


class Task(NamedTuple):
    """What a worker is told.

    Attributes
    ----------
    libraries : sequence of str
        Modules, or functions in them (``module:function``), loaded and called before the twin is made, so that both have them for the time and the
        memory of one.
    folder : str
        Where its temporary files lie.
    twin : pair of int or None
        The two ends of pipes that a twin talks through.
    """

    libraries: Sequence[str]
    folder: str
    twin: Sequence[int] | None


class Child:
    """A process that was forked from this one, for whoever knows `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    @classmethod
    def fork(cls, task: Task, ends: tuple[int, int], others: Sequence[int]) -> Child:
        """Make a copy of this process a worker that reads calls and writes answers at these ends of pipes; the `others` are not for it."""
        pid = _forked()
        if pid:
            with suppress(OSError):  # it has done so itself, or has ended
                os.setpgid(pid, pid)
            return cls(pid)
        try:
            os.setpgid(0, 0)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            for end, place in zip(ends, (0, 1), strict=True):
                os.dup2(end, place)
            for end in (*ends, *others):
                os.close(end)
            gc.freeze()  # a collection would write to every page that both share
            gc.set_threshold(*_OFTEN)
            main(task)
        finally:
            os._exit(1)

    def poll(self) -> int | None:
        """Its exit code; None while it lives."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, timeout: float = math.inf) -> int:
        """Its exit code, when it has one.

        Raises
        ------
        subprocess.TimeoutExpired
            When it lives longer than that many seconds.
        """
        end = perf_counter() + timeout
        while (code := self.poll()) is None:
            if perf_counter() > end:
                raise subprocess.TimeoutExpired("worker", timeout)
            sleep(_GLANCE_S)
        return code


def main(task: Task) -> None:
    """Be a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_little()
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), task.folder))
    tempfile.tempdir = None  # asked for anew
    _limit_memory()
    calls: IO[bytes] = os.fdopen(0, "rb")
    answers: IO[bytes] = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not mix with the answers
    if task.twin is None:
        threading.Thread(target=load, args=(task.libraries,), daemon=True).start()
    elif _fork_twin(task.libraries):
        for pipe in (calls, answers):
            pipe.close()
        calls, answers = (os.fdopen(end, mode) for end, mode in zip(task.twin, ("rb", "wb"), strict=True))
    else:
        for end in task.twin:
            os.close(end)
    _serve(calls, answers)
    _await_twin()
    os._exit(0)  # taking apart all that was loaded would take half a second


def _await_twin() -> None:
    """Wait for the twin, if there is one, so that the time it took counts as that of the run."""
    if hasattr(os, "wait"):
        with suppress(ChildProcessError):
            os.wait()


def _limit_memory() -> None:
    """Hold this process to `MOST_MEMORY`, where the system can: what needs more raises `MemoryError`."""
    with suppress(ImportError, OSError, ValueError):  # no such thing on Windows; a lower limit is there already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _fork_twin(libraries: Sequence[str]) -> bool:
    """Load what both need and fork, while there is no thread yet; whether this is the twin."""
    gc.disable()  # what is loaded stays
    load(libraries)
    gc.freeze()
    gc.enable()
    return _forked() == 0


def _forked() -> int:
    """Fork; Python warns of any other thread, and those that are there know of forks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def load(libraries: Sequence[str]) -> None:
    """Load libraries ahead; what is missing will be told by the call that needs it."""
    with _no_fortran():
        for module, _, function in (each.partition(":") for each in libraries):
            with suppress(Exception):
                loaded = importlib.import_module(module)
                if function:
                    getattr(loaded, function)()


@contextmanager
def _no_fortran() -> Iterator[None]:
    """SciPy asks NumPy for all of its names, and one of them is a compiler of Fortran that is loaded with it: 50 ms for what nobody here calls."""
    import numpy as np

    if "f2py" in vars(np):
        yield
        return
    vars(np)["f2py"] = ModuleType("numpy.f2py")
    try:
        yield
    finally:
        del vars(np)["f2py"]


def _serve(calls: IO[bytes], answers: IO[bytes]) -> None:
    """Answer calls until the input closes."""
    while True:
        try:
            function, args, kwargs = receive(calls)
        except EOFError:
            return
        begun = perf_counter()
        for answer in _answers_to(function, args, kwargs):
            send(answers, answer)
        if perf_counter() - begun > LONG_CALL_S:
            give_back()


def _answers_to(function: Callable[..., Any], args: Any, kwargs: Any) -> Iterator[bytes]:
    """What a function returns; or what it yields, one after the other, when it is there."""
    try:
        result = function(*args, **kwargs)
        for each in result if isinstance(result, GeneratorType) else (result,):
            yield pickle.dumps((True, each), protocol=5)
    except Exception as fault:  # raised again on the other side
        yield _fault(fault)


def _fault(fault: Exception) -> bytes:
    """A fault as the other side can raise it: itself where it survives pickling, else its text."""
    import traceback

    fault.add_note("in a worker:\n" + "".join(traceback.format_exception(fault)))
    try:
        message = pickle.dumps((False, fault), protocol=5)
        pickle.loads(message)  # noqa: S301 - our own bytes
    except Exception:  # some faults pickle but do not come back
        message = pickle.dumps((False, RuntimeError("".join(traceback.format_exception(fault)))), protocol=5)
    return message


if __name__ == "__main__":
    main(Task(*json.loads(sys.argv[1])))
