"""What hashes of the customers' ids decide: who is in a sample, and in which order customers of a campaign are held back. Nothing hangs on the order of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from hashlib import blake2b

import numpy as np
import pandas as pd

from reporter.analysis.frames import pieces

SAMPLE_ROWS = 2_000


def sample_rows(ids: pd.Series) -> np.ndarray:
    """Rows of the customers in a sample, ascending: all, or the `SAMPLE_ROWS` whose ids have the least SHA-256."""
    if len(ids) <= SAMPLE_ROWS:
        return np.arange(len(ids))
    least, rows = np.empty(0, dtype="S32"), np.empty(0, dtype="int64")
    for start, part in pieces(ids):
        hashes = [hashlib.sha256(name.encode()).digest() for name in part.to_pylist()]
        least = np.concatenate([least, np.array(hashes, dtype="S32")])
        rows = np.concatenate([rows, np.arange(start, start + len(part))])
        kept = np.argsort(least, kind="stable")[:SAMPLE_ROWS]
        least, rows = least[kept], rows[kept]
    return np.sort(rows)


def campaign_name(day: date, segment: str) -> str:
    """The campaign of a segment's audience, as of a day."""
    return f"{day.isoformat()} {segment}"


def segment_lots(ids: pd.Series, segments: tuple[np.ndarray, Iterable[str]], day: date, key: bytes) -> np.ndarray:
    """The lot of each customer in the campaign of their segment, shape (n,), uint64.

    Parameters
    ----------
    segments : (numpy.ndarray of int, shape (n,), iterable of str)
        Code of each customer's segment, and the names: as of `pandas.factorize`.
    """
    codes, names = segments
    found = np.empty(len(ids), dtype="uint64")
    for code, name in enumerate(names):
        inside = np.flatnonzero(codes == code)
        found[inside] = lots(ids.iloc[inside], campaign_name(day, name), key)
    return found


def lots(ids: pd.Series, campaign: str, key: bytes) -> np.ndarray:
    """The lot of each customer in a campaign: 64 bits of BLAKE2b of the id, keyed by the campaign.

    Parameters
    ----------
    ids : pandas.Series of str
    campaign : str
        Its name.
    key : bytes
        As `campaign_key`.

    Returns
    -------
    numpy.ndarray of uint64, shape (n,)
    """
    own = blake2b(campaign.encode(), key=key, digest_size=32).digest()
    found = np.empty(len(ids), dtype="uint64")
    for start, part in pieces(ids):
        named = (name.encode("utf-8", "surrogatepass") for name in part.to_pylist())
        digests = b"".join(blake2b(name, key=own, digest_size=8).digest() for name in named)
        found[start : start + len(part)] = np.frombuffer(digests, dtype=">u8")
    return found
