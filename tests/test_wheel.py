"""The wheel works away from the checkout: built without the network, installed into a clean environment, and run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.command import FAST
from tests.shop import write_orders

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


def run(*words: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "PIP_"))
    }
    return subprocess.run(
        [str(word) for word in words], cwd=cwd, env=clean | environment, capture_output=True, text=True, timeout=300
    )


def shipped() -> set[str]:
    """What the wheel must hold: every file of the package and every template, as the wheel names them."""
    files = [path for folder in ("reporter", "templates") for path in (ROOT / folder).rglob("*") if path.is_file()]
    names = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    return {f"reporter/{name}" if name.startswith("templates/") else name for name in names}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def away(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment in a folder of its own: the wheel, and our libraries by a path file, but not the checkout."""
    folder = tmp_path_factory.mktemp("away")
    made = run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    if made.returncode:
        pytest.skip(f"this Python cannot make an environment with pip: {made.stdout}{made.stderr}")
    python = folder / "venv" / "bin" / "python"
    installed = run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    assert installed.returncode == 0, installed.stderr
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    libraries = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (site / "libraries.pth").write_text("\n".join(libraries))
    return folder


def test_the_wheel_ships_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = {name for name in held if name.startswith("reporter/")}
    assert ours == shipped()
    assert {name.split("/")[0].split("-")[0] for name in held} == {"reporter"}, "something else at the top"


@pytest.mark.parametrize("kind", [".sql", ".csv", ".toml", ".po", ".html", ".css", ".woff2", "py.typed"])
def test_the_wheel_ships_all_kinds(wheel: Path, kind: str) -> None:
    assert any(name.endswith(kind) for name in zipfile.ZipFile(wheel).namelist()), f"no {kind} in the wheel"


def test_the_package_is_the_installed_one(away: Path) -> None:
    found = run(away / "venv" / "bin" / "python", "-c", "import reporter; print(reporter.__file__)", cwd=away)
    assert found.stdout.startswith(str(away)), found.stdout + found.stderr


def test_the_templates_are_found_in_the_package(away: Path) -> None:
    code = "from reporter.document.tokens import templates_folder; print(templates_folder())"
    found = run(away / "venv" / "bin" / "python", "-c", code, cwd=away)
    assert found.stdout.strip().endswith("site-packages/reporter/templates"), found.stdout + found.stderr


def test_the_command_runs_away_from_the_checkout(away: Path) -> None:
    command = away / "venv" / "bin" / "reporter"
    version = run(command, "--version", cwd=away)
    assert version.returncode == 0, version.stderr
    assert version.stdout.strip() == f"reporter {installed_version(away)}"
    schema = run(command, "schema", "--json", cwd=away)
    assert schema.returncode == 0, schema.stderr
    assert json.loads(schema.stdout)


def test_the_report_is_made_away_from_the_checkout(away: Path) -> None:
    orders = write_orders(away / "orders.csv")
    done = run(away / "venv" / "bin" / "reporter", "run", orders, "--no-pdf", *FAST, cwd=away)
    assert done.returncode == 0, done.stderr
    assert (away / "output" / "latest" / "report.html").stat().st_size > 100_000


def installed_version(away: Path) -> str:
    """The version that the installed package's metadata tells."""
    code = "from importlib.metadata import version; print(version('reporter'))"
    return run(away / "venv" / "bin" / "python", "-c", code, cwd=away).stdout.strip()
