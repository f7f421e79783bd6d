"""The whole command with a mail at its end, and alarms: what is sent, what it exits with, and that the report is whole whatever happens."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from reporter.doctor import Check, _mail_server, examine
from tests.command import BRIEF, Ran, called, called_here
from tests.delivery.small_runs import damage
from tests.delivery.smtp_server import PASSWORD, USER, Behaviour, Server, certificate, serving
from tests.shop import write_orders

pytestmark = pytest.mark.slow

WHOLE = ("--set", "report.edition=full")
MAIL = """
[mail]
sender = "Reports <reports@example.org>"
analysts = ["analyst@example.org", "second@example.org"]
attach = []
pause = 0
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a shop and settings, and the environment of a server."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str, settings: str = "", call: Callable[..., Ran] = called_here) -> Ran:
        """The whole command without PDF; two pages, unless an argument asks for the `WHOLE` report."""
        (self.folder / "reporter.toml").write_text(MAIL + settings, encoding="utf-8")
        return call("run", "orders.csv", "--no-pdf", *BRIEF, *arguments, cwd=self.folder, env=self.environment)

    @property
    def latest(self) -> Path:
        """The newest report."""
        return self.folder / "output" / "latest"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that does all that is right until it is told otherwise."""
    with ExitStack() as stack:
        yield stack.enter_context(serving(certificate(tmp_path), Behaviour()))


@pytest.fixture
def place(tmp_path: Path, server: Server) -> Place:
    """A shop beside a server; two of its orders have no customer."""
    orders = pd.read_csv(write_orders(tmp_path / "orders.csv"))
    orders.loc[[100, 200], "customer_id"] = None
    orders.to_csv(tmp_path / "orders.csv", index=False)
    given = {"HOST": "localhost", "PORT": str(server.port), "USER": USER, "PASSWORD": PASSWORD}
    names = {f"REPORTER_SMTP_{name}": value for name, value in given.items()}
    return Place(tmp_path, {**names, "SSL_CERT_FILE": str(tmp_path / "localhost.pem")})


def facts(place: Place) -> dict[str, object]:
    """``facts.json`` of the newest report."""
    return json.loads((place.latest / "facts.json").read_text(encoding="utf-8"))


def sentences(ran: Ran) -> list[str]:
    """What is told as an error."""
    return [line for line in ran.err.splitlines() if line.startswith("Error: ")]


def test_a_run_ends_with_its_mail_and_a_repeated_one_sends_nothing_twice(place: Place, server: Server):
    """Two rules for the mail, of which one fires: it stands in the mail, the other does not."""
    rules = 'send = true\n[alarms]\nmail = ["rejected rows exceed 5 %", "Champions customers exceed 1"]'
    first = place.run("--json", *WHOLE, settings=rules, call=called)
    assert first.code == 0, first.err
    assert "Mail: sent to 2 recipients." in first.err
    assert json.loads(first.out)["mail"] == {"sent": 2, "before": 0, "silent": None, "problems": []}
    assert server.delivered[0].recipients == ("analyst@example.org", "second@example.org")
    message = server.delivered[0].message
    assert facts(place)["gist"]["headline"] in message["Subject"]
    for kind in ("plain", "html"):
        text = " ".join(message.get_body((kind,)).get_content().split())
        assert "Alarm: “Champions customers exceed 1”. It is" in text
        assert "rejected rows exceed 5" not in text
    again = place.run("--force", *WHOLE, settings=rules)
    assert again.code == 0, again.err
    assert "sent to 0 recipients, 2 had it before" in again.err
    assert len(server.delivered) == 1
    assert damage(place.latest) == []


def test_a_failing_mail_loses_nothing_of_the_report(place: Place, server: Server):
    """It goes before an alarm, which is told all the same; when the server is mended, `email` sends what the run could not."""
    server.behaviour.accepts_login = False
    failed = place.run("--email", settings='[alarms]\nexit = ["rejected rows exceed 0 %"]')
    assert failed.code == 5
    assert "Alarm: alarms.exit: “rejected rows exceed 0 %”: it is 0.4 %." in failed.err
    (sentence,) = sentences(failed)
    assert "refuses user name or password" in sentence
    assert str(Path("output") / place.latest.resolve().name / "report.html") in failed.out
    assert damage(place.latest) == []
    server.behaviour.accepts_login = True
    finished = called("email", place.latest, cwd=place.folder, env=place.environment)
    assert (finished.code, finished.err) == (0, "Mail: sent to 2 recipients.\n")


def test_an_alarm_ends_the_command_with_6_and_the_report_is_made(place: Place, server: Server):
    """Two rows of some 500 have no customer. A flag goes before the setting: no mail is sent."""
    fired = place.run(
        "--no-email",
        settings='send = true\n[alarms]\nexit = ["rejected rows exceed 0.1 %", "rejected rows exceed 5 %"]',
    )
    assert fired.code == 6
    assert sentences(fired) == ["Error: alarms.exit: “rejected rows exceed 0.1 %”: it is 0.4 %."]
    assert damage(place.latest) == []
    assert [alarm["fired"] for alarm in facts(place)["alarms"]] == [True, False]
    tables = facts(place)["tables"].values()
    share = sum(table["rejected"] for table in tables) / sum(table["read"] for table in tables)
    assert facts(place)["alarms"][0]["value"] == pytest.approx(share)
    assert not server.greeted


def test_no_mail_where_no_rule_fires(place: Place, server: Server):
    silent = place.run("--email", settings='[alarms]\nmail = ["rejected rows exceed 5 %"]')
    assert silent.code == 0, silent.err
    assert "No mail: none of the alarms for it fired. “rejected rows exceed 5 %”: it is 0.4 %." in silent.err
    assert not server.greeted


def test_what_is_missing_for_a_mail_is_told_before_any_work(place: Place):
    said = called_here("run", "orders.csv", "--email", cwd=place.folder, env=place.environment)
    assert said.code == 2
    assert "mail.sender: is empty" in said.err
    said = Place(place.folder, {**place.environment, "REPORTER_SMTP_HOST": ""}).run("--email")
    assert said.code == 2
    assert "REPORTER_SMTP_HOST: is not set" in said.err
    assert not (place.folder / "output").exists()


# -- the doctor


@pytest.fixture
def doctor(place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Check]:
    """What is said of the mail server with this environment; all else that is examined is not looked at."""

    def look(**changed: str) -> Check:
        for name, value in {**place.environment, **changed}.items():
            monkeypatch.setenv(name, value)
        return _mail_server()

    return look


def test_the_doctor_asks_the_server(doctor: Callable[..., Check], server: Server, tmp_path: Path):
    found = doctor()
    assert found in examine(tmp_path)
    assert found.fine
    assert found.found == f"localhost:{server.port} answers (starttls)"
    assert not any(command.startswith("MAIL") for command in server.commands)


def test_the_doctor_says_what_is_wrong(doctor: Callable[..., Check]):
    wrong = doctor(REPORTER_SMTP_PASSWORD="wrong")
    assert not wrong.fine
    assert not wrong.needed
    assert "refuses user name or password" in wrong.found
    assert "REPORTER_SMTP_PASSWORD" in wrong.fix
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = doctor(REPORTER_SMTP_PORT=str(free.getsockname()[1]))
    assert "cannot be reached (connection refused)" in gone.found
    assert "is no port" in doctor(REPORTER_SMTP_PORT="many").found
    assert doctor(REPORTER_SMTP_HOST="").fine
    assert os.environ["REPORTER_SMTP_HOST"] == ""
