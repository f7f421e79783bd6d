"""What the numbers in titles must be, by another way than the sentences took: from the segments, tables and accounts in facts.json and from the customers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from reporter.document.blocks import Bullets, Document, Number, Section
from reporter.document.facts import leaves
from reporter.document.playbook import load_playbook

Truths = dict[str, Any]
"""Names of numbers, and what they must be."""


def lies(document: Document, facts: dict[str, Any], customers: pd.DataFrame) -> Iterator[str]:
    """Numbers in titles that are not what the facts say, or that the facts do not know."""
    for section in document.sections:
        truths = truths_of(section, facts, customers)
        for number in section.title.numbers:
            if number.name not in truths:
                yield f"{section.id}: nothing is known of {number.name!r} in {section.title.text!r}"
            elif not _same(number, truths[number.name]):
                yield f"{section.id}: {number.name} is {number.value}, not {truths[number.name]}, in {section.title.text!r}"


def _same(number: Number, truth: Any) -> bool:
    """Equal to nine digits; a day is the day."""
    if isinstance(truth, str):
        return bool(number.value == truth)
    return math.isclose(float(number.value), float(truth), rel_tol=1e-9, abs_tol=1e-9)


def truths_of(section: Section, facts: dict[str, Any], customers: pd.DataFrame) -> Truths:
    """All that the title of a section may say."""
    kind = "segment" if section.short in {each["name"] for each in facts["segments"]} else section.id
    return {
        "summary": lambda: _headline(facts) | _growth(facts),
        "growth": lambda: _growth(facts),
        "retention": lambda: _retention(facts),
        "concentration": lambda: _concentration(customers),
        "coupons": lambda: _coupons(facts),
        "merchant": lambda: _groups(facts, "merchant"),
        "branch": lambda: _groups(facts, "branch"),
        "scores": lambda: _typical(customers),
        "segments": lambda: _first(facts),
        "verdict": lambda: _verdict(facts),
        "methods": lambda: _methods(facts),
        "clusters": lambda: _clusters(customers),
        "crossing": lambda: {"outliers": customers["outlier"].sum(), "customers_scored": len(customers)},
        "segments-compared": lambda: {"worth_ratio": max(s["monetary_share"] / s["share"] for s in facts["segments"])},
        "backtest": lambda: _outcomes(facts),
        "expected": lambda: _expected(facts),
        "segment": lambda: next(each for each in facts["segments"] if each["name"] == section.short),
        "changes": lambda: _slide(facts),
        "movement": lambda: _sums(facts),
        "courses": lambda: _courses(facts),
        "across-runs": lambda: _across_runs(facts),
        "campaign": lambda: _headline(facts) | _planned(facts),
        "certainty": lambda: _certain(facts),
        "quality": lambda: {f"rows_{key}": facts["rows"][key] for key in ("read", "kept", "rejected")},
        "method": lambda: _method(section, facts),
    }[kind]()


def _across_runs(facts: dict[str, Any]) -> Truths:
    """From the reports themselves: the earlier ones as they lie in this one's facts, and this one's own figures."""
    runs, changes = facts["history"]["runs"], {each["name"]: each["now"] for each in facts["overview"]["changes"]}
    return {
        "runs": len(runs),
        "first_as_of": runs[0]["as_of"],
        "customers_before": runs[0]["customers"],
        "customers_now": facts["customers"]["scored"],
        "active_before": runs[0]["active"],
        "active_now": changes["active_customers"],
    }


def _headline(facts: dict[str, Any]) -> Truths:
    book = load_playbook()
    sums: Truths = {}
    for role in ("keep", "rescue"):
        chosen = [each for each in facts["segments"] if book.advice(each["name"]).role == role]
        for name in ("share", "customers", "monetary_share"):
            sums[f"{role}_{name}"] = sum(each[name] for each in chosen)
    return sums | {"rescue_share": sums["rescue_monetary_share"]}


def _planned(facts: dict[str, Any]) -> Truths:
    """From the lines of the audiences, not from their sums."""
    audiences = facts["campaign"]["audiences"]
    profits = [each["profit"]["expected"] for each in audiences if each["profit"]]
    return {
        "audience": len(facts["segments"]),
        "treatment": sum(each["treatment"] for each in audiences),
        "control": sum(each["control"] for each in audiences),
        "cost": sum(each["treatment"] * each["terms"]["cost_per_contact"] for each in audiences),
        "paying": sum(profit > 0 for profit in profits),
    }


def _certain(facts: dict[str, Any]) -> Truths:
    audiences = facts["campaign"]["audiences"]
    customers = sum(each["certain"] + each["likely"] + each["uncertain"] for each in audiences)
    return {
        "certain_share": sum(each["certain"] for each in audiences) / customers,
        "borderline": sum(each["borderline"] for each in audiences),
    }


def _growth(facts: dict[str, Any]) -> Truths:
    known: Truths = {
        "window": facts["overview"]["window_days"],
        "customer": facts["customers"]["scored"],
        "transaction": facts["totals"]["transactions"],
    }
    for change in facts["overview"]["changes"]:
        known[f"{change['name']}_now"] = change["now"]
        if change["before"]:
            known[f"{change['name']}_change"] = abs(change["now"] - change["before"]) / change["before"]
    return known


def _retention(facts: dict[str, Any]) -> Truths:
    return {"retention": next(row["rate"] for row in facts["overview"]["retention"]["average"] if row["age"] == 1)}


def _concentration(customers: pd.DataFrame) -> Truths:
    """The share of the best fifth, with a part of a customer where a fifth is no whole number."""
    value = np.sort(customers["monetary"].clip(lower=0).to_numpy("float64"))[::-1]
    fifth = len(value) * 0.2
    part = value[int(fifth)] * (fifth - int(fifth)) if fifth > int(fifth) else 0.0
    return {"fifth": 0.2, "top_quintile_share": (value[: int(fifth)].sum() + part) / value.sum()}


def _coupons(facts: dict[str, Any]) -> Truths:
    rate = facts["totals"]["burned"] / facts["totals"]["transactions"]
    return {"burn_rate": rate, "median_days_to_burn": facts["overview"]["coupons"]["median_days"]}


def _groups(facts: dict[str, Any], dimension: str) -> Truths:
    """From the printed table of the dimension."""
    table = facts["report_tables"][f"by-{dimension}"]
    column = dict(zip(table["columns"], zip(*table["values"], strict=True), strict=True))
    top, active = max(column["Share of transactions"]), facts["overview"]["groups"][dimension]["active"]
    rates = [rate for rate in column.get("Burn rate", ()) if rate is not None]
    return {
        "lowest_burn_rate": min(rates, default=None),
        "highest_burn_rate": max(rates, default=None),
        "top_share": top,
        "active": active,
        "even_shares": top / (1 / active),
    }


def _typical(customers: pd.DataFrame) -> Truths:
    return {f"median_{name}": customers[name].median() for name in ("recency_days", "frequency")}


def _first(facts: dict[str, Any]) -> Truths:
    top = max(facts["segments"], key=lambda each: each["monetary_share"])
    return {"segments": len(facts["segments"]), **top}


def _verdict(facts: dict[str, Any]) -> Truths:
    found = facts["clustering"]
    if found["chosen"] is None:
        return {"customer": facts["customers"]["scored"]}
    smallest = [each["smallest_share"] for each in found["candidates"] if each["method"] == "kmeans"]
    return {"k": found["chosen"]["k"], "smallest_share": max(smallest)}


def _methods(facts: dict[str, Any]) -> Truths:
    """The favourite number of each method, read off the printed table of candidates."""
    table = facts["report_tables"]["candidates"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["values"]]
    known: Truths = {}
    for method, label in (("kmeans", "KMeans"), ("ward", "Agglomerative (Ward)"), ("dbscan", "DBSCAN")):
        own = [row for row in rows if str(row["Method"]).startswith(label)]
        chosen = [row for row in own if str(row["Method"]).endswith("chosen")]
        best = chosen or sorted(own, key=lambda row: (-(row["Silhouette"] or -2), row["Groups"]))
        known |= {f"k_{method}": best[0]["Groups"]} if best else {}
    return known | {"methods": len(known)}


def _clusters(customers: pd.DataFrame) -> Truths:
    sums = customers.groupby("cluster")["monetary"].sum()
    top = sums.idxmax()
    return {
        "k": customers["cluster"].nunique(),
        "cluster": top,
        "share": (customers["cluster"] == top).mean(),
        "monetary_share": sums[top] / sums.sum(),
    }


def _slipping(flow: dict[str, Any]) -> int:
    """1 for a move to a worse role or, among segments to keep, to the lower of the two; -1 for the reverse."""
    roles = ["keep", "grow", "watch", "rescue", "rest"]
    book = load_playbook()
    if flow["from"] not in book.entries or flow["to"] not in book.entries:
        return 0
    start, end = (roles.index(book.advice(flow[key]).role.replace("welcome", "grow")) for key in ("from", "to"))
    if start == end == 0:
        return {("Champions", "Loyal"): 1, ("Loyal", "Champions"): -1}.get((flow["from"], flow["to"]), 0)
    return int(end > start) - int(end < start)


def _slide(facts: dict[str, Any]) -> Truths:
    """The slide with most at stake, else the rise; without an earlier date what it takes by default."""
    if facts["replay"] is None:
        return {"history_months": 3}
    for direction in (1, -1):
        flows = [flow for flow in facts["replay"]["dates"][0]["matrix"] if _slipping(flow) == direction]
        if flows:
            top = max(flows, key=lambda flow: (flow["value"], flow["customers"]))
            return {"moved": top["customers"], "at_stake": top["value"]}
    return {"min_group": 5}


def _sums(facts: dict[str, Any]) -> Truths:
    """Customers who slipped and rose since the earliest date of which moves are shown."""
    dates = sorted(facts["replay"]["dates"], key=lambda each: each["day"])
    flows = next((each["matrix"] for each in dates if any(map(_slipping, each["matrix"]))), [])
    return {"earlier_dates": len(dates)} | {
        name: sum(flow["customers"] for flow in flows if _slipping(flow) == direction)
        for name, direction in (("slipped", 1), ("rose", -1))
    }


def _courses(facts: dict[str, Any]) -> Truths:
    """The segment whose size differs most between the first and the last date."""
    told = pd.DataFrame(facts["replay"]["trend"])
    trend = told.pivot(index="day", columns="segment", values="customers").sort_index()[list(told["segment"].unique())]
    name = (trend.iloc[-1] - trend.iloc[0]).abs().idxmax()
    ends = {"customers_first": trend[name].iloc[0], "customers_last": trend[name].iloc[-1]}
    return ends | {"trend_months": len(trend) - 1}


def _outcomes(facts: dict[str, Any]) -> Truths:
    """The highest and the lowest share, counted again, among the names whose share the printed table has."""
    test, table = facts["backtest"], facts["report_tables"]["outcomes-by-segment"]
    shown = [row for row in table["values"][:-1] if row[table["columns"].index("Share")] is not None]
    shares = [row[table["columns"].index("Came back")] / row[table["columns"].index("Customers")] for row in shown]
    known = {"months": test["months"], "base_share": test["base"]["returned"] / test["base"]["customers"]}
    return known | ({"best_share": max(shares), "worst_share": min(shares)} if shares else {})


def _expected(facts: dict[str, Any]) -> Truths:
    """Sums of the printed segments."""
    ahead = facts["expected_value"]
    column = "expected_value" if ahead["spend"] and ahead["spend"]["fits"] else "expected_transactions"
    values = [each[column] for each in ahead["segments"]]
    return {
        "planning_months": ahead["months"],
        "expected_value": sum(values),
        "expected_transactions": round(sum(each["expected_transactions"] for each in ahead["segments"])),
        "expected_share": max(values) / sum(values),
    }


def _method(section: Section, facts: dict[str, Any]) -> Truths:
    return {
        "features_kept": len(facts["clustering"]["features"]),
        "features": len(facts["report_tables"]["features"]["values"]),
        "terms": sum(len(block.items) for block in leaves(section.blocks) if isinstance(block, Bullets)),
    }


def stray_digits(texts: Iterable[str], numbers: Iterable[Number]) -> str:
    """Digits of a title that belong to none of its numbers."""
    rest = " ".join(texts)
    for text in sorted((number.text for number in numbers), key=len, reverse=True):
        rest = rest.replace(text, " ", 1)
    return "".join(letter for letter in rest if letter.isdigit())
