"""The PDFs of a run: asked for, printed beside the rest of the work, and written when they are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import MappingProxyType

from reporter.delivery.settings import BRIEF_PDF
from reporter.document.blocks import Document
from reporter.document.pdf import book_of, pdf_available, print_bound, print_front, print_gathering, print_whole
from reporter.document.press import Press
from reporter.errors import Problem, RenderError, ResourceError
from reporter.settings import Config
from reporter.stages import shortage_of

ATTACHED = MappingProxyType(
    {"segments.xlsx": "Every table of the report; no row of a customer", "facts.json": "Every number of the report"}
)
"""What travels inside the PDF."""
Print = Callable[[Mapping[Path, str], str], Future[bytes]]
"""Prints a PDF that was begun, with attached files that bear a day."""


def demand(config: Config, missing: Future[str]) -> None:
    """Fail where a demanded PDF cannot be made, before anything is written.

    The answer comes from the worker that will print, for asking means loading the library; meanwhile the rows are read and checked.
    """
    if config.output.pdf is True and missing.result():
        raise RenderError(Problem("report.pdf", missing.result()))


def begin_pdfs(press: Press, pages: Sequence[str], *, are_ours: bool) -> dict[str, Print]:
    """Have the pages set, of a report and of its brief, while the files are written that travel inside them.

    Parameters
    ----------
    are_ours : bool
        Whether the pages are as our own templates made them.
    """
    return dict(zip(("report.pdf", BRIEF_PDF), (_begun(press, page, are_ours) for page in pages), strict=False))


def print_pdfs(begun: Mapping[str, Print], folder: Path, document: Document) -> dict[str, Future[bytes]]:
    """Have the PDFs printed, with those files of the folder inside that have no row of a customer."""
    attached = {folder / name: what for name, what in ATTACHED.items()}
    return {name: finish(attached, document.cover.created) for name, finish in begun.items()}


def _begun(press: Press, page: str, are_ours: bool) -> Print:
    """What prints the same as `to_pdf`, by as many as can work at it."""
    book = book_of(page)
    if book is None:
        return lambda attached, day: press.submit(print_whole, page, attached, day)
    gatherings = [
        press.submit_in_two(print_gathering, chapters, book.ids, are_ours=are_ours) for chapters in book.gatherings
    ]

    def bound(attached: Mapping[Path, str], day: str) -> Future[bytes]:
        front = press.join([placed for placed, _ in gatherings], print_front, book, attached, day)
        return press.join([front, *(packed for _, packed in gatherings)], print_bound)

    return bound


def write_pdfs(pdfs: Mapping[str, Future[bytes]], folder: Path, config: Config) -> str:
    """Write the PDFs when they are printed.

    Returns
    -------
    str
        Empty, or why the first that is missing is missing.

    Raises
    ------
    RenderError
        Where the PDF was demanded.
    """
    reasons = [_write_pdf(pdf, folder / name, config) for name, pdf in pdfs.items()]
    return next(filter(None, reasons), "")


def _write_pdf(pdf: Future[bytes], path: Path, config: Config) -> str:
    """Write a PDF when it is printed.

    Returns
    -------
    str
        Empty, or why there is none: memory or time ran out. The rest of the report does not suffer from that.

    Raises
    ------
    RenderError
        Where the PDF was demanded.
    """
    fault = pdf.exception()
    shortage = None if fault is None else shortage_of(fault, path.name)
    if isinstance(fault, ResourceError):
        shortage = fault
    if shortage is None:
        path.write_bytes(pdf.result())
        return ""
    if config.output.pdf is True:
        raise RenderError(shortage.problems)
    return str(shortage)


def reason(wanted: bool) -> str:
    """Why no PDF can be made, for the worker that will print: empty where it can, or none is wanted."""
    return (pdf_available() or "") if wanted else ""
