"""Elementwise functions by NumPy's names, for Values, Tensors, numbers and arrays alike.

Arguments are nodes or array-likes of any shape, and broadcast. The result is of the same kind and
of the broadcast shape, its dtype NumPy's (a Python number does not widen float32). Plain data gives
plain data. A Value with a Tensor raises DTypeError, shapes that do not broadcast raise ShapeError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.graph import Node
from autograd.numpy_names import implements, unsupported
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e


def negative(x: Any) -> Any:
    """-x, elementwise.

    Derivative: -1.

    Example:
        >>> ag.negative(ag.Tensor([1.0, -2.0]))
        Tensor([-1.,  2.])
    """
    return a.neg(_operand(x))


def positive(x: Any) -> Any:
    """X itself, as a new node, elementwise.

    Derivative: 1.

    Example:
        >>> ag.positive(ag.Tensor([1.0, -2.0]))
        Tensor([ 1., -2.])
    """
    return a.positive(_operand(x))


def absolute(x: Any) -> Any:
    """|x|, elementwise.

    Derivative: sign(x), and 0 at the kink x = 0.

    Example:
        >>> ag.absolute(ag.Tensor([1.5, -2.0]))
        Tensor([1.5, 2. ])
    """
    return a.abs_(_operand(x))


def sign(x: Any) -> Any:
    """-1, 0 or 1, elementwise.

    Derivative: 0.

    Example:
        >>> ag.sign(ag.Tensor([1.5, -2.0]))
        Tensor([ 1., -1.])
    """
    return a.sign(_operand(x))


def square(x: Any) -> Any:
    """X squared, elementwise.

    Derivative: 2x.

    Example:
        >>> ag.square(ag.Tensor([3.0, -2.0]))
        Tensor([9., 4.])
    """
    return a.square(_operand(x))


def sqrt(x: Any) -> Any:
    """The square root; nan for x < 0, elementwise.

    Derivative: 1 / (2 √x), inf at 0.

    Example:
        >>> ag.sqrt(ag.Tensor([4.0, 9.0]))
        Tensor([2., 3.])
    """
    return a.sqrt(_operand(x))


def cbrt(x: Any) -> Any:
    """The cube root, also of negative numbers, elementwise.

    Derivative: 1 / (3 ∛x²), inf at 0.

    Example:
        >>> ag.cbrt(ag.Tensor([8.0, -27.0]))
        Tensor([ 2., -3.])
    """
    return a.cbrt(_operand(x))


def reciprocal(x: Any) -> Any:
    """1 / x, elementwise.

    Derivative: -1 / x².

    Example:
        >>> ag.reciprocal(ag.Tensor([2.0, -4.0]))
        Tensor([ 0.5 , -0.25])
    """
    return a.reciprocal(_operand(x))


def floor(x: Any) -> Any:
    """The largest integer not above x, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.floor(ag.Tensor([1.5, -1.5]))
        Tensor([ 1., -2.])
    """
    return a.floor(_operand(x))


def ceil(x: Any) -> Any:
    """The smallest integer not below x, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.ceil(ag.Tensor([1.5, -1.5]))
        Tensor([ 2., -1.])
    """
    return a.ceil(_operand(x))


def trunc(x: Any) -> Any:
    """X without its fraction, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.trunc(ag.Tensor([1.5, -1.5]))
        Tensor([ 1., -1.])
    """
    return a.trunc(_operand(x))


def rint(x: Any) -> Any:
    """X rounded to the nearest integer, halves to the even one, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.rint(ag.Tensor([1.5, 2.5]))
        Tensor([2., 2.])
    """
    return a.rint(_operand(x))


def relu(x: Any) -> Any:
    """Max(x, 0), the rectified linear unit, elementwise.

    Derivative: 1 for x > 0, else 0; 0 at the kink x = 0.

    Example:
        >>> ag.relu(ag.Tensor([1.5, -2.0]))
        Tensor([1.5, 0. ])
    """
    return a.relu(_operand(x))


def exp(x: Any) -> Any:
    """E to the power of x, elementwise.

    Derivative: eˣ.

    Example:
        >>> ag.exp(ag.Tensor([0.0, 1.0]))
        Tensor([1.        , 2.71828183])
    """
    return e.exp(_operand(x))


def exp2(x: Any) -> Any:
    """2 to the power of x, elementwise.

    Derivative: 2ˣ ln 2.

    Example:
        >>> ag.exp2(ag.Tensor([3.0, -1.0]))
        Tensor([8. , 0.5])
    """
    return e.exp2(_operand(x))


def expm1(x: Any) -> Any:
    """Eˣ - 1, exact where x is tiny, elementwise.

    Derivative: eˣ.

    Example:
        >>> ag.expm1(ag.Tensor([1e-10, 1.0]))
        Tensor([1.00000000e-10, 1.71828183e+00])
    """
    return e.expm1(_operand(x))


def log(x: Any) -> Any:
    """The natural logarithm; -inf at 0, nan below, elementwise.

    Derivative: 1 / x.

    Example:
        >>> ag.log(ag.Tensor([1.0, 2.0]))
        Tensor([0.        , 0.69314718])
    """
    return e.log(_operand(x))


def log2(x: Any) -> Any:
    """The logarithm to base 2, elementwise.

    Derivative: 1 / (x ln 2).

    Example:
        >>> ag.log2(ag.Tensor([8.0, 0.5]))
        Tensor([ 3., -1.])
    """
    return e.log2(_operand(x))


def log10(x: Any) -> Any:
    """The logarithm to base 10, elementwise.

    Derivative: 1 / (x ln 10).

    Example:
        >>> ag.log10(ag.Tensor([100.0, 0.1]))
        Tensor([ 2., -1.])
    """
    return e.log10(_operand(x))


def log1p(x: Any) -> Any:
    """Ln(1 + x), exact where x is tiny, elementwise.

    Derivative: 1 / (1 + x).

    Example:
        >>> ag.log1p(ag.Tensor([1e-10, 1.0]))
        Tensor([1.00000000e-10, 6.93147181e-01])
    """
    return e.log1p(_operand(x))


def sin(x: Any) -> Any:
    """The sine; x in radians, elementwise.

    Derivative: cos x.

    Example:
        >>> ag.sin(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.84147098])
    """
    return e.sin(_operand(x))


def cos(x: Any) -> Any:
    """The cosine; x in radians, elementwise.

    Derivative: -sin x.

    Example:
        >>> ag.cos(ag.Tensor([0.0, 1.0]))
        Tensor([1.        , 0.54030231])
    """
    return e.cos(_operand(x))


def tan(x: Any) -> Any:
    """The tangent; x in radians, elementwise.

    Derivative: 1 + tan² x.

    Example:
        >>> ag.tan(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 1.55740772])
    """
    return e.tan(_operand(x))


def arcsin(x: Any) -> Any:
    """The angle in radians whose sine is x; nan outside [-1, 1], elementwise.

    Derivative: 1 / √(1 - x²).

    Example:
        >>> ag.arcsin(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 1.57079633])
    """
    return e.arcsin(_operand(x))


def arccos(x: Any) -> Any:
    """The angle in radians whose cosine is x; nan outside [-1, 1], elementwise.

    Derivative: -1 / √(1 - x²).

    Example:
        >>> ag.arccos(ag.Tensor([0.0, 1.0]))
        Tensor([1.57079633, 0.        ])
    """
    return e.arccos(_operand(x))


def arctan(x: Any) -> Any:
    """The angle in radians whose tangent is x, elementwise.

    Derivative: 1 / (1 + x²).

    Example:
        >>> ag.arctan(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.78539816])
    """
    return e.arctan(_operand(x))


def sinh(x: Any) -> Any:
    """The hyperbolic sine, elementwise.

    Derivative: cosh x.

    Example:
        >>> ag.sinh(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 1.17520119])
    """
    return e.sinh(_operand(x))


def cosh(x: Any) -> Any:
    """The hyperbolic cosine, elementwise.

    Derivative: sinh x.

    Example:
        >>> ag.cosh(ag.Tensor([0.0, 1.0]))
        Tensor([1.        , 1.54308063])
    """
    return e.cosh(_operand(x))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent, elementwise.

    Derivative: 1 - tanh² x.

    Example:
        >>> ag.tanh(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.76159416])
    """
    return e.tanh(_operand(x))


