"""Who gets a campaign and who is held back: by a keyed hash of the customer's id (`lots`), so that the same run always chooses the same people.

Each campaign has a key of its own, so a customer who was held back from one campaign is as likely as everybody to be held back from the next.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from reporter.errors import Problem, UsageError

KEY = "REPORTER_CAMPAIGN_KEY"
"""The environment variable that holds an own key; without it the key is the campaign's name, and anyone can tell who is in which group."""
LONGEST_KEY = 64
STRATA = 5
"""Classes of equal size by value within an audience."""
GROUPS = ("treatment", "control", "excluded")


def campaign_key(environment: Mapping[str, str] = os.environ) -> bytes:
    """The key of the environment; empty where there is none.

    Raises
    ------
    UsageError
        Where it is too long; never shows it.
    """
    key = environment.get(KEY, "").encode("utf-8", "surrogateescape")
    if len(key) > LONGEST_KEY:
        fix = f"Set at most {LONGEST_KEY} bytes: they are all that the hash takes."
        raise UsageError(Problem(f"environment variable {KEY}", f"holds a key of {len(key)} bytes.", fix))
    return key


def key_check(key: bytes) -> str:
    """Eight hex digits that two runs share when they had the same key, and that tell nothing else about it."""
    return blake2b(b"reporter key check", key=key, digest_size=4).hexdigest()


def assign(value: np.ndarray, lot: np.ndarray, control: int, treated: int) -> np.ndarray:
    """Group of each customer of an audience, the same share in every class of value.

    Customers are put in order by value, then lot, and cut into `STRATA` classes of equal size; in each the least lots are the control group and the
    next ones are treated. The share of the control group in each class is that of the whole audience to within one customer; so is that of the treated
    where nobody is excluded, else to within two.

    Parameters
    ----------
    value : numpy.ndarray of float, shape (n,)
    lot : numpy.ndarray of uint64, shape (n,)
    control, treated : int
        Their sum is at most n; who is left is excluded.

    Returns
    -------
    numpy.ndarray of int8, shape (n,)
        Places in `GROUPS`.
    """
    n = len(value)
    found = np.full(n, GROUPS.index("excluded"), dtype="int8")
    ordered = np.lexsort((lot, value))
    ends = [n * stratum // STRATA for stratum in range(STRATA + 1)]
    for start, end in pairwise(ends):
        part = ordered[start:end]
        part = part[np.argsort(lot[part], kind="stable")]
        held = [_due(control, place, n) for place in (start, end)]
        sent = [_due(treated, place - before, n - control) for place, before in zip((start, end), held, strict=True)]
        control_here, treated_here = held[1] - held[0], sent[1] - sent[0]
        found[part[:control_here]] = GROUPS.index("control")
        found[part[control_here : control_here + treated_here]] = GROUPS.index("treatment")
    return found


def _due(customers: int, place: int, n: int) -> int:
    """How many of `customers`, spread evenly over n places, lie before `place`."""
    return (2 * customers * place + n) // (2 * n) if n else 0
