"""Pages that are tried word for word: their files are written, their commands run, and these answer what the page says.

Comments in the page, which no reader sees, say what the indented block under them is:

- ``file NAME``: it is written; a ``reporter.toml`` must load,
- ``ends CODE``: a shell runs it, and its last command ends with the code,
- ``says``: each of its lines is in what was answered last.

Two stand alone: ``sample NAME`` writes orders of an invented shop, for “your file”, and ``python NAME`` runs a file that was written.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import reporter
from tests.command import ROOT

BLOCK = re.compile(r"<!-- (file|python|sample|ends|says) ?([\w.-]*) -->\n((?:(?:    .*)?\n)*)")
ALONE = ("python", "sample")
PATIENCE_SECONDS = 300


def steps(text: str) -> Iterator[tuple[str, str, str]]:
    """What each mark asks for, its argument, and the indented block under it."""
    for found in BLOCK.finditer(text):
        yield found[1], found[2], re.sub("^    ", "", found[3], flags=re.MULTILINE).strip("\n")


def untried(text: str) -> list[str]:
    """First lines of the blocks that no mark is over."""
    marked = [block for kind, _, block in steps(text) if kind not in ALONE]
    blocks = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+|^```(?:.*\n)*?```$", text, re.MULTILINE)
    plain = [re.sub("^    ", "", block, flags=re.MULTILINE).strip("\n") for block in blocks]
    return [block.partition("\n")[0] for block in plain if block not in marked]


def walk(
    text: str, folder: Path, environment: Mapping[str, str] | None = None, places: Mapping[str, str] | None = None
) -> list[str]:
    """Do what a page says, in a folder.

    Parameters
    ----------
    environment : mapping of str to str
        What the commands find in their environment beside ours.
    places : mapping of str to str
        Addresses in the page, and those of the test's own servers that stand in for them.

    Returns
    -------
    list of str
        The kinds of its steps.
    """
    done, answer = [], ""
    for kind, argument, block in steps(text):
        for ours, theirs in (places or {}).items():
            block = block.replace(ours, theirs)
        if kind == "file":
            (folder / argument).write_text(block + "\n", encoding="utf-8")
            if argument == "reporter.toml":
                loads(folder / argument)
        elif kind == "sample":
            reporter.sample().to_csv(folder / argument, index=False)
        elif kind == "says":
            missing = [line for line in block.splitlines() if line.strip() not in answer]
            assert missing == [], answer
        else:
            command, code = (f"python {argument}", 0) if kind == "python" else (block, int(argument))
            ended, answer = shell(command, folder, environment or {})
            assert ended == code, f"{command}\nended with {ended}\n{answer}"
        done.append(kind)
    return done


def loads(path: Path) -> None:
    """The settings can be read, and each of them means something."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        reporter.load_config(str(path))
    finally:
        os.chdir(here)


def shell(command: str, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """What commands end with and all that they say; `reporter` and `python` are those of the checkout, and show no traceback."""
    programs = folder / ".programs"
    programs.mkdir(exist_ok=True)
    for name, call in {"reporter": "-m reporter", "python": ""}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {call} "$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    found = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    found["PATH"] = f"{programs}{os.pathsep}{found['PATH']}"
    ran = subprocess.run(
        ["/bin/sh", "-euc", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=found,
        timeout=PATIENCE_SECONDS,
    )
    assert "Traceback" not in ran.stdout, ran.stdout
    return ran.returncode, ran.stdout
