"""Linear: x Wᵀ + b."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError
from nn import init
from nn.module import Module
from nn.parameter import Parameter


class Linear(Module):
    """The affine map x Wᵀ + b of the last axis.

    Args:
        in_features: length of the last axis of the input.
        out_features: length of the last axis of the output.
        bias: whether b is added.
        dtype: of the parameters.
        generator: for the initial numbers, drawn evenly between ±1/√in_features.

    Attributes:
        weight: shape (out_features, in_features).
        bias: shape (out_features,), or None.

    Shape:
        (..., in_features) to (..., out_features).

    Raises:
        ValueError: a size is not an integer, or is negative.
        ShapeError: the last axis of the input has another length.

    Example:
        >>> import numpy as np, nn
        >>> nn.Linear(3, 2)(np.ones((5, 3))).shape
        (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: npt.DTypeLike = float,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in_features = _size("in_features", in_features)
        self.out_features = _size("out_features", out_features)
        bound = 1.0 / math.sqrt(in_features) if in_features else 0.0
        weight = Parameter(np.zeros((self.out_features, self.in_features), dtype))
        self.weight = init.uniform_(weight, -bound, bound, generator)
        self.register_parameter("bias", None)
        if bias:
            self.bias = init.uniform_(
                Parameter(np.zeros(self.out_features, dtype)), -bound, bound, generator
            )

    def forward(self, x: Any) -> Any:
        """x Wᵀ + b."""
        shape = np.shape(x)
        if not shape or shape[-1] != self.in_features:
            raise ShapeError(
                f"Linear: an input of shape {shape} came; its last axis must have in_features = "
                f"{self.in_features}"
            )
        out = x @ self.weight.T
        return out if self.bias is None else out + self.bias

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"


def _size(name: str, value: Any) -> int:
    try:
        size = operator.index(value)
    except TypeError:
        size = -1
    if size < 0:
        raise ValueError(f"Linear: {name}={value!r} came; an integer, 0 or more, is expected")
    return size
