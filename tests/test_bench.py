"""The bench: every stage once for all settings that it does not depend on, and the numbers of a fresh report whatever is turned."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import reporter
import reporter.bench
from reporter.analysis.analyse import Segmentation
from reporter.analysis.shift import NOWHERE, shift
from reporter.bench import Bench
from reporter.document.blocks import Prose
from reporter.document.facts import rounded
from reporter.document.narrate.rfm import rule
from reporter.document.words import Words
from reporter.errors import UsageError

FEW = ("cluster.k_max=5", "cluster.null_draws=4", "cluster.bootstraps=4")
STAGES = ("read_source", "clean_tables", "aggregate", "score", "select_features", "size_segments", "fit", "with_density", "decide", "judge_ward")  # fmt: skip
LOOKS = (
    (),
    ("cluster.k=4",),
    ("cluster.method=ward", "cluster.k=3"),
    ("cluster.eps=0.6",),
    ("features.exclude=tenure_days", "features.clip=2"),
    ("rfm.grid=three-score",),
    ("rfm.recency_boundaries=20,60,120,300",),
    ("source.as_of=2025-03-01", "cluster.k=2"),
)


def settings(*overrides: str) -> reporter.Config:
    return reporter.load_config(overrides=[*FEW, *overrides])[0]


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return reporter.sample(customers=150)


@pytest.fixture(scope="module")
def fresh(orders: pd.DataFrame) -> Callable[..., reporter.Analysis]:
    """The analysis of the orders with settings, made anew by the other way; each once for all tests."""
    return cache(lambda *overrides: reporter.analyse(orders, settings(*overrides)))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each stage is really computed; it still is."""
    counted: Counter[str] = Counter()

    def counting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            counted[name] += 1
            return real(*arguments, **named)

        return call

    for name in STAGES:
        monkeypatch.setattr(reporter.bench, name, counting(name, getattr(reporter.bench, name)))
    return counted


@pytest.fixture
def bench(orders: pd.DataFrame) -> Iterator[Bench]:
    with Bench(orders) as opened:
        yield opened


def test_each_stage_is_computed_once_for_what_it_depends_on(bench: Bench, calls: Counter[str]) -> None:
    first = {"read_source": 1, "clean_tables": 1, "aggregate": 1, "score": 1, "select_features": 1, "size_segments": 1, "fit": 1}  # fmt: skip
    bench.at(settings())
    assert calls == first | {"decide": 1}
    for overrides, more in (
        (("cluster.k=4",), {"decide": 1}),
        (("cluster.k=3",), {"decide": 1}),
        (("cluster.effect=0.3",), {"decide": 1}),
        (("rfm.grid=three-score",), {"score": 1, "size_segments": 1}),
        (("rfm.recency_boundaries=20,60,120,300",), {"score": 1, "size_segments": 1}),
        (("cluster.method=ward",), {"decide": 1, "judge_ward": 1}),
        (("cluster.method=ward", "rfm.grid=three-score"), {}),
        (("cluster.eps=0.6",), {"with_density": 1, "decide": 1}),
        (("features.exclude=tenure_days",), {"select_features": 1, "fit": 1, "decide": 1}),
        (("features.exclude=branches",), {"select_features": 1}),  # it is not in this data
        (("source.as_of=2025-03-01",), {"clean_tables": 1, "aggregate": 1, "score": 1, "select_features": 1, "size_segments": 1, "fit": 1, "decide": 1}),
        (("cluster.k=4",), {}),
        ((), {}),
    ):  # fmt: skip
        before = calls.copy()
        bench.at(settings(*overrides))
        assert calls - before == Counter(more), overrides


def test_numbers_are_those_of_a_fresh_report(bench: Bench, fresh: Callable[..., reporter.Analysis]) -> None:
    """One bench goes through all settings, one after the other; each time a new analysis is made beside it."""
    for overrides in LOOKS:
        seen, other = bench.at(settings(*overrides)), fresh(*overrides)
        pd.testing.assert_frame_equal(seen.customers, other.customers[list(seen.customers)])
        pd.testing.assert_frame_equal(seen.sample, other.sample[list(seen.sample)])
        pd.testing.assert_frame_equal(seen.clustering.crosstab, other.clustering.crosstab)
        pd.testing.assert_frame_equal(seen.clustering.rules, other.clustering.rules)
        pd.testing.assert_frame_equal(seen.clustering.profiles, other.clustering.profiles)
        assert seen.clustering.verdict == other.clustering.verdict
        assert indices(seen) == indices(other)
        assert sizes(seen) == sizes(other)


def test_settings_that_ask_for_the_rows_again_get_the_right_ones(
    bench: Bench, fresh: Callable[..., reporter.Analysis], calls: Counter[str]
) -> None:
    """The engine holds one reading, and of a ledger that is summed no rows: whoever needs them again must have them read or cleaned anew."""
    for overrides in (
        (),
        ("analysis.min_group=40",),
        ("source.columns.amount=transaction_id", "source.columns.transaction_id=amount"),
        ("source.as_of=2025-02-01",),
        ("source.refunds.policy=gross", "source.as_of=2025-02-01"),
        ("analysis.min_group=40", "source.as_of=2025-02-01"),
    ):
        config = settings(*overrides)
        try:
            other = fresh(*overrides)
        except reporter.InputError as fault:
            with pytest.raises(reporter.InputError, match=re.escape(str(fault))):
                bench.at(config)
            continue
        seen = bench.at(config)
        pd.testing.assert_frame_equal(seen.customers, other.customers[list(seen.customers)])
        assert seen.overview.monthly.equals(other.overview.monthly)
    assert calls["read_source"] == 5  # each time that the columns or the policy change


