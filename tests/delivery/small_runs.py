"""Small runs to publish, and their check; light, for child processes import it too."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from reporter.delivery.store import JOURNAL, open_run

RUN = "2024-07-01-0123abcd"
OTHER = "2024-07-02-0123abcd"


def make(root: Path, run_id: str = RUN, *, force: bool = False, text: str = "a report") -> Path:
    """Publish a small run."""
    with open_run(root, run_id, force=force) as folder:
        (folder.path / "report.html").write_text(text, encoding="utf-8")
        (folder.path / "customers.csv").write_text("customer_id\n1\n", encoding="utf-8")
        (folder.path / "audiences").mkdir()
        (folder.path / "audiences" / "loyal.csv").write_text("customer_id\n1\n", encoding="utf-8")
        return folder.publish({"run_id": run_id})


def damage(folder: Path) -> list[str]:
    """What is wrong with a finished run, against its own manifest; empty when nothing is."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    listed = {each["path"]: each for each in manifest["outputs"]}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {
        "manifest.json",
        JOURNAL,
    }
    wrong = sorted(found ^ set(listed))
    for name in found & set(listed):
        content = (folder / name).read_bytes()
        if (len(content), hashlib.sha256(content).hexdigest()) != (listed[name]["bytes"], listed[name]["sha256"]):
            wrong.append(name)
    return wrong


def differences(one: Path, other: Path) -> list[str]:
    """Files of two runs that are not the same, timings in the manifest aside."""
    files = [{path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()} for run in (one, other)]
    manifests = [json.loads((run / "manifest.json").read_text(encoding="utf-8")) for run in (one, other)]
    for manifest in manifests:
        del manifest["timings"]
    other_bytes = [name for name in files[0] & files[1] if (one / name).read_bytes() != (other / name).read_bytes()]
    return sorted(
        (files[0] ^ files[1])
        | set(other_bytes) - {"manifest.json"}
        | ({"manifest.json"} if manifests[0] != manifests[1] else set())
    )


def names(root: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in root.iterdir())


def child(code: str) -> subprocess.Popen[str]:
    """A process of its own that runs code; everything of this file is at hand."""
    checkout = str(Path(__file__).parents[2])
    head = f"import os, sys, time\nsys.path.insert(0, {checkout!r})\nfrom tests.delivery.small_runs import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + code], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def said_by(code: str) -> str:
    """What a process of its own prints; it must end well."""
    process = child(code)
    said, faults = process.communicate(timeout=60)
    assert process.returncode == 0, faults
    return said.strip()
