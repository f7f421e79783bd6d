"""How a value shows itself in a terminal and in a notebook, for the rooms that come before the one that knows.

Numbers know no words: what an `Analysis` looks like is a matter of the document, which the analysis may not import. So the values ask here, and the room is
looked up when somebody looks at one of them, as the package looks up its public names. Nothing that is computed goes this way.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

ROOM = "reporter.document.display"


def text_of(value: Any) -> str:
    """A few aligned lines, for a terminal."""
    text: str = import_module(ROOM).text_of(value)
    return text


def html_of(value: Any) -> str:
    """A fragment of HTML with its own style, for a notebook."""
    html: str = import_module(ROOM).html_of(value)
    return html
