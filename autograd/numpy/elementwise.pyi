"""Written by `python -m tests.autograd.numpy.stub` from the table in elementwise.py."""

from typing import Any

__all__ = [
    "abs",
    "absolute",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "digamma",
    "div",
    "divide",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gammaln",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "maximum",
    "minimum",
    "mod",
    "mul",
    "multiply",
    "neg",
    "negative",
    "positive",
    "pow",
    "power",
    "reciprocal",
    "relu",
    "remainder",
    "rint",
    "sigmoid",
    "sign",
    "sin",
    "sinc",
    "sinh",
    "softplus",
    "sqrt",
    "square",
    "sub",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "trunc",
]

def negative(x: Any) -> Any:
    """-x, elementwise.

    Derivative: -1.

    Example:
        >>> ag.negative(ag.Tensor([1.0, -2.0]))
        Tensor([-1.,  2.])
    """

neg = negative

def positive(x: Any) -> Any:
    """x itself, as a new node, elementwise.

    Derivative: 1.

    Example:
        >>> ag.positive(ag.Tensor([1.0, -2.0]))
        Tensor([ 1., -2.])
    """

def absolute(x: Any) -> Any:
    """|x|, elementwise.

    Derivative: sign(x), and 0 at the kink x = 0.

    Example:
        >>> ag.absolute(ag.Tensor([1.5, -2.0]))
        Tensor([1.5, 2. ])
    """

abs = absolute

def sign(x: Any) -> Any:
    """-1, 0 or 1, elementwise.

    Derivative: 0.

    Example:
        >>> ag.sign(ag.Tensor([1.5, -2.0]))
        Tensor([ 1., -1.])
    """

def floor(x: Any) -> Any:
    """The largest integer not above x, elementwise.

    Derivative: 0, as for every step function.

    Example:
        >>> ag.floor(ag.Tensor([1.5, -1.5]))
        Tensor([ 1., -2.])
    """

def ceil(x: Any) -> Any:
    """The smallest integer not below x, elementwise.

    Derivative: 0, as for every step function.

    Example:
        >>> ag.ceil(ag.Tensor([1.5, -1.5]))
        Tensor([ 2., -1.])
    """

def trunc(x: Any) -> Any:
    """x without its fraction, elementwise.

    Derivative: 0, as for every step function.

    Example:
        >>> ag.trunc(ag.Tensor([1.5, -1.5]))
        Tensor([ 1., -1.])
    """

def rint(x: Any) -> Any:
    """x rounded to the nearest integer, halves to the even one, elementwise.

    Derivative: 0, as for every step function.

    Example:
        >>> ag.rint(ag.Tensor([1.5, 2.5]))
        Tensor([2., 2.])
    """

def square(x: Any) -> Any:
    """x squared, elementwise.

    Derivative: 2x.

    Example:
        >>> ag.square(ag.Tensor([3.0, -2.0]))
        Tensor([9., 4.])
    """

def sqrt(x: Any) -> Any:
    """The square root; nan for x < 0, elementwise.

    Derivative: 1 / (2 √x), inf at 0.

    Example:
        >>> ag.sqrt(ag.Tensor([4.0, 9.0]))
        Tensor([2., 3.])
    """

def cbrt(x: Any) -> Any:
    """The cube root, of negative numbers too, elementwise.

    Derivative: 1 / (3 ∛x²), inf at 0.

    Example:
        >>> ag.cbrt(ag.Tensor([8.0, -27.0]))
        Tensor([ 2., -3.])
    """

def reciprocal(x: Any) -> Any:
    """1 / x, elementwise.

    Derivative: -1 / x².

    Example:
        >>> ag.reciprocal(ag.Tensor([2.0, -4.0]))
        Tensor([ 0.5 , -0.25])
    """

def power(x: Any, y: Any) -> Any:
    """x to the power of y; nan for x < 0 and a non-integer y, elementwise.

    Derivatives: y x^(y-1) and x^y ln x; the latter is 0 where x = 0 and y >= 0.

    Example:
        >>> ag.power(ag.Tensor([1.0, 2.0]), 3.0)
        Tensor([1., 8.])
    """

pow = power

