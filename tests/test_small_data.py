"""Degenerate data: one order, equal customers, only refunds, extremes. Each ends in a true report or in a refusal that says why."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import reporter

Order = tuple[str, str, object]
"""Customer, day, amount."""

MANY_DAYS = tuple(f"{2020 + day // 336}-{day // 28 % 12 + 1:02d}-{day % 28 + 1:02d}" for day in range(1_000))

pytestmark = pytest.mark.slow


def each(customers: int, orders: Callable[[int], Sequence[tuple[str, object]]]) -> list[Order]:
    """Orders of many customers."""
    return [(f"c{number:04d}", day, amount) for number in range(customers) for day, amount in orders(number)]


CASES: dict[str, tuple[list[Order], dict[str, Any]]] = {
    "one_order": ([("a", "2024-01-05", "10.00")], {"scored": 1, "kept": 1}),
    "one_customer_many_orders": ([("a", day, "3.00") for day in MANY_DAYS[:90]], {"scored": 1, "kept": 90}),
    "two_customers_one_order_each": ([("a", "2024-01-05", "1"), ("b", "2024-01-06", "2")], {"scored": 2, "kept": 2}),
    "fewer_customers_than_groups": (each(5, lambda n: [(MANY_DAYS[n], n + 1)]), {"scored": 5, "kept": 5}),
    "all_customers_equal": (each(60, lambda n: [("2024-03-01", "5.00")] * 3), {"scored": 60, "kept": 180}),
    "all_equal_but_one": (
        [*each(60, lambda n: [("2024-03-01", "5.00")]), ("z", "2021-03-01", "9.00")],
        {"scored": 61, "kept": 61},
    ),
    "two_values_only": (
        each(80, lambda n: [("2024-03-01" if n % 2 else "2024-01-01", 1 + n % 2)]),
        {"scored": 80, "kept": 80},
    ),
    "one_day_only": (each(50, lambda n: [("2024-02-29", n + 1)]), {"scored": 50, "kept": 50}),
    "leap_day_and_turn_of_the_year": (
        each(40, lambda n: [("2024-02-29", 1), ("2023-12-31", 1), ("2024-01-01", 1)]),
        {"scored": 40, "kept": 120},
    ),
    "zero_amounts_only": (each(40, lambda n: [(MANY_DAYS[n], 0)]), {"scored": 40, "kept": 40}),
    "one_cent": (each(40, lambda n: [(MANY_DAYS[n], "0.01")]), {"scored": 40, "kept": 40}),
    "refunds_eat_all": (
        each(40, lambda n: [(MANY_DAYS[n], "7.00"), (MANY_DAYS[n + 1], "-7.00")]),
        {"scored": 40, "kept": 80},
    ),
    "refunds_eat_more": (
        each(40, lambda n: [(MANY_DAYS[n], "7.00"), (MANY_DAYS[n + 1], "-9.00")]),
        {"scored": 40, "kept": 80},
    ),
    "a_customer_of_refunds_only": (
        [*each(40, lambda n: [(MANY_DAYS[n], n + 1)]), ("z", "2020-02-01", "-5.00")],
        {"kept": 41},
    ),
    "one_whale": (
        [*each(99, lambda n: [(MANY_DAYS[n], n % 7 + 1)]), ("whale", "2020-03-01", "999999999.99")],
        {"scored": 100, "kept": 100},
    ),
    "one_who_buys_all_the_time": (
        [*each(60, lambda n: [(MANY_DAYS[n], 5)]), *(("z", day, 5) for day in MANY_DAYS)],
        {"scored": 61, "kept": 1_060},
    ),
    "decades_apart": (each(40, lambda n: [(f"{1990 + n % 30}-06-01", 5)]), {"scored": 40, "kept": 40}),
    "largest_money": (each(40, lambda n: [(MANY_DAYS[n], "9999999999999.99")]), {"scored": 40, "kept": 40}),
    "just_enough_for_findings": (each(30, lambda n: [(MANY_DAYS[n * 3], n + 1)]), {"scored": 30, "kept": 30}),
    "one_too_few_for_findings": (each(29, lambda n: [(MANY_DAYS[n * 3], n + 1)]), {"scored": 29, "kept": 29}),
    "every_customer_once": (each(300, lambda n: [(MANY_DAYS[n], n % 50 + 1)]), {"scored": 300, "kept": 300}),
    "ids_of_one_letter_and_of_hundreds": (
        [("i" * 300, "2020-01-09", 4), *each(40, lambda n: [(MANY_DAYS[n], 2)])],
        {"scored": 41, "kept": 41},
    ),
    "ids_that_look_null": (
        [(name, MANY_DAYS[place], 5) for place, name in enumerate(["NA", "None", "nan", "null", "N/A", "-", "0", "#"])],
        {"scored": 8, "kept": 8},
    ),
    "one_date_years_ahead": (
        [*each(50, lambda n: [(MANY_DAYS[n], 5)]), ("z", "2022-12-01", 5)],
        {"scored": 50, "kept": 50, "rejected": 1},
    ),
    "rows_without_anybody": (
        [*each(10, lambda n: [(MANY_DAYS[n], 5)]), ("", "2024-01-01", 5), ("", "2024-01-02", 5)],
        {"scored": 10, "kept": 10, "rejected": 2},
    ),
    "two_months_then_silence": (
        [*each(50, lambda n: [(MANY_DAYS[n], 5)]), ("z", "2021-01-02", 5)],
        {"scored": 51, "kept": 51},
    ),
}

REFUSED: dict[str, tuple[list[Order], str]] = {
    "nobody": ([("", "2024-01-05", "10.00")], "no customer_id"),
    "no_day_can_be_read": ([("a", "soon", "10.00"), ("b", "later", "1")], "date cannot be read"),
    "only_refunds": ([("a", "2024-01-05", "-10.00"), ("b", "2024-01-05", "-1.00")], "every row is a refund"),
}


class Words(HTMLParser):
    """The visible text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text.append(data)


