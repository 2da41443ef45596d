"""Normalization: subtract the mean and divide by the standard deviation, over various axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Node, ShapeError
from autograd.errors import message
from nn import arguments
from nn.arguments import array, flags, floats, in_dtype_of, number, plain_array, size
from nn.functional.interpolation import matmul_along


def batch_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float | None = 0.1,
    eps: float = 1e-5,
) -> Any:
    """γ (x - μ) / √(σ² + eps) + β for each channel, over the batch and all other axes.

    In training, μ and σ² are those of x (σ² divided by the count, not by one less), and gradients
    flow through them. This function updates no statistics; `nn.BatchNorm1d` does.

    Args:
        input: shape (N, C, ...).
        running_mean: shape (C,), used in evaluation.
        running_var: shape (C,), used in evaluation.
        weight: γ, shape (C,), or None for 1.
        bias: β, shape (C,), or None for 0.
        training: whether to normalize with the statistics of x.
        momentum: accepted, and has no effect, because no statistics are updated.
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
    what, x = "batch_norm", floats(input)
    if training is not True and training is not False:
        flags(what, training=training)
    if x.ndim < 2:
        raise ShapeError(message(what, f"an input of shape {x.shape}", "(N, C, ...)"))
    if not training:
        return _by_statistics(what, x, running_mean, running_var, weight, bias, eps)
    _check_unread(what, momentum, running_mean=running_mean, running_var=running_var)
    axes = (0, *range(2, x.ndim))
    _check_more_than_one_value(what, x, axes)
    gamma, beta = _across(what, x, weight=weight, bias=bias)
    return _normalize(what, *_centred(x, axes), gamma, beta, eps)


def _check_unread(what: str, momentum: Any, **statistics: Any) -> None:
    """Check arguments that only running statistics use, where the batch has its own."""
    if momentum is not None and type(momentum) is not float:
        number(what, "momentum", momentum, 0.0, 1.0)
    for name, x in statistics.items():
        if x is not None and not isinstance(x, Node):
            plain_array(f"{what}: {name}", x)


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float | None = 0.1,
    eps: float = 1e-5,
) -> Any:
    """γ (x - μ) / √(σ² + eps) + β for each channel of each sample, over all other axes.

    Args:
        input: shape (N, C, ...).
        running_mean: shape (C,), used unless use_input_stats.
        running_var: shape (C,), used unless use_input_stats.
        weight: γ, shape (C,), or None for 1.
        bias: β, shape (C,), or None for 0.
        use_input_stats: whether to normalize with the statistics of x.
        momentum: accepted, and has no effect, because no statistics are updated.
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
    what, x = "instance_norm", floats(input)
    flags(what, use_input_stats=use_input_stats)
    if x.ndim < 3:
        raise ShapeError(message(what, f"an input of shape {x.shape}", "(N, C, L, ...)"))
    if use_input_stats:
        _check_unread(what, momentum, running_mean=running_mean, running_var=running_var)
    if not use_input_stats:
        return _by_statistics(what, x, running_mean, running_var, weight, bias, eps)
    axes = tuple(range(2, x.ndim))
    _check_more_than_one_value(what, x, axes)
    gamma, beta = _across(what, x, weight=weight, bias=bias)
    return _normalize(what, *_centred(x, axes), gamma, beta, eps)


def layer_norm(
    input: Any,
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """γ (x - μ) / √(σ² + eps) + β over the last axes of each sample, whatever the batch size.

    Args:
        input: shape (..., *normalized_shape).
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
    x, axes = _last_axes("layer_norm", input, normalized_shape)
    gamma, beta = _of_shape("layer_norm", x.shape[axes[0] :], weight=weight, bias=bias)
    return _normalize("layer_norm", *_centred(x, axes), gamma, beta, eps)


