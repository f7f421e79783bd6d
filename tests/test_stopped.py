"""The command stopped at any stage, on a disk that fills, and in a folder that another run holds: the former report stays whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reporter.delivery.history import open_history
from reporter.delivery.lock import locked
from tests.command import BRIEF, ROOT, Ran, called
from tests.delivery.small_runs import damage, names
from tests.shop import write_orders

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook."""
    return write_orders(tmp_path_factory.mktemp("stopped") / "orders.xlsx")


@pytest.fixture(scope="module")
def first(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    """The former report, without PDF: what the command said, and the output folder."""
    folder = tmp_path_factory.mktemp("first")
    return called("run", shop, "--no-pdf", "-v", *BRIEF, cwd=folder), folder / "output"


MOMENTS = ("", "Reading", "Checking", "Scoring", "Drawing", "Setting")
"""Stages whose end is waited for; the first moment is that in which the libraries are still being loaded."""


def heard(process: subprocess.Popen[str], moment: str) -> None:
    """Wait until the command has come that far, by its own words; before it speaks, until it minds signals (by the system's word)."""
    assert process.stderr is not None
    if moment:
        assert any(line.startswith(moment) for line in process.stderr)
        return
    mask, status = 1 << (signal.SIGTERM - 1), Path(f"/proc/{process.pid}/status")
    while status.exists() and process.poll() is None:
        caught = next((line for line in status.read_text().splitlines() if line.startswith("SigCgt:")), "SigCgt: 0")
        if int(caught.split()[1], 16) & mask:
            return
    time.sleep(0.5)


def left(output: Path) -> int:
    """How many things there are when the ledger of runs has been opened once more: it is whole, and takes away what SQLite had beside it."""
    with open_history(output) as history:
        assert history.remarks == ()
    return len(names(output))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are otherwise there")
@pytest.mark.parametrize(
    ("number", "moment"),
    [(signal.SIGINT, ""), (signal.SIGINT, "Scoring")]  # the same handler as for SIGTERM
    + [(number, moment) for number in (signal.SIGTERM, signal.SIGKILL) for moment in MOMENTS],
)
def test_a_stopped_run_leaves_the_former_report_and_the_folder_free(
    first: tuple[Ran, Path], shop: Path, number: int, moment: str, tmp_path: Path
):
    """Stopped at every stage, in all ways; the former report stays whole and `latest`, and nothing else is there after the next run."""
    output = first[1]
    command = [sys.executable, "-m", "reporter", "run", str(shop), "--no-pdf", "--force", "-v", *BRIEF]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=output.parent, env=env, text=True
    )
    heard(process, moment)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    if number == signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 128 + number
        assert err.endswith("Stopped.\n")
        assert "Traceback" not in err
        assert left(output) == 4
        assert names(tmp_path) == []
    assert damage(output / "latest") == []
    with locked(output):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
@pytest.mark.parametrize("largest_file", [100, 3_000, 30_000, 150_000, 300_000])
def test_a_full_disk_is_code_7_and_leaves_the_former_report(
    first: tuple[Ran, Path], shop: Path, tmp_path: Path, largest_file: int
):
    """A limit on the size of files stands for a full disk: it strikes at another file each time."""
    import resource

    def tiny_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    shutil.copytree(first[1], tmp_path / "out", symlinks=True)
    said = called("run", shop, "--no-pdf", "--force", *BRIEF, "-o", "out", cwd=tmp_path, preexec_fn=tiny_disk)
    assert said.code == 7, said.err
    assert "disk is full" in said.err
    assert left(tmp_path / "out") == 4
    assert damage(tmp_path / "out" / "latest") == []


def test_a_busy_folder_is_code_75(shop: Path, tmp_path: Path):
    (tmp_path / "out").mkdir()
    with locked(tmp_path / "out"):
        said = called("run", shop, "--no-pdf", "-o", "out", cwd=tmp_path)
    assert said.code == 75
    assert f"process {os.getpid()}" in said.err
