"""The demo a month later: the same customers in January, after the campaigns that the report of the first month has planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from demo_shop import BEHAVIOURS, Customer, Dice, Transaction, make_order, season

HERE = Path(__file__).resolve().parent
NEXT_FIRST, NEXT_LAST = date(2026, 1, 1), date(2026, 1, 31)
JANUARY = {
    "loyal heavy buyers": 0.65,
    "steady regulars": 0.40,
    "one-time bargain hunters": 0.03,
    "big-basket rare buyers": 0.12,
    "lapsed good customers": 0.04,
}
"""Share of each behaviour that orders in the second month by itself."""
UPLIFTS = {"Potential Loyalist": 0.25, "Cannot Lose Them": 0.22}
"""What the campaigns of these segments add to the share that orders; those of all others add nothing."""


def campaigns(workbook: Path) -> dict[str, tuple[str, str]]:
    """Segment and group of each customer in the campaigns that the report of a workbook plans."""
    import reporter

    fast = ["cluster.null_draws=2", "cluster.bootstraps=2"]  # they have no part in the groups
    analysis = reporter.analyse(workbook, reporter.load_config(HERE / "demo.toml", fast)[0])
    members = analysis.campaign.members
    return dict(zip(members["customer_id"], zip(analysis.customers["segment"], members["group"].astype(str), strict=True), strict=True))  # fmt: skip


def next_orders(
    dice: Dice, customers: Sequence[Customer], groups: dict[str, tuple[str, str]], count: int
) -> list[Transaction]:
    """The orders of the second month, numbered after `count` earlier ones; a customer makes one at most."""
    behaviours = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
    days = list(
        accumulate(season(NEXT_FIRST + timedelta(days=day)) for day in range((NEXT_LAST - NEXT_FIRST).days + 1))
    )
    orders = []
    for customer in customers:
        if not customer.behaviour:
            continue
        own, (segment, group) = JANUARY[customer.behaviour], groups.get(customer.customer_id, ("", ""))
        added = UPLIFTS.get(segment, 0.0) if group == "treatment" else 0.0
        comes, day = dice.chance(min(own + added, 1.0)), NEXT_FIRST + timedelta(days=dice.weighted(days))
        behaviour = behaviours[customer.behaviour]
        order = make_order(dice, customer, behaviour, day, behaviour.basket * dice.near(1, 0.3), NEXT_LAST)
        orders += [order] if comes else []
    orders.sort(key=lambda order: (order.day, order.customer_id))
    return [replace(order, transaction_id=f"T{number:06d}") for number, order in enumerate(orders, count + 1)]


def next_rows(rows: Sequence[Transaction], orders: Sequence[Transaction]) -> list[Transaction]:
    """The transactions of both months, and a total row at the end."""
    both = [*rows[:-1], *orders]
    return [*both, replace(rows[-1], amount=round(sum(row.amount for row in both), 2))]


def next_truth(groups: dict[str, tuple[str, str]], rows: Sequence[Transaction], orders: int) -> dict[str, Any]:
    """What is planted in the second month: of each campaign the size of its groups and what it adds."""
    segments = sorted({segment for segment, _ in groups.values()})
    members = list(groups.values())
    return {
        "as_of": str(NEXT_LAST + timedelta(days=1)),
        "rows": {"transactions": len(rows), "added": orders},
        "campaigns": {
            segment: {
                "treatment": members.count((segment, "treatment")),
                "control": members.count((segment, "control")),
                "uplift": UPLIFTS.get(segment, 0.0),
            }
            for segment in segments
        },
    }
