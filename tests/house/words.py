"""Sentences, queries, colours and the names of the input each have one home."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from tests.house.sources import Source, at, name_of, ours, texts

INPUT_COLUMNS = (
    "transaction_status",
    "transaction_date",
    "coupon_name",
    "burn_date",
    "city_id",
    "gender_id",
    "merchant_id",
)
"""Columns that exist in the input only: past intake nobody knows them."""
COLOUR = re.compile(
    r"(?<![\w&/])#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6})(?![\w-])|\b(?:rgba?|hsla?|oklch)\(|[:=]\s*[\"']?#[0-9a-fA-F]{3}\b"
)
SENTENCE = re.compile(r"(?!Source:)\S+(?:\s+\S+){3,}[.!?]")
RECKONERS = ("groupby", "pivot_table", "fit", "fit_predict")
GROUP_BY = re.compile(r"\bgroup\s+by\b", re.IGNORECASE)
TRANSACTIONS = re.compile(r"\btransactions\b", re.IGNORECASE)


def sentences(sources: Sequence[Source]) -> Iterator[str]:
    """A sentence can only be in narrate: nobody else gives `say` a template, or `Said` a full sentence (labels are free)."""
    for source in ours(sources):
        if "/narrate" in source.path or source.inside in ("document/words.py", "document/blocks.py"):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and node.args:
                called, first = name_of(node.func).split(".")[-1], node.args[0]
                if called == "say" and isinstance(first, (ast.Constant, ast.JoinedStr)):
                    yield at(source, node, "says a sentence; sentences are in narrate")
                if called == "Said" and isinstance(first, ast.Constant) and SENTENCE.fullmatch(str(first.value)):
                    yield at(source, node, "holds a sentence; sentences are in narrate")


def queries(sources: Sequence[Source]) -> Iterator[str]:
    """Transactions are grouped in intake (duplicates, tallies) and in aggregate, and nowhere else; the document groups nothing."""
    for source in sources:
        inside = source.inside
        if not source.path.startswith("reporter/") or inside.startswith(
            ("intake/", "analysis/aggregate", "analysis/sql/")
        ):
            continue
        if source.path.endswith(".sql"):
            yield f"{source.path}: SQL lives in intake/sql and analysis/sql"
            continue
        for text in texts(source) if source.path.endswith(".py") else ():
            if GROUP_BY.search(str(text.value)) and TRANSACTIONS.search(str(text.value)):
                yield at(source, text, "groups transactions; that is aggregate's work")
        if inside.startswith("document/"):
            for node in _reckoning(source.tree):
                yield at(source, node, f"calls {node.attr}; the document computes nothing")


def _reckoning(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Where sums are made or estimators fitted. A loop over the parts of a frame (``for name, part in frame.groupby``) makes no sum."""
    loops = [node.iter for node in ast.walk(tree) if isinstance(node, (ast.For, ast.comprehension))]
    parts = {id(loop.func) for loop in loops if isinstance(loop, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in RECKONERS and id(node) not in parts:
            yield node


def colours(sources: Sequence[Source]) -> Iterator[str]:
    """A colour is written in tokens.css and nowhere else, but for the margins of a page: no variable reaches there."""
    tokens = {
        found for source in sources if source.path.endswith("css/tokens.css") for found in COLOUR.findall(source.text)
    }
    for source in sources:
        if source.path.endswith((".css", ".html")) and not source.path.endswith("css/tokens.css"):
            margins = _margins(source.text)
            for number, line in enumerate(source.text.splitlines(), start=1):
                found = COLOUR.search(line)
                if found and "href=" not in line and not (number in margins and found[0] in tokens):
                    yield f"{source.path}:{number}: colour {found[0]}; use a variable of tokens.css"
        elif source.path.startswith("reporter/") and source.path.endswith(".py"):
            for text in texts(source):
                if found := COLOUR.search(f"={text.value}"):
                    yield at(source, text, f"colour {found[0]}; colours are in tokens.css")


def _margins(text: str) -> set[int]:
    """Numbers of the lines inside ``@page``."""
    inside: set[int] = set()
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if depth or line.lstrip().startswith("@page"):
            inside.add(number)
            depth += line.count("{") - line.count("}")
    return inside


def input_names(sources: Sequence[Source]) -> Iterator[str]:
    """Past intake nobody speaks of a column that only the input has."""
    pattern = re.compile(rf"\b(?:{'|'.join(INPUT_COLUMNS)})\b")
    for source in ours(sources):
        if source.inside.startswith(("analysis/", "document/", "delivery/", "pipeline")):
            for text in texts(source):
                if found := pattern.search(str(text.value)):
                    yield at(source, text, f"knows the input's column {found[0]}; only intake does")
