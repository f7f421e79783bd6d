"""HTML becomes a PDF: the only WeasyPrint."""

from __future__ import annotations

import atexit
import gc
import pickle
import platform
import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from datetime import datetime
from functools import lru_cache
from io import BytesIO, StringIO
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from reporter.document.archive import finish
from reporter.document.cascade import shorten
from reporter.document.gatherings import Book, fold
from reporter.document.pagination import closer, crowded
from reporter.document.plates import plate_of
from reporter.document.styles import on_paper, paper_style, pdf_styles, with_fonts_apart
from reporter.errors import Problem, RenderError
from reporter.meter import give_back

if TYPE_CHECKING:
    from pydyf import PDF

_PICTURE = re.compile(
    r'<svg xmlns="http://www.w3.org/2000/svg" role="img"[^>]*><title[^>]*>(?P<name>[^<"]*)</title>.*?</svg>', re.DOTALL
)
_VOID = re.compile(r"<(br|col|hr|img|link|meta|wbr)\b([^<>]*?)/?>")
"""Elements that have no content, and no end in HTML."""
_DRAWN = re.compile(r"<svg (?![^>]*xmlns=)")
"""A drawing, which HTML knows by its name alone."""
_BROKEN = re.compile(r'="[^"\n\t]*[\n\t][^"]*"')
"""A value of several lines, which XML would put into one."""
FIRST_DAY = "1970-01-01"
VARIANT = "pdf/a-3a"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
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


class Placed(NamedTuple):
    """What is on a page that was set, as `weasyprint.Page` has it: what a link may lead to, and its part of the outline."""

    anchors: Mapping[str, tuple[float, ...]]
    bookmarks: Sequence[Any]


def to_pdf(html: str, attached: Mapping[Path, str] = MappingProxyType({}), day: str = FIRST_DAY) -> bytes:
    """Render the text that `to_html` made.

    Parameters
    ----------
    html : str
    attached : mapping of Path to str
        Files that travel inside the PDF, and what each is.
    day : str
        ISO date that the attached files bear, whenever they were written.

    Returns
    -------
    bytes
        PDF/A-3a and PDF/UA-1: tagged, with outline, language and title. Equal text and files give equal bytes.

    Raises
    ------
    RenderError
        When WeasyPrint or its libraries are missing, or the page asks for anything that is not inside it.

    Examples
    --------
    Of the document in the example of `reporter`:

    >>> import reporter
    >>> pdf = reporter.to_pdf(reporter.to_html(document))
    >>> pdf[:5]
    b'%PDF-'
    """
    book = book_of(html)
    if book is None:
        return print_whole(html, attached, day)
    placed, packed = zip(*(tuple(print_gathering(each, book.ids)) for each in book.gatherings), strict=True)
    return print_bound([print_front(placed, book, attached, day), *packed])


def book_of(html: str) -> Book | None:
    """The gatherings of a report; None where it is printed whole, for it is short, or its template or its style is not ours."""
    page, style = on_paper(html), paper_style()
    return fold(page.replace(style, "", 1)) if style in page else None


def print_whole(html: str, attached: Mapping[Path, str], day: str) -> bytes:
    """Print a report that has no gatherings; arguments, result and faults are those of `to_pdf`."""
    from reporter.document.binding import settle

    def complete(document: Any, pdf: PDF) -> None:
        finish(document, pdf)
        settle(pdf)

    with _quietly():
        pages = _set(on_paper(html))
        pdf: bytes = pages.write_pdf(finisher=complete, pdf_variant=VARIANT, attachments=_attachments(attached, day))
    return pdf


def print_gathering(chapters: Sequence[str], ids: frozenset[str], *, are_ours: bool = False) -> Iterator[Any]:
    """Set and ink one gathering of a book; faults are those of `to_pdf`.

    Parameters
    ----------
    chapters, ids
        As `Book` has them.
    are_ours : bool
        Whether the chapters are as our own templates made them, and nobody has changed them since.

    Yields
    ------
    tuple of Placed
        What the front has to know of each page, as soon as it is set; the ink takes a quarter of the time.
    bytes
        For `print_bound`, and packed, for what unpacks it should not be asked to look for cycles in it.
    """
    from reporter.document.binding import loosen

    with _quietly():
        documents = [_set(chapter, "gathering", is_ours=are_ours) for chapter in chapters]
        pages = [page for document in documents for page in document.pages]
        yield tuple(Placed(page.anchors, page.bookmarks) for page in pages)
        for page in pages:
            page.anchors, page.bookmarks = {}, []
        pages[0].anchors = dict.fromkeys(sorted(ids), (0, 0, 0, 0))  # where they really are is known when all is bound
        yield _packed(documents[0].copy(pages), loosen)


