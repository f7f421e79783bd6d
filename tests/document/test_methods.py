"""What the report says of the density groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reporter.analysis.evaluate import Clustering, evaluate
from reporter.analysis.features import FeatureNote, Features
from reporter.analysis.fit import begin
from reporter.analysis.settings import ClusterSettings
from reporter.document.narrate.methods import dbscan_prose
from reporter.document.words import Words


def clustered(blobs: int) -> Clustering:
    """Groups of customers in so many tight spots, of which the first holds twice as many as each other."""
    dice = np.random.default_rng(0)
    spots = np.column_stack([np.arange(blobs) % 6, np.arange(blobs) // 6]) * 10.0
    raw = np.repeat(spots, [80, *[40] * (blobs - 1)], axis=0)
    raw = raw + dice.normal(0, 0.3, raw.shape)
    frame = pd.DataFrame(raw, columns=["recency_days", "frequency"])
    frame.insert(0, "customer_id", [f"c{i:05d}" for i in range(len(raw))])
    names = ("recency_days", "frequency")
    notes = tuple(FeatureNote(name, name, "", "none", "kept") for name in names)
    matrix = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    scores = pd.DataFrame({"customer_id": frame["customer_id"], "monetary": 1.0, "segment": "All"})
    features = Features(frame, notes, names, matrix, frame.drop(columns="customer_id").corr())
    settings = ClusterSettings(k_max=5, null_draws=2, bootstraps=2)
    return evaluate(begin(features, settings), features, (scores, ("All",)), settings)


@pytest.mark.parametrize(
    ("blobs", "told"),
    [
        (4, "finds 4 dense groups and leaves"),
        (24, "finds 24 dense groups, too many to plan with (the largest holds 7.9% of customers;"),
    ],
)
def test_more_dense_groups_than_anybody_can_plan_with_are_called_so(blobs: int, told: str) -> None:
    assert told in dbscan_prose(Words("en", "", "money"), clustered(blobs)).text
