"""Sums, products and extremes along axes, by NumPy's names and keyword arguments.

`axis` is an int, a tuple of ints, or None for all. `where` masks the entries that count, `initial`
is a number to start from, `dtype` the dtype to compute in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.errors import ShapeError, described, message
from autograd.numpy.arguments import (
    as_dtype,
    as_operand,
    bound,
    check_number,
    check_out,
    flag,
    normalize_axis,
    normalize_one_axis,
)
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.refusals import ArgumentError, explained
from autograd.primitives import arithmetic as a
from autograd.primitives import reduction as r
from autograd.primitives.shaping import cast, reshape, transpose

__all__ = [
    "amax",
    "amin",
    "cumprod",
    "cumsum",
    "logsumexp",
    "max",
    "min",
    "nansum",
    "prod",
    "sum",
]


@implements(np.sum)
@explained
def sum(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The sum of the entries along axes.

    Derivative: 1 for every entry that was added.

    Args:
        x: a Tensor or array.
        axis: the axes to sum over.
        dtype: the dtype to sum in.
        out: must be None.
        keepdims: whether the axes stay, with length 1.
        initial: a number to add.
        where: which entries count.

    Returns:
        a Tensor or array without the axes.

    Raises:
        ShapeError: there is no such axis.

    Example:
        >>> ag.sum(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        Tensor([4., 6.])
    """
    x = prepared(x, np.sum, dtype, out)
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, "sum", "keepdims")
    check_number(initial, "sum", "initial")
    axes = normalize_axis(axis, x.ndim, "sum", lone=True)
    total = r.sum_(only(x, where, 0), axis=axes, keepdims=keepdims)
    if dtype is not None:
        total = _narrowed(total, x)
    return total if initial is None else total + _start(initial, total)


@implements(np.prod)
@explained
def prod(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The product of the entries along axes, with the arguments of `sum`.

    Derivative: for each entry the product of the others; exact where entries are 0.

    Example:
        >>> ag.prod(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
        Tensor([ 2., 12.])
    """
    x = prepared(x, np.prod, dtype, out)
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, "prod", "keepdims")
    check_number(initial, "prod", "initial")
    axes = normalize_axis(axis, x.ndim, "prod", lone=True)
    rest = [i for i in range(x.ndim) if i not in axes]
    last = transpose(only(x, where, 1), axes=(*rest, *axes))
    shape = tuple(x.shape[i] for i in rest)
    result = r.prod(
        reshape(last, shape=(*shape, int(np.prod([x.shape[i] for i in axes], dtype=int))))
    )
    if keepdims:
        result = reshape(result, shape=r.kept(x.shape, axes))
    if dtype is not None:
        result = _narrowed(result, x)
    return result if initial is None else result * _start(initial, result)


@implements(np.max, np.amax)
@explained
def max(
    x: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The largest entry along axes, with the arguments of `sum`; nan if one is nan.

    Derivative: 1 for the largest entry, 0 for the others; equal ones share it evenly.

    Example:
        >>> ag.max(ag.Tensor([[1.0, 5.0], [3.0, 4.0]]), axis=1)
        Tensor([5., 4.])
    """
    return _extreme("max", r.max_, a.maximum, x, axis, out, keepdims, initial, where)


@implements(np.min, np.amin)
@explained
def min(
    x: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The smallest entry along axes, with the arguments of `sum`; nan if one is nan.

    Derivative: 1 for the smallest entry, 0 for the others; equal ones share it evenly.

    Example:
        >>> ag.min(ag.Tensor([[1.0, 5.0], [3.0, 4.0]]), axis=1)
        Tensor([1., 3.])
    """
    return _extreme("min", r.min_, a.minimum, x, axis, out, keepdims, initial, where)


@implements(np.cumsum)
@explained
def cumsum(x: Any, axis: Any = None, dtype: Any = None, out: None = None) -> Any:
    """The partial sums along one axis; axis=None takes all entries in order.

    Derivative: 1 for each entry up to that place.

    Example:
        >>> ag.cumsum(ag.Tensor([1.0, 2.0, 3.0]))
        Tensor([1., 3., 6.])
    """
    x = prepared(x, np.cumsum, dtype, out)
    sums = _along_last(r.cumsum, x, axis, "cumsum")
    return sums if dtype is None else _narrowed(sums, x)


@implements(np.cumprod)
@explained
def cumprod(x: Any, axis: Any = None, dtype: Any = None, out: None = None) -> Any:
    """The partial products along one axis; axis=None takes all entries in order.

    Derivative: for each entry the product of the others up to each place; exact where entries are
    0. It takes memory in proportion to the square of the axis.

    Example:
        >>> ag.cumprod(ag.Tensor([1.0, 2.0, 3.0]))
        Tensor([1., 2., 6.])
    """
    x = prepared(x, np.cumprod, dtype, out)
    products = _along_last(r.cumprod, x, axis, "cumprod")
    return products if dtype is None else _narrowed(products, x)


@implements(np.nansum)
@explained
def nansum(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The sum of the entries that are not nan, with the arguments of `sum`.

    Derivative: 1 for every entry that counts, 0 for nan.

    Example:
        >>> ag.nansum(ag.Tensor([1.0, float("nan"), 3.0]))
        Tensor(4.)
    """
    x = as_operand(x, "nansum")
    counts = where if where is True else mask_for(x, where)
    if x.dtype.kind == "f":
        counts = ~np.isnan(data_of(x)) & counts
    return sum(x, axis, dtype, out, keepdims, initial, counts)


@explained
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """ln Σ eˣ along axes, without overflow: a smooth maximum.

    Derivative: softmax(x). Without entries, or where all are -inf, the result is -inf and the
    gradient 0.

    Example:
        >>> ag.logsumexp(ag.Tensor([1000.0, 1000.0]))
        Tensor(1000.69314718)

    Source: Blanchard, Higham and Higham, Accurately computing the log-sum-exp and softmax functions
        (2021).
    """
    x = as_floats(as_operand(x, "logsumexp"))
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, "logsumexp", "keepdims")
    axes = normalize_axis(axis, x.ndim, "logsumexp", lone=True)
    return r.logsumexp(x, axis=axes, keepdims=keepdims)


REDUCTIONS: dict[Any, Callable[..., Any]] = {
    np.add: sum,
    np.multiply: prod,
    np.maximum: max,
    np.minimum: min,
}

amax, amin = max, min


def prepared(x: Any, function: Any, dtype: Any, out: None) -> Any:
    check_out(out, function)
    x = as_operand(x, function.__name__)
    return x if dtype is None else cast(x, dtype=as_dtype(dtype, function.__name__))


def as_floats(x: Any) -> Any:
    return x if x.dtype.kind in "fc" else cast(x, dtype=np.dtype(float))


def only(x: Any, where: Any, otherwise: float) -> Any:
    return x if where is True else a.where(mask_for(x, where), x, otherwise)


def mask_for(x: Any, where: Any) -> Any:
    """`where=` as an array of booleans that does not widen `x`."""
    mask = np.asanyarray(data_of(where))
    if mask.dtype.kind != "b":
        got = f"where={described(where)}"
        raise ArgumentError(message("where", got, "a mask of booleans"))
    lengths = zip(mask.shape[::-1], x.shape[::-1], strict=False)
    if mask.ndim > x.ndim or any(m not in (1, n) for m, n in lengths):
        got = f"where= of shape {mask.shape} for an array of shape {x.shape}"
        raise ShapeError(message("where", got, "a mask that broadcasts to it"))
    return mask


def _narrowed(result: Any, x: Any) -> Any:
    """A result in the dtype that was asked for: sums of small integers and bools are wide."""
    return result if result.dtype == x.dtype else cast(result, dtype=x.dtype)


def dropped(x: Any, axes: tuple[int, ...]) -> Any:
    return reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in axes))


