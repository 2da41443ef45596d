"""The data of every workload, made with NumPy alone so that all peers get the same.

`engines` implements each workload for each peer. Parameters have the names of our model's state
dictionary, so gradients can be compared by name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Data = dict[str, Any]
LEARNING_RATE = 0.01
BETAS, EPS = (0.9, 0.999), 1e-8  # of Adam


@dataclass(frozen=True)
class Workload:
    """Something to compute and to time.

    Attributes:
        name: its name on the command line and in the engines.
        title: its title in tables.
        make: returns the data: `params` (arrays by name) and anything else it needs.
        rtol: the tolerated difference of results, relative to an array's largest entry.
    """

    name: str
    title: str
    make: Callable[[], Data]
    rtol: float = 1e-4


def _linear(rng: Any, name: str, n_in: int, n_out: int, dtype: Any) -> dict[str, Any]:
    bound = 1.0 / np.sqrt(n_in)
    return {
        f"{name}.weight": rng.uniform(-bound, bound, (n_out, n_in)).astype(dtype),
        f"{name}.bias": rng.uniform(-bound, bound, n_out).astype(dtype),
    }


def perceptron(sizes: tuple[int, ...], batch: int, dtype: Any = np.float32) -> Callable[[], Data]:
    """A training step of a perceptron: forward, cross-entropy, backward, a step of SGD."""

    def make() -> Data:
        rng = np.random.default_rng(0)
        params: dict[str, Any] = {}
        for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
            params |= _linear(rng, str(2 * i), n_in, n_out, dtype)
        x = rng.normal(size=(batch, sizes[0])).astype(dtype)
        return {"sizes": sizes, "params": params, "x": x, "y": rng.integers(0, sizes[-1], batch)}

    return make


def by_adam(make: Callable[[], Data]) -> Callable[[], Data]:
    """The same training step with Adam in place of SGD."""
    return lambda: {**make(), "optimizer": "Adam"}


def normalized(batch: int = 128) -> Data:
    """A perceptron with batch normalization and dropout; the masks of dropout are data."""
    rng = np.random.default_rng(0)
    sizes, params, masks = (784, 512, 512, 10), {}, []
    for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        params |= _linear(rng, f"linear{i}", n_in, n_out, np.float32)
        if i < 2:
            params[f"norm{i}.weight"] = np.ones(n_out, np.float32)
            params[f"norm{i}.bias"] = np.zeros(n_out, np.float32)
            masks.append(((rng.random((batch, n_out)) < 0.5) / 0.5).astype(np.float32))
    x = rng.normal(size=(batch, 784)).astype(np.float32)
    return {"params": params, "masks": masks, "x": x, "y": rng.integers(0, 10, batch)}


def digits(batch: int = 64) -> Data:
    """A convolutional network on images of 8x8: two convolutions, pooling, two linear layers."""
    rng = np.random.default_rng(0)
    params: dict[str, Any] = {}
    for name, c_in, c_out in (("conv1", 1, 16), ("conv2", 16, 32)):
        bound = 1.0 / np.sqrt(9 * c_in)
        params[f"{name}.weight"] = rng.uniform(-bound, bound, (c_out, c_in, 3, 3)).astype("f4")
        params[f"{name}.bias"] = rng.uniform(-bound, bound, c_out).astype("f4")
    params |= _linear(rng, "linear1", 32 * 4 * 4, 64, np.float32)
    params |= _linear(rng, "linear2", 64, 10, np.float32)
    x = rng.normal(size=(batch, 1, 8, 8)).astype(np.float32)
    return {"params": params, "x": x, "y": rng.integers(0, 10, batch)}


def characters(batch: int = 32, length: int = 32, vocabulary: int = 32, hidden: int = 128) -> Data:
    """An LSTM that predicts the next character: embedding, one layer, a linear head."""
    rng = np.random.default_rng(0)
    bound = 1.0 / np.sqrt(hidden)

    def uniform(*shape: int) -> Any:
        return rng.uniform(-bound, bound, shape).astype(np.float32)

    params = {
        "embed.weight": rng.normal(size=(vocabulary, 64)).astype(np.float32),
        "lstm.weight_ih_l0": uniform(4 * hidden, 64),
        "lstm.weight_hh_l0": uniform(4 * hidden, hidden),
        "lstm.bias_ih_l0": uniform(4 * hidden),
        "lstm.bias_hh_l0": uniform(4 * hidden),
        **_linear(rng, "head", hidden, vocabulary, np.float32),
    }
    text = rng.integers(0, vocabulary, (batch, length + 1))
    return {"params": params, "x": text[:, :-1], "y": text[:, 1:]}


def transformer(batch: int = 8, length: int = 64, width: int = 128, layers: int = 4) -> Data:
    """Four causal blocks of a GPT: attention with four heads and a GELU network, norms first."""
    rng = np.random.default_rng(0)
    params: dict[str, Any] = {"embed.weight": (0.1 * rng.normal(size=(64, width))).astype("f4")}
    for i in range(layers):
        for name in ("norm1", "norm2"):
            params[f"blocks.{i}.{name}.weight"] = np.ones(width, np.float32)
            params[f"blocks.{i}.{name}.bias"] = np.zeros(width, np.float32)
        for name, n_in, n_out in (
            ("qkv", width, 3 * width),
            ("out", width, width),
            ("up", width, 4 * width),
            ("down", 4 * width, width),
        ):
            params |= _linear(rng, f"blocks.{i}.{name}", n_in, n_out, np.float32)
    text = rng.integers(0, 64, (batch, length + 1))
    return {"params": params, "layers": layers, "heads": 4, "x": text[:, :-1], "y": text[:, 1:]}


def curvature() -> Data:
    """A Hessian-vector product of a perceptron's loss."""
    data = perceptron((64, 128, 128, 10), 64, np.float64)()
    rng = np.random.default_rng(1)
    return {**data, "v": {n: rng.normal(size=p.shape) for n, p in data["params"].items()}}


