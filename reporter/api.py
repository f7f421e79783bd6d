"""The river step by step, for people who build on it: what comes out of one step goes into the next, and nobody needs to know the engine.

The steps are the stages of `reporter.run`, with the same settings. The rows live in an engine that goes from one value to the next: `clean` uses up what
`read` gave, `analyse` what `clean` gave. It is closed when the last of them is gone.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace

from reporter.analysis.analyse import Analysis
from reporter.config import Config
from reporter.document.blocks import Document
from reporter.document.compose import check_report
from reporter.document.compose import compose as compose_document
from reporter.document.ink import ink
from reporter.document.playbook import Playbook, load_playbook
from reporter.document.press import Press
from reporter.document.words import Words
from reporter.engine import Engine
from reporter.engine.held import HeldEngine
from reporter.errors import UsageError
from reporter.intake.ledger import Ledger
from reporter.intake.memory import Source
from reporter.intake.read import Tables
from reporter.provenance import provenance_line, run_id_of
from reporter.river import analysis_of, clean_tables, commission_of, engine_for, ledger_of, read_source
from reporter.stages import Progress, Stages, silent


def read(source: Source, config: Config | None = None, *, progress: Progress = silent) -> Tables:
    """Find, name and load the tables of a source: the first step.

    Parameters
    ----------
    source : str, Path, table, or mapping of str to table
        As for `reporter.run`.
    config : Config, optional
        Settings; here those of ``source`` and the engine count.
    progress : callable taking a Stage
        Told when the step begins and when it has ended.

    Returns
    -------
    Tables
        What was found, and which of its columns is which of ours; the rows are in an engine, for `clean`.

    Raises
    ------
    InputError
        Where the source cannot be used; all problems at once.
    UsageError
        For settings that name what is not there, and for what is no source.

    Examples
    --------
    >>> import reporter
    >>> orders = reporter.sample().rename(columns={"amount": "Paid (EUR)"})
    >>> config, _ = reporter.load_config(overrides=["source.columns.amount=Paid (EUR)"])
    >>> tables = reporter.read(orders, config)
    >>> tables.layout, tables.rows == len(orders)
    ('orders', True)
    >>> tables.columns["transactions"]["amount"]
    'Paid (EUR)'
    """
    config = config or Config()
    engine = engine_for(source, config)
    held = HeldEngine(engine)
    return replace(read_source(source, config, engine, Stages(progress)), engine=held)


def clean(tables: Tables, config: Config | None = None, *, progress: Progress = silent) -> Ledger:
    """Check every row: the second step. Each is kept, or rejected with one reason; what is odd is flagged and kept.

    Parameters
    ----------
    tables : Tables
        As `read` gave them. They are used up: the ledger takes their place.
    config : Config, optional
        The same as for `read`.
    progress : callable taking a Stage

    Returns
    -------
    Ledger
        The account of every table, findings and notes; the rows are in its engine, for `analyse`.

    Raises
    ------
    InputError
        Where no row can be used; says why. Then the tables can still be cleaned with other settings.
    UsageError
        Where the tables are used up.

    Examples
    --------
    >>> import reporter
    >>> orders = reporter.sample()
    >>> orders.loc[4, "customer_id"] = None
    >>> ledger = reporter.clean(reporter.read(orders))
    >>> ledger.transactions_tally.rejected
    1
    >>> ledger.findings[["row", "column", "reason"]].to_dict("records")
    [{'row': 5, 'column': 'customer_id', 'reason': 'no-customer-id'}]
    """
    config = config or Config()
    heir = _heir(tables.engine)
    ledger = clean_tables(tables, config, heir, Stages(progress))
    _use_up(tables.engine, "tables", "these have been cleaned already; their ledger took their place.")
    return ledger


def analyse(source: Source | Ledger, config: Config | None = None, *, progress: Progress = silent) -> Analysis:
    """Score, cluster and judge: all numbers of the report, for a notebook. Nothing is written.

    Parameters
    ----------
    source : Ledger, or what `reporter.run` takes
        A ledger as `clean` gave it, which is used up: clustering needs the memory of its rows. Anything else is read and cleaned first.
    config : Config, optional
        For a ledger the same as for `clean`.
    progress : callable taking a Stage

    Returns
    -------
    Analysis
        Its ledger's engine is closed: the frames remain, the transactions do not.

    Raises
    ------
    InputError
        Where the source cannot be used.
    UsageError
        For settings that cannot be used, and for a ledger that is used up.

    Examples
    --------
    >>> import reporter
    >>> few = reporter.analyse(reporter.sample(customers=12))
    >>> len(few.customers), few.segments[0].name
    (12, 'Champions')

    Of the ledger in the example of `reporter`, which is used up by now:

    >>> print(analysis)  # doctest: +ELLIPSIS
    Analysis · 14 July 2023 to 30 June 2025
    Of 11 segments Champions weigh most: 18% of customers bring 61% of revenue
    ...
    >>> reporter.analyse(ledger)
    Traceback (most recent call last):
        ...
    reporter.errors.UsageError: ledger: this has been analysed already, and its rows are gone. Read the source again: reporter.clean(reporter.read(…)).
    """
    config, stages = config or Config(), Stages(progress)
    playbook = load_playbook(config.report.playbook)
    if isinstance(source, Ledger):
        return _analysed(source, config, playbook, stages)
    with closing(engine_for(source, config)) as engine:
        ledger = ledger_of(source, config, engine, stages)
        return analysis_of(ledger, config, commission_of(ledger, config, playbook), stages)


def compose(analysis: Analysis, config: Config | None = None, *, progress: Progress = silent) -> Document:
    """Find words for the numbers and draw the pictures: the report, ready for `to_html`.

    Parameters
    ----------
    analysis : Analysis
        As `analyse` gave it.
    config : Config, optional
        The same as for `analyse`; here those of ``report`` count: language, title, length, colours, the playbook.
    progress : callable taking a Stage

    Returns
    -------
    Document
        Sections of blocks, every chart with its SVG.

    Raises
    ------
    UsageError
        For settings that cannot be used.

    Examples
    --------
    Of the analysis in the example of `reporter`:

    >>> import reporter
    >>> config, _ = reporter.load_config(overrides=["report.edition=brief", "report.title=Our customers"])
    >>> document = reporter.compose(analysis, config)
    >>> document.cover.title, [section.short for section in document.sections]
    ('Our customers', ['Summary', 'Campaign plan'])
    """
    config, stages = config or Config(), Stages(progress)
    ledger = analysis.ledger
    check_report(config.report)
    run_id = run_id_of(ledger, config)
    with stages("compose", "Finding words"):
        document = compose_document(analysis, config.report, run_id, provenance_line(ledger, run_id, config))
    with stages("draw", "Drawing"), Press() as press:
        return ink(document, Words(config.report.locale, ledger.currency, ledger.mode), press)


def _analysed(ledger: Ledger, config: Config, playbook: Playbook, stages: Stages) -> Analysis:
    """The numbers of a ledger that somebody holds. Settings that cannot be used are told before its rows are let go, so it can be analysed with others."""
    _heir(ledger.engine)
    with ExitStack() as last:
        last.callback(_use_up, ledger.engine, "ledger", "this has been analysed already, and its rows are gone.")
        last.callback(ledger.engine.close)
        try:
            return analysis_of(ledger, config, commission_of(ledger, config, playbook), stages)
        except UsageError:
            last.pop_all()
            raise


def _heir(engine: Engine) -> Engine:
    """The engine for the next value.

    Raises
    ------
    UsageError
        Where it is used up.
    """
    return engine.heir() if isinstance(engine, HeldEngine) else engine


def _use_up(engine: Engine, what: str, why: str) -> None:
    steps = "reporter.read(…)" if what == "tables" else "reporter.clean(reporter.read(…))"
    if isinstance(engine, HeldEngine):
        engine.use_up(what, why, f"Read the source again: {steps}.")
