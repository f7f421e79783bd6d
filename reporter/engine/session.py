"""Spark sessions: one of our own on this machine, one beside the session that is there, or one on a Spark Connect server."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reporter.errors import Problem, UsageError

OLDEST = 4
CONNECT_PORT = 15002
PATIENCE_SECONDS = 10.0
NEEDS_JAVA = 'Install Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless), or say where it is: export JAVA_HOME="…".'
LOGGING = """\
rootLogger.level = off
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c{1}: %m%n
"""

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.enforceReservedKeywords": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.caseSensitive": "false",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
}
"""What the meaning of our SQL hangs on: said, whatever the cluster is set to. A cast that fails raises, it does not become null."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """PySpark warns of every pandas from 3 on; of its pandas side only Arrow is used here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def local_session(folder: Path, memory_bytes: int, threads: int) -> Any:
    """A session on this machine, with everything that it writes under `folder`.

    Raises
    ------
    UsageError
        Where PySpark or Java is missing, PySpark is too old, or Java does not start.
    """
    builder = _builder()
    if not (shutil.which("java") or _java_home().is_file()):
        raise UsageError(Problem("--engine spark", "Spark needs Java, and there is none.", NEEDS_JAVA))
    settings = {
        **SETTINGS,
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": str(threads),
        "spark.driver.memory": f"{memory_bytes // 2**20}m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": _java_options(folder),
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.showConsoleProgress": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with quiet():
            return _recent(builder.master(f"local[{threads}]").appName("reporter").getOrCreate(), "--engine spark")
    except UsageError:
        raise
    except Exception as error:
        what = f"Spark does not start on this machine ({_first_line(error)})."
        raise UsageError(Problem("--engine spark", what, NEEDS_JAVA)) from error


def active_session() -> Any | None:
    """The session that this Python already works in, if any: Spark's own, or one of Spark Connect."""
    if "pyspark" not in sys.modules:
        return None
    from pyspark.sql import SparkSession

    session = None
    with quiet(), contextlib.suppress(Exception):
        session = SparkSession.active()
    connect = sys.modules.get("pyspark.sql.connect.session")
    if session is None and connect is not None:
        session = connect.SparkSession.getActiveSession()
    return session


def beside(session: Any) -> Any:
    """A new session on the cluster of one that is there: nothing of ours is seen in it, nothing of it is changed.

    Raises
    ------
    UsageError
        Where it is too old, or cannot have a session beside it.
    """
    _recent(session, "the Spark session")
    if not hasattr(session, "newSession"):
        what = "is of a Spark Connect that cannot open a second session."
        raise UsageError(Problem("the Spark session", what, "Give its address instead: engine = sc://host:port."))
    with quiet():
        return with_settings(session.newSession())


def connect_session(address: str) -> Any:
    """A session on a Spark Connect server.

    Parameters
    ----------
    address : str
        ``sc://host:port``, with parameters after it as PySpark knows them.

    Raises
    ------
    UsageError
        Where PySpark or what Connect needs is missing, nothing answers, or Spark is too old.
    """
    _builder()
    try:
        place = urlsplit(address)
        host, port = place.hostname or "", place.port or CONNECT_PORT
        socket.create_connection((host, port), PATIENCE_SECONDS).close()
    except (OSError, ValueError) as error:
        what = f"no Spark Connect server can be reached there ({_first_line(error)})."
        fix = "Check host and port (15002 is usual), and that the server is running."
        raise UsageError(Problem(f"--engine {address}", what, fix)) from error
    try:
        with quiet():
            from pyspark.sql.connect.session import SparkSession

            session = SparkSession.builder.remote(address).create()
            return with_settings(_recent(session, f"--engine {address}"))
    except ImportError as error:
        raise _missing(f"--engine {address}") from error
    except UsageError:
        raise
    except Exception as error:
        what = f"what answers there is no Spark Connect server that lets us in ({_first_line(error)})."
        raise UsageError(Problem(f"--engine {address}", what, "Check host, port, and token.")) from error


def with_settings(session: Any) -> Any:
    """The session, set to what our SQL means; where a cluster forbids a setting, its own value must be the same."""
    for name, value in SETTINGS.items():
        if session.conf.get(name, None) != value:
            session.conf.set(name, value)
    return session


def _builder() -> Any:
    try:
        with quiet():
            from pyspark.sql import SparkSession

            return SparkSession.builder
    except ImportError as error:
        raise _missing("--engine spark") from error


def _missing(where: str) -> UsageError:
    fix = 'Install it: pip install "reporter[spark]" (in a checkout: ./dev setup --spark).'
    return UsageError(Problem(where, "PySpark is not installed, or not all of it.", fix))


def _recent(session: Any, where: str) -> Any:
    version = str(session.version)
    if int(version.partition(".")[0]) < OLDEST:
        what = f"Spark {version} is too old: SQL functions came with {OLDEST}.0."
        raise UsageError(Problem(where, what, f"Use a Spark of {OLDEST}.0 or newer."))
    return session


def _java_home() -> Path:
    return Path(os.environ.get("JAVA_HOME", "")) / "bin" / "java"


def _java_options(folder: Path) -> str:
    """Java's own settings: no log (what goes wrong comes as an exception), temporary files in our folder."""
    (folder / "local").mkdir(exist_ok=True)
    (folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
    return f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'} -Djava.io.tmpdir={folder / 'local'} -Dderby.system.home={folder}"


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
