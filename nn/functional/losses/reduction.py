"""What losses have in common: shapes that must agree, and how many numbers become one.

An input and a target of different shapes are refused: (N, 1) against (N,) would broadcast to (N,
N), and the loss of every prediction with every target would fall without the model learning
anything.
"""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd import ShapeError
from nn.arguments import floats, one_of

REDUCTIONS = ("mean", "sum", "none")
IGNORE_INDEX = -100


def check_same_shape(what: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Both as arrays of floats, of one shape; one number may stand for a whole target."""
    input, target = floats(input), floats(target)
    if input.shape == target.shape or target.shape == ():
        return input, target
    hint = ""
    if input.shape == (*target.shape, 1):
        hint = "; drop the last axis of the input: input.squeeze(-1)"
    elif target.shape == (*input.shape, 1):
        hint = "; drop the last axis of the target: target.squeeze(-1)"
    raise ShapeError(
        f"{what}: an input of shape {input.shape} and a target of shape {target.shape} came; equal "
        "shapes are expected, for broadcasting would pair entries that do not belong "
        f"together{hint}"
    )


def reduce_loss(
    what: str, losses: Any, reduction: str, choices: tuple[str, ...] = REDUCTIONS
) -> Any:
    """The losses of all entries as one number, or as they are."""
    if reduction == "mean":
        return ag.mean(losses)
    one_of(what, "reduction", reduction, choices)
    return losses if reduction == "none" else ag.sum(losses)


def check_signs(what: str, target: Any) -> Any:
    """A target whose entries are 1 and -1, checked."""
    target = floats(target)
    if (abs(target) != 1).any():
        raise ValueError(f"{what}: a target that is neither 1 nor -1 came; those are expected")
    return target
