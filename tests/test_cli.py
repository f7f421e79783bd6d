"""The command line without a source: help, refusals, exit codes, init, schema, doctor. Runs on sources are in test_end_to_end.py."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from reporter import cli
from reporter.cli import outcome
from reporter.errors import BusyError, InputError, Problem, RenderError, ResourceError, UsageError
from reporter.settings import every_setting

ROOT = Path(__file__).parents[1]
COMMANDS = ("run", "demo", "check", "compare", "email", "schedule", "init", "schema", "doctor")
OPTIONS = {
    "run": {"-o", "--output", "-c", "--config", "--as-of", "--pdf", "--no-pdf", "--set", "--engine", "--json", "-q", "-v", "--force", "--email", "--no-email", "--debug"},
    "demo": {"-o", "--output", "--pdf", "--no-pdf", "--set", "--json", "-q", "-v", "--force"},
    "check": {"-o", "--output", "-c", "--config", "--as-of", "--set", "--engine", "--json", "-q", "-v"},
    "compare": {"--json", "--customers", "--debug"},
    "email": {"-c", "--config", "--dry-run", "--again", "--set", "--json", "-q", "--debug"},
    "schedule": {"-c", "--config", "-o", "--output", "--every", "--at", "--for", "--debug"},
    "init": {"--force"},
    "schema": {"--json"},
    "doctor": {"--json"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def called(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in the working folder of the test."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "reporter", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        **options,
    )


# -- help


def test_commands_are_listed_in_the_order_of_use(capsys: pytest.CaptureFixture[str]):
    assert outcome(["-h"]) == 0
    listed = capsys.readouterr().out.split("Commands:")[1]
    assert [line.split()[0] for line in listed.strip().splitlines()] == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_page_has_an_example_and_every_promised_option(command: str, capsys: pytest.CaptureFixture[str]):
    assert outcome([command, "--help"]) == 0
    page = capsys.readouterr().out
    assert f"reporter {command}" in page.split("Examples:")[1]
    words = set(page.replace(",", " ").replace("/", " ").split())
    assert words >= OPTIONS[command]


def test_the_version(capsys: pytest.CaptureFixture[str]):
    assert outcome(["--version"]) == 0
    assert capsys.readouterr().out == "reporter 0.1.0\n"


def test_the_module_is_the_command():
    assert called("--version").stdout == "reporter 0.1.0\n"


# -- usage faults


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["runn"], "run"),
        (["run"], "Missing argument 'SOURCE'"),
        (["run", "x.xlsx", "--ouput", "y"], "--output"),
        (["run", "x.xlsx", "--set", "cluster.kmax=3"], "--set cluster.kmax: is no setting. Did you mean k_max?"),
        (
            ["run", "x.xlsx", "--as-of", "tomorrow"],
            '--as-of: "tomorrow" does not fit. Write a date such as 2024-07-01.',
        ),
        (["run", "x.xlsx", "-c", "none.toml"], "none.toml: cannot be read"),
        (["check", "x.xlsx", "--set", "source.layout=table"], 'is not one of "shop", "orders"'),
    ],
)
def test_a_usage_fault_is_told_on_stderr_with_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    assert outcome(arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert "Traceback" not in told.err
    assert told.out == ""
    assert list(Path().iterdir()) == []


# -- faults on the way: the exit codes of the contract


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """A command ``fail`` that raises what it is given."""

    def install(error: BaseException) -> None:
        @click.command()
        @click.option("--debug", is_flag=True)
        def fail(debug: bool) -> None:
            raise error

        monkeypatch.setitem(cli.reporter.commands, "fail", fail)

    return install


def wrapped(inner: BaseException) -> Exception:
    """An error as a library raises it that wraps what the system said."""
    return RuntimeError(inner)


PROBLEMS = [Problem("shop.xlsx, sheet orders", "has no customer_id.", "Name it."), Problem("shop.xlsx", "is empty.")]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError(PROBLEMS), 2),
        (InputError(PROBLEMS), 3),
        (RenderError(PROBLEMS), 4),
        (ResourceError(PROBLEMS), 7),
        (BusyError(PROBLEMS), 75),
        (MemoryError(), 7),
        (OSError(28, "No space left on device"), 7),
        (wrapped(OSError(28, "No space left on device")), 7),
        (type("OutOfMemoryException", (Exception,), {})("failed to allocate"), 7),
        (KeyError("x"), 1),
        (PermissionError(13, "Permission denied"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_each_fault_has_its_exit_code_and_no_traceback(failing, error: BaseException, code: int, capsys):
    failing(error)
    assert outcome(["fail"]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Error: ")
    assert "Traceback" not in told.err
    if isinstance(error, UsageError):
        assert told.err == "Error: shop.xlsx, sheet orders: has no customer_id. Name it.\nError: shop.xlsx: is empty.\n"


def test_an_internal_fault_is_one_sentence_and_a_traceback_on_demand(failing, capsys):
    failing(KeyError("x"))
    assert outcome(["fail"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "Run again with --debug" in told
    assert outcome(["fail", "--debug"]) == 1
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "Run again" not in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["130", "143"])
@pytest.mark.skipif(sys.platform == "win32", reason="signals are otherwise there")
def test_a_signal_undoes_the_newest_first_raises_nothing_and_gives_its_code(number: int):
    code = """
