"""The machine that the measurements were made on."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from autograd.debug.doctor import blas_facts


def facts(threads: int) -> dict[str, Any]:
    """Return processor, cores, Python, NumPy, and the kernel of NumPy's matrix products."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "threads": threads,
        "system": platform.platform(aliased=True, terse=True),
        "python": platform.python_version(),
        **blas_facts(),
    }


def processor() -> str:
    """Return the processor's name as the system reports it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
