"""exp, log and what is made of them, as formulas on scalars, for loops that LLVM vectorizes.

The reductions are the common ones (Muller, Elementary Functions, chapter 11), the quotient for the
logarithm is that of FreeBSD's e_log.c; the polynomials are our own (docs/coefficients.py).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from autograd.compile.native import coefficients as c
from autograd.compile.native.scalar import (
    Scalar,
    copysign,
    muladd,
    polynomial,
    where,
)

LOG2_E = 1.4426950408889634
INF, NAN = math.inf, math.nan


class Format(NamedTuple):
    """What the formulas need to know of float32 or float64.

    Attributes:
        dtype: NumPy's name.
        digits: bits of the significand after the point.
        bias: of the exponent.
        root_bits: the bits of sqrt(1/2).
        exp: where exp has become 0, and where it has become inf.
        expm1: where expm1 has become -1.
        last_tanh, last_erf: where they have become 1.
    """

    dtype: str
    digits: int
    bias: int
    root_bits: int
    exp: tuple[float, float]
    expm1: float
    last_tanh: float
    last_erf: float

    @property
    def one_bits(self) -> int:
        """The bits of 1."""
        return self.bias << self.digits

    @property
    def magic(self) -> float:
        """1.5 · 2^digits: a sum with it is rounded to an integer, which is in its low bits."""
        return 1.5 * 2.0**self.digits

    @property
    def magic_bits(self) -> int:
        """The bits of that number."""
        return self.one_bits + (self.digits << self.digits) + (1 << (self.digits - 1))

    @property
    def tiny(self) -> float:
        """The smallest normal number."""
        return 2.0 ** (1 - self.bias)


FORMATS = {
    "float": Format("float32", 23, 127, 0x3F3504F3, (-105.0, 89.0), -20.0, 10.0, 3.95),
    "double": Format("float64", 52, 1023, 0x3FE6A09E667F3BCD, (-746.0, 710.0), -40.0, 20.0, 6.0),
}


def clamped(x: Scalar, low: float, high: float) -> Scalar:
    """x between two numbers; nan stays nan."""
    x = where(x > high, x.like(high), x)
    return where(x < low, x.like(low), x)


def nearest(x: Scalar, factor: float = 1.0) -> tuple[Scalar, Scalar]:
    """The integer nearest to x · factor, as a number and, plus twice the bias, as an integer."""
    form = FORMATS[x.kind]
    shifted = muladd(x, factor, form.magic) if factor != 1.0 else x + form.magic
    return shifted - form.magic, shifted.bits() - (form.magic_bits - 2 * form.bias)


def scaled(x: Scalar, biased: Scalar) -> Scalar:
    """x · 2^n, n plus twice the bias given; by two factors, for results below the normal ones."""
    digits = FORMATS[x.kind].digits
    half = biased >> 1
    return x * (half << digits).real() * ((biased - half) << digits).real()


def reduced(x: Scalar, n: Scalar) -> tuple[Scalar, Scalar]:
    """x - n ln 2, and what rounding took from it."""
    high, low = c.LN2_SHORT[FORMATS[x.kind].dtype]
    first, rest = muladd(n, -high, x), n * low
    r = first - rest
    return r, (first - r) - rest


def expm1_near(r: Scalar, correction: Scalar) -> Scalar:
    """e^(r + correction) - 1 for |r| <= ln 2 / 2."""
    q = polynomial(r, c.EXP[FORMATS[r.kind].dtype])
    return r + muladd(q * r, r, correction)


def exp(x: Scalar) -> Scalar:
    """e^x."""
    form = FORMATS[x.kind]
    x = clamped(x, *form.exp)
    n, biased = nearest(x, LOG2_E)
    return scaled(expm1_near(*reduced(x, n)) + 1.0, biased)


def exp_inside(x: Scalar) -> Scalar:
    """e^x where it is a normal number, or nan."""
    form = FORMATS[x.kind]
    n, biased = nearest(x, LOG2_E)
    return (expm1_near(*reduced(x, n)) + 1.0) * ((biased - form.bias) << form.digits).real()


def exp2(x: Scalar) -> Scalar:
    """2^x."""
    form = FORMATS[x.kind]
    x = clamped(x, -float(form.bias + form.digits + 3), form.bias + 2.0)
    n, biased = nearest(x)
    high, low = c.LN2[form.dtype]
    r = x - n
    y = r * high
    return scaled(expm1_near(y, muladd(r, low, muladd(r, high, -y))) + 1.0, biased)


def expm1(x: Scalar) -> Scalar:
    """e^x - 1, as 2 (2^(n-1) (e^r - 1) + (2^(n-1) - 1/2))."""
    form = FORMATS[x.kind]
    y = clamped(x, form.expm1, form.exp[1])
    n, biased = nearest(y, LOG2_E)
    near = expm1_near(*reduced(y, n))
    half = ((biased - (form.bias + 1)) << form.digits).real()
    far = (half * near + (half - 0.5)) * 2.0
    return copysign(where(n == 0.0, near, far), x)  # expm1(-0) = -0


def sigmoid(x: Scalar) -> Scalar:
    """1 / (1 + e^-x); for negative x as e^x / (1 + e^x), which does not overflow."""
    e = exp(-abs(x))
    return where(x < 0.0, e, 1.0) / (e + 1.0)


def tanh(x: Scalar) -> Scalar:
    """An odd polynomial near 0, else 1 - 2 / (e^2x + 1)."""
    form = FORMATS[x.kind]
    a, z = abs(x), x * x
    near = muladd(polynomial(z, c.TANH[form.dtype]) * z, x, x)
    a = where(a > form.last_tanh, a.like(form.last_tanh), a)
    far = 1.0 - 2.0 / (exp_inside(a + a) + 1.0)
    return copysign(where(a < 0.625, near, far), x)  # tanh(-0) = -0


def erf(x: Scalar) -> Scalar:
    """An odd polynomial for |x| < 1, else 1 - e^Q(x), where Q is close to ln(erfc(x))."""
    form = FORMATS[x.kind]
    near = muladd(polynomial(x * x, c.ERF[form.dtype]), x, x)
    a = abs(x)
    a = where(a > form.last_erf, a.like(form.last_erf), a)
    far = 1.0 - exp_inside(polynomial(a - 1.0, c.LOG_ERFC[form.dtype]))
    return where(a < 1.0, near, copysign(far, x))


def split(x: Scalar) -> tuple[Scalar, Scalar]:
    """(f, n) with x = (1 + f) 2^n and sqrt(1/2) <= 1 + f < sqrt(2), for normal x > 0."""
    form = FORMATS[x.kind]
    shifted = x.bits() + (form.one_bits - form.root_bits)
    integer = 2.0**form.digits  # an exponent in its low bits makes it this number plus the exponent
    exponent = (shifted >> form.digits) | (form.one_bits + (form.digits << form.digits))
    fraction = (shifted & ((1 << form.digits) - 1)) + form.root_bits
    return fraction.real() - 1.0, exponent.real() - (integer + form.bias)


def log_of(f: Scalar, n: Scalar, correction: Scalar | None = None) -> Scalar:
    """ln(1 + f) + n ln 2 + correction."""
    form = FORMATS[f.kind]
    high, low = c.LN2_SHORT[form.dtype]
    rest = n * low if correction is None else muladd(n, low, correction)
    if f.kind == "float":
        p = polynomial(f, c.LOG["float32"]) * f
        z = f * f
        return muladd(n, high, muladd(p, z, muladd(z, -0.5, rest)) + f)
    s = f / (f + 2.0)
    z = s * s
    r = polynomial(z, c.LOG_QUOTIENT["float64"]) * z
    half = f * f * 0.5
    return muladd(n, high, f - (half - muladd(s, half + r, rest)))


def log_where(x: Scalar, result: Scalar, zero: float) -> Scalar:
    """The result for zero < x < inf; -inf at zero, nan below it, inf at inf."""
    result = where(x < INF, result, x)
    return where(x > zero, result, where(x == zero, x.like(-INF), NAN))


def normal(x: Scalar) -> tuple[Scalar, Scalar]:
    """x, or a multiple of it that is no longer subnormal, and the exponent of the factor."""
    form = FORMATS[x.kind]
    small = x < form.tiny
    power = float(form.digits + 1)
    return where(small, x * 2.0**power, x), where(small, x.like(power), 0.0)


def log(x: Scalar) -> Scalar:
    """ln x."""
    y, power = normal(x)
    f, n = split(y)
    return log_where(x, log_of(f, n - power), 0.0)


def log2(x: Scalar) -> Scalar:
    """log₂ x, exact for powers of two."""
    y, power = normal(x)
    f, n = split(y)
    return log_where(x, muladd(log_of(f, n.like(0.0)), LOG2_E, n - power), 0.0)


def log1p(x: Scalar) -> Scalar:
    """ln(1 + x): of the rounded sum u, and what rounding took from it by u; x itself near 0."""
    u = x + 1.0
    part = u - 1.0
    lost = (1.0 - (u - part)) + (x - part)
    f, n = split(u)
    near = n == 0.0
    result = log_of(where(near, x, f), n, where(near, x.like(0.0), lost / u))
    return copysign(log_where(x, result, -1.0), x)  # log1p(-0) = -0


def logaddexp(x: Scalar, y: Scalar) -> Scalar:
    """ln(e^x + e^y), by the larger and the difference; equal ones may be inf."""
    larger = where(x > y, x, y)
    result = larger + log1p(exp(-abs(x - y)))
    return where(x == y, x + math.log(2.0), result)
