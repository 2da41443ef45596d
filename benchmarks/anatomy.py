"""Where the time of a training step goes: phases, function calls, fresh memory pages."""

from __future__ import annotations

import gc
import resource
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def calls_in(function: Callable[[], Any]) -> int:
    """Count the Python and C functions that a call runs, including itself.

    The cyclic collector is off meanwhile, because other code registers callbacks with it, and when
    it runs depends on what ran before.
    """
    count = 0

    def see(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    collecting = gc.isenabled()
    gc.disable()
    sys.setprofile(see)
    try:
        function()
    finally:
        sys.setprofile(None)
        if collecting:
            gc.enable()
    return count


def fresh_pages(step: Callable[[], Any], steps: int = 20) -> float:
    """Count the memory pages that the system clears for a step: minor page faults."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(steps):
        step()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / steps


def peak_of(step: Callable[[], Any]) -> int:
    """The bytes in use at the peak of a step, beyond those in use before it; NumPy's included."""
    tracemalloc.start()
    try:
        step()  # what stays from step to step is allocated here
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        step()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@contextmanager
def stopwatch(kinds: dict[str, tuple[type, str]], found: dict[str, float]) -> Iterator[None]:
    """Add the time that the given methods take to `found`, inside a with statement."""
    originals = {name: getattr(kind, method) for name, (kind, method) in kinds.items()}

    def timed(name: str, original: Any) -> Any:
        def method(*args: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return original(*args, **options)
            finally:
                found[name] += time.perf_counter() - start

        return method

    for name, (kind, method) in kinds.items():
        setattr(kind, method, timed(name, originals[name]))
    try:
        yield
    finally:
        for name, (kind, method) in kinds.items():
            setattr(kind, method, originals[name])


def seconds(step: Callable[[], Any], rounds: int = 9, least: float = 0.03) -> float:
    """Return the median time of a step."""
    step()
    start = time.perf_counter()
    step()
    number = max(1, round(least / (time.perf_counter() - start)))
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(number):
            step()
        found.append((time.perf_counter() - start) / number)
    return statistics.median(found)


def examine(workload: str) -> dict[str, Any]:
    """Compare a step by hand with ours, in one process of our environment."""
    import autograd as ag
    import nn
    from benchmarks.contestants import kind_of
    from benchmarks.engines import glassgrad, hand
    from benchmarks.workloads import WORKLOADS

    steps: dict[str, Any] = {}
    for name, engine in (("hand", hand), ("ours", glassgrad)):
        steps[name], _ = getattr(engine, kind_of(workload))(WORKLOADS[workload].make())
        steps[name]()
        steps[name]()
    found: dict[str, Any] = {"workload": workload}
    for name, step in steps.items():
        found[name] = seconds(step)
        found[f"{name} calls"] = calls_in(step)
        found[f"{name} pages"] = fresh_pages(step)
    phases = {"backward": 0.0, "optimizer": 0.0}
    kinds = {"backward": (ag.Tensor, "backward"), "optimizer": (nn.optim.SGD, "step")}
    rounds = max(5, round(0.3 / found["ours"]))
    with stopwatch(kinds, phases):
        start = time.perf_counter()
        for _ in range(rounds):
            steps["ours"]()
        total = time.perf_counter() - start
    return found | {name: t / total for name, t in phases.items()}
