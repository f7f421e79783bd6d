"""What all tests share: the way to the data, the demo's truth, a browser, and a wall against the network."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from reporter import pipeline
from reporter.document.press import Press
from tests.spark_guard import pytest_configure as pytest_configure

ROOT = Path(__file__).resolve().parents[1]
LONGEST = (
    "browser/test_report",
    "test_printed",
    "document/test_editions",
    "test_howto",
    "test_stopped",
    "test_end_to_end",
    "document/test_arabic",
    "test_no_future",
    "browser/test_explorer",
    "intake/test_cases",
    "test_bench",
    "document/test_pdf",
    "test_small_data",
    "browser/test_controls",
    "test_truthful_report",
    "test_recall",
)
"""Modules that take twenty seconds or more, longest first: those that `pytest --durations=0` puts at the top."""
ENGINES = "tests/engine/"
LOOPBACK = ("127.0.0.1", "::1", "localhost")

# Derandomised: the suite says the same today and tomorrow. `--hypothesis-profile=search` looks for new counterexamples.
settings.register_profile("house", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--renew` writes what a test would compare with; look at `git diff` before it is committed."""
    parser.addoption("--renew", action="store_true", help="renew the snapshots under tests; look at the difference")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no worker is left alone with it at the end: Spark, then the `LONGEST`, then all others."""
    places = {f"tests/{name}.py": place for place, name in enumerate(LONGEST)}

    def place(item: pytest.Item) -> tuple[bool, int]:
        return item.get_closest_marker("spark") is None, places.get(item.nodeid.partition("::")[0], len(places))

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """All tests of engines go to one worker, which needs one Spark; all other modules and classes to whoever is free."""
    from xdist.scheduler import LoadScopeScheduling

    class Rooms(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return ENGINES if nodeid.startswith(ENGINES) else super()._split_scope(nodeid)

    return Rooms(config, log)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data to measure against. It is not part of the project: without it the test is skipped."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the real data in ../shared/data beside the checkout")
    return folder


@pytest.fixture(scope="session")
def demo_truth() -> dict[str, Any]:
    """What is planted in the demo workbook (see data/README.md)."""
    return json.loads((ROOT / "data" / "demo_truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a browser."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    return found


@pytest.fixture(autouse=True, scope="session")
def no_workers() -> Iterator[None]:
    """A report that a test makes in its own process is drawn and printed in it, as on a machine with one processor: the other one has tests of its own, and
    starting workers takes a second of both. Commands have their workers, and so have the tests of the press; what is made does not depend on them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "Press", partial(Press, 0))
        yield


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test, and nothing that a test calls, reaches beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise OSError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
