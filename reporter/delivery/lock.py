"""One run at a time: the lock of an output folder, which the system frees even after a kill."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reporter.errors import BusyError, Problem, UsageError


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold ``root/.lock``, or refuse at once.

    Raises
    ------
    BusyError
        Naming the process that holds it.
    UsageError
        Where the lock file cannot be written.
    """
    try:
        descriptor = os.open(root / ".lock", os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        raise not_writable(root, error.strerror) from error
    try:
        if not _seize(descriptor):
            raise _busy(root, os.read(descriptor, 32).decode("ascii", "replace").strip())
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _busy(root: Path, holder: str) -> BusyError:
    what = f"another run (process {holder or 'unknown'}) is writing here."
    return BusyError(Problem(str(root), what, "Wait for it, or name another folder with --output."))


def not_writable(folder: Path, reason: str | None) -> UsageError:
    """The refusal of a folder that the system lets nobody, or not us, write."""
    what = f"cannot be written ({(reason or 'unknown reason').lower()})."
    return UsageError(Problem(str(folder), what, "Name another folder with --output."))


if sys.platform == "win32":

    def _seize(descriptor: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:

    def _seize(descriptor: int) -> bool:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
