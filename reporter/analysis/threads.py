"""One BLAS thread: on these small matrices a second one only spins, and sums would differ in their last digits."""

from __future__ import annotations

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """Hold the linear algebra libraries to one thread inside the block."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
