"""What may enter a distance, and why the rest may not."""

import numpy as np
import pandas as pd
import pytest

from reporter.analysis.features import build_features, definitions
from reporter.analysis.settings import FeatureSettings
from reporter.errors import UsageError

COUPON = frozenset({"coupons", "join_date"})


def people(n=200, **columns):
    """Independent customers as `Aggregates.customers` has them."""
    rng = np.random.default_rng(1)
    frequency = columns.pop("frequency", rng.integers(2, 12, n))
    recency = rng.integers(1, 300, n)
    last = pd.Timestamp("2024-01-01") - pd.to_timedelta(recency, unit="D")
    first = last - pd.to_timedelta(rng.integers(1, 300, n), unit="D")
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{i:04d}" for i in range(n)],
            "join_date": first - pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "first_date": first,
            "last_date": last,
            "recency_days": recency.astype(float),
            "frequency": frequency,
            "monetary": rng.gamma(2, 50, n).round(2),
            "burned": rng.binomial(frequency, 0.5),
            "merchants": 1,
            "branches": 1,
            "active_months": 1,
            "mean_days_to_burn": np.nan,
        }
    )
    return frame.assign(**columns)


def note(features, name):
    return next(n for n in features.notes if n.name == name)


def build(frame, has=frozenset({"amount"}), mode="money", **settings):
    return build_features(frame, has, mode, FeatureSettings(**settings))


def test_the_core_comes_first_and_is_kept():
    features = build(people())
    assert features.names[:3] == ("recency_days", "frequency", "monetary")
    assert features.matrix.shape == (200, len(features.names))


def test_scaled_features_have_mean_0_and_variance_1():
    matrix = build(people()).matrix
    assert np.allclose(matrix.mean(axis=0), 0)
    assert np.allclose(matrix.std(axis=0), 1)


def test_missing_values_stay_missing_and_keep_the_feature_out():
    frame = people(frequency=np.where(np.arange(200) < 20, 1, 5))
    features = build(frame)
    assert note(features, "mean_gap_days").reason == "missing"
    assert note(features, "mean_gap_days").value == 0.1
    assert features.frame["mean_gap_days"].isna().sum() == 20
    assert not np.isnan(features.matrix).any()


def test_a_feature_that_hardly_varies_is_left_out():
    features = build(people(frequency=np.where(np.arange(200) < 191, 1, 5)))
    assert note(features, "frequency").reason == "near-constant"
    assert note(features, "frequency").value == 0.955


def test_a_feature_that_follows_one_yes_no_fact_is_left_out():
    burned = np.where(np.arange(200) < 60, 0, 6 + np.arange(200) % 2)
    features = build(people(frequency=np.arange(200) % 7 + 8, burned=burned), COUPON, "money")
    assert note(features, "burn_rate").reason == "dominated"
    assert note(features, "burn_rate").other == "never burned"
    assert note(features, "burn_rate").value >= 0.8


def test_what_is_built_from_kept_features_is_left_out():
    frame = people()
    features = build(frame.assign(monetary=frame["burned"].astype(float)), COUPON, "coupon")
    assert note(features, "burn_rate").reason == "arithmetic"
    assert note(features, "burn_rate").other == "frequency and monetary"
    money = build(frame, COUPON, "money")
    assert note(money, "burned").reason == "arithmetic"
    assert note(money, "burned").other == "frequency and burn_rate"


def test_a_redundant_feature_gives_way_to_the_earlier_one():
    frame = people()
    features = build(frame.assign(monetary=frame["frequency"] * 10.0))
    assert note(features, "monetary").reason == "redundant"
    assert note(features, "monetary").other == "frequency"
    assert note(features, "monetary").value == 1.0


def test_what_the_source_lacks_is_unavailable_and_what_is_not_wanted_excluded():
    features = build(people(), exclude=("tenure_days",))
    assert note(features, "burn_rate").reason == "unavailable"
    assert "burn_rate" not in features.frame
    assert note(features, "tenure_days").reason == "excluded"
    assert "tenure_days" in features.frame
    assert build(people(), include=("frequency",)).names == ("frequency",)


def test_an_unknown_feature_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match=r"“recency” is no feature.*recency_days") as caught:
        build(people(), include=("recency",), exclude=("age",))
    assert len(caught.value.problems) == 2


def test_long_tails_are_logarithms_and_small_counts_are_not():
    frame = people()
    features = build(frame.assign(monetary=np.exp(np.linspace(0, 8, 200))))
    assert note(features, "monetary").transform == "log"
    assert note(features, "frequency").transform == "none"


def test_a_negative_net_amount_is_0_for_the_distance_only():
    money = np.exp(np.linspace(0, 8, 200))
    money[0] = -500.0
    features = build(people(monetary=money), include=("monetary",))
    assert features.frame["monetary"].iloc[0] == -500.0
    assert np.isfinite(features.matrix).all()
    assert features.matrix[0, 0] == features.matrix.min()


def test_tenure_runs_from_joining_or_from_the_first_transaction():
    frame = people(3)
    frame["join_date"] = [
        frame["first_date"][0] - pd.Timedelta(days=10),
        pd.NaT,
        frame["first_date"][2] + pd.Timedelta(days=9),
    ]
    features = build(frame)
    extra = features.frame["tenure_days"] - features.frame["days_since_first"]
    assert extra.tolist() == [10, 0, 0]


def test_prospects_have_no_features():
    frame = people(5)
    frame.loc[0, ["frequency", "recency_days"]] = [0, np.nan]
    assert build(frame).frame["customer_id"].tolist() == ["c0001", "c0002", "c0003", "c0004"]


def test_row_order_changes_no_digit():
    frame = people()
    shuffled = build(frame.sample(frac=1, random_state=3))
    assert (shuffled.matrix == build(frame).matrix).all()


def test_every_definition_has_a_label_and_a_unit():
    for mode in ("money", "coupon"):
        assert all(d.label and d.unit for d in definitions(mode))
        assert len({d.name for d in definitions(mode)}) == len(definitions(mode))


def test_a_giant_is_winsorised_for_the_distance_only_and_counted():
    money = np.random.default_rng(0).normal(100, 10, 200)
    money[7] = -400.0
    features = build(people(monetary=money), include=("monetary",))
    assert note(features, "monetary").winsorised == 1
    assert features.frame["monetary"].iloc[7] == -400.0
    assert features.matrix[7, 0] == features.matrix.min()
    assert features.matrix.min() == pytest.approx(-5, abs=0.01)
