"""What charts show, as numbers: for readers who cannot see a picture, or want the exact value.

Rows stand in the order of the picture, because a screen tells the row under the pointer. Pictures whose dots are customers have no numbers here:
those of customers are in ``customers.csv``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from reporter.document.blocks import Beside, Block, Chart, Column, Details, Said, Section
from reporter.document.compose.tables import table
from reporter.document.words import SHARES, Word, Words

Rows = tuple[list[Column], pd.DataFrame]
TENTHS = np.arange(1, 11) / 10
LATER = {"month": "Months later", "quarter": "Quarters later"}


def with_numbers(words: Words, sections: tuple[Section, ...], min_group: int) -> tuple[Section, ...]:
    """The sections with numbers in every chart that has any.

    Parameters
    ----------
    min_group : int
        Fewer customers of a segment in a month are told as that.
    """
    return tuple(replace(section, blocks=_blocks(words, section.blocks, min_group)) for section in sections)


def _blocks(words: Words, blocks: tuple[Block, ...], min_group: int) -> tuple[Block, ...]:
    return tuple(_block(words, block, min_group) for block in blocks)


def _block(words: Words, block: Block, min_group: int) -> Block:
    if isinstance(block, (Beside, Details)):
        return replace(block, blocks=_blocks(words, block.blocks, min_group))
    if not isinstance(block, Chart):
        return block
    if block.draw == "segment_trend":
        columns, frame = _trend(words, min_group, block.data)
    elif block.draw in _ROWS:
        columns, frame = _ROWS[block.draw](words, *block.data)
    else:
        return block
    return replace(block, numbers=table(words, (block.id, block.title), columns, frame)) if len(frame) else block


def _column(words: Words, key: str, label: str) -> Column:
    money = key == "monetary" and words.mode == "money"
    return Column(key, label, "share" if key in SHARES else "money" if money else "count")


def _months(words: Words, frame: pd.DataFrame, columns: tuple[str, ...], labels: tuple[str, ...]) -> Rows:
    heads = [Column("name", "Month", "name"), *map(lambda key, label: _column(words, key, label), columns, labels)]
    partial = frame["partial"] if "partial" in frame else [False] * len(frame)
    names = [_month(words, month, part) for month, part in zip(frame["month"], partial, strict=True)]
    return heads, frame[list(columns)].assign(name=names)


def _month(words: Words, month: pd.Timestamp, partial: bool) -> str:
    name = words.month(month)
    return words.label("{month} (incomplete)", month=name) if partial else name.text


def _trend(words: Words, min_group: int, data: tuple[Any, ...]) -> Rows:
    months, column, label, _, monthly = data
    partial = months["month"].isin(monthly.loc[monthly["partial"], "month"])
    few = words.label("under {n}", n=words.count(min_group))
    told = [few if 0 < value < min_group else value for value in months[column]]
    return _months(words, pd.DataFrame({"month": months["month"], "partial": partial, column: told}), (column,), (label,))  # fmt: skip


def _one_per_month(words: Words, frame: pd.DataFrame, column: str, label: str) -> Rows:
    return _months(words, frame, (column,), (label,))


def _lines(words: Words, frame: pd.DataFrame, columns: tuple[str, ...], labels: tuple[str, ...]) -> Rows:
    return _months(words, frame, columns, tuple(label.capitalize() for label in labels))


def _cumulated(words: Words, frame: pd.DataFrame) -> Rows:
    so_far = frame[["month", "partial"]].assign(first=frame["new_customers"].cumsum(), joined=frame["joined"].cumsum())
    if not frame["joined"].any():
        return _months(words, so_far, ("first",), ("First purchase",))
    return _months(words, so_far, ("first", "joined"), ("First purchase", "Joined"))


def _runs(words: Words, frame: pd.DataFrame, palette: Mapping[str, int]) -> Rows:
    names = [name for name in frame.columns if name != "as_of"]
    days = [words.day(day.date()).text for day in frame["as_of"]]
    columns = [Column("name", "As of", "name"), *(Column(name, name, "share") for name in names)]
    return columns, frame[names].assign(name=days)


def _cohorts(words: Words, rates: pd.DataFrame, sizes: pd.DataFrame, period: str) -> Rows:
    ages = [age for age in rates.columns if int(age) > 0]
    columns = [Column("name", "First purchase", "name"), Column("customers", "Customers", "count")]
    columns += [
        Column(str(age), words.label("{period} {age}", period=Word(period.capitalize()), age=str(age)), "share")
        for age in ages
    ]
    frame = rates[ages].set_axis([str(age) for age in ages], axis="columns").reset_index(drop=True)
    known = sizes.set_index("cohort")["customers"].reindex(rates.index)
    names = [_cohort(words, pd.Timestamp(cohort), period) for cohort in rates.index]
    return columns, frame.assign(name=names, customers=known.to_numpy())


def _cohort(words: Words, cohort: pd.Timestamp, period: str) -> str:
    return f"Q{cohort.quarter} {cohort.year}" if period == "quarter" else words.month(cohort).text


def _retention(words: Words, average: pd.DataFrame, period: str) -> Rows:
    later = average[(average["age"] > 0) & average["rate"].notna()]
    columns = [Column("name", LATER[period], "name"), Column("rate", "Active again", "share")]
    columns.append(Column("cohorts", "Cohorts", "count"))
    return columns, later.assign(name=later["age"].astype(str))


def _concentration(words: Words, curve: pd.DataFrame, half: float, top: float, label: str) -> Rows:
    """About every tenth of the customers: points of the curve as they are."""
    places = np.searchsorted(curve["customer_share"].to_numpy(dtype=float), TENTHS - 1e-9)
    picked = curve.iloc[sorted(set(np.minimum(places, len(curve) - 1)))] if len(curve) else curve
    names = [words.share(share).text for share in picked["customer_share"]]
    columns = [
        Column("name", "Best customers", "name"),
        Column("value_share", words.label("Share of {value}", value=Word(label)), "share"),
    ]
    return columns, picked.assign(name=names)


def _groups(words: Words, frame: pd.DataFrame, column: str, label: str, highlight: int) -> Rows:
    known = frame[frame[column].notna()].sort_values([column, "name"], ascending=[False, True], kind="stable")
    return [Column("name", "Name", "name"), _column(words, column, label)], known[["name", column]]


def _burning(words: Words, frame: pd.DataFrame, overall: float) -> Rows:
    known = frame[frame["burn_rate"].notna()].sort_values(["burn_rate", "name"], ascending=[False, True], kind="stable")
    labels = {"burn_rate": "Burned", "burn_low": "At least", "burn_high": "At most"}
    return [Column("name", "Name", "name"), *(Column(key, label, "share") for key, label in labels.items())], known


def _segments(words: Words, frame: pd.DataFrame, palette: dict[str, int]) -> Rows:
    value = Word("value" if words.mode == "money" else "burned coupons")
    columns = [Column("name", "Segment", "name")]
    columns += [Column("customers", "Customers", "count")] if "customers" in frame else []
    columns += [Column("share", "Share of customers", "share")] if "share" in frame else []
    return [*columns, Column("monetary_share", words.label("Share of {value}", value=value), "share")], _named(frame)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Segments by their names in the language of the report."""
    return frame.assign(name=[Said(str(name)) for name in frame["name"]])