def chain() -> Data:
    """A chain of a thousand scalar operations."""
    return {"params": {"x": np.array(0.3)}, "steps": 334}


def moons() -> Data:
    """micrograd's demo: a network of scalars, two moons of 100 points, one training step."""
    rng = np.random.default_rng(1)
    t = np.pi * rng.random(50)
    outer = np.stack([np.cos(t), np.sin(t)], axis=1)
    inner = np.stack([1.0 - np.cos(t), 0.5 - np.sin(t)], axis=1)
    x = np.concatenate([outer, inner]) + 0.1 * rng.normal(size=(100, 2))
    y = np.repeat([-1, 1], 50)
    params = {}
    for i, (n_in, n_out) in enumerate(((2, 16), (16, 16), (16, 1))):
        params[f"{i}.weight"] = rng.uniform(-1.0, 1.0, (n_out, n_in))
        params[f"{i}.bias"] = np.zeros(n_out)
    return {"params": params, "x": x, "y": y}


def one_operation(name: str, size: int) -> Callable[[], Data]:
    """One operation and its backward pass, on an array of `size` entries."""

    def make() -> Data:
        rng = np.random.default_rng(0)
        shape: tuple[int, ...] = (size,)
        if name == "matmul":
            shape = (round(size**0.5),) * 2
        params = {k: rng.uniform(0.5, 1.5, shape).astype(np.float32) for k in ("x", "y")}
        if name in ("exp", "sum"):
            del params["y"]
        return {"operation": name, "params": params}

    return make


WORKLOADS = {
    w.name: w
    for w in (
        Workload("mlp-tiny", "MLP [2, 16, 16, 2], batch 32", perceptron((2, 16, 16, 2), 32)),
        Workload(
            "mlp-medium", "MLP [784, 256, 128, 10], batch 32", perceptron((784, 256, 128, 10), 32)
        ),
        Workload(
            "mlp-wide",
            "MLP [784, 1024, 1024, 10], batch 256",
            perceptron((784, 1024, 1024, 10), 256),
        ),
        Workload("mlp-normalized", "MLP with BatchNorm and dropout, batch 128", normalized, 1e-3),
        Workload("cnn", "CNN on 8x8 digits, batch 64", digits, 1e-3),
        Workload("lstm", "LSTM(128) on 32 characters, batch 32", characters, 1e-3),
        Workload("gpt", "GPT, 4 blocks of width 128, 64 tokens, batch 8", transformer, 1e-3),
        Workload(
            "adam-mlp-tiny",
            "MLP [2, 16, 16, 2] with Adam, batch 32",
            by_adam(perceptron((2, 16, 16, 2), 32)),
        ),
        Workload(
            "adam-mlp-medium",
            "MLP [784, 256, 128, 10] with Adam, batch 32",
            by_adam(perceptron((784, 256, 128, 10), 32)),
        ),
        Workload("adam-gpt", "GPT with Adam, batch 8", by_adam(transformer), 1e-3),
        Workload("hvp", "Hessian-vector product, MLP [64, 128, 128, 10]", curvature, 1e-9),
        Workload("scalar-chain", "chain of 1,002 scalar operations", chain, 1e-10),
        Workload("scalar-moons", "micrograd's moons demo, 65,818 of its nodes", moons, 1e-9),
        *(
            Workload(
                f"op-{name}-{size:.0e}".replace("e+0", "e"),
                f"{name}, {size:,} entries",
                one_operation(name, size),
                1e-4,
            )
            for name in ("add", "mul", "exp", "sum", "matmul")
            for size in (10**1, 10**3, 10**5, 10**6)
        ),
    )
}
