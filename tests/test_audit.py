"""What is said of the locked packages, and the floors that known holes demand."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from tools import audit

ROOT = Path(__file__).parents[1]

CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
HOLED = {"name": "weasyprint", "version": "69.0", "vulns": [{"id": "CVE-2026-55073", "fix_versions": ["70.0"]}]}
UNKNOWN = {"name": "babel", "skip_reason": "could not be audited"}


def test_a_hole_fails_and_names_what_mends_it() -> None:
    fine, told = audit.verdict([CLEAN, HOLED])
    assert not fine
    assert told == ["weasyprint 69.0: CVE-2026-55073, mended in 70.0", "2 packages audited, 1 known holes"]


def test_what_could_not_be_asked_about_is_no_pass() -> None:
    fine, told = audit.verdict([CLEAN, UNKNOWN])
    assert fine
    assert told[0] == "1 packages audited, 0 known holes"
    assert "1 packages could not be audited here: unknown" in told[1]
    assert "no pass" in audit.verdict([])[1][1]


def test_without_an_answer_nothing_counts_as_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "silent").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tmp_path / "silent").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "silent"))
    assert audit.audit(ROOT / "requirements.txt") == []


@pytest.mark.parametrize(("name", "floor"), [("weasyprint", (70,)), ("jinja2", (3, 1, 6)), ("defusedxml", (0, 7, 1))])
def test_floors_that_known_holes_demand(name: str, floor: tuple[int, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["pdf"]]
    lowest = next(each.partition(">=")[2] for each in wanted if each.startswith(f"{name}>="))
    locked = re.search(rf"^{name}==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert locked is not None
    for version in (lowest, locked[1]):
        assert tuple(map(int, version.split("."))) >= floor
