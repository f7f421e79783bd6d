"""A mail server on the loopback that speaks SMTP over real TLS, keeps what it gets, and can be told to misbehave; and the certificates for it."""

from __future__ import annotations

import base64
import ipaddress
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

x509 = pytest.importorskip("cryptography.x509", reason="certificates are made with the package cryptography")
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402

USER, PASSWORD = "reporter", "canary-s3cret%pass"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a certificate that signs itself: who trusts it trusts `file`."""

    file: Path
    key: Path


def certificate(folder: Path, name: str = "localhost") -> Certificate:
    """A certificate for a host name, or for an address."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    try:
        names: Any = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        names = x509.DNSName(name)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    found.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    found.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return found


@dataclass(frozen=True, slots=True)
class Mail:
    """What was delivered: envelope and message."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """As a mail program reads it."""
        return BytesParser(policy=policy.default).parsebytes(self.content)


@dataclass(slots=True)
class Behaviour:
    """What the server does; by default all that is right."""

    offers_starttls: bool = True
    tls_from_the_start: bool = False
    accepts_login: bool = True
    size: int = 0
    replies: dict[str, list[str]] = field(default_factory=dict)
    """Verb, or ``RCPT address``, to replies that stand in for the right one, used up one by one; "drop" breaks the connection, "hang" says
    nothing. After ``CONTENT`` "drop" has taken the message and does not say so, "lose" has not."""
    before_answer: Callable[[], None] = lambda: None
    """Called when a whole message has arrived and before it is answered."""
    after_answer: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Server:
    """A running server."""

    port: int
    behaviour: Behaviour
    delivered: list[Mail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    greeted: int = 0


@contextmanager
def serving(own: Certificate, behaviour: Behaviour | None = None) -> Iterator[Server]:
    """Serve until the end of the block."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.file, own.key)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            server.greeted += 1
            try:
                _Talk(self.request, server, context).go()
            except OSError:
                return

    class Threaded(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Threaded(("127.0.0.1", 0), Handler) as listening:
        server = Server(listening.server_address[1], behaviour or Behaviour())
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


class _GoneError(OSError):
    """The server breaks the connection."""


class _Talk:
    """One conversation."""

    def __init__(self, line: socket.socket, server: Server, context: ssl.SSLContext) -> None:
        self.line, self.server, self.context = line, server, context
        self.does = server.behaviour
        self.secure = False
        self.sender, self.recipients = "", []
        if self.does.tls_from_the_start:
            self.encrypt()
        self.stream = self.line.makefile("rb")

    def encrypt(self) -> None:
        self.line = self.context.wrap_socket(self.line, server_side=True)
        self.secure = True

    def say(self, text: str) -> None:
        self.line.sendall(text.encode() + b"\r\n")

    def go(self) -> None:
        try:
            if self.answer("CONNECT", "220 test ESMTP"):
                while command := self.stream.readline().decode().rstrip("\r\n"):
                    self.server.commands.append(command)
                    if not self.obey(command):
                        break
        finally:
            self.stream.close()
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)
            self.line.close()

    def answer(self, verb: str, right: str) -> bool:
        """Say what is planned for the verb, or what is right; whether it was right."""
        planned = self.does.replies.get(verb, [])
        text = planned.pop(0) if planned else right
        if text == "drop":
            raise _GoneError
        if text == "hang":
            threading.Event().wait(5)
            raise _GoneError
        self.say(text)
        return text == right

    def obey(self, command: str) -> bool:
        verb = command.split()[0].upper() if command.strip() else ""
        match verb:
            case "EHLO":
                self.say("\r\n".join(["250-test", *self.extensions(), "250 HELP"]))
            case "STARTTLS":
                if self.answer(verb, "220 go"):
                    self.stream.close()
                    self.encrypt()
                    self.stream = self.line.makefile("rb")
            case "AUTH":
                self.login(command)
            case "MAIL":
                if self.answer(verb, "250 ok"):
                    self.sender = re.search("<(.*?)>", command)[1]
                    self.recipients = []
            case "RCPT":
                address = re.search("<(.*?)>", command)[1]
                if self.answer(f"RCPT {address}", "250 ok"):
                    self.recipients.append(address)
            case "DATA":
                if self.answer(verb, "354 go"):
                    self.message()
            case "QUIT":
                self.say("221 bye")
                return False
            case _:
                self.say("250 ok")
        return True

    def extensions(self) -> Iterator[str]:
        if self.does.offers_starttls and not self.secure:
            yield "250-STARTTLS"
        if self.secure:
            yield "250-AUTH PLAIN LOGIN"
        if self.does.size:
            yield f"250-SIZE {self.does.size}"

    def login(self, command: str) -> None:
        if command.split()[1] != "PLAIN":
            return self.say("535 5.7.8 not this way either")
        given = base64.b64decode(command.split()[2]).decode().split("\0")
        fits = self.does.accepts_login and given[1:] == [USER, PASSWORD]
        return self.say("235 welcome" if fits else f"535 5.7.8 no such pair {given[2]} for {given[1]}@example.org")

    def message(self) -> None:
        lines = []
        while (line := self.stream.readline()) != b".\r\n":
            if not line:
                raise _GoneError
            lines.append(line[1:] if line.startswith(b".") else line)
        content = b"".join(lines)
        planned = self.does.replies.get("CONTENT", [""])
        if planned[:1] == ["lose"]:
            planned.pop()
            raise _GoneError
        if planned[:1] in ([], [""], ["drop"]):
            self.server.delivered.append(Mail(self.sender, tuple(self.recipients), content))
        self.does.before_answer()
        self.answer("CONTENT", "250 queued")
        self.does.after_answer()
