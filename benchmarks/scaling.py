"""`python -m benchmarks.scaling`: how training scales over ranks; writes docs/scaling.json and .md.

One program runs as one rank and as two, with one BLAS thread each. It needs mpi4py and mpiexec.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import nn
from benchmarks import machine

DOCS = Path(__file__).parents[1] / "docs"
RANKS = (2, 8, 32, 128, 512, 1024)
COUNTS = [2**k for k in range(4, 23, 2)]  # of float32
# A network between machines, assumed: seconds for a message, and seconds for a byte.
NETWORK = {"latency": 5e-6, "byte": 8 / 25e9}


def mlp() -> tuple[Any, Any]:
    """The network [784, 1024, 1024, 10], and inputs."""
    x = np.random.default_rng(0).standard_normal((256, 784)).astype(np.float32)
    return nn.MLP([784, 1024, 1024, 10], dtype=np.float32), x


def cnn() -> tuple[Any, Any]:
    """Two convolutions and two linear layers, and images."""
    layers = [
        nn.Conv2d(1, 8, 3, padding=1, dtype=np.float32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, dtype=np.float32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(784, 128, dtype=np.float32), nn.ReLU(),
        nn.Linear(128, 10, dtype=np.float32),
    ]  # fmt: skip
    x = np.random.default_rng(0).standard_normal((64, 1, 28, 28)).astype(np.float32)
    return nn.Sequential(*layers), x


BY_MESSAGES = " by messages"
MODELS = {"[784, 1024, 1024, 10], 256 samples a rank": mlp, "CNN, 64 images a rank": cnn}


# --- what each rank runs --------------------------------------------------------------------------


def by_messages(world: Any) -> Any:
    """The same ranks, which send messages as they do between machines."""
    if world.size == 1:
        return world
    from nn.distributed.mpi import MPIWorld  # it needs mpi4py

    return MPIWorld(world.comm, shares_memory=False)


def measured(rounds: int) -> dict[str, Any]:
    """Seconds of steps and of sums: each is the median of rounds that all ranks begin together."""
    world = nn.distributed.world()
    found: dict[str, Any] = {"models": {}, "sums": []}
    for name, made in MODELS.items():
        found["models"][name] = steps(world, made, rounds)
    channel = world.channel(world)
    for count in COUNTS if world.size > 1 else ():
        flat = np.ones(count, np.float32)
        seconds = [timed(world, lambda flat=flat: channel.start(flat).wait()) for _ in range(21)]
        found["sums"].append([flat.nbytes, float(np.median(seconds))])
    return found


def steps(world: Any, made: Any, rounds: int) -> dict[str, float]:
    """Seconds of a step alone, of its backward pass, of a step with means over ranks, of its sums,
    and of both where ranks send messages."""
    kinds = ("alone", "backward", "together", "sums", "together by messages", "sums by messages")
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    alone, together, apart = Step(made), Step(made, world), Step(made, by_messages(world))
    for _ in range(rounds + 2):  # the kinds alternate, because the machine's speed drifts
        found["alone"].append(timed(world, alone.run))
        found["backward"].append(alone.backward)
        found["together"].append(timed(world, together.run))
        found["sums"].append(timed(world, together.exchange))
        found["together by messages"].append(timed(world, apart.run))
        found["sums by messages"].append(timed(world, apart.exchange))
    buckets = together.optimizer.buckets
    sizes = {"bytes": sum(b.sent.nbytes for b in buckets), "buffers": len(buckets)}
    return {name: float(np.median(x[2:])) for name, x in found.items()} | sizes  # two warm up


class Step:
    """A training step, whose gradients are means over the ranks of a world if there is one."""

    def __init__(self, made: Any, world: Any = None) -> None:
        self.model, self.x = made()
        self.y = np.arange(len(self.x)) % 10
        self.optimizer: Any = nn.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9)
        if world is not None:
            nn.distributed.broadcast(self.model)
            self.optimizer = nn.distributed.Optimizer(self.optimizer, world)
        self.backward = 0.0

    def run(self) -> None:
        """One step."""
        self.optimizer.zero_grad()
        loss = nn.cross_entropy(self.model(self.x), self.y)
        began = time.perf_counter()
        loss.backward()
        self.backward = time.perf_counter() - began
        self.optimizer.step()

    def exchange(self) -> None:
        """All that a step does for its means, with nothing to hide behind."""
        buckets = self.optimizer.buckets
        for bucket in buckets:
            bucket.begin()
            for at, p in enumerate(bucket.parameters):
                bucket.put(at, p.grad)
            bucket.send()
        for bucket in buckets:
            bucket.means()


def timed(world: Any, f: Any) -> float:
    """Seconds until the last rank is done."""
    world.barrier()
    began = time.perf_counter()
    f()
    return max(world.gathered(time.perf_counter() - began))


# --- the model of cost ----------------------------------------------------------------------------


def fitted(sums: list[list[float]]) -> dict[str, float]:
    """Seconds for a message and for a byte, from sums of two ranks: t = 2 · latency + bytes · byte.

    Relative errors count, so that short messages say what a message costs.
    """
    sizes, seconds = np.array(sums).T
    a = np.stack([2.0 / seconds, sizes / seconds], axis=1)
    latency, byte = np.linalg.lstsq(a, np.ones(len(sizes)), rcond=None)[0]
    errors = np.abs(a @ [latency, byte] - 1.0)
    return {"latency": float(latency), "byte": float(byte), "error": float(np.median(errors))}


def communication(ranks: int, sizes: int, buffers: int, cost: dict[str, float]) -> float:
    """Seconds of the sums of a step: each buffer takes two exchanges, in each of which a rank sends
    ranks - 1 messages, and in both 2 (ranks - 1) / ranks of the bytes."""
    messages = 2 * (ranks - 1) * buffers
    return messages * cost["latency"] + 2 * (ranks - 1) / ranks * sizes * cost["byte"]


def hidden_share(two: dict[str, float], how: str = "") -> float:
    """The share of the sums' time that does not make a step longer."""
    return 1.0 - (two["together" + how] - two["alone"]) / two["sums" + how]


