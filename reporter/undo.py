"""What has to be undone when a signal ends the program: temporary folders, a half-made report, helping processes.

A signal may come at any moment, also while a library is half loaded or in the middle of native code, where raising an exception can
end in an abort. So a signal handler raises nothing: it calls `undo_all` and leaves. Whoever makes something that must not outlive the
run says so with `undone_by` for as long as it is there; where an exception ends the run, its own clean-up comes first, as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

_ACTIONS: ContextVar[tuple[Callable[[], object], ...]] = ContextVar("undo", default=())


@contextmanager
def undone_by(action: Callable[[], object]) -> Iterator[None]:
    """While this is open, `undo_all` calls the action.

    Parameters
    ----------
    action : callable without arguments
        Must not mind being called early, twice, or when there is nothing to undo.
    """
    _ACTIONS.set((*_ACTIONS.get(), action))
    try:
        yield
    finally:
        _ACTIONS.set(tuple(each for each in _ACTIONS.get() if each is not action))


def undo_all() -> None:
    """Undo everything, the newest first; what cannot be undone is left."""
    for action in reversed(_ACTIONS.get()):
        with suppress(Exception):
            action()
