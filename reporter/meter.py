"""What a step takes of memory: the peak of this process and of all that it started, sampled while the step runs.

A page that several processes share (the interpreter, its libraries) must count once, so what is wanted is the proportional set size
(PSS). To tell it the kernel walks over all pages of a process: 4 ms for half a gigabyte, every time. The resident size is free, and what
it counts too much changes slowly. So each sample takes the resident sizes (``statm``) and takes off them what is shared, which is looked
up (``smaps_rollup``) when a process comes or goes or its size has moved, else now and then, for no more than `LOOK_UP_SHARE` of the time; more
often only while samples are the largest so far, for these are what is told.

Linux only; elsewhere the system tells the peak of a process alone (``getrusage``), and that is what is given.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, thread_time
from types import TracebackType

INTERVAL_S = 0.1
LOOK_UP_S = 1.0
"""Seconds between two look-ups of what one process shares, at least."""
LOOK_UP_SHARE = 1 / 400
"""Share of the time that they may take."""
MOVED = 1 / 8
"""Change of its size after which what a process shares is looked up anew; without it that takes `PATIENCE` times as long."""
PATIENCE = 8
CLOSELY = 1 / 2
"""The same where a sample seems to be the largest so far, by `MORE` at least."""
MORE = 1.02
FAMILY_EVERY = 2
"""Samples after which new children are looked for."""
MIB = 2**20
ARENA_MAX, DONTNEED = -8, 4
"""What the C library's ``mallopt`` calls the number of its heaps, and ``madvise`` pages that are not needed."""


class Tree:
    """The memory of a process and its descendants; Linux only.

    Parameters
    ----------
    root : int
        The process id of the eldest.
    """

    __slots__ = ("_counted", "_family", "_page", "_root", "_samples", "_shares")

    def __init__(self, root: int) -> None:
        self._root = root
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._samples = 0
        self._family: Collection[int] = ()
        self._counted: frozenset[int] = frozenset()
        self._shares: dict[int, _Share] = {}

    def sample(self, above: int = 0) -> int:
        """Memory of all that run now, in bytes; 0 where none does.

        What seems to be more than `above` is looked at again with what is shared by now, as far as that was not looked up just before.

        In its first moment a child still wears the memory of its parent, and the parent's command line too. So it counts as soon as it has
        one of its own, or from the second time that it is looked for.
        """
        if self._samples % FAMILY_EVERY == 0:
            found = _family(self._root)
            counted = frozenset(pid for pid, parent in found.items() if pid in self._family or _is_own(pid, parent))
            if counted != self._counted:
                self._shares.clear()
            self._family, self._counted = found.keys(), counted
        self._samples += 1
        held = sum(map(self._held, self._counted))
        return held if held <= above else sum(self._held(pid, patience=CLOSELY) for pid in self._counted)

    def shared(self, pid: int) -> int:
        """Bytes of the resident size of a process that count for others; 0 where the system does not say."""
        return self._shares[pid].shared if pid in self._shares else 0

    def _held(self, pid: int, patience: float | None = None) -> int:
        try:
            resident = int(_read(f"/proc/{pid}/statm").split()[1]) * self._page
        except (OSError, IndexError):  # it has ended
            return 0
        now, share = perf_counter(), self._shares.get(pid)
        if share is None or share.is_stale(resident, now, patience):
            self._shares[pid] = _Share(_shared(pid), resident, now, perf_counter() - now)
        return max(resident - self.shared(pid), 0)


@dataclass(frozen=True, slots=True)
class _Share:
    """What a process shared when it was looked up: bytes of how many, when (seconds), and how many seconds that took."""

    shared: int
    resident: int
    at: float
    cost: float

    def is_stale(self, resident: int, now: float, patience: float | None = None) -> bool:
        if patience is None:
            patience = 1 if abs(resident - self.resident) > MOVED * self.resident else PATIENCE
        return now > self.at + patience * max(LOOK_UP_S, self.cost / LOOK_UP_SHARE)


