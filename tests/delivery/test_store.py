"""Run folders: whatever happens, a final name holds a complete report or nothing, and ``latest`` verifies."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from reporter.delivery import store
from reporter.delivery.store import beside, check_loose, check_root, name_run, open_run, write_json
from reporter.errors import BusyError, UsageError
from tests.delivery.small_runs import OTHER, RUN, child, damage, make, names, said_by

# -- names


def test_a_run_is_named_after_everything_that_decides_it():
    settings = {"cluster.k_max": 10, "source.as_of": None}
    first = name_run(date(2024, 7, 1), ["aa", "bb"], settings, "1")
    assert first.startswith("2024-07-01-")
    assert store.RUN_ID.fullmatch(first)
    assert first == name_run(date(2024, 7, 1), ["bb", "aa"], dict(reversed(settings.items())), "1")
    changed = {
        name_run(date(2024, 7, 2), ["aa", "bb"], settings, "1"),
        name_run(date(2024, 7, 1), ["aa"], settings, "1"),
        name_run(date(2024, 7, 1), ["aa", "bb"], {**settings, "cluster.k_max": 9}, "1"),
        name_run(date(2024, 7, 1), ["aa", "bb"], settings, "2"),
    }
    assert len(changed | {first}) == 5


# -- the good way


def test_a_published_run_is_whole_and_latest_leads_to_it(tmp_path: Path):
    final = make(tmp_path / "deep" / "output")
    root = final.parent
    assert names(root) == sorted([".lock", RUN, "latest"])
    assert (root / "latest").readlink() == Path(RUN)
    assert damage(root / "latest") == []
    outputs = json.loads((final / "manifest.json").read_text(encoding="utf-8"))["outputs"]
    assert [each["path"] for each in outputs] == ["audiences/loyal.csv", "customers.csv", "report.html"]


def test_the_check_of_damage_sees_a_changed_a_missing_and_an_extra_file(tmp_path: Path):
    final = make(tmp_path)
    (final / "report.html").write_text("another", encoding="utf-8")
    (final / "customers.csv").unlink()
    (final / "extra").touch()
    assert sorted(damage(final)) == ["customers.csv", "extra", "report.html"]


def test_equal_runs_give_equal_folders(tmp_path: Path):
    one, other = make(tmp_path / "one"), make(tmp_path / "other")
    assert (one / "manifest.json").read_bytes() == (other / "manifest.json").read_bytes()


def test_latest_follows_the_newest_run(tmp_path: Path):
    make(tmp_path, OTHER)
    make(tmp_path, RUN)
    assert (tmp_path / "latest").readlink() == Path(RUN)
    assert damage(tmp_path / OTHER) == []


# -- refusals


def test_a_finished_run_is_not_made_again_without_force(tmp_path: Path):
    make(tmp_path, text="first")
    with pytest.raises(UsageError, match=r"is there already.*--force") as caught:
        make(tmp_path, text="second")
    assert str(tmp_path / RUN) in str(caught.value)
    assert (tmp_path / RUN / "report.html").read_text(encoding="utf-8") == "first"
    make(tmp_path, force=True, text="third")
    assert (tmp_path / "latest" / "report.html").read_text(encoding="utf-8") == "third"
    assert names(tmp_path) == sorted([".lock", RUN, "latest"])


def test_a_folder_of_that_name_without_manifest_is_not_taken_for_a_run(tmp_path: Path):
    (tmp_path / RUN).mkdir()
    with pytest.raises(UsageError, match="no finished run"):
        make(tmp_path)


def planted(root: Path, kind: str) -> None:
    """Something in the way."""
    root.mkdir()
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "precious").write_text("mine", encoding="utf-8")
    match kind:
        case "latest is a folder":
            (root / "latest").mkdir()
        case "latest is somebody's file":
            (root / "latest").write_text("my notes", encoding="utf-8")
        case "latest leads out":
            (root / "latest").symlink_to(outside)
        case "latest leads up":
            (root / "latest").symlink_to("..")
        case "the run leads out":
            (root / RUN).symlink_to(outside)
        case "the run is a file":
            (root / RUN).touch()
        case "the lock leads out":
            (root / ".lock").symlink_to(outside / "precious")


@pytest.mark.parametrize(
    "kind",
    [
        "latest is a folder",
        "latest is somebody's file",
        "latest leads out",
        "latest leads up",
        "the run leads out",
        "the run is a file",
        "the lock leads out",
    ],
)
def test_what_is_in_the_way_is_left_alone(tmp_path: Path, kind: str):
    root = tmp_path / "output"
    planted(root, kind)
    before = names(root)
    with pytest.raises(UsageError):
        make(root, force=True)
    assert [name for name in names(root) if name != ".lock"] == [name for name in before if name != ".lock"]
    assert (tmp_path / "outside" / "precious").read_text(encoding="utf-8") == "mine"


def test_a_file_is_no_output_folder(tmp_path: Path):
    (tmp_path / "output").touch()
    for root in (tmp_path / "output", tmp_path / "output" / "below"):
        with pytest.raises(UsageError, match="is a file, not a folder"):
            check_root(root)


def test_checking_writes_nothing(tmp_path: Path):
    check_root(tmp_path / "a" / "b")
    check_root(tmp_path)
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="rights are otherwise there")
def test_a_read_only_folder_is_refused_before_anything_is_written(tmp_path: Path):
    tmp_path.chmod(0o555)
    code = f"""
