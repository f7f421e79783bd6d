"""Looking back and ahead, as told: small groups stay hidden, a model that does not fit is one note, and the facts hold what the pages print."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reporter.analysis.backtest import Backtest
from reporter.document.blocks import Callout, Section
from reporter.document.compose.outlook import outlook
from reporter.document.facts import leaves, tables
from reporter.document.narrate import expected as say_ahead
from reporter.document.narrate import outlook as narrate
from reporter.document.words import Words
from tests.document.situations import Told

WORDS = Words("en", "EUR", "money")


def told_back(told: Told, test: Backtest, min_group: int = 5) -> Section:
    analysis = replace(told.analysis, backtest=test)
    return outlook(WORDS, analysis, {}, min_group)[0]


@pytest.fixture
def looked_back(situation: tuple[str, Told]) -> Told:
    name, told = situation
    if told.analysis.backtest is None:
        assert name == "tiny", "only next to nothing is too short to look back on"
        pytest.skip("five customers of one week have no look back")
    return told


def test_the_facts_are_those_of_the_printed_table(looked_back: Told) -> None:
    test, printed = looked_back.facts["backtest"], looked_back.facts["report_tables"]["outcomes-by-segment"]
    rows = {row[0]: dict(zip(printed["columns"], row, strict=True)) for row in printed["values"]}
    for outcome in test["outcomes"]:
        row = rows[outcome["name"]]
        assert row["Customers"] in (None, outcome["customers"])
        assert row["Share"] is None or row["Share"] == pytest.approx(outcome["share"])
    assert sum(outcome["returned"] for outcome in test["outcomes"]) == test["base"]["returned"]


def test_a_name_with_few_customers_has_no_share_and_one_with_very_few_no_figure(looked_back: Told) -> None:
    test = looked_back.analysis.backtest
    assert test is not None
    least = looked_back.analysis.settings.min_group
    few = replace(test.outcomes[0], customers=2, returned=1, share=0.5)
    some = replace(test.outcomes[1], customers=least - 1, returned=3, share=3 / (least - 1))
    section = told_back(looked_back, replace(test, outcomes=(few, some, *test.outcomes[2:])), min_group=5)
    rows = next(iter(tables(section.blocks))).rows
    assert {cell.value for cell in rows[0].cells[1:]} == {None}
    assert rows[1].cells[3].value is None
    drawn = next(block for block in leaves(section.blocks) if getattr(block, "id", "") == "outcomes")
    assert not {few.name, some.name} & set(drawn.data[0]["name"])  # type: ignore[union-attr]


def test_what_does_not_fit_is_said_once_and_forecasts_nothing(looked_back: Told) -> None:
    analysis = looked_back.analysis
    assert analysis.expected is not None
    sections = outlook(WORDS, analysis, {}, 5)
    notes = [b for b in leaves(sections[0].blocks) if isinstance(b, Callout) and b.kind == "note"]
    assert len(sections) == (2 if analysis.expected.fits else 1)
    assert len(notes) == (0 if analysis.expected.fits else 1)
    assert ("p_alive" in analysis.customers) is analysis.expected.fits


@pytest.mark.parametrize("reason", list(say_ahead.REASONS))
def test_every_reason_has_its_sentence(looked_back: Told, reason: str) -> None:
    ahead, test = looked_back.analysis.expected, looked_back.analysis.backtest
    assert ahead is not None
    assert test is not None
    said = say_ahead.not_fitting(WORDS, replace(ahead, reason=reason), test, 0.05)  # type: ignore[arg-type]
    assert "does not fit this shop" in said.text
    assert "{" not in said.text


def test_names_are_weighed_by_chance_first(looked_back: Told) -> None:
    test = looked_back.analysis.backtest
    assert test is not None
    strong = replace(test, p_value=1e-9, explained=(replace(test.explained[0], adjusted=0.4), *test.explained[1:]))
    weak = replace(strong, explained=(replace(test.explained[0], adjusted=0.02), *test.explained[1:]))
    levels = [narrate.weight(each, 1) for each in (strong, weak, replace(strong, p_value=0.2))]
    assert levels == ["held", "little", "nothing"]
    assert narrate.weight(replace(strong, p_value=float("nan")), 1) == "nothing"
    assert narrate.weight(strong, 10**6) == "nothing"


def test_a_table_of_expectations_hides_small_groups(looked_back: Told) -> None:
    ahead = looked_back.analysis.expected
    assert ahead is not None
    frame = pd.DataFrame(
        {
            "segment": ["A", "B", "C"], "customers": [3, 40, 900], "repeaters": [1, 20, 800], "p_alive": [0.1, 0.2, 0.3],
            "expected_transactions": [1.0, 2.0, 3.0], "expected_value": np.nan,
        }
    )  # fmt: skip
    fitting = replace(ahead, fits=True, reason="", segments=frame, holdout=None, spend=None)
    _, section = outlook(WORDS, replace(looked_back.analysis, expected=fitting), {}, 5)
    rows = next(iter(tables(section.blocks))).rows
    assert {cell.value for cell in (*rows[0].cells[1:], *rows[1].cells[1:])} == {None}
    assert rows[2].cells[2].value == 0.3
    assert section.title.text.startswith("6 purchase days can be expected")
