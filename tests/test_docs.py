"""The documents tell the truth: every table, command, link and version in them is held against the code."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests import problems, readme, reference

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").glob("*.md")})
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


def test_a_stale_reference_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "reference.md"
    stale.write_text("of yesterday", encoding="utf-8")
    monkeypatch.setattr(reference, "page", lambda: "of today")
    monkeypatch.setattr(reference, "PAGE", stale)
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    assert reference.main("--check") == 1
    assert "run ./dev docs" in capsys.readouterr().err
    assert reference.main() == reference.main("--check") == 0


def test_every_command_option_and_setting_is_in_the_reference() -> None:
    """Asked another way than the page is made: the commands' own help and the written `reporter.toml` say what there is."""
    from click.testing import CliRunner

    from reporter.cli import reporter as program
    from reporter.reference import template

    text = reference.PAGE.read_text(encoding="utf-8")
    names = re.findall(r"^  ([a-z]+)  ", CliRunner().invoke(program, ["--help"]).output, re.MULTILINE)
    assert set(names) == set(readme.commands())
    for name in names:
        part = text[text.index(f"### reporter {name}") :].partition("\n#")[0]
        told = CliRunner().invoke(program, [name, "--help"]).output.partition("Options:")[2]
        asked = set(re.findall(r"^\s+(?:-\w, )?(--[a-z-]+)", told, re.MULTILINE)) - {"--help"}
        assert asked
        assert [option for option in asked if option not in part] == [], name
    section, missing = "", []
    for line in template().splitlines():
        if found := re.match(r"#?\[([\w.]+)\]", line):
            section = found[1] + "."
        elif (found := re.match(r"#(\w+) = ", line)) and f"| `{section}{found[1]}` |" not in text:
            missing.append(section + found[1])
    tables = ("source.columns.customer_id", "source.sheets.transactions", "readers.north.city", "mail.readers.north")
    assert sorted(missing) == sorted(tables), "the tables, whose keys are yours"


def asked(code: str) -> set[str]:
    """Names that a module asks the environment for, as plain texts; and ours, wherever they stand."""
    found = set(re.findall(r"\b(?:REPORTER_[A-Z]+_[A-Z]+|PGPASSWORD|SSL_CERT_FILE)\b", code))
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[ast.Constant(value=str(name)), *_]):
                found |= {name} if "environ" in ast.unparse(owner) else set()
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[where]):
                found |= {name} if "environ" in ast.unparse(where) else set()
    return found


def test_every_variable_of_the_environment_is_in_the_reference() -> None:
    found = set().union(*(asked(path.read_text(encoding="utf-8")) for path in (ROOT / "reporter").rglob("*.py")))
    smtp = {f"REPORTER_SMTP_{name}" for name in ("HOST", "PORT", "USER", "PASSWORD", "SECURITY")}
    assert found | smtp == set(reference.ENVIRONMENT)
    text = reference.PAGE.read_text(encoding="utf-8")
    assert [name for name in reference.ENVIRONMENT if f"| `{name}` |" not in text] == []


def test_a_variable_is_seen_however_it_is_asked_for() -> None:
    code = 'a = os.environ.get("ONE", "")\nb = "TWO" in os.environ\nKEY = "REPORTER_A_KEY"\nc = d.get("THREE")'
    assert asked(code) == {"ONE", "TWO", "REPORTER_A_KEY"}


def test_every_exit_code_is_in_the_reference() -> None:
    text = reference.PAGE.read_text(encoding="utf-8")
    assert [code for code in readme.exit_codes() if f"| {code} | " not in text] == []


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


LINK = re.compile(r"\]\(([^()\s]+(?:\([^()]*\)[^()\s]*)?)\)|<img src=\"([^\"]+)\"")


def anchors(page: Path) -> set[str]:
    """What can be jumped to on a page, as GitHub makes it of the headings: small letters, no signs, blanks to hyphens, the second of a name with -1."""
    found: dict[str, int] = {}
    names = set()
    for title in re.findall(r"^#{1,6} (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).strip().lower()).replace(" ", "-")
        names.add(f"{name}-{found[name]}" if name in found else name)
        found[name] = found.get(name, 0) + 1
    return names


def broken(page: Path) -> list[str]:
    """Links of a page to files or anchors that are not there."""
    found = []
    for link in ("".join(each) for each in LINK.findall(page.read_text(encoding="utf-8"))):
        target, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        there = page.parent / target if target else page
        if not there.exists() or (anchor and (there.suffix != ".md" or anchor not in anchors(there))):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_their_anchors_lead_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "# One, two: three\n# One, two: three\n[a](#one-two-three-1) [b](#one) [c](gone.md) [d](page.md#no) [e](https://x.org/#y)"
    page.write_text(text + ' <img src="gone.png">', encoding="utf-8")
    assert broken(page) == ["#one", "gone.md", "page.md#no", "gone.png"]


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    reached = {
        (index.parent / link.partition("#")[0]).resolve() for link, _ in LINK.findall(index.read_text(encoding="utf-8"))
    }
    missing = {page for page in PAGES if page.is_relative_to(ROOT / "docs") and page != index} - reached
    assert {page.name for page in missing} == set()


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
