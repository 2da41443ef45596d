"""The measurements: workloads in turns, and measurements that need a separate process."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import environments as env
from benchmarks.contestants import PEERS, Contestant, kind_of
from benchmarks.workloads import WORKLOADS

SAMPLE = 0.06  # minimum seconds for one measurement of a contestant
Say = Callable[[str], None]


def quartiles(numbers: list[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile."""
    low, middle, high = statistics.quantiles(numbers, n=4, method="inclusive")
    return low, middle, high


def differ(found: Any, expected: Any, rtol: float) -> str:
    """Describe the first difference of more than rtol, or return "".

    Differences are relative to the largest entry of an array, or to a thousandth of the largest
    entry of all gradients if that is larger: a gradient that consists only of rounding has no
    digits to compare. A gradient that was read from an update comes with its rounding.
    """
    common = [name for name in expected.files if name in found.files]
    gradients = [name for name in common if name != "loss"]
    if not gradients:
        return "no gradient to compare"
    largest = max(float(np.abs(expected[name]).max()) for name in gradients)
    for name in common:
        size = float(np.abs(expected[name]).max())
        scale = max(size, 1e-3 * largest) if name != "loss" else size
        error = float(np.abs(found[name] - expected[name]).max())
        rounding = f"rounding of {name}"
        if not error <= rtol * scale + (float(found[rounding]) if rounding in found.files else 0):
            return f"{name} differs by {error / scale:.1e} (relative)"
    return ""


def steps_of_a_sample(ask: env.Connection, contestant: str) -> int:
    """Return how many steps take as long as a sample should, in three samples on end.

    What compiles does so in its first steps, which must not count.
    """
    number, long_enough = 1, 0
    while long_enough < 3:
        if number * ask("time", contestant=contestant, number=number)["seconds"] >= SAMPLE:
            long_enough += 1
        else:
            number, long_enough = 2 * number, 0
    return number


def workload(
    name: str,
    chosen: Iterable[Contestant],
    workers: dict[str, env.Connection],
    rounds: int,
    say: Say,
) -> list[dict[str, Any]]:
    """Compare outputs and gradients of one workload, then time it in turns; return the rows.

    Times are by the clock on the wall, and those that begin with "processor" of all processors.
    """
    rows: dict[str, dict[str, Any]] = {}
    able = [c for c in chosen if kind_of(name) in c.kinds]
    with tempfile.TemporaryDirectory() as folder:
        reference = None
        for place, contestant in enumerate(able):
            row = rows[contestant.name] = {"workload": name, "contestant": contestant.name}
            if contestant.peer not in workers:
                row["missing"] = f"not installed: python -m benchmarks setup {contestant.peer}"
                continue
            out = str(Path(folder) / f"{place}.npz")
            try:
                workers[contestant.peer](
                    "build", contestant=contestant.name, workload=name, out=out
                )
            except env.Failed as error:
                row["missing"] = str(error)
                continue
            found = np.load(out)
            reference = reference or found
            if reason := differ(found, reference, WORKLOADS[name].rtol):
                row["missing"] = f"different result: {reason}"
    running = [c for c in able if "missing" not in rows[c.name]]
    number = {c.name: steps_of_a_sample(workers[c.peer], c.name) for c in running}
    times: dict[str, list[dict[str, float]]] = {c.name: [] for c in running}
    for turn in range(rounds):
        order = running.copy()
        random.Random(turn).shuffle(order)
        for c in order:
            times[c.name].append(workers[c.peer]("time", contestant=c.name, number=number[c.name]))
    for c in running:
        row = rows[c.name]
        row |= {"steps": number[c.name], "reference": running[0].name}
        for clock, prefix in (("seconds", ""), ("processor", "processor_")):
            mine = [answer[clock] for answer in times[c.name]]
            base = [answer[clock] for answer in times[running[0].name]]
            low, row[clock], high = quartiles(mine)
            row |= {f"{prefix}low": low, f"{prefix}high": high}
            low, middle, high = quartiles([a / b for a, b in zip(mine, base, strict=True)])
            row |= {f"{prefix}ratio_low": low, f"{prefix}ratio": middle}
            row[f"{prefix}ratio_high"] = high
        say(f"  {c.name:40} {row['seconds'] * 1e6:12,.1f} us   x {row['ratio']:.2f}")
    for ask in workers.values():
        ask("forget")
    return list(rows.values())


def memory(name: str, chosen: Iterable[Contestant], threads: int, say: Say) -> list[dict[str, Any]]:
    """Measure how much three steps add to a fresh process's peak memory, per contestant."""
    rows = []
    for c in chosen:
        if kind_of(name) not in c.kinds or not env.is_there(c.peer):
            continue
        row: dict[str, Any] = {"workload": name, "contestant": c.name}
        with env.worker(c.peer, threads) as ask:
            try:
                row["bytes"] = ask("memory", contestant=c.name, workload=name)["bytes"]
                say(f"  {c.name:40} {row['bytes'] / 1e6:10,.1f} MB")
            except env.Failed as error:
                row["missing"] = str(error)
        rows.append(row)
    return rows


CACHES = ("GLASSGRAD_CACHE", "TORCHINDUCTOR_CACHE_DIR")


