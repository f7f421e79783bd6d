"""A PostgreSQL of the tests' own: Debian's server in a temporary folder, on a free port of the loopback, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from reporter.intake.tables import cell_text
from tests.ports import free_port

OWNER, LOCKED, POOR = "shop", "locked", "poor"
"""Roles: one that may do all, one that needs a password, one that may do nothing."""
SECRET = "a-bird-in-a-mine"
TYPES = {bool: "boolean", int: "bigint", float: "double precision", date: "date", datetime: "timestamp", str: "text"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    socket_folder: Path

    def url(self, database: str = "postgres", user: str = OWNER, query: str = "") -> str:
        return f"postgres://{user}@127.0.0.1:{self.port}/{database}{query}"

    def run(self, database: str, *statements: str) -> None:
        """Run statements, each by itself."""
        from adbc_driver_postgresql import dbapi

        with closing(dbapi.connect(self.url(database), autocommit=True)) as connection:
            for statement in statements:
                with connection.cursor() as cursor:
                    cursor.execute(statement)

    def fresh(self, database: str, *statements: str) -> str:
        """Make an empty database, run statements in it, and give its address."""
        self.run("postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)', f'CREATE DATABASE "{database}"')
        self.run(database, *statements)
        return self.url(database)

    def fill(self, database: str, name: str, table: pa.Table) -> None:
        """Load an Arrow table, typed as it is."""
        from adbc_driver_postgresql import dbapi

        with closing(dbapi.connect(self.url(database))) as connection:
            with connection.cursor() as cursor:
                cursor.adbc_ingest(name, table, mode="create_append")
            connection.commit()

    def rows(self, database: str, name: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Make a table of rows of cells: a column has the type of its cells, or is text where they are of several."""
        columns, kinds = list(zip(*rows, strict=True)), []
        for cells in columns:
            found = {type(cell) for cell in cells if cell is not None}
            kinds.append(TYPES[found.pop()] if len(found) == 1 else "text")
        made = ", ".join(f"{quoted(each)} {kind}" for each, kind in zip(header, kinds, strict=True))
        texts = [kind == "text" for kind in kinds]
        lines = [f"({', '.join(map(literal, row, texts))})" for row in rows]
        values = [
            f"INSERT INTO {quoted(name)} VALUES {', '.join(lines[i : i + 500])}" for i in range(0, len(lines), 500)
        ]
        self.run(database, f"CREATE TABLE {quoted(name)} ({made})", *values)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(cell: object, as_text: bool) -> str:
    if cell is None:
        return "NULL"
    if as_text:
        cell = cell_text(cell)
    return repr(cell) if isinstance(cell, float | int) else "'" + str(cell).replace("'", "''") + "'"


def programs() -> Path | None:
    """The folder of initdb and pg_ctl: the newest of Debian's, or where they are found."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    where = found[-1] if found else shutil.which("initdb")
    return Path(where).resolve().parent if where else None


@contextmanager
def running(binaries: Path) -> Iterator[Server]:
    """Start a server, and stop it again; it refuses to run as root, so then it runs as somebody without rights."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = next(each for each in pwd.getpwall() if each.pw_name in ("postgres", "nobody"))
        user = next((each for each in pwd.getpwall() if each.pw_name == "postgres"), user)
        os.chown(folder, user.pw_uid, user.pw_gid)
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    port = free_port()

    def call(program: str, *arguments: str) -> None:
        command = [str(binaries / program), "-D", str(folder / "data"), *arguments]
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **who
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    try:
        call("initdb", "-U", OWNER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        rules = (folder / "data" / "pg_hba.conf").read_text()
        (folder / "data" / "pg_hba.conf").write_text(f"host all {LOCKED} 127.0.0.1/32 scram-sha-256\n{rules}")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=20"
        call("pg_ctl", "-w", "-s", "-o", options, "-l", str(folder / "log"), "start")
        try:
            server = Server(port, folder)
            server.run("postgres", f"CREATE ROLE {LOCKED} LOGIN PASSWORD '{SECRET}'", f"CREATE ROLE {POOR} LOGIN")
            yield server
        finally:
            call("pg_ctl", "-m", "immediate", "-s", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
