"""Activations with a threshold, and the one whose slope is random, as modules."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError
from autograd.errors import message
from nn import functional as f
from nn.arguments import array, flags, generator_or_default, number
from nn.functional.threshold import check_slopes
from nn.layers.function import FunctionModule
from nn.module.module import Module


class Threshold(FunctionModule):
    """x above a threshold, a value elsewhere; see `nn.functional.threshold`.

    Example:
        >>> import nn
        >>> nn.Threshold(1.0, -1.0)(ag.Tensor([0.5, 2.0]))
        Tensor([-1.,  2.])
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        flags("Threshold", inplace=inplace)
        limit = number("Threshold", "threshold", threshold, finite=False)
        value = number("Threshold", "value", value, finite=False)
        super().__init__(f.threshold, threshold=limit, value=value)


class Hardshrink(FunctionModule):
    """x outside of ±lambd, 0 inside, elementwise.

    Example:
        >>> import nn
        >>> nn.Hardshrink()(ag.Tensor([-0.7, 0.3]))
        Tensor([-0.7,  0. ])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__(f.hardshrink, lambd=number("Hardshrink", "lambd", lambd))


class Softshrink(FunctionModule):
    """x moved towards 0 by lambd, and 0 for those nearer, elementwise.

    Example:
        >>> import nn
        >>> nn.Softshrink()(ag.Tensor([-1.5, 0.3]))
        Tensor([-1.,  0.])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__(f.softshrink, lambd=number("Softshrink", "lambd", lambd, 0.0))


class RReLU(Module):
    """x above 0, slope · x elsewhere, with a random slope for each entry while training.

    Args:
        lower: the smallest slope.
        upper: the largest slope; evaluation takes the mean of both.
        inplace: accepted, and has no effect.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ValueError: lower is above upper.

    Example:
        >>> import nn
        >>> nn.RReLU(0.1, 0.3).eval()(ag.Tensor([-1.0, 2.0]))
        Tensor([-0.2,  2. ])

    Source: Xu, Wang, Chen and Li, Empirical evaluation of rectified activations (2015).
    """

    def __init__(
        self,
        lower: float = 1.0 / 8,
        upper: float = 1.0 / 3,
        inplace: bool = False,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.lower, self.upper = check_slopes("RReLU", lower, upper)
        flags("RReLU", inplace=inplace)
        generator_or_default("RReLU", generator)
        self.generator = generator

    def forward(self, input: Any) -> Any:
        """The activation of the input."""
        slopes = self.lower, self.upper
        return f.rrelu(input, *slopes, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        """The slopes."""
        return f"lower={self.lower:g}, upper={self.upper:g}"


class Softmax2d(Module):
    """The softmax over the channels at each place of an image, (N, C, H, W) or (C, H, W).

    Raises:
        ShapeError: the input has other axes.

    Example:
        >>> import nn
        >>> nn.Softmax2d()(ag.Tensor([[[0.0]], [[0.0]]])).tolist()
        [[[0.5]], [[0.5]]]
    """

    def forward(self, input: Any) -> Any:
        """The softmax over the channels."""
        x = array(input)
        if x.ndim not in (3, 4):
            got = f"an input of shape {x.shape}"
            raise ShapeError(message("Softmax2d", got, "(N, C, H, W) or (C, H, W)"))
        return f.softmax(x, -3)
