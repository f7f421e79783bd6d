"""The first page."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.explore import Change, Overview
from reporter.document.blocks import Beside, Block, Bullets, Callout, Chart, Number, Prose, Said, Section, Stat, Stats
from reporter.document.narrate import customers as say_customers
from reporter.document.narrate import summary as narrate
from reporter.document.playbook import Playbook
from reporter.document.words import Words

SPARK_MONTHS = 24
TILES = ("active_customers", "transactions", "monetary", "burned", "new_customers")
"""No burn rate here: the latest claims have had less time to burn, so its change would mislead."""


def summary(words: Words, analysis: Analysis, playbook: Playbook, palette: dict[str, int]) -> Section:
    """The answer on one page: figures, findings, actions, and how sure we are."""
    return Section(
        id="summary",
        title=narrate.headline(words, analysis, playbook),
        short="Summary",
        kicker="Summary",
        blocks=(
            Prose((narrate.lede(words, analysis),), kind="lede"),
            Stats(tiles(words, analysis.overview)),
            _value_chart(words, analysis, palette),
            _findings(words, analysis, playbook),
            _closing(words, analysis, playbook),
        ),
        full=True,
    )


def _closing(words: Words, analysis: Analysis, playbook: Playbook) -> Block:
    """What to do, and how sure we are; only the second where the playbook has nothing urgent."""
    sure = Callout("verdict", Said("How sure we are"), narrate.confidence(words, analysis))
    actions = narrate.actions(words, analysis, playbook)
    return Beside((Callout("action", Said("Act on these first"), actions), sure)) if actions else sure


def _findings(words: Words, analysis: Analysis, playbook: Playbook) -> Block:
    if narrate.few(analysis):
        return Callout("limit", Said("Too few customers for findings"), (narrate.few_note(words, analysis),))
    return Bullets(narrate.findings(words, analysis, playbook))


def tiles(words: Words, overview: Overview) -> tuple[Stat, ...]:
    """Up to four KPI tiles with change and sparkline."""
    changes = {change.name: change for change in overview.changes}
    if not overview.changes or overview.window_days is None:
        return _totals(words, overview)
    return tuple(
        _tile(words, changes[name], overview)
        for name in TILES
        if name in changes and (changes[name].now or changes[name].before)
    )[:4]


def _totals(words: Words, overview: Overview) -> tuple[Stat, ...]:
    label = "Revenue" if words.mode == "money" else "Coupons burned"
    return (
        Stat("Customers with transactions", _said(words.count(overview.scored, "customers_scored"))),
        Stat("Transactions", _said(words.count(overview.transactions, "transactions"))),
        Stat(label, _said(words.value_bare(overview.monetary, "monetary"))),
    )


def _tile(words: Words, change: Change, overview: Overview) -> Stat:
    return Stat(
        label=_label(words, change.name),
        value=_said(_value(words, change)),
        change=say_customers.change_against(words, change, overview.window_days),
        trend=_trend(change),
        good=None if change.before is None else change.now >= change.before,
        spark=_spark(overview.monthly, change.name),
    )


def _label(words: Words, name: str) -> str:
    if name == "monetary" and words.mode == "coupon":
        return "Coupons burned"
    return say_customers.MEASURES[name]


def _value(words: Words, change: Change) -> Number:
    if change.unit == "share":
        return words.share(change.now, change.name)
    if change.unit == "money":
        return words.value_bare(change.now, change.name)
    return words.count(change.now, change.name)


def _trend(change: Change) -> Literal["up", "down", "flat", ""]:
    if change.before is None:
        return ""
    return "up" if change.now > change.before else "down" if change.now < change.before else "flat"


def _spark(monthly: pd.DataFrame, name: str) -> tuple[float, ...]:
    full = monthly[~monthly["partial"]].tail(SPARK_MONTHS)
    return tuple(full[name].astype(float)) if name in full else ()


def _said(number: Number) -> Said:
    return Said(number.text, (number,))


def _value_chart(words: Words, analysis: Analysis, palette: dict[str, int]) -> Chart:
    frame = pd.DataFrame(
        [(s.name, s.share, s.monetary_share) for s in analysis.segments], columns=["name", "share", "monetary_share"]
    )
    as_of = words.day(analysis.ledger.as_of, "as_of")
    return Chart(
        id="summary-segments",
        title=narrate.chart_title(words, analysis),
        subtitle=narrate.value_and_customers(words),
        source=say_customers.customers_source(words, analysis.overview, as_of),
        alt="Bars of each segment’s share of value and share of customers.",
        draw="segment_bars",
        data=(frame, palette),
        height_mm=min(62.0, 7.0 + 3.0 * len(frame)),
    )
