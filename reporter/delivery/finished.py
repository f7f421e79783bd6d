"""A finished run folder, read again: its manifest, its facts and its customers, each held against its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.delivery.store import MANIFEST, RUN_ID, digest
from reporter.document.audiences import restored
from reporter.errors import InputError, Problem, UsageError

SCHEMA_VERSION = 1
"""Of manifest and facts: the one that this version writes and reads."""
CUSTOMERS = ("customers.csv", "customers.parquet")
AGAIN = "Make the run again, or name another folder."


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A finished run.

    Attributes
    ----------
    folder : Path
    manifest, facts : dict
        Content of ``manifest.json`` and ``facts.json``.
    facts_text : bytes
        ``facts.json`` as it is.
    """

    folder: Path
    manifest: dict[str, Any]
    facts: dict[str, Any]
    facts_text: bytes

    @property
    def run_id(self) -> str:
        """Its name, as it says itself."""
        return str(self.manifest["run_id"])

    def sealed(self, name: str) -> Mapping[str, Any] | None:
        """``path, bytes, sha256`` of one of its files, as the manifest has them; None where it has none of this name."""
        return next((each for each in self.manifest["outputs"] if each["path"] == name), None)

    @property
    def customers(self) -> Mapping[str, Any]:
        """The same of the file of the customers.

        Raises
        ------
        InputError
            Where there is none.
        """
        found = next((seal for name in CUSTOMERS if (seal := self.sealed(name))), None)
        if found is None:
            raise InputError(Problem(str(self.folder), "has no file of customers.", AGAIN))
        return found


def open_finished(folder: Path) -> Finished:
    """Read a finished run; ``latest`` is one too.

    Raises
    ------
    UsageError
        Where there is no folder, or it is no run of this program.
    InputError
        Where it is one, but damaged, or made by a version that writes another form.
    """
    folder = led(folder)
    if not folder.is_dir():
        what = "is a file, not the folder of a run." if folder.exists() else "is not there."
        raise UsageError(Problem(str(folder), what, "Name the folder of a finished run, such as output/latest."))
    if not (folder / MANIFEST).is_file():
        what = f"is no finished run: it has no {MANIFEST}."
        raise UsageError(Problem(str(folder), what, "Name the folder of a finished run, such as output/latest."))
    manifest = _json(folder / MANIFEST, (folder / MANIFEST).read_bytes)
    if not _is_ours(manifest):
        raise UsageError(
            Problem(str(folder / MANIFEST), "is not the manifest of a run.", "Name the folder of a finished run.")
        )
    found = Finished(folder, manifest, {}, b"")
    text = _whole(found, "facts.json")
    facts = _json(folder / "facts.json", lambda: text)
    versions = {manifest.get("schema_version"), facts.get("schema_version")}
    if versions != {SCHEMA_VERSION} or facts.get("run_id") != manifest["run_id"]:
        what = "was made by another version of reporter, and its files have another form."
        raise InputError(Problem(str(folder), what, AGAIN))
    return Finished(folder, manifest, facts, text)


def read_customers(finished: Finished, columns: Sequence[str]) -> pd.DataFrame:
    """Columns of the customers of a run, with ids and names as they were before a spreadsheet was thought of.

    Returns
    -------
    pandas.DataFrame
        Rows as in the file, sorted by ``customer_id``.

    Raises
    ------
    InputError
        Where the file is missing or not as it was written.
    """
    import pyarrow as pa
    from pyarrow import csv, parquet

    seal = finished.customers
    path = finished.folder / seal["path"]
    _hold(path, seal)
    names = {"customer_id": pa.string(), "segment": pa.string()}
    try:
        if path.suffix == ".parquet":
            return parquet.read_table(path, columns=list(columns)).to_pandas()
        frame = csv.read_csv(
            path,
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(include_columns=list(columns), column_types=names),
        ).to_pandas()
    except (pa.ArrowException, KeyError) as error:
        raise InputError(Problem(str(path), f"cannot be read ({type(error).__name__}).", AGAIN)) from error
    texts = [name for name in names if name in frame]
    return frame.assign(**{name: restored(frame[name]) for name in texts})


def led(folder: Path) -> Path:
    """The folder that ``latest`` names where it is a file, as on systems without links; any other folder as it is."""
    if folder.name == "latest" and folder.is_file():
        target = folder.read_text(encoding="utf-8", errors="replace").strip()
        return folder.with_name(target) if RUN_ID.fullmatch(target) else folder
    return folder


def _is_ours(manifest: Mapping[str, Any]) -> bool:
    outputs, settings = manifest.get("outputs"), manifest.get("settings")
    return (
        isinstance(manifest.get("run_id"), str)
        and isinstance(settings, dict)
        and all(isinstance(each, dict) and "value" in each for each in settings.values())
        and isinstance(outputs, list)
        and all(isinstance(each, dict) and {"path", "bytes", "sha256"} <= each.keys() for each in outputs)
    )


def _json(path: Path, text: Callable[[], bytes]) -> dict[str, Any]:
    try:
        content = json.loads(text())
    except (OSError, ValueError) as error:
        raise InputError(Problem(str(path), f"is damaged ({error}).", AGAIN)) from error
    if not isinstance(content, dict):
        raise InputError(Problem(str(path), "is damaged: it holds no object.", AGAIN))
    return content


def _whole(finished: Finished, name: str) -> bytes:
    """A file's bytes, if they are those that were sealed."""
    path, seal = finished.folder / name, finished.sealed(name)
    if seal is None:
        raise InputError(Problem(str(finished.folder), f"has no {name}.", AGAIN))
    _there(path)
    text = path.read_bytes()
    if hashlib.sha256(text).hexdigest() != seal["sha256"]:
        raise _changed(path)
    return text


def _hold(path: Path, seal: Mapping[str, Any]) -> None:
    _there(path)
    if digest(path) != seal["sha256"]:
        raise _changed(path)


def _there(path: Path) -> None:
    if not path.is_file():
        raise InputError(Problem(str(path), "is missing, though the run had it.", AGAIN))


def _changed(path: Path) -> InputError:
    return InputError(Problem(str(path), "is not as the run wrote it: its SHA-256 is another.", AGAIN))
