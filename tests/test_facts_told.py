"""Every key of a real facts.json is told, with its type; and nothing is told that no facts.json has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import reporter
from tests.command import FAST, called
from tests.facts_keys import TYPES, is_of, meanings, walked
from tests.fixtures.workbook import make_shop, make_workbook
from tests.shop import write_shop

BRIEF = (*FAST[1::2], "report.edition=brief", "output.pdf=false")
ALARMS = 'alarms.exit=["rejected rows exceed 1 %", "Champions customers fall 5 %"]'

ASKED = (
    ALARMS,
    "readers.by=branch",
    "readers.whole=true",
    "readers.min_customers=54",
    "campaign.budget=100",
    "report.primary_colour=#123d2a",
)

LARGE = {"clustering.candidates[].silhouette_error"}
"""What only more than 10,000 distinct customers have: `tests.analysis.test_evaluate` sees to it."""


def facts_in(folder: Path) -> Iterator[dict[str, Any]]:
    """Facts of every run and edition below a folder."""
    return (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("facts.json")))


def lifelike() -> pd.DataFrame:
    """Orders drawn from the very models that the report expects purchases and value by, so that they fit: 500 customers, two years."""
    draw, rows = np.random.default_rng(11), []
    for who in range(500):
        day, rate, leave = draw.uniform(0, 300), draw.gamma(1.0, 1 / 56), draw.beta(1.0, 3.0)
        scale = 1 / draw.gamma(4.0, 1 / 15)
        while day < 728:
            rows.append(
                (f"C{who:03}", pd.Timestamp(2023, 1, 1) + pd.Timedelta(days=int(day)), round(draw.gamma(6.0, scale), 2))
            )
            if draw.random() < leave:
                break
            day += draw.exponential(1 / rate)
    return pd.DataFrame(rows, columns=["customer_id", "transaction_date", "amount"])


def run(source: Any, folder: Path, *settings: str) -> None:
    """A report, as quickly as there can be one."""
    config, _ = reporter.load_config(overrides=[*BRIEF, *settings])
    reporter.run(source, config, output=folder)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Money and coupons; two months with a campaign measured, alarms and editions; many and few customers; a file with parts; `check` alone."""
    folder = tmp_path_factory.mktemp("facts")
    shop = write_shop(folder / "shop.xlsx")
    run(shop, folder / "shop", "source.as_of=2024-04-01")
    run(shop, folder / "shop", *ASKED)
    run(reporter.sample(), folder / "orders")
    run(lifelike(), folder / "lifelike", "source.currency=EUR", "cluster.k_max=6")
    run(reporter.sample(8), folder / "few")
    run(make_workbook(folder / "coupons.xlsx", make_shop()), folder / "coupons")
    parts = folder / "parts"
    parts.mkdir()
    for place, part in enumerate((reporter.sample().iloc[:900], reporter.sample().iloc[900:])):
        text = part.to_csv(index=False)
        (parts / f"orders-{place}.csv").write_text(text + "T9,,2025-01-01,1\n", encoding="utf-8")
    assert called("check", parts, "-o", folder / "checked", cwd=folder).code == 0
    return list(facts_in(folder))


@pytest.mark.slow
def test_every_key_of_real_facts_has_a_meaning(every: list[dict[str, Any]]) -> None:
    found = {path for facts in every for path, _ in walked(facts)}
    assert found - set(meanings()) == set()


@pytest.mark.slow
def test_every_meaning_is_of_a_key_that_there_is(every: list[dict[str, Any]]) -> None:
    found = {path for facts in every for path, _ in walked(facts)}
    assert set(meanings()) - found == set()


@pytest.mark.slow
def test_values_are_of_the_type_that_is_told(every: list[dict[str, Any]]) -> None:
    wrong = {
        (path, meanings()[path].kind, repr(value)[:60])
        for facts in every
        for path, value in walked(facts)
        if not is_of(value, meanings()[path].kind)
    }
    assert wrong == set()


@pytest.mark.slow
def test_what_may_be_absent_was_seen_present(every: list[dict[str, Any]]) -> None:
    """A type that no value but null has shown would be a guess."""
    shown = {path for facts in every for path, value in walked(facts) if value is not None}
    assert set(meanings()) - shown == LARGE


@pytest.mark.slow
def test_shares_lie_between_0_and_1(every: list[dict[str, Any]]) -> None:
    signed = {"measured.campaigns[].uplift", "measured.campaigns[].low", "measured.campaigns[].high"}
    beyond = {"campaign.audiences[].break_even"} | signed
    shares = {path for path, fact in meanings().items() if fact.unit in ("share", "probability")} - beyond
    wrong = {
        (path, value)
        for facts in every
        for path, value in walked(facts)
        if path in shares and value is not None and not 0 <= value <= 1
    }
    assert len(shares) > 30
    assert wrong == set()


def test_a_key_without_meaning_and_a_wrong_type_are_seen() -> None:
    found = dict(walked({"totals": {"burned": True, "new": 1}, "tables": {"any": {"read": 1}}}))
    assert set(found) - set(meanings()) == {"totals.new"}
    assert "tables.{table}.read" in found
    assert not is_of(found["totals.burned"], meanings()["totals.burned"].kind)
    assert not is_of(None, "number")
    assert is_of([["a", None]], "list of list of value")


def test_meanings_are_whole() -> None:
    for fact in meanings().values():
        assert fact.kind.removesuffix(" or null").replace("list of ", "") in {*TYPES, "date"}, fact
        assert fact.meaning.endswith("."), fact
        parent = fact.path.rpartition(".")[0].replace("[]", "")
        assert not parent or parent in {path.replace("[]", "") for path in meanings()}, fact
