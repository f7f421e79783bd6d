"""The stages up to the analysis, each with what the settings say of it, measured and told: what a run and the steps in Python have in common."""

from __future__ import annotations

from pathlib import Path

from reporter.analysis.analyse import Analysis
from reporter.analysis.analyse import analyse as analyse_ledger
from reporter.analysis.assign import campaign_key
from reporter.analysis.pseudonymise import pseudonymise
from reporter.analysis.terms import Commission
from reporter.aside import Aside, at_once
from reporter.config import Config
from reporter.delivery.earlier import sent_before
from reporter.document.playbook import Playbook
from reporter.engine import Engine, open_engine
from reporter.intake.clean import clean
from reporter.intake.ledger import Ledger
from reporter.intake.listed import read_ids
from reporter.intake.locate import name_of
from reporter.intake.memory import Source, path_of
from reporter.intake.pseudonyms import Pseudonyms, pseudonyms_from
from reporter.intake.read import Tables, forget, read
from reporter.meter import available_memory, let_go
from reporter.recall import Recalled
from reporter.settings import memory_bytes
from reporter.stages import Stages

ENGINE_SHARE = 0.3
"""Of the memory that a run may use: the engine spills what does not fit, the customers in the analysis cannot."""
FEW_ROWS = 200_000
"""Rows up to which there is memory to keep what has run of libraries."""
HELD_BYTES = 250 * 2**20
"""Libraries, and the two workers that draw and print."""


def engine_for(source: Source, config: Config) -> Engine:
    """Open the engine. It may read the source, where that is a file or a folder, and has its share of what memory the settings allow."""
    budget, place = memory_bytes(config), path_of(source)
    reach = None if place is None or "://" in str(place) else Path(place)
    return open_engine(config.engine, reach=reach, memory_bytes=None if budget is None else int(ENGINE_SHARE * budget))


def read_source(source: Source, config: Config, engine: Engine, stages: Stages) -> Tables:
    """Find and load the tables; a missing key for pseudonyms is told before anything is read."""
    _pseudonyms(config)
    with stages("read", f"Reading {name_of(source)}") as step:
        tables = read(source, config.source, engine, step.add)
        step.rows = tables.rows
    stages.planned(engine.plan, tables.rows)
    return tables


def clean_tables(tables: Tables, config: Config, engine: Engine, stages: Stages) -> Ledger:
    """Check every row."""
    with stages("clean", "Checking every row", rows=tables.rows):
        return clean(tables, config.source, engine, _pseudonyms(config))


def ledger_of(source: Source, config: Config, engine: Engine, stages: Stages) -> Ledger:
    """Read and clean: the first two stages of every story."""
    return ledger_from(read_source(source, config, engine, stages), config, engine, stages)


def ledger_from(tables: Tables, config: Config, engine: Engine, stages: Stages) -> Ledger:
    """Clean tables that nobody will ask for again."""
    is_long = tables.rows > FEW_ROWS
    if is_long:
        let_go()  # of what loads libraries and reads files
    ledger = clean_tables(tables, config, engine, stages)
    forget(tables, engine)
    if is_long:
        let_go()
    return ledger


def analysis_of(
    ledger: Ledger, config: Config, commission: Commission, stages: Stages, aside: Aside = at_once
) -> Analysis:
    """Score and cluster the customers; with pseudonyms, if the ledger has them."""
    with stages("analyse", "Scoring and clustering customers"):
        return pseudonymise(analyse_ledger(ledger, config.analysis, room_for(config), aside, commission))


def commission_of(
    ledger: Ledger, config: Config, playbook: Playbook, root: Path | None = None, recalled: Recalled | None = None
) -> Commission:
    """What campaigns are planned and measured with; without an output folder there is no earlier run."""
    settings = config.analysis.campaign
    check = ledger.pseudonyms.check if ledger.pseudonyms else ""
    unwanted = read_ids(settings.exclude) if settings.exclude else frozenset[str]()
    series = {point.run_id for point in recalled.points} if recalled else set[str]()
    sent, place = sent_before(root, ledger.as_of, settings.measure, check, series) if root else (None, "")
    return Commission(playbook.terms, playbook.usual, unwanted, campaign_key(), sent, place)


def room_for(config: Config) -> int:
    """Bytes for the customers: what the settings allow, or the machine has, less what libraries and workers take. The engine has given back its own."""
    return max(0, (memory_bytes(config) or available_memory()) - HELD_BYTES)


def _pseudonyms(config: Config) -> Pseudonyms | None:
    return pseudonyms_from() if config.output.pseudonymise else None
