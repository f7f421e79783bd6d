"""facts.json: every number that the report prints, with the sentence or the table it stands in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from reporter.analysis.analyse import Analysis
from reporter.analysis.cluster import Way
from reporter.analysis.evaluate import Candidate, Clustering
from reporter.analysis.explore import Overview
from reporter.analysis.past import Past
from reporter.analysis.replay import Movement
from reporter.analysis.rfm import DIMENSIONS, Grid
from reporter.analysis.segments import Segment
from reporter.digits import significant
from reporter.document.blocks import (
    Beside,
    Block,
    Bullets,
    Callout,
    Chart,
    Details,
    Document,
    Prose,
    Said,
    Section,
    States,
    Stats,
    Table,
)
from reporter.document.compose import colours
from reporter.document.compose.moves import shown_matrix
from reporter.document.facts_campaign import campaign_facts, measured_facts
from reporter.document.facts_outlook import backtest_facts, expected_facts
from reporter.document.gist import gist, summary_of
from reporter.document.settings import ReportSettings
from reporter.intake.advice import ADVICE
from reporter.intake.balance import Balance
from reporter.intake.ledger import Ledger, Tally

SCHEMA_VERSION = 1
"""Digits that floats keep: enough for cents of ten billions; below, machines differ."""


def facts(
    analysis: Analysis, document: Document, run_id: str, min_group: int = ReportSettings().min_group
) -> dict[str, Any]:
    """All facts of a report.

    Parameters
    ----------
    min_group : int
        As ``report.min_group``: fewer customers make no move between segments that is told.

    Returns
    -------
    dict
        The fields of the contract, ``titles`` being those that the pages show, in their order; ``gist``, the first page for the mail; then ``statements`` (section, text and numbers of every
        sentence), ``report_tables`` (columns and rows of every table as printed and as exact values) and ``chart_tables`` (the same of what charts show).
        Floats have twelve significant digits.
    """
    overview = analysis.overview
    every = (*document.sections, *document.unshown)
    found: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        **ledger_facts(analysis.ledger),
        "customers": {"known": overview.known, "scored": overview.scored, "prospects": overview.prospects},
        "totals": {"transactions": overview.transactions, "monetary": _money(analysis), "burned": overview.burned},
        "overview": _overview(overview),
        "segments": [_segment(segment) for segment in analysis.segments],
        "replay": _replay(analysis, min_group),
        "clustering": _clustering(analysis.clustering, analysis.features.names),
        "backtest": backtest_facts(analysis.backtest),
        "expected_value": expected_facts(analysis.expected),
        "reconciliation": reconciliation_facts(analysis.ledger)
        | {"customers": {**analysis.fates, "only_in_transactions": analysis.ledger.only_in_transactions}}
        | {"balances": [_balance(each) for each in analysis.balances]},
        "grid": _grid(analysis.scorecard.grid),
        "history": None if analysis.past is None else _past(analysis.past),
        "campaign": campaign_facts(analysis.campaign),
        "measured": None if analysis.measured is None else measured_facts(analysis.measured),
        "titles": [section.title.text for section in document.sections],
        "gist": gist(document, leaves(summary_of(document).blocks), colours(analysis.scorecard.grid.order)),
        "statements": [_statement(section.id, said) for section in every for said in sentences(section) if said],
        "report_tables": {block.id: _table(block) for section in every for block in tables(section.blocks)},
        "chart_tables": {block.id: _table(block) for section in every for block in _drawn(section.blocks)},
    }
    return rounded(found)


def ledger_facts(ledger: Ledger) -> dict[str, Any]:
    """Mode, as-of date and the accounts of every table: all that `reporter check` can say."""
    transactions = ledger.transactions_tally
    return {
        "mode": ledger.mode,
        "as_of": ledger.as_of.isoformat(),
        "rows": _account(transactions),
        "tables": {tally.table: _account(tally) for tally in ledger.tallies},
        "notes": [
            {"kind": n.kind, "where": n.where, "what": n.what, "rows": n.rows, "fix": n.fix} for n in ledger.notes
        ],
    }


def reconciliation_facts(ledger: Ledger) -> dict[str, Any]:
    """What `reporter check` knows of the reconciliation: reasons with first rows and advice, look-ups, repairs by kind, accounts."""
    kinds = ("repair", "guess", "assumption", "ignored")
    notes = {kind: [note for note in ledger.notes if note.kind == kind] for kind in kinds}
    return {
        "reasons": [
            {
                "table": hit.table,
                "reason": hit.reason,
                "kind": hit.kind,
                "rows": hit.rows,
                "first_rows": list(hit.first_rows),
                **({"first_files": list(hit.first_files)} if hit.first_files else {}),
                "mend": ADVICE[hit.reason].mend,
            }
            for hit in ledger.hits
        ],
        "joins": [asdict(each) for each in ledger.joins],
        "repairs": {
            kind: {"remarks": len(some), "rows": sum(note.rows or 0 for note in some)} for kind, some in notes.items()
        },
        "balances": [_balance(each) for each in ledger.balances],
    }


def _balance(each: Balance) -> dict[str, Any]:
    return {"account": each.account, "about": each.about, "found": each.found, "due": each.due, "unit": each.unit}


def _account(tally: Tally) -> dict[str, Any]:
    return {
        "read": tally.read,
        "kept": tally.kept,
        "rejected": tally.rejected,
        "flagged": tally.flagged,
        "by_reason": {reason: count for reason, _, count in tally.by_reason},
    }


def _money(analysis: Analysis) -> float:
    """To the cent."""
    return round(analysis.overview.monetary, 2)


def _overview(overview: Overview) -> dict[str, Any]:
    """Changes, retention, concentration, coupons and the tests of groups; no group by name, for small ones are hidden."""
    retained, spread, used = overview.retention, overview.concentration, overview.coupons
    return {
        "window_days": overview.window_days,
        "changes": [asdict(change) for change in overview.changes],
        "retention": None
        if retained is None
        else {"period": retained.period, "average": retained.average.to_dict("records")},
        "concentration": None
        if spread is None
        else {"gini": spread.gini, "half_share": spread.half_share, "top_quintile_share": spread.top_quintile_share},
        "coupons": None
        if used is None
        else {"burn_rate": used.burn_rate, "median_days": used.median_days, "p90_days": used.p90_days},
        "groups": {
            group.dimension: {
                "known": group.known,
                "active": group.active,
                "activity": asdict(group.activity),
                "burning": None if group.burning is None else asdict(group.burning),
            }
            for group in overview.breakdowns
        },
    }


def _segment(segment: Segment) -> dict[str, Any]:
    fields = (
        "name",
        "customers",
        "share",
        "transactions",
        "transactions_share",
        "monetary",
        "monetary_share",
        "burned",
        "burn_rate",
        "median_recency_days",
        "median_frequency",
        "median_monetary",
        "mean_monetary",
        "monetary_per_transaction",
        "median_tenure_days",
        "lapsed_share",
    )
    return {field: getattr(segment, field) for field in fields}


def _replay(analysis: Analysis, min_group: int) -> dict[str, Any] | None:
    """The segments against what they were on the earlier date that is told at length, every movement, and the trend; None where there is no such date."""
    if analysis.replay is None:
        return None
    first, order = analysis.replay.movements[0], analysis.scorecard.grid.order
    trend = analysis.replay.trend
    today = trend[trend["day"] == trend["day"].max()]
    sizes = today.merge(first.before, on="segment", suffixes=("", "_before")).rename(columns={"segment": "name"})
    return {
        "since": first.day.isoformat(),
        "segments": sizes.drop(columns="day").to_dict("records"),
        "dates": [
            {"period": each.period, "day": each.day.isoformat(), "customers": int(each.before["customers"].sum())}
            | _flows(each, order, min_group)
            for each in analysis.replay.movements
        ],
        "trend": trend.assign(day=trend["day"].dt.strftime("%Y-%m-%d")).to_dict("records"),
    }


def _flows(movement: Movement, order: tuple[str, ...], min_group: int) -> dict[str, list[dict[str, Any]]]:
    """The moves that may be shown, stayers and newcomers included; and those of which only a lower bound is told."""
    matrix, bounds = shown_matrix(movement, order, min_group)
    found: dict[str, list[dict[str, Any]]] = {"matrix": [], "at_least": []}
    for flow in movement.flows.itertuples():
        way = {"from": flow.from_segment, "to": flow.to_segment}
        if math.isfinite(matrix.loc[flow.from_segment, flow.to_segment]):
            found["matrix"].append(way | {"customers": flow.customers, "value": flow.value})
        elif bound := int(bounds.loc[flow.from_segment, flow.to_segment]):
            found["at_least"].append(way | {"customers": bound})
    return found


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "name": grid.name,
        "bins": grid.bins,
        "scoring": grid.scoring,
        "order": list(grid.order),
        "cells": grid.cells,
        "limits": {name: list(grid.limits.get(name, ())) for name in DIMENSIONS},
    }


def _past(past: Past) -> dict[str, Any]:
    """The series, the run as the next ones will see it after those before it, and who has kept the segment."""
    kept = past.kept
    return {
        "series": asdict(past.series),
        "runs": [asdict(point) | {"as_of": point.as_of.isoformat()} for point in past.points],
        "kept": None
        if kept is None
        else {"since": kept.since.isoformat(), "customers": kept.customers, "same": kept.same},
    }


def _clustering(clustering: Clustering, features: tuple[str, ...]) -> dict[str, Any]:
    verdict = clustering.verdict
    return {
        "verdict": verdict.level,
        "reason": verdict.reason,
        "effect": verdict.effect,
        "chosen": _method_and_k(clustering.chosen),
        "by_rule": _method_and_k(clustering.ruled),
        "features": list(features),
        "elbow_k": clustering.elbow_k,
        "agreement_with_segments": clustering.agreement,
        "outliers": int(clustering.outlier.sum()),
        "candidates": [_candidate(candidate) for candidate in clustering.candidates],
        "computed": {way.step: _way(way) for way in clustering.ways},
    }


def _method_and_k(candidate: Candidate | None) -> dict[str, Any] | None:
    return None if candidate is None else {"method": candidate.partition.method, "k": candidate.partition.k}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    fields = (
        "silhouette",
        "davies_bouldin",
        "calinski_harabasz",
        "null_silhouette",
        "null_low",
        "null_high",
        "stability",
        "smallest_share",
        "noise_share",
        "silhouette_error",
    )
    partition = candidate.partition
    return {"method": partition.method, "k": partition.k, "inertia": partition.inertia} | {
        f: getattr(candidate, f) for f in fields
    }


def _way(way: Way) -> dict[str, Any]:
    return {"exact": way.exact, "basis": way.basis, "points": way.points, "error": way.error}


def sentences(section: Section) -> Iterator[Said]:
    """Every sentence of a section, in reading order."""
    yield from (Said(section.kicker), section.title)
    for block in leaves(section.blocks):
        yield from _sentences(block)


def leaves(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Blocks in reading order, with side-by-side and folded ones taken apart."""
    for block in blocks:
        if isinstance(block, Details):
            yield Prose((block.summary,))
        if isinstance(block, (Beside, Details)):
            yield from leaves(block.blocks)
        elif isinstance(block, States):
            yield from _leaves_of_states(block)
        else:
            yield block