def print_front(placed: Iterable[Sequence[Placed]], book: Book, attached: Mapping[Path, str], day: str) -> bytes:
    """Set and ink the front of a book when all of its gatherings are set: for `print_bound`, packed. The rest is as for `to_pdf`."""
    from reporter.document.binding import whole

    pages = [page for gathering in placed for page in gathering]
    with _quietly():
        front = _set(book.front([page.anchors for page in pages]), "leaves")
        for leaf, page in zip(front.pages[-len(pages) :], pages, strict=True):
            leaf.anchors, leaf.bookmarks = page.anchors, page.bookmarks
        return _packed(front, whole, attachments=_attachments(attached, day))


def print_bound(packed: Sequence[bytes]) -> bytes:
    """Bind the front of a book, which comes first, with its gatherings."""
    from reporter.document.binding import bind, settle

    with _quietly():
        (pdf, how), *gatherings = [pickle.loads(each) for each in packed]  # noqa: S301 - packed by `_packed`
        bind(pdf, [gathering for gathering, _ in gatherings])
        settle(pdf)
        pdf.write(made := BytesIO(), *how)
    return made.getvalue()


def _packed(document: Any, taken: Callable[[PDF], Any], **options: Any) -> bytes:
    """What is taken of a PDF that is ready to be written, and how WeasyPrint would have written it."""
    made: list[bytes] = []

    def take(_: Any, pdf: PDF) -> None:
        finish(document, pdf)
        pdf.write = lambda _, *how: made.append(pickle.dumps((taken(pdf), how), protocol=5))

    document.write_pdf(BytesIO(), finisher=take, pdf_variant=VARIANT, **options)
    return made[0]


def _set(page: str, kind: str = "", *, is_ours: bool = False) -> Any:
    """The pages as WeasyPrint sets them; once more, and closer, where some lines would be alone on a sheet.

    The parts of a book have no style in them. A page has, unless an own template has another one, which is then read where it stands.
    """
    from weasyprint.text.fonts import FontConfiguration

    page, style = _joined(page), paper_style()
    own, fonts = _read_sheet(style) if kind or style in page else ([], FontConfiguration())
    bare, sheets = page.replace(style, "", 1), [*own, *_read_sheets(kind)]

    images: dict[str, Any] = {}

    def pages_of(text: str) -> Any:
        return _read(text, is_ours).render(fonts, stylesheets=sheets, cache=images)

    text = _PICTURE.sub(lambda picture: _apart(picture, images, fonts), bare)
    document = pages_of(text)
    sections = crowded(document.pages)
    document = pages_of(closer(text, sections)) if sections else document
    gc.collect(0)  # of what was made since the last time, which is quick: boxes that were tried, and no page has
    return document


def _read(text: str, is_ours: bool) -> Any:
    """A page for WeasyPrint, whose parser goes letter by letter. A chapter of ours is XML, but for elements without content: its tree is the same, and quicker made."""
    from cssselect2 import ElementWrapper
    from weasyprint import HTML

    tree = _tree_of(text) if is_ours else None
    if tree is None:
        return HTML(string=text, url_fetcher=_closed_fetcher())
    page = HTML.__new__(HTML)
    page.base_url, page.url_fetcher, page.media_type = None, _closed_fetcher(), "print"
    page.wrapper_element = ElementWrapper.from_html_root(tree, content_language=None)
    page.etree_element = page.wrapper_element.etree_element
    return page


def _tree_of(chapter: str) -> Any:
    """The tree of a chapter of ours; None where it cannot be read as XML after all."""
    from defusedxml import ElementTree

    closed = _DRAWN.sub('<svg xmlns="http://www.w3.org/2000/svg" ', _VOID.sub(r"<\1\2/>", chapter))
    kept = _BROKEN.sub(lambda value: value[0].replace("\n", "&#10;").replace("\t", "&#9;"), closed)
    with suppress(ElementTree.ParseError):
        return ElementTree.fromstring(f"{kept}</body></html>")
    return None


