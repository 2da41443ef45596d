"""Products that sum: matrices, tensors, convolution; by NumPy's names."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from autograd.engine.graph import data_of
from autograd.errors import ShapeError, counted, message, one_of
from autograd.numpy.arguments import (
    as_operand,
    check_out,
    integer,
    normalize_axes,
    normalize_one_axis,
    several,
)
from autograd.numpy.dispatch import implements
from autograd.numpy.joining import stack
from autograd.numpy.picking import take
from autograd.numpy.rearranging import flip, pad
from autograd.numpy.reductions import sum as sum_of
from autograd.numpy.refusals import ArgumentError, AxisError, MatrixError, explained
from autograd.numpy.shaping import moveaxis, ravel, reshape, transpose
from autograd.numpy.sliding import fold
from autograd.primitives import contraction as c
from autograd.primitives import shaping as s
from autograd.primitives.indexing import getitem
from autograd.primitives.window import windows

__all__ = [
    "convolve",
    "cross",
    "dot",
    "inner",
    "kron",
    "matmul",
    "multi_dot",
    "outer",
    "tensordot",
    "vdot",
    "vecdot",
]


@explained
def matmul(x: Any, y: Any, /) -> Any:
    """The matrix product `x @ y`.

    Stacks of matrices broadcast; a vector is a row on the left, a column on the right.

    Derivatives: g yᵀ for x and xᵀ g for y.

    Args:
        x: shape (..., n, k) or (k,).
        y: shape (..., k, m) or (k,).

    Returns:
        shape (..., n, m), without the axis of a vector.

    Raises:
        ShapeError: the lengths k differ, or an argument is one number.

    Example:
        >>> ag.matmul(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [1.0, 10.0])
        Tensor([21., 43.])
    """
    return matrix_product(x, y)


@implements(np.matmul)
def matrix_product(x: Any, y: Any, /) -> Any:
    """`matmul` without the call that explains keywords, for operators and NumPy's dispatch."""
    x, y = as_operand(x, "matmul"), as_operand(y, "matmul")
    if x.ndim == 0 or y.ndim == 0:
        got = f"shapes {x.shape} and {y.shape}"
        raise ShapeError(message("matmul", got, "at least one axis each", "for a number use *"))
    inner = y.shape[-2] if y.ndim > 1 else y.shape[0]
    if x.shape[-1] != inner:
        raise ShapeError(
            message(
                "matmul",
                f"shapes {x.shape} and {y.shape}",
                f"the last length of the left, {x.shape[-1]}, to equal the "
                f"{'last but one' if y.ndim > 1 else 'length'} of the right, {inner}",
            )
        )
    if x.ndim > 1 and y.ndim > 1:
        if x.ndim == 2 or y.ndim > 2:
            return c.matmul(x, y)
        # One product of many rows is faster than one product for each matrix of the stack.
        rows = s.reshape(x, shape=(math.prod(x.shape[:-1]), x.shape[-1]))
        return s.reshape(c.matmul(rows, y), shape=(*x.shape[:-1], y.shape[-1]))
    left = s.reshape(x, shape=(1, *x.shape)) if x.ndim == 1 else x
    right = s.reshape(y, shape=(*y.shape, 1)) if y.ndim == 1 else y
    product = matrix_product(left, right)
    lengths = list(product.shape)
    if y.ndim == 1:
        del lengths[-1]
    if x.ndim == 1:
        del lengths[-1 if y.ndim == 1 else -2]
    return s.reshape(product, shape=tuple(lengths))


@implements(np.dot)
@explained
def dot(x: Any, y: Any, out: None = None) -> Any:
    """NumPy's dot: the last axis of x meets the last but one (or only one) of y.

    Example:
        >>> ag.dot(ag.Tensor([1.0, 2.0]), [3.0, 4.0])
        Tensor(11.)
    """
    check_out(out, np.dot)
    x, y = as_operand(x, "dot"), as_operand(y, "dot")
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    if x.ndim <= 2 and y.ndim <= 2:
        return matmul(x, y)
    return tensordot(x, y, ([x.ndim - 1], [max(0, y.ndim - 2)]))


@implements(np.vdot)
@explained
def vdot(x: Any, y: Any) -> Any:
    """The sum of the products of all entries.

    Example:
        >>> ag.vdot(ag.Tensor([[1.0, 2.0]]), [[3.0], [4.0]])
        Tensor(11.)
    """
    return matmul(ravel(x), ravel(y))


