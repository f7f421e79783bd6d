"""Drawing, printing and parts of the clustering beside the main process, on two workers that warm up while rows are checked.

Why own workers: the standard process pool, where it does not fork, runs the user's script again in every worker (a notebook or a
script without a ``__main__`` guard would start itself anew), and forking is not safe once DuckDB and BLAS have threads. So one worker is a fresh
interpreter (`reporter.document.worker`), which loads the libraries and then, before it has a thread, forks the other; where the system is not Linux both are
started fresh. The command line, whose process is ours and has no thread yet, is forked itself: what all three need is then loaded once. Workers read
pickled calls and write answers through pipes, and end when their input closes, so none outlives the run, however that ends. Their memory and the time of
a call are limited, for what is drawn comes from strangers' data.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir
from types import TracebackType
from typing import IO, Any, ParamSpec, TypeVar
from uuid import uuid4

from reporter.aside import at_once
from reporter.document.worker import Child, Task, load, receive, send
from reporter.errors import Problem, ReporterError, ResourceError
from reporter.undo import undone_by

Given = ParamSpec("Given")
Result = TypeVar("Result")
LONGEST_CALL_S = 600.0
"""Seconds of one picture or one PDF; a report of forty pages takes a hundredth of it."""
CLUSTERING = (
    "pandas", "reporter.analysis.draw", "reporter.analysis.fit", "scipy.sparse.csgraph", "scipy.spatial.distance", "threadpoolctl"
)  # fmt: skip
DRAWING = ("reporter.document.charts", "reporter.document.svg")
PRINTING = ("reporter.document.binding", "reporter.document.pdf:pdf_available")
"""Modules that are loaded ahead, and what is called then: this one loads WeasyPrint, and reads the fonts and the style sheet."""
CAN_FORK = sys.platform == "linux"
"""Elsewhere the system's own libraries may have begun threads."""
ALLOCATORS = frozenset({"jemalloc_bg_thd"})
"""Threads that know of forks: pyarrow's."""