def rms_norm(
    input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None
) -> Any:
    """γ x / √(mean(x²) + eps) over the last axes of each sample.

    Args:
        input: shape (..., *normalized_shape).
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
    x, axes = _last_axes("rms_norm", input, normalized_shape)
    (gamma,) = _of_shape("rms_norm", x.shape[axes[0] :], weight=weight)
    eps = float(np.finfo(x.dtype).eps) if eps is None else number("rms_norm", "eps", eps, 0.0)
    out = x / ag.sqrt(ag.mean(ag.square(x), axis=axes, keepdims=True) + eps)
    return out if gamma is None else out * gamma


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """γ (x - μ) / √(σ² + eps) + β over each group of channels of each sample.

    Args:
        input: shape (N, C, ...).
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
    what, x = "group_norm", floats(input)
    groups = size(what, "num_groups", num_groups, 1)
    if x.ndim < 2 or x.shape[1] % groups:
        expected = f"(N, C, ...), C a multiple of num_groups = {groups}"
        raise ShapeError(message(what, f"an input of shape {x.shape}", expected))
    # No -1: NumPy cannot tell the length of a group when the batch is empty.
    grouped = x.reshape((x.shape[0], groups, math.prod(x.shape[1:]) // groups))
    out = _normalize(what, *_centred(grouped, (2,)), None, None, eps).reshape(x.shape)
    gamma, beta = _across(what, x, weight=weight, bias=bias)
    out = out if gamma is None else out * gamma
    return out if beta is None else out + beta


def local_response_norm(
    input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    """x / (k + alpha · mean(x²))^beta, where the mean is over `size` neighbouring channels.

    Channels beyond the first and the last count as zeros.

    Args:
        input: shape (N, C, ...).
        size: the number of channels of each mean.
        alpha: the weight of the mean.
        beta: the exponent.
        k: added to it.

    Raises:
        ShapeError: the input has no axis of channels.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.local_response_norm(ag.Tensor([[[1.0], [2.0]]]), 1, 1.0, 1.0).tolist()
        [[[0.5], [0.4]]]

    Source: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional
        neural networks (2012).
    """
    what, x = "local_response_norm", floats(input)
    count = arguments.size(what, "size", size, 1)
    alpha, beta, k = (
        number(what, name, value) for name, value in (("alpha", alpha), ("beta", beta), ("k", k))
    )
    if x.ndim < 3:
        raise ShapeError(message(what, f"an input of shape {x.shape}", "(N, C, L, ...)"))
    channels = np.arange(x.shape[1])
    apart = channels - channels[:, None]
    near = (apart >= -(count // 2)) & (apart <= (count - 1) // 2)
    means = matmul_along(ag.square(x), 1, (near / count).astype(x.dtype))
    return x / (k + alpha * means) ** beta


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


def _by_statistics(
    what: str, x: Any, mean: Any, var: Any, weight: Any, bias: Any, eps: float
) -> Any:
    """Normalization with given statistics, which take the dtype of x."""
    if mean is None or var is None:
        flag = "training=False" if what == "batch_norm" else "use_input_stats=False"
        got = f"{flag} without running_mean and running_var"
        raise ValueError(message(what, got, "statistics to normalize with"))
    mean, var = _across(what, x, running_mean=mean, running_var=var)
    gamma, beta = _across(what, x, weight=weight, bias=bias)
    centred = x - in_dtype_of(mean, x)
    return _normalize(what, centred, in_dtype_of(var, x), gamma, beta, eps)


def _across(what: str, x: Any, **values: Any) -> list[Any]:
    """Each value, one number for a channel, in a shape that broadcasts against x; or None."""
    across = (1, -1, *(1,) * (x.ndim - 2))
    arrays = _of_shape(what, x.shape[1:2], **values)
    return [None if value is None else value.reshape(across) for value in arrays]


def _of_shape(what: str, shape: tuple[int, ...], **values: Any) -> list[Any]:
    """Each value as an array, which must have this shape; or None."""
    arrays = []
    for name, value in values.items():
        if value is not None:
            value = array(value)
            if value.shape != shape:
                raise ShapeError(message(what, f"{name} of shape {value.shape}", f"{shape}"))
        arrays.append(value)
    return arrays


def _normalize(what: str, centred: Any, var: Any, gamma: Any, beta: Any, eps: float) -> Any:
    number(what, "eps", eps, 0.0)
    scale = 1.0 / ag.sqrt(var + eps)
    out = centred * (scale if gamma is None else scale * gamma)
    return out if beta is None else out + beta


def _last_axes(what: str, x: Any, lengths: Any) -> tuple[Any, tuple[int, ...]]:
    """x as floats, and the last axes, which must have these lengths."""
    x, shape = floats(x), arguments.normalized_shape(what, lengths)
    if x.shape[max(x.ndim - len(shape), 0) :] != shape:
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
