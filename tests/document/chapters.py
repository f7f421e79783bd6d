"""The longer chapters of the sample report."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.document.blocks import Beside, Bullets, Callout, Cell, Column, Details, Prose, Row, Section, Table
from tests.document.parts import (
    SEGMENTS,
    SIZES,
    candidate,
    groups_table,
    names_table,
    said,
    segments_table,
    tiles,
    tried,
)
from tests.document.pictures import COLOURS, bars, heat, line


def summary() -> Section:
    """One page that says it all."""
    findings = (
        (
            said("Champions carry the business."),
            said("1,240 customers (10%) bring 41% of revenue, 4.1 times their share."),
        ),
        (
            said("A valuable group is leaving."),
            said("870 at-risk customers have not bought for a median of 143 days; EGP 500 k was theirs last year."),
        ),
        (
            said("Natural groups are weak."),
            said("The best partition beats chance by 0.03 in silhouette; we use the RFM segments as convenient cuts."),
        ),
        (said("New customers rarely return."), said("Of 640 newcomers 22% ordered again within 60 days.")),
    )
    return Section(
        "summary",
        said("Champions carry the year, but EGP 500 k of revenue is drifting towards churn"),
        "Executive summary",
        "Executive summary",
        (
            Prose(
                (
                    said(
                        "Eleven segments describe 12,480 customers. Revenue grew by 8.4% while repeat purchases slipped; the fall is concentrated in 870 at-risk customers."
                    ),
                ),
                "lede",
            ),
            tiles(),
            Bullets(findings, numbered=True),
            bars("summary-bars", "Champions are 10% of customers and 41% of revenue", SEGMENTS[:6], height_mm=56),
            Callout(
                "action",
                said("Win back 412 customers before day 180"),
                (
                    said(
                        "Personal offer within two weeks to the 412 at-risk customers between day 120 and day 180; hold out 10% to measure the lift. Expected: EGP 41 k, interval 22 k to 63 k."
                    ),
                ),
            ),
        ),
    )


def customers(names: Sequence[str]) -> tuple[Section, ...]:
    """Growth, retention, concentration, places."""
    first = Section(
        "customers",
        said("The base grew by 3.1% to 12,480 customers, and half of them ordered within 60 days"),
        "Our customers",
        "Our customers",
        (
            Prose(
                (
                    said(
                        "Growth comes from newcomers, not from frequency. The last month is partial and left out of every comparison."
                    ),
                ),
                "lede",
            ),
            line("growth", "Orders grew in 9 of 12 months", height_mm=58),
            Beside(
                (
                    bars(
                        "cities",
                        "Cairo and Giza hold 58% of customers",
                        ("Cairo", "Giza", "Alexandria", "Luxor", "Aswan"),
                        "half",
                        56,
                    ),
                    line("genders", "Both genders grow alike", "#47a074", "half", 56),
                )
            ),
            Prose(
                (
                    said(
                        "Where the trade comes from hardly changed: the five largest cities hold the same share as a year ago, within one percentage point."
                    ),
                    said("No difference in spend was found between genders (p = 0.41)."),
                ),
            ),
            Callout(
                "sowhat", said("One campaign serves both genders; the room left is in the next visit of 640 newcomers.")
            ),
        ),
    )
    second = Section(
        "concentration",
        said("A tenth of customers brings 41% of revenue, and seven merchants 62% of newcomers"),
        "Concentration",
        "Our customers",
        (
            Beside(
                (
                    line("lorenz", "The top tenth brings 41% of revenue", "#116fa7", "wide", 66),
                    bars("deciles", "Value by decile", ("1", "2", "3", "4", "5", "6"), "third", 66),
                )
            ),
            names_table("merchants", names, 9, more=2),
            Callout(
                "limit",
                said("Branches are known for 86% of orders"),
                (said("Orders without a branch are counted in every total, but in no merchant's row."),),
            ),
        ),
        breaks=False,
        level=2,
    )
    return first, second


def scores() -> Section:
    """The RFM chapter."""
    bounds = Table(
        "boundaries",
        said("A fifth of customers ordered within 14 days"),
        (
            Column("s", "Score", "score"),
            Column("r", "Recency, days", "text"),
            Column("f", "Orders", "text"),
            Column("m", "Spend, EGP", "text"),
            Column("n", "Customers", "count"),
        ),
        tuple(
            Row(
                tuple(
                    Cell(v, str(v))
                    for v in (
                        5 - i,
                        f"{1 + i * 14} – {14 + i * 20}",
                        f"{9 - i}",
                        f"{900 - i * 160:,} – {1100 - i * 140:,}",
                        2490 + i,
                    )
                )
            )
            for i in range(5)
        ),
        said("Source: transactions sheet; equal values always get equal scores."),
    )
    return Section(
        "rfm",
        said("Eleven segments: 28% of customers are loyal or better and bring 68% of revenue"),
        "RFM segments",
        "Recency, frequency, value",
        (
            Prose(
                (
                    said(
                        "Each customer is scored from 1 to 5 on the days since the last order, the number of orders, and what was spent."
                    ),
                ),
                "lede",
            ),
            segments_table("segments"),
            Beside(
                (
                    heat("heat", "Recent and frequent customers spend most"),
                    heat("heat-blend", "Mean spend by score", blend=True),
                )
            ),
            bounds,
        ),
    )


def groups() -> Section:
    """Do natural groups exist?"""
    columns = (
        Column("m", "Method", "name"),
        Column("k", "k", "count"),
        Column("s", "Silhouette", "number"),
        Column("n", "Null band", "text"),
        Column("d", "Davies–Bouldin", "number"),
        Column("c", "Calinski–Harabasz", "number"),
        Column("st", "Stability", "number"),
        Column("no", "Noise", "share"),
    )
    rows = tuple(candidate(method, k) for method in ("KMeans", "Ward", "DBSCAN") for k in (3, 4, 5, 6))
    return Section(
        "groups",
        said("Natural groups are weak: the best partition beats chance by only 0.03"),
        "Natural groups",
        "Do natural groups exist?",
        (
            Callout(
                "verdict",
                said("Weak structure: use the RFM segments as convenient cuts"),
                (
                    said(
                        "Silhouette 0.27 against 0.24 for data with the same margins and correlations but no groups (99 draws). Two runs on halves of the data agree at 0.78."
                    ),
                ),
            ),
            Beside(
                (
                    line("elbow", "No elbow between 2 and 10 groups", "#116fa7", "half", 52),
                    line("silhouette", "Silhouette stays within the null band", "#ba3d0f", "half", 52),
                )
            ),
            Table(
                "candidates",
                said("KMeans with 4 groups is the best of 12 candidates"),
                columns,
                rows,
                said("Source: 12,480 customers, 7 features; null band: 5th to 95th percentile of 99 draws."),
            ),
            tried(),
            Beside(
                (
                    line("projection", "Two components hold 71% of the variance", "#785d72", "wide", 60),
                    Callout(
                        "note",
                        said("How to read this"),
                        (
                            said(
                                "Each point is one customer. Grey points belong to no group. Axes are principal components and have no unit."
                            ),
                        ),
                    ),
                )
            ),
            Details(
                said("Features kept and dropped, and why"),
                (
                    segments_table("features", title="Seven of 19 features were kept"),
                    Prose(
                        (
                            said(
                                "Near-constant and redundant features are left out; the rule is in the method section."
                            ),
                        ),
                        "note",
                    ),
                ),
            ),
        ),
    )


def parts_opening() -> Section:
    """The chapter of the segments."""
    return Section(
        "segments-chapter",
        said("Eleven segments, one page each: who they are and what to do next"),
        "Segment by segment",
        "Segment by segment",
        (
            Prose((said("Order and colours are the same in the whole report."),), "lede"),
            bars("all-segments", "Revenue by segment", SEGMENTS, height_mm=96),
        ),
    )


def segment_page(slot: int, names: Sequence[str]) -> Section:
    """One page for one segment."""
    name, size, colour = SEGMENTS[slot - 1], SIZES[slot - 1], COLOURS[slot - 1]
    return Section(
        f"segment-{slot}",
        said(f"{name}: {size:,} customers who last bought {9 + slot * 13} days ago and hold {41 // slot}% of revenue"),
        name,
        f"Segment {slot} of 11 · {size:,} customers · {41 // slot}% of revenue",
        (
            Prose(
                (
                    said(
                        "They spend 2.0 times the average and used to visit every month. After day 180 only 1 in 9 has ever returned."
                    ),
                ),
                "lede",
            ),
            tiles(4, slot),
            Beside(
                (
                    line(f"trend-{slot}", "Active customers per month", colour, "wide", 54),
                    bars(
                        f"profile-{slot}", "Against the average", ("Recency", "Orders", "Spend", "Tenure"), "third", 54
                    ),
                )
            ),
            Beside((groups_table(f"cities-{slot}", names), groups_table(f"merchants-{slot}", names[2:]))),
            Callout(
                "action",
                said("Recommended campaign: personal offer within two weeks"),
                (
                    said(
                        "Audience 412 customers in audiences/at-risk.csv; offer 15% on the usual basket; hold out 10% to measure the lift."
                    ),
                ),
            ),
        ),
        colour=slot,
        level=2,
    )
