"""The whole story: source -> ledger -> analysis -> document -> files.

Every line below is one stage, one verb; read it first.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reporter.analysis.analyse import Analysis
from reporter.analysis.analyse import analyse as analyse_ledger
from reporter.analysis.assign import campaign_key
from reporter.analysis.expected import EXPECTED_VALUE
from reporter.analysis.pseudonymise import pseudonymise
from reporter.analysis.terms import Commission
from reporter.aside import Aside, at_once
from reporter.config import Config, Origins
from reporter.delivery.earlier import sent_before
from reporter.delivery.store import beside, check_loose, check_root, open_run, write_json
from reporter.document.audiences import write_audiences, write_customers, write_rejects
from reporter.document.blocks import Document
from reporter.document.compose import check_report, compose
from reporter.document.facts import SCHEMA_VERSION, ledger_facts, reconciliation_facts
from reporter.document.facts import facts as facts_of
from reporter.document.html import to_html
from reporter.document.ink import ink
from reporter.document.pdf import pdf_available, to_pdf
from reporter.document.playbook import Playbook, load_playbook
from reporter.document.press import Press
from reporter.document.templates import check_templates
from reporter.document.tokens import templates_folder
from reporter.document.words import Words
from reporter.document.workbook import to_workbook
from reporter.engine import Engine, open_engine
from reporter.errors import Problem, RenderError, ResourceError
from reporter.intake.clean import clean
from reporter.intake.ledger import Ledger
from reporter.intake.listed import read_ids
from reporter.intake.locate import name_of
from reporter.intake.pseudonyms import Pseudonyms, pseudonyms_from
from reporter.intake.read import Tables, read
from reporter.meter import available_memory
from reporter.provenance import manifest_of, origins_of, provenance_line, run_id_of
from reporter.settings import memory_bytes
from reporter.stages import Progress, Stages, shortage_of, silent

ENGINE_SHARE = 0.3
"""Of the memory that a run may use: the engine spills what does not fit, the customers in the analysis cannot."""
ATTACHED = MappingProxyType(
    {"segments.xlsx": "Every table of the report; no row of a customer", "facts.json": "Every number of the report"}
)
"""What travels inside the PDF."""
HELD_BYTES = 250 * 2**20
"""Libraries, and the two workers that draw and print."""


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
    """

    run_id: str
    folder: Path
    paths: Mapping[str, Path]
    analysis: Analysis
    document: Document
    facts: dict[str, Any]
    no_pdf: str
    timings: Mapping[str, Any]


