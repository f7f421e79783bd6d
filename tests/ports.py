"""Ports of the loopback, for servers that the tests start."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable

PAUSE_SECONDS = 0.2


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def wait_for(port: int, server: subprocess.Popen[bytes], seconds: float, said: Callable[[], str] = str) -> None:
    """Wait until a server listens.

    Parameters
    ----------
    said : callable
        What the server has said, for the failure where it ends or does not listen in time.
    """
    for _ in range(round(seconds / PAUSE_SECONDS)):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert server.poll() is None, f"the server has ended: {said()}"
            time.sleep(PAUSE_SECONDS)
        else:
            return
    raise AssertionError(f"the server does not listen: {said()}")