import sys, time
from reporter import cli
from reporter.undo import undone_by

def undo_first():
    print("first", flush=True)

def undo_broken():
    print("broken", flush=True)
    raise OSError("the disk is gone")

@cli.reporter.command()
def wait():
    with undone_by(undo_first), undone_by(undo_broken):
        with undone_by(lambda: print("over", flush=True)):
            pass
        try:
            print("waiting", flush=True)
            time.sleep(30)
        finally:
            print("raised", flush=True)

sys.argv = ["reporter", "wait"]
cli.main()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert out == "broken\nfirst\n"
    assert err == "Stopped.\n"


def test_handlers_are_as_before_afterwards(capsys):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    outcome(["--version"])
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    capsys.readouterr()


def test_a_reader_who_leaves_is_no_fault():
    process = subprocess.Popen(
        [sys.executable, "-m", "reporter", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    told = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), told) == (0, "")


def test_names_that_the_terminal_cannot_write_are_written_otherwise():
    said = called("run", "x.xlsx", "--set", "rfm.grid=Größe.csv", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert said.returncode == 2
    assert "Gr\\xf6\\xdfe.csv" in said.stderr


# -- init, schema, doctor


def test_init_writes_a_file_that_run_accepts_and_never_over_another(capsys):
    assert outcome(["init"]) == 0
    assert capsys.readouterr().out == "reporter.toml\n"
    tomllib.loads(Path("reporter.toml").read_text(encoding="utf-8"))
    Path("reporter.toml").write_text("# mine", encoding="utf-8")
    assert outcome(["init"]) == 2
    assert "--force" in capsys.readouterr().err
    assert Path("reporter.toml").read_text(encoding="utf-8") == "# mine"
    assert outcome(["init", "--force"]) == 0
    assert "[cluster]" in Path("reporter.toml").read_text(encoding="utf-8")
    assert outcome(["init", "none/reporter.toml"]) == 2
    assert outcome(["init", "other.toml"]) == 0
    capsys.readouterr()


def test_schema_lists_every_column_and_every_setting(capsys):
    from reporter.intake.schema import TABLES

    assert outcome(["schema"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in every_setting())
    assert all(table.name in text and all(name in text for name in table.names) for table in TABLES)


def test_schema_as_json_is_one_document(capsys):
    assert outcome(["schema", "--json"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["cluster"]["properties"]["k_max"]["default"] == 10
    assert "transactions" in schema["x-source"]["properties"]


def test_doctor_says_what_is_there_and_leaves_nothing(capsys):
    code = outcome(["doctor", "--json"])
    found = json.loads(capsys.readouterr().out)
    checks = {each["name"]: each for each in found["checks"]}
    assert code == (0 if found["able"] else 1)
    assert found["able"] == all(each["fine"] for each in found["checks"] if each["needed"])
    assert {"Python", "pandas", "duckdb", "PDF", "harfbuzz-subset", "Fonts", "Output folder"} <= set(checks)
    assert all(each["fine"] or each["fix"] for each in found["checks"])
    assert list(Path().iterdir()) == []
    outcome(["doctor"])
    assert all(name in capsys.readouterr().out or not name for name in ["Output folder"])


def test_doctor_fails_where_nothing_can_be_written(capsys):
    Path("output").touch()
    assert outcome(["doctor"]) == 1
    assert "Name another folder with --output" in capsys.readouterr().out
