"""A real run to send, and servers to send it to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from reporter.delivery.settings import MailSettings
from tests.command import FAST, called_here
from tests.once import once
from tests.shop import write_orders

MANAGERS, ANALYSTS = ("boss@example.org", "Second <second@example.org>"), ("analyst@example.org",)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a small shop with both PDFs, the whole one of three chapters."""
    return (once(tmp_path_factory, "finished", _finish) / "output" / "latest").resolve()


def _finish(folder: Path) -> None:
    orders = write_orders(folder / "orders.csv")
    who = ("--set", "mail.managers=boss@example.org", "--set", "report.organisation=Nile & Söhne")
    chapters = ("--set", "report.sections=summary,segments,quality")
    ran = called_here("run", orders, "--pdf", "-q", *FAST, *who, *chapters, cwd=folder)
    assert ran.code == 0, ran.err


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may send."""
    return Path(shutil.copytree(finished, tmp_path / "output" / finished.name))


@pytest.fixture
def settings() -> MailSettings:
    """Two managers, one analyst; no waiting."""
    return MailSettings(
        sender="Reports <reports@example.org>",
        managers=MANAGERS,
        analysts=ANALYSTS,
        subject_prefix="[shop]",
        pause=0,
        timeout=10,
    )


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., object]]:
    """Start a server whose certificate this process, and its children, trust."""
    from tests.delivery.smtp_server import Behaviour, certificate, serving

    folder = tmp_path_factory.mktemp("certificate")
    own = certificate(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    with ExitStack() as stack:
        yield lambda **behaviour: stack.enter_context(serving(own, Behaviour(**behaviour)))
