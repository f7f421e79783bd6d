"""Who is treated and who is held back: exact shares in every class of value, the same people every time, and independent between campaigns."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.assign import GROUPS, LONGEST_KEY, STRATA, assign, campaign_key, key_check
from reporter.analysis.draw import lots
from reporter.errors import UsageError

IDS = pd.Series([f"c{number:05d}" for number in range(20_000)], dtype="str")


@given(st.lists(st.integers(0, 50), min_size=1, max_size=300), st.data())
def test_shares_are_exact_to_within_one_in_every_class(values: list[int], data: st.DataObject) -> None:
    n = len(values)
    control = data.draw(st.integers(0, n))
    treated = data.draw(st.integers(0, n - control))
    value = np.array(values, dtype=float)
    lot = lots(IDS[:n], "a", b"")
    groups = assign(value, lot, control, treated)
    assert [(groups == place).sum() for place in range(3)] == [treated, control, n - control - treated]
    ordered = groups[np.lexsort((lot, value))]
    for stratum in range(STRATA):
        part = ordered[n * stratum // STRATA : n * (stratum + 1) // STRATA]
        assert abs((part == GROUPS.index("control")).sum() - control / n * len(part)) < 1 + 1e-9
        assert abs((part == GROUPS.index("treatment")).sum() - treated / n * len(part)) < 2


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random: object) -> None:
    rows = list(range(200))
    random.shuffle(rows)  # type: ignore[attr-defined]
    value = np.random.default_rng(1).integers(0, 9, 200).astype(float)
    straight = assign(value, lots(IDS[:200], "a", b""), 60, 90)
    shuffled = assign(value[rows], lots(IDS[:200].iloc[rows], "a", b""), 60, 90)
    assert (straight[rows] == shuffled).all()


def test_two_campaigns_and_two_keys_draw_independently() -> None:
    value = np.zeros(len(IDS))
    first = assign(value, lots(IDS, "2026-01-01 Loyal", b""), 6_000, 14_000) == 1
    for campaign, key in (("2026-02-01 Loyal", b""), ("2026-01-01 Lost", b""), ("2026-01-01 Loyal", b"secret")):
        other = assign(value, lots(IDS, campaign, key), 6_000, 14_000) == 1
        assert (first & other).mean() == pytest.approx(0.09, abs=0.006)


def test_a_lot_is_the_keyed_hash_of_the_id() -> None:
    own = blake2b(b"2026-01-01 Loyal", key=b"secret", digest_size=32).digest()
    due = int.from_bytes(blake2b(b"c00003", key=own, digest_size=8).digest(), "big")
    assert int(lots(IDS[:5], "2026-01-01 Loyal", b"secret")[3]) == due


def test_a_smaller_treatment_keeps_the_control_group() -> None:
    value = np.arange(1_000.0)
    lot = lots(IDS[:1_000], "a", b"")
    assert ((assign(value, lot, 100, 900) == 1) == (assign(value, lot, 100, 50) == 1)).all()


def test_a_key_comes_from_the_environment_and_is_never_shown() -> None:
    assert campaign_key({}) == b""
    assert campaign_key({"REPORTER_CAMPAIGN_KEY": "secret"}) == b"secret"
    assert "secret" not in key_check(b"secret")
    assert key_check(b"secret") != key_check(b"other")
    with pytest.raises(UsageError) as raised:
        campaign_key({"REPORTER_CAMPAIGN_KEY": "z" * (LONGEST_KEY + 1)})
    assert "zz" not in str(raised.value)
