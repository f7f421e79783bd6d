"""The commands of the mail and the clock, and how a run ends that had a mail or an alarm. Everything heavy is imported inside."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reporter.cli_parts import config_option, debug_option, examples, json_option, set_option
from reporter.errors import AlarmError, DeliveryError, Problem, UsageError

if TYPE_CHECKING:
    from reporter.delivery.mail import Delivery


@click.command()
@click.argument("run", type=click.Path())
@config_option
@click.option("--dry-run", is_flag=True, help="Send nothing: write the message into the run's folder, as email.eml.")
@click.option(
    "--again", is_flag=True, help="Send also to those who may have got it when a connection or a command broke."
)
@set_option
@json_option
@click.option("-q", "--quiet", is_flag=True, help="No words about what went well; errors still show.")
@debug_option
@examples(
    "reporter email output/latest --dry-run",
    "reporter email output/latest -c shop.toml",
)
def email(run: str, config: str | None, dry_run: bool, again: bool, **chosen: Any) -> None:
    """Send the report of the finished RUN to all recipients who have not got it; nothing is analysed."""
    from reporter import screen
    from reporter.config import load_config
    from reporter.delivery.account import account_of
    from reporter.delivery.mail import send_mail, write_mail

    settings, _ = load_config(config, chosen["overrides"])
    templates = settings.report.templates
    if dry_run:
        paths = write_mail(Path(run), settings.mail, templates)
        if chosen["as_json"]:
            screen.show_json({"written": [str(path) for path in paths]})
        for path in () if chosen["as_json"] or chosen["quiet"] else paths:
            screen.show(str(path))
        return
    delivery = send_mail(Path(run), settings.mail, account_of(), templates=templates, again=again)
    if chosen["as_json"]:
        screen.show_json(screen.delivery_facts(delivery) or {})
    conclude(delivery, (), quiet=chosen["quiet"] or chosen["as_json"])


def conclude(delivery: Delivery | None, alarms: Sequence[Mapping[str, Any]], *, quiet: bool) -> None:
    """Say what became of the mail and which alarms fired; the report itself is made.

    Raises
    ------
    DeliveryError
        Where somebody has not got the mail; it goes before an alarm, which is told too.
    AlarmError
        Where an alarm of ``alarms.exit`` fired.
    """
    from reporter.delivery.alarms import fired
    from reporter.screen import tell

    if delivery is not None and not quiet:
        from reporter.delivery.mail import told  # loads what talks to mail servers

        tell(told(delivery))
    rung = [Problem("alarms.exit", text) for text in fired(alarms, "exit")]
    if delivery is not None and delivery.problems:
        for problem in rung:
            tell(f"Alarm: {problem}")
        raise DeliveryError(delivery.problems)
    if rung:
        raise AlarmError(rung)


@click.command()
@click.argument("source")
@config_option
@click.option("-o", "--output", type=click.Path(), help="Folder that gets the run's folder.  [default: output]")
@click.option(
    "--every",
    type=click.Choice(["day", "week", "month"]),
    default="month",
    show_default=True,
    help="How often; weeks begin on Monday, months on the first.",
)
@click.option(
    "--at", default="06:30", metavar="HH:MM", show_default=True, help="When, by the clock of whoever keeps time."
)
@click.option(
    "--for",
    "keeper",
    type=click.Choice(["cron", "systemd", "windows", "github"]),
    help="Only the snippet for this one.  [default: all]",
)
@debug_option
@examples(
    "reporter schedule shop.xlsx -c shop.toml --every week",
    "reporter schedule shop.xlsx --for systemd",
)
def schedule(source: str, keeper: str | None, **chosen: Any) -> None:
    """Print what makes the report of SOURCE by itself: cron, systemd, Windows Task Scheduler, GitHub Actions. Installs nothing."""
    from reporter import screen
    from reporter.delivery.schedules import SNIPPETS, check_job

    job = _job(source, **chosen)
    check_job(job)
    wanted = [keeper] if keeper else list(SNIPPETS)
    screen.show("\n\n".join(SNIPPETS[name](job) for name in wanted))


def _job(source: str, config: str | None, output: str | None, every: Any, at: str) -> Any:
    """The job with absolute paths; the settings are read, so that a fault in them shows today and not in a month."""
    from reporter.config import DEFAULT_FILE, load_config
    from reporter.delivery.schedules import Job
    from reporter.delivery.settings import groups_of

    path = Path(config or DEFAULT_FILE).absolute()
    settings, _ = load_config(config)
    folder = path.parent if config or path.is_file() else Path.cwd()
    place = source if "://" in source else str(Path(source).absolute())
    arguments = ["run", place, "-o", str(Path(output or settings.output.dir).absolute())]
    arguments += ["-c", str(path)] if config or path.is_file() else []
    arguments += ["--email"] if groups_of(settings.mail) or any(settings.mail.readers.values()) else []
    hour, minute = _clock(at)
    return Job(_program(), (*arguments, "--force", "--quiet"), folder, every, hour, minute)


def _program() -> tuple[str, ...]:
    """What starts this program, by its absolute path."""
    beside = Path(sys.executable).with_name("reporter.exe" if sys.platform == "win32" else "reporter")
    return (str(beside),) if beside.is_file() else (sys.executable, "-m", "reporter")


def _clock(at: str) -> tuple[int, int]:
    hour, _, minute = at.partition(":")
    if hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60 and at.isascii():
        return int(hour), int(minute)
    raise UsageError(Problem("--at", f"“{at}” is no time of day.", "Write such as 06:30."))