from reporter.delivery.store import check_root
from reporter.errors import UsageError
os.chdir({str(tmp_path)!r})
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for act in (lambda: check_root(Path()), lambda: make(Path()), lambda: make(Path("deep"))):
    try:
        act()
    except UsageError as error:
        print(error)
"""
    told = said_by(code)
    tmp_path.chmod(0o755)
    assert told.count("cannot be written (permission denied)") == 3
    assert names(tmp_path) == []


def test_a_system_that_cannot_make_the_folder_is_told_plainly():
    if not Path("/proc/self").exists():
        pytest.skip("no /proc here")
    with pytest.raises(UsageError, match="cannot be written"):
        make(Path("/proc/self/output"))


# -- faults on the way


def test_a_fault_leaves_no_trace_of_the_run(tmp_path: Path):
    def broken() -> None:
        with open_run(tmp_path, OTHER) as folder:
            (folder.path / "report.html").write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    make(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        broken()
    assert names(tmp_path) == sorted([".lock", RUN, "latest"])
    assert damage(tmp_path / "latest") == []


def test_a_run_that_is_not_published_is_not_there(tmp_path: Path):
    with open_run(tmp_path, RUN) as folder:
        (folder.path / "report.html").write_text("half", encoding="utf-8")
    assert names(tmp_path) == [".lock"]


class Limited:
    """Lets the first calls of system functions through and fails all after, once."""

    def __init__(self, passing: int, code: int) -> None:
        self.left, self.code = passing, code

    def wrap(self, function):
        def limited(*arguments, **options):
            self.left -= 1
            if self.left == -1:
                raise OSError(self.code, os.strerror(self.code))
            return function(*arguments, **options)

        return limited


@pytest.mark.parametrize("exchange", [True, False], ids=["exchange", "two steps"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=["full", "broken", "refused"])
def test_the_nth_write_sync_or_move_fails_and_nothing_half_made_remains(tmp_path: Path, code: int, exchange: bool):
    """An anomaly loop: fail the first operation, the second, … until a run gets through."""
    make(tmp_path, text="old")
    for nth in range(200):
        limit = Limited(nth, code)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", limit.wrap(os.fsync))
            patch.setattr(Path, "rename", limit.wrap(Path.rename))
            patch.setattr(Path, "replace", limit.wrap(Path.replace))
            patch.setattr(Path, "write_text", limit.wrap(Path.write_text))
            patch.setattr(Path, "mkdir", limit.wrap(Path.mkdir))
            if not exchange:
                patch.setattr(store, "_exchange", lambda *_: False)
            try:
                make(tmp_path, force=True, text="new")
            except (OSError, UsageError):
                assert limit.left < 0
            else:
                break
        check_root(tmp_path)
        if (tmp_path / RUN).exists():
            assert damage(tmp_path / "latest") == []
        with open_run(tmp_path, OTHER):
            pass
        assert damage(tmp_path / "latest") == []
        assert names(tmp_path) == sorted([".lock", RUN, "latest"])
    assert nth > 10
    assert (tmp_path / "latest" / "report.html").read_text(encoding="utf-8") == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_full_disk_leaves_the_former_report(tmp_path: Path):
    make(tmp_path)
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    make(Path({str(tmp_path)!r}), OTHER, text="x" * 5000)
except OSError as error:
    print(error.errno)
"""
    assert int(said_by(code)) == errno.EFBIG
    assert names(tmp_path) == sorted([".lock", RUN, "latest"])
    assert damage(tmp_path / "latest") == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL there")
