"""Normalization of each sample as modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError
from autograd.errors import message
from nn import arguments, init
from nn import functional as f
from nn.arguments import array, divisor, flags, floating, number, size, zeros
from nn.layers.function import FunctionModule
from nn.module.module import Module
from nn.module.parameter import Parameter


class Affine(Module):
    """A module with γ and β, either of which may be None."""

    def _register_affine(
        self, shape: tuple[int, ...], weight: bool, bias: bool, dtype: np.dtype[Any]
    ) -> None:
        self.register_parameter("weight", None)
        self.register_parameter("bias", None)
        if weight:
            self.weight = Parameter(np.ones(shape, dtype))
        if bias:
            self.bias = Parameter(zeros(self, shape, dtype))

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Set γ to 1 and β to 0; the generator is not used."""
        if self.weight is not None:
            init.ones_(self.weight)
        if getattr(self, "bias", None) is not None:
            init.zeros_(self.bias)


class LayerNorm(Affine):
    """γ (x - μ) / √(σ² + eps) + β over the last axes of each sample, whatever the batch size.

    Args:
        normalized_shape: the lengths of those axes, an int or a sequence.
        eps: added to the variance.
        elementwise_affine: whether to use γ and β.
        bias: whether to use β.
        device: None or "cpu".
        dtype: the dtype of the parameters.

    Attributes:
        weight: γ, of shape normalized_shape, or None.
        bias: β, of shape normalized_shape, or None.

    Raises:
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.LayerNorm(2, eps=0.0)(ag.Tensor([1.0, 3.0])).tolist()
        [-1.0, 1.0]

    Source: Ba, Kiros and Hinton, Layer normalization (2016).
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
    ) -> None:
        super().__init__()
        flags("LayerNorm", elementwise_affine=elementwise_affine, bias=bias)
        dtype = floating("LayerNorm", dtype, device)
        self.normalized_shape = arguments.normalized_shape("LayerNorm", normalized_shape, 1)
        self.eps = number("LayerNorm", "eps", eps, 0.0)
        self.elementwise_affine = elementwise_affine
        affine = elementwise_affine, elementwise_affine and bias
        self._register_affine(self.normalized_shape, *affine, dtype)

    def forward(self, input: Any) -> Any:
        """γ (x - μ) / √(σ² + eps) + β."""
        return f.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        affine = f"elementwise_affine={self.elementwise_affine}"
        return f"{self.normalized_shape}, eps={self.eps:g}, {affine}"


class RMSNorm(Affine):
    """γ x / √(mean(x²) + eps) over the last axes of each sample.

    Args:
        normalized_shape: the lengths of those axes, an int or a sequence.
        eps: added to the mean square; by default the precision of the input's dtype.
        elementwise_affine: whether to use γ.
        device: None or "cpu".
        dtype: the dtype of γ.

    Attributes:
        weight: γ, of shape normalized_shape, or None.

    Raises:
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.RMSNorm(2)(ag.Tensor([3.0, 4.0])).round(6).tolist()
        [0.848528, 1.131371]

    Source: Zhang and Sennrich, Root mean square layer normalization (2019).
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
    ) -> None:
        super().__init__()
        flags("RMSNorm", elementwise_affine=elementwise_affine)
        dtype = floating("RMSNorm", dtype, device)
        self.normalized_shape = arguments.normalized_shape("RMSNorm", normalized_shape, 1)
        self.eps = None if eps is None else number("RMSNorm", "eps", eps, 0.0)
        self.elementwise_affine = elementwise_affine
        self._register_affine(self.normalized_shape, elementwise_affine, False, dtype)

    def forward(self, input: Any) -> Any:
        """γ x / √(mean(x²) + eps)."""
        return f.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        affine = f"elementwise_affine={self.elementwise_affine}"
        return f"{self.normalized_shape}, eps={self.eps}, {affine}"


class GroupNorm(Affine):
    """γ (x - μ) / √(σ² + eps) + β over each group of channels of each sample.

    Args:
        num_groups: the number of groups of channels.
        num_channels: C, a multiple of num_groups.
        eps: added to the variance.
        affine: whether to use γ and β, one of each for a channel.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        bias: whether to use β, if affine.

    Shape:
        (N, C, ...) to the same.

    Raises:
        ShapeError: the input does not fit.
        ValueError: num_groups does not divide num_channels.

    Example:
        >>> import nn
        >>> nn.GroupNorm(2, 4)(np.ones((1, 4, 3))).shape
        (1, 4, 3)

    Source: Wu and He, Group normalization (2018).
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        flags("GroupNorm", affine=affine, bias=bias)
        dtype = floating("GroupNorm", dtype, device)
        self.num_channels = size("GroupNorm", "num_channels", num_channels, 1)
        channels = {"num_channels": self.num_channels}
        self.num_groups = divisor("GroupNorm", "num_groups", num_groups, **channels)
        self.eps, self.affine = number("GroupNorm", "eps", eps, 0.0), affine
        self._register_affine((self.num_channels,), affine, affine and bias, dtype)

    def forward(self, input: Any) -> Any:
        """γ (x - μ) / √(σ² + eps) + β."""
        x = array(input)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ShapeError(
                message(
                    "GroupNorm",
                    f"an input of shape {x.shape}",
                    f"(N, C, ...), C = {self.num_channels}",
                )
            )
        return f.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps:g}, affine={self.affine}"


class LocalResponseNorm(FunctionModule):
    """x divided by a power of the mean square of neighbouring channels.

    See `nn.functional.local_response_norm` for the formula and the arguments.

    Example:
        >>> import nn
        >>> nn.LocalResponseNorm(1, alpha=1.0, beta=1.0)(ag.Tensor([[[1.0], [2.0]]])).tolist()
        [[[0.5], [0.4]]]
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        what = "LocalResponseNorm"
        super().__init__(
            f.local_response_norm,
            size=arguments.size(what, "size", size, 1),
            alpha=number(what, "alpha", alpha),
            beta=number(what, "beta", beta),
            k=number(what, "k", k),
        )
