"""What differs between two finished runs: data, settings, versions, facts, and who changed segment and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reporter.analysis.causes import Movement, Side, UnexplainedError, movement
from reporter.analysis.rfm import DIMENSIONS, Grid
from reporter.delivery.finished import AGAIN, Finished, open_finished, read_customers
from reporter.document.audiences import write_table
from reporter.errors import InputError, Problem, UsageError

SCHEMA_VERSION = 1
ACCOUNT = ("read", "kept", "rejected", "flagged")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two runs side by side.

    Attributes
    ----------
    first, second : Finished
    movement : Movement or None
        None where customers cannot be compared.
    why_not : str
        Then the reason; else empty.
    """

    first: Finished
    second: Finished
    movement: Movement | None
    why_not: str = ""

    def told(self) -> dict[str, Any]:
        """All of it for another program.

        Returns
        -------
        dict
            ``schema_version, runs, data, settings, versions, facts, customers``, as the README says. A pair ``[first, second]`` stands wherever both
            runs have a value; a value that a run does not have is null. Customers are counted, not named.
        """
        runs = (self.first, self.second)
        return {
            "schema_version": SCHEMA_VERSION,
            "runs": [{key: run.facts[key] for key in ("run_id", "as_of", "mode")} for run in runs],
            "data": {"inputs": _inputs(runs), "rows": _rows(runs)},
            "settings": list(_settings(runs)),
            "versions": list(_versions(runs)),
            "facts": {
                "kpis": list(_kpis(runs)),
                "segments": list(_segments(runs)),
                "clustering": _clustering(runs),
                "titles": _titles(runs),
            },
            "customers": self._customers(),
        }

    def _customers(self) -> dict[str, Any]:
        scored = [run.facts["customers"]["scored"] for run in (self.first, self.second)]
        if self.movement is None:
            return {"scored": scored, "not_compared": self.why_not}
        moved = len(self.movement.moved)
        return {
            "scored": scored,
            "both": self.movement.both,
            "new": self.movement.new,
            "gone": self.movement.gone,
            "same_segment": self.movement.both - moved,
            "moved": moved,
            "causes": self.movement.by_cause,
            "flows": self.movement.flows.to_dict("records"),
        }


def compare(first: Path, second: Path) -> Comparison:
    """Compare two run folders.

    Raises
    ------
    UsageError
        Where one of them is no run.
    InputError
        Where one of them is damaged, or was made by a version whose results cannot be told apart into causes.
    """
    runs = open_finished(first), open_finished(second)
    try:
        compared = _compared(runs)
        compared.told()  # what a run lacks shows here, not half-way through the telling
        return compared
    except KeyError as error:
        raise InputError(
            Problem(f"{first}, {second}", f"one of them has no {error} in its facts or manifest.", AGAIN)
        ) from error
    except UnexplainedError as error:
        run = runs[0] if str(error) == "first" else runs[1]
        what = "its segments do not follow from its customers by the rules of this version."
        raise InputError(Problem(str(run.folder), what, AGAIN)) from error


def _compared(runs: tuple[Finished, Finished]) -> Comparison:
    if reason := _why_not(runs):
        return Comparison(*runs, None, reason)
    first, second = (_side(run) for run in runs)
    return Comparison(*runs, movement(first, second, recounted=_recounted(runs)))


def write_moved(compared: Comparison, path: Path) -> None:
    """Write who changed segment, and why: ``customer_id, before, after, cause``. Only its owner may read it.

    Raises
    ------
    UsageError
        Where customers were not compared, or the file is there or cannot be written.
    """
    if compared.movement is None:
        what = f"customers were not compared, for {compared.why_not}."
        raise UsageError(Problem("--customers", what, "Leave it out, or name two runs of one kind."))
    if path.exists():
        raise UsageError(Problem(str(path), "is there already.", "Name another file with --customers."))
    try:
        write_table(compared.movement.moved, path)
    except OSError as error:
        what = f"cannot be written ({(error.strerror or 'unknown reason').lower()})."
        raise UsageError(Problem(str(path), what, "Name another file with --customers.")) from error


def _side(run: Finished) -> Side:
    grid = run.facts["grid"]
    customers = read_customers(run, ["customer_id", *DIMENSIONS, "segment"])
    limits = {name: tuple(values) for name, values in grid.get("limits", {}).items() if values}
    rule = Grid(grid["name"], grid["name"], grid["bins"], grid["cells"], tuple(grid["order"]), grid["scoring"], limits)
    return Side(customers, rule, date.fromisoformat(run.facts["as_of"]))


def _why_not(runs: tuple[Finished, Finished]) -> str:
    """Why the customers of two runs cannot be compared; empty where they can."""
    first, second = runs
    if first.facts["mode"] != second.facts["mode"]:
        return "one run counts money, the other coupons"
    if first.manifest.get("pseudonym_key_check") != second.manifest.get("pseudonym_key_check"):
        return "their ids are pseudonyms of different keys, or of one run alone"
    return ""


