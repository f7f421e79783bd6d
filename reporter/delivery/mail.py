"""The mail of a finished run: made of its folder, sent once, and written down.

::

    facts.json, report.pdf --letter_of--> letter --message_of--> message --hand_over--> server
                                          mail.jsonl: who has it, before and after
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

from reporter.delivery.account import Account
from reporter.delivery.journal import Journal
from reporter.delivery.lock import locked
from reporter.delivery.message import message_of
from reporter.delivery.sealed import Sealed, opened
from reporter.delivery.server import MEGABYTE, Attempt, Envelope, ServerError, hand_over
from reporter.delivery.settings import ADDRESSES, BRIEF_PDF, Group, MailSettings, addresses_fault, groups_of
from reporter.document.letter import letter_of
from reporter.errors import DeliveryError, Problem, ReporterError, ResourceError, UsageError


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a run's mail, counted by recipients.

    Attributes
    ----------
    sent : int
        Have got it now.
    before : int
        Had got it before, and were left alone.
    problems : tuple of Problem
        Why others have not got it; empty: everybody has.
    silent : str
        Why nobody was to get it: no alarm fired.
    left_out : tuple of str
        Editions that have recipients and were not made, for they would tell of too few customers.
    """

    sent: int = 0
    before: int = 0
    problems: tuple[Problem, ...] = ()
    silent: str = ""
    left_out: tuple[str, ...] = ()


def check_mail(settings: MailSettings) -> None:
    """Refuse what no mail could be made of, before any work is done.

    Raises
    ------
    UsageError
        Where sender or recipients are missing, or one of them is no address.
    """
    problems = [
        Problem(f"mail.{name}", "holds what is no address.", fault)
        for name in (address.removeprefix("mail.") for address in ADDRESSES)
        if name != "readers"
        and (value := getattr(settings, name))
        and (fault := addresses_fault((value,) if isinstance(value, str) else value))
    ]
    problems += [
        Problem(f"mail.readers.{reader}", "holds what is no address.", fault)
        for reader, some in settings.readers.items()
        if (fault := addresses_fault(some))
    ]
    if not settings.sender:
        problems.append(
            Problem(
                "mail.sender", "is empty, and a mail has a sender.", 'Write such as "Reports <reports@example.org>".'
            )
        )
    if not groups_of(settings) and not any(settings.readers.values()):
        problems.append(
            Problem(
                "mail.managers, mail.analysts, mail.readers",
                "are empty: nobody would get the mail.",
                "Name at least one address.",
            )
        )
    if problems:
        raise UsageError(problems)


def write_mail(folder: Path, settings: MailSettings, templates: str = "") -> tuple[Path, ...]:
    """Write the messages into the run folder instead of sending them: ``email.eml``, or one for each edition where several are sent.

    Parameters
    ----------
    folder : Path
        A finished run.
    settings : MailSettings
    templates : str
        As ``report.templates``.

    Raises
    ------
    UsageError
        Where the folder is no finished run, or no mail can be made of the settings.
    DeliveryError
        Where something that is to be attached is missing, or a message is too large.
    """
    check_mail(settings)
    run = opened(folder)
    groups = _groups(run, settings)
    paths = []
    for group in groups:
        path = run.folder / ("email.eml" if len(groups) == 1 else f"email-{group.key}.eml")
        content = bytes(_message(run, group, settings, templates))
        path.touch(0o600)
        path.write_bytes(content)
        paths.append(path)
    return tuple(paths)


