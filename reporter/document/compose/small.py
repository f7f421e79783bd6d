"""Small groups stay hidden: none can be read, and none can be had by taking what is shown from a total.

A group with fewer customers than the minimum is merged into "Other" or left out of its cell. One hidden figure beside its total would be no secret, so
larger ones are hidden with it until each line has at least two that together reach the minimum, and no chain of subtractions ends in a single cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from reporter.analysis.aggregate import UNKNOWN
from reporter.analysis.explore import Breakdown
from reporter.analysis.segments import Segments
from reporter.document.narrate.places import PLURALS

PEOPLE = ("city", "gender")
"""Dimensions of the customers themselves: their groups have no customer in common, so that sizes add up."""


def visible(group: Breakdown, least: int) -> tuple[Breakdown, pd.DataFrame]:
    """A breakdown without its small groups, and its table with one row for all of them.

    Parameters
    ----------
    least : int
        Customers that a group must have to be shown.

    Returns
    -------
    group : Breakdown
        Its frame holds the groups that may be named, with ``customers_share`` of all customers. "unknown" is no group but a gap in the data: its size is among the accounts, and it is shown
        from the same minimum.
    table : pandas.DataFrame
        Those groups, then "Other …" with sums; its number of customers is missing where groups may share customers.
    """
    frame = group.frame.assign(customers_share=group.frame["customers"] / max(group.frame["customers"].sum(), 1))
    named = (frame["name"] != UNKNOWN).to_numpy()
    hidden = merged(frame["customers"].to_numpy(), named, least, additive=group.dimension in PEOPLE)
    shown = frame[~hidden & (named | (frame["customers"] >= least).to_numpy())].reset_index(drop=True)
    if not hidden.any():
        return replace(group, frame=shown), shown
    other = _other(frame[hidden], group.dimension)
    table = pd.concat([shown.astype({"customers": "object"}), other], ignore_index=True)
    return replace(group, frame=shown), table


def merged(customers: np.ndarray, named: np.ndarray, least: int, *, additive: bool) -> np.ndarray:
    """Which groups go into "Other": the small ones, and larger ones until nothing of "Other" can be told apart.

    Parameters
    ----------
    customers : numpy.ndarray of int, shape (n_groups,)
    named : numpy.ndarray of bool
        False for "unknown", which is never merged.
    additive : bool
        Whether sizes add up. Where groups share customers, the union of small ones may be small itself, so that one large group must be among them.
    """
    hidden = named & (customers < least)
    if not hidden.any():
        return hidden
    for place in np.argsort(customers, kind="stable"):
        reached = customers[hidden].sum() if additive else customers[hidden].max()
        if hidden.sum() >= 2 and reached >= least:
            break
        if named[place]:
            hidden[place] = True
    return hidden


def _other(hidden: pd.DataFrame, dimension: str) -> pd.DataFrame:
    sums = hidden[["transactions", "burned", "monetary", "monetary_share", "transactions_share"]].sum()
    rate = (
        sums["burned"] / sums["transactions"] if hidden["burn_rate"].notna().any() and sums["transactions"] else np.nan
    )
    people = int(hidden["customers"].sum()) if dimension in PEOPLE else None
    row = {"name": other_name(dimension), "customers": people, **sums, "burn_rate": rate}
    return pd.DataFrame([row]).astype({"customers": "object", "transactions": "int64", "burned": "int64"})


def other_name(dimension: str) -> str:
    """The name of the row for all small groups."""
    return f"Other {PLURALS[dimension]}"


def hidden_cells(counts: np.ndarray, least: int, unseen: np.ndarray | None = None) -> np.ndarray:
    """Which cells of a table of customers must not be shown, when the sums of its rows and columns are known.

    Parameters
    ----------
    counts : numpy.ndarray of int, shape (n_rows, n_columns)
    unseen : numpy.ndarray of bool, optional
        Cells that are not shown anyway and whose count may be anything.

    Returns
    -------
    numpy.ndarray of bool
        Those with 1 to `least` - 1 customers, and as many others as it takes: every row and column with a hidden small cell has two hidden ones that
        together reach the minimum, where it can, and no hidden small cell follows from the rest by subtraction. Empty cells are no secret.
    """
    unseen = np.zeros(counts.shape, dtype=bool) if unseen is None else unseen
    small = ((counts > 0) & (counts < least)) | unseen
    hidden = small.copy()
    while (more := _exposed_line(counts, hidden, small, least) or _exposed_cell(counts, hidden, small)) is not None:
        hidden[more] = True
    return hidden


def lower_bounds(counts: np.ndarray, hidden: np.ndarray, least: int) -> np.ndarray:
    """What may be told of cells that are hidden to protect others: at least so many.

    Parameters
    ----------
    counts, hidden : numpy.ndarray, shape (n_rows, n_columns)
        As `hidden_cells` takes and gives them.

    Returns
    -------
    numpy.ndarray of int
        A multiple of `least` that lies `least` or more below the count; 0 where nothing is told. Who takes these bounds from the sums is left with the
        table that `hidden_cells` would have to protect if those cells had `least` customers or a few more: hidden as well as before.
    """
    return np.where(hidden & (counts >= 2 * least), (counts - least) // least * least, 0)


def _lines(shape: tuple[int, ...]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows, then columns, as index arrays."""
    rows, columns = np.indices(shape)
    yield from zip(rows, columns, strict=True)
    yield from zip(rows.T, columns.T, strict=True)


