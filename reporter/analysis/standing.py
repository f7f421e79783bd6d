"""Where a run stands among the earlier ones of its series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from reporter.analysis.analyse import Analysis
from reporter.analysis.frames import arrow
from reporter.analysis.past import Kept, Past, Point, Series, Size


def with_past(
    analysis: Analysis, series: Series, run_id: str, earlier: Sequence[Point], before: pd.DataFrame | None
) -> Analysis:
    """The analysis with its place among the earlier runs.

    Parameters
    ----------
    series : Series
    run_id : str
    earlier : sequence of Point
        Of the same series, oldest first.
    before : pandas.DataFrame or None
        ``customer_id`` str · ``segment`` str of the last of them.
    """
    now = _point(analysis, run_id)
    comparable = before is not None and bool(earlier) and earlier[-1].grid == now.grid
    kept = _kept(earlier[-1].as_of, before, analysis.customers) if before is not None and comparable else None
    return replace(analysis, past=Past(series, (*earlier, now), kept))


def _point(analysis: Analysis, run_id: str) -> Point:
    changes = {change.name: change.now for change in analysis.overview.changes}
    chosen, rows = analysis.clustering.chosen, analysis.ledger.transactions_tally
    later = sum(count for reason, _, count in rows.by_reason if reason == "after-as-of")
    value = changes["monetary" if analysis.ledger.mode == "money" else "burned"]
    return Point(
        run_id=run_id,
        as_of=analysis.ledger.as_of,
        grid=analysis.scorecard.grid.mark,
        customers=analysis.overview.scored,
        window_days=analysis.overview.window_days,
        active=int(changes["active_customers"]),
        monetary=round(value, 2),
        read=rows.read - later,
        rejected=rows.rejected - later,
        verdict=analysis.clustering.verdict.level,
        k=None if chosen is None else chosen.partition.k,
        segments=tuple(Size(each.name, each.customers, round(each.monetary, 2)) for each in analysis.segments),
    )


def _kept(since: date, before: pd.DataFrame, now: pd.DataFrame) -> Kept:
    """Customers of both tables, and how many of them have one segment in both."""
    import pyarrow.compute as pc

    rows = pc.index_in(arrow(now["customer_id"]), value_set=arrow(before["customer_id"]))
    same = pc.sum(pc.equal(arrow(before["segment"]).take(rows), arrow(now["segment"]))).as_py()
    return Kept(since, len(rows) - rows.null_count, int(same or 0))
