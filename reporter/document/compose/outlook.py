"""Section "Looking back and ahead": what customers with each name did next, and what can be expected of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.backtest import Backtest, Outcome
from reporter.analysis.expected import MISPLACED, ExpectedValue, Holdout
from reporter.document.blocks import SILENT, Beside, Block, Callout, Chart, Column, Prose, Said, Section, Table
from reporter.document.compose.conclude import so_what
from reporter.document.compose.small import hidden_line
from reporter.document.compose.tables import table, with_source
from reporter.document.narrate import expected as say_ahead
from reporter.document.narrate import outlook as narrate
from reporter.document.words import Words

CHAPTER = "Looking back and ahead"
Look = tuple[dict[str, int], int]
"""Colour slots of the segments, and the smallest group that is shown."""


def outlook(words: Words, analysis: Analysis, palette: dict[str, int], min_group: int) -> tuple[Section, ...]:
    """Did the segments mean anything, and what can be expected; nothing where the record is too short to look back."""
    test, ahead = analysis.backtest, analysis.expected
    if test is None or ahead is None:
        return ()
    back = _back(words, analysis, test, (palette, min_group))
    return (back, _ahead(words, analysis, ahead, (palette, min_group))) if ahead.fits else (back,)


def _back(words: Words, analysis: Analysis, test: Backtest, look: Look) -> Section:
    least = analysis.settings.min_group
    source = narrate.source(words, test)
    blocks: tuple[Block, ...] = (
        Prose((narrate.lede(words, test),), kind="lede"),
        Beside((_dots(words, test, least, look[0]), _bars(words, test))),
        *((Prose((flagged,)),) if (flagged := narrate.flagged(words, test, least)) else ()),
        with_source(_outcomes(words, test, least, look), source),
        Prose((narrate.explained(words, test),)),
        *_no_forecast(words, analysis.expected, test),
        Callout("limit", Said("What one look back cannot tell"), narrate.limits(words, test, least)),
        *so_what(narrate.so_what(words, test, least)),
    )
    return Section("backtest", narrate.title(words, test, least), "Did the segments mean anything?", CHAPTER, blocks)


def _no_forecast(words: Words, ahead: ExpectedValue | None, test: Backtest) -> tuple[Block, ...]:
    """The line that says that no model fits, and what is used instead."""
    if ahead is None or ahead.fits:
        return ()
    why = say_ahead.not_fitting(words, ahead, test, MISPLACED), say_ahead.instead(words, test)
    return (Callout("note", say_ahead.not_fitting_title(words, ahead), why),)


def _dots(words: Words, test: Backtest, least: int, palette: dict[str, int]) -> Chart:
    frame = pd.DataFrame(
        [(o.name, o.share, o.low, o.high) for o in narrate.compared(test, least)],
        columns=["name", "share", "low", "high"],
    )
    return Chart(
        id="outcomes",
        title=narrate.chart_title(words, test, least),
        subtitle=Said("Share of each segment that came back, with its interval; upright: all customers"),
        source=SILENT,
        alt=words.label("Share that came back by segment, with intervals."),
        draw="outcome_dots",
        data=(frame, test.base.share, palette),
        size="wide",
        height_mm=11.0 + 3.9 * max(len(frame), 4),
    )


def _bars(words: Words, test: Backtest) -> Chart:
    rows = [
        (
            words.label("{way}, {n}", way=Said(narrate.LABELS[each.way]), n=words.things(each.groups, "group")),
            each.adjusted,
        )
        for each in test.explained
    ]
    frame = pd.DataFrame(rows, columns=["name", "share"])
    return Chart(
        id="explained",
        title=narrate.explained_title(words, test),
        subtitle=Said("Share of the variance of coming back that a way of grouping explains"),
        source=SILENT,
        alt=words.label("Bars of what segments, clusters and recency explain."),
        draw="explained_bars",
        data=(frame,),
        size="third",
        height_mm=44.0,
    )


def _outcomes(words: Words, test: Backtest, least: int, look: Look) -> Table:
    """Every name of then: how many, how many came back, and what a customer brought; small groups without shares, very small ones without figures."""
    palette, min_group = look
    hidden = hidden_line(np.array([outcome.customers for outcome in test.outcomes]), min_group)
    frame = pd.DataFrame([_row(words, outcome, least) for outcome in test.outcomes])
    frame.loc[hidden, [name for name in frame if name != "segment"]] = None
    value = "Revenue a customer" if words.mode == "money" else "Burned a customer"
    columns = [
        Column("segment", "Segment then", "name"),
        Column("customers", "Customers", "count"),
        Column("returned", "Came back", "count"),
        Column("share", "Share", "bar"),
        Column("low", "At least", "share"),
        Column("high", "At most", "share"),
        Column("transactions", "Transactions a customer", "number"),
        Column("monetary", value, "money" if words.mode == "money" else "number"),
    ]
    if words.mode == "coupon":
        columns.append(Column("burned", "Burned one", "share"))
    total = _row(words, test.base, least) | {"segment": Said("All customers")}
    return table(words, ("outcomes-by-segment", narrate.table_title(words, test)), columns, frame, palette, total)


def _row(words: Words, outcome: Outcome, least: int) -> dict[str, object]:
    plain = {"segment": Said(outcome.name), "customers": outcome.customers, "returned": outcome.returned}
    if outcome.customers < least:
        return plain | dict.fromkeys(("share", "low", "high", "transactions", "monetary", "burned"))
    return plain | {
        "share": outcome.share,
        "low": outcome.low,
        "high": outcome.high,
        "transactions": outcome.transactions / outcome.customers,
        "monetary": outcome.monetary / outcome.customers,
        "burned": outcome.burned / outcome.customers,
    }


def _ahead(words: Words, analysis: Analysis, ahead: ExpectedValue, look: Look) -> Section:
    test, tried = analysis.backtest, ahead.holdout
    blocks: tuple[Block, ...] = (
        Prose((say_ahead.lede(words, ahead),), kind="lede"),
        _expected(words, ahead, analysis.settings.min_group, look),
    )
    if test is not None and tried is not None:
        source = narrate.source(words, test)
        blocks += (
            Beside((_calibration(words, tried, source, look[1]), _counts(words, ahead))),
            Prose((say_ahead.checks(words, ahead), say_ahead.holdout(words, tried, test))),
            with_source(_ways(words, tried), source),
        )
    blocks += (
        Callout("limit", Said("What a forecast cannot know"), say_ahead.limits(words, ahead)),
        *so_what(say_ahead.so_what(words, ahead, analysis.settings.min_group)),
    )
    return Section(
        "expected", say_ahead.title(words, ahead), "What can be expected", CHAPTER, blocks, breaks=False, level=2
    )


def _expected(words: Words, ahead: ExpectedValue, least: int, look: Look) -> Table:
    palette, min_group = look
    found = ahead.segments
    frame = found.assign(
        segment=[Said(str(name)) for name in found["segment"]],
        p_alive=found["p_alive"].where(found["repeaters"] >= least),
        each=found["expected_transactions"] / found["customers"],
        days=found["expected_transactions"].round(),
    ).astype(object)
    hidden = hidden_line(found["customers"].to_numpy("int64"), min_group)
    frame.loc[hidden, [name for name in frame if name != "segment"]] = None
    columns = [
        Column("segment", "Segment", "name"),
        Column("customers", "Customers", "count"),
        Column("p_alive", "Still customers, of repeaters", "share"),
        Column("days", "Expected purchase days", "count"),
        Column("each", "A customer", "number"),
    ]
    total = {
        "segment": Said("All customers"),
        "customers": int(found["customers"].sum()),
        "days": round(float(found["expected_transactions"].sum())),
        "each": float(found["expected_transactions"].sum() / found["customers"].sum()),
    }
    if ahead.spend is not None and ahead.spend.fits:
        columns.append(Column("expected_value", "Expected revenue", "money"))
        total["expected_value"] = float(found["expected_value"].sum())
    return table(words, ("expected-by-segment", say_ahead.table_title(words, ahead)), columns, frame, palette, total)


def _calibration(words: Words, tried: Holdout, source: Said, min_group: int) -> Chart:
    known = tried.calibration[~hidden_line(tried.calibration["customers"].to_numpy("int64"), min_group)]
    return Chart(
        id="foretold",
        title=say_ahead.calibration_title(words, tried),
        subtitle=Said("Purchase days a customer by segment of then; ring: foretold, disc: what came"),
        source=source,
        alt=words.label("Purchase days foretold and come, by segment."),
        draw="foretold_dots",
        data=(known.rename(columns={"segment": "name"})[["name", "foretold", "came"]],),
        size="half",
        height_mm=48.0,
    )


def _counts(words: Words, ahead: ExpectedValue) -> Chart:
    return Chart(
        id="repeats",
        title=say_ahead.counts_title(words, ahead),
        subtitle=Said("Customers by days with a purchase after the first; bars: record, dots: model"),
        source=say_ahead.record(words, ahead),
        alt=words.label("Customers by number of repeats, in the record and by the model."),
        draw="repeat_counts",
        data=(ahead.counts.frame,),
        size="half",
        height_mm=48.0,
    )


def _ways(words: Words, tried: Holdout) -> Table:
    frame = pd.DataFrame(
        [
            (Said(say_ahead.WAYS[each.way]), each.mae, each.rmse, round(each.total), tried.total)
            for each in tried.forecasts
        ],
        columns=["way", "mae", "rmse", "total", "came"],
    )  # fmt: skip
    columns = [
        Column("way", "Forecast", "name"),
        Column("mae", "Mean error", "number"),
        Column("rmse", "Typical error (RMSE)", "number"),
        Column("total", "Days foretold", "count"),
        Column("came", "Days that came", "count"),
    ]
    return table(words, ("forecasts", say_ahead.holdout_title(words, tried)), columns, frame)
