"""One spoiled input, judged: a refusal with words, or a check whose accounts balance, in time; anything else is a find."""

from __future__ import annotations

import random
import signal
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import reporter
from reporter.errors import ReporterError
from reporter.intake.ledger import Ledger
from tests.fixtures.workbook import make_csv, make_orders, make_shop, make_workbook
from tests.fuzz.mutate import spoiled

SECONDS_EACH = 20


@dataclass(frozen=True, slots=True)
class Find:
    """An input that was neither refused nor accounted for."""

    number: int
    name: str
    fault: str
    content: bytes


class TooLongError(Exception):
    """An input that took longer than any may."""


def seeds(folder: Path) -> list[Path]:
    """Sound files to start from: workbooks of both layouts, and tables of text."""
    shop = make_shop(customers=12, transactions=40, amount=True)
    found = [
        make_workbook(folder / "shop.xlsx", shop),
        make_workbook(folder / "orders.xlsx", {"Orders": make_orders(lines=30)}),
        make_csv(folder / "orders.csv", make_orders(lines=40)),
        make_csv(folder / "semicolon.csv", make_orders(lines=40), delimiter=";", encoding="utf-16"),
        make_csv(folder / "transactions.csv", shop["transactions"]),
    ]
    dirty = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "dirty"
    return found + sorted(
        path for path in dirty.glob("*.*") if path.suffix in (".xlsx", ".csv") and path.stat().st_size < 50_000
    )


def hunt(
    seed: int, files: Sequence[Path], folder: Path, until: float = float("inf"), most: int = 10**9
) -> tuple[Counter[str], list[Find]]:
    """Try spoiled inputs, as many as the time or the number allows.

    Returns
    -------
    tuple
        How many were kept and how many refused, and the finds. Input number n of a seed is always the same.
    """
    outcomes: Counter[str] = Counter()
    finds: list[Find] = []
    number = 0
    while number < most and time.monotonic() < until:
        chance = random.Random(f"{seed}-{number}")
        file = chance.choice(files)
        path = folder / f"input{file.suffix}"
        path.write_bytes(spoiled(chance, file.read_bytes(), file.suffix == ".xlsx"))
        try:
            outcomes[judged(path)] += 1
        except Exception:
            outcomes["found"] += 1
            finds.append(Find(number, file.name, traceback.format_exc(), path.read_bytes()))
        number += 1
    return outcomes, finds


def judged(path: Path) -> str:
    """Check one input: ``refused`` or ``kept``.

    Raises
    ------
    Exception
        Whatever the intake should never raise.
    """
    with _timed(), warnings.catch_warnings():
        warnings.simplefilter("error")
        refusal, ledger = _checked(path)
    if ledger is None:
        assert refusal is not None
        assert refusal.exit_code == 3, refusal
        assert all(problem.where and problem.what and problem.fix for problem in refusal.problems), refusal
        assert str(path.parent) not in str(refusal), refusal
        return "refused"
    for tally in ledger.tallies:
        assert tally.read == tally.kept + tally.rejected
        assert sum(rows for _, kind, rows in tally.by_reason if kind == "rejected") == tally.rejected
    return "kept"


def _checked(path: Path) -> tuple[ReporterError | None, Ledger | None]:
    try:
        return None, reporter.check(path)
    except ReporterError as error:
        return error, None


@contextmanager
def _timed() -> Iterator[None]:
    def late(*_: Any) -> None:
        raise TooLongError(f"more than {SECONDS_EACH} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS_EACH)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def hunt_beside(seed: int, seconds: float) -> tuple[Counter[str], list[Find]]:
    """Hunt in a temporary folder for some time; for a worker process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seeds").mkdir()
        return hunt(seed, seeds(folder / "seeds"), folder, time.monotonic() + seconds)
