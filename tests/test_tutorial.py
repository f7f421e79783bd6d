"""The tutorial is tried word for word: its files are written, its commands run, and they answer what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import ROOT
from tests.pages import untried, walk

PAGE = ROOT / "docs" / "tutorial.md"


@pytest.mark.slow
def test_the_tutorial_is_true_word_for_word(tmp_path: Path) -> None:
    done = walk(PAGE.read_text(encoding="utf-8"), tmp_path)
    assert done == ["file", "python", "ends", "says", "file", *["ends", "says"] * 3]
    names = {path.name for path in (tmp_path / "output" / "latest").iterdir()} | {"history.sqlite"}
    assert {"report.html", "audiences", "manifest.json"} <= names
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}" not in readme] == [], "files that the README does not tell of"


def test_no_block_of_the_tutorial_is_left_untried() -> None:
    assert untried(PAGE.read_text(encoding="utf-8")) == []
