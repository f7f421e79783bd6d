"""One attempt at a mail server: connect, prove who it is, hand a message over. The only smtplib.

What matters is what is known afterwards. Up to the moment before the first byte of the message everything may be tried again; from then on only the server's
answer tells, and where none comes the message *may* have been delivered: then nobody may simply send it again.
"""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from reporter.delivery.account import HOST, PASSWORD, PORT, SECURITY, USER, Account
from reporter.errors import Problem

OWN_NAME = "[127.0.0.1]"
"""How we greet: the name of this machine is nobody's business, and recipients could read it."""
LONGEST_REPLY = 160
MEGABYTE = 10**6
_ANY_ADDRESS = re.compile(r"<?[^\s<>:;,]+@[^\s<>:;,]+>?")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as a server takes it: bare addresses, and the whole text with its headers in bytes (CRLF)."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of an envelope, by recipient.

    Attributes
    ----------
    sent : tuple of str
        The server has taken the message for them.
    refused : mapping of str to str
        Why they will never get it, as the server says.
    later : mapping of str to str
        Why they have not got it yet.
    unknown : tuple of str
        They may have it: the connection broke while the message was handed over.
    """

    sent: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


class ServerError(Exception):
    """Nothing was handed over to anybody; `lasting` where another attempt would end the same way."""

    def __init__(self, problem: Problem, *, lasting: bool) -> None:
        self.problem, self.lasting = problem, lasting
        super().__init__(str(problem))


def hand_over(
    account: Account, envelope: Envelope, timeout: float, at_stake: Callable[[Sequence[str]], None]
) -> Attempt:
    """Try once to hand an envelope over.

    Parameters
    ----------
    account : Account
    envelope : Envelope
    timeout : float
        Seconds to wait for each answer.
    at_stake : callable taking recipients
        Called when the server waits for the message and before the first byte of it: from its return on the message may be delivered to them.

    Returns
    -------
    Attempt
        Each recipient is in exactly one of its parts.

    Raises
    ------
    ServerError
        Where it did not come to that.
    """
    with open_server(account, timeout) as session:
        accepted, attempt = _addressed(session, account, envelope)
        if not accepted:
            return attempt
        code, reply = _asked(session, account, "DATA", timeout)
        if code != 354:
            raise _refusal(account, "refuses the message", code, reply)
        at_stake(accepted)
        return _content(session, account, envelope.content, (accepted, attempt))


@contextmanager
def open_server(account: Account, timeout: float) -> Iterator[smtplib.SMTP]:
    """Connect to a server, make sure that it is the one, and say who we are.

    Raises
    ------
    ServerError
        With the one thing to mend: the name, the port, the certificate, the credentials.
    """
    try:
        session = _connected(account, timeout)
    except ssl.SSLCertVerificationError as error:
        raise _untrusted(account, error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _unreachable(account, error, timeout) from error
    try:
        _known(session, account)
        yield session
        with suppress(OSError, smtplib.SMTPException):  # whatever was to be told has been told
            session.quit()
    finally:
        session.close()


def _connected(account: Account, timeout: float) -> smtplib.SMTP:
    """An encrypted connection to a server whose certificate has been checked against its name."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if account.security == "tls":
        secure = smtplib.SMTP_SSL(account.host, account.port, OWN_NAME, timeout=timeout, context=context)
        secure.ehlo()
        return secure
    session = smtplib.SMTP(account.host, account.port, OWN_NAME, timeout=timeout)
    try:
        session.ehlo()
        if account.security == "starttls":
            if not session.has_extn("starttls"):
                what = "offers no encryption (STARTTLS), so nothing was sent."
                fix = f"Use the port for submission (587), or set {SECURITY}=tls for a server that is encrypted from the start (465)."
                raise ServerError(Problem(account.place, what, fix), lasting=True)
            session.starttls(context=context)
            session.ehlo()
    except BaseException:
        session.close()
        raise
    return session


def _known(session: smtplib.SMTP, account: Account) -> None:
    if not account.user:
        return
    try:
        session.login(account.user, account.password)
    except smtplib.SMTPResponseException as error:
        told = _said(error.smtp_error, account)
        what = f"refuses user name or password ({error.smtp_code} {told})."
        raise ServerError(
            Problem(
                account.place,
                what,
                f"Check {USER} and {PASSWORD}; many providers want a password of its own for programs.",
            ),
            lasting=error.smtp_code >= 500,
        ) from error
    except smtplib.SMTPServerDisconnected as error:
        raise ServerError(
            Problem(account.place, "broke the connection when it was told who we are.", "Try again later."),
            lasting=False,
        ) from error
    except smtplib.SMTPException as error:
        raise ServerError(
            Problem(
                account.place,
                "does not take a user name and a password here.",
                f"Unset {USER}, or use another port ({PORT}).",
            ),
            lasting=True,
        ) from error


