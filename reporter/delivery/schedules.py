"""Ready pieces for whoever keeps time: cron, systemd, the Task Scheduler of Windows, GitHub Actions. Nothing is installed, and no secret stands in any of them.

What makes missed and overlapping runs safe is not the clock but the run: it is made from the whole source, a second one at the same output folder ends with code 75 and
changes nothing, and one that is repeated (``--force``) makes the same report again and mails nobody twice.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from textwrap import dedent, indent
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring
from xml.etree.ElementTree import indent as indented

from reporter.delivery.account import HOST, PASSWORD, PORT, SECURITY, USER
from reporter.errors import Problem, UsageError

Every = Literal["day", "week", "month"]
CRON_DAYS: Mapping[Every, str] = MappingProxyType({"day": "* * *", "week": "* * 1", "month": "1 * *"})
CALENDAR_DAYS: Mapping[Every, str] = MappingProxyType({"day": "*-*-*", "week": "Mon *-*-*", "month": "*-*-01"})
VARIABLES = (HOST, PORT, USER, PASSWORD, SECURITY)
TASK = "http://schemas.microsoft.com/windows/2004/02/mit/task"
BUSY = 75


@dataclass(frozen=True, slots=True)
class Job:
    """A run that is to be made again and again.

    Attributes
    ----------
    program : tuple of str
        What starts reporter, with its absolute path.
    arguments : tuple of str
        ``run`` and what follows; paths are absolute.
    folder : Path
        Where it runs, and where ``reporter.env`` lies with the mail server.
    every : {"day", "week", "month"}
        Weeks begin on Monday, months on the first.
    hour, minute : int
    """

    program: tuple[str, ...]
    arguments: tuple[str, ...]
    folder: Path
    every: Every
    hour: int
    minute: int

    @property
    def command(self) -> tuple[str, ...]:
        """The whole command."""
        return (*self.program, *self.arguments)

    @property
    def secrets(self) -> Path:
        """The file with the mail server, readable by its owner alone."""
        return self.folder / "reporter.env"


def check_job(job: Job) -> None:
    """Refuse what cannot be written down safely.

    Raises
    ------
    UsageError
        Where an address of the source holds a password, or a path a line break or a backslash that is none of Windows.
    """
    for text in (*job.command, str(job.folder)):
        if "://" in text and urlsplit(text).password:
            raise UsageError(
                Problem(
                    "SOURCE",
                    "holds a password, which would stand in every snippet.",
                    "Give it in PGPASSWORD or ~/.pgpass.",
                )
            )
        if any(ord(letter) < 32 for letter in text) or ("\\" in text and not PurePath(job.program[0]).suffix == ".exe"):
            raise UsageError(
                Problem(
                    repr(text),
                    "has a line break or a backslash, which cron and systemd read as something else.",
                    "Rename it.",
                )
            )


def cron(job: Job) -> str:
    """A line for ``crontab -e``; a per cent sign would end the command there, so it stands behind a backslash."""
    secrets, log = (shlex.quote(str(path)) for path in (job.secrets, job.folder / "reporter.log"))
    steps = f"cd {shlex.quote(str(job.folder))} && set -a && {{ [ ! -f {secrets} ] || . {secrets}; }} && exec {shlex.join(job.command)}"
    line = f"{job.minute} {job.hour} {CRON_DAYS[job.every]} ( {steps} ) >> {log} 2>&1"
    return _commented(
        f"""\
        Put this line into `crontab -e`. What the command says goes to reporter.log; the mail server is in {job.secrets.name} beside it (mode 600).
        Overlapping: a run that finds another at work ends with {BUSY} and changes nothing.
        Missed: cron makes up for nothing; the next run is complete all the same, for it reads the whole source. Where the machine sleeps, use systemd.""",
        line.replace("%", "\\%"),
    )


def systemd(job: Job) -> str:
    """Two units for ``~/.config/systemd/user``."""
    service = dedent(
        f"""\
        [Unit]
        Description=Report on customer segments

        [Service]
        Type=oneshot
        WorkingDirectory={_specified(str(job.folder))}
        EnvironmentFile=-{_specified(str(job.secrets))}
        ExecStart={_systemd_command(job)}
        SuccessExitStatus={BUSY}
        TimeoutStartSec=2h
        """
    )
    timer = dedent(
        f"""\
        [Unit]
        Description=Report on customer segments, every {job.every}

        [Timer]
        OnCalendar={CALENDAR_DAYS[job.every]} {job.hour:02}:{job.minute:02}:00
        Persistent=true

        [Install]
        WantedBy=timers.target
        """
    )
    how = """\
        Write both files, then: systemctl --user daemon-reload && systemctl --user enable --now reporter.timer && loginctl enable-linger
        Overlapping: systemd starts no service that still runs; a run by hand makes the timer's end with 75, which is no failure here.
        Missed: Persistent=true makes up for it when the machine is on again. Said: journalctl --user -u reporter"""
    return _commented(
        how,
        f"# ~/.config/systemd/user/reporter.service\n{service}\n# ~/.config/systemd/user/reporter.timer\n{timer}".rstrip(),
    )


def windows(job: Job) -> str:
    """A task for ``schtasks /create /tn reporter /xml reporter.xml``."""
    task = Element("Task", {"version": "1.3", "xmlns": TASK})
    trigger = SubElement(SubElement(task, "Triggers"), "CalendarTrigger")
    SubElement(trigger, "StartBoundary").text = f"2024-01-01T{job.hour:02}:{job.minute:02}:00"
    _windows_days(trigger, job.every)
    settings = SubElement(task, "Settings")
    for name, text in {
        "MultipleInstancesPolicy": "IgnoreNew",
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        "StartWhenAvailable": "true",
        "ExecutionTimeLimit": "PT2H",
    }.items():
        SubElement(settings, name).text = text
    action = SubElement(SubElement(task, "Actions"), "Exec")
    SubElement(action, "Command").text = job.program[0]
    SubElement(action, "Arguments").text = subprocess.list2cmdline([*job.program[1:], *job.arguments])
    SubElement(action, "WorkingDirectory").text = str(job.folder)
    indented(task)
    how = f"""\
        Save as reporter.xml, then: schtasks /create /tn reporter /xml reporter.xml. The mail server: setx {HOST} ... for the user who runs it.
        Overlapping: IgnoreNew starts no second one. Missed: StartWhenAvailable makes up for it. Said: the task's last result is our exit code."""
    return f"<!--\n{indent(dedent(how), '  ')}\n-->\n{tostring(task, encoding='unicode')}"


