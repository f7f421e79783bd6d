"""How much memory the analysis needs, told before it begins: a refusal in a second is worth more than a killed process after minutes."""

from __future__ import annotations

from reporter.errors import Problem, ResourceError

FIXED = 140_000_000
"""Bytes for libraries and summaries, whatever the number of customers."""
PER_CUSTOMER = 240
"""Bytes for scores, features, labels and what is passed between the steps."""
PER_FEATURE = 32
"""Bytes for each customer and feature: the scaled matrix, the distinct points, and what is worked out on them."""
_MEGABYTE = 1_000_000


def needed(customers: int, features: int) -> int:
    """Bytes that scoring, clustering and profiling take at their peak, beyond the frame of customers that they start from.

    Parameters
    ----------
    customers : int
        Known customers, prospects included.
    features : int
        Features that may enter the distances.
    """
    return FIXED + customers * (PER_CUSTOMER + PER_FEATURE * features)


def check_memory(customers: int, features: int, limit_bytes: int) -> None:
    """Refuse an analysis that would not fit, before any work.

    Parameters
    ----------
    limit_bytes : int
        What the process may still take.

    Raises
    ------
    ResourceError
        Naming the step, what it needs, the limit, and the way out.
    """
    need = needed(customers, features)
    if need <= limit_bytes:
        return
    raise ResourceError(
        Problem(
            "analysis",
            f"scoring and clustering {customers:,} customers by {features} features needs about {need // _MEGABYTE:,} MB, "
            f"and {limit_bytes // _MEGABYTE:,} MB are left.",
            "Allow more with the setting memory (--set memory=8GB), take fewer features (features.include), or make one report for each part "
            "of the customers.",
        )
    )
