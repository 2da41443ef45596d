"""Norms, order statistics, weighted means and differences, by NumPy's names."""

from __future__ import annotations

import math
import operator
from collections.abc import Hashable
from typing import Any

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.engine.looking import condition, look
from autograd.errors import ShapeError, counted, described, message, one_of
from autograd.numpy import moments as m
from autograd.numpy import reductions as r
from autograd.numpy.arguments import (
    as_operand,
    check_out,
    flag,
    integer,
    normalize_axes,
    normalize_axis,
    normalize_one_axis,
)
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.elementwise import absolute
from autograd.numpy.joining import concatenate
from autograd.numpy.picking import sort
from autograd.numpy.refusals import ArgumentError, explained
from autograd.numpy.shaping import (
    broadcast_to,
    expand_dims,
    moveaxis,
    reshape,
    transpose,
)
from autograd.primitives import arithmetic as a
from autograd.primitives import linalg as p
from autograd.primitives.indexing import getitem
from autograd.primitives.shaping import cast

__all__ = [
    "average",
    "diff",
    "median",
    "norm",
    "percentile",
    "quantile",
    "trapezoid",
]


@implements(np.linalg.norm)
@explained
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The length of vectors, or a norm of matrices.

    Derivative of the default: x / norm(x), and 0 at x = 0.

    Args:
        x: a Tensor or array.
        ord: for vectors None or 2, 1, inf, -inf, 0, or another p: (Σ |x|^p)^(1/p); for matrices
            None or "fro", "nuc", 2, -2, 1, -1, inf, -inf. Equal singular values share the gradient
            evenly, and those that are 0 have none.
        axis: one axis for vectors, two for matrices. By default all entries, and with an `ord` all
            axes, of which there must be one or two.
        keepdims: whether the axes stay, with length 1.

    Example:
        >>> ag.norm(ag.Tensor([3.0, 4.0]))
        Tensor(5.)
    """
    x = as_operand(x, "norm")
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, "norm", "keepdims")
    x = x if x.dtype.kind in "fc" else x * 1.0
    if ord is None and (axis is None or isinstance(axis, (int, np.integer))):
        return _length(x, normalize_axis(axis, x.ndim, "norm"), keepdims)
    axes = normalize_axis(axis, x.ndim, "norm")
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        rows, columns = range(2) if axis is None else normalize_axes(axis, x.ndim, "norm")
        result = _matrix_norm(moveaxis(x, (rows, columns), (-2, -1)), ord)
        return expand_dims(result, axes) if keepdims else result
    got = f"{counted(len(axes), 'axis')} with ord={ord!r}"
    raise ShapeError(message("norm", got, "one for vectors or two for matrices"))


def _length(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """√(Σ x²)."""
    return m.scaled(
        lambda x, scale: m.root(r.sum(a.square(x), axes, keepdims=keepdims)), x, axes, keepdims
    )


def _is_zero(x: Any) -> Any:
    return np.asanyarray(np.equal(x, 0))


def _vector_norm(x: Any, ord: Any, axis: int, keepdims: bool) -> Any:
    if ord is None or ord == 2:
        return _length(x, (axis,), keepdims)
    if ord == np.inf:
        return r.max(absolute(x), axis, keepdims=keepdims, initial=_if_empty(x.shape[axis]))
    if ord == -np.inf:
        return r.min(absolute(x), axis, keepdims=keepdims)
    if ord == 0:
        return r.sum(
            a.where(condition(operator.ne, x, 0), x.dtype.type(1), a.sign(x)),
            axis,
            keepdims=keepdims,
        )
    if not isinstance(ord, (int, float, np.number)):
        one_of("norm", "ord", ord, ("fro", "nuc"), ArgumentError)
        got = f"ord={ord!r}, which is for matrices, with one axis"
        raise ShapeError(message("norm", got, "a number"))
    if ord == 1:
        return r.sum(absolute(x), axis, keepdims=keepdims)

    def by_powers(x: Any, scale: Any) -> Any:
        total = r.sum(absolute(x) ** float(ord), axis, keepdims=keepdims)
        zero = condition(_is_zero, total)
        limit = 0.0 if ord > 0 else np.inf
        return a.where(zero, limit, a.where(zero, 1.0, total) ** (1.0 / ord))

    return m.scaled(by_powers, x, (axis,), keepdims, float(ord)) if ord > 0 else by_powers(x, 1.0)


def _if_empty(count: int) -> float | None:
    """The `initial` of a largest absolute value: 0 if there are none."""
    return None if count else 0.0


def _matrix_norm(x: Any, ord: Any) -> Any:
    if ord is None or ord == "fro":
        return _length(x, (x.ndim - 2, x.ndim - 1), False)
    if np.ndim(ord) or not isinstance(ord, Hashable):
        ord = described(ord)
    if ord in (1, -1, np.inf, -np.inf):
        sums = r.sum(absolute(x), -2 if abs(ord) == 1 else -1)
        initial = _if_empty(sums.shape[-1])
        return r.max(sums, -1, initial=initial) if ord > 0 else r.min(sums, -1)
    if ord == "nuc":
        return p.nuclear(x)
    if ord in (2, -2):
        _, s, _ = p.svd_parts(p.svd(x), x.shape[-2])
        data = look(s)
        rounding = 4 * max(x.shape[-2:]) * np.finfo(x.dtype).eps
        # Of a singular value that is rounding, the vectors are arbitrary.
        s = a.where(data <= rounding * data.max(-1, keepdims=True, initial=0), data, s)
        return r.max(s, -1, initial=_if_empty(s.shape[-1])) if ord == 2 else r.min(s, -1)
    expected = "'fro', 'nuc', 1, -1, 2, -2, inf or -inf"
    raise ShapeError(message("norm", f"ord={ord!r} for matrices", expected))


@implements(np.quantile)
@explained
def quantile(
    x: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: Any = "linear",
    keepdims: bool = False,
) -> Any:
    """The values below which shares `q` of the entries lie; nan if an entry is nan.

    Derivative: shared by the one or two entries that the value lies at or between.

    Args:
        x: a Tensor or array.
        q: shares from 0 to 1, of any shape; they have no gradient.
        axis: the axes along which to look.
        out: must be None.
        overwrite_input: accepted for compatibility; the input never changes.
        method: how to interpolate between entries; NumPy's names.
        keepdims: whether the axes stay, with length 1.

    Returns:
        q.shape + the shape that is left.

    Example:
        >>> ag.quantile(ag.Tensor([1.0, 2.0, 4.0]), [0.5, 0.75])
        Tensor([2., 3.])

    Source: Hyndman and Fan, Sample quantiles in statistical packages (1996).
    """
    check_out(out, np.quantile)
    x, q = as_operand(x, "quantile"), _shares(q, np.quantile)
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, "quantile", "keepdims")
    _check_shares(q, 1, "quantile")
    axes = normalize_axis(axis, x.ndim, "quantile")
    rest = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    n = math.prod(x.shape[i] for i in axes)
    one_of("quantile", "method", method, METHODS, ArgumentError)
    lines = reshape(moveaxis(x, axes, range(-len(axes), 0)), (*rest, n))
    if n == 0:
        got = f"no entries (shape {x.shape}, axis {axis})"
        raise ShapeError(message("quantile", got, "at least one"))
    dtype = np.quantile(np.zeros(1, x.dtype), q, method=method).dtype
    # The quantile of 0, 1, ..., n - 1 is its own place: a fraction says between which two entries.
    place = np.asanyarray(np.quantile(np.arange(n, dtype=float), q, method=method))
    low = np.minimum(np.floor(place).astype(int), n - 1)
    share = (place - low).astype(dtype if dtype.kind == "f" else float)
    ordered = sort(lines, -1)
    below = getitem(ordered, index=(..., low))
    result = below
    if dtype.kind == "f":  # other dtypes come from methods that never lie between two entries
        above = getitem(ordered, index=(..., np.minimum(low + 1, n - 1)))
        with np.errstate(invalid="ignore"):  # inf - inf, where the value is an entry
            # An infinity less itself is nan, and so is one less another: they are weighed instead.
            infinite = np.isinf(look(below)) | np.isinf(look(above))
            weighed = below * (1 - share) + above * share
            between = a.where(infinite, weighed, below + (above - below) * share)
            result = a.where(share > 0, between, below)
    result = result if result.dtype == dtype else cast(result, dtype=dtype)
    if x.dtype.kind == "f":
        missing = np.isnan(look(lines)).any(-1).reshape((*rest, *[1] * place.ndim))
        result = a.where(missing, np.nan, result)
    result = moveaxis(result, range(len(rest), len(rest) + place.ndim), range(place.ndim))
    return expand_dims(result, tuple(i + place.ndim for i in axes)) if keepdims else result


@implements(np.percentile)
@explained
def percentile(
    x: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: Any = "linear",
    keepdims: bool = False,
) -> Any:
    """`quantile` with shares in per cent.

    Example:
        >>> ag.percentile(ag.Tensor([1.0, 2.0, 4.0]), 75)
        Tensor(3.)
    """
    q = _shares(q, np.percentile)
    _check_shares(q, 100, "percentile")
    q = q / 100 if isinstance(q, (int, float)) else np.true_divide(q, 100)
    return quantile(x, q, axis, out, overwrite_input, method, keepdims)


@implements(np.median)
@explained
def median(
    x: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Any:
    """The middle entry along axes, or the mean of the middle two; nan if there are none.

    Example:
        >>> ag.median(ag.Tensor([1.0, 5.0, 2.0]))
        Tensor(2.)
    """
    check_out(out, np.median)
    x = as_operand(x, "median")
    axes = normalize_axis(axis, x.ndim, "median")
    if any(x.shape[i] == 0 for i in axes):
        return m.mean(x, axes, keepdims=keepdims)
    floats = x if x.dtype.kind == "f" else cast(x, dtype=np.dtype(float))
    return quantile(floats, 0.5, axes, keepdims=keepdims)


@implements(np.average)
@explained
def average(
    x: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    """The mean, with a weight for each entry: Σ w x / Σ w.

    Args:
        x: a Tensor or array.
        axis: the axes to average over.
        weights: of the shape of x, or one for each place along the axes; differentiable too.
        returned: whether to return the sum of the weights, too.
        keepdims: whether the axes stay, with length 1.

    Example:
        >>> ag.average(ag.Tensor([1.0, 2.0]), weights=[3.0, 1.0])
        Tensor(1.25)
    """
    x = as_operand(x, "average")
    if keepdims is not True and keepdims is not False:
        keepdims = flag(keepdims, "average", "keepdims")
    returned = flag(returned, "average", "returned")
    axes = normalize_axis(axis, x.ndim, "average")
    if weights is None:
        result = m.mean(x, axes, keepdims=keepdims)
        total = np.full(result.shape, math.prod(x.shape[i] for i in axes), data_of(result).dtype)
        return (result, total) if returned else result
    w = as_operand(weights, "average")
    floats = () if x.dtype.kind == "f" else (float,)
    dtype = np.result_type(x.dtype, w.dtype, *floats)
    x, w = (t if t.dtype == dtype else cast(t, dtype=dtype) for t in (x, w))
    if w.shape != x.shape:
        # The weights' axes come in the order in which `axis` names those of x.
        if isinstance(axis, tuple) and w.ndim == len(axis):
            w = transpose(w, sorted(range(w.ndim), key=lambda k: axis[k] % x.ndim))
        if w.shape != tuple(x.shape[i] for i in axes):
            got = f"weights of shape {w.shape}"
            raise ArgumentError(message("average", got, f"shape {x.shape} or that of the axes"))
        w = reshape(w, tuple(n if i in axes else 1 for i, n in enumerate(x.shape)))
    total = (
        r.sum(broadcast_to(w, x.shape), axes, keepdims=keepdims)
        if w.shape != x.shape
        else r.sum(w, axes, keepdims=keepdims)
    )
    result = r.sum(x * w, axes, keepdims=keepdims) / total
    return (result, total) if returned else result


@implements(np.diff)
@explained
def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Differences of neighbours along an axis, n times.

    Example:
        >>> ag.diff(ag.Tensor([1.0, 4.0, 9.0]))
        Tensor([3., 5.])
    """
    x, n = as_operand(x, "diff"), integer(n, "diff", "n")
    if n < 0:
        raise ShapeError(message("diff", f"n={n}", "0 or more"))
    if n == 0:
        return x  # without the margins, and whatever the axis, as in NumPy
    i = normalize_one_axis(axis, x.ndim, "diff")
    margins = [t if t is None else as_operand(t, "diff") for t in (prepend, append)]
    for name, t in zip(("prepend", "append"), margins, strict=True):
        if t is not None and t.ndim not in (0, x.ndim):
            got = f"{name} of shape {t.shape} for shape {x.shape}"
            raise ShapeError(message("diff", got, "one number, or as many axes"))
    one = (*x.shape[:i], 1, *x.shape[i + 1 :])
    before, after = (
        [] if t is None else [np.broadcast_to(t, one) if t.ndim == 0 else t] for t in margins
    )
    x = concatenate([*before, x, *after], i) if before or after else x
    whole = (slice(None),) * i
    for _ in range(min(n, x.shape[i])):  # after that there is nothing left
        if x.dtype.kind == "b":  # booleans do not subtract; NumPy compares them
            x = data_of(x)[(*whole, slice(1, None))] != data_of(x)[(*whole, slice(None, -1))]
            continue
        x = getitem(x, index=(*whole, slice(1, None))) - getitem(x, index=(*whole, slice(None, -1)))
    return x


