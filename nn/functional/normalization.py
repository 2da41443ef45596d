"""Normalization: subtract the mean and divide by the standard deviation, over various axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import message
from nn import arguments
from nn.arguments import array, floats, number, size


def batch_norm(
    x: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    eps: float = 1e-5,
) -> Any:
    """γ (x - μ) / √(σ² + eps) + β for each channel, over the batch and all other axes.

    In training, μ and σ² are those of x (σ² divided by the count, not by one less), and gradients
    flow through them. This function updates no statistics; `nn.BatchNorm1d` does.

    Args:
        x: shape (N, C, ...).
        running_mean: shape (C,), used in evaluation.
        running_var: shape (C,), used in evaluation.
        weight: γ, shape (C,), or None for 1.
        bias: β, shape (C,), or None for 0.
        training: whether to normalize with the statistics of x.
        eps: added to the variance.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: in training each channel has a single value; otherwise, statistics are missing.

    Example:
        >>> import nn
        >>> nn.functional.batch_norm(ag.Tensor([[1.0], [3.0]]), training=True, eps=0.0)
        Tensor([[-1.],
                [ 1.]])

    Source: Ioffe and Szegedy, Batch normalization (2015).
    """
    x = floats(x)
    if x.ndim < 2:
        raise ShapeError(message("batch_norm", f"an input of shape {x.shape}", "(N, C, ...)"))
    across = (1, -1, *(1,) * (x.ndim - 2))
    axes = (0, *range(2, x.ndim))
    if training:
        _check_more_than_one_value("batch_norm", x, axes)
        centred, var = _centred(x, axes)
    elif running_mean is None or running_var is None:
        raise ValueError(
            message(
                "batch_norm",
                "training=False without running_mean and running_var",
                "statistics to normalize with",
            )
        )
    else:
        mean, var = (array(s).reshape(across) for s in (running_mean, running_var))
        centred = x - mean
    gamma, beta = (None if s is None else array(s).reshape(across) for s in (weight, bias))
    return _normalize(centred, var, gamma, beta, eps)


def instance_norm(
    x: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    eps: float = 1e-5,
) -> Any:
    """γ (x - μ) / √(σ² + eps) + β for each channel of each sample, over all other axes.

    Args:
        x: shape (N, C, ...).
        running_mean: shape (C,), used unless use_input_stats.
        running_var: shape (C,), used unless use_input_stats.
        weight: γ, shape (C,), or None for 1.
        bias: β, shape (C,), or None for 0.
        use_input_stats: whether to normalize with the statistics of x.
        eps: added to the variance.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: each channel has a single value, or statistics are missing.

    Example:
        >>> import nn
        >>> nn.functional.instance_norm(ag.Tensor([[[1.0, 3.0]]]), eps=0.0)
        Tensor([[[-1.,  1.]]])

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization (2016).
    """
    x = floats(x)
    if x.ndim < 3:
        raise ShapeError(message("instance_norm", f"an input of shape {x.shape}", "(N, C, L, ...)"))
    if not use_input_stats:
        return batch_norm(x, running_mean, running_var, weight, bias, False, eps)
    axes = tuple(range(2, x.ndim))
    _check_more_than_one_value("instance_norm", x, axes)
    across = (1, -1, *(1,) * (x.ndim - 2))
    gamma, beta = (None if s is None else array(s).reshape(across) for s in (weight, bias))
    return _normalize(*_centred(x, axes), gamma, beta, eps)


def layer_norm(
    x: Any,
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """γ (x - μ) / √(σ² + eps) + β over the last axes of each sample, whatever the batch size.

    Args:
        x: shape (..., *normalized_shape).
        normalized_shape: the lengths of the axes to normalize over, an int or a sequence.
        weight: γ, of that shape, or None for 1.
        bias: β, of that shape, or None for 0.
        eps: added to the variance.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import nn
        >>> nn.functional.layer_norm(ag.Tensor([1.0, 3.0]), 2, eps=0.0)
        Tensor([-1.,  1.])

    Source: Ba, Kiros and Hinton, Layer normalization (2016).
    """
    x, axes = _last_axes("layer_norm", x, normalized_shape)
    return _normalize(*_centred(x, axes), weight, bias, eps)


def rms_norm(x: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """γ x / √(mean(x²) + eps) over the last axes of each sample.

    Args:
        x: shape (..., *normalized_shape).
        normalized_shape: the lengths of the axes to normalize over, an int or a sequence.
        weight: γ, of that shape, or None for 1.
        eps: added to the mean square; by default the precision of the dtype.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import nn
        >>> nn.functional.rms_norm(ag.Tensor([3.0, 4.0]), 2).round(6)
        Tensor([0.848528, 1.131371])

    Source: Zhang and Sennrich, Root mean square layer normalization (2019).
    """
    x, axes = _last_axes("rms_norm", x, normalized_shape)
    eps = float(np.finfo(x.dtype).eps) if eps is None else number("rms_norm", "eps", eps, 0.0)
    out = x / ag.sqrt(ag.mean(ag.square(x), axis=axes, keepdims=True) + eps)
    return out if weight is None else out * array(weight)


def group_norm(
    x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """γ (x - μ) / √(σ² + eps) + β over each group of channels of each sample.

    Args:
        x: shape (N, C, ...).
        num_groups: the number of groups of channels.
        weight: γ, shape (C,), or None for 1.
        bias: β, shape (C,), or None for 0.
        eps: added to the variance.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import nn
        >>> nn.functional.group_norm(ag.Tensor([[1.0, 3.0, 5.0, 5.0]]), 2, eps=1e-9).round(3)
        Tensor([[-1.,  1.,  0.,  0.]])

    Source: Wu and He, Group normalization (2018).
    """
    x, groups = floats(x), size("group_norm", "num_groups", num_groups, 1)
    if x.ndim < 2 or x.shape[1] % groups:
        raise ShapeError(
            message(
                "group_norm",
                f"an input of shape {x.shape}",
                f"(N, C, ...), C a multiple of num_groups = {groups}",
            )
        )
    # No -1: NumPy cannot tell the length of a group when the batch is empty.
    grouped = x.reshape((x.shape[0], groups, math.prod(x.shape[1:]) // groups))
    out = _normalize(*_centred(grouped, (2,)), None, None, eps).reshape(x.shape)
    across = (1, -1, *(1,) * (x.ndim - 2))
    out = out if weight is None else out * array(weight).reshape(across)
    return out if bias is None else out + array(bias).reshape(across)


def moments(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any]:
    """Mean and variance (divided by the count) over axes, which are kept with length 1.

    Example:
        >>> from nn.functional.normalization import moments
        >>> moments(ag.Tensor([1.0, 3.0]), (0,))
        (Tensor([2.]), Tensor([1.]))
    """
    mean = ag.mean(x, axis=axes, keepdims=True)
    return mean, ag.mean(ag.square(x - mean), axis=axes, keepdims=True)


def _centred(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any]:
    """The deviations from the mean over the axes, and the mean of their squares."""
    centred = x - ag.mean(x, axis=axes, keepdims=True)
    return centred, ag.mean(ag.square(centred), axis=axes, keepdims=True)


def _normalize(centred: Any, var: Any, gamma: Any, beta: Any, eps: float) -> Any:
    number("normalization", "eps", eps, 0.0)
    scale = 1.0 / ag.sqrt(var + eps)
    out = centred * (scale if gamma is None else scale * array(gamma))
    return out if beta is None else out + array(beta)


def _last_axes(what: str, x: Any, lengths: Any) -> tuple[Any, tuple[int, ...]]:
    """x as floats, and the last axes, which must have these lengths."""
    x, shape = floats(x), arguments.normalized_shape(what, lengths)
    if not shape or x.shape[max(x.ndim - len(shape), 0) :] != shape:
        expected = f"last axes of normalized_shape = {shape}"
        raise ShapeError(message(what, f"an input of shape {x.shape}", expected))
    return x, tuple(range(x.ndim - len(shape), x.ndim))


def _check_more_than_one_value(what: str, x: Any, axes: tuple[int, ...]) -> None:
    if math.prod(x.shape[i] for i in axes) < 2:
        raise ValueError(
            message(
                what,
                f"an input of shape {x.shape} in training",
                "more than one value for each channel, because a single one deviates by 0",
                "use a larger batch, eval(), LayerNorm or GroupNorm",
            )
        )
