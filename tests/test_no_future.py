"""A run as of a day knows nothing of what came after it: the same customers.csv, byte for byte, as from the file that could be written that morning."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import reporter
from reporter.analysis.rewind import rewind
from reporter.analysis.rfm import load_grid, score
from reporter.config import Config, load_config
from reporter.document.audiences import write_customers
from reporter.engine import open_engine
from reporter.errors import InputError
from reporter.intake.clean import clean
from reporter.intake.read import read

QUICK = ("cluster.k_max=2", "cluster.null_draws=2", "cluster.bootstraps=2", "replay.periods=[]")
EXAMPLES = 10
"""Each cleans and scores two files, which takes seconds; so each holds up to sixty rows whose ids, refunds and burns lie on both sides of the day."""
START, SPAN = date(2023, 1, 1), 400
Mode = Literal["orders", "money", "coupon"]
Row = tuple[int, int, int, int, int | None, int]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 11), st.integers(0, 30), st.integers(0, SPAN - 1), st.integers(-2000, 9999),
        st.none() | st.integers(-10, 120), st.integers(0, 3),
    ),
    min_size=12,
    max_size=60,
)  # fmt: skip
"""Customer, transaction, day, cents, days until the coupon was burned, branch. Ids repeat within a customer and across customers, on both sides of any day."""
JOINS = st.lists(st.none() | st.integers(-30, SPAN + 30), min_size=12, max_size=12)
SHOP = (
    "transaction_id",
    "customer_id",
    "transaction_date",
    "transaction_status",
    "coupon_name",
    "burn_date",
    "branch_id",
    "amount",
)


def day_of(offset: int) -> date:
    return START + timedelta(days=offset)


def write(folder: Path, name: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])


def written(folder: Path, mode: Mode, rows: Sequence[Row], joins: Sequence[int | None], until: date) -> Path:
    """The source as its owner could have written it on the evening before `until`."""
    folder.mkdir()
    known = [row for row in rows if day_of(row[2]) < until]
    if mode == "orders":
        lines = [(f"T{t}", f"C{c}", day_of(d), f"{cents / 100:.2f}") for c, t, d, cents, _, _ in known]
        write(folder, "orders", ("order_id", "customer_id", "order_date", "amount"), lines)
        return folder / "orders.csv"
    told = []
    for c, t, d, cents, burn, branch in known:
        burned = burn is not None and day_of(d + burn) < until
        day = day_of(d + burn) if burned and burn is not None else ""
        told.append(
            (
                f"T{t}",
                f"C{c}",
                day_of(d),
                "burned" if burned else "subscribed",
                "Ten off",
                day,
                branch,
                f"{cents / 100:.2f}",
            )
        )
    columns = len(SHOP) - (mode == "coupon")
    write(folder, "transactions", SHOP[:columns], [line[:columns] for line in told])
    joined = [
        (f"C{c}", "" if j is None else day_of(j), c % 3, c % 2)
        for c, j in enumerate(joins)
        if j is None or day_of(j) < until
    ]
    write(folder, "customers", ("customer_id", "join_date", "city_id", "gender_id"), joined)
    write(folder, "cities", ("city_id", "city_name"), [(n, f"City {n}") for n in range(3)])
    write(folder, "genders", ("gender_id", "gender_name"), [(0, "Female"), (1, "Male")])
    write(folder, "branches", ("branch_id", "merchant_id"), [(n, n % 2) for n in range(4)])
    write(folder, "merchants", ("merchant_id", "merchant_name"), [(n, f"Merchant {n}") for n in range(2)])
    return folder


def config_of(as_of: date | None, policy: str) -> Config:
    said = [] if as_of is None else [f"source.as_of={as_of}"]
    return load_config(None, [*QUICK, f"source.refunds.policy={policy}", *said])[0]


def customers_csv(source: Path, config: Config, folder: Path) -> bytes:
    """The bytes of customers.csv, or what was said instead: a day before the first sale has none."""
    try:
        analysis = reporter.analyse(source, config)
    except InputError:
        return b"cannot be used"
    folder.mkdir()
    return write_customers(analysis.customers, folder, "csv", ("monetary",)).read_bytes()


def test_the_measure_sees_the_future(tmp_path: Path) -> None:
    """Without the as-of date the two files do differ."""
    rows: list[Row] = [(n % 6, n, 10 * n, 500 + n, 3, 0) for n in range(30)]
    full, cut = (written(tmp_path / str(until), "orders", rows, [], until) for until in (day_of(SPAN), day_of(150)))
    found = [
        customers_csv(source, config_of(None, "net"), tmp_path / f"out{n}") for n, source in enumerate((full, cut))
    ]
    assert found[0] != found[1]


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(
    ROWS, JOINS, st.sampled_from(["orders", "money", "coupon"]), st.sampled_from(["net", "gross", "exclude"]), st.integers(60, SPAN)
)  # fmt: skip
def test_a_run_as_of_a_day_is_a_run_on_the_file_of_that_day(
    rows: list[Row], joins: list[int | None], mode: Mode, policy: str, offset: int
) -> None:
    day = day_of(offset)
    assume(any(day_of(row[2]) < day for row in rows))
    with tempfile.TemporaryDirectory() as place:
        full = written(Path(place) / "full", mode, rows, joins, day_of(2 * SPAN))
        cut = written(Path(place) / "cut", mode, rows, joins, day)
        config = config_of(day, policy)
        now = customers_csv(full, config, Path(place) / "out-full")
        assert now == customers_csv(cut, config, Path(place) / "out-cut")


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(ROWS, JOINS, st.sampled_from(["orders", "money", "coupon"]), st.integers(60, SPAN))
def test_a_rewound_ledger_scores_as_the_file_of_that_day(
    rows: list[Row], joins: list[int | None], mode: Mode, offset: int
) -> None:
    """Of ids that contradict each other across the day the ledger of today has neither row: here every id has one owner and, in a shop, one row."""
    day = day_of(offset)
    rows = [(c, 100 * c + t if mode == "orders" else n, d, *rest) for n, (c, t, d, *rest) in enumerate(rows)]  # type: ignore[misc]
    assume(any(day_of(row[2]) < day and row[3] >= 0 for row in rows))
    grid = load_grid(Config().analysis.rfm)
    frames = []
    with tempfile.TemporaryDirectory() as place:
        for name, until in (("full", day_of(2 * SPAN)), ("cut", day)):
            source = written(Path(place) / name, mode, rows, joins, until)
            engine = open_engine("duckdb", reach=source)
            ledger = clean(read(source, Config().source, engine), config_of(until, "net").source, engine)
            frames.append(score(rewind(ledger, day), grid).frame)
            engine.close()
    pd.testing.assert_frame_equal(*frames)
    assert len(frames[0])
