"""The contestants, their environments and the workloads they can run. Imports no peer."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any

from benchmarks.engines import Built
from benchmarks.workloads import WORKLOADS


@dataclass(frozen=True)
class Peer:
    """A library in its own environment.

    Attributes:
        name: the name of its environment's folder.
        requirements: what pip installs there; empty for our own environment.
        module: the module to import, to time the import and to find the version.
    """

    name: str
    requirements: tuple[str, ...]
    module: str

    @property
    def package(self) -> str:
        """The package's name on the index."""
        return re.split(r"[=<>]", self.requirements[0])[0] if self.requirements else self.name


PEERS = {
    p.name: p
    for p in (
        Peer("glassgrad", (), "autograd"),
        Peer("torch", ("torch==2.13.0", "numpy"), "torch"),
        Peer("jax", ("jax",), "jax"),
        Peer("hips", ("autograd>=1.8",), "autograd"),
        Peer("mygrad", ("mygrad",), "mygrad"),
        Peer("micrograd", ("micrograd", "numpy"), "micrograd.engine"),
        Peer("tinygrad", ("tinygrad", "numpy"), "tinygrad"),
        Peer("casadi", ("casadi",), "casadi"),
    )
}


@dataclass(frozen=True)
class Contestant:
    """One way to run workloads.

    Attributes:
        name: its name in tables.
        peer: the library whose environment it runs in.
        engine: the module in `engines`, optionally with a variant after a colon.
        kinds: the kinds of workloads it can run.
        collects: whether Python's cyclic garbage collector is on while it is timed.
        compiles: whether the step is compiled, before it is timed.
    """

    name: str
    peer: str
    engine: str
    kinds: frozenset[str]
    collects: bool = True
    compiles: bool = False


ARRAYS = frozenset({"mlp", "normalized", "lstm", "gpt", "hvp", "operation"})
STEPS = frozenset({"mlp", "normalized", "cnn", "lstm", "gpt", "adam"})
NUMBERS = frozenset({"chain", "moons"})

CONTESTANTS = (
    Contestant("NumPy by hand", "glassgrad", "hand", (ARRAYS | STEPS) - {"hvp"}),
    Contestant("Glassgrad", "glassgrad", "glassgrad", ARRAYS | STEPS),
    Contestant("Glassgrad, compiled", "glassgrad", "glassgrad:native", STEPS | {"hvp"}),
    Contestant("Glassgrad, compiled, no gradients kept", "glassgrad", "glassgrad:lean", STEPS),
    Contestant("Glassgrad, compiled to NumPy", "glassgrad", "glassgrad:numpy", STEPS | {"hvp"}),
    Contestant("Glassgrad, functions", "glassgrad", "tensors", frozenset({"mlp"})),
    Contestant("Glassgrad, Values", "glassgrad", "scalars:autograd.Value", NUMBERS),
    Contestant(
        "Glassgrad, Values, no collector", "glassgrad", "scalars:autograd.Value", NUMBERS, False
    ),
    Contestant(
        "Glassgrad, Values, compiled", "glassgrad", "scalars:autograd.Value", NUMBERS, compiles=True
    ),
    Contestant("PyTorch", "torch", "torch_", ARRAYS | STEPS),
    Contestant("PyTorch, torch.compile", "torch", "torch_:compiled", STEPS),
    Contestant("JAX", "jax", "jax_:eager", ARRAYS | STEPS),
    Contestant("JAX, jit", "jax", "jax_:jit", ARRAYS | STEPS),
    Contestant("HIPS autograd", "hips", "hips", ARRAYS | {"chain"}),
    Contestant("MyGrad", "mygrad", "mygrad_", ARRAYS - {"hvp"}),
    Contestant("tinygrad", "tinygrad", "tinygrad_", frozenset({"mlp"})),
    Contestant("micrograd", "micrograd", "scalars:micrograd.engine.Value", NUMBERS),
    Contestant(
        "micrograd, no collector", "micrograd", "scalars:micrograd.engine.Value", NUMBERS, False
    ),
    Contestant("CasADi, rebuilt each step", "casadi", "casadi_:chain", frozenset({"chain"})),
    Contestant("CasADi, built once", "casadi", "casadi_:prepared", frozenset({"chain"})),
)


def kind_of(workload: str) -> str:
    """Return the kind of a workload, which says who can run it."""
    return "adam" if workload.startswith("adam-") else function_of(workload)


def function_of(workload: str) -> str:
    """Return the name of the engine function that runs a workload."""
    workload = workload.removeprefix("adam-")
    for prefix, kind in (("mlp-normalized", "normalized"), ("mlp", "mlp"), ("op", "operation")):
        if workload.startswith(prefix):
            return kind
    return workload.removeprefix("scalar-")


def build(contestant: Contestant, workload: str) -> Built:
    """Build the step of a workload; call this in the contestant's environment."""
    kind, data = function_of(workload), WORKLOADS[workload].make()
    name, _, variant = contestant.engine.partition(":")
    engine: Any = importlib.import_module(f"benchmarks.engines.{name}")
    if name == "scalars":
        module, _, attribute = variant.rpartition(".")
        number = getattr(importlib.import_module(module), attribute)
        step, found = getattr(engine, kind)(data, number)
        return (compiled(step) if contestant.compiles else step), found
    if variant and name in ("glassgrad", "torch_"):
        return engine.build(kind, data, variant)  # type: ignore[no-any-return]
    if name == "jax_":
        return engine.build(kind, data, variant == "jit")  # type: ignore[no-any-return]
    if not hasattr(engine, variant or kind):
        return engine.functional_of(kind, data)  # type: ignore[no-any-return]
    function: Any = getattr(engine, variant or kind)
    return function(data)  # type: ignore[no-any-return]


def compiled(step: Any) -> Any:
    """A step that runs as a program; its first calls, which are eager, are over."""
    from autograd import compile

    fast = compile(step)
    for _ in range(5):
        fast()
    if hasattr(step, "start_again"):
        step.start_again()
    if not fast.programs:
        raise RuntimeError(fast.report())
    return fast
