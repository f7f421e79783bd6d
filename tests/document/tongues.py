"""A language that nobody speaks: every letter of a message is accented, so that what was not translated is seen by its plain letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path
from unicodedata import combining, normalize

from babel.messages.catalog import Catalog
from openpyxl import load_workbook

from reporter.document.words import plural
from tools.catalog import messages

PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
STRANGE = str.maketrans(PLAIN, "àḃćďèḟǵĥìĵķĺṁńòṕɋŕśţùṽŵẍỳžÀḂĆĎÈḞǴĤÌĴĶĹṀŃÒṔɊŔŚŢÙṼŴẌỲŽ")
FILES = r"\b[\w-]+\.(?:csv|xlsx|json)\b|audiences/"
PLAINLY = re.compile(r"[A-Za-z]{2,}")
FIELDS = r"\{\w+\}"
HASHES = r"\(SHA-256 [0-9a-f]+…\)|\b[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{8}\b"
SETTINGS = r"\b(?:source|report|config)\.[a-z_.]+"
HIDDEN = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)
SPOKEN = re.compile(
    r'(?:aria-label|alt|data-count|data-fold|data-unfold|data-values|data-lit|data-unlit|data-short)="([^"]*)"'
)


def accented(text: str) -> str:
    """A message in the language that nobody speaks; its fields, and names of files and settings, stay."""
    kept = re.split(rf"(\{{\w+\}}|{FILES}|{SETTINGS})", text)
    return "".join(part if place % 2 else part.translate(STRANGE) for place, part in enumerate(kept))


@cache
def strange_catalogue(left_out: frozenset[str] = frozenset()) -> Catalog:
    """All messages of the program, accented; those that are `left_out` are not translated."""
    made = Catalog(locale="de")
    texts, nouns = messages()
    for text in texts:
        if text not in left_out:
            made.add(text, text if text == "s?" else accented(text))
    for noun in nouns:
        made.add((noun, plural(noun)), (accented(noun), accented(plural(noun))), context="counted")
    return made


def spoken(html: str) -> Iterator[str]:
    """Whatever a page shows or reads out, a piece of text at a time."""
    bare = HIDDEN.sub("", html).replace("<wbr>", "")
    yield from map(unescape, SPOKEN.findall(bare))
    yield from (text for piece in re.sub(r"<[^>]*>", "\n", bare).split("\n") if (text := unescape(piece).strip()))


def written(path: Path) -> Iterator[str]:
    """Every text of a workbook."""
    for sheet in load_workbook(BytesIO(path.read_bytes())).worksheets:
        for row in sheet.iter_rows(values_only=True):
            yield from (cell for cell in row if isinstance(cell, str))


def unsaid(texts: Iterator[str], names: frozenset[str]) -> list[str]:
    """Texts with letters that nobody has translated: two or more plain ones that belong to no name, file, setting or sheet."""
    known = sorted((name for name in names if len(name) > 1), key=lambda name: (-len(name), name))
    escaped = [rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])" for name in known]
    pattern = re.compile("|".join([FILES, *escaped, SETTINGS, HASHES, FIELDS]))
    plain = {text for text in texts if PLAINLY.search(text)}  # few, and the names are many
    return sorted(text for text in plain if PLAINLY.search(pattern.sub(" ", text)))


def without(names: frozenset[str], texts: Iterable[str]) -> list[str]:
    """Texts without the names in them, long ones first, and without names of files."""
    whole = re.sub(FILES, "", "\0".join(texts))
    for name in sorted(names, key=len, reverse=True):
        whole = whole.replace(name, "")
    return whole.split("\0")


def arabic_words(text: str) -> list[str]:
    """Words of Arabic letters; those with a sign over a letter are left out, for readers that go by place read it before or after its line."""
    found = re.findall("[\u0621-\u0652]+", normalize("NFKC", text))
    return [word for word in found if not any(map(combining, word))]
