"""What facts.json says of the look back and of what is expected."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reporter.analysis.backtest import Backtest
from reporter.analysis.expected import ExpectedValue, Holdout, Spend
from reporter.document.facts_told import told, under


def backtest_facts(test: Backtest | None) -> dict[str, Any] | None:
    """What names of an earlier day foretold; null where the record is too short to look back."""
    if test is None:
        return None
    return asdict(test) | {"cut": test.cut.isoformat(), "end": test.end.isoformat()}


def expected_facts(ahead: ExpectedValue | None) -> dict[str, Any] | None:
    """Verdict, parameters, checks and, where the models fit, what is expected of each segment; null without a look back."""
    if ahead is None:
        return None
    model = ahead.purchases
    return {
        "months": ahead.months,
        "weeks": ahead.weeks,
        "fits": ahead.fits,
        "reason": ahead.reason,
        "purchases": {
            **{name: getattr(model, name) for name in ("r", "alpha", "a", "b")},
            "log_likelihood": model.maximum.log_likelihood,
            "fault": model.maximum.fault,
        },
        "counts": {
            "misplaced": ahead.counts.misplaced,
            "p_value": ahead.counts.p_value,
            "classes": ahead.counts.frame.to_dict("records"),
        },
        "holdout": _holdout(ahead.holdout),
        "spend": _spend(ahead.spend),
        "segments": ahead.segments.to_dict("records"),
    }


def _holdout(tried: Holdout | None) -> dict[str, Any] | None:
    if tried is None:
        return None
    return {
        "customers": tried.customers,
        "came": tried.total,
        "forecasts": [asdict(each) for each in tried.forecasts],
        "best_average": tried.best,
        "verdict": tried.verdict,
        "calibration": tried.calibration.to_dict("records"),
    }


def _spend(spend: Spend | None) -> dict[str, Any] | None:
    if spend is None:
        return None
    model = spend.model
    return {
        "customers": spend.customers,
        "correlation": spend.correlation,
        "fits": spend.fits,
        "parameters": None if model is None else {name: getattr(model, name) for name in ("p", "q", "gamma")},
    }


OUTCOME = told(
    ("name", "text", "", "Segment on the day looked back to; empty for all customers."),
    ("customers", "integer", "customers", "In it on that day."),
    ("returned", "integer", "customers", "Of them, with a transaction afterwards."),
    ("share", "number", "share", "Who returned."),
    ("low", "number", "share", "Lower end of its 95 % interval."),
    ("high", "number", "share", "Upper end of its 95 % interval."),
    ("transactions", "integer", "transactions", "Theirs, afterwards."),
    ("monetary", "number", "{value}", "Theirs, afterwards."),
    ("burned", "integer", "customers", "Who burned a coupon afterwards."),
)  # fmt: skip
"""What customers with one name did."""
BACKTEST_MEANINGS = (
    *told(
        ("backtest", "object or null", "", "What the names of an earlier day foretold; null where the record is too short."),
        ("backtest.cut", "date", "", "The earlier day: customers got their names as of it."),
        ("backtest.end", "date", "", "What they did is counted up to the day before."),
        ("backtest.months", "integer", "months", "Between the two."),
        ("backtest.horizon_days", "integer", "days", "Between the two."),
        ("backtest.outcomes", "list of object", "", "Segments of then, in the order of the grid."),
    ),
    *under("backtest.outcomes[]", OUTCOME),
    *told(("backtest.base", "object", "", "All customers who were known then.")),
    *under("backtest.base", OUTCOME),
    *told(
        ("backtest.explained", "list of object", "", "How much of the returning each way of grouping explains."),
        ("backtest.explained[].way", "text", "", "segments, recency (in as many groups) or clusters."),
        ("backtest.explained[].groups", "integer", "groups", "How many there are."),
        ("backtest.explained[].share", "number", "share", "Of the variance of returning (eta squared)."),
        ("backtest.explained[].adjusted", "number", "share", "Less what as many random groups would explain."),
        ("backtest.lowest", "text", "", "Segment of which the smallest share came back; empty where none is large enough."),
        ("backtest.like_lost", "list of text", "", "Segments that cannot be told from it."),
        ("backtest.p_value", "number or null", "probability", "That the shares of all segments differ by chance alone; null where too few are expected to tell."),
    ),
)  # fmt: skip
"""Of `backtest_facts`."""
EXPECTED_MEANINGS = told(
    ("expected_value", "object or null", "", "What can be expected of customers (BG/NBD and Gamma-Gamma); null without a look back."),
    ("expected_value.months", "integer", "months", "Planning horizon: lifetime.months."),
    ("expected_value.weeks", "number", "weeks", "The same."),
    ("expected_value.fits", "boolean", "", "Whether the models may be believed here."),
    ("expected_value.reason", "text", "", "Why not: no maximum, not told, counts, holdout total or holdout averages; empty where they fit."),
    ("expected_value.purchases", "object", "", "BG/NBD on the whole record; time in weeks."),
    ("expected_value.purchases.r", "number", "", "Shape of the purchase rates."),
    ("expected_value.purchases.alpha", "number", "weeks", "Rate of the purchase rates."),
    ("expected_value.purchases.a", "number", "", "First parameter of the dropout probabilities."),
    ("expected_value.purchases.b", "number", "", "Second parameter of the dropout probabilities."),
    ("expected_value.purchases.log_likelihood", "number", "", "At these parameters."),
    ("expected_value.purchases.fault", "text", "", "no maximum, not told, or empty."),
    ("expected_value.counts", "object", "", "Customers by their repeats against what the model expects."),
    ("expected_value.counts.misplaced", "number", "share", "Customers whom the model puts into another class."),
    ("expected_value.counts.p_value", "number or null", "probability", "Of the G-test."),
    ("expected_value.counts.classes", "list of object", "", "One for each number of repeats."),
    ("expected_value.counts.classes[].repeats", "integer", "purchase days", "After the first; the last class: so many or more."),
    ("expected_value.counts.classes[].customers", "integer", "customers", "With so many."),
    ("expected_value.counts.classes[].expected", "number", "customers", "With so many by the model."),
    ("expected_value.holdout", "object or null", "", "What was foretold on an earlier day against what came; null where the model could not be fitted then."),
    ("expected_value.holdout.customers", "integer", "customers", "Known on that day."),
    ("expected_value.holdout.came", "integer", "purchase days", "Theirs, afterwards."),
    ("expected_value.holdout.forecasts", "list of object", "", "The model first, then plain averages."),
    ("expected_value.holdout.forecasts[].way", "text", "", "model, own (as many as before), segment or base (the mean of these)."),
    ("expected_value.holdout.forecasts[].mae", "number", "purchase days a customer", "Mean absolute error."),
    ("expected_value.holdout.forecasts[].rmse", "number", "purchase days a customer", "Root of the mean squared error."),
    ("expected_value.holdout.forecasts[].total", "number", "purchase days", "Foretold for all together."),
    ("expected_value.holdout.best_average", "text", "", "The plain average with the least squared error."),
    ("expected_value.holdout.verdict", "text", "", "better, even or worse: the model against it."),
    ("expected_value.holdout.calibration", "list of object", "", "By segment of then."),
    ("expected_value.holdout.calibration[].segment", "text", "", "Segment of then."),
    ("expected_value.holdout.calibration[].customers", "integer", "customers", "In it."),
    ("expected_value.holdout.calibration[].foretold", "number", "purchase days a customer", "By the model."),
    ("expected_value.holdout.calibration[].came", "number", "purchase days a customer", "What came."),
    ("expected_value.spend", "object or null", "", "Gamma-Gamma: what a purchase day brings; null where there is no amount."),
    ("expected_value.spend.customers", "integer", "customers", "With a repeat of some value."),
    ("expected_value.spend.correlation", "number or null", "-1 to 1", "Of mean value and number of repeats, in logarithms; the model supposes none."),
    ("expected_value.spend.fits", "boolean", "", "Whether the model may be believed here."),
    ("expected_value.spend.parameters", "object or null", "", "Null where nobody repeats with a value above 0."),
    ("expected_value.spend.parameters.p", "number", "", "Shape of a customer's values."),
    ("expected_value.spend.parameters.q", "number", "", "Shape of the rates of these."),
    ("expected_value.spend.parameters.gamma", "number", "currency", "Rate of the rates of these."),
    ("expected_value.segments", "list of object", "", "What is expected of each segment; empty where the models do not fit."),
    ("expected_value.segments[].segment", "text", "", "Name in the grid."),
    ("expected_value.segments[].customers", "integer", "customers", "In it."),
    ("expected_value.segments[].repeaters", "integer", "customers", "With two purchase days or more."),
    ("expected_value.segments[].p_alive", "number or null", "probability", "Of still being a customer, mean over the repeaters."),
    ("expected_value.segments[].expected_transactions", "number", "purchase days", "Of all together over the horizon."),
    ("expected_value.segments[].expected_value", "number or null", "currency", "Of all together over the horizon; null where spend does not fit."),
)  # fmt: skip
"""Of `expected_facts`."""
MEANINGS = (*BACKTEST_MEANINGS, *EXPECTED_MEANINGS)
