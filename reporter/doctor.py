"""What this machine lacks, and the command that mends it."""

from __future__ import annotations

import ctypes.util
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from reporter.delivery.account import HOST, account_of, is_configured
from reporter.delivery.server import ServerError, open_server
from reporter.document.pdf import LIBRARIES, system
from reporter.errors import UsageError
from reporter.provenance import requirements

NEEDED_PYTHON = (3, 11)
MAIL_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
    fine : bool
    needed : bool
        Whether no report can be made without it.
    found : str
        What is there: a version, a path's name, a reason.
    fix : str
        The command that mends it here; empty where all is well.
    """

    name: str
    fine: bool
    needed: bool
    found: str
    fix: str = ""


def examine(output: Path) -> tuple[Check, ...]:
    """Look at everything that a report needs.

    Parameters
    ----------
    output : Path
        The output folder; nothing is left there.

    Returns
    -------
    tuple of Check
        A report can be made when all needed ones are fine.
    """
    return (_python(), *_packages(), *_pdf(), _fonts(), _write_access(output), _mail_server())


def _python() -> Check:
    fix = "" if sys.version_info >= NEEDED_PYTHON else "Install Python 3.11 or newer, then run ./dev setup."
    return Check("Python", not fix, True, platform.python_version(), fix)


def _packages() -> Iterator[Check]:
    """One check a declared dependency; those of extras are not needed."""
    for requirement in requirements():
        wanted, _, marker = requirement.partition(";")
        match = re.match(r"\s*([\w.-]+)(?:\[[^]]*\])?\s*(?:>=\s*([\d.]+))?", wanted)
        extra = re.search(r"""extra\s*==\s*['"]([\w-]+)""", marker)
        if match is None or (extra is not None and extra[1] not in ("pdf", "notebook")):
            continue
        name, least = match[1], match[2] or "0"
        yield _package(name, least, extra[1] if extra else "")


def _package(name: str, least: str, extra: str) -> Check:
    install = f"{Path(sys.executable).name} -m pip install '{name}>={least}'"
    purpose = f" ({extra})" if extra else ""
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(name, False, not extra, f"not installed{purpose}", install)
    fine = _release(version) >= _release(least)
    return Check(name, fine, not extra, version, "" if fine else install)


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version: ``(3, 1, 1)`` of ``3.1.1rc1``."""
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[a-zA-Z+-]", version)[0]))


PROBE = "import contextlib, io, sys\nwith contextlib.redirect_stdout(io.StringIO()):\n    import weasyprint\n    weasyprint.HTML(string='<p>x').write_pdf()\n"


def _pdf() -> Iterator[Check]:
    """WeasyPrint and Pango, tried in a process of their own (they print when they are missing), and the faster font cutter."""
    command = [sys.executable, "-c", PROBE]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (a constant text)
    if tried.returncode == 0:
        yield Check("PDF", True, False, "a page was printed")
    else:
        last = (tried.stderr.strip().splitlines() or ["no reason was given"])[-1]
        missing = "No module named" in last
        fix = f"{Path(sys.executable).name} -m pip install 'weasyprint>=70'" if missing else LIBRARIES[system()]
        yield Check("PDF", False, False, last[:200], fix)
    cutter = ctypes.util.find_library("harfbuzz-subset")
    yield Check(
        "harfbuzz-subset",
        bool(cutter),
        False,
        cutter or "not found: PDFs are slower to make",
        "" if cutter else LIBRARIES[system()],
    )


def _fonts() -> Check:
    """The fonts that come with the report: without them a PDF looks different on every machine."""
    here = Path(__file__).parent
    folders = (here / "templates" / "fonts", here.parent / "templates" / "fonts")
    fonts = [font for folder in folders for font in sorted(folder.glob("**/*.woff2")) + sorted(folder.glob("**/*.ttf"))]
    if fonts:
        return Check("Fonts", True, True, f"{len(fonts)} files with the package")
    return Check("Fonts", False, True, "the package lacks its templates", "Install reporter again.")


def _write_access(output: Path) -> Check:
    """Whether a file can be written in the nearest existing folder above the output."""
    nearest = next(folder for folder in (output, *output.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest) as stream:
            stream.write(b"x")
    except OSError as error:
        fix = "Name another folder with --output, or change the rights of this one."
        return Check("Output folder", False, True, f"{output}: {os.strerror(error.errno or 0).lower()}", fix)
    return Check("Output folder", True, True, f"{output} can be written")


def _mail_server() -> Check:
    """Whether the mail server of the environment answers, is the one that it says, and knows us; nothing is sent."""
    if not is_configured():
        return Check("Mail server", True, False, f"none: {HOST} is not set, so no mail can be sent")
    try:
        account = account_of()
        with open_server(account, MAIL_TIMEOUT_S):
            return Check("Mail server", True, False, f"{account.place} answers ({account.security})")
    except UsageError as error:
        problem = error.problems[0]
    except ServerError as error:
        problem = error.problem
    return Check("Mail server", False, False, f"{problem.where}: {problem.what}", problem.fix)
