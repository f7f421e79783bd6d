"""Lists of customers as files: every customer, one list for each segment, and every rejected row.

These files hold personal data: they are readable by their owner alone and are never attached to anything. A text cell that a
spreadsheet would run gets a leading apostrophe; `restore` takes it off again, and no other text is changed.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np
import pandas as pd

from reporter.analysis.frames import by_id
from reporter.document.audience_book import MOST_CUSTOMERS, NAME, write_book
from reporter.intake.findings import COLUMNS as FINDINGS

if TYPE_CHECKING:
    import pyarrow as pa

AUDIENCE = ("customer_id", "segment", "r_score", "f_score", "m_score", "recency_days", "frequency", "monetary")
CAMPAIGN = ("campaign", "group", "reason", "excluded", "borderline", "certainty")
"""Columns of an audience after the recommended action: its campaign, who is treated and who is held back, and how sure the segment is."""
SCORES, MEASURES = AUDIENCE[2:5], AUDIENCE[5:]
"""What the reason of a customer tells, as ``R5 F4 M5; 12 d; 8 x; 1530.00``: scores, days since the last transaction, transactions, value."""
PARQUET_ABOVE = 200_000
"""Customers above which ``auto`` writes Parquet."""

CHUNK = 100_000
LONGEST_SLUG = 60
MOVERS = "movers"
"""The list of those who moved; no list of a segment has its name."""
DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""Names that Windows takes for devices, whatever their suffix."""

