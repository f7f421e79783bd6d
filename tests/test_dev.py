"""`./dev` on invented machines: every tool it calls is a stub that writes down how it was called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = (
    "sh",
    "awk",
    "cat",
    "cksum",
    "grep",
    "dirname",
    "uname",
    "mktemp",
    "rm",
    "cp",
    "env",
    "tail",
    "mkdir",
    "chmod",
    "printf",
)
PYTHON = """#!/bin/sh
echo "python $*" >>"$LOG"
case "$1" in
    -c) case "$2" in *print*) echo 3.11 ;; *) exit "${OLD:-0}" ;; esac ;;
    -) cat >/dev/null; exit "${NO_PANGO:-0}" ;;
    -m) [ "$2" != venv ] || { mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; } ;;
esac
"""
STUBS = {
    "python3": PYTHON,
    "id": '#!/bin/sh\necho "${USER_ID:-0}"\n',
    "apt-get": '#!/bin/sh\necho "apt-get $*" >>"$LOG"\n',
}


class Machine:
    """A machine with the bare tools, a checkout of the wrapper, and a log of what was called."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.bin, self.log = folder / "checkout", folder / "bin", folder / "log"
        self.checkout.mkdir()
        self.bin.mkdir()
        for name in ("dev", "pyproject.toml", "requirements.txt", "requirements-dev.txt", "requirements-spark.txt"):
            shutil.copy(ROOT / name, self.checkout)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        for name, text in STUBS.items():
            self.stub(name, text)

    def stub(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def dev(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        self.log.write_text("")
        return subprocess.run(
            ["./dev", *words],
            cwd=self.checkout,
            env={"PATH": str(self.bin), "LOG": str(self.log), **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )

    @property
    def calls(self) -> str:
        return self.log.read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_setup_installs_the_lock_by_hash_and_then_the_project(machine: Machine) -> None:
    done = machine.dev("setup")
    assert done.returncode == 0, done.stderr
    installs = [line for line in machine.calls.splitlines() if " install " in line]
    assert [line.split("install ")[1] for line in installs] == [
        "--no-deps --require-hashes --only-binary :all: -r requirements.txt",
        "--no-deps --no-build-isolation --editable .",
    ]


def test_setup_a_second_time_calls_nothing(machine: Machine) -> None:
    machine.dev("setup")
    assert machine.dev("setup").returncode == 0
    assert machine.calls == ""


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_a_changed_lock_is_installed_again(machine: Machine, name: str) -> None:
    machine.dev("setup")
    with (machine.checkout / name).open("a") as file:
        file.write("\n# changed\n")
    machine.dev("setup")
    assert "--require-hashes" in machine.calls


def test_the_tools_come_only_when_asked_for_and_serve_the_report_too(machine: Machine) -> None:
    machine.dev("setup")
    assert "requirements-dev.txt" not in machine.calls
    machine.dev("test", "--quick")
    assert "-r requirements-dev.txt" in machine.calls
    assert (
        "-m pytest -n 2 --dist loadscope --no-loadscope-reorder -m not slow and not browser and not spark"
        in machine.calls
    )
    machine.dev("setup")
    assert machine.calls == ""


def test_a_venv_made_by_hand_is_used(machine: Machine) -> None:
    (machine.checkout / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(machine.bin / "python3", machine.checkout / ".venv" / "bin" / "python")
    assert machine.dev("setup").returncode == 0
    assert "-m venv" not in machine.calls
    assert "--require-hashes" in machine.calls


def test_an_old_python_is_refused_with_what_to_do(machine: Machine) -> None:
    done = machine.dev("setup", OLD="1")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "sudo apt-get install python3" in done.stderr


def test_root_gets_the_pdf_libraries(machine: Machine) -> None:
    machine.dev("setup", NO_PANGO="1")
    assert re.search(
        r"apt-get install .* libpango-1\.0-0 libpangoft2-1\.0-0 libharfbuzz-subset0$", machine.calls, re.MULTILINE
    )


def test_who_may_not_install_is_told_the_line_and_gets_the_rest(machine: Machine) -> None:
    done = machine.dev("setup", NO_PANGO="1", USER_ID="1000")
    assert done.returncode == 0
    assert "sudo apt-get install --no-install-recommends libpango-1.0-0" in done.stderr
    assert "apt-get" not in machine.calls
    again = machine.dev("setup", NO_PANGO="1", USER_ID="1000")
    assert "libpango" in again.stderr, "still missing, still said"
    assert "--require-hashes" not in machine.calls, "but nothing is installed twice"


def test_no_system_means_no_system(machine: Machine) -> None:
    done = machine.dev("setup", "--no-system", NO_PANGO="1")
    assert done.returncode == 0
    assert "apt-get" not in machine.calls


def test_a_python_that_cannot_make_a_venv_gets_the_package(machine: Machine) -> None:
    machine.stub(
        "python3", PYTHON.replace('[ "$2" != venv ] || {', '[ "$2" != venv ] || exit 1; [ "$2" != venv ] || {')
    )
    done = machine.dev("setup", USER_ID="1000")
    assert done.returncode == 1
    assert "sudo apt-get update && sudo apt-get install --no-install-recommends python3.11-venv" in done.stderr
    machine.dev("setup")
    assert "apt-get install -y -qq --no-install-recommends python3.11-venv" in machine.calls


def test_only_a_ci_machine_gets_a_browser(machine: Machine) -> None:
    machine.dev("test")
    assert "chromium" not in machine.calls
    machine.dev("test", CI="true")
    assert "apt-get install -y -qq --no-install-recommends chromium" in machine.calls


def test_spark_is_installed_in_ci_and_where_it_is_asked_for(machine: Machine) -> None:
    machine.dev("test")
    assert "requirements-spark.txt" not in machine.calls
    done = machine.dev("test", CI="true")
    assert "apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless" in machine.calls
    first, second = (
        line for line in machine.calls.splitlines() if "pip" in line and "--no-deps" in line and "-r" in line
    )
    assert "--only-binary :all:" in first
    assert second.endswith("--require-hashes --no-build-isolation -r requirements-spark.txt")
    assert "1.1 GB" in done.stderr
    machine.dev("setup", "--spark", JAVA_HOME="/java")
    assert "pip" not in machine.calls, "the stamp says that it is there"
    (machine.checkout / "requirements-spark.txt").write_text("py4j==1 \\\n    --hash=x\npyspark==9 \\\n    --hash=y\n")
    machine.dev("setup", "--spark", JAVA_HOME="/java")
    assert "--no-build-isolation -r requirements-spark.txt" in machine.calls
    assert "openjdk" not in machine.calls


def test_a_failing_tool_fails_the_verb(machine: Machine) -> None:
    machine.dev("test")
    (machine.checkout / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 3\n")
    assert machine.dev("test").returncode == 3


def test_help_names_every_verb_and_a_wrong_one_is_usage(machine: Machine) -> None:
    text = (ROOT / "dev").read_text()
    verbs = re.findall(r"^    ([a-z |]+)\) ", text[text.rindex("case $verb in") :], re.MULTILINE)
    for verb in " ".join(verbs).replace("|", " ").split():
        if verb != "help":
            assert f"\n  {verb}" in machine.dev("help").stdout
    assert machine.dev("tset").returncode == 2


# --- the locks --------------------------------------------------------------------------------------------------------


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text().replace("\\\n", " ")
    return {line.split("==")[0]: line for line in text.splitlines() if line and not line.startswith("#")}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-spark.txt"])
def test_a_lock_holds_pins_and_hashes_and_nothing_else(name: str) -> None:
    for line in pins(name).values():
        assert re.fullmatch(r"[a-z0-9-]+==[\w.!+]+( ; [^#:/]+?)?\s+(--hash=sha256:[0-9a-f]{64}\s*)+", line), line
    comments = [line for line in (ROOT / name).read_text().splitlines() if line.startswith("#")]
    assert comments == ["# This file was autogenerated by uv via the following command:", "#    ./dev lock"]


def test_the_tools_lock_extends_the_lock() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_the_lock_of_spark_fits_the_others() -> None:
    spark, tools = pins("requirements-spark.txt"), pins("requirements-dev.txt")
    assert {name: spark[name] for name in spark.keys() & tools.keys()} == {
        name: tools[name] for name in spark.keys() & tools.keys()
    }


def test_every_requirement_is_locked_within_its_bounds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for lock, wanted in (
        ("requirements.txt", project["dependencies"] + extras["pdf"] + extras["build"]),
        ("requirements-dev.txt", extras["dev"]),
        ("requirements-spark.txt", extras["spark"] + extras["spark-build"]),
    ):
        locked = pins(lock)
        for requirement in wanted:
            name, least = re.sub(r"\[.*\]", "", requirement).split(">=")
            version = locked[name].split("==")[1].split()[0]
            numbers = [tuple(int(part) for part in text.split(".") if part.isdigit()) for text in (version, least)]
            assert numbers[0] >= numbers[1], f"{requirement}: {lock} has {version}; run ./dev lock"


def test_the_wrapper_is_posix_and_executable() -> None:
    assert os.access(ROOT / "dev", os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert (ROOT / "dev").read_text().startswith("#!/bin/sh\n")
    assert not re.search(r"\[\[|\bfunction \w|\blocal \w|<<<|\bsource ", (ROOT / "dev").read_text()), "a bashism"
