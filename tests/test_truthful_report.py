"""The finished report against the truth: every customer, every number in its words, the verdict, and the demo recomputed by other means."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import reporter
from tests.command import BRIEF

pytestmark = pytest.mark.slow

REAL = {
    "ecommerce": ("ecommerce.xlsx", "2024-07-15", "ecommerce.json"),
    "cdnow": ("cdnow/CDNOW_master.txt.gz", "1998-07-01", "cdnow_master.json"),
    "r_rfm": ("r_rfm/rfm_data_orders.csv", "2006-12-31", "r_rfm_orders.json"),
}


def made(source: Path, folder: Path, *settings: str) -> reporter.Outputs:
    """A report without its PDF."""
    config, origins = reporter.load_config(None, ["output.pdf=false", *settings])
    return reporter.run(source, config, output=folder, origins=origins)


@pytest.fixture(scope="module")
def report(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], reporter.Outputs]:
    """Makes the report on real data of a name, once."""
    return cache(lambda name: made(shared / REAL[name][0], tmp_path_factory.mktemp(name), as_of_the(name)))


def as_of_the(name: str) -> str:
    return f"source.as_of={REAL[name][1]}"


@pytest.fixture(scope="module", params=REAL)
def real(
    request: pytest.FixtureRequest, shared: Path, report: Callable[[str], reporter.Outputs]
) -> tuple[reporter.Outputs, dict[str, Any]]:
    """A report on real data, and the truth about it."""
    truth = (shared / "truths" / REAL[request.param][2]).read_text("utf-8")
    return report(request.param), json.loads(truth)


@pytest.fixture(scope="module")
def demo(root: Path, tmp_path_factory: pytest.TempPathFactory) -> reporter.Outputs:
    """The report on the demo workbook."""
    return made(root / "data" / "demo.xlsx", tmp_path_factory.mktemp("demo"))


def rows(outputs: reporter.Outputs) -> list[dict[str, str]]:
    """customers.csv as text."""
    with outputs.paths["customers.csv"].open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_recency_and_frequency_of_every_customer_are_true(real: tuple[reporter.Outputs, dict[str, Any]]) -> None:
    outputs, truth = real
    ordered = sorted(rows(outputs), key=lambda row: row["customer_id"])
    lines = [f"{row['customer_id']}|{row['recency_days']}|{row['frequency']}" for row in ordered]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert digest == truth["rfm"]["rf_digest_sha256"]


def test_money_is_true_to_the_cent(real: tuple[reporter.Outputs, dict[str, Any]]) -> None:
    outputs, truth = real
    if "sum_monetary" not in truth["rfm"]:
        assert outputs.facts["mode"] == "coupon"
        assert outputs.facts["totals"]["monetary"] == outputs.facts["totals"]["burned"]
        return
    found = {row["customer_id"]: Decimal(row["monetary"]) for row in rows(outputs)}
    assert sum(found.values()) == Decimal(truth["rfm"]["sum_monetary"])
    assert Decimal(str(outputs.facts["totals"]["monetary"])) == Decimal(truth["rfm"]["sum_monetary"])
    for sample in truth["rfm"]["sample"]:
        assert found[sample["customer_id"]] == Decimal(sample["monetary"])


def test_every_customer_is_in_exactly_one_segment_and_the_sums_agree(
    real: tuple[reporter.Outputs, dict[str, Any]],
) -> None:
    outputs, truth = real
    facts = outputs.facts
    assert facts["customers"]["scored"] == truth["rfm"]["customers"] == len(rows(outputs))
    assert sum(segment["customers"] for segment in facts["segments"]) == facts["customers"]["scored"]
    assert sum(segment["transactions"] for segment in facts["segments"]) == truth["rfm"]["sum_frequency"]
    assert sum(segment["monetary"] for segment in facts["segments"]) == pytest.approx(
        facts["totals"]["monetary"], abs=0.005
    )
    account = facts["rows"]
    assert account["read"] == account["kept"] + account["rejected"]


def test_the_verdict_is_told_plainly(real: tuple[reporter.Outputs, dict[str, Any]]) -> None:
    outputs, truth = real
    verdict = outputs.facts["clustering"]["verdict"]
    text = visible(outputs)
    if "no_money_column" in truth["quality"]:
        assert verdict == "none"
        assert "There are no natural groups" in text
        assert "no money is invented" in text
    assert {"none": "No natural groups", "weak": "Groups show only weakly", "real": "Natural groups exist"}[
        verdict
    ] in text


def test_the_eleven_who_never_came_are_counted_and_named_prospects(
    shared: Path, real: tuple[reporter.Outputs, dict[str, Any]]
) -> None:
    outputs, truth = real
    absent = truth["quality"].get("customers_without_transactions")
    if absent is None:
        assert outputs.facts["customers"]["prospects"] == 0
        return
    assert outputs.facts["customers"] == {"known": 1000, "scored": 989, "prospects": len(absent)}
    assert not {str(each) for each in absent} & {row["customer_id"] for row in rows(outputs)}


class _Visible(HTMLParser):
    """The words of a page: no pictures, scripts or styles."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = 0
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("svg", "script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("svg", "script", "style")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def visible(outputs: reporter.Outputs) -> str:
    """The text that a reader of the HTML sees."""
    parser = _Visible()
    parser.feed(outputs.paths["report.html"].read_text("utf-8"))
    return " ".join(parser.words)


NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def strangers(text: str, facts: dict[str, Any]) -> set[str]:
    """Numbers of a text that facts.json does not know in that spelling."""
    return set(NUMBER.findall(text)) - set(NUMBER.findall(json.dumps(facts, ensure_ascii=False)))


def test_every_number_in_the_report_is_in_the_facts(real: tuple[reporter.Outputs, dict[str, Any]]) -> None:
    outputs, _ = real
    cover = outputs.document.cover
    known = outputs.facts | {"cover": [cover.period, cover.as_of], "provenance": outputs.document.provenance}
    assert strangers(visible(outputs), known) == set()


def test_every_number_of_the_brief_edition_is_in_the_facts(root: Path, tmp_path: Path) -> None:
    outputs = made(root / "data" / "demo.xlsx", tmp_path, *BRIEF[1::2], "report.paper=letter")
    cover = outputs.document.cover
    known = outputs.facts | {"cover": [cover.period, cover.as_of], "provenance": outputs.document.provenance}
    assert strangers(visible(outputs), known) == set()
    lists = {path.name for name, path in outputs.paths.items() if re.fullmatch(r"audiences/.*\.csv", name)}
    assert lists - {"movers.csv"} <= set(re.findall(r"[a-z-]+\.csv", visible(outputs)))


def test_a_number_from_nowhere_would_be_found(demo: reporter.Outputs) -> None:
    assert strangers("We expect 48,151.6234 customers.", outputs_facts(demo)) == {"48,151.6234"}


def outputs_facts(outputs: reporter.Outputs) -> dict[str, Any]:
    """The facts as they were written."""
    return json.loads(outputs.paths["facts.json"].read_text("utf-8"))


def test_titles_are_sentences_of_at_most_two_lines(real: tuple[reporter.Outputs, dict[str, Any]]) -> None:
    outputs, _ = real
    for title in outputs.facts["titles"]:
        assert len(title) <= 120, title
        assert re.search(r"\d|\bno\b|\bnone\b|weakly", title), title
        assert not title.endswith("."), title


def test_the_demo_has_real_groups_and_they_are_the_planted_ones(
    demo: reporter.Outputs, demo_truth: dict[str, Any]
) -> None:
    clustering = demo.facts["clustering"]
    assert clustering["verdict"] == "real"
    assert clustering["chosen"]["k"] == len(demo_truth["behaviours"])
    assert "Natural groups exist" in visible(demo)
    found = {row["customer_id"]: row["cluster"] for row in rows(demo)}
    for behaviour, members in demo_truth["members"].items():
        homes = [found[member] for member in members if member in found]
        assert max(map(homes.count, set(homes))) > 0.98 * len(homes), behaviour


def test_the_order_of_rows_means_nothing(
    shared: Path, report: Callable[[str], reporter.Outputs], tmp_path: Path
) -> None:
    source = shared / REAL["r_rfm"][0]
    head, *lines = source.read_text("utf-8").splitlines()
    random.Random(7).shuffle(lines)
    shuffled = tmp_path / source.name
    shuffled.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    one, two = report("r_rfm"), made(shuffled, tmp_path / "output", as_of_the("r_rfm"))
    assert one.paths["customers.csv"].read_bytes() == two.paths["customers.csv"].read_bytes()
    for key in ("segments", "clustering", "titles", "report_tables"):
        assert one.facts[key] == two.facts[key], key


def demo_rows(root: Path, rejected: set[int]) -> pd.DataFrame:
    """The demo's kept transactions, read by other means than the project's: pandas and openpyxl."""
    frame = pd.read_excel(root / "data" / "demo.xlsx", sheet_name="transactions", dtype=object, engine="openpyxl")
    frame["row"] = frame.index + 2
    kept = frame[~frame["row"].isin(rejected)].copy()
    kept["day"] = pd.to_datetime(kept["transaction_date"]).dt.normalize()
    kept["amount"] = kept["amount"].map(lambda value: Decimal(str(value)))
    kept["customer_id"] = kept["customer_id"].map(str)
    return kept


def test_the_demo_s_headline_figures_recomputed_by_other_means(root: Path, demo: reporter.Outputs) -> None:
    with demo.paths["rejects.csv"].open(encoding="utf-8", newline="") as file:
        rejected = {
            int(row["row"])
            for row in csv.DictReader(file)
            if row["kind"] == "rejected" and row["sheet"] == "transactions"
        }
    kept = demo_rows(root, rejected)
    sales = kept[kept["amount"] >= 0]
    facts = demo.facts
    as_of = pd.Timestamp(facts["as_of"])
    assert facts["rows"]["kept"] == len(kept)
    assert facts["totals"]["transactions"] == sales["transaction_id"].nunique() + int(
        sales["transaction_id"].isna().sum()
    )
    assert Decimal(str(facts["totals"]["monetary"])) == kept["amount"].sum()
    last_year = sales[(sales["day"] >= as_of - pd.Timedelta(days=365)) & (sales["day"] < as_of)]
    said = {
        number["name"]: number["value"]
        for statement in facts["statements"]
        for number in statement["numbers"]
        if statement["section"] == "summary"
    }
    assert said["active_customers"] == last_year["customer_id"].nunique()
    by_customer = kept.groupby("customer_id")["amount"].sum().astype(float).sort_values(ascending=False)
    scored = by_customer[by_customer.index.isin(set(sales["customer_id"]))]
    top_fifth = scored.iloc[: round(len(scored) * 0.2)].sum() / scored.sum()
    assert said["top_quintile_share"] == pytest.approx(top_fifth, abs=0.002)
    segments = {segment["name"]: segment for segment in facts["segments"]}
    members = pd.DataFrame(rows(demo)).set_index("customer_id")["segment"]
    value = kept["amount"].astype(float).groupby(kept["customer_id"].map(members)).sum()
    for name, segment in segments.items():
        assert segment["customers"] == int((members == name).sum())
        assert segment["monetary"] == pytest.approx(value[name], abs=0.005)
