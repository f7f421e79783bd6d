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
    assert (tmp_path / "output" / "latest" / "report.html").is_file()


def test_no_block_of_the_tutorial_is_left_untried() -> None:
    assert untried(PAGE.read_text(encoding="utf-8")) == []
