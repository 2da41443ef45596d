"""Elementary functions by NumPy's names, for Values, Tensors, numbers and arrays alike.

Arguments are nodes or array-likes of any shape, and broadcast. The result is of the same kind and
of the broadcast shape, its dtype NumPy's (a Python number does not widen float32). Plain data gives
plain data. A Value with a Tensor raises DTypeError, shapes that do not broadcast raise ShapeError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.numpy.arguments import as_elementwise
from autograd.numpy.dispatch import implements
from autograd.primitives import elementary as e


def exp(x: Any) -> Any:
    """e to the power of x, elementwise.

    Derivative: eˣ.

    Example:
        >>> ag.exp(ag.Tensor([0.0, 1.0]))
        Tensor([1.        , 2.71828183])
    """
    return e.exp(as_elementwise(x))


def exp2(x: Any) -> Any:
    """2 to the power of x, elementwise.

    Derivative: 2ˣ ln 2.

    Example:
        >>> ag.exp2(ag.Tensor([3.0, -1.0]))
        Tensor([8. , 0.5])
    """
    return e.exp2(as_elementwise(x))


def expm1(x: Any) -> Any:
    """eˣ - 1, exact where x is tiny, elementwise.

    Derivative: eˣ.

    Example:
        >>> ag.expm1(ag.Tensor([1e-10, 1.0]))
        Tensor([1.00000000e-10, 1.71828183e+00])
    """
    return e.expm1(as_elementwise(x))


def log(x: Any) -> Any:
    """The natural logarithm; -inf at 0, nan below, elementwise.

    Derivative: 1 / x.

    Example:
        >>> ag.log(ag.Tensor([1.0, 2.0]))
        Tensor([0.        , 0.69314718])
    """
    return e.log(as_elementwise(x))


def log2(x: Any) -> Any:
    """The logarithm to base 2, elementwise.

    Derivative: 1 / (x ln 2).

    Example:
        >>> ag.log2(ag.Tensor([8.0, 0.5]))
        Tensor([ 3., -1.])
    """
    return e.log2(as_elementwise(x))


def log10(x: Any) -> Any:
    """The logarithm to base 10, elementwise.

    Derivative: 1 / (x ln 10).

    Example:
        >>> ag.log10(ag.Tensor([100.0, 0.1]))
        Tensor([ 2., -1.])
    """
    return e.log10(as_elementwise(x))


def log1p(x: Any) -> Any:
    """Ln(1 + x), exact where x is tiny, elementwise.

    Derivative: 1 / (1 + x).

    Example:
        >>> ag.log1p(ag.Tensor([1e-10, 1.0]))
        Tensor([1.00000000e-10, 6.93147181e-01])
    """
    return e.log1p(as_elementwise(x))


def sin(x: Any) -> Any:
    """The sine; x in radians, elementwise.

    Derivative: cos x.

    Example:
        >>> ag.sin(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.84147098])
    """
    return e.sin(as_elementwise(x))


def cos(x: Any) -> Any:
    """The cosine; x in radians, elementwise.

    Derivative: -sin x.

    Example:
        >>> ag.cos(ag.Tensor([0.0, 1.0]))
        Tensor([1.        , 0.54030231])
    """
    return e.cos(as_elementwise(x))


def tan(x: Any) -> Any:
    """The tangent; x in radians, elementwise.

    Derivative: 1 + tan² x.

    Example:
        >>> ag.tan(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 1.55740772])
    """
    return e.tan(as_elementwise(x))


def arcsin(x: Any) -> Any:
    """The angle in radians whose sine is x; nan outside [-1, 1], elementwise.

    Derivative: 1 / √(1 - x²).

    Example:
        >>> ag.arcsin(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 1.57079633])
    """
    return e.arcsin(as_elementwise(x))


def arccos(x: Any) -> Any:
    """The angle in radians whose cosine is x; nan outside [-1, 1], elementwise.

    Derivative: -1 / √(1 - x²).

    Example:
        >>> ag.arccos(ag.Tensor([0.0, 1.0]))
        Tensor([1.57079633, 0.        ])
    """
    return e.arccos(as_elementwise(x))


def arctan(x: Any) -> Any:
    """The angle in radians whose tangent is x, elementwise.

    Derivative: 1 / (1 + x²).

    Example:
        >>> ag.arctan(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.78539816])
    """
    return e.arctan(as_elementwise(x))


def sinh(x: Any) -> Any:
    """The hyperbolic sine, elementwise.

    Derivative: cosh x.

    Example:
        >>> ag.sinh(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 1.17520119])
    """
    return e.sinh(as_elementwise(x))


def cosh(x: Any) -> Any:
    """The hyperbolic cosine, elementwise.

    Derivative: sinh x.

    Example:
        >>> ag.cosh(ag.Tensor([0.0, 1.0]))
        Tensor([1.        , 1.54308063])
    """
    return e.cosh(as_elementwise(x))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent, elementwise.

    Derivative: 1 - tanh² x.

    Example:
        >>> ag.tanh(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.76159416])
    """
    return e.tanh(as_elementwise(x))


