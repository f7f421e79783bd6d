"""The child that parses workbooks: aborts, limits, kills and hangs are one clean refusal, and nothing outlives the reading."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reporter import undo
from reporter.engine.duck import DuckEngine
from reporter.errors import InputError
from reporter.intake import excel, preflight
from reporter.intake.excel import Limits
from reporter.intake.tables import Pick, tidy
from tests.fixtures.workbook import make_orders, make_workbook
from tests.intake.conftest import refused, tables
from tests.intake.test_refused import sheet_of, sheet_xml

HEADER = '<row r="1"><c r="A1" t="str"><v>customer</v></c><c r="B1" t="str"><v>date</v></c></row>'
FAR = HEADER + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A few kilobytes that ask the parser for half a terabyte, and a preflight that lets them through."""
    monkeypatch.setattr(preflight, "MOST_CELLS", 10**12)
    return sheet_of(tmp_path / "far.xlsx", sheet_xml(FAR))


@pytest.fixture
def parser(tmp_path: Path) -> Iterator[excel._Parser]:
    with excel._parser(make_workbook(tmp_path / "o.xlsx", {"orders": make_orders(lines=8)})) as child:
        yield child


def pid_of(parser: excel._Parser) -> int:
    return parser._process.pid


def test_a_workbook_that_aborts_the_parser_is_refused(far: Path, engine: DuckEngine) -> None:
    assert refused(engine, far) == [
        "far.xlsx: could not be read: the process that parses it is held to 8 GiB of memory and 600 seconds of computing, "
        "and it ended with signal SIGABRT. Save the sheet as CSV or Parquet, or give the database, and use that."
    ]


