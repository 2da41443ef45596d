"""Losses as functions: compositions of what the engine differentiates."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import DTypeError, Node, ShapeError

REDUCTIONS = ("mean", "sum", "none")


def cross_entropy(logits: Any, targets: Any, *, reduction: str = "mean") -> Any:
    """-ln softmax(logits)[target]: how surprising the true classes are, in nats.

    Its gradient by the logits is softmax(logits) minus the one-hot target; nothing here says so.

    Args:
        logits: shape (N, C) or (C,), of any real numbers.
        targets: integers of shape (N,) or (), from 0 to C - 1.
        reduction: "mean", "sum" or "none" of the N losses.

    Returns:
        a Tensor, or plain numbers if the logits are plain: one number, or with "none" the shape of
        the targets. The mean of no losses is nan.

    Raises:
        ShapeError: logits and targets do not fit.
        DTypeError: targets are not integers.
        IndexError: a target is no class.

    Example:
        >>> import autograd as ag, nn
        >>> nn.functional.cross_entropy(ag.Tensor([[0.0, 0.0]]), [1])
        Tensor(0.69314718)
    """
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"cross_entropy: reduction={reduction!r} came; one of {REDUCTIONS} is expected"
        )
    shape = np.shape(logits)
    classes = np.asarray(targets.data if isinstance(targets, Node) else targets)
    if classes.dtype.kind not in "iu":
        raise DTypeError(
            f"cross_entropy: targets of dtype {classes.dtype} came; class numbers are expected, "
            "which one-hot rows give by targets.argmax(axis=-1)"
        )
    if len(shape) not in (1, 2) or classes.shape != shape[:-1]:
        raise ShapeError(
            f"cross_entropy: logits of shape {shape} and targets of shape {classes.shape} came; "
            "(N, C) and (N,), or (C,) and (), are expected"
        )
    if classes.size and not 0 <= classes.min() <= classes.max() < shape[-1]:
        raise IndexError(
            f"cross_entropy: targets from {classes.min()} to {classes.max()} came; there are "
            f"{shape[-1]} classes, numbered from 0"
        )
    logs = ag.log_softmax(logits, axis=-1)
    losses = -ag.take_along_axis(logs, classes[..., None], axis=-1)
    if reduction == "none":
        return ag.squeeze(losses, -1)
    return ag.mean(losses) if reduction == "mean" else ag.sum(losses)
