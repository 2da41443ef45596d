"""Normalization of channels, with running statistics that are replaced and never written to."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

import autograd as ag
from autograd import ShapeError
from autograd.errors import message
from nn import functional as f
from nn.arguments import array, flags, floating, number, size, zeros
from nn.functional.normalization import moments
from nn.layers.normalization import Affine


class _RunningStatistics(Affine):
    """Normalization of each channel, with running statistics."""

    _inputs: ClassVar[dict[int, str]]  # the axes of an input, by their number
    _counts: ClassVar[bool] = True  # whether batches are counted

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: str | None,
        dtype: npt.DTypeLike,
        bias: bool,
    ) -> None:
        super().__init__()
        what = type(self).__name__
        self.num_features = size(what, "num_features", num_features, 1)
        self.eps = number(what, "eps", eps, 0.0)
        self.momentum = None if momentum is None else number(what, "momentum", momentum, 0.0, 1.0)
        flags(what, affine=affine, track_running_stats=track_running_stats, bias=bias)
        self.affine, self.track_running_stats = affine, track_running_stats
        dtype = floating(what, dtype, device)
        self._register_affine((self.num_features,), affine, affine and bias, dtype)
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, None)
        if track_running_stats:
            self.running_mean = zeros(self, self.num_features, dtype)
            self.reset_running_stats()

    def reset_running_stats(self) -> None:
        """Reset the statistics to mean 0 and variance 1; they keep their dtype."""
        self.running_mean = np.zeros_like(self.running_mean)
        self.running_var = np.ones_like(self.running_mean)
        self.num_batches_tracked = np.array(0)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Set γ to 1 and β to 0, and reset the statistics; the generator is not used."""
        super().reset_parameters(generator)
        if self.track_running_stats:
            self.reset_running_stats()

    def _check_input(self, x: Any) -> Any:
        x = array(x)
        if x.ndim not in self._inputs or x.shape[self._channels(x)] != self.num_features:
            raise ShapeError(
                message(
                    type(self).__name__,
                    f"an input of shape {x.shape}",
                    f"{' or '.join(self._inputs.values())}, C = {self.num_features}",
                )
            )
        return x

    def _channels(self, x: Any) -> int:
        return 1

    def _track(self, x: Any, axes: tuple[int, ...]) -> None:
        """Move the running statistics towards those of x, with the variance divided by n - 1."""
        mean, var = (m.mean(axis=0).reshape(-1) for m in moments(ag.stop_gradient(x), axes))
        self._follow(mean, var, math.prod(x.shape[i] for i in axes))

    def _follow(self, mean: Any, var: Any, count: int) -> None:
        """Move the running statistics towards those of a batch of `count` values per channel."""
        latest = np.asanyarray(mean), np.asanyarray(var) * (count / max(count - 1, 1))
        if self._counts:
            self.num_batches_tracked = np.asanyarray(self.num_batches_tracked + 1)
        for name, new in zip(("running_mean", "running_var"), latest, strict=True):
            old = getattr(self, name)
            if old.shape != new.shape:
                got = f"{name} of shape {old.shape}"
                raise ShapeError(message(type(self).__name__, got, f"{new.shape}"))
            setattr(self, name, self._moved(old, new))

    def _moved(self, old: Any, new: Any) -> Any:
        """The statistic moved towards that of a batch by `momentum`, or to the mean of all."""
        keep: Any
        step: Any
        if self.momentum is None and self._counts:
            # In float64, then rounded once: the numbers that a Python float would give.
            share = 1.0 / self.num_batches_tracked
            keep, step = (1.0 - share).astype(old.dtype), share.astype(new.dtype)
        else:
            step = self.momentum or 0.0
            keep = 1.0 - step
        return (keep * old + step * new).astype(old.dtype)

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
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        bias: bool = True,
    ) -> None:
        options = affine, track_running_stats, device, dtype, bias
        super().__init__(num_features, eps, momentum, *options)

    def forward(self, input: Any) -> Any:
        """γ (x - μ) / √(σ² + eps) + β."""
        x = self._check_input(input)
        by_batch = self.training or self.running_mean is None
        statistics = self.running_mean, self.running_var
        out = f.batch_norm(x, *statistics, self.weight, self.bias, by_batch, eps=self.eps)
        if self.training and self.running_mean is not None:
            self._track(x, (0, *range(2, x.ndim)))
        return out


