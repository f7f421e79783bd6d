"""When printing goes wrong: memory or time runs out while the PDF is made, and all the rest is there."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

import reporter
from reporter import pipeline, printing
from reporter.document import worker
from reporter.document.press import Press
from tests.command import BRIEF
from tests.delivery.small_runs import damage, names
from tests.shop import write_orders

SETTINGS = [word for word in BRIEF if word != "--set"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits are otherwise there"),
]


def take_all_memory(*_: object) -> bytes:
    """A PDF that needs more memory than a worker may have."""
    return bytes(bytearray(worker.MOST_MEMORY))


def be_killed(*_: object) -> bytes:
    """A PDF whose worker the system kills, as it does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


FAULTS = [
    pytest.param(take_all_memory, "memory ran out", id="memory"),
    pytest.param(be_killed, "before it had finished", id="killed"),
]


@pytest.fixture(autouse=True)
def _printed_by_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("weasyprint", reason="needs WeasyPrint", exc_type=ImportError)
    monkeypatch.setattr(pipeline, "Press", Press)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, reporter.Outputs]:
    """The workbook, and the former report, without PDF."""
    folder = tmp_path_factory.mktemp("first")
    shop = write_orders(folder / "orders.csv")
    return shop, reporter.run(
        shop, reporter.load_config(None, [*SETTINGS, "output.pdf=false"])[0], output=folder / "out"
    )


@pytest.mark.parametrize(("print_pdf", "said"), FAULTS)
def test_the_report_is_there_without_its_pdf_and_says_why(
    print_pdf: object, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "print_whole", print_pdf)
    config, _ = reporter.load_config(None, SETTINGS)
    outputs = reporter.run(write_orders(tmp_path / "orders.csv"), config, output=tmp_path / "out")
    assert said in outputs.no_pdf
    assert "report.pdf" not in outputs.paths
    assert {"report.html", "facts.json", "manifest.json"} <= set(outputs.paths)
    assert damage(tmp_path / "out" / "latest") == []


@pytest.mark.parametrize(("print_pdf", "said"), FAULTS)
def test_a_demanded_pdf_that_cannot_be_printed_leaves_the_former_report(
    first: tuple[Path, reporter.Outputs], print_pdf: object, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, former = first
    shutil.copytree(former.folder.parent, tmp_path / "out", symlinks=True)
    monkeypatch.setattr(printing, "print_whole", print_pdf)
    with pytest.raises(reporter.RenderError, match=said):
        reporter.run(
            shop, reporter.load_config(None, [*SETTINGS, "output.pdf=true"])[0], output=tmp_path / "out", force=True
        )
    assert names(tmp_path / "out") == sorted([".lock", "history.sqlite", former.run_id, "latest"])
    assert damage(tmp_path / "out" / "latest") == []
