"""Run folders: built beside, sealed by a manifest, moved into place in one step.

::

    output/
      .lock                     held while a run builds here
      .tmp-<run-id>-<pid>/      a report in the making; removed when its process is gone
      <run-id>/                 a finished report; manifest.json was written last
      latest -> <run-id>        a symbolic link (a file with the run id where the system has none)

Whatever happens - a fault, a full disk, a kill - a folder under a final name is complete, and so is the one that ``latest`` names.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reporter.delivery.lock import locked, not_writable
from reporter.errors import Problem, UsageError
from reporter.undo import undone_by

MANIFEST = "manifest.json"
_HOW = frozenset({"engine", "memory", "output.dir"})
JOURNAL = "mail.jsonl"
"""Who has got the mail of a run (see `journal`): written after the run is finished, so no output of it, and kept when the run is made again."""
RUN_ID = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{8}")


def names_content(setting: str) -> bool:
    """Whether a setting changes what is in a report, not only how or where it is made or to whom it goes."""
    return setting not in _HOW and not setting.startswith("mail.")


def name_run(as_of: date, inputs: Sequence[str], settings: Mapping[str, Any], version: str) -> str:
    """Name a run after all that decides its result.

    Parameters
    ----------
    as_of : date
    inputs : sequence of str
        SHA-256 of each input file; their order does not matter.
    settings : mapping of setting name to value
    version : str
        Of this program.

    Returns
    -------
    str
        The as-of date and the first eight hexadecimal digits of a SHA-256.

    Examples
    --------
    >>> name_run(date(2024, 7, 1), ["ab12"], {"cluster.k_max": 10}, "0.1.0")
    '2024-07-01-a84b697e'
    """
    identity = {"inputs": sorted(inputs), "settings": settings, "version": version}
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"), default=str)
    return f"{as_of.isoformat()}-{hashlib.sha256(canonical.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run folder in the making: write into `path`, then `publish`."""

    run_id: str
    root: Path
    path: Path

    @property
    def final(self) -> Path:
        """Where the report will be found."""
        return self.root / self.run_id

    def publish(self, manifest: Mapping[str, Any]) -> Path:
        """Seal the folder with its manifest and move it into place.

        Parameters
        ----------
        manifest : mapping
            Everything but ``outputs``, which is taken from the files that are there.

        Returns
        -------
        Path
            The finished folder.
        """
        outputs = [_seal(file, file.relative_to(self.path).as_posix()) for file in _files(self.path)]
        write_json(self.path / MANIFEST, {**manifest, "outputs": outputs})
        if (self.final / JOURNAL).is_file():
            shutil.copy2(self.final / JOURNAL, self.path / JOURNAL)
        for made in [*_files(self.path), *_folders(self.path), self.path]:
            _sync(made)
        pointer = _pointer(self.root, self.run_id)
        _move_in(self.path, self.final)
        pointer.replace(self.root / "latest")
        _sync(self.root)
        return self.final


def check_root(root: Path) -> None:
    """Refuse an output folder that could not be written, before any work is done and without writing anything.

    Raises
    ------
    UsageError
        Where `root` is no folder, may not be written, or holds something else under the name ``latest``.
    BusyError
        Where another run is writing there.
    """
    _check_folder(root)
    _refuse_latest(root / "latest")
    if (root / ".lock").exists():
        with locked(root):
            pass


def check_loose(folder: Path) -> None:
    """Refuse a folder that single files could not be written to, or that is a finished run.

    Raises
    ------
    UsageError
    """
    _check_folder(folder)
    if (folder / MANIFEST).exists():
        raise UsageError(Problem(str(folder), "is a finished run.", "Name another folder with --output."))


@contextmanager
def open_run(root: Path, run_id: str, *, force: bool = False) -> Iterator[RunFolder]:
    """Hold the output folder and build one run in it.

    Parameters
    ----------
    root : Path
        The output folder; made where it is missing.
    run_id : str
    force : bool
        Whether a finished run of this id may be replaced. It stays in place until the new one is complete.

    Yields
    ------
    RunFolder
        Unless it is published, nothing of it remains.

    Raises
    ------
    UsageError
        Where the run is there already, or the folder cannot be used.
    BusyError
        Where another run holds the folder.
    """
    check_root(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(root, error.strerror) from error
    with locked(root):
        _sweep(root)
        _refuse_finished(root / run_id, force)
        path = root / f".tmp-{run_id}-{os.getpid()}"
        with _gone_at_last(path, _pointer_path(root)):
            path.mkdir()
            yield RunFolder(run_id, root, path)


@contextmanager
def beside(folder: Path) -> Iterator[Path]:
    """Write single files into a folder that is there: all of them beside it, then each into its place when all are complete.

    Yields
    ------
    Path
        Where to write.
    """
    made = folder / f".tmp-single-{os.getpid()}"
    with _gone_at_last(made):
        made.mkdir()
        yield made
        for file in _files(made):
            _sync(file)
            file.replace(folder / file.name)


@contextmanager
def _gone_at_last(folder: Path, *files: Path) -> Iterator[None]:
    """However this ends, by a fault or a signal too, nothing of these is left."""

    def clear() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        for file in files:
            file.unlink(missing_ok=True)

    with undone_by(clear):
        try:
            yield
        finally:
            clear()


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON that every reader reads alike: UTF-8, two blanks of indent, no NaN."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON.")


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# -- what is refused


