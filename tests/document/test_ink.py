"""Filling a document with its pictures, and the workers that draw them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reporter.document import press as press_module
from reporter.document.blocks import PLAIN, SILENT, Beside, Chart, Cover, Details, Document, Prose, Section
from reporter.document.ink import Inking, draw, ink
from reporter.document.press import Press
from reporter.document.worker import MOST_MEMORY
from reporter.errors import InputError, Problem, ResourceError
from tests.document.gallery import MONEY, gallery

ROOT = Path(__file__).parents[2]


def document(charts: list[Chart]) -> Document:
    one, two, three, four = charts
    blocks = (Prose(()), one, Beside((two, Prose(()))), Details(SILENT, (Beside((three,)), four)))
    cover = Cover("t", SILENT, "", "", "", "", "", "", "en")
    return Document(cover, (Section("s", SILENT, "s", "", blocks),), {}, "")


def svgs(inked: Document) -> list[str]:
    _, one, beside, details = inked.sections[0].blocks
    return [one.svg, beside.blocks[0].svg, details.blocks[0].blocks[0].svg, details.blocks[1].svg]  # type: ignore[union-attr]


def test_every_chart_is_drawn_wherever_it_stands() -> None:
    charts = gallery()[:4]
    with Press(workers=0) as press:
        inked = ink(document(charts), MONEY, press)
    assert svgs(inked) == [draw(chart, MONEY) for chart in charts]
    assert svgs(document(charts)) == [""] * 4


def test_workers_draw_the_same() -> None:
    charts = gallery()[4:8]
    with Press(workers=2) as press:
        inked = ink(document(charts), MONEY, press)
    assert svgs(inked) == [draw(chart, MONEY) for chart in charts]


class Counting(Press):
    asked: tuple[str, ...] = ()

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.asked += (args[0].id,)
        return super().submit(function, *args, **kwargs)


def test_what_was_begun_is_not_drawn_again_unless_it_is_another_picture_by_now() -> None:
    one, two, three, four = gallery()[:4]
    shown = [replace(one, title=SILENT), replace(two, alt="other"), three, replace(four, height_mm=30.0)]
    with Counting(workers=0) as press:
        inking = Inking(MONEY, PLAIN, press)
        inking.begin(document([one, two, four, gallery()[4]]).sections)
        begun, press.asked = len(press.asked), ()
        inked = inking.finish(document(shown))
        assert (begun, sorted(press.asked)) == (4, sorted([two.id, three.id, four.id]))
    assert svgs(inked) == [draw(chart, MONEY) for chart in shown]


def test_twins_are_refused() -> None:
    one = gallery()[0]
    with Press(workers=0) as press, pytest.raises(ValueError, match="share an id"):
        ink(document([one] * 4), MONEY, press)


def test_unknown_picture() -> None:
    with pytest.raises(ValueError, match="house_style"):
        draw(replace(gallery()[0], draw="house_style"), MONEY)


def fail_politely() -> None:
    raise InputError(Problem("orders.csv", "is empty."))


def fail_oddly() -> None:
    class LocalError(Exception):
        pass

    raise LocalError("cannot be pickled")


def die() -> None:
    os._exit(9)


def talk() -> str:
    print("a library's banner")
    return "heard"


@pytest.mark.parametrize("workers", [0, 1])
def test_faults_come_back(workers: int) -> None:
    with Press(workers=workers) as press:
        with pytest.raises(InputError, match=r"orders\.csv: is empty"):
            press.submit(fail_politely).result()
        with pytest.raises(Exception, match="cannot be pickled"):
            press.submit(fail_oddly).result()
        assert press.submit(talk).result() == "heard"


def test_a_dead_worker_is_told_clearly() -> None:
    with (
        Press(workers=1) as press,
        pytest.raises(ResourceError, match=r"worker for die: the process ended with exit code 9"),
    ):
        press.submit(die).result()


def never_end() -> None:
    time.sleep(600)


def take_memory() -> int:
    return len(bytearray(MOST_MEMORY))


def test_a_call_that_takes_too_long_is_stopped_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press_module, "LONGEST_CALL_S", 0.5)
    with Press(workers=1) as press, pytest.raises(ResourceError, match=r"never_end: it was stopped, .* longer than"):
        press.submit(never_end).result()


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not hold a process to an address space")
def test_a_call_that_takes_too_much_memory_fails_and_the_worker_lives_on() -> None:
    with Press(workers=1) as press:
        with pytest.raises(MemoryError):
            press.submit(take_memory).result()
        assert press.submit(talk).result() == "heard"


SCRIPT = """
from reporter.document import press as press_module
from reporter.document.press import Press
from operator import add
print("script runs")
with Press(workers=2, pdf=True) as press:
    print(sum(f.result() for f in [press.submit(add, i, i) for i in range(10)]))