class BatchNorm1d(_BatchNorm):
    """γ (x - μ) / √(σ² + eps) + β for each channel, over the batch.

    In training, μ and σ² are those of the batch, and the running statistics follow them; in
    evaluation, they are the running statistics.

    Args:
        num_features: C, the number of channels.
        eps: added to the variance.
        momentum: how far running statistics move towards those of a batch; None for the mean of
            all batches.
        affine: whether to use γ and β.
        track_running_stats: whether to keep running statistics; if not, evaluation uses those of
            its batch.
        device: None or "cpu".
        dtype: the dtype of parameters and statistics.
        bias: whether to use β, if affine.

    Attributes:
        weight: γ, shape (C,), or None.
        bias: β, shape (C,), or None.
        running_mean: shape (C,), or None.
        running_var: shape (C,), or None; for a batch of n, it takes the variance divided by n - 1.
        num_batches_tracked: the number of batches so far.

    Shape:
        (N, C) or (N, C, L) to the same.

    Raises:
        ShapeError: the input does not fit.
        ValueError: in training a channel has a single value, or an argument is out of range.

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
    """Batch normalization over the batch and both axes of an image; see `BatchNorm1d`.

    Shape:
        (N, C, H, W) to the same.

    Example:
        >>> import nn
        >>> nn.BatchNorm2d(3)(np.ones((2, 3, 4, 4))).shape
        (2, 3, 4, 4)
    """

    _inputs: ClassVar[dict[int, str]] = {4: "(N, C, H, W)"}


class BatchNorm3d(_BatchNorm):
    """Batch normalization over the batch and the three axes of a volume; see `BatchNorm1d`.

    Shape:
        (N, C, D, H, W) to the same.

    Example:
        >>> import nn
        >>> nn.BatchNorm3d(3)(np.ones((2, 3, 4, 4, 4))).shape
        (2, 3, 4, 4, 4)
    """

    _inputs: ClassVar[dict[int, str]] = {5: "(N, C, D, H, W)"}


class _InstanceNorm(_RunningStatistics):
    _axes: ClassVar[int]
    _counts: ClassVar[bool] = False  # as in PyTorch, where momentum=None keeps the statistics

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        bias: bool = True,
    ) -> None:
        options = affine, track_running_stats, device, dtype, bias
        super().__init__(num_features, eps, momentum, *options)

    def _channels(self, x: Any) -> int:
        return int(x.ndim - self._axes - 1)

    def forward(self, input: Any) -> Any:
        """γ (x - μ) / √(σ² + eps) + β."""
        x = self._check_input(input)
        unbatched = x.ndim == self._axes + 1
        if unbatched:
            x = x.reshape((1, *x.shape))
        own = self.training or self.running_mean is None
        statistics = self.running_mean, self.running_var
        out = f.instance_norm(x, *statistics, self.weight, self.bias, own, eps=self.eps)
        if self.training and self.running_mean is not None:
            self._track(x, tuple(range(2, x.ndim)))
        return ag.squeeze(out, 0) if unbatched else out


class InstanceNorm1d(_InstanceNorm):
    """γ (x - μ) / √(σ² + eps) + β for each channel of each sequence.

    Args:
        num_features: C, the number of channels.
        eps: added to the variance.
        momentum: how far running statistics move towards those of a batch; None for the mean of
            all batches.
        affine: whether to use γ and β.
        track_running_stats: whether to keep running statistics, which evaluation then uses.
        device: None or "cpu".
        dtype: the dtype of parameters and statistics.
        bias: whether to use β, if affine.

    Shape:
        (N, C, L) or (C, L) to the same.

    Raises:
        ShapeError: the input does not fit.
        ValueError: a channel has a single value, or an argument is out of range.

    Example:
        >>> import nn
        >>> nn.InstanceNorm1d(3)(np.ones((2, 3, 4))).shape
        (2, 3, 4)

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization (2016).
    """

    _axes = 1
    _inputs: ClassVar[dict[int, str]] = {3: "(N, C, L)", 2: "(C, L)"}


class InstanceNorm2d(_InstanceNorm):
    """Normalization of each channel of each image; see `InstanceNorm1d`.

    Shape:
        (N, C, H, W) or (C, H, W) to the same.

    Example:
        >>> import nn
        >>> nn.InstanceNorm2d(3)(np.ones((2, 3, 4, 4))).shape
        (2, 3, 4, 4)
    """

    _axes = 2
    _inputs: ClassVar[dict[int, str]] = {4: "(N, C, H, W)", 3: "(C, H, W)"}


class InstanceNorm3d(_InstanceNorm):
    """Normalization of each channel of each volume; see `InstanceNorm1d`.

    Shape:
        (N, C, D, H, W) or (C, D, H, W) to the same.

    Example:
        >>> import nn
        >>> nn.InstanceNorm3d(3)(np.ones((2, 3, 4, 4, 4))).shape
        (2, 3, 4, 4, 4)
    """

    _axes = 3
    _inputs: ClassVar[dict[int, str]] = {5: "(N, C, D, H, W)", 4: "(C, D, H, W)"}


BATCH_NORMS = (BatchNorm1d, BatchNorm2d, BatchNorm3d)