@implements(np.inner)
def inner(x: Any, y: Any) -> Any:
    """Products summed over the last axes of both.

    Example:
        >>> ag.inner(ag.Tensor([[1.0, 2.0]]), [[3.0, 4.0], [5.0, 6.0]])
        Tensor([[11., 17.]])
    """
    try:
        left, right = x.shape, y.shape
    except AttributeError:  # lists and numbers have no shape yet, a Value never has
        return inner(as_operand(x, "inner"), as_operand(y, "inner"))
    if len(right) == 2 and left[-1:] == right[1:]:
        return c.inner(x, y)
    if not left or not right:
        return as_operand(x, "inner") * as_operand(y, "inner")
    if left[-1] != right[-1]:
        got = f"shapes {left} and {right}"
        raise ShapeError(message("inner", got, "last axes of equal lengths"))
    return tensordot(x, y, ([-1], [-1]))


@implements(np.outer)
@explained
def outer(x: Any, y: Any, out: None = None) -> Any:
    """Every product of an entry of x and an entry of y.

    Example:
        >>> ag.outer(ag.Tensor([1.0, 2.0]), [3.0, 4.0])
        Tensor([[3., 4.],
                [6., 8.]])
    """
    check_out(out, np.outer)
    return reshape(x, (-1, 1)) * ravel(y)


@implements(np.kron)
@explained
def kron(x: Any, y: Any) -> Any:
    """The Kronecker product: the array x with each entry replaced by it times y.

    Example:
        >>> ag.kron(ag.Tensor([1.0, 10.0]), [1.0, 2.0])
        Tensor([ 1.,  2., 10., 20.])
    """
    x, y = as_operand(x, "kron"), as_operand(y, "kron")
    n = max(x.ndim, y.ndim)
    p, q = (1,) * (n - x.ndim) + x.shape, (1,) * (n - y.ndim) + y.shape
    wide = reshape(x, tuple(m for length in p for m in (length, 1)))
    tall = reshape(y, tuple(m for length in q for m in (1, length)))
    return reshape(wide * tall, tuple(a * b for a, b in zip(p, q, strict=True)))


@implements(np.tensordot, np.linalg.tensordot)
@explained
def tensordot(x: Any, y: Any, axes: Any = 2) -> Any:
    """Products summed over chosen axes of both.

    Args:
        x: a Tensor or array.
        y: a Tensor or array.
        axes: how many of the last axes of x meet the first of y, or a pair of lists of axes.

    Example:
        >>> ag.tensordot(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1.0, 0.0], [0.0, 1.0]])
        Tensor(5.)
    """
    x, y = as_operand(x, "tensordot"), as_operand(y, "tensordot")
    if isinstance(axes, (list, tuple)) and len(axes) == 2:
        mine, theirs = (
            normalize_axes(a, t.ndim, "tensordot") for t, a in ((x, axes[0]), (y, axes[1]))
        )
    else:
        expected = "a number of axes, or a pair of lists of axes"
        n = integer(axes, "tensordot", "axes", expected)
        if not 0 <= n <= min(x.ndim, y.ndim):
            got = f"axes={n} for shapes {x.shape} and {y.shape}"
            raise AxisError(message("tensordot", got, f"0 to {min(x.ndim, y.ndim)}"))
        mine, theirs = list(range(x.ndim - n, x.ndim)), list(range(n))
    if [x.shape[i] for i in mine] != [y.shape[i] for i in theirs]:
        got = f"axes {mine} of shape {x.shape} and {theirs} of shape {y.shape}"
        raise ShapeError(message("tensordot", got, "axes of equal lengths"))
    kept_x = [i for i in range(x.ndim) if i not in mine]
    kept_y = [i for i in range(y.ndim) if i not in theirs]
    size = math.prod(x.shape[i] for i in mine)
    left = reshape(transpose(x, (*kept_x, *mine)), (math.prod(x.shape[i] for i in kept_x), size))
    right = reshape(transpose(y, (*theirs, *kept_y)), (size, math.prod(y.shape[i] for i in kept_y)))
    shape = (*(x.shape[i] for i in kept_x), *(y.shape[i] for i in kept_y))
    return reshape(matmul(left, right), shape)


