"""Workbooks: looked through by `preflight`, parsed in a child process with limits, taken over batch by batch.

A parser may abort its process (a few kilobytes can ask for hundreds of gigabytes), eat all memory or never end. So it runs in a child
(`reporter.intake.parse`), and whatever happens to that becomes one clean refusal.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter.errors import InputError, ReporterError
from reporter.intake.ledger import Note
from reporter.intake.mapping import listed
from reporter.intake.preflight import OLE, SAVE_AS_CSV, damaged, place_of_sheet, preflight, refused
from reporter.intake.tables import Found, Pick, header_note
from reporter.intake.told import Told
from reporter.undo import undone_by

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OLE", "SUFFIXES", "ahead", "find_tables", "preflight"]

SUFFIXES = (".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the parsing of one workbook may take.

    Attributes
    ----------
    memory_bytes : int
        Address space of the child: a sheet of the greatest size that `preflight` lets through needs about half of it.
    cpu_seconds : int
        Computing time of the child for the whole workbook.
    answer_seconds : float
        Time until the child must have answered one request.
    """

    memory_bytes: int = 8 * 2**30
    cpu_seconds: int = 600
    answer_seconds: float = 900


LIMITS = Limits()
MOST_AHEAD = 16 * 2**20
"""Bytes of a workbook of some 300,000 rows, which is looked through in a second."""
_AHEAD: ContextVar[_Parser | None] = ContextVar("ahead", default=None)
"""The child that was begun before anybody asked for the tables of its workbook."""


def find_tables(
    path: Path, known: frozenset[str], header_row: Callable[[str], int | None], closing: ExitStack
) -> list[Found]:
    """All sheets of a workbook that hold anything.

    Parameters
    ----------
    path : pathlib.Path
    known : frozenset of str
        Folded names by which a header is recognised.
    header_row : callable
        Sheet name to the row of its header, where the user said so; 0: none; None: look for it.
    closing : contextlib.ExitStack
        Ends the child; the tables can be loaded as long as it is open.

    Raises
    ------
    InputError
        For a file that is damaged, protected by a password, or beyond the limits of this module and of `preflight`.
    """
    parser = _begun(path, closing)
    notes, found = parser.notes, []
    for number, about in enumerate(parser.opened()["sheets"]):
        sheet = str(about["name"])
        row = header_row(sheet)
        head = parser.ask(do="head", sheet=number, known=sorted(known), header_row=row)
        if head["header"] is not None:
            place = place_of_sheet(path, sheet)
            own = [note for note in notes if note.where in (place, path.name) or "sheet " not in note.where]
            told = (*_head_notes(place, head, bool(about["hidden"]), row), *own)
            batches = partial(parser.batches, number, head["row"])
            found.append(Found(path.name, sheet, sheet, tuple(head["header"]), head["row"], batches, told))
    return found


@contextmanager
def ahead(source: str) -> Iterator[None]:
    """Have a workbook looked through and opened while libraries are loaded: `find_tables` takes it over from there.

    What is no workbook is left alone, and so is what cannot be read: whoever looks for its tables will say why. And a large one: looking through it takes
    seconds, in which nobody would hear what is done.
    """
    path = Path(source)
    with ExitStack() as closing:
        with suppress(ReporterError, OSError), ExitStack() as begun:
            if path.suffix.lower() in SUFFIXES and path.stat().st_size <= MOST_AHEAD:
                _AHEAD.set(_begun(path, begun))
                closing.push(begun.pop_all())
        closing.callback(_AHEAD.set, None)
        yield


def _begun(path: Path, closing: ExitStack) -> _Parser:
    """The child that parses a workbook: it was begun ahead, or is now."""
    parser = _AHEAD.get()
    if parser is not None and parser.path == path:
        _AHEAD.set(None)
        closing.callback(parser.close)
        return parser
    parser = closing.enter_context(_parser(path))
    parser.begin()
    return parser


def _head_notes(place: str, head: dict[str, Any], hidden: bool, header_row: int | None) -> Iterator[Note]:
    if header_row is None:
        yield from header_note(place, head["row"], head["above"])
    if hidden:
        yield Note("assumption", place, Told("The sheet is hidden; it was read like all others."))
    if head["spread"]:
        what = Told(
            "Names of the header are merged over several columns, and name only the first of them: {names}.",
            names=listed(head["spread"]),
        )
        yield Note("assumption", place, what)
    if head["merged"]:
        what = Told(
            "Merged cells ({n} areas): the first cell of each holds the value, the others were read as empty.",
            n=f"{head['merged']:,}",
        )
        yield Note("assumption", place, what)