def arcsinh(x: Any) -> Any:
    """The inverse of sinh, elementwise.

    Derivative: 1 / √(1 + x²).

    Example:
        >>> ag.arcsinh(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.88137359])
    """
    return e.arcsinh(as_elementwise(x))


def arccosh(x: Any) -> Any:
    """The inverse of cosh; nan for x < 1, elementwise.

    Derivative: 1 / √(x² - 1).

    Example:
        >>> ag.arccosh(ag.Tensor([1.0, 2.0]))
        Tensor([0.       , 1.3169579])
    """
    return e.arccosh(as_elementwise(x))


def arctanh(x: Any) -> Any:
    """The inverse of tanh; nan outside [-1, 1], elementwise.

    Derivative: 1 / (1 - x²).

    Example:
        >>> ag.arctanh(ag.Tensor([0.0, 0.5]))
        Tensor([0.        , 0.54930614])
    """
    return e.arctanh(as_elementwise(x))


def sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ), the logistic function, elementwise.

    Derivative: σ(x) (1 - σ(x)).

    Example:
        >>> ag.sigmoid(ag.Tensor([0.0, 2.0]))
        Tensor([0.5       , 0.88079708])
    """
    return e.sigmoid(as_elementwise(x))


def softplus(x: Any) -> Any:
    """Ln(1 + eˣ), a smooth relu that does not overflow, elementwise.

    Derivative: sigmoid(x).

    Example:
        >>> ag.softplus(ag.Tensor([0.0, 1000.0]))
        Tensor([6.93147181e-01, 1.00000000e+03])
    """
    return e.softplus(as_elementwise(x))


def erf(x: Any) -> Any:
    """The error function, 2/√π ∫₀ˣ exp(-t²) dt, elementwise.

    Derivative: 2/√π exp(-x²).

    Example:
        >>> ag.erf(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.84270079])
    """
    return e.erf(as_elementwise(x))


@implements(np.sinc)
def sinc(x: Any) -> Any:
    """sin(πx) / (πx), and 1 at 0, elementwise.

    Derivative: (cos(πx) - sinc(x)) / x, and 0 at 0.

    Example:
        >>> ag.sinc(ag.Tensor([0.0, 0.5]))
        Tensor([1.        , 0.63661977])
    """
    return e.sinc(as_elementwise(x))


def power(x: Any, y: Any) -> Any:
    """x to the power of y; nan for a negative x and a y that is no integer, elementwise.

    Derivatives: y x^(y-1) and x^y ln x; 0 by y where x = 0 and y >= 0.

    Example:
        >>> ag.power(ag.Tensor([1.0, 2.0]), 3.0)
        Tensor([1., 8.])
    """
    return e.power(as_elementwise(x), as_elementwise(y))


def arctan2(y: Any, x: Any) -> Any:
    """The angle in radians, from -π to π, of the point (x, y), elementwise.

    Derivatives: x / (x² + y²) by y and -y / (x² + y²) by x.

    Example:
        >>> ag.arctan2(ag.Tensor([1.0, -1.0]), 1.0)
        Tensor([ 0.78539816, -0.78539816])
    """
    return e.arctan2(as_elementwise(y), as_elementwise(x))


def logaddexp(x: Any, y: Any) -> Any:
    """Ln(eˣ + eʸ) without overflow, elementwise.

    Derivatives: the shares eˣ / (eˣ + eʸ) and eʸ / (eˣ + eʸ).

    Example:
        >>> ag.logaddexp(ag.Tensor([0.0, 1000.0]), 0.0)
        Tensor([6.93147181e-01, 1.00000000e+03])
    """
    return e.logaddexp(as_elementwise(x), as_elementwise(y))


pow = power
