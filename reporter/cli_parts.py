"""What the commands share: how options are gathered, examples told, and the options that several of them have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., None])


def options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order in which help lists them."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def examples(*lines: str) -> Callable[[Command], Command]:
    """Examples under the first words of a help page."""

    def decorate(command: Command) -> Command:
        command.__doc__ = "\n".join([f"{command.__doc__}\n\n\b\nExamples:", *(f"  {line}" for line in lines)])
        return command

    return decorate


config_option = click.option(
    "-c", "--config", type=click.Path(), help="Settings file.  [default: reporter.toml if present]"
)
set_option = click.option(
    "--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Any setting; may be repeated."
)
as_of_option = click.option("--as-of", metavar="YYYY-MM-DD", help="Events on or after this day have not happened yet.")
engine_option = click.option(
    "--engine", metavar="ENGINE", help="Where the rows are worked on: auto, duckdb, spark or sc://host:port."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else.")
debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, help="Show where in the program a fault was raised."
)
talk_options = options(
    json_option,
    click.option("-q", "--quiet", is_flag=True, help="No progress and no findings; errors still show."),
    click.option("-v", "--verbose", is_flag=True, help="Every stage with its time, every title of the report."),
    debug_option,
)
