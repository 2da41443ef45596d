"""The elementwise functions of one or two arguments, made from a table.

They take Values, Tensors, numbers and arrays alike, of any shape, and broadcast. The result has the
broadcast shape and NumPy's dtype (a Python number does not widen float32). Plain data gives plain
data. A Value with a Tensor raises DTypeError; shapes that do not broadcast raise ShapeError.

Type checkers and editors read `elementwise.pyi`, which `python -m tests.autograd.numpy.stub` writes
from the table.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.numpy.arguments import as_elementwise
from autograd.numpy.dispatch import implements
from autograd.numpy.refusals import refuse, unknown_keyword
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e
from autograd.primitives.shaping import cast


class Entry(NamedTuple):
    """A function: its names, what it computes, and the text of its documentation.

    Attributes:
        names: the function's name, then its aliases.
        op: the primitive that it calls.
        summary: what it returns, as a phrase to which ", elementwise." is added.
        derivative: the derivative for each argument, as a phrase.
        x: the example's first argument, as a list.
        result: the list that the example prints.
        y: the example's second argument.
        source: where the function comes from.
    """

    names: str
    op: Primitive
    summary: str
    derivative: str
    x: str
    result: str
    y: str = ""
    source: str = ""


# fmt: off
TABLE = (
    # --- signs and rounding ---
    Entry("negative neg", a.neg, "-x",
          "-1", "[1.0, -2.0]", "[-1.,  2.]"),
    Entry("positive", a.positive, "x itself, as a new node",
          "1", "[1.0, -2.0]", "[ 1., -2.]"),
    Entry("absolute abs", a.abs_, "|x|",
          "sign(x), and 0 at the kink x = 0", "[1.5, -2.0]", "[1.5, 2. ]"),
    Entry("sign", a.sign, "-1, 0 or 1",
          "0", "[1.5, -2.0]", "[ 1., -1.]"),
    Entry("floor", a.floor, "The largest integer not above x",
          "0, as for every step function", "[1.5, -1.5]", "[ 1., -2.]"),
    Entry("ceil", a.ceil, "The smallest integer not below x",
          "0, as for every step function", "[1.5, -1.5]", "[ 2., -1.]"),
    Entry("trunc", a.trunc, "x without its fraction",
          "0, as for every step function", "[1.5, -1.5]", "[ 1., -1.]"),
    Entry("rint", a.rint, "x rounded to the nearest integer, halves to the even one",
          "0, as for every step function", "[1.5, 2.5]", "[2., 2.]"),
    # --- powers and roots ---
    Entry("square", a.square, "x squared",
          "2x", "[3.0, -2.0]", "[9., 4.]"),
    Entry("sqrt", a.sqrt, "The square root; nan for x < 0",
          "1 / (2 √x), inf at 0", "[4.0, 9.0]", "[2., 3.]"),
    Entry("cbrt", a.cbrt, "The cube root, of negative numbers too",
          "1 / (3 ∛x²), inf at 0", "[8.0, -27.0]", "[ 2., -3.]"),
    Entry("reciprocal", a.reciprocal, "1 / x",
          "-1 / x²", "[2.0, -4.0]", "[ 0.5 , -0.25]"),
    Entry("power pow", e.power, "x to the power of y; nan for x < 0 and a non-integer y",
          "y x^(y-1) and x^y ln x; the latter is 0 where x = 0 and y >= 0",
          "[1.0, 2.0]", "[1., 8.]", y="3.0"),
    Entry("hypot", a.hypot, "√(x² + y²) without overflow",
          "x / hypot and y / hypot; 0 at the origin",
          "[3.0, 5.0]", "[5.        , 6.40312424]", y="4.0"),
    # --- arithmetic ---
    Entry("add", a.add, "x + y",
          "1 and 1", "[1.0, 2.0]", "[11., 12.]", y="10.0"),
    Entry("subtract sub", a.sub, "x - y",
          "1 and -1", "[1.0, 2.0]", "[-9., -8.]", y="10.0"),
    Entry("multiply mul", a.mul, "x · y",
          "y and x", "[1.0, 2.0]", "[10., 20.]", y="10.0"),
    Entry("divide div true_divide", a.div, "x / y; 1 / 0 is inf",
          "1 / y and -x / y²", "[1.0, 2.0]", "[0.25, 0.5 ]", y="4.0"),
    Entry("floor_divide", a.floor_divide, "⌊x / y⌋",
          "0 and 0, as for every step function", "[7.0, -7.0]", "[ 3., -4.]", y="2.0"),
    Entry("remainder mod", a.remainder, "x - ⌊x / y⌋ y, with the sign of y",
          "1 and -⌊x / y⌋", "[7.0, -7.0]", "[1., 2.]", y="3.0"),
    Entry("fmod", a.fmod, "The remainder of x / y with the sign of x",
          "1 and -trunc(x / y)", "[7.0, -7.0]", "[ 1., -1.]", y="3.0"),
    Entry("maximum", a.maximum, "The larger of x and y; nan if either is",
          "1 for the larger, 0 for the other; a half for each at a tie",
          "[1.0, 2.0]", "[1.5, 2. ]", y="1.5"),
    Entry("minimum", a.minimum, "The smaller of x and y; nan if either is",
          "1 for the smaller, 0 for the other; a half for each at a tie",
          "[1.0, 2.0]", "[1. , 1.5]", y="1.5"),
    Entry("fmax", a.fmax, "The larger of x and y, or the one that is not nan",
          "1 for the result, 0 for the other; a half for each at a tie",
          "[1.0, float('nan')]", "[1.5, 1.5]", y="1.5"),
    Entry("fmin", a.fmin, "The smaller of x and y, or the one that is not nan",
          "1 for the result, 0 for the other; a half for each at a tie",
          "[1.0, float('nan')]", "[1. , 1.5]", y="1.5"),
    Entry("copysign", a.copysign, "|x| with the sign of y, of 0.0 and -0.0 too",
          "1 or -1 for x, and 0 at x = 0; 0 for y",
          "[1.5, -2.0]", "[-1.5, -2. ]", y="-0.0"),
    # --- exponentials and logarithms ---
    Entry("exp", e.exp, "e to the power of x",
          "eˣ", "[0.0, 1.0]", "[1.        , 2.71828183]"),
    Entry("exp2", e.exp2, "2 to the power of x",
          "2ˣ ln 2", "[3.0, -1.0]", "[8. , 0.5]"),
    Entry("expm1", e.expm1, "eˣ - 1, exact where x is tiny",
          "eˣ", "[1e-10, 1.0]", "[1.00000000e-10, 1.71828183e+00]"),
    Entry("log", e.log, "The natural logarithm; -inf at 0, nan below",
          "1 / x", "[1.0, 2.0]", "[0.        , 0.69314718]"),
    Entry("log2", e.log2, "The logarithm to base 2",
          "1 / (x ln 2)", "[8.0, 0.5]", "[ 3., -1.]"),
    Entry("log10", e.log10, "The logarithm to base 10",
          "1 / (x ln 10)", "[100.0, 0.1]", "[ 2., -1.]"),
    Entry("log1p", e.log1p, "ln(1 + x), exact where x is tiny",
          "1 / (1 + x)", "[1e-10, 1.0]", "[1.00000000e-10, 6.93147181e-01]"),
    Entry("logaddexp", e.logaddexp, "ln(eˣ + eʸ) without overflow",
          "the shares eˣ / (eˣ + eʸ) and eʸ / (eˣ + eʸ)",
          "[0.0, 1000.0]", "[6.93147181e-01, 1.00000000e+03]", y="0.0"),
    # --- trigonometry ---
    Entry("sin", e.sin, "The sine; x in radians",
          "cos x", "[0.0, 1.0]", "[0.        , 0.84147098]"),
    Entry("cos", e.cos, "The cosine; x in radians",
          "-sin x", "[0.0, 1.0]", "[1.        , 0.54030231]"),
    Entry("tan", e.tan, "The tangent; x in radians",
          "1 + tan² x", "[0.0, 1.0]", "[0.        , 1.55740772]"),
    Entry("arcsin", e.arcsin, "The angle in radians whose sine is x; nan outside [-1, 1]",
          "1 / √(1 - x²)", "[0.0, 1.0]", "[0.        , 1.57079633]"),
    Entry("arccos", e.arccos, "The angle in radians whose cosine is x; nan outside [-1, 1]",
          "-1 / √(1 - x²)", "[0.0, 1.0]", "[1.57079633, 0.        ]"),
    Entry("arctan", e.arctan, "The angle in radians whose tangent is x",
          "1 / (1 + x²)", "[0.0, 1.0]", "[0.        , 0.78539816]"),
    Entry("arctan2", e.arctan2, "The angle in radians, from -π to π, of the point (x, y)",
          "x / (x² + y²) for y and -y / (x² + y²) for x",
          "[1.0, -1.0]", "[ 0.78539816, -0.78539816]", y="1.0"),
    Entry("sinc", e.sinc, "sin(πx) / (πx), and 1 at 0",
          "(cos(πx) - sinc(x)) / x, and 0 at 0", "[0.0, 0.5]", "[1.        , 0.63661977]"),
    # --- hyperbolic functions ---
    Entry("sinh", e.sinh, "The hyperbolic sine",
          "cosh x", "[0.0, 1.0]", "[0.        , 1.17520119]"),
    Entry("cosh", e.cosh, "The hyperbolic cosine",
          "sinh x", "[0.0, 1.0]", "[1.        , 1.54308063]"),
    Entry("tanh", e.tanh, "The hyperbolic tangent",
          "1 - tanh² x", "[0.0, 1.0]", "[0.        , 0.76159416]"),
    Entry("arcsinh", e.arcsinh, "The inverse of sinh",
          "1 / √(1 + x²)", "[0.0, 1.0]", "[0.        , 0.88137359]"),
    Entry("arccosh", e.arccosh, "The inverse of cosh; nan for x < 1",
          "1 / √(x² - 1)", "[1.0, 2.0]", "[0.       , 1.3169579]"),
    Entry("arctanh", e.arctanh, "The inverse of tanh; nan outside [-1, 1]",
          "1 / (1 - x²)", "[0.0, 0.5]", "[0.        , 0.54930614]"),
    # --- activations ---
    Entry("relu", a.relu, "max(x, 0), the rectified linear unit",
          "1 for x > 0, else 0; 0 at the kink x = 0", "[1.5, -2.0]", "[1.5, 0. ]",
          source="Nair and Hinton, Rectified linear units improve restricted Boltzmann "
          "machines (2010)."),
    Entry("sigmoid", e.sigmoid, "1 / (1 + e⁻ˣ), the logistic function",
          "σ(x) (1 - σ(x))", "[0.0, 2.0]", "[0.5       , 0.88079708]"),
    Entry("softplus", e.softplus, "ln(1 + eˣ), a smooth relu that does not overflow",
          "sigmoid(x)", "[0.0, 1000.0]", "[6.93147181e-01, 1.00000000e+03]"),
    Entry("erf", e.erf, "The error function, 2/√π ∫₀ˣ exp(-t²) dt",
          "2/√π exp(-x²)", "[0.0, 1.0]", "[0.        , 0.84270079]"),
    # --- special functions ---
    Entry("erfc", e.erfc, "1 - erf(x), exact where erf(x) is close to 1",
          "-2/√π exp(-x²)", "[1.0, 10.0]", "[1.57299207e-01, 2.08848758e-45]"),
    Entry("erfinv", e.erfinv, "The y with erf(y) = x; nan outside [-1, 1]",
          "√π/2 exp(y²)", "[0.0, 0.5]", "[0.        , 0.47693628]"),
    Entry("gammaln", e.gammaln, "ln |Γ(x)|, where Γ(n) = (n - 1)!; inf at 0, -1, -2, ...",
          "digamma(x)", "[3.0, 100.0]", "[  0.69314718, 359.13420537]"),
    Entry("digamma", e.digamma, "The slope of ln |Γ(x)|",
          "polygamma(1, x)", "[1.0, 2.0]", "[-0.57721566,  0.42278434]"),
)
# fmt: on


# An argument that did not come. Other libraries' keywords are caught by `**others`, because a
# function around each of these would cost a call.
MISSING: Any = object()


def _of_x(op: Primitive, name: str) -> Callable[..., Any]:
    def function(x: Any = MISSING, **others: Any) -> Any:
        if others:
            raise unknown_keyword(name, next(iter(others)))
        try:
            return op(as_elementwise(x))
        except Exception as error:
            _refuse(name, error, x=x)

    return function


def _of_x_and_y(op: Primitive, name: str) -> Callable[..., Any]:
    def function(x: Any = MISSING, y: Any = MISSING, **others: Any) -> Any:
        if others:
            raise unknown_keyword(name, next(iter(others)))
        try:
            return op(as_elementwise(x), as_elementwise(y))
        except Exception as error:
            _refuse(name, error, x=x, y=y)

    return function


def _of_y_and_x(op: Primitive, name: str) -> Callable[..., Any]:
    def function(y: Any = MISSING, x: Any = MISSING, **others: Any) -> Any:
        if others:
            raise unknown_keyword(name, next(iter(others)))
        try:
            return op(as_elementwise(y), as_elementwise(x))
        except Exception as error:
            _refuse(name, error, y=y, x=x)

    return function


def _of_a_base(op: Primitive, name: str) -> Callable[..., Any]:
    def function(x: Any = MISSING, y: Any = MISSING, **others: Any) -> Any:
        if others:
            raise unknown_keyword(name, next(iter(others)))
        try:
            x = as_elementwise(x)
            # As an operator, bool**int gives int8, but the function converts.
            if type(y) is int and getattr(x, "dtype", None) == np.bool_:
                x = cast(x, dtype=np.dtype(int))
            return op(x, as_elementwise(y))
        except Exception as error:
            _refuse(name, error, x=x, y=y)

    return function


def _refuse(name: str, error: Exception, **given: Any) -> NoReturn:
    """Raise the error about a call, which may lack an argument."""
    for parameter, value in given.items():
        if value is MISSING:
            raise TypeError(f"{name}() missing a required argument: {parameter!r}") from None
    if isinstance(error, AttributeError):  # NumPy asks entries of other kinds for a method
        error = TypeError(str(error)).with_traceback(error.__traceback__)
    refuse(name, error, *given.values())


def _documentation(entry: Entry, name: str) -> str:
    arguments = f"ag.Tensor({entry.x})" + (f", {entry.y}" if entry.y else "")
    paragraphs = [
        f"{entry.summary}, elementwise.",
        f"{'Derivatives' if entry.y else 'Derivative'}: {entry.derivative}.",
        f"Example:\n    >>> ag.{name}({arguments})\n    Tensor({entry.result})",
    ]
    if entry.source:
        paragraphs.append(f"Source: {entry.source}")
    return "\n\n".join(paragraphs) + "\n"


def _made(entry: Entry) -> Any:
    """The entry's function, under its own name in tracebacks too."""
    name = entry.names.split()[0]
    shape = _of_x_and_y if entry.y else _of_x
    shape = {"arctan2": _of_y_and_x, "power": _of_a_base}.get(name, shape)
    function: Any = shape(entry.op, name)
    function.__code__ = function.__code__.replace(co_name=name, co_qualname=name)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _documentation(entry, name)
    own = [p.replace(default=p.empty) for p in inspect.signature(function).parameters.values()]
    function.__signature__ = inspect.Signature(own[:-1], return_annotation=Any)
    return function


