"""No nest, product or copy touches a byte outside its place: one that does is killed here."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.autograd.compile.native.running import needs_llvm

ROOT = Path(__file__).parents[4]

pytestmark = [needs_llvm, pytest.mark.skipif(os.name != "posix", reason="mprotect is of POSIX")]


def run(*arguments):
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.autograd.compile.native.guarded", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("edge", ["end", "begin"])
def test_no_byte_outside_is_touched(edge):
    done = run(edge)
    assert done.returncode == 0, done.stderr or f"killed by signal {-done.returncode}"
    assert "buffers" in done.stdout


def test_a_loop_that_goes_one_too_far_is_killed():
    assert run("end", "slip").returncode in (-signal.SIGSEGV, -signal.SIGBUS)
