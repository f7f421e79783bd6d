"""Typed Arrow columns as text, written as a spreadsheet's cells would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reporter.errors import InputError, Problem
from reporter.intake.tables import float_text, tidy_array

if TYPE_CHECKING:
    import pyarrow as pa


def text_column(column: pa.Array, place: str) -> pa.Array:
    """One column as text: whole floats without ``.0``, dates as ISO, instants in their own time zone.

    Raises
    ------
    InputError
        For lists and structures, which are no cells.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_column(column.dictionary_decode(), place)
    if pa.types.is_nested(kind):
        raise InputError(Problem(place, f"holds {kind}, not single values.", "Write one value a row."))
    if pa.types.is_floating(kind):
        return pa.array([None if x is None or x != x else float_text(x) for x in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(kind):
        local = pc.local_timestamp(column) if kind.tz else column
        return pc.replace_substring(
            pc.strftime(local.cast(pa.timestamp("s"), safe=False), "%Y-%m-%d %H:%M:%S"), " 00:00:00", ""
        )
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = column.cast(pa.large_binary()).cast(pa.large_string())
    return tidy_array(column.cast(pa.string()))
