"""What several workers of one test run need alike is made by the first that asks for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE_SECONDS = 400


def once(places: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that `make` fills, once in a test run: whoever creates it fills it, all others wait until it is full.

    Tests read what is in there and change nothing: the others see it too.
    """
    base = places.getbasetemp()
    root = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder, full, failed = (root / f"once-{name}{end}" for end in ("", ".full", ".failed"))
    try:
        folder.mkdir()
    except FileExistsError:
        _wait(full, failed)
        return folder
    try:
        make(folder)
    except BaseException:
        failed.touch()
        raise
    full.touch()
    return folder


def _wait(full: Path, failed: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not full.exists():
        assert not failed.exists(), f"{full.stem} could not be made: see the test that tried"
        assert time.monotonic() < until, f"{full.stem} was not made in {PATIENCE_SECONDS} s"
        time.sleep(0.2)