def _movement(words: Words, flows: pd.DataFrame, *_: object) -> Rows:
    columns = [
        Column("name", "From", "name"),
        Column("to", "To", "text"),
        Column("customers", "Customers", "count"),
        Column("value", "At stake", "money"),
    ]
    names = {
        key: [Said(str(name)) for name in flows[f"{side}_segment"]] for key, side in (("name", "from"), ("to", "to"))
    }
    counts = [
        words.at_least(row.customers).text if row.at_least else row.customers for row in flows.itertuples(index=False)
    ]
    return columns, flows.assign(**names, customers=pd.Series(counts, index=flows.index, dtype="object"))


def _courses(words: Words, trend: pd.DataFrame, column: str, *_: object) -> Rows:
    wide = trend.pivot(index="day", columns="segment", values=column)
    names = list(dict.fromkeys(trend["segment"]))
    columns = [Column("name", "Date", "name")]
    columns += [Column(f"of {name}", name, "money" if column == "value" else "count") for name in names]
    frame = wide[names].set_axis([f"of {name}" for name in names], axis="columns")
    return columns, frame.assign(name=[words.day(day).text for day in wide.index]).reset_index(drop=True)


def _heat(words: Words, heat: pd.DataFrame, bins: int, label: str) -> Rows:
    columns = [
        Column("name", "Recency and frequency score", "name"),
        Column("customers", "Customers", "count"),
        Column("mean_monetary", label, "number"),
    ]
    scores = zip(heat["r_score"], heat["f_score"], strict=True)
    names = [f"R {words.count(r).text}, F {words.count(f).text}" for r, f in scores]
    return columns, heat.assign(name=names)


def _multiples(words: Words, index: pd.DataFrame, labels: Mapping[str, str], slot: int) -> Rows:
    ratios = index["ratio"].to_numpy(dtype=float)
    known = index[np.isfinite(ratios) & (ratios >= 0)]
    columns = [Column("name", "Median", "name"), Column("ratio", "Times that of all", "number")]
    return columns, known.assign(name=[Said(labels.get(str(measure), str(measure))) for measure in known["measure"]])


def _by_k(labels: dict[str, str], kind: Any = "number") -> Callable[..., Rows]:
    """Rows of a curve over the number of groups: those where its first column is known."""

    def rows(words: Words, frame: pd.DataFrame, *_: object) -> Rows:
        known = frame[frame[next(iter(labels))].notna()].sort_values("k")
        names = [words.things(k, "group").text for k in known["k"]]
        return [Column("name", "Groups", "name"), *(Column(key, label, kind) for key, label in labels.items())], known.assign(name=names)  # fmt: skip

    return rows


