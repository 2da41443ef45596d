"""This engine without modules and optimizers: a training step of Tensors and functions."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from benchmarks.engines import Built
from benchmarks.workloads import LEARNING_RATE, Data


def mlp(data: Data) -> Built:
    """Linear layers with ReLU between them."""
    p = {name: ag.Tensor(a, requires_grad=True) for name, a in data["params"].items()}
    x, y, last = data["x"], data["y"], 2 * (len(data["sizes"]) - 2)
    rows, found = np.arange(len(y)), {}

    def step() -> None:
        h: Any = x
        for i in range(0, last, 2):
            h = ag.relu(ag.inner(h, p[f"{i}.weight"]) + p[f"{i}.bias"])
        z = ag.inner(h, p[f"{last}.weight"]) + p[f"{last}.bias"]
        loss = ag.mean(ag.logsumexp(z, axis=1) - z[rows, y])
        for tensor in p.values():
            tensor.zero_grad()
        loss.backward()
        with ag.no_grad():
            for tensor in p.values():
                tensor -= LEARNING_RATE * tensor.grad
        found["loss"] = loss.data

    return step, lambda: {**{name: tensor.grad for name, tensor in p.items()}, **found}