"""


def test_a_script_without_a_guard(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == ["script runs", "90"]
    assert done.stderr == ""


ORPHANS = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may start its background jobs deaf to it
from reporter.document import press as press_module
from reporter.document.press import Press
press = Press(workers=2, ours=sys.argv[1] == "True")
press.submit(len, "warm").result()
print(*[worker.call(os.getpid, (), {}) for worker in press._workers], flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("signal", [2, 9, 15])
@pytest.mark.parametrize("ours", [False, True])
def test_no_orphans(signal: int, ours: bool) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANS, str(ours)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
    )
    assert parent.stdout
    children = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(children) == 2
    parent.send_signal(signal)
    parent.wait(timeout=60)
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while any(map(_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_alive, children))


def _alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


FORKED = """
import os, sys, threading, time
from pathlib import Path
from reporter.document.press import Press
if sys.argv[1] == "threads":
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print("not sent yet", end=" ")
with Press(workers=2, pdf=True, ours=sys.argv[1] != "theirs") as press:
    told = press.submit(os.getpid).result()
    print(Path(f"/proc/{told}/cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes())
    print(press.submit(os.getenv, "TMPDIR").result() == str(press._folder), os.environ.get("TMPDIR"))
    print({press.submit(pow, 2, power).result() for power in range(3)})
try:
    os.wait()
except ChildProcessError:
    print("no child is left")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
@pytest.mark.parametrize("whose", ["ours", "threads", "theirs"])
def test_only_a_process_of_ours_without_threads_is_forked(whose: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED, whose],
        env={name: value for name, value in os.environ.items() if name != "TMPDIR"}
        | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    forked = f"not sent yet {whose == 'ours'}"
    assert done.stdout.splitlines() == [forked, "True None", "{1, 2, 4}", "no child is left"]
    assert done.stderr == ""


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_what_is_joined_waits_for_its_parts(workers: int) -> None:
    with Press(workers=workers) as press:
        whole = [press.join([press.submit(pow, base, power) for power in range(5)], _summed, base) for base in (2, 10)]
        assert [each.result() for each in whole] == [31 + 2, 11111 + 10]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_part_that_fails_fails_the_whole(workers: int) -> None:
    with Press(workers=workers) as press:
        whole = press.join([press.submit(pow, 2, 2), press.submit(fail_politely)], _summed, 0)
        with pytest.raises(InputError, match="is empty"):
            whole.result()


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_what_others_wait_for_comes_before_the_result(workers: int, tmp_path: Path) -> None:
    with Press(workers=workers) as press:
        if not workers:
            (tmp_path / "go on").touch()
        early, late = press.submit_in_two(_two_values, 20, tmp_path / "go on")
        assert early.result() == 20
        assert late.done() == (not workers)
        (tmp_path / "go on").touch()
        assert late.result() == 21
        assert press.submit(talk).result() == "heard", "the worker is free again"


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("before", [True, False])
def test_where_there_will_be_no_result_nobody_waits(workers: int, before: bool) -> None:
    with Press(workers=workers) as press:
        early, late = press.submit_in_two(_one_value_and_a_fault, before)
        with pytest.raises(InputError, match="is empty"):
            late.result()
        if workers and not before:
            assert early.result() == 1
        else:
            with pytest.raises(InputError, match="is empty"):
                early.result()


def test_a_worker_that_dies_between_two_values_is_told() -> None:
    with Press(workers=2) as press:
        early, late = press.submit_in_two(_one_value_and_the_end)
        assert early.result() == 1
        with pytest.raises(ResourceError, match="ended"):
            late.result()


def _two_values(number: int, sign: Path) -> Iterator[int]:
    yield number
    while not sign.exists():
        time.sleep(0.01)
    yield number + 1


def _one_value_and_a_fault(before: bool) -> Iterator[int]:
    if not before:
        yield 1
    fail_politely()


def _one_value_and_the_end() -> Iterator[int]:
    yield 1
    os._exit(3)


def _summed(parts: list[int], more: int) -> int:
    return sum(parts) + more


def _keep_writing(folder: Path) -> None:
    while True:
        for number in range(100):
            (folder / str(number)).write_text("x", encoding="utf-8")


def test_workers_that_write_are_stopped_before_their_folder_is_undone(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()

    @contextmanager
    def undone() -> Iterator[None]:
        try:
            yield
        except KeyError:
            shutil.rmtree(folder)
            raise

    def run() -> None:
        with Press(workers=2) as press, undone(), press.stopped_first():
            press.submit(_keep_writing, folder)
            while not (folder / "99").is_file():
                time.sleep(0.01)
            raise KeyError

    with pytest.raises(KeyError):
        run()
    assert not folder.exists()


def _burn(seconds: float) -> tuple[int, float]:
    """Who has computed for so long, and what it has used since it began."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return os.getpid(), time.process_time()


def test_what_both_workers_compute_counts_as_time_of_the_run() -> None:
    resource = pytest.importorskip("resource", reason="this system does not tell what child processes have used")

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return float(usage.ru_utime + usage.ru_stime)

    before = used()
    with Press(workers=2) as press:
        done = dict(future.result() for future in [press.submit(_burn, 0.5), press.submit(_burn, 0.5)])
    assert len(done) == 2
    assert used() - before >= sum(done.values()) - 0.05  # the system counts in ticks
    assert sum(done.values()) >= 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_what_is_loaded_before_the_fork_begins_no_thread() -> None:
    told = subprocess.run(
        [
            *(sys.executable, "-c"),
            "from pathlib import Path; from reporter.document.press import CLUSTERING, DRAWING, PRINTING; from reporter.document.worker import load;"
            "load(CLUSTERING + DRAWING + PRINTING); print(*(each.read_text().strip() for each in Path('/proc/self/task').glob('*/comm')))",
        ],
        capture_output=True,
        check=True,
        text=True,
        env={"OPENBLAS_NUM_THREADS": "1"} | os.environ,
    )
    allocators = {"jemalloc_bg_thd"}  # pyarrow's, which knows of forks
    assert len([name for name in told.stdout.split() if name not in allocators]) == 1
