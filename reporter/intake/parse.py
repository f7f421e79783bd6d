"""The child process that parses one workbook, so that a file which aborts or starves the parser ends a child and not the report.

``python -m reporter.intake.parse PATH MEMORY_BYTES CPU_SECONDS`` holds itself to its limits, then answers requests, one JSON text a line,
on its standard input. Answers are frames: a letter (``J`` JSON, ``B`` an Arrow batch), eight bytes of length, the content. Nothing is
pickled: what a hostile file makes of this process, it can only say texts to its parent.

python-calamine reads; openpyxl steps in where it cannot.
"""

from __future__ import annotations

import gc
import io
import itertools
import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from reporter.intake.tables import HEADER_SEARCH_ROWS, Chunk, Pick, Row, chunks_of, find_header, is_blank, names_of

Rows = Callable[[], Iterable[Sequence[object]]]
Area = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged area: (row, column), counted from 0."""
CHUNKS_AHEAD = 2
"""Of a sheet, that are written before anybody asks: they are held in memory until then."""


class DamagedError(Exception):
    """The file is not what its name says."""


class PasswordError(Exception):
    """The file opens with a password only."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One worksheet; `rows` walks it from its first row, as often as it is called."""

    name: str
    hidden: bool
    rows: Rows
    merged: tuple[Area, ...]


def sheets_of(path: Path) -> list[Sheet]:
    """Every worksheet; each is parsed once.

    Raises
    ------
    PasswordError, DamagedError
    """
    import python_calamine

    visible, worksheet = python_calamine.SheetVisibleEnum.Visible, python_calamine.SheetTypeEnum.WorkSheet
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        found = []
        for about in workbook.sheets_metadata:
            if about.typ == worksheet:
                sheet = workbook.get_sheet_by_name(about.name)
                merged = tuple(sheet.merged_cell_ranges or ())
                found.append(Sheet(about.name, about.visible != visible, sheet.iter_rows, merged))
        return found
    except python_calamine.PasswordError as error:
        raise PasswordError from error
    except (python_calamine.CalamineError, OSError):
        return _openpyxl_sheets(path)
    except BaseException as error:  # a panic of the parser is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        return _openpyxl_sheets(path)


def _openpyxl_sheets(path: Path) -> list[Sheet]:
    """The same by openpyxl, which reads what calamine does not; whatever it raises, the file is not what its name says."""
    import openpyxl

    def rows_of(sheet: str) -> Iterator[Sequence[object]]:
        try:
            for row in workbook[sheet].iter_rows():
                yield [None if cell.data_type == "e" else cell.value for cell in row]
        except MemoryError:
            raise
        except Exception as error:
            raise DamagedError from error

    try:
        workbook = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
        return [
            Sheet(sheet.title, sheet.sheet_state != "visible", partial(rows_of, sheet.title), ())
            for sheet in workbook.worksheets
        ]
    except MemoryError:
        raise
    except Exception as error:
        raise DamagedError from error


def head_of(sheet: Sheet, known: frozenset[str], header_row: int | None) -> dict[str, Any]:
    """Where the header of a sheet is and what it says.

    Returns
    -------
    dict
        ``header`` (None: the sheet is blank), ``row`` (0: no header), ``above`` (rows with text above it), ``spread`` (names that are merged
        over several columns) and ``merged`` (merged areas below the header).
    """
    head = [list(row) for row in itertools.islice(sheet.rows(), max(HEADER_SEARCH_ROWS, header_row or 0))]
    if not any(not is_blank(cell) for cells in head for cell in cells):
        return {"header": None}
    _fill_down(head, sheet.merged)
    position = find_header(head, known) if header_row is None else header_row - 1 if header_row else None
    row = 0 if position is None else position + 1
    header = None if position is None else head[position] if position < len(head) else []
    names = names_of(header, max(map(len, head)))
    spread = [
        names[left]
        for (top, left), (last, right) in sheet.merged
        if top <= row - 1 <= last and right > left < len(names)
    ]
    return {
        "header": names,
        "row": row,
        "above": sum(any(not is_blank(cell) for cell in cells) for cells in head[: position or 0]),
        "spread": [name for name in spread if name],
        "merged": sum(1 for (top, _), _ in sheet.merged if top >= row),
    }


def _fill_down(head: list[list[object]], merged: Sequence[Area]) -> None:
    """A name that is merged over two rows of a header stands in both, so that the lower one holds all names."""
    for (top, left), (bottom, _) in merged:
        if bottom > top < len(head) and left < len(head[top]) and isinstance(head[top][left], str):
            for cells in head[top + 1 : bottom + 1]:
                if left < len(cells) and is_blank(cells[left]):
                    cells[left] = head[top][left]


def _data_rows(rows: Rows, header_row: int) -> Iterator[Row]:
    for number, cells in enumerate(rows(), 1):
        if number > header_row and not all(map(is_blank, cells)):
            yield number, cells, None


