"""HIPS autograd."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
from benchmarks.engines import Built, functional
from benchmarks.workloads import LEARNING_RATE, Data


def _train(loss: Any, data: Data) -> Built:
    p = {name: a.copy() for name, a in data["params"].items()}
    both = autograd.value_and_grad(loss)
    found: dict[str, Any] = {}

    def step() -> None:
        value, grads = both(p)
        for name, g in grads.items():
            p[name] = p[name] - LEARNING_RATE * g
        found.update(grads, loss=value)

    return step, lambda: found


def functional_of(kind: str, data: Data) -> Built:
    """A training step of one of the losses in `functional`."""
    return _train(getattr(functional, kind)(anp, data), data)


def hvp(data: Data) -> Built:
    """The gradient of the inner product of the gradient and v."""
    product = autograd.make_hvp(functional.hvp(anp, data))
    found: dict[str, Any] = {}

    def step() -> None:
        found.update(product(data["params"])[0](data["v"]))

    return step, lambda: found


def operation(data: Data) -> Built:
    """One operation and its gradients for a cotangent of ones."""
    name = {"mul": "multiply"}.get(data["operation"], data["operation"])
    function, names = getattr(anp, name), list(data["params"])
    back = autograd.make_vjp(lambda xs: function(*xs))
    found: dict[str, Any] = {}

    def step() -> None:
        vjp, out = back(tuple(data["params"].values()))
        found.update(zip(names, vjp(anp.ones_like(out)), strict=True), loss=out)

    return step, lambda: found


def chain(data: Data) -> Built:
    """A scalar multiplied and added to repeatedly."""

    def run(leaf: Any) -> Any:
        x = leaf
        for _ in range(data["steps"]):
            x = x * 0.5 + leaf
            x = x * leaf
        return x

    both, found = autograd.value_and_grad(run), {}

    def step() -> None:
        found["loss"], found["x"] = both(float(data["params"]["x"]))

    return step, lambda: found
