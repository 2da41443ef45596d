"""CasADi builds and differentiates an expression, then evaluates it in a virtual machine."""

from __future__ import annotations

from typing import Any

import casadi

from benchmarks.engines import Built
from benchmarks.workloads import Data


def chain(data: Data) -> Built:
    """A scalar multiplied and added to repeatedly; rebuilt at every step, as elsewhere."""
    found: dict[str, Any] = {}

    def step() -> None:
        leaf = x = casadi.SX.sym("x")
        for _ in range(data["steps"]):
            x = x * 0.5 + leaf
            x = x * leaf
        run = casadi.Function("f", [leaf], [x, casadi.gradient(x, leaf)])
        value, slope = run(float(data["params"]["x"]))
        found.update(loss=float(value), x=float(slope))

    return step, lambda: found


def prepared(data: Data) -> Built:
    """The same, built once, so that only the evaluation is timed."""
    leaf = x = casadi.SX.sym("x")
    for _ in range(data["steps"]):
        x = x * 0.5 + leaf
        x = x * leaf
    run = casadi.Function("f", [leaf], [x, casadi.gradient(x, leaf)])
    found: dict[str, Any] = {}

    def step() -> None:
        value, slope = run(float(data["params"]["x"]))
        found.update(loss=float(value), x=float(slope))

    return step, lambda: found
