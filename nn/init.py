"""How parameters begin: functions that fill a Tensor with numbers and return it.

Each takes a `numpy.random.Generator`; the default one is what `autograd.random.seed` restarts.
"""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np

from autograd import ShapeError, Tensor, random

T = TypeVar("T", bound=Tensor)


def uniform_(
    tensor: T, a: float = 0.0, b: float = 1.0, generator: np.random.Generator | None = None
) -> T:
    """Fill with numbers drawn evenly between `a` and `b`.

    Example:
        >>> import autograd as ag, nn
        >>> ag.random.seed(0)
        >>> nn.init.uniform_(ag.Tensor([0.0, 0.0])).shape
        (2,)
    """
    return _filled(tensor, (generator or random.generator()).uniform(a, b, tensor.shape))


def normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, generator: np.random.Generator | None = None
) -> T:
    """Fill with normally distributed numbers.

    Example:
        >>> import autograd as ag, nn
        >>> nn.init.normal_(ag.Tensor([0.0, 0.0]), std=0.0).tolist()
        [0.0, 0.0]
    """
    return _filled(tensor, (generator or random.generator()).normal(mean, std, tensor.shape))


def constant_(tensor: T, value: float) -> T:
    """Fill with one number.

    Example:
        >>> import autograd as ag, nn
        >>> nn.init.constant_(ag.Tensor([0.0, 0.0]), 0.5)
        Tensor([0.5, 0.5])
    """
    return _filled(tensor, np.full(tensor.shape, value))


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
    if tensor.ndim < 2:
        raise ShapeError(
            f"init: fans of a shape of {tensor.shape} came; a weight (out, in, ...) is expected"
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
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_uniform_(tensor: T, a: float = 0.0, generator: np.random.Generator | None = None) -> T:
    """Fill evenly, with variance 2 / ((1 + a²) fan_in): for ReLU, or with slope `a` below 0 leaky
    ReLU.

    Example:
        >>> import autograd as ag, numpy as np, nn
        >>> w = nn.init.kaiming_uniform_(ag.Tensor(np.zeros((3, 6))))
        >>> bool((abs(w.data) <= 1.0).all())
        True

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """
    bound = math.sqrt(6.0 / ((1.0 + a * a) * fans(tensor)[0]))
    return uniform_(tensor, -bound, bound, generator)


def _filled(tensor: T, array: Any) -> T:
    tensor.data = array.astype(tensor.dtype)
    return tensor
