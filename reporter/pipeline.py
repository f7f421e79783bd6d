"""The whole story: source -> ledger -> analysis -> document -> files.

Every line below is one stage, one verb; read it first.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter.analysis.analyse import Analysis
from reporter.analysis.rfm import load_grid
from reporter.analysis.standing import with_past
from reporter.config import Config, Origins
from reporter.delivery.account import account_of
from reporter.delivery.alarms import check_alarms, fired, judge, unfired
from reporter.delivery.history import read_members
from reporter.delivery.store import beside, check_loose, check_root, open_run, write_json
from reporter.document.audiences import write_rejects
from reporter.document.blocks import Document
from reporter.document.brand import look_of
from reporter.document.compose import check_report, compose
from reporter.document.facts import SCHEMA_VERSION, ledger_facts, reconciliation_facts
from reporter.document.facts import facts as facts_of
from reporter.document.html import load_templates, to_html
from reporter.document.ink import Inking
from reporter.document.playbook import load_playbook
from reporter.document.press import Press
from reporter.document.templates import check_templates
from reporter.document.tokens import templates_folder
from reporter.document.words import Words
from reporter.editions import Chosen, Means, check_readers, chosen_of, make
from reporter.errors import ReporterError
from reporter.intake.ledger import Ledger
from reporter.intake.memory import Source
from reporter.printing import begin_pdfs, demand, print_pdfs, reason, write_pdfs
from reporter.provenance import makes_brief_pdf, manifest_of, origins_of, provenance_line, run_id_of
from reporter.recall import Recalled, recall, remember
from reporter.river import analysis_of, commission_of, engine_for, ledger_from, ledger_of, read_source, room_for
from reporter.stages import Progress, Stages, silent
from reporter.writing import begin_rows, rows_of, write_aggregates

if TYPE_CHECKING:
    from reporter.delivery.mail import Delivery


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """A finished run.

    Attributes
    ----------
    run_id : str
    folder : Path
        Where everything is.
    paths : mapping of str to Path
        Every file by its name in the folder: ``report.html``, ``facts.json``, ``audiences/…``.
    analysis : Analysis
        All numbers. Its ledger's engine is closed: the frames remain, the transactions do not.
    document : Document
    facts : dict
        The content of ``facts.json``.
    no_pdf : str
        Why there is no PDF, where one would have been made; else empty.
    timings : mapping
        Seconds and peak memory of the stages, as in the manifest: see `Stages.timings`.
    remarks : tuple of str
        What the ledger of earlier runs has to say, such as that it was damaged and is made anew; mostly nothing.
    mail : Delivery or None
        What became of the mail; None where none was asked for. A fault of the mail is in there, for the report is finished all the same.
    """

    run_id: str
    folder: Path
    paths: Mapping[str, Path]
    analysis: Analysis
    document: Document
    facts: dict[str, Any]
    no_pdf: str
    timings: Mapping[str, Any]
    remarks: tuple[str, ...] = ()
    mail: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What `run` is asked for; the attributes are its parameters."""

    source: Source
    config: Config
    output: str | Path | None = None
    force: bool = False
    origins: Origins | None = None
    progress: Progress = silent

    @property
    def said_by(self) -> Origins:
        """Who said what the settings say."""
        return self.origins or origins_of(self.config)


