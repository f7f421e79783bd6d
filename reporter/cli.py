"""The command line: flags become a Config, faults become exit codes. Everything heavy is imported inside the commands.

Exit codes: 0 done · 1 internal fault · 2 usage or configuration · 3 input cannot be used · 4 PDF demanded but impossible ·
5 mail not (fully) delivered · 6 an alarm fired · 7 out of memory or disk · 75 another run holds the output folder · 130/143 interrupted.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from reporter import __version__, cli_mail
from reporter.cli_compare import compare
from reporter.cli_parts import (
    as_of_option,
    config_option,
    debug_option,
    engine_option,
    examples,
    json_option,
    options,
    set_option,
    talk_options,
)
from reporter.errors import Problem, ReporterError, UsageError
from reporter.undo import undo_all

WIPE_LINE = b"\r\x1b[2K\x1b[?25h"
"""For a terminal: away with the line of the progress, and the cursor back."""
SELDOM = 50_000
"""New objects after which Python looks for cycles among them: there are few, and looking as often as usual takes two hundredths of the time."""


class _InOrder(click.Group):
    """Lists its commands in the order in which a newcomer needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


report_options = options(
    click.option("-o", "--output", type=click.Path(), help="Folder that gets the run's folder.  [default: output]"),
    click.option("--pdf/--no-pdf", default=None, help="Demand the PDF, or leave it out.  [default: if it can be made]"),
    set_option,
    engine_option,
    click.option("--force", is_flag=True, help="Make a finished run again."),
    talk_options,
)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="reporter", message="%(prog)s %(version)s")
@examples(
    "reporter demo                        the whole report on the workbook in data/",
    "reporter check shop.xlsx             what is in there, and what is wrong with it",
    "reporter run shop.xlsx               the report: output/latest/report.html",
)
def reporter() -> None:
    """From a shop's data to a report on customer segments that can be trusted."""


@reporter.command()
@click.argument("source")
@config_option
@as_of_option
@click.option(
    "--email/--no-email", default=None, help="Send the report when it is made, or do not.  [default: mail.send]"
)
@report_options
@examples(
    "reporter run shop.xlsx",
    "reporter run orders.csv -c shop.toml --as-of 2024-07-01 -o reports",
    "reporter run orders.csv --set source.columns.customer_id=CustomerID --set cluster.k_max=6",
)
def run(source: str, config: str | None, as_of: str | None, **chosen: Any) -> None:
    """Make the whole report of SOURCE: a workbook, CSV or Parquet file, folder of them, or a database."""
    _report(source, config, _flags(as_of=as_of, **chosen), **chosen)


@reporter.command()
@report_options
@examples(
    "reporter demo && open output/latest/report.html",
)
def demo(**chosen: Any) -> None:
    """Make the whole report of the demonstration workbook."""
    workbook = _demo_workbook()  # with its own settings: the demonstration is the same whatever reporter.toml lies here
    _report(str(workbook), str(workbook.with_suffix(".toml")), _flags(**chosen), **chosen)


def _report(source: str, path: str | None, flags: Mapping[str, tuple[str, Any]], **chosen: Any) -> None:
    from reporter.intake.excel import ahead
    from reporter.meter import keep_little

    keep_little()
    with ahead(source):  # the first thing of all: its child parses while libraries are loaded
        from reporter import screen
        from reporter.config import load_config
        from reporter.document.press import Press

        config, origins = load_config(path, chosen["overrides"], flags)
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # with its threads, this process could not be forked
        with (
            Press(pdf=config.output.wants_pdf, ours=True) as press,
            screen.progress(quiet=chosen["quiet"], verbose=chosen["verbose"]) as progress,
        ):
            from reporter.pipeline import Request, fulfil  # while the workers load their libraries

            request = Request(source, config, force=chosen["force"], origins=origins, progress=progress)
            outputs = fulfil(request, press)
    if not chosen["quiet"]:
        for line in screen.findings_lines(outputs.analysis.ledger, outputs.paths["rejects.csv"]):
            screen.tell(line)
        if outputs.no_pdf:
            screen.tell(f"No PDF: {outputs.no_pdf} Everything else is there.")
        for remark in outputs.remarks:
            screen.tell(remark)
    if chosen["as_json"]:
        screen.show_json(screen.outputs_facts(outputs))
    else:
        screen.show_outputs(outputs, verbose=chosen["verbose"])
    cli_mail.conclude(outputs.mail, outputs.facts["alarms"], quiet=chosen["quiet"])


def _demo_workbook() -> Path:
    """The demonstration workbook of a checkout, made where it is missing."""
    import subprocess

    folder = Path(__file__).parents[1] / "data"
    workbook, maker = folder / "demo.xlsx", folder / "make_demo.py"
    if not workbook.is_file():
        if not maker.is_file():
            fix = "Run it in a checkout of the project, or use `reporter run` on a file of yours."
            raise UsageError(
                Problem("reporter demo", "the demonstration data is not part of the installed package.", fix)
            )
        subprocess.run([sys.executable, str(maker)], check=True, capture_output=True)  # noqa: S603 (our own file)
    return workbook


