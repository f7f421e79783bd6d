"""Servers that refuse, lie, hang and die, and a command that is killed: a clear sentence each time, nothing sent twice, nothing forgotten."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reporter.delivery.account import Account, account_of
from reporter.delivery.journal import Journal
from reporter.delivery.mail import Delivery, send_mail
from reporter.delivery.settings import MailSettings
from reporter.errors import UsageError
from tests.command import ROOT, Ran, called, called_here
from tests.delivery.smtp_server import PASSWORD, USER, Behaviour, Server, certificate, serving
from tests.ports import free_port

pytestmark = pytest.mark.slow

Serve = Callable[..., Server]


@pytest.fixture
def settings(settings: MailSettings) -> MailSettings:
    """Only the managers, and nothing attached: what is sent is not the matter here."""
    return replace(settings, analysts=(), attach=())


def account(server: Server) -> Account:
    """Ours on a server of the test."""
    return Account("localhost", server.port, USER, PASSWORD)


def sent(run: Path, settings: MailSettings, who: Account, **options: bool) -> Delivery:
    """A delivery without waiting; whatever it says holds neither password nor address."""
    delivery = send_mail(run, settings, who, wait=lambda _: None, **options)
    for problem in delivery.problems:
        assert problem.fix
        for secret in (PASSWORD, base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode(), "@example.org"):
            assert secret not in str(problem)
    return delivery


def only(delivery: Delivery) -> str:
    """The one problem."""
    (problem,) = delivery.problems
    return str(problem)


# -- a server that cannot be trusted gets nothing, least of all the password


def test_without_starttls_nothing_is_said(run: Path, settings: MailSettings, serve: Serve):
    server = serve(offers_starttls=False)
    said = only(sent(run, settings, account(server)))
    assert "offers no encryption (STARTTLS), so nothing was sent" in said
    assert server.greeted == 1
    assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


def test_an_unknown_certificate_is_refused(
    run: Path, settings: MailSettings, serve: Serve, monkeypatch: pytest.MonkeyPatch
):
    server = serve()
    monkeypatch.delenv("SSL_CERT_FILE")
    said = only(sent(run, settings, account(server)))
    assert "its certificate cannot be trusted (self-signed certificate), so nothing was sent" in said
    assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_name_is_refused(
    run: Path, settings: MailSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
):
    other = certificate(tmp_path, "mail.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    with serving(other, Behaviour(tls_from_the_start=security == "tls")) as server:
        said = only(sent(run, settings, replace(account(server), security=security)))
        assert "Hostname mismatch" in said
        assert "so nothing was sent" in said
        assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


def test_an_address_is_checked_like_a_name(
    run: Path, settings: MailSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    own = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    with serving(own) as server:
        assert sent(run, settings, replace(account(server), host="127.0.0.1")).sent == 2


def test_clear_text_is_for_this_machine_alone():
    with pytest.raises(UsageError, match="none would send the mail as clear text"):
        account_of({"REPORTER_SMTP_HOST": "smtp.example.org", "REPORTER_SMTP_SECURITY": "none"})
    with pytest.raises(UsageError, match="none would send the mail as clear text"):
        account_of(
            {
                "REPORTER_SMTP_HOST": "localhost",
                "REPORTER_SMTP_SECURITY": "none",
                "REPORTER_SMTP_USER": "x",
                "REPORTER_SMTP_PASSWORD": PASSWORD,
            }
        )
    assert account_of({"REPORTER_SMTP_HOST": "127.0.0.1", "REPORTER_SMTP_SECURITY": "none"}).port == 25


def test_to_this_machine_in_clear_text(run: Path, settings: MailSettings, serve: Serve):
    server = serve(offers_starttls=False)
    assert sent(run, settings, Account("127.0.0.1", server.port, security="none")).sent == 2


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "REPORTER_SMTP_HOST: is not set"),
        ({"PORT": "587x"}, "“587x” is no port"),
        ({"SECURITY": "ssl"}, "“ssl” is not one of starttls, tls, none"),
        ({"USER": "me"}, "REPORTER_SMTP_PASSWORD: is not set, and there is a user"),
    ],
)
def test_a_faulty_environment_is_told_by_variable(environment: dict[str, str], said: str):
    given = {f"REPORTER_SMTP_{name}": text for name, text in environment.items()}
    with pytest.raises(UsageError, match=said):
        account_of({"X": "", **({"REPORTER_SMTP_HOST": "smtp.example.org"} if environment else {}), **given})


# -- a server that refuses


def test_a_refused_password_is_told_without_it(run: Path, settings: MailSettings, serve: Serve):
    server = serve(accepts_login=False)
    said = only(sent(run, settings, account(server)))
    assert "refuses user name or password (535" in said
    assert server.greeted == 1, "a wrong password is not tried again: that would lock the account"
    assert not (run / "mail.jsonl").exists()


def test_a_refused_recipient_is_told_by_its_place_and_the_others_have_it(
    run: Path, settings: MailSettings, serve: Serve
):
    server = serve(replies={"RCPT second@example.org": ["550 5.1.1 <second@example.org>: no such user"]})
    delivery = sent(run, settings, account(server))
    assert delivery.sent == 1
    assert only(delivery).startswith("mail.managers, entry 2: localhost refuses this recipient")
    assert "550 5.1.1 (address)" in only(delivery)
    assert server.delivered[0].recipients == ("boss@example.org",)
    again = sent(run, settings, account(server))
    assert (again.sent, again.before, again.problems) == (1, 1, ())
    assert server.delivered[1].recipients == ("second@example.org",)
    assert server.delivered[0].message["Message-ID"] == server.delivered[1].message["Message-ID"]


def test_later_means_later(run: Path, settings: MailSettings, serve: Serve):
    """One recipient is put off (greylisting), then taken; the other does not get the message again."""
    server = serve(
        replies={"RCPT second@example.org": ["450 come back"], "CONNECT": ["421 busy"], "MAIL": ["451 not now"]}
    )
    delivery = sent(run, replace(settings, attempts=5), account(server))
    assert (delivery.sent, delivery.problems) == (2, ())
    assert [mail.recipients for mail in server.delivered] == [("boss@example.org",), ("second@example.org",)]
    assert server.greeted == 4


def test_later_for_ever_ends(run: Path, settings: MailSettings, serve: Serve):
    server = serve(replies={"RCPT boss@example.org": ["450 no"] * 9, "RCPT second@example.org": ["450 no"] * 9})
    delivery = sent(run, settings, account(server))
    assert delivery.sent == 0
    assert [str(each)[:23] for each in delivery.problems] == ["mail.managers, entry 1:", "mail.managers, entry 2:"]
    assert server.greeted == settings.attempts


@pytest.mark.parametrize(("reply", "attempts"), [("552 too much", 1), ("451 disk full", 3)])
def test_a_refused_message_is_nobodys(run: Path, settings: MailSettings, serve: Serve, reply: str, attempts: int):
    server = serve(replies={"CONTENT": [reply] * 5})
    delivery = sent(run, settings, account(server))
    assert (delivery.sent, len(delivery.problems)) == (0, 2)
    assert reply[:3] in str(delivery.problems[0])
    assert server.greeted == attempts
    server.behaviour.replies.clear()
    assert sent(run, settings, account(server)).sent == 2


def test_the_size_that_a_server_takes_is_minded(run: Path, settings: MailSettings, serve: Serve):
    server = serve(size=10_000)
    assert "takes messages of at most 0.0 MB, and this one has 0." in only(sent(run, settings, account(server)))
    assert not any(command.startswith("MAIL") for command in server.commands)


# -- a server that is not there, hangs, or dies


def test_nobody_listens(run: Path, settings: MailSettings):
    port = free_port()
    said = only(sent(run, settings, Account("localhost", port)))
    assert "mail to 2 recipients, server localhost" in said
    assert "cannot be reached (connection refused)" in said


@pytest.mark.parametrize("verb", ["CONNECT", "STARTTLS", "MAIL", "DATA"])
def test_a_server_that_says_nothing(run: Path, settings: MailSettings, serve: Serve, verb: str):
    server = serve(replies={verb: ["hang"]})
    said = only(sent(run, replace(settings, timeout=0.5, attempts=1), account(server)))
    assert "not answer" in said
    assert not server.delivered
    assert sent(run, settings, account(server)).sent == 2, "nothing was at stake, so it may be sent"


@pytest.mark.parametrize("verb", ["CONNECT", "STARTTLS", "MAIL", "RCPT boss@example.org", "DATA"])
def test_a_server_that_dies_before_the_message(run: Path, settings: MailSettings, serve: Serve, verb: str):
    """Nothing has left yet: it is tried again, and arrives once."""
    server = serve(replies={verb: ["drop"]})
    delivery = sent(run, settings, account(server))
    assert (delivery.sent, delivery.problems) == (2, ())
    assert (len(server.delivered), server.greeted) == (1, 2)


@pytest.mark.parametrize(("ending", "arrived"), [("drop", 1), ("lose", 0), ("hang", 0)])
def test_a_server_that_dies_with_the_message(
    run: Path, settings: MailSettings, serve: Serve, ending: str, arrived: int
):
    """Nobody but the server knows whether it has it: so nothing is sent again, until somebody says so."""
    server = serve(replies={"CONTENT": [ending]})
    patient = replace(settings, timeout=1)
    delivery = sent(run, patient, account(server))
    assert delivery.sent == 0
    assert "2 recipients may have got it" in only(delivery)
    assert len(server.delivered) == arrived
    second = sent(run, settings, account(server))
    assert second.sent == 0
    assert "reporter email --again" in only(second)
    assert len(server.delivered) == arrived
    third = sent(run, settings, account(server), again=True)
    assert (third.sent, third.problems) == (2, ())
    assert len({mail.message["Message-ID"] for mail in server.delivered}) == 1


# -- the command


def environment(server: Server, **more: str) -> dict[str, str]:
    """What the command is told of the server."""
    given = {"HOST": "localhost", "PORT": str(server.port), "USER": USER, "PASSWORD": PASSWORD} | more
    return {f"REPORTER_SMTP_{name}": value for name, value in given.items()}


ARGUMENTS = (
    "--set",
    "mail.sender=r@example.org",
    "--set",
    "mail.managers=boss@example.org",
    "--set",
    "mail.attach=",
    "--set",
    "mail.pause=0",
)


def emailed(run: Path, server: Server, *arguments: str) -> Ran:
    """The command `email`."""
    return called_here("email", run, *ARGUMENTS, *arguments, cwd=run, env=environment(server))


def test_the_command_sends_and_says_so(run: Path, serve: Serve):
    server = serve()
    first, second = emailed(run, server), emailed(run, server)
    assert (first.code, first.err) == (0, "Mail: sent to 1 recipient.\n")
    assert (second.code, second.err) == (0, "Mail: sent to 0 recipients, 1 had it before.\n")
    assert len(server.delivered) == 1


def test_the_command_fails_with_code_5_and_one_sentence(run: Path, serve: Serve):
    said = emailed(run, serve(accepts_login=False))
    assert said.code == 5
    assert len([line for line in said.err.splitlines() if line.startswith("Error: ")]) == 1
    assert PASSWORD not in said.err + said.out
    as_json = emailed(run, serve(accepts_login=False), "--json")
    assert as_json.code == 5
    assert json.loads(as_json.out)["sent"] == 0


def test_without_a_server_it_is_a_matter_of_configuration(run: Path):
    said = called_here("email", run, *ARGUMENTS, cwd=run, env={"REPORTER_SMTP_HOST": ""})
    assert said.code == 2
    assert "REPORTER_SMTP_HOST: is not set" in said.err


# -- killed


def started(run: Path, server: Server) -> subprocess.Popen[bytes]:
    """The command in a process that can be killed."""
    command = [sys.executable, "-m", "reporter", "email", str(run), *ARGUMENTS]
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment(server)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=run,
    )


@pytest.mark.parametrize("answered", [False, True])
def test_killed_between_sending_and_writing_down(run: Path, serve: Serve, answered: bool):
    """The server holds the process still while it says 250 (or before it does), then kills it: the mail is out, and no result is on the disk."""
    server = serve()
    ready, process_id = threading.Event(), []

    def strike(number: int) -> None:
        ready.wait(30)
        os.kill(process_id[0], number)

    server.behaviour.before_answer = lambda: strike(signal.SIGSTOP if answered else signal.SIGKILL)
    server.behaviour.after_answer = lambda: strike(signal.SIGKILL) if answered else None
    process = started(run, server)
    process_id.append(process.pid)
    ready.set()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert len(server.delivered) == 1
    (intent,) = [json.loads(line) for line in (run / "mail.jsonl").read_text().splitlines()]
    assert intent["event"] == "intent"

    server.behaviour.before_answer = server.behaviour.after_answer = lambda: None
    rerun = emailed(run, server)
    assert rerun.code == 5
    assert "1 recipient may have got it" in rerun.err
    assert len(server.delivered) == 1, "sent twice"
    assert emailed(run, server, "--again").code == 0
    first, second = server.delivered
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert emailed(run, server).code == 0
    assert len(server.delivered) == 2


# -- the journal


def test_torn_lines_are_skipped_and_the_next_one_begins_anew(tmp_path: Path):
    journal = Journal(tmp_path, "2024-07-01-0123abcd")
    journal.intend("full", "<id>", ["a@example.org", "b@example.org"])
    journal.conclude("full", "<id>", {"sent": ["a@example.org"], "later": []})
    with journal.path.open("a") as stream:
        stream.write('{"event": "sent", "edition": "full", "recipi')
    assert journal.states("full", ["a@example.org", "b@example.org", "c@example.org"]) == {
        "a@example.org": "sent",
        "b@example.org": "unknown",
        "c@example.org": "open",
    }
    journal.conclude("full", "<id>", {"refused": ["b@example.org"]})
    assert journal.states("full", ["A@Example.org", "b@example.org"]) == {
        "A@Example.org": "sent",
        "b@example.org": "open",
    }
    assert journal.states("brief", ["a@example.org"]) == {"a@example.org": "open"}


def test_where_nothing_can_be_written_down_nothing_is_sent(run: Path, settings: MailSettings, serve: Serve):
    (run / "mail.jsonl").mkdir()
    server = serve()
    said = only(sent(run, settings, account(server)))
    assert "mail.jsonl: cannot be written" in said
    assert "nothing is sent" in said
    assert not server.delivered


def test_two_commands_at_once_do_not_both_send(run: Path, settings: MailSettings, serve: Serve):
    """The second is refused (75) as long as the first holds the output folder."""
    from reporter.delivery.lock import locked

    server = serve()
    with locked(run.parent):
        assert called("email", run, *ARGUMENTS, cwd=run, env=environment(server)).code == 75
    assert not server.delivered
