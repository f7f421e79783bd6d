"""Editions for many readers: of one run, a report for each merchant, branch or city that may see its own part alone.

Each is made by the same code as the whole report, of a ledger that holds its own rows in an engine of its own, so there is nothing of others that it could tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reporter.analysis.analyse import Analysis, analyse
from reporter.analysis.pseudonymise import pseudonymise
from reporter.analysis.restrict import Size, restrict, sizes
from reporter.analysis.terms import Commission
from reporter.config import Config
from reporter.delivery.sealed import EDITIONS
from reporter.document.audiences import slugs
from reporter.document.compose import check_report, compose
from reporter.document.facts import facts as facts_of
from reporter.document.facts_told import told
from reporter.document.html import to_html
from reporter.document.ink import ink
from reporter.document.playbook import Playbook
from reporter.document.press import Press
from reporter.document.settings import ReaderSettings, reader_fault
from reporter.document.words import Words
from reporter.engine import open_engine
from reporter.errors import Problem, UsageError
from reporter.intake.ledger import Kind, Ledger, Note
from reporter.intake.told import Told
from reporter.printing import begin_pdfs, print_pdfs
from reporter.provenance import provenance_line
from reporter.stages import Stages
from reporter.writing import write_aggregates

PLURALS: Mapping[Kind, str] = MappingProxyType({"merchant": "merchants", "branch": "branches", "city": "cities"})


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition that was asked for.

    Attributes
    ----------
    name : str
        Of its folder.
    reader : ReaderSettings
    size : Size
    """

    name: str
    reader: ReaderSettings
    size: Size

    @property
    def folder(self) -> str:
        """Where its files are in the folder of the run."""
        return f"{EDITIONS}/{self.name}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which editions are made.

    Attributes
    ----------
    made, small : tuple of Edition
        Sorted by name; the small ones would tell of too few customers and are not made.
    least : int
        Customers with transactions that an edition must have.
    """

    made: tuple[Edition, ...] = ()
    small: tuple[Edition, ...] = ()
    least: int = 0

    def facts(self) -> dict[str, Any]:
        """For ``facts.json`` of the report on everything; of the small ones no number, for the reader of that file may not be told of few either."""
        made = [_named(each) | {"rows": each.size.rows, "customers": each.size.buyers, "folder": each.folder} for each in self.made]  # fmt: skip
        left = [_named(each) | {"why": f"fewer than {self.least} customers with transactions"} for each in self.small]
        return {"made": made, "left_out": left}


MEANINGS = told(
    ("editions", "object", "", "Editions for readers. Not in the file of an edition."),
    ("editions.made", "list of object", "", "Those that were made."),
    ("editions.made[].name", "text", "", "Name of the edition."),
    ("editions.made[].kind", "text", "", "merchant, branch or city."),
    ("editions.made[].of", "text", "", "Name of the merchant, branch or city."),
    ("editions.made[].rows", "integer", "rows", "Rows of transactions in it."),
    ("editions.made[].customers", "integer", "customers", "With transactions in it."),
    ("editions.made[].folder", "text", "", "Its folder in that of the run."),
    ("editions.left_out", "list of object", "", "Those that would be of too few customers."),
    ("editions.left_out[].name", "text", "", "Name of the edition."),
    ("editions.left_out[].kind", "text", "", "merchant, branch or city."),
    ("editions.left_out[].of", "text", "", "Name of the merchant, branch or city."),
    ("editions.left_out[].why", "text", "", "Why it was not made."),
    ("scope", "object or null", "", "What an edition is about. Only in the file of an edition."),
    ("scope.kind", "text", "", "merchant, branch or city."),
    ("scope.name", "text", "", "Name of the merchant, branch or city."),
    ("scope.rows", "integer", "rows", "Rows of transactions in it."),
    ("scope.customers", "integer", "customers", "Known in it."),
    ("scope.of_rows", "integer or null", "rows", "Rows of transactions of the whole; null where its readers are not told."),
    ("scope.of_customers", "integer or null", "customers", "Known in the whole; null where its readers are not told."),
    ("scope.rejected", "integer or null", "rows", "Rows of transactions of the whole that could not be used; null where its readers are not told."),
)  # fmt: skip
"""Of facts.json: which editions there are, and what one is about."""


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """What all editions of a run are made with.

    Attributes
    ----------
    config : Config
    commission : Commission
    playbook : Playbook
    press : Press
    room : int
        Bytes for the customers.
    missing : future of str, or None
        Why no PDF can be made, empty where it can; None where none is wanted. To ask means to wait until the library is loaded.
    """

    config: Config
    commission: Commission
    playbook: Playbook
    press: Press
    room: int
    missing: Future[str] | None

    @property
    def pdf(self) -> bool:
        """Whether PDFs are made."""
        return self.missing is not None and not self.missing.result()


def check_readers(config: Config) -> None:
    """Look at what a user says about editions, before any work is done.

    Raises
    ------
    UsageError
        Where one of them cannot be made.
    """
    for name, reader in config.readers.each.items():
        if fault := reader_fault(name, reader):
            raise UsageError(Problem(f"[readers.{name}]", "this edition cannot be made.", fault))
        check_report(reader.over(config.report))


def chosen_of(ledger: Ledger, config: Config) -> tuple[Ledger, Chosen]:
    """Find what editions are about, and which of them are large enough; the ledger gets a note of those that are not.

    Raises
    ------
    UsageError
        Where the data has no such merchant, branch or city, or somebody is to get an edition that nobody asked for.
    """
    asked, by = config.readers.each, config.readers.by
    kinds = {reader.kind for reader in asked.values()} | ({by} if by else set())
    known: dict[Kind, dict[str, Size]] = {kind: sizes(ledger, kind) for kind in kinds if kind}
    problems = [problem for name, reader in asked.items() if (problem := _stranger(name, reader, known[reader.kind]))]
    if by and not known[by]:
        problems.append(Problem("readers.by", f"the data has no {PLURALS[by]}.", "Choose another, or leave it empty."))
    readers = {**asked, **_each(config, known)}
    problems += _nobodys(config, readers)
    if problems:
        raise UsageError(problems)
    editions = [Edition(name, each, known[each.kind][each.name]) for name, each in sorted(readers.items())]
    least = max(config.readers.min_customers, config.report.min_group)
    small = tuple(each for each in editions if each.size.buyers < least)
    notes = _notes(small, config, known, least)
    chosen = Chosen(tuple(each for each in editions if each not in small), small, least)
    return replace(ledger, notes=(*ledger.notes, *notes)), chosen


def _each(config: Config, known: Mapping[Kind, Mapping[str, Size]]) -> dict[str, ReaderSettings]:
    """One for each that has no section of its own, named after it."""
    by, asked = config.readers.by, config.readers.each
    if not by:
        return {}
    own = {reader.name for reader in asked.values() if reader.kind == by}
    found = {}
    for group, slug in slugs(known[by], by).items():
        if group not in own:
            about: dict[str, Any] = {by: group}
            found[f"{by}-{slug}" if slug in asked else slug] = ReaderSettings(**about)
    return found


def _stranger(name: str, reader: ReaderSettings, known: Mapping[str, Size]) -> Problem | None:
    from difflib import get_close_matches

    if reader.name in known:
        return None
    if not known:
        fix = f"Its {PLURALS[reader.kind]} are nowhere named: look at what `reporter check` finds."
        return Problem(f"[readers.{name}] {reader.kind}", f"the data has no {PLURALS[reader.kind]}.", fix)
    close = get_close_matches(reader.name, known, n=3) or list(known)[:3]
    return Problem(
        f"[readers.{name}] {reader.kind}",
        f"the data has no {reader.kind} “{reader.name}” with transactions.",
        f"Did you mean {' or '.join(f'“{each}”' for each in close)}?",
    )


def _nobodys(config: Config, readers: Mapping[str, ReaderSettings]) -> Iterator[Problem]:
    """Recipients of what is no edition."""
    from difflib import get_close_matches

    for name in config.mail.readers:
        if name not in readers:
            close = get_close_matches(name, readers, n=1) or list(readers)[:1]
            fix = f"Did you mean {close[0]}?" if close else "Say what it is about in [readers.NAME]."
            yield Problem(f"mail.readers.{name}", "there is no such edition.", fix)


def _notes(
    small: Sequence[Edition], config: Config, known: Mapping[Kind, Mapping[str, Size]], least: int
) -> tuple[Note, ...]:
    """Those that were asked for by name one by one, the others as a number."""
    named = [each for each in small if each.name in config.readers.each]
    what = Told("Fewer than {least} customers with transactions, so no edition.", least=f"{least:,}")
    notes = [Note("ignored", f"readers.{each.name}", what, fix="readers.min_customers") for each in named]
    others, by = len(small) - len(named), config.readers.by
    if by and others:
        told = _too_small(by, n=f"{others:,}", all=f"{len(known[by]):,}", least=f"{least:,}")
        notes.append(Note("ignored", "readers.by", told, fix="readers.min_customers"))
    return tuple(notes)


def _too_small(kind: Kind, **counts: str) -> Told:
    match kind:
        case "merchant":
            return Told(
                "{n} of {all} merchants: fewer than {least} customers with transactions, so no edition.", **counts
            )
        case "branch":
            return Told(
                "{n} of {all} branches: fewer than {least} customers with transactions, so no edition.", **counts
            )
    return Told("{n} of {all} cities: fewer than {least} customers with transactions, so no edition.", **counts)


def _named(edition: Edition) -> dict[str, Any]:
    reader = edition.reader
    return {"name": edition.name, "kind": reader.kind, "of": reader.name}


def make(
    ledger: Ledger, chosen: Chosen, means: Means, place: tuple[Path, str], stages: Stages
) -> dict[str, Future[bytes]]:
    """Write every edition, one after the other; the engine of each is closed before the next is opened.

    Parameters
    ----------
    ledger : Ledger
        The whole; its transactions are still in its engine.
    chosen : Chosen
    means : Means
    place : tuple of Path and str
        The folder of the run and its id.
    stages : Stages

    Returns
    -------
    dict of str to future
        The PDFs that are being printed, by their path in the folder.
    """
    if not chosen.made:
        return {}
    prints: dict[str, Future[bytes]] = {}
    rows = sum(each.size.rows for each in chosen.made)
    with stages("editions", f"Making {len(chosen.made):,} editions for readers", rows=rows) as step:
        for edition in chosen.made:
            prints |= _made(ledger, edition, means, place)
            step.add(edition.size.rows)
    return prints


def _made(ledger: Ledger, edition: Edition, means: Means, place: tuple[Path, str]) -> dict[str, Future[bytes]]:
    """Analyse, compose, draw and write one edition."""
    folder, run_id = place
    config, path = means.config, folder / edition.folder
    settings = edition.reader.over(config.report)
    analysis = _analysed(ledger, edition, means)
    line = provenance_line(analysis.ledger, run_id, config)
    document = compose(analysis, settings, run_id, line, means.playbook)
    facts = facts_of(analysis, document, run_id, settings.min_group)
    facts |= {"scope": asdict(analysis.ledger.scope) if analysis.ledger.scope else None, "alarms": []}
    words = Words(settings.locale, analysis.ledger.currency, analysis.ledger.mode)
    document = ink(document, words, means.press)
    page = to_html(document, settings.templates)
    path.mkdir(parents=True)
    begun = begin_pdfs(means.press, [page] if means.pdf else [], are_ours=not settings.templates)
    write_aggregates(path, document, page, facts)
    printed = print_pdfs(begun, path, document)
    return {f"{edition.folder}/{name}": future for name, future in printed.items()}


def _analysed(ledger: Ledger, edition: Edition, means: Means) -> Analysis:
    """The numbers of its own rows. The budget is the company's and earlier campaigns were planned on all customers, so neither is an edition's."""
    config, memory = means.config, ledger.engine.plan.memory_bytes
    settings = replace(config.analysis, campaign=replace(config.analysis.campaign, budget=None))
    commission = replace(means.commission, sent=None, unmeasured="")
    whole = edition.reader.kind != "merchant" if config.readers.whole == "auto" else config.readers.whole
    with closing(open_engine("duckdb", memory_bytes=None if memory is None else memory // 2)) as engine:
        part = restrict(ledger, edition.reader.kind, edition.reader.name, engine, tells_whole=whole)
        return pseudonymise(analyse(part, settings, means.room, means.press.submit, commission))
