"""One SHA-256 for a table that has no file: over its text as it was read, however it came in batches."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class Fingerprint:
    """Takes in batches of text columns; equal rows in equal order give an equal digest.

    Of each column the lengths of its cells (int32, little-endian; -1: null) and their UTF-8 bytes are hashed apart. So two
    tables differ in the digest where they differ in a cell, in the order of rows, or in a column's name, and in nothing else:
    neither the size of the batches nor the types of the source count.
    """

    def __init__(self) -> None:
        self._columns: dict[str, tuple[hashlib._Hash, hashlib._Hash]] = {}
        self.bytes = 0
        """UTF-8 bytes of all cells so far."""

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in some rows; all columns are text."""
        for name in batch.schema.names:
            lengths, content = self._columns.setdefault(name, (hashlib.sha256(), hashlib.sha256()))
            cells = batch.column(name)
            lengths.update(_lengths(cells))
            text = _content(cells)
            content.update(text)
            self.bytes += len(text)

    def digest(self) -> bytes:
        """The digest of all rows so far: 32 bytes."""
        whole = hashlib.sha256()
        for name in sorted(self._columns):
            lengths, content = self._columns[name]
            whole.update(f"{name}\n".encode() + lengths.digest() + content.digest())
        return whole.digest()


def _lengths(cells: pa.StringArray) -> bytes:
    import pyarrow.compute as pc

    return pc.fill_null(pc.binary_length(cells), -1).to_numpy(zero_copy_only=False).astype("<i4").tobytes()


def _content(cells: pa.StringArray) -> bytes | memoryview:
    """The bytes of all cells in a row."""
    import numpy as np

    whole = cells.drop_null()
    _, offsets, content = whole.buffers()
    if content is None or offsets is None:
        return b""
    bounds = np.frombuffer(offsets, np.int32)[whole.offset : whole.offset + len(whole) + 1]
    return memoryview(content)[int(bounds[0]) : int(bounds[-1])]
