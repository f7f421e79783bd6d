"""The campaign plan and the measured campaigns in facts.json; no customer by id."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reporter.analysis.campaign import Audience, Plan
from reporter.analysis.uplift import Measured
from reporter.document.facts_told import told, under


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


PLAN_MEANINGS = told(
    ("campaign", "object", "", "The campaign plan."),
    ("campaign.horizon_days", "integer or null", "days", "Days in which the responses without a campaign were counted; null where the record is too short."),
    ("campaign.budget", "number or null", "currency", "campaign.budget; null: as much as all contacts cost."),
    ("campaign.cost", "number", "currency", "Of all contacts."),
    ("campaign.is_assumed", "boolean", "", "Whether any cost or margin is the built-in one that nobody confirmed."),
    ("campaign.draws", "integer", "draws", "Resamples behind the certainty of segments."),
    ("campaign.unknown_listed", "integer", "customers", "Ids of campaign.exclude that are no scored customers."),
    ("campaign.audiences", "list of object", "", "The campaign of each segment with customers."),
    ("campaign.audiences[].name", "text", "", "Segment."),
    ("campaign.audiences[].campaign", "text", "", "Name of the campaign: as-of date and segment."),
    ("campaign.audiences[].customers", "integer", "customers", "In the segment: treatment, control and excluded together."),
    ("campaign.audiences[].treatment", "integer", "customers", "To contact."),
    ("campaign.audiences[].control", "integer", "customers", "To hold back."),
    ("campaign.audiences[].excluded", "object", "", "To leave alone, by the first reason that holds."),
    ("campaign.audiences[].excluded.{reason}", "integer", "customers", "listed, recent, borderline or budget."),
    ("campaign.audiences[].borderline", "integer", "customers", "Whose segment is uncertain in some way."),
    ("campaign.audiences[].terms", "object", "", "Its numbers in the playbook."),
    ("campaign.audiences[].terms.cost_per_contact", "number", "currency", "Of each contact."),
    ("campaign.audiences[].terms.margin", "number", "share", "Of a transaction's amount, what stays after the offer's own discount."),
    ("campaign.audiences[].terms.uplift", "number", "share", "The uplift worth finding: contacted customers who come because of the campaign."),
    ("campaign.audiences[].terms.quiet_days", "integer", "days", "Who had a transaction in so many days is left alone."),
    ("campaign.audiences[].terms.is_assumed", "boolean", "", "Whether cost or margin is the built-in one that nobody confirmed."),
    ("campaign.audiences[].response", "object or null", "", "What the segment did without a campaign, from looking back; null where that is not known."),
    ("campaign.audiences[].response.share", "number", "share", "Who came."),
    ("campaign.audiences[].response.low", "number", "share", "Lower end of its 95 % interval."),
    ("campaign.audiences[].response.high", "number", "share", "Upper end of its 95 % interval."),
    ("campaign.audiences[].response.customers", "integer", "customers", "In the segment on the day that was looked back to."),
    ("campaign.audiences[].value_per_response", "number or null", "currency", "What an added response brings before the margin."),
    ("campaign.audiences[].break_even", "number or null", "share", "Of the contacted, who must come because of the campaign for it to pay; may exceed 1."),
    ("campaign.audiences[].finds", "number or null", "share", "Smallest uplift that the two groups tell from chance; null where they tell none."),
    ("campaign.audiences[].profit", "object or null", "", "If the campaign adds the uplift worth finding; null where value or response is not known."),
    ("campaign.audiences[].profit.expected", "number", "currency", "Expected profit of the treatment group."),
    ("campaign.audiences[].profit.low", "number", "currency", "Lower end of its 95 % interval."),
    ("campaign.audiences[].profit.high", "number", "currency", "Upper end of its 95 % interval."),
    ("campaign.audiences[].certain", "integer", "customers", "Whose segment is the same in at least 95 % of draws."),
    ("campaign.audiences[].likely", "integer", "customers", "In at least 80 %, but not 95 %."),
    ("campaign.audiences[].uncertain", "integer", "customers", "In fewer."),
    ("campaign.audiences[].cost", "number", "currency", "Of contacting the treatment group."),
    ("campaign.audiences[].cost_per_response", "number or null", "currency", "Of each response that the uplift worth finding adds."),
    ("campaign.audiences[].is_telling", "boolean", "", "Whether the groups are large enough for the uplift worth finding."),
)  # fmt: skip
"""Of `campaign_facts`."""
ARM = told(
    ("customers", "integer", "customers", "In this group."),
    ("responded", "integer", "customers", "Of them, with a transaction in the days that count."),
    ("monetary", "number", "{value}", "What all of them brought in these days."),
)  # fmt: skip
"""Of one group of a measured campaign."""
MEASURED_MEANINGS = (
    *told(
        ("measured", "object or null", "", "What the campaigns of an earlier run brought; null where there is none to measure."),
        ("measured.run_id", "text", "", "That run."),
        ("measured.since", "date", "", "First day that counts."),
        ("measured.until", "date", "", "Last day that counts."),
        ("measured.days", "integer", "days", "Days that count."),
        ("measured.gone", "integer", "customers", "Whom today's data does not know: they count as not having responded."),
        ("measured.campaigns", "list of object", "", "Campaigns with customers in both groups."),
        ("measured.campaigns[].name", "text", "", "Segment then."),
        ("measured.campaigns[].campaign", "text", "", "Name of the campaign."),
        ("measured.campaigns[].treatment", "object", "", "Those who were contacted."),
    ),
    *under("measured.campaigns[].treatment", ARM),
    *told(("measured.campaigns[].control", "object", "", "Those who were held back.")),
    *under("measured.campaigns[].control", ARM),
    *told(
        ("measured.campaigns[].uplift", "number", "share", "Share of treatment who responded less that of control."),
        ("measured.campaigns[].low", "number", "share", "Lower end of its 95 % interval (Newcombe's)."),
        ("measured.campaigns[].high", "number", "share", "Upper end of its 95 % interval."),
        ("measured.campaigns[].p_value", "number", "probability", "Of the score test, after Holm's correction over all campaigns."),
        ("measured.campaigns[].worth_finding", "number", "share", "The uplift that the playbook calls worth finding."),
        ("measured.campaigns[].money", "list of number or null", "currency a customer", "Difference of money, lower and upper end of its 95 % interval (Welch's); null without money."),
        ("measured.campaigns[].verdict", "text", "", "worked, did not, or cannot tell yet."),
        ("measured.campaigns[].needs", "integer or null", "customers", "Of both groups together, who would tell; null where it is told already."),
    ),
)  # fmt: skip
"""Of `measured_facts`."""
MEANINGS = (*PLAN_MEANINGS, *MEASURED_MEANINGS)
