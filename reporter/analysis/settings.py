"""What a user may say about the analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from types import MappingProxyType
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class RfmSettings:
    """Section ``[rfm]``: which grid names the segments, where an own grid lies, and boundaries of scores that are set by hand."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    grid: str = "eleven"
    """A preset (``eleven``, ``three-score``, ``four-score``, ``r-rfm``, ``r-rfm-readme``) or the path of a CSV with columns segment, cells."""
    recency_boundaries: tuple[float, ...] = ()
    """Most days of each score, best first, such as [30, 90, 180, 365] for five scores: up to 30 days is a 5. Empty: equal shares of the customers."""
    frequency_boundaries: tuple[float, ...] = ()
    """Fewest transactions of each score from 2 on, such as [2, 3, 5, 10]: 10 or more is a 5. Empty: equal shares of the customers."""
    monetary_boundaries: tuple[float, ...] = ()
    """Least money (where the data has none: burned coupons) of each score from 2 on, such as [50, 100, 250, 500]. Empty: equal shares of the customers."""


def boundaries_fault(values: Sequence[float]) -> str:
    """What to write instead, where numbers are no boundaries between scores; empty where they are."""
    rising = all(low < high for low, high in pairwise(values)) and all(map(isfinite, values))
    return "" if rising else "Write numbers that rise, such as [30, 90, 180, 365]."


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """Section ``[features]``: what may enter the distances."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    include: tuple[str, ...] = ()
    """Only these features, by name; empty: all that pass the selection."""
    exclude: tuple[str, ...] = ()
    """Never these features, by name."""
    max_correlation: float = 0.9
    """Two features with a higher absolute Spearman correlation are redundant: the later one in the list is dropped."""
    clip: float = 5.0
    """Standard deviations at which a value is clipped, in the distances only, so that one giant is no cluster of its own; 0: never."""


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Section ``[cluster]``."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    method: Literal["auto", "kmeans", "ward"] = "auto"
    """Method of the clusters that are shown; auto: by the rule of choice."""
    k: int = 0
    """Number of clusters that are shown, from 2 to k_max; 0: by the rule of choice. Whatever is set, the verdict stays that on the choice of the rule, and the report says both."""
    eps: float = 0.0
    """Radius of DBSCAN, in standard deviations of the features; 0: at the bend of the distance curve."""
    k_max: int = 10
    """Largest number of clusters that is tried; the smallest is 2."""
    seed: int = 20240715
    """Start of every random draw."""
    null_draws: int = 20
    """Tables without clumps that the silhouette is compared with."""
    bootstraps: int = 20
    """Resampled tables that the stability is measured on."""
    effect: float = 0.05
    """Silhouette above the null mean that counts as structure."""
    stability: float = 0.8
    """Mean adjusted Rand index over bootstraps that counts as stable."""
    min_share: float = 0.02
    """Smallest share of customers that a cluster may have in a chosen partition."""


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """Section ``[replay]``: the earlier dates that today's segments are compared with."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    periods: tuple[str, ...] = ("quarter", "month", "year")
    """How far back: of month, quarter and year. The first that the history allows is told at length and listed by name, the others as tables; empty: no comparison."""
    trend_months: int = 12
    """Months of the trends of the segments, one point each."""
    history_months: int = 3
    """Months of transactions that must lie before an earlier date."""


PERIODS: Mapping[str, int] = MappingProxyType({"month": 1, "quarter": 3, "year": 12})
"""Months of each period that ``replay.periods`` may name."""


def periods_fault(names: Sequence[str]) -> str:
    """What to write instead, where names are no periods to look back over; empty where they are."""
    return (
        ""
        if set(names) <= set(PERIODS) and len(set(names)) == len(names)
        else f"Write some of {', '.join(PERIODS)}, each once."
    )


@dataclass(frozen=True, slots=True)
class BacktestSettings:
    """Section ``[backtest]``: how far the report looks back to see what segments did next."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    months: int = 0
    """Months that are looked back; 0: six where twice as much history lies before them, else three, else the backtest is left out."""


@dataclass(frozen=True, slots=True)
class LifetimeSettings:
    """Section ``[lifetime]``: how far ahead purchases and value are expected."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    months: int = 6
    """Planning horizon in months, each of them a twelfth of 365.25 days."""


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """Section ``[campaign]``: money, who is left alone, and how large a control group must be."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    budget: float | None = None
    """Money for all campaigns together, in the currency of the amounts; empty: as much as all contacts cost."""
    value_per_burn: float | None = None
    """What one burned coupon is worth to you, for data without amounts; empty: no profit is computed there."""
    exclude: str = ""
    """Path of a text file with customer ids, one a line, whom no campaign may reach; empty: none."""
    exclude_borderline: bool = False
    """Whether customers whose segment is uncertain are left out of campaigns."""
    alpha: float = 0.05
    """Probability of a false alarm that control groups are sized for, two-sided."""
    power: float = 0.8
    """Probability of finding the uplift worth finding, if it is there, that control groups are sized for."""
    max_control: float = 0.3
    """Largest share of an audience that is held back as its control group."""
    measure: str = "auto"
    """Which earlier run's campaigns are measured: auto (the latest of the same series before this as-of date, see history.series), off, or the folder of a run."""


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """All settings of the analysis."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    rfm: RfmSettings = field(default_factory=RfmSettings)
    features: FeatureSettings = field(default_factory=FeatureSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    replay: ReplaySettings = field(default_factory=ReplaySettings)
    backtest: BacktestSettings = field(default_factory=BacktestSettings)
    lifetime: LifetimeSettings = field(default_factory=LifetimeSettings)
    campaign: CampaignSettings = field(default_factory=CampaignSettings)
    min_group: int = 30
    """Groups with fewer customers get no percentages and no test."""
