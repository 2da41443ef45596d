"""Activations with a threshold, and the one whose slope is random."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import message
from nn.arguments import flags, floats, generator_or_default, number


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """x above the threshold, `value` elsewhere.

    Args:
        input: x, of any shape.
        threshold: the largest x that is replaced.
        value: what replaces it.
        inplace: accepted, and has no effect.

    Example:
        >>> import nn
        >>> nn.functional.threshold(ag.Tensor([0.5, 2.0]), 1.0, -1.0)
        Tensor([-1.,  2.])
    """
    if inplace is not False:
        flags("threshold", inplace=inplace)
    x, limit = floats(input), number("threshold", "threshold", threshold, finite=False)
    return ag.where(x <= limit, number("threshold", "value", value, finite=False), x)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """x outside of ±lambd, 0 inside.

    Example:
        >>> import nn
        >>> nn.functional.hardshrink(ag.Tensor([-0.7, 0.3, 0.6]))
        Tensor([-0.7,  0. ,  0.6])
    """
    x, limit = floats(input), number("hardshrink", "lambd", lambd)
    return ag.where(ag.abs(x) <= limit, 0.0, x)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """x moved towards 0 by lambd, and 0 for those nearer.

    Raises:
        ValueError: lambd is negative.

    Example:
        >>> import nn
        >>> nn.functional.softshrink(ag.Tensor([-1.5, 0.3, 2.5]))
        Tensor([-1.,  0.,  2.])
    """
    x, step = floats(input), number("softshrink", "lambd", lambd, 0.0)
    return ag.where(ag.abs(x) <= step, 0.0, x - step * ag.sign(x))


def rrelu(
    input: Any,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """x above 0, slope · x elsewhere, with a random slope for each entry in training.

    Args:
        input: x, of any shape.
        lower: the smallest slope.
        upper: the largest slope.
        training: with False, every slope is the mean of both.
        inplace: accepted, and has no effect.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ValueError: lower is above upper.

    Example:
        >>> import nn
        >>> nn.functional.rrelu(ag.Tensor([-1.0, 2.0]), 0.1, 0.3)
        Tensor([-0.2,  2. ])

    Source: Xu, Wang, Chen and Li, Empirical evaluation of rectified activations (2015).
    """
    what, x = "rrelu", floats(input)
    flags(what, training=training, inplace=inplace)
    low, high = check_slopes(what, lower, upper)
    source = generator_or_default(what, generator)
    slope: Any = (low + high) / 2.0
    if training:
        slope = (low + (high - low) * source.random(x.shape)).astype(x.dtype)
    return ag.where(x > 0, x, slope * x)


def check_slopes(what: str, lower: Any, upper: Any) -> tuple[float, float]:
    """Both slopes as floats.

    Raises:
        ValueError: one is not a finite number, or lower is above upper.
    """
    low, high = number(what, "lower", lower), number(what, "upper", upper)
    if low > high:
        got = f"lower={low:g} and upper={high:g}"
        raise ValueError(message(what, got, "lower at most upper"))
    return low, high
