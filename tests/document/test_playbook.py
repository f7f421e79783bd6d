"""The playbook: complete for every built-in grid, and every fault of an own one named."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporter.analysis.rfm import load_grid
from reporter.analysis.settings import RfmSettings
from reporter.document.playbook import load_playbook
from reporter.errors import UsageError


@pytest.mark.parametrize("grid", ["eleven", "three-score", "four-score", "r-rfm", "r-rfm-readme"])
def test_every_segment_of_every_grid_has_advice_or_the_general_one(grid: str) -> None:
    playbook = load_playbook()
    for segment in load_grid(RfmSettings(grid)).order:
        assert playbook.action(segment, "money")
        assert playbook.action(segment, "coupon")


def test_the_default_grid_needs_no_general_advice() -> None:
    playbook = load_playbook()
    assert all(segment in playbook.entries for segment in load_grid(RfmSettings()).order)


def test_every_fault_of_an_own_playbook_is_told_at_once(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[Champions]\nrole = "king"\nwho = "a"\ngoal = "b"\naction = "c"\ncoupon = 1\n', "utf-8")
    with pytest.raises(UsageError) as raised:
        load_playbook(str(own))
    text = str(raised.value)
    assert "“avoid” is missing" in text
    assert "role “king” is not known" in text
    assert "coupon is no text" in text
    assert "[otherwise] is missing" in text


def test_a_missing_playbook_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml"):
        load_playbook(str(tmp_path / "nowhere.toml"))
