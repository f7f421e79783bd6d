"""What a person sees: results on standard output, progress and talk on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from reporter.errors import Problem, rows_told
from reporter.stages import Plan, Progress, Stage, silent

if TYPE_CHECKING:
    import pandas as pd

    from reporter.delivery.mail import Delivery
    from reporter.doctor import Check
    from reporter.intake.ledger import Ledger, Tally
    from reporter.pipeline import Outputs

SHOWN_ROWS = 3
"""Rows that are named for each reason; all of them are in rejects.csv."""
LONG_RUN_S = 10.0
"""Seconds of work after which a log gets its lines without being asked."""


def printable(text: str) -> str:
    """Text without control characters: names from a file must not steer a terminal."""
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text)


def tell(text: str) -> None:
    """Say something on standard error."""
    print(printable(text), file=sys.stderr)


def tell_problems(problems: Sequence[Problem]) -> None:
    """Say what is wrong, each problem on its own line."""
    for problem in problems:
        tell(f"Error: {problem}")


class NobodyReads(Exception):  # noqa: N818 (no error: the results are there, only their reader has left)
    """The reader of standard output has left, as ``| head`` does."""


def show(text: str) -> None:
    """Print a result on standard output."""
    try:
        print(printable(text))
    except BrokenPipeError as error:
        raise NobodyReads from error


def show_json(content: Mapping[str, Any]) -> None:
    """Print a result for another program; ASCII, so that no terminal or pipe can spoil it."""
    show(json.dumps(content, indent=2, allow_nan=False))


# -- progress


def plan_line(plan: Plan, rows: int | None = None) -> str:
    """The plan of a run in plain words: "DuckDB 2.0.0 on 2 threads, at most 2.4 GiB of memory, then spilling to disk; 5,000 rows"."""
    threads = "" if plan.threads is None else f" on {plan.threads:,} {'thread' if plan.threads == 1 else 'threads'}"
    memory = "" if plan.memory_bytes is None else f", at most {_memory(plan.memory_bytes)} of memory"
    spills = f", then spilling to {plan.spills_to}" if plan.spills_to else ""
    counted = "" if rows is None else f"; {rows_told(rows)}"
    return f"{plan.engine}{threads}{memory}{spills}{counted}"


def _memory(count: int) -> str:
    gib = round(count / 2**30, 1)
    return f"{gib:,g} GiB" if gib >= 1 else f"{count / 2**20:,.0f} MiB"


@contextmanager
def progress(*, quiet: bool, verbose: bool) -> Iterator[Progress]:
    """Show stages while they happen.

    On a terminal: what is going on, for how long, and how fast. Elsewhere a line for each stage that has ended: at once with `verbose`,
    else as soon as a run has worked for `LONG_RUN_S`, so that the log of a long run is not silent.
    """
    if quiet:
        yield silent
    elif sys.stderr.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb":
        with _live(verbose) as live:
            yield live
    else:
        yield _log(verbose)


def ended_line(stage: Stage) -> str:
    """A stage that has ended: "Reading orders.parquet: 10,000,000 rows in 12.3 s (813,000 rows/s), peak 612 MiB"."""
    seconds = stage.seconds or 0.0
    took = f"{seconds:.1f} s" if stage.rows is None else f"{rows_told(stage.rows)} in {seconds:.1f} s"
    peak = "" if stage.peak_mib is None else f", peak {stage.peak_mib:,} MiB"
    return f"{stage.told}: {took}{_speed(stage.rows, seconds)}{peak}"


def going_line(stage: Stage, seconds: float) -> str:
    """A stage that goes on: "Reading orders.csv: 1,200,000 rows, 3 s (400,000 rows/s)"; the speed is known where somebody counts."""
    rows = stage.rows if stage.done is None else stage.done
    known = [*([] if rows is None else [rows_told(rows)]), *([f"{seconds:.0f} s"] if seconds >= 1 else [])]
    told = f"{stage.told}: {', '.join(known)}" if known else stage.told
    return told + (_speed(stage.done, seconds) if seconds >= 1 else "")


def _speed(rows: int | None, seconds: float) -> str:
    """Rows per second, to three digits; nothing where there are too few of either to tell."""
    return f" ({int(float(f'{rows / seconds:.3g}')):,} rows/s)" if rows and seconds >= 0.1 else ""


def _log(verbose: bool) -> Progress:
    held: list[str] = []
    worked = LONG_RUN_S if verbose else 0.0

    def log(stage: Stage) -> None:
        nonlocal worked
        if stage.plan is not None:
            held.append(plan_line(stage.plan, stage.rows))
        if stage.seconds is not None:
            worked += stage.seconds
            held.append(ended_line(stage))
        while held and worked >= LONG_RUN_S:
            tell(held.pop(0))

    return log


@contextmanager
def _live(verbose: bool) -> Iterator[Progress]:
    from rich.console import Console
    from rich.text import Text

    class Going:
        """A stage that goes on; drawn anew several times a second."""

        def __init__(self, stage: Stage) -> None:
            self.stage, self.begin = stage, perf_counter()

        def __rich__(self) -> Text:
            line = going_line(self.stage, perf_counter() - self.begin)
            return Text(printable(line), no_wrap=True, overflow="ellipsis")

    console = Console(stderr=True)
    going = Going(Stage("", ""))
    with console.status("") as status:

        def live(stage: Stage) -> None:
            nonlocal going
            if stage.plan is not None:
                if verbose:
                    console.print(Text(printable(plan_line(stage.plan, stage.rows))), soft_wrap=True)
            elif stage.seconds is not None:
                if verbose:
                    console.print(Text(printable(ended_line(stage))), soft_wrap=True)
            elif stage.done is None:
                going = Going(stage)
                status.update(going)
            else:
                going.stage = stage

        yield live


# -- results


def show_outputs(outputs: Outputs, *, verbose: bool) -> None:
    """Print the headline and where everything is; with `verbose` every title too."""
    show(f"{outputs.document.cover.headline}\n")
    if verbose:
        show("\n".join(f"  {title}" for title in outputs.facts["titles"]) + "\n")
    for line in _paths(outputs.folder, outputs.paths):
        show(line)


def _paths(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Files in the order in which a person wants them; folders of lists as one line."""
    wanted = (
        "report.html",
        "report.pdf",
        "report-brief.pdf",
        "segments.xlsx",
        "customers.csv",
        "customers.parquet",
        "rejects.csv",
    )
    names = list(names)
    lists = sum(name.startswith("audiences/") and name.endswith(".csv") for name in names)
    top = sorted(
        (name for name in names if "/" not in name),
        key=lambda name: (name not in wanted, name in wanted and wanted.index(name), name),
    )
    yield from (str(folder / name) for name in top)
    if editions := len({name.split("/")[1] for name in names if name.startswith("editions/")}):
        yield f"{folder / 'editions'}{os.sep}  ({editions} {'edition' if editions == 1 else 'editions'})"
    if lists:
        yield f"{folder / 'audiences'}{os.sep}  ({lists} {'list' if lists == 1 else 'lists'})"


