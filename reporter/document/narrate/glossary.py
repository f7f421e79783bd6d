"""The terms of the report, for readers who want to check them."""

from __future__ import annotations

from reporter.document.blocks import Said

TERMS: tuple[tuple[str, str], ...] = (
    ("Recency", "Days from a customer’s last transaction to the as-of date. Less is better."),
    ("Frequency", "Number of transactions of a customer. A refund is not a transaction."),
    (
        "Monetary",
        "Revenue of a customer under the refund policy; in data without amounts, the number of burned coupons.",
    ),
    ("Prospect", "A known customer without any transaction: counted and named, but not scored."),
    (
        "Score",
        "The place of a customer among all customers on one measure, in equal steps; equal values get equal scores.",
    ),
    ("Segment", "A named group of score combinations, such as Champions. A rule, the same for everybody."),
    ("Cluster", "A group that an algorithm finds in the data. Real only if chance would not find it too."),
    (
        "Silhouette",
        "How much closer customers are to their own group than to the next one; from minus one to one (Rousseeuw).",
    ),
    ("Davies-Bouldin index", "How much groups overlap in relation to their distance; lower is better."),
    ("Calinski-Harabasz index", "Spread between groups against spread within them; higher is better."),
    ("Inertia", "Sum of squared distances of customers to their group’s centre; it always falls with more groups."),
    ("Adjusted Rand index", "Agreement of two ways to group the same customers; zero is chance, one is identical."),
    ("Cohort", "Customers whose first transaction fell into the same period."),
    ("Retention", "Share of a cohort with a transaction in a later period."),
    ("Burned coupon", "A claimed coupon that was used before the as-of date."),
)


def glossary() -> tuple[tuple[Said, Said], ...]:
    """Term and definition of each entry."""
    return tuple((Said(term), Said(meaning)) for term, meaning in TERMS)
