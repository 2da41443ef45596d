"""PyTorch's optimizers (`optim_db`) against ours: six steps down the same function."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch.testing._internal.common_optimizers import optim_db

import nn
from tests.against_pytorch.compare import (
    AGREES,
    UNMAPPED,
    Verdict,
    difference,
    numpy_dtype,
    refusal,
    strictly,
)

STEPS = 6
MATRICES_ONLY = {"Muon"}
# How PyTorch computes, and not what.
IMPLEMENTATION = {"foreach", "fused", "capturable", "differentiable"}


def names() -> list[str]:
    """PyTorch's optimizers, as "optim.Adam"."""
    return [f"optim.{info.optim_cls.__name__}" for info in optim_db]


def samples(name: str, dtype: torch.dtype) -> Iterator[tuple[str, Verdict]]:
    """Each set of options, with its verdict."""
    info = next(i for i in optim_db if f"optim.{i.optim_cls.__name__}" == name)
    ours = getattr(nn.optim, info.optim_cls.__name__, None)
    if ours is None:
        yield "", Verdict(UNMAPPED, "")
        return
    for sample in info.optim_inputs_func(device="cpu", dtype=dtype):
        options = {k: v for k, v in sample.kwargs.items() if k not in IMPLEMENTATION}
        yield f"{sample.desc} {options}", judge(info.optim_cls, ours, options, dtype)


def start(cls: Any, dtype: Any) -> list[Any]:
    """Two parameters to begin with, of shapes that the optimizer takes."""
    random = np.random.default_rng(7)
    shapes = ((3, 4), (5, 2)) if cls.__name__ in MATRICES_ONLY else ((3, 4), (5,))
    return [random.standard_normal(shape).astype(dtype) for shape in shapes]


def gradient(p: Any) -> Any:
    """That of Σ (p - 1)²/2 + p⁴/4."""
    return p - 1 + p * p * p


def loss(p: Any) -> Any:
    """What the closure returns."""
    return ((p - 1) * (p - 1)).sum() / 2 + (p * p * p * p).sum() / 4


def judge(theirs: Any, ours: Any, options: dict[str, Any], dtype: torch.dtype) -> Verdict:
    """Compare the parameters after each step."""
    wide = torch.float64 if dtype == torch.float32 else torch.float32
    # Options become PyTorch's tensors in place (a learning rate, say), so each run has its own.
    expected = steps_pytorch(theirs, copy.deepcopy(options), dtype)
    other = steps_pytorch(theirs, copy.deepcopy(options), wide)
    try:
        with strictly():
            found = steps_ours(ours, options, numpy_dtype(dtype))
    except Exception as error:
        return refusal(error)
    for number, (x, y, z) in enumerate(zip(found, expected, other, strict=True)):
        verdict = difference(f"step {number + 1}, parameter", x, y, z)
        if verdict is not None:
            return verdict
    return Verdict(AGREES)


def steps_pytorch(cls: Any, options: dict[str, Any], dtype: torch.dtype) -> list[Any]:
    """PyTorch's parameters after each step."""
    params = [torch.nn.Parameter(torch.as_tensor(p).to(dtype)) for p in start(cls, np.float32)]
    optimizer = cls(params, **options)
    history = []

    def closure() -> Any:
        for p in params:
            p.grad = gradient(p.detach())
        return sum(loss(p.detach()) for p in params)

    default = torch.get_default_dtype()
    torch.set_default_dtype(dtype)  # NAdam keeps its product of momenta in it
    try:
        # Muon rounds its iteration to bfloat16 for speed, which would hide differences up to 1%.
        with mock.patch.object(torch.Tensor, "bfloat16", lambda x: x):
            for _ in range(STEPS):
                optimizer.step(closure)
                history.append([p.detach().numpy().copy() for p in params])
    finally:
        torch.set_default_dtype(default)
    return history


def steps_ours(cls: Any, options: dict[str, Any], dtype: Any) -> list[Any]:
    """Our parameters after each step."""
    options = {k: v.item() if isinstance(v, torch.Tensor) else v for k, v in options.items()}
    options = {
        k: tuple(float(b) for b in v) if isinstance(v, tuple) else v for k, v in options.items()
    }
    params = [nn.Parameter(p, dtype=dtype) for p in start(cls, np.float32)]
    optimizer = cls(params, **options)
    history = []

    def closure() -> Any:
        for p in params:
            p.grad = gradient(p.data)
        return sum(float(loss(p.data)) for p in params)

    for _ in range(STEPS):
        optimizer.step(closure)
        history.append([np.array(p.data) for p in params])
    return history
