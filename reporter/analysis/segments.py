"""What each segment is: size, value, trend, profile and people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.analysis.aggregate import segment_merchants, segment_months
from reporter.analysis.describe import share_of
from reporter.analysis.features import Features
from reporter.analysis.rfm import Scorecard
from reporter.analysis.statistics import holm, share_against_rest
from reporter.intake.ledger import Ledger
from reporter.shown import html_of, text_of


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One RFM segment that has customers.

    Attributes
    ----------
    share, monetary_share, transactions_share : float
    burn_rate : float or None
    cells : tuple of str
        The score cells it holds.
    index : pandas.DataFrame
        Against all scored customers: ``measure`` ("recency_days", "frequency", "monetary", "tenure_days", …) · ``segment`` float (median) ·
        ``all`` float (median) · ``ratio`` float (NaN where all is 0).
    months : pandas.DataFrame
        ``month`` · ``transactions, active_customers`` int · ``monetary`` float.
    groups : pandas.DataFrame
        ``dimension`` ("city", "gender", "merchant") · ``name`` · ``customers`` int · ``share`` float (in the segment) · ``all_share`` float · ``lift`` float · ``p_value`` float or NaN
        (after Holm's correction over all groups of the dimension in all segments; NaN under the minimum group or where too few are expected); at most 5 rows a dimension, most frequent first.
    lapsed_share : float
        Customers whose recency exceeds twice their own mean gap (of those with transactions on two or more days); None when there are none.
    """

    name: str
    customers: int
    share: float
    transactions: int
    transactions_share: float
    monetary: float
    monetary_share: float
    burned: int
    burn_rate: float | None
    median_recency_days: float
    median_frequency: float
    median_monetary: float
    mean_monetary: float
    monetary_per_transaction: float | None
    median_tenure_days: float
    lapsed_share: float | None
    cells: tuple[str, ...]
    index: pd.DataFrame
    months: pd.DataFrame
    groups: pd.DataFrame


class Segments(tuple[Segment, ...]):
    """The segments that have customers, in grid order: a tuple, and in a notebook or terminal a table of them."""

    __slots__ = ()

    __repr__ = text_of
    _repr_html_ = html_of


MEASURES = (
    "recency_days", "frequency", "monetary", "tenure_days", "mean_gap_days", "burn_rate", "mean_days_to_burn", "active_months",
)  # fmt: skip
"""What a segment is compared by, as far as the data has it."""
GROUP_COLUMNS = ("segment", "dimension", "name", "customers", "share", "all_share", "lift", "p_value")
GROUPS_SHOWN = 5
LAPSED_GAPS = 2


def profile_segments(
    ledger: Ledger, customers: pd.DataFrame, scorecard: Scorecard, features: Features, min_group: int
) -> Segments:
    """Profile every segment that has customers, in grid order.

    Parameters
    ----------
    customers : pandas.DataFrame
        ``Aggregates.customers``, of the ledger whose steps are still in the engine.
    scorecard, features : Scorecard, Features
        Of the scored customers, in the same order.
    min_group : int
        Segments with fewer customers get no test.
    """
    named = scorecard.frame[["customer_id", "segment"]]
    months = segment_months(
        ledger, named
    )  # the engine is at work before customers are copied: millions of them take as much memory as it does
    merchants = segment_merchants(ledger, named) if "merchant" in ledger.has else pd.DataFrame()
    table = _table(customers, named["segment"], features)
    return _profiled(ledger, scorecard, table, (months, _groups(ledger, table, merchants, min_group)))


def size_segments(ledger: Ledger, scorecard: Scorecard, features: Features) -> Segments:
    """The segments as `profile_segments` gives them, from their customers alone: `months` and `groups`, which ask for transactions, are empty.

    Parameters
    ----------
    ledger : Ledger
        Its mode and what it has; its engine may be closed.
    scorecard, features : Scorecard, Features
        Of the scored customers, in the same order.
    """
    values = scorecard.frame[["recency_days", "frequency", "monetary"]]
    burned = scorecard.frame["monetary"] if ledger.mode == "coupon" else features.frame.get("burned", 0)
    table = _table(values.assign(burned=burned), scorecard.frame["segment"], features)
    months = pd.DataFrame(columns=["segment", "month", "transactions", "active_customers", "monetary"])
    return _profiled(ledger, scorecard, table, (months, pd.DataFrame(columns=list(GROUP_COLUMNS))))


def _profiled(
    ledger: Ledger, scorecard: Scorecard, table: pd.DataFrame, parts: tuple[pd.DataFrame, pd.DataFrame]
) -> Segments:
    """One after the other, each with its rows of the months and groups of all."""
    months, groups = parts
    every, found = _medians(table), []
    for name in (name for name in scorecard.grid.order if (table["segment"] == name).any()):
        inside = (table["segment"] == name).to_numpy()
        trend = months[months["segment"] == name].drop(columns="segment").reset_index(drop=True)
        people = groups[groups["segment"] == name].drop(columns="segment").reset_index(drop=True)
        cells = tuple(cell for cell, segment in scorecard.grid.cells.items() if segment == name)
        found.append(_segment(name, table, inside, ledger, (trend, people, cells, every)))
    return Segments(found)


