"""The parts of README.md and of the explanations that the code knows better: `./dev docs` writes them anew, `test_docs` checks that they are current.

A part stands between ``<!-- name -->`` and ``<!-- /name -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import click

README = Path(__file__).resolve().parents[1] / "README.md"
ENDS = {0: "done", 1: "internal fault, or a broken account: please report it"}
SIGNALS = {130: "interrupted (Ctrl-C)", 143: "terminated"}


def table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [list(headers), *(list(row) for row in rows)]
    written = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]
    return "\n".join([written[0], "|" + "---|" * len(lines[0]), *written[1:]])


def commands() -> dict[str, click.Command]:
    """The commands by name, in the order of the help."""
    from reporter.cli import reporter

    return dict(reporter.commands)


def command_rows() -> str:
    """Every command with its argument and the first sentence of its help."""
    rows = []
    for name, command in commands().items():
        arguments = [
            each.make_metavar(click.Context(command)) for each in command.params if isinstance(each, click.Argument)
        ]
        help_text = " ".join((command.help or "").split("\n\n")[0].split())
        rows.append((f"`{' '.join(['reporter', name, *arguments])}`", help_text))
    return table(("command", "does"), rows)


def options() -> dict[tuple[str, str], list[str]]:
    """Every option as it is written and its help, with the commands that take it."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, command in commands().items():
        for option in command.params:
            if isinstance(option, click.Option):
                written = ", ".join([*option.opts, *option.secondary_opts])
                if not option.is_flag:
                    written += f" {option.make_metavar(click.Context(command))}"
                help_text = re.sub(r"\s+\[default: .*\]$", "", option.help or "")
                found.setdefault((written, help_text), []).append(name)
    return found


def column_rows() -> str:
    """Every table and column that is understood."""
    from reporter.intake import schema

    return table(
        ("table", "column", "kind", "needed", "meaning"),
        (
            (
                f"`{each.name}`",
                f"`{column.name}`",
                column.kind,
                "yes" if column.need == "required" else "",
                column.meaning,
            )
            for each in schema.TABLES
            for column in each.columns
        ),
    )


def exit_codes() -> dict[int, str]:
    """Every code that a command can end with: those of the errors come from their own words."""
    from reporter.errors import ReporterError

    def below(kind: type[ReporterError]) -> Iterable[type[ReporterError]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    known = {kind.exit_code: (kind.__doc__ or "").split("\n")[0].rstrip(".") for kind in below(ReporterError)}
    return ENDS | {code: text[0].lower() + text[1:] for code, text in sorted(known.items())} | SIGNALS


def exit_rows() -> str:
    """Every exit code with its meaning."""
    return table(("code", "means"), ((str(code), text) for code, text in exit_codes().items()))


def grid_rows() -> str:
    """The segments of the built-in grid and their cells, best first."""
    from reporter.analysis.rfm import load_grid
    from reporter.analysis.settings import RfmSettings

    grid = load_grid(RfmSettings())
    cells = {
        name: sorted((cell for cell, own in grid.cells.items() if own == name), reverse=True) for name in grid.order
    }
    return table(
        ("segment", "cells (recency, frequency, monetary)", "how many"),
        ((name, " ".join(own), str(len(own))) for name, own in cells.items()),
    )


def preset_rows() -> str:
    """Every preset of the grid."""
    from reporter.analysis.gridfiles import PRESETS
    from reporter.analysis.rfm import load_grid
    from reporter.analysis.settings import RfmSettings

    grids = [load_grid(RfmSettings(grid=name)) for name in PRESETS]
    return table(
        ("preset", "is", "scores"),
        ((f"`{each.name}`", each.title, f"1 to {each.bins}") for each in grids),
    )


Parts = dict[str, Callable[[], str]]
PARTS: Parts = {"commands": command_rows, "columns": column_rows}
"""Of README.md."""
PAGES: dict[Path, Parts] = {
    README: PARTS,
    README.parent / "docs" / "explanation" / "rfm.md": {"grid": grid_rows, "presets": preset_rows},
}


def renewed(text: str, parts: Parts = PARTS) -> str:
    """The text with every part as the code has it now."""
    for name, part in parts.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"the page has no part <!-- {name} -->")
        text = pattern.sub(lambda found, part=part: f"{found[1]}{part()}\n{found[2]}", text)
    return text


if __name__ == "__main__":
    for page, parts in PAGES.items():
        page.write_text(renewed(page.read_text(encoding="utf-8"), parts), encoding="utf-8")
