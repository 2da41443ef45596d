"""Losses of scores against classes."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from nn._arguments import array, floats, integers, number
from nn.functional._losses import IGNORE_INDEX, reduced
from nn.functional.activation import log_softmax


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = IGNORE_INDEX,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-ln softmax(input)[target]: how surprising the true classes are, in nats.

    Its gradient by the logits is softmax(input) minus the one-hot target; nothing here says so.

    Args:
        input: logits of shape (N, C), (C,), or (N, C, ...), any real numbers.
        target: class numbers from 0 to C - 1, of the input's shape without C; or probabilities, of
            the input's shape.
        weight: shape (C,), what each class counts.
        ignore_index: the class number of entries that do not count.
        reduction: "mean", which for class numbers is weighted by `weight`, "sum" or "none".
        label_smoothing: which part of the target is spread evenly over all classes, from 0 to 1.

    Returns:
        one number, or with "none" the shape of the class numbers. The mean of no losses is nan.

    Raises:
        ShapeError: input, target and weight do not fit.
        DTypeError: class numbers are not integers.
        IndexError: a target is no class.
        ValueError: a word or number is none of those that are possible.

    Example:
        >>> import nn
        >>> nn.functional.cross_entropy(ag.Tensor([[0.0, 0.0]]), [1])
        Tensor(0.69314718)

    Source: Szegedy et al., Rethinking the Inception architecture (2016), for label smoothing.
    """
    what = "cross_entropy"
    input, target = floats(input), array(target)
    smoothing = number(what, "label_smoothing", label_smoothing, 0.0, 1.0)
    if target.dtype.kind == "f" and target.shape != input.shape:
        raise ag.DTypeError(
            f"{what}: targets of dtype {target.dtype} and shape {target.shape} came with logits of "
            f"shape {input.shape}; class numbers, which are integers, or probabilities of the "
            "shape "
            "of the logits are expected"
        )
    axis = _class_axis(what, input)
    logs = log_softmax(input, axis)
    if target.dtype.kind != "f":
        return _of_classes(what, logs, target, weight, ignore_index, reduction, smoothing)
    if smoothing:
        target = target * (1.0 - smoothing) + smoothing / input.shape[axis]
    losses = -ag.sum(logs * target * _class_weights(what, weight, logs, axis), axis=axis)
    return reduced(what, losses, reduction)


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = IGNORE_INDEX,
    reduction: str = "mean",
) -> Any:
    """-input[target]: `cross_entropy` of what are log-probabilities already.

    Args:
        input: log-probabilities of shape (N, C), (C,), or (N, C, ...).
        target: class numbers of the input's shape without C.
        weight: shape (C,), what each class counts.
        ignore_index: the class number of entries that do not count.
        reduction: "mean", which is weighted by `weight`, "sum" or "none".

    Raises:
        ShapeError: input, target and weight do not fit.
        DTypeError: targets are not integers.
        IndexError: a target is no class.

    Example:
        >>> import nn
        >>> nn.functional.nll_loss(ag.Tensor([[-0.5, -1.5]]), [1])
        Tensor(1.5)
    """
    _class_axis("nll_loss", floats(input))
    return _of_classes("nll_loss", floats(input), target, weight, ignore_index, reduction, 0.0)


def multi_margin_loss(input: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """Σ_j max(0, margin - x[target] + x[j]) / C over the other classes j.

    Args:
        input: scores of shape (N, C) or (C,).
        target: class numbers of shape (N,) or ().
        margin: by how much the true class must lead.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: input and target do not fit.
        DTypeError: targets are not integers.
        IndexError: a target is no class.

    Example:
        >>> import nn
        >>> nn.functional.multi_margin_loss(ag.Tensor([[0.5, 0.0]]), [0])
        Tensor(0.25)

    Source: Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector
        machines (2001).
    """
    x = floats(input)
    classes = _classes("multi_margin_loss", x, target, None)
    others = classes[..., None] != np.arange(x.shape[-1])
    true = ag.take_along_axis(x, classes[..., None], axis=-1)
    losses = ag.sum(ag.where(others, ag.relu(margin - true + x), 0.0), axis=-1) / x.shape[-1]
    return reduced("multi_margin_loss", losses, reduction)


def _class_axis(what: str, x: Any) -> int:
    if x.ndim == 0:
        raise ShapeError(f"{what}: one number came; (N, C), (C,) or (N, C, ...) is expected")
    return 0 if x.ndim == 1 else 1


def _classes(what: str, x: Any, target: Any, ignore_index: int | None) -> Any:
    """The target as class numbers that fit x; those to be ignored are let through."""
    classes = integers(
        target,
        what,
        "targets",
        "class numbers are expected, which one-hot rows give by targets.argmax(axis=-1)",
    )
    axis = _class_axis(what, x)
    expected = (*x.shape[:axis], *x.shape[axis + 1 :])
    if classes.shape != expected:
        raise ShapeError(
            f"{what}: logits of shape {x.shape} and targets of shape {classes.shape} came; (N, C) "
            f"and (N,), or (C,) and (), are expected, here {expected} for the targets"
        )
    real = classes if ignore_index is None else classes[classes != ignore_index]
    if real.size and not 0 <= real.min() <= real.max() < x.shape[axis]:
        raise IndexError(
            f"{what}: targets from {real.min()} to {real.max()} came; there are {x.shape[axis]} "
            "classes, numbered from 0"
        )
    return classes


def _class_weights(what: str, weight: Any, x: Any, axis: int) -> Any:
    """What each class counts, as it broadcasts against x."""
    if weight is None:
        return 1.0
    weight = array(weight)
    if weight.shape != (x.shape[axis],):
        raise ShapeError(
            f"{what}: weight of shape {weight.shape} came; ({x.shape[axis]},) is expected, one "
            "number for each class"
        )
    return weight.reshape((-1, *(1,) * (x.ndim - axis - 1)))


def _of_classes(
    what: str,
    logs: Any,
    target: Any,
    weight: Any,
    ignore_index: int,
    reduction: str,
    smoothing: float,
) -> Any:
    axis = _class_axis(what, logs)
    classes = _classes(what, logs, target, ignore_index)
    counted = classes != ignore_index
    index = np.expand_dims(np.where(counted, classes, 0), axis)

    def at_target(x: Any) -> Any:
        return ag.squeeze(ag.take_along_axis(x, index, axis=axis), axis)

    losses, amounts = -at_target(logs), counted.astype(logs.dtype)
    weights = _class_weights(what, weight, logs, axis)
    if weight is not None:
        amounts = at_target(ag.broadcast_to(weights, logs.shape)) * amounts
        losses = losses * amounts
    if smoothing:
        even = -ag.sum(logs * weights, axis=axis) / logs.shape[axis]
        losses = (1.0 - smoothing) * losses + smoothing * even
    everything = bool(counted.all())
    if not everything:
        losses = ag.where(counted, losses, 0.0)
    if reduction != "mean" or (weight is None and everything):
        return reduced(what, losses, reduction)
    return ag.sum(losses) / ag.sum(amounts)