def indices(found: Segmentation) -> list[tuple[object, ...]]:
    """With the digits that files hold: a silhouette's last ones depend on which partitions were judged with it."""
    return [
        (
            c.partition.method,
            c.partition.k,
            *rounded([c.silhouette, c.null_low, c.null_high, c.stability, c.davies_bouldin]),
        )
        for c in found.clustering.candidates
    ]


def sizes(found: Segmentation) -> list[tuple[object, ...]]:
    """All that is told of a segment but its course over months and its people."""
    names = [name for name in type(found.segments[0]).__slots__ if name not in ("index", "months", "groups")]
    return [(*(getattr(s, name) for name in names), *s.index["ratio"].round(12).fillna(-1)) for s in found.segments]


def test_coupons_have_the_same_sizes_too(tmp_path: Path) -> None:
    from tests.fixtures.workbook import make_shop, make_workbook

    path = make_workbook(tmp_path / "shop.xlsx", make_shop())
    with Bench(path) as bench:
        seen, fresh = bench.at(settings()), reporter.analyse(path, settings())
    assert sizes(seen) == sizes(fresh)
    pd.testing.assert_frame_equal(seen.customers, fresh.customers[list(seen.customers)])


def test_a_fault_leaves_what_was_known(bench: Bench, calls: Counter[str]) -> None:
    bench.at(settings())
    before = calls.copy()
    for overrides in (["rfm.grid=nowhere"], ["features.exclude=height"], ["rfm.recency_boundaries=1,2"]):
        with pytest.raises(UsageError):
            bench.at(settings(*overrides))
    bench.at(settings())
    assert (calls - before)["fit"] == (calls - before)["read_source"] == 0


def test_an_analysis_is_a_source_without_transactions(
    fresh: Callable[..., reporter.Analysis], calls: Counter[str]
) -> None:
    analysis = fresh()
    with Bench(analysis) as bench:
        assert bench.at(reporter.Config(analysis=analysis.settings)) is analysis
        assert not calls
        for overrides in (LOOKS[1], LOOKS[4], LOOKS[6]):
            seen, other = bench.at(settings(*overrides)), fresh(*overrides)
            pd.testing.assert_frame_equal(seen.customers, other.customers[list(seen.customers)])
            assert sizes(seen) == sizes(other)
        assert calls["read_source"] == calls["aggregate"] == 0
        with pytest.raises(UsageError, match="transactions of an analysis are gone"):
            bench.at(settings("source.as_of=2025-03-01"))


def test_pseudonyms_stand_in_place_of_ids(orders: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTER_PSEUDONYM_KEY", "a key that is long enough to be one")
    hidden = settings("output.pseudonymise=true")
    with Bench(orders) as bench:
        seen, fresh = bench.at(hidden), reporter.analyse(orders, hidden)
    pd.testing.assert_frame_equal(seen.customers, fresh.customers[list(seen.customers)])
    assert not set(seen.customers["customer_id"]) & set(orders["customer_id"].astype(str))


def test_movement_counts_every_customer_once(bench: Bench) -> None:
    before, after = bench.at(settings()), bench.at(settings("rfm.grid=three-score", "cluster.k=5"))
    for by in ("segment", "cluster"):
        flows = shift(before, after, by)
        crossed = pd.crosstab(before.customers[by].astype(str).rename("b"), after.customers[by].astype(str).rename("a"))
        assert {(f.before, f.after): f.customers for f in flows.itertuples()} == {
            (b, a): int(crossed.loc[b, a]) for b in crossed.index for a in crossed.columns if crossed.loc[b, a]
        }
    earlier = bench.at(settings("source.as_of=2024-09-01"))
    arrived = shift(earlier, before, "segment")
    assert arrived["customers"].sum() == len(before.customers)
    assert arrived.loc[arrived["before"] == NOWHERE, "customers"].sum() == len(before.customers) - len(
        earlier.customers
    )


def test_a_run_with_boundaries_by_hand_scores_by_them_and_says_so(orders: pd.DataFrame, tmp_path: Path) -> None:
    config = settings("rfm.recency_boundaries=20,60,120,300", "report.edition=brief", "output.pdf=false")
    found = reporter.run(orders, config, output=tmp_path)
    assert found.facts["grid"]["limits"] == {"recency_days": [20, 60, 120, 300], "frequency": [], "monetary": []}
    written = pd.read_csv(found.paths["customers.csv"])
    expected = 5 - sum((written["recency_days"] > limit).astype(int) for limit in (20, 60, 120, 300))
    assert list(written["r_score"]) == list(expected)
    told = rule(Words("en", None, "money"), found.analysis.scorecard).text
    assert told.endswith("The boundaries of recency were set by hand instead; who is on one gets the better score.")


def test_the_chapter_on_certainty_says_what_its_draws_leave_alone(fresh: Callable[..., reporter.Analysis]) -> None:
    for overrides, says in (LOOKS[6], True), (LOOKS[0], False):
        document = reporter.compose(fresh(*overrides), settings(*overrides, "report.sections=campaign"))
        (chapter,) = (section for section in document.sections if section.id == "certainty")
        told = [said.text for block in chapter.blocks if isinstance(block, Prose) for said in block.paragraphs]
        assert ("Boundaries that were set by hand stay as they are in every draw." in told) is says
