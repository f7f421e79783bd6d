"""What a user may say about the mail and the alarms. Who the mail server is, and its password, is never a setting: see `account`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import ClassVar, Literal

Edition = Literal["brief", "full"]
Attachment = Literal["report.pdf", "report.html", "segments.xlsx", "facts.json"]

BRIEF_PDF = "report-brief.pdf"
"""The two pages beside a full report."""
ADDRESSES = ("mail.sender", "mail.managers", "mail.managers_cc", "mail.analysts", "mail.analysts_cc", "mail.readers")
"""Settings that hold addresses of people: they are told by their number wherever a run is recorded."""
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
)
"""An address as servers take it without extensions (RFC 5321, 4.1.2, without quoted names and address literals)."""
LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Section ``[mail]``."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    send: bool = False
    """Whether a run ends with its mail; --email and --no-email say so too. The server is in the environment: REPORTER_SMTP_HOST, _PORT, _USER, _PASSWORD, _SECURITY."""
    sender: str = ""
    """From: an address, or a name and an address, such as Reports <reports@example.org>."""
    managers: tuple[str, ...] = ()
    """Addresses that get the edition for managers; empty: nobody."""
    managers_cc: tuple[str, ...] = ()
    """Who gets a copy of it."""
    managers_edition: Edition = "brief"
    """What managers get: two pages (brief, which the run then makes as report-brief.pdf beside the full report) or all (full)."""
    analysts: tuple[str, ...] = ()
    """Addresses that get the edition for analysts; empty: nobody."""
    analysts_cc: tuple[str, ...] = ()
    """Who gets a copy of it."""
    analysts_edition: Edition = "full"
    """What analysts get: all (full) or two pages (brief)."""
    readers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Addresses that get an edition of [readers], by its name, such as north = ["north@example.org"]: its own files, and nothing else."""
    subject_prefix: str = ""
    """Put before the subject, such as [shop]; the subject is the report's headline with its date."""
    attach: tuple[Attachment, ...] = ("report.pdf",)
    """What is attached: report.pdf (of the recipient's edition), report.html, segments.xlsx, facts.json; never a file with rows of customers. Empty: nothing."""
    most_mb: int = 15
    """Megabytes that a message may have, attachments included (in a message they take a third more); most servers take 10 to 25."""
    timeout: int = 30
    """Seconds to wait for each answer of the server."""
    attempts: int = 3
    """How often delivery is tried where the server says “later” or cannot be reached."""
    pause: int = 5
    """Seconds before the second attempt; each further pause is twice as long."""


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """Section ``[alarms]``. A rule is a measure and a limit, such as "Champions customers fall 5 %" or "rejected rows exceed 1 %"."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    mail: tuple[str, ...] = ()
    """With these rules a run sends its mail only when one of them fires, such as "Champions customers fall 5 %"; empty: always. `reporter email` sends in any case."""
    exit: tuple[str, ...] = ()
    """When one of these rules fires, the command ends with code 6, such as "rejected rows exceed 1 %"; the report is made all the same."""


@dataclass(frozen=True, slots=True)
class Group:
    """Those who get the same edition, with their addresses as they are written in the settings.

    Attributes
    ----------
    edition : {"brief", "full"}
        Which pages they get.
    to, cc : tuple of str
    reader : str
        The edition of ``[readers]`` that they get; empty: the report on everything.
    """

    edition: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    reader: str = ""

    @property
    def key(self) -> str:
        """What they get in one word, for the journal and the Message-ID."""
        return f"reader-{self.reader}" if self.reader else self.edition

    @property
    def told(self) -> str:
        """What they get, for a person."""
        return f"edition {self.reader}" if self.reader else f"{self.edition} edition"

    @property
    def addresses(self) -> tuple[str, ...]:
        """All of them, bare, each once."""
        return tuple(dict.fromkeys(parseaddr(text)[1] for text in (*self.to, *self.cc)))


def groups_of(settings: MailSettings) -> tuple[Group, ...]:
    """Recipients of the report on everything by edition, brief first; groups that get the same edition get one message."""
    groups = (
        (settings.managers_edition, settings.managers, settings.managers_cc),
        (settings.analysts_edition, settings.analysts, settings.analysts_cc),
    )
    found = []
    for edition in ("brief", "full"):
        to = tuple(address for kind, some, _ in groups for address in some if kind == edition)
        cc = tuple(address for kind, _, some in groups for address in some if kind == edition)
        if to or cc:
            found.append(Group(edition, to, cc))
    return tuple(found)


def address_fault(text: str) -> str:
    """Why a text cannot be an address of the mail, and what to write; empty where it can.

    Examples
    --------
    >>> address_fault("Reports <reports@example.org>"), address_fault("reports")[:17]
    ('', 'Write one address')
    """
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        return "Write it on one line, without control characters."
    address = parseaddr(text)[1]
    if "@" in address and not address.isascii():
        return "Write the address in ASCII; a domain with other letters has a form that begins with xn--."
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address) or not text.rstrip(" >").endswith(address):
        return "Write one address, such as reports@example.org or Reports <reports@example.org>."
    return ""


def addresses_fault(texts: Sequence[str]) -> str:
    """The first fault of several addresses with the place of its address; empty where all can be used, none of them twice."""
    bare = [parseaddr(text)[1].lower() for text in texts]
    for place, (text, address) in enumerate(zip(texts, bare, strict=True), start=1):
        if fault := address_fault(text):
            return f"Entry {place}: {fault}"
        if address in bare[: place - 1]:
            return f"Entry {place} is there twice: name each address once."
    return ""
