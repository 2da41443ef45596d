"""Report what determines the speed of arrays on this machine: `python -m autograd doctor`.

Where a setting may help, it measures for a second, and recommends only what the measurement
confirms.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

# Kernels of OpenBLAS that use 512-bit vectors, and NumPy's names for processors that have them.
WIDE_KERNELS = ("SkylakeX", "Cooperlake", "SapphireRapids")
WIDE_VECTORS = ("X86_V4", "AVX512_SKX")
WORTH_IT = 1.1  # the smallest gain to recommend
PREFIXES = ("", "scipy_")
SUFFIXES = ("", "64_", "_64")

MEASURE = """
import time
import numpy as np
x = np.random.default_rng(0).random((1024, 1024), np.float32)
x @ x
best, until = 0.0, time.perf_counter() + 0.6
while time.perf_counter() < until:
    start = time.perf_counter()
    x @ x
    best = max(best, 2 * 1024**3 / (time.perf_counter() - start))
print(best / 1e9)
"""


class Finding(NamedTuple):
    """Something that could be better.

    Attributes:
        text: the finding, with the measurements.
        cure: the setting to change.
    """

    text: str
    cure: str


def blas_facts() -> dict[str, Any]:
    """The versions of NumPy and its BLAS, and the kernel and threads of the BLAS.

    Returns:
        {"numpy": ..., "blas": ..., "kernel": ... or None, "blas_threads": ... or None}. Only
        OpenBLAS reveals its kernel and threads.

    Example:
        >>> from autograd.debug.doctor import blas_facts
        >>> sorted(blas_facts())
        ['blas', 'blas_threads', 'kernel', 'numpy']
    """
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    name = " ".join(str(blas[k]) for k in ("name", "version") if blas.get(k)) or "an unknown BLAS"
    library = _openblas()
    kernel = _ask(library, "get_corename", ctypes.c_char_p)
    threads = _ask(library, "get_num_threads", ctypes.c_int)
    kernel = kernel.decode() if isinstance(kernel, bytes) else None
    return {"numpy": np.__version__, "blas": name, "kernel": kernel, "blas_threads": threads}


def _openblas() -> Any:
    """The OpenBLAS that NumPy has loaded, or None."""
    np.dot(np.ones(1), np.ones(1))
    for path in _loaded():
        if "openblas" in path.rpartition("/")[2].lower():
            try:
                return ctypes.CDLL(path)
            except OSError:
                continue
    return None


def _loaded() -> Iterator[str]:
    """The shared libraries of this process, if the system lists them, and those of NumPy."""
    maps = Path("/proc/self/maps")
    if maps.exists():
        yield from sorted(set(re.findall(r"\S*/\S+\.so\S*", maps.read_text())))
    home = Path(np.__file__).parent
    for folder in (home / ".dylibs", home.parent / "numpy.libs"):
        yield from map(str, sorted(folder.glob("*openblas*")))


def _ask(library: Any, function: str, kind: Any) -> Any:
    for prefix in PREFIXES:
        for suffix in SUFFIXES:
            found = getattr(library, f"{prefix}openblas_{function}{suffix}", None)
            if found is not None:
                found.restype = kind
                return found()
    return None


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def vectors() -> list[str]:
    """The vector instruction sets that NumPy found on this processor."""
    config: Any = np.show_config(mode="dicts")
    simd = config.get("SIMD Extensions", {})
    return [*simd.get("baseline", ()), *simd.get("found", ())]


def speed(environment: dict[str, str]) -> float:
    """GFLOP/s of a float32 matrix product in a fresh process with these variables set."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def examine(
    facts: dict[str, Any], can: Iterable[str], available: int, measure: Callable[..., float] = speed
) -> tuple[float, list[Finding]]:
    """The speed of matrix products in GFLOP/s, and what could be better.

    Args:
        facts: the result of `blas_facts`.
        can: the result of `vectors`.
        available: the number of cores.
        measure: returns GFLOP/s for a dictionary of environment variables.
    """
    now = measure({})
    findings = []
    threads = facts["blas_threads"]
    if threads is not None and threads < available:
        better = measure({"OPENBLAS_NUM_THREADS": str(available)})
        if better > WORTH_IT * now:
            findings.append(
                Finding(
                    f"matrix products use {threads} of {available} cores: {now:.0f} GFLOP/s, "
                    f"{better:.0f} with all",
                    f"set OPENBLAS_NUM_THREADS={available}, or unset it and OMP_NUM_THREADS, "
                    "before Python starts",
                )
            )
    kernel = facts["kernel"]
    if kernel and kernel not in WIDE_KERNELS and any(v in WIDE_VECTORS for v in can):
        better = measure({"OPENBLAS_CORETYPE": "SkylakeX"})
        if better > WORTH_IT * now:
            findings.append(
                Finding(
                    f"OpenBLAS runs its {kernel} kernel, although this processor has 512-bit "
                    f"vectors: {now:.0f} GFLOP/s, {better:.0f} with the SkylakeX kernel",
                    "set OPENBLAS_CORETYPE=SkylakeX before Python starts",
                )
            )
    return now, findings


def report(say: Callable[[str], None] = print) -> list[Finding]:
    """Print the facts and findings; returns the findings."""
    facts, can, available = blas_facts(), vectors(), cores()
    threads = facts["blas_threads"]
    rows = {
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "NumPy": facts["numpy"],
        "BLAS": facts["blas"],
        "kernel": facts["kernel"] or "unknown for this BLAS",
        "threads": f"{'unknown' if threads is None else threads} of {available} cores",
        "vectors": ", ".join(can) or "unknown",
    }
    variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_CORETYPE")
    rows |= {name: os.environ[name] for name in variables if name in os.environ}
    for name, value in rows.items():
        say(f"{name:22} {value}")
    now, findings = examine(facts, can, available)
    say(f"{'float32 products':22} {now:.0f} GFLOP/s (1024 x 1024, best of 0.6 s)")
    for finding in findings:
        say(f"\n{finding.text}.\nCure: {finding.cure}.")
    if not findings:
        say("\nFound nothing that would make matrix products faster.")
    return findings
