"""The colours of the report, read from the one place where they are written: ``templates/css/tokens.css``."""

from __future__ import annotations

import re
from pathlib import Path

from reporter.document.blocks import Look

_PROPERTY = re.compile(r"--([a-z0-9-]+)\s*:\s*([^;]+);")
_PACKAGE = Path(__file__).resolve().parent.parent


def templates_folder() -> Path:
    """Where the templates lie: inside the installed package, or beside it in a checkout."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


def read_tokens(css: str | None = None) -> dict[str, str]:
    """Custom properties of the first rule of a style sheet.

    Parameters
    ----------
    css : str or None
        The style sheet; None: ``css/tokens.css`` of the report.

    Returns
    -------
    dict of str to str
        Name without its dashes to its value: ``{"ink": "#16202a", …}``. Later rules (a dark scheme) are not read: charts are
        drawn in the light colours, and the page re-inks them.
    """
    if css is None:
        css = (templates_folder() / "css" / "tokens.css").read_text(encoding="utf-8")
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    first_rule = bare.partition("}")[0]
    return {name: value.strip() for name, value in _PROPERTY.findall(first_rule)}


def inked_tokens(look: Look) -> dict[str, str]:
    """The report's colours, with those of the look in the place of ours; all in small letters."""
    return {name: value.lower() for name, value in (read_tokens() | dict(look.inks)).items()}