def _windows_days(trigger: Element, every: Every) -> None:
    if every == "day":
        SubElement(SubElement(trigger, "ScheduleByDay"), "DaysInterval").text = "1"
    elif every == "week":
        week = SubElement(trigger, "ScheduleByWeek")
        SubElement(week, "WeeksInterval").text = "1"
        SubElement(SubElement(week, "DaysOfWeek"), "Monday")
    else:
        month = SubElement(trigger, "ScheduleByMonth")
        SubElement(SubElement(month, "DaysOfMonth"), "Day").text = "1"
        months = SubElement(month, "Months")
        for name in [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ]:
            SubElement(months, name)


WORKFLOW = """\
name: report
on:
  schedule:
    - cron: "<when>"
  workflow_dispatch:
concurrency:
  group: reporter
  cancel-in-progress: false
jobs:
  report:
    runs-on: ubuntu-latest
    timeout-minutes: 120
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: sudo apt-get update && sudo apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
      - run: pip install "reporter[pdf]"
      - uses: actions/cache/restore@v4
        with:
          key: reporter-mail-${{ github.run_id }}-${{ github.run_attempt }}
          restore-keys: reporter-mail-
          path: |
            <output>/*/mail.jsonl
      - run: |
          <command>
        env:
          <secrets>
      - uses: actions/cache/save@v4
        if: always()
        with:
          key: reporter-mail-${{ github.run_id }}-${{ github.run_attempt }}
          path: |
            <output>/*/mail.jsonl
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: report
          path: |
            <output>/*/report*.pdf
            <output>/*/report.html
            <output>/*/segments.xlsx"""
"""A workflow; what stands in angle brackets is filled in."""


def github(job: Job) -> str:
    """A workflow for ``.github/workflows/reporter.yml`` of a repository that holds the source, or can reach it."""
    fields = {
        "<when>": f"{job.minute} {job.hour} {CRON_DAYS[job.every]}",
        "<secrets>": "\n          ".join(f"{name}: ${{{{ secrets.{name} }}}}" for name in VARIABLES),
        "<output>": _inside(job, job.arguments[job.arguments.index("-o") + 1]),
        "<command>": shlex.join(("reporter", *(_inside(job, text) for text in job.arguments))),
    }
    filled = re.sub("|".join(fields), lambda field: fields[field[0]], WORKFLOW)
    how = """\
        .github/workflows/reporter.yml; times are UTC. The mail server is in the repository's secrets. Pin the actions to commits where your rules ask for it.
        Overlapping: the concurrency group lets one wait for the other. Missed: a scheduled start may be late or left out; start it by hand (workflow_dispatch).
        The sent-log is kept between runs, so a job that is run again mails nobody twice. It holds no address, and files with rows of customers are not uploaded."""
    return _commented(how, filled)


SNIPPETS: Mapping[str, Callable[[Job], str]] = MappingProxyType(
    {"cron": cron, "systemd": systemd, "windows": windows, "github": github}
)
"""By the name of who keeps time."""


def _commented(how: str, text: str) -> str:
    return f"{indent(dedent(how), '# ')}\n{text}"


def _systemd_command(job: Job) -> str:
    """The command; systemd takes no quotes and the like in the path of a program, so an odd one is started by the shell."""
    shell = () if re.fullmatch(r"[\w./ +:=@~-]+", job.program[0]) else ("/bin/sh", "-c", 'exec "$0" "$@"')
    return " ".join(map(_systemd_word, (*shell, *job.command)))


def _systemd_word(text: str) -> str:
    """One word of a command line as systemd reads it: in quotes, with specifiers, variables and quotes doubled or behind a backslash."""
    return '"' + _specified(text).replace("$", "$$").replace('"', '\\"') + '"'


def _specified(text: str) -> str:
    return text.replace("%", "%%")


def _inside(job: Job, text: str) -> str:
    """A path as it is from the top of the repository, where it lies in the job's folder."""
    path = Path(text)
    return path.relative_to(job.folder).as_posix() if path.is_absolute() and path.is_relative_to(job.folder) else text