def hypot(x: Any, y: Any) -> Any:
    """√(x² + y²) without overflow, elementwise.

    Derivatives: x / hypot and y / hypot; 0 at the origin.

    Example:
        >>> ag.hypot(ag.Tensor([3.0, 5.0]), 4.0)
        Tensor([5.        , 6.40312424])
    """

def add(x: Any, y: Any) -> Any:
    """x + y, elementwise.

    Derivatives: 1 and 1.

    Example:
        >>> ag.add(ag.Tensor([1.0, 2.0]), 10.0)
        Tensor([11., 12.])
    """

def subtract(x: Any, y: Any) -> Any:
    """x - y, elementwise.

    Derivatives: 1 and -1.

    Example:
        >>> ag.subtract(ag.Tensor([1.0, 2.0]), 10.0)
        Tensor([-9., -8.])
    """

sub = subtract

def multiply(x: Any, y: Any) -> Any:
    """x · y, elementwise.

    Derivatives: y and x.

    Example:
        >>> ag.multiply(ag.Tensor([1.0, 2.0]), 10.0)
        Tensor([10., 20.])
    """

mul = multiply

def divide(x: Any, y: Any) -> Any:
    """x / y; 1 / 0 is inf, elementwise.

    Derivatives: 1 / y and -x / y².

    Example:
        >>> ag.divide(ag.Tensor([1.0, 2.0]), 4.0)
        Tensor([0.25, 0.5 ])
    """

div = divide

true_divide = divide

def floor_divide(x: Any, y: Any) -> Any:
    """⌊x / y⌋, elementwise.

    Derivatives: 0 and 0, as for every step function.

    Example:
        >>> ag.floor_divide(ag.Tensor([7.0, -7.0]), 2.0)
        Tensor([ 3., -4.])
    """

def remainder(x: Any, y: Any) -> Any:
    """x - ⌊x / y⌋ y, with the sign of y, elementwise.

    Derivatives: 1 and -⌊x / y⌋.

    Example:
        >>> ag.remainder(ag.Tensor([7.0, -7.0]), 3.0)
        Tensor([1., 2.])
    """

mod = remainder

def fmod(x: Any, y: Any) -> Any:
    """The remainder of x / y with the sign of x, elementwise.

    Derivatives: 1 and -trunc(x / y).

    Example:
        >>> ag.fmod(ag.Tensor([7.0, -7.0]), 3.0)
        Tensor([ 1., -1.])
    """

def maximum(x: Any, y: Any) -> Any:
    """The larger of x and y; nan if either is, elementwise.

    Derivatives: 1 for the larger, 0 for the other; a half for each at a tie.

    Example:
        >>> ag.maximum(ag.Tensor([1.0, 2.0]), 1.5)
        Tensor([1.5, 2. ])
    """

def minimum(x: Any, y: Any) -> Any:
    """The smaller of x and y; nan if either is, elementwise.

    Derivatives: 1 for the smaller, 0 for the other; a half for each at a tie.

    Example:
        >>> ag.minimum(ag.Tensor([1.0, 2.0]), 1.5)
        Tensor([1. , 1.5])
    """

def fmax(x: Any, y: Any) -> Any:
    """The larger of x and y, or the one that is not nan, elementwise.

    Derivatives: 1 for the result, 0 for the other; a half for each at a tie.

    Example:
        >>> ag.fmax(ag.Tensor([1.0, float('nan')]), 1.5)
        Tensor([1.5, 1.5])
    """

def fmin(x: Any, y: Any) -> Any:
    """The smaller of x and y, or the one that is not nan, elementwise.

    Derivatives: 1 for the result, 0 for the other; a half for each at a tie.

    Example:
        >>> ag.fmin(ag.Tensor([1.0, float('nan')]), 1.5)
        Tensor([1. , 1.5])
    """

def copysign(x: Any, y: Any) -> Any:
    """|x| with the sign of y, of 0.0 and -0.0 too, elementwise.

    Derivatives: 1 or -1 for x, and 0 at x = 0; 0 for y.

    Example:
        >>> ag.copysign(ag.Tensor([1.5, -2.0]), -0.0)
        Tensor([-1.5, -2. ])
    """