def _hold_back(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process where the system has such limits; a core file would hold the customers' rows."""
    with suppress(ImportError):
        import resource

        for what, limit in (
            (resource.RLIMIT_AS, memory_bytes),
            (resource.RLIMIT_CPU, cpu_seconds),
            (resource.RLIMIT_CORE, 0),
        ):
            with suppress(OSError, ValueError):
                most = resource.getrlimit(what)[1]
                least = limit if most == resource.RLIM_INFINITY else min(limit, most)
                resource.setrlimit(what, (least, least))


class _Ahead:
    """Rows whose columns are written before anybody asks for them, a column at each call: the parent loads its libraries meanwhile."""

    def __init__(self) -> None:
        self._chunks: dict[tuple[int, int], Iterator[Chunk]] = {}
        self._steps: Iterator[int] = iter(())

    def begin(self, sheets: Sequence[Sheet]) -> None:
        """These are the sheets."""
        self._steps = self._written(sheets)

    def __call__(self) -> bool:
        """Whether there was anything to write. A fault is told to who asks: what may have suffered from it is read anew."""
        try:
            return next(self._steps, None) is not None
        except Exception:
            self._chunks.clear()
            return False

    def taken(self, number: int, row: int) -> Iterator[Chunk] | None:
        """The rows of a sheet below its header, where some of them were written; nothing is any more from now on."""
        self._steps = iter(())
        return self._chunks.pop((number, row), None)

    def _written(self, sheets: Sequence[Sheet]) -> Iterator[int]:
        for number, sheet in enumerate(sheets):
            head = head_of(sheet, frozenset(), None)
            if head["header"] is not None:
                rest = chunks_of(_data_rows(sheet.rows, head["row"]))
                some: list[Chunk] = []
                self._chunks[number, head["row"]] = itertools.chain(some, rest)
                for chunk in itertools.islice(rest, CHUNKS_AHEAD):
                    some.append(chunk)
                    for position in range(len(head["header"])):
                        chunk.column(position)
                        yield number


def _requests(ahead: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    """What the parent asks, until its end closes; whenever it has not asked anything, `ahead` goes on, as long as there is something to do."""
    text = b""
    while True:
        while b"\n" not in text:
            if not _is_asked() and ahead():
                continue
            more = os.read(0, 2**16)
            if not more:
                return
            text += more
        line, _, text = text.partition(b"\n")
        yield json.loads(line)


def _is_asked() -> bool:
    """Whether there is something to read; where that cannot be told of a pipe, there is."""
    return sys.platform == "win32" or bool(select.select([0], [], [], 0)[0])


def _serve(path: Path, answers: BinaryIO) -> None:
    """Answer requests until the input closes."""
    sheets: list[Sheet] = []
    ahead = _Ahead()
    for request in _requests(ahead):
        if request["do"] == "open":
            sheets = sheets_of(path)
            ahead.begin(sheets)
            _tell(answers, {"sheets": [{"name": sheet.name, "hidden": sheet.hidden} for sheet in sheets]})
        elif request["do"] == "head":
            _tell(answers, head_of(sheets[request["sheet"]], frozenset(request["known"]), request["header_row"]))
        else:
            number, row, picks = request["sheet"], request["row"], [Pick(*pick) for pick in request["picks"]]
            chunks = ahead.taken(number, row) or chunks_of(_data_rows(sheets[number].rows, row))
            for chunk in chunks:
                _send(answers, b"B", _packed(chunk.batch(picks)))
            _tell(answers, {"end": True})


class _NoPandas:
    """A finder that does not find pandas: pyarrow loads it with the first array that it makes, 0.3 s for nothing here."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("not needed here", name=name)


def _packed(batch: Any) -> Any:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def _tell(answers: BinaryIO, answer: dict[str, Any]) -> None:
    _send(answers, b"J", json.dumps(answer).encode("ascii"))


def _send(answers: BinaryIO, kind: bytes, content: Any) -> None:
    answers.write(kind + len(content).to_bytes(8, "little"))
    answers.write(content)
    answers.flush()


def main(path: str, memory_bytes: str, cpu_seconds: str) -> None:
    """Be the child: limit yourself, warm up, then answer; a fault is an answer too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _hold_back(int(memory_bytes), int(cpu_seconds))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not mix with the answers
    gc.disable()  # cells are in no cycle, and looking for one takes a quarter of the time
    sys.meta_path.insert(0, _NoPandas)
    import pyarrow.compute  # noqa: F401 - loaded while the parent still looks through the file

    try:
        _serve(Path(path), answers)
    except PasswordError:
        _tell(answers, {"fault": "password"})
    except DamagedError:
        _tell(answers, {"fault": "damaged"})
    except MemoryError:
        _tell(answers, {"fault": "memory"})
    except Exception:  # our own fault: the parent raises it again
        _tell(answers, {"fault": "bug", "text": traceback.format_exc()})


if __name__ == "__main__":
    main(*sys.argv[1:])