class Press:
    """Workers for drawing and printing; a context manager.

    Parameters
    ----------
    workers : int or None
        0: everything is done in this process, at once, when it is submitted. None: two, or none on a machine with one CPU.
    pdf : bool
        Whether a PDF will be printed: then its library is loaded ahead, too.
    ours : bool
        Whether this process is our own, so that it may be forked: a script or a notebook may hold what no copy should hold.

    Examples
    --------
    >>> with Press(workers=0) as press:
    ...     press.submit(pow, 2, 10).result()
    1024
    """

    def __init__(self, workers: int | None = None, pdf: bool = False, ours: bool = False) -> None:
        count = workers if workers is not None else 0 if (os.cpu_count() or 1) < 2 else 2
        self._workers: list[_Worker] = []
        self._folder = Path(gettempdir(), f"reporter-press-{uuid4().hex}")
        self._undo = ExitStack()
        self._undo.enter_context(undone_by(self._kill))
        self._folder.mkdir(mode=0o700)
        libraries = CLUSTERING + DRAWING + (PRINTING if pdf else ())
        if count == 2 and CAN_FORK:
            self._workers += _twins(libraries, self._folder, ours)
        else:
            self._workers += [_Worker.hire(libraries, self._folder) for _ in range(count)]
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

    def submit_in_two(
        self, function: Callable[Given, Iterator[Any]], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> tuple[Future[Any], Future[Any]]:
        """Call a function that yields two values: one that others wait for while it goes on, and its result. The rest is as for `submit`."""
        if not self._workers:
            both = at_once(lambda: tuple(function(*args, **kwargs)))
            return at_once(lambda: both.result()[0]), at_once(lambda: both.result()[1])
        early: Future[Any] = Future()
        late = self._threads.submit(self._call, function, args, kwargs, early)
        late.add_done_callback(lambda _: _fail_with(early, late))
        return early, late

    def _call(self, function: Callable[..., Any], args: Any, kwargs: Any, early: Future[Any] | None = None) -> Any:
        worker = self._idle.get()
        try:
            return worker.call(function, args, kwargs, early)
        finally:
            self._idle.put(worker)

    def join(self, parts: Sequence[Future[Any]], function: Callable[..., Result], /, *args: Any) -> Future[Result]:
        """Call a function with a list of the results of earlier calls, and with more, when all of them are there; the rest is as for `submit`."""
        if not self._workers:
            return at_once(lambda: function([part.result() for part in parts], *args))
        return self._threads.submit(lambda: self._call(function, ([part.result() for part in parts], *args), {}))

    @contextmanager
    def stopped_first(self) -> Iterator[None]:
        """Where workers write into a folder: when it is undone, because of a fault or a signal, they are stopped before that."""
        with undone_by(self._kill):
            try:
                yield
            except BaseException:
                self._kill()
                raise

    def __enter__(self) -> Press:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the workers end; at once when something went wrong."""
        if kind is not None:
            self._kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in reversed(self._workers):  # the elder ends when its twin has
            worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._undo.close()

    def _kill(self) -> None:
        for worker in self._workers:
            worker.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class _Worker:
    """A child process that answers calls, one at a time; its temporary files lie in a folder of ours, so that none stays however it ends.

    Of twins both have the process of the elder, which leads a group of processes with the two in it.
    """

    def __init__(
        self, process: subprocess.Popen[bytes] | Child, calls: IO[bytes], answers: IO[bytes], is_twin: bool
    ) -> None:
        self._process, self._calls, self._answers, self._is_twin = process, calls, answers, is_twin
        self._is_stopped = False

    @classmethod
    def hire(cls, libraries: Sequence[str], folder: Path, twin: tuple[int, int] | None = None) -> _Worker:
        """Start a fresh interpreter; with the ends of two pipes for `twin` it will fork another one."""
        path = os.pathsep.join(str(Path(folder).resolve()) for folder in sys.path)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*(sys.executable, "-m", "reporter.document.worker"), json.dumps(Task(libraries, str(folder), twin))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"OPENBLAS_NUM_THREADS": "1"} | os.environ | {"PYTHONPATH": path},
            pass_fds=twin or (),
            process_group=0 if CAN_FORK else None,
        )
        if process.stdin is None or process.stdout is None:
            raise EOFError("no pipe")
        return cls(process, process.stdin, process.stdout, is_twin=False)

    @classmethod
    def fork(cls, libraries: Sequence[str], folder: Path, twin: tuple[int, int], others: Sequence[int]) -> _Worker:
        """Make a copy of this process a worker; the parent's ends of the twin's pipes, `others`, are not for it."""
        its_calls, calls = os.pipe()
        answers, its_answers = os.pipe()
        child = Child.fork(Task(libraries, str(folder), twin), (its_calls, its_answers), (calls, answers, *others))
        os.close(its_calls)
        os.close(its_answers)
        return cls(child, os.fdopen(calls, "wb"), os.fdopen(answers, "rb"), is_twin=False)

    def twin(self, calls: int, answers: int) -> _Worker:
        """The one that was forked, at the other ends of its pipes."""
        return _Worker(self._process, os.fdopen(calls, "wb"), os.fdopen(answers, "rb"), is_twin=True)

    def call(self, function: Callable[..., Any], args: Any, kwargs: Any, early: Future[Any] | None = None) -> Any:
        message = pickle.dumps((function, args, kwargs), protocol=5)
        alarm = threading.Timer(LONGEST_CALL_S, self._stop)
        alarm.start()
        try:
            send(self._calls, message)
            del message  # a table of millions would be held while the answer is waited for
            done, result = receive(self._answers)
            if done and early is not None:
                early.set_result(result)
                done, result = receive(self._answers)
        except (OSError, EOFError, ValueError) as fault:
            code = self._process.poll() if self._is_twin else self._process.wait()
            raise _died(function.__name__, code, self._is_stopped) from fault
        finally:
            alarm.cancel()
        if done:
            return result
        raise result

    def _stop(self) -> None:
        self._is_stopped = True
        self.kill()

    def kill(self) -> None:
        """End it at once, and its twin with it."""
        if CAN_FORK:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        elif isinstance(self._process, subprocess.Popen):
            self._process.kill()

    def close(self) -> None:
        """Let it end; wait for it where it is our child."""
        for pipe in (self._calls, self._answers):
            with suppress(OSError):
                pipe.close()
        if self._is_twin:
            return
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()


def _fail_with(early: Future[Any], late: Future[Any]) -> None:
    """Where there will be no result, nobody waits for what should have come before it."""
    if early.done():
        return
    if late.cancelled():
        early.cancel()
    else:
        early.set_exception(late.exception())


def _twins(libraries: Sequence[str], folder: Path, ours: bool) -> tuple[_Worker, _Worker]:
    """Two workers for the time and memory of little more than one: the second is forked from the first when that has loaded what both need."""
    if ours:
        load(CLUSTERING)
    its_calls, calls = os.pipe()
    answers, its_answers = os.pipe()
    try:
        if ours and _is_alone():
            elder = _Worker.fork(libraries, folder, (its_calls, its_answers), (calls, answers))
        else:
            elder = _Worker.hire(libraries, folder, (its_calls, its_answers))
    finally:
        os.close(its_calls)
        os.close(its_answers)
    return elder, elder.twin(calls, answers)


def _is_alone() -> bool:
    """Whether this process has but one thread, beside those that know of forks, and all of its standard streams."""
    if not all(map(_is_open, range(3))):
        return False
    names = [task.read_text(encoding="utf-8").strip() for task in Path("/proc/self/task").glob("*/comm")]
    return len([name for name in names if name not in ALLOCATORS]) == 1


def _is_open(stream: int) -> bool:
    try:
        os.fstat(stream)
    except OSError:
        return False
    return True


def _died(task: str, code: int | None, is_stopped: bool) -> ReporterError:
    place = f"worker for {task}"
    if is_stopped:
        what = f"it was stopped, for it took longer than {LONGEST_CALL_S:.0f} seconds."
        return ResourceError(Problem(place, what, "Leave the PDF out (--no-pdf)."))
    ending = "" if code is None else f"signal {signal.Signals(-code).name} " if code < 0 else f"exit code {code} "
    return ResourceError(
        Problem(
            place,
            f"the process ended {'with ' * bool(ending)}{ending}before it had finished.",
            "Most often memory ran out: close other programs, or leave the PDF out (--no-pdf).",
        )
    )
