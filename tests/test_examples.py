"""Examples in docstrings run; those of the steps go on with what the example of the package made."""

from __future__ import annotations

import doctest
import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import reporter

PACKAGE = Path(reporter.__file__).parent
EXAMPLE = re.compile(r"^ *>>> ", re.MULTILINE)
FLAGS = doctest.NORMALIZE_WHITESPACE


def modules() -> list[str]:
    """All modules of the package whose docstrings hold an example."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if EXAMPLE.search(path.read_text(encoding="utf-8"))]
    names = [path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", ".") for path in paths]
    return [name for name in names if name != "reporter.__init__"]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What the example of the package makes, step by step."""
    names: dict[str, Any] = {}
    example = doctest.DocTestParser().get_doctest(reporter.__doc__ or "", names, "reporter", None, None)
    result = doctest.DocTestRunner(optionflags=FLAGS).run(example, clear_globs=False)
    assert result.attempted
    assert not result.failed
    return example.globs


def test_the_example_of_the_package_goes_through_all_steps(made: dict[str, Any]):
    assert {"tables", "ledger", "analysis", "document", "html", "pdf"} <= made.keys()


@pytest.mark.parametrize("name", modules())
def test_the_examples_of_a_module_run(name: str, made: dict[str, Any], tmp_path: Path):
    result = doctest.testmod(import_module(name), extraglobs=made | {"folder": tmp_path}, optionflags=FLAGS)
    assert result.attempted
    assert not result.failed


def test_every_public_function_has_an_example():
    functions = {name: each for name in reporter.__all__ if inspect.isfunction(each := getattr(reporter, name))}
    assert functions.keys() >= {
        "run",
        "read",
        "clean",
        "analyse",
        "compose",
        "to_html",
        "to_pdf",
        "check",
        "load_config",
    }
    for name, function in functions.items():
        text = inspect.getdoc(function) or ""
        headings = ("Parameters", "Returns", "Raises", "Examples")
        places = [text.find(f"{heading}\n{'-' * len(heading)}") for heading in headings]
        assert places[0] > 0, name
        assert places == sorted(places), name
        assert EXAMPLE.search(text), name


def test_the_readme_shows_the_same_steps():
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    block = readme.partition("<!-- steps -->")[2].partition("<!-- /steps -->")[0]
    lines = [line.partition("  #")[0].strip() for line in block.strip().splitlines()]
    examples = doctest.DocTestParser().get_examples(reporter.__doc__ or "")
    assert lines == [each.source.strip() for each in examples if each.source != "import reporter\n"]