def run(
    source: Source,
    config: Config | None = None,
    *,
    output: str | Path | None = None,
    force: bool = False,
    origins: Origins | None = None,
    progress: Progress = silent,
) -> Outputs:
    """Make the whole report of a source.

    Parameters
    ----------
    source : str, Path, table, or mapping of str to table
        A workbook, a CSV or Parquet file, a folder of them, the address of a database; or tables in memory: one of orders, or those of a shop by
        their names (``{"transactions": …, "customers": …}``). A table is whatever hands itself over as an Arrow stream: a DataFrame of pandas or Polars, a
        Table or RecordBatchReader of pyarrow.
    config : Config, optional
        Settings; `load_config` reads them from a file.
    output : str or Path, optional
        The folder that will hold the run's folder; without it ``config.output.dir``.
    force : bool
        Whether a finished run of the same input, settings and version may be made again.
    origins : mapping of setting name to origin, optional
        For the manifest, as `load_config` gives it.
    progress : callable taking a Stage
        Told when a stage begins and when it has ended.

    Returns
    -------
    Outputs

    Raises
    ------
    ReporterError
        One of its kinds, each with the place, the fact and the mending. Then nothing has been written.

    Examples
    --------
    >>> import reporter
    >>> config, _ = reporter.load_config(overrides=["output.pdf=false", "report.edition=brief"])
    >>> outputs = reporter.run(reporter.sample(customers=12), config, output=folder)
    >>> outputs.run_id[:10], outputs.paths["report.html"].is_file()
    ('2025-07-01', True)
    """
    request = Request(source, config or Config(), output, force, origins, progress)
    with Press(pdf=request.config.output.wants_pdf) as press:
        return fulfil(request, press)


def fulfil(request: Request, press: Press) -> Outputs:
    """Make the report that `run` was asked for, with workers that are there; faults are those of `run`."""
    source, config, progress = request.source, request.config, request.progress
    root = _checked(Path(request.output or config.output.dir), config)
    stages, wants_pdf = Stages(progress), config.output.wants_pdf
    playbook = load_playbook(config.report.playbook)
    with closing(engine_for(source, config)) as engine:
        tables = read_source(source, config, engine, stages)
        missing = press.submit(reason, wants_pdf)
        ledger = ledger_from(tables, config, engine, stages)
        recalled = _recalled(root, ledger, config, stages)
        commission = commission_of(ledger, config, playbook, root, recalled)
        ledger, chosen = chosen_of(ledger, config)
        earlier = *recalled.inputs, *commission.inputs
        run_id = run_id_of(ledger, config, earlier)
        demand(config, missing)
        with open_run(root, run_id, force=request.force) as folder, press.stopped_first():
            means = Means(config, commission, playbook, press, room_for(config), missing if wants_pdf else None)
            prints = make(ledger, chosen, means, (folder.path, run_id), stages)
            analysis = _placed(analysis_of(ledger, config, commission, stages, press.submit), recalled, run_id)
            lists = begin_rows(folder.path, rows_of(analysis, config, playbook), press.submit)
            with stages("compose", "Finding words"):
                documents, facts, inking = _compose(analysis, means, run_id, chosen)
            documents, pages = _set(documents, config, inking, stages)
            with stages("write", "Writing files"):
                begun = begin_pdfs(press, pages if means.pdf else [], are_ours=not config.report.templates)
                write_aggregates(folder.path, documents[0], pages[0], facts)
                no_pdf = missing.result()
                pdfs = print_pdfs(begun, folder.path, documents[0]) | prints
                write_rejects(analysis.ledger.all_findings(), folder.path)
                engine.close()  # the PDF needs the memory
                lists()
            manifest = manifest_of(ledger, run_id, config, request.said_by, earlier)
            if pdfs:
                with stages("pdf", "Printing the PDF"):
                    no_pdf = write_pdfs(pdfs, folder.path, config)
            final = folder.publish({**manifest, "timings": stages.timings()})
            remarks = remember(root, recalled)
    mail = _mail(final, config, facts, stages)
    made = run_id, final, _paths(final), analysis, documents[0], facts, no_pdf
    return Outputs(*made, stages.timings(), remarks, mail)


