"""Losses that compare scores with classes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import message, span
from nn.arguments import array, floats, in_dtype_of, integer, integers, number
from nn.functional.losses.reduction import (
    IGNORE_INDEX,
    check_weight,
    reduce_loss,
    refuse_old_names,
)
from nn.functional.softmax import log_softmax


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = IGNORE_INDEX,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-ln softmax(input)[target]: how surprising the true classes are, in nats.

    Its gradient with respect to the logits is softmax(input) minus the one-hot target, which no
    rule states: it follows from those of the primitives.

    Args:
        input: logits of shape (N, C), (C,), or (N, C, ...), any real numbers.
        target: class numbers from 0 to C - 1, of the input's shape without C; or probabilities, of
            the input's shape.
        weight: shape (C,), the weight of each class.
        size_average: only None; `reduction` replaces it.
        ignore_index: the class number of entries to leave out.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", which for class numbers is weighted by `weight`, "sum" or "none".
        label_smoothing: the share of the target spread evenly over all classes, from 0 to 1.

    Returns:
        one number, or with "none" one for each class number. The mean of no losses is nan.

    Raises:
        ShapeError: input, target and weight do not fit.
        DTypeError: class numbers are not integers.
        IndexError: a target is not a class.
        ValueError: reduction or label_smoothing is not possible.

    Example:
        >>> import nn
        >>> nn.functional.cross_entropy(ag.Tensor([[0.0, 0.0]]), [1])
        Tensor(0.69314718)

    Source: Szegedy et al., Rethinking the Inception architecture (2016), for label smoothing.
    """
    what = "cross_entropy"
    if size_average is not None or reduce is not None:
        refuse_old_names(what, size_average, reduce)
    input, target = floats(input), array(target)
    smoothing = 0.0
    if type(label_smoothing) is not float or label_smoothing != 0.0:
        smoothing = number(what, "label_smoothing", label_smoothing, 0.0, 1.0)
    has_probabilities = target.dtype.kind == "f"
    if has_probabilities and target.shape != input.shape:
        raise ag.DTypeError(
            message(
                what,
                f"targets of dtype {target.dtype} and shape {target.shape} for logits of shape "
                f"{input.shape}",
                "class numbers, which are integers, or probabilities of the shape of the logits",
            )
        )
    axis = class_axis(what, input)
    if not has_probabilities and weight is None and not smoothing:
        # Only one logarithm of each softmax is needed here, not all C.
        # Float32 rounds logits of 10⁴, and their logsumexp, to 10⁻³, but not their differences.
        below = input - _largest(ag.stop_gradient(input), axis)
        at_target, counted = _at_classes(what, below, axis, target, ignore_index)
        losses = ag.log(ag.sum(ag.exp(below), axis)) - at_target
        if counted is None:
            return reduce_loss(what, losses, reduction)
        return _reduce_counted(what, losses, counted, reduction)
    logs = log_softmax(input, axis)
    if not has_probabilities:
        return _weighted_nll(what, logs, target, weight, ignore_index, reduction, smoothing)
    if ignore_index is not IGNORE_INDEX:
        integer(what, "ignore_index", ignore_index)
    target = in_dtype_of(target, input)
    if smoothing:
        target = target * (1.0 - smoothing) + smoothing / input.shape[axis]
    losses = -ag.sum(logs * target * class_weights(what, weight, logs, axis), axis=axis)
    return reduce_loss(what, losses, reduction)


def _largest(logits: Any, axis: int) -> Any:
    """The largest logit of each sample; of no classes, -inf."""
    try:
        plain = np.asanyarray(logits)
    except ag.DTypeError:  # on a device, where they stay
        return ag.max(logits, axis=axis, keepdims=True)
    return np.maximum.reduce(plain, axis, keepdims=True, initial=-np.inf)


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = IGNORE_INDEX,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """-input[target]: `cross_entropy` for log-probabilities.

    Args:
        input: log-probabilities of shape (N, C), (C,), or (N, C, ...).
        target: class numbers of the input's shape without C.
        weight: shape (C,), the weight of each class.
        size_average: only None; `reduction` replaces it.
        ignore_index: the class number of entries to leave out.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", which is weighted by `weight`, "sum" or "none".

    Raises:
        ShapeError: input, target and weight do not fit.
        DTypeError: targets are not integers.
        IndexError: a target is not a class.

    Example:
        >>> import nn
        >>> nn.functional.nll_loss(ag.Tensor([[-0.5, -1.5]]), [1])
        Tensor(1.5)
    """
    refuse_old_names("nll_loss", size_average, reduce)
    class_axis("nll_loss", floats(input))
    return _weighted_nll("nll_loss", floats(input), target, weight, ignore_index, reduction, 0.0)


