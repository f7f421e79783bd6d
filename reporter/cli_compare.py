"""The command ``reporter compare``."""

from __future__ import annotations

from pathlib import Path

import click

HELP = """Say what differs between two finished runs: data, settings, versions, facts, and who changed segment and why.

\b
Examples:
  reporter compare output/2024-06-01-1a2b3c4d output/latest
  reporter compare output/2024-06-01-1a2b3c4d output/latest --customers moved.csv --json
"""


@click.command(help=HELP)
@click.argument("first", type=click.Path(), metavar="RUN")
@click.argument("second", type=click.Path(), metavar="RUN")
@click.option("--customers", type=click.Path(), help="New CSV file for each customer who changed segment, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show where in the program a fault was raised.")
def compare(first: str, second: str, customers: str | None, as_json: bool) -> None:
    """Compare two run folders, and print what differs."""
    from reporter import comparison, screen, screen_compare

    compared = comparison.compare(Path(first), Path(second))
    if customers is not None:
        comparison.write_moved(compared, Path(customers))
    if as_json:
        screen.show_json(compared.told())
        return
    for line in screen_compare.lines(compared.told()):
        screen.show(line)
