"""Files, functions and signatures that fit in a head."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tests.house.sources import Source, at, functions, name_of, ours

MAX_FILE, MAX_BODY, MAX_PARAMETERS = 400, 40, 6


def files(sources: Sequence[Source]) -> Iterator[str]:
    """No file of ours, tests included, is longer than 400 lines."""
    for source in sources:
        if (lines := source.text.count("\n")) > MAX_FILE:
            yield f"{source.path}: {lines} lines; {MAX_FILE} is the most"


def bodies(sources: Sequence[Source]) -> Iterator[str]:
    """No function body is longer than 40 lines, the docstring not counted."""
    for source in ours(sources):
        for function in functions(source):
            body = function.body[1:] if ast.get_docstring(function) else function.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > MAX_BODY:
                yield at(source, function, f"{function.name} has {lines} lines; {MAX_BODY} is the most")


def parameters(sources: Sequence[Source]) -> Iterator[str]:
    """No function takes more than six parameters; a click command takes one for each of its options."""
    for source in ours(sources):
        for function in functions(source):
            if any(name_of(each).endswith((".command", ".group")) for each in function.decorator_list):
                continue
            given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            count = len([each for each in given if each.arg not in ("self", "cls")])
            if count > MAX_PARAMETERS:
                yield at(source, function, f"{function.name} takes {count} parameters; {MAX_PARAMETERS} is the most")


def docstrings(sources: Sequence[Source]) -> Iterator[str]:
    """Whatever others may use says what it is."""
    for source in ours(sources):
        if source.text.strip() and not ast.get_docstring(source.tree):
            yield f"{source.path}: has no docstring"
        yield from (
            at(source, node, f"{node.name} has no docstring")
            for node in _public(source.tree)
            if not ast.get_docstring(node)
        )


def _public(
    node: ast.Module | ast.ClassDef,
) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for child in node.body:
        if isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from _public(child)
