"""The tutorial is tried word for word: its files are written, its commands run, and they answer what it says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import ROOT, called

PAGE = ROOT / "docs" / "tutorial.md"


def steps(text: str) -> Iterator[tuple[str, str, str]]:
    """What each mark asks for, its argument, and the indented block under it."""
    for found in re.finditer(r"<!-- (file|python|ends|says) ?([\w.]*) -->\n((?:(?:    .*)?\n)*)", text):
        yield found[1], found[2], re.sub("^    ", "", found[3], flags=re.MULTILINE).strip("\n")


@pytest.mark.slow
def test_the_tutorial_is_true_word_for_word(tmp_path: Path) -> None:
    done, answer = [], ""
    for kind, argument, block in steps(PAGE.read_text(encoding="utf-8")):
        if kind == "file":
            (tmp_path / argument).write_text(block + "\n", encoding="utf-8")
        elif kind == "python":
            subprocess.run([sys.executable, argument], check=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
        elif kind == "ends":
            name, *words = shlex.split(block)
            assert name == "reporter"
            ran = called(*words, cwd=tmp_path)
            assert ran.code == int(argument), ran.err
            answer = ran.out + ran.err
        else:
            missing = [line for line in block.splitlines() if line.strip() not in answer]
            assert missing == [], answer
        done.append(kind)
    assert done == ["file", "python", "ends", "says", "file", *["ends", "says"] * 3]
    assert (tmp_path / "output" / "latest" / "report.html").is_file()


def test_no_block_of_the_tutorial_is_left_untried() -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", text, re.MULTILINE)
    assert len(blocks) == sum(kind != "python" for kind, _, _ in steps(text))
