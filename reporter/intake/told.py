"""Remarks that remember how they were made, so that the report can tell them in another language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Told(str):
    """A sentence made of a template and values: a plain text to everybody, and to a translator its parts.

    Examples
    --------
    >>> remark = Told("The header was found in row {row}.", row=3)
    >>> remark, remark.template
    ('The header was found in row 3.', 'The header was found in row {row}.')
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, str]

    def __new__(cls, template: str, **values: Any) -> Told:
        """Fill the template; a value that is a `Told` itself can be translated too."""
        texts = {name: value if isinstance(value, str) else str(value) for name, value in values.items()}
        made = super().__new__(cls, template.format(**texts))
        made.template, made.values = template, texts
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the parts, not the text."""
        return _again, (self.template, self.values)


def _again(template: str, values: dict[str, str]) -> Told:
    return Told(template, **values)


def together(parts: Sequence[str]) -> Told:
    """Several remarks in a row, each of which can be translated.

    Examples
    --------
    >>> together(["one", Told("two")])
    'one, two'
    """
    fields = {f"part_{chr(97 + place % 26)}{place // 26 or ''}": part for place, part in enumerate(parts)}
    return Told(", ".join(f"{{{name}}}" for name in fields), **fields)