def _addressed(session: smtplib.SMTP, account: Account, envelope: Envelope) -> tuple[tuple[str, ...], Attempt]:
    """Sender and recipients told: those that are accepted, and what the server says to the others."""
    size, most = len(envelope.content), session.esmtp_features.get("size", "")
    if most.isdigit() and 0 < int(most) < size:
        what = f"takes messages of at most {int(most) / MEGABYTE:.1f} MB, and this one has {size / MEGABYTE:.1f} MB."
        raise ServerError(Problem(account.place, what, "Attach less: mail.attach."), lasting=True)
    options = f" SIZE={size}" if session.has_extn("size") else ""
    code, reply = _asked(session, account, f"MAIL FROM:<{envelope.sender}>{options}")
    if code != 250:
        raise _refusal(account, "refuses the sender (mail.sender)", code, reply)
    accepted: list[str] = []
    refused: dict[str, str] = {}
    later: dict[str, str] = {}
    for recipient in envelope.recipients:
        code, reply = _asked(session, account, f"RCPT TO:<{recipient}>")
        if code == 421:
            raise _refusal(account, "closes the connection", code, reply)
        if code in (250, 251):
            accepted.append(recipient)
        else:
            (refused if code >= 500 else later)[recipient] = f"{code} {_said(reply, account)}"
    return tuple(accepted), Attempt((), refused, later)


def _asked(session: smtplib.SMTP, account: Account, command: str, timeout: float = 0.0) -> tuple[int, bytes]:
    """A command and its answer; as long as no byte of the message is on its way, a broken connection is no loss."""
    try:
        return session.docmd(command)
    except (OSError, smtplib.SMTPException) as error:
        what = "does not answer in time" if _is_timeout(error) else "broke the connection"
        raise ServerError(
            Problem(account.place, f"{what}, before the message was handed over.", "Try again later."), lasting=False
        ) from error


def _content(
    session: smtplib.SMTP, account: Account, content: bytes, addressed: tuple[tuple[str, ...], Attempt]
) -> Attempt:
    """The message itself; a line that begins with a dot gets a second one (RFC 5321, 4.5.2)."""
    accepted, attempt = addressed
    try:
        session.send(re.sub(rb"(?m)^\.", b"..", content).rstrip(b"\r\n") + b"\r\n.\r\n")
        code, reply = session.getreply()
    except (OSError, smtplib.SMTPException):
        return Attempt((), attempt.refused, attempt.later, accepted)
    if code == 250:
        return Attempt(accepted, attempt.refused, attempt.later)
    told = dict.fromkeys(accepted, f"{code} {_said(reply, account)}")
    if code >= 500:
        return Attempt((), attempt.refused | told, attempt.later)
    return Attempt((), attempt.refused, attempt.later | told)


# -- how faults are told


def _refusal(account: Account, what: str, code: int, reply: bytes) -> ServerError:
    fix = "Ask whoever runs the server." if code >= 500 else "Try again later."
    return ServerError(Problem(account.place, f"{what} ({code} {_said(reply, account)}).", fix), lasting=code >= 500)


def _untrusted(account: Account, error: ssl.SSLCertVerificationError) -> ServerError:
    """The certificate is not trusted, or is another server's: nothing is said to it, least of all a password."""
    what = f"its certificate cannot be trusted ({error.verify_message}), so nothing was sent."
    fix = f"Use the name that stands in the certificate as {HOST}; for an authority of your own name its file in SSL_CERT_FILE."
    return ServerError(Problem(account.place, what, fix), lasting=True)


def _unreachable(account: Account, error: Exception, timeout: float) -> ServerError:
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        what, fix = "does not speak TLS as it should.", f"Check {PORT} and {SECURITY}: tls for 465, starttls for 587."
        return ServerError(Problem(account.place, what, fix), lasting=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(account, "turns us away", error.smtp_code, _bytes_of(error.smtp_error))
    if _is_timeout(error):
        what = f"does not answer within {timeout:g} seconds."
    elif isinstance(error, OSError) and error.strerror:
        what = f"cannot be reached ({error.strerror.lower()})."
    else:
        what = "broke the connection."
    return ServerError(
        Problem(account.place, what, f"Check {HOST} and {PORT}, and whether this machine may reach them."),
        lasting=False,
    )


def _is_timeout(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _bytes_of(reply: bytes | str) -> bytes:
    return reply if isinstance(reply, bytes) else reply.encode()


def _said(reply: bytes | str, account: Account) -> str:
    """What the server says, on one short line; it may have anything in it: an address, or what we told it."""
    text = " ".join(_bytes_of(reply).decode("utf-8", "replace").split())
    text = "".join(letter for letter in text if letter.isprintable())
    for secret in _secrets(account):
        text = text.replace(secret, "***")
    text = _ANY_ADDRESS.sub("(address)", text)
    return text if len(text) <= LONGEST_REPLY else text[: LONGEST_REPLY - 1] + "…"


def _secrets(account: Account) -> list[str]:
    """The password in every form in which it has gone over the line."""
    if not account.password:
        return []
    forms = (account.password, f"\0{account.user}\0{account.password}")
    return [account.password, *(base64.b64encode(form.encode()).decode() for form in forms)]