def predicted(
    ranks: int, one: dict[str, float], two: dict[str, float], cost: dict[str, float]
) -> float:
    """Weak scaling: how many times as many samples per second as one rank.

    The measured share of communication is hidden, but not more than a backward pass takes.
    """
    seconds = communication(ranks, int(two["bytes"]), int(two["buffers"]), cost)
    hidden = min(min(hidden_share(two, BY_MESSAGES), 1.0) * seconds, one["backward"])
    return ranks * one["alone"] / (one["alone"] + seconds - hidden)


# --- the page -------------------------------------------------------------------------------------


def page(result: dict[str, Any]) -> str:
    """docs/scaling.md."""
    cost, one, two = result["cost"], result["one"]["models"], result["two"]["models"]
    facts = result["machine"]
    rows = []
    for name in MODELS:
        single, apart, both = one[name]["alone"], two[name]["alone"], two[name]["together"]
        sent = two[name]["together" + BY_MESSAGES]
        cells = [f"{1e3 * x:.1f}" for x in (single, apart, both, sent)]
        cells += [f"{2 * x / both:.2f}" for x in (single, apart)] + [f"{2 * apart / sent:.2f}"]
        cells += [f"{1e3 * two[name]['sums']:.2f}", f"{hidden_share(two[name]):.0%}"]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    tables = []
    for name in MODELS:
        for where, c in (("this machine", cost), ("a network", NETWORK)):
            cells = [predicted(r, one[name], two[name], c) for r in RANKS]
            tables.append(f"| {name}; {where} | " + " | ".join(f"{x:.4g}" for x in cells) + " |")
    return PAGE.format(
        processor=facts["processor"], threads=facts["threads"],
        cores=facts["cores"], load=result["load"], rows="\n".join(rows),
        latency=1e6 * cost["latency"], rate=1e-9 / cost["byte"], error=cost["error"],
        heads=" | ".join(map(str, RANKS)), dashes="|".join(["--:"] * len(RANKS)),
        tables="\n".join(tables), far=1e6 * NETWORK["latency"], bits=8e-9 / NETWORK["byte"],
    )  # fmt: skip


