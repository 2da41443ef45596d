"""Sums, products, extremes and moments along axes, by NumPy's names and keyword arguments.

`axis` is an int, a tuple of ints, or None for all. `where` masks the entries that count, `initial`
is a number to start from, `dtype` the dtype to compute in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.errors import ShapeError, message
from autograd.numpy.arguments import (
    as_dtype,
    as_operand,
    bound,
    check_number,
    check_out,
    normalize_axis,
    normalize_one_axis,
)
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.refusals import explained
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
    "mean",
    "min",
    "nansum",
    "prod",
    "std",
    "sum",
    "var",
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
    x = _prepared(x, np.sum, dtype, out)
    check_number(initial, "sum", "initial")
    total = r.sum_(
        _only(x, where, 0), axis=normalize_axis(axis, x.ndim, "sum"), keepdims=bool(keepdims)
    )
    return total if initial is None else total + initial


@implements(np.mean)
@explained
def mean(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Any:
    """The mean of the entries along axes: their sum divided by their number n.

    Derivative: 1 / n for every entry that counts.

    Args:
        x: a Tensor or array.
        axis: the axes to average over.
        dtype: the dtype to compute in; integers are averaged in float64.
        out: must be None.
        keepdims: whether the axes stay, with length 1.
        where: which entries count.

    Example:
        >>> ag.mean(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
        Tensor([1.5, 3.5])
    """
    x = _as_floats(_prepared(x, np.mean, dtype, out))
    if dtype is None and x.dtype.char == "e":  # sums of float16 overflow at 65504
        result = _mean(x, axis, np.float32, None, keepdims, where=where)
        return cast(result, dtype=x.dtype)
    axes = normalize_axis(axis, x.ndim, "mean")
    if where is True:
        return r.mean(x, axis=axes, keepdims=bool(keepdims))
    n = _count(x, axes, where)
    total = r.sum_(_only(x, where, 0), axis=axes, keepdims=True) / n.astype(x.dtype)
    return total if keepdims else _dropped(total, axes)


@implements(np.var)
@explained
def var(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """The variance along axes: the mean of the squared deviations from the mean.

    Derivative: 2 (x - mean) / (n - ddof).

    Args:
        x: a Tensor or array.
        axis: the axes to reduce.
        dtype: the dtype to compute in.
        out: must be None.
        ddof: what to subtract from n in the divisor; 1 gives the unbiased estimate.
        keepdims: whether the axes stay, with length 1.
        where: which entries count.
        mean: the mean with the axes kept, if it is already known.
        correction: another name for `ddof`.

    Example:
        >>> ag.var(ag.Tensor([1.0, 2.0, 3.0, 4.0]))
        Tensor(1.25)
    """
    x = _as_floats(_prepared(x, np.var, dtype, out))
    axes = normalize_axis(axis, x.ndim, "var")
    n = _count(x, axes, where)
    subtracted = ddof if correction is None else correction
    check_number(subtracted, "var", "ddof" if correction is None else "correction")
    center = _mean(x, axis=axes, keepdims=True, where=where) if mean is None else mean
    squares = r.sum_(_only(a.square(x - center), where, 0), axis=axes, keepdims=True)
    divisor = np.maximum(n - subtracted, 0)
    result = squares / (divisor.astype(x.dtype) if np.ndim(divisor) else float(divisor))
    return result if keepdims else _dropped(result, axes)


@implements(np.std)
@explained
def std(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """The standard deviation along axes: the square root of `var`, with its arguments.

    Derivative: (x - mean) / ((n - ddof) std), and 0 where all entries are equal.

    Example:
        >>> ag.std(ag.Tensor([1.0, 2.0, 3.0, 4.0]))
        Tensor(1.11803399)
    """
    x = _as_floats(_prepared(x, np.std, dtype, out))

    def deviation(x: Any, scale: Any) -> Any:
        center = None if mean is None else mean / scale
        return root(
            var(
                x, axis, None, None, ddof, keepdims, where=where, mean=center, correction=correction
            )
        )

    return scaled(deviation, x, normalize_axis(axis, x.ndim, "std"), bool(keepdims), where=where)


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
    x = _prepared(x, np.prod, dtype, out)
    check_number(initial, "prod", "initial")
    axes = normalize_axis(axis, x.ndim, "prod")
    rest = [i for i in range(x.ndim) if i not in axes]
    last = transpose(_only(x, where, 1), axes=(*rest, *axes))
    shape = tuple(x.shape[i] for i in rest)
    result = r.prod(
        reshape(last, shape=(*shape, int(np.prod([x.shape[i] for i in axes], dtype=int))))
    )
    if keepdims:
        result = reshape(result, shape=r.kept(x.shape, axes))
    return result if initial is None else result * initial


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
    return _along_last(r.cumsum, _prepared(x, np.cumsum, dtype, out), axis, "cumsum")


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
    return _along_last(r.cumprod, _prepared(x, np.cumprod, dtype, out), axis, "cumprod")


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
    counts = np.logical_and(~np.isnan(data_of(x)) if x.dtype.kind == "f" else True, where)
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
    x = _as_floats(as_operand(x, "logsumexp"))
    axes = normalize_axis(axis, x.ndim, "logsumexp")
    return r.logsumexp(x, axis=axes, keepdims=bool(keepdims))


def root(x: Any) -> Any:
    """√x with slope 0 at 0, where it would be infinite: the kink of a norm or a deviation."""
    positive = data_of(x) != 0
    return a.where(positive, a.sqrt(a.where(positive, x, 1.0)), 0.0)


def scaled(
    f: Callable[[Any, Any], Any],
    x: Any,
    axes: tuple[int, ...],
    keepdims: bool,
    power: float = 2.0,
    where: Any = True,
) -> Any:
    """f(x), where f(s x) = s f(x), also if powers of entries overflow or vanish on the way.

    Where that happens, `x` is divided by powers of two first, which rounds nothing; other results
    are those of f to the last bit. float32 entries of 10³⁰ have a norm, and so have those of 10⁻³⁰.

    Args:
        f: a function of x / s and s.
        x: floats.
        axes: along which f reduces.
        keepdims: whether the axes stay in the result.
        power: to which f raises entries.
        where: which entries count.
    """
    result = f(x, 1.0)
    dtype = np.dtype(x.dtype)
    if dtype.kind != "f":
        return result
    info, data = np.finfo(dtype), data_of(result)
    smallest = float(info.tiny / info.eps) ** (1.0 / power)
    if ((data > smallest) & (data < np.inf)).all():
        return result
    entries = np.abs(data_of(x))
    largest = np.max(entries, axis=axes, keepdims=True, initial=0.0, where=where)
    ordinary = (largest > 0) & np.isfinite(largest)
    # Entries stay far from 1, towards where they were, so that neither do gradients overflow.
    margin = int(info.maxexp / (2.0 * np.maximum(power, 1.0)))
    exponent = np.maximum(np.frexp(np.where(ordinary, largest, 1.0))[1], info.minexp)
    shift = np.sign(exponent) * np.minimum(np.abs(exponent), margin)
    scale = np.where(ordinary, np.ldexp(dtype.type(1), exponent - shift), dtype.type(1))
    result = f(x / scale, scale)
    return result * (scale if keepdims else scale.reshape(data_of(result).shape))


REDUCTIONS: dict[Any, Callable[..., Any]] = {
    np.add: sum,
    np.multiply: prod,
    np.maximum: max,
    np.minimum: min,
}

amax, amin = max, min
_mean = mean


def _prepared(x: Any, function: Any, dtype: Any, out: None) -> Any:
    check_out(out, function)
    x = as_operand(x, function.__name__)
    return x if dtype is None else cast(x, dtype=as_dtype(dtype, function.__name__))


def _as_floats(x: Any) -> Any:
    return x if x.dtype.kind in "fc" else cast(x, dtype=np.dtype(float))


def _only(x: Any, where: Any, otherwise: float) -> Any:
    return x if where is True else a.where(where, x, otherwise)


def _count(x: Any, axes: tuple[int, ...], where: Any) -> Any:
    """How many entries count: an int, or with a mask an array with the axes kept."""
    if where is True:
        return math.prod(x.shape[i] for i in axes)
    return np.broadcast_to(where, x.shape).sum(axes, keepdims=True)


def _dropped(x: Any, axes: tuple[int, ...]) -> Any:
    return reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in axes))


def _extreme(
    name: str, op: Any, pairwise: Any, x: Any, axis: Any, out: Any, keepdims: bool, initial: Any,
    where: Any,
) -> Any:  # fmt: skip
    x = _prepared(x, getattr(np, name), None, out)
    check_number(initial, name, "initial")
    axes = normalize_axis(axis, x.ndim, name)
    if initial is None and any(x.shape[i] == 0 for i in axes):
        got = f"no entries (shape {x.shape}, axis {axis})"
        raise ShapeError(message(name, got, "at least one", "pass initial="))
    if where is not True and initial is None:
        raise unsupported(getattr(np, name), "where= needs initial=, as in NumPy")
    neutral = bound(x.dtype, name == "min")
    if any(x.shape[i] == 0 for i in axes):
        zeros = r.sum_(x, axis=axes, keepdims=bool(keepdims))  # stays in the graph
        result = cast(a.where(True, neutral, zeros), dtype=x.dtype)
    else:
        result = op(_only(x, where, neutral), axis=axes, keepdims=bool(keepdims))
    if initial is None:
        return result
    if not isinstance(initial, Node):
        initial = np.asanyarray(initial).astype(x.dtype)
    return pairwise(result, initial)


def _along_last(op: Any, x: Any, axis: Any, name: str) -> Any:
    """Apply `op`, which works along the last axis, along any axis."""
    if axis is None:
        return op(reshape(x, shape=(x.size,)))
    i = normalize_one_axis(axis, x.ndim, name)
    order = (*(k for k in range(x.ndim) if k != i), i)
    back = tuple(sorted(range(x.ndim), key=order.__getitem__))
    return transpose(op(transpose(x, axes=order)), axes=back)
