"""Focal losses: cross-entropies that weigh down what is predicted well already."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from nn.arguments import floats, number
from nn.functional.losses.classification import class_axis, class_numbers, class_weights
from nn.functional.losses.reduction import IGNORE_INDEX, check_same_shape, reduce_loss


def sigmoid_focal_loss(
    input: Any,
    target: Any,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: str = "none",
) -> Any:
    """-α (1 - p)ᵞ ln p of the true label, where p is its predicted probability.

    Args:
        input: logits of any shape.
        target: 0 or 1 of the same shape.
        alpha: the weight of label 1; that of label 0 is 1 - alpha. Negative for no weights.
        gamma: how strongly what is predicted well is weighed down; 0 for the cross-entropy.
        reduction: "none", "mean" or "sum".

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.sigmoid_focal_loss(ag.Tensor([0.0, 5.0]), [1.0, 1.0])
        Tensor([4.33216988e-02, 7.52022556e-08])

    Source: Lin, Goyal, Girshick, He and Dollár, Focal loss for dense object detection (2017).
    """
    what = "sigmoid_focal_loss"
    alpha, gamma = number(what, "alpha", alpha), number(what, "gamma", gamma, 0.0)
    x, y = check_same_shape(what, input, target)
    wrong = y * ag.sigmoid(-x) + (1.0 - y) * ag.sigmoid(x)  # 1 - p, without cancelling
    losses = (y * ag.softplus(-x) + (1.0 - y) * ag.softplus(x)) * wrong**gamma
    if alpha >= 0:
        losses = losses * (alpha * y + (1.0 - alpha) * (1.0 - y))
    return reduce_loss(what, losses, reduction)


def focal_loss(
    input: Any,
    target: Any,
    gamma: float = 2.0,
    weight: Any = None,
    ignore_index: int = IGNORE_INDEX,
    reduction: str = "mean",
) -> Any:
    """-w (1 - p)ᵞ ln p of the true class, where p is its share in the softmax of the logits.

    Args:
        input: logits of shape (N, C), (N, C, ...) or (C,).
        target: class numbers of shape (N,), (N, ...) or ().
        gamma: how strongly what is predicted well is weighed down; 0 for `cross_entropy`.
        weight: w for each class, shape (C,), or None for 1; the mean divides by the number of
            targets that count.
        ignore_index: the class number of targets that do not count.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: input and target do not fit.
        DTypeError: targets are not integers.
        IndexError: a target is not a class.

    Example:
        >>> import nn
        >>> nn.functional.focal_loss(ag.Tensor([[0.0, 0.0], [8.0, 0.0]]), [0, 0], reduction="none")
        Tensor([1.73286795e-01, 3.77197034e-11])

    Source: Lin, Goyal, Girshick, He and Dollár, Focal loss for dense object detection (2017).
    """
    what = "focal_loss"
    gamma = number(what, "gamma", gamma, 0.0)
    x = floats(input)
    axis = class_axis(what, x)
    logs = ag.log_softmax(x, axis)
    classes, counted = class_numbers(what, logs, axis, target, ignore_index)
    places = np.expand_dims(classes, axis)
    log_p = ag.squeeze(ag.take_along_axis(logs, places, axis=axis), axis)
    losses = -log_p * (-ag.expm1(log_p)) ** gamma
    if weight is not None:
        losses = losses * class_weights(what, weight, logs, axis).reshape(-1)[classes]
    if counted is None:
        return reduce_loss(what, losses, reduction)
    losses = ag.where(counted, losses, 0.0)
    total = reduce_loss(what, losses, "sum" if reduction == "mean" else reduction)
    return total / counted.sum().astype(losses.dtype) if reduction == "mean" else total
