"""What the tests of derivations share: cases, and the comparison with the engine."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
import nn
from tests.autograd.compile.test_nn import TORCH, batch, flat
from tests.nn.layers.reference import cases as modules

EVERY = 10**6
# These return their input, and have no graph.
IDLE = {"Identity", "Flatten", "alpha dropout eval", "feature alpha dropout eval"}
NAMES = [name for name in modules.MODULES if name not in IDLE]


def result_of(name: str) -> Any:
    """The first differentiable output of a case."""
    case = modules.MODULES[name]
    ag.random.seed(3)
    module = eval(case.module, {"nn": nn, "torch": TORCH, "utils": nn.utils})
    module.train(case.training)
    names = ", ".join(case.inputs)
    call = eval(f"lambda module, F, {names}: {case.call}", {"ag": ag, "torch": TORCH})
    outputs = flat(call(module, nn.functional, *batch(case, 0)))
    return next(y for y in outputs if isinstance(y, ag.Node) and y.requires_grad)


def wanted(derivation: Any) -> list[Any]:
    """What the engine computes: the result, and the gradients."""
    problem = derivation._problem
    seed = problem.seeds[0] if problem.seeds is not None else None
    return [problem.root.data, *ag.gradients(problem.root, problem.by, seed=seed)]


def error(found: Any, right: Any) -> float:
    """The largest difference, over the largest entry; of entries below 1, over 1."""
    found, right = np.asarray(found, float), np.asarray(right, float)
    assert found.shape == right.shape
    if not right.size:
        return 0.0
    assert np.array_equal(np.isfinite(found), np.isfinite(right))
    finite = np.isfinite(right)
    scale = np.abs(right).max(initial=1.0, where=finite)
    return float(np.abs(found - right).max(initial=0.0, where=finite) / scale)


def errors_of_function(derivation: Any) -> list[float]:
    """How far the printed program is from the engine."""
    with np.errstate(all="ignore"):
        found = derivation.function()(**derivation.arguments)
    return [error(x, y) for x, y in zip(found, wanted(derivation), strict=True)]


def rounding_of_function(derivation: Any) -> float:
    """How far the printed program's results move where its arguments do so by one ulp: kernels of
    BLAS that add in another order cannot agree any better."""
    rng, run = np.random.default_rng(0), derivation.function()
    moved = {
        name: np.nextafter(x, np.where(rng.random(np.shape(x)) < 0.5, np.inf, -np.inf)).astype(
            x.dtype
        )
        if getattr(x, "dtype", None) is not None and x.dtype.kind == "f"
        else x
        for name, x in derivation.arguments.items()
    }
    with np.errstate(all="ignore"):
        here, there = run(**derivation.arguments), run(**moved)
    return max(
        error(x, y)
        for x, y in zip(here, there, strict=True)
        if np.array_equal(np.isfinite(x), np.isfinite(y))
    )


def errors_of_formulas(derivation: Any) -> list[float]:
    """How far what the formulas say is from the engine: the program behind them, interpreted."""
    program, data = derivation._mathematics.program, derivation._trace.data
    with np.errstate(all="ignore"):
        found = program.run([data[v] for v in program.inputs])
    return [error(x, y) for x, y in zip(found, wanted(derivation), strict=True)]


def backward_of(derivation: Any) -> list[str]:
    """The equations of the backward pass."""
    return [g.equation for step in reversed(derivation.steps) for g in step.gradients]
