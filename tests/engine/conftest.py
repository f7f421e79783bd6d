"""One Spark for all tests, as a session and over Connect, and the reason where there can be none."""

from __future__ import annotations

import importlib.util
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reporter.engine.duck import DuckEngine
from reporter.engine.spark import SparkEngine
from tests.ports import free_port

JAVA_OPTIONS = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"
"""For tests: the better compiler of Java takes longer here than what it makes is used."""
PLANNED_ONCE = {"spark.sql.adaptive.enabled": "false"}
"""For tests: to plan each statement again while it runs takes a fifth of the time, and helps tables that are a million times larger."""
QUICK = " ".join([JAVA_OPTIONS, *(f"-D{name}={value}" for name, value in PLANNED_ONCE.items())])
"""Both in ``JAVA_TOOL_OPTIONS``, for a command that starts its own Spark."""


def needed() -> None:
    """Skip where Spark cannot run."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("needs PySpark: ./dev setup --spark")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("needs Java: apt-get install openjdk-17-jre-headless")


@pytest.fixture(scope="session")
def connect_port() -> int:
    """Where the session listens to Spark Connect."""
    return free_port()


@pytest.fixture(scope="session")
def session(connect_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of somebody else: engines are opened beside it. Two partitions, no page, no network but the loopback.

    Its Spark is a Connect server, too: what it has compiled for one test need not be compiled for the next.
    """
    needed()
    folder: Path = tmp_path_factory.mktemp("spark")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        made = SparkSession.builder.master("local[2]").appName("tests")
        for name, value in {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "OFF",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.session.timeZone": "Asia/Tokyo",
            "spark.sql.ansi.enabled": "false",
            "spark.driver.memory": "3g",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.extraJavaOptions": JAVA_OPTIONS,
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.local.dir": str(folder / "local"),
            "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(connect_port),
            **PLANNED_ONCE,
        }.items():
            made = made.config(name, value)
        session = made.getOrCreate()
    yield session
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session.stop()


@pytest.fixture(scope="session")
def server(session: Any, connect_port: int) -> str:
    """The address of a Spark Connect server."""
    return f"sc://localhost:{connect_port}"


@pytest.fixture(scope="session")
def spark(session: Any) -> Iterator[SparkEngine]:
    """An engine beside that session."""
    engine = SparkEngine(session)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def duck() -> Iterator[DuckEngine]:
    engine = DuckEngine()
    yield engine
    engine.close()
