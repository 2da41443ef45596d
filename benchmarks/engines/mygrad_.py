"""MyGrad."""

from __future__ import annotations

from typing import Any

import mygrad as mg
import numpy as np

from benchmarks.engines import Built, functional
from benchmarks.workloads import LEARNING_RATE, Data


def _train(loss_of: Any, data: Data) -> Built:
    p = {name: mg.tensor(a.copy()) for name, a in data["params"].items()}
    last: list[Any] = []

    def step() -> None:
        loss = loss_of(p)
        loss.backward()
        for a in p.values():
            a.data -= LEARNING_RATE * a.grad
        last[:] = [loss.data]

    return step, lambda: {**{k: a.grad for k, a in p.items()}, "loss": last[0]}


def functional_of(kind: str, data: Data) -> Built:
    """A training step of one of the losses in `functional`."""
    return _train(getattr(functional, kind)(mg, data), data)


def operation(data: Data) -> Built:
    """One operation and its gradients for a cotangent of ones."""
    name = {"mul": "multiply"}.get(data["operation"], data["operation"])
    function = getattr(mg, name)
    leaves = {k: mg.tensor(a) for k, a in data["params"].items()}
    last: list[Any] = []

    def step() -> None:
        out = function(*leaves.values())
        out.backward(np.ones_like(out.data))
        last[:] = [out.data]

    return step, lambda: {**{k: t.grad for k, t in leaves.items()}, "loss": last[0]}
