"""What `reporter schedule` prints, read by those it is for where they are here, and by parsers of the forms."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from reporter.delivery.schedules import Job, check_job, cron, github, systemd, windows
from reporter.errors import UsageError
from tests.command import called

ODD = "100 % of O'Brien's $HOME \"quoted\""
SPACE = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}


def job(folder: Path, every: str = "month") -> Job:
    """A job whose every path wants quoting, and whose program says what it was given."""
    program = folder / "bin dir" / "reporter"
    arguments = (
        "run",
        str(folder / "shop file.xlsx"),
        "-o",
        str(folder / "out put"),
        "-c",
        str(folder / "reporter.toml"),
        "--force",
    )
    return Job((str(program),), arguments, folder, every, 6, 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An odd folder with a program that writes down its arguments, folder and mail server."""
    odd = tmp_path / ODD
    (odd / "bin dir").mkdir(parents=True)
    program = odd / "bin dir" / "reporter"
    program.write_text(
        '#!/bin/sh\nfor each; do printf "%s\\n" "$each"; done\nprintf "%s\\n" "$PWD" "$REPORTER_SMTP_HOST"\n'
    )
    program.chmod(0o755)
    (odd / "reporter.env").write_text("REPORTER_SMTP_HOST='smtp.example.org'\n")
    return odd


def crontab_line(snippet: str) -> tuple[list[str], str]:
    """A crontab read as cron does: five fields and the rest, in which a bare per cent sign ends the command and one behind a backslash is one."""
    (line,) = [each for each in snippet.splitlines() if each and not each.startswith("#")]
    fields = line.split(" ", 5)
    command = re.split(r"(?<!\\)%", fields[5])
    assert len(command) == 1, "cron would cut the command here"
    return fields[:5], command[0].replace("\\%", "%")


@pytest.mark.parametrize(("every", "days"), [("month", "1 * *"), ("week", "* * 1"), ("day", "* * *")])
def test_cron_runs_exactly_our_command(folder: Path, every: str, days: str):
    given = job(folder, every)
    fields, command = crontab_line(cron(given))
    assert fields == ["30", "6", *days.split()]
    subprocess.run(["/bin/sh", "-c", command], check=True, cwd="/", env={"PATH": os.environ["PATH"]})
    assert (folder / "reporter.log").read_text().splitlines() == [*given.arguments, str(folder), "smtp.example.org"]


def test_cron_runs_without_a_mail_server_too(folder: Path):
    (folder / "reporter.env").unlink()
    _, command = crontab_line(cron(job(folder)))
    assert subprocess.run(["/bin/sh", "-c", command], check=False).returncode == 0


def units(snippet: str) -> dict[str, str]:
    """The two units by their file name."""
    parts = re.split(r"^# ~/\.config/systemd/user/(\S+)$", snippet, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("every", ["month", "week", "day"])
def test_systemd_accepts_both_units(folder: Path, tmp_path: Path, every: str):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("needs systemd-analyze")
    given = job(folder, every)
    for name, text in units(systemd(given)).items():
        (tmp_path / name).write_text(text)
    said = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / "reporter.service"), str(tmp_path / "reporter.timer")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert "reporter." not in said.stderr, said.stderr
    calendar = re.search(r"OnCalendar=(.*)", systemd(given))[1]
    subprocess.run([analyze, "calendar", calendar], check=True, capture_output=True)


def test_systemd_gives_our_command_and_folder(folder: Path):
    """Quotes, specifiers and variables as systemd.syntax and systemd.service say that they are read."""
    given = job(folder)
    service = units(systemd(given))["reporter.service"]

    def read(name: str) -> str:
        return re.search(rf"^{name}=(.*)$", service, re.MULTILINE)[1]

    words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(read("ExecStart"))]
    assert words == ["/bin/sh", "-c", 'exec "$0" "$@"', *given.command]
    said = subprocess.run(words, capture_output=True, text=True, check=True, cwd=folder)
    assert said.stdout.splitlines()[: len(given.arguments)] == list(given.arguments)
    plain = units(systemd(replace(given, program=("/opt/my shop/reporter",))))["reporter.service"]
    assert 'ExecStart="/opt/my shop/reporter" "run"' in plain
    assert read("WorkingDirectory").replace("%%", "%") == str(folder)
    assert read("EnvironmentFile").replace("%%", "%") == f"-{folder / 'reporter.env'}"
    assert not re.search(r"(?<!%)%(?!%)", service.replace("%%", ""))
    assert "SuccessExitStatus=75" in service
    assert "Persistent=true" in units(systemd(given))["reporter.timer"]


