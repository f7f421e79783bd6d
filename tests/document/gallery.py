"""Every picture function with the arguments that a report gives it."""

from __future__ import annotations

from typing import Any

import numpy as np

from reporter.document.blocks import SILENT, Chart
from reporter.document.words import Words
from tests.document import frames as f

MONEY = Words("en", "EGP", "money")
COUPON = Words("en", None, "coupon")


def gallery() -> list[Chart]:
    """Standard charts at the sizes of the report."""
    sample = f.customers()
    rates, sizes, average = f.retention()
    quarters, quarter_sizes, _ = f.retention(8, step=3)
    recency, money, frequency = (sample[c].to_numpy(dtype=float) for c in ("recency_days", "monetary", "frequency"))
    months = f.monthly()[["month", "transactions", "active_customers", "monetary"]]
    slots = {1: 1, 2: 2, 3: 3, 4: 4}
    entries: list[tuple[str, tuple[Any, ...], str, float]] = [
        ("monthly_bars", (f.monthly(), "transactions", "Transactions"), "full", 55),
        ("monthly_bars", (f.monthly(40, 3), "monetary", "Revenue, EGP"), "half", 52),
        ("monthly_lines", (f.monthly(), ("transactions", "active_customers", "burned"), ("Claims", "Active customers", "Burns")), "full", 55),
        ("cumulative_customers", (f.monthly(),), "half", 52),
        ("cohort_heat", (rates, sizes, "month"), "full", 62),
        ("cohort_heat", (quarters, quarter_sizes, "quarter"), "half", 52),
        ("retention_curve", (average, "month"), "half", 52),
        ("concentration_curve", (f.concentration(), 0.226, 0.454, "revenue"), "half", 60),
        ("group_bars", (f.groups(26), "transactions", "Transactions", 3), "half", 74),
        ("group_bars", (f.groups(2), "monetary", "Revenue", 1), "third", 40),
        ("burn_rates", (f.groups(), 0.503), "half", 74),
        ("days_to_burn", (f.waits(), 29.0, 78.0), "half", 52),
        ("score_histogram", (recency, f.boundaries(recency, "recency_days", True), "Recency", "days"), "third", 48),
        ("score_histogram", (frequency, f.boundaries(frequency, "frequency"), "Frequency", "orders"), "third", 48),
        ("score_histogram", (money, f.boundaries(money, "monetary"), "Monetary", "EGP"), "full", 48),
        ("rfm_heat", (f.heat(), 5, "Mean revenue per customer"), "half", 62),
        ("segment_bars", (f.segments(), f.PALETTE), "full", 80),
        ("segment_treemap", (f.segments(), f.PALETTE), "full", 62),
        ("score_scatter", (sample, ("recency_days", "monetary"), ("Days since the last purchase", "Revenue, EGP"), f.PALETTE, None), "full", 80),
        ("score_scatter", (sample, ("recency_days", "frequency"), ("Days since the last purchase", "Orders"), f.PALETTE, "At risk"), "half", 60),
        ("correlation_heat", (f.correlation(), f.FEATURES), "half", 60),
        ("elbow", (f.inertia(), 4), "half", 52),
        ("silhouette_null", (f.silhouettes(), 4), "half", 52),
        ("index_panels", (f.indices(),), "full", 48),
        ("stability_bars", (f.stability(), 0.8), "half", 48),
        ("silhouette_blades", (f.blades(), 0.36, slots), "half", 60),
        ("k_distance", (f.distances(), 0.55, 10), "half", 52),
        ("dendrogram", (f.tree(), 30, 4), "full", 60),
        ("cluster_map", (sample, (0.46, 0.21), f.loadings()), "full", 80),
        ("outlier_map", (sample, (0.46, 0.21)), "half", 60),
        ("snake", (f.profiles(), f.FEATURES), "full", 60),
        ("crosstab_heat", (f.crosstab(), f.PALETTE), "wide", 66),
        ("segment_trend", (months, "active_customers", "Active customers", 8, f.monthly()), "half", 46),
        ("movement", (f.flows(), f.nodes(37), f.nodes(seed=15), ("31 December 2026", "30 September 2027"), f.PALETTE), "full", 112),
        ("segment_courses", (f.courses(), "customers", f.PALETTE), "full", 81),
        ("segment_courses", (f.courses(3), "value", f.PALETTE), "full", 81),
        ("segment_index", (f.index(), f.FEATURES, 8), "half", 46),
        ("outcome_dots", (f.outcomes(), 0.31, f.PALETTE), "wide", 55),
        ("explained_bars", (f.explained(),), "third", 44),
        ("foretold_dots", (f.foretold(),), "half", 48),
        ("repeat_counts", (f.repeats(),), "half", 48),
        ("waterfall", (f.waterfall(), f.reasons()), "full", 45),
        ("budget_bars", (f.costs(), f.PALETTE), "half", 54),
        ("range_rows", (f.ranges(1_000.0), "money", f.PALETTE), "half", 54),
        ("range_rows", (f.ranges(0.1).assign(worth=0.05), "points", f.PALETTE), "full", 60),
        ("certainty_strip", (f.certainties(), f.PALETTE), "full", 62),
        ("run_lines", (f.runs(), f.PALETTE), "full", 50),
        ("waterfall", (f.waterfall(1_000_000, 100, 0), f.reasons(1)), "full", 30),
        ("waterfall", (f.waterfall(1_000_000, 600_000, 0), f.reasons(3, 400_000)), "full", 30),
    ]  # fmt: skip
    return [chart(name, data, size, height, number) for number, (name, data, size, height) in enumerate(entries)]


def chart(name: str, data: tuple[Any, ...], size: str = "half", height: float = 52, number: int = 0) -> Chart:
    return Chart(
        id=f"{name}-{number}", title=SILENT, subtitle=SILENT, source=SILENT, alt=f"Picture {name} & its <alt>", draw=name,
        data=data, size=size, height_mm=height,  # type: ignore[arg-type]
    )  # fmt: skip


def far(values: np.ndarray) -> np.ndarray:
    """The same values with one that dwarfs all others."""
    wild = np.array(values, dtype=float)
    wild[len(wild) // 2] = max(float(np.nanmax(wild)) * 1000, 1e6)
    return wild
