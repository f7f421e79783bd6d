"""What a worker loads ahead, and what it spares itself."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import sys
from reporter.document.worker import load

load(["scipy.special", "no_such_library", "pathlib:no_such_function"])
assert "scipy.special" in sys.modules
assert "numpy.f2py" not in sys.modules, "a compiler of Fortran"
import numpy

assert numpy.f2py.__file__, "who wants it has it"
load(["scipy.spatial"])
assert numpy.f2py.__file__
print("fine")
"""


def test_libraries_are_loaded_without_a_compiler_of_fortran_and_what_is_missing_is_left_out() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("fine\n", "")
