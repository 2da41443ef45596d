"""tinygrad on the CPU."""

from __future__ import annotations

from typing import Any

from tinygrad import Tensor

from benchmarks.engines import Built
from benchmarks.workloads import LEARNING_RATE, Data


def mlp(data: Data) -> Built:
    """Linear layers with ReLU between them."""
    p = {name: Tensor(a) for name, a in data["params"].items()}
    x, y, last = Tensor(data["x"]), Tensor(data["y"]), 2 * (len(data["sizes"]) - 2)
    found: dict[str, Any] = {}

    def step() -> None:
        h = x
        for i in range(0, last, 2):
            h = (h @ p[f"{i}.weight"].T + p[f"{i}.bias"]).relu()
        z = h @ p[f"{last}.weight"].T + p[f"{last}.bias"]
        loss = z.sparse_categorical_crossentropy(y)
        grads = dict(zip(p, loss.gradient(*p.values()), strict=True))
        for name, a in p.items():
            a.assign(a.detach() - LEARNING_RATE * grads[name])
        Tensor.realize(loss, *grads.values(), *p.values())
        found.update(grads, loss=loss)

    return step, lambda: {name: t.numpy() for name, t in found.items()}
