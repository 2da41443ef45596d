"""Losses that compare predictions with real values."""

from __future__ import annotations

from typing import Any

import autograd as ag
from nn.arguments import number
from nn.functional.losses.reduction import check_same_shape, reduce_loss


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """(input - target)², by default averaged.

    Args:
        input: predictions of any shape.
        target: values of the same shape, or a single number.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.mse_loss(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(2.)
    """
    input, target = check_same_shape("mse_loss", input, target)
    return reduce_loss("mse_loss", ag.square(input - target), reduction)


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """|input - target|, by default averaged.

    Args:
        input: predictions of any shape.
        target: values of the same shape, or a single number.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.l1_loss(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(1.)
    """
    input, target = check_same_shape("l1_loss", input, target)
    return reduce_loss("l1_loss", ag.abs(input - target), reduction)


def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Any:
    """d² / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere, where d = input - target.

    Args:
        input: predictions of any shape.
        target: values of the same shape, or a single number.
        reduction: "mean", "sum" or "none".
        beta: where the parabola becomes a line; 0 gives `l1_loss`.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.smooth_l1_loss(ag.Tensor([1.0, 2.0]), [1.0, 4.0], reduction="sum")
        Tensor(1.5)

    Source: Girshick, Fast R-CNN (2015).
    """
    input, target = check_same_shape("smooth_l1_loss", input, target)
    if number("smooth_l1_loss", "beta", beta, 0.0) == 0:
        return l1_loss(input, target, reduction)
    return reduce_loss("smooth_l1_loss", _huber(input - target, beta) / beta, reduction)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """d² / 2 where |d| < delta, delta · (|d| - delta / 2) elsewhere, where d = input - target.

    Args:
        input: predictions of any shape.
        target: values of the same shape, or a single number.
        reduction: "mean", "sum" or "none".
        delta: where the parabola becomes a line.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.huber_loss(ag.Tensor([1.0, 2.0]), [1.0, 6.0], delta=2.0, reduction="none")
        Tensor([0., 6.])

    Source: Huber, Robust estimation of a location parameter (1964).
    """
    input, target = check_same_shape("huber_loss", input, target)
    delta = number("huber_loss", "delta", delta, 0.0, open_low=True)
    return reduce_loss("huber_loss", _huber(input - target, delta), reduction)


def _huber(d: Any, delta: float) -> Any:
    size = ag.abs(d)
    return ag.where(size < delta, 0.5 * (d * d), delta * (size - 0.5 * delta))