def exp(x: Any) -> Any:
    """e to the power of x, elementwise.

    Derivative: eˣ.

    Example:
        >>> ag.exp(ag.Tensor([0.0, 1.0]))
        Tensor([1.        , 2.71828183])
    """

def exp2(x: Any) -> Any:
    """2 to the power of x, elementwise.

    Derivative: 2ˣ ln 2.

    Example:
        >>> ag.exp2(ag.Tensor([3.0, -1.0]))
        Tensor([8. , 0.5])
    """

def expm1(x: Any) -> Any:
    """eˣ - 1, exact where x is tiny, elementwise.

    Derivative: eˣ.

    Example:
        >>> ag.expm1(ag.Tensor([1e-10, 1.0]))
        Tensor([1.00000000e-10, 1.71828183e+00])
    """

def log(x: Any) -> Any:
    """The natural logarithm; -inf at 0, nan below, elementwise.

    Derivative: 1 / x.

    Example:
        >>> ag.log(ag.Tensor([1.0, 2.0]))
        Tensor([0.        , 0.69314718])
    """

def log2(x: Any) -> Any:
    """The logarithm to base 2, elementwise.

    Derivative: 1 / (x ln 2).

    Example:
        >>> ag.log2(ag.Tensor([8.0, 0.5]))
        Tensor([ 3., -1.])
    """

def log10(x: Any) -> Any:
    """The logarithm to base 10, elementwise.

    Derivative: 1 / (x ln 10).

    Example:
        >>> ag.log10(ag.Tensor([100.0, 0.1]))
        Tensor([ 2., -1.])
    """

def log1p(x: Any) -> Any:
    """ln(1 + x), exact where x is tiny, elementwise.

    Derivative: 1 / (1 + x).

    Example:
        >>> ag.log1p(ag.Tensor([1e-10, 1.0]))
        Tensor([1.00000000e-10, 6.93147181e-01])
    """

def logaddexp(x: Any, y: Any) -> Any:
    """ln(eˣ + eʸ) without overflow, elementwise.

    Derivatives: the shares eˣ / (eˣ + eʸ) and eʸ / (eˣ + eʸ).

    Example:
        >>> ag.logaddexp(ag.Tensor([0.0, 1000.0]), 0.0)
        Tensor([6.93147181e-01, 1.00000000e+03])
    """

def sin(x: Any) -> Any:
    """The sine; x in radians, elementwise.

    Derivative: cos x.

    Example:
        >>> ag.sin(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.84147098])
    """

def cos(x: Any) -> Any:
    """The cosine; x in radians, elementwise.

    Derivative: -sin x.

    Example:
        >>> ag.cos(ag.Tensor([0.0, 1.0]))
        Tensor([1.        , 0.54030231])
    """

def tan(x: Any) -> Any:
    """The tangent; x in radians, elementwise.

    Derivative: 1 + tan² x.

    Example:
        >>> ag.tan(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 1.55740772])
    """

def arcsin(x: Any) -> Any:
    """The angle in radians whose sine is x; nan outside [-1, 1], elementwise.

    Derivative: 1 / √(1 - x²).

    Example:
        >>> ag.arcsin(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 1.57079633])
    """

def arccos(x: Any) -> Any:
    """The angle in radians whose cosine is x; nan outside [-1, 1], elementwise.

    Derivative: -1 / √(1 - x²).

    Example:
        >>> ag.arccos(ag.Tensor([0.0, 1.0]))
        Tensor([1.57079633, 0.        ])
    """

def arctan(x: Any) -> Any:
    """The angle in radians whose tangent is x, elementwise.

    Derivative: 1 / (1 + x²).

    Example:
        >>> ag.arctan(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.78539816])
    """

def arctan2(y: Any, x: Any) -> Any:
    """The angle in radians, from -π to π, of the point (x, y), elementwise.

    Derivatives: x / (x² + y²) for y and -y / (x² + y²) for x.

    Example:
        >>> ag.arctan2(ag.Tensor([1.0, -1.0]), 1.0)
        Tensor([ 0.78539816, -0.78539816])
    """

