"""Layers that map the last axis: Linear and Bilinear."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from nn import functional as f
from nn import init
from nn.arguments import flags, floating, size, zeros
from nn.module.module import Module
from nn.module.parameter import Parameter


class Linear(Module):
    """The affine map x Wᵀ + b of the last axis.

    Args:
        in_features: length of the last axis of the input.
        out_features: length of the last axis of the output.
        bias: whether b is added.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters, drawn uniformly between ±1/√in_features.

    Attributes:
        weight: shape (out_features, in_features).
        bias: shape (out_features,), or None.

    Shape:
        (..., in_features) to (..., out_features).

    Raises:
        ValueError: a size is not an integer, or is negative.
        ShapeError: the last axis of the input has another length.

    Example:
        >>> import nn
        >>> nn.Linear(3, 2)(np.ones((5, 3))).shape
        (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in_features = size("Linear", "in_features", in_features)
        self.out_features = size("Linear", "out_features", out_features)
        dtype = floating("Linear", dtype, device)
        flags("Linear", bias=bias)
        self.weight = Parameter(zeros(self, (self.out_features, self.in_features), dtype))
        self.register_parameter("bias", None)
        if bias:
            self.bias = Parameter(zeros(self, self.out_features, dtype))
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the parameters again."""
        uniform_by_fan_in(self.in_features, generator, self.weight, self.bias)

    def forward(self, input: Any) -> Any:
        """x Wᵀ + b."""
        return f.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"


class Bilinear(Module):
    """x₁ᵀ W_k x₂ + b_k of the last axes of two inputs, for each output k.

    Args:
        in1_features: length of the last axis of the first input.
        in2_features: length of the last axis of the second.
        out_features: length of the last axis of the output.
        bias: whether b is added.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters, drawn uniformly between ±1/√in1_features.

    Attributes:
        weight: shape (out_features, in1_features, in2_features).
        bias: shape (out_features,), or None.

    Raises:
        ValueError: a size is not a positive integer.
        ShapeError: the inputs do not fit.

    Example:
        >>> import nn
        >>> nn.Bilinear(3, 4, 2)(np.ones((5, 3)), np.ones((5, 4))).shape
        (5, 2)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in1_features = size("Bilinear", "in1_features", in1_features, 1)
        self.in2_features = size("Bilinear", "in2_features", in2_features, 1)
        self.out_features = size("Bilinear", "out_features", out_features)
        dtype = floating("Bilinear", dtype, device)
        flags("Bilinear", bias=bias)
        shape = (self.out_features, self.in1_features, self.in2_features)
        self.weight = Parameter(zeros(self, shape, dtype))
        self.register_parameter("bias", None)
        if bias:
            self.bias = Parameter(zeros(self, self.out_features, dtype))
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the parameters again."""
        uniform_by_fan_in(self.in1_features, generator, self.weight, self.bias)

    def forward(self, input1: Any, input2: Any) -> Any:
        """x₁ᵀ W_k x₂ + b_k."""
        return f.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"in1_features={self.in1_features}, in2_features={self.in2_features}"
        return f"{sizes}, out_features={self.out_features}, bias={self.bias is not None}"


def uniform_by_fan_in(
    fan_in: int, generator: np.random.Generator | None, *parameters: Parameter | None
) -> None:
    """Fill parameters uniformly between ±1/√fan_in, as PyTorch initializes its layers.

    Example:
        >>> import nn
        >>> from nn.layers.linear import uniform_by_fan_in
        >>> p = nn.Parameter(np.zeros(100))
        >>> uniform_by_fan_in(4, None, p)
        >>> bool((abs(p) <= 0.5).all())
        True
    """
    bound = 1.0 / math.sqrt(fan_in) if fan_in else 0.0
    for parameter in parameters:
        if parameter is not None:
            init.uniform_(parameter, -bound, bound, generator)
