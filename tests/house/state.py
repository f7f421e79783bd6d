"""Nothing changes behind anybody's back: no state in modules, no global settings, no clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tests.house.sources import Source, at, name_of, ours

CLOCK = (".now", ".today", ".utcnow", "time.time", ".localtime", ".gmtime")
GLOBAL_SETTERS = (
    "basicConfig",
    "filterwarnings",
    "simplefilter",
    "set_option",
    "setlocale",
    "random.seed",
    "matplotlib.use",
)
MUTATORS = (
    "append",
    "extend",
    "insert",
    "add",
    "update",
    "setdefault",
    "pop",
    "popitem",
    "remove",
    "discard",
    "clear",
    "sort",
)


def dataclasses_are_values(sources: Sequence[Source]) -> Iterator[str]:
    """Every dataclass is frozen and slotted."""
    for source in ours(sources):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                for decorator in node.decorator_list:
                    if name_of(decorator).split(".")[-1] == "dataclass" and not _frozen_slots(decorator):
                        yield at(source, node, f"dataclass {node.name} needs frozen=True, slots=True")


def _frozen_slots(decorator: ast.expr) -> bool:
    given = {word.arg: word.value for word in decorator.keywords} if isinstance(decorator, ast.Call) else {}
    return all(isinstance(value := given.get(key), ast.Constant) and value.value is True for key in ("frozen", "slots"))


def no_module_state(sources: Sequence[Source]) -> Iterator[str]:
    """Nothing at module level ever changes: no `global`, no lower-case list, dict or set, no constant that is written to."""
    for source in ours(sources):
        held = set(_containers(source.tree))
        yield from (
            at(source, node, f"module-level mutable {name}; make it a CONSTANT") for name, node in _variables(source)
        )
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Global):
                yield at(source, node, f"global {', '.join(node.names)}")
            elif (name := _written(node)) in held:
                yield at(source, node, f"writes to the module's {name}")


def _variables(source: Source) -> Iterator[tuple[str, ast.AST]]:
    yield from (
        (name, node)
        for name, node in _containers(source.tree).items()
        if not name.isupper() and not name.startswith("__")
    )


def _containers(tree: ast.Module) -> dict[str, ast.AST]:
    found: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and _is_container(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update({target.id: node for target in targets if isinstance(target, ast.Name)})
    return found


def _is_container(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return name_of(value.func).split(".")[-1] in (
            "list",
            "dict",
            "set",
            "defaultdict",
            "Counter",
            "deque",
            "OrderedDict",
        )
    return isinstance(value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp))


def _written(node: ast.AST) -> str:
    """The name whose content a statement changes, if it is plain to see."""
    targets: list[ast.expr] = []
    if isinstance(node, (ast.Assign, ast.Delete)):
        targets = [target.value for target in node.targets if isinstance(target, ast.Subscript)]
    elif isinstance(node, ast.AugAssign):
        targets = [node.target.value if isinstance(node.target, ast.Subscript) else node.target]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
        targets = [node.func.value]
    return next((target.id for target in targets if isinstance(target, ast.Name)), "")


def no_global_settings(sources: Sequence[Source]) -> Iterator[str]:
    """Importing a module changes nothing outside it; rcParams are never set for good."""
    for source in ours(sources):
        for node in _at_import(source.tree):
            if isinstance(node, ast.Call) and name_of(node.func).endswith(GLOBAL_SETTERS):
                yield at(source, node, f"calls {name_of(node.func)} when imported")
        for node in ast.walk(source.tree):
            target = node.targets[0] if isinstance(node, ast.Assign) else node
            if (
                isinstance(target, ast.Subscript)
                and isinstance(target.ctx, ast.Store)
                and name_of(target.value).endswith("rcParams")
            ):
                yield at(source, node, "writes to rcParams; use rc_context")
            if isinstance(node, ast.Call) and name_of(node.func).endswith("rcParams.update"):
                yield at(source, node, "writes to rcParams; use rc_context")


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield node
            yield from _at_import(node)


def no_clock(sources: Sequence[Source]) -> Iterator[str]:
    """The same input gives the same bytes: no room between source and files asks what time it is."""
    for source in ours(sources):
        if source.inside.startswith(("engine/", "intake/", "analysis/", "document/")):
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Call) and name_of(node.func).endswith(CLOCK):
                    yield at(source, node, f"reads the clock ({name_of(node.func)})")
