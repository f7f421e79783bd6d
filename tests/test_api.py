"""The river step by step: what comes out is what a run makes, each step uses up what it takes, and nothing is left open."""

from __future__ import annotations

import gc
from pathlib import Path

import pandas as pd
import pytest

import reporter
from reporter.engine.held import HeldEngine
from reporter.stages import Stage
from tests.command import BRIEF, FAST

SETTINGS = [*(word for word in FAST if word != "--set"), "output.pdf=false", "history.enabled=false"]


@pytest.fixture
def orders() -> pd.DataFrame:
    return reporter.sample(60)


@pytest.fixture
def config() -> reporter.Config:
    return reporter.load_config(overrides=SETTINGS)[0]


@pytest.mark.slow
def test_the_steps_make_the_very_page_of_a_run(config: reporter.Config, orders: pd.DataFrame, tmp_path: Path):
    outputs = reporter.run(orders, config, output=tmp_path)
    told: list[Stage] = []
    tables = reporter.read(orders, config, progress=told.append)
    ledger = reporter.clean(tables, config, progress=told.append)
    analysis = reporter.analyse(ledger, config, progress=told.append)
    document = reporter.compose(analysis, config, progress=told.append)
    assert reporter.to_html(document) == outputs.paths["report.html"].read_text(encoding="utf-8")
    ended = [stage.name for stage in told if stage.seconds is not None]
    assert ended == ["read", "clean", "analyse", "compose", "draw"]


@pytest.mark.slow
def test_the_page_becomes_a_pdf(orders: pd.DataFrame):
    config, _ = reporter.load_config(overrides=[word for word in BRIEF if word != "--set"])
    html = reporter.to_html(reporter.compose(reporter.analyse(orders, config), config))
    assert reporter.to_pdf(html).startswith(b"%PDF-")


def test_a_step_uses_up_what_it_takes_and_says_so(config: reporter.Config, orders: pd.DataFrame):
    tables = reporter.read(orders, config)
    ledger = reporter.clean(tables, config)
    with pytest.raises(reporter.UsageError, match=r"tables: these have been cleaned already.*Read the source again"):
        reporter.clean(tables, config)
    reporter.analyse(ledger, config)
    with pytest.raises(reporter.UsageError, match=r"ledger: this has been analysed already.*Read the source again"):
        reporter.analyse(ledger, config)
    with pytest.raises(reporter.UsageError, match="Read the source again"):
        next(ledger.all_findings())


def test_the_ledger_of_a_check_is_closed_and_says_so(config: reporter.Config, orders: pd.DataFrame):
    ledger = reporter.check(orders, config)
    with pytest.raises(reporter.UsageError, match=r"the engine is closed\. Read the source again"):
        reporter.analyse(ledger, config)


def test_tables_that_could_not_be_cleaned_can_be_cleaned_otherwise(config: reporter.Config, orders: pd.DataFrame):
    tables = reporter.read(orders.assign(status="sold"), config)
    all_ignored, _ = reporter.load_config(overrides=[*SETTINGS, 'source.status.ignore=["sold"]'])
    with pytest.raises(reporter.InputError, match="no rows that can be used"):
        reporter.clean(tables, all_ignored)
    assert reporter.clean(tables, config).transactions_tally.kept == len(orders)


def test_a_ledger_whose_settings_were_wrong_can_be_analysed_otherwise(config: reporter.Config, orders: pd.DataFrame):
    ledger = reporter.clean(reporter.read(orders, config), config)
    no_grid, _ = reporter.load_config(overrides=[*SETTINGS, "rfm.grid=none-such"])
    with pytest.raises(reporter.UsageError, match="none-such"):
        reporter.analyse(ledger, no_grid)
    assert len(reporter.analyse(ledger, config).customers) == 60


def folder_of(held: object) -> Path:
    assert isinstance(held, HeldEngine)
    return Path(held.plan.spills_to)


def test_who_stops_half_way_leaves_nothing_open(config: reporter.Config, orders: pd.DataFrame):
    orders.loc[7, "amount"] = None
    tables = reporter.read(orders, config)
    folder = folder_of(tables.engine)
    ledger = reporter.clean(tables, config)
    assert folder_of(ledger.engine) == folder
    del tables
    gc.collect()
    assert folder.is_dir()  # the ledger holds it
    assert next(ledger.all_findings())["row"].tolist() == [8]
    del ledger
    gc.collect()
    assert not folder.exists()


def test_a_source_that_cannot_be_read_leaves_nothing_open(
    config: reporter.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(reporter.InputError):
        reporter.read(pd.DataFrame({"x": [1]}), config)
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_the_sample_is_the_same_at_every_call_and_holds_all_habits():
    orders = reporter.sample()
    pd.testing.assert_frame_equal(orders, reporter.sample())
    assert not orders.equals(reporter.sample(seed=8))
    last = orders.groupby("customer_id")["transaction_date"].max()
    gone = (pd.Timestamp("2025-06-30") - last).dt.days >= 210
    assert gone.sum() == 60  # a fifth of 300 have left
    assert orders["transaction_id"].is_unique
    assert orders["transaction_date"].is_monotonic_increasing
    assert reporter.sample(1)["customer_id"].nunique() == 1
    with pytest.raises(reporter.UsageError, match="0 make no shop"):
        reporter.sample(0)
