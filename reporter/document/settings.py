"""What a user may say about the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """Section ``[report]``."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    title: str = "Customer segmentation"
    """Title on the cover."""
    organisation: str = ""
    """Whose customers these are; empty: not printed."""
    author: str = ""
    """Who answers for the report; empty: not printed."""
    confidentiality: str = ""
    """Such as “Internal”, printed on every page; empty: not printed."""
    locale: str = "en"
    """How numbers and dates are written, such as en, en_GB or de."""
    playbook: str = ""
    """Path of an own playbook (TOML, form as the built-in one); empty: the built-in playbook."""
    templates: str = ""
    """Folder of own templates, which replace the built-in ones of the same name; empty: the built-in ones. They are programs: name only what you trust."""
    min_group: int = 5
    """Groups with fewer customers are not shown in breakdowns, nor figures from which they could be had by subtraction."""
    customers_format: Literal["auto", "csv", "parquet"] = "auto"
    """Form of the customers file; auto: Parquet above 200,000 customers, else CSV."""
