"""Reductions along axes that leave nan out, by NumPy's names and keyword arguments.

The gradient of entries that are nan is 0. Where all entries along the axes are nan, means and
extremes are nan, without NumPy's warning.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.looking import look
from autograd.numpy import moments as m
from autograd.numpy import reductions as r
from autograd.numpy.arguments import as_operand, check_out, flag, normalize_axis
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.picking import sort, take_along_axis
from autograd.numpy.refusals import explained
from autograd.numpy.shaping import expand_dims, moveaxis, reshape
from autograd.primitives import arithmetic as a

__all__ = ["nanmax", "nanmean", "nanmedian", "nanmin", "nanprod", "nanstd", "nanvar"]


def _present(x: Any, where: Any) -> Any:
    """The entries that count: those of `where` that are not nan."""
    if x.dtype.kind != "f":
        return where
    there = ~np.isnan(look(x))
    return there if where is True else there & r.mask_for(x, where)


@implements(np.nanprod)
@explained
def nanprod(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The product of the entries that are not nan, with the arguments of `prod`.

    Example:
        >>> ag.nanprod(ag.Tensor([2.0, float("nan"), 3.0]))
        Tensor(6.)
    """
    x = as_operand(x, "nanprod")
    return r.prod(x, axis, dtype, out, keepdims, initial, _present(x, where))


@implements(np.nanmean)
@explained
def nanmean(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Any:
    """The mean of the entries that are not nan, with the arguments of `mean`.

    Derivative: 1 / n for the n entries that count.

    Example:
        >>> ag.nanmean(ag.Tensor([1.0, float("nan"), 3.0]))
        Tensor(2.)
    """
    x = as_operand(x, "nanmean")
    with np.errstate(all="ignore"):
        return m.mean(x, axis, dtype, out, keepdims, where=_present(x, where))


@implements(np.nanvar)
@explained
def nanvar(
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
    """The variance of the entries that are not nan, with the arguments of `var`.

    Example:
        >>> ag.nanvar(ag.Tensor([1.0, float("nan"), 3.0]))
        Tensor(1.)
    """
    options = {"mean": mean, "correction": correction}
    return _spread(m.var, x, axis, dtype, out, ddof, keepdims, where, options)


@implements(np.nanstd)
@explained
def nanstd(
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
    """The standard deviation of the entries that are not nan, with the arguments of `std`.

    Example:
        >>> ag.nanstd(ag.Tensor([1.0, float("nan"), 5.0]))
        Tensor(2.)
    """
    options = {"mean": mean, "correction": correction}
    return _spread(m.std, x, axis, dtype, out, ddof, keepdims, where, options)


def _spread(
    function: Any, x: Any, axis: Any, dtype: Any, out: Any, ddof: Any, keepdims: bool, where: Any,
    options: dict[str, Any],
) -> Any:  # fmt: skip
    """`function` of the entries that count; nan where too few do, where NumPy's `var` has inf."""
    what = f"nan{function.__name__}"
    x = as_operand(x, what)
    there = _present(x, where)
    with np.errstate(all="ignore"):
        found = function(x, axis, dtype, out, ddof, keepdims, where=there, **options)
    if x.dtype.kind != "f":
        return found
    axes = normalize_axis(axis, x.ndim, what)
    counts = np.broadcast_to(there, x.shape).sum(axes, keepdims=keepdims)
    subtracted = ddof if options["correction"] is None else options["correction"]
    return a.where(counts > subtracted, found, found.dtype.type(np.nan))


@implements(np.nanmax)
@explained
def nanmax(
    x: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The largest of the entries that are not nan, with the arguments of `max`.

    Derivative: 1 for the largest entry, 0 for the others; equal ones share it evenly.

    Example:
        >>> ag.nanmax(ag.Tensor([1.0, float("nan"), 3.0]))
        Tensor(3.)
    """
    return _extreme(r.max, x, axis, out, keepdims, initial, where)


@implements(np.nanmin)
@explained
def nanmin(
    x: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The smallest of the entries that are not nan, with the arguments of `min`.

    Derivative: 1 for the smallest entry, 0 for the others; equal ones share it evenly.

    Example:
        >>> ag.nanmin(ag.Tensor([1.0, float("nan"), 3.0]))
        Tensor(1.)
    """
    return _extreme(r.min, x, axis, out, keepdims, initial, where)


def _extreme(
    function: Any, x: Any, axis: Any, out: Any, keepdims: bool, initial: Any, where: Any
) -> Any:
    what = f"nan{function.__name__}"
    x = as_operand(x, what)
    if x.dtype.kind != "f":
        return function(x, axis, out, keepdims, initial, where)
    if where is not True and initial is None:
        raise unsupported(getattr(np, what), "where= without initial=", "both, as in NumPy")
    there = _present(x, where)
    neutral = a.where(there, x, -np.inf if function is r.max else np.inf)
    found = function(neutral, axis, out, keepdims, initial)
    some = np.broadcast_to(there, x.shape).any(
        normalize_axis(axis, x.ndim, what, lone=True), keepdims=keepdims
    )
    return found if initial is not None else a.where(some, found, x.dtype.type(np.nan))


@implements(np.nanmedian)
@explained
def nanmedian(
    x: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Any:
    """The middle of the entries that are not nan, or the mean of the middle two.

    Example:
        >>> ag.nanmedian(ag.Tensor([1.0, float("nan"), 5.0, 2.0]))
        Tensor(2.)
    """
    check_out(out, np.nanmedian)
    x = r.as_floats(as_operand(x, "nanmedian"))
    keepdims = flag(keepdims, "nanmedian", "keepdims")
    axes = normalize_axis(axis, x.ndim, "nanmedian")
    rest = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    n = math.prod(x.shape[i] for i in axes)
    if not n:
        return m.mean(x, axes, keepdims=keepdims)
    lines = reshape(moveaxis(x, axes, range(-len(axes), 0)), (*rest, n))
    ordered = sort(lines, -1)  # nan is last
    count = (~np.isnan(look(lines))).sum(-1, keepdims=True)
    low = take_along_axis(ordered, np.maximum(count - 1, 0) // 2, -1)
    high = take_along_axis(ordered, np.minimum(count // 2, n - 1), -1)
    middle = a.where(count % 2 == 1, low, (low + high) * 0.5)
    result = reshape(middle, rest)
    return expand_dims(result, axes) if keepdims else result
