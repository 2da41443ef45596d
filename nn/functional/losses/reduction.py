"""What all losses share: the check of shapes, and the reduction to one number.

Shapes that differ raise: (N, 1) and (N,) would broadcast to (N, N), every prediction would be
compared with every target, and the loss would fall while the model learns nothing.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import described, message, one_of
from nn.arguments import check_broadcast, floats, floats_like, in_dtype_of, plain_array, refuse

REDUCTIONS = ("mean", "sum", "none")
IGNORE_INDEX = -100


def check_same_shape(what: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Both as arrays of floats with one shape; a single number may be the whole target."""
    input = floats(input)
    target = floats_like(target, input)
    if input.shape == target.shape or target.shape == ():
        return input, target
    hint = ""
    if input.shape == (*target.shape, 1):
        hint = "drop the last axis of the input: input.squeeze(-1)"
    elif target.shape == (*input.shape, 1):
        hint = "drop the last axis of the target: target.squeeze(-1)"
    raise ShapeError(
        message(
            what,
            f"an input of shape {input.shape} and a target of shape {target.shape}",
            "equal shapes, because broadcasting would pair entries that do not belong together",
            hint,
        )
    )


def refuse_old_names(what: str, size_average: Any, reduce: Any) -> None:
    """Check that PyTorch's two old names for `reduction`, which come before it, are None.

    Raises:
        TypeError: one is not None; "sum" in their place is meant for `reduction`.
    """
    if isinstance(size_average, str):
        _refuse_reduction(what, "size_average", size_average)
    if size_average is not None or reduce is not None:
        refuse(what, size_average=size_average, reduce=reduce)


def check_weight(what: str, weight: Any, name: str = "weight") -> None:
    """Check that a weight, which stands third in PyTorch too, is not meant for `reduction`.

    Raises:
        TypeError: it is a str, such as "sum".
        ValueError: a weight is negative, nan or infinite, or there are none.
    """
    if isinstance(weight, str):
        _refuse_reduction(what, name, weight)
    if type(weight) in (float, int, list, tuple, np.ndarray):  # none that is traced
        values = plain_array(f"{what}: {name}", weight)
        if not (values.size and np.isfinite(values).all() and (values >= 0).all()):
            got = f"{name}={described(weight)}"
            raise ValueError(message(what, got, "finite weights of 0 or more"))


def _refuse_reduction(what: str, name: str, value: str) -> NoReturn:
    expected = f"None{' or weights' if 'weight' in name else ''} in this place, as in PyTorch"
    raise TypeError(message(what, f"{name}={value!r}", expected, f"write reduction={value!r}"))


def reduce_loss(
    what: str,
    losses: Any,
    reduction: str,
    choices: tuple[str, ...] = REDUCTIONS,
    *,
    weight: Any = None,
) -> Any:
    """The mean or sum of all losses, or with "none" the losses themselves.

    Args:
        what: the loss, for messages.
        losses: all losses.
        reduction: one of `choices`.
        choices: the allowed values.
        weight: a factor of each loss; broadcasts.
    """
    if weight is not None:
        losses = losses * loss_weight(what, weight, losses)
    if reduction is not choices[0]:  # the default
        one_of(what, "reduction", reduction, choices)
    if reduction == "mean":
        return ag.mean(losses)
    return losses if reduction == "none" else ag.sum(losses)


def loss_weight(what: str, weight: Any, losses: Any, name: str = "weight") -> Any:
    """Weights in the dtype of the losses; they broadcast, but do not widen the losses."""
    check_weight(what, weight, name)
    weight = in_dtype_of(weight, losses)
    check_broadcast(what, name, weight.shape, losses.shape)
    return weight


def check_signs(what: str, target: Any, input: Any) -> Any:
    """The target as floats like the input, all of which must be 1 or -1."""
    target = floats_like(target, floats(input))
    if (abs(target) != 1).any():
        raise ValueError(message(what, "a target that is neither 1 nor -1", "only 1 and -1"))
    return target
