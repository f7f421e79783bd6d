"""What section "Our customers" says."""

from __future__ import annotations

import pandas as pd

from reporter.analysis.explore import Change, Concentration, Coupons, Overview, Retention
from reporter.document.blocks import SILENT, Number, Said
from reporter.document.words import Word, Words, join, say, verb
from reporter.intake.ledger import Ledger

MONTHS_NAMED = 3
"""More months that are not complete are counted."""
STEADY = 0.01
"""A smaller relative change is called steady."""

MEASURES = {
    "transactions": "Transactions", "active_customers": "Active customers", "new_customers": "New customers",
    "monetary": "Revenue", "burned": "Coupons burned", "burn_rate": "Burn rate",
}  # fmt: skip


def growth_title(words: Words, overview: Overview) -> Said:
    """How transactions and value develop: together, apart, or not at all."""
    changes = {change.name: change for change in overview.changes}
    made, worth = changes.get("transactions"), changes.get("monetary" if words.mode == "money" else "burned")
    if made is None or worth is None or not made.before or not worth.before or overview.window_days is None:
        return span_title(words, overview)
    alike, apart = _verb(made) == _verb(worth), {_verb(made), _verb(worth)} == {"rose", "fell"}
    return say(
        "Transactions {made} {joint} {value} {worth} in the latest {window}",
        made=say("{verb} {by}", verb=_verb(made), by=_move(words, made)),
        joint=Word("but" if apart else "and"),
        value=words.value_noun,
        worth=_move(words, worth) if alike else say("{verb} {by}", verb=_verb(worth), by=_move(words, worth)),
        window=words.days(overview.window_days, "window"),
    )


def _verb(change: Change) -> Word:
    relative = change.now / change.before - 1 if change.before else 0.0
    return Word("held" if abs(relative) < STEADY else "rose" if relative > 0 else "fell")


def _move(words: Words, change: Change) -> Said:
    """By 10%, or at 8,613."""
    if _verb(change) == "held":
        write = words.money if change.unit == "money" else words.count
        return say("at {now}", now=write(change.now, f"{change.name}_now"))
    return say(
        "by {relative}", relative=words.share(abs(change.now / (change.before or 1.0) - 1), f"{change.name}_change")
    )


def span_title(words: Words, overview: Overview) -> Said:
    """The whole history in one sentence, for data too short to compare."""
    return say(
        "{customers} made {transactions}",
        customers=words.things(overview.scored, "customer"),
        transactions=words.things(overview.transactions, "transaction"),
    )


def growth_lede(words: Words, overview: Overview) -> Said:
    """Who is counted: known, scored, prospects."""
    if overview.known == overview.scored > 1:
        return say(
            "All {known} known have at least one transaction.",
            known=words.things(overview.known, "customer", "customers_known"),
        )
    known = say(
        "{known} {is_known} known and {scored} of them {has} at least one transaction",
        known=words.things(overview.known, "customer", "customers_known"),
        is_known=verb(overview.known, "is", "are"),
        scored=words.count(overview.scored, "customers_scored"),
        has=verb(overview.scored, "has", "have"),
    )
    if not overview.prospects:
        return say("{known}.", known=known)
    return say(
        "{known}. {prospects} {has} none and so no segment.",
        known=known,
        prospects=words.things(overview.prospects, "prospect", "prospects"),
        has=verb(overview.prospects, "has", "have"),
    )


def comparison(words: Words, overview: Overview) -> Said:
    """Which windows the changes compare."""
    if overview.window_days is None or overview.window_start is None or overview.window_end is None:
        return Said("The history is too short to compare two periods, so no change is shown.")
    return say(
        "Changes compare the {days} from {start} to {end} with the {same} before.",
        days=words.days(overview.window_days, "window"),
        start=words.day(overview.window_start),
        end=words.day(overview.window_end),
        same=words.days(overview.window_days, "window"),
    )


def change_against(words: Words, change: Change, window_days: int | None) -> Said:
    """The change of a KPI tile, with its comparison."""
    if change.before is None or window_days is None:
        return SILENT
    if change.unit == "share":
        moved = words.points(change.now, change.before)
    elif change.before:
        moved = words.change(change.now, change.before)
    else:
        return SILENT
    return say("{moved} against the {days} before", moved=moved, days=words.days(window_days, "window"))


def record_note(words: Words, ledger: Ledger) -> Said:
    """Where the record of transactions ends long before the as-of date."""
    if ledger.recorded_until == ledger.as_of:
        return SILENT
    return say(
        "Transactions end on {last}, {gap} before the as-of date, with burns alone after them: comparisons end there too, while recency counts on.",
        last=words.day(ledger.last_day, "last_day"),
        gap=words.days((ledger.as_of - ledger.last_day).days, "days_without_record"),
    )


def months_note(words: Words, monthly: pd.DataFrame) -> Said:
    """Which months are not complete."""
    partial = monthly.loc[monthly["partial"], "month"]
    if partial.empty:
        return Said("All months are complete.")
    if len(partial) > MONTHS_NAMED:
        return say(
            "{n} of {all} are not complete: they are hatched and left out of every comparison.",
            n=words.count(len(partial), "partial_months"),
            all=words.things(len(monthly), "month", "months"),
        )
    months = join([say("{month}", month=words.month(month)) for month in partial])
    are = verb(len(partial), "is not complete and is", "are not complete and are")
    return say("{months} {verb} left out of every comparison.", months=months, verb=are)


