"""Who may import whom, and what."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence

from tests.house.sources import Source, at, name_of, ours

ORDER: Mapping[str, int] = {
    "aside": 0, "digits": 0, "errors": 0, "meter": 0, "shown": 0, "stages": 0, "undo": 0,
    "engine": 1, "intake": 2, "analysis": 3, "document": 4, "delivery": 5,
    "settings": 6, "config": 6, "config_checks": 6, "provenance": 6, "recall": 6, "comparison": 6, "printing": 6,
    "writing": 6, "editions": 6, "river": 6,
    "pipeline": 7,
}  # fmt: skip
"""Rooms and what stands between them, in the order of the river. A module that is not named is at its mouth, like ``cli``."""
MOUTH = 8

ROOMS: Mapping[str, tuple[str, ...]] = {
    "duckdb": ("engine/",),
    "pyspark": ("engine/",),
    "openpyxl": ("intake/",),
    "python_calamine": ("intake/",),
    "adbc_driver_postgresql": ("intake/postgres",),
    "charset_normalizer": ("intake/",),
    "defusedxml": ("intake/", "document/"),
    "scipy": ("analysis/",),
    "jinja2": ("document/",),
    "markupsafe": ("document/",),
    "matplotlib": ("document/charts/letters", "document/charts/marks", "document/picture"),
    "fontTools": ("document/",),
    "weasyprint": ("document/",),
    "babel": ("document/", "config"),
    "xlsxwriter": ("document/",),
    "rustpy_xlsxwriter": ("document/",),
    "smtplib": ("delivery/",),
    "pydantic": ("config", "settings", "reference"),
    "click": ("cli", "screen", "doctor"),
    "rich": ("cli", "screen", "doctor"),
    "ipywidgets": ("explorer",),
    "sklearn": (),
    "seaborn": (),
    "pylab": (),
}
"""Library -> where it may be imported (beginnings of paths in ``reporter/``). None: nowhere."""
WITH: Mapping[str, str] = {"markupsafe": "jinja2", "pydantic_core": "pydantic"}
"""Libraries that come with another and are meant to be used with it."""


def flow(sources: Sequence[Source]) -> Iterator[str]:
    """Imports run one way: engine <- intake <- analysis <- document <- delivery <- pipeline <- cli."""
    modules = {source.module for source in ours(sources)}
    for source in ours(sources):
        for node, target in _imports(source, modules):
            if target.startswith("reporter.") and _place(target) > _place(source.module):
                yield at(source, node, f"{_room(source.module)} may not import {target}")


def rings(sources: Sequence[Source]) -> Iterator[str]:
    """No two modules import each other, by whatever way round; a package may offer its own modules lazily."""
    house = {source.module: source for source in ours(sources)}
    edges = {module: sorted(_needs(source, set(house))) for module, source in house.items()}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> Iterator[str]:
        if module in path:
            yield f"{' -> '.join((*path[path.index(module) :], module))}: a ring of imports"
        elif module not in done:
            for target in edges[module]:
                yield from walk(target, (*path, module))
            done.add(module)

    for module in edges:
        yield from walk(module, ())


def libraries(sources: Sequence[Source]) -> Iterator[str]:
    """Each library has its room, and matplotlib's figures (slow) and pyplot (global state) have none."""
    for source in ours(sources):
        for node, target in _imports(source, set()):
            rooms = ROOMS.get(target.split(".")[0])
            if rooms is not None and not source.inside.startswith(rooms):
                yield at(source, node, f"imports {target.split('.')[0]}; allowed in {', '.join(rooms) or 'no place'}")
            if target.startswith(("matplotlib.pyplot", "matplotlib.figure")):
                yield at(source, node, f"imports {target}; draw on document.charts.figure.Figure")


DOORS = ("__init__.py", "shown.py", "document/worker.py")
"""Where a module may be looked up by its name: public names of the package, what a value looks like, and what a worker loads ahead."""


def doors(sources: Sequence[Source]) -> Iterator[str]:
    """An import by name is one that the rules above do not see, so it has few places."""
    for source in ours(sources):
        for node in ast.walk(source.tree):
            called = name_of(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""
            if called in ("import_module", "__import__") and source.inside not in DOORS:
                yield at(source, node, f"looks up a module by name; only {', '.join(DOORS)} may")


IMPORTED_AS: Mapping[str, str] = {"fonttools": "fontTools"}
"""Packages whose module is written otherwise than they are."""


def undeclared(sources: Sequence[Source], requirements: Sequence[str]) -> Iterator[str]:
    """Whatever is imported is either Python's own, ours, or declared in pyproject.toml."""
    known = {*sys.stdlib_module_names, "reporter", *_modules(requirements), *WITH.keys()}
    for source in ours(sources):
        for node, target in _imports(source, set()):
            if target.split(".")[0] not in known:
                yield at(source, node, f"imports {target.split('.')[0]}, which pyproject.toml does not name")


def unused(sources: Sequence[Source], requirements: Sequence[str]) -> Iterator[str]:
    """Whatever pyproject.toml asks for is imported somewhere."""
    used = {target.split(".")[0] for source in ours(sources) for _, target in _imports(source, set())}
    yield from (f"pyproject.toml: {name} is never imported" for name in _modules(requirements) if name not in used)


def _modules(requirements: Sequence[str]) -> list[str]:
    names = (re.split(r"[><=~ ;\[]", requirement)[0].lower().replace("-", "_") for requirement in requirements)
    return [IMPORTED_AS.get(name, name) for name in names]


def _needs(source: Source, modules: set[str]) -> set[str]:
    """What a module imports of ours, but for the doors that a package opens lazily to its own rooms."""
    package = source.path.endswith("/__init__.py")
    eager = {id(node) for node in source.tree.body}
    return {
        target
        for node, target in _imports(source, modules)
        if target in modules
        and target != source.module
        and not (package and id(node) not in eager and target.startswith(source.module + "."))
    }


def _imports(source: Source, modules: set[str]) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(source, node)
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield node, whole if whole in modules or not base.startswith("reporter") else base


def _absolute(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = source.module.split(".") + (["__init__"] if source.path.endswith("/__init__.py") else [])
    return ".".join([*parts[: -node.level], *([node.module] if node.module else [])])


def _room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "reporter"


def _place(module: str) -> int:
    """Where a module stands in the river. The package itself is only a name tag (it offers its names lazily)."""
    return ORDER.get(_room(module), MOUTH)
