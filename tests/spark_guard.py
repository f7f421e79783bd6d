"""A suite that skips every Spark test although PySpark is installed proves nothing, and so it fails."""

from __future__ import annotations

import importlib.util
from collections import Counter

import pytest

WORDS = "every Spark test was skipped although PySpark is installed: {reasons}"


class SparkGuard:
    """Counts the Spark tests that ran and those that were skipped, and fails the session where there are only the latter."""

    def __init__(self, installed: bool) -> None:
        self.installed = installed
        self.ran = 0
        self.skipped: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "spark" not in report.keywords:
            return
        if report.skipped:
            self.skipped[str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)] += 1
        elif report.when == "call":
            self.ran += 1

    @property
    def alarmed(self) -> bool:
        return self.installed and not self.ran and bool(self.skipped)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.alarmed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for reason, count in sorted(self.skipped.items()):
            terminalreporter.write_line(f"Spark: {count} skipped: {reason}")
        if self.alarmed:
            terminalreporter.write_line(WORDS.format(reasons=", ".join(sorted(self.skipped))), red=True)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the workers of xdist send their reports to the one that summarises
        config.pluginmanager.register(SparkGuard(importlib.util.find_spec("pyspark") is not None), "spark_guard")
