"""The playbook: complete for every built-in grid, and every fault of an own one named."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporter.analysis.rfm import load_grid
from reporter.analysis.settings import RfmSettings
from reporter.analysis.terms import Terms
from reporter.document.playbook import USUAL, load_playbook
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


ENTRY = 'role = ""\nwho = "a"\ngoal = "b"\naction = "Call them. Then wait."\ncoupon = "Send one. Wait."\navoid = "d"\n'


def test_a_playbook_of_the_older_form_is_one_and_its_money_is_assumed(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f"[otherwise]\n{ENTRY}", "utf-8")
    playbook = load_playbook(str(own))
    assert playbook.usual == USUAL
    assert playbook.usual.is_assumed
    assert playbook.offer("Champions", "money") == "Call them. Then wait."
    assert playbook.offer("Champions", "coupon") == "Send one. Wait."
    assert playbook.advice("Champions").channel == ""


def test_own_numbers_are_confirmed_where_cost_and_margin_are_there(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    numbers = "cost_per_contact = 2\nmargin = 0.5\nuplift = 0.02\nquiet_days = 30\n"
    own.write_text(
        f'[Champions]\n{ENTRY}{numbers}[otherwise]\n{ENTRY}margin = 0.1\n[same]\n"Best" = "Champions"\n', "utf-8"
    )
    playbook = load_playbook(str(own))
    assert playbook.terms["Best"] == playbook.terms["Champions"] == Terms(2, 0.5, 0.02, 30, is_assumed=False)
    assert playbook.usual.is_assumed
    assert playbook.usual.margin == 0.1


def test_every_built_in_entry_has_offer_channel_timing_and_numbers_that_are_called_assumptions() -> None:
    playbook = load_playbook()
    for segment in load_grid(RfmSettings()).order:
        advice, terms = playbook.advice(segment), playbook.terms[segment]
        assert advice.offer
        assert advice.coupon_offer
        assert advice.channel
        assert advice.timing
        assert terms.cost_per_contact > 0
        assert terms.is_assumed


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("margin = 30", "margin is 30"),
        ('cost_per_contact = "2"', "cost_per_contact is '2'"),
        ("uplift = nan", "uplift is nan"),
        ("quiet_days = 1.5", "quiet_days is 1.5"),
        ("cost_per_contact = true", "cost_per_contact is True"),
        ("offer = 3", "offer is no text"),
    ],
)
def test_a_number_that_cannot_be_is_told(tmp_path: Path, line: str, said: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f"[otherwise]\n{ENTRY}{line}\n", "utf-8")
    with pytest.raises(UsageError, match="otherwise") as raised:
        load_playbook(str(own))
    assert said in str(raised.value)


def test_a_missing_playbook_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml"):
        load_playbook(str(tmp_path / "nowhere.toml"))
