"""The columns of a raw table as SQL over what a reader registered: text where a cell must be parsed, a value where the source has one.

Each date, amount and number of the schema has two columns in ``raw_<table>``: its own, text, and ``<column>_typed``, TIMESTAMP or DECIMAL. A cell
is in one of them: a table of text has nulls in the second; a Parquet file whose dates are dates has nulls in the first, so that nothing
that is typed already is written out as text and parsed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reporter.intake.schema import TYPED, Column, Table

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_MOMENT, LAST_MOMENT = "TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59'"
ROW = ("row_no", "fault", "first_cell")


def raw_columns(table: Table, found: Mapping[str, tuple[str, str]]) -> str:
    """All columns of ``raw_<table>``, as a list of SQL expressions.

    Parameters
    ----------
    table : Table
    found : mapping of str to (text, typed)
        Expressions of the columns that the source has, `ROW` included; the others are null.
    """
    kinds = {"row_no": "BIGINT"}
    parts = [f"{found[name][0] if name in found else _null(kinds.get(name, 'STRING'))} AS {name}" for name in ROW]
    for column in table.columns:
        text, typed = found.get(column.name, (_null("STRING"), ""))
        parts.append(f"{text} AS {column.name}")
        if column.kind in TYPED:
            parts.append(f"{typed or _null(sql_type(column))} AS {column.name}_typed")
    return ", ".join(parts)


def stored_columns(
    table: Table, theirs: Mapping[str, str], first: str, schema: pa.Schema
) -> dict[str, tuple[str, str]] | None:
    """The columns of a table that stays where it lies, as `raw_columns` wants them.

    Parameters
    ----------
    table : Table
    theirs : mapping of str to str
        Our column to the name of theirs.
    first : str
        Name of the first column.
    schema : pyarrow.Schema
        Columns of the registered table, ``row_no`` first.

    Returns
    -------
    dict or None
        None where a column has to go through Arrow: its name or its type is one that SQL engines do not agree on.
    """
    names = [name.casefold() for name in schema.names]
    if len(set(names)) < len(names):
        return None
    found = {"row_no": ("row_no", ""), "fault": (_null("STRING"), ""), "first_cell": (_first_cell(first, schema), "")}
    for ours, name in theirs.items():
        column = _column(table.column(ours), f'"{name.replace(chr(34), chr(34) * 2)}"', schema.field(name).type)
        if column is None:
            return None
        found[ours] = column
    return found


def is_there(column: str) -> str:
    """Whether a cell of a date or number holds anything, as SQL."""
    return f"({column} IS NOT NULL OR {column}_typed IS NOT NULL)"


def sql_type(column: Column) -> str:
    """Type of the typed twin of a column: money of a row in hundredths, what is multiplied with four digits."""
    if column.kind == "date":
        return "TIMESTAMP"
    return "DECIMAL(18, 2)" if column.name == "amount" else "DECIMAL(18, 4)"


def _column(column: Column, name: str, kind: pa.DataType) -> tuple[str, str] | None:
    """Text and value of one column; the text is there only where there is no value."""
    text = _text(name, kind)
    if text is None or column.kind not in TYPED:
        return None if text is None else (text, "")
    typed = _moment(name, kind) if column.kind == "date" else _number(name, kind, sql_type(column))
    if typed is None:
        return text, ""
    return f"CASE WHEN {typed} IS NULL THEN {text} END", typed


def _text(name: str, kind: pa.DataType) -> str | None:
    import pyarrow.types as is_type

    if is_type.is_string(kind) or is_type.is_large_string(kind) or is_type.is_string_view(kind):
        return f"tidy({name})"
    if is_type.is_floating(kind) and not is_type.is_float16(kind):
        return f"float_text({name})"
    if is_type.is_timestamp(kind):
        return f"replace(substr(CAST({_naive(name, kind)} AS STRING), 1, 19), ' 00:00:00', '')"
    if is_type.is_integer(kind) or is_type.is_date32(kind) or is_type.is_decimal(kind):
        return f"CAST({name} AS STRING)"
    return None


def _moment(name: str, kind: pa.DataType) -> str | None:
    import pyarrow.types as is_type

    if not (is_type.is_timestamp(kind) or is_type.is_date32(kind)):
        return None
    moment = f"CAST({_naive(name, kind)} AS TIMESTAMP)"
    return f"CASE WHEN {moment} BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT} THEN {moment} END"


def _naive(name: str, kind: pa.DataType) -> str:
    """An instant as the clock of its time zone shows it; only UTC gets here (the session's zone)."""
    return f"CAST({name} AS TIMESTAMP)" if getattr(kind, "tz", None) else name


def _number(name: str, kind: pa.DataType, wanted: str) -> str | None:
    import pyarrow.types as is_type

    if is_type.is_floating(kind) and not is_type.is_float16(kind):
        return f"{'money_of' if wanted.endswith('2)') else 'price_of'}({name})"
    if is_type.is_integer(kind) or is_type.is_decimal(kind):
        return f"try_cast({name} AS {wanted})"
    return None


def _first_cell(first: str, schema: pa.Schema) -> str:
    """The first column where it is text: a number announces no summary line."""
    if first not in schema.names:
        return _null("STRING")
    text = _text(f'"{first.replace(chr(34), chr(34) * 2)}"', schema.field(first).type)
    return text if text is not None and text.startswith("tidy(") else _null("STRING")


def _null(kind: str) -> str:
    return f"CAST(NULL AS {kind})"