def _extreme(
    name: str, op: Any, pairwise: Any, x: Any, axis: Any, out: Any, keepdims: bool, initial: Any,
    where: Any,
) -> Any:  # fmt: skip
    x = prepared(x, getattr(np, name), None, out)
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, name, "keepdims")
    check_number(initial, name, "initial")
    axes = normalize_axis(axis, x.ndim, name, lone=True)
    if initial is None and any(x.shape[i] == 0 for i in axes):
        got = f"no entries (shape {x.shape}, axis {axis})"
        raise ShapeError(message(name, got, "at least one", "pass initial="))
    if where is not True and initial is None:
        raise unsupported(getattr(np, name), "where= without initial=", "both, as in NumPy")
    neutral = bound(x.dtype, name == "min")
    x = only(x, where, neutral)
    if any(x.shape[i] == 0 for i in axes):
        zeros = r.sum_(x, axis=axes, keepdims=keepdims)  # stays in the graph
        result = cast(a.where(True, neutral, zeros), dtype=x.dtype)
    else:
        result = op(x, axis=axes, keepdims=keepdims)
    return result if initial is None else pairwise(result, _start(initial, x))


def _start(initial: Any, like: Any) -> Any:
    """`initial` in the dtype of the result, as NumPy converts it: 1.5 counts as 1 among ints."""
    if not isinstance(initial, Node):
        return np.asarray(initial, like.dtype)
    same = getattr(initial, "dtype", like.dtype) == like.dtype
    return initial if same else cast(initial, dtype=like.dtype)


def _along_last(op: Any, x: Any, axis: Any, name: str) -> Any:
    """Apply `op`, which works along the last axis, along any axis."""
    if axis is None:
        return op(reshape(x, shape=(x.size,)))
    if x.ndim == 0:
        x = reshape(x, shape=(1,))
    i = normalize_one_axis(axis, x.ndim, name)
    order = (*(k for k in range(x.ndim) if k != i), i)
    back = tuple(sorted(range(x.ndim), key=order.__getitem__))
    return transpose(op(transpose(x, axes=order)), axes=back)
