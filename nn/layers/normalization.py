"""Normalization as modules; where statistics are kept, they are replaced and never written to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

import autograd as ag
from autograd import ShapeError
from nn import functional as f
from nn import init
from nn.arguments import array, floating, number, size
from nn.functional.normalization import moments
from nn.module.module import Module
from nn.module.parameter import Parameter


class _Affine(Module):
    """What has γ and β, or does without."""

    def _register_affine(
        self, shape: tuple[int, ...], weight: bool, bias: bool, dtype: npt.DTypeLike
    ) -> None:
        dtype = floating(type(self).__name__, dtype)
        self.register_parameter("weight", None)
        self.register_parameter("bias", None)
        if weight:
            self.weight = Parameter(np.ones(shape, dtype))
        if bias:
            self.bias = Parameter(np.zeros(shape, dtype))

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Ones and zeros again; the generator is not asked."""
        if self.weight is not None:
            init.ones_(self.weight)
        if getattr(self, "bias", None) is not None:
            init.zeros_(self.bias)


class _RunningStatistics(_Affine):
    """Batch and instance normalization: per channel, with running statistics."""

    _inputs: ClassVar[dict[int, str]]  # how many axes an input may have, and what they are

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        dtype: npt.DTypeLike,
    ) -> None:
        super().__init__()
        what = type(self).__name__
        self.num_features = size(what, "num_features", num_features, 1)
        self.eps = number(what, "eps", eps, 0.0)
        self.momentum = None if momentum is None else number(what, "momentum", momentum, 0.0, 1.0)
        self.affine, self.track_running_stats = affine, track_running_stats
        self._register_affine((num_features,), affine, affine, dtype)
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, None)
        if track_running_stats:
            self.reset_running_stats()

    def reset_running_stats(self) -> None:
        """Begin again with mean 0 and variance 1."""
        dtype = float if self.weight is None else self.weight.dtype
        self.running_mean = np.zeros(self.num_features, dtype)
        self.running_var = np.ones(self.num_features, dtype)
        self.num_batches_tracked = np.array(0)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Ones and zeros, and fresh statistics; the generator is not asked."""
        super().reset_parameters(generator)
        if self.track_running_stats:
            self.reset_running_stats()

    def _check_input(self, x: Any) -> Any:
        x = array(x)
        if x.ndim not in self._inputs or x.shape[self._channels(x)] != self.num_features:
            raise ShapeError(
                f"{type(self).__name__}: an input of shape {x.shape} came; "
                f"{' or '.join(self._inputs.values())} is expected, C = {self.num_features}"
            )
        return x

    def _channels(self, x: Any) -> int:
        return 1

    def _track(self, x: Any, axes: tuple[int, ...]) -> None:
        """Move the running statistics towards those of x, the variance divided by one less."""
        mean, var = (s.mean(axis=0).reshape(-1) for s in moments(ag.stop_gradient(x), axes))
        count = math.prod(x.shape[i] for i in axes)
        new = np.asarray(mean), np.asarray(var) * (count / max(count - 1, 1))
        self.num_batches_tracked = np.asarray(self.num_batches_tracked + 1)
        step = 1.0 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        for name, latest in zip(("running_mean", "running_var"), new, strict=True):
            old = getattr(self, name)
            setattr(self, name, ((1.0 - step) * old + step * latest).astype(old.dtype))

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.num_features}, eps={self.eps:g}, momentum={self.momentum}, "
            f"affine={self.affine}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_RunningStatistics):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: npt.DTypeLike = float,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype)

    def forward(self, x: Any) -> Any:
        """γ (x - μ) / √(σ² + eps) + β."""
        x = self._check_input(x)
        by_batch = self.training or self.running_mean is None
        out = f.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, by_batch, self.eps
        )
        if self.training and self.running_mean is not None:
            self._track(x, (0, *range(2, x.ndim)))
        return out


class BatchNorm1d(_BatchNorm):
    """γ (x - μ) / √(σ² + eps) + β for each channel, over the batch.

    In training μ and σ² are those of the batch, and running statistics follow them; in evaluation
    they are the running ones.

    Args:
        num_features: C, the number of channels.
        eps: added to the variance.
        momentum: how far running statistics move towards those of a batch; None for the plain mean
            of all batches.
        affine: whether γ and β are there.
        track_running_stats: whether statistics are kept; without, evaluation uses those of its
            batch.
        dtype: of parameters and statistics.

    Attributes:
        weight: γ, shape (C,), or None.
        bias: β, shape (C,), or None.
        running_mean: shape (C,), or None.
        running_var: shape (C,), or None; of a batch of n it takes the variance divided by n - 1.
        num_batches_tracked: how many batches there were.

    Shape:
        (N, C) or (N, C, L) to the same.

    Raises:
        ShapeError: the input does not fit.
        ValueError: in training there is one value for each channel, or an argument is out of range.

    Example:
        >>> import nn
        >>> layer = nn.BatchNorm1d(1, eps=0.0)
        >>> layer(ag.Tensor([[1.0], [3.0]])).tolist()
        [[-1.0], [1.0]]
        >>> layer.running_mean, layer.running_var
        (array([0.2]), array([1.1]))

    Source: Ioffe and Szegedy, Batch normalization (2015).
    """

    _inputs: ClassVar[dict[int, str]] = {2: "(N, C)", 3: "(N, C, L)"}


class BatchNorm2d(_BatchNorm):
    """Batch normalization over the batch and both axes of an image; all else as `BatchNorm1d`.

    Shape:
        (N, C, H, W) to the same.

    Example:
        >>> import nn
        >>> nn.BatchNorm2d(3)(np.ones((2, 3, 4, 4))).shape
        (2, 3, 4, 4)
    """

    _inputs: ClassVar[dict[int, str]] = {4: "(N, C, H, W)"}


class InstanceNorm2d(_RunningStatistics):
    """γ (x - μ) / √(σ² + eps) + β for each channel of each image.

    Args:
        num_features: C, the number of channels.
        eps: added to the variance.
        momentum: how far running statistics move towards those of a batch; None for the plain mean.
        affine: whether γ and β are there.
        track_running_stats: whether statistics are kept, which evaluation then uses.
        dtype: of parameters and statistics.

    Shape:
        (N, C, H, W) or (C, H, W) to the same.

    Raises:
        ShapeError: the input does not fit.
        ValueError: there is one value for each channel, or an argument is out of range.

    Example:
        >>> import nn
        >>> nn.InstanceNorm2d(3)(np.ones((2, 3, 4, 4))).shape
        (2, 3, 4, 4)

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization (2016).
    """

    _inputs: ClassVar[dict[int, str]] = {4: "(N, C, H, W)", 3: "(C, H, W)"}

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        dtype: npt.DTypeLike = float,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype)

    def _channels(self, x: Any) -> int:
        return int(x.ndim - 3)

    def forward(self, x: Any) -> Any:
        """γ (x - μ) / √(σ² + eps) + β."""
        x = self._check_input(x)
        unbatched = x.ndim == 3
        if unbatched:
            x = x.reshape((1, *x.shape))
        own = self.training or self.running_mean is None
        out = f.instance_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, own, self.eps
        )
        if self.training and self.running_mean is not None:
            self._track(x, (2, 3))
        return ag.squeeze(out, 0) if unbatched else out


class LayerNorm(_Affine):
    """γ (x - μ) / √(σ² + eps) + β over the last axes of each sample; a batch of one is no problem.

    Args:
        normalized_shape: the lengths of those axes, an int or several.
        eps: added to the variance.
        elementwise_affine: whether γ and β are there.
        bias: whether β is.
        dtype: of the parameters.

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
        *,
        dtype: npt.DTypeLike = float,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape("LayerNorm", normalized_shape)
        self.eps = number("LayerNorm", "eps", eps, 0.0)
        self.elementwise_affine = elementwise_affine
        affine = elementwise_affine, elementwise_affine and bias
        self._register_affine(self.normalized_shape, *affine, dtype)

    def forward(self, x: Any) -> Any:
        """γ (x - μ) / √(σ² + eps) + β."""
        return f.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        affine = f"elementwise_affine={self.elementwise_affine}"
        return f"{self.normalized_shape}, eps={self.eps:g}, {affine}"


