"""Are measured campaigns right? Many generated campaigns with a planted uplift, judged by the code of the report.

Every draw has eleven campaigns as large as those of a small shop, with customers who come and spend by chance; treatment adds the planted uplift. The
transactions are left out: each customer's outcome is given to the comparison as the engine would count it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from reporter.analysis.settings import CampaignSettings
from reporter.analysis.terms import Commission, Sent, Terms
from reporter.analysis.uplift import Effect, compare
from reporter.intake.ledger import SourceFile

UPLIFTS = (0.0, 0.05, 0.15)
SIZES = tuple((200 + 60 * place, 60 + 20 * place) for place in range(11))
"""Treated and held back in each campaign."""
BASES = tuple(0.02 + 0.05 * place for place in range(11))
"""What comes without it."""
TERMS = Terms(cost_per_contact=0.1, margin=0.3, uplift=0.05)
LISTS = SourceFile("audiences", 0, "")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What many draws came to.

    Attributes
    ----------
    covered, covered_money : float
        Share of the 95 % intervals that hold the planted uplift, and of those of money per customer.
    mean : float
        Of the measured uplifts.
    worked : float
        Share of the draws in which any campaign is said to have worked.
    failed : float
        Share of the campaigns that are said not to have.
    """

    covered: float
    covered_money: float
    mean: float
    worked: float
    failed: float


def draws(uplift: float, times: int, seed: int) -> Drawn:
    """Measure `times` runs of eleven campaigns that add `uplift`."""
    random = np.random.default_rng(seed)
    runs = [_measured(random, uplift) for _ in range(times)]
    effects = [effect for run in runs for effect in run]
    money = [effect.money for effect in effects if effect.money is not None]
    return Drawn(
        covered=float(np.mean([effect.low <= uplift <= effect.high for effect in effects])),
        covered_money=float(np.mean([low <= uplift * MEAN_SPENT <= high for _, low, high in money])),
        mean=float(np.mean([effect.uplift for effect in effects])),
        worked=float(np.mean([any(effect.verdict == "worked" for effect in run) for run in runs])),
        failed=float(np.mean([effect.verdict == "did not" for effect in effects])),
    )


MEAN_SPENT = 100 * float(np.exp(0.5 * 0.5**2))
"""Mean of what a customer who came spent (log-normal, median 100)."""


def _measured(random: np.random.Generator, uplift: float) -> tuple[Effect, ...]:
    parts = []
    for place, ((treated, held), base) in enumerate(zip(SIZES, BASES, strict=True)):
        share = np.r_[np.full(treated, base + uplift), np.full(held, base)]
        came = random.random(treated + held) < share
        spent = np.where(came, np.rint(100 * random.lognormal(np.log(100), 0.5, treated + held)), 0)
        parts.append(
            pd.DataFrame(
                {
                    "segment": f"s{place:02d}",
                    "campaign": f"c{place:02d}",
                    "group": ["treatment"] * treated + ["control"] * held,
                    "responded": came,
                    "cents": spent.astype("int64"),
                }
            )
        )
    sent = Sent("", date(2024, 1, 1), pd.DataFrame(), LISTS)
    return compare(pd.concat(parts), Commission(otherwise=TERMS, sent=sent), CampaignSettings(), is_money=True)


def measure(times: int = 1_000) -> Iterator[tuple[str, float, float, bool]]:
    """Name, value, bound and whether it holds, for each measurement."""
    error = 3 * (0.05 * 0.95 / times) ** 0.5
    for uplift in UPLIFTS:
        found = draws(uplift, times, seed=20240715)
        planted = f"{times:,} runs of 11 campaigns, planted uplift {uplift:.0%}"
        for name, covered in (("intervals", found.covered), ("intervals of money", found.covered_money)):
            missed = abs(covered - 0.95)
            yield f"{planted}: {name}, distance of their coverage from 95 %", missed, COVERAGE, missed <= COVERAGE
        bias = abs(found.mean - uplift)
        yield f"{planted}: bias of the uplift", bias, 0.002, bias <= 0.002
        if uplift == 0:
            bound = 0.05 + error
            yield f"{planted}: runs with a false “worked”", found.worked, bound, found.worked <= bound


COVERAGE = 0.01
"""How far coverage may be from what is promised: score intervals are discrete, and at small shares a little too wide."""
