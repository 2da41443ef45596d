"""Run the suite as other machines would: `python -m tests.processors`, 8 to 30 minutes a row.

Every BLAS kernel that OpenBLAS can select here, with one thread and two, and NumPy without its SIMD
code; each run with tests in random order, in parallel, and strings hashed with another seed. The
plugins for that are installed into an environment of this script's own.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
# What OPENBLAS_CORETYPE may say; several names can select one kernel.
CORE_TYPES = (
    *("Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX"),
    *("ARMV8", "CortexA57", "NeoverseN1", "NeoverseV1", "VORTEX"),
)
KERNEL_IN_USE = """
import numpy, threadpoolctl
for dtype in ("f", "d"):  # a kernel can be selected and then have instructions that are not there
    x = numpy.ones((128, 128), dtype)
    x @ x @ x[0]
print(*{i["architecture"] for i in threadpoolctl.threadpool_info() if i["internal_api"] == "openblas"})
"""
SIMD_FEATURES = """
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
print(*(name for name in __cpu_dispatch__ if __cpu_features__.get(name)))
"""


def python_output(python: str, program: str, **variables: str) -> str:
    """What the program prints."""
    environment = {**os.environ, **variables}
    done = subprocess.run(
        [python, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def kernels(python: str) -> dict[str, str]:
    """OPENBLAS_CORETYPE for each distinct kernel that runs here, by the kernel's own name."""
    found: dict[str, str] = {}
    for core_type in CORE_TYPES:
        try:
            kernel = python_output(python, KERNEL_IN_USE, OPENBLAS_CORETYPE=core_type)
        except subprocess.CalledProcessError:
            continue
        found.setdefault(kernel, core_type)
    return found


def settings(python: str) -> dict[str, dict[str, str]]:
    """The environment variables of each run, by its name."""
    found = {
        f"{kernel}, {threads} thread{'s' * (threads > 1)}": {
            "OPENBLAS_CORETYPE": core_type,
            "OPENBLAS_NUM_THREADS": str(threads),
        }
        for kernel, core_type in kernels(python).items()
        for threads in (1, 2)
    }
    features = python_output(python, SIMD_FEATURES)
    if features:
        found["NumPy without SIMD"] = {"NPY_DISABLE_CPU_FEATURES": features}
    return found


def run_suite(python: str, seed: int, variables: dict[str, str], workers: int) -> tuple[bool, str]:
    """Whether the suite passes, and its output."""
    environment = {**os.environ, **variables, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        [
            python,
            "-m",
            "pytest",
            "-q",
            "-n",
            str(workers),
            "--dist",
            "worksteal",
            f"--randomly-seed={seed}",
        ],
        cwd=REPOSITORY,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode == 0, done.stdout


def make_environment(folder: str) -> str:
    """Install the tests' requirements and the plugins into a new environment; its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = str(Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python")
    wanted = ["-e", f"{REPOSITORY}[test]", "pytest-randomly", "pytest-xdist"]
    subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
    return python


def main() -> int:
    """Run the suite in every setting and print a line each; the number of runs that failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.processors", description=__doc__)
    parser.add_argument("--only", default="", help="runs whose name contains this")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="tests side by side")
    parser.add_argument(
        "--here", action="store_true", help="use this environment, which has the plugins already"
    )
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        python = sys.executable if options.here else make_environment(folder)
        for seed, (name, variables) in enumerate(settings(python).items(), 1):
            if options.only not in name:
                continue
            started = time.monotonic()
            passed, output = run_suite(python, seed, variables, options.workers)
            failed += not passed
            closing = output.strip().splitlines()[-1] if output.strip() else "no output"
            print(f"{name:28} seed {seed:2}  {time.monotonic() - started:4.0f} s  {closing}")
            if not passed:
                print("\n".join(re.findall(r"^(?:FAILED|ERROR).*$", output, re.M)))
            sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
