"""A worker in a peer's environment: builds workloads, and times them on command.

Commands and answers are lines of JSON. The repository's folder is on the path only in our own
environment, because `import autograd` means another library in that of HIPS.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import importlib.util
import json
import os
import resource
import sys
import time
import traceback
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WARM_UP = 12  # steps after which none compiles any more
PAUSE = 0.03  # seconds, so that the previous contestant's threads stop waiting for work


def make_importable(peer: str) -> None:
    """Make `benchmarks` importable, without its sibling packages except in our environment."""
    sys.path.remove(str(HERE))
    if peer == "glassgrad":
        sys.path.insert(0, str(HERE.parent))
        return
    spec = importlib.util.spec_from_file_location(
        "benchmarks", HERE / "__init__.py", submodule_search_locations=[str(HERE)]
    )
    assert spec is not None and spec.loader is not None
    sys.modules["benchmarks"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


class Worker:
    """The steps built so far, by contestant."""

    def __init__(self) -> None:
        self.built: dict[str, Any] = {}

    def build(self, contestant: str, workload: str, out: str) -> dict[str, Any]:
        """Build a step, run it once, and write its results to a file."""
        import numpy as np

        from benchmarks.contestants import CONTESTANTS, build

        self.built.pop(contestant, None)
        chosen = next(c for c in CONTESTANTS if c.name == contestant)
        step, read = build(chosen, workload)
        step()
        np.savez(out, **{name: np.asarray(x) for name, x in read().items()})
        step()
        self.built[contestant] = step, chosen.collects
        return {}

    def time(self, contestant: str, number: int) -> dict[str, Any]:
        """Return the mean seconds of a step over several, after one warm-up step, and those of all
        processors."""
        step, collects = self.built[contestant]
        if not collects:
            gc.collect()
            gc.disable()
        time.sleep(PAUSE)
        step()  # warm up caches and threads
        start, used = time.perf_counter(), time.process_time()
        for _ in range(number):
            step()
        seconds = (time.perf_counter() - start) / number
        processor = (time.process_time() - used) / number
        gc.enable()
        return {"seconds": seconds, "processor": processor}

    def forget(self) -> dict[str, Any]:
        """Drop all steps."""
        self.built.clear()
        gc.collect()
        return {}

    def memory(self, contestant: str, workload: str) -> dict[str, Any]:
        """Return how many bytes the process has at its peak in three steps that it did not have
        before it built the workload, without data and parameters.

        A small workload was run before, so that what a library loads once does not count.
        """
        from benchmarks.contestants import CONTESTANTS, build
        from benchmarks.workloads import WORKLOADS

        chosen = next(c for c in CONTESTANTS if c.name == contestant)
        build(chosen, "mlp-tiny")[0]()
        data = WORKLOADS[workload].make()
        held = size(data) + size(data["params"])  # each step has parameters of its own
        del data
        give_back()
        before = status("VmRSS")
        step, _ = build(chosen, workload)
        for _ in range(WARM_UP):
            step()
        give_back()
        Path("/proc/self/clear_refs").write_text("5")  # reset the peak
        for _ in range(3):
            step()
        return {"bytes": status("VmHWM") - before - held}

    def compiling(self, contestant: str, workload: str) -> dict[str, Any]:
        """Return the processor seconds, those of compilers included, until a step has run that is
        compiled, without those of imports."""
        from benchmarks.contestants import CONTESTANTS, build

        chosen = next(c for c in CONTESTANTS if c.name == contestant)
        importlib.import_module(f"benchmarks.engines.{chosen.engine.partition(':')[0]}")
        before = processor_seconds()
        step, _ = build(chosen, workload)
        step()
        return {"seconds": processor_seconds() - before}

    def call(self) -> dict[str, Any]:
        """Return the processor seconds of a compiled step of twenty parameters of one entry each:
        of guards, of what is handed over, and of next to no arithmetic."""
        import numpy as np

        import autograd as ag
        import nn

        model = nn.MLP([1] * 11, dtype=np.float32)
        optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
        x = np.ones((1, 1), np.float32)

        def step() -> None:
            optimizer.zero_grad()
            model(x).sum().backward()
            optimizer.step()

        run = ag.compile(step, backend="native", keep_gradients=False)
        for _ in range(1000):
            run()
        assert run.programs, run.report()
        found = []
        for _ in range(15):
            used = time.process_time()
            for _ in range(2000):
                run()
            found.append((time.process_time() - used) / 2000)
        return {"seconds": sorted(found)[7], "parameters": len(list(model.parameters()))}

    def anatomy(self, workload: str) -> dict[str, Any]:
        """Measure where the time of our step goes, and of the step by hand."""
        from benchmarks.anatomy import examine

        return examine(workload)

    def versions(self, package: str) -> dict[str, Any]:
        """Return the versions of a package and of NumPy, None for one that is not installed."""
        found: dict[str, Any] = {}
        for name in (package, "numpy"):
            try:
                found[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                found[name] = None
        return {"peer": found[package], "numpy": found["numpy"]}


def size(x: Any) -> int:
    """Return the bytes of all arrays in a tree of dictionaries and lists."""
    if isinstance(x, dict):
        return sum(map(size, x.values()))
    if isinstance(x, (list, tuple)):
        return sum(map(size, x))
    return int(getattr(x, "nbytes", 0))


def give_back() -> None:
    """Collect garbage, and return free memory to the system where the C library can."""
    gc.collect()
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def processor_seconds() -> float:
    """Return the time that this process and those that it started have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def status(key: str) -> int:
    """Return a number of bytes from the kernel's status file of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(key))


def threads(number: int) -> None:
    """Limit the process to this many cores, which no library can get around."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:number])


def main() -> None:
    """Answer commands until the input ends."""
    peer, number = sys.argv[1], int(sys.argv[2])
    make_importable(peer)
    threads(number)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # keep what a library prints out of the answers
    if peer == "torch":
        importlib.import_module("torch").set_num_threads(number)
    worker = Worker()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = getattr(worker, command.pop("do"))(**command)
        except Exception as error:
            reason = str(error).splitlines() or [""]
            answer = {"error": f"{type(error).__name__}: {reason[0]}"[:200]}
            print(traceback.format_exc(), file=sys.stderr)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
