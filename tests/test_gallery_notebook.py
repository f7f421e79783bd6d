"""The notebook in docs says what the code says today: a real kernel executes it again."""

from __future__ import annotations

import nbformat
import pytest

from tests.notebooks import NOTEBOOK, executed

MOST_BYTES = 300_000

pytestmark = pytest.mark.slow


def test_the_notebook_shows_what_the_code_shows_today() -> None:
    kept = nbformat.read(NOTEBOOK, as_version=4)
    fresh = executed(nbformat.read(NOTEBOOK, as_version=4))
    assert sum(bool(cell.get("outputs")) for cell in kept.cells) >= 4
    for before, now in zip(kept.cells, fresh.cells, strict=True):
        assert before.get("outputs") == now.get("outputs"), f"run ./dev docs and look: {before.source}"


def test_it_is_small_and_of_this_machine_alone_says_nothing() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert len(text) < MOST_BYTES
    assert str(NOTEBOOK.parents[1]) not in text
    assert "Traceback" not in text
