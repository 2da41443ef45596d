"""Means and deviations along axes, by NumPy's names and keyword arguments."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.graph import data_of
from autograd.engine.looking import condition
from autograd.errors import described, message
from autograd.numpy.arguments import (
    as_operand,
    check_number,
    flag,
    normalize_axis,
)
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.reductions import as_floats, dropped, mask_for, only, prepared
from autograd.numpy.refusals import ArgumentError, explained
from autograd.primitives import arithmetic as a
from autograd.primitives import reduction as r
from autograd.primitives.shaping import cast

__all__ = [
    "mean",
    "std",
    "var",
]


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
    x = _floating(x, np.mean, dtype, out)
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, "mean", "keepdims")
    if dtype is None and x.dtype.char == "e":  # sums of float16 overflow at 65504
        result = _mean(x, axis, np.float32, None, keepdims, where=where)
        return cast(result, dtype=x.dtype)
    axes = normalize_axis(axis, x.ndim, "mean")
    if where is True:
        return r.mean(x, axis=axes, keepdims=keepdims)
    n = _count(x, axes, where)
    total = r.sum_(only(x, where, 0), axis=axes, keepdims=True) / n.astype(x.dtype)
    return total if keepdims else dropped(total, axes)


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
    x = _floating(x, np.var, dtype, out)
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, "var", "keepdims")
    axes = normalize_axis(axis, x.ndim, "var")
    n = _count(x, axes, where)
    subtracted = _degrees("var", ddof, correction)
    center = _mean(x, axis=axes, keepdims=True, where=where) if mean is None else mean
    if type(center) not in (int, float):
        center = as_operand(center, "var")
    squares = r.sum_(only(a.square(x - center), where, 0), axis=axes, keepdims=True)
    divisor = np.maximum(n - subtracted, 0)
    result = squares / (divisor.astype(x.dtype) if np.ndim(divisor) else float(divisor))
    return result if keepdims else dropped(result, axes)


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
    x = _floating(x, np.std, dtype, out)
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, "std", "keepdims")
    ddof = _degrees("std", ddof, correction)
    if mean is not None and type(mean) not in (int, float):
        mean = as_operand(mean, "std")

    def deviation(x: Any, scale: Any) -> Any:
        center = None if mean is None else mean / scale
        return root(var(x, axis, None, None, ddof, keepdims, where=where, mean=center))

    return scaled(deviation, x, normalize_axis(axis, x.ndim, "std"), keepdims, where=where)


def _degrees(what: str, ddof: Any, correction: Any) -> Any:
    """What to subtract from the number of entries."""
    if correction is not None and not (type(ddof) is int and ddof == 0):
        got = f"ddof={described(ddof)} and correction={described(correction)}"
        raise ArgumentError(message(what, got, "one of the two"))
    subtracted = ddof if correction is None else correction
    check_number(subtracted, what, "ddof" if correction is None else "correction")
    return subtracted


def root(x: Any) -> Any:
    """√x with slope 0 at 0, where it would be infinite: the kink of a norm or a deviation."""
    positive = condition(operator.ne, x, 0)
    return a.where(positive, a.sqrt(a.where(positive, x, 1.0)), 0.0)


def scaled(
    f: Callable[[Any, Any], Any],
    x: Any,
    axes: tuple[int, ...],
    keepdims: bool,
    power: float = 2.0,
    where: Any = True,
) -> Any:
    """f(x), where f(s x) = s f(x), even if powers of entries overflow or vanish on the way.

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
    with np.errstate(all="ignore"):
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
    # Equal entries of ordinary size rightly have a deviation of 0.
    lost = (largest < smallest / info.eps) | np.isinf(data.reshape(largest.shape))
    lost &= (largest > 0) & np.isfinite(largest)
    if not lost.any():
        return result
    # The entries are not scaled all the way to 1, so that gradients do not overflow either.
    margin = int(info.maxexp / (2.0 * np.maximum(power, 1.0)))
    exponent = np.maximum(np.frexp(np.where(lost, largest, 1.0))[1], info.minexp)
    shift = np.sign(exponent) * np.minimum(np.abs(exponent), margin)
    scale = np.where(lost, np.ldexp(dtype.type(1), exponent - shift), dtype.type(1))
    result = f(x / scale, scale)
    return result * (scale if keepdims else scale.reshape(data_of(result).shape))


_mean = mean


def _floating(x: Any, function: Any, dtype: Any, out: None) -> Any:
    """The operand as floats, in the dtype to compute in."""
    x = prepared(x, function, dtype, out)
    if dtype is not None and x.dtype.kind in "iub":
        hint = "NumPy cuts off the fraction; take the mean of floats and use astype"
        raise unsupported(function, f"dtype={x.dtype}", "a floating dtype", hint)
    return as_floats(x)


def _count(x: Any, axes: tuple[int, ...], where: Any) -> Any:
    """How many entries count: an int, or with a mask an array with the axes kept."""
    if where is True:
        return math.prod(x.shape[i] for i in axes)
    return np.broadcast_to(mask_for(x, where), x.shape).sum(axes, keepdims=True)