@implements(np.cross)
@explained
def cross(
    x: Any, y: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """The cross product of vectors of three entries.

    Example:
        >>> ag.cross(ag.Tensor([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0])
        Tensor([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = as_operand(x, "cross"), as_operand(y, "cross")
    x = moveaxis(x, normalize_one_axis(axisa, x.ndim, "cross"), -1)
    y = moveaxis(y, normalize_one_axis(axisb, y.ndim, "cross"), -1)
    if x.shape[-1] != 3 or y.shape[-1] != 3:
        got = f"vectors of {x.shape[-1]} and {y.shape[-1]} entries"
        raise ShapeError(message("cross", got, "3 entries each"))
    (x0, x1, x2), (y0, y1, y2) = ([take(t, i, -1) for i in range(3)] for t in (x, y))
    axisc = integer(axisc, "cross", "axisc")
    return moveaxis(stack([x1 * y2 - x2 * y1, x2 * y0 - x0 * y2, x0 * y1 - x1 * y0], -1), -1, axisc)


@implements(np.linalg.cross)
@explained
def _linalg_cross(x: Any, y: Any, /, *, axis: int = -1) -> Any:
    return cross(x, y, axis=axis)


@implements(np.convolve)
@explained
def convolve(x: Any, v: Any, mode: Any = "full") -> Any:
    """The convolution of two vectors: Σ x[i] v[k - i] for every k.

    Args:
        x: a vector of n entries.
        v: a vector of m entries.
        mode: "full" gives n + m - 1 entries, "same" the middle max(n, m), "valid" the
            max(n, m) - min(n, m) + 1 whose sums are complete.

    Example:
        >>> ag.convolve(ag.Tensor([1.0, 2.0, 3.0]), [1.0, 10.0])
        Tensor([ 1., 12., 23., 30.])
    """
    x, v = (
        t if t.ndim else reshape(t, (1,))
        for t in (as_operand(x, "convolve"), as_operand(v, "convolve"))
    )
    if x.ndim != 1 or v.ndim != 1 or not x.size or not v.size:
        got = f"shapes {x.shape} and {v.shape}"
        raise ShapeError(message("convolve", got, "two vectors with entries"))
    one_of("convolve", "mode", mode, ("full", "same", "valid"), ArgumentError)
    if x.size < v.size:
        x, v = v, x
    m = v.shape[0]
    if m > 1 and mode != "valid" and not np.isfinite(data_of(v)).all():
        # A margin of zeros would give 0 · inf, where there is nothing to multiply.
        full = fold(outer(x, v), x.shape[0] + m - 1)
        begin = (m - 1) // 2
        inside = slice(begin, begin + x.shape[0])
        return full if mode == "full" else getitem(full, index=(inside,))
    margins = {"full": (m - 1, m - 1), "same": (m // 2, (m - 1) // 2), "valid": (0, 0)}
    before, after = margins[mode]
    padded = pad(x, (before, after)) if m > 1 else x
    return matmul(windows(padded, size=(m,), stride=(1,), dilation=(1,)), flip(v))


@implements(np.vecdot, np.linalg.vecdot)
@explained
def vecdot(x: Any, y: Any, /, *, axis: int = -1) -> Any:
    """Products summed along one axis of both, which broadcast.

    Example:
        >>> ag.vecdot(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [1.0, 10.0])
        Tensor([21., 43.])
    """
    x, y = as_operand(x, "vecdot"), as_operand(y, "vecdot")
    i, j = (normalize_one_axis(axis, t.ndim, "vecdot") for t in (x, y))
    if x.shape[i] != y.shape[j]:
        got = f"{x.shape[i]} and {y.shape[j]} entries along axis {axis}"
        raise ShapeError(message("vecdot", got, "as many in both"))
    products = moveaxis(x, i, -1) * moveaxis(y, j, -1)
    if products.dtype.kind == "f":
        return sum_of(products, -1)
    # A sum would widen small integers, and count booleans.
    return matmul(products, np.ones(x.shape[i], products.dtype))


@implements(np.linalg.matmul)
def _linalg_matmul(x: Any, y: Any, /) -> Any:
    return matmul(x, y)


@implements(np.linalg.multi_dot)
@explained
def multi_dot(arrays: Any, *, out: None = None) -> Any:
    """The product of several matrices, from the left to the right.

    Example:
        >>> ag.linalg.multi_dot([ag.Tensor([[2.0]]), [[3.0]], [[4.0]]])
        Tensor([[24.]])
    """
    check_out(out, np.linalg.multi_dot)
    factors = several(arrays, "multi_dot")
    if len(factors) < 2:
        got = counted(len(factors), "array")
        raise ShapeError(message("multi_dot", got, "two or more"))
    if len(factors) == 2:
        return dot(*factors)
    ends = factors[0].ndim in (1, 2) and factors[-1].ndim in (1, 2)
    if not ends or any(x.ndim != 2 for x in factors[1:-1]):
        got = f"arrays of {', '.join(str(x.ndim) for x in factors)} axes"
        raise MatrixError(
            message("multi_dot", got, "matrices, and at either end a matrix or a vector")
        )
    return functools.reduce(matmul, factors)
