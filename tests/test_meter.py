"""What the meter of memory sees: this process, its children, pages that they share, and what is gone before the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from reporter import meter as module
from reporter.meter import MIB, Meter, Tree, own_tree

BLOCK_MIB = 150
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@contextmanager
def child(code: str) -> Iterator[subprocess.Popen[str]]:
    """A Python that runs `code`, says "ready" and lives until this closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}\nprint('ready', flush=True)\ninput()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.communicate("\n", timeout=30)


def sizes(pid: int) -> dict[str, int]:
    """What the kernel says of a process, in bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    return {name: int(size.split()[0]) * 1024 for name, size in (line.split(":") for line in lines)}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children that other tests of this worker have left running are not looked at: they grow and shrink as they like."""
    family = module._family
    left = set(family(os.getpid())) - {os.getpid()} if sys.platform == "linux" else set()

    def without_them(root: int) -> dict[int, int]:
        return {pid: parent for pid, parent in family(root).items() if pid not in left}

    monkeypatch.setattr(module, "_family", without_them)


def seen(tree: Tree) -> int:
    """A sample in which every child that is there counts."""
    return [tree.sample() for _ in range(2 * module.FAMILY_EVERY)][-1]


@linux
def test_pages_that_processes_share_count_once():
    with child("import numpy") as one, child("import numpy") as other:
        tree = Tree(os.getpid())
        found = seen(tree)
        told = [sizes(pid) for pid in (os.getpid(), one.pid, other.pid)]
        proportional, resident = (sum(each[kind] for each in told) for kind in ("Pss", "Rss"))
        assert found == pytest.approx(proportional, rel=0.03)
        assert found < resident - 10 * MIB
        mine = sizes(one.pid)
        assert tree.shared(one.pid) == pytest.approx(mine["Rss"] - mine["Pss"], abs=2 * MIB)


@linux
def test_grandchildren_count_and_who_has_ended_does_not():
    inner = f"block = b'x' * {BLOCK_MIB * MIB}; print('ready', flush=True); input()"
    outer = f"""
import subprocess, sys
inner = subprocess.Popen([sys.executable, "-c", {inner!r}], stdout=subprocess.PIPE)
inner.stdout.readline()"""
    tree = Tree(os.getpid())
    before = seen(tree)
    with child(outer):
        assert seen(tree) > before + BLOCK_MIB * MIB
    assert seen(tree) == pytest.approx(before, abs=20 * MIB)
    assert Tree(2**22 + 1).sample() == 0  # nobody has this number


@linux
def test_a_copy_of_its_parent_counts_only_what_it_changes():
    code = f"""
import os, time
block, parent = b'x' * {BLOCK_MIB * MIB}, os.getpid()
if not os.fork():
    while os.getppid() == parent:
        time.sleep(0.05)
    os._exit(0)"""
    tree = Tree(os.getpid())
    before = seen(tree)
    with child(code):
        assert before + 0.9 * BLOCK_MIB * MIB < seen(tree) < before + 1.4 * BLOCK_MIB * MIB


@linux
def test_a_peak_between_two_samples_is_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "INTERVAL_S", 60.0)
    with Meter() as quiet:
        pass
    assert quiet.peak_mib is not None
    highest = module._highest(os.getpid())
    with Meter() as meter:
        while not meter.cpu_seconds:  # the first sample is taken
            threading.Event().wait(0.01)
        block = b"x" * (BLOCK_MIB * MIB)
        del block
    assert meter.peak_mib is not None
    if module._highest(os.getpid()) > highest:  # else an earlier test had more
        assert meter.peak_mib > quiet.peak_mib + 0.9 * BLOCK_MIB


@linux
def test_what_a_child_takes_belongs_to_the_step_in_which_it_lives():
    with Meter() as quiet:
        pass
    with Meter() as meter, child(f"block = b'x' * {BLOCK_MIB * MIB}; import time; time.sleep(0.8)"):
        pass
    assert quiet.peak_mib is not None
    assert meter.peak_mib is not None
    assert meter.peak_mib > quiet.peak_mib + 0.9 * BLOCK_MIB
    assert meter.cpu_seconds > 0


def test_a_machine_that_tells_less_gives_the_peak_of_a_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "own_tree", lambda: None)
    with Meter() as meter:
        pass
    if sys.platform == "win32":
        assert meter.peak_mib is None
    else:
        import resource

        unit = MIB if sys.platform == "darwin" else 1024
        assert meter.peak_mib is not None
        assert meter.peak_mib >= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def test_measuring_never_ends_a_run(monkeypatch: pytest.MonkeyPatch):
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with Meter() as meter:
        done = True
    assert done
    assert meter.peak_mib is None or meter.peak_mib > 0


def test_a_tree_is_there_where_the_system_tells():
    assert (own_tree() is not None) == (sys.platform == "linux")


@linux
def test_code_that_is_let_go_is_there_when_it_is_called():
    asked = """
import json
from pathlib import Path
from reporter.meter import keep_little, let_go
keep_little()
import pyarrow, pyarrow.compute, scipy.special

def held():
    on, sizes = False, []
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if on and line.startswith("Rss:"):
            sizes.append(int(line.split()[1]))
        elif not line.split()[0].endswith(":"):
            on = line.split()[1] == "r-xp" and ".so" in line
    return sum(sizes)

before = held()
let_go()
after = held()
total = pyarrow.compute.sum(pyarrow.array([1, 2, 3])).as_py()
print(json.dumps([before, after, total, float(scipy.special.gammaln(5.0)), pyarrow.default_memory_pool().backend_name]))
"""
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    before, after, total, logarithm, pool = json.loads(told)
    assert after < before / 2
    assert (total, round(logarithm, 6)) == (6, 3.178054)
    assert pool == "system"


@linux
def test_the_largest_sample_is_told_with_what_is_shared_by_then():
    with child("import numpy") as one:
        tree = Tree(os.getpid())
        seen(tree)
        for pid, share in tree._shares.items():
            tree._shares[pid] = replace(share, shared=0, at=share.at - module.LOOK_UP_S, cost=0.0)
        alone, again = tree.sample(above=2**60), tree.sample()
        assert again == pytest.approx(sum(sizes(pid)["Pss"] for pid in (os.getpid(), one.pid)), rel=0.03)
        assert again < alone - 5 * MIB
