"""The program of a derivation at other points than the one that it was derived at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autograd as ag
import nn
from tests.autograd.compile.test_nn import CASES, TORCH, flat
from tests.autograd.derivation.building import error

IDLE = {
    *("Identity", "Flatten", "alpha dropout eval", "feature alpha dropout eval", "Unflatten"),
    "ctc",  # whose program is one for the lengths that it looked at
    *("spectral_norm", "spectral_norm transposed"),  # whose state moves at each call
}
NAMES = [name for name in CASES if name not in IDLE]
HERE = "positive"
POINTS: dict[str, Callable[[Any], Any]] = {
    HERE: lambda x: 0.1 + 0.3 * np.abs(x),
    "negative": lambda x: -0.1 - 0.3 * np.abs(x),
    "large": lambda x: 8.0 * x,
    "ties": lambda x: np.round(x),
}


class Elsewhere:
    """A case of `nn` as a function of its inputs, and inputs at several points."""

    def __init__(self, name: str) -> None:
        self.case = case = CASES[name]
        ag.random.seed(3)
        module = eval(
            case.module, {"nn": nn, "torch": TORCH, "ag": ag, "np": np, "utils": nn.utils}
        )
        module.train(case.training)
        self.module, self.words = module, list(case.inputs)
        words = ", ".join(self.words)
        space = {"ag": ag, "torch": TORCH, "F": nn.functional}
        self.call = eval(f"lambda module, {words}: {case.call}", space)
        self.f = eval(f"lambda {words}: self.first({words})", {"self": self})

    def first(self, *inputs: Any) -> Any:
        """The first output that has a gradient."""
        outputs = flat(self.call(self.module, *inputs))
        return next(y for y in outputs if isinstance(y, ag.Node) and y.requires_grad)

    def inputs(self, point: str, k: int) -> Iterator[Any]:
        """Arrays: normal ones moved to the point, shares in another order, other classes."""
        rng = np.random.default_rng(k)
        for x in self.case.inputs.values():
            if isinstance(x, tuple):
                yield POINTS[point](rng.normal(size=x))
            elif x.dtype.kind == "f":
                yield x if k == 0 else x[::-1].copy()
            else:
                yield (
                    x if k == 0 or x.dtype == bool else rng.permutation(x.ravel()).reshape(x.shape)
                )

    def derivation(self) -> Any:
        """The derivation at the first point, by every input and every parameter."""
        given = [
            ag.Tensor(x, requires_grad=True) if x.dtype.kind == "f" else x
            for x in self.inputs(HERE, 0)
        ]
        by = self.by(given)
        ag.random.seed(7)
        return ag.derive(self.f, *given, max_steps=10**6, by=by)

    def by(self, given: list[Any]) -> list[Any]:
        """What to differentiate by: inputs and parameters that the output depends on."""
        ag.random.seed(7)
        known = set(ag.ancestors([self.f(*given)]))
        nodes = [x for x in given if isinstance(x, ag.Node)] + list(self.module.parameters())
        return [x for x in nodes if x in known]

    def errors(self, derivation: Any, point: str, k: int) -> list[float]:
        """How far the program is from the engine at another point."""
        arrays = list(self.inputs(point, k))
        given = [ag.Tensor(x, requires_grad=True) if x.dtype.kind == "f" else x for x in arrays]
        by = self.by(given)
        ag.random.seed(7)
        out = self.f(*given)
        seed = derivation._problem.seeds[0] if out.shape else None
        with np.errstate(all="ignore"):
            right = [out.data, *ag.gradients(out, by, seed=seed)]
            arguments = derivation.arguments
            words = dict(zip(self.words, arrays, strict=True))
            arguments |= {w: x for w, x in words.items() if w in arguments}
            found = derivation.function()(**arguments)
        return [error(x, y) for x, y in zip(found, right, strict=True)]
