"""A language: its words from a message catalogue, and how its locale writes shares and amounts.

English is the source: its messages are the keys of every catalogue, and it has none itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from gettext import c2py
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import Any

from babel.core import Locale
from babel.messages.pofile import read_po

SOURCE = "en"
COUNTED = "counted"
"""Context of nouns behind a number; in another case ``counted, dative``."""


@dataclass(frozen=True, slots=True, eq=False)
class Tongue:
    """The language of a report.

    Attributes
    ----------
    language : str
        Its code, such as ``de``; ``en`` also where there is no catalogue for the locale.
    messages : mapping of (case, English) to text
        The case is empty but for words that have a form of their own in it.
    nouns : mapping of (case, English singular) to forms
        Nouns behind a number, in the order of the catalogue's plural forms.
    plural_rule : str
        Which form goes with n, as a gettext expression.
    per_cent : (str, str)
        What stands before and after the number.
    currency_first : bool
        Whether the currency stands before the amount.
    from_right : bool
        Whether it is written from right to left.
    """

    language: str
    messages: Mapping[tuple[str, str], str]
    nouns: Mapping[tuple[str, str], tuple[str, ...]]
    plural_rule: str
    per_cent: tuple[str, str]
    currency_first: bool
    from_right: bool = False

    def term(self, text: str, case: str = "") -> str:
        """A message or a word in this language; what the catalogue does not have stays as it is."""
        return self.messages.get((case, text)) or self.messages.get(("", text)) or str(text)

    def counted(self, one: str, many: str, count: float) -> tuple[tuple[str, str], ...]:
        """The noun that goes with a count, as (case, form): first its usual form, then those of other cases that the catalogue has."""
        forms = {case: found for (case, noun), found in self.nouns.items() if noun == one}
        if "" not in forms:
            return (("", one if count == 1 else many),)
        place = c2py(self.plural_rule)(int(count) if float(count).is_integer() else int(count) + 2)
        return tuple((case, forms[case][place]) for case in sorted(forms))


@lru_cache(maxsize=8)
def tongue_of(locale: str) -> Tongue:
    """The language of a locale; English where there is no catalogue for it. Shares and amounts are written as the locale does in any case."""
    where = Locale.parse(locale)
    share = where.percent_formats[None].pattern
    before, after = share.partition("#")[0], share.rpartition("0")[2]
    first = where.currency_formats["standard"].pattern.split(";")[0].lstrip("\u200f\u200e").startswith("\xa4")
    first = first and where.text_direction == "ltr"
    found = catalogue_of(where.language)
    if found is None:
        return Tongue(SOURCE, MappingProxyType({}), MappingProxyType({}), "n != 1", (before, after), first)
    messages, nouns = _sorted_out(found)
    return Tongue(
        where.language, messages, nouns, found.plural_expr, (before, after), first, where.text_direction == "rtl"
    )


def from_left(text: str) -> str:
    """A line from right to left in which numbers keep their sign, before them or after them where it means "and more", and names of runs, days and settings their order.

    Digits run from left to right in such a line, but a sign of theirs and what a hyphen joins to them does not, nor do quotes around them, unless a mark of
    direction says so (Unicode's bidirectional algorithm, W4, W7 and N2).
    """
    return _MIXED.sub(_marked, text)


def _marked(found: re.Match[str]) -> str:
    """Each word of a setting has its own marks, because lines are ordered one by one and may end within it."""
    if found["setting"]:
        return " ".join(f"{LEFT}{word}{LEFT}" for word in found[0].split(" "))
    return f"{LEFT}{found[0]}{LEFT if found['more'] else ''}"


LEFT = "\u200e"
"""The mark of direction: from left to right."""
_MIXED = re.compile(
    r"""(?<![\w.,"\u200e])(?:[+\u2212](?=\d)|(?P<more>\d[\d.,]*\+(?!\d))|\d{4}-\d\d-\d\d(?:-[0-9a-f]{8})?\b
    |(?P<setting>[a-z_]+(?:\.[a-z_]+)+\ =\ (?:"[^"]*"|\[[^]]*\]|\S+)))""",
    re.VERBOSE,
)


def catalogue_of(language: str) -> Any:
    """The catalogue of a language, or None."""
    name = files("reporter.document").joinpath("languages", f"{language}.po")
    return read_po(BytesIO(name.read_bytes()), locale=language) if name.is_file() else None


def _sorted_out(
    catalogue: Any,
) -> tuple[Mapping[tuple[str, str], str], Mapping[tuple[str, str], tuple[str, ...]]]:
    messages: dict[tuple[str, str], str] = {}
    nouns: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id:
            continue
        if isinstance(message.id, tuple):
            nouns[((message.context or "").removeprefix(COUNTED).removeprefix(", "), message.id[0])] = message.string
        else:
            messages[(message.context or "", message.id)] = message.string
    return MappingProxyType(messages), MappingProxyType(nouns)
