"""Diagonals and triangles of matrices, by NumPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError, message
from autograd.numpy.arguments import (
    as_operand,
    integer,
    normalize_one_axis,
)
from autograd.numpy.dispatch import implements
from autograd.numpy.reductions import sum as sum_of
from autograd.numpy.refusals import explained
from autograd.numpy.shaping import moveaxis, ravel
from autograd.primitives import arithmetic as a
from autograd.primitives import indexing as p

__all__ = [
    "diag",
    "diagflat",
    "diagonal",
    "trace",
    "tril",
    "triu",
]


@implements(np.tril)
@explained
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangle of each matrix, with zeros above the k-th diagonal.

    Example:
        >>> ag.tril(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [[1.0, 0.0], [3.0, 4.0]]
    """
    m = as_operand(m, "tril")
    return a.where(_lower(m, k, "tril"), m, m.dtype.type(0))


@implements(np.triu)
@explained
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangle of each matrix, with zeros below the k-th diagonal.

    Example:
        >>> ag.triu(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [[1.0, 2.0], [0.0, 4.0]]
    """
    m = as_operand(m, "triu")
    return a.where(_lower(m, integer(k, "triu", "k") - 1, "triu"), m.dtype.type(0), m)


@implements(np.diagonal)
@explained
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal in the plane of two axes, as a new last axis.

    Example:
        >>> ag.diagonal(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([1., 4.])
    """
    x = as_operand(x, "diagonal")
    if x.ndim < 2:
        raise ShapeError(message("diagonal", f"shape {x.shape}", "at least two axes"))
    offset = integer(offset, "diagonal", "offset")
    i, j = (normalize_one_axis(k, x.ndim, "diagonal") for k in (axis1, axis2))
    if i == j:
        got = f"axis1={axis1} and axis2={axis2}, which are the same"
        raise ShapeError(message("diagonal", got, "two axes"))
    x = moveaxis(x, (i, j), (-2, -1))
    n = max(0, min(x.shape[-2] + min(offset, 0), x.shape[-1] - max(offset, 0)))
    k = np.arange(n)
    return p.getitem(x, index=(..., k - min(offset, 0), k + max(offset, 0)))


@implements(np.diag)
@explained
def diag(v: Any, k: int = 0) -> Any:
    """The k-th diagonal of a matrix, or the matrix with a vector on its k-th diagonal.

    Example:
        >>> ag.diag(ag.Tensor([1.0, 2.0])).tolist()
        [[1.0, 0.0], [0.0, 2.0]]
    """
    v, k = as_operand(v, "diag"), integer(k, "diag", "k")
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ShapeError(message("diag", f"shape {v.shape}", "one or two axes"))
    n = v.shape[0] + abs(k)
    i = np.arange(v.shape[0])
    return p.scatter_add(v, index=(i - min(k, 0), i + max(k, 0)), shape=(n, n))


@implements(np.diagflat)
@explained
def diagflat(v: Any, k: int = 0) -> Any:
    """The matrix with all entries of `v` on its k-th diagonal.

    Example:
        >>> ag.diagflat(ag.Tensor([[1.0], [2.0]])).tolist()
        [[1.0, 0.0], [0.0, 2.0]]
    """
    return diag(ravel(v), k)


@implements(np.trace)
@explained
def trace(
    x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None
) -> Any:
    """The sum of the diagonal.

    Example:
        >>> ag.trace(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor(5.)
    """
    return sum_of(diagonal(x, offset, axis1, axis2), -1, dtype, out)


def _lower(m: Any, k: int, what: str) -> Any:
    """Where the entries on and below the k-th diagonal are; a vector is every row, as in NumPy."""
    if not m.ndim:
        raise ShapeError(message(what, f"shape {m.shape}", "at least one axis"))
    return np.tri(m.shape[-2:][0], m.shape[-1], integer(k, what, "k")) == 1
