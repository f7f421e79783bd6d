"""Every message of an error, read from the code that raises it: what is wrong, and how to mend it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GAP = "…"
"""Stands for what a message is told while it is raised."""


def messages() -> list[tuple[str, str, str]]:
    """Room, what and fix of every `Problem` in the code, without those whose words are all made elsewhere."""
    found: dict[tuple[str, str, str], None] = {}
    for path in sorted((ROOT / "reporter").rglob("*.py")):
        room = path.relative_to(ROOT / "reporter").as_posix().removesuffix(".py")
        for what, fix in problems_of(ast.parse(path.read_text(encoding="utf-8"))):
            found[(f"`{room}`", _plain(what), _plain(fix))] = None
    return list(found)


def problems_of(module: ast.Module) -> Iterator[tuple[str, str]]:
    """What and fix of every call of `Problem` in a module."""
    for function in [module, *(node for node in ast.walk(module) if isinstance(node, ast.FunctionDef))]:
        told = _assigned(function)
        for node in _own(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                given = dict(zip(("where", "what", "fix"), node.args, strict=False))
                given |= {each.arg: each.value for each in node.keywords if each.arg}
                whats = _texts(given["what"], told) if "what" in given else []
                fixes = _texts(given["fix"], told) if "fix" in given else [""]
                yield from ((what, fix) for what in whats for fix in fixes if what.replace(GAP, "").strip())


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function itself, not in functions inside."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from _own(child)


def _assigned(function: ast.AST) -> dict[str, list[ast.expr]]:
    """Every expression that a name is given in a function."""
    found: dict[str, list[ast.expr]] = {}
    for node in _own(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            pairs = (
                zip(target.elts, value.elts, strict=False)
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                else [(target, value)]
            )
            for name, given in pairs:
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, []).append(given)
    return found


def _texts(node: ast.expr, told: dict[str, list[ast.expr]], deep: int = 0) -> list[str]:
    """The texts that an expression can be, with a gap for what is only known when it runs."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in values)]
        case ast.IfExp(body=body, orelse=other):
            return [*_texts(body, told, deep), *_texts(other, told, deep)]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return [a + b for a in _texts(left, told, deep) for b in _texts(right, told, deep)]
        case ast.Name(id=name) if name in told and deep < 3:
            return [text for each in told[name] for text in _texts(each, told, deep + 1)]
    return [GAP]


def _plain(text: str) -> str:
    """One line, with each gap once."""
    return re.sub(rf"{GAP}(\s*{GAP})+", GAP, " ".join(text.split())).replace("<", "&lt;")
