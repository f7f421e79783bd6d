"""A short hunt with a fixed seed; the long one is ``./dev fuzz``."""

from __future__ import annotations

from pathlib import Path

import pytest

import reporter
from tests.fuzz.hunt import hunt, seeds


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "seeds").mkdir()
    return [path for path in seeds(tmp_path / "seeds") if path.is_relative_to(tmp_path)]


def test_spoiled_inputs_are_refused_or_accounted_for(tmp_path: Path, files: list[Path]) -> None:
    outcomes, finds = hunt(7, files, tmp_path, most=24)
    assert not finds, "\n".join(find.fault for find in finds)
    assert outcomes["kept"] > 3
    assert outcomes["refused"] > 3


def test_the_hunt_sees_what_it_hunts(tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path) -> None:
        raise KeyError(path.name)

    monkeypatch.setattr(reporter, "check", broken)
    outcomes, finds = hunt(7, files, tmp_path, most=2)
    assert (outcomes["found"], [find.number for find in finds]) == (2, [0, 1])
    assert "KeyError" in finds[0].fault
