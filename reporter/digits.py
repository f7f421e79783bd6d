"""Digits that mean something: those after them depend on the processor, which may sum in another order."""

from __future__ import annotations

SIGNIFICANT = 12
"""Of what files hold."""


def significant(value: float, digits: int = SIGNIFICANT) -> float:
    """The number with so many significant digits."""
    return float(f"{value:.{digits}g}")
