"""A short way through WeasyPrint's cascade, for properties that no rule gives to a box: they are what they are initially, or what the parent has.

WeasyPrint asks for a hundred thousand of them in a report, three quarters of which are such, and goes the way of all others with them: a twelfth of the
time of a PDF. Whatever has a rule, or is worked out from something else, still goes that way.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache, wraps
from typing import Any

_WORKED_OUT = frozenset(("display", "float", "page", "position"))
_DRAWN_DOWN = "text_decoration_"


@lru_cache(maxsize=1)
def shorten() -> None:
    """Have WeasyPrint go the short way wherever it leads to the same value; a version that keeps its cascade elsewhere goes the long one."""
    with suppress(ImportError, AttributeError):
        from weasyprint import css
        from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
        from weasyprint.css.functions import check_math
        from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

        plain = {key for key in INITIAL_VALUES if key not in _WORKED_OUT and not key.startswith(("__", _DRAWN_DOWN))}
        inherited = plain & INHERITED - PHYSICAL_FUNCTIONS.keys()
        initial = {key: INITIAL_VALUES[key] for key in plain - INHERITED - INITIAL_NOT_COMPUTED}
        # What may be said by the direction of the writing: margin-left as margin-inline-start.
        other_names = {
            key: frozenset(name(block="ttb", inline=inline) for inline in ("ltr", "rtl"))
            for key, name in PHYSICAL_FUNCTIONS.items()
        }
        nothing: frozenset[str] = frozenset()
        long_way = css.ComputedStyle.__missing__

        @wraps(long_way)
        def short_way(style: Any, key: str) -> Any:
            rules = style.cascaded
            if key not in rules:
                if key in initial and other_names.get(key, nothing).isdisjoint(rules):
                    value = style[key] = initial[key]
                    return value
                if key in inherited and style.parent_style is not None:
                    value = style.parent_style[key]
                    if not check_math(value):
                        style[key] = value
                        return value
            return long_way(style, key)

        css.ComputedStyle.__missing__ = short_way
