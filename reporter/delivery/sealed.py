"""A finished run as the mail sees it: its facts, and its files as they were sealed; of everything, or of one edition."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reporter.delivery.finished import led
from reporter.delivery.settings import BRIEF_PDF
from reporter.delivery.store import MANIFEST, digest
from reporter.errors import DeliveryError, Problem, UsageError

EDITIONS = "editions"
"""The folder of the editions of ``[readers]`` in that of a run."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished run.

    Attributes
    ----------
    folder : Path
    facts : dict
        Content of ``facts.json``; of an edition that of its own.
    manifest : dict
    edition : str
        The edition of ``[readers]``; empty: the report on everything.
    """

    folder: Path
    facts: dict[str, Any] = field(repr=False)
    manifest: dict[str, Any] = field(repr=False)
    edition: str = ""

    @property
    def run_id(self) -> str:
        """Its name."""
        return str(self.facts["run_id"])

    @property
    def is_brief(self) -> bool:
        """Whether its report has two pages, so that there are no others."""
        if self.edition:
            return bool(self.facts["gist"]["edition"] == "brief")
        return bool(self.manifest["settings"].get("report.edition", {}).get("value") == "brief")

    def file(self, name: str) -> Path:
        """A file of it that is as the manifest lists it.

        Raises
        ------
        DeliveryError
            Where it is not.
        """
        listed = {each["path"]: each["sha256"] for each in self.manifest["outputs"]}
        inside = f"{EDITIONS}/{self.edition}/{name}" if self.edition else name
        path = self.folder / inside
        if inside not in listed:
            what = "is not part of this run, so it cannot be sent."
            raise DeliveryError(Problem(str(path), what, _how_to_get(self, name)))
        if not path.is_file() or digest(path) != listed[inside]:
            what = "is missing, or is not the file that the run has made."
            raise DeliveryError(Problem(str(path), what, "Make the report again with --force."))
        return path

    def of(self, edition: str) -> Sealed:
        """The edition of that name, which the run has made."""
        run = replace(self, edition=edition)
        return replace(run, facts=_json(run.file("facts.json")))

    def editions(self) -> dict[str, bool]:
        """Every edition that was asked for: whether it was made."""
        told = self.facts.get("editions") or {"made": (), "left_out": ()}
        return {each["name"]: True for each in told["made"]} | {each["name"]: False for each in told["left_out"]}


def opened(folder: Path) -> Sealed:
    """A finished run, its facts as they were sealed.

    Raises
    ------
    UsageError
        Where the folder is no finished run, or one of a version without mail.
    DeliveryError
        Where its facts are not those that were sealed.
    """
    folder = led(folder).resolve()
    if not (folder / MANIFEST).is_file():
        raise UsageError(Problem(str(folder), "is no finished run.", "Name a run folder, such as output/latest."))
    manifest = _json(folder / MANIFEST)
    run = Sealed(folder, {}, manifest)
    run = replace(run, facts=_json(run.file("facts.json")))
    if "gist" not in run.facts:
        raise UsageError(
            Problem(str(folder), "was made by a version without mail.", "Make the report again with `reporter run`.")
        )
    return run


def _json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UsageError(Problem(str(path), "cannot be read.", "Make the report again with --force.")) from error


def _how_to_get(run: Sealed, name: str) -> str:
    if name == BRIEF_PDF and "report.pdf" in {each["path"] for each in run.manifest["outputs"]}:
        return "Make the report again with --force: now that a group gets the brief edition, the run makes it."
    return f"Make the report with it (for the PDF see `reporter doctor`), or take {name.replace('-brief', '')} out of mail.attach."