def test_the_memory_of_the_parser_is_held(tmp_path: Path, engine: DuckEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the limits of preflight, and still 32 million cells in memory."""
    cells = HEADER + '<row r="2"><c r="A2" t="str"><v>a</v></c><c r="B2" t="str"><v>2024-01-01</v></c></row>'
    cells += '<row r="2000"><c r="XFD2000"><v>1</v></c></row>'
    path = sheet_of(tmp_path / "wide.xlsx", sheet_xml(cells))
    monkeypatch.setattr(excel, "LIMITS", Limits(memory_bytes=2**30))
    (message,) = refused(engine, path)
    assert "held to 1 GiB of memory" in message


def test_the_computing_time_of_the_parser_is_held(
    tmp_path: Path, engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = '<row r="{0}"><c r="A{0}"><v>{0}</v></c><c r="B{0}" t="str"><v>2024-01-01</v></c><c r="C{0}"><v>1.5</v></c></row>'
    cells = HEADER + "".join(row.format(number) for number in range(2, 200_000))
    monkeypatch.setattr(preflight, "MOST_RATIO", 10**6)
    monkeypatch.setattr(excel, "LIMITS", Limits(cpu_seconds=1))
    (message,) = refused(engine, sheet_of(tmp_path / "long.xlsx", sheet_xml(cells), sheets=100))  # some thirty seconds
    assert "1 seconds of computing, and it" in message


def test_a_parser_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "LIMITS", Limits(answer_seconds=0.2))
    with excel._parser(make_workbook(tmp_path / "o.xlsx")) as child:
        os.kill(pid_of(child), signal.SIGSTOP)
        with pytest.raises(InputError, match="it had not answered after"):
            child.ask(do="open")


def test_a_parser_that_is_killed_from_outside_is_told(parser: excel._Parser) -> None:
    parser.ask(do="open")
    os.kill(pid_of(parser), signal.SIGKILL)
    with pytest.raises(InputError, match=r"o\.xlsx: could not be read: .* it ended with signal SIGKILL\."):
        list(parser.batches(0, 1, []))


def test_a_signal_that_ends_the_run_ends_the_parser(parser: excel._Parser) -> None:
    parser.ask(do="open")
    undo.undo_all()
    assert parser._process.wait(timeout=10) == -signal.SIGKILL


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[excel._Parser]:
    """Every child that is started."""
    found: list[excel._Parser] = []
    start = excel._Parser.__init__

    def watched(self: excel._Parser, path: Path, limits: Limits) -> None:
        start(self, path, limits)
        found.append(self)

    monkeypatch.setattr(excel._Parser, "__init__", watched)
    return found


def have_ended(parsers: list[excel._Parser]) -> bool:
    return all(parser._process.returncode is not None for parser in parsers)


def test_no_parser_outlives_the_reading(tmp_path: Path, engine: DuckEngine, started: list[excel._Parser]) -> None:
    tables(engine, make_workbook(tmp_path / "o.xlsx", {"orders": make_orders(lines=8)}))
    (tmp_path / "text.xlsx").write_bytes(b"PK\x03\x04")
    refused(engine, tmp_path / "text.xlsx")
    assert len(started) == 2
    assert have_ended(started)


def test_what_was_begun_ahead_is_taken_over_once(
    tmp_path: Path, engine: DuckEngine, started: list[excel._Parser]
) -> None:
    path = make_workbook(tmp_path / "o.xlsx", {"orders": make_orders(lines=8)})
    with excel.ahead(str(path)):
        assert not have_ended(started)
        rows = tables(engine, path).rows
        assert len(started) == 1
        assert have_ended(started), "its memory is free when the rows have been read"
        assert tables(DuckEngine(reach=path), path).rows == rows == 8
    assert len(started) == 2


@pytest.mark.parametrize("name", ["text.xlsx", "absent.xlsx", "orders.csv"])
def test_what_cannot_be_begun_ahead_is_told_when_it_is_read(
    name: str, tmp_path: Path, engine: DuckEngine, started: list[excel._Parser]
) -> None:
    path = tmp_path / name
    if name != "absent.xlsx":
        path.write_bytes(b"PK\x03\x04")
    said = refused(engine, path)
    del started[:]
    with excel.ahead(str(path)):
        assert have_ended(started)
        assert refused(engine, path) == said


def test_a_large_workbook_is_not_begun_ahead(
    tmp_path: Path, started: list[excel._Parser], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_workbook(tmp_path / "o.xlsx", {"orders": make_orders(lines=8)})
    monkeypatch.setattr(excel, "MOST_AHEAD", path.stat().st_size - 1)
    with excel.ahead(str(path)):
        assert started == []


def test_what_was_begun_ahead_and_not_asked_for_ends(tmp_path: Path, started: list[excel._Parser]) -> None:
    with excel.ahead(str(make_workbook(tmp_path / "o.xlsx", {"orders": make_orders(lines=8)}))):
        pass
    assert have_ended(started)
    assert excel._AHEAD.get() is None


@pytest.mark.skipif(sys.platform != "linux", reason="the system must tell what a process has loaded")
def test_the_parser_loads_what_it_needs_and_no_pandas(parser: excel._Parser) -> None:
    parser.begin()
    parser.opened()
    picks = [Pick("customer_id", 0, "id")]
    assert sum(batch.num_rows for batch in parser.batches(0, 1, picks)) == 8
    loaded = Path(f"/proc/{pid_of(parser)}/maps").read_text()
    assert "/pyarrow/" in loaded
    assert "/pandas/" not in loaded


@pytest.mark.parametrize("steps", [0, 1, 7, 30, 1_000])
def test_what_is_written_ahead_is_what_is_written_when_asked(
    steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far it came, whichever sheet is asked for first, and wherever its header is."""
    from reporter.intake import parse
    from reporter.intake import tables as written

    calls: list[int] = []
    monkeypatch.setattr(written, "BATCH_ROWS", 5)
    monkeypatch.setattr(written, "tidy", lambda cells: calls.append(1) or tidy(cells))
    path = make_workbook(
        tmp_path / "o.xlsx", {"blank": [], "orders": make_orders(lines=23), "more": make_orders(lines=3)}
    )
    sheets = parse.sheets_of(path)
    width = len(parse.head_of(sheets[1], frozenset(), None)["header"])
    picks = [Pick(f"column_{position}", position, "text") for position in (0, width - 1, 2)]
    for number, row in ((1, 1), (2, 1), (1, 3)):
        ahead = parse._Ahead()
        assert not ahead()
        ahead.begin(sheets)
        done = sum(ahead() for _ in range(steps))
        assert done == min(steps, width * (parse.CHUNKS_AHEAD + 1)), (
            "of one sheet two chunks, of the other its only one"
        )
        once = written.chunks_of(parse._data_rows(sheets[number].rows, row))
        wanted = [chunk.batch(picks) for chunk in once]
        taken = ahead.taken(number, row)
        assert not ahead(), "from now on the parent reads"
        if taken is None:
            assert row == 3 or steps <= width * parse.CHUNKS_AHEAD * (number - 1)
        else:
            calls.clear()
            assert [chunk.batch(picks) for chunk in taken] == wanted
            assert len(calls) <= len(picks) * len(wanted) - min(done, 1), "no column twice"


def test_a_fault_of_what_nobody_has_asked_for_is_told_to_who_asks() -> None:
    from reporter.intake import parse
    from reporter.intake.tables import chunks_of

    def rows() -> Iterator[list[object]]:
        yield from (["customer", "date"], ["a", "2024-01-01"])
        raise parse.DamagedError

    sheets = [parse.Sheet("sound", False, lambda: [["customer"], ["a"]], ()), parse.Sheet("damaged", False, rows, ())]
    ahead = parse._Ahead()
    ahead.begin(sheets)
    assert [ahead() for _ in range(4)] == [True, False, False, False]
    assert ahead.taken(0, 1) is ahead.taken(1, 1) is None
    with pytest.raises(parse.DamagedError):
        list(chunks_of(parse._data_rows(sheets[1].rows, 1)))


def test_a_parser_that_had_time_answers_the_same(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "o.xlsx", {"orders": make_orders(lines=40), "more": make_orders(lines=7)})
    picks, answers = [Pick("customer_id", 0, "id"), Pick("amount", 2, "number")], []
    for pause_s in (0.0, 0.5):
        with excel._parser(path) as child:
            child.begin()
            child.opened()
            time.sleep(pause_s)
            answers.append([list(child.batches(sheet, row, picks)) for sheet, row in ((1, 1), (0, 1), (0, 4), (1, 1))])
    assert answers[0] == answers[1]
    assert [sum(batch.num_rows for batch in batches) for batches in answers[0]] == [7, 40, 37, 7]


def test_a_fault_of_our_own_in_the_parser_is_no_fault_of_the_file(parser: excel._Parser) -> None:
    parser.ask(do="open")
    with pytest.raises(RuntimeError, match="IndexError"):
        parser.ask(do="head", sheet=99, known=[], header_row=None)


def test_the_users_own_script_is_not_run_again(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "o.xlsx", {"orders": make_orders(lines=8)})
    script = tmp_path / "script.py"
    script.write_text(f"import reporter\nprint('once')\nprint(reporter.check({str(path)!r}).tallies[0].kept)\n")
    (tmp_path / "json.py").write_text("raise SystemExit('a stranger in the current folder')\n")
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-P", str(script)], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("once\n8\n", "", 0)


def test_both_parsers_say_the_same(tmp_path: Path) -> None:
    """Cells with an error are empty in both, or the note about them would lie."""
    from reporter.intake import parse

    cells = HEADER + '<row r="2"><c r="A2" t="str"><v>a</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'
    path = sheet_of(tmp_path / "o.xlsx", sheet_xml(cells))
    first, second = parse.sheets_of(path)[0], parse._openpyxl_sheets(path)[0]
    assert [["" if cell is None else cell for cell in row] for row in second.rows()] == list(map(list, first.rows()))