@reporter.command()
@click.argument("source")
@config_option
@as_of_option
@click.option("-o", "--output", type=click.Path(), help="Folder that gets rejects.csv and facts.json.")
@set_option
@engine_option
@talk_options
@examples(
    "reporter check shop.xlsx",
    "reporter check orders.csv -o checked --json",
)
def check(source: str, config: str | None, as_of: str | None, **chosen: Any) -> None:
    """Say what is in SOURCE: rows read, kept, rejected and flagged, with the reasons. Makes no report."""
    from reporter import screen
    from reporter.config import load_config

    output = chosen.pop("output")
    settings, _ = load_config(config, chosen["overrides"], _flags(as_of=as_of, **chosen))
    with screen.progress(quiet=chosen["quiet"], verbose=chosen["verbose"]) as progress:
        from reporter import pipeline

        ledger = pipeline.check(source, settings, output=output, progress=progress)
    if chosen["as_json"]:
        screen.show_json(pipeline.accounts(ledger))
        return
    for line in screen.tallies_lines(ledger):
        screen.show(line)
    for line in screen.findings_lines(ledger, Path(output) / "rejects.csv" if output else None):
        screen.show(line)


reporter.add_command(compare)
reporter.add_command(cli_mail.email)
reporter.add_command(cli_mail.schedule)


@reporter.command()
@click.argument("path", type=click.Path(), default="reporter.toml")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@debug_option
@examples(
    "reporter init && $EDITOR reporter.toml",
)
def init(path: str, force: bool) -> None:
    """Write a commented reporter.toml with every setting, its default and its meaning."""
    from reporter import screen
    from reporter.reference import template

    try:
        with Path(path).open("w" if force else "x", encoding="utf-8", newline="\n") as stream:
            stream.write(template())
    except FileExistsError as error:
        raise UsageError(Problem(path, "is there already.", "Use --force to replace it.")) from error
    except OSError as error:
        raise UsageError(
            Problem(path, f"cannot be written ({(error.strerror or 'unknown reason').lower()}).", "Name another file.")
        ) from error
    screen.show(path)


@reporter.command()
@json_option
@debug_option
@examples(
    "reporter schema",
    "reporter schema --json > reporter.schema.json      JSON Schema of reporter.toml",
)
def schema(as_json: bool) -> None:
    """List the accepted sheets and columns, and every setting."""
    from reporter import reference, screen
    from reporter.intake import schema as source

    if as_json:
        screen.show_json({**reference.settings_schema(), "x-source": source.json_schema()})
        return
    screen.show(f"Sheets and columns\n\n{reference.sheets_text(source.rows())}\n")
    screen.show(f"Settings (reporter.toml, or --set)\n\n{reference.settings_text()}")


@reporter.command()
@click.option("-o", "--output", type=click.Path(), default="output", show_default=True, help="Folder to look at.")
@json_option
@debug_option
@examples(
    "reporter doctor",
)
def doctor(output: str, as_json: bool) -> None:
    """Say what this machine lacks, and the command that mends it. Exits with 0 when a report can be made."""
    from dataclasses import asdict

    from reporter import screen
    from reporter.doctor import examine

    checks = examine(Path(output))
    able = all(each.fine for each in checks if each.needed)
    if as_json:
        screen.show_json({"able": able, "checks": [asdict(each) for each in checks]})
    else:
        for line in screen.checks_lines(checks):
            screen.show(line)
    if not able:
        click.get_current_context().exit(1)


def _flags(**chosen: Any) -> dict[str, tuple[str, Any]]:
    """Settings that have a flag of their own, where it was used: name -> (flag, value)."""
    pdf, email = chosen.get("pdf"), chosen.get("email")
    flags = {
        "source.as_of": ("--as-of", chosen.get("as_of")),
        "output.dir": ("--output", chosen.get("output")),
        "output.pdf": ("--pdf" if pdf else "--no-pdf", pdf),
        "mail.send": ("--email" if email else "--no-email", email),
        "engine": ("--engine", chosen.get("engine")),
    }
    return {name: (flag, value) for name, (flag, value) in flags.items() if value is not None}


# -- faults and signals


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """End the run at a signal, whatever it is doing: undo what is half-made, and be gone."""
    _on_signals(signal.SIG_IGN)
    undo_all()
    with suppress(OSError):
        os.write(2, (WIPE_LINE if os.isatty(2) else b"") + b"Stopped.\n")
    os._exit(128 + number)


def _on_signals(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def outcome(arguments: Sequence[str]) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str
        As after the program's name.

    Returns
    -------
    int
        The exit code.
    """
    try:
        return reporter.main(args=list(arguments), prog_name="reporter", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BaseException as error:
        return _explained(error, debug="--debug" in arguments)


def _explained(error: BaseException, *, debug: bool) -> int:
    """Say what went wrong; a traceback only where it was asked for."""
    from reporter.screen import NobodyReads, tell, tell_problems
    from reporter.stages import shortage_of

    if isinstance(error, NobodyReads):
        return 0

    if debug:
        import traceback

        traceback.print_exception(error)
    known = error if isinstance(error, ReporterError) else shortage_of(error, "reporter")
    if known is not None:
        tell_problems(known.problems)
        return known.exit_code
    advice = "" if debug else " Run again with --debug to see where, and please report it."
    tell(f"Error: a fault inside reporter, not in your data ({type(error).__name__}: {error}).{advice}")
    return 1


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if "--debug" not in sys.argv:
        sys.unraisablehook = lambda _: None  # files that cannot even be closed on a full disk talk on their own
    gc.set_threshold(SELDOM, 20, 20)
    _on_signals(_leave)
    code = outcome(sys.argv[1:])
    _on_signals(signal.SIG_IGN)  # the run is over, and a signal that comes late changes nothing
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    # Not sys.exit: while the interpreter takes itself apart, a late signal would kill it, and the run would seem to have failed.
    os._exit(code)
