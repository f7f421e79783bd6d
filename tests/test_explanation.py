"""Numbers of the explanations are those of the code: behind each stands, unseen by readers, where the code has it."""

from __future__ import annotations

import re
from collections.abc import Sized
from importlib import import_module

import pytest

from tests import readme
from tests.command import ROOT

FOLDER = ROOT / "docs" / "explanation"
NAMES = ("approximations", "limits", "null-test", "rfm", "verdict")
MARK = re.compile(r"<!-- = ([\w.]+):(.+?) -->")
NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)( [%KMG]i?B?)?$")
UNITS = {"": 1.0, " %": 0.01, " MiB": 2.0**20, " GiB": 2.0**30}


def quoted(text: str) -> list[tuple[str, float, str, str]]:
    """Every marked number: as it is written, its value, and where the code has it."""
    found = []
    for mark in MARK.finditer(text):
        number = NUMBER.search(text[: mark.start()])
        assert number, f"no number before {mark[0]}"
        found.append((number[0], float(number[1].replace(",", "")) * UNITS[number[2] or ""], mark[1], mark[2]))
    return found


def in_code(module: str, expression: str) -> float:
    """What the code has; of a collection its size."""
    value = eval(expression, dict(vars(import_module(module))))
    return float(len(value) if isinstance(value, Sized) else value)


def test_these_are_all_explanations() -> None:
    assert tuple(sorted(path.stem for path in FOLDER.glob("*.md"))) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_those_of_the_code(name: str) -> None:
    found = quoted((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    assert found, "an explanation without a number of the code"
    wrong = [
        (written, place, expression)
        for written, value, place, expression in found
        if value != pytest.approx(in_code(place, expression), rel=1e-12)
    ]
    assert wrong == []


def test_a_number_that_drifted_is_seen() -> None:
    text = (
        "at least 90 %<!-- = reporter.analysis.certainty:SURE --> of 5,000<!-- = reporter.analysis.null:NULL_ROWS -->"
    )
    assert [(value, in_code(*place)) for _, value, *place in quoted(text)] == [(0.9, 0.8), (5000.0, 2000.0)]


@pytest.mark.parametrize(("page", "part"), [(page, part) for page, parts in readme.PAGES.items() for part in parts])
def test_a_generated_part_is_current(page: object, part: str) -> None:
    text = readme.Path(str(page)).read_text(encoding="utf-8")
    written = re.search(rf"<!-- {part} -->\n(.*?)<!-- /{part} -->", text, re.DOTALL)
    assert written
    assert written[1].splitlines() == readme.PAGES[readme.Path(str(page))][part]().splitlines(), "run ./dev docs"
