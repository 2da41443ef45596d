"""Scalar workloads: one program for every engine whose scalars support `+ * ** relu`."""

from __future__ import annotations

from typing import Any

from benchmarks.engines import Built
from benchmarks.workloads import Data


def chain(data: Data, number: Any) -> Built:
    """A scalar multiplied and added to repeatedly."""
    found: dict[str, Any] = {}

    def step() -> None:
        leaf = x = number(float(data["params"]["x"]))
        for _ in range(data["steps"]):
            x = x * 0.5 + leaf
            x = x * leaf
        x.backward()
        found.update(x=leaf.grad, loss=x.data)

    return step, lambda: found


def moons(data: Data, number: Any) -> Built:
    """micrograd's demo: forward, hinge loss with L2, backward, a step of descent."""
    layers = []
    for i in range(3):
        weight, bias = data["params"][f"{i}.weight"], data["params"][f"{i}.bias"]
        layers.append([([number(float(w)) for w in r], number(0.0)) for r in weight])
        assert not bias.any()
    parameters = [p for layer in layers for weights, bias in layer for p in (*weights, bias)]
    inputs = [[number(float(a)), number(float(b))] for a, b in data["x"]]
    signs = [int(s) for s in data["y"]]
    found: dict[str, Any] = {}

    def score(x: list[Any]) -> Any:
        for depth, layer in enumerate(layers):
            out = []
            for weights, bias in layer:
                total = bias
                for w, a in zip(weights, x, strict=True):
                    total = total + w * a
                out.append(total.relu() if depth < 2 else total)
            x = out
        return x[0]

    def step() -> None:
        scores = [score(x) for x in inputs]
        hinge = [(1 + -s * z).relu() for s, z in zip(signs, scores, strict=True)]
        loss = sum(hinge) * (1.0 / len(hinge)) + 1e-4 * sum(p * p for p in parameters)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        found.update({f"p{i}": p.grad for i, p in enumerate(parameters)}, loss=loss.data)
        for p in parameters:
            p.data -= 0.05 * p.grad

    start = [p.data for p in parameters]

    def start_again() -> None:
        for p, value in zip(parameters, start, strict=True):
            p.data = value

    step.start_again = start_again  # type: ignore[attr-defined]
    return step, lambda: found