def _exposed_line(
    counts: np.ndarray, hidden: np.ndarray, small: np.ndarray, least: int
) -> tuple[np.intp, np.intp] | None:
    """The next cell to hide in a line whose hidden cells can be told from its sum."""
    for line in _lines(counts.shape):
        secret = hidden[line]
        if (small & hidden)[line].any() and (secret.sum() < 2 or counts[line][secret].sum() < least):
            found = _smallest_shown(counts, hidden, line)
            if found is not None:
                return found
    return None


def _smallest_shown(
    counts: np.ndarray, hidden: np.ndarray, line: tuple[np.ndarray, ...]
) -> tuple[np.intp, np.intp] | None:
    """Of some cells that are shown the one with fewest customers; an empty one only where all are."""
    shown = np.flatnonzero(~hidden[line])
    if not len(shown):
        return None
    sizes = counts[line][shown]
    place = int(shown[np.lexsort([shown, sizes, sizes == 0])[0]])
    return line[0][place], line[1][place]


def _exposed_cell(counts: np.ndarray, hidden: np.ndarray, small: np.ndarray) -> tuple[np.intp, np.intp] | None:
    """The next cell to hide because a hidden small one follows from a chain of subtractions.

    Hidden cells are edges between their row and their column. One that lies on no ring of them parts the lines in two, and is a difference of known
    sums of one part; a second cell between the two parts closes a ring.
    """
    for row, column in np.argwhere(hidden & small).tolist():
        edges = hidden.copy()
        edges[row, column] = False
        rows, columns = _reached(edges, np.arange(len(edges)) == row)
        if columns[column]:
            continue
        beyond_columns, beyond_rows = _reached(edges.T, np.arange(edges.shape[1]) == column)
        between = (np.outer(rows, beyond_columns) | np.outer(beyond_rows, columns)) & ~hidden
        found = _smallest_shown(counts, ~between, np.nonzero(between))
        if found is not None:
            return found
    return None


def _reached(edges: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns that can be reached from some rows over the edges."""
    while True:
        columns = np.asarray(edges[rows].any(axis=0))
        wider = np.asarray(edges[:, columns].any(axis=1)) | rows
        if (wider == rows).all():
            return rows, columns
        rows = wider


def without_small(segments: Segments, least: int) -> Segments:
    """Segments whose groups (cities, genders, merchants) are large enough to be named, and cannot be had from those of other segments."""
    kept: dict[str, list[pd.DataFrame]] = {segment.name: [] for segment in segments}
    for dimension in dict.fromkeys(name for segment in segments for name in segment.groups["dimension"]):
        listed = pd.concat(
            [part[part["dimension"] == dimension].assign(segment=s.name) for s in segments if len(part := s.groups)]
        )
        counts = listed.pivot(index="segment", columns="name", values="customers")
        full = counts.notna().sum(axis=1) >= LISTED
        unseen = counts.isna().to_numpy() & full.to_numpy()[:, None]
        hidden = pd.DataFrame(
            hidden_cells(counts.fillna(0).to_numpy("int64"), least, unseen), counts.index, counts.columns
        )
        for name in counts.index:
            rows = listed[listed["segment"] == name].drop(columns="segment")
            kept[name].append(rows[~rows["name"].map(hidden.loc[name]).astype(bool)])
    return Segments(
        replace(s, groups=pd.concat(kept[s.name]).reset_index(drop=True) if kept[s.name] else s.groups)
        for s in segments
    )


LISTED = 5
"""So many groups of a dimension a segment lists at most: one with fewer has no others."""


def cohort_sizes(sizes: pd.DataFrame, least: int) -> pd.DataFrame:
    """Sizes of cohorts, missing where they are small or follow from the new customers of their year."""
    customers = sizes["customers"].to_numpy("int64")
    hidden = np.zeros(len(sizes), dtype=bool)
    years = sizes["cohort"].dt.year.to_numpy()
    for year in np.unique(years):
        hidden[years == year] = hidden_line(customers[years == year], least)
    return sizes.assign(customers=sizes["customers"].astype("float64").mask(hidden))


def hidden_line(customers: np.ndarray, least: int) -> np.ndarray:
    """As `hidden_cells`, for one line with a known sum."""
    return hidden_cells(np.vstack([customers, customers]), least)[0]
