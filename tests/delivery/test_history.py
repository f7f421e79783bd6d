"""The ledger of runs: whatever happens to it, no run is lost that has a folder, and nothing damaged is thrown away."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import threading
import time
import zlib
from contextlib import closing
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from reporter.analysis.past import Series
from reporter.delivery import history
from reporter.delivery.history import MIGRATIONS, NAME, HistoryError, open_history, read_members, settings_mark
from tests.delivery.recorded_runs import CUSTOMERS, SERIES, finish, run_id
from tests.delivery.small_runs import child, names

MINE = Series(**SERIES).text  # type: ignore[arg-type]
HEAD = "from pathlib import Path\nfrom reporter.delivery.history import open_history\n"


def rows(root: Path) -> list[tuple[object, ...]]:
    """All that a ledger holds, read by SQLite alone."""
    with closing(sqlite3.connect(root / NAME)) as connection:
        return sorted(connection.execute("SELECT * FROM runs LEFT JOIN members USING (run_id)"))


def known(root: Path) -> list[object]:
    return [row[0] for row in rows(root)]


# -- what it holds


def test_finished_runs_are_entered_when_it_is_opened_and_twice_changes_nothing(tmp_path: Path):
    for month in (1, 2):
        finish(tmp_path, run_id(month))
    with open_history(tmp_path) as opened:
        assert opened.remarks == ()
    first = rows(tmp_path)
    assert [row[0] for row in first] == [run_id(1), run_id(2)]
    with open_history(tmp_path):
        pass
    assert rows(tmp_path) == first
    assert names(tmp_path) == sorted([".lock", run_id(1), run_id(2), NAME, "latest"])


def test_it_gives_back_what_the_run_has_written(tmp_path: Path):
    folder = finish(tmp_path, run_id(3))
    with open_history(tmp_path) as opened:
        (run,) = opened.before(MINE, date(2024, 4, 1), "", 11)
        members = opened.members(run.run_id)
    assert run.facts == json.loads((folder / "facts.json").read_text())
    for file in run.inputs:
        content = (tmp_path / file.name).read_bytes()
        assert (file.bytes, file.sha256) == (len(content), sha256(content).hexdigest())
    assert [file.name for file in run.inputs] == [f"{run.run_id}/facts.json", f"{run.run_id}/customers.csv"]
    assert run.sample["customer_id"].tolist() == ["1", "2", "=3"]
    assert [day.date() for day in run.sample["day"]] == [date(2024, 2, 29), date(2024, 1, 31), date(2023, 3, 2)]
    assert members is not None
    assert read_members(members).to_dict("list") == CUSTOMERS[["customer_id", "segment"]].to_dict("list")


def test_only_earlier_runs_of_the_series_count_one_for_each_day(tmp_path: Path):
    mine = {"settings": {"cluster.k_max": 10, "source.as_of": "2024-02-01", "memory": "4GB"}}
    finish(tmp_path, run_id(1))
    finish(tmp_path, run_id(2, "a"), **mine)
    finish(tmp_path, run_id(2, "b"), settings={"cluster.k_max": 6})
    finish(tmp_path, run_id(3), history={"series": SERIES | {"organisation": "another shop"}})
    finish(tmp_path, run_id(4))
    finish(tmp_path, run_id(5))
    mark = settings_mark({"cluster.k_max": 10, "source.as_of": "2024-04-01", "memory": ""})
    with open_history(tmp_path) as opened:
        assert [run.run_id for run in opened.before(MINE, date(2024, 5, 1), mark, 11)] == [
            run_id(1), run_id(2, "a"), run_id(4),
        ]  # fmt: skip
        assert [run.run_id for run in opened.before(MINE, date(2024, 5, 1), "", 2)] == [run_id(2, "b"), run_id(4)]


def test_a_run_whose_folder_is_gone_lives_on(tmp_path: Path):
    finish(tmp_path, run_id(1))
    with open_history(tmp_path):
        pass
    shutil.rmtree(tmp_path / run_id(1))
    with open_history(tmp_path) as opened:
        assert [run.run_id for run in opened.before(MINE, date(2024, 5, 1), "", 11)] == [run_id(1)]


def test_a_run_that_wanted_no_history_is_not_entered_and_a_damaged_one_is_told(tmp_path: Path):
    finish(tmp_path, run_id(1), history=None)
    (finish(tmp_path, run_id(2)) / "facts.json").write_text("{}", encoding="utf-8")
    finish(tmp_path, run_id(3), history={"series": {"odd": 1}})
    with open_history(tmp_path) as opened:
        assert len(opened.remarks) == 2
        assert "SHA-256" in opened.remarks[0]
        assert "another version" in opened.remarks[1]
    assert known(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_its_owner_alone_may_read_it(tmp_path: Path):
    finish(tmp_path, run_id(1))
    (tmp_path / NAME).touch(mode=0o644)
    with open_history(tmp_path):
        beside = [path for path in tmp_path.iterdir() if path.name.startswith(NAME)]
        assert len(beside) == 3, "the log and its index are there while it is open"
        assert {path.stat().st_mode & 0o777 for path in beside} == {0o600}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(NAME)] == [NAME]


def test_a_planted_link_is_not_followed(tmp_path: Path):
    finish(tmp_path, run_id(1))
    (tmp_path / "elsewhere").touch(mode=0o644)
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HistoryError, match="cannot be used"), open_history(tmp_path):
        pass
    assert (tmp_path / "elsewhere").read_bytes() == b""


# -- versions

VERSION_1 = f"""
    PRAGMA application_id = {0x72707472};
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY, as_of TEXT NOT NULL, mode TEXT NOT NULL, series TEXT NOT NULL, version TEXT NOT NULL,
        settings TEXT NOT NULL, sources TEXT NOT NULL, facts BLOB NOT NULL, facts_sha256 TEXT NOT NULL
    );
    CREATE INDEX runs_by_series ON runs (series, as_of);
    PRAGMA user_version = 1;
