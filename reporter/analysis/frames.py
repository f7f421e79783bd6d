"""Frames of one row per customer, of which there may be millions: no copy of what is not needed, no text as Python objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

PIECE = 100_000


def scored(customers: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of the customers who have a transaction, sorted by customer_id (code points), index 0..n-1.

    Parameters
    ----------
    customers : pandas.DataFrame
        As ``Aggregates.customers``.
    """
    part = customers[list(columns)]
    buys = customers["frequency"].to_numpy() > 0
    if not buys.all():
        part = part[buys]
    return by_id(part).reset_index(drop=True)


def by_id(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows sorted by customer_id (code points); the frame itself where they are."""
    return frame if _ascending(frame["customer_id"]) else frame.sort_values("customer_id")


def texts(codes: np.ndarray, names: Sequence[str]) -> pd.Series:
    """The text of each code, as pandas' string type.

    Parameters
    ----------
    codes : numpy.ndarray of int, shape (n,)
        Places in `names`.
    """
    import pyarrow as pa

    array = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(list(names), pa.string()))
    return pd.Series(array.cast(pa.large_string()), dtype="str")


def shared_texts(values: pd.Series) -> np.ndarray:
    """A column of few texts and None as objects: each text once, however many rows have it."""
    codes, names = pd.factorize(values)
    return np.array([*names, None], dtype=object)[codes]


def arrow(values: pd.Series) -> Any:
    """A column of text as an Arrow array, in one piece."""
    import pyarrow as pa

    array = pa.array(values, pa.large_string(), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        return array.combine_chunks() if len(array) else pa.array([], pa.large_string())
    return array


def pieces(values: pd.Series) -> Iterator[tuple[int, Any]]:
    """Some texts of a column at a time, as an Arrow array, with the place of the first: what is made of millions at once is memory."""
    import pyarrow as pa

    array = pa.array(values, pa.large_string(), from_pandas=True)
    for start in range(0, len(array), PIECE):
        part = array[start : start + PIECE]
        yield start, part.combine_chunks() if isinstance(part, pa.ChunkedArray) else part


def _ascending(values: pd.Series) -> bool:
    """Whether texts never fall; compared as bytes of UTF-8, whose order is that of code points."""
    import pyarrow.compute as pc

    array = arrow(values)
    return len(array) < 2 or bool(pc.all(pc.less_equal(array[:-1], array[1:])).as_py())