def compiling(
    names: Iterable[str], chosen: Iterable[Contestant], rounds: int, say: Say
) -> list[dict[str, Any]]:
    """Measure the processor seconds until a step is compiled: without anything on disk, and in
    another process with what the first one left there."""
    rows = []
    for c, name in itertools.product(chosen, names):
        if not env.is_there(c.peer) or c.name not in COMPILERS:
            continue
        row: dict[str, Any] = {"workload": name, "contestant": c.name}
        rows.append(row)
        found: dict[str, list[float]] = {"cold": [], "kept": []}
        try:
            for _ in range(rounds):
                with tempfile.TemporaryDirectory() as folder:
                    for seconds in found.values():
                        with env.worker(c.peer, 1, **dict.fromkeys(CACHES, folder)) as ask:
                            answer = ask("compiling", contestant=c.name, workload=name)
                        seconds.append(answer["seconds"])
        except env.Failed as error:
            row["missing"] = str(error)
            continue
        row |= {what: statistics.median(seconds) for what, seconds in found.items()}
        say(f"  {c.name:40} {name:12} {row['cold']:7.2f} s, kept {row['kept']:.2f} s")
    with env.worker("glassgrad", 1) as ask:
        answer = ask("call")
    say(f"  a call with {answer['parameters']} parameters: {answer['seconds'] * 1e6:.2f} us")
    return [*rows, {"call": answer["seconds"], "parameters": answer["parameters"]}]


def run(command: list[str], limit: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program in the repository's folder, without Python's environment variables."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
        cwd=env.HERE.parent,
        env=env.variables(),
    )


def in_turns(programs: dict[str, list[str]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds that processes print, or take if they print none."""
    found: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, command in programs.items():
            start = time.perf_counter()
            done = run(command)
            took = time.perf_counter() - start
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["it failed"])[-1]
                raise env.Failed(f"{name}: {reason}")
            with contextlib.suppress(ValueError):
                took = float(done.stdout)
            found[name].append(took)
    return found


# Who compiles steps, for the table of how long that takes.
COMPILERS = ("Glassgrad, compiled", "PyTorch, torch.compile", "JAX, jit")

CLOCK = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def imports(rounds: int, say: Say) -> list[dict[str, Any]]:
    """Time `import` in a fresh process, relative to NumPy's in our environment."""
    programs = {"numpy": [str(env.python_of("glassgrad")), "-c", CLOCK.format("numpy")]}
    ours = {"Glassgrad: autograd": "autograd", "Glassgrad: autograd, nn": "autograd, nn"}
    for name, module in ours.items():
        programs[name] = [str(env.python_of("glassgrad")), "-c", CLOCK.format(module)]
    for peer in PEERS.values():
        if peer.requirements and env.is_there(peer.name):
            # Isolated, so that the repository's folder is not on the path.
            command = [str(env.python_of(peer.name)), "-I", "-c", CLOCK.format(peer.module)]
            programs[f"{peer.name}: {peer.module}"] = command
    for command in programs.values():  # so that the files are in the page cache
        run(command)
    found = in_turns(programs, rounds)
    rows = []
    for name, seconds in found.items():
        low, middle, high = quartiles([a / b for a, b in zip(seconds, found["numpy"], strict=True)])
        row = {"import": name, "seconds": statistics.median(seconds), "ratio": middle}
        rows.append(row | {"ratio_low": low, "ratio_high": high})
        say(f"  {name:32} {row['seconds'] * 1e3:10,.1f} ms   x {middle:.2f}")
    return rows


def anatomy(names: Iterable[str], threads: int, say: Say) -> list[dict[str, Any]]:
    """Measure where the time of our steps goes, per workload."""
    rows = []
    for name in names:
        with env.worker("glassgrad", threads) as ask:
            row = ask("anatomy", workload=name)
        rows.append(row)
        calls, pages = row["ours calls"], row["ours pages"]
        say(f"  {name:16} {calls:6} calls, {pages:8.1f} pages, backward {row['backward']:.0%}")
    return rows


CHAINS = {
    "glassgrad": "Glassgrad, Tensor",
    "glassgrad-values": "Glassgrad, Value",
    "torch": "PyTorch",
    "hips": "HIPS autograd",
    "mygrad": "MyGrad",
    "micrograd": "micrograd",
}


def chains(sizes: Iterable[int], rounds: int, limit: float, say: Say) -> list[dict[str, Any]]:
    """Measure time and bytes per node for chains of several lengths, and the whole process."""
    rows = []
    for name, title in CHAINS.items():
        peer = name.partition("-")[0]
        if not env.is_there(peer):
            continue
        for size in sizes:
            row: dict[str, Any] = {"contestant": title, "nodes": size}
            rows.append(row)
            command = [str(env.python_of(peer)), str(env.HERE / "chains.py"), name, str(size)]
            found: list[dict[str, float]] = []
            for _ in range(rounds if size <= 10**5 else 1):
                start = time.perf_counter()
                try:
                    done = run(command, limit)
                except subprocess.TimeoutExpired:
                    row["missing"] = f"more than {limit:.0f} s"
                    break
                if done.returncode:
                    reason = (done.stderr.strip().splitlines() or [f"code {done.returncode}"])[-1]
                    row["missing"] = reason[:120]
                    break
                found.append({**json.loads(done.stdout), "process": time.perf_counter() - start})
            else:
                row |= {key: statistics.median(f[key] for f in found) for key in found[0]}
                per_node = row["seconds"] / size * 1e6
                say(
                    f"  {title:20} {size:9,} nodes, each "
                    f"{per_node:8.2f} us, {row['bytes']:6.0f} bytes"
                )
    return rows


def drawings(say: Say) -> list[dict[str, Any]]:
    """Time drawings of a model's graph, and the pass that creates the graph."""
    command = [str(env.python_of("glassgrad")), str(env.HERE / "drawing.py")]
    rows: list[dict[str, Any]] = json.loads(run(command).stdout)
    for row in rows:
        say(f"  {row['nodes']:5} nodes: " + ", ".join(f"{t * 1e3:.1f} ms" for t in row["seconds"]))
    return rows
