"""HTML becomes a PDF: the only WeasyPrint."""

from __future__ import annotations

import io
import platform
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from reporter.errors import Problem, RenderError

LIBRARIES = {
    "debian": "sudo apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "fedora": "sudo dnf install pango",
    "rhel": "sudo dnf install pango",
    "suse": "sudo zypper install libpango-1_0-0",
    "arch": "sudo pacman -S pango",
    "alpine": "sudo apk add pango harfbuzz-subset",
    "darwin": "brew install pango",
    "windows": "winget install MSYS2.MSYS2, then in its shell: pacman -S mingw-w64-ucrt-x86_64-pango",
}
"""What installs Pango, by family of operating system."""


def to_pdf(html: str) -> bytes:
    """Render the text that `to_html` made.

    Returns
    -------
    bytes
        A tagged PDF with outline, language and title. Equal text gives equal bytes.

    Raises
    ------
    RenderError
        When WeasyPrint or its libraries are missing, or the page asks for anything that is not inside it.
    """
    weasyprint = _weasyprint()
    from weasyprint.urls import FatalURLFetchingError

    try:
        document = weasyprint.HTML(string=html, url_fetcher=_closed_fetcher())
        pdf: bytes = document.write_pdf(pdf_tags=True)
    except FatalURLFetchingError as refusal:
        raise RenderError(Problem("report.pdf", f"the page asks for something outside itself: {refusal}.")) from refusal
    return pdf


def pdf_available() -> str | None:
    """Why no PDF can be made here and what mends it; None when it can."""
    try:
        _weasyprint()
    except RenderError as missing:
        return str(missing)
    return None


def _closed_fetcher() -> Any:
    """A fetcher that knows ``data:`` alone; everything else ends the rendering."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if not url.lower().startswith("data:"):
                raise FatalURLFetchingError(url[:80])
            return super().fetch(url, headers)

    return ClosedFetcher(allowed_protocols={"data"}, allow_redirects=False)


def _weasyprint() -> ModuleType:
    """Import WeasyPrint; without Pango it raises OSError and talks to stdout, which belongs to our results."""
    talk = io.StringIO()
    try:
        with redirect_stdout(talk):
            import weasyprint
    except ModuleNotFoundError as error:
        raise RenderError(
            Problem("PDF", "WeasyPrint is not installed.", "Install it: pip install 'reporter[pdf]'")
        ) from error
    except OSError as error:
        raise RenderError(
            Problem("PDF", "the Pango library is not found.", f"Install it: {LIBRARIES[system()]}")
        ) from error
    return weasyprint


def system(release: Path = Path("/etc/os-release")) -> str:
    """The family of this operating system, a key of `LIBRARIES`; ``debian`` where it does not say."""
    name = platform.system().lower()
    if name in LIBRARIES:
        return name
    words = ""
    if release.is_file():
        lines = release.read_text(encoding="utf-8", errors="replace").splitlines()
        words = " ".join(line.partition("=")[2].strip("\"'") for line in lines if line.startswith(("ID=", "ID_LIKE=")))
    return next(
        (
            family
            for word in words.replace("opensuse", "suse").split()
            for family in LIBRARIES
            if word.startswith(family)
        ),
        "debian",
    )