def send_mail(
    folder: Path,
    settings: MailSettings,
    account: Account,
    *,
    templates: str = "",
    again: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> Delivery:
    """Send the mail of a finished run to all who have not got it.

    Parameters
    ----------
    folder : Path
        A finished run; its journal says who has what.
    settings : MailSettings
    account : Account
    templates : str
        As ``report.templates``.
    again : bool
        Whether those who *may* have it get it again, under the same Message-ID.
    wait : callable taking seconds
        Between two attempts.

    Returns
    -------
    Delivery
        What went wrong is in there; a message that went out before stays out.

    Raises
    ------
    UsageError, DeliveryError
        As `write_mail`: then nothing was sent.
    BusyError
        Where another command is writing to this output folder.
    """
    check_mail(settings)
    run = opened(folder)
    with locked(run.folder.parent):
        mailings = [
            _Mailing(run, group, settings, account, _message(run, group, settings, templates))
            for group in _groups(run, settings)
        ]
        parts = [mailing.sent(again, wait) for mailing in mailings]
    problems = tuple(problem for part in parts for problem in part.problems)
    left_out = tuple(name for name, made in run.editions().items() if not made and settings.readers.get(name))
    return Delivery(sum(part.sent for part in parts), sum(part.before for part in parts), problems, left_out=left_out)


@dataclass(frozen=True, slots=True)
class _Mailing:
    """One message to one group."""

    run: Sealed
    group: Group
    settings: MailSettings
    account: Account
    message: EmailMessage = field(repr=False)

    def sent(self, again: bool, wait: Callable[[float], None]) -> Delivery:
        """Send to those who are open, until all have it, none is left to whom it can go, or the attempts are used up."""
        journal = Journal(self.run.folder, self.run.run_id)
        states = journal.states(self.group.key, self.group.addresses)
        doubtful = [] if again else [address for address, state in states.items() if state == "unknown"]
        open_ = [address for address, state in states.items() if state == "open" or (again and state == "unknown")]
        before = sum(state == "sent" for state in states.values())
        sent, left = 0, len(open_)
        problems = [self._doubt(len(doubtful))] if doubtful else []
        try:
            for attempt in self._attempts(journal, open_, wait):
                sent += len(attempt.sent)
                left -= len(attempt.sent) + len(attempt.refused) + len(attempt.unknown)
                problems += self._told(attempt)
        except ServerError as fault:
            where = f"mail to {_people(left)}, server {fault.problem.where}"
            problems.append(replace(fault.problem, where=where))
        except ResourceError as error:
            problems += error.problems
        return Delivery(sent, before, tuple(problems))

    def _attempts(self, journal: Journal, open_: Sequence[str], wait: Callable[[float], None]) -> Iterator[Attempt]:
        """One attempt after the other; what is told as `later` is left to the next one, but for the last."""
        content, left = bytes(self.message), tuple(open_)
        name = str(self.message["Message-ID"])
        sender = parseaddr(self.settings.sender)[1]
        edition = self.group.key
        for number in range(1, self.settings.attempts + 1):
            if not left:
                return
            is_last = number == self.settings.attempts
            try:
                attempt = hand_over(
                    self.account,
                    Envelope(sender, left, content),
                    self.settings.timeout,
                    lambda some: journal.intend(edition, name, some),
                )
            except ServerError as fault:
                if fault.lasting or is_last:
                    raise
            else:
                unwritten = self._concluded(journal, attempt)
                left = tuple(attempt.later)
                yield attempt if is_last else replace(attempt, later={})
                if unwritten is not None:
                    raise unwritten
            if left and not is_last:
                wait(self.settings.pause * 2 ** (number - 1))

    def _concluded(self, journal: Journal, attempt: Attempt) -> ResourceError | None:
        """Write an attempt down; where that is not possible, what was sent is told all the same."""
        try:
            journal.conclude(self.group.key, str(self.message["Message-ID"]), _outcome(attempt))
        except ResourceError as error:
            return error
        return None

    def _told(self, attempt: Attempt) -> Iterator[Problem]:
        """What went wrong in an attempt, with the place of a recipient in the settings instead of its address."""
        fix = "Correct or remove the address, then `reporter email` sends to those who have not got it."
        for address, reply in attempt.refused.items():
            yield Problem(
                self._place(address),
                f"{self.account.host} refuses this recipient or the message for it ({reply}).",
                fix,
            )
        for address, reply in attempt.later.items():
            what = f"{self.account.host} takes nothing for this recipient now ({reply})."
            yield Problem(
                self._place(address), what, "Try again later: `reporter email` sends to those who have not got it."
            )
        if attempt.unknown:
            yield self._doubt(len(attempt.unknown))

    def _doubt(self, count: int) -> Problem:
        what = (
            f"the connection or the command broke while the message was handed over: {_people(count)} may have got it."
        )
        return Problem(
            f"mail, {self.group.told}",
            what,
            "It is not sent again by itself; ask them, or use `reporter email --again`.",
        )

    def _place(self, address: str) -> str:
        """Where an address stands in the settings: ``mail.managers, entry 2``."""
        lists = {name: getattr(self.settings, name) for name in ("managers", "managers_cc", "analysts", "analysts_cc")}
        if reader := self.group.reader:
            lists = {f"readers.{reader}": self.settings.readers[reader]}
        places = (
            f"mail.{name}, entry {place}"
            for name, texts in lists.items()
            for place, text in enumerate(texts, start=1)
            if parseaddr(text)[1] == address
        )
        return next(places)


def _outcome(attempt: Attempt) -> Mapping[str, Sequence[str]]:
    return {
        "sent": attempt.sent,
        "unknown": attempt.unknown,
        "refused": tuple(attempt.refused),
        "later": tuple(attempt.later),
    }


def _people(count: int) -> str:
    return f"{count:,} {'recipient' if count == 1 else 'recipients'}"


# -- what a message is made of


def _groups(run: Sealed, settings: MailSettings) -> list[Group]:
    """All who get something: the groups of the report on everything, then the readers of each edition that was made.

    Raises
    ------
    UsageError
        Where somebody is to get an edition that the run does not know.
    """
    editions = run.editions()
    strangers = [name for name, some in settings.readers.items() if some and name not in editions]
    if strangers:
        known = f"It has {', '.join(editions)}." if editions else "It has none: see [readers]."
        raise UsageError(
            [Problem(f"mail.readers.{name}", "this run has no such edition.", known) for name in strangers]
        )
    readers = ((name, some) for name, some in settings.readers.items() if some and editions[name])
    return [
        *groups_of(settings),
        *(Group("brief" if run.of(name).is_brief else "full", some, (), name) for name, some in sorted(readers)),
    ]


def _message(run: Sealed, group: Group, settings: MailSettings, templates: str) -> EmailMessage:
    """The message of a group, within the limit of size. A run whose report is brief has no other."""
    run = run.of(group.reader) if group.reader else run
    beside = {"report.pdf": BRIEF_PDF} if group.edition == "brief" and not run.is_brief else {}
    files = {name: run.file(beside.get(name, name)) for name in settings.attach}
    letter = letter_of(run.facts, "brief" if run.is_brief else group.edition, tuple(files), templates)
    named = {_file_name(name, run.facts["as_of"]): path for name, path in files.items()}
    message = message_of(letter, group, settings, named, run.run_id)
    size = len(bytes(message))
    if size > settings.most_mb * MEGABYTE:
        what = f"the message has {size / MEGABYTE:.1f} MB, and mail.most_mb allows {settings.most_mb}."
        raise DeliveryError(Problem(f"mail, {group.told}", what, "Attach less (mail.attach), or raise mail.most_mb."))
    return message


def _file_name(name: str, day: str) -> str:
    """The name under which a file travels: with its day, for a folder of downloads holds many reports."""
    stem, _, kind = name.rpartition(".")
    return f"{stem}-{day}.{kind}"


def told(delivery: Delivery) -> str:
    """A delivery in one line, without the problems."""
    if delivery.silent:
        return f"No mail: {delivery.silent}"
    before = f", {delivery.before:,} had it before" if delivery.before else ""
    left = f" Nobody gets {', '.join(delivery.left_out)}: too few customers." if delivery.left_out else ""
    return f"Mail: sent to {_people(delivery.sent)}{before}.{left}"


def delivery_of(fault: ReporterError) -> Delivery:
    """What a fault means for the mail of a run whose report is there all the same."""
    return Delivery(problems=tuple(fault.problems))
