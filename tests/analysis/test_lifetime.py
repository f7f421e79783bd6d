"""BG/NBD and Gamma-Gamma: published figures, planted parameters, and shops that they cannot describe."""

import json

import numpy as np
import pandas as pd
import pytest
import shops
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution
from scipy.stats import gamma as gamma_distribution

from reporter.analysis.expected import check_counts
from reporter.analysis.lifetime import (
    BgNbd,
    GammaGamma,
    Histories,
    Maximum,
    alive,
    expected,
    expected_spend,
    fit_bgnbd,
    fit_gamma_gamma,
    histories,
    repeat_shares,
)

TOLD = Maximum(0.0, 0.0, "")
PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426, TOLD)


@pytest.fixture(scope="module")
def truth():
    return json.loads(shops.shared("truths/btyd.json").read_text(encoding="utf-8"))["cdnow_sample_1_in_10"]


@pytest.fixture(scope="module")
def days():
    """Purchase days of the sample in its calibration: 39 weeks, those of one day merged."""
    names = ["customer", "sample", "day", "cds", "amount"]
    lines = pd.read_csv(shops.shared("cdnow/CDNOW_sample.txt"), sep=r"\s+", header=None, names=names)
    lines["day"] = pd.to_datetime(lines["day"].astype(str))
    known = lines[lines["day"] <= pd.Timestamp(1997, 9, 30)]
    return known.groupby(["customer", "day"], as_index=False)["amount"].sum()


@pytest.fixture(scope="module")
def record(days):
    span = days.groupby("customer")["day"].agg(["min", "max", "size"])
    age = (pd.Timestamp(1997, 9, 30) - span["min"]).dt.days
    return histories(span["size"].to_numpy(), (span["max"] - span["min"]).dt.days.to_numpy(), age.to_numpy())


@pytest.fixture(scope="module")
def sample_fit(record):
    return fit_bgnbd(record)


def test_the_sample_is_that_of_the_papers(record, truth):
    assert record.customers.sum() == truth["customers"]
    assert record.repeats @ record.customers == truth["repeat_transactions_calibration"]
    assert record.customers[record.repeats == 0].sum() == truth["zero_repeaters"]
    assert record.last @ record.customers == pytest.approx(truth["sum_tx_weeks"], abs=1e-3)
    assert record.age @ record.customers == pytest.approx(truth["sum_T_weeks"], abs=1e-3)


def test_bgnbd_gives_the_published_parameters(sample_fit, truth):
    published = truth["bgnbd"]["published"]
    for name, value in published.items():
        assert round(getattr(sample_fit, name), 3) == value
    assert sample_fit.maximum.log_likelihood == pytest.approx(truth["bgnbd"]["ours_LL"], abs=0.001)
    assert sample_fit.maximum.fault == ""


def test_gamma_gamma_gives_the_published_parameters(days, truth):
    first = days.groupby("customer")["day"].transform("min")
    later = days[days["day"] > first].groupby("customer")["amount"].agg(["size", "mean"])
    later = later[later["mean"] > 0]
    published = truth["gamma_gamma"]
    assert len(later) == published["published_customers"]
    found = fit_gamma_gamma(later["size"].to_numpy(), later["mean"].to_numpy())
    assert {name: round(getattr(found, name), 2) for name in ("p", "q", "gamma")} == published["published"]
    assert found.maximum.fault == ""


def test_the_example_of_the_paper():
    """Fader, Hardie, Lee 2005, note on implementing BG/NBD: x = 2, t_x = 30.43, T = 38.86 buys 1.226 times in the next 39 weeks."""
    one = Histories(np.array([2.0]), np.array([30.43]), np.array([38.86]), np.ones(1), np.zeros(1, dtype="int32"))
    assert expected(PUBLISHED, one, 39.0)[0] == pytest.approx(1.226, abs=5e-4)
    assert alive(PUBLISHED, one)[0] == pytest.approx(0.7266, abs=5e-4)


@pytest.mark.parametrize("a", [0.4, 1.0, 2.5])
def test_expectation_is_the_integral_over_rates_and_dropouts(a):
    """By another way than the closed form, also at a = 1, where that has a pole: λ and p integrated numerically."""
    model = BgNbd(0.7, 5.0, a, 1.8, TOLD)
    for x, last, age, weeks in ((0.0, 0.0, 10.0, 26.0), (3.0, 20.0, 30.0, 26.0), (12.0, 39.0, 40.0, 52.0)):
        one = Histories(np.array([x]), np.array([last]), np.array([age]), np.ones(1), np.zeros(1, dtype="int32"))

        def while_alive(p, x=x, age=age, weeks=weeks, model=model):
            shape = model.r + x
            left = ((model.alpha + age) / (model.alpha + age + p * weeks)) ** shape
            return (1 - left) / p * beta_distribution.pdf(p, model.a, model.b + x)

        integral = quad(while_alive, 0, 1, limit=200)[0]
        living = 1.0 if x == 0 else alive(model, one)[0]
        assert expected(model, one, weeks)[0] == pytest.approx(integral * living, rel=2e-4)


def test_repeat_shares_add_up_and_their_mean_is_the_expected_number():
    ages = np.array([30.0])
    shares = repeat_shares(PUBLISHED, ages, np.ones(1), 400)
    newcomer = Histories(np.zeros(1), np.zeros(1), np.zeros(1), np.ones(1), np.zeros(1, dtype="int32"))
    assert shares.sum() == pytest.approx(1)
    assert (shares > -1e-12).all()
    assert shares @ np.arange(401) == pytest.approx(expected(PUBLISHED, newcomer, 30.0)[0], rel=1e-3)


