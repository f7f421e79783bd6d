"""What the rules of the house look at: the text files of the project."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """A text file of the project; `path` is relative to the checkout, with slashes."""

    path: str
    text: str

    @property
    def inside(self) -> str:
        """The path in ``reporter/``."""
        return self.path.removeprefix("reporter/")

    @property
    def module(self) -> str:
        """The dotted name."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def tree(self) -> ast.Module:
        """The parsed module."""
        return _parse(self.text)


Rule = Callable[[Sequence[Source]], Iterator[str]]


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def read_sources(root: Path) -> list[Source]:
    """Everything that the rules are about: our Python, SQL, templates and style sheets."""
    kinds = {"reporter": ("*.py", "*.sql"), "templates": ("*.html", "*.css"), "tests": ("*.py",), "data": ("*.py",)}
    found = (
        path for folder, patterns in kinds.items() for pattern in patterns for path in (root / folder).rglob(pattern)
    )
    return [Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in sorted(found)]


def ours(sources: Sequence[Source]) -> Iterator[Source]:
    """The Python of the package."""
    return (source for source in sources if source.path.startswith("reporter/") and source.path.endswith(".py"))


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions and methods of a module."""
    return (node for node in ast.walk(source.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def texts(source: Source) -> Iterator[ast.Constant]:
    """All text constants that are no docstrings (nor texts that stand alone, as attributes' docs do)."""
    alone = {id(node.value) for node in ast.walk(source.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node


def name_of(node: ast.expr) -> str:
    """The dotted name of what is called or decorated; empty for anything else."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def at(source: Source, node: ast.AST, what: str) -> str:
    """A violation with its place."""
    return f"{source.path}:{getattr(node, 'lineno', 1)}: {what}"
