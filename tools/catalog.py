"""Renew the message catalogues in ``reporter/document/languages`` from the words of the program: ``python -m tools.catalog [LANGUAGE ...]``.

A message is any text of ours that a report may show: the templates of sentences, words inside them, labels, the built-in playbook, segments, and what
templates say. What is translated already stays; what is no longer said is dropped. Equal words give equal bytes: no dates, no line numbers.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from reporter.document.narrate.segments import LABELS as LABELS_OF_MEASURES
from reporter.document.words import plural
from reporter.intake.evidence import SHAPE_WORDS
from reporter.intake.reasons import REASONS
from reporter.intake.schema import TABLES

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "reporter" / "document"
INTAKE = ROOT / "reporter" / "intake"
LANGUAGES = DOCUMENT / "languages"
SAYING = (
    "say",
    "Said",
    "Word",
    "label",
    "verb",
    "_part",
    "join",
    "with_hidden",
    "_against",
    "subtitle",
    "_absent",
    "_by_k",
    "_priced",
)
"""What is called with a message, positional or by keyword, also as one of several to choose from."""
SHOWING: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"Column": (1,), "Stat": (0,), "Section": (2, 3), "_picture": (1,)}
)
"""Blocks and the places of their labels."""
LABELS = ("short", "kicker", "alt", "legend", "label", "summary", "subtitle", "what", "measure")
"""Keywords with a label for a value, whatever is called."""
CONSTANTS = (
    "ACTION", "AGO", "BALANCE", "BALANCES", "CHAPTER", "CHAPTERS", "COHORT_SUBTITLES", "CROSSTAB_SUBTITLE", "CURVE_SUBTITLES", "DIMENSIONS", "ENDINGS",
    "GROWTH", "HOW_MANY", "INDEX_SUBTITLE", "LABELS", "LATER", "LOOKUPS", "MAP_SUBTITLE", "MARKS", "MEANINGS", "MEASURES", "METHODS", "MOVED", "NOTHING",
    "NULL_SUBTITLE", "OUTLIER_SUBTITLE", "PLURALS", "PRESETS", "REASONS", "ROSE", "SALE", "SHORT", "SINCE", "SLIPPED", "SNAKE_SUBTITLE", "SOURCES",
    "STABILITY_SUBTITLE", "TERMS", "TITLES", "TOLD", "VERDICTS", "WAYS", "WHY", "WITHIN",
)  # fmt: skip
"""Module constants whose values are messages."""
VARIABLES = ("template", "labels", "panels", "head", "kinds")
"""Names inside functions that hold messages until they are said."""
COUNTING = ("things", "_counted")
OUTSIDE = ("intake/reasons.py", "intake/advice.py", "analysis/gridfiles.py", "analysis/features.py")
"""Files of other rooms with words that the report shows."""
IDENTIFIER = re.compile(r"[a-z]+(_[a-z0-9]+)+|segment-\d+")
KEYS = (
    "alt", "kicker", "label", "legend", "short", "full", "dbscan", "elbow", "snake", "dendrogram", "tests", "concentration", "retention",
    "kmeans", "ward", "summary", "first", "last", "number", "name", "text", "half", "k", "account", "expected", "spend",
)  # fmt: skip
"""Texts beside messages that name something for the program."""
CASES = ("", "dative", "genitive")
"""Cases that a noun or a word may have a form of its own in, beside the nominative."""


@cache
def messages() -> tuple[list[str], list[str]]:
    """All messages, and all nouns that stand behind a number, sorted."""
    texts: set[str] = set()
    nouns: set[str] = set()
    for path in sorted(DOCUMENT.rglob("*.py")) + [ROOT / "reporter" / name for name in OUTSIDE]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            texts.update(_messages_of(node))
            nouns.update(_nouns_of(node))
    texts |= set(_of_remarks())
    texts |= set(_of_playbook()) | set(_of_grids()) | set(_of_templates()) | set(WORDS)
    texts |= {text.capitalize() for text in LABELS_OF_MEASURES.values()}
    texts |= {form for reason in _reasons() for form in (reason.lower(), reason.capitalize())}
    nouns |= set(NOUNS)
    return sorted(text for text in texts if _is_said(text)), sorted(nouns)


def _is_said(text: str) -> bool:
    """Whether a text has words for people: not only fields, and no name of a column, a picture or a key."""
    bare = re.sub(r"\{\w+\}", "", text)
    return text in (", ", "{verb} {by}") or bool(
        re.search(r"[^\W\d_]", bare) and not IDENTIFIER.fullmatch(text) and text not in KEYS
    )


WORDS = (
    ", ", "{verb} {by}", "unknown", "city", "gender", "merchant", "branch", "month", "quarter", "Month", "Quarter", "coupons", "money", "months", "share",
    "average rank", "upper rank", "rejected", "flagged", "repair", "guess", "assumption", "ignored", "sheet", "table", "file", "row", "rows",
    "City", "Gender", "Merchant", "Branch", "Other cities", "Other genders", "Other merchants", "Other branches", "claimed", "Claimed", "Not yet a customer", "Not scored", "Slipped, at least", "Rose, at least", "A month ago", "A quarter ago", "A year ago",
    "activity", "burning", "little", "moderately", "strongly", "Customer segmentation", "customers", "transactions", "Joined",
    "recency", "frequency", "monetary", "Recency", "Frequency", "Monetary", "burned", "Burned", "value", "Burned coupons",
    "Revenue", "revenue", "All others", "read", "kept", "KMeans, chosen", "Agglomerative (Ward), chosen",
    "KMeans, asked for", "Agglomerative (Ward), asked for",
    "{share} of value", "{share} of burned coupons", "{share} of {noun}", "{share} {noun}", "{n} k", "{n} m", "{n} bn",
    "First component", "Second component", "Sheet", "What it says", "one-time buyer", "never burned", "always burned",
    "Day", "Month", "semicolons", "tabs", "bars", "blanks", "hold", "only ", "Run", "data", "seed", "or", "and", "or in", "Kept", "Read", "Rejected", "Flagged", "Days to burn",
)  # fmt: skip
"""Words that come out of variables: dimensions, periods, units, kinds."""
NOUNS = (
    "city", "gender", "merchant", "branch", "month", "quarter", "active city", "active gender", "active merchant", "active branch",
    "burned coupon", "repair", "guess", "assumption", "omission", "transaction",
)  # fmt: skip


def _of_remarks() -> Iterator[str]:
    """What intake remarks on the data, and what is remarked on editions: the templates of `Told`."""
    for path in (*sorted(INTAKE.glob("*.py")), ROOT / "reporter" / "editions.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Told":
                yield from _texts(node.args)
    yield from (table.gives for table in TABLES if table.gives)
    yield from SHAPE_WORDS.values()


def _messages_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in SAYING:
            yield from _texts([*node.args, *(keyword.value for keyword in node.keywords)])
        if called in SHOWING:
            yield from _texts([node.args[place] for place in SHOWING[called] if place < len(node.args)])
        yield from _texts([keyword.value for keyword in node.keywords if keyword.arg in LABELS])
        if called in ("Definition", "Reason", "Advice"):
            yield from _texts(node.args)
            yield from (text.lower() for text in _texts(node.args[1:2]) if called == "Definition")
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id in (*CONSTANTS, *VARIABLES) for target in targets):
            yield from _texts([node.value], calls=True)


def _texts(values: Sequence[ast.AST], calls: bool = False) -> Iterator[str]:
    """Texts among values, in choices and tuples, but not in calls of others, nor keys of mappings."""
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value
        elif isinstance(value, ast.IfExp):
            yield from _texts([value.body, value.orelse], calls)
        elif isinstance(value, (ast.Tuple, ast.List)):
            yield from _texts(value.elts, calls)
        elif isinstance(value, ast.Dict):
            yield from _texts(value.values, calls)
        elif isinstance(value, ast.Subscript):
            yield from _texts([value.value], calls)
        elif isinstance(value, ast.Call) and calls:
            yield from _texts(value.args, calls)


def _nouns_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if called in COUNTING and len(node.args) > 1:
            yield from _texts([node.args[2 if called == "_counted" else 1]])


def _of_playbook() -> Iterator[str]:
    raw = tomllib.loads((DOCUMENT / "playbook.toml").read_text(encoding="utf-8"))
    raw.pop("same")
    for entry in raw.values():
        yield from (text for key, text in entry.items() if key != "role" and isinstance(text, str))


def _of_grids() -> Iterator[str]:
    for path in sorted((ROOT / "reporter" / "analysis" / "grids").glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
        yield from (line.split(",")[0].strip('"') for line in lines if line)


def _of_templates() -> Iterator[str]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield from re.findall(r'term\("([^"]+)"\)', path.read_text(encoding="utf-8"))


def _reasons() -> Iterator[str]:
    yield from (name.replace("-", " ") for name in REASONS)


def renewed(language: str) -> bytes:
    """The catalogue of a language with every message of the program, translated as far as it was."""
    old, new = read(language), Catalog(locale=language, fuzzy=False)
    texts, nouns = messages()
    for text in texts:
        _carry(old, new, text, "")
        for message in (old.get(text, case) for case in CASES[1:]):
            if message:
                new.add(text, message.string, context=message.context)
    for noun in nouns:
        for case in CASES:
            context = f"counted, {case}" if case else "counted"
            message = old.get(noun, context)
            if message or not case:
                new.add((noun, plural(noun)), message.string if message else ("",) * new.num_plurals, context=context)
    return _bytes(new)


def _carry(old: Catalog, new: Catalog, text: str, context: str) -> None:
    message = old.get(text)
    new.add(text, message.string if message else "", context=context or None)


def read(language: str) -> Catalog:
    """The catalogue as it is; an empty one where there is none."""
    path = LANGUAGES / f"{language}.po"
    return read_po(BytesIO(path.read_bytes()), locale=language) if path.is_file() else Catalog(locale=language)


def _bytes(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_po(out, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {catalogue.locale_identifier}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    return head.encode() + out.getvalue().strip() + b"\n"


def main(languages: Sequence[str]) -> None:
    """Write the catalogues and say what is missing."""
    for language in languages or sorted(path.stem for path in LANGUAGES.glob("*.po")):
        (LANGUAGES / f"{language}.po").write_bytes(renewed(language))
        empty = [message.id for message in read(language) if message.id and not all(_strings(message.string))]
        print(f"{language}: {len(read(language))} messages, {len(empty)} to translate")


def _strings(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


if __name__ == "__main__":
    main(sys.argv[1:])
