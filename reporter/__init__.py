"""Customer segmentation reports that can be trusted: from a workbook, an orders table or a database to HTML and PDF.

Examples
--------
A whole report, as the command ``reporter run`` makes it, of a file or of a table in memory (pandas, Polars, Arrow)::

    import reporter

    outputs = reporter.run("shop.xlsx")
    print(outputs.paths["report.html"])

The same one step after the other, of invented orders; each of these values shows itself in a notebook:

>>> import reporter
>>> orders = reporter.sample()
>>> config, _ = reporter.load_config(overrides=["report.edition=brief"])
>>> tables = reporter.read(orders, config)
>>> ledger = reporter.clean(tables, config)
>>> analysis = reporter.analyse(ledger, config)
>>> document = reporter.compose(analysis, config)
>>> html = reporter.to_html(document)
>>> pdf = reporter.to_pdf(html)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reporter.analysis.analyse import Analysis
    from reporter.api import analyse, clean, compose, read
    from reporter.config import load_config
    from reporter.document.blocks import Document
    from reporter.document.html import to_html
    from reporter.document.pdf import to_pdf
    from reporter.errors import (
        AlarmError,
        BusyError,
        DeliveryError,
        InputError,
        Problem,
        RenderError,
        ReporterError,
        ResourceError,
        UsageError,
    )
    from reporter.explorer import explore
    from reporter.intake.ledger import Ledger
    from reporter.intake.read import Tables
    from reporter.pipeline import Outputs, check, run
    from reporter.samples import sample
    from reporter.settings import Config

__version__ = "0.1.0"

__all__ = [
    "AlarmError",
    "Analysis",
    "BusyError",
    "Config",
    "DeliveryError",
    "Document",
    "InputError",
    "Ledger",
    "Outputs",
    "Problem",
    "RenderError",
    "ReporterError",
    "ResourceError",
    "Tables",
    "UsageError",
    "analyse",
    "check",
    "clean",
    "compose",
    "explore",
    "load_config",
    "read",
    "run",
    "sample",
    "to_html",
    "to_pdf",
]

HOMES = {
    "reporter.analysis.analyse": ("Analysis",),
    "reporter.api": ("analyse", "clean", "compose", "read"),
    "reporter.config": ("load_config",),
    "reporter.document.blocks": ("Document",),
    "reporter.document.html": ("to_html",),
    "reporter.document.pdf": ("to_pdf",),
    "reporter.explorer": ("explore",),
    "reporter.intake.ledger": ("Ledger",),
    "reporter.intake.read": ("Tables",),
    "reporter.pipeline": ("Outputs", "check", "run"),
    "reporter.samples": ("sample",),
    "reporter.settings": ("Config",),
}
"""The modules that public names live in; all others are errors."""


def _home(name: str) -> str:
    """The module that a public name lives in."""
    return next((module for module, names in HOMES.items() if name in names), "reporter.errors")


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import reporter`` costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'reporter' has no attribute {name!r}")
    return getattr(import_module(_home(name)), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
