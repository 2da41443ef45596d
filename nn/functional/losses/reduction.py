"""What all losses share: the check of shapes, and the reduction to one number.

Shapes that differ raise: (N, 1) and (N,) would broadcast to (N, N), every prediction would be
compared with every target, and the loss would fall while the model learns nothing.
"""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd import ShapeError
from autograd.errors import message
from nn.arguments import floats, one_of

REDUCTIONS = ("mean", "sum", "none")
IGNORE_INDEX = -100


def check_same_shape(what: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Both as arrays of floats with one shape; a single number may be the whole target."""
    input, target = floats(input), floats(target)
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


def reduce_loss(
    what: str, losses: Any, reduction: str, choices: tuple[str, ...] = REDUCTIONS
) -> Any:
    """The mean or sum of all losses, or with "none" the losses themselves."""
    if reduction == "mean":
        return ag.mean(losses)
    one_of(what, "reduction", reduction, choices)
    return losses if reduction == "none" else ag.sum(losses)


def check_signs(what: str, target: Any) -> Any:
    """The target as floats, all of which must be 1 or -1."""
    target = floats(target)
    if (abs(target) != 1).any():
        raise ValueError(message(what, "a target that is neither 1 nor -1", "only 1 and -1"))
    return target
