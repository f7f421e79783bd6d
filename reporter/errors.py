"""Faults that a user can mend.

::

    ReporterError          something a person can put right; shown without a traceback
    ├── UsageError         command line or configuration            exit 2
    ├── InputError         the input cannot be used                 exit 3
    ├── RenderError        a demanded PDF cannot be made            exit 4
    ├── DeliveryError      the mail was not (fully) delivered       exit 5
    ├── AlarmError         a configured alarm fired                 exit 6
    ├── ResourceError      memory or disk ran out                   exit 7
    └── BusyError          another run holds the output folder      exit 75

Anything else that is raised is our own fault (exit 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault, told so that its reader can mend it.

    Attributes
    ----------
    where : str
        The place: file, sheet, column, row or setting, as its owner knows it.
    what : str
        What was found there.
    fix : str
        What to do about it; empty only when nothing can be done.
    """

    where: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        tail = f" {self.fix}" if self.fix else ""
        return f"{self.where}: {self.what}{tail}"


class ReporterError(Exception):
    """A fault with one or more problems that a person can put right."""

    exit_code = 1

    def __init__(self, problems: Sequence[Problem] | Problem) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class UsageError(ReporterError):
    """The command line or the configuration asks for something that does not exist."""

    exit_code = 2


class InputError(ReporterError):
    """The source cannot be read, or lacks what every report needs."""

    exit_code = 3


class RenderError(ReporterError):
    """The PDF was demanded and cannot be made here."""

    exit_code = 4


class DeliveryError(ReporterError):
    """The mail was not delivered, or not to everybody; the report is there."""

    exit_code = 5


class AlarmError(ReporterError):
    """A configured alarm fired; the report is there."""

    exit_code = 6


class ResourceError(ReporterError):
    """Memory or disk ran out."""

    exit_code = 7


class BusyError(ReporterError):
    """Another run holds the output folder."""

    exit_code = 75


def rows_told(count: int) -> str:
    """``1 row``, ``2,000 rows``: how messages say how many.

    Examples
    --------
    >>> rows_told(1), rows_told(2000)
    ('1 row', '2,000 rows')
    """
    return f"{count:,} {'row' if count == 1 else 'rows'}"
