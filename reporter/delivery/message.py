"""A letter becomes a message: ``mixed(alternative(text, related(html, pictures)), files)``. Only `EmailMessage`, which refuses line breaks in headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr, parseaddr
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reporter.delivery.settings import Group, MailSettings
from reporter.document.letter import Letter
from reporter.errors import Problem, UsageError

LONGEST_SUBJECT = 200
KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        ".pdf": ("application", "pdf"),
        ".html": ("text", "html"),
        ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ".json": ("application", "json"),
    }
)
"""Of what may be attached."""


class _Mail(EmailPolicy):
    """Lines end as servers want it; headers with letters beyond ASCII are written by the older, right way: the newer one loses blanks where it breaks a line (before Python 3.12.5)."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A header in bytes."""
        if str(value).isascii():
            return super().fold_binary(name, value)
        if hasattr(value, "addresses"):
            text = f",{self.linesep} ".join(
                self._mailbox(each.display_name, each.addr_spec) for each in value.addresses
            )
        else:
            text = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {text}{self.linesep}".encode("ascii")

    def _mailbox(self, name: str, address: str) -> str:
        if name.isascii():
            return formataddr((name, address))
        return f"{Header(name, 'utf-8', maxlinelen=60).encode(linesep=self.linesep)}{self.linesep} <{address}>"


POLICY = _Mail(linesep="\r\n", raise_on_defect=False)


def message_of(
    letter: Letter, group: Group, settings: MailSettings, files: Mapping[str, Path], run_id: str
) -> EmailMessage:
    """Put a letter, its pictures and its files into a message.

    Parameters
    ----------
    letter : Letter
    group : Group
    settings : MailSettings
        Sender and prefix of the subject.
    files : mapping of str to Path
        What is attached, under which name.
    run_id : str

    Returns
    -------
    EmailMessage
        Its Message-ID depends on run, edition and recipients alone: sent again it is known to be the same.

    Raises
    ------
    UsageError
        Where a header would hold more than one line.
    """
    message = EmailMessage(policy=POLICY)
    subject = f"{settings.subject_prefix} {letter.subject}".strip()
    headers = {
        "From": _mailboxes((settings.sender,)),
        "To": _mailboxes(group.to),
        "Cc": _mailboxes(group.cc),
        "Subject": subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…",
        "Date": format_datetime(datetime.now(UTC)),
        "Message-ID": message_id(run_id, group, settings.sender),
        "Auto-Submitted": "auto-generated",
    }
    for name, value in headers.items():
        if value:
            _set(message, name, value)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    page = message.get_body(("html",))
    assert page is not None  # noqa: S101 (the line above has made it)
    for picture in letter.pictures:
        file = f"{picture.name.partition('.')[0]}.png"
        page.add_related(picture.content, "image", "png", cid=f"<{picture.name}>", disposition="inline", filename=file)
    for name, path in files.items():
        message.add_attachment(path.read_bytes(), *KINDS[path.suffix], filename=name)
    return message


def message_id(run_id: str, group: Group, sender: str) -> str:
    """The name of a message, the same whenever it is made."""
    people = "\n".join(sorted(address.lower() for address in group.addresses))
    digest = sha256(f"{run_id}\n{group.key}\n{people}".encode()).hexdigest()[:16]
    return f"<{run_id}.{group.key}.{digest}@{parseaddr(sender)[1].rpartition('@')[2]}>"


def _mailboxes(texts: Sequence[str]) -> tuple[Address, ...]:
    """Addresses with their names, as headers take them."""
    return tuple(Address(name, addr_spec=address) for name, address in map(parseaddr, texts))


def _set(message: EmailMessage, name: str, value: object) -> None:
    try:
        if "\n" in str(value) or "\r" in str(value):
            raise ValueError
        message[name] = value
    except ValueError as error:
        raise UsageError(
            Problem(f"mail, header {name}", "would hold more than one line.", "Write it on one line.")
        ) from error
