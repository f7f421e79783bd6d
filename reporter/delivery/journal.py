"""What has been sent to whom: ``mail.jsonl`` in the run folder, written ahead.

A line *intent* is on the disk before the first byte of a message leaves, a line *result* after the server's answer. So a run that is killed in between leaves an intent
without a result: its recipients **may** have the mail, and nobody sends it to them again without being told to. A line that was torn by a kill is skipped: before an intent
is whole nothing has left, and a result that is not whole is no result. Recipients stand there as keyed hashes, not as addresses.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from reporter.delivery.store import JOURNAL
from reporter.errors import Problem, ResourceError

State = Literal["sent", "unknown", "open"]


@dataclass(frozen=True, slots=True)
class Journal:
    """The sent-log of one run folder.

    Attributes
    ----------
    folder : Path
        A finished run.
    run_id : str
        The key of the hashes.
    """

    folder: Path
    run_id: str

    @property
    def path(self) -> Path:
        """Where it is written."""
        return self.folder / JOURNAL

    def states(self, edition: str, addresses: Iterable[str]) -> dict[str, State]:
        """What is known of each address: it has the edition (sent), may have it (unknown), or not (open)."""
        known: dict[str, State] = {}
        for entry in self._entries():
            if entry.get("edition") == edition:
                known |= dict.fromkeys(entry["recipients"], _state(entry))
        return {address: known.get(self.name_of(address), "open") for address in addresses}

    def intend(self, edition: str, message_id: str, addresses: Iterable[str]) -> None:
        """Write down that a message is about to be handed over."""
        self._write("intent", edition, message_id, addresses)

    def conclude(self, edition: str, message_id: str, outcome: Mapping[str, Iterable[str]]) -> None:
        """Write down what became of it: kind of outcome (sent, refused, later, unknown) to addresses."""
        for kind, addresses in outcome.items():
            if some := tuple(addresses):
                self._write(kind, edition, message_id, some)

    def name_of(self, address: str) -> str:
        """An address as the journal has it: 16 digits of a SHA-256 over run and address."""
        return sha256(f"{self.run_id}\n{address.lower()}".encode()).hexdigest()[:16]

    def _entries(self) -> list[dict[str, Any]]:
        if not self.path.is_file():
            return []
        entries = []
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and isinstance(entry.get("recipients"), list):
                entries.append(entry)
        return entries

    def _write(self, event: str, edition: str, message_id: str, addresses: Iterable[str]) -> None:
        """Append a line and wait until it is on the disk, and the name of its file with it."""
        entry = {
            "event": event,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "edition": edition,
            "message_id": message_id,
            "recipients": [self.name_of(address) for address in addresses],
        }
        try:
            is_new = not self.path.exists()
            with os.fdopen(os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as stream:
                stream.write(self._gap(stream.seek(0, os.SEEK_END)) + json.dumps(entry).encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            if is_new and os.name != "nt":
                _sync_folder(self.folder)
        except OSError as error:
            what = f"cannot be written ({(error.strerror or 'unknown reason').lower()})."
            fix = "Without it nothing is sent: make room, or let the command write there."
            if event != "intent":
                fix = f"The message itself is “{event}”; until that stands there, the next `reporter email` can only say that they may have it."
            raise ResourceError(Problem(str(self.path), what, fix)) from error

    def _gap(self, length: int) -> bytes:
        """What parts a new line from one that was torn."""
        if not length:
            return b""
        with self.path.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return b"" if stream.read(1) == b"\n" else b"\n"


def _state(entry: Mapping[str, Any]) -> State:
    event = entry.get("event")
    return "sent" if event == "sent" else "unknown" if event in ("intent", "unknown") else "open"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