def outputs_facts(outputs: Outputs) -> dict[str, Any]:
    """A finished run for another program: the document of ``--json``.

    Returns
    -------
    dict
        ``run_id, folder, outputs, no_pdf, titles, rows, customers, verdict, findings, notes, alarms, editions, mail``, and as in the manifest ``stages`` (seconds),
        ``stage_peak_memory_mib`` and ``peak_memory_mib``.
    """
    facts = outputs.facts
    return {
        "run_id": outputs.run_id,
        "folder": outputs.folder.as_posix(),
        "outputs": list(outputs.paths),
        "no_pdf": outputs.no_pdf or None,
        "titles": facts["titles"],
        "rows": facts["rows"],
        "customers": facts["customers"],
        "verdict": facts["clustering"]["verdict"],
        "findings": facts["tables"],
        "notes": facts["notes"],
        "alarms": facts["alarms"],
        "editions": facts["editions"],
        "mail": delivery_facts(outputs.mail),
        **outputs.timings,
    }


def delivery_facts(delivery: Delivery | None) -> dict[str, Any] | None:
    """A delivery for another program: ``sent, before, silent`` and ``problems``; None where no mail was asked for."""
    if delivery is None:
        return None
    problems = [str(problem) for problem in delivery.problems]
    return {"sent": delivery.sent, "before": delivery.before, "silent": delivery.silent or None, "problems": problems}


# -- findings


def findings_lines(ledger: Ledger, rejects: Path | None = None) -> Iterator[str]:
    """What was rejected, flagged, guessed and assumed, briefly.

    Parameters
    ----------
    ledger : Ledger
    rejects : Path, optional
        The file that lists every row.
    """
    rejected, flagged = (sum(getattr(tally, kind) for tally in ledger.tallies) for kind in ("rejected", "flagged"))
    if rejected or flagged:
        yield f"{rows_told(rejected)} rejected (in no figure), {rows_told(flagged)} flagged (counted, but look at them):"
        for tally in ledger.tallies:
            for reason, kind, rows in tally.by_reason:
                yield f"  {tally.table}: {rows:,} {kind}: {_words(reason)} ({_examples(ledger.findings, tally, reason, rows)})"
        if rejects is not None:
            yield f"  Every one of them: {rejects}"
    for note in ledger.notes:
        touched = f" ({rows_told(note.rows)})" if note.rows is not None else ""
        otherwise = f" To say otherwise: {note.fix}" if note.fix else ""
        yield f"{note.kind.capitalize()}: {note.where}: {note.what}{touched}{otherwise}"


def _words(slug: str) -> str:
    return slug.replace("_", " ").replace("-", " ")


def _examples(findings: pd.DataFrame, tally: Tally, reason: str, rows: int) -> str:
    """``row 242``, ``rows 6, 9, 14 …``: where the spreadsheet shows them."""
    mine = findings[
        findings["file"].isin(tally.files or (tally.file,))
        & (findings["sheet"] == tally.sheet)
        & (findings["reason"] == reason)
    ]
    shown = [str(row) for row in mine["row"].head(SHOWN_ROWS)]
    if tally.files:
        shown = [f"{row} of {file}" for row, file in zip(shown, mine["file"].head(SHOWN_ROWS), strict=True)]
    more = " …" if rows > len(shown) else ""
    return f"{'row' if rows == 1 else 'rows'} {', '.join(shown)}{more}"


def tallies_lines(ledger: Ledger) -> Iterator[str]:
    """The account of every table, as aligned columns."""
    widest = max(len(tally.table) for tally in ledger.tallies)
    yield f"{'':<{widest}} {'read':>10} {'kept':>10} {'rejected':>10} {'flagged':>10}"
    for tally in ledger.tallies:
        yield f"{tally.table:<{widest}} {tally.read:>10,} {tally.kept:>10,} {tally.rejected:>10,} {tally.flagged:>10,}"


def checks_lines(checks: Sequence[Check]) -> Iterator[str]:
    """What the doctor found, one line each, and under it what mends it."""
    widest = max(len(check.name) for check in checks)
    for check in checks:
        mark = "ok     " if check.fine else "MISSING" if check.needed else "absent "
        yield f"{mark}  {check.name:<{widest}}  {check.found}"
        if check.fix:
            yield f"         {'':<{widest}}  {check.fix}"
