"""The house stands as drawn: every rule holds, and every rule is proven to see what it forbids."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import imports, size, state, words
from tests.house.sources import Rule, Source, read_sources

ROOT = Path(__file__).resolve().parents[1]

Planted = dict[str, str]
PROOFS: list[tuple[Rule, Planted, Planted]] = [
    # rule, a tree that breaks it, the same tree mended
    (
        imports.flow,
        {"reporter/engine/duck.py": "from reporter.intake import clean\n", "reporter/intake/clean.py": ""},
        {"reporter/intake/clean.py": "from reporter.engine import duck\n", "reporter/engine/duck.py": ""},
    ),
    (
        imports.flow,
        {"reporter/analysis/rfm.py": "def score():\n    from ..document.words import say\n", "reporter/document/words.py": ""},
        {"reporter/document/words.py": "from ..analysis.rfm import score\n", "reporter/analysis/rfm.py": ""},
    ),
    (
        imports.flow,
        {"reporter/pipeline.py": "import reporter.cli\n", "reporter/cli.py": ""},
        {"reporter/cli.py": "import reporter.pipeline\n", "reporter/pipeline.py": ""},
    ),
    (
        imports.rings,
        {
            "reporter/analysis/a.py": "from reporter.analysis import b\n",
            "reporter/analysis/b.py": "from reporter.analysis.c import x\n",
            "reporter/analysis/c.py": "def x():\n    import reporter.analysis.a\n",
        },
        {
            "reporter/analysis/__init__.py": "def a():\n    from reporter.analysis.b import x\n",
            "reporter/analysis/b.py": "from reporter.analysis import a\n",
        },
    ),
    (imports.libraries, {"reporter/analysis/cluster.py": "from sklearn.cluster import KMeans\n"}, {"reporter/analysis/cluster.py": "from scipy.cluster import hierarchy\n"}),
    (imports.libraries, {"reporter/document/picture.py": "from matplotlib import pyplot as plt\n"}, {"reporter/document/picture.py": "from matplotlib.image import imsave\n"}),
    (imports.libraries, {"reporter/document/charts/marks.py": "from matplotlib.figure import Figure\n"}, {"reporter/document/charts/marks.py": "from matplotlib.ticker import MaxNLocator\n"}),
    (imports.libraries, {"reporter/analysis/rfm.py": "def f():\n    import duckdb\n"}, {"reporter/engine/duck.py": "def f():\n    import duckdb\n"}),
    (imports.libraries, {"reporter/pipeline.py": "import click\n"}, {"reporter/cli.py": "import click\n"}),
    (imports.libraries, {"reporter/intake/read.py": "from pydantic import TypeAdapter\n"}, {"reporter/config.py": "from pydantic import TypeAdapter\n"}),
    (imports.doors, {"reporter/analysis/rfm.py": "def f():\n    import_module('reporter.document.words')\n"}, {"reporter/shown.py": "def f():\n    import_module('reporter.document.words')\n"}),
    (imports.doors, {"reporter/a.py": "importlib.import_module(name)\n"}, {"reporter/document/worker.py": "importlib.import_module(name)\n"}),
    (
        state.dataclasses_are_values,
        {"reporter/a.py": "@dataclass(frozen=True)\nclass A:\n    x: int\n"},
        {"reporter/a.py": "@dataclass(frozen=True, slots=True, eq=False)\nclass A:\n    x: int\n"},
    ),
    (state.dataclasses_are_values, {"reporter/a.py": "@dataclasses.dataclass\nclass A: ...\n"}, {"reporter/a.py": "class A: ...\n"}),
    (state.no_module_state, {"reporter/a.py": "cache = {}\n"}, {"reporter/a.py": "CELLS = {'555': 'best'}\n"}),
    (state.no_module_state, {"reporter/a.py": "SEEN = set()\ndef f(x):\n    SEEN.add(x)\n"}, {"reporter/a.py": "def f(x):\n    seen = set()\n    seen.add(x)\n"}),
    (state.no_module_state, {"reporter/a.py": "SEEN = {}\ndef f(x):\n    SEEN[x] = 1\n"}, {"reporter/a.py": "SEEN = {}\ndef f(x):\n    return SEEN[x]\n"}),
    (state.no_module_state, {"reporter/a.py": "n = 0\ndef f():\n    global n\n    n += 1\n"}, {"reporter/a.py": "n = 0\ndef f():\n    return n\n"}),
    (state.no_global_settings, {"reporter/a.py": "import logging\nlogging.basicConfig()\n"}, {"reporter/a.py": "def main():\n    logging.basicConfig()\n"}),
    (state.no_global_settings, {"reporter/a.py": "if True:\n    warnings.filterwarnings('ignore')\n"}, {"reporter/a.py": "def f():\n    with warnings.catch_warnings():\n        pass\n"}),
    (state.no_global_settings, {"reporter/a.py": "def f():\n    matplotlib.rcParams['svg.hashsalt'] = 'x'\n"}, {"reporter/a.py": "def f():\n    with matplotlib.rc_context({'svg.hashsalt': 'x'}):\n        pass\n"}),
    (state.no_clock, {"reporter/document/compose.py": "def f():\n    return datetime.now()\n"}, {"reporter/cli.py": "def f():\n    return datetime.now()\n"}),
    (state.no_clock, {"reporter/analysis/a.py": "def f():\n    return time.time()\n"}, {"reporter/analysis/a.py": "def f(now):\n    return now\n"}),
    (size.files, {"tests/a.py": "x = 1\n" * 401}, {"tests/a.py": "x = 1\n" * 400}),
    (size.bodies, {"reporter/a.py": "def f():\n" + "    x = 1\n" * 41}, {"reporter/a.py": 'def f():\n    """Why.\n\n    More.\n    """\n' + "    x = 1\n" * 40}),
    (size.parameters, {"reporter/a.py": "def f(a, b, c, d, *, e, f, g): ...\n"}, {"reporter/cli.py": "@main.command('run')\ndef f(a, b, c, d, e, f, g): ...\n"}),
    (size.docstrings, {"reporter/a.py": '"""A."""\nclass A:\n    """B."""\n    def f(self): ...\n'}, {"reporter/a.py": '"""A."""\nclass A:\n    """B."""\n    def _f(self): ...\n'}),
    (size.docstrings, {"reporter/a.py": "x = 1\n"}, {"reporter/a.py": '"""A."""\n'}),
    (words.sentences, {"reporter/document/charts.py": "say('{n} customers left', n=n)\n"}, {"reporter/document/narrate/rfm.py": "say('{n} customers left', n=n)\n"}),
    (words.sentences, {"reporter/document/compose.py": "words.say(f'{n} left')\n"}, {"reporter/document/compose.py": "words.say(template, n=n)\n"}),
    (words.sentences, {"reporter/document/compose.py": "Said('Many customers come back.')\n"}, {"reporter/document/compose.py": "Said('Many customers by city and month')\n"}),
    (words.queries, {"reporter/analysis/explore.py": "Q = 'select city, count(*) from transactions group  by city'\n"}, {"reporter/analysis/aggregate.py": "Q = 'select city, count(*) from transactions group by city'\n"}),
    (words.queries, {"reporter/document/sql/a.sql": "select 1"}, {"reporter/analysis/sql/a.sql": "select 1"}),
    (words.queries, {"reporter/document/compose.py": "frame.groupby('city')\n"}, {"reporter/analysis/explore.py": "frame.groupby('city')\n"}),
    (words.queries, {"reporter/document/charts.py": "for city in frame.groupby('city').sum(): ...\n"}, {"reporter/document/charts.py": "for city, part in frame.groupby('city'): ...\n"}),
    (words.colours, {"templates/css/print.css": "a { color: #b3261e; }\n"}, {"templates/css/tokens.css": ":root { --bad: #b3261e; }\n"}),
    (words.colours, {"templates/css/print.css": "a { color: rgba(0, 0, 0, .5); }\n"}, {"templates/css/print.css": "a { color: var(--bad); }\n"}),
    (words.colours, {"reporter/document/charts.py": "INK = '#16202a'\n"}, {"reporter/document/charts.py": "INK = 'see #160 and &#8212;'\n"}),
    (
        words.colours,
        {"templates/css/print.css": "@page { @top-left { color: #123456; } }\n", "templates/css/tokens.css": "--muted: #5b6773;"},
        {"templates/css/print.css": "@page {\n @top-left {\n color: #5b6773;\n}\n}\n", "templates/css/tokens.css": "--muted: #5b6773;"},
    ),
    (
        words.colours,
        {"templates/css/print.css": "@page {\n}\na { color: #5b6773 }\n", "templates/css/tokens.css": "--muted: #5b6773;"},
        {"templates/css/print.css": "@page { color: #5b6773 }\n", "templates/css/tokens.css": "--muted: #5b6773;"},
    ),
    (words.input_names, {"reporter/document/narrate.py": "x = 'by transaction_status'\n"}, {"reporter/intake/schema.py": "x = 'by transaction_status'\n"}),
]  # fmt: skip
RULES = list(dict.fromkeys(rule for rule, _, _ in PROOFS))


def plant(tree: Planted) -> list[Source]:
    return [Source(path, text) for path, text in tree.items()]


@pytest.fixture(scope="module")
def checkout() -> list[Source]:
    return read_sources(ROOT)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule, checkout: list[Source]) -> None:
    violations = list(rule(checkout))
    assert not violations, f"{rule.__doc__}\n  " + "\n  ".join(violations)


@pytest.mark.parametrize(
    ("rule", "broken", "mended"), PROOFS, ids=[f"{r.__name__}-{n}" for n, (r, _, _) in enumerate(PROOFS)]
)
def test_the_rule_sees_a_planted_violation(rule: Rule, broken: Planted, mended: Planted) -> None:
    assert list(rule(plant(broken))), "the guard is blind"
    assert not list(rule(plant(mended))), "the guard cries wolf"


def requirements(*extras: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(each for extra in extras for each in project["optional-dependencies"][extra])]


def test_imports_and_requirements_agree(checkout: list[Source]) -> None:
    violations = [
        *imports.undeclared(checkout, requirements("pdf", "notebook", "spark", "postgres")),
        *imports.unused(checkout, requirements("pdf")),
    ]
    assert not violations, "\n  ".join(violations)


def test_a_forgotten_and_a_useless_requirement_are_seen() -> None:
    sources = plant({"reporter/a.py": "import json, six.moves, numpy, markupsafe\n"})
    assert list(imports.undeclared(sources, ["numpy>=2"])) == [
        "reporter/a.py:1: imports six, which pyproject.toml does not name"
    ]
    assert list(imports.unused(sources, ["numpy>=2", "charset-normalizer>=3"])) == [
        "pyproject.toml: charset_normalizer is never imported"
    ]


def test_every_rule_is_run() -> None:
    """A rule that nobody lists would guard nothing."""
    written = {
        member
        for module in (imports, size, state, words)
        for name, member in vars(module).items()
        if callable(member) and getattr(member, "__module__", "") == module.__name__ and not name.startswith("_")
    }
    assert written - {imports.undeclared, imports.unused} == set(RULES)


def test_the_sources_are_found(checkout: list[Source]) -> None:
    """An empty list of sources would keep every rule."""

    def kinds() -> Iterator[str]:
        return (source.path.split("/")[0] + source.path[source.path.rindex(".") :] for source in checkout)

    assert {"reporter.py", "templates.css", "tests.py", "data.py"} <= set(kinds())
