"""Two runs side by side, for a person: at most 100 columns, the customers last, for they are what was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reporter.analysis.causes import CAUSES

WIDTH = 100
FLOWS = 12
"""Largest movements that are listed."""
TITLES = 5
"""Titles of each run that are listed."""
LABELS = {
    "customers.known": "customers known",
    "customers.scored": "customers scored",
    "totals.transactions": "transactions",
    "totals.monetary": "value",
    "totals.burned": "coupons burned",
    "window.days": "latest window, days",
    "window.transactions": "  transactions",
    "window.active_customers": "  active customers",
    "window.new_customers": "  new customers",
    "window.monetary": "  value",
    "window.burned": "  coupons burned",
    "window.burn_rate": "  burn rate",
}


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Every line.

    Parameters
    ----------
    told : mapping
        As ``Comparison.told``.
    """
    first, second = told["runs"]
    yield f"{first['run_id']} (first) and {second['run_id']} (second)"
    yield from map(_cut, _data(told["data"], (first["as_of"], second["as_of"])))
    yield from map(_cut, _settings(told["settings"]))
    yield from map(_cut, _versions(told["versions"]))
    yield from map(_cut, _facts(told["facts"]))
    yield from map(_cut, _customers(told["customers"]))


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1].rstrip() + "…"


def _data(data: Mapping[str, Any], days: tuple[str, str]) -> Iterator[str]:
    yield ""
    yield "Data"
    yield f"  as-of date: {_pair(days)}"
    for key, told in (("both", "in both"), ("first_only", "first only"), ("second_only", "second only")):
        for file in data["inputs"][key]:
            yield f"  {told + ':':<12} {file['name']} ({file['bytes']:,} bytes, SHA-256 {file['sha256'][:8]})"
    if any(data["inputs"]["earlier_runs"]):
        yield f"  earlier runs that the report looks back at: {_pair(data['inputs']['earlier_runs'])}"
    rows = data["rows"]
    changed = [(name, kind, pair) for name, each in rows.items() for kind, pair in _counts(each) if pair[0] != pair[1]]
    widest = max((len(f"{name} {kind}") for name, kind, _ in changed), default=0)
    yield from (f"  {f'{name} {kind}':<{widest}}  {_pair(pair)}{_difference(pair)}" for name, kind, pair in changed)
    if not changed:
        yield "  rows read, kept, rejected and flagged: the same in every table"


def _counts(account: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    yield from ((kind, account[kind]) for kind in ("read", "kept", "rejected", "flagged"))
    yield from ((f"- {reason}", pair) for reason, pair in account["by_reason"].items())


def _settings(settings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield ""
    yield "Settings" if settings else "Settings: the same"
    widest = max((len(each["name"]) for each in settings), default=0)
    for each in settings:
        yield f"  {each['name']:<{widest}}  {_said(each['first'])} -> {_said(each['second'])}"


def _said(setting: Mapping[str, Any] | None) -> str:
    """A value as in TOML, with who said so: 10 (default)."""
    if setting is None:
        return "(no such setting)"
    value = setting["value"]
    if isinstance(value, Mapping) and "sha256" in value:
        value = f"{value.get('file', value.get('folder'))} (SHA-256 {value['sha256'][:8]})"
    origin = setting["origin"]
    said = origin if isinstance(origin, str) else ", ".join(sorted(set(origin.values())))
    return f"{'none' if value is None else json.dumps(value, ensure_ascii=False)} ({said})"


def _versions(versions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "Versions" if versions else "Versions: the same"
    yield from (f"  {each['name']}  {_pair(each['values'])}" for each in versions)


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield "Figures"
    widest = max(len(LABELS.get(each["name"], each["name"])) for each in facts["kpis"])
    for each in facts["kpis"]:
        told = (
            _shares(each["values"])
            if each["name"] == "window.burn_rate"
            else _pair(each["values"]) + _difference(each["values"])
        )
        yield f"  {LABELS.get(each['name'], each['name']):<{widest}}  {told}"
    grouping = facts["clustering"]
    groups = "" if grouping["k"] == [None, None] else f"; {_pair(grouping['k'])} groups by {_pair(grouping['method'])}"
    yield f"  {'natural groups':<{widest}}  {_pair(grouping['verdict'])}{groups}"
    yield ""
    yield from _segments(facts["segments"])
    titles = facts["titles"]
    yield ""
    yield f"Titles: {titles['both']} in both"
    for mark, key in (("-", "first_only"), ("+", "second_only")):
        yield from (f"  {mark} {title}" for title in titles[key][:TITLES])
        if len(titles[key]) > TITLES:
            yield f"  {mark} and {len(titles[key]) - TITLES} more"


def _segments(segments: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    widest = max((len(each["name"]) for each in segments), default=0)
    yield f"{'Segments':<{min(widest, 30) + 2}}  {'customers':>22}  {'share':>17}  {'value':>26}"
    for each in segments:
        name = each["name"][:30]
        yield (
            f"  {name:<{min(widest, 30)}}  {_pair(each['customers'], zero='0'):>22}  {_shares(each['share']):>17}  {_pair(each['monetary'], zero='0'):>26}"
        )


def _customers(customers: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    if "not_compared" in customers:
        yield f"Customers: not compared, for {customers['not_compared']}"
        return
    yield (
        f"Customers: {customers['both']:,} in both runs, {customers['new']:,} in the second alone, {customers['gone']:,} in the first alone"
    )
    yield f"  {customers['same_segment']:,} in the same segment, {customers['moved']:,} in another, because"
    widest = len(f"{max(customers['causes'].values()):,}")
    for cause, count in customers["causes"].items():
        yield f"    {count:>{widest},}  {_worded(cause):<9}  {CAUSES[cause]}"
    flows = customers["flows"]
    if flows:
        yield ""
        yield "Largest movements"
    for flow in flows[:FLOWS]:
        yield f"  {flow['customers']:>{widest},}  {flow['before']} -> {flow['after']}  ({_worded(flow['cause'])})"
    if len(flows) > FLOWS:
        rest = sum(flow["customers"] for flow in flows[FLOWS:])
        yield f"  {rest:>{widest},}  in {len(flows) - FLOWS:,} smaller ones (--json lists all, --customers each customer)"


def _worded(cause: str) -> str:
    return cause.replace("_", "-")


def _pair(values: Sequence[Any], zero: str = "none") -> str:
    """Both values, or the one that both have: 80 -> 92."""
    first, second = (_number(value, zero) for value in values)
    return first if first == second else f"{first} -> {second}"


def _number(value: Any, zero: str = "none") -> str:
    if value is None:
        return zero
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _shares(values: Sequence[Any]) -> str:
    first, second = (f"{value or 0:.1%}" for value in values)
    return first if first == second else f"{first} -> {second}"


def _difference(values: Sequence[Any]) -> str:
    """By how much: (+12, +15.0%)."""
    first, second = values
    if first is None or second is None or first == second:
        return ""
    change = second - first
    sign = "+" if change > 0 else "-"
    relative = f", {change / first:+.1%}" if first else ""
    return f"  ({sign}{_number(abs(change))}{relative})"
