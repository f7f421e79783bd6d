"""The words of five situations, compared with what was read and accepted; `--renew` writes them again (see snapshots/README.md)."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from reporter.document.blocks import Callout
from reporter.document.facts import leaves
from tests.document.situations import SITUATIONS, Told, narrative

SNAPSHOTS = Path(__file__).parent / "snapshots"
MOST_LINES = 125
"""More cannot be read before they are accepted."""


def test_the_words_are_those_that_were_accepted(situation: tuple[str, Told], request: pytest.FixtureRequest) -> None:
    name, told = situation
    path, words = SNAPSHOTS / f"{name}.txt", narrative(told.document)
    if request.config.getoption("--renew"):
        path.write_text(words, encoding="utf-8", newline="\n")
    accepted = path.read_text(encoding="utf-8")
    difference = "\n".join(difflib.unified_diff(accepted.splitlines(), words.splitlines(), "accepted", "now", n=0))
    assert not difference, f"{difference}\nIf this is meant: pytest --renew, then look at git diff."


def test_snapshots_can_be_read_and_none_is_left_over() -> None:
    files = {path.stem: path for path in SNAPSHOTS.glob("*.txt")}
    assert set(files) == set(SITUATIONS)
    assert all(len(path.read_text(encoding="utf-8").splitlines()) < MOST_LINES for path in files.values())


def test_what_follows_is_one_line_at_the_end_of_its_section(situation: tuple[str, Told]) -> None:
    _, told = situation
    for section in told.document.sections:
        boxes = [block for block in leaves(section.blocks) if isinstance(block, Callout) and block.kind == "sowhat"]
        assert len(boxes) <= 1, section.id
        assert all(box.title.text.endswith(".") and not box.body for box in boxes)
        if boxes and section.id != "quality":  # there it closes the account of the rows, before the lists
            assert section.blocks[-1] is boxes[0], section.id


def test_situations_lead_to_different_conclusions(situation: tuple[str, Told]) -> None:
    """What follows depends on the numbers: each situation has conclusions that no other has, and next to nothing has none."""
    name, told = situation
    found = {
        block.title.text
        for section in told.document.sections
        for block in leaves(section.blocks)
        if isinstance(block, Callout) and block.kind == "sowhat"
    }
    assert bool(found) is (name != "tiny")
    others = [path for path in SNAPSHOTS.glob("*.txt") if path.stem != name]
    told_elsewhere = "".join(path.read_text(encoding="utf-8") for path in others)
    assert not found or any(text not in told_elsewhere for text in found)
