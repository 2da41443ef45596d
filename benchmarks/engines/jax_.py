"""JAX on the CPU: `eager` runs operation by operation, `jitted` compiles the whole step."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.engines import Built, functional
from benchmarks.workloads import BETAS, EPS, LEARNING_RATE, Data

jax.config.update("jax_enable_x64", True)


def _images(data: Data) -> functional.Loss:
    x, y = data["x"], data["y"]

    def convolve(h: Any, kernel: Any, bias: Any) -> Any:
        out = jax.lax.conv_general_dilated(h, kernel, (1, 1), "SAME")
        return jnp.maximum(out + bias[:, None, None], 0.0)

    def loss(p: dict[str, Any]) -> Any:
        h = convolve(x, p["conv1.weight"], p["conv1.bias"])
        h = convolve(h, p["conv2.weight"], p["conv2.bias"])
        h = h.reshape(len(x), 32, 4, 2, 4, 2).max(axis=(3, 5)).reshape(len(x), -1)
        h = jnp.maximum(h @ p["linear1.weight"].T + p["linear1.bias"], 0.0)
        return functional.cross_entropy(jnp, h @ p["linear2.weight"].T + p["linear2.bias"], y)

    return loss


LOSSES = {
    "mlp": lambda data: functional.mlp(jnp, data),
    "normalized": lambda data: functional.normalized(jnp, data),
    "lstm": lambda data: functional.lstm(jnp, data),
    "gpt": lambda data: functional.gpt(jnp, data),
    "cnn": _images,
}


def _train(jit: bool, kind: str, data: Data) -> Built:
    gradient = jax.value_and_grad(LOSSES[kind](data))

    def descend(p: Any, state: Any) -> Any:
        loss, grads = gradient(p)
        return loss, grads, jax.tree.map(lambda a, g: a - LEARNING_RATE * g, p, grads), state

    def by_adam(p: Any, state: Any) -> Any:
        loss, grads = gradient(p)
        (t, m, v), (beta1, beta2) = state, BETAS
        t = t + 1
        m = jax.tree.map(lambda a, g: beta1 * a + (1.0 - beta1) * g, m, grads)
        v = jax.tree.map(lambda a, g: beta2 * a + (1.0 - beta2) * g * g, v, grads)
        rate, size = LEARNING_RATE / (1.0 - beta1**t), jnp.sqrt(1.0 - beta2**t)

        def moved(a: Any, m: Any, v: Any) -> Any:
            return a - rate.astype(a.dtype) * m / (jnp.sqrt(v) / size.astype(a.dtype) + EPS)

        return loss, grads, jax.tree.map(moved, p, m, v), (t, m, v)

    update = by_adam if data.get("optimizer") == "Adam" else descend
    run = jax.jit(update) if jit else update
    start = {name: jnp.asarray(p) for name, p in data["params"].items()}
    zeros = jax.tree.map(jnp.zeros_like, start)
    now: list[Any] = [start, (jnp.zeros(()), zeros, zeros)]
    last: list[Any] = []

    def step() -> None:
        loss, grads, *now[:] = jax.block_until_ready(run(*now))
        last[:] = [loss, grads]

    def read() -> dict[str, Any]:
        return {k: np.asarray(a) for k, a in {**last[1], "loss": last[0]}.items()}

    return step, read


def _hvp(jit: bool, data: Data) -> Built:
    gradient = jax.grad(functional.hvp(jnp, data))

    def product(p: Any, v: Any) -> Any:
        return jax.jvp(gradient, (p,), (v,))[1]

    run = jax.jit(product) if jit else product
    p, v = jax.tree.map(jnp.asarray, (data["params"], data["v"]))
    found: dict[str, Any] = {}

    def step() -> None:
        found.update(jax.block_until_ready(run(p, v)))

    return step, lambda: {k: np.asarray(a) for k, a in found.items()}


def _operation(jit: bool, data: Data) -> Built:
    function = getattr(jnp, {"mul": "multiply"}.get(data["operation"], data["operation"]))
    names, leaves = list(data["params"]), [jnp.asarray(p) for p in data["params"].values()]

    def both(*xs: Any) -> Any:
        out, back = jax.vjp(function, *xs)
        return out, back(jnp.ones_like(out))

    run = jax.jit(both) if jit else both
    last: list[Any] = []

    def step() -> None:
        last[:] = jax.block_until_ready(run(*leaves))

    def read() -> dict[str, Any]:
        return {
            "loss": np.asarray(last[0]),
            **dict(zip(names, map(np.asarray, last[1]), strict=True)),
        }

    return step, read


def build(kind: str, data: Data, jit: bool) -> Built:
    """A step of a workload, compiled or not."""
    if kind == "hvp":
        return _hvp(jit, data)
    if kind == "operation":
        return _operation(jit, data)
    return _train(jit, kind, data)
