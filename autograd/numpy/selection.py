"""Entries chosen, limited or replaced: where, clip, round, nan_to_num; and stop_gradient."""

from __future__ import annotations

from typing import Any, Never

import numpy as np

from autograd.engine.graph import Node, data_of, detached
from autograd.errors import ShapeError, message
from autograd.numpy.arguments import (
    as_elementwise,
    as_numbers,
    as_operand,
    bound,
    check_number,
    integer,
)
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.refusals import ArgumentError, explained, refuse, unknown_keyword
from autograd.primitives import arithmetic as a

__all__ = [
    "clip",
    "nan_to_num",
    "round",
    "stop_gradient",
    "where",
]


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None, **others: Never) -> Any:
    """`x` where the condition holds, else `y`, elementwise.

    Derivatives: 1 for the one taken, exactly 0 for the other. In a backward pass an entry that is
    exactly 0 contributes exactly 0 whatever slope it meets, so the branch not taken does not
    poison a gradient with 0 · inf or 0 · nan. This holds for each entry through all elementwise
    primitives and those that only move or add entries (shapes, indices, sums, windows). Through
    primitives that mix entries (products along an axis, matmul, einsum, linear algebra) it holds
    where the whole gradient is 0, not where part of it is.

    Args:
        condition: booleans, such as `x > 0`; no gradient flows to it.
        x: taken where it is true. Without `x` and `y` the positions of the true entries are
            returned, as plain integers.
        y: taken where it is false.

    Example:
        >>> x = ag.Tensor([0.0, 2.0], requires_grad=True)
        >>> ag.where(x > 0, ag.log(x), 0.0).sum().backward()
        >>> x.grad
        array([0. , 0.5])
    """
    if others:
        raise unknown_keyword("where", next(iter(others)))
    condition = data_of(condition)
    if getattr(getattr(condition, "dtype", None), "kind", "O") not in "biufc":
        condition = as_numbers(condition, "where")
    if x is None and y is None:
        condition = np.asanyarray(condition)
        if not condition.ndim:
            raise ShapeError(message("where", "one number", "an array, which has positions"))
        return condition.nonzero()
    if x is None or y is None:
        raise unsupported(np.where, "only one of x and y", "both or neither")
    try:
        return a.where(condition, as_elementwise(x), as_elementwise(y))
    except (ValueError, TypeError, OverflowError) as error:
        refuse("where", error, condition, x, y)


@implements(np.clip)
def clip(
    x: Any,
    min: Any = None,
    max: Any = None,
    *,
    a_min: Any = None,
    a_max: Any = None,
    **others: Never,
) -> Any:
    """`x` limited to the interval from `min` to `max`, elementwise.

    Derivative: 1 inside the interval and at its ends, 0 outside, where it is 1 by the limit.

    Args:
        x: the values.
        min: the lower limit, or None for none; `a_min` is NumPy's older name.
        max: the upper limit, or None for none; `a_max` is NumPy's older name.

    Example:
        >>> ag.clip(ag.Tensor([-2.0, 0.5, 3.0]), 0.0, 1.0)
        Tensor([0. , 0.5, 1. ])
    """
    if others:
        raise unknown_keyword("clip", next(iter(others)))
    if (min is not None and a_min is not None) or (max is not None and a_max is not None):
        raise TypeError(message("clip", "min or max under both of its names", "one of them"))
    low = a_min if min is None else min
    high = a_max if max is None else max
    try:
        x = as_elementwise(x)
        if low is None and high is None:
            return a.positive(x)
        if low is None:
            high = as_elementwise(high)
            low = bound(_common_dtype(x, high), False)
        elif high is None:
            low = as_elementwise(low)
            high = bound(_common_dtype(x, low), True)
        else:
            low, high = as_elementwise(low), as_elementwise(high)
        return a.clip(x, low, high)
    except (ValueError, TypeError, OverflowError) as error:
        refuse("clip", error, x, low, high)


def _common_dtype(x: Any, limit: Any) -> Any:
    """The dtype of the result, which a limit of integers widens for booleans."""
    both = (data_of(x), data_of(limit))
    return np.result_type(*(y if type(y) in (int, float) else np.asanyarray(y) for y in both))


MOST_DECIMALS = 308


@implements(np.round, np.around)
def round(x: Any, decimals: int = 0) -> Any:
    """`x` rounded to a number of decimals, halves to even, elementwise.

    Derivative: 0, as for every step function.

    Example:
        >>> ag.round(ag.Tensor([1.26, 2.5]), 1)
        Tensor([1.3, 2.5])
    """
    decimals = integer(decimals, "round", "decimals")
    if abs(decimals) > MOST_DECIMALS:
        expected = f"at most {MOST_DECIMALS}, the exponent of the largest float"
        raise ArgumentError(message("round", f"decimals={decimals}", expected))
    x = x if isinstance(x, (Node, float, int)) else as_operand(x, "round")
    dtype = np.asanyarray(data_of(x)).dtype
    if dtype.kind == "b" and decimals:
        got = f"decimals={decimals} for data of dtype bool"
        raise ArgumentError(message("round", got, "0, or numbers"))
    if dtype.kind in "iu":
        return a.where(True, np.round(data_of(x), decimals), x)  # stays an integer
    scale = 10.0**decimals
    return a.rint(x) if decimals == 0 else a.rint(x * scale) / scale


@implements(np.nan_to_num)
@explained
def nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """`x` with nan replaced by `nan` and infinities by large finite values, elementwise.

    Derivative: 1 where a value is kept, 0 where it is replaced.

    Args:
        x: the values.
        copy: accepted for compatibility; the result is always new.
        nan: what replaces nan.
        posinf: what replaces inf, by default the largest finite value.
        neginf: what replaces -inf, by default the smallest finite value.

    Example:
        >>> ag.nan_to_num(ag.Tensor([1.0, float("nan")]))
        Tensor([1., 0.])
    """
    for name, number in (("nan", nan), ("posinf", posinf), ("neginf", neginf)):
        check_number(number, "nan_to_num", name)
    x = as_elementwise(x)
    data = np.asanyarray(data_of(x))
    replaced = np.nan_to_num(data, nan=nan, posinf=posinf, neginf=neginf)
    return a.where(np.isfinite(data), x, replaced)


def stop_gradient(x: Any) -> Any:
    """`x` as a constant: the same values, and no gradient flows back.

    Unlike `x.detach()`, it does not note how `x` was computed, for pages that compute it again.

    Example:
        >>> x = ag.Value(3.0)
        >>> (x * ag.stop_gradient(x)).backward()
        >>> x.grad
        3.0
    """
    return detached(x) if isinstance(x, Node) else x