FUNCTIONS: dict[str, Any] = {}
for _entry in TABLE:
    FUNCTIONS |= dict.fromkeys(_entry.names.split(), _made(_entry))
globals().update(FUNCTIONS)
implements(np.sinc)(FUNCTIONS["sinc"])  # not a ufunc, so dispatch does not know it by its kernel
implements(np.power)(FUNCTIONS["power"])


# --- functions that only np.NAME(tensor) reaches: another one, with the dtypes of NumPy's ---


def _in_result_dtype(ufunc: Any, x: Any) -> Any:
    """A Tensor in the dtype that NumPy's function gives: fabs of integers is floating."""
    if not x._backend.has_shape:  # a Value
        return x
    dtype = ufunc(np.empty(0, x.dtype)).dtype
    return x if x.dtype == dtype else cast(x, dtype=dtype)


@implements(np.fabs)
def _fabs(x: Any) -> Any:
    return a.abs_(_in_result_dtype(np.fabs, x))


@implements(np.conjugate)
def _conjugate(x: Any) -> Any:
    return a.positive(_in_result_dtype(np.conjugate, x))


@implements(np.float_power)
def _float_power(x: Any, y: Any) -> Any:
    double = np.dtype(float)
    x, y = (cast(t, dtype=double) if hasattr(t, "dtype") else t for t in (x, y))
    return e.power(x, y)


__all__ = sorted(FUNCTIONS)