def _paths(folder: Path) -> dict[str, Path]:
    """Every file of a finished run by its name in the folder."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _recalled(root: Path, ledger: Ledger, config: Config, stages: Stages) -> Recalled:
    with stages("recall", "Looking at earlier runs"):
        return recall(root, ledger, config)


def _placed(analysis: Analysis, recalled: Recalled, run_id: str) -> Analysis:
    """With its place among the earlier runs, where the user wants that."""
    if recalled.series is None:
        return analysis
    before = None if recalled.members is None else read_members(recalled.members)
    return with_past(analysis, recalled.series, run_id, recalled.points, before)


def check(
    source: Source,
    config: Config | None = None,
    *,
    output: str | Path | None = None,
    progress: Progress = silent,
) -> Ledger:
    """Read and clean a source, and make no report: what was found, kept, rejected and flagged.

    Parameters
    ----------
    source, config, progress
        As for `run`.
    output : str or Path, optional
        A folder that gets ``rejects.csv`` and ``facts.json``; without it nothing is written.

    Returns
    -------
    Ledger
        Its engine is closed: accounts and findings remain, the transactions do not.

    Raises
    ------
    InputError
        Where the source cannot be used.
    UsageError
        Where `output` cannot be written, or is the folder of a finished run.

    Examples
    --------
    >>> import reporter
    >>> orders = reporter.sample()
    >>> orders.loc[[3, 9], "amount"] = None
    >>> ledger = reporter.check(orders)
    >>> ledger.findings.groupby("reason").size().to_dict()
    {'no-amount': 2}
    """
    config = config or Config()
    folder = None if output is None else Path(output)
    if folder is not None:
        check_loose(folder)
    with closing(engine_for(source, config)) as engine:
        ledger = ledger_of(source, config, engine, Stages(progress))
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            with beside(folder) as made:
                write_rejects(ledger.all_findings(), made)
                write_json(made / "facts.json", accounts(ledger))
    return ledger


def accounts(ledger: Ledger) -> dict[str, Any]:
    """The facts of a check: mode, as-of date, the account of every table, the notes, look-ups and balances."""
    return {
        "schema_version": SCHEMA_VERSION,
        **ledger_facts(ledger),
        "reconciliation": reconciliation_facts(ledger),
    }


def _checked(root: Path, config: Config) -> Path:
    """Where the report will be, looked at before any work is done, as is what a user says about templates, report, editions, alarms and mail."""
    check_root(root)
    check_templates(config.report.templates, templates_folder())
    check_report(config.report)
    check_readers(config)
    load_grid(config.analysis.rfm)
    check_alarms(config.alarms, config.analysis.rfm.grid)
    if config.mail.send:
        from reporter.delivery.mail import check_mail  # loads what talks to mail servers

        check_mail(config.mail)
        account_of()
    return root


def _compose(
    analysis: Analysis, means: Means, run_id: str, chosen: Chosen
) -> tuple[list[Document], dict[str, Any], Inking]:
    """The report, and beside a full one the two pages for those who get them by mail; and the facts. What is written is drawn while the rest is."""
    config, ledger = means.config, analysis.ledger
    line = provenance_line(ledger, run_id, config)
    settings = [config.report, *([replace(config.report, edition="brief")] if makes_brief_pdf(config) else [])]
    words = Words(config.report.locale, ledger.currency, ledger.mode)
    inking = Inking(words, look_of(config.report), means.press)
    documents = [compose(analysis, each, run_id, line, means.playbook, inking.begin) for each in settings]
    facts = facts_of(analysis, documents[0], run_id, config.report.min_group)
    return documents, facts | {"alarms": judge(config.alarms, facts), "editions": chosen.facts()}, inking


def _set(documents: list[Document], config: Config, inking: Inking, stages: Stages) -> tuple[list[Document], list[str]]:
    """Draw, and set the pages."""
    with stages("draw", "Drawing"):
        if not config.report.templates:
            load_templates(documents[0])
        drawn = [inking.finish(document) for document in documents]
    with stages("html", "Setting pages"):
        return drawn, [to_html(document, config.report.templates) for document in drawn]


def _mail(folder: Path, config: Config, facts: Mapping[str, Any], stages: Stages) -> Delivery | None:
    """Send the mail of a finished run, unless there are alarms for it and none fired; whatever comes of it, the report is there."""
    if not config.mail.send:
        return None
    from reporter.delivery.mail import Delivery, delivery_of, send_mail

    if config.alarms.mail and not fired(facts["alarms"], "mail"):
        return Delivery(silent=unfired(facts["alarms"]))
    with stages("mail", "Sending the mail"):
        try:
            return send_mail(folder, config.mail, account_of(), templates=config.report.templates)
        except ReporterError as fault:
            return delivery_of(fault)
