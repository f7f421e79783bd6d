"""How many customers a control group needs: the power of the comparison of two shares.

Source of the formula: Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, 3rd edition, section 4.2 to 4.4: the normal
approximation with the pooled variance under equal shares and the unpooled one under the uplift, groups of unequal size, no continuity correction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Design:
    """What a comparison is sized for.

    Attributes
    ----------
    alpha : float
        Probability of a false alarm, two-sided.
    power : float
        Probability of finding the uplift, if it is there.
    most : float
        Largest share of an audience that may be held back.
    """

    alpha: float = 0.05
    power: float = 0.8
    most: float = 0.3


def power_of(base: float, uplift: float, control: np.ndarray, treated: np.ndarray, alpha: float) -> np.ndarray:
    """Probability that the comparison finds an uplift.

    Parameters
    ----------
    base, uplift : float
        Share of the control group that responds, and what treatment adds to it; together at most 1.
    control, treated : numpy.ndarray of float, shape (n,)
        Customers of the two groups, at least 1 each.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
    """
    from scipy.special import ndtr, ndtri

    other = min(base + uplift, 1.0)
    pooled = (control * base + treated * other) / (control + treated)
    equal = np.sqrt(pooled * (1 - pooled) * (1 / control + 1 / treated))
    apart = np.sqrt(base * (1 - base) / control + other * (1 - other) / treated)
    surplus = (other - base) - float(ndtri(1 - alpha / 2)) * equal
    z = np.divide(surplus, apart, out=np.where(surplus > 0, np.inf, -np.inf), where=apart > 0)
    return np.asarray(ndtr(z), dtype="float64")


def control_size(base: float, uplift: float, customers: int, design: Design) -> int | None:
    """The smallest control group that finds `uplift` in an audience of so many, the others being treated; None where the largest allowed does not."""
    sizes = np.arange(1, int(design.most * customers) + 1, dtype="float64")
    if not len(sizes):
        return None
    enough = power_of(base, uplift, sizes, customers - sizes, design.alpha) >= design.power
    return int(sizes[np.argmax(enough)]) if enough.any() else None


def detectable(base: float, control: int, treated: int, design: Design) -> float | None:
    """The smallest uplift that groups of these sizes find, to within a millionth; None where they find none at all."""
    if min(control, treated) < 1:
        return None
    sizes = np.array([float(control)]), np.array([float(treated)])
    low, high = 0.0, 1.0 - base
    if high <= 0 or power_of(base, high, *sizes, design.alpha)[0] < design.power:
        return None
    while high - low > 1e-6:
        middle = (low + high) / 2
        found = power_of(base, middle, *sizes, design.alpha)[0] >= design.power
        low, high = (low, middle) if found else (middle, high)
    return high


def needed(base: float, uplift: float, control_share: float, design: Design) -> int | None:
    """Customers of both groups together that find `uplift` when `control_share` of them is held back; None where more than a thousand million are needed."""
    low, high = 1, 2
    while not _finds(base, uplift, control_share, high, design):
        low, high = high, 2 * high
        if high > 10**9:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _finds(base, uplift, control_share, middle, design) else (middle, high)
    return high


def _finds(base: float, uplift: float, control_share: float, customers: int, design: Design) -> bool:
    control = np.array([max(1.0, control_share * customers)])
    treated = np.maximum(1.0, customers - control)
    return bool(power_of(base, uplift, control, treated, design.alpha)[0] >= design.power)
