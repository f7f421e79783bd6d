"""docs/reference.md: what the code alone knows for certain. `./dev docs` writes it anew, `test_docs` checks that it is current.

The commands, options, columns of the source, settings and exit codes stand in README.md (`tests.readme`); here are the reasons of rows, the columns of
the tables that a run writes, the functions for Python, and every message of an error, read from the code that raises it.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from tests.readme import table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference.md"
GAP = "…"
"""Stands for what a message is told while it is raised."""
HEAD = """# Reference

Made by `./dev docs` from the code. Commands, options, the columns of your data, settings and exit codes are in the [README](../README.md).
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## Why a row is rejected or flagged\n", REASONS_SAY, reason_rows()]
    parts += ["\n## Columns of customers.csv\n", COLUMNS_SAY, customer_rows()]
    parts += [
        "\n## Functions for Python\n",
        "Each has its parameters, errors and an example in `help(reporter.run)` and so on.\n",
        function_rows(),
    ]
    parts += ["\n## Messages\n", MESSAGES_SAY, message_rows()]
    return "\n".join(parts) + "\n"


REASONS_SAY = """A rejected row is in no figure; a flagged one counts. Each has exactly one line in `rejects.csv`, with file, sheet, row, column and this reason.
`{value}` is the revenue, or the burned coupons where there is no amount.
"""
COLUMNS_SAY = """One row for each customer with a transaction, sorted by `customer_id`. Features that the source cannot have, and what cannot be expected, are left out.
"""
MESSAGES_SAY = f"""Every error says what is wrong, where, and how to mend it. `{GAP}` stands for names and numbers of yours. The exit code says which kind it is.
"""


# --- reasons and columns ----------------------------------------------------------------------------------------------


def reason_rows() -> str:
    """Every reason with what it touches and how it is mended."""
    from reporter.intake.advice import ADVICE
    from reporter.intake.reasons import REASONS

    rows = (
        (f"`{name}`", reason.kind, reason.sentence, ADVICE[name].touches, ADVICE[name].mend)
        for name, reason in REASONS.items()
    )
    return table(("reason", "kind", "means", "touches", "how to mend it"), rows)


def customer_columns() -> dict[str, str]:
    """Every column of customers.csv and what it holds."""
    from reporter.analysis.features import definitions

    found = {
        "customer_id": "as in the source, or its pseudonym",
        "recency_days": "days from the last transaction to the as-of date",
        "frequency": "transactions that are no refunds",
        "monetary": "money under the refund policy; burned coupons where there is no amount",
        "r_score": "score of recency, 1 to the grid's number of steps",
        "f_score": "score of frequency",
        "m_score": "score of monetary",
        "segment": "name in the grid",
        "cluster": "number of the cluster, 1 for the most valuable; 0 where there are too few customers",
        "outlier": "whether DBSCAN calls it one",
    }
    for mode in ("money", "coupon"):
        found |= {each.name: f"{each.label}, {each.unit}" for each in definitions(mode) if each.name not in found}
    return found | EXPECTED


EXPECTED = {
    "p_alive": "probability of still being a customer",
    "expected_transactions": "purchases to be expected over the horizon",
    "expected_value": "money to be expected over the horizon",
}


def customer_rows() -> str:
    """Columns of customers.csv as a table."""
    return table(("column", "holds"), ((f"`{name}`", meaning) for name, meaning in customer_columns().items()))


def function_rows() -> str:
    """The public names that can be called, with the first sentence of their help."""
    import reporter

    rows = []
    for name in reporter.__all__:
        what = getattr(reporter, name)
        if callable(what) and not inspect.isclass(what):
            parameters = ", ".join(inspect.signature(what).parameters)
            rows.append(
                (f"`reporter.{name}({parameters})`", (inspect.getdoc(what) or "").split("\n\n")[0].replace("\n", " "))
            )
    return table(("function", "does"), rows)


# --- messages ---------------------------------------------------------------------------------------------------------


def message_rows() -> str:
    """Every message, by the room that it comes from."""
    return table(("comes from", "what is wrong", "how to mend it"), messages())


def messages() -> list[tuple[str, str, str]]:
    """Room, what and fix of every `Problem` in the code, without those whose words are all made elsewhere."""
    found: dict[tuple[str, str, str], None] = {}
    for path in sorted((ROOT / "reporter").rglob("*.py")):
        room = path.relative_to(ROOT / "reporter").as_posix().removesuffix(".py")
        for what, fix in problems_of(ast.parse(path.read_text(encoding="utf-8"))):
            found[(f"`{room}`", _plain(what), _plain(fix))] = None
    return list(found)


def problems_of(module: ast.Module) -> Iterator[tuple[str, str]]:
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


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
