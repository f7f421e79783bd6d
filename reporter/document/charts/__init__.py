"""One function a picture: frames in, matplotlib figure out. `Chart.draw` names one of them.

Every function takes the `Paper` first, then the arguments in ``Chart.data``, and draws on a figure of the paper's exact size. There
is no title inside a picture: the page prints title, subtitle and source around it.

All colours are literal token colours in ``fill`` and ``stroke`` attributes, so a dark page re-inks the pictures by attribute selectors:
map ``ink``, ``muted``, ``rule``, ``grid``, ``context``, ``tint`` and ``paper``; leave segments, accent and heat alone. Words on coloured
fills use ``on-light`` and ``on-dark``, which must not be mapped.
"""

from __future__ import annotations

from reporter.document.charts.accounts import waterfall
from reporter.document.charts.campaigns import budget_bars, certainty_strip, range_rows
from reporter.document.charts.clusters import (
    correlation_heat,
    elbow,
    index_panels,
    k_distance,
    silhouette_blades,
    silhouette_null,
    stability_bars,
)
from reporter.document.charts.groupings import (
    cluster_map,
    crosstab_heat,
    dendrogram,
    outlier_map,
    snake,
)
from reporter.document.charts.groups import burn_rates, days_to_burn, group_bars
from reporter.document.charts.history import run_lines
from reporter.document.charts.movement import movement, segment_courses
from reporter.document.charts.outlook import explained_bars, foretold_dots, outcome_dots, repeat_counts
from reporter.document.charts.overview import (
    cohort_heat,
    concentration_curve,
    cumulative_customers,
    monthly_bars,
    monthly_lines,
    retention_curve,
)
from reporter.document.charts.rfm import (
    rfm_heat,
    score_histogram,
    score_scatter,
    segment_bars,
    segment_treemap,
)
from reporter.document.charts.segments import segment_index, segment_trend

__all__ = [
    "budget_bars",
    "burn_rates",
    "certainty_strip",
    "cluster_map",
    "cohort_heat",
    "concentration_curve",
    "correlation_heat",
    "crosstab_heat",
    "cumulative_customers",
    "days_to_burn",
    "dendrogram",
    "elbow",
    "explained_bars",
    "foretold_dots",
    "group_bars",
    "index_panels",
    "k_distance",
    "monthly_bars",
    "monthly_lines",
    "movement",
    "outcome_dots",
    "outlier_map",
    "range_rows",
    "repeat_counts",
    "retention_curve",
    "rfm_heat",
    "run_lines",
    "score_histogram",
    "score_scatter",
    "segment_bars",
    "segment_courses",
    "segment_index",
    "segment_treemap",
    "segment_trend",
    "silhouette_blades",
    "silhouette_null",
    "snake",
    "stability_bars",
    "waterfall",
]