class RMSNorm(_Affine):
    """γ x / √(mean(x²) + eps) over the last axes of each sample.

    Args:
        normalized_shape: the lengths of those axes, an int or several.
        eps: added to the mean square; by default the precision of the input's dtype.
        elementwise_affine: whether γ is there.
        dtype: of γ.

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
        *,
        dtype: npt.DTypeLike = float,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape("RMSNorm", normalized_shape)
        self.eps = None if eps is None else number("RMSNorm", "eps", eps, 0.0)
        self.elementwise_affine = elementwise_affine
        self._register_affine(self.normalized_shape, elementwise_affine, False, dtype)

    def forward(self, x: Any) -> Any:
        """γ x / √(mean(x²) + eps)."""
        return f.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        affine = f"elementwise_affine={self.elementwise_affine}"
        return f"{self.normalized_shape}, eps={self.eps}, {affine}"


class GroupNorm(_Affine):
    """γ (x - μ) / √(σ² + eps) + β over each group of channels of each sample.

    Args:
        num_groups: into how many groups the channels are divided.
        num_channels: C, a multiple of it.
        eps: added to the variance.
        affine: whether γ and β are there, one of each for a channel.
        dtype: of the parameters.

    Shape:
        (N, C, ...) to the same.

    Raises:
        ShapeError: the input does not fit.
        ValueError: the groups do not divide the channels.

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
        *,
        dtype: npt.DTypeLike = float,
    ) -> None:
        super().__init__()
        self.num_groups = size("GroupNorm", "num_groups", num_groups, 1)
        self.num_channels = size("GroupNorm", "num_channels", num_channels, 1)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_groups={num_groups} came; it must divide num_channels = "
                f"{num_channels}"
            )
        self.eps, self.affine = number("GroupNorm", "eps", eps, 0.0), affine
        self._register_affine((num_channels,), affine, affine, dtype)

    def forward(self, x: Any) -> Any:
        """γ (x - μ) / √(σ² + eps) + β."""
        x = array(x)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ShapeError(
                f"GroupNorm: an input of shape {x.shape} came; (N, C, ...) is expected, C = "
                f"{self.num_channels}"
            )
        return f.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps:g}, affine={self.affine}"


def _shape(what: str, shape: Any) -> tuple[int, ...]:
    entries = shape if isinstance(shape, Sequence) else (shape,)
    return tuple(size(what, "normalized_shape", n, 1) for n in entries)
