"""Customer segmentation reports that can be trusted: from a workbook, an orders table or a database to HTML and PDF.

Examples
--------
A whole report, as the command ``reporter run`` makes it::

    import reporter

    outputs = reporter.run("shop.xlsx")
    print(outputs.paths["report.html"])

The numbers alone, to look at in a notebook::

    analysis = reporter.analyse("shop.xlsx")
    analysis.customers.groupby("segment").size()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reporter.config import load_config
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
    from reporter.pipeline import Outputs, analyse, check, run
    from reporter.settings import Config

__version__ = "0.1.0"

__all__ = [
    "AlarmError",
    "BusyError",
    "Config",
    "DeliveryError",
    "InputError",
    "Outputs",
    "Problem",
    "RenderError",
    "ReporterError",
    "ResourceError",
    "UsageError",
    "analyse",
    "check",
    "load_config",
    "run",
]


def _home(name: str) -> str:
    """The module that a public name lives in."""
    if name in ("Outputs", "analyse", "check", "run"):
        return "reporter.pipeline"
    return {"Config": "reporter.settings", "load_config": "reporter.config"}.get(name, "reporter.errors")


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import reporter`` costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'reporter' has no attribute {name!r}")
    return getattr(import_module(_home(name)), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
