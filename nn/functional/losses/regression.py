"""Losses that compare predictions with real values."""

from __future__ import annotations

from typing import Any

import autograd as ag
from nn.arguments import number
from nn.functional.losses.reduction import (
    check_same_shape,
    loss_weight,
    reduce_loss,
    refuse_old_names,
)


def mse_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """(input - target)², by default averaged.

    Args:
        input: predictions of any shape.
        target: values of the same shape, or a single number.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".
        weight: a factor of each loss, of the same shape; the mean divides by their sum.

    Raises:
        ShapeError: the shapes differ.
        TypeError: size_average or reduce is given.

    Example:
        >>> import nn
        >>> nn.functional.mse_loss(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(2.)
    """
    if size_average is not None or reduce is not None:
        refuse_old_names("mse_loss", size_average, reduce)
    input, target = check_same_shape("mse_loss", input, target)
    losses = ag.square(input - target)
    if weight is None:
        return reduce_loss("mse_loss", losses, reduction)
    return _weighted("mse_loss", losses, weight, reduction)


def l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """|input - target|, by default averaged.

    Args:
        input: predictions of any shape.
        target: values of the same shape, or a single number.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".
        weight: a factor of each loss, of the same shape; the mean divides by their sum.

    Raises:
        ShapeError: the shapes differ.
        TypeError: size_average or reduce is given.

    Example:
        >>> import nn
        >>> nn.functional.l1_loss(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(1.)
    """
    refuse_old_names("l1_loss", size_average, reduce)
    input, target = check_same_shape("l1_loss", input, target)
    losses = ag.abs(input - target)
    if weight is None:
        return reduce_loss("l1_loss", losses, reduction)
    return _weighted("l1_loss", losses, weight, reduction)


def smooth_l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """d² / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere, where d = input - target.

    Args:
        input: predictions of any shape.
        target: values of the same shape, or a single number.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
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
    what = "smooth_l1_loss"
    refuse_old_names(what, size_average, reduce)
    input, target = check_same_shape(what, input, target)
    beta = number(what, "beta", beta, 0.0)
    difference = input - target
    losses = ag.abs(difference) if beta == 0 else _huber(difference, beta) / beta
    return reduce_loss(what, losses, reduction)


def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Any:
    """d² / 2 where |d| < delta, delta · (|d| - delta / 2) elsewhere, where d = input - target.

    Args:
        input: predictions of any shape.
        target: values of the same shape, or a single number.
        reduction: "mean", "sum" or "none".
        delta: where the parabola becomes a line.
        weight: a factor of each loss, of the same shape; the mean divides by the count.

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
    return reduce_loss("huber_loss", _huber(input - target, delta), reduction, weight=weight)


def _weighted(what: str, losses: Any, weight: Any, reduction: str) -> Any:
    """The losses times their weights; their mean divides by the sum of the weights."""
    weight = loss_weight(what, weight, losses)
    total = reduce_loss(what, losses * weight, "sum" if reduction == "mean" else reduction)
    return total / ag.sum(ag.broadcast_to(weight, losses.shape)) if reduction == "mean" else total


def _huber(d: Any, delta: float) -> Any:
    size = ag.abs(d)
    return ag.where(size < delta, 0.5 * (d * d), delta * (size - 0.5 * delta))