"""
"""As the first form was written: it stays here as it is, whatever the program says."""


def write_version_1(root: Path, *runs: str) -> None:
    """A ledger of the first form, with runs in it."""
    connection = sqlite3.connect(root / NAME)
    connection.executescript(VERSION_1)
    for name in runs:
        text = json.dumps({"as_of": name[:10], "mode": "money"}).encode()
        row = (name, name[:10], "money", MINE, "0.0.1", "", "[]", zlib.compress(text), sha256(text).hexdigest())
        connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.commit()
    connection.close()


def test_the_first_form_is_brought_to_the_newest_and_keeps_its_runs(tmp_path: Path):
    finish(tmp_path, run_id(2))
    write_version_1(tmp_path, run_id(1), run_id(2))
    with open_history(tmp_path) as opened:
        gone, here = opened.before(MINE, date(2024, 5, 1), "", 11)
        assert (gone.facts, len(gone.inputs), len(gone.sample)) == ({"as_of": "2024-01-01", "mode": "money"}, 1, 0)
        assert opened.members(gone.run_id) is None
        assert (here.run_id, len(here.sample)) == (run_id(2), 3), "its members come from its folder"
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_kill_in_the_middle_of_a_migration_leaves_the_form_that_was(tmp_path: Path):
    write_version_1(tmp_path, run_id(1))
    killed = child(
        HEAD + "import signal\nfrom reporter.delivery import history\n"
        "class Steps(tuple):\n"
        "    def __getitem__(self, key):\n"
        "        found = tuple.__getitem__(self, key)\n"
        "        def steps():\n"
        "            yield from found\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return steps()\n"
        f"history.MIGRATIONS = Steps(history.MIGRATIONS)\nwith open_history(Path({str(tmp_path)!r})): pass"
    )
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'members'").fetchone() == (0,)
    with open_history(tmp_path) as opened:
        assert [run.run_id for run in opened.before(MINE, date(2024, 5, 1), "", 11)] == [run_id(1)]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (f"PRAGMA application_id = {0x72707472}; PRAGMA user_version = 99; CREATE TABLE later (x)", "newer version"),
        ("CREATE TABLE albums (title)", "another program"),
    ],
)
def test_what_we_do_not_know_is_left_alone(tmp_path: Path, made: str, told: str):
    finish(tmp_path, run_id(1))
    connection = sqlite3.connect(tmp_path / NAME)
    connection.executescript(made)
    connection.close()
    before = (tmp_path / NAME).read_bytes()
    with pytest.raises(HistoryError, match=told), open_history(tmp_path):
        pass
    assert (tmp_path / NAME).read_bytes() == before


# -- damage


def flipped_pages(content: bytes) -> bytes:
    """Every page but the first is noise."""
    return content[:4096] + random.Random(7).randbytes(len(content) - 4096)


def flipped_fact(content: bytes) -> bytes:
    """One byte within the compressed facts of a run: SQLite has no digest that would tell."""
    place = content.index(zlib.compress(b"{")[:2]) + 40
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


DAMAGES = {
    "noise": lambda content: random.Random(3).randbytes(9_000),
    "pages": flipped_pages,
    "cut short": lambda content: content[: len(content) // 2 + 100],
    "a fact": flipped_fact,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_set_aside_told_and_made_again_from_the_folders(tmp_path: Path, damage: str):
    for month in (1, 2):
        finish(tmp_path, run_id(month))
    with open_history(tmp_path):
        pass
    before = rows(tmp_path)
    damaged = DAMAGES[damage]((tmp_path / NAME).read_bytes())
    (tmp_path / NAME).write_bytes(damaged)
    with open_history(tmp_path) as opened:
        (remark,) = opened.remarks
    aside = f"history.corrupt-{sha256(damaged).hexdigest()[:8]}.sqlite"
    assert aside in remark
    assert (tmp_path / aside).read_bytes() == damaged
    assert rows(tmp_path) == before
    (tmp_path / NAME).write_bytes(b"again" * 2_000)
    with open_history(tmp_path) as opened:
        assert len(opened.remarks) == 1
    assert len(list(tmp_path.glob("history.corrupt-*"))) == 2
    assert (tmp_path / aside).read_bytes() == damaged


def test_equal_beginnings_of_digests_overwrite_nothing(tmp_path: Path):
    damaged = b"no database" * 500
    other = tmp_path / f"history.corrupt-{sha256(damaged).hexdigest()[:8]}.sqlite"
    other.write_bytes(b"somebody else's")
    (tmp_path / NAME).write_bytes(damaged)
    with open_history(tmp_path):
        pass
    assert other.read_bytes() == b"somebody else's"
    assert (tmp_path / f"history.corrupt-{sha256(damaged).hexdigest()[:16]}.sqlite").read_bytes() == damaged


def test_an_empty_file_is_filled(tmp_path: Path):
    finish(tmp_path, run_id(1))
    (tmp_path / NAME).touch()
    with open_history(tmp_path):
        pass
    assert known(tmp_path) == [run_id(1)]


# -- many at once, kills, odd file systems


@pytest.mark.skipif(sys.platform == "win32", reason="a file system layer of Unix")
def test_it_works_where_a_log_cannot_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """SQLite's layer for file systems without shared memory and byte locks: it refuses the log (WAL)."""
    finish(tmp_path, run_id(1))
    monkeypatch.setattr(history, "_address", lambda path: f"{path.absolute().as_uri()}?vfs=unix-dotfile")
    with open_history(tmp_path) as opened:
        assert opened.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    monkeypatch.undo()
    with open_history(tmp_path) as opened:
        assert opened.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert known(tmp_path) == [run_id(1)]


