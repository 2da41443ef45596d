"""A warning for state of a module whose graph grows from step to step.

`self.running_mean = 0.9 * self.running_mean + 0.1 * x.mean(axis=0)` keeps the graphs of all steps
if x requires a gradient. What gives it away are the parameters: an optimizer gives them other
arrays in each step, and every node keeps the array that it was given.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

from autograd import Tensor, ancestors
from autograd.errors import message
from nn.module.parameter import Parameter

FIRST = 32  # assignments of results before the first look; then at twice as many each time
STEPS = 8  # so many arrays of one parameter in a graph show that it reaches over steps


def watch(module: Any, name: str, value: Tensor) -> None:
    """Count assignments of results to an attribute, and look whether their graph grows."""
    if value.op is None:
        return
    before = module._results.get(name, 0)
    goes_on = getattr(module.__dict__.get(name), "op", None) is not None
    count = before + 1 if goes_on else 1
    if before >= 0:  # else the warning was given
        if count >= FIRST and not count & (count - 1) and _reaches_over_steps(value):
            count = -1
            _warn(module, name)
        object.__setattr__(module, "_results", {**module._results, name: count})


def _reaches_over_steps(value: Any) -> bool:
    """Whether a graph was computed with several arrays of one parameter."""
    arrays: dict[int, set[int]] = {}
    for node in ancestors([value]):
        for x, datum in zip(node.inputs, node.saved, strict=True):
            if isinstance(x, Parameter):
                found = arrays.setdefault(id(x), set())
                found.add(id(datum))
                if len(found) >= STEPS:
                    return True
    return False


def _warn(module: Any, name: str) -> None:
    got = f"{name!r} computed from its value in earlier steps, so its graph grows with each step"
    hint = f"write self.{name} = value.detach()"
    text = message(type(module).__name__, got, "a value without a graph", hint)
    level, frame = 1, sys._getframe(0)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("nn."):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, UserWarning, stacklevel=level)
