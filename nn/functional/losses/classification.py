"""Losses of scores against classes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.backends.numpy import frozen, lock
from autograd.primitives.indexing import getitem
from nn.arguments import array, floats, integers, number
from nn.functional.activation import log_softmax
from nn.functional.losses.reduction import IGNORE_INDEX, reduce_loss


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
    smoothing = label_smoothing and number(what, "label_smoothing", label_smoothing, 0.0, 1.0)
    if target.dtype.kind == "f" and target.shape != input.shape:
        raise ag.DTypeError(
            f"{what}: targets of dtype {target.dtype} and shape {target.shape} came with logits of "
            f"shape {input.shape}; class numbers, which are integers, or probabilities of the "
            "shape "
            "of the logits are expected"
        )
    axis = class_axis(what, input)
    if target.dtype.kind != "f" and weight is None and not smoothing:
        # Without weights and smoothing only one logarithm of each softmax is needed, not all.
        at_target, counted = _at_classes(what, input, axis, target, ignore_index)
        losses = ag.logsumexp(input, axis) - at_target
        return _reduce_counted(what, losses, counted, reduction)
    logs = log_softmax(input, axis)
    if target.dtype.kind != "f":
        return _weighted_nll(what, logs, target, weight, ignore_index, reduction, smoothing)
    if smoothing:
        target = target * (1.0 - smoothing) + smoothing / input.shape[axis]
    losses = -ag.sum(logs * target * _class_weights(what, weight, logs, axis), axis=axis)
    return reduce_loss(what, losses, reduction)


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
    class_axis("nll_loss", floats(input))
    return _weighted_nll("nll_loss", floats(input), target, weight, ignore_index, reduction, 0.0)


def class_axis(what: str, x: Any) -> int:
    """The axis of the classes: 0 for (C,), else 1."""
    if x.ndim == 0:
        raise ShapeError(f"{what}: one number came; (N, C), (C,) or (N, C, ...) is expected")
    return 0 if x.ndim == 1 else 1


def class_numbers(
    what: str, x: Any, axis: int, target: Any, ignore_index: int | None
) -> tuple[Any, Any]:
    """The target as class numbers that fit x, and which of them count; None if all do.

    Where an entry does not count, its class number is 0.
    """
    classes = integers(
        target,
        what,
        "targets",
        "class numbers are expected, which one-hot rows give by targets.argmax(axis=-1)",
    )
    shape = x.shape
    count = shape[axis]
    if classes.shape != shape[:axis] + shape[axis + 1 :]:
        raise ShapeError(
            f"{what}: logits of shape {shape} and targets of shape {classes.shape} came; (N, C) "
            f"and (N,), or (C,) and (), are expected, here {shape[:axis] + shape[axis + 1 :]} for "
            "the targets"
        )
    counted = None
    # Seen as unsigned, a negative number is a large one, so that one comparison finds both.
    if (ignore_index is not None and 0 <= ignore_index < count) or _largest_unsigned(
        classes
    ) >= count:
        counted = None if ignore_index is None else classes != ignore_index
        real = classes if counted is None else classes[counted]
        if _largest_unsigned(real) >= count:
            raise IndexError(
                f"{what}: targets from {real.min()} to {real.max()} came; there are {count} "
                "classes, numbered from 0"
            )
        if counted is not None:
            classes = np.where(counted, classes, 0)
    return classes, counted


def _largest_unsigned(classes: Any) -> int:
    return int(np.maximum.reduce(classes.view(np.uintp), axis=None, initial=0))


def _at_classes(what: str, x: Any, axis: int, target: Any, ignore_index: int) -> tuple[Any, Any]:
    """The entries of x at the class numbers, and which of them count; None if all do."""
    classes, counted = class_numbers(what, x, axis, target, ignore_index)
    if x.ndim == 2:
        return getitem(x, index=(_row_numbers(len(classes)), frozen(classes))), counted
    at_target = ag.take_along_axis(x, np.expand_dims(classes, axis), axis=axis)
    return ag.squeeze(at_target, axis), counted


@lru_cache(32)
def _row_numbers(count: int) -> Any:
    """0, 1, 2, ... up to a count, which nobody can write to."""
    return lock(np.arange(count))


def _reduce_counted(what: str, losses: Any, counted: Any, reduction: str) -> Any:
    if counted is None:
        return reduce_loss(what, losses, reduction)
    losses = ag.where(counted, losses, 0.0)
    if reduction != "mean":
        return reduce_loss(what, losses, reduction)
    return ag.sum(losses) / counted.sum().astype(losses.dtype)


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


def _weighted_nll(
    what: str,
    logs: Any,
    target: Any,
    weight: Any,
    ignore_index: int,
    reduction: str,
    smoothing: float,
) -> Any:
    axis = class_axis(what, logs)
    at_target, counted = _at_classes(what, logs, axis, target, ignore_index)
    losses = -at_target
    weights = _class_weights(what, weight, logs, axis)
    if weight is not None:
        everywhere = ag.broadcast_to(weights, logs.shape)
        amounts, _ = _at_classes(what, everywhere, axis, target, ignore_index)
        losses = losses * amounts
    if smoothing:
        even = -ag.sum(logs * weights, axis=axis) / logs.shape[axis]
        losses = (1.0 - smoothing) * losses + smoothing * even
    if weight is None or reduction != "mean":
        return _reduce_counted(what, losses, counted, reduction)
    if counted is not None:
        losses, amounts = (ag.where(counted, entries, 0.0) for entries in (losses, amounts))
    return ag.sum(losses) / ag.sum(amounts)
