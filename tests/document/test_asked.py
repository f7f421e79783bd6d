"""A report whose clusters the settings ask for says so wherever it shows them, in every language."""

from __future__ import annotations

import re

import pytest

import reporter
from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Section
from reporter.document.facts import facts, sentences
from reporter.document.html import to_html
from tests.document.editions import Shops, composed_once, fast, inked


def texts(section: Section) -> str:
    """All sentences of a section, one a line."""
    return "\n".join(said.text for said in sentences(section))


@pytest.fixture(scope="module")
def asked(shops: Shops) -> Analysis:
    usual = shops.money.clustering
    assert usual.chosen is usual.ruled
    assert usual.ruled is not None
    k = 5 - usual.ruled.partition.k  # of two and three, the other one
    return reporter.analyse(shops.folder / "shop.xlsx", fast(f"cluster.k={k}", "cluster.eps=0.75"))


def test_the_verdict_is_the_same_and_the_cut_is_called_one(shops: Shops, asked: Analysis) -> None:
    usual, other = composed_once(shops.money), composed_once(asked)
    parts = {section.id: section for section in other.sections}
    assert parts["verdict"].title == next(section.title for section in usual.sections if section.id == "verdict")
    assert asked.clustering.chosen is not None
    k = asked.clustering.chosen.partition.k
    assert parts["clusters"].title.text.startswith(f"Cut into {k} as the settings ask, part ")
    told = texts(parts["verdict"])
    assert f"The settings ask for KMeans with {k} groups instead" in told
    assert "a cut that was asked for, not what the search found" in told
    assert "as the settings ask" in texts(parts["methods"])
    assert "Radius set at 0.75; the distance curve bends at" in texts(parts["methods"])


def test_table_states_and_facts_mark_both(asked: Analysis) -> None:
    document = inked(asked)
    page = to_html(document)
    assert len(re.findall("KMeans, asked for", page)) == 1
    assert len(re.findall("(KMeans|Agglomerative \\(Ward\\)), chosen", page)) == 1
    assert re.search(r"numbers of groups were tried: the rule takes \d, the settings ask for \d; look at each", page)
    told = facts(asked, document, "x")["clustering"]
    assert told["chosen"] != told["by_rule"]
    assert told["verdict"] == asked.clustering.verdict.level
    assert told["chosen"]["k"] == asked.customers["cluster"].max()


@pytest.mark.parametrize("locale", ["de", "ar"])
def test_it_is_said_in_every_language(asked: Analysis, locale: str) -> None:
    told = {section.id: texts(section) for section in composed_once(asked, locale=locale).sections}
    assert "settings" not in told["verdict"] + told["clusters"]
    assert "asked for" not in told["verdict"] + told["methods"]
    assert ("Einstellungen" if locale == "de" else "الإعدادات") in told["verdict"]
