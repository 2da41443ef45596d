"""How parameters begin: functions that fill a Tensor with numbers and return it.

Each takes a `numpy.random.Generator`; the default one is what `autograd.random.seed` restarts.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from autograd import DTypeError, ShapeError, Tensor, random

T = TypeVar("T", bound=Tensor)


def uniform_(
    tensor: T, a: float = 0.0, b: float = 1.0, generator: np.random.Generator | None = None
) -> T:
    """Fill with numbers drawn evenly between `a` and `b`.

    Raises:
        ValueError: `a` is above `b`.

    Example:
        >>> import autograd as ag, nn
        >>> ag.random.seed(0)
        >>> nn.init.uniform_(ag.Tensor([0.0, 0.0])).shape
        (2,)
    """
    if not a <= b:
        raise ValueError(f"uniform_: a={a} and b={b} came; a must not be above b")
    _check("uniform_", tensor)
    numbers = _source("uniform_", generator).uniform(a, b, tensor.shape)
    tensor.data = np.asarray(numbers, tensor.dtype)
    return tensor


def normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, generator: np.random.Generator | None = None
) -> T:
    """Fill with normally distributed numbers.

    Raises:
        ValueError: `std` is negative.

    Example:
        >>> import autograd as ag, nn
        >>> nn.init.normal_(ag.Tensor([0.0, 0.0]), std=0.0).tolist()
        [0.0, 0.0]
    """
    if not std >= 0:
        raise ValueError(f"normal_: std={std} came; 0 or more is expected")
    _check("normal_", tensor)
    numbers = _source("normal_", generator).normal(mean, std, tensor.shape)
    tensor.data = np.asarray(numbers, tensor.dtype)
    return tensor


def constant_(tensor: T, value: float) -> T:
    """Fill with one number.

    Example:
        >>> import autograd as ag, nn
        >>> nn.init.constant_(ag.Tensor([0.0, 0.0]), 0.5)
        Tensor([0.5, 0.5])
    """
    _check("constant_", tensor)
    tensor.data = np.full(tensor.shape, value, tensor.dtype)
    return tensor


def zeros_(tensor: T) -> T:
    """Fill with zeros: right for biases, and for weights a symmetry that training cannot break.

    Example:
        >>> import autograd as ag, nn
        >>> nn.init.zeros_(ag.Tensor([1.0]))
        Tensor([0.])
    """
    return constant_(tensor, 0.0)


def fans(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight of shape (out, in, *kernel).

    That is how many numbers meet in one output, and to how many outputs one number goes.

    Raises:
        ShapeError: the weight has fewer than two axes.

    Example:
        >>> import autograd as ag, numpy as np, nn
        >>> nn.init.fans(ag.Tensor(np.zeros((8, 4, 3, 3))))
        (36, 72)
    """
    _check("fans", tensor)
    if tensor.ndim < 2:
        raise ShapeError(
            f"fans: a Tensor of shape {tensor.shape} came; a weight of shape (out, in, ...) is "
            "expected"
        )
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def xavier_uniform_(
    tensor: T, gain: float = 1.0, generator: np.random.Generator | None = None
) -> T:
    """Fill evenly, with variance gain² · 2 / (fan_in + fan_out): for tanh and sigmoid.

    Example:
        >>> import autograd as ag, numpy as np, nn
        >>> w = nn.init.xavier_uniform_(ag.Tensor(np.zeros((3, 3))))
        >>> bool((abs(w.data) <= 1.0).all())
        True

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward networks
        (2010).
    """
    fan_in, fan_out = fans(tensor)
    bound = gain * math.sqrt(6.0 / max(1, fan_in + fan_out))  # 0 only where nothing is filled
    return uniform_(tensor, -bound, bound, generator)


def kaiming_uniform_(
    tensor: T, a: float = 0.0, *, generator: np.random.Generator | None = None
) -> T:
    """Fill evenly, with variance 2 / ((1 + a²) fan_in): for ReLU, or with slope `a` below 0 leaky
    ReLU.

    Example:
        >>> import autograd as ag, numpy as np, nn
        >>> w = nn.init.kaiming_uniform_(ag.Tensor(np.zeros((3, 6))))
        >>> bool((abs(w.data) <= 1.0).all())
        True

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """
    fan_in, _ = fans(tensor)
    bound = math.sqrt(6.0 / ((1.0 + a * a) * max(1, fan_in)))  # 0 only where nothing is filled
    return uniform_(tensor, -bound, bound, generator)


def _check(what: str, tensor: object) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{what}: a {type(tensor).__name__} came; a Tensor is expected")
    if tensor.dtype.kind != "f":
        raise DTypeError(
            f"{what}: a Tensor of dtype {tensor.dtype} came; a floating one is expected, e.g. "
            "tensor.astype(float)"
        )


def _source(what: str, generator: object) -> np.random.Generator:
    if generator is None:
        return random.generator()
    if not isinstance(generator, np.random.Generator):
        raise TypeError(
            f"{what}: generator={generator!r} came; a numpy.random.Generator is expected, e.g. "
            "numpy.random.default_rng(0)"
        )
    return generator
