"""Cells of any type as text: one by one, and by the column."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporter.intake.tables import cell_text, tidy


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (17850.0, "17850"),
        ("007", "007"),
        (1.5, "1.5"),
        (12.345, "12.3450"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-7, "0.0000001"),
        (1e300, "1.00000000000000e+300"),
        (float("nan"), "nan"),
        (123456789012345.0, "123456789012345"),
        (1234567890123456.0, "1.23456789012346e+15"),
        (True, "TRUE"),
        (5, "5"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime.fromisoformat("2024-02-29T00:00"), "2024-02-29"),
        (datetime.fromisoformat("2024-02-29T10:30"), "2024-02-29 10:30:00"),
        (Decimal("1.10"), "1.10"),
        (b"x\xff", "x\ufffd"),
        (None, None),
    ],
)
def test_cells_as_text(cell: object, text: str | None) -> None:
    assert cell_text(cell) == text


CELLS = st.one_of(
    st.none(),
    st.text(" \t\u00a0a7é", max_size=3),
    st.floats(),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
    st.integers(-(10**6), 10**6).map(float),
    st.datetimes(),
    st.dates(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.binary(max_size=3),
)


@given(st.lists(CELLS))
@example([1e10, 9_999_999_999.5, 1e-4, 9.9e-5, 1e15, 1e15 - 1, -0.0, 1.234, -0.001, math.inf, math.nan])
@example([datetime.fromisoformat("1899-12-31T23:59:59.999999"), datetime.fromisoformat("2024-01-01T00:00:00.000001")])
def test_a_column_is_written_as_its_cells_are(cells: list[object]) -> None:
    texts = [cell_text(cell) for cell in cells]
    assert tidy(cells).to_pylist() == [text.strip() or None if text is not None else None for text in texts]
