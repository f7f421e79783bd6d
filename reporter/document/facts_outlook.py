"""What facts.json says of the look back and of what is expected."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reporter.analysis.backtest import Backtest
from reporter.analysis.expected import ExpectedValue, Holdout, Spend


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
