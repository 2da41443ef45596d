"""A training step on a GPU by CuPy, beside the same step by NumPy: `python -m benchmarks.gpu`.

It needs CuPy and a GPU, neither of which the machine has that this was written on: it has been run
with a stand-in only. First it compares losses and weights of both runs, then it times them.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
import nn

SIZES = [784, 1024, 1024, 10]
BATCH, STEPS, ROUNDS = 256, 10, 5


def arrays(seed: int = 0, sizes: list[int] = SIZES, batch: int = BATCH) -> tuple[Any, Any, Any]:
    """Weights and biases of a perceptron, inputs and classes, on the host in float32."""
    rng = np.random.default_rng(seed)
    layers = []
    for a, b in itertools.pairwise(sizes):
        layers += [rng.normal(size=(b, a)) * (2.0 / a) ** 0.5, np.zeros(b)]
    x = rng.normal(size=(batch, sizes[0]))
    y = rng.integers(sizes[-1], size=batch)
    return [w.astype(np.float32) for w in layers], x.astype(np.float32), y


def forward(x: Any, layers: list[Any]) -> Any:
    """The scores of a perceptron."""
    for k in range(0, len(layers), 2):
        x = nn.functional.linear(x, layers[k], layers[k + 1])
        x = nn.functional.relu(x) if k + 2 < len(layers) else x
    return x


def trainer(make: Callable[..., Any], host: tuple[Any, Any, Any]) -> tuple[Callable[[], Any], Any]:
    """A step of Adam, and the parameters that it changes."""
    weights, x, y = host
    layers = [make(w, True) for w in weights]
    inputs = make(x, False)
    optimizer = nn.optim.Adam(layers, lr=1e-3)

    def step() -> Any:
        optimizer.zero_grad()
        loss = nn.cross_entropy(forward(inputs, layers), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, layers


def compared(device: Callable[..., Any], get: Callable[[Any], Any], host: Any) -> float:
    """The largest relative difference of losses and weights after three steps."""
    here, ours = trainer(lambda a, g: ag.Tensor(a, requires_grad=g), host)
    there, theirs = trainer(device, host)
    worst = 0.0
    for _ in range(3):
        a, b = here().item(), there().item()
        worst = max(worst, abs(a - b) / abs(a))
    for p, q in zip(ours, theirs, strict=True):
        scale = np.abs(p.data).max() or 1.0
        worst = max(worst, float(np.abs(p.data - get(q.data)).max() / scale))
    return worst


def seconds(step: Callable[[], Any], wait: Callable[[], Any]) -> float:
    """The median time of a step, over some rounds."""
    found = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        for _ in range(STEPS):
            step()
        wait()
        found.append((time.perf_counter() - start) / STEPS)
    return statistics.median(found[1:])


def main() -> int:
    """Compare, then time."""
    try:
        import cupy
    except ModuleNotFoundError:
        print("CuPy is missing: pip install cupy-cuda12x, on a machine with a GPU")
        return 1
    host = arrays()

    def device(a: Any, requires_grad: bool) -> Any:
        return ag.from_cupy(cupy.asarray(a), requires_grad)

    difference = compared(device, lambda x: x.get(), host)
    print(f"largest relative difference after 3 steps: {difference:.1e}")
    here, _ = trainer(lambda a, g: ag.Tensor(a, requires_grad=g), host)
    there, _ = trainer(device, host)
    slow = seconds(here, lambda: None)
    fast = seconds(there, cupy.cuda.Device().synchronize)
    print(f"NumPy {slow * 1e3:.2f} ms, CuPy {fast * 1e3:.2f} ms a step: {slow / fast:.1f} times")
    return 0


if __name__ == "__main__":
    sys.exit(main())