_BLANK = "[ \u0085\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff]*"
_TRIGGER = "[=+@\t\r\n\u2212\uff0b\uff0d\uff1d\uff20-]"
_RUNS = f"^'*{_BLANK}{_TRIGGER}"
"""What a spreadsheet may run, also behind spaces, marks and full-width forms. Leading apostrophes are part of it, so that a text which
has one of its own gets a second, and `restore` is exact."""


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula.

    Source of the list: OWASP, "CSV Injection".
    """
    return f"'{text}" if re.match(_RUNS, text) else text


def restore(text: str) -> str:
    """Undo `neutralise`: ``restore(neutralise(text)) == text`` for every text."""
    return text[1:] if text.startswith("'") and re.match(_RUNS, text) else text


def restored(texts: pd.Series) -> pd.Series:
    """A column of texts without the apostrophes of `neutralise`."""
    marked = texts.str.startswith("'").to_numpy()
    return texts.mask(marked, texts[marked].map(restore)) if marked.any() else texts


def write_customers(
    customers: pd.DataFrame,
    folder: Path,
    form: Literal["auto", "csv", "parquet"] = "auto",
    money: Iterable[str] = (),
) -> Path:
    """Write every scored customer.

    Parameters
    ----------
    customers : pandas.DataFrame
        ``Analysis.customers``, written with its columns and rows in their order.
    folder : pathlib.Path
    form : {"auto", "csv", "parquet"}
        ``auto``: Parquet above 200,000 customers. Parquet holds texts as they are.
    money : iterable of str
        Columns that are amounts: two decimals. Other floats are written as short as they read back exactly.

    Returns
    -------
    pathlib.Path
        ``customers.csv`` or ``customers.parquet``.
    """
    if form == "csv" or (form == "auto" and len(customers) <= PARQUET_ABOVE):
        return _write_csv(_arrow(customers), folder / "customers.csv", frozenset(money))
    from pyarrow.parquet import write_table

    path = folder / "customers.parquet"
    with _private(path) as file:
        write_table(_arrow(customers), file, compression="zstd")
    return path


def write_audiences(
    customers: pd.DataFrame,
    folder: Path,
    actions: Mapping[str, str],
    money: Iterable[str] = (),
    created: date | None = None,
    movers: pd.DataFrame | None = None,
) -> dict[str, Path]:
    """Write one list for each segment into ``audiences/``, one of the movers, and all of them as a workbook where it can hold them.

    Parameters
    ----------
    customers : pandas.DataFrame
        ``Analysis.customers`` with the columns of ``Plan.members``; the columns of `AUDIENCE` are taken, then the action, then those of `CAMPAIGN`.
    folder : pathlib.Path
    actions : mapping of str to str
        Segment to the recommended action, the same text in every row; a segment without one gets an empty text.
    money : iterable of str
        Columns with two decimals.
    created : date, optional
        As-of date, for the workbook's properties; without it there is no workbook.
    movers : pandas.DataFrame, optional
        As `moved` gives it, for ``movers.csv`` and the last sheet of the workbook.

    Returns
    -------
    dict of str to pathlib.Path
        Segment to its file: highest value first, then by id.
    """
    target = folder / "audiences"
    target.mkdir(exist_ok=True)
    known = [name for name in (*AUDIENCE, *CAMPAIGN) if name in customers]
    listed = by_id(customers[known]).sort_values("monetary", ascending=False, kind="stable")
    names = slugs(sorted(map(str, listed["segment"].unique())))
    written, tables = {}, {}
    for segment, rows in listed.groupby("segment", sort=True, observed=True):
        name = str(segment)
        action = pd.Categorical.from_codes(np.zeros(len(rows), dtype="int8"), [actions.get(name, "")])
        table = _audience(rows.assign(action=action), frozenset(money))
        written[name] = _write_csv(table, target / f"{names[name]}.csv", frozenset(money))
        if created is not None and len(listed) <= MOST_CUSTOMERS:
            tables[name] = table
    if movers is not None:
        tables[MOVERS if MOVERS not in tables else f"{MOVERS}_"] = _arrow(movers)
        _write_csv(_arrow(movers), target / f"{MOVERS}.csv", frozenset({"value_at_stake"}))
    if tables and created is not None and len(listed) <= MOST_CUSTOMERS:
        with _private(target / NAME) as file:
            write_book(tables, file, created)
    return written


def moved(movers: pd.DataFrame, since: date, is_money: bool) -> pd.DataFrame:
    """The list of those who are in another segment than on an earlier date.

    Parameters
    ----------
    movers : pandas.DataFrame
        ``Replay.movers``, in its order: most at stake first.
    since : datetime.date
        The earlier date, the same in every row.
    is_money : bool
        Whether what is at stake is money; else burned coupons.

    Returns
    -------
    pandas.DataFrame
        ``customer_id, from_segment, to_segment, since, value_at_stake``.
    """
    listed = movers.rename(columns={"value": "value_at_stake"})
    listed.insert(3, "since", since.isoformat())
    return listed if is_money else listed.astype({"value_at_stake": "int64"})


def write_table(rows: pd.DataFrame, path: Path) -> Path:
    """Write a list of customers as it is, with its columns and rows in their order, to a CSV file that its owner alone may read."""
    return _write_csv(_arrow(rows), path, frozenset())


def _audience(rows: pd.DataFrame, money: frozenset[str]) -> pa.Table:
    """The rows of a list, with the reason why each customer is in it."""
    import pyarrow.compute as pc

    table = _arrow(rows)
    if "group" in rows:
        text = [_cells(table.column(name).combine_chunks(), name in money) for name in (*SCORES, *MEASURES)]
        parts = ["R", text[0], " F", text[1], " M", text[2], "; ", text[3], " d; ", text[4], " x; ", text[5]]
        table = table.append_column("reason", pc.binary_join_element_wise(*parts, ""))
    order = (*AUDIENCE, "action", *CAMPAIGN)
    return table.select([name for name in order if name in table.column_names])


def write_rejects(findings: Iterable[pd.DataFrame], folder: Path) -> Path:
    """Write ``rejects.csv``: one row for each rejected or flagged row and reason.

    Parameters
    ----------
    findings : iterable of pandas.DataFrame
        Pieces of one table with the columns of `FINDINGS`, written one after the other.
    folder : pathlib.Path
    """
    path = folder / "rejects.csv"
    with _private(path) as file:
        file.write(_header(FINDINGS))
        for piece in findings:
            _write_rows(file, _arrow(piece.loc[:, list(FINDINGS)]), frozenset())
    return path


def slugs(names: Iterable[str], kind: str = "segment") -> dict[str, str]:
    """File names for names: ``[a-z0-9-]``, at most 60 letters, one for each name, whatever their order.

    Names that come out alike, empty, as a device of Windows or as `MOVERS` get eight hex digits of their SHA-256; an empty one is called by its kind.
    """
    plain = {name: _slug(name) for name in dict.fromkeys(names)}
    used = list(plain.values())
    return {
        name: slug if slug and slug not in {*DEVICES, MOVERS} and used.count(slug) == 1 else _hashed(slug or kind, name)
        for name, slug in plain.items()
    }


def _slug(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:LONGEST_SLUG].strip("-")


def _hashed(slug: str, name: str) -> str:
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug[: LONGEST_SLUG - 9].strip('-')}-{digest}"


def _arrow(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)


def _private(path: Path) -> Any:
    """Open a new file that its owner alone may read; what stood there, be it a link, is removed, not followed."""
    path.unlink(missing_ok=True)
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def _write_csv(table: pa.Table, path: Path, money: frozenset[str]) -> Path:
    """RFC 4180 in UTF-8 with LF."""
    with _private(path) as file:
        file.write(_header(table.column_names))
        _write_rows(file, table, money)
    return path


def _header(names: Iterable[str]) -> bytes:
    return (",".join(_quoted(neutralise(name)) for name in names) + "\n").encode()


def _write_rows(file: BinaryIO, table: pa.Table, money: frozenset[str]) -> None:
    """Columns become texts as a whole and are joined by lines: no loop over rows."""
    import pyarrow.compute as pc

    for start in range(0, table.num_rows, CHUNK):
        part = table.slice(start, CHUNK).combine_chunks()
        cells = [_cells(part.column(name).combine_chunks(), name in money) for name in part.column_names]
        lines = cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, ",")
        file.write("\n".join(lines.to_pylist()).encode() + b"\n")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search('[",\r\n]', text) else text


def _cells(values: Any, is_money: bool) -> Any:
    """A column as texts of a CSV file; missing values are empty. What few rows need is made only where a row needs it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_dictionary(kind):
        return pc.fill_null(pc.take(_cells(values.dictionary, is_money), values.indices), "")
    if pa.types.is_floating(kind):
        values = pc.if_else(pc.is_finite(values), values, None)
        values = pc.cast(pc.round(values, 2), pa.decimal128(38, 2)) if is_money else values
    texts = pc.cast(values, pa.string())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        runs = pc.match_substring_regex(texts, _RUNS)
        if pc.any(runs).as_py():
            texts = pc.if_else(runs, pc.binary_join_element_wise("'", texts, ""), texts)
        breaks = pc.match_substring_regex(texts, '[",\r\n]')
        if pc.any(breaks).as_py():
            doubled = pc.binary_join_element_wise('"', pc.replace_substring(texts, '"', '""'), '"', "")
            texts = pc.if_else(breaks, doubled, texts)
    return pc.fill_null(texts, "")
