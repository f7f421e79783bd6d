"""The campaign plan and the measured campaigns in facts.json; no customer by id."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reporter.analysis.campaign import Audience, Plan
from reporter.analysis.uplift import Measured


def campaign_facts(plan: Plan) -> dict[str, Any]:
    """Every audience with its groups, responses, costs and expected profit; shares 0..1, money as in the playbook."""
    return {
        "horizon_days": plan.horizon_days,
        "budget": plan.budget,
        "cost": plan.cost,
        "is_assumed": plan.is_assumed,
        "draws": plan.draws,
        "unknown_listed": plan.unknown_listed,
        "audiences": [_audience(each) for each in plan.audiences],
    }


def _audience(audience: Audience) -> dict[str, Any]:
    certain, likely, uncertain = audience.sure
    known = asdict(audience)
    del known["sure"]
    return known | {
        "certain": certain,
        "likely": likely,
        "uncertain": uncertain,
        "cost": audience.cost,
        "cost_per_response": audience.cost_per_response,
        "is_telling": audience.is_telling,
    }


def measured_facts(measured: Measured) -> dict[str, Any]:
    """Every campaign of the earlier run with both groups, the uplift with its interval, and the verdict."""
    return {
        "run_id": measured.run_id,
        "since": measured.since.isoformat(),
        "until": measured.until.isoformat(),
        "days": measured.days,
        "gone": measured.gone,
        "campaigns": [asdict(effect) for effect in measured.effects],
    }
