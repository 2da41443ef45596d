"""Softmax, its logarithm, and one-hot rows: compositions that need no rule of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DTypeError, ShapeError, as_int, message
from autograd.numpy.arguments import as_dtype, as_operand, check_range, integer, integers
from autograd.numpy.elementwise import exp
from autograd.numpy.reductions import logsumexp, max, sum
from autograd.numpy.refusals import explained
from autograd.numpy.selection import stop_gradient

__all__ = [
    "log_softmax",
    "one_hot",
    "softmax",
]


@explained
def softmax(x: Any, axis: Any = -1) -> Any:
    """e^x_i / Σ e^x_j along axes: positive values that sum to 1, without overflow.

    Derivative: p_i (δ_ij - p_j).

    Args:
        x: a Tensor or array of any shape.
        axis: an int or several, over which the result sums to 1.

    Example:
        >>> ag.softmax(ag.Tensor([0.0, 0.0, 1000.0]))
        Tensor([0., 0., 1.])

    Source: Bridle, Probabilistic interpretation of feedforward classification network outputs
        (1990).
    """
    weights = exp(_below_largest(as_operand(x, "softmax"), axis))
    # Dividing by the sum, unlike exp(log_softmax(x)), leaves an error of a few ulp for any logits.
    return weights / sum(weights, axis, keepdims=True)


@explained
def log_softmax(x: Any, axis: Any = -1) -> Any:
    """x_i - ln Σ e^x_j along axes: the logarithm of `softmax`, exact where that underflows.

    Derivative: δ_ij - p_j.

    Args:
        x: a Tensor or array of any shape.
        axis: an int or several, over which the exponentials sum to 1.

    Example:
        >>> ag.log_softmax(ag.Tensor([0.0, 1000.0]))
        Tensor([-1000.,     0.])
    """
    x = _below_largest(as_operand(x, "log_softmax"), axis)
    return x - logsumexp(x, axis, keepdims=True)


def one_hot(indices: Any, num_classes: int | None = None, dtype: Any = float) -> Any:
    """A row for each index, 1 at the index and 0 elsewhere; a plain array without a gradient.

    Args:
        indices: integers of any shape, from 0 to num_classes - 1.
        num_classes: the length of a row; by default, or for -1, one more than the largest index.
        dtype: the dtype of the rows.

    Returns:
        an array of shape indices.shape + (num_classes,).

    Raises:
        DTypeError: indices are not integers.
        IndexError: an index is out of range.

    Example:
        >>> ag.one_hot([2, 0], 3)
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """
    indices, dtype = integers(indices, "one_hot"), as_dtype(dtype, "one_hot")
    of_largest = num_classes is None or as_int(num_classes) == -1
    n = int(indices.max(initial=-1)) + 1 if of_largest else num_classes
    if type(n) is not int or n < 0:
        n = integer(n, "one_hot", "num_classes")
        if n < 0:
            expected = "0 or more, or -1 for one more than the largest index"
            raise ShapeError(message("one_hot", f"num_classes={n}", expected))
    check_range(indices, n, "one_hot")
    return (np.expand_dims(indices, -1) == np.arange(n)).astype(dtype)


def _below_largest(x: Any, axis: Any) -> Any:
    """x minus its largest entry, a constant that no softmax depends on.

    Logits of 10⁴ and their logsumexp are rounded to 10⁻³ in float32; their differences are not.
    """
    if x.dtype.kind == "c":  # astype would drop the imaginary part
        raise DTypeError(message("softmax", f"data of dtype {x.dtype}", "real numbers"))
    x = x if x.dtype.kind == "f" else x.astype(float)
    return x - max(stop_gradient(x), axis, keepdims=True, initial=-np.inf)
