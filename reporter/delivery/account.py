"""Who carries the mail: server and credentials, out of the environment and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, cast

from reporter.errors import Problem, UsageError

Security = Literal["starttls", "tls", "none"]
PORTS: Mapping[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
"""Where servers listen for each kind of connection."""
HOST, PORT, USER, PASSWORD, SECURITY = (
    f"REPORTER_SMTP_{name}" for name in ("HOST", "PORT", "USER", "PASSWORD", "SECURITY")
)


@dataclass(frozen=True, slots=True)
class Account:
    """A mail server and who we are there.

    Attributes
    ----------
    host : str
    port : int
    user : str
        Empty: the server asks for no name.
    password : str
        Never shown, also not in ``repr``.
    security : {"starttls", "tls", "none"}
        ``none`` only where the server is this machine.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    security: Security = "starttls"

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


def account_of(environment: Mapping[str, str] | None = None) -> Account:
    """Read the account from the environment.

    Parameters
    ----------
    environment : mapping, optional
        Without it that of this process.

    Raises
    ------
    UsageError
        Where there is no server, or a value has no meaning; all faults at once, and never with the password.

    Examples
    --------
    >>> account_of({"REPORTER_SMTP_HOST": "smtp.example.org", "REPORTER_SMTP_PASSWORD": "secret"})
    Account(host='smtp.example.org', port=587, user='', security='starttls')
    """
    given = {name: text for name, text in (environment or os.environ).items() if name.startswith("REPORTER_SMTP_")}
    host, user, password = (given.get(name, "").strip() for name in (HOST, USER, PASSWORD))
    security = given.get(SECURITY, "").strip().lower() or "starttls"
    port = given.get(PORT, "").strip() or str(PORTS.get(cast(Security, security), 0))
    problems = [problem for problem in _problems(host, port, security, user) if problem]
    if user and not password:
        problems.append(
            Problem(PASSWORD, "is not set, and there is a user.", "Set it in the environment of the command.")
        )
    if problems:
        raise UsageError(problems)
    return Account(host, int(port), user, password, cast(Security, security))


def is_configured(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the environment names a server."""
    return bool((environment or os.environ).get(HOST, "").strip())


def _problems(host: str, port: str, security: str, user: str) -> list[Problem | None]:
    return [
        None
        if host
        else Problem(HOST, "is not set.", "Set it to the name of your mail server; see “By e-mail” in the README."),
        None
        if (port.isascii() and port.isdigit() and 0 < int(port) < 65536) or security not in PORTS
        else Problem(PORT, f"“{port[:20]}” is no port.", "Write a number, such as 587."),
        None
        if security in PORTS
        else Problem(SECURITY, f"“{security[:20]}” is not one of starttls, tls, none.", "Leave it away for starttls."),
        Problem(
            SECURITY,
            "none would send the mail as clear text over the network.",
            "It is for a server on this machine alone, without a user: leave it away for starttls.",
        )
        if security == "none" and (user or not _is_here(host))
        else None,
    ]


def _is_here(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
