"""One SHA-256 for a table that has no file: over its cells as they were read, however they came in batches."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class Fingerprint:
    """Takes in batches of columns of text, or of values of a fixed width; equal rows in equal order give an equal digest.

    Of each column the lengths of its cells (int32, little-endian; -1: null) and their bytes are hashed apart: UTF-8 of texts, of values
    those of Arrow. So two tables differ in the digest where they differ in a cell, in the order of rows, in a column's name or in
    the type of its values, and in nothing else: the size of the batches does not count.
    """

    def __init__(self) -> None:
        self._columns: dict[str, tuple[hashlib._Hash, hashlib._Hash]] = {}
        self.bytes = 0
        """Bytes of all cells so far."""

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in some rows; all columns are text, or values of a fixed number of bytes."""
        for field in batch.schema:
            cells = batch.column(field.name)
            name = field.name if _is_text(cells) else f"{field.name} {field.type}"
            lengths, content = self._columns.setdefault(name, (hashlib.sha256(), hashlib.sha256()))
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


def _is_text(cells: pa.Array) -> bool:
    import pyarrow as pa

    return pa.types.is_string(cells.type)


def _lengths(cells: pa.Array) -> bytes:
    import numpy as np
    import pyarrow.compute as pc

    if not _is_text(cells):
        there = pc.is_valid(cells).to_numpy(zero_copy_only=False)
        return np.where(there, cells.type.bit_width // 8, -1).astype("<i4").tobytes()
    return pc.fill_null(pc.binary_length(cells), -1).to_numpy(zero_copy_only=False).astype("<i4").tobytes()


def _content(cells: pa.Array) -> bytes | memoryview:
    """The bytes of all cells in a row."""
    import numpy as np

    whole = cells.drop_null()
    if not _is_text(cells):
        width, values = cells.type.bit_width // 8, whole.buffers()[1]
        start = whole.offset * width
        return memoryview(values)[start : start + len(whole) * width] if values is not None else b""
    _, offsets, content = whole.buffers()
    if content is None or offsets is None:
        return b""
    bounds = np.frombuffer(offsets, np.int32)[whole.offset : whole.offset + len(whole) + 1]
    return memoryview(content)[int(bounds[0]) : int(bounds[-1])]