def _check_folder(folder: Path) -> None:
    """Refuse a folder that is none, or that may not be written or made."""
    try:
        nearest = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    except OSError as error:
        raise not_writable(folder, error.strerror) from error
    if not nearest.is_dir():
        raise UsageError(Problem(str(nearest), "is a file, not a folder.", "Name another folder with --output."))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise not_writable(folder, "permission denied")


def _refuse_latest(latest: Path) -> None:
    """``latest`` may be missing, a link to a sibling, or our pointer file; anything else belongs to somebody."""
    if latest.is_symlink():
        fine = RUN_ID.fullmatch(str(latest.readlink())) is not None
    elif latest.is_file():
        fine = RUN_ID.fullmatch(latest.read_text(encoding="utf-8", errors="replace").strip()) is not None
    else:
        fine = not latest.exists()
    if not fine:
        raise UsageError(
            Problem(
                str(latest), "is not the link to the newest run.", "Move it away, or name another folder with --output."
            )
        )


def _refuse_finished(final: Path, force: bool) -> None:
    if final.is_symlink() or (final.exists() and not final.is_dir()):
        raise UsageError(Problem(str(final), "is in the way.", "Move it away, or name another folder with --output."))
    if force or not final.exists():
        return
    if (final / MANIFEST).is_file():
        what, fix = "this report is there already: same input, settings and version.", "Use --force to make it again."
    else:
        what, fix = (
            "there is a folder of this name that is no finished run.",
            "Move it away, or use --force to replace it.",
        )
    raise UsageError(Problem(str(final), what, fix))


# -- sealing and moving


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_dir())


def _seal(file: Path, name: str) -> dict[str, Any]:
    return {"path": name, "bytes": file.stat().st_size, "sha256": digest(file)}


def _sync(path: Path) -> None:
    """Make a file or folder outlast a power cut; Windows has no such thing for folders."""
    if sys.platform == "win32" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pointer_path(root: Path) -> Path:
    return root / f".latest-{os.getpid()}"


def _pointer(root: Path, run_id: str) -> Path:
    """The future ``latest``, under a name that nobody reads yet."""
    pointer = _pointer_path(root)
    try:
        pointer.symlink_to(run_id, target_is_directory=True)
    except (OSError, NotImplementedError):
        pointer.write_text(f"{run_id}\n", encoding="utf-8")
    return pointer


def _move_in(made: Path, final: Path) -> None:
    """Give a finished folder its name; a former one of that name ends where `made` was, or is gone."""
    if not final.exists():
        made.rename(final)
    elif not _exchange(made, final):
        aside = final.with_name(f".old-{final.name}-{os.getpid()}")
        final.rename(aside)
        made.rename(final)
        shutil.rmtree(aside)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step where the system can: ``renameat2`` of Linux, ``renamex_np`` of macOS."""
    if sys.platform not in ("linux", "darwin"):
        return False
    system, names = ctypes.CDLL(None), (os.fsencode(one), os.fsencode(other))
    here, swap = -100, 2
    if sys.platform == "darwin":
        return bool(system.renamex_np(*names, swap) == 0)
    return hasattr(system, "renameat2") and bool(system.renameat2(here, names[0], here, names[1], swap) == 0)


def _sweep(root: Path) -> None:
    """Clear away what dead runs left; a finished folder that was moved aside and not replaced goes back."""
    for path in sorted(root.glob(".*-*")):
        kind, _, rest = path.name.partition("-")
        if kind not in (".tmp", ".old", ".latest") or _is_alive(rest.rpartition("-")[2]):
            continue
        final = root / rest.rpartition("-")[0]
        if kind == ".old" and not final.exists():
            path.rename(final)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _is_alive(pid: str) -> bool:
    """Whether another process of this id runs; as we hold the lock, Windows (where asking would kill) may say no."""
    if sys.platform == "win32" or not pid.isascii() or not pid.isdigit() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