class Meter:
    """Measures the peak of this process and its descendants while it is open; a context manager.

    Parameters
    ----------
    tree : Tree, optional
        That of this process, where several meters follow each other: it remembers what it has looked up.

    Attributes
    ----------
    peak_mib : int or None
        Largest memory of all together, in MiB, once it is closed; None where the system does not say.
    cpu_seconds : float
        What the measuring itself has taken.

    Examples
    --------
    >>> with Meter() as meter:
    ...     block = bytearray(2**20)
    >>> meter.peak_mib is None or meter.peak_mib > 1
    True
    """

    __slots__ = ("_closed", "_largest", "_thread", "_told_before", "_tree", "cpu_seconds", "peak_mib")

    def __init__(self, tree: Tree | None = None) -> None:
        self.peak_mib: int | None = None
        self.cpu_seconds = 0.0
        self._tree = tree or own_tree()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="meter", daemon=True)
        self._largest = 0
        self._told_before = 0

    def __enter__(self) -> Meter:
        self._told_before = _highest(os.getpid())
        if self._tree is not None:
            try:
                self._thread.start()
            except RuntimeError:  # no room for another thread: what is measured matters more than measuring
                self._tree = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop sampling; what the kernel itself saw as this process's peak counts as well."""
        if self._tree is None:
            self.peak_mib = _peak_told()
            return
        self._closed.set()
        self._thread.join()
        highest = _highest(os.getpid())
        if highest > self._told_before:  # it rose while this was open, perhaps between two samples
            self._largest = max(self._largest, highest - self._tree.shared(os.getpid()))
        self.peak_mib = round(self._largest / MIB)

    def _watch(self) -> None:
        tree = self._tree
        while tree is not None:
            self._largest = max(self._largest, tree.sample(round(MORE * self._largest)))
            self.cpu_seconds = thread_time()
            if self._closed.is_set():
                return
            self._closed.wait(INTERVAL_S)


def own_tree() -> Tree | None:
    """The tree of this process; None where the system does not tell in the way that `Tree` reads."""
    return Tree(os.getpid()) if sys.platform == "linux" and Path("/proc/self/statm").exists() else None


def available_memory() -> int:
    """Bytes of memory this process may use: the least of the container's limit and the machine's memory."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [physical]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            limits.append(int(Path(path).read_text(encoding="ascii")))
    return min(limits)


def keep_little() -> None:
    """Have allocators keep little of what is freed, in a process that is our own; before it loads pyarrow or begins a thread.

    Of the heaps that the C library has for threads the end is never returned, and pyarrow's own allocator holds on to several times what is in use.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with suppress(OSError, AttributeError, TypeError):  # where the C library is another one
        ctypes.CDLL(None).mallopt(ARENA_MAX, 1)


def give_back() -> None:
    """Return to the system what this process has freed: allocators keep it for later, and the next step may run in another process."""
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    with suppress(OSError, AttributeError, TypeError):  # where the C library is another one
        ctypes.CDLL(None).malloc_trim(0)


def let_go() -> None:
    """Return the code of libraries to the system: most of it has run for the last time, and what is called again is read from its file again."""
    with suppress(OSError, AttributeError, TypeError):  # where the system is another one
        madvise = ctypes.CDLL(None).madvise
        for begin, end in _code():
            madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), DONTNEED)


def _code() -> Iterator[tuple[int, int]]:
    """Where the code of libraries lies in this process: pages that nobody ever writes to."""
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
        span, rights, *_, place = line.split(maxsplit=5)
        if rights == "r-xp" and ".so" in Path(place).name:
            begin, end = (int(each, 16) for each in span.split("-"))
            yield begin, end


def _family(root: int) -> dict[int, int]:
    """A process and its descendants, each with its parent; itself alone where the kernel was built without lists of children."""
    found, pending = {root: 0}, [root]
    while pending:
        pid = pending.pop()
        with suppress(OSError), os.scandir(f"/proc/{pid}/task") as tasks:  # it may have ended
            for task in tasks:
                with suppress(OSError):
                    children = dict.fromkeys(map(int, _read(f"{task.path}/children").split()), pid)
                    found |= children
                    pending += children
    return found


def _is_own(pid: int, parent: int) -> bool:
    """Whether a process runs a program of its own by now."""
    try:
        return not parent or _read(f"/proc/{pid}/cmdline") != _read(f"/proc/{parent}/cmdline")
    except OSError:  # one has ended
        return False


def _shared(pid: int) -> int:
    """How many bytes of its resident size a process does not have for itself."""
    try:
        lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()[1:]
        sizes = {name: int(size.split()[0]) for name, _, size in (line.partition(b":") for line in lines)}
        return (sizes[b"Rss"] - sizes[b"Pss"]) * 1024
    except (OSError, KeyError, IndexError):
        return 0


def _highest(pid: int) -> int:
    """The largest resident size that the kernel ever saw of a process, in bytes; 0 where it does not say."""
    with suppress(OSError):
        for line in _read(f"/proc/{pid}/status").splitlines():
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 65_536)
    finally:
        os.close(descriptor)


def _peak_told() -> int | None:
    """Largest resident size of this process or of one of its ended children so far, in MiB, where there is no `Tree`."""
    if sys.platform == "win32":
        return None
    import resource

    largest = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return largest // (MIB if sys.platform == "darwin" else 1024)
