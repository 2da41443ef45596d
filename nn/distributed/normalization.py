"""Batch normalization by the statistics of all ranks' batches together."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import autograd as ag
from autograd.errors import message
from nn.distributed.launch import world
from nn.layers.running_statistics import BatchNorm1d, BatchNorm2d


class _Synchronized:
    """Batch normalization whose sums run over all ranks."""

    def forward(self: Any, input: Any) -> Any:
        """γ (x - μ) / √(σ² + eps) + β."""
        ranks = world()
        if ranks.size == 1 or not (self.training or self.running_mean is None):
            return super().forward(input)  # type: ignore[misc]
        x = self._check_input(input)
        axes, across = (0, *range(2, x.ndim)), (1, -1, *(1,) * (x.ndim - 2))
        count = int(ranks.all_reduce(np.array([x.size // self.num_features]))[0])
        if count < 2:
            got, what = (
                f"{count} values for each channel on all ranks together",
                type(self).__name__,
            )
            raise ValueError(message(what, got, "more than one", "use a larger batch or eval()"))
        mean = ag.all_reduce(ag.sum(x, axis=axes), ranks) / count
        centred = x - mean.reshape(across)
        var = ag.all_reduce(ag.sum(ag.square(centred), axis=axes), ranks) / count
        scale = 1.0 / ag.sqrt(var + self.eps)
        if self.weight is not None:
            scale = scale * self.weight
        if self.training and self.running_mean is not None:
            self._follow(ag.stop_gradient(mean), ag.stop_gradient(var), count)
        out = centred * scale.reshape(across)
        return out if self.bias is None else out + self.bias.reshape(across)


class SyncBatchNorm1d(_Synchronized, BatchNorm1d):
    """`BatchNorm1d` over the batches of all ranks together.

    With n ranks, output, gradients and running statistics are those of `BatchNorm1d` for the joined
    batch, up to rounding. Arguments, attributes and state are those of `BatchNorm1d`, and so is
    everything in evaluation, or in a world of one rank.

    Shape:
        (N, C) or (N, C, L) to the same; N may differ from rank to rank.

    Raises:
        ShapeError: the input does not fit.
        ValueError: in training a channel has a single value, or an argument is out of range.

    Example:
        >>> import nn
        >>> layer = nn.SyncBatchNorm1d(1, eps=0.0)
        >>> layer(ag.Tensor([[1.0], [3.0]])).tolist()
        [[-1.0], [1.0]]

    Source: Ioffe and Szegedy, Batch normalization (2015).
    """

    _inputs: ClassVar[dict[int, str]] = BatchNorm1d._inputs


class SyncBatchNorm2d(_Synchronized, BatchNorm2d):
    """`BatchNorm2d` over the batches of all ranks together; see `SyncBatchNorm1d`.

    Shape:
        (N, C, H, W) to the same.

    Example:
        >>> import nn
        >>> nn.SyncBatchNorm2d(3)(np.ones((2, 3, 4, 4))).shape
        (2, 3, 4, 4)
    """

    _inputs: ClassVar[dict[int, str]] = BatchNorm2d._inputs
