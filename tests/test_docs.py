"""The documents tell the truth: every table, command, link and version in them is held against the code."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests import problems, readme, reference

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path for folder in (ROOT, ROOT / "docs", ROOT / "data") for path in folder.glob("*.md"))
TEXT = readme.README.read_text(encoding="utf-8")


@pytest.mark.parametrize("part", readme.PARTS)
def test_a_generated_part_is_current(part: str) -> None:
    written = re.search(rf"<!-- {part} -->\n(.*?)<!-- /{part} -->", TEXT, re.DOTALL)
    assert written, f"README.md has no part {part}"
    assert written[1].splitlines() == readme.PARTS[part]().splitlines(), "run ./dev docs"


def test_a_stale_part_is_seen() -> None:
    """The guard above can fail: a table that lost its last row is renewed to another text."""
    stale = re.sub(r"\n[^\n]+\n<!-- /columns -->", "\n<!-- /columns -->", TEXT)
    assert stale != TEXT
    assert readme.renewed(stale) == TEXT


def test_the_reference_is_current() -> None:
    assert reference.PAGE.read_text(encoding="utf-8").splitlines() == reference.page().splitlines(), "run ./dev docs"


def test_every_reason_and_public_function_is_in_the_reference() -> None:
    import reporter
    from reporter.intake.reasons import REASONS

    text = reference.PAGE.read_text(encoding="utf-8")
    assert [name for name in REASONS if f"| `{name}` |" not in text] == []
    functions = {name for name in reporter.__all__ if not isinstance(getattr(reporter, name), type)}
    assert {name for name in functions if f"`reporter.{name}(" not in text} == set()


def test_the_columns_of_the_reference_are_those_of_a_run() -> None:
    import reporter

    shown = list(reporter.analyse(reporter.sample()).customers)
    known = list(reference.customer_columns())
    assert [name for name in known if name in shown] == shown


def test_messages_are_read_from_the_code_whatever_their_form() -> None:
    code = """
def f(n, kind):
    what, fix = f"{n} rows are too many.", "Leave some out."
    if n:
        raise InputError(Problem("here", what, fix))
    return lambda: Problem("there", "is red." if kind else "is " + "blue.", fix="Paint " + name(kind))
"""
    assert list(problems.problems_of(ast.parse(code))) == [
        ("… rows are too many.", "Leave some out."),
        ("is red.", "Paint …"),
        ("is blue.", "Paint …"),
    ]


def test_no_message_of_the_code_is_missing() -> None:
    """Counted another way than by the page: each sentence that stands in a call of `Problem` in plain quotes is there."""
    text = reference.PAGE.read_text(encoding="utf-8")
    plain = re.compile(r'Problem\(\s*(?:f?"[^"]*"|[\w.()\[\]]+),\s*"([^"{}\\\\]+)"')
    said = [
        sentence
        for path in sorted((ROOT / "reporter").rglob("*.py"))
        for sentence in plain.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(said) > 60
    assert [sentence for sentence in said if sentence.replace("|", "\\|") not in text] == []


def test_commands_in_prose_exist() -> None:
    known = set(readme.commands())
    options = {word for written, _ in readme.options() for word in re.findall(r"--?[a-z-]+", written)} | {
        "--help",
        "--version",
        "-h",
    }
    code = re.findall(r"`([^`\n]+)`", TEXT) + re.findall(r"^    (.+)$", TEXT, re.MULTILINE)
    calls = [line for line in code if re.match(r"(?:\.venv/bin/)?reporter ", line)]
    assert calls, "the README shows no command"
    for call in calls:
        words = call.split("#")[0].split()
        assert words[1] in known or words[1].startswith("-"), call
        assert {word for word in words if word.startswith("-")} <= options, call


def test_dev_verbs_in_prose_exist() -> None:
    wrapper = (ROOT / "dev").read_text()
    verbs = set(re.findall(r"^  ([a-z]+) ", wrapper[: wrapper.index("END\n}")], re.MULTILINE))
    for page in PAGES:
        for verb in re.findall(r"\./dev ([a-z]+)", page.read_text(encoding="utf-8")):
            assert verb in verbs, f"{page.name}: ./dev {verb}"


def test_settings_in_examples_exist() -> None:
    from reporter.settings import is_setting

    block = TEXT[TEXT.index("    [source]\n") : TEXT.index("With an amount")]
    example = tomllib.loads(re.sub(r"^    ", "", block, flags=re.MULTILINE))

    def names(table: dict[str, object], path: str) -> list[str]:
        found = []
        for key, value in table.items():
            found += names(value, f"{path}{key}.") if isinstance(value, dict) else [path + key]
        return found

    unknown = [name for name in names(example, "") if not is_setting(name)]
    assert not unknown


def test_columns_in_the_example_are_ours() -> None:
    from reporter.intake import schema

    ours = {column.name for table in schema.TABLES for column in table.columns}
    block = TEXT[TEXT.index("    [source.columns]") : TEXT.index("    [source.status]")]
    assert set(re.findall(r"^    (\w+) =", block, re.MULTILINE)) <= ours


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_top_of_the_changelog_is_this_version() -> None:
    from reporter import __version__

    top = re.search(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert top
    assert top[1] == project["version"] == __version__


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8").lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    missing = [name for each in wanted if (name := re.split(r"[><=~ ]", each)[0]) not in reasons]
    assert not missing


def test_the_grace_of_exit_codes() -> None:
    """No two kinds of error share a code, and none takes a code with a fixed meaning."""
    from reporter.errors import ReporterError

    codes = [kind.exit_code for kind in ReporterError.__subclasses__()]
    assert len(codes) == len(set(codes))
    assert not {0, 1, 130, 143} & set(codes)


def test_the_verdict_is_explained_with_the_numbers_in_force() -> None:
    from reporter.analysis.settings import ClusterSettings

    block = TEXT[TEXT.index("## How to read the verdict") : TEXT.index("## Honest limits")]
    assert f"at least {ClusterSettings().effect:g} above" in " ".join(block.split())
    assert f"must be at least {ClusterSettings().stability:g} on average" in " ".join(block.split())