def sinc(x: Any) -> Any:
    """sin(πx) / (πx), and 1 at 0, elementwise.

    Derivative: (cos(πx) - sinc(x)) / x, and 0 at 0.

    Example:
        >>> ag.sinc(ag.Tensor([0.0, 0.5]))
        Tensor([1.        , 0.63661977])
    """

def sinh(x: Any) -> Any:
    """The hyperbolic sine, elementwise.

    Derivative: cosh x.

    Example:
        >>> ag.sinh(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 1.17520119])
    """

def cosh(x: Any) -> Any:
    """The hyperbolic cosine, elementwise.

    Derivative: sinh x.

    Example:
        >>> ag.cosh(ag.Tensor([0.0, 1.0]))
        Tensor([1.        , 1.54308063])
    """

def tanh(x: Any) -> Any:
    """The hyperbolic tangent, elementwise.

    Derivative: 1 - tanh² x.

    Example:
        >>> ag.tanh(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.76159416])
    """

def arcsinh(x: Any) -> Any:
    """The inverse of sinh, elementwise.

    Derivative: 1 / √(1 + x²).

    Example:
        >>> ag.arcsinh(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.88137359])
    """

def arccosh(x: Any) -> Any:
    """The inverse of cosh; nan for x < 1, elementwise.

    Derivative: 1 / √(x² - 1).

    Example:
        >>> ag.arccosh(ag.Tensor([1.0, 2.0]))
        Tensor([0.       , 1.3169579])
    """

def arctanh(x: Any) -> Any:
    """The inverse of tanh; nan outside [-1, 1], elementwise.

    Derivative: 1 / (1 - x²).

    Example:
        >>> ag.arctanh(ag.Tensor([0.0, 0.5]))
        Tensor([0.        , 0.54930614])
    """

def relu(x: Any) -> Any:
    """max(x, 0), the rectified linear unit, elementwise.

    Derivative: 1 for x > 0, else 0; 0 at the kink x = 0.

    Example:
        >>> ag.relu(ag.Tensor([1.5, -2.0]))
        Tensor([1.5, 0. ])

    Source: Nair and Hinton, Rectified linear units improve restricted Boltzmann machines (2010).
    """

def sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ), the logistic function, elementwise.

    Derivative: σ(x) (1 - σ(x)).

    Example:
        >>> ag.sigmoid(ag.Tensor([0.0, 2.0]))
        Tensor([0.5       , 0.88079708])
    """

def softplus(x: Any) -> Any:
    """ln(1 + eˣ), a smooth relu that does not overflow, elementwise.

    Derivative: sigmoid(x).

    Example:
        >>> ag.softplus(ag.Tensor([0.0, 1000.0]))
        Tensor([6.93147181e-01, 1.00000000e+03])
    """

def erf(x: Any) -> Any:
    """The error function, 2/√π ∫₀ˣ exp(-t²) dt, elementwise.

    Derivative: 2/√π exp(-x²).

    Example:
        >>> ag.erf(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.84270079])
    """

def erfc(x: Any) -> Any:
    """1 - erf(x), exact where erf(x) is close to 1, elementwise.

    Derivative: -2/√π exp(-x²).

    Example:
        >>> ag.erfc(ag.Tensor([1.0, 10.0]))
        Tensor([1.57299207e-01, 2.08848758e-45])
    """

def erfinv(x: Any) -> Any:
    """The y with erf(y) = x; nan outside [-1, 1], elementwise.

    Derivative: √π/2 exp(y²).

    Example:
        >>> ag.erfinv(ag.Tensor([0.0, 0.5]))
        Tensor([0.        , 0.47693628])
    """

def gammaln(x: Any) -> Any:
    """ln |Γ(x)|, where Γ(n) = (n - 1)!; inf at 0, -1, -2, ..., elementwise.

    Derivative: digamma(x).

    Example:
        >>> ag.gammaln(ag.Tensor([3.0, 100.0]))
        Tensor([  0.69314718, 359.13420537])
    """

def digamma(x: Any) -> Any:
    """The slope of ln |Γ(x)|, elementwise.

    Derivative: polygamma(1, x).

    Example:
        >>> ag.digamma(ag.Tensor([1.0, 2.0]))
        Tensor([-0.57721566,  0.42278434])
    """
