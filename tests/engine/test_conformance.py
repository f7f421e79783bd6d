"""DuckDB and Spark say the same: each function of the prelude of each text, and whole runs of whole histories."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from reporter.analysis.aggregate import aggregate
from reporter.analysis.past import still_there
from reporter.analysis.replay import replay
from reporter.analysis.restrict import restrict, sizes
from reporter.analysis.rewind import rewind
from reporter.analysis.rfm import load_grid
from reporter.analysis.settings import AnalysisSettings, ReplaySettings, RfmSettings
from reporter.engine import Engine
from reporter.engine.duck import DuckEngine
from reporter.engine.prelude import patterns
from reporter.engine.spark import SparkEngine
from reporter.intake.clean import clean
from reporter.intake.ledger import Ledger
from reporter.intake.read import read
from reporter.intake.settings import SourceSettings
from reporter.intake.tables import cell_text, float_text
from tests.conftest import ROOT
from tests.engine.trapped import history
from tests.intake.cases import dates, money, relations

pytestmark = [pytest.mark.spark, pytest.mark.slow]

CORPUS: dict[str, list[str]] = json.loads((Path(__file__).parent / "corpus.json").read_text(encoding="utf-8"))
EXPRESSIONS = (
    "fits(t, '[0-9]+|a.*')", "date_shape(t)", "parse_date(t, 'dmy')", "parse_date(t, 'mdy')", "parse_date(t, 'ymd')",
    "CAST(parse_ts(t, 'dmy') AS STRING)", "CAST(parse_ts(t, 'mdy') AS STRING)", "CAST(parse_ts(t, 'ymd') AS STRING)",
    "amount_shape(t)", "said_currency(t)", "parse_number(t, '.')", "parse_number(t, ',')", "parse_number(t, '?')",
    "parse_amount(t, '.')", "parse_amount(t, ',')", "says_total(t)", "is_rounded(t)", "printable(t)", "tidy(t)", "small_letters(t)", "capitals(t)",
)  # fmt: skip
SIGNS = "0123456789.,-/:' +()eETZ$€%_\u00a0٣"


def told(engine: Engine, expression: str) -> dict[str, Any]:
    """What the engine makes of every text."""
    table = engine.arrow(f"SELECT t, {expression} AS x FROM texts")
    return dict(zip(table["t"].to_pylist(), table["x"].to_pylist(), strict=True))


def cells_of_the_cases(folder: Path) -> Iterator[str]:
    """Every cell of the intake cases that are about dates, money and relations."""
    for room in (dates, money, relations):
        for number, case in enumerate(room.CASES):
            place = folder / room.__name__ / str(number)
            place.mkdir(parents=True)
            case.build(place)
    for file in sorted(folder.rglob("*.*")):
        if file.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(file, data_only=True).worksheets:
                yield from (cell_text(cell) or "" for row in sheet.iter_rows(values_only=True) for cell in row)
        elif file.suffix in (".csv", ".txt", ".tsv"):
            text = file.read_bytes().decode("utf-8", "replace")
            yield from text.splitlines()
            yield from re.split(r'[,;\t|\n\r"]', text)


def spelt(count: int) -> Iterator[str]:
    """Texts that nobody would write, from the signs of dates and numbers."""
    dice = random.Random(20240715)
    for _ in range(count):
        yield "".join(dice.choices(SIGNS, k=dice.randint(1, 14)))


@pytest.fixture(scope="module")
def texts(duck: DuckEngine, spark: SparkEngine, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """All texts, in both engines."""
    found = [text.replace("\0", "") for room in CORPUS.values() for text in room]
    found += (text.strip() for text in cells_of_the_cases(tmp_path_factory.mktemp("cases")))
    found += spelt(3000)
    found += [sign for code in range(1, 0x2500) if not (sign := chr(code)).isspace()]
    found += [f"{sign}5" for code in range(0x80, 0x3000) for sign in [chr(code)]]
    found += ["1,22" * 20_000, " " * 30_000 + "x", "9" * 100_000]
    unique = list(dict.fromkeys(found))
    for engine in (duck, spark):
        engine.register("texts", pa.table({"t": pa.array(unique, pa.string())}))
    return unique


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_each_function_of_each_text(
    duck: DuckEngine, spark: SparkEngine, texts: Sequence[str], expression: str
) -> None:
    ours, theirs = told(duck, expression), told(spark, expression)
    assert len(ours) == len(theirs) == len(texts) > 10_000
    assert len({str(value) for value in ours.values()}) > 1, "the corpus does not try this function"
    assert {text: (value, theirs[text]) for text, value in ours.items() if value != theirs[text]} == {}


def test_days_between(duck: DuckEngine, spark: SparkEngine) -> None:
    sql = "SELECT days_between(DATE '2024-02-28', DATE '2024-03-01') AS a, days_between(DATE '2024-03-01', DATE '1999-12-31') AS b"
    assert duck.arrow(sql).to_pylist() == spark.arrow(sql).to_pylist() == [{"a": 2, "b": -8827}]


def floats() -> Iterator[float]:
    """Floats of every size, with and without cents, and those in the middle between two cents."""
    dice = random.Random(20240715)
    yield from (
        0.0,
        -0.0,
        0.1 + 0.2,
        1.005,
        2.675,
        -1.115,
        0.005,
        1e15,
        1e16,
        1e300,
        1e-300,
        math.inf,
        -math.inf,
        math.nan,
    )
    for _ in range(3000):
        yield round(dice.uniform(-1e6, 1e6), dice.randrange(7))
        yield dice.choice((1, -1)) * 10 ** dice.uniform(-12, 20)
        yield dice.randrange(10**18) / 1000


@pytest.mark.parametrize("expression", ["float_text(x)", "CAST(money_of(x) AS STRING)", "CAST(price_of(x) AS STRING)"])
def test_each_function_of_each_float(duck: DuckEngine, spark: SparkEngine, expression: str) -> None:
    numbers = list(dict.fromkeys(floats()))
    found = []
    for engine in (duck, spark):
        engine.register("floats", pa.table({"n": range(len(numbers)), "x": pa.array(numbers, pa.float64())}))
        found.append(engine.arrow(f"SELECT {expression} AS y FROM floats ORDER BY n")["y"].to_pylist())
    unlike = {x: pair for x, *pair in zip(numbers, *found, strict=True) if pair[0] != pair[1]}
    if expression == "float_text(x)":
        # Before Java 19 the shortest form of one such number in a hundred is a digit too long.
        unlike = {
            x: pair
            for x, pair in unlike.items()
            if "e" not in pair[0] or not math.isclose(*map(float, pair), rel_tol=2e-14)
        }
    assert unlike == {}
    if expression == "float_text(x)":
        big = {x: y for x, y in zip(numbers, found[0], strict=True) if 1e15 <= abs(x) < math.inf}
        assert len(big) > 300
        assert {x: y for x, y in big.items() if y != float_text(x)} == {}
    else:
        unit = Decimal("0.01" if "money" in expression else "0.0001")
        assert all(
            y is None or Decimal(y) == Decimal(repr(x)).quantize(unit, ROUND_HALF_UP)
            for x, y in zip(numbers, found[0], strict=True)
        )


def test_equal_texts_share_a_hash_and_few_others_do(duck: DuckEngine, spark: SparkEngine, texts: Sequence[str]) -> None:
    for engine in (duck, spark):
        counts = engine.arrow("SELECT count(DISTINCT t) AS t, count(DISTINCT hash_of(t || '')) AS h FROM texts")
        assert counts.to_pylist() == [{"t": len(texts), "h": len(texts)}]


def test_texts_sort_by_their_bytes_on_both(duck: DuckEngine, spark: SparkEngine, texts: Sequence[str]) -> None:
    sql = "SELECT t FROM texts ORDER BY t"
    expected = sorted(texts, key=lambda text: text.encode())
    assert duck.arrow(sql)["t"].to_pylist() == spark.arrow(sql)["t"].to_pylist() == expected


def test_no_pattern_holds_what_the_two_read_differently() -> None:
    written = {name: text for name, text in vars(patterns).items() if name.isupper() and isinstance(text, str)}
    written |= dict(patterns.SHAPES_OF_DAY) | dict(patterns.SHAPES_OF_BODY)
    assert len(written) > 25
    for name, text in written.items():
        bare = (
            text.replace(r"\.", "")
            .replace("[.]", "")
            .replace("[:.]", "")
            .replace("[.,]", "")
            .replace(patterns.REST, "")
        )
        if name not in ("ODD_SIGNS", "PLAIN_SIGNS", "BLANKS", "WHITE", "CAPITALS", "SMALL_LETTERS"):
            assert not any(odd in bare for odd in ("(?i", r"\p", r"\s", r"\w", r"\b")), name
            assert "$" not in text.replace(patterns.CURRENCY_SIGNS, ""), name
            assert "." not in bare, name


def ledger(path: Path, engine: Engine, settings: SourceSettings) -> Ledger:
    return clean(read(path, settings, engine), settings, engine)


def same(ours: Ledger, theirs: Ledger) -> None:
    """The same accounts, findings and customers: all exactly, floats to 1e-9."""
    assert ours.tallies == theirs.tallies
    assert ours.balances == theirs.balances
    assert (ours.notes, ours.hits, ours.joins, ours.known) == (theirs.notes, theirs.hits, theirs.joins, theirs.known)
    assert (ours.as_of, ours.first_day, ours.last_day) == (theirs.as_of, theirs.first_day, theirs.last_day)
    every, other = (pd.concat([each.findings[:0], *each.all_findings()], ignore_index=True) for each in (ours, theirs))
    pd.testing.assert_frame_equal(every, other)
    pd.testing.assert_frame_equal(ours.findings, theirs.findings)
    first, second = aggregate(ours), aggregate(theirs)
    assert (first.transactions, first.buyers, first.cents) == (second.transactions, second.buyers, second.cents)
    for name in ("customers", "monthly", "cohorts", "days_to_burn"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), rtol=1e-9, atol=0)
    for name, frame in first.breakdowns.items():
        pd.testing.assert_frame_equal(frame, second.breakdowns[name], rtol=1e-9, atol=0)


def same_past(ours: Ledger, theirs: Ledger) -> None:
    """The same customers on an earlier morning, and the same movement since."""
    day = ours.as_of - timedelta(days=90)
    first, second = (rewind(each, day) for each in (ours, theirs))
    assert len(first) > 100
    pd.testing.assert_frame_equal(first, second, check_dtype=False)
    grid, settings = load_grid(RfmSettings()), AnalysisSettings(replay=ReplaySettings(trend_months=3), min_group=1)
    one, other = (replay(each, aggregate(each).customers["customer_id"], grid, settings) for each in (ours, theirs))
    assert one is not None
    assert other is not None
    pd.testing.assert_frame_equal(one.trend, other.trend)
    pd.testing.assert_frame_equal(one.movers, other.movers)


def test_parts_of_a_workbook_and_customers_known_before(duck: DuckEngine, spark: SparkEngine) -> None:
    ours, theirs = (ledger(ROOT / "data" / "demo.xlsx", engine, SourceSettings()) for engine in (duck, spark))
    for kind in ("merchant", "branch", "city"):
        known = sizes(ours, kind)
        assert len(known) > 3
        assert known == sizes(theirs, kind)
        name = max(known, key=lambda each: (known[each].rows, each))
        with closing(DuckEngine()) as one, closing(DuckEngine()) as other:
            parts = [
                restrict(whole, kind, name, engine, tells_whole=True)
                for whole, engine in ((ours, one), (theirs, other))
            ]
            assert parts[0].scope == parts[1].scope
            assert parts[0].has == parts[1].has
            same(*parts)
    people = duck.arrow("SELECT customer_id, max(day) AS day FROM transactions WHERE NOT is_refund GROUP BY 1")
    sample = people.to_pandas().astype({"day": "datetime64[s]"})
    samples = {
        "all": sample,
        "half": sample.assign(day=sample["day"].where(sample.index % 2 == 0, pd.Timestamp("1999-01-01"))),
        "strangers": sample.assign(customer_id="nobody"),
    }
    found = still_there(ours, samples)
    assert found == still_there(theirs, samples)
    assert (found["all"], found["strangers"]) == (1, 0)
    assert 0.4 < found["half"] < 0.6


def test_a_history_of_traps(duck: DuckEngine, spark: SparkEngine, tmp_path: Path) -> None:
    path = history(tmp_path / "orders.csv", 6_000)
    settings = SourceSettings(date_order="dmy")
    ours, theirs = (ledger(path, engine, settings) for engine in (duck, spark))
    same(ours, theirs)
    same_past(ours, theirs)
    reasons = {reason for reason, _, _ in ours.transactions_tally.by_reason}
    assert {
        "no-customer-id",
        "bad-date",
        "no-date",
        "bad-amount",
        "no-amount",
        "conflicting-duplicate",
        "summary-line",
    } <= reasons
    assert {"identical-line", "implausible-date", "refund"} <= reasons
