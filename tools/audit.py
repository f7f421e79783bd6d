"""Do the locked packages have known holes? Asked of the advisory database where it can be reached; ``./dev audit`` runs it.

What could not be asked about is told as unknown: it is not a pass.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOCKS = ("requirements.txt", "requirements-dev.txt")


def verdict(packages: Sequence[Mapping[str, Any]]) -> tuple[bool, list[str]]:
    """Whether no known hole was found, and what to say.

    Parameters
    ----------
    packages : sequence of mapping
        ``dependencies`` of pip-audit's JSON: ``name`` and either ``version`` and ``vulns``, or ``skip_reason``.
    """
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version'}"
        for package in packages
        for hole in package.get("vulns", ())
    ]
    unknown = sum("skip_reason" in package for package in packages)
    told = [f"{len(packages) - unknown} packages audited, {len(holes)} known holes"]
    if unknown or not packages:
        told.append(f"{unknown} packages could not be audited here: unknown, which is no pass")
    return not holes, holes + told


def audit(lock: Path) -> Sequence[Mapping[str, Any]]:
    """Ask pip-audit about every package of a lock."""
    options = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json", "--timeout=5")
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), *options]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own interpreter)
    try:
        dependencies: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except ValueError:  # no answer at all, as without a network
        return []
    return dependencies


def main() -> int:
    """Audit all locks; 1 where one of their packages has a known hole."""
    packages = {package["name"]: package for lock in LOCKS for package in audit(Path(lock))}
    fine, told = verdict([packages[name] for name in sorted(packages)])
    for line in told:
        print(f"audit: {line}")
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
