"""Earlier runs: what each run keeps of itself for the next, and which of them belong together.

Which earlier runs belong together is decided by evidence (`still_there`), not by the folder that they lie in: of customers whom an earlier run knew,
their latest purchase then must be in the data now. Ids alone would not do, for two shops may both count theirs from 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from reporter.analysis.queries import query
from reporter.intake.ledger import Ledger

ALIKE = 0.5
"""Share of an earlier run's customers whose latest purchase of then must be in the data now."""


@dataclass(frozen=True, slots=True)
class Series:
    """What runs must have in common before their customers are compared at all.

    Attributes
    ----------
    name : str
        As the user has named the series; then nothing but mode, currency and the key of the pseudonyms must agree.
    mode : str
    currency : str or None
    layout, organisation : str
        Empty where the series has a name.
    pseudonym_key_check : str
        Empty where customers have their own ids.
    """

    name: str
    mode: str
    currency: str | None
    layout: str
    organisation: str
    pseudonym_key_check: str

    @property
    def text(self) -> str:
        """All of it as one text, equal for equal series."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)


def series_of(ledger: Ledger, name: str, organisation: str) -> Series:
    """The series that a run belongs to, as far as its settings and the kind of its data tell."""
    key = ledger.pseudonyms.check if ledger.pseudonyms else ""
    if name:
        return Series(name, ledger.mode, ledger.currency, "", "", key)
    return Series("", ledger.mode, ledger.currency, ledger.layout, organisation, key)


@dataclass(frozen=True, slots=True)
class Size:
    """A segment of one run: customers, and what they brought in all their time."""

    name: str
    customers: int
    monetary: float


@dataclass(frozen=True, slots=True)
class Point:
    """What a run keeps of itself, to be one point of a line.

    Attributes
    ----------
    run_id : str
    as_of : date
    grid : str
        Name and cells of the segment grid as eight hex digits: segments of two runs are compared only where it is the same.
    customers : int
        Scored customers.
    window_days : int or None
        Days that the next two fields look back; None: over all the history there is.
    active : int
        Customers with a transaction in those days.
    monetary : float
        Revenue of those days; in coupon mode coupons burned.
    read, rejected : int
        Rows of transactions, those on or after the as-of date left out: they wait, nothing is wrong with them.
    verdict : {"real", "weak", "none"}
    k : int or None
        Natural groups, where some were chosen.
    segments : tuple of Size
        In grid order.
    """

    run_id: str
    as_of: date
    grid: str
    customers: int
    window_days: int | None
    active: int
    monetary: float
    read: int
    rejected: int
    verdict: str
    k: int | None
    segments: tuple[Size, ...]

    @property
    def rejected_share(self) -> float:
        """Rejected rows among those read; 0 where none was read."""
        return self.rejected / self.read if self.read else 0.0

    def share(self, segment: str) -> float:
        """A segment's share of the scored customers; 0 where it has none."""
        found = sum(size.customers for size in self.segments if size.name == segment)
        return found / self.customers if self.customers else 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """Who is where they were: customers of the previous run that are scored now too.

    Attributes
    ----------
    since : date
        As-of date of the previous run.
    customers : int
        Scored then and now.
    same : int
        Of them, in the segment of then.
    """

    since: date
    customers: int
    same: int


@dataclass(frozen=True, slots=True)
class Past:
    """A run and the earlier ones of its series.

    Attributes
    ----------
    series : Series
    points : tuple of Point
        Oldest first; the last one is the run itself.
    kept : Kept or None
        None without a previous run whose segments can be compared.
    """

    series: Series
    points: tuple[Point, ...]
    kept: Kept | None = None


def point_of(told: Mapping[str, Any]) -> Point:
    """A point from the form that it has in ``facts.json``.

    Raises
    ------
    KeyError, TypeError, ValueError
        Where the form is another.
    """
    fields = dict(told) | {
        "as_of": date.fromisoformat(told["as_of"]),
        "segments": tuple(Size(**size) for size in told["segments"]),
    }
    return Point(**fields)


def still_there(ledger: Ledger, samples: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """How much of what earlier runs knew is in the data now.

    Parameters
    ----------
    ledger : Ledger
        Whose transactions are still in the engine.
    samples : mapping of run id to pandas.DataFrame
        ``customer_id`` str · ``day`` datetime64[s]: some customers of that run with the day of their latest purchase then. Customers bear the names
        that they have in outputs.

    Returns
    -------
    dict of str to float
        Of each run the share of its sample that has a purchase on that very day.
    """
    import pyarrow as pa

    named = [frame.assign(run_id=run_id) for run_id, frame in samples.items() if len(frame)]
    found: dict[str, int] = {}
    if named:
        every = pd.concat(_by_own_ids(ledger, named), ignore_index=True)
        columns = {
            "run_id": pa.array(every["run_id"].tolist(), pa.string()),
            "customer_id": pa.array(every["customer_id"].tolist(), pa.string()),
            "day": pa.array([day.date() for day in every["day"]], pa.date32()),
        }
        ledger.engine.register("known_before", pa.table(columns))
        rows = ledger.engine.arrow(query("still_there")).to_pydict()
        found = dict(zip(rows["run_id"], map(int, rows["customers"]), strict=True))
    return {run_id: found.get(run_id, 0) / max(len(frame), 1) for run_id, frame in samples.items()}


def _by_own_ids(ledger: Ledger, frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Customers under the ids that the engine knows; where they were told by pseudonyms, those of all customers are made again."""
    if ledger.pseudonyms is None:
        return list(frames)
    ids = ledger.engine.arrow("SELECT customer_id FROM customers").column(0).to_pandas()
    owners = dict(zip(ledger.pseudonyms.of(ids), ids, strict=True))
    return [frame.assign(customer_id=frame["customer_id"].map(lambda name: owners.get(name, ""))) for frame in frames]
