"""All numbers of groups that were tried: the numbers of the analysis, and what the rule of choice made of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.analysis.choose import steps_table
from reporter.document.blocks import Section
from reporter.document.compose.states import states
from reporter.document.facts import sentences, tables
from reporter.document.narrate.groups import kmeans
from reporter.document.narrate.states import outcome
from reporter.document.words import Words
from tests.document.test_methods import clustered

WORDS = Words("en", "", "money")


def test_each_state_holds_the_numbers_of_its_candidate() -> None:
    clustering = clustered(4)
    block = states(WORDS, clustering)
    assert [state.label.text for state in block.states] == ["2", "3", "4", "5"]
    assert clustering.chosen is not None
    assert block.states[block.chosen].label.text == str(clustering.chosen.partition.k)
    for state, candidate in zip(block.states, kmeans(clustering), strict=True):
        values = [number.value for stat in state.stats.stats for number in stat.value.numbers]
        known = (
            candidate.silhouette,
            candidate.davies_bouldin,
            int(candidate.calinski_harabasz or 0),
            candidate.stability,
        )
        assert values == list(known)
        sizes = [said.numbers[0].value for said, _ in state.sizes]
        assert len(sizes) == candidate.partition.k
        assert sum(sizes) == len(candidate.partition.labels)
        assert sizes == sorted(sizes, reverse=True)
        assert min(share for _, share in state.sizes) == pytest.approx(candidate.smallest_share)


def test_facts_list_what_states_say_and_the_workbook_gets_no_sheet() -> None:
    block = states(WORDS, clustered(4))
    section = Section("s", block.title, "", "", (block,))
    said = [each.text for each in sentences(section)]
    assert block.title.text == "4 numbers of groups were tried, and 2 was chosen: look at each"
    for state in block.states:
        assert state.says.text in said
        assert all(size.text in said for size, _ in state.sizes)
    assert list(tables(section.blocks)) == []


@pytest.mark.parametrize(
    ("reason", "admitted", "told"),
    [
        ("small cluster", False, "Not admitted: its smallest group has only"),
        ("unstable", False, "it agrees with itself at only"),
        ("larger k", True, "then the smaller number wins"),
        ("weaker", True, "above what chance gives; 2 groups have"),
        ("replaced", True, "cut by Ward’s method"),
        ("chosen", True, "no admitted number is farther above by more than 0.01"),
        ("chosen", False, "Taken for want of better"),
    ],
)
def test_the_rule_of_choice_is_told_for_each(reason: str, admitted: bool, told: str) -> None:
    clustering = clustered(4)
    step = next(clustering.steps.assign(reason=reason, admitted=admitted).itertuples())
    assert told in outcome(WORDS, clustering, step).text


def test_what_could_not_be_told_is_not_told() -> None:
    clustering = clustered(4)
    unknown = [replace(each, silhouette=None, stability=None) for each in kmeans(clustering)]
    for reason in ("unstable", "weaker", "chosen"):
        steps = steps_table(unknown, [True] * 4, [reason] * 4)
        assert "nan" not in outcome(WORDS, replace(clustering, steps=steps), next(steps.itertuples())).text
