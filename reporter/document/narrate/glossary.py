"""The terms of the report, for readers who want to check them."""

from __future__ import annotations

from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Said

TERMS: tuple[tuple[str, str, str], ...] = (
    ("As-of date", "", "The day from which everything is seen. What is dated on or after it has not happened yet."),
    ("Recency", "", "Days from a customer’s last transaction to the as-of date. Less is better."),
    ("Frequency", "", "Number of transactions of a customer. A refund is not a transaction."),
    (
        "Monetary",
        "",
        "Revenue of a customer under the refund policy; in data without amounts, the number of burned coupons.",
    ),
    ("Prospect", "prospects", "A known customer without any transaction: counted and named, but not scored."),
    (
        "Score",
        "",
        "The place of a customer among all customers on one measure, in equal steps; equal values get equal scores. RFM scores are those of recency, frequency and monetary.",
    ),
    ("Segment", "", "A named group of score combinations, such as Champions. A rule, the same for everybody."),
    ("Median", "", "The middle value: half of the customers lie below it. Also called typical here."),
    (
        "Control group",
        "",
        "A random part of an audience that gets no campaign: what it does shows what the campaign brings.",
    ),
    ("Burned coupon", "coupons", "A claimed coupon that was used before the as-of date."),
    ("Burn rate", "coupons", "Share of claimed coupons that have been burned."),
    ("Cohort", "retention", "Customers whose first transaction fell into the same period."),
    ("Retention", "retention", "Share of a cohort with a transaction in a later period."),
    (
        "Gini coefficient",
        "concentration",
        "How unevenly value is spread: zero is the same for all, one is all with one customer.",
    ),
    (
        "p value",
        "tests",
        "How often chance alone would give a difference at least this large. A difference is only told below one in a hundred; on the pages of segments below one in twenty, corrected for the number of comparisons.",
    ),
    (
        "Rank correlation (ρ)",
        "",
        "How closely two measures rise together, by rank (Spearman): one is always, zero is not at all, minus one is against each other.",
    ),
    ("Cluster", "groups", "A group that an algorithm finds in the data. Real only if chance would not find it too."),
    ("KMeans", "groups", "Searches a given number of centres so that every customer is close to one."),
    (
        "Ward",
        "groups",
        "Joins the two most alike groups again and again, from single customers to one crowd (agglomerative).",
    ),
    ("DBSCAN", "dbscan", "Finds dense regions; who lies in none is an outlier."),
    ("Outlier", "groups", "A customer far from any dense region; kept in the segment, but worth a look."),
    (
        "Silhouette",
        "groups",
        "How much closer customers are to their own group than to the next one; from minus one to one (Rousseeuw).",
    ),
    (
        "By chance",
        "groups",
        "Artificial tables with the same distributions and rank correlations but without groups (a Gaussian copula): what any search finds where nothing is.",
    ),
    ("Davies-Bouldin index", "groups", "How much groups overlap in relation to their distance; lower is better."),
    ("Calinski-Harabasz index", "groups", "Spread between groups against spread within them; higher is better."),
    (
        "Inertia",
        "groups",
        "Sum of squared distances of customers to their group’s centre; it always falls with more groups. Where it stops falling fast is the elbow.",
    ),
    (
        "Stability",
        "groups",
        "Agreement of a split with itself when customers are drawn again; one is the same each time.",
    ),
    (
        "Adjusted Rand index",
        "groups",
        "Agreement of two ways to group the same customers; zero is chance, one is identical.",
    ),
    (
        "Principal component",
        "groups",
        "A mixture of all measures along which customers differ most; two of them make a map.",
    ),
    (
        "BG/NBD",
        "expected",
        "A model of purchases: each customer buys at a rate of their own and, after each purchase, may stay away for good (Fader, Hardie, Lee).",
    ),
    (
        "Gamma-Gamma",
        "spend",
        "A model of spend: purchases scatter about a mean of each customer, and these means scatter about that of all (Fader, Hardie).",
    ),
    ("Standard deviation", "groups", "The usual distance of a customer from the mean."),
)
"""Term, what the report must have for it to be used (empty: always), and meaning."""


def glossary(analysis: Analysis) -> tuple[tuple[Said, Said], ...]:
    """Term and definition of each entry that this report uses."""
    overview = analysis.overview
    has = {
        "": True,
        "prospects": overview.prospects > 0,
        "coupons": overview.coupons is not None,
        "retention": overview.retention is not None and len(overview.retention.average) > 1,
        "concentration": overview.concentration is not None and overview.scored >= analysis.settings.min_group,
        "tests": any(group.activity.p_value is not None for group in overview.breakdowns),
        "groups": analysis.clustering.chosen is not None,
        "expected": analysis.expected is not None,
        "spend": analysis.expected is not None and analysis.expected.fits and analysis.expected.spend is not None,
        "dbscan": any(each.partition.method == "dbscan" for each in analysis.clustering.candidates),
    }
    return tuple((Said(term), Said(meaning)) for term, needs, meaning in TERMS if has[needs])