def arcsinh(x: Any) -> Any:
    """The inverse of sinh, elementwise.

    Derivative: 1 / √(1 + x²).

    Example:
        >>> ag.arcsinh(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.88137359])
    """
    return e.arcsinh(_operand(x))


def arccosh(x: Any) -> Any:
    """The inverse of cosh; nan for x < 1, elementwise.

    Derivative: 1 / √(x² - 1).

    Example:
        >>> ag.arccosh(ag.Tensor([1.0, 2.0]))
        Tensor([0.       , 1.3169579])
    """
    return e.arccosh(_operand(x))


def arctanh(x: Any) -> Any:
    """The inverse of tanh; nan outside [-1, 1], elementwise.

    Derivative: 1 / (1 - x²).

    Example:
        >>> ag.arctanh(ag.Tensor([0.0, 0.5]))
        Tensor([0.        , 0.54930614])
    """
    return e.arctanh(_operand(x))


def sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ), the logistic function, elementwise.

    Derivative: σ(x) (1 - σ(x)).

    Example:
        >>> ag.sigmoid(ag.Tensor([0.0, 2.0]))
        Tensor([0.5       , 0.88079708])
    """
    return e.sigmoid(_operand(x))


def softplus(x: Any) -> Any:
    """Ln(1 + eˣ), a smooth relu that does not overflow, elementwise.

    Derivative: sigmoid(x).

    Example:
        >>> ag.softplus(ag.Tensor([0.0, 1000.0]))
        Tensor([6.93147181e-01, 1.00000000e+03])
    """
    return e.softplus(_operand(x))


def erf(x: Any) -> Any:
    """The error function, 2/√π ∫₀ˣ exp(-t²) dt, elementwise.

    Derivative: 2/√π exp(-x²).

    Example:
        >>> ag.erf(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.84270079])
    """
    return e.erf(_operand(x))


@implements(np.sinc)
def sinc(x: Any) -> Any:
    """Sin(πx) / (πx), and 1 at 0, elementwise.

    Derivative: (cos(πx) - sinc(x)) / x, and 0 at 0.

    Example:
        >>> ag.sinc(ag.Tensor([0.0, 0.5]))
        Tensor([1.        , 0.63661977])
    """
    return e.sinc(_operand(x))


def add(x: Any, y: Any) -> Any:
    """X + y, elementwise.

    Derivatives: 1 and 1.

    Example:
        >>> ag.add(ag.Tensor([1.0, 2.0]), 10.0)
        Tensor([11., 12.])
    """
    return a.add(_operand(x), _operand(y))


def subtract(x: Any, y: Any) -> Any:
    """X - y, elementwise.

    Derivatives: 1 and -1.

    Example:
        >>> ag.subtract(ag.Tensor([1.0, 2.0]), 10.0)
        Tensor([-9., -8.])
    """
    return a.sub(_operand(x), _operand(y))


def multiply(x: Any, y: Any) -> Any:
    """X · y, elementwise.

    Derivatives: y and x.

    Example:
        >>> ag.multiply(ag.Tensor([1.0, 2.0]), 10.0)
        Tensor([10., 20.])
    """
    return a.mul(_operand(x), _operand(y))


def divide(x: Any, y: Any) -> Any:
    """X / y; 1 / 0 is inf, elementwise.

    Derivatives: 1 / y and -x / y².

    Example:
        >>> ag.divide(ag.Tensor([1.0, 2.0]), 4.0)
        Tensor([0.25, 0.5 ])
    """
    return a.div(_operand(x), _operand(y))


def power(x: Any, y: Any) -> Any:
    """X to the power of y; nan for a negative x and a y that is no integer, elementwise.

    Derivatives: y x^(y-1) and x^y ln x; 0 by y where x = 0 and y >= 0.

    Example:
        >>> ag.power(ag.Tensor([1.0, 2.0]), 3.0)
        Tensor([1., 8.])
    """
    return e.power(_operand(x), _operand(y))


def floor_divide(x: Any, y: Any) -> Any:
    """⌊x / y⌋, elementwise.

    Derivatives: 0 and 0, as of every step function.

    Example:
        >>> ag.floor_divide(ag.Tensor([7.0, -7.0]), 2.0)
        Tensor([ 3., -4.])
    """
    return a.floor_divide(_operand(x), _operand(y))


def remainder(x: Any, y: Any) -> Any:
    """X - ⌊x / y⌋ y, with the sign of y, elementwise.

    Derivatives: 1 and -⌊x / y⌋.

    Example:
        >>> ag.remainder(ag.Tensor([7.0, -7.0]), 3.0)
        Tensor([1., 2.])
    """
    return a.remainder(_operand(x), _operand(y))


def fmod(x: Any, y: Any) -> Any:
    """The remainder of x / y with the sign of x, elementwise.

    Derivatives: 1 and -trunc(x / y).

    Example:
        >>> ag.fmod(ag.Tensor([7.0, -7.0]), 3.0)
        Tensor([ 1., -1.])
    """
    return a.fmod(_operand(x), _operand(y))


def maximum(x: Any, y: Any) -> Any:
    """The larger of x and y; nan if either is, elementwise.

    Derivatives: 1 for the larger, 0 for the other; a half for each at a tie.

    Example:
        >>> ag.maximum(ag.Tensor([1.0, 2.0]), 1.5)
        Tensor([1.5, 2. ])
    """
    return a.maximum(_operand(x), _operand(y))


def minimum(x: Any, y: Any) -> Any:
    """The smaller of x and y; nan if either is, elementwise.

    Derivatives: 1 for the smaller, 0 for the other; a half for each at a tie.

    Example:
        >>> ag.minimum(ag.Tensor([1.0, 2.0]), 1.5)
        Tensor([1. , 1.5])
    """
    return a.minimum(_operand(x), _operand(y))


def hypot(x: Any, y: Any) -> Any:
    """√(x² + y²) without overflow, elementwise.

    Derivatives: x / hypot and y / hypot; 0 at the origin.

    Example:
        >>> ag.hypot(ag.Tensor([3.0, 5.0]), 4.0)
        Tensor([5.        , 6.40312424])
    """
    return a.hypot(_operand(x), _operand(y))


def arctan2(y: Any, x: Any) -> Any:
    """The angle in radians, from -π to π, of the point (x, y), elementwise.

    Derivatives: x / (x² + y²) by y and -y / (x² + y²) by x.

    Example:
        >>> ag.arctan2(ag.Tensor([1.0, -1.0]), 1.0)
        Tensor([ 0.78539816, -0.78539816])
    """
    return e.arctan2(_operand(y), _operand(x))


def logaddexp(x: Any, y: Any) -> Any:
    """Ln(eˣ + eʸ) without overflow, elementwise.

    Derivatives: the shares eˣ / (eˣ + eʸ) and eʸ / (eˣ + eʸ).

    Example:
        >>> ag.logaddexp(ag.Tensor([0.0, 1000.0]), 0.0)
        Tensor([6.93147181e-01, 1.00000000e+03])
    """
    return e.logaddexp(_operand(x), _operand(y))


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`x` where the condition holds, else `y`, elementwise.

    Derivatives: 1 for the one taken, exactly 0 for the other, even where the derivative of how the
    other was computed is infinite or nan: the branch not taken never poisons a gradient.

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
    condition = _plain(condition)
    if x is None and y is None:
        return np.asarray(condition).nonzero()
    if x is None or y is None:
        raise unsupported(np.where, "either both x and y or neither must be given")
    return a.where(condition, _operand(x), _operand(y))


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
        return a.positive(_operand(x))
    low = -np.inf if low is None else _operand(low)
    high = np.inf if high is None else _operand(high)
    return a.clip(_operand(x), low, high)


@implements(np.round, np.around)
def round(x: Any, decimals: int = 0) -> Any:
    """`x` rounded to a number of decimals, halves to even, elementwise.

    Derivative: 0, as of every step function.

    Example:
        >>> ag.round(ag.Tensor([1.26, 2.5]), 1)
        Tensor([1.3, 2.5])
    """
    scale = 10.0**decimals
    return a.rint(_operand(x)) if decimals == 0 else a.rint(_operand(x) * scale) / scale


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
    x = _operand(x)
    data = np.asarray(_plain(x))
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


def _operand(x: Any) -> Any:
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x


neg = negative

abs = absolute

sub = subtract

mul = multiply

div = divide

true_divide = divide

pow = power

mod = remainder