def _leaves_of_states(block: States) -> Iterator[Block]:
    yield Prose((block.title,))
    for state in block.states:
        yield state.stats
        yield Prose((*(said for said, _ in state.sizes), state.says))


def _sentences(block: Block) -> Iterator[Said]:
    match block:
        case Prose(paragraphs=paragraphs):
            yield from paragraphs
        case Bullets(items=items):
            for lead, text in items:
                yield from (lead, text)
        case Stats(stats=stats):
            for stat in stats:
                yield from (Said(f"{stat.label}: {stat.value.text}", stat.value.numbers), stat.change)
        case Table(title=title, source=source):
            yield from (title, source)
        case Chart(title=title, subtitle=subtitle, source=source):
            yield from (title, subtitle, source)
        case Callout(title=title, body=body):
            yield from (title, *body)


def tables(blocks: tuple[Block, ...]) -> Iterator[Table]:
    """Every table below these blocks, in reading order."""
    return (block for block in leaves(blocks) if isinstance(block, Table))


def _drawn(blocks: tuple[Block, ...]) -> Iterator[Table]:
    """What the charts below these blocks show, as numbers."""
    return (block.numbers for block in leaves(blocks) if isinstance(block, Chart) and block.numbers is not None)


def _statement(section: str, said: Said) -> dict[str, Any]:
    return {
        "section": section,
        "text": said.text,
        "numbers": [{"name": n.name, "value": n.value, "text": n.text} for n in said.numbers],
    }


def _table(block: Table) -> dict[str, Any]:
    return {
        "title": block.title.text,
        "columns": [column.label for column in block.columns],
        "rows": [[cell.text for cell in row.cells] for row in block.rows],
        "values": [[cell.value for cell in row.cells] for row in block.rows],
    }


def rounded(value: Any) -> Any:
    """The same structure with floats of twelve significant digits; what is not finite becomes null."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return significant(value) if math.isfinite(value) else None
    return value