def busiest_month(words: Words, monthly: pd.DataFrame) -> Said:
    """The strongest and weakest complete month, and the last one."""
    full = monthly[~monthly["partial"]]
    if len(full) < 3:
        return SILENT
    best = full.loc[full["transactions"].idxmax()]
    last = full.iloc[-1]
    sentence = say(
        "The busiest complete month is {month} with {count}.",
        month=words.month(best["month"]),
        count=words.things(best["transactions"], "transaction"),
    )
    if last["month"] == best["month"]:
        return say("{sentence} It is also the latest.", sentence=sentence)
    return say(
        "{sentence} The latest, {month}, has {count} from {active}.",
        sentence=sentence,
        month=words.month(last["month"]),
        count=words.count(last["transactions"], "transactions"),
        active=words.things(last["active_customers"], "customer", "active_customers"),
    )


def activity_chart_title(words: Words, monthly: pd.DataFrame) -> Said:
    """Mean level of the last complete months against the same number before."""
    full = monthly[~monthly["partial"]]
    if len(full) < 12:
        return say("{n} of history, month by month", n=words.things(len(monthly), "month"))
    now, before = full["transactions"].tail(6).mean(), full["transactions"].iloc[-12:-6].mean()
    if not before:
        return say("{n} a month in the latest half year", n=words.things(round(now), "transaction"))
    return say(
        "{now} a month in the latest half year, {before} in the one before",
        now=words.things(round(now), "transaction"),
        before=words.count(round(before), "transactions_before"),
    )


def customers_chart_title(words: Words, monthly: pd.DataFrame) -> Said:
    """How many customers came for the first time."""
    new = int(monthly["new_customers"].sum())
    return say(
        "{n} {has} come for the first time so far",
        n=words.things(new, "customer", "new_customers"),
        has=verb(new, "has", "have"),
    )


def retention_title(words: Words, retention: Retention) -> Said:
    """How many come back in the period after their first."""
    rate = _rate_at(retention, 1)
    if rate is None:
        return say(
            "{n} of first customers {are} too young to show who came back",
            n=words.things(len(retention.sizes), "cohort"),
            are=verb(len(retention.sizes), "is", "are"),
        )
    return say(
        "{rate} of customers come back in the {period} after their first transaction",
        rate=words.share(rate, "retention"),
        period=Word(retention.period),
    )


def retention_prose(words: Words, retention: Retention) -> Said:
    """How the cohorts age, and how to read the picture."""
    reading = say(
        "Each row is a cohort: the customers whose first transaction fell into that {period}. Each cell is the share of them with a transaction in a later {period_again}; "
        "cells of a {period_third} that has not ended are left empty.",
        period=Word(retention.period),
        period_again=Word(retention.period),
        period_third=Word(retention.period),
    )
    late = retention.average[retention.average["cohorts"] >= 2]
    if len(late) < 3:
        return reading
    last = late.iloc[-1]
    return say(
        "{reading} After {age} it is {rate}, over the {cohorts} old enough to tell.",
        reading=reading,
        age=words.things(last["age"], retention.period, "age"),
        rate=words.share(last["rate"], "retention"),
        cohorts=words.things(last["cohorts"], "cohort"),
    )


def _rate_at(retention: Retention, age: int) -> float | None:
    rates = retention.average.loc[retention.average["age"] == age, "rate"]
    return None if rates.empty or pd.isna(rates.iloc[0]) else float(rates.iloc[0])


def concentration_title(words: Words, concentration: Concentration) -> Said:
    """What the best fifth holds, and whether that is much."""
    return say(
        {
            "little": "Value is spread widely: the best {fifth} hold only {share} of {value}",
            "moderately": "The best {fifth} of customers hold {share} of {value}",
            "strongly": "Much depends on few: the best {fifth} hold {share} of {value}",
        }[unevenness(concentration)],
        fifth=words.share(0.2, "fifth"),
        share=words.share(concentration.top_quintile_share, "top_quintile_share"),
        value=words.value_noun,
    )


def unevenness(concentration: Concentration) -> str:
    """How strongly value is concentrated, by the Gini coefficient."""
    return "little" if concentration.gini < 0.3 else "moderately" if concentration.gini < 0.5 else "strongly"


def concentration_prose(words: Words, concentration: Concentration) -> Said:
    """Half of the value, the best tenth, and what an even spread would look like."""
    return say(
        "{half} of customers make half of {value}, and the best {tenth} alone hold {decile}. "
        "Value is {uneven} concentrated (Gini coefficient {gini}; at zero all customers would be worth the same).",
        value=words.value_noun,
        half=words.share(concentration.half_share, "half_share"),
        tenth=words.share(0.1, "tenth"),
        decile=words.share(concentration.top_decile_share, "top_decile_share"),
        uneven=Word(unevenness(concentration)),
        gini=words.number(concentration.gini, "gini"),
    )


