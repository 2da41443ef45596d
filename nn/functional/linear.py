"""Maps of the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Node, ShapeError
from autograd.errors import message
from nn.arguments import array, check_broadcast, check_features


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """x Wᵀ + b along the last axis.

    Args:
        input: shape (..., in_features).
        weight: shape (out_features, in_features).
        bias: shape (out_features,), or None.

    Returns:
        shape (..., out_features).

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import nn
        >>> nn.functional.linear(ag.Tensor([1.0, 2.0]), [[3.0, 4.0]], [0.5])
        Tensor([11.5])
    """
    x: Any = input if isinstance(input, Node) else array(input)  # array(input) without the call
    weight = weight if isinstance(weight, Node) else array(weight)
    shape = weight.shape
    if len(shape) != 2:
        raise ShapeError(
            message("linear", f"a weight of shape {shape}", "(out_features, in_features)")
        )
    if x.shape[-1:] != shape[1:]:
        check_features("linear", x, shape[1], "in_features")  # raises
    out = ag.inner(x, weight)
    if bias is None:
        return out
    bias = bias if isinstance(bias, Node) else array(bias)
    try:
        return out + bias
    except ValueError:
        check_broadcast("linear", "bias", np.shape(bias), shape[:1])
        raise


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """x₁ᵀ W_k x₂ + b_k for each output k.

    Args:
        input1: x₁, shape (..., in1).
        input2: x₂, shape (..., in2), with the other axes of x₁.
        weight: shape (out, in1, in2).
        bias: shape (out,), or None.

    Returns:
        shape (..., out).

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import nn
        >>> nn.functional.bilinear(ag.Tensor([1.0, 2.0]), [3.0], [[[1.0], [10.0]]])
        Tensor([63.])
    """
    weight = array(weight)
    if weight.ndim != 3:
        raise ShapeError(
            message("bilinear", f"a weight of shape {weight.shape}", "(out, in1, in2)")
        )
    x1 = check_features("bilinear", input1, weight.shape[1], "in1_features")
    x2 = check_features("bilinear", input2, weight.shape[2], "in2_features")
    if x1.shape[:-1] != x2.shape[:-1]:
        raise ShapeError(
            message(
                "bilinear",
                f"inputs of shapes {x1.shape} and {x2.shape}",
                "equal lengths of all axes but the last",
            )
        )
    halfway = ag.tensordot(x1, weight, axes=([-1], [1]))  # (..., out, in2)
    out = ag.sum(halfway * ag.expand_dims(x2, -2), axis=-1)
    return out if bias is None else out + array(bias)