PAGE = """# Scaling

How much faster [distributed training](distributed.md) gets with more ranks. `python -m
benchmarks.scaling` measures one and two ranks, writes this page, and predicts the rest.

## Measured

On {processor} with {cores} cores, which ran {load:.1f} other programs on average; {threads} BLAS
thread for each rank; medians, in milliseconds. Every rank has a batch of its own (weak scaling).

- "One" is a step of one rank, by itself.
- "Apart" is a step of two ranks at the same time that do not communicate. It shows what they take
  from each other on this machine, such as memory bandwidth.
- "Together" is a step of two ranks with means over both, which they add up in memory that both see,
  as ranks of one machine do.
- "By messages" is the same step where each sends its gradients to the other, as ranks of several
  machines do.
- "Sums" is all that such a step does for its means, by itself.

| model | one | apart | together | by messages | × one | × apart | × by messages | sums | hidden |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
{rows}

"× one" and "× apart" are samples per second as multiples of one rank, by itself or beside another;
"× by messages" is that beside another, by messages; 2 is ideal. "Hidden" is the share of the sums'
own time that does not make the step longer. It is negative where sums cost more during a step than
by themselves, as they do where other programs use the cores: each sum then waits for the rank that
is behind.

## The model of cost

By messages, a sum of n bytes over p ranks takes 2 (p - 1) · latency + 2 (p - 1) / p · n · time per
byte. Sums of two ranks on this machine give {latency:.1f} µs a message and {rate:.2f} GB/s, with
a median error of {error:.0%}.

## Predicted

Weak scaling: samples per second, as a multiple of one rank's, for these numbers of ranks.

| ranks | {heads} |
|---|{dashes}|
{tables}

Nobody measured these numbers. They assume that

- every rank has a processor core and memory bandwidth of its own, and a step takes as long on each;
- messages cost what they cost between two ranks of this machine; or, in the rows "a network",
  {far:.0f} µs each and {bits:.0f} Gbit/s for each rank, with no congestion. Both are typical values
  for a cluster, not measurements;
- each rank sends p - 1 messages for each exchange, as plain all-to-all does. MPI libraries send
  fewer for small buffers, so many ranks may do better than this;
- the share of communication that was hidden with two ranks and messages is hidden with more, up to
  the length of a backward pass.
"""


# --- running it -----------------------------------------------------------------------------------


def run(ranks: int, rounds: int) -> dict[str, Any]:
    """What rank 0 of so many measured."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    mpiexec = str(Path(sys.executable).parent / "mpiexec")
    command = [mpiexec, "-n", str(ranks), sys.executable, "-m", "benchmarks.scaling", "--rank"]
    done = subprocess.run(
        [*command, "--rounds", str(rounds)], env=environment, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def main() -> None:
    """Measure and write the page; `--page` writes it from the last result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="steps of each kind (default: 30)")
    parser.add_argument("--page", action="store_true", help="measure nothing")
    parser.add_argument("--rank", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rank:
        result = measured(options.rounds)
        if nn.distributed.world().rank == 0:
            print(json.dumps(result))
        return
    file = DOCS / "scaling.json"
    if not options.page:
        load = os.getloadavg()[0]
        one, two = run(1, options.rounds), run(2, options.rounds)
        found = {
            "machine": machine.facts(1),
            "load": load,
            "one": one,
            "two": two,
            "cost": fitted(two["sums"]),
        }
        file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    text = page(json.loads(file.read_text(encoding="utf-8")))
    (DOCS / "scaling.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
