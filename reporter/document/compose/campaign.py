"""Chapter "Campaign plan": the plan, how certain segments are, and what the last campaign did."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.campaign import Audience, Plan
from reporter.analysis.uplift import Effect, Measured
from reporter.document.blocks import SILENT, Beside, Block, Callout, Chart, Column, Prose, Said, Section, Table
from reporter.document.compose.tables import MISSING, table, with_source
from reporter.document.narrate import campaign as narrate
from reporter.document.narrate import measured as say_measured
from reporter.document.narrate.summary import few
from reporter.document.playbook import Playbook
from reporter.document.words import Words

CHAPTER = "Campaign plan"
Palette = dict[str, int]


def campaign(words: Words, analysis: Analysis, playbook: Playbook, palette: Palette) -> tuple[Section, ...]:
    """The plan first; then what the last campaign did, where it was measured, and how certain the audiences are."""
    found = analysis.measured
    sections = (
        _plan(words, analysis, playbook, palette),
        _measured(words, found, palette) if found is not None and found.effects else None,
        _certainty(words, analysis, palette) if analysis.campaign.draws and not few(analysis) else None,
    )
    return tuple(section for section in sections if section is not None)


def _plan(words: Words, analysis: Analysis, playbook: Playbook, palette: Palette) -> Section:
    plan = analysis.campaign
    notes = tuple(filter(None, narrate.limits(words, plan)))
    blocks: tuple[Block, ...] = (
        Prose((narrate.lede(words, plan),), kind="lede"),
        _numbers(words, plan, palette),
        _money(words, plan, palette),
        *_said(
            narrate.budget(words, plan), narrate.left_alone(words, plan), say_measured.unmeasured(analysis.unmeasured)
        ),
        *((Callout("limit", Said("What this plan cannot know"), notes),) if notes else ()),
        _actions(words, plan, playbook, palette),
    )
    return Section("campaign", narrate.title(words, plan), CHAPTER, CHAPTER, blocks)


def _said(*sentences: Said) -> tuple[Prose, ...]:
    spoken = tuple(filter(None, sentences))
    return (Prose(spoken),) if spoken else ()


def _numbers(words: Words, plan: Plan, palette: Palette) -> Table:
    """Sizes, responses and money of every audience."""
    bare = replace(words, currency=None)
    shows_profit = any(each.profit is not None for each in plan.audiences)
    frame = pd.DataFrame([_row(bare, each) for each in plan.audiences])
    columns = [
        Column("segment", "Audience", "name"),
        Column("treatment", "Contact", "count"),
        Column("control", "Hold back", "count"),
        Column("anyway", "Came anyway", "number"),
        Column("worth", "Worth finding", "number"),
        Column("finds", "Tells from", "number"),
    ]
    if any(each.break_even is not None for each in plan.audiences):
        columns.append(Column("pays", "Pays from", "number"))
    columns.append(Column("cost", _priced(words, "Cost"), "number"))
    if shows_profit:
        columns.append(Column("profit", _priced(words, "Expected profit"), "number"))
    else:
        columns.append(Column("each", _priced(words, "Per added response"), "number"))
    block = table(words, ("campaign", narrate.table_title(words, plan)), columns, frame, palette)
    return with_source(block, narrate.table_note(words, plan))


def _priced(words: Words, label: str) -> str:
    """A head with the currency, also in tables whose money is no figure of the data."""
    return f"{words.label(label)}, {words.currency}" if words.currency else label


def _row(words: Words, audience: Audience) -> dict[str, object]:
    response, profit = audience.response, audience.profit
    return {
        "segment": Said(audience.name),
        "treatment": audience.treatment,
        "control": audience.control,
        "anyway": None
        if response is None
        else narrate.ranged(words.share(response.share), words.share(response.low), words.share(response.high)),
        "worth": narrate.points(words, audience.terms.uplift, "worth"),
        "finds": None if audience.finds is None else narrate.points(words, audience.finds, "finds"),
        "pays": None if audience.break_even is None else narrate.break_even(words, audience.break_even, "break_even"),
        "cost": words.money(audience.cost, "cost"),
        "each": words.money(audience.cost_per_response, "cost_per_response"),
        "profit": None if profit is None else words.money(profit.expected, "profit"),  # its range is drawn below
    }


def _money(words: Words, plan: Plan, palette: Palette) -> Block:
    """What contacts cost, and beside it what they bring where that is known."""
    costs = pd.DataFrame({"name": [a.name for a in plan.audiences], "contacts": [a.treatment for a in plan.audiences], "cost": [a.cost for a in plan.audiences]})  # fmt: skip
    known = [(a.name, a.profit.expected, a.profit.low, a.profit.high) for a in plan.audiences if a.profit is not None]
    height = 6.0 + 4.4 * len(costs)
    bars = Chart(
        id="campaign-costs",
        title=narrate.costs_title(words, plan),
        subtitle=Said("Cost of contacting each audience, and how many are contacted"),
        source=SILENT,
        alt=words.label("Bars of the cost of each audience."),
        draw="budget_bars",
        data=(costs, palette),
        size="half" if known else "full",
        height_mm=height,
    )
    if not known:
        return bars
    ranges = Chart(
        id="campaign-profit",
        title=narrate.profit_title(words, plan),
        subtitle=Said("Expected profit with its range, if the campaign adds the responses worth finding"),
        source=SILENT,
        alt=words.label("Expected profit of each audience with its range around zero."),
        draw="range_rows",
        data=(pd.DataFrame(known, columns=["name", "value", "low", "high"]), "money", palette),
        size="half",
        height_mm=height,
    )
    return Beside((bars, ranges))


def _actions(words: Words, plan: Plan, playbook: Playbook, palette: Palette) -> Table:
    """Goal, offer, channel and timing from the playbook."""
    rows = [
        (
            Said(a.name),
            playbook.advice(a.name).goal,
            playbook.offer(a.name, words.mode),
            playbook.advice(a.name).channel or MISSING,
            playbook.advice(a.name).timing or MISSING,
        )
        for a in plan.audiences
    ]
    labels = {"segment": "Audience", "goal": "Goal", "offer": "Offer", "channel": "Channel", "timing": "Timing"}
    columns = [Column(key, label, "name" if key == "segment" else "text") for key, label in labels.items()]
    frame = pd.DataFrame(rows, columns=list(labels))
    return table(words, ("campaign-actions", narrate.actions_title(words, plan.audiences)), columns, frame, palette)


def _certainty(words: Words, analysis: Analysis, palette: Palette) -> Section:
    plan = analysis.campaign
    rows = [(a.name, *a.sure) for a in plan.audiences]
    frame = pd.DataFrame(rows, columns=["name", "certain", "likely", "uncertain"])
    strip = Chart(
        id="campaign-certainty",
        title=narrate.certainty_chart(words, plan),
        subtitle=Said("Customers of each segment by how often it comes out when customers are drawn anew"),
        source=SILENT,
        alt=words.label("Strip for each segment: certain, likely and uncertain customers."),
        draw="certainty_strip",
        data=(frame, palette),
        height_mm=12.0 + 4.6 * len(frame),
    )
    how = filter(None, (narrate.certainty_lede(words, plan), narrate.certainty_fixed(analysis.scorecard)))
    return Section("certainty", narrate.certainty_title(words, plan), "Certainty", CHAPTER,
                   (Prose(tuple(how)), strip, Prose((narrate.certainty_marks(words, plan),))), breaks=False, level=2)  # fmt: skip


def _measured(words: Words, measured: Measured, palette: Palette) -> Section:
    frame = pd.DataFrame(
        [(e.name, e.uplift, e.low, e.high, e.worth_finding) for e in measured.effects],
        columns=["name", "value", "low", "high", "worth"],
    )
    chart = Chart(
        id="measured-uplift",
        title=say_measured.chart_title(words, measured),
        subtitle=Said(
            "Share of customers who came, treatment less control, with its range; upright line: the uplift worth finding"
        ),
        source=SILENT,
        alt=words.label("Uplift of each campaign with its range around zero."),
        draw="range_rows",
        data=(frame, "points", palette),
        height_mm=10.0 + 4.6 * len(frame),
    )
    blocks = (Prose((say_measured.lede(words, measured),)), _effects(words, measured, palette), chart)
    return Section("measured", say_measured.title(words, measured), "Last campaign", "What the last campaign did", blocks, breaks=False, level=2)  # fmt: skip


def _effects(words: Words, measured: Measured, palette: Palette) -> Table:
    bare = replace(words, currency=None)
    columns = [
        Column("segment", "Audience", "name"),
        Column("treated", "Contacted", "count"),
        Column("came", "Came", "share"),
        Column("held", "Held back", "count"),
        Column("came_held", "Came", "share"),
        Column("uplift", "Uplift, points", "number"),
    ]
    if any(effect.money is not None for effect in measured.effects):
        columns.append(Column("money", _priced(words, "More per customer"), "number"))
    columns.append(Column("verdict", "Verdict", "text"))
    if any(effect.needs is not None for effect in measured.effects):
        columns.append(Column("needs", "Needs", "count"))
    frame = pd.DataFrame([_effect_row(bare, effect) for effect in measured.effects])
    named = ("measured", say_measured.table_title(words, measured))
    return with_source(table(words, named, columns, frame, palette), say_measured.note(words, measured))


def _effect_row(words: Words, effect: Effect) -> dict[str, object]:
    money = effect.money
    uplift = [say_measured.signed(words, value * 100, 1) for value in (effect.uplift, effect.low, effect.high)]
    return {
        "segment": Said(effect.name),
        "treated": effect.treatment.customers,
        "came": effect.treatment.share,
        "held": effect.control.customers,
        "came_held": effect.control.share,
        "uplift": narrate.ranged(*uplift),
        "money": None
        if money is None
        else narrate.ranged(
            *(say_measured.signed(words, value, 0 if max(map(abs, money)) >= 10 else 2) for value in money)
        ),
        "verdict": Said(effect.verdict),
        "needs": effect.needs,
    }
