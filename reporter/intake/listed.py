"""A list of customer ids in a text file, one a line: whom no campaign may reach."""

from __future__ import annotations

from pathlib import Path

from reporter.errors import InputError, Problem

HEADER = "customer_id"
LONGEST_ID = 1_000
"""Letters above which a line is no id but a table."""


def read_ids(path: str | Path) -> frozenset[str]:
    r"""Read ids, exactly as they are written but for blanks around them; empty lines and a first line ``customer_id`` are no ids.

    Raises
    ------
    InputError
        When the file cannot be read, is not UTF-8, or holds a line that can be no id.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "blocked.txt")
    ...     _ = path.write_text("customer_id\nC0042\n\n C0007\n")
    ...     sorted(read_ids(path))
    ['C0007', 'C0042']
    """
    name = Path(path).name
    try:
        lines = Path(path).read_text("utf-8-sig").splitlines()
    except OSError as error:
        fix = "Check campaign.exclude."
        raise InputError(Problem(name, f"the list of ids cannot be read ({error.strerror}).", fix)) from error
    except UnicodeDecodeError as error:
        raise InputError(Problem(name, "the list of ids is not UTF-8.", "Save it as UTF-8, one id a line.")) from error
    ids = [line.strip() for line in lines]
    for number, each in enumerate(ids, 1):
        if len(each) > LONGEST_ID or "\x00" in each or "\t" in each:
            raise InputError(Problem(f"{name}, line {number}", "is no customer id.", "Write one id a line."))
    return frozenset(each for number, each in enumerate(ids) if each and not (number == 0 and each == HEADER))
