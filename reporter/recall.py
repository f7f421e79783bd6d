"""What a run knows of the earlier ones in its output folder, and how the next will know of it. No report fails for want of this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.analysis.past import ALIKE, Point, Series, point_of, series_of, still_there
from reporter.delivery.history import NAME, History, HistoryError, open_history, settings_mark
from reporter.delivery.lock import locked
from reporter.delivery.store import RUN_ID
from reporter.intake.ledger import SourceFile
from reporter.provenance import said

if TYPE_CHECKING:
    from reporter.config import Config
    from reporter.intake.ledger import Ledger

MOST = 11
"""Earlier runs that a report looks at: with its own twelve, a year of months."""


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """The earlier runs that a report uses.

    Attributes
    ----------
    series : Series or None
        None: history is switched off.
    points : tuple of Point
        Oldest first.
    members : bytes or None
        Who was in which segment of the last of them, packed: there may be millions, and they are wanted last.
    inputs : tuple of SourceFile
        What was read of them.
    remarks : tuple of str
        What a person should know.
    """

    series: Series | None
    points: tuple[Point, ...] = ()
    members: bytes | None = None
    inputs: tuple[SourceFile, ...] = ()
    remarks: tuple[str, ...] = ()


def recall(root: Path, ledger: Ledger, config: Config) -> Recalled:
    """Look up the earlier runs of the series in an output folder; where there is nothing, nothing is written.

    Runs belong together that have the series' name in common, or else mode, currency, layout and organisation, and at least half of whose customers
    still have their latest purchase of then in the data (`still_there`). A run never counts itself, nor any with its as-of date or a later one.

    Parameters
    ----------
    ledger : Ledger
        Whose transactions are still in the engine.

    Raises
    ------
    BusyError
        Where another run holds the folder.
    """
    if not config.history.enabled:
        return Recalled(None)
    series = series_of(ledger, config.history.series, config.report.organisation)
    if not _has_runs(root):
        return Recalled(series)
    try:
        with locked(root), open_history(root) as history:
            return _looked_up(history, series, ledger, settings_mark(said(config)))
    except HistoryError as error:
        return Recalled(series, remarks=(str(error),))


def remember(root: Path, recalled: Recalled) -> tuple[str, ...]:
    """Enter a run that has been published, while the folder is still held.

    Returns
    -------
    tuple of str
        What a person should know, of both visits to the ledger. The report is finished, whatever they say.
    """
    if recalled.series is None:
        return ()
    try:
        with open_history(root) as history:
            remarks = history.remarks
    except HistoryError as error:
        remarks = (str(error),)
    return tuple(dict.fromkeys((*recalled.remarks, *remarks)))


def _has_runs(root: Path) -> bool:
    return root.is_dir() and any(path.name == NAME or RUN_ID.fullmatch(path.name) for path in root.iterdir())


def _looked_up(history: History, series: Series, ledger: Ledger, settings: str) -> Recalled:
    found = history.before(series.text, ledger.as_of, settings, MOST)
    if not series.name:
        alike = still_there(ledger, {run.run_id: run.sample for run in found})
        found = tuple(run for run in found if alike[run.run_id] >= ALIKE)
    points = tuple(point_of(run.facts["history"]["runs"][-1]) for run in found)
    inputs = tuple(file for run in found for file in run.inputs[: 2 if run is found[-1] else 1])
    members = history.members(found[-1].run_id) if found else None
    return Recalled(series, points, members, inputs, history.remarks)