def class_axis(what: str, x: Any) -> int:
    """The axis of the classes: 0 for (C,), else 1."""
    if x.ndim == 0:
        raise ShapeError(message(what, "a single number", "(N, C), (C,) or (N, C, ...)"))
    return 0 if x.ndim == 1 else 1


def class_numbers(
    what: str, x: Any, axis: int, target: Any, ignore_index: int | None
) -> tuple[Any, Any]:
    """The target as class numbers that fit x, and a mask of those that count, or None if all do.

    An entry that does not count gets class number 0.
    """
    wanted = "class numbers, which one-hot rows give by targets.argmax(axis=-1)"
    classes = integers(target, what, "targets", wanted)
    shape = x.shape
    count, expected = shape[axis], shape[:axis] + shape[axis + 1 :]
    if classes.shape != expected:
        raise ShapeError(
            message(
                what,
                f"logits of shape {shape} and targets of shape {classes.shape}",
                f"(N, C) and (N,), or (C,) and (), here {expected} for the targets",
            )
        )
    counted = None
    in_range = _largest_unsigned(classes) < count
    if type(ignore_index) is not int and ignore_index is not None:
        ignore_index = integer(what, "ignore_index", ignore_index)
    # A mask changes nothing if every target is a class and `ignore_index` is not.
    masked = ignore_index is not None and (0 <= ignore_index < count or not in_range)
    if masked:
        counted = classes != ignore_index
        classes = np.where(counted, classes, 0)
        in_range = _largest_unsigned(classes) < count
    if not in_range:
        real = classes if counted is None else classes[counted]
        raise IndexError(
            message(
                what,
                span(real.min(), real.max(), "target", "targets"),
                f"numbers of the {count} classes, from 0 to {count - 1}"
                if count
                else "logits of at least one class",
            )
        )
    return classes, counted


def _largest_unsigned(classes: Any) -> Any:
    """The largest entry read as unsigned, where a negative number is a large one."""
    return np.maximum.reduce(classes.view(np.uintp), axis=None, initial=0)


def _at_classes(what: str, x: Any, axis: int, target: Any, ignore_index: int) -> tuple[Any, Any]:
    """The entries of x at the class numbers, and a mask of those that count, or None."""
    classes, counted = class_numbers(what, x, axis, target, ignore_index)
    if x.ndim == 2:
        return ag.getitem(x, (_row_numbers(len(classes)), classes)), counted
    at_target = ag.take_along_axis(x, np.expand_dims(classes, axis), axis=axis)
    return ag.squeeze(at_target, axis), counted


@lru_cache(32)
def _row_numbers(count: int) -> Any:
    """0, 1, 2, ... up to a count, as a read-only array, which indexing need not copy."""
    numbers = np.arange(count)
    numbers.setflags(write=False)
    return numbers


def _reduce_counted(what: str, losses: Any, counted: Any, reduction: str) -> Any:
    if counted is None:
        return reduce_loss(what, losses, reduction)
    losses = ag.where(counted, losses, 0.0)
    if reduction != "mean":
        return reduce_loss(what, losses, reduction)
    return ag.sum(losses) / counted.sum().astype(losses.dtype)


def class_weights(what: str, weight: Any, x: Any, axis: int) -> Any:
    """The weight of each class, in the dtype of x and a shape that broadcasts against it."""
    if weight is None:
        return 1.0
    check_weight(what, weight)
    weight = in_dtype_of(weight, x)
    if weight.shape != (x.shape[axis],):
        raise ShapeError(
            message(
                what,
                f"weight of shape {weight.shape}",
                f"({x.shape[axis]},), one value for each class",
            )
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
    weights = class_weights(what, weight, logs, axis)
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
