"""Cohorts: how many of the customers who began in a period came back later. Periods that have not ended tell nothing and are left out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

MONTHS_BY_MONTH = 15
"""Full months up to which cohorts are monthly; above, quarterly."""


def period_length(full_months: int) -> str:
    """``month`` or ``quarter``."""
    return "quarter" if full_months > MONTHS_BY_MONTH else "month"


def cohort_rates(
    cohorts: pd.DataFrame, period: str, as_of: date, min_group: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame] | None:
    """Sizes, rates and average of the cohorts.

    Parameters
    ----------
    cohorts : pandas.DataFrame
        As ``Aggregates.cohorts``.

    Returns
    -------
    tuple of pandas.DataFrame or None
        ``sizes``, ``rates`` and ``average`` as ``Retention`` describes them; None when fewer than two periods have ended.
    """
    chosen = cohorts[cohorts["period"] == period]
    span = 3 if period == "quarter" else 1
    ages = _ordinal(chosen["month"], span) - _ordinal(chosen["cohort"], span)
    active = chosen.assign(age=ages).pivot_table(
        index="cohort", columns="age", values="active_customers", aggfunc="sum", fill_value=0
    )
    if len(active) == 0:
        return None
    starts = pd.date_range(active.index.min(), pd.Timestamp(as_of), freq=f"{span}MS").as_unit("s")
    ended = int((starts + pd.DateOffset(months=span) <= pd.Timestamp(as_of)).sum())
    if ended < 2:
        return None
    active = active.reindex(index=starts[starts <= active.index.max()], columns=range(ended), fill_value=0)
    sizes = active[0].to_numpy("int64")
    rates = _rates(active.to_numpy("float64"), sizes, ended, min_group)
    frame = pd.DataFrame(rates, index=active.index.rename("cohort"), columns=pd.RangeIndex(ended, name="age"))
    counts = pd.DataFrame({"cohort": active.index, "customers": sizes})
    return counts, frame, _average(rates, sizes)


def _ordinal(dates: pd.Series, span: int) -> pd.Series:
    return (dates.dt.year * 12 + dates.dt.month - 1) // span


def _rates(active: np.ndarray, sizes: np.ndarray, ended: int, min_group: int) -> np.ndarray:
    place, age = np.indices(active.shape)
    known = (place + age < ended) & (sizes >= max(min_group, 1))[:, None]
    return np.where(known, active / np.maximum(sizes, 1)[:, None], np.nan)


def _average(rates: np.ndarray, sizes: np.ndarray) -> pd.DataFrame:
    """Mean rate by age, weighted by cohort size, over the cohorts that have reached that age."""
    known = ~np.isnan(rates)
    mass = (known * sizes[:, None]).sum(axis=0)
    rate = np.divide(np.where(known, rates, 0).T @ sizes, mass, out=np.full(rates.shape[1], np.nan), where=mass > 0)
    frame = pd.DataFrame({"age": range(rates.shape[1]), "rate": rate, "cohorts": known.sum(axis=0)})
    return frame[frame["cohorts"] > 0].reset_index(drop=True)
