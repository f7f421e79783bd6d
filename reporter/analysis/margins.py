"""How far a customer is from another score: the nearest value that would have it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from reporter.analysis.rfm import DIMENSIONS, Scorecard

CENT = 0.01


def margins(card: Scorecard, row: int) -> pd.DataFrame:
    """One row per dimension of a customer.

    Parameters
    ----------
    row : int
        Place in ``card.frame``.

    Returns
    -------
    pandas.DataFrame
        ``dimension`` str · ``value`` float · ``score`` int · ``low, high`` float (least and largest value found with that score) · ``better, worse`` float: how
        much less recency, or more of the others, the nearest value with a better score is away, and the other way round for a worse one; NaN where there is
        none. Where boundaries are set by hand these are exact; else the nearest value that another customer really has.
    """
    return pd.DataFrame([_margin(card, name, card.frame.iloc[row]) for name in DIMENSIONS])


def _margin(card: Scorecard, name: str, customer: pd.Series) -> dict[str, object]:
    value, score = float(customer[name]), int(customer[f"{name[0]}_score"])
    found = card.boundaries[card.boundaries["dimension"] == name].set_index("score")
    sign = -1 if name == "recency_days" else 1
    up, down = _by_hand(card, name, score) if name in card.grid.limits else _found(found, score, sign)
    return {
        "dimension": name,
        "value": value,
        "score": score,
        "low": float(found.loc[score, "low"]),
        "high": float(found.loc[score, "high"]),
        "better": round(sign * (up - value), 2),
        "worse": round(sign * (value - down), 2),
    }


def _found(found: pd.DataFrame, score: int, sign: int) -> tuple[float, float]:
    """The nearest values with a better and a worse score that somebody has."""
    there = found[found["customers"] > 0]
    above, below = there[there.index > score], there[there.index < score]
    nearest, farthest = ("low", "high") if sign > 0 else ("high", "low")
    up = float(above.sort_index()[nearest].iloc[0]) if len(above) else math.nan
    down = float(below.sort_index()[farthest].iloc[-1]) if len(below) else math.nan
    return up, down


def _by_hand(card: Scorecard, name: str, score: int) -> tuple[float, float]:
    """The nearest values with a better and a worse score: a whole day or transaction, or a cent, beyond a boundary."""
    limits, bins = card.grid.limits[name], card.grid.bins
    if name == "recency_days":
        up = math.floor(limits[bins - score - 1]) if score < bins else math.nan
        return up, math.floor(limits[bins - score]) + 1 if score > 1 else math.nan
    step = CENT if name == "monetary" else 1
    least = np.ceil(limits) if name == "frequency" else np.round(limits, 2)
    return (
        float(least[score - 1]) if score < bins else math.nan,
        float(least[score - 2]) - step if score > 1 else math.nan,
    )
