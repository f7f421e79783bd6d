"""Earlier runs in the output folder, and the campaigns that their lists tell of.

Whatever lies in an output folder may have been moved, edited or made by somebody else: a run is only believed where its files are those that its
manifest seals.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter.analysis.assign import GROUPS
from reporter.analysis.terms import Sent
from reporter.delivery.store import MANIFEST, RUN_ID, digest
from reporter.document.audiences import restored
from reporter.errors import InputError, Problem
from reporter.intake.ledger import SourceFile

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

COLUMNS = ("customer_id", "segment", "campaign", "group")
LIST = re.compile(r"audiences/[a-z0-9-]{1,70}\.csv")
MEND = 'Restore the folder, name another run in campaign.measure, or set campaign.measure = "off".'


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished run: its folder, id, as-of date, and its manifest as it was read."""

    folder: Path
    run_id: str
    as_of: date
    manifest: dict[str, Any]


def earlier_runs(root: Path, before: date) -> Iterator[Run]:
    """Finished runs in an output folder whose as-of date lies before a day.

    Yields
    ------
    Run
        The latest as-of date first; of one date by run id, downwards. What is no finished run is passed over.
    """
    names = [path for path in root.iterdir() if RUN_ID.fullmatch(path.name)] if root.is_dir() else []
    for folder in sorted(names, key=lambda path: path.name, reverse=True):
        run = _opened(folder)
        if run is not None and run.run_id == folder.name and run.as_of < before:
            yield run


def _opened(folder: Path) -> Run | None:
    """The run of a folder; None where its manifest is missing or is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Run(folder, str(manifest["run_id"]), date.fromisoformat(manifest["as_of"]), manifest)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def sent_before(
    root: Path, before: date, choice: str, key_check: str, series: Collection[str]
) -> tuple[Sent | None, str]:
    """The campaigns that a run is to measure.

    Parameters
    ----------
    root : Path
        The output folder.
    before : date
        As-of date of the run.
    choice : str
        The setting ``campaign.measure``.
    key_check : str
        Check of the key of the run's pseudonyms; empty without.
    series : collection of str
        Ids of the earlier runs that belong together with this one, of which ``auto`` takes the latest.

    Returns
    -------
    sent : Sent or None
        Of the latest earlier run whose lists have groups.
    place : str
        Where lists were found that cannot be used; else empty.

    Raises
    ------
    InputError
        When the run was named and cannot be used.
    """
    if choice == "off":
        return None, ""
    if choice != "auto":
        return _named(root, before, choice, key_check), ""
    for run in (run for run in earlier_runs(root, before) if run.run_id in series):
        try:
            found = read_sent(run, key_check)
        except InputError as error:
            return None, error.problems[0].where
        if found is not None:
            return found, ""
    return None, ""


def _named(root: Path, before: date, choice: str, key_check: str) -> Sent:
    folder = Path(choice) if Path(choice).is_dir() else root / choice
    run = _opened(folder)
    if run is None:
        raise InputError(Problem("campaign.measure", f"“{folder.name}” is no folder of a finished run.", MEND))
    if run.as_of >= before:
        what = f"run {run.run_id} is no earlier run: it looks from {run.as_of}, this one from {before}."
        raise InputError(Problem("campaign.measure", what, MEND))
    found = read_sent(run, key_check)
    if found is None:
        raise InputError(Problem("campaign.measure", f"the lists of run {run.run_id} have no groups.", MEND))
    return found


def read_sent(run: Run, key_check: str = "") -> Sent | None:
    """Who was treated and who was held back in the campaigns of a run.

    Returns
    -------
    Sent or None
        None where its lists have no groups, or nobody is in one.

    Raises
    ------
    InputError
        When a list is missing, was changed, or cannot be what a run writes; or when ids are replaced by another key.
    """
    if run.manifest.get("pseudonym_key_check", "") != key_check:
        raise InputError(Problem(f"run {run.run_id}", "its customer ids are replaced by another key, or not at all.", MEND))  # fmt: skip
    lists = sorted(_sealed(run))
    tables = [table for path, _, _ in lists if (table := _read(run, path)) is not None]
    if not tables:
        return None
    import pyarrow as pa

    whole = pa.concat_tables(tables).to_pandas()
    members = whole[whole["group"] != "excluded"].reset_index(drop=True)
    if members.empty:
        return None
    members = members.assign(**{name: restored(members[name]) for name in ("customer_id", "segment")})
    _refuse_twice(run, members)
    seal = hashlib.sha256("".join(f"{path}\n{sha}\n" for path, sha, _ in lists).encode()).hexdigest()
    return Sent(
        run.run_id, run.as_of, members, SourceFile(f"{run.run_id}/audiences", sum(size for _, _, size in lists), seal)
    )


def _sealed(run: Run) -> Iterator[tuple[str, str, int]]:
    """Path, SHA-256 and size of each list, once they are what the manifest says."""
    outputs = run.manifest.get("outputs")
    for each in outputs if isinstance(outputs, list) else []:
        path = each.get("path") if isinstance(each, dict) else None
        if not isinstance(path, str) or not LIST.fullmatch(path):
            continue
        file, where = run.folder / path, f"{run.run_id}/{path}"
        if not file.is_file() or file.is_symlink():
            raise InputError(Problem(where, "is missing.", MEND))
        sha = digest(file)
        if sha != each.get("sha256"):
            raise InputError(Problem(where, "was changed after the run.", MEND))
        yield path, sha, file.stat().st_size


def _read(run: Run, path: str) -> pa.Table | None:
    """The columns of `COLUMNS`; None where the list has no groups, as those of earlier versions."""
    import pyarrow as pa
    from pyarrow import csv

    options = csv.ConvertOptions(strings_can_be_null=False, column_types=dict.fromkeys(COLUMNS, pa.string()))
    where = f"{run.run_id}/{path}"
    try:
        table = csv.read_csv(
            run.folder / path, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options
        )
    except (pa.ArrowException, OSError) as error:
        raise InputError(Problem(where, f"cannot be read ({str(error).splitlines()[0]}).", MEND)) from error
    if "group" not in table.column_names:
        return None
    if lacking := [name for name in COLUMNS if table.column_names.count(name) != 1]:
        raise InputError(Problem(where, f"has no column {', '.join(lacking)}, or more than one.", MEND))
    for row, group in enumerate(table["group"].to_pylist(), 2):
        if group not in GROUPS:
            raise InputError(Problem(f"{where}, row {row}", f"“{group}” is no group.", MEND))
    return table.select(list(COLUMNS))


def _refuse_twice(run: Run, members: pd.DataFrame) -> None:
    twice = members["customer_id"][members["customer_id"].duplicated()]
    if len(twice):
        what = f"{len(twice):,} customers are in more than one list, the first of them “{twice.iloc[0]}”."
        raise InputError(Problem(f"{run.run_id}/audiences", what, MEND))
