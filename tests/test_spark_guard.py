"""The guard of the Spark tests sees what it is for, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SUITE = """
import pytest

@pytest.mark.spark
def test_spark():
    {spark}

def test_other():
    pass
"""


def run(folder: Path, spark: str, installed: bool, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(SUITE.format(spark=spark), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    spark: x\n", encoding="utf-8")
    (folder / "conftest.py").write_text(
        "import tests.spark_guard as guard\n"
        "def pytest_configure(config):\n"
        "    if not hasattr(config, 'workerinput'):\n"
        f"        config.pluginmanager.register(guard.SparkGuard({installed}))\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "xdist", *options]
    env = {"PYTHONPATH": str(ROOT), "PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "xdist"])
@pytest.mark.parametrize(
    ("spark", "installed", "code"),
    [
        ("pytest.skip('no Java')", True, 1),
        ("pytest.skip('no PySpark')", False, 0),
        ("pass", True, 0),
    ],
)
def test_all_skipped_fails_only_where_the_extra_is_there(
    tmp_path: Path, spark: str, installed: bool, code: int, options: tuple[str, ...]
) -> None:
    done = run(tmp_path, spark, installed, *options)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("every Spark test was skipped" in done.stdout) == (code == 1)
    assert ("skipped: Skipped: no" in done.stdout) == ("skip" in spark)


def test_no_spark_test_selected_is_no_alarm(tmp_path: Path) -> None:
    assert run(tmp_path, "pytest.skip('no Java')", True, "-m", "not spark").returncode == 0
