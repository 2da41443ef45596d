"""Estimates from samples: ranges, covariances, and slopes by differences, by NumPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.graph import data_of
from autograd.errors import ShapeError, counted, described, message
from autograd.numpy import reductions as r
from autograd.numpy.arguments import as_operand, check_out, flag, integer, normalize_axes
from autograd.numpy.diagonals import diagonal
from autograd.numpy.dispatch import depends, implements, unsupported
from autograd.numpy.elementwise import sqrt
from autograd.numpy.joining import concatenate
from autograd.numpy.products import matmul
from autograd.numpy.refusals import ArgumentError, explained
from autograd.numpy.selection import clip, where
from autograd.numpy.shaping import reshape, squeeze
from autograd.numpy.statistics import average, diff
from autograd.primitives.indexing import getitem
from autograd.primitives.shaping import cast

__all__ = ["corrcoef", "cov", "gradient", "ptp"]


@implements(np.ptp)
@explained
def ptp(x: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Any:
    """The range along axes: the largest entry less the smallest.

    Derivative: 1 for the largest entry, -1 for the smallest; equal ones share it evenly.

    Example:
        >>> ag.ptp(ag.Tensor([1.0, 5.0, 3.0]))
        Tensor(4.)
    """
    check_out(out, np.ptp)
    x = as_operand(x, "ptp")
    return r.max(x, axis, keepdims=keepdims) - r.min(x, axis, keepdims=keepdims)


@implements(np.cov)
@explained
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """The covariances of variables: the mean product of their deviations from their means.

    Args:
        m: one variable (n,), or one in each row (k, n).
        y: more variables of the same form.
        rowvar: whether variables are rows; else they are columns.
        bias: whether to divide by n, not by n - 1.
        ddof: what to subtract from n in the divisor instead.
        fweights: how often each observation counts, integers.
        aweights: the importance of each observation; differentiable too.
        dtype: must be None.

    Returns:
        shape (k, k), or one number for one variable.

    Example:
        >>> ag.cov(ag.Tensor([[1.0, 2.0, 3.0], [1.0, 4.0, 7.0]])).tolist()
        [[1.0, 3.0], [3.0, 9.0]]
    """
    if dtype is not None:
        raise ArgumentError(message("cov", f"dtype={described(dtype)}", "None"))
    if ddof is not None:
        integer(ddof, "cov", "ddof")
    rowvar, bias = flag(rowvar, "cov", "rowvar"), flag(bias, "cov", "bias")
    x = _variables(m, rowvar)
    if y is not None:
        x = concatenate([x, _variables(y, rowvar)])
    counts = importance = None
    if fweights is not None:
        if depends(fweights):
            raise unsupported(np.cov, "fweights that require a gradient", "integers")
        counts = _weights("fweights", data_of(fweights), x.shape[1])
        if (counts != np.rint(counts)).any():
            raise ArgumentError(message("cov", "fweights with fractions", "integers"))
    if aweights is not None:
        importance = _weights("aweights", as_operand(aweights, "cov"), x.shape[1])
    weights = (
        importance if counts is None else counts if importance is None else counts * importance
    )
    ddof = ddof if ddof is not None else int(not bias)
    total = float(x.shape[1]) if weights is None else r.sum(weights)
    divisor = total - ddof
    if importance is not None and ddof:
        divisor = total - ddof * r.sum(weights * importance) / total
    centered = x - average(x, 1, weights, keepdims=True)
    other = centered if weights is None else centered * weights
    with np.errstate(all="ignore"):
        result = matmul(centered, other.T) / where(data_of(divisor) > 0, divisor, 0.0)
    return squeeze(result)


def _weights(name: str, w: Any, count: int) -> Any:
    """One weight for each observation, in double precision."""
    w = as_operand(w, "cov")
    if w.shape != (count,) or (data_of(w) < 0).any():
        got = f"{name} of shape {w.shape} for {counted(count, 'observation')}"
        raise ShapeError(message("cov", got, "one weight, 0 or more, for each"))
    return w if w.dtype == np.float64 else cast(w, dtype=np.dtype(float))


def _variables(m: Any, rowvar: bool) -> Any:
    """One variable in each row, as floats of at least double precision."""
    m = as_operand(m, "cov")
    if m.ndim > 2:
        raise ShapeError(message("cov", f"an array of shape {m.shape}", "one or two axes"))
    m = cast(m, dtype=np.result_type(m.dtype, np.float64)) if m.dtype != np.float64 else m
    return reshape(m, (1, m.size)) if m.ndim < 2 else m if rowvar else m.T


@implements(np.corrcoef)
@explained
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """The correlations of variables: their covariances over their deviations, from -1 to 1.

    Args:
        x: one variable (n,), or one in each row (k, n).
        y: more variables of the same form.
        rowvar: whether variables are rows; else they are columns.
        dtype: must be None.

    Example:
        >>> ag.corrcoef(ag.Tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    c = cov(x, y, rowvar, dtype=dtype)
    with np.errstate(all="ignore"):
        if not c.ndim:
            return c / c
        deviation = sqrt(diagonal(c))
        return clip(c / deviation[:, None] / deviation[None, :], -1.0, 1.0)


@implements(np.gradient)
@explained
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """The slope of sampled values along axes, by differences: central ones inside.

    Args:
        f: the values on a grid.
        varargs: one distance for all axes, or for each axis a distance or the coordinates.
        axis: the axes to differentiate along; by default all.
        edge_order: 1 or 2, the order of the differences at both ends.

    Returns:
        an array of the shape of f; for several axes a tuple of them.

    Example:
        >>> ag.gradient(ag.Tensor([1.0, 4.0, 9.0, 16.0]))
        Tensor([3., 4., 6., 7.])
    """
    f = as_operand(f, "gradient")
    axes = list(range(f.ndim)) if axis is None else normalize_axes(axis, f.ndim, "gradient")
    if edge_order not in (1, 2) or isinstance(edge_order, bool):
        raise ArgumentError(message("gradient", f"edge_order={described(edge_order)}", "1 or 2"))
    spacing = list(varargs) or [1.0]
    if len(spacing) == 1 and np.ndim(data_of(spacing[0])) == 0:
        spacing *= len(axes)
    if len(spacing) != len(axes):
        got = f"{counted(len(spacing), 'spacing')} for {counted(len(axes), 'axis')}"
        raise TypeError(message("gradient", got, "one number, or one for each axis"))
    if f.dtype.kind != "f":
        f = cast(f, dtype=np.dtype(float))
    slopes = [_slope(f, i, h, edge_order) for i, h in zip(axes, spacing, strict=True)]
    slopes = [g if g.dtype == f.dtype else cast(g, dtype=f.dtype) for g in slopes]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slope(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    n = f.shape[axis]
    if n < edge_order + 1:
        got = f"length {n} on axis {axis}"
        raise ShapeError(message("gradient", got, f"{edge_order + 1} or more"))
    steps = as_operand(spacing, "gradient")
    if steps.ndim:
        if steps.shape != (n,):
            got = f"coordinates of shape {steps.shape} for axis {axis} of length {n}"
            raise ShapeError(message("gradient", got, f"shape ({n},)"))
        steps = diff(steps)
        if (data_of(steps) == data_of(steps)[0]).all():
            steps = steps[0]
    lead = (slice(None),) * axis

    def part(x: Any, start: int | None, stop: int | None) -> Any:
        return getitem(x, index=(*lead, slice(start, stop)))

    rise = part(f, 1, None) - part(f, None, -1)
    if not steps.ndim:
        inside = (part(f, 2, None) - part(f, None, -2)) / (2.0 * steps)
        first, last = part(rise, None, 1) / steps, part(rise, -1, None) / steps
        if edge_order == 2:
            first = (-1.5 * part(f, 0, 1) + 2.0 * part(f, 1, 2) - 0.5 * part(f, 2, 3)) / steps
            last = (
                0.5 * part(f, n - 3, n - 2) - 2.0 * part(f, n - 2, n - 1) + 1.5 * part(f, n - 1, n)
            ) / steps
        return concatenate([first, inside, last], axis)
    steps = reshape(steps, (-1, *[1] * (f.ndim - 1 - axis)))
    slopes = rise / reshape(steps, (*[1] * axis, *steps.shape))
    # Between two slopes, each weighs with the other's step.
    left, right = steps[:-1], steps[1:]
    inside = (part(slopes, None, -1) * right + part(slopes, 1, None) * left) / (left + right)
    first, last = part(slopes, None, 1), part(slopes, -1, None)
    if edge_order == 2:
        first = first + (first - part(slopes, 1, 2)) * (steps[0] / (steps[0] + steps[1]))
        last = last + (last - part(slopes, n - 3, n - 2)) * (steps[-1] / (steps[-1] + steps[-2]))
    return concatenate([first, inside, last], axis)