@contextmanager
def _parser(path: Path) -> Iterator[_Parser]:
    """A child that parses one workbook; killed when this closes, and when a signal ends the run."""
    parser = _Parser(path, LIMITS)
    with undone_by(parser.kill):
        try:
            yield parser
        finally:
            parser.close()


class _Parser:
    """The parent's end of `reporter.intake.parse`."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self._limits, self._late = path, limits, False
        self.notes: tuple[Note, ...] = ()
        folders = os.pathsep.join(str(Path(folder).resolve()) for folder in sys.path)
        given = (str(path.resolve()), str(limits.memory_bytes), str(limits.cpu_seconds))
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "reporter.intake.parse", *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": folders, "OPENBLAS_NUM_THREADS": "1"},  # threads take address space
        )

    def begin(self) -> None:
        """Look the workbook through, while the child starts, and have it opened, which takes the longest; `opened` has the answer."""
        self.notes = preflight(self.path)
        self._write({"do": "open"})

    def opened(self) -> dict[str, Any]:
        """The sheets of the workbook."""
        with self._watched():
            return self._answer()

    def ask(self, **request: Any) -> dict[str, Any]:
        """One question, one answer."""
        with self._watched():
            self._write(request)
            return self._answer()

    def batches(self, sheet: int, header_row: int, picks: Sequence[Pick]) -> Iterator[pa.RecordBatch]:
        """The rows of a sheet below its header, as ``Found.batches``."""
        import pyarrow as pa

        columns = [(pick.ours, pick.position, pick.kind) for pick in picks]
        with self._watched():
            self._write({"do": "rows", "sheet": sheet, "row": header_row, "picks": columns})
            kind, content = self._frame()
        while kind == b"B":
            yield from pa.ipc.open_stream(content)
            with self._watched():
                kind, content = self._frame()
        self._checked(content)

    def kill(self) -> None:
        """End the child at once."""
        self._process.kill()

    def close(self) -> None:
        """End the child and free its pipes."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()

    def _write(self, request: dict[str, Any]) -> None:
        pipe = self._process.stdin
        try:
            if pipe is not None:
                pipe.write(json.dumps(request).encode("ascii") + b"\n")
                pipe.flush()
        except OSError as error:
            raise self._ended() from error

    def _answer(self) -> dict[str, Any]:
        return self._checked(self._frame()[1])

    def _frame(self) -> tuple[bytes, bytes]:
        head = self._read(9)
        return head[:1], self._read(int.from_bytes(head[1:], "little"))

    def _read(self, size: int) -> bytes:
        pipe = self._process.stdout
        data = b"" if pipe is None else pipe.read(size)
        if len(data) < size:
            raise self._ended()
        return data

    def _checked(self, content: bytes) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(content)
        match answer.get("fault"):
            case None:
                return answer
            case "password":
                raise refused(self.path, "is protected by a password.", "Save it without a password.")
            case "damaged":
                raise damaged(self.path)
            case "memory":
                raise self._beyond("it needs more memory")
            case _:
                raise RuntimeError(f"in the process that parses workbooks:\n{answer.get('text')}")

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """A child that hangs is killed; then its pipe closes, and whoever waits on it goes on."""
        timer = threading.Timer(self._limits.answer_seconds, self._too_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _too_late(self) -> None:
        self._late = True
        self._process.kill()

    def _ended(self) -> InputError:
        """The child is gone, by a limit, an abort or somebody's hand."""
        code = self._process.wait()
        if self._late:
            return self._beyond(f"it had not answered after {self._limits.answer_seconds:,.0f} seconds")
        if code == -signal.SIGXCPU:
            return self._beyond("it needs more computing time")
        ending = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return self._beyond(f"it ended with {ending}")

    def _beyond(self, why: str) -> InputError:
        limits = f"{self._limits.memory_bytes / 2**30:,.3g} GiB of memory and {self._limits.cpu_seconds:,} seconds of computing"
        what = f"could not be read: the process that parses it is held to {limits}, and {why}."
        return refused(self.path, what, SAVE_AS_CSV)
