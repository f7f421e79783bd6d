"""Linear algebra has one thread, whenever its libraries were loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys

CODE = """
import json
from reporter.analysis.threads import one_thread
from threadpoolctl import threadpool_info

with one_thread():
    early = threadpool_info()
import scipy.linalg

loose = threadpool_info()
with one_thread():
    late = threadpool_info()
print(json.dumps([[each["num_threads"] for each in told] for told in (early, loose, late)]))
"""


def test_a_library_that_is_loaded_after_the_first_look_is_held_too():
    """That of numpy is there at once, that of scipy comes later; outside the block both have the threads that they were told."""
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    told = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True).stdout
    early, loose, late = json.loads(told)
    assert (early, loose, late) == ([1], [2, 2], [1, 1])
