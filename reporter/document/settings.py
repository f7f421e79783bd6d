"""What a user may say about the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

SECTIONS: tuple[str, ...] = ("summary", "customers", "rfm", "groups", "segments", "outlook", "campaign", "quality")
"""Chapters of the report in our order."""


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """Section ``[report]``."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    edition: Literal["full", "brief"] = "full"
    """The whole report (full), or two pages (brief): the summary and the campaign table. Lists, workbook and facts are complete in both."""
    sections: tuple[str, ...] = SECTIONS
    """Chapters of the full edition in their order; what is not named is not printed, but stays in workbook and facts. Without quality a short account of the rows ends the report."""
    paper: Literal["A4", "letter"] = "A4"
    """Size of the PDF's pages."""
    title: str = "Customer segmentation"
    """Title on the cover."""
    organisation: str = ""
    """Whose customers these are; empty: not printed."""
    author: str = ""
    """Who answers for the report; empty: not printed."""
    confidentiality: str = ""
    """Such as “Internal”, printed on every page; empty: not printed."""
    logo: str = ""
    """Path of a logo (SVG or PNG, at most 500 kB), shown on a light ground; empty: none."""
    primary_colour: str = ""
    """Ground of the cover, six hex digits; white text on it must have a contrast of 4.5 to 1. Empty: the built-in colour."""
    accent_colour: str = ""
    """Rules, links, bars and heat maps, six hex digits; on white it must have a contrast of 4.5 to 1. Segments keep their colours. Empty: the built-in colour."""
    locale: str = "en"
    """Language of the report, and how numbers, dates and amounts are written: en, en_GB, de, de_AT …; words are English, German or Arabic, in any other locale English."""
    playbook: str = ""
    """Path of an own playbook (TOML, form as the built-in one); empty: the built-in playbook."""
    templates: str = ""
    """Folder of own templates, which replace the built-in ones of the same name; empty: the built-in ones. They are programs: name only what you trust."""
    min_group: int = 5
    """Groups with fewer customers are not shown in breakdowns, nor figures from which they could be had by subtraction."""
    customers_format: Literal["auto", "csv", "parquet"] = "auto"
    """Form of the customers file; auto: Parquet above 200,000 customers, else CSV."""


def sections_fault(names: Sequence[str]) -> str:
    """Why names are no order of chapters, and what to write; empty where they are one."""
    from difflib import get_close_matches

    known = ", ".join(SECTIONS)
    for place, name in enumerate(names):
        if name not in SECTIONS:
            close = get_close_matches(name, SECTIONS, n=1)
            return f"There is no chapter “{name}”. " + (
                f"Did you mean {close[0]}?" if close else f"The chapters are {known}."
            )
        if name in names[:place]:
            return f"Name each chapter once: {name} is there twice."
    return "" if names else f"Name at least one of {known}."