def test_kills_at_any_moment_leave_latest_whole(tmp_path: Path):
    """A child makes the same run again and again; it is killed at 30 random moments."""
    make(tmp_path)
    moments = random.Random(7)
    code = f"print('go', flush=True)\nfor text in 'ab' * 5000:\n    make(Path({str(tmp_path)!r}), force=True, text=text * 3000)\n"
    for _ in range(30):
        process = child(code)
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        time.sleep(moments.uniform(0, 0.06))
        process.kill()
        process.communicate()
        assert damage(tmp_path / "latest") == []
    make(tmp_path, force=True)
    assert names(tmp_path) == sorted([".lock", RUN, "latest"])


def test_what_a_dead_run_left_is_cleared_and_what_lives_is_not(tmp_path: Path):
    dead = said_by("print(os.getpid())")
    alive = os.getppid()
    for name in (f".tmp-{RUN}-{dead}", f".tmp-{RUN}-{alive}", ".unknown-thing-1"):
        (tmp_path / name).mkdir()
    (tmp_path / f".latest-{dead}").symlink_to(RUN)
    make(tmp_path)
    assert names(tmp_path) == sorted([".lock", f".tmp-{RUN}-{alive}", ".unknown-thing-1", RUN, "latest"])


def test_a_run_that_was_moved_aside_and_not_replaced_comes_back(tmp_path: Path):
    dead = said_by("print(os.getpid())")
    make(tmp_path).rename(tmp_path / f".old-{RUN}-{dead}")
    make(tmp_path, OTHER)
    assert damage(tmp_path / RUN) == []


# -- two at once


def test_a_second_run_is_told_who_holds_the_folder(tmp_path: Path):
    code = f"""
with open_run(Path({str(tmp_path)!r}), RUN) as folder:
    print(os.getpid(), flush=True)
    time.sleep(60)
"""
    process = child(code)
    assert process.stdout is not None
    pid = process.stdout.readline().strip()
    for act in (lambda: check_root(tmp_path), lambda: make(tmp_path, OTHER)):
        with pytest.raises(BusyError, match=rf"process {pid}\)"):
            act()
    process.kill()
    process.communicate()
    make(tmp_path, OTHER)
    assert names(tmp_path) == sorted([".lock", OTHER, "latest"])


def test_of_two_at_once_one_wins_and_nothing_mixes(tmp_path: Path):
    """Two processes make the same run until each has won ten times; a loser is told so and tries again."""
    code = """
from reporter.errors import BusyError
wins = losses = 0
while wins < 10:
    try:
        make(Path(ROOT), force=True, text=NAME * 2000)
        wins += 1
    except BusyError:
        losses += 1
        time.sleep(0.001)
print(wins, losses)
"""
    processes = [child(f"ROOT, NAME = {str(tmp_path)!r}, {name!r}\n{code}") for name in "ab"]
    told = [process.communicate(timeout=60) for process in processes]
    assert [out.split()[0] for out, _ in told] == ["10", "10"], told
    assert damage(tmp_path / "latest") == []
    assert names(tmp_path) == sorted([".lock", RUN, "latest"])


# -- single files


def test_single_files_are_whole_or_as_they_were(tmp_path: Path):
    path = tmp_path / "facts.json"
    path.write_text("old", encoding="utf-8")

    def broken() -> None:
        with beside(tmp_path) as made:
            (made / "facts.json").write_text("half", encoding="utf-8")
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        broken()
    assert names(tmp_path) == ["facts.json"]
    assert path.read_text(encoding="utf-8") == "old"
    with beside(tmp_path) as made:
        (made / "facts.json").write_text("new", encoding="utf-8")
    assert names(tmp_path) == ["facts.json"]
    assert path.read_text(encoding="utf-8") == "new"


def test_single_files_never_go_into_a_finished_run(tmp_path: Path):
    final = make(tmp_path)
    check_loose(tmp_path / "new")
    with pytest.raises(UsageError, match="is a finished run"):
        check_loose(final)


def test_json_is_the_same_for_every_reader(tmp_path: Path):
    write_json(tmp_path / "a.json", {"name": "Café", "day": date(2024, 7, 1), "none": None})
    assert (
        tmp_path / "a.json"
    ).read_bytes() == '{\n  "name": "Café",\n  "day": "2024-07-01",\n  "none": null\n}\n'.encode()
    for value in (float("nan"), object()):
        with pytest.raises((ValueError, TypeError)):
            write_json(tmp_path / "b.json", {"value": value})