def pdf_available() -> str | None:
    """Why no PDF can be made here and what mends it; None when it can. What can be read ahead has then been read."""
    try:
        _weasyprint()
        _read_sheet(paper_style())
    except RenderError as missing:
        return str(missing)
    return None


def _attachments(files: Mapping[Path, str], day: str) -> list[Any]:
    from weasyprint import Attachment

    dates = dict.fromkeys(("created", "modified"), datetime.fromisoformat(day))
    return [
        Attachment(string=path.read_bytes(), name=path.name, description=what, relationship="Data", **dates)
        for path, what in files.items()
    ]


def _joined(page: str) -> str:
    """Words that may break stay in one piece where a page is written from right to left, or their parts would stand in its order: gz.orders.csv."""
    return page.replace("<wbr>", "\u200b") if 'dir="rtl"' in page[: page.find(">", 20) + 1] else page


def _apart(picture: re.Match[str], images: dict[str, Any], fonts: Any) -> str:
    """A chart as an image with its name, which is put among the images if it is one of ours: the HTML parser, which goes letter by letter, need not read it."""
    drawn = picture[0]
    if _RIGHT_TO_LEFT.search(drawn):
        from reporter.document.svg import outlined

        drawn = outlined(drawn)
    plate = plate_of(drawn, fonts)
    if plate is None:
        source = f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"
    else:
        source = f"chart:{len(images)}"
        images[source] = plate
    return f'<img alt="{picture["name"]}" src="{source}">'


@lru_cache(maxsize=4)
def _read_sheets(kind: str) -> list[Any]:
    """The rules for the PDF alone, and those for a part of it."""
    from weasyprint import CSS

    return [CSS(string=rules, url_fetcher=_closed_fetcher()) for rules in pdf_styles(kind)]


@lru_cache(maxsize=1)
def _read_sheet(style: str) -> tuple[list[Any], Any]:
    """A style sheet and its fonts as WeasyPrint has them; unpacking fonts and reading the rules takes some tenths of a second."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    atexit.register(_forget_sheet)
    fonts = FontConfiguration()
    rules, files = with_fonts_apart(style)
    return [CSS(string=rules, font_config=fonts, url_fetcher=_closed_fetcher(files))], fonts


def _forget_sheet() -> None:
    """Let WeasyPrint remove the unpacked fonts, which it cannot any more when the interpreter has begun to end."""
    _read_sheet.cache_clear()
    gc.collect()


@contextmanager
def _quietly() -> Iterator[None]:
    """Ask for nothing outside of the page; and look for cycles in memory only when pages are set: in between that would cost a fifth of the time."""
    _weasyprint()
    from weasyprint.urls import FatalURLFetchingError

    give_back()
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    except FatalURLFetchingError as refusal:
        raise RenderError(Problem("report.pdf", f"the page asks for something outside itself: {refusal}.")) from refusal
    finally:
        if was_on:
            gc.enable()


def _closed_fetcher(files: Mapping[str, Path] = MappingProxyType({})) -> Any:
    """A fetcher that knows ``data:``, and files of ours by names of ours; everything else ends the rendering."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url in files:
                return URLFetcherResponse(url, files[url].read_bytes())
            if not url.lower().startswith("data:"):
                raise FatalURLFetchingError(url[:80])
            return super().fetch(url, headers)

    return ClosedFetcher(allowed_protocols={"data"}, allow_redirects=False)


def _weasyprint() -> ModuleType:
    """Import WeasyPrint; without Pango it raises OSError and talks to stdout, which belongs to our results."""
    talk = StringIO()
    try:
        with redirect_stdout(talk), _loader_alone():
            import weasyprint
    except ModuleNotFoundError as error:
        raise RenderError(
            Problem("PDF", "WeasyPrint is not installed.", "Install it: pip install 'reporter[pdf]'")
        ) from error
    except OSError as error:
        raise RenderError(
            Problem("PDF", "the Pango library is not found.", f"Install it: {LIBRARIES[system()]}")
        ) from error
    shorten()
    return weasyprint


@contextmanager
def _loader_alone() -> Iterator[None]:
    """Look for libraries of C by the system's loader alone, which knows the names that they have on Linux.

    WeasyPrint tries those of Windows first, and for each a compiler and a linker would be asked: sixteen times, a fifth of a second.
    """
    import ctypes.util

    asked = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = _unknown
    try:
        yield
    finally:
        ctypes.util.find_library = asked


def _unknown(name: str) -> None:
    """What a system that knows no library of that name answers."""


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
