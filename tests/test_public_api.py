"""What ``import reporter`` offers, and what it costs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import reporter
from reporter import errors

HEAVY = {
    "numpy",
    "pandas",
    "matplotlib",
    "duckdb",
    "pydantic",
    "scipy",
    "sklearn",
    "jinja2",
    "weasyprint",
    "rich",
    "babel",
}
ROOT = Path(__file__).parents[1]


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after some code."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint('@', *sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return {name.partition(".")[0] for name in told.stdout.rpartition("@")[2].split()}


def test_all_is_what_is_exported():
    assert sorted(reporter.__all__) == reporter.__all__
    for name in reporter.__all__:
        found = getattr(reporter, name)
        assert found.__name__ == name
        assert found.__doc__
    assert set(reporter.__all__) <= set(dir(reporter))


def test_all_holds_every_error_that_a_caller_may_want_to_catch():
    kinds = {
        name for name, each in vars(errors).items() if isinstance(each, type) and each.__module__ == errors.__name__
    }
    assert kinds <= set(reporter.__all__)


def test_a_stranger_is_refused():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = reporter.nonsense  # type: ignore[attr-defined]


def test_import_loads_nothing_heavy():
    assert not modules_after("import reporter") & HEAVY


def test_help_loads_nothing_heavy():
    for page in ("", "run", "demo", "check", "init", "schema", "doctor"):
        arguments = [page, "--help"] if page else ["--help"]
        loaded = modules_after(f"from reporter.cli import outcome\nassert outcome({arguments!r}) == 0")
        assert "click" in loaded
        assert not loaded & HEAVY, page


def test_the_guard_above_sees_a_heavy_import():
    assert "numpy" in modules_after("import numpy") & HEAVY


def test_the_version_is_the_package_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert reporter.__version__ == project["version"]