def _snake(words: Words, profiles: pd.DataFrame, labels: Mapping[str, str]) -> Rows:
    features = [str(column) for column in profiles.columns if str(column).startswith("z_")]
    numbers = [str(number) for number in profiles["cluster"]]
    turned = profiles[features].T.set_axis(numbers, axis="columns")
    columns = [Column("name", "Feature", "name")]
    columns += [Column(number, words.label("Cluster {number}", number=number), "number") for number in numbers]
    return columns, turned.assign(name=[Said(labels[feature.removeprefix("z_")]) for feature in features])


def _crossing(words: Words, counts: pd.DataFrame, palette: dict[str, int], *_: object) -> Rows:
    keys = [str(cluster) for cluster in counts.columns]
    columns = [
        Column("name", "Segment", "name"),
        *(Column(key, words.label("Cluster {number}", number=key), "count") for key in keys),
    ]
    return columns, counts.set_axis(keys, axis="columns").assign(name=[Said(str(name)) for name in counts.index])


def _correlation(words: Words, matrix: pd.DataFrame, labels: Mapping[str, str]) -> Rows:
    names = [labels.get(str(feature), str(feature)) for feature in matrix.columns]
    keys = [str(feature) for feature in matrix.columns]
    columns = [Column("name", "Feature", "name")]
    columns += [Column(key, name, "number") for key, name in zip(keys, names, strict=True)]
    return columns, matrix.set_axis(keys, axis="columns").assign(name=[Said(name) for name in names])


def _outcomes(words: Words, frame: pd.DataFrame, *_: object) -> Rows:
    labels = {"share": "Came back", "low": "At least", "high": "At most"}
    return [Column("name", "Segment", "name"), *(Column(key, label, "share") for key, label in labels.items())], _named(frame)  # fmt: skip


def _explained(words: Words, frame: pd.DataFrame) -> Rows:
    return [Column("name", "Groups", "name"), Column("share", "Explained", "share")], frame


def _foretold(words: Words, frame: pd.DataFrame) -> Rows:
    labels = {"foretold": "Foretold", "came": "Came"}
    return [Column("name", "Segment", "name"), *(Column(key, label, "number") for key, label in labels.items())], _named(frame)  # fmt: skip


def _repeats(words: Words, frame: pd.DataFrame) -> Rows:
    numbers = [words.count(n).text for n in frame["repeats"]]
    columns = [Column("name", "Repeats", "name"), Column("customers", "Record", "count"), Column("expected", "Model", "count")]  # fmt: skip
    return columns, frame.assign(name=[*numbers[:-1], f"{numbers[-1]}+"], expected=frame["expected"].round())


def _budget(words: Words, frame: pd.DataFrame, *_: object) -> Rows:
    costs = [words.money(value) for value in frame["cost"]]
    columns = [
        Column("name", "Audience", "name"),
        Column("contacts", "Contacts", "count"),
        Column("cost", "Cost", "number"),
    ]
    return columns, _named(frame).assign(cost=costs)


def _ranges(words: Words, frame: pd.DataFrame, unit: str, *_: object) -> Rows:
    labels = {"value": "Expected" if unit == "money" else "Uplift", "low": "At least", "high": "At most"}
    told = {
        key: [words.money(value) if unit == "money" else words.points(value, 0.0) for value in frame[key]]
        for key in labels
    }
    columns = [Column("name", "Audience", "name"), *(Column(key, label, "number") for key, label in labels.items())]
    return columns, _named(frame).assign(**told)


def _certain(words: Words, frame: pd.DataFrame, *_: object) -> Rows:
    labels = {"certain": "Certain", "likely": "Likely", "uncertain": "Uncertain"}
    columns = [Column("name", "Segment", "name"), *(Column(key, label, "count") for key, label in labels.items())]
    return columns, _named(frame)


_ROWS: Mapping[str, Callable[..., Rows]] = {
    "monthly_bars": _one_per_month,
    "monthly_lines": _lines,
    "cumulative_customers": _cumulated,
    "cohort_heat": _cohorts,
    "retention_curve": _retention,
    "concentration_curve": _concentration,
    "group_bars": _groups,
    "burn_rates": _burning,
    "segment_bars": _segments,
    "segment_treemap": _segments,
    "movement": _movement,
    "segment_courses": _courses,
    "rfm_heat": _heat,
    "segment_index": _multiples,
    "silhouette_null": _by_k(
        {"silhouette": "KMeans", "null_low": "By chance, from", "null_high": "to", "ward": "Ward"}
    ),
    "elbow": _by_k({"inertia": "Inertia"}, "count"),
    "stability_bars": _by_k({"stability": "Agreement"}),
    "run_lines": _runs,
    "snake": _snake,
    "crosstab_heat": _crossing,
    "correlation_heat": _correlation,
    "outcome_dots": _outcomes,
    "explained_bars": _explained,
    "foretold_dots": _foretold,
    "repeat_counts": _repeats,
    "budget_bars": _budget,
    "range_rows": _ranges,
    "certainty_strip": _certain,
}
"""By the name of the drawing function: its numbers, from the same arguments."""