def simulated(model, ages, seed):
    """Purchase days and ages of invented customers, by the story that the model tells."""
    draw = np.random.default_rng(seed)
    rate = draw.gamma(model.r, 1 / model.alpha, len(ages))
    leaving = draw.beta(model.a, model.b, len(ages))
    repeats, last = np.zeros(len(ages), dtype="int64"), np.zeros(len(ages))
    active, now = np.arange(len(ages)), np.zeros(len(ages))
    while len(active):
        now[active] += draw.exponential(1 / rate[active]) * 7
        active = active[now[active] <= ages[active]]
        repeats[active] += 1
        last[active] = now[active]
        active = active[draw.random(len(active)) >= leaving[active]]
    return repeats + 1, np.rint(last).astype("int64"), ages


@pytest.mark.parametrize("planted", [(0.5, 6.0, 0.9, 2.5), (1.5, 12.0, 0.6, 3.0)])
def test_planted_parameters_are_recovered(planted):
    model = BgNbd(*planted, TOLD)
    ages = np.random.default_rng(7).integers(60, 730, 40_000)
    found = fit_bgnbd(histories(*simulated(model, ages, 11)))
    assert found.maximum.fault == ""
    for name in ("r", "alpha", "a", "b"):
        off = np.log(getattr(found, name) / getattr(model, name))
        assert abs(off) < 4 * max(found.maximum.error, 0.02), name


def test_forecasts_of_invented_customers_come_true():
    model = BgNbd(0.8, 8.0, 0.7, 2.5, TOLD)
    ages = np.full(60_000, 700)
    count = simulated(model, ages, 3)[0]
    early = simulated(model, np.full(60_000, 350), 3)
    mean = repeat_shares(model, np.array([100.0]), np.ones(1), 300) @ np.arange(301)
    assert (count - 1).mean() == pytest.approx(mean, rel=0.03)
    record = histories(*early)
    foretold = expected(model, record, 50.0) @ record.customers / 60_000
    assert foretold == pytest.approx((count - 1).mean() - (early[0] - 1).mean(), rel=0.05)


def test_planted_spend_is_recovered_and_drawn_towards_all():
    draw = np.random.default_rng(5)
    repeats = draw.integers(1, 12, 30_000)
    rate = draw.gamma(4.0, 1 / 15.0, 30_000)
    mean = draw.gamma(6.0 * repeats, 1 / (rate * repeats))
    found = fit_gamma_gamma(repeats, mean)
    assert found.maximum.fault == ""
    assert [found.p, found.q, found.gamma] == pytest.approx([6.0, 4.0, 15.0], rel=0.06)
    prior = found.p * found.gamma / (found.q - 1)
    told = expected_spend(found, np.array([0, 1, 10]), np.array([np.nan, 100.0, 100.0]))
    assert told[0] == pytest.approx(prior)
    assert prior < told[1] < told[2] < 100.0
    truth = 6.0 / rate
    assert expected_spend(found, repeats, mean).mean() == pytest.approx(truth.mean(), rel=0.02)


def test_order_and_equal_customers_change_nothing():
    model = BgNbd(0.5, 6.0, 0.9, 2.5, TOLD)
    parts = simulated(model, np.random.default_rng(1).integers(60, 400, 3_000), 2)
    order = np.random.default_rng(9).permutation(3_000)
    one, other = fit_bgnbd(histories(*parts)), fit_bgnbd(histories(*(part[order] for part in parts)))
    assert one == other
    twice = fit_bgnbd(histories(*(np.concatenate([part, part]) for part in parts)))
    assert twice.maximum.log_likelihood == pytest.approx(2 * one.maximum.log_likelihood)
    assert twice.r == pytest.approx(one.r, rel=1e-4)


def test_a_shop_without_differences_or_dropout_is_refused():
    """Everybody buys at one rate for ever: r and alpha run away together, and so does b."""
    draw = np.random.default_rng(4)
    repeats = draw.poisson(6.0, 4_000)
    last = np.where(repeats > 0, np.rint(350 * draw.beta(np.maximum(repeats, 1), 1)), 0).astype("int64")
    found = fit_bgnbd(histories(repeats + 1, last, np.full(4_000, 350)))
    assert found.maximum.fault


def test_the_real_workbook_is_refused():
    from reporter.analysis.aggregate import aggregate
    from reporter.analysis.lookback import look_back
    from reporter.analysis.rfm import load_grid
    from reporter.analysis.settings import BacktestSettings, RfmSettings

    ledger = shops.workbook()
    aggregate(ledger)
    past = look_back(ledger, load_grid(RfmSettings()), BacktestSettings(), 30)
    found = fit_bgnbd(histories(*(past.frame[name].to_numpy() for name in ("days", "last", "age"))))
    assert found.maximum.fault == "no maximum"


def test_the_count_check_sees_a_wrong_model_and_lets_a_right_one_pass():
    model = BgNbd(0.5, 6.0, 0.9, 2.5, TOLD)
    ages = np.random.default_rng(7).integers(60, 730, 20_000)
    record = histories(*simulated(model, ages, 11))
    right, wrong = check_counts(model, record), check_counts(BgNbd(2.0, 6.0, 0.9, 2.5, TOLD), record)
    assert right.holds
    assert right.p_value > 0.001
    assert right.misplaced < 0.01
    assert not wrong.holds
    assert right.frame["customers"].sum() == 20_000
    assert right.frame["expected"].sum() == pytest.approx(20_000)


def test_gamma_gamma_mean_is_that_of_its_own_simulation():
    model = GammaGamma(5.0, 4.0, 30.0, TOLD)
    level = quad(lambda v: 5.0 / v * gamma_distribution.pdf(v, 4.0, scale=1 / 30.0), 0, np.inf)[0]
    assert expected_spend(model, np.zeros(1), np.zeros(1))[0] == pytest.approx(level, rel=1e-6)