def test_processes_at_once_enter_every_run_once(tmp_path: Path):
    for month in range(1, 9):
        finish(tmp_path, run_id(month))
    code = (
        HEAD
        + f"\nfor _ in range(5):\n    with open_history(Path({str(tmp_path)!r})) as opened: assert not opened.remarks"
    )
    for process in [child(code) for _ in range(3)]:
        _, faults = process.communicate(timeout=120)
        assert process.returncode == 0, faults
    assert known(tmp_path) == [run_id(month) for month in range(1, 9)]


def test_a_file_that_another_process_is_just_making_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The other one comes between two looks at the file."""
    others: list[threading.Thread] = []

    class Slow(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
            found = super().execute(sql, *values)
            if sql == "PRAGMA application_id" and not others:
                others.append(threading.Thread(target=lambda: history._opened(tmp_path / NAME).close()))
                others[0].start()
                others[0].join(0.5)
            return found

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *told, **more: connect(*told, factory=Slow, **more))
    with open_history(tmp_path) as opened:
        assert not opened.remarks
    others[0].join()


def test_who_waits_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with open_history(tmp_path):
        pass
    finish(tmp_path, run_id(1))
    monkeypatch.setattr(history, "BUSY_S", 0.1)
    holder = sqlite3.connect(tmp_path / NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryError, match="locked"), open_history(tmp_path):
        pass
    holder.close()
    with open_history(tmp_path):
        pass
    assert known(tmp_path) == [run_id(1)]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_kill_at_any_moment_leaves_it_whole(tmp_path: Path):
    draw = random.Random(20240715)
    for month in range(1, 13):
        finish(tmp_path, run_id(month))
    code = HEAD + (
        f"\nroot = Path({str(tmp_path)!r})\nwhile True:\n"
        "    with open_history(root) as opened:\n"
        "        print('open', flush=True)\n"
        "        opened.connection.executescript('DELETE FROM members; DELETE FROM runs')\n"
    )
    for _ in range(6):
        process = child(code)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(draw.random() * 0.15)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        with open_history(tmp_path) as opened:
            assert opened.remarks == ()
        assert known(tmp_path) == [run_id(month) for month in range(1, 13)]