def _table(customers: pd.DataFrame, segment: pd.Series, features: Features) -> pd.DataFrame:
    """The scored customers with what segments are told by, and nothing else: there may be millions."""
    own = [name for name in (*MEASURES, "burned", "city", "gender") if name in customers]
    derived = {name: features.frame[name] for name in MEASURES if name in features.frame and name not in own}
    return customers.loc[customers["frequency"] > 0, own].reset_index(drop=True).assign(segment=segment, **derived)


def _segment(
    name: str,
    table: pd.DataFrame,
    inside: np.ndarray,
    ledger: Ledger,
    parts: tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...], pd.Series],
) -> Segment:
    part = table[inside]
    months, groups, cells, every = parts
    own = part[list(every.index)].median()
    transactions, burned = int(part["frequency"].sum()), int(part["burned"].sum())
    monetary = float(np.rint(part["monetary"] * 100).sum() / 100)
    return Segment(
        name=name,
        customers=len(part),
        share=len(part) / len(table),
        transactions=transactions,
        transactions_share=transactions / int(table["frequency"].sum()),
        monetary=monetary,
        monetary_share=share_of(table["monetary"].to_numpy(), inside),
        burned=burned,
        burn_rate=burned / transactions if "coupons" in ledger.has else None,
        median_recency_days=float(own["recency_days"]),
        median_frequency=float(own["frequency"]),
        median_monetary=float(own["monetary"]),
        mean_monetary=monetary / len(part),
        monetary_per_transaction=monetary / transactions if ledger.mode == "money" else None,
        median_tenure_days=float(own["tenure_days"]),
        lapsed_share=_lapsed(part),
        cells=cells,
        index=_index(own, every),
        months=months,
        groups=groups,
    )


def _lapsed(part: pd.DataFrame) -> float | None:
    paced = part[part["mean_gap_days"] > 0]
    return float((paced["recency_days"] > LAPSED_GAPS * paced["mean_gap_days"]).mean()) if len(paced) else None


def _medians(table: pd.DataFrame) -> pd.Series:
    """Of all scored customers, every measure that anybody has."""
    return table[[name for name in MEASURES if name in table and table[name].notna().any()]].median()


def _index(own: pd.Series, every: pd.Series) -> pd.DataFrame:
    """Medians of the segment against those of all scored customers."""
    segment, all_ = own.to_numpy("float64"), every.to_numpy("float64")
    ratio = np.divide(segment, all_, out=np.full(len(every), np.nan), where=all_ != 0)
    return pd.DataFrame({"measure": list(every.index), "segment": segment, "all": all_, "ratio": ratio})


def _groups(ledger: Ledger, table: pd.DataFrame, merchants: pd.DataFrame, min_group: int) -> pd.DataFrame:
    """Shares of cities, genders (of customers) and merchants (of transactions) in every segment, the five most frequent each.

    A dimension with a single group, such as the city in an edition of that city, sets nobody apart and is left out.
    """
    counts = [
        table[["segment", name]]
        .dropna()
        .groupby(["segment", name])
        .size()
        .rename("n")
        .reset_index()
        .rename(columns={name: "name"})
        .assign(dimension=name, customers=lambda frame: frame["n"])
        for name in ("city", "gender")
        if name in ledger.has
    ]
    counts.append(merchants.rename(columns={"transactions": "n"}).assign(dimension="merchant"))
    sizes = table["segment"].value_counts()
    parts = [_compared(frame, sizes, min_group) for frame in counts if len(frame) and frame["name"].nunique() > 1]
    columns = list(GROUP_COLUMNS)
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _compared(frame: pd.DataFrame, sizes: pd.Series, min_group: int) -> pd.DataFrame:
    """Every group of one dimension in every segment, tested against all other segments together."""
    own, whole = frame.groupby("segment")["n"].transform("sum"), frame["n"].sum()
    every = frame.groupby("name")["n"].transform("sum")
    p_values = np.array(
        [
            share_against_rest(n, size, total - n, whole - size) if sizes[segment] >= min_group else np.nan
            for segment, n, size, total in zip(frame["segment"], frame["n"], own, every, strict=True)
        ]
    )
    full = frame.assign(share=frame["n"] / own, all_share=every / whole, p_value=holm(p_values))
    full = full.assign(lift=full["share"] / full["all_share"])
    ordered = full.sort_values(["segment", "n", "name"], ascending=[True, False, True])
    return ordered.groupby("segment", sort=False).head(GROUPS_SHOWN)
