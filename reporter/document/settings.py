"""What a user may say about the report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from reporter.intake.ledger import Kind

SECTIONS: tuple[str, ...] = (
    "summary", "customers", "rfm", "groups", "segments", "changes", "outlook", "campaign", "quality",
)  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """Section ``[readers.NAME]``: the edition of one merchant, branch or city. What is empty is as in ``[report]``."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    merchant: str = ""
    """Name of the merchant it is about; exactly one of merchant, branch and city."""
    branch: str = ""
    """Name of the branch it is about."""
    city: str = ""
    """Name of the city whose customers it is about."""
    locale: str = ""
    """Its language."""
    edition: Literal["", "full", "brief"] = ""
    """The whole report (full), or two pages (brief)."""
    organisation: str = ""
    """Printed on the cover; empty: the organisation of the report and the name of the merchant, branch or city."""
    logo: str = ""
    """Path of its logo."""
    primary_colour: str = ""
    """Ground of its cover."""
    accent_colour: str = ""
    """Its rules, links, bars and heat maps."""

    @property
    def kind(self) -> Kind:
        """What its name is the name of."""
        return "merchant" if self.merchant else "branch" if self.branch else "city"

    @property
    def name(self) -> str:
        """The merchant, branch or city."""
        return self.merchant or self.branch or self.city

    def over(self, report: ReportSettings) -> ReportSettings:
        """The settings of the report as this edition has them."""
        named = f"{report.organisation} · {self.name}" if report.organisation else self.name
        own = {key: value for key in LOOK if (value := getattr(self, key))}
        return replace(report, **{"organisation": named, **own})


@dataclass(frozen=True, slots=True)
class ReadersSettings:
    """Section ``[readers]``: editions of the report for those who may see a part of the data alone."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    by: Literal["", "merchant", "branch", "city"] = ""
    """One edition for each merchant, branch or city; empty: only those that have a section [readers.NAME]."""
    min_customers: int = 30
    """No edition is made of fewer customers with transactions; report.min_group, where that is larger."""
    whole: Literal["auto", True, False] = "auto"
    """Whether an edition says how large the whole data is, so that its reader knows the sum of all others; auto: those of branches and cities do, those of merchants do not."""
    each: dict[str, ReaderSettings] = field(default_factory=dict)
    """Editions by name: small letters, digits and hyphens; the name is that of its folder under editions/. Keys: merchant, branch or city (exactly one), and as in [report] locale, edition, organisation, logo, primary_colour, accent_colour."""


LOOK = ("locale", "edition", "organisation", "logo", "primary_colour", "accent_colour")
"""What an edition may say otherwise than the report."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
"""Of an edition: a folder on every system, and a part of a Message-ID."""


def reader_fault(name: str, reader: ReaderSettings) -> str:
    """Why an edition cannot be made, and what to write; empty where it can."""
    if not _NAME.fullmatch(name):
        return f"Its name “{name}” is that of a folder: write small letters, digits and hyphens, at most 60, such as [readers.north]."
    if sum(map(bool, (reader.merchant, reader.branch, reader.city))) != 1:
        return "Say what it is about: one of merchant, branch and city."
    return ""


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
