"""Typed Arrow columns: as text, written as a spreadsheet's cells would be, or as values of a few types that every engine reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reporter.errors import InputError, Problem
from reporter.intake.tables import float_text, tidy_array

if TYPE_CHECKING:
    import pyarrow as pa

MOST_DIGITS = 38
"""Of a decimal that every engine reads."""


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
        return text_column(column.dictionary, place).take(column.indices)
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


def is_text(kind: pa.DataType) -> bool:
    """Whether cells of a type are texts, however they are stored."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def value_type(kind: pa.DataType) -> pa.DataType:
    """The type in which cells of a type go to the engine: one for all widths and units of a kind, and text for all that is no number or date."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return value_type(kind.value_type)
    if pa.types.is_uint64(kind):
        return pa.decimal128(20, 0)
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return kind
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    if pa.types.is_date(kind):
        return pa.date32()
    if pa.types.is_decimal(kind) and kind.scale >= 0 and kind.precision <= MOST_DIGITS:
        return pa.decimal128(MOST_DIGITS, kind.scale)
    return pa.string()


def value_column(column: pa.Array, kind: pa.DataType, place: str) -> pa.Array:
    """One column as values of the type that `value_type` gave: instants in their own time zone, null where a float is no number.

    Raises
    ------
    InputError
        For lists, structures and whatever else is no text, number or date.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        return value_column(column.dictionary, kind, place).take(column.indices)
    if pa.types.is_nested(column.type):
        return text_column(column, place)
    try:
        if isinstance(column.type, pa.BaseExtensionType):
            raise pa.ArrowNotImplementedError(str(column.type))
        if pa.types.is_string(kind):
            return text_column(column, place)
        if pa.types.is_floating(kind):
            return pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
        local = pc.local_timestamp(column) if getattr(column.type, "tz", None) else column
        return local.cast(kind, safe=getattr(column.type, "unit", "") != "ns")
    except pa.ArrowException as error:
        what = f"holds {column.type}, which cannot be read as text, numbers or dates."
        raise InputError(Problem(place, what, "Make it one of them first, or leave the column out.")) from error
