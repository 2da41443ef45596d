"""Primitives of elementary functions, elementwise: one line each, the longer rules above the table.

A rule takes (g, out, x): the cotangent, the result, the argument. Formulas: Abramowitz and Stegun,
Handbook of Mathematical Functions, chapters 4 and 7.
"""

import math
import operator
from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.primitives import special
from autograd.primitives.arithmetic import elementwise, hypot, sqrt, where

_LN2 = math.log(2.0)
_LN10 = math.log(10.0)
_TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)
_HALF_ROOT_PI = math.sqrt(math.pi) / 2.0

# --- the longer ones ---


def _power_by_base(g: Any, out: Any, x: Any, y: Any) -> Any:
    """y x^(y-1), and 0 for y = 0 even at x = 0, where 0 * 0^-1 would be nan."""
    return g * (y * power(x, y * 1 - (y != 0)))  # y * 1, because booleans do not subtract


def _power_by_exponent(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x^y log(x), and 0 at x = 0 with y >= 0, where 0 * log(0) would be nan."""
    return g * (out * log(where((x == 0) & (y >= 0), 1.0, x)))


def _power_float(x: float, y: float) -> float:
    """As NumPy computes it: the square root is a special case, and (-inf)^0.5 is nan."""
    if y == 0.5:
        return math.sqrt(x) if x >= 0 else math.nan
    return math.pow(x, y)


def _over_square(x: Any, y: Any) -> Any:
    """x / (x² + y²), whose squares would be 0 for lengths of 1e-200, or of 1e-25 in float32."""
    length = hypot(x, y)
    return x / length / length


def _one_minus_square(x: Any) -> Any:
    """1 - x²; near 1, where that cancels, by its factors, whose derivatives cancel near 0."""
    return where(abs(x) < 0.5, 1.0 - x * x, (1.0 - x) * (1.0 + x))


def _of_scipy(name: str, arguments: int = 1) -> Any:
    """A kernel of SciPy's, by its name, under which a trace has another function."""
    if arguments == 2:
        return lambda x, y: getattr(special, name)(x, y)
    return lambda x: getattr(special, name)(x)


def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


def _sigmoid_float(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def _softplus(x: Any) -> Any:
    return np.logaddexp(x, 0)


def _softplus_float(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x


def _sinc(x: float) -> float:
    x *= math.pi
    return math.sin(x) / x if x else 1.0


def _sinc_rule(g: Any, out: Any, x: Any) -> Any:
    """(cos(πx) - sinc(x)) / x; near 0, where the difference cancels, by its series.

    sinc'(x) = -π² x / 3 + π⁴ x³ / 30 - π⁶ x⁵ / 840 + ...
    """
    near = abs(x) < 0.05
    y = math.pi * x
    s = y * y
    series = -y * (1 / 3 - s * (1 / 30 - s * (1 / 840 - s * (1 / 45360 - s / 3991680))))
    return g * where(near, math.pi * series, (cos(y) - out) / where(near, 1.0, x))


# fmt: off
exp: Primitive     = elementwise("exp",     np.exp,     lambda g, out, x: g * out,                       scalar=math.exp,   formula="eˣ")
exp2: Primitive    = elementwise("exp2",    np.exp2,    lambda g, out, x: g * (out * _LN2),              scalar=math.exp2,  formula="2ˣ")
expm1: Primitive   = elementwise("expm1",   np.expm1,   lambda g, out, x: g * exp(x),                    scalar=math.expm1, formula="eˣ - 1")
log: Primitive     = elementwise("log",     np.log,     lambda g, out, x: g / x,                         scalar=math.log,   formula="ln x")
log2: Primitive    = elementwise("log2",    np.log2,    lambda g, out, x: g / (x * _LN2),                scalar=math.log2,  formula="log₂ x")
log10: Primitive   = elementwise("log10",   np.log10,   lambda g, out, x: g / (x * _LN10),               scalar=math.log10, formula="log₁₀ x")
log1p: Primitive   = elementwise("log1p",   np.log1p,   lambda g, out, x: g / (1.0 + x),                 scalar=math.log1p, formula="ln(1 + x)")

sin: Primitive     = elementwise("sin",     np.sin,     lambda g, out, x: g * cos(x),                    scalar=math.sin,   formula="sin x")
cos: Primitive     = elementwise("cos",     np.cos,     lambda g, out, x: -g * sin(x),                   scalar=math.cos,   formula="cos x")
tan: Primitive     = elementwise("tan",     np.tan,     lambda g, out, x: g * (1.0 + out * out),         scalar=math.tan,   formula="tan x")
arcsin: Primitive  = elementwise("arcsin",  np.arcsin,  lambda g, out, x: g / sqrt(_one_minus_square(x)),  scalar=math.asin,  formula="arcsin x")
arccos: Primitive  = elementwise("arccos",  np.arccos,  lambda g, out, x: -g / sqrt(_one_minus_square(x)), scalar=math.acos,  formula="arccos x")
arctan: Primitive  = elementwise("arctan",  np.arctan,  lambda g, out, x: g / (1.0 + x * x),             scalar=math.atan,  formula="arctan x")

sinh: Primitive    = elementwise("sinh",    np.sinh,    lambda g, out, x: g * cosh(x),                   scalar=math.sinh,  formula="sinh x")
cosh: Primitive    = elementwise("cosh",    np.cosh,    lambda g, out, x: g * sinh(x),                   scalar=math.cosh,  formula="cosh x")
tanh: Primitive    = elementwise("tanh",    np.tanh,    lambda g, out, x: g * (1.0 - out * out),         scalar=math.tanh,  formula="tanh x")
arcsinh: Primitive = elementwise("arcsinh", np.arcsinh, lambda g, out, x: g / sqrt(1.0 + x * x),         scalar=math.asinh, formula="arcsinh x")
arccosh: Primitive = elementwise("arccosh", np.arccosh, lambda g, out, x: g / (sqrt(x - 1.0) * sqrt(x + 1.0)), scalar=math.acosh, formula="arccosh x")
arctanh: Primitive = elementwise("arctanh", np.arctanh, lambda g, out, x: g / _one_minus_square(x),         scalar=math.atanh, formula="arctanh x")

sigmoid: Primitive  = elementwise("sigmoid",  _sigmoid,  lambda g, out, x: g * (out * (1.0 - out)),      scalar=_sigmoid_float,  formula="1 / (1 + e⁻ˣ)")
softplus: Primitive = elementwise("softplus", _softplus, lambda g, out, x: g * sigmoid(x),               scalar=_softplus_float, formula="ln(1 + eˣ)", analytic=False)
erf: Primitive      = elementwise("erf",      _of_scipy("erf_of_entries"),     lambda g, out, x: g * (_TWO_OVER_ROOT_PI * exp(-(x * x))),  scalar=math.erf,  formula="2/√π ∫₀ˣ exp(-t²) dt", analytic=False)
erfc: Primitive     = elementwise("erfc",     _of_scipy("erfc_of_entries"),    lambda g, out, x: -g * (_TWO_OVER_ROOT_PI * exp(-(x * x))), scalar=math.erfc, formula="1 - erf x", analytic=False)
erfinv: Primitive   = elementwise("erfinv",   _of_scipy("erfinv_of_entries"),  lambda g, out, x: g * (_HALF_ROOT_PI * exp(out * out)),     scalar=None,      formula="y with erf y = x", analytic=False)
gammaln: Primitive  = elementwise("gammaln",  _of_scipy("gammaln_of_entries"), lambda g, out, x: g * digamma(x),        scalar=None,            formula="ln |Γ(x)|", analytic=False)
digamma: Primitive  = elementwise("digamma",  _of_scipy("digamma_of_entries"), lambda g, out, x: g * polygamma(1.0, x), scalar=None,            formula="Γ'(x) / Γ(x)", analytic=False)
sinc: Primitive     = elementwise("sinc",     np.sinc,   _sinc_rule,                                     scalar=_sinc,      formula="sin(πx) / (πx)")

power: Primitive     = elementwise("pow",       operator.pow,  _power_by_base, _power_by_exponent,       scalar=_power_float,  formula="xʸ", symbol="^", labels=("x", "y"))
arctan2: Primitive   = elementwise("arctan2",   np.arctan2,    lambda g, out, y, x: g * _over_square(x, y), lambda g, out, y, x: -g * _over_square(y, x), scalar=math.atan2, formula="angle of (x, y)", labels=("y", "x"), analytic=False)
polygamma: Primitive = elementwise("polygamma", _of_scipy("polygamma_of_entries", 2), None, lambda g, out, n, x: g * polygamma(n + 1.0, x), scalar=None, formula="the n-th derivative of Γ'(x) / Γ(x)", labels=("n", "x"), analytic=False)
logaddexp: Primitive = elementwise("logaddexp", np.logaddexp,  lambda g, out, x, y: g * sigmoid(x - y),  lambda g, out, x, y: g * sigmoid(y - x), scalar=None, formula="ln(eˣ + eʸ)", analytic=False)
# fmt: on
