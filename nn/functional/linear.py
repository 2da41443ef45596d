"""Maps of the last axis, and the lookup of rows in a table."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Node, ShapeError
from autograd.errors import message
from nn.arguments import array, check_features, integers


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """x Wᵀ + b along the last axis.

    Args:
        x: shape (..., in_features).
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
    x = x if isinstance(x, Node) else array(x)  # as array(x), without the call
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
    return out + (bias if isinstance(bias, Node) else array(bias))


def bilinear(x1: Any, x2: Any, weight: Any, bias: Any = None) -> Any:
    """x₁ᵀ W_k x₂ + b_k for each output k.

    Args:
        x1: shape (..., in1).
        x2: shape (..., in2), with the other axes of x1.
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
    x1 = check_features("bilinear", x1, weight.shape[1], "in1_features")
    x2 = check_features("bilinear", x2, weight.shape[2], "in2_features")
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


def embedding(indices: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """Look up the rows of a table, one vector for each token.

    Args:
        indices: integers of any shape, from 0 to num_embeddings - 1.
        weight: shape (num_embeddings, embedding_dim).
        padding_idx: a row that gets no gradient, counted from the end if negative.

    Returns:
        shape indices.shape + (embedding_dim,).

    Raises:
        DTypeError: indices are not integers.
        IndexError: an index is out of range.

    Example:
        >>> import nn
        >>> nn.functional.embedding([1, 0], ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[3., 4.],
                [1., 2.]])
    """
    weight = array(weight)
    indices = integers(indices, "embedding", "indices")
    rows = ag.embedding(weight, indices)
    if padding_idx is None:
        return rows
    if not -weight.shape[0] <= padding_idx < weight.shape[0]:
        raise IndexError(
            message("embedding", f"padding_idx={padding_idx}", f"one of the {weight.shape[0]} rows")
        )
    padding = np.expand_dims(indices == padding_idx % weight.shape[0], -1)
    return ag.where(padding, ag.stop_gradient(rows), rows)


one_hot = ag.one_hot