def orders(folder: Path, rows: Sequence[Order]) -> Path:
    """The orders as a table."""
    path = folder / "orders.csv"
    lines = [f"{number},{customer},{day},{amount}" for number, (customer, day, amount) in enumerate(rows, 1)]
    path.write_text("\n".join(["order_id,customer_id,order_date,amount", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pictures are drawn faster than workers start."""
    monkeypatch.setattr("os.cpu_count", lambda: 1)


@pytest.mark.parametrize("name", CASES)
def test_small_data_ends_in_a_true_report(name: str, tmp_path: Path) -> None:
    rows, expected = CASES[name]
    config, _ = reporter.load_config(None, ["output.pdf=false", "cluster.null_draws=4", "cluster.bootstraps=4"])
    outputs = reporter.run(orders(tmp_path, rows), config, output=tmp_path / "out")
    facts = outputs.facts
    tally = outputs.analysis.ledger.transactions_tally
    found = {"scored": facts["customers"]["scored"], "kept": tally.kept, "rejected": tally.rejected}
    assert {key: found[key] for key in expected} == expected
    assert tally.read == len(rows) == tally.kept + tally.rejected
    assert sum(segment["customers"] for segment in facts["segments"]) == facts["customers"]["scored"]
    page = Words()
    page.feed(outputs.paths["report.html"].read_text(encoding="utf-8"))
    text = " ¦ ".join(page.text)
    assert not re.search(r"\b(nan|NaN|inf|NaT|None(?! of)|null)\b", text)
    assert not re.search(r"\b1 (customers|transactions|groups|rows|days|segments)\b", text), "grammar of one"


@pytest.mark.parametrize("name", REFUSED)
def test_data_of_which_nothing_is_left_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    rows, said = REFUSED[name]
    config, _ = reporter.load_config(None, ["output.pdf=false"])
    with pytest.raises(reporter.InputError, match=said):
        reporter.run(orders(tmp_path, rows), config, output=tmp_path / "out")
    assert not (tmp_path / "out").exists()
