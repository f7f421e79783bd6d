"""A Spark Connect server on the loopback, from the installed PySpark alone."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engine.conftest import JAVA_OPTIONS, PLANNED_ONCE, needed
from tests.ports import free_port, wait_for

START_SECONDS = 120


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server that runs until the end of the block; its tables lie in the folder."""
    needed()
    import pyspark

    folder.mkdir(exist_ok=True)
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.port": port,
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": 2,
        "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.driver.extraJavaOptions": JAVA_OPTIONS,
        **PLANNED_ONCE,
    }
    home = Path(pyspark.__file__).parent
    command = [str(home / "bin" / "spark-submit"), "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    command += ["--master", "local[2]", "--driver-memory", "2g"]
    command += [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    environment = {**os.environ, "SPARK_HOME": str(home)}
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [*command, "spark-internal"], cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_for(port, running, START_SECONDS, lambda: (folder / "log").read_text()[-2000:])
        yield f"sc://localhost:{port}"
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
