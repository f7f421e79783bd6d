"""Drawing, printing and parts of the clustering beside the main process, on two workers that warm up while rows are checked.

Why own workers: the standard process pool, where it does not fork, runs the user's script again in every worker (a notebook or a
script without a ``__main__`` guard would start itself anew), and forking is not safe once DuckDB and BLAS have threads. A worker here
is ``python -m reporter.document.press``: it reads pickled calls from its standard input and answers on its standard output.
It ends when its input closes, so no worker outlives the run, however that ends. Its memory and the time of a call are limited, for
what is drawn comes from strangers' data.
"""

from __future__ import annotations

import importlib
import os
import pickle
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import gettempdir
from time import perf_counter
from types import TracebackType
from typing import IO, Any, ParamSpec, TypeVar
from uuid import uuid4

from reporter.aside import at_once
from reporter.errors import Problem, ReporterError, ResourceError
from reporter.meter import give_back
from reporter.undo import undone_by

Given = ParamSpec("Given")
Result = TypeVar("Result")
MOST_MEMORY = 8 * 2**30
"""Bytes of address space of one worker; a report of forty pages takes one tenth of it."""
LONGEST_CALL_S = 600.0
"""Seconds of one picture or one PDF; a report of forty pages takes a hundredth of it."""
LONG_CALL_S = 0.3
"""Seconds after which a call has taken so much memory that what it has freed is worth giving back."""
DRAWING = ("pandas", "reporter.document.charts", "reporter.document.svg")
PRINTING = ("weasyprint",)


class Press:
    """Workers for drawing and printing; a context manager.

    Parameters
    ----------
    workers : int or None
        0: everything is done in this process, at once, when it is submitted. None: two, or none on a machine with one CPU.
    pdf : bool
        Whether a PDF will be printed: then one worker also loads its library ahead.

    Examples
    --------
    >>> with Press(workers=0) as press:
    ...     press.submit(pow, 2, 10).result()
    1024
    """

    def __init__(self, workers: int | None = None, pdf: bool = False) -> None:
        count = workers if workers is not None else 0 if (os.cpu_count() or 1) < 2 else 2
        self._workers: list[_Worker] = []
        self._folder = Path(gettempdir(), f"reporter-press-{uuid4().hex}")
        self._undo = ExitStack()
        self._undo.enter_context(undone_by(self._kill))
        self._folder.mkdir(mode=0o700)
        for number in range(count):
            self._workers.append(_Worker(DRAWING + (PRINTING if pdf and number == 0 else ()), self._folder))
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in reversed(self._workers):
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(max(count, 1), thread_name_prefix="press")

    def submit(self, function: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs) -> Future[Result]:
        """Call a function on the next free worker.

        Parameters
        ----------
        function
            A function of a module that the worker can import; its arguments and its result must be picklable.

        Returns
        -------
        concurrent.futures.Future
            Its ``result()`` gives the result, or raises what the function raised; `ResourceError` when the worker died or
            took longer than `LONGEST_CALL_S`.
        """
        if not self._workers:
            return at_once(function, *args, **kwargs)
        return self._threads.submit(self._call, function, args, kwargs)

    def _call(self, function: Callable[..., Result], args: Any, kwargs: Any) -> Result:
        worker = self._idle.get()
        try:
            return worker.call(function, args, kwargs)
        finally:
            self._idle.put(worker)

    def dismiss(self) -> None:
        """Everything is drawn: only the worker that prints stays, the others end and give back their memory. To be called when none is at work."""
        for worker in self._workers[1:]:
            worker.close()
        self._workers = self._workers[:1]
        self._idle = queue.LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)

    def __enter__(self) -> Press:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the workers end; at once when something went wrong."""
        if kind is not None:
            self._kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._undo.close()

    def _kill(self) -> None:
        for worker in self._workers:
            worker.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class _Worker:
    """A child process that answers calls, one at a time; its temporary files lie in a folder of ours, so that none stays however it ends."""

    def __init__(self, modules: Sequence[str], folder: Path) -> None:
        self._is_stopped = False
        path = os.pathsep.join(str(Path(folder).resolve()) for folder in sys.path)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "reporter.document.press", *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path} | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder)),
        )

    def call(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        message = pickle.dumps((function, args, kwargs), protocol=5)
        alarm = threading.Timer(LONGEST_CALL_S, self._stop)
        alarm.start()
        try:
            _send(self._pipe(self._process.stdin), message)
            done, result = _receive(self._pipe(self._process.stdout))
        except (OSError, EOFError, ValueError) as fault:
            raise _died(function.__name__, self._process.wait(), self._is_stopped) from fault
        finally:
            alarm.cancel()
        if done:
            return result
        raise result

    def _stop(self) -> None:
        self._is_stopped = True
        self.kill()

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                self._pipe(pipe).close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise EOFError("no pipe")
        return pipe


def _died(task: str, code: int, is_stopped: bool) -> ReporterError:
    place = f"worker for {task}"
    if is_stopped:
        what = f"it was stopped, for it took longer than {LONGEST_CALL_S:.0f} seconds."
        return ResourceError(Problem(place, what, "Leave the PDF out (--no-pdf)."))
    ending = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return ResourceError(
        Problem(
            place,
            f"the process ended with {ending} before it had finished.",
            "Most often memory ran out: close other programs, or leave the PDF out (--no-pdf).",
        )
    )


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(8, "little"))
    pipe.write(message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    size = int.from_bytes(_exactly(pipe, 8), "little")
    return pickle.loads(_exactly(pipe, size))  # noqa: S301 - written by our own process


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError("the other side has closed")
    return data


def _serve(modules: Sequence[str]) -> None:
    """Be a worker: warm up, then answer calls until the input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not mix with the answers
    threading.Thread(target=_warm_up, args=(modules,), daemon=True).start()
    while True:
        try:
            function, args, kwargs = _receive(calls)
        except EOFError:
            os._exit(0)  # taking apart all that was loaded would take half a second
        begun = perf_counter()
        _send(answers, _answer(function, args, kwargs))
        if perf_counter() - begun > LONG_CALL_S:
            give_back()


def _limit_memory() -> None:
    """Hold this process to `MOST_MEMORY`, where the system can: what needs more raises `MemoryError`."""
    with suppress(ImportError, OSError, ValueError):  # no such thing on Windows; a lower limit is there already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _warm_up(modules: Sequence[str]) -> None:
    """Load libraries ahead; what is missing will be told by the call that needs it."""
    for module in modules:
        with suppress(Exception):
            importlib.import_module(module)


def _answer(function: Callable[..., Any], args: Any, kwargs: Any) -> bytes:
    try:
        return pickle.dumps((True, function(*args, **kwargs)), protocol=5)
    except Exception as fault:  # raised again on the other side
        return _fault(fault)


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
    _serve(sys.argv[1:])
