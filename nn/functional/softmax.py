"""Softmax, its logarithm and its negative form, along one axis or several; samples of a class."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.names import both_keywords
from nn.arguments import (
    array,
    axis_number,
    flags,
    floating,
    floats,
    generator_or_default,
    number,
    refuse,
)


@both_keywords
def softmax(
    input: Any, dim: Any = -1, _stacklevel: int = 3, dtype: Any = None, *, temperature: float = 1.0
) -> Any:
    """exp(x_i / T) / Σ exp(x_j / T): positive numbers that sum to 1, without overflow.

    As T goes to 0, the largest entry gets everything; as T goes to infinity, all get the same.
    T = 0 is that limit itself, where ties share; it is constant, so its gradient is 0.

    Args:
        input: the logits.
        dim: the axis, or a tuple of axes, along which the result sums to 1.
        _stacklevel: must be 3, PyTorch's default.
        dtype: the dtype to convert the logits to first; by default they keep theirs.
        temperature: T, at least 0; `math.inf` is allowed.

    Raises:
        ShapeError: there is no such axis.
        ValueError: the temperature is negative or nan.

    Example:
        >>> import nn
        >>> nn.functional.softmax(ag.Tensor([0.0, 1000.0]), temperature=500.0)
        Tensor([0.11920292, 0.88079708])
        >>> nn.functional.softmax(ag.Tensor([1.0, 3.0, 3.0]), temperature=0.0)
        Tensor([0. , 0.5, 0.5])

    Source: Bridle (1990); Hinton, Vinyals and Dean, Distilling the knowledge in a neural network
        (2015), for the temperature.
    """
    if type(_stacklevel) is not int or _stacklevel != 3:
        refuse("softmax", _stacklevel=_stacklevel)
    return ag.softmax(_logits("softmax", input, dim, temperature, dtype), dim)


@both_keywords
def log_softmax(
    input: Any, dim: Any = -1, _stacklevel: int = 3, dtype: Any = None, *, temperature: float = 1.0
) -> Any:
    """The logarithm of `softmax`, exact where that underflows.

    Args:
        input: the logits.
        dim: the axis, or a tuple of axes, along which the exponentials sum to 1.
        _stacklevel: as in `softmax`.
        dtype: as in `softmax`.
        temperature: as in `softmax`.

    Example:
        >>> import nn
        >>> nn.functional.log_softmax(ag.Tensor([0.0, 1000.0]))
        Tensor([-1000.,     0.])
    """
    if type(_stacklevel) is not int or _stacklevel != 3:
        refuse("log_softmax", _stacklevel=_stacklevel)
    return ag.log_softmax(_logits("log_softmax", input, dim, temperature, dtype), dim)


@both_keywords
def softmin(input: Any, dim: Any = -1, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """softmax(-x), largest for the smallest entry.

    Args:
        input: the negative logits.
        dim: the axis, or a tuple of axes, along which the result sums to 1.
        _stacklevel: as in `softmax`.
        dtype: as in `softmax`.

    Example:
        >>> import nn
        >>> nn.functional.softmin(ag.Tensor([0.0, 0.0, 1000.0]))
        Tensor([0.5, 0.5, 0. ])
    """
    if type(_stacklevel) is not int or _stacklevel != 3:
        refuse("softmin", _stacklevel=_stacklevel)
    return ag.softmax(-_logits("softmin", input, dim, 1.0, dtype), dim)


@both_keywords
def gumbel_softmax(
    logits: Any,
    tau: float = 1.0,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """softmax((logits + noise) / tau): a sample of a class that gradients flow through.

    Args:
        logits: unnormalized logarithms of probabilities, of any shape.
        tau: the temperature, above 0; the smaller, the nearer a sample is to one class.
        hard: whether to return the class itself, 1 there and 0 elsewhere; the gradient stays that
            of the soft sample.
        eps: accepted, and has no effect, as in PyTorch.
        dim: the axis of the classes.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ShapeError: there is no such axis.
        ValueError: tau is not above 0.

    Example:
        >>> import nn
        >>> sample = nn.functional.gumbel_softmax(ag.Tensor([0.0, 100.0]), hard=True)
        >>> sample.round(9)
        Tensor([0., 1.])

    Source: Jang, Gu and Poole, Categorical reparameterization with Gumbel-softmax (2017).
    """
    what, x = "gumbel_softmax", floats(logits)
    flags(what, hard=hard)
    number(what, "eps", eps)
    tau = number(what, "tau", tau, 0.0, open_low=True)
    axis = axis_number(what, dim, x.ndim)
    noise = generator_or_default(what, generator).gumbel(size=x.shape).astype(x.dtype)
    soft = ag.softmax((x + noise) / tau, axis)
    if not hard:
        return soft
    plain = np.asanyarray(ag.stop_gradient(soft))
    classes = np.arange(x.shape[axis]).reshape((-1, *(1,) * (x.ndim - axis - 1)))
    chosen = (np.expand_dims(np.argmax(plain, axis=axis), axis) == classes).astype(x.dtype)
    return soft + (chosen - plain)


def _logits(what: str, input: Any, dim: Any, temperature: float, dtype: Any) -> Any:
    """Logits whose softmax is that of x / T; the largest is 0, so that none overflows."""
    x = floats(input) if dtype is None else array(input).astype(floating(what, dtype))
    for axis in dim if isinstance(dim, tuple) else (dim,):
        axis_number(what, axis, x.ndim or 1)  # the softmax of a single number is 1
    if type(temperature) is float and temperature == 1.0:
        return x
    temperature = number(what, "temperature", temperature, 0.0, finite=False)
    # A softmax does not change when the same number is subtracted from all logits, so that number
    # is constant for derivatives of every order.
    below = x - ag.stop_gradient(ag.max(x, axis=dim, keepdims=True))
    if temperature == 0:
        return ag.where(below == 0, ag.stop_gradient(below), -np.inf)
    return below / temperature