def _recounted(runs: tuple[Finished, Finished]) -> bool:
    """Whether settings differ that count the same events otherwise, or data and day are the same, so that nobody can have done anything."""
    first, second = runs
    counted = {
        each["name"]
        for each in _settings(runs)
        if each["name"].startswith("source.") and each["name"] != "source.as_of"
    }
    data = _inputs(runs)
    same_data = not data["first_only"] and not data["second_only"]
    return bool(counted) or (same_data and first.facts["as_of"] == second.facts["as_of"])


def _inputs(runs: Sequence[Finished]) -> dict[str, Any]:
    """Input files by their content, whatever their names; and how many earlier runs each has read."""
    first, second = ({each["sha256"]: each for each in run.manifest["inputs"] if "run" not in each} for run in runs)
    return {
        "earlier_runs": [len({each["run"] for each in run.manifest["inputs"] if "run" in each}) for run in runs],
        "both": [first[key] for key in first if key in second],
        "first_only": [first[key] for key in first if key not in second],
        "second_only": [second[key] for key in second if key not in first],
    }


def _rows(runs: Sequence[Finished]) -> dict[str, Any]:
    """The account of every table, in the order of the first run, then those of the second alone."""
    tables = [run.facts["tables"] for run in runs]
    names = dict.fromkeys(name for each in tables for name in each)
    found: dict[str, Any] = {}
    for name in names:
        accounts = [each.get(name, {}) for each in tables]
        reasons = sorted({reason for each in accounts for reason in each.get("by_reason", {})})
        found[name] = {kind: [each.get(kind) for each in accounts] for kind in ACCOUNT} | {
            "by_reason": {reason: [each.get("by_reason", {}).get(reason, 0) for each in accounts] for reason in reasons}
        }
    return found


def _settings(runs: Sequence[Finished]) -> Iterator[dict[str, Any]]:
    """Settings whose value differs, with who said so."""
    first, second = (run.manifest["settings"] for run in runs)
    for name in sorted({*first, *second}):
        one, other = first.get(name), second.get(name)
        if (one or {}).get("value") != (other or {}).get("value") or (one is None) != (other is None):
            yield {"name": name, "first": one, "second": other}


def _versions(runs: Sequence[Finished]) -> Iterator[dict[str, Any]]:
    """The program, Python and packages, where they differ."""
    first, second = (
        {"reporter": run.manifest["version"], "python": run.manifest["versions"]["python"]}
        | run.manifest["versions"]["packages"]
        for run in runs
    )
    for name in dict.fromkeys([*first, *second]):
        if first.get(name) != second.get(name):
            yield {"name": name, "values": [first.get(name), second.get(name)]}


def _kpis(runs: Sequence[Finished]) -> Iterator[dict[str, Any]]:
    """Customers and totals, then the measures of the latest window of each run."""
    for group, name in (
        ("customers", "known"),
        ("customers", "scored"),
        ("totals", "transactions"),
        ("totals", "monetary"),
        ("totals", "burned"),
    ):
        yield {"name": f"{group}.{name}", "values": [run.facts[group][name] for run in runs]}
    changes = [{each["name"]: _exact(each) for each in run.facts["overview"]["changes"]} for run in runs]
    yield {"name": "window.days", "values": [run.facts["overview"]["window_days"] for run in runs]}
    for name in dict.fromkeys(name for each in changes for name in each):
        yield {"name": f"window.{name}", "values": [each.get(name) for each in changes]}


def _exact(change: Mapping[str, Any]) -> float | int | None:
    """The latest value of a measure; counts are whole."""
    now = change["now"]
    return int(now) if change["unit"] == "count" and now is not None else now


def _segments(runs: Sequence[Finished]) -> Iterator[dict[str, Any]]:
    """Customers, share and value of every segment of either run."""
    sides: list[Mapping[str, Any]] = [{each["name"]: each for each in run.facts["segments"]} for run in runs]
    for name in dict.fromkeys(name for side in sides for name in side):
        found = [side.get(name, {}) for side in sides]
        yield {"name": name} | {key: [each.get(key) for each in found] for key in ("customers", "share", "monetary")}


def _clustering(runs: Sequence[Finished]) -> dict[str, Any]:
    told = [run.facts["clustering"] for run in runs]
    chosen = [each["chosen"] or {} for each in told]
    return {"verdict": [each["verdict"] for each in told]} | {
        key: [each.get(key) for each in chosen] for key in ("method", "k")
    }


def _titles(runs: Sequence[Finished]) -> dict[str, Any]:
    first, second = (run.facts["titles"] for run in runs)
    return {
        "both": sum(title in second for title in first),
        "first_only": [title for title in first if title not in second],
        "second_only": [title for title in second if title not in first],
    }
