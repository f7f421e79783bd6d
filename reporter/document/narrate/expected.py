"""What the models of expected purchases and value say, or why they say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from reporter.analysis.backtest import Backtest
from reporter.analysis.expected import RELATED, ExpectedValue, Holdout
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Word, Words, brief, paragraph, say

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "no maximum": "The model of expected purchases (BG/NBD) does not fit this shop: its likelihood has no maximum, because these customers do not drop out, or do not differ, in the way that it assumes.",
        "not told": "The model of expected purchases (BG/NBD) does not fit this shop: the record does not tell its parameters.",
        "counts": "The model of expected purchases (BG/NBD) does not fit this shop: it puts {misplaced} of the customers into a wrong class of repeats, more than the {limit} allowed.",
        "holdout total": "The model of expected purchases (BG/NBD) does not fit this shop: of the {came} purchase days after {cut} it foretold {told}.",
        "holdout averages": "The model of expected purchases (BG/NBD) does not fit this shop: what customers did after {cut} is foretold better by a plain average (“{best}”).",
    }
)
"""By the reason of the verdict."""
WAYS: Mapping[str, str] = MappingProxyType(
    {
        "model": "BG/NBD",
        "own": "As before, customer by customer",
        "segment": "As before, on average of the segment",
        "base": "As before, on average of all",
    }
)
VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "better": "the model is the better forecast",
        "even": "neither is clearly better",
        "worse": "the plain average is the better forecast",
    }
)


def not_fitting(words: Words, ahead: ExpectedValue, test: Backtest, limit: float) -> Said:
    """That the model does not fit, and why."""
    template, tried = REASONS[ahead.reason], ahead.holdout
    known: dict[str, Number | Said | str] = {
        "misplaced": words.share(ahead.counts.misplaced, "misplaced"),
        "limit": words.share(limit, "misplaced_limit"),
        "cut": words.day(test.cut, "cut"),
        "came": words.count(tried.total if tried else 0, "came"),
        "told": words.count(round(tried.forecasts[0].total) if tried else 0, "foretold"),
        "best": Word(WAYS[tried.best if tried else "base"]),
    }
    return say(template, **{name: value for name, value in known.items() if f"{{{name}}}" in template})


def instead(words: Words, test: Backtest) -> Said:
    """What stands in for forecasts where no model fits."""
    return say(
        "So nothing is forecast for single customers; the averages of the look back stand in: {per_customer} transactions a customer in {months}, by name as in the table above.",
        per_customer=words.number(test.base.transactions / test.base.customers, "transactions_per_customer"),
        months=words.things(test.months, "month", "months"),
    )


def not_fitting_title(words: Words, ahead: ExpectedValue) -> Said:
    """Head of that line."""
    return say("No forecast for the next {months}", months=words.things(ahead.months, "month", "planning_months"))


def title(words: Words, ahead: ExpectedValue) -> Said:
    """What can be expected, and of whom most."""
    worth = _has_value(ahead)
    column = "expected_value" if worth else "expected_transactions"
    total = float(ahead.segments[column].sum())
    top = ahead.segments.loc[ahead.segments[column].idxmax()]
    return say(
        "{total} can be expected in the next {months}, {share} of it from {name}",
        total=say("Revenue of {value}", value=words.money(total, "expected_value"))
        if worth
        else words.things(round(total), "purchase day", "expected_transactions"),
        months=words.things(ahead.months, "month", "planning_months"),
        share=words.share(float(top[column]) / total if total else 0.0, "expected_share"),
        name=brief(Word(str(top["segment"])), LONGEST),
    )


LONGEST = 20
"""Letters of a name that leave the title its two lines."""


def _has_value(ahead: ExpectedValue) -> bool:
    return ahead.spend is not None and ahead.spend.fits


def lede(words: Words, ahead: ExpectedValue) -> Said:
    """How the figures come about."""
    tail = Word("and what they bring (Gamma-Gamma)") if _has_value(ahead) else Word("but not what they bring")
    return say(
        "From when each customer came, and how often, two habits are estimated: how fast they buy, and how soon they stay away for good (BG/NBD). They give the days with a purchase to expect in the next {months} {tail}.",
        months=words.things(ahead.months, "month", "planning_months"),
        tail=tail,
    )


def checks(words: Words, ahead: ExpectedValue) -> Said:
    """How well the models fit the record."""
    return paragraph(
        say(
            "Does it fit? The model puts {misplaced} of the customers into a wrong class of repeats.",
            misplaced=words.share(ahead.counts.misplaced, "misplaced"),
        ),
        _spend(words, ahead),
    )


def _spend(words: Words, ahead: ExpectedValue) -> Said:
    spend = ahead.spend
    if spend is None:
        return Said("Without amounts no value is expected.")
    if pd.isna(spend.correlation) or spend.model is None:
        return Said("Too few repeats have a value for a model of spend, so no value is expected.")
    rho = words.number(spend.correlation, "spend_correlation")
    if spend.fits:
        return say(
            "Gamma-Gamma takes spend a day and frequency as unrelated: here their correlation is {rho}, within the {limit} allowed.",
            rho=rho,
            limit=words.number(RELATED, "related_limit", digits=1),
        )
    return say("Gamma-Gamma does not fit (correlation of spend and frequency {rho}), so no value is expected.", rho=rho)


def holdout(words: Words, tried: Holdout, test: Backtest) -> Said:
    """What was foretold at the cut, what came, and which way was better."""
    model = tried.forecasts[0]
    best = next(each for each in tried.forecasts if each.way == tried.best)
    return say(
        "Would it have been right? Fitted to what was known on {cut}, it foretold {told} purchase days for the {months} that followed, and {came} came ({off}). Customer by customer its typical error is {rmse}, that of the best plain average (“{best}”) {plain}: {verdict}.",
        cut=words.day(test.cut, "cut"),
        told=words.count(round(model.total), "foretold"),
        months=words.things(test.months, "month", "months"),
        came=words.count(tried.total, "came"),
        off=words.change(model.total, tried.total, "foretold_off"),
        rmse=words.number(model.rmse, "rmse_model"),
        best=Word(WAYS[best.way]),
        plain=words.number(best.rmse, "rmse_plain"),
        verdict=Word(VERDICTS[tried.verdict]),
    )


def limits(words: Words, ahead: ExpectedValue) -> tuple[Said, ...]:
    """What the figures do not say."""
    tried = ahead.holdout
    off = (
        say(
            "In the look back the sum was off by {off}: take no sum as more exact than that.",
            off=words.share(abs(tried.forecasts[0].total / tried.total - 1), "foretold_off"),
        )
        if tried and tried.total
        else SILENT
    )
    alive = Said(
        "Whether a customer with one purchase day is still there the model cannot tell: it lets nobody leave before the first repeat. The probability is given for those who repeated."
    )
    return tuple(
        filter(
            None,
            (
                off,
                alive,
                Said(
                    "Purchases of one day count once. A forecast goes on as before: it knows of no season, campaign or price."
                ),
            ),
        )
    )


def so_what(words: Words, ahead: ExpectedValue, least: int) -> Said:
    """Where regulars are likely gone."""
    known = ahead.segments[ahead.segments["repeaters"] >= least]
    if known.empty:
        return SILENT
    lost = known.loc[known["p_alive"].idxmin()]
    return say(
        "Of those in {name} who came more than once, {share} are likely still customers: spend on winning back only what their {expected} expected purchase days can carry.",
        name=Word(str(lost["segment"])),
        share=words.share(float(lost["p_alive"]), "lowest_p_alive"),
        expected=words.count(round(float(lost["expected_transactions"])), "lowest_expected"),
    )


def table_title(words: Words, ahead: ExpectedValue) -> Said:
    """What the table lists."""
    return say(
        "{n} and what to expect of them in {months}",
        n=words.things(int(ahead.segments["customers"].sum()), "customer", "customers"),
        months=words.things(ahead.months, "month", "planning_months"),
    )


def holdout_title(words: Words, tried: Holdout) -> Said:
    """How many forecasts are compared."""
    return say("{n} ways to foretell the same days", n=words.count(len(tried.forecasts), "ways"))


def calibration_title(words: Words, tried: Holdout) -> Said:
    """Sum foretold and sum that came."""
    return say(
        "{told} purchase days foretold, {came} came",
        told=words.count(round(tried.forecasts[0].total), "foretold"),
        came=words.count(tried.total, "came"),
    )


def record(words: Words, ahead: ExpectedValue) -> Said:
    """Who is counted in the picture of repeats."""
    return say("The whole record; n = {n}.", n=words.count(int(ahead.counts.frame["customers"].sum()), "customers"))


def counts_title(words: Words, ahead: ExpectedValue) -> Said:
    """How many customers the model misplaces."""
    return say("{share} of customers in a wrong class", share=words.share(ahead.counts.misplaced, "misplaced"))
