"""Elementwise arithmetic by NumPy's names, for Values, Tensors, numbers and arrays alike.

Arguments are nodes or array-likes of any shape, and broadcast. The result is of the same kind and
of the broadcast shape, its dtype NumPy's (a Python number does not widen float32). Plain data gives
plain data. A Value with a Tensor raises DTypeError, shapes that do not broadcast raise ShapeError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.numpy.arguments import as_elementwise, bound, plain
from autograd.numpy.dispatch import implements, unsupported
from autograd.primitives import arithmetic as a


def negative(x: Any) -> Any:
    """-x, elementwise.

    Derivative: -1.

    Example:
        >>> ag.negative(ag.Tensor([1.0, -2.0]))
        Tensor([-1.,  2.])
    """
    return a.neg(as_elementwise(x))


def positive(x: Any) -> Any:
    """x itself, as a new node, elementwise.

    Derivative: 1.

    Example:
        >>> ag.positive(ag.Tensor([1.0, -2.0]))
        Tensor([ 1., -2.])
    """
    return a.positive(as_elementwise(x))


def absolute(x: Any) -> Any:
    """|x|, elementwise.

    Derivative: sign(x), and 0 at the kink x = 0.

    Example:
        >>> ag.absolute(ag.Tensor([1.5, -2.0]))
        Tensor([1.5, 2. ])
    """
    return a.abs_(as_elementwise(x))


def sign(x: Any) -> Any:
    """-1, 0 or 1, elementwise.

    Derivative: 0.

    Example:
        >>> ag.sign(ag.Tensor([1.5, -2.0]))
        Tensor([ 1., -1.])
    """
    return a.sign(as_elementwise(x))


def square(x: Any) -> Any:
    """x squared, elementwise.

    Derivative: 2x.

    Example:
        >>> ag.square(ag.Tensor([3.0, -2.0]))
        Tensor([9., 4.])
    """
    return a.square(as_elementwise(x))


def sqrt(x: Any) -> Any:
    """The square root; nan for x < 0, elementwise.

    Derivative: 1 / (2 √x), inf at 0.

    Example:
        >>> ag.sqrt(ag.Tensor([4.0, 9.0]))
        Tensor([2., 3.])
    """
    return a.sqrt(as_elementwise(x))


def cbrt(x: Any) -> Any:
    """The cube root, also of negative numbers, elementwise.

    Derivative: 1 / (3 ∛x²), inf at 0.

    Example:
        >>> ag.cbrt(ag.Tensor([8.0, -27.0]))
        Tensor([ 2., -3.])
    """
    return a.cbrt(as_elementwise(x))


def reciprocal(x: Any) -> Any:
    """1 / x, elementwise.

    Derivative: -1 / x².

    Example:
        >>> ag.reciprocal(ag.Tensor([2.0, -4.0]))
        Tensor([ 0.5 , -0.25])
    """
    return a.reciprocal(as_elementwise(x))


def floor(x: Any) -> Any:
    """The largest integer not above x, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.floor(ag.Tensor([1.5, -1.5]))
        Tensor([ 1., -2.])
    """
    return a.floor(as_elementwise(x))


def ceil(x: Any) -> Any:
    """The smallest integer not below x, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.ceil(ag.Tensor([1.5, -1.5]))
        Tensor([ 2., -1.])
    """
    return a.ceil(as_elementwise(x))


def trunc(x: Any) -> Any:
    """x without its fraction, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.trunc(ag.Tensor([1.5, -1.5]))
        Tensor([ 1., -1.])
    """
    return a.trunc(as_elementwise(x))


def rint(x: Any) -> Any:
    """x rounded to the nearest integer, halves to the even one, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.rint(ag.Tensor([1.5, 2.5]))
        Tensor([2., 2.])
    """
    return a.rint(as_elementwise(x))


def relu(x: Any) -> Any:
    """max(x, 0), the rectified linear unit, elementwise.

    Derivative: 1 for x > 0, else 0; 0 at the kink x = 0.

    Example:
        >>> ag.relu(ag.Tensor([1.5, -2.0]))
        Tensor([1.5, 0. ])

    Source: Nair and Hinton, Rectified linear units improve restricted Boltzmann machines (2010).
    """
    return a.relu(as_elementwise(x))


def add(x: Any, y: Any) -> Any:
    """x + y, elementwise.

    Derivatives: 1 and 1.

    Example:
        >>> ag.add(ag.Tensor([1.0, 2.0]), 10.0)
        Tensor([11., 12.])
    """
    return a.add(as_elementwise(x), as_elementwise(y))


def subtract(x: Any, y: Any) -> Any:
    """x - y, elementwise.

    Derivatives: 1 and -1.

    Example:
        >>> ag.subtract(ag.Tensor([1.0, 2.0]), 10.0)
        Tensor([-9., -8.])
    """
    return a.sub(as_elementwise(x), as_elementwise(y))


def multiply(x: Any, y: Any) -> Any:
    """x · y, elementwise.

    Derivatives: y and x.

    Example:
        >>> ag.multiply(ag.Tensor([1.0, 2.0]), 10.0)
        Tensor([10., 20.])
    """
    return a.mul(as_elementwise(x), as_elementwise(y))


def divide(x: Any, y: Any) -> Any:
    """x / y; 1 / 0 is inf, elementwise.

    Derivatives: 1 / y and -x / y².

    Example:
        >>> ag.divide(ag.Tensor([1.0, 2.0]), 4.0)
        Tensor([0.25, 0.5 ])
    """
    return a.div(as_elementwise(x), as_elementwise(y))


def floor_divide(x: Any, y: Any) -> Any:
    """⌊x / y⌋, elementwise.

    Derivatives: 0 and 0, as of every step function.

    Example:
        >>> ag.floor_divide(ag.Tensor([7.0, -7.0]), 2.0)
        Tensor([ 3., -4.])
    """
    return a.floor_divide(as_elementwise(x), as_elementwise(y))


def remainder(x: Any, y: Any) -> Any:
    """x - ⌊x / y⌋ y, with the sign of y, elementwise.

    Derivatives: 1 and -⌊x / y⌋.

    Example:
        >>> ag.remainder(ag.Tensor([7.0, -7.0]), 3.0)
        Tensor([1., 2.])
    """
    return a.remainder(as_elementwise(x), as_elementwise(y))


def fmod(x: Any, y: Any) -> Any:
    """The remainder of x / y with the sign of x, elementwise.

    Derivatives: 1 and -trunc(x / y).

    Example:
        >>> ag.fmod(ag.Tensor([7.0, -7.0]), 3.0)
        Tensor([ 1., -1.])
    """
    return a.fmod(as_elementwise(x), as_elementwise(y))


def maximum(x: Any, y: Any) -> Any:
    """The larger of x and y; nan if either is, elementwise.

    Derivatives: 1 for the larger, 0 for the other; a half for each at a tie.

    Example:
        >>> ag.maximum(ag.Tensor([1.0, 2.0]), 1.5)
        Tensor([1.5, 2. ])
    """
    return a.maximum(as_elementwise(x), as_elementwise(y))


def minimum(x: Any, y: Any) -> Any:
    """The smaller of x and y; nan if either is, elementwise.

    Derivatives: 1 for the smaller, 0 for the other; a half for each at a tie.

    Example:
        >>> ag.minimum(ag.Tensor([1.0, 2.0]), 1.5)
        Tensor([1. , 1.5])
    """
    return a.minimum(as_elementwise(x), as_elementwise(y))


def hypot(x: Any, y: Any) -> Any:
    """√(x² + y²) without overflow, elementwise.

    Derivatives: x / hypot and y / hypot; 0 at the origin.

    Example:
        >>> ag.hypot(ag.Tensor([3.0, 5.0]), 4.0)
        Tensor([5.        , 6.40312424])
    """
    return a.hypot(as_elementwise(x), as_elementwise(y))


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`x` where the condition holds, else `y`, elementwise.

    Derivatives: 1 for the one taken, exactly 0 for the other. In a backward pass an entry that is
    exactly 0 contributes exactly 0, whatever the slope it meets, so the branch not taken does not
    poison a gradient with 0 · inf or 0 · nan. This holds entry by entry through all elementwise
    primitives and through those that only move or add entries (shapes, indices, sums, windows).
    Through the others, which mix entries (products along an axis, matmul, einsum, linear algebra),
    it holds where the whole gradient is 0, not where a part of it is.

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
    condition = plain(condition)
    if x is None and y is None:
        return np.asarray(condition).nonzero()
    if x is None or y is None:
        raise unsupported(np.where, "either both x and y or neither must be given")
    return a.where(condition, as_elementwise(x), as_elementwise(y))


@implements(np.clip)
def clip(x: Any, min: Any = None, max: Any = None, *, a_min: Any = None, a_max: Any = None) -> Any:
    """`x` limited to the interval from `min` to `max`, elementwise.

    Derivative: 1 inside the interval and at its ends, 0 outside; outside it is 1 by the limit that
        holds.

    Args:
        x: the numbers.
        min: the lower limit, or None for none; `a_min` is NumPy's older name.
        max: the upper limit, or None for none; `a_max` is NumPy's older name.

    Example:
        >>> ag.clip(ag.Tensor([-2.0, 0.5, 3.0]), 0.0, 1.0)
        Tensor([0. , 0.5, 1. ])
    """
    low = a_min if min is None else min
    high = a_max if max is None else max
    if low is None and high is None:
        return a.positive(as_elementwise(x))
    x = as_elementwise(x)
    dtype = np.asarray(plain(x)).dtype
    low = bound(dtype, False) if low is None else as_elementwise(low)
    high = bound(dtype, True) if high is None else as_elementwise(high)
    return a.clip(x, low, high)


@implements(np.round, np.around)
def round(x: Any, decimals: int = 0) -> Any:
    """`x` rounded to a number of decimals, halves to even, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.round(ag.Tensor([1.26, 2.5]), 1)
        Tensor([1.3, 2.5])
    """
    x = as_elementwise(x)
    if np.asarray(plain(x)).dtype.kind in "iu":
        return a.where(True, np.round(plain(x), decimals), x)  # stays an integer
    scale = 10.0**decimals
    return a.rint(x) if decimals == 0 else a.rint(x * scale) / scale


@implements(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """`x` with nan replaced by `nan`, and infinities by large numbers or what is given,
    elementwise.

    Derivative: 1 where the number is kept, 0 where it is replaced.

    Example:
        >>> ag.nan_to_num(ag.Tensor([1.0, float("nan")]))
        Tensor([1., 0.])
    """
    x = as_elementwise(x)
    data = np.asarray(plain(x))
    replaced = np.nan_to_num(data, nan=nan, posinf=posinf, neginf=neginf)
    return a.where(np.isfinite(data), x, replaced)


def stop_gradient(x: Any) -> Any:
    """`x` as a constant: the same numbers, and no gradient flows back.

    Example:
        >>> x = ag.Value(3.0)
        >>> (x * ag.stop_gradient(x)).backward()
        >>> x.grad
        3.0
    """
    return x.detach() if isinstance(x, Node) else x


neg = negative
abs = absolute
sub = subtract
mul = multiply
div = divide
true_divide = divide
mod = remainder