def run(
    source: str | Path,
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
    source : str or Path
        A workbook, a CSV or Parquet file, or a folder of them.
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
    ::

        outputs = reporter.run("shop.xlsx", output="reports")
        outputs.paths["report.html"]
    """
    config = config or Config()
    root = Path(output or config.output.dir)
    check_root(root)
    stages = Stages(progress)
    check_templates(config.report.templates, templates_folder())
    check_report(config.report)
    playbook = load_playbook(config.report.playbook)
    wants_pdf = config.output.pdf is not False
    with ExitStack() as closing_last:
        engine = closing_last.enter_context(closing(_engine(source, config)))
        tables = _read(source, config, engine, stages)
        press = closing_last.enter_context(Press(pdf=wants_pdf))
        missing = press.submit(_reason, wants_pdf)
        ledger = _clean(tables, config, engine, stages)
        commission = _commission(ledger, config, playbook, root)
        run_id = run_id_of(ledger, config, commission.inputs)
        _demand(config, missing)
        with open_run(root, run_id, force=force) as folder:
            analysis = _analysed(ledger, config, commission, stages, press.submit)
            with stages("compose", "Finding words"):
                line = provenance_line(ledger, run_id, config)
                document = compose(analysis, config.report, run_id, line, playbook)
                facts = facts_of(analysis, document, run_id)
            with stages("draw", "Drawing"):
                document = ink(document, Words(config.report.locale, ledger.currency, ledger.mode), press)
                press.dismiss()
            with stages("html", "Setting pages"):
                html = to_html(document, config.report.templates)
            with stages("write", "Writing files"):
                _write_aggregates(folder.path, document, html, facts)
                no_pdf = missing.result()
                pdf = _print(press, html, folder.path, document) if wants_pdf and not no_pdf else None
                _write_rows(folder.path, analysis, config, playbook)
                engine.close()  # the PDF needs the memory
            if pdf is not None:
                with stages("pdf", "Printing the PDF"):
                    no_pdf = _write_pdf(pdf, folder.path, config)
            said_by, inputs = origins or origins_of(config), commission.inputs
            final = folder.publish(manifest_of(ledger, run_id, config, said_by, stages.timings(), inputs))
    return Outputs(run_id, final, _paths(final), analysis, document, facts, no_pdf, stages.timings())


def _paths(folder: Path) -> dict[str, Path]:
    """Every file of a finished run by its name in the folder."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def analyse(source: str | Path, config: Config | None = None, *, progress: Progress = silent) -> Analysis:
    """Read, clean and analyse a source, and write nothing: the numbers of the report, for a notebook.

    Returns
    -------
    Analysis
        Its ledger's engine is closed: the frames remain, the transactions do not.

    Raises
    ------
    InputError
        Where the source cannot be used.

    Examples
    --------
    ::

        analysis = reporter.analyse("shop.xlsx")
        analysis.clustering.verdict.level
    """
    config = config or Config()
    stages = Stages(progress)
    with closing(_engine(source, config)) as engine:
        ledger = _ledger(source, config, engine, stages)
        commission = _commission(ledger, config, load_playbook(config.report.playbook))
        return _analysed(ledger, config, commission, stages)


def check(
    source: str | Path,
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
    ::

        ledger = reporter.check("shop.xlsx")
        ledger.findings.groupby("reason").size()
    """
    config = config or Config()
    folder = None if output is None else Path(output)
    if folder is not None:
        check_loose(folder)
    with closing(_engine(source, config)) as engine:
        ledger = _ledger(source, config, engine, Stages(progress))
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


def _ledger(source: str | Path, config: Config, engine: Engine, stages: Stages) -> Ledger:
    """Read and clean: the first two stages of every story."""
    return _clean(_read(source, config, engine, stages), config, engine, stages)


def _read(source: str | Path, config: Config, engine: Engine, stages: Stages) -> Tables:
    _pseudonyms(config)  # a missing key is told before anything is read
    with stages("read", f"Reading {name_of(source)}") as step:
        tables = read(source, config.source, engine, step.add)
        step.rows = tables.rows
    stages.planned(engine.plan, tables.rows)
    return tables


def _clean(tables: Tables, config: Config, engine: Engine, stages: Stages) -> Ledger:
    with stages("clean", "Checking every row", rows=tables.rows):
        return clean(tables, config.source, engine, _pseudonyms(config))


def _analysed(
    ledger: Ledger, config: Config, commission: Commission, stages: Stages, aside: Aside = at_once
) -> Analysis:
    with stages("analyse", "Scoring and clustering customers"):
        return pseudonymise(analyse_ledger(ledger, config.analysis, _room(config), aside, commission))


def _commission(ledger: Ledger, config: Config, playbook: Playbook, root: Path | None = None) -> Commission:
    """What campaigns are planned and measured with; without an output folder there is no earlier run."""
    settings = config.analysis.campaign
    check = ledger.pseudonyms.check if ledger.pseudonyms else ""
    unwanted = read_ids(settings.exclude) if settings.exclude else frozenset[str]()
    sent, place = sent_before(root, ledger.as_of, settings.measure, check) if root else (None, "")
    return Commission(playbook.terms, playbook.usual, unwanted, campaign_key(), sent, place)


def _pseudonyms(config: Config) -> Pseudonyms | None:
    return pseudonyms_from() if config.output.pseudonymise else None


def _engine(source: str | Path, config: Config) -> Engine:
    """Open the engine. It may read the source, where that is a file or a folder, and has its share of what memory the settings allow."""
    budget = memory_bytes(config)
    reach = None if "://" in str(source) else Path(source)
    return open_engine(config.engine, reach=reach, memory_bytes=None if budget is None else int(ENGINE_SHARE * budget))


def _room(config: Config) -> int:
    """Bytes for the customers: what the settings allow, or the machine has, less what libraries and workers take. The engine has given back its own."""
    return max(0, (memory_bytes(config) or available_memory()) - HELD_BYTES)


def _demand(config: Config, missing: Future[str]) -> None:
    """Fail where a demanded PDF cannot be made, before anything is written.

    The answer comes from the worker that will print, for asking means loading the library; meanwhile the rows are read and checked.
    """
    if config.output.pdf is True and missing.result():
        raise RenderError(Problem("report.pdf", missing.result()))


def _write_pdf(pdf: Future[bytes], folder: Path, config: Config) -> str:
    """Write the PDF when it is printed.

    Returns
    -------
    str
        Empty, or why there is none: memory or time ran out. The rest of the report does not suffer from that.

    Raises
    ------
    RenderError
        Where the PDF was demanded.
    """
    fault = pdf.exception()
    shortage = None if fault is None else shortage_of(fault, "report.pdf")
    if isinstance(fault, ResourceError):
        shortage = fault
    if shortage is None:
        (folder / "report.pdf").write_bytes(pdf.result())
        return ""
    if config.output.pdf is True:
        raise RenderError(shortage.problems)
    return str(shortage)


def _reason(wanted: bool) -> str:
    return (pdf_available() or "") if wanted else ""


def _print(press: Press, html: str, folder: Path, document: Document) -> Future[bytes]:
    """Have the PDF printed, with those files inside that have no row of a customer."""
    attached = {folder / name: what for name, what in ATTACHED.items()}
    return press.submit(to_pdf, html, attached, document.cover.created)


def _write_aggregates(folder: Path, document: Document, html: str, facts: dict[str, Any]) -> None:
    """What may be handed around."""
    to_workbook(document, folder / "segments.xlsx")
    write_json(folder / "facts.json", facts)
    (folder / "report.html").write_text(html, encoding="utf-8", newline="\n")


def _write_rows(folder: Path, analysis: Analysis, config: Config, playbook: Playbook) -> None:
    """Customers and rejected rows, in files that are never attached."""
    mode = analysis.ledger.mode
    actions = {segment.name: playbook.action(segment.name, mode) for segment in analysis.segments}
    money = [note.name for note in analysis.features.notes if note.unit == "money"] + [EXPECTED_VALUE]
    write_customers(analysis.customers, folder, config.report.customers_format, money)
    listed = analysis.customers.join(analysis.campaign.members.drop(columns="customer_id"))
    write_audiences(listed, folder, actions, money, analysis.ledger.as_of)
    write_rejects(analysis.ledger.all_findings(), folder)
