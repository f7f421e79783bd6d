"""The corpus of `tests.intake.cases`: every case ends as its line says, and every account balances."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporter.errors import InputError
from reporter.intake.ledger import Ledger
from tests.intake.cases import dates, files, money, relations, workbooks
from tests.intake.cases.case import Case
from tests.intake.conftest import Load

ROOMS = (dates, money, relations, files, workbooks)
CORPUS = [(room.__name__.rpartition(".")[2], case) for room in ROOMS for case in room.CASES]


@pytest.mark.parametrize(("room", "case"), CORPUS, ids=[f"{room}-{case.id}" for room, case in CORPUS])
def test_case(load: Load, tmp_path: Path, room: str, case: Case) -> None:
    path = case.build(tmp_path)
    if case.refused:
        with pytest.raises(InputError) as caught:
            load(path, **case.settings)
        for words in case.refused:
            assert words in str(caught.value)
        assert all(problem.where and problem.what and problem.fix for problem in caught.value.problems)
    else:
        _judge(load(path, **case.settings), case)


def _judge(ledger: Ledger, case: Case) -> None:
    tally = ledger.transactions_tally
    for each in ledger.tallies:
        assert each.read == each.kept + each.rejected
        wanted = case.reasons if each is tally else case.lookups.get(each.table)
        assert wanted is None or {reason: rows for reason, _, rows in each.by_reason} == dict(wanted)
    assert case.kept in (None, tally.kept)
    notes = "\n".join(f"{note.where} {note.what} {note.rows}" for note in ledger.notes)
    for words in case.told:
        assert words in notes
    for words in case.untold:
        assert words not in notes
    rows = ledger.engine.arrow(
        "SELECT customer_id, CAST(day AS VARCHAR) AS day, merchant_name, amount FROM transactions"
    ).to_pylist()
    assert case.ids is None or sorted({row["customer_id"] for row in rows}) == list(case.ids)
    assert case.days is None or sorted({row["day"] for row in rows}) == list(case.days)
    assert case.names is None or sorted({row["merchant_name"] for row in rows}, key=str) == list(case.names)
    assert case.total is None or str(sum(row["amount"] for row in rows)) == case.total


def test_there_are_enough_cases_and_no_two_of_one_name() -> None:
    assert len({(room, case.id) for room, case in CORPUS}) == len(CORPUS) >= 90
