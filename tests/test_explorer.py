"""The explorer without a browser: what it writes is what was turned, what it cannot do is told in a sentence, and knobs and settings say the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import reporter
from reporter.document.compose.explorer import PANELS
from reporter.explorer.given import config_of, given_of, to_toml
from reporter.explorer.widget import Explorer

FEW = ("cluster.k_max=4", "cluster.null_draws=3", "cluster.bootstraps=3")


def few(*overrides: str) -> reporter.Config:
    return reporter.load_config(overrides=[*FEW, *overrides])[0]


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return reporter.sample(customers=90)


@pytest.fixture(scope="module")
def explorer(orders: pd.DataFrame) -> Explorer:
    return reporter.explore(orders, few())


def knob(explorer: Explorer, name: str):
    return explorer._controls.by_setting[name]


def said(explorer: Explorer) -> str:
    return str(explorer._status.value)


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["engine=duckdb", "memory=4GB", "source.as_of=2024-07-01", "rfm.recency_boundaries=30,90.5,180,365"],
        ["source.columns.customer_id=Kunde \"Nr.\"", "source.sheets.transactions=Txns 2024", "features.exclude=burn_rate,tenure_days"],
        ["readers.north.city=Aswan", "readers.north.locale=de", "report.locale=ar", "output.pdf=false"],
        ["campaign.budget=5000", "source.status.ignore=Cancelled,Void", "report.title=Kunden „heute“"],
    ],
)  # fmt: skip
def test_settings_come_back_from_the_file_that_is_written(overrides: list[str], tmp_path: Path) -> None:
    config, _ = reporter.load_config(overrides=overrides)
    assert config_of(given_of(config)) == config
    path = tmp_path / "reporter.toml"
    path.write_text(to_toml(given_of(config)), encoding="utf-8")
    assert reporter.load_config(path)[0] == config


def test_paths_are_written_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / "none.txt").write_text("C1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    config, _ = reporter.load_config(overrides=["campaign.exclude=none.txt"])
    path = tmp_path / "there" / "reporter.toml"
    path.write_text(to_toml(given_of(config)), encoding="utf-8")
    assert Path(reporter.load_config(path)[0].analysis.campaign.exclude) == tmp_path / "here" / "none.txt"


def test_knobs_stand_where_the_settings_are(orders: pd.DataFrame) -> None:
    explorer = reporter.explore(
        orders,
        few("cluster.k=3", "rfm.frequency_boundaries=2,3,5,10", "features.exclude=tenure_days", "features.clip=4"),
    )
    assert knob(explorer, "cluster.k").value == 3
    assert knob(explorer, "rfm.frequency_boundaries").value == "2, 3, 5, 10"
    assert knob(explorer, "features.clip").value == 4
    assert knob(explorer, "source.as_of").value == explorer.found.ledger.as_of
    boxes = explorer._controls.features
    assert {name for name, box in boxes.items() if box.value} == set(explorer.found.features.names)
    assert not boxes["tenure_days"].value
    assert not boxes["tenure_days"].disabled
    kept_out = {n.name for n in explorer.found.features.notes if n.reason not in ("kept", "excluded", "unavailable")}
    assert {name for name, box in boxes.items() if box.disabled} == kept_out


def test_a_hand_at_a_knob_changes_the_setting_and_nothing_else(explorer: Explorer) -> None:
    knob(explorer, "cluster.k").value = 4
    assert explorer.config == few("cluster.k=4")
    assert explorer.found.clustering.chosen is not None
    assert explorer.found.clustering.chosen.partition.k == 4
    name = explorer.found.features.names[-1]
    explorer._controls.features[name].value = False
    assert explorer.config == few("cluster.k=4", f"features.exclude={name}")
    explorer._controls.features[name].value = True
    assert explorer.config == few("cluster.k=4")
    knob(explorer, "cluster.k").value = 0
    assert explorer.config == few()
    assert 'role="status"' in said(explorer)


def test_a_fault_is_a_sentence_and_all_stays_as_it_was(explorer: Explorer) -> None:
    before = explorer.config, explorer.found
    for name, value, words in (
        ("rfm.recency_boundaries", "30, x", "“x” is no number"),
        ("rfm.recency_boundaries", "30, 20, 10, 5", "numbers that rise"),
        ("rfm.recency_boundaries", "30, 60", "2 boundaries do not part 5 scores"),
    ):
        knob(explorer, name).value = value
        assert words in said(explorer)
        assert "Traceback" not in said(explorer)
        assert (explorer.config, explorer.found) == before
    knob(explorer, "rfm.recency_boundaries").value = ""
    explorer._search.value = "nobody"
    assert "no scored customer has an id that begins with “nobody”" in said(explorer)


def test_a_text_of_the_data_is_no_markup(orders: pd.DataFrame) -> None:
    strange = orders.assign(customer_id=orders["customer_id"].where(orders["customer_id"] != "C0001", "<b onload=x>"))
    explorer = reporter.explore(strange, few())
    explorer.search("<b on")
    assert "&lt;b onload=x&gt;" in explorer.html
    assert "<b onload" not in explorer.html
    explorer._search.value = "<i>"
    assert "<i>" not in said(explorer)


def test_what_is_exported_is_what_is_shown_and_nothing_is_replaced(explorer: Explorer, tmp_path: Path) -> None:
    explorer.open("segments")
    written = explorer.export_panel(tmp_path)
    assert {path.name for path in written} == {"segment-treemap.svg", "segments.csv", "boundaries.csv"}
    table = pd.read_csv(tmp_path / "segments.csv")
    assert list(table["Customers"].iloc[:-1]) == [segment.customers for segment in explorer.found.segments]
    assert list(table["Revenue"].iloc[:-1]) == pytest.approx([segment.monetary for segment in explorer.found.segments])
    assert (tmp_path / "segment-treemap.svg").read_text(encoding="utf-8").startswith("<svg xmlns=")
    with pytest.raises(reporter.UsageError, match="is there already"):
        explorer.export_panel(tmp_path)
    assert explorer.export_panel(tmp_path, replace=True) == written
    with pytest.raises(reporter.UsageError, match="cannot be written"):
        explorer.export_panel(tmp_path / "nowhere")


def test_movement_is_told_against_what_was_exported_last(orders: pd.DataFrame, tmp_path: Path) -> None:
    explorer = reporter.explore(orders, few())
    explorer.turn("rfm.recency_boundaries", (5.0, 10.0, 15.0, 20.0))
    explorer.open("moves")
    assert "in another segment than under the saved settings" in explorer.section.title.text
    explorer.export_settings(tmp_path / "reporter.toml")
    explorer.turn("cluster.k", 3)
    assert explorer.section.title.text == "No customer is in another segment than under the saved settings"


def test_the_report_is_that_of_a_run(orders: pd.DataFrame, tmp_path: Path) -> None:
    explorer = reporter.explore(orders, few("report.edition=brief", "output.pdf=false", f"output.dir={tmp_path}"))
    explorer.turn("cluster.k", 3)
    paths = explorer.make_report()
    customers = pd.read_csv(paths["customers.csv"])
    assert list(customers["cluster"]) == list(explorer.found.customers["cluster"])
    assert list(customers["segment"]) == list(explorer.found.customers["segment"].astype(str))


def test_an_analysis_can_be_turned_but_not_dated(orders: pd.DataFrame) -> None:
    explorer = reporter.explore(reporter.analyse(orders, few()))
    assert knob(explorer, "source.as_of").disabled
    explorer.turn("cluster.k", 3)
    assert explorer.found.clustering.chosen is not None
    with pytest.raises(reporter.UsageError, match="no report can be made of it"):
        explorer.make_report()


def test_few_customers_have_panels_too() -> None:
    explorer = reporter.explore(reporter.sample(customers=12))
    for name in PANELS:
        explorer.open(name)
        assert explorer.section.title.text


def test_without_ipywidgets_the_command_that_installs_it_is_told() -> None:
    code = (
        "import sys; sys.modules['ipywidgets'] = None\n"
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'ipywidgets' else real(name, *rest)\n"
        "import reporter\n"
        "try: reporter.explore('shop.xlsx')\n"
        "except reporter.UsageError as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == 'explorer: ipywidgets is not installed. Install it: pip install "reporter[notebook]"\n'
