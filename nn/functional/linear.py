"""Maps of the last axis, and the lookup of rows in a table."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Node, ShapeError
from autograd.errors import as_int, message
from nn.arguments import (
    array,
    check_broadcast,
    check_features,
    entry_number,
    integers,
    refuse,
    size,
)


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


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """Look up the rows of a table, one vector for each token.

    Args:
        input: integers of any shape, from 0 to num_embeddings - 1.
        weight: shape (num_embeddings, embedding_dim).
        padding_idx: a row that gets no gradient, counted from the end if negative.
        max_norm: only None; `nn.optim.max_norm_` limits norms.
        norm_type: only 2.
        scale_grad_by_freq: only False.
        sparse: only False.

    Returns:
        shape input.shape + (embedding_dim,).

    Raises:
        DTypeError: the tokens are not integers.
        IndexError: a token or padding_idx is out of range.
        TypeError: an option is not at its default.

    Example:
        >>> import nn
        >>> nn.functional.embedding([1, 0], ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[3., 4.],
                [1., 2.]])
    """
    plain = max_norm is None and scale_grad_by_freq is sparse is False
    if not (plain and type(norm_type) is float and norm_type == 2.0):
        refuse(
            "embedding",
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
        )
    weight = array(weight)
    if weight.ndim != 2:
        expected = "(num_embeddings, embedding_dim)"
        raise ShapeError(message("embedding", f"a weight of shape {weight.shape}", expected))
    indices = integers(input, "embedding", "indices")
    rows = ag.embedding(weight, indices)
    if padding_idx is None:
        return rows
    place = entry_number("embedding", "padding_idx", padding_idx, weight.shape[0], "row")
    padding = np.expand_dims(indices == place, -1)
    return ag.where(padding, ag.stop_gradient(rows), rows)


def one_hot(tensor: Any, num_classes: int = -1, *, dtype: Any = int) -> Any:
    """A row for each class number, 1 at the class and 0 elsewhere; a plain array of integers.

    Args:
        tensor: integers of any shape, from 0 to num_classes - 1.
        num_classes: the length of a row; by default one more than the largest class number.
        dtype: the dtype of the rows.

    Returns:
        an array of shape tensor.shape + (num_classes,).

    Raises:
        DTypeError: the class numbers are not integers.
        IndexError: one is out of range.

    Example:
        >>> import nn
        >>> nn.functional.one_hot([2, 0], 3).tolist()
        [[0, 0, 1], [1, 0, 0]]
    """
    of_largest = num_classes is None or as_int(num_classes) == -1
    count = None if of_largest else size("one_hot", "num_classes", num_classes, 1)
    return ag.one_hot(tensor, count, dtype)
