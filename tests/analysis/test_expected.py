"""Expectations in an analysis: used where they fit, columns last, and refused where they do not."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import shops

from reporter.analysis.analyse import analyse
from reporter.analysis.expected import COLUMNS
from reporter.analysis.settings import AnalysisSettings, ClusterSettings, LifetimeSettings

QUICK = AnalysisSettings(cluster=ClusterSettings(k_max=3, null_draws=2, bootstraps=2))
FIRST, DAYS = date(2022, 1, 1), 720


def orders(customers=3_000, seed=1):
    """Orders by the story of BG/NBD, with spend by that of Gamma-Gamma."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        rate, leaving = draw.gamma(0.8, 1 / 8.0), draw.beta(0.7, 2.5)
        own = 6.0 / draw.gamma(4.0, 1 / 15.0)
        day = float(draw.integers(0, DAYS - 100))
        while day < DAYS:
            rows.append(
                (f"c{number:05}", FIRST + timedelta(days=int(day)), round(draw.gamma(6.0, own / 6.0) + 0.01, 2))
            )
            if draw.random() < leaving and rows[-2:-1] and rows[-2][0] == rows[-1][0]:
                break
            day += draw.exponential(7 / rate)
    return pd.DataFrame(rows, columns=["customer_id", "day", "amount"])


@pytest.fixture(scope="module")
def fitting():
    return analyse(shops.ledger(orders(), as_of=FIRST + timedelta(days=DAYS)), QUICK)


def test_a_shop_of_the_kind_that_the_model_tells_fits(fitting):
    ahead = fitting.expected
    assert (ahead.fits, ahead.reason) == (True, "")
    assert ahead.spend.fits
    assert ahead.holdout.verdict == "better"
    assert ahead.holdout.forecasts[0].total == pytest.approx(ahead.holdout.total, rel=0.15)
    assert [ahead.spend.model.p, ahead.spend.model.q] == pytest.approx([6.0, 4.0], rel=0.25)


def test_the_columns_come_last_and_the_contract_first(fitting):
    columns = list(fitting.customers.columns)
    assert columns[:10] == [
        "customer_id", "recency_days", "frequency", "monetary", "r_score", "f_score", "m_score", "segment", "cluster", "outlier",
    ]  # fmt: skip
    assert tuple(columns[-3:]) == COLUMNS
    told = fitting.customers
    once = told["frequency"] == 1
    assert told.loc[once, "p_alive"].isna().all()
    assert told.loc[~once, "p_alive"].dropna().between(0, 1).all()
    assert (told["expected_transactions"] >= 0).all()


def test_segments_are_sums_of_their_customers(fitting):
    sums = fitting.customers.groupby("segment")[list(COLUMNS[1:])].sum()
    told = fitting.expected.segments.set_index("segment")
    assert told["customers"].sum() == len(fitting.customers)
    for column in COLUMNS[1:]:
        assert told[column].to_dict() == pytest.approx(sums[column].to_dict())


def test_a_longer_horizon_expects_more(fitting):
    longer = analyse(
        shops.ledger(orders(), as_of=FIRST + timedelta(days=DAYS)),
        AnalysisSettings(cluster=QUICK.cluster, lifetime=LifetimeSettings(12)),
    )
    half, whole = (each.expected.segments["expected_transactions"].sum() for each in (fitting, longer))
    assert half < whole < 2 * half


def test_cdnow_fits_and_the_model_beats_the_plain_averages():
    found = analyse(shops.cdnow(), QUICK).expected
    assert found.fits
    assert found.holdout.verdict == "better"
    assert found.holdout.forecasts[0].total == pytest.approx(found.holdout.total, rel=0.05)


def test_the_real_workbook_does_not_fit_and_gets_no_columns():
    found = analyse(shops.workbook(), QUICK)
    assert (found.expected.fits, found.expected.reason) == (False, "no maximum")
    assert not set(COLUMNS) & set(found.customers.columns)
    assert found.expected.segments.empty
    assert found.expected.spend is None


def test_a_short_record_has_neither():
    rows = orders(200).query("day < @limit", local_dict={"limit": FIRST + timedelta(days=200)})
    found = analyse(shops.ledger(rows, as_of=FIRST + timedelta(days=200)), QUICK)
    assert found.backtest is None
    assert found.expected is None