def coupons_title(words: Words, coupons: Coupons) -> Said:
    """How many claimed coupons are burned, and how soon."""
    if coupons.median_days is None:
        return say("{rate} of claimed coupons have been burned", rate=words.share(coupons.burn_rate, "burn_rate"))
    return say(
        "{rate} of claimed coupons are burned, half of those within {days}",
        rate=words.share(coupons.burn_rate, "burn_rate"),
        days=words.days(coupons.median_days, "median_days_to_burn"),
    )


def coupons_prose(words: Words, coupons: Coupons) -> Said:
    """Counts, speed, and the two extremes of customers."""
    sentence = say(
        "{claimed} were claimed and {burned} burned so far.",
        claimed=words.things(coupons.claimed, "coupon", "claimed"),
        burned=words.count(coupons.burned, "burned"),
    )
    if coupons.p90_days is not None:
        sentence = say(
            "{sentence} {nine} of the burned ones were burned within {days} of the claim, {same} on the same day.",
            sentence=sentence,
            nine=words.share(0.9, "ninety"),
            days=words.days(coupons.p90_days, "p90_days_to_burn"),
            same=words.count(coupons.same_day, "same_day"),
        )
    return say(
        "{sentence} {never} claimed coupons and never burned one; {always} burned every coupon they claimed.",
        sentence=sentence,
        never=words.things(coupons.never_burned, "customer", "never_burned"),
        always=words.count(coupons.always_burned, "always_burned"),
    )


def later_burns_note(words: Words, later_burns: int) -> Said:
    """Burns after the as-of date."""
    if not later_burns:
        return SILENT
    return say(
        "{n} dated on or after the as-of date {counts} as not yet burned.",
        n=words.things(later_burns, "burn"),
        counts=verb(later_burns, "counts", "count"),
    )


def series_source(words: Words, overview: Overview, first: Number, last: Number) -> Said:
    """Source line of pictures over all transactions."""
    return say(
        "Source: transactions, {first} to {last}; n = {n}.",
        first=first,
        last=last,
        n=words.things(overview.transactions, "transaction"),
    )


def customers_source(words: Words, overview: Overview, as_of: Number) -> Said:
    """Source line of pictures over scored customers."""
    return say(
        "Source: customers with transactions, as of {as_of}; n = {n}.", as_of=as_of, n=words.count(overview.scored, "n")
    )


def subtitle(measure: str, first: Number, last: Number) -> Said:
    """Who, what and when of a picture over time."""
    return say("{measure}, {first} to {last}", measure=Word(measure), first=first, last=last)


def value_chart_title(words: Words, monthly: pd.DataFrame) -> Said:
    """Value of the latest complete month."""
    full = monthly[~monthly["partial"]]
    last = (full if len(full) else monthly).iloc[-1]
    return say(
        "{value} in {month}",
        value=words.value(float(last["monetary"] if words.mode == "money" else last["burned"]), "monthly_value"),
        month=words.month(last["month"]),
    )


def yearly_title(words: Words, overview: Overview) -> Said:
    """How many years, and how many of them are whole."""
    whole = int((~overview.yearly["partial"]).sum())
    return say(
        "Year by year: {whole} of {all} complete; part years cannot be compared",
        whole=words.count(whole, "whole_years"),
        all=words.things(len(overview.yearly), "year", "years"),
    )


def cohorts_title(words: Words, retention: Retention) -> Said:
    """The largest cohort."""
    top = retention.sizes.loc[retention.sizes["customers"].idxmax()]
    return say(
        "{n}; the largest, starting in {month}, has {customers}",
        n=words.things(len(retention.sizes), "cohort"),
        month=words.month(top["cohort"]),
        customers=words.things(top["customers"], "customer"),
    )


def curve_title(words: Words, retention: Retention) -> Said:
    """How far retention falls."""
    later = retention.average[retention.average["age"] > 0]
    if later.empty:
        return say("{n} of history is too little for a curve", n=words.things(len(retention.sizes), retention.period))
    low, high = float(later["rate"].min()), float(later["rate"].max())
    return say(
        "Between {low} and {high} are active in each later {period}",
        low=words.share(low, "lowest"),
        high=words.share(high, "highest"),
        period=Word(retention.period),
    )


def half_title(words: Words, concentration: Concentration) -> Said:
    """Who makes half of the value."""
    return say(
        "{half} of customers make half of {value}",
        half=words.share(concentration.half_share, "half_share"),
        value=words.value_noun,
    )


def days_title(words: Words, coupons: Coupons) -> Said:
    """Median days to burn."""
    return say(
        "Half of all burns come within {days}", days=words.days(coupons.median_days or 0.0, "median_days_to_burn")
    )


def burned_title(words: Words, monthly: pd.DataFrame) -> Said:
    """Coupons burned in the latest complete month."""
    full = monthly[~monthly["partial"]]
    last = (full if len(full) else monthly).iloc[-1]
    return say(
        "{n} burned in {month}", n=words.things(last["burned"], "coupon", "burned"), month=words.month(last["month"])
    )