@pytest.mark.parametrize("every", ["month", "week", "day"])
def test_the_windows_task_is_xml_that_gives_our_command(every: str):
    program = "C:\\Program Files\\Python\\Scripts\\reporter.exe"
    arguments = ("run", "D:\\My Shop\\100 % & <co>.xlsx", "-o", "D:\\out\\", "--force")
    task = ET.fromstring(windows(Job((program,), arguments, Path("D:/My Shop"), every, 6, 30)).split("-->")[1].strip())

    def read(path: str) -> str:
        return task.find(path, SPACE).text

    assert read("t:Actions/t:Exec/t:Command") == program
    assert read("t:Actions/t:Exec/t:Arguments") == 'run "D:\\My Shop\\100 % & <co>.xlsx" -o D:\\out\\ --force'
    assert read("t:Settings/t:StartWhenAvailable") == "true"
    assert read("t:Settings/t:MultipleInstancesPolicy") == "IgnoreNew"
    assert read("t:Triggers/t:CalendarTrigger/t:StartBoundary").endswith("T06:30:00")
    wanted = {
        "month": "ByMonth/t:DaysOfMonth/t:Day",
        "week": "ByWeek/t:DaysOfWeek/t:Monday",
        "day": "ByDay/t:DaysInterval",
    }[every]
    assert task.find(f"t:Triggers/t:CalendarTrigger/t:Schedule{wanted}", SPACE) is not None


def test_the_workflow_is_yaml_that_gives_our_command(tmp_path: Path):
    given = job(tmp_path / "it's 5 %: a #shop")
    workflow = yaml.safe_load(github(given))
    steps = workflow["jobs"]["report"]["steps"]
    ours = next(step for step in steps if "reporter run" in step.get("run", ""))
    assert shlex.split(ours["run"]) == [
        "reporter",
        "run",
        "shop file.xlsx",
        "-o",
        "out put",
        "-c",
        "reporter.toml",
        "--force",
    ]
    assert ours["env"]["REPORTER_SMTP_PASSWORD"] == "${{ secrets.REPORTER_SMTP_PASSWORD }}"
    trigger = workflow[True]  # YAML 1.1 takes the word for a truth; GitHub does not
    assert trigger["schedule"] == [{"cron": "30 6 1 * *"}]
    assert workflow["concurrency"] == {"group": "reporter", "cancel-in-progress": False}
    kept = [step["with"]["path"] for step in steps if "cache" in step.get("uses", "")]
    assert kept == ["out put/*/mail.jsonl\n"] * 2
    uploaded = steps[-1]["with"]["path"]
    assert not re.search("customers|audiences|rejects", uploaded)


@pytest.mark.parametrize("text", ["a\nb.xlsx", "a\\b.xlsx", "postgres://me:secret@db/shop"])
def test_what_cannot_be_written_down_safely_is_refused(tmp_path: Path, text: str):
    with pytest.raises(UsageError) as refused:
        check_job(Job(("/usr/bin/reporter",), ("run", text, "-o", "out"), tmp_path, "month", 6, 30))
    assert "secret" not in str(refused.value)


def test_the_command_prints_all_of_them_with_absolute_paths(tmp_path: Path):
    (tmp_path / "my shop").mkdir()
    (tmp_path / "my shop" / "reporter.toml").write_text(
        '[mail]\nsender = "a@example.org"\nmanagers = ["b@example.org"]\n'
    )
    said = called("schedule", "shop.xlsx", "--at", "23:05", cwd=tmp_path / "my shop")
    assert said.code == 0, said.err
    assert "5 23 1 * *" in said.out
    assert "OnCalendar=*-*-01 23:05:00" in said.out
    assert f"'{tmp_path / 'my shop' / 'shop.xlsx'}'" in said.out
    assert said.out.count("--email") == 4
    assert "b@example.org" not in said.out
    only = called("schedule", "shop.xlsx", "--for", "systemd", "--every", "day", cwd=tmp_path)
    assert "OnCalendar=*-*-* 06:30:00" in only.out
    assert "--email" not in only.out
    assert "CalendarTrigger" not in only.out
    assert called("schedule", "shop.xlsx", "--at", "25:00", cwd=tmp_path).code == 2
    assert called("schedule", "shop.xlsx", "-c", "none.toml", cwd=tmp_path).code == 2