@implements(np.trapezoid)
@explained
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral along an axis by the trapezoidal rule: Σ Δx (y_i + y_(i+1)) / 2.

    Args:
        y: the values of the function.
        x: where they were taken: of the shape of y, or one for each place along the axis.
        dx: the distance between values, if x is not given.
        axis: the axis to integrate along.

    Example:
        >>> ag.trapezoid(ag.Tensor([1.0, 2.0, 3.0]))
        Tensor(4.)
    """
    y = as_operand(y, "trapezoid")
    i = normalize_one_axis(axis, y.ndim, "trapezoid")
    step = dx
    if x is not None:
        x = as_operand(x, "trapezoid")
        step = diff(x, axis=i if x.ndim == y.ndim else -1)
        if x.ndim == 1:
            step = reshape(step, (-1, *[1] * (y.ndim - 1 - i)))
    whole = (slice(None),) * i
    neighbours = getitem(y, index=(*whole, slice(1, None))) + getitem(
        y, index=(*whole, slice(None, -1))
    )
    return r.sum(step * neighbours / 2.0, i)


METHODS = (
    *("linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased"),
    *("normal_unbiased", "inverted_cdf", "averaged_inverted_cdf", "closest_observation"),
    "interpolated_inverted_cdf",
)


def _check_shares(q: Any, largest: int, what: str) -> None:
    """Raise unless all shares are numbers from 0 to `largest`."""
    array = np.asarray(q)
    if array.dtype.kind not in "biuf":
        got = f"q={described(q)}"
        raise ArgumentError(message(what, got, f"numbers from 0 to {largest}"))
    if not ((array >= 0) & (array <= largest)).all():
        hint = "ag.percentile takes numbers from 0 to 100" if largest == 1 else ""
        raise ShapeError(message(what, f"q={described(q)}", f"0 to {largest}", hint))


def _shares(q: Any, function: Any) -> Any:
    """Shares as plain data: no gradient flows to them."""
    if isinstance(q, Node) and q.requires_grad:
        hint = "pass q.data or ag.stop_gradient(q)"
        raise unsupported(function, "q that requires a gradient", "plain data", hint)
    return data_of(q)
